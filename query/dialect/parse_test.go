package dialect_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/loglake/loglake/query/dialect"
)

// page is a page of SQL as people write it for logs.
const page = `WITH requests AS (
  SELECT date_trunc('hour', "timestamp") AS h, level, status_code, response_time, url_extract_path(path) AS p,
         json_extract_scalar(request_id, '$.id') AS id
  FROM awsdatacatalog.default.server_logs
  WHERE dt BETWEEN '2025-01-01' AND '2025-02-10' AND status_code IN (200, 404, 500) AND path LIKE '/api/%'
    AND "timestamp" >= timestamp '2025-01-01 00:00:00' AND (level <> 'DEBUG' OR response_time > 1000) -- slow ones
), hourly AS (
  SELECT h, p, count(*) AS n, count_if(status_code >= 500) * 1e2 / count(*) AS errors, approx_percentile(response_time, 0.99) AS p99
  FROM requests GROUP BY h, p HAVING count(*) > 10
)
SELECT h.h, h.p, h.n, round(h.errors, 2) AS errors, h.p99, rank() OVER (PARTITION BY h.h ORDER BY h.n DESC) AS place,
       CASE WHEN h.errors > 5 THEN 'bad' WHEN h.errors > 1 THEN 'so so' ELSE 'good' END AS verdict
FROM hourly h LEFT JOIN (SELECT dt, max(request_id) AS last FROM users GROUP BY dt) u ON u.dt = date_format(h.h, '%Y-%m-%d')
WHERE NOT EXISTS (SELECT 1 FROM users x WHERE x.name = h.p) ORDER BY h DESC, n DESC NULLS LAST LIMIT 100`

func TestParseErrors(t *testing.T) {
	f := func(sql, want string) {
		t.Helper()
		_, err := dialect.Parse(sql)
		if got := text(t, err); got != want {
			t.Errorf("%s\n got %s\nwant %s", sql, got, want)
		}
	}
	f("SELECT a,\n  FROM t", "SYNTAX_ERROR: line 2:3: mismatched input 'FROM'. Expecting: '*', <expression>")
	f("SELECT 'é' FROM", "SYNTAX_ERROR: line 1:16: mismatched input '<EOF>'. Expecting: '(', 'JSON_TABLE', 'LATERAL', 'TABLE', 'UNNEST', <identifier>")
	f("SELECT * FROM `t`", "SYNTAX_ERROR: line 1:15: backquoted identifiers are not supported; use double quotes to quote identifiers")
	f("SELECT 1a", "SYNTAX_ERROR: line 1:8: identifiers must not start with a digit; surround the identifier with double quotes")
	f(`SELECT ""`, "SYNTAX_ERROR: line 1:8: Zero-length delimited identifier not allowed")
	f("SELECT 'a", "SYNTAX_ERROR: line 1:8: mismatched input '''. Expecting: '*', 'ALL', 'DISTINCT', <expression>")
	f("SELECT 1 LIMIT 5 5", "SYNTAX_ERROR: line 1:18: mismatched input '5'. Expecting: <EOF>")
	f("SELECT 1 LIMIT 1; SELECT 2", "SYNTAX_ERROR: line 1:17: mismatched input ';'. Expecting: <EOF>")
	f("SELECT nosuch, x'1', 99999999999999999999 FROM t", "SYNTAX_ERROR: line 1:16: Binary literal must contain an even number of digits")
	f("SELECT nosuch LIMIT 99999999999999999999", "SYNTAX_ERROR: line 1:21: Invalid numeric literal: 99999999999999999999")
	f("SELECT 1-9223372036854775808", "SYNTAX_ERROR: line 1:10: Invalid numeric literal: 9223372036854775808")
	f("SELECT -9223372036854775808, cast(1 AS nosuch)", "")
	f("SELECT extract(foo FROM x)", "SYNTAX_ERROR: line 1:8: Invalid EXTRACT field foo, valid fields are: YEAR, QUARTER, MONTH, WEEK, DAY, DAY_OF_MONTH, "+
		"DAY_OF_WEEK, DOW, DAY_OF_YEAR, DOY, YEAR_OF_WEEK, YOW, HOUR, MINUTE, SECOND, TIMEZONE_MINUTE, TIMEZONE_HOUR")
	f("SELECT coalesce(a)", "SYNTAX_ERROR: line 1:8: The 'coalesce' function must have at least two arguments")
	f("SELECT try(a, b)", "SYNTAX_ERROR: line 1:8: The 'try' function must have exactly one argument")
	f("SELECT if(a, b) OVER ()", "SYNTAX_ERROR: line 1:8: OVER clause not valid for 'if' function")
	f("SELECT 1 FROM a AS t TABLESAMPLE FOO (1)", "SYNTAX_ERROR: line 1:34: mismatched input 'FOO'. Expecting: 'BERNOULLI', 'SYSTEM'")
	f("SELECT * FROM t MATCH_RECOGNIZE (PATTERN (a) DEFINE a AS true)", "NOT_SUPPORTED: line 1:17: MATCH_RECOGNIZE relations are not supported")
	f("SELECT * FROM t FOR VERSION AS OF 1", "NOT_SUPPORTED: line 1:17: FOR VERSION AS OF clauses are not supported")
	f("SELECT * FROM JSON_TABLE(a, '$' COLUMNS (a integer))", "NOT_SUPPORTED: line 1:15: JSON_TABLE relations are not supported")
	f("WITH FUNCTION f() RETURNS int RETURN 1 SELECT f()", "NOT_SUPPORTED: line 1:6: inline functions are not supported")
	f("SELECT RUNNING last(a)", "NOT_SUPPORTED: line 1:8: RUNNING in row patterns: such calls are not supported")
	f("CREATE VIEW v AS SELECT 1", "NOT_SUPPORTED: line 1:1: CREATE statements are not supported")
	f("CREATE TABLE t (a integer)", "NOT_SUPPORTED: line 1:1: CREATE TABLE statements with column types are not supported")
	f("EXECUTE IMMEDIATE 'SELECT 1'", "NOT_SUPPORTED: line 1:1: EXECUTE IMMEDIATE statements are not supported")
	f("EXPLAIN DELETE FROM t", "NOT_SUPPORTED: line 1:9: DELETE statements are not supported")
	f("DELETE FROM t", "NOT_SUPPORTED: line 1:1: DELETE statements are not supported")
	f("SELECT '\x00'", "SYNTAX_ERROR: the statement is not valid UTF-8 text without NUL")
}

func TestParsed(t *testing.T) {
	for _, sql := range append(dialect.Statements(), page) {
		if _, err := dialect.Parse(sql); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

// TestHostile holds deep and long statements to an answer; where the work grew with the depth it would not end.
func TestHostile(t *testing.T) {
	deep := func(open, middle, shut string) string {
		return "SELECT " + strings.Repeat(open, 50_000) + middle + strings.Repeat(shut, 50_000)
	}
	for name, sql := range map[string]string{
		"brackets": deep("(", "1", ")"), "minus": deep("- ", "1", ""), "not": deep("NOT ", "true", ""), "sum": deep("1+", "1", ""),
		"concat": "SELECT 'a'" + strings.Repeat("||'a'", 40_000), "fields": "SELECT a" + strings.Repeat("[1]", 40_000), "case": deep("CASE WHEN ", "1", ""),
		"queries": deep("(SELECT ", "1", ")"), "joins": "SELECT 1 FROM a" + strings.Repeat(",a", 60_000), "unions": "SELECT 1" + strings.Repeat(" UNION SELECT 1", 10_000),
		"types": "SELECT cast(1 AS " + strings.Repeat("array(", 30_000) + "bigint" + strings.Repeat(")", 30_000) + ")",
		"long":  "SELECT '" + strings.Repeat("x", 300_000) + "'", "tokens": "SELECT 1" + strings.Repeat(",1", 120_000), "unfinished": "SELECT /* " + strings.Repeat("/*", 100_000),
		"groups": "SELECT 1 FROM server_logs GROUP BY level" + strings.Repeat(",level", 40_000),
		"cases":  "SELECT " + strings.Repeat("CASE ", 90) + "1" + strings.Repeat(" WHEN 1 THEN 1 WHEN 2 THEN 3 END", 90), "nullifs": "SELECT " + strings.Repeat("nullif(", 90) + "1" + strings.Repeat(", 1)", 90),
		"columns": "SELECT 1" + strings.Repeat(",level", 35_000) + " FROM server_logs",
	} {
		_, err := analyze(t, sql)
		var e *dialect.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, sql := range map[string]string{
		"derived": "SELECT x FROM " + strings.Repeat("(SELECT x + x AS x FROM ", 60) + "(SELECT status_code AS x FROM server_logs) WHERE x > 1" + strings.Repeat(") WHERE x + x > 1", 60),
		"or":      "SELECT 1 FROM server_logs WHERE level = 'a'" + strings.Repeat(" OR level = 'a'", 10_000), "in": "SELECT 1 FROM server_logs WHERE status_code IN (1" + strings.Repeat(",1", 40_000) + ")",
		"doubling": "SELECT " + strings.Repeat("substr(", 60) + "'a'" + strings.Repeat(", 1)", 60),
		"values":   "SELECT count(*) FROM (VALUES 1" + strings.Repeat(",1", 40_000) + ")",
	} {
		if _, err := analyze(t, sql); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(page)
	for _, e := range dialect.Examples() {
		f.Add(e.SQL)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		stmt, err := dialect.Parse(sql)
		if err != nil {
			var e *dialect.Error
			if !errors.As(err, &e) {
				t.Fatalf("%v", err)
			}
			return
		}
		s := session()
		s.Parameters = make([]string, stmt.Parameters)
		q, err := dialect.Analyze(stmt, s, logs(t))
		if err != nil {
			return
		}
		first := q.DuckDB(scanName)
		if second := q.DuckDB(scanName); first != second {
			t.Fatalf("printed twice:\n%s\n%s", first, second)
		}
		for _, scan := range q.Scans {
			scan.MayMatch(map[string]string{"dt": "2025-01-01", "hour": "x"})
		}
	})
}

func TestPage(t *testing.T) {
	q, err := analyze(t, page)
	if err != nil || q.DuckDB(scanName) == "" {
		t.Error(err)
	}
}

// BenchmarkPage parses, analyses and prints a page of SQL.
func BenchmarkPage(b *testing.B) {
	tables := logs(b)
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		stmt, err := dialect.Parse(page)
		if err != nil {
			b.Fatal(err)
		}
		q, err := dialect.Analyze(stmt, session(), tables)
		if err != nil {
			b.Fatal(err)
		}
		if q.DuckDB(scanName) == "" {
			b.Fatal("nothing printed")
		}
	}
}

func BenchmarkParse(b *testing.B) {
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		if _, err := dialect.Parse(page); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFormat(b *testing.B) {
	stmt, err := dialect.Parse(page)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if stmt.Format() == "" {
			b.Fatal("nothing printed")
		}
	}
}
