package query_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake/query"
)

func TestHiveStatements(t *testing.T) {
	l := newLake(t, nil)
	f := func(sql string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(append([]string{}, want...), l.rows(sql)); diff != "" {
			t.Errorf("%s\n%s", sql, diff)
		}
	}
	f("create database `logs` comment 'c' location 's3://my-bucket/logs/' with dbproperties ('k'='v');")
	f("CREATE DATABASE IF NOT EXISTS logs")
	f("SHOW DATABASES", "default", "logs")
	f("SHOW SCHEMAS LIKE 'l.*'", "logs")
	f("SHOW DATABASES LIKE '*'", "default", "logs")
	f(`CREATE EXTERNAL TABLE logs.t (a int COMMENT 'the first', b decimal( 10 , 2 )) COMMENT 'a table' PARTITIONED BY (dt string, n int)
		STORED AS PARQUET LOCATION 's3://my-bucket/t/' TBLPROPERTIES ('x'='1')`)
	f("CREATE EXTERNAL TABLE IF NOT EXISTS logs.t (a int) LOCATION 's3://my-bucket/other/'")
	f("SHOW TABLES IN logs", "t")
	f("SHOW TABLES IN logs 'T|u*'", "t")
	f("SHOW TABLES")
	f("SHOW COLUMNS IN logs.t", "a                   ", "b                   ", "dt                  ", "n                   ")
	f("SHOW TBLPROPERTIES logs.t('x')", "x\t1")
	f("ALTER TABLE logs.t SET TBLPROPERTIES ('x'='2', 'y'='3')")
	f("SHOW TBLPROPERTIES logs.t('x')", "x\t2")
	f("ALTER TABLE logs.t ADD COLUMNS (c string)")
	f("DESCRIBE logs.t",
		"a                   \tint                 \tthe first           ",
		"b                   \tdecimal(10,2)       \t                    ",
		"c                   \tstring              \t                    ",
		"dt                  \tstring              \t                    ",
		"n                   \tint                 \t                    ",
		"\t \t ",
		"# Partition Information\t \t ",
		"# col_name            \tdata_type           \tcomment             ",
		"\t \t ",
		"dt                  \tstring              \t                    ",
		"n                   \tint                 \t                    ")
	f("ALTER TABLE logs.t ADD PARTITION (dt='2025-01-01', n=1) PARTITION (n=2, dt='a b') LOCATION 's3://my-bucket/elsewhere/'")
	f("ALTER TABLE logs.t ADD IF NOT EXISTS PARTITION (dt='2025-01-01', n=1)")
	f("SHOW PARTITIONS logs.t", "dt=2025-01-01/n=1", "dt=a b/n=2")
	f("ALTER TABLE logs.t PARTITION (dt='a b', n=2) RENAME TO PARTITION (dt='x', n=10)")
	f("ALTER TABLE logs.t DROP PARTITION (n > '5')")
	f("SHOW PARTITIONS logs.t", "dt=2025-01-01/n=1")
	f("ALTER TABLE logs.t SET LOCATION 's3://my-bucket/moved/'")
	got := l.rows("SHOW CREATE TABLE logs.t")
	if got[0] != "CREATE EXTERNAL TABLE `logs.t`(" || !slices.Contains(got, "  's3://my-bucket/moved'") || !slices.Contains(got, "COMMENT 'a table'") {
		t.Errorf("SHOW CREATE TABLE:\n%s", strings.Join(got, "\n"))
	}
	f("DROP TABLE logs.t")
	f("DROP TABLE IF EXISTS logs.t")
	f("DROP DATABASE logs")
	f("DROP DATABASE IF EXISTS logs CASCADE")
}

func TestHiveFailures(t *testing.T) {
	l := newLake(t, nil)
	l.rows(eventsDDL)
	f := func(sql, reason string, kind int) {
		t.Helper()
		x := l.run(sql)
		if x.State != query.Failed || !strings.HasPrefix(x.Reason, reason) || x.Failure.Type != kind {
			t.Errorf("%s: %s %q %+v, want %q", sql, x.State, x.Reason, x.Failure, reason)
		}
		if r, err := l.Results(t.Context(), x.ID, "", 0); err != nil || len(r.Rows) != 0 {
			t.Errorf("%s: results of a failed statement: %v %v", sql, r, err)
		}
	}
	const task = "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "
	f("DROP TABLE nosuch", "FAILED: SemanticException [Error 10001]: Table not found default.nosuch", 1301)
	f("SHOW TABLES IN nosuch", "FAILED: SemanticException [Error 10072]: Database does not exist: nosuch", 1301)
	f("CREATE DATABASE default", task+"Database default already exists", 1006)
	f(eventsDDL, task+"AlreadyExistsException(message:Table events already exist)", 1006)
	f("DROP DATABASE default", task+"InvalidOperationException(message:Database default is not empty. One or more tables exist.)", 1003)
	f("ALTER TABLE events ADD COLUMNS (level int)", "FAILED: SemanticException [Error 10036]: Duplicate column name: level", 1003)
	f("ALTER TABLE events ADD PARTITION (x='1')", "FAILED: SemanticException partition spec {x=1} doesn't contain all (1) partition columns", 1003)
	f("ALTER TABLE events DROP PARTITION (dt='1')", "FAILED: SemanticException [Error 10006]: Partition not found {dt=1}", 1301)
}

func TestRepair(t *testing.T) {
	l := newLake(t, nil)
	l.rows(eventsDDL)
	f := func(want ...string) {
		t.Helper()
		if diff := cmp.Diff(append([]string{}, want...), l.rows("MSCK REPAIR TABLE `events`;")); diff != "" {
			t.Error(diff)
		}
	}
	f("Tables missing on filesystem:\tevents")
	content := parquetOf(l, events(1, 1))
	l.put("data/dt=2025-01-01/a", content)
	l.put("data/dt=a%3Ab/deeper/a", content)
	l.put("data/other=1/a", content)
	l.put("data/DT=upper/a", content)
	f("Partitions not in metastore:\tevents:dt=2025-01-01\tevents:dt=a%3Ab",
		"Repair: Added partition to metastore events:dt=2025-01-01", "Repair: Added partition to metastore events:dt=a%3Ab")
	f()
	if got := l.rows("SELECT dt, count(*) FROM events GROUP BY dt ORDER BY dt"); !slices.Equal(got, []string{"2025-01-01|1", "a:b|1"}) {
		t.Errorf("got %v", got)
	}
	l.rows("ALTER TABLE events ADD PARTITION (dt='gone')")
	f("Partitions missing from filesystem:\tevents:dt=gone")
	if got := l.rows("MSCK REPAIR TABLE nosuch"); !slices.Equal(got, []string{"Tables not in metastore:\tnosuch"}) {
		t.Errorf("got %v", got)
	}
}
