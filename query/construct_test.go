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

// sameBySQL are the constructs that differ for other queries than their example.
var sameBySQL = []string{"try(a)", "DATE, TIME, TIMESTAMP '…'", "PASSING", "Numbers: 1, 1.5, 1e3, 0x1F, 1_000"}

// TestConstructsAreTrinos has the engine give for the example of each construct what a Trino has given; where the page says
// that it differs, it must.
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
		ours := outcome(t, e, c.SQL)
		differs := c.Differs != "" && !slices.Contains(sameBySQL, c.Name)
		if same := dialecttest.Same(ours, theirs); same == differs {
			t.Errorf("%s: %s\n\tgives %s\n\tTrino %s, and is said to differ: %t", c.Name, c.SQL, ours.Result(), theirs.Result(), differs)
		}
	}
}
