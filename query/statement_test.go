package query_test

import (
	"testing"

	"github.com/loglake/loglake/query"
)

func TestOneStatement(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		got, err := query.OneStatement(text)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	f(" SELECT 1 ; ;\n", "SELECT 1")
	f("SELECT ';', \";\" -- ;\n/* ; */", "SELECT ';', \";\" -- ;\n/* ; */")
	f("SELECT 'it''s;'", "SELECT 'it''s;'")
	f("SELECT 1; -- done", "Only one sql statement is allowed. Got: SELECT 1; -- done")
	f("SELECT 1; SELECT 2;  ", "Only one sql statement is allowed. Got: SELECT 1; SELECT 2;")
	f(";", "Empty sql statement: ;")
	f("SELECT 'open; and", "SELECT 'open; and")
	f("SELECT /* open; and", "SELECT /* open; and")
}

func TestClassify(t *testing.T) {
	f := func(sql, kind, sub string) {
		t.Helper()
		if gotKind, gotSub := query.Classify(sql); gotKind != kind || gotSub != sub {
			t.Errorf("%q: %s %s, want %s %s", sql, gotKind, gotSub, kind, sub)
		}
	}
	f("select 1", "DML", "SELECT")
	f("/* c */ -- d\n ((SELECT 1))", "DML", "SELECT")
	f("WITH x AS (SELECT 1) SELECT * FROM x", "DML", "SELECT")
	f("VALUES(1)", "DML", "SELECT")
	f("EXPLAIN ANALYZE SELECT 1", "DML", "EXPLAIN")
	f("CREATE TABLE t AS SELECT 1", "DDL", "CREATE_TABLE_AS_SELECT")
	f("CREATE /* x */ OR REPLACE VIEW v AS SELECT 1", "DDL", "CREATE_VIEW")
	f("INSERT INTO t VALUES (1)", "DML", "INSERT")
	f("SELECTED", "", "")
	f("", "", "")
}

func FuzzOneStatement(f *testing.F) {
	f.Add("SELECT ';' -- x")
	f.Add("a;b")
	f.Fuzz(func(t *testing.T, text string) {
		one, err := query.OneStatement(text)
		if err != nil {
			return
		}
		if again, err := query.OneStatement(one); err != nil || again != one {
			t.Errorf("%q gives %q, which gives %q, %v", text, one, again, err)
		}
		query.Classify(text)
	})
}
