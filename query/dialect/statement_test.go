package dialect_test

import (
	"reflect"
	"testing"

	"github.com/loglake/loglake/query/dialect"
)

func parsed(t *testing.T, sql string) *dialect.Statement {
	t.Helper()
	s, err := dialect.Parse(sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return s
}

func TestKinds(t *testing.T) {
	for sql, want := range map[string]dialect.StatementKind{
		"(SELECT 1)": dialect.KindSelect, "TABLE t": dialect.KindSelect, "WITH x AS (SELECT 1) TABLE x": dialect.KindSelect,
		"EXPLAIN SELECT 1": dialect.KindExplain, "EXPLAIN ANALYZE VERBOSE SELECT 1": dialect.KindExplain, "EXPLAIN (SELECT 1)": dialect.KindExplain,
		"PREPARE p FROM SELECT ?": dialect.KindPrepare, "EXECUTE p": dialect.KindExecute, "DEALLOCATE PREPARE p": dialect.KindDeallocate,
		"CREATE TABLE t AS SELECT 1": dialect.KindCreateTableAs, "CREATE TABLE t AS (WITH x AS (SELECT 1) SELECT * FROM x) WITH NO DATA": dialect.KindCreateTableAs,
		"INSERT INTO t VALUES 1": dialect.KindInsert, "INSERT INTO t (SELECT 1)": dialect.KindInsert, "UNLOAD (SELECT 1) TO 's3://b/p/'": dialect.KindUnload,
	} {
		if got := parsed(t, sql).Kind(); got != want {
			t.Errorf("%s: %s, want %s", sql, got, want)
		}
	}
}

func TestStatementParts(t *testing.T) {
	prepare := parsed(t, "PREPARE \"My\" FROM /* a */ SELECT ? -- b\n;")
	if prepare.Name() != "My" || prepare.Prepared() != "SELECT ?" || prepare.Parameters != 0 || prepare.HasQuery() {
		t.Errorf("%q %q %d", prepare.Name(), prepare.Prepared(), prepare.Parameters)
	}
	execute := parsed(t, "EXECUTE p USING 'a''b', 1 + f(x, ?)")
	if got := execute.Arguments(); !reflect.DeepEqual(got, []string{"'a''b'", "1 + f(x, ?)"}) || execute.Name() != "p" {
		t.Errorf("%q", got)
	}
	explain, ok := parsed(t, "EXPLAIN ANALYZE (TYPE IO, FORMAT JSON) INSERT INTO t SELECT ? ; -- x").Explained()
	want := dialect.Explain{Analyze: true, Type: "IO", Format: "JSON", Kind: dialect.KindInsert, Text: "INSERT INTO t SELECT ?"}
	if !ok || explain != want {
		t.Errorf("%+v", explain)
	}
	if _, ok := parsed(t, "SELECT 1").Target(); ok {
		t.Error("a query writes")
	}
}

func TestTargets(t *testing.T) {
	f := func(sql string, want dialect.Target) {
		t.Helper()
		got, ok := parsed(t, sql).Target()
		for i := range got.Properties {
			got.Properties[i].Line, got.Properties[i].Column = 0, 0
		}
		if !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v\nwant %+v", sql, got, want)
		}
	}
	f(`CREATE TABLE IF NOT EXISTS Db."T" (A, b) COMMENT 'c' WITH (format = 'ORC', Partitioned_By = ARRAY['a'], n = -1, x = true, y = 1 + 1) AS SELECT 1, 2 WITH NO DATA`,
		dialect.Target{Table: []string{"db", "t"}, Columns: []string{"a", "b"}, IfNotExists: true, WithoutData: true, Comment: "c", Properties: []dialect.Property{
			{Name: "format", Value: "ORC", Text: "'ORC'"}, {Name: "partitioned_by", Value: []any{"a"}, Text: "ARRAY['a']"},
			{Name: "n", Value: int64(-1), Text: "-1"}, {Name: "x", Value: true, Text: "true"}, {Name: "y", Text: "1 + 1"}}})
	f("INSERT INTO t (a) VALUES 1", dialect.Target{Table: []string{"t"}, Columns: []string{"a"}})
	f("UNLOAD (SELECT 1) TO 's3://b/' WITH (bucket_count = 3)", dialect.Target{Location: "s3://b/", Properties: []dialect.Property{{Name: "bucket_count", Value: int64(3), Text: "3"}}})
}

// TestInnerQueries holds the queries inside statements to the checks that a query alone meets.
func TestInnerQueries(t *testing.T) {
	f := func(sql, want string) {
		t.Helper()
		_, err := analyze(t, sql)
		if got := text(t, err); got != want {
			t.Errorf("%s\n got %s\nwant %s", sql, got, want)
		}
	}
	f("CREATE TABLE t AS SELECT level FROM server_logs", "")
	f("CREATE TABLE t AS SELECT nosuch FROM server_logs", "COLUMN_NOT_FOUND: line 1:26: Column 'nosuch' cannot be resolved or requester is not authorized to access requested resources")
	f("INSERT INTO t SELECT nosuch FROM server_logs", "COLUMN_NOT_FOUND: line 1:22: Column 'nosuch' cannot be resolved or requester is not authorized to access requested resources")
	f("UNLOAD (SELECT nosuch FROM server_logs) TO 'x'", "COLUMN_NOT_FOUND: line 1:16: Column 'nosuch' cannot be resolved or requester is not authorized to access requested resources")
	f("EXPLAIN SELECT nosuch FROM server_logs", "COLUMN_NOT_FOUND: line 1:16: Column 'nosuch' cannot be resolved or requester is not authorized to access requested resources")
	f("DEALLOCATE PREPARE p", "NOT_SUPPORTED: line 1:1: DEALLOCATE statements are not supported")
}

func TestFormatScript(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "",
		" ;; \n":                             "",
		"-- alone":                           "-- alone\n",
		"\ufeffselect 1":                     "SELECT 1\n",
		"select 1;\r\nselect 2 -- b":         "SELECT 1;\n\nSELECT 2 -- b\n",
		"select cast(a as INT) from t":       "SELECT CAST(a AS int)\nFROM t\n",
		"select 1 /* a */; /* b */ values 1": "SELECT 1; /* a */\n\n/* b */\nVALUES 1\n",
	} {
		got, err := dialect.FormatScript(text)
		if err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", text, got, err, want)
		}
		if again, err := dialect.FormatScript(got); err != nil || again != got {
			t.Errorf("%q: %q, %v when it is formatted again", got, again, err)
		}
	}
}
