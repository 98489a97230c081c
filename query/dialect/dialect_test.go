package dialect_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/query/dialect"
)

// catalog is a Resolver over a few tables.
type catalog map[string]*dialect.Table

func (c catalog) Table(catalog, database, name string) (*dialect.Table, error) {
	if catalog != "awsdatacatalog" {
		return nil, &dialect.Error{Code: dialect.CodeCatalogNotFound, Message: fmt.Sprintf("Catalog '%s' does not exist", catalog)}
	}
	return c[database+"."+name], nil
}

func column(t testing.TB, name, hive string) dialect.Column {
	h, err := loglake.ParseHiveType(hive)
	if err != nil {
		t.Fatal(err)
	}
	typ, err := dialect.TypeOfHive(h)
	if err != nil {
		t.Fatal(err)
	}
	return dialect.Column{Name: name, Type: typ}
}

// logs is the table of the examples: server_logs partitioned by dt, and a second one to join.
func logs(t testing.TB) catalog {
	server := &dialect.Table{Database: "default", Name: "server_logs"}
	for _, c := range [][2]string{{"timestamp", "timestamp"}, {"level", "string"}, {"request_id", "string"}, {"method", "string"},
		{"path", "string"}, {"status_code", "int"}, {"response_time", "int"}, {"bytes", "bigint"}, {"ratio", "double"},
		{"price", "decimal(10,2)"}, {"day", "date"}, {"tags", "array<string>"}, {"user", "struct<id:int,name:string>"}, {"attrs", "map<string,int>"}} {
		server.Columns = append(server.Columns, column(t, c[0], c[1]))
	}
	for _, c := range [][2]string{{"dt", "string"}, {"hour", "int"}} {
		k := column(t, c[0], c[1])
		k.Partition = true
		server.Columns = append(server.Columns, k)
	}
	path := column(t, "$path", "string")
	path.Hidden = true
	server.Columns = append(server.Columns, path)
	users := &dialect.Table{Database: "default", Name: "users"}
	for _, c := range [][2]string{{"request_id", "string"}, {"name", "string"}, {"dt", "string"}} {
		users.Columns = append(users.Columns, column(t, c[0], c[1]))
	}
	users.Columns[2].Partition = true
	codes := &dialect.Table{Database: "default", Name: "codes", Columns: []dialect.Column{column(t, "code", "char(5)")}}
	return catalog{"default.server_logs": server, "default.users": users, "default.codes": codes}
}

func session() dialect.Session {
	return dialect.Session{Now: time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC), QueryID: "q-1", User: "someone"}
}

func analyze(t *testing.T, sql string) (*dialect.Query, error) {
	t.Helper()
	stmt, err := dialect.Parse(sql)
	if err != nil {
		return nil, err
	}
	return dialect.Analyze(stmt, session(), logs(t))
}

func scanName(s *dialect.Scan) string { return s.Table.Name }

// text gives what Athena would say about an error, "" for none.
func text(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var e *dialect.Error
	if !errors.As(err, &e) {
		t.Fatalf("%v is not a *dialect.Error", err)
	}
	return e.Text()
}

func TestPrinted(t *testing.T) {
	f := func(sql, want string) {
		t.Helper()
		q, err := analyze(t, sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			return
		}
		if got := q.DuckDB(scanName); got != want {
			t.Errorf("%s\n got %s\nwant %s", sql, got, want)
		}
	}
	f("SELECT level FROM server_logs", `SELECT r1."level" AS c1 FROM server_logs AS r1`)
	f("SELECT level, count(*) FROM server_logs WHERE dt >= '2025-01-01' GROUP BY 1 ORDER BY 2 DESC LIMIT 3",
		`SELECT r1."level" AS c1, count(*) AS c2 FROM server_logs AS r1 WHERE (r1."dt" >= '2025-01-01') GROUP BY r1."level" ORDER BY 2 DESC NULLS LAST LIMIT 3`)
	f("SELECT a.name FROM users a LEFT JOIN users b ON a.name = b.name WHERE b.dt = 'x'",
		`SELECT r1."name" AS c1 FROM (users AS r1 LEFT JOIN users AS r2 ON (r1."name" = r2."name")) WHERE (r2."dt" = 'x')`)
	f("SELECT lower(code) FROM codes WHERE code = 'a '", `SELECT rtrim(left(lower(rpad(r1."code", 5, ' ')), 5), ' ') AS c1 FROM codes AS r1 WHERE (r1."code" = rtrim(left('a ', 5), ' '))`)
	f("SELECT DISTINCT name FROM users ORDER BY name NULLS FIRST", `SELECT DISTINCT r1."name" AS c1 FROM users AS r1 ORDER BY 1 ASC NULLS FIRST`)
	f("WITH w AS (SELECT name AS n FROM users) SELECT n FROM w UNION ALL SELECT 'x'",
		`WITH w2 AS (SELECT r1."name" AS c1 FROM users AS r1) (SELECT r3."c1" AS c1 FROM w2 AS r3) UNION ALL (SELECT 'x' AS c1)`)
	f("SELECT status_code FROM server_logs WHERE timestamp > now() - interval '1' hour",
		`SELECT r1."status_code" AS c1 FROM server_logs AS r1 WHERE (r1."timestamp" > (TIMESTAMP '2026-01-02 03:04:05.678' - to_microseconds(3600000000)))`)
	f("SELECT sum(bytes) FILTER (WHERE level = 'x') FROM server_logs", `SELECT CAST(sum(r1."bytes") FILTER (WHERE (r1."level" = 'x')) AS BIGINT) AS c1 FROM server_logs AS r1`)
	f("SELECT level FROM server_logs WHERE status_code >= 500 AND path LIKE '/a%' AND ratio <= 0.5 AND level IN ('a', 'b') AND day BETWEEN date '2025-01-01' AND date '2025-02-01'",
		`SELECT r1."level" AS c1 FROM server_logs AS r1 WHERE (r1."status_code" >= CAST(500 AS INTEGER)) AND (r1."path" LIKE '/a%') AND `+
			`(r1."ratio" <= CAST(5e-01 AS DOUBLE)) AND (r1."level" IN ('a', 'b')) AND (r1."day" BETWEEN DATE '2025-01-01' AND DATE '2025-02-01')`)
	f("SELECT bytes + 1 FROM server_logs WHERE ratio > 0.5", `SELECT (r1."bytes" + CAST(1 AS BIGINT)) AS c1 FROM server_logs AS r1 `+
		`WHERE (r1."ratio" > CAST(5e-01 AS DOUBLE) AND NOT isnan(r1."ratio"))`)
	f("SELECT status_code / 100 FROM server_logs", `SELECT CAST(r1."status_code" // CAST(100 AS INTEGER) AS INTEGER) AS c1 FROM server_logs AS r1`)
}

func TestRefused(t *testing.T) {
	f := func(sql, want, hint string) {
		t.Helper()
		_, err := analyze(t, sql)
		if got := text(t, err); !strings.HasPrefix(got, want) {
			t.Errorf("%s\n got %s\nwant %s", sql, got, want)
		}
		var e *dialect.Error
		if errors.As(err, &e) && e.Hint != hint {
			t.Errorf("%s\nhint %s\nwant %s", sql, e.Hint, hint)
		}
	}
	const unresolved = "cannot be resolved or requester is not authorized to access requested resources"
	const alias = "only ORDER BY sees the names that SELECT gives; write the expression again, or select from a query in WITH"
	f("SELECT * FROM nothing", "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.default.nothing' does not exist", "")
	f("SELECT * FROM other.default.users", "CATALOG_NOT_FOUND: line 1:15: Catalog 'other' does not exist", "")
	f("SELECT x FROM server_logs", "COLUMN_NOT_FOUND: line 1:8: Column 'x' "+unresolved, "")
	f(`SELECT 1 FROM server_logs WHERE level = "ERROR"`, "COLUMN_NOT_FOUND: line 1:41: Column 'error' "+unresolved, "double quotes make a name; write a text as 'ERROR'")
	f("SELECT level AS l FROM server_logs WHERE l = 'x'", "COLUMN_NOT_FOUND: line 1:42: Column 'l' "+unresolved, alias)
	f("SELECT level AS l FROM server_logs GROUP BY l", "COLUMN_NOT_FOUND: line 1:45: Column 'l' "+unresolved, "GROUP BY does not see aliases; write GROUP BY 1 or repeat the expression")
	f("SELECT count(*) AS n FROM server_logs HAVING n > 1", "COLUMN_NOT_FOUND: line 1:46: Column 'n' "+unresolved, alias)
	f("SELECT request_id FROM users a, users b", "AMBIGUOUS_NAME: line 1:8: Column 'request_id' is ambiguous", "")
	f("SELECT a.request_id FROM users a JOIN users b USING (request_id)", "COLUMN_NOT_FOUND: line 1:8: Column 'a.request_id' "+unresolved, "")
	f("SELECT 1 FROM server_logs WHERE timestamp = '2025-12-03T10:15:30Z'", "TYPE_MISMATCH: line 1:43: Cannot apply operator: timestamp(3) = varchar(20)", "write timestamp '2025-12-03 10:15:30'")
	f("SELECT 1 FROM server_logs WHERE status_code >= '200'", "TYPE_MISMATCH: line 1:45: Cannot apply operator: integer >= varchar(3)", "write the number without quotes: 200")
	f("SELECT 1 FROM server_logs WHERE day = '2025-12-03'", "TYPE_MISMATCH: line 1:37: Cannot apply operator: date = varchar(10)", "write date '2025-12-03'")
	f("SELECT 1 FROM server_logs WHERE dt > 20250101", "TYPE_MISMATCH: line 1:36: Cannot apply operator: varchar > integer", "write the text in quotes: '20250101'")
	f("SELECT 1 FROM server_logs WHERE status_code IN (200, '404')", "TYPE_MISMATCH: line 1:54: IN value and list items must be the same type or coercible to a common type. Cannot find common type between integer and varchar(3), all types (without duplicates): [integer, varchar(3)]", "write the number without quotes: 404")
	f("SELECT 1 FROM server_logs WHERE day BETWEEN '2025-01-01' AND '2025-01-02'", "TYPE_MISMATCH: line 1:37: Cannot check if date is BETWEEN varchar(10) and varchar(10)", "write date '2025-01-01'")
	f("SELECT coalesce(status_code, 'x') FROM server_logs", "TYPE_MISMATCH: line 1:30: All COALESCE operands must be the same type", "cast one side to the type of the other")
	f("SELECT CASE WHEN true THEN 1 ELSE 'a' END", "TYPE_MISMATCH: line 1:35: All CASE results must be the same type", "cast one side to the type of the other")
	f("SELECT 1 || 'a'", "FUNCTION_NOT_FOUND: line 1:10: Unexpected parameters (integer, varchar(1)) for function concat", "cast both sides to varchar")
	f("SELECT 'a' + 1", "TYPE_MISMATCH: line 1:12: Cannot apply operator: varchar(1) + integer", "cast one side to the type of the other")
	f("SELECT NOT 1", "TYPE_MISMATCH: line 1:12: Value of logical NOT expression must evaluate to a boolean (actual: integer)", "")
	f("SELECT 1 FROM users WHERE 1", "TYPE_MISMATCH: line 1:27: WHERE clause must evaluate to a boolean: actual type integer", "")
	f("SELECT status_code LIKE '2%' FROM server_logs", "TYPE_MISMATCH: line 1:8: Left side of LIKE expression must evaluate to a varchar (actual: integer)", "")
	f("SELECT 'a' LIKE 'b' ESCAPE 'xx'", "INVALID_FUNCTION_ARGUMENT: Escape string must be a single character", "")
	f("SELECT level, count(*) FROM server_logs", "EXPRESSION_NOT_AGGREGATE: line 1:8: 'level' must be an aggregate expression or appear in GROUP BY clause", "")
	f("SELECT status_code + 1 FROM server_logs GROUP BY status_code / 2", "EXPRESSION_NOT_AGGREGATE: line 1:20: '(status_code + 1)' must be", "")
	f("SELECT level FROM server_logs GROUP BY level ORDER BY method", "EXPRESSION_NOT_AGGREGATE: line 1:55: 'method' must be", "")
	f("SELECT level FROM server_logs GROUP BY 2", "INVALID_COLUMN_REFERENCE: line 1:40: GROUP BY position 2 is not in select list", "")
	f("SELECT level FROM server_logs WHERE count(*) > 1", "EXPRESSION_NOT_SCALAR: line 1:46: WHERE clause cannot contain aggregations", "")
	f("SELECT sum(count(*)) FROM server_logs", "NESTED_AGGREGATION: line 1:8: Cannot nest aggregations inside aggregation 'sum'", "")
	f("SELECT count(*) FILTER (WHERE status_code) FROM server_logs", "TYPE_MISMATCH: line 1:31: Filter expression must evaluate to a boolean (actual: integer)", "")
	f("SELECT count(*) FILTER (WHERE count(*) > 1) FROM server_logs", "NOT_SUPPORTED: line 1:8: aggregations and window functions in FILTER", "")
	f("SELECT abs(*)", "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters () for function abs. Expected: abs(bigint)", "")
	f("SELECT level, count(*) FROM server_logs GROUP BY 1, 2", "EXPRESSION_NOT_SCALAR: line 1:15: GROUP BY clause cannot contain aggregations", "")
	f("SELECT count(*) AS n FROM server_logs ORDER BY max(n)", "COLUMN_NOT_FOUND: line 1:52: Invalid reference to output projection attribute", "")
	f("SELECT level FROM server_logs ORDER BY max(level)", "EXPRESSION_NOT_AGGREGATE: line 1:8: 'level' must be", "")
	f("SELECT lag(level) OVER () FROM server_logs", "MISSING_ORDER_BY: line 1:25: lag function requires an ORDER BY window clause", "")
	f("SELECT sum(count(*)) OVER (ORDER BY level ROWS status_code PRECEDING) FROM server_logs GROUP BY level", "EXPRESSION_NOT_AGGREGATE: line 1:48: Window frame start must be", "")
	f("SELECT nope, cast(1 AS nope)", "COLUMN_NOT_FOUND: line 1:8: Column 'nope' cannot be resolved", "")
	f("SELECT cast(1 AS string)", "TYPE_MISMATCH: line 1:8: Unknown type: string", "write varchar")
	f("SELECT cast(1 AS Row(\"A b\" Nope))", "TYPE_MISMATCH: line 1:8: Unknown type: ROW(\"A b\" Nope)", "")
	f("SELECT cast(status_code AS INT) FROM server_logs GROUP BY level", "EXPRESSION_NOT_AGGREGATE: line 1:8: 'CAST(status_code AS INT)' must be", "")
	f("SELECT rank() FROM server_logs", "MISSING_OVER: line 1:8: Window function system.builtin.rank requires an OVER clause", "")
	f("SELECT nope(1)", "FUNCTION_NOT_FOUND: line 1:8: Function 'nope' not registered", "")
	f("SELECT datediff(1)", "FUNCTION_NOT_FOUND: line 1:8: Function 'datediff' not registered", "write date_diff")
	f("SELECT st_point(1, 2)", "NOT_SUPPORTED: line 1:8: Function 'st_point' is not supported", "geometry is absent")
	f("SELECT lower(1)", "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (integer) for function lower. Expected: lower(char(x)), lower(varchar(x))", "")
	f("SELECT cast(true AS date)", "TYPE_MISMATCH: line 1:8: Cannot cast boolean to date", "")
	f("SELECT timestamp '2025-13-01 00:00:00'", "INVALID_LITERAL: line 1:8: '2025-13-01 00:00:00' is not a valid TIMESTAMP literal", "")
	f("SELECT 99999999999999999999", "SYNTAX_ERROR: line 1:8: Invalid numeric literal: 99999999999999999999", "")
	f(`SELECT regexp_like(level, '(?i)[ß]') FROM server_logs`, "NOT_SUPPORTED: line 1:8: in the regular expression '(?i)[ß]' a class in any case", "")
	f("SELECT 'a' LIKE 'a$b' ESCAPE '$'", "INVALID_FUNCTION_ARGUMENT: Escape character must be followed by '%', '_' or the escape character itself", "")
	f("SELECT 1 UNION SELECT 'a'", "TYPE_MISMATCH: line 1:10: column 1 in UNION query has incompatible types: integer, varchar(1)", "")
	f("SELECT 1 FROM users WHERE name = ?", "INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: expected 1 but found 0", "")
}

func TestOutput(t *testing.T) {
	f := func(sql string, want ...string) {
		t.Helper()
		q, err := analyze(t, sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			return
		}
		var got []string
		for _, c := range q.Output {
			info := c.Type.ColumnInfo()
			got = append(got, fmt.Sprintf("%s %s %s %d %d %v", c.Name, c.Type, info.Type, info.Precision, info.Scale, info.CaseSensitive))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", sql, diff)
		}
	}
	f("SELECT status_code AS Code, bytes, ratio, price, day, timestamp, level FROM server_logs", "code integer integer 10 0 false", "bytes bigint bigint 19 0 false",
		"ratio double double 17 0 false", "price decimal(10,2) decimal 10 2 false", "day date date 0 0 false", "timestamp timestamp(3) timestamp 3 0 false", "level varchar varchar 2147483647 0 true")
	f("SELECT count(*), 'abc', now(), NULL, sum(status_code), avg(status_code), REAL '1' FROM server_logs", "_col0 bigint bigint 19 0 false", "_col1 varchar(3) varchar 3 0 true",
		"_col2 timestamp(3) with time zone timestamp with time zone 3 0 false", "_col3 unknown unknown 0 0 false", "_col4 bigint bigint 19 0 false", "_col5 double double 17 0 false", "_col6 real float 17 0 false")
	f("SELECT user.name, tags[1], attrs['a'] FROM server_logs", "name varchar varchar 2147483647 0 true", "_col1 varchar varchar 2147483647 0 true", "_col2 integer integer 10 0 false")
	f("SELECT u.*, 1 x FROM users u", "request_id varchar varchar 2147483647 0 true", "name varchar varchar 2147483647 0 true", "dt varchar varchar 2147483647 0 true", "x integer integer 10 0 false")
	f(`SELECT "$path" FROM server_logs`, "$path varchar varchar 2147483647 0 true")
}

func TestParameters(t *testing.T) {
	f := func(value, want string) {
		t.Helper()
		stmt, err := dialect.Parse("SELECT ? FROM users LIMIT 1")
		if err != nil {
			t.Fatal(err)
		}
		s := session()
		s.Parameters = []string{value}
		q, err := dialect.Analyze(stmt, s, logs(t))
		if err != nil {
			t.Errorf("%s: %v", value, err)
			return
		}
		if got, want := q.DuckDB(scanName), "SELECT "+want+" AS c1 FROM users AS r1 LIMIT 1"; got != want {
			t.Errorf("%s\n got %s\nwant %s", value, got, want)
		}
	}
	f("'abc'", "'abc'")
	f("1", "CAST(1 AS INTEGER)")
	f("date '2020-01-01'", "DATE '2020-01-01'")
	f("abc", "'abc'")
	f("it's", "'it''s'")
	f("name", "'name'")
	f("'; DROP TABLE x --", "'''; DROP TABLE x --'")
}

func TestRuntimeError(t *testing.T) {
	f := func(engine, want string) {
		t.Helper()
		got := ""
		if e := dialect.RuntimeError(engine); e != nil {
			got = e.Text()
		}
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", engine, got, want)
		}
	}
	f("Invalid Input Error: DIVISION_BY_ZERO: Division by zero", "DIVISION_BY_ZERO: Division by zero")
	f("Invalid Input Error: INVALID_CAST_ARGUMENT: Cannot cast 'a: b' to INT", "INVALID_CAST_ARGUMENT: Cannot cast 'a: b' to INT")
	f("Conversion Error: Could not convert string '99999999999' to INT32", "INVALID_CAST_ARGUMENT: Cannot cast '99999999999' to INT")
	f("Out of Range Error: Overflow in addition of INT32 (2147483647 + 1)!", "NUMERIC_VALUE_OUT_OF_RANGE: integer addition overflow: 2147483647 + 1")
	f("Conversion Error: Type INT128 with value 9223372036854775808 can't be cast because the value is out of range for the destination type INT64 when casting", "NUMERIC_VALUE_OUT_OF_RANGE: bigint addition overflow: 9223372036854775808")
	f("Invalid Input Error: More than one row returned by a subquery used as an expression", "SUBQUERY_MULTIPLE_ROWS: Scalar sub-query has returned multiple rows")
	f(`Invalid Input Error: Could not parse string "x" according to format specifier "%Y"`, `INVALID_FUNCTION_ARGUMENT: Invalid format: "x" is malformed`)
	f(`Conversion Error: date field value out of range: "2020-02-30"`, "INVALID_CAST_ARGUMENT: Value cannot be cast to date: 2020-02-30")
	f(`Failed to bind column reference "c1" [17.0] (bindings: {#[38.0]})`, "NOT_SUPPORTED: Given correlated subquery is not supported")
	f("IO Error: no such file", "")
}

// TestExamples holds every example to its type, and every function to having one; the engine's tests run them.
func TestExamples(t *testing.T) {
	for _, e := range dialect.Examples() {
		q, err := analyze(t, e.SQL)
		switch {
		case err != nil && (e.Error == "" || !strings.HasPrefix(err.Error(), e.Error)):
			t.Errorf("%s: %v", e.SQL, err)
		case err == nil && e.Error == "" && q.Output[0].Type.String() != e.Type:
			t.Errorf("%s: type %s, want %s", e.SQL, q.Output[0].Type, e.Type)
		}
	}
	for name, f := range dialect.Functions() {
		if len(f.Examples) == 0 {
			t.Errorf("%s has no example", name)
		}
	}
}
