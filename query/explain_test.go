package query_test

import (
	"strings"
	"testing"

	"github.com/loglake/loglake/query"
)

func TestExplain(t *testing.T) {
	l := newLake(t, nil)
	l.rows(eventsDDL)
	for _, x := range []struct {
		sql, column string
		want        []string
	}{
		{"EXPLAIN SELECT level FROM events WHERE dt = '2025-01-03' LIMIT 2", "Query Plan varchar", []string{
			"1. Read default.events: level, dt (2 of 4 columns); only partitions where dt = '2025-01-03'.",
			"2. Keep the rows where dt = '2025-01-03'.", "3. Give the first 2 rows.", "Answer: level varchar.",
			"Note: LIMIT without ORDER BY: which rows come is left to chance.", ""}},
		{"explain (type distributed, format text) VALUES 1", "Query Plan varchar", []string{"1. Take 1 row that is written in the query.", "Answer: _col0 integer.", ""}},
		{"EXPLAIN (TYPE VALIDATE) SELECT 1", "Valid boolean", []string{"true", ""}},
	} {
		done := l.run(x.sql)
		if done.State != query.Succeeded || done.StatementType != "DML" || done.Substatement != "EXPLAIN" || done.Statistics.ScannedBytes != 0 || !strings.HasSuffix(done.Output, ".txt") {
			t.Errorf("%s: %+v", x.sql, done)
			continue
		}
		page, err := l.Results(t.Context(), done.ID, "", 0)
		l.must(err)
		var lines []string
		for _, r := range page.Rows {
			lines = append(lines, *r[0])
		}
		if got, want := strings.Join(lines, "\n"), strings.Join(x.want, "\n"); got != want || page.Columns[0].Name+" "+page.Columns[0].Type != x.column {
			t.Errorf("%s: %v\n%s\nwant\n%s", x.sql, page.Columns, got, want)
		}
	}
	for sql, want := range map[string]string{
		"EXPLAIN ANALYZE SELECT 1":                "EXPLAIN ANALYZE is not supported",
		"EXPLAIN (TYPE IO) SELECT 1":              "EXPLAIN (TYPE IO) is not supported",
		"EXPLAIN (FORMAT GRAPHVIZ) SELECT 1":      "EXPLAIN (FORMAT GRAPHVIZ) is not supported",
		"EXPLAIN INSERT INTO events SELECT 1":     "EXPLAIN of INSERT statements is not supported",
		"EXPLAIN (TYPE VALIDATE) SELECT FROM x":   "line 1:32: mismatched input 'FROM'",
		"EXPLAIN (FORMAT JSON) SELECT nope FROM ": "line 1:39: mismatched input '<EOF>'",
	} {
		if _, err := l.Start(t.Context(), query.StartRequest{QueryString: sql}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", sql, err, want)
		}
	}
	if done := l.run("EXPLAIN SELECT nope FROM events"); done.State != query.Failed || !strings.HasPrefix(done.Reason, "COLUMN_NOT_FOUND: line 1:16: Column 'nope' cannot be resolved") {
		t.Errorf("%s %s", done.State, done.Reason)
	}
}
