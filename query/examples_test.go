package query_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/loglake/loglake/query"
	"github.com/loglake/loglake/query/dialect"
	"github.com/loglake/loglake/query/engine"
)

// TestExamplesOfTheDialect runs what dialect claims about each function and construct through the real engine: the
// value as Athena writes it, its type, or the failure.
func TestExamplesOfTheDialect(t *testing.T) {
	e := newEngine(t)
	for _, x := range dialect.Examples() {
		text, kind, err := runExample(t.Context(), e, x.SQL)
		switch {
		case err != nil && x.Error != "" && strings.HasPrefix(err.Error(), x.Error):
		case err != nil:
			t.Errorf("%s: %v, want %s %s%s", x.SQL, err, x.Want, x.Type, x.Error)
		case x.Error != "" || text != x.Want || kind != x.Type:
			t.Errorf("%s: %s of type %s, want %s of type %s%s", x.SQL, text, kind, x.Want, x.Type, x.Error)
		}
	}
}

func runExample(ctx context.Context, e *engine.Engine, sql string) (text, kind string, err error) {
	s, err := dialect.Parse(sql)
	if err != nil {
		return "", "", err
	}
	q, err := dialect.Analyze(s, dialect.Session{Now: time.Date(2025, 12, 3, 10, 15, 30, 0, time.UTC), QueryID: "q", User: "u"}, nil)
	if err != nil {
		return "", "", err
	}
	rows, err := e.Query(ctx, engine.Request{SQL: q.DuckDB(nil)})
	if err != nil {
		return "", "", query.FailureOf(err)
	}
	defer rows.Close()
	b, err := rows.Next()
	if err != nil {
		return "", "", query.FailureOf(err)
	}
	kind = q.Output[0].Type.String()
	if b == nil {
		return "no row", kind, nil
	}
	if b.Columns[0].IsNull(0) {
		return "NULL", kind, nil
	}
	return query.Text(&b.Columns[0], 0, q.Output[0].Type), kind, nil
}
