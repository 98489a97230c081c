package query_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/loglake/loglake/query/dialect"
	"github.com/loglake/loglake/query/dialect/dialecttest"
)

// constructs are those of the language whose examples are queries without tables, with a result that is the same each time.
func constructs() []dialect.Construct {
	return slices.DeleteFunc(dialect.Constructs(), func(c dialect.Construct) bool {
		word, _, _ := strings.Cut(c.SQL, " ")
		return !slices.Contains([]string{"SELECT", "VALUES", "WITH", "TABLE", "(SELECT"}, word) || c.Refused != "" || strings.HasPrefix(c.SQL, "SELECT ?") ||
			strings.Contains(c.SQL, "current_") || strings.Contains(c.SQL, "TABLESAMPLE")
	})
}

// TestConstructsAreTrinos has the engine give for the example of each construct what a Trino has given, unless
// the page says that it differs.
func TestConstructsAreTrinos(t *testing.T) {
	trinos := map[string]dialecttest.Answer{}
	for _, a := range recordedAnswers(t, "examples.txt") {
		trinos[a.SQL] = a
	}
	e := newEngine(t)
	for _, c := range constructs() {
		theirs, ok := trinos[c.SQL]
		if !ok {
			t.Errorf("%s: there is no answer of a Trino to %s: make trino-record", c.Name, c.SQL)
			continue
		}
		if ours := outcome(t, e, c.SQL); c.Differs == "" && !dialecttest.Same(ours, theirs) {
			t.Errorf("%s: %s\n\tgives %s\n\tTrino %s", c.Name, c.SQL, ours.Result(), theirs.Result())
		}
	}
}
