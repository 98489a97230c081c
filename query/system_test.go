package query_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/query"
	"github.com/loglake/loglake/state"
)

// reading is a row of a system table.
type reading struct {
	Name  string     `json:"name"`
	Count *int64     `json:"count,omitempty"`
	Good  bool       `json:"good"`
	At    *time.Time `json:"at,omitempty"`
}

// newSystemLake is a lake with a system table, whose rows are those of a function.
func newSystemLake(t *testing.T, rows func(tx *state.Tx) ([]any, error)) (l *lake, scratch string) {
	scratch = t.TempDir()
	l = newLake(t, func(c *query.Config) {
		columns := []loglake.Column{{Name: "name", Type: "string", Comment: "of it"}, {Name: "count", Type: "bigint"}, {Name: "good", Type: "boolean"}, {Name: "at", Type: "timestamp"}}
		c.Catalog = catalog.New(catalog.Config{DB: c.DB, Home: home, System: []loglake.Table{{Name: "readings", Columns: columns}, {Name: "empty", Columns: columns}}})
		c.System = &query.System{Dir: scratch, Rows: map[string]func(*state.Tx) ([]any, error){"readings": rows}}
	})
	return l, scratch
}

// TestSystemTables queries a table of the server's own in every way that tables are queried.
func TestSystemTables(t *testing.T) {
	n, at := int64(1<<53+1), time.Date(2025, 12, 3, 10, 15, 30, 123_000_000, time.UTC)
	l, scratch := newSystemLake(t, func(*state.Tx) ([]any, error) {
		return []any{&reading{Name: "a", Count: &n, Good: true, At: &at}, &reading{Name: "b \"quoted\", ünï\n"}}, nil
	})
	l.rows(eventsDDL)
	l.commit("data/dt=2025-12-03/", events(1, 3))
	for sql, want := range map[string][]string{
		"SELECT name, count, good, at FROM loglake.readings WHERE good":                                  {"a|9007199254740993|true|2025-12-03 10:15:30.123"},
		"SELECT name, count + 1 IS NULL FROM loglake.readings WHERE count IS NULL":                       {"b \"quoted\", ünï\n|true"},
		"SELECT good, count(*) FROM LogLake.Readings GROUP BY good ORDER BY good":                        {"false|1", "true|1"},
		"SELECT typeof(count), typeof(at), typeof(good) FROM awsdatacatalog.loglake.readings WHERE good": {"bigint|timestamp(3)|boolean"},
		"SELECT r.name, e.n FROM loglake.readings r JOIN (SELECT count(*) AS n FROM events) e ON r.good": {"a|3"},
		"SELECT count(*) FROM loglake.readings a, loglake.readings b":                                    {"4"},
		"SHOW TABLES IN loglake":                {"empty", "readings"},
		"DESCRIBE loglake.readings":             {"name                \tstring              \tof it               ", "count               \tbigint              \t                    ", "good                \tboolean             \t                    ", "at                  \ttimestamp           \t                    "},
		"SHOW DATABASES":                        {"default"},
		"CREATE DATABASE IF NOT EXISTS loglake": {},
	} {
		x := l.run(sql)
		if x.State != query.Succeeded {
			t.Errorf("%s: %s", sql, x.Reason)
			continue
		}
		list := l.page(x)
		if x.StatementType == "DML" {
			list = list[1:]
		}
		if diff := cmp.Diff(want, list); diff != "" {
			t.Errorf("%s: %s", sql, diff)
		}
		if alone := !strings.Contains(sql, "events"); alone && x.Statistics.ScannedBytes != 0 {
			t.Errorf("%s: %d bytes were scanned", sql, x.Statistics.ScannedBytes)
		}
	}
	if left, err := os.ReadDir(scratch); err != nil || len(left) != 0 {
		t.Errorf("files are left: %v, %v", left, err)
	}
	for sql, want := range map[string]string{
		"DROP TABLE loglake.readings":                                          "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. MetaException(message:The database loglake ",
		"CREATE EXTERNAL TABLE loglake.x (a int) LOCATION 's3://my-bucket/x/'": "AccessDeniedException",
		"DROP DATABASE loglake":                                                "AccessDeniedException",
		"ALTER TABLE loglake.readings ADD COLUMNS (x int)":                     "AccessDeniedException",
		"CREATE DATABASE loglake":                                              "Database loglake already exists",
		"SHOW CREATE TABLE loglake.readings":                                   "use DESCRIBE",
		"SELECT * FROM loglake.empty":                                          "NOT_SUPPORTED: the table loglake.empty has no rows on this server",
		"SELECT * FROM loglake.nosuch":                                         "TABLE_NOT_FOUND",
		"SELECT nosuch FROM loglake.readings":                                  "COLUMN_NOT_FOUND",
	} {
		if x := l.run(sql); x.State != query.Failed || !strings.Contains(x.Reason, want) {
			t.Errorf("%s: %s %s", sql, x.State, x.Reason)
		}
	}
	plan, err := l.Plan(t.Context(), query.StartRequest{QueryString: "SELECT * FROM loglake.readings"})
	if err != nil || plan.ScannedBytes != 0 || len(plan.Columns) != 4 {
		t.Errorf("%+v, %v", plan, err)
	}
}

// TestSystemTableOfTheSnapshot reads a system table in the very transaction in which the other tables are read.
func TestSystemTableOfTheSnapshot(t *testing.T) {
	l, _ := newSystemLake(t, func(tx *state.Tx) ([]any, error) {
		objects, err := catalog.ObjectsUnder(tx, bucket, "data/")
		n := int64(len(objects))
		return []any{&reading{Name: "objects", Count: &n}}, err
	})
	l.rows(eventsDDL)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 20 {
			l.commit("data/dt=2025-12-03/", events(1, 1))
		}
	}()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		for _, row := range l.rows("SELECT r.count = e.n, r.count, e.n FROM loglake.readings r CROSS JOIN (SELECT count(*) AS n FROM events) e") {
			if !strings.HasPrefix(row, "true|") {
				t.Error("two instants in one query: ", row)
			}
		}
	}
}

// TestSystemTableFails has the rows fail, and the scratch folder be gone: the query fails, the next one does not.
func TestSystemTableFails(t *testing.T) {
	var failure error
	l, scratch := newSystemLake(t, func(*state.Tx) ([]any, error) { return []any{&reading{Name: "a"}}, failure })
	failure = loglake.Errorf(loglake.CodeLimit, "there are 7 accounts, more than the 6 that are shown at once")
	if x := l.run("SELECT * FROM loglake.readings"); x.State != query.Failed || !strings.Contains(x.Reason, "there are 7 accounts") {
		t.Errorf("%s %s", x.State, x.Reason)
	}
	failure = errors.New("injected")
	if x := l.run("SELECT * FROM loglake.readings"); x.State != query.Failed {
		t.Errorf("%s %s", x.State, x.Reason)
	}
	failure = nil
	if err := os.Rename(scratch, filepath.Join(filepath.Dir(scratch), "elsewhere")); err != nil {
		t.Fatal(err)
	}
	if x := l.run("SELECT * FROM loglake.readings"); x.State != query.Failed {
		t.Errorf("%s %s", x.State, x.Reason)
	}
	if err := os.Mkdir(scratch, 0o700); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a"}, l.rows("SELECT name FROM loglake.readings")); diff != "" {
		t.Error(diff)
	}
}
