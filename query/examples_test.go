package query_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/loglake/loglake/query"
	"github.com/loglake/loglake/query/dialect"
	"github.com/loglake/loglake/query/dialect/dialecttest"
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

// runExample gives the first value of a query's result.
func runExample(ctx context.Context, e *engine.Engine, sql string) (text, kind string, err error) {
	a, err := answer(ctx, e, sql)
	if err != nil {
		return "", "", err
	}
	return a.First(), a.Types[0], nil
}

// answer runs a query without tables, and gives what it gives, each value as Athena writes it.
func answer(ctx context.Context, e *engine.Engine, sql string) (dialecttest.Answer, error) {
	a := dialecttest.Answer{SQL: sql}
	s, err := dialect.Parse(sql)
	if err != nil {
		return a, err
	}
	q, err := dialect.Analyze(s, dialect.Session{Now: time.Date(2025, 12, 3, 10, 15, 30, 0, time.UTC), QueryID: "q", User: "u"}, nil)
	if err != nil {
		return a, err
	}
	for _, c := range q.Output {
		a.Types = append(a.Types, c.Type.String())
	}
	rows, err := e.Query(ctx, engine.Request{SQL: q.DuckDB(nil)})
	if err != nil {
		return a, query.FailureOf(err)
	}
	defer rows.Close()
	for {
		b, err := rows.Next()
		if err != nil {
			return a, query.FailureOf(err)
		}
		if b == nil {
			return a, nil
		}
		for i := range b.Rows {
			row := make([]*string, len(q.Output))
			for k := range row {
				if v := &b.Columns[k]; !v.IsNull(i) {
					s := query.Text(v, i, q.Output[k].Type)
					row[k] = &s
				}
			}
			a.Rows = append(a.Rows, row)
		}
	}
}
