package query_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake/query"
)

// A plan says what the query then scans, and leaves no trace.
func TestPlan(t *testing.T) {
	l := newLake(t, nil)
	l.startPosition()
	l.rows(eventsDDL)
	l.commit(day(1), events(100, 10))
	l.commit(day(3), events(100, 10))
	l.put(day(1)+"part-0001.snappy.parquet", parquetOf(l, events(200, 5)))
	l.addHot(day(2), 10, events(300, 7))
	before, _, err := l.List(t.Context(), "", "", 100)
	l.must(err)
	const sql = "SELECT level FROM events WHERE dt < '2025-01-03' AND status_code > (SELECT 1)"
	plan, err := l.Plan(t.Context(), query.StartRequest{QueryString: sql})
	l.must(err)
	after, _, err := l.List(t.Context(), "", "", 100)
	l.must(err)
	if len(before) != len(after) || l.pinned != 0 {
		t.Errorf("%d executions became %d, and %d chunks are still pinned", len(before), len(after), l.pinned)
	}
	x := l.run(sql)
	if x.Statistics.ScannedBytes == 0 {
		t.Fatalf("%s %s %+v", x.State, x.Reason, x.Statistics)
	}
	bytes := x.Statistics.ScannedBytes
	want := query.Plan{ScannedBytes: bytes, Files: 3, HotRows: 7, PrunedPartitions: 1,
		Columns: []query.ColumnInfo{{Name: "level", Type: "varchar", Precision: 2147483647, CaseSensitive: true}},
		Tables: []query.PlannedScan{{Database: "default", Table: "events", Columns: []string{"level", "status_code", "dt"},
			Where: []string{"dt < '2025-01-03'"}, Partitions: 2,
			PrunedPartitions: 1, Files: 3, ScannedBytes: bytes}}}
	if len(plan.Steps) != 6 || plan.Steps[0] != "1. Read default.events: level, status_code, dt (3 of 4 columns); only partitions where dt < '2025-01-03'." {
		t.Errorf("steps %q", plan.Steps)
	}
	plan.Steps = nil
	if diff := cmp.Diff(want, plan); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	l.config.Engine = nil
	l.start()
	if again, err := l.Plan(t.Context(), query.StartRequest{QueryString: sql}); err != nil || again.ScannedBytes != bytes {
		t.Errorf("without an engine: %+v, %v", again, err)
	}
	for sql, want := range map[string]string{
		"SHOW TABLES":          "SHOW TABLES is no query, so there is nothing to plan",
		"SELECT 1; SELECT 2":   "Only one sql statement is allowed",
		"SELECT nope FROM":     "mismatched input",
		"SELECT 1 FROM nope":   "TABLE_NOT_FOUND",
		"SELECT nope FROM (y)": "TABLE_NOT_FOUND",
	} {
		if _, err := l.Plan(t.Context(), query.StartRequest{QueryString: sql}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", sql, err, want)
		}
	}
}

// A name that is not known brings what it was meant to be, beside Athena's text.
func TestSuggestions(t *testing.T) {
	l := newLake(t, nil)
	l.rows(eventsDDL)
	l.rows("CREATE DATABASE logs")
	for sql, want := range map[string]string{
		"SELECT levl FROM events":                   "did you mean level?",
		"SELECT e.statuscode FROM events e":         "did you mean status_code?",
		"SELECT nothing_like_it FROM events":        "the columns are timestamp, level, status_code, dt",
		"SELECT nope":                               "",
		"SELECT 1 FROM evnts":                       "did you mean events?",
		"SELECT 1 FROM something":                   "the tables of default are events",
		"SELECT 1 FROM lgs.x":                       "did you mean logs?",
		"SELECT 1 FROM logs.x":                      "",
		"SELECT aprox_distinct(level) FROM events":  "did you mean approx_distinct?",
		"SELECT nothing_of_the_sort(1)":             "",
		"SELECT 1 FROM events WHERE timestamp = ''": "write timestamp ''",
	} {
		x := l.run(sql)
		if x.Failure == nil || x.Failure.Told.Hint != want || want != "" && strings.Contains(x.Reason, "did you mean") {
			t.Errorf("%s: %+v, want the hint %q", sql, x.Failure, want)
		}
	}
	var failed *query.Failure
	if _, err := l.Plan(t.Context(), query.StartRequest{QueryString: "SELECT levl FROM events"}); !errors.As(err, &failed) || failed.Told.Hint != "did you mean level?" {
		t.Errorf("a plan: %v", err)
	}
}
