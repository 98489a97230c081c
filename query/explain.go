package query

import (
	"context"
	"strings"

	"github.com/loglake/loglake/query/dialect"
)

// explainable tells which forms of EXPLAIN are answered: those that run nothing and whose text is ours to choose.
func explainable(s *dialect.Statement) error {
	x, ok := s.Explained()
	what, hint := "", ""
	switch {
	case !ok:
		return s.Unsupported()
	case x.Kind != dialect.KindSelect:
		what = "EXPLAIN of " + string(x.Kind) + " statements"
	case x.Analyze:
		what, hint = "EXPLAIN ANALYZE", "run the query: its statistics are in GetQueryExecution"
	case x.Type == "IO":
		what, hint = "EXPLAIN (TYPE IO)", "EXPLAIN tells the tables, the columns and the conditions on partition keys"
	case x.Format != "" && x.Format != "TEXT":
		what, hint = "EXPLAIN (FORMAT "+x.Format+")", "leave the format out: the plan is text"
	default:
		return nil
	}
	e := *s.Unsupported()
	e.Message, e.Hint = what+" is not supported", hint
	return &e
}

// runExplain tells what a query does, in plain words, a step a row. TYPE VALIDATE only checks it.
func (e *Executions) runExplain(ctx context.Context, x Execution, p program) (outcome, error) {
	tables := newResolver(ctx, e.config.Catalog)
	q, err := dialect.Analyze(p.trino, session(x), tables)
	if err != nil {
		return outcome{}, tables.failure(err)
	}
	column, text := columnInfo("Query Plan", dialect.Type{Kind: dialect.KindVarchar, Precision: dialect.VarcharMax}), strings.Join(q.Explain(), "\n")
	if asked, _ := p.trino.Explained(); asked.Type == "VALIDATE" {
		column, text = columnInfo("Valid", dialect.Type{Kind: dialect.KindBoolean}), "true"
	}
	none := int64(0)
	// Athena ends the text with a line break and has a row behind it that is empty.
	return outcome{columns: []ColumnInfo{column}, text: []byte(text + "\n\n"), metadata: true, updateCount: &none}, nil
}
