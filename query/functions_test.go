package query_test

import (
	"slices"
	"testing"

	"github.com/loglake/loglake/query"
)

// TestShowFunctions is a table with a header, as that of SELECT, of a statement that is none.
func TestShowFunctions(t *testing.T) {
	l := newLake(t, nil)
	x := l.run(`SHOW FUNCTIONS LIKE 'array\_max' ESCAPE '\'`)
	if x.State != query.Succeeded || x.StatementType != "UTILITY" || x.Substatement != "SHOW_FUNCTIONS" || x.Output[len(x.Output)-4:] != ".csv" {
		t.Errorf("%s %s, %s %s, %s", x.State, x.Reason, x.StatementType, x.Substatement, x.Output)
	}
	if got, want := l.page(x), []string{"Function|Return Type|Argument Types|Function Type|Deterministic|Description", "array_max|t|array(t)|scalar|true|"}; !slices.Equal(got[:1], want[:1]) || len(got) != 2 || got[1][:len(want[1])] != want[1] {
		t.Errorf("%q, want %q", got, want)
	}
}
