package dialect

// statements has one of each construct that is read.
var statements = []string{
	"select 1;", "SELECT limit FROM t LIMIT 5", "SELECT 1 LIMIT ALL", "SELECT a offset FROM t OFFSET 2 ROWS FETCH NEXT 3 ROWS ONLY",
	"SELECT timestamp, date, time, interval, zone, array, map FROM t", "SELECT /* a */ 1 -- b", "(SELECT 1) UNION (SELECT 2) ORDER BY 1", "TABLE t",
	"SELECT * FROM (a JOIN b ON true) JOIN c JOIN d ON true ON true", "SELECT a.b.c, d.* FROM t", `SELECT "a""b" FROM "c d"`, "VALUES 1, (2), ROW(3)", "VALUES (1) + 2",
	"SELECT count(ALL x), first_value(x) IGNORE NULLS OVER (ORDER BY y) FROM t", "SELECT if, filter, over, row, rows FROM t", "SELECT x at FROM t",
	"SELECT transform(a, x -> x + 1), reduce(a, 0, (s, x) -> s + x, s -> s), f(() -> 1, (x) -> x)", "SELECT (1, 2), ROW(1), ((1)), (SELECT 1), ((SELECT 1)), ((SELECT 1) + 1), ((SELECT 1), 2)",
	"SELECT 1 = ALL (SELECT 1), 1 < ANY ((SELECT 1) UNION (SELECT 2)), 1 <> SOME (VALUES 1), a = any(1)", "SELECT f(x)[1].a[2], (a).b, ROW(1)[1], (SELECT a)[1].b, 'x'[1]",
	"SELECT now() AT TIME ZONE 'UTC' + INTERVAL '1' DAY, -x AT TIME ZONE INTERVAL -'1-1' YEAR TO MONTH", "SELECT current_timestamp(3), localtime(0), current_time, current_path, current_user",
	"SELECT listagg(a) WITHIN GROUP (ORDER BY b), LISTAGG(DISTINCT a, ',' ON OVERFLOW TRUNCATE '…' WITH COUNT) WITHIN GROUP (ORDER BY a DESC NULLS LAST) FILTER (WHERE a > 1), listagg(a, '' ON OVERFLOW ERROR) WITHIN GROUP (ORDER BY a)",
	"SELECT JSON_EXISTS(a, 'lax $.a' TRUE ON ERROR), json_value(a FORMAT JSON, 'lax $' PASSING b AS c, 1 AS d RETURNING bigint DEFAULT 1 ON EMPTY ERROR ON ERROR), json_value(a, '$' NULL ON ERROR)",
	"SELECT json_query(a, 'strict $' RETURNING varchar(3) FORMAT JSON ENCODING UTF8 WITH CONDITIONAL ARRAY WRAPPER OMIT QUOTES ON SCALAR STRING EMPTY ARRAY ON EMPTY NULL ON ERROR)",
	"SELECT json_query(a, '$' WITHOUT WRAPPER KEEP QUOTES), json_object(), json_object('a' : 1, KEY 'b' VALUE x FORMAT JSON, c VALUE d ABSENT ON NULL WITH UNIQUE KEYS RETURNING varbinary), JSON_OBJECT(RETURNING varchar)",
	"SELECT json_array(), json_array(1, 'a' FORMAT JSON NULL ON NULL), json_array(RETURNING varchar FORMAT JSON)", "SELECT GROUPING(a, t.b), grouping(), NORMALIZE(x), normalize('a', NFKD), trim(BOTH FROM x), trim('a', 'b')",
	"SELECT substring('a', 1), substring('a' FROM 1 FOR 2), substring(x), position('a' IN 'b'), extract(TIMEZONE_HOUR FROM x), row, row(1)", "SELECT sum(x ORDER BY y, z DESC) FILTER (WHERE a), count(DISTINCT x), count(ALL x), f(ORDER BY x)",
	"SELECT lag(x) RESPECT NULLS OVER w, f() OVER (w ORDER BY x), f() OVER (PARTITION BY a ROWS UNBOUNDED PRECEDING), f() OVER (rows), f() OVER (ROWS GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW), f() over FROM t",
	"SELECT cast(a AS row(a integer, b varchar(3), row(date), x array(bigint))), cast(a AS array<map<varchar, integer>>), cast(a AS integer array array), cast(a AS time(3)), cast(a AS timestamp (6) without time zone)",
	"SELECT cast(a AS interval day to second), cast(a AS interval year to month), cast(a AS double precision), cast(a AS char(3)), cast(a AS decimal(3)), try_cast(a AS timestamp with time zone), cast(a AS \"varchar\")",
	"SELECT * FROM UNNEST(a, b) WITH ORDINALITY AS t (x, y, o), t2 CROSS JOIN UNNEST(ARRAY[1]) u LEFT JOIN LATERAL (SELECT 1) ON true", "SELECT * FROM a NATURAL JOIN b NATURAL LEFT JOIN c TABLESAMPLE BERNOULLI (10) CROSS JOIN d",
	"SELECT * FROM TABLE(sequence(1, stop => 2)) AS s, TABLE(a.b.c()), ((SELECT 1)), ((a)), ((SELECT 1) UNION (SELECT 2)) AS u, ((SELECT 1) AS v), lateral, tablesample, (a t TABLESAMPLE SYSTEM (1e0))",
	"WITH RECURSIVE t (n) AS (VALUES 1 UNION ALL SELECT n + 1 FROM t), recursive2 AS (TABLE t) SELECT * FROM t", "SELECT * FROM t ORDER BY a FETCH FIRST ROW WITH TIES", "WITH function AS (SELECT 1), session AS (SELECT 2) SELECT 1",
	"SELECT 1 FROM t GROUP BY DISTINCT a, ROLLUP (a, (b, c), ()), CUBE (), GROUPING SETS (a, (), (a, b)), (a, b), (), (a), (a, b) = (c, d), ROW(a, b)", "SELECT 1 FROM t GROUP BY ALL a", "SELECT 1 FROM t GROUP BY all",
	"SELECT sum(a) OVER w FROM t HAVING true WINDOW w AS (PARTITION BY a ORDER BY b), v AS (w ROWS 1 PRECEDING), x AS () ORDER BY 1", "SELECT (r).*, f(x).* AS (a, b), t.* AS (c), (SELECT 1).*, r[1].* FROM t", "SELECT * FROM ((WITH x AS (SELECT 1) SELECT * FROM x))",
	"SELECT system.builtin.abs(1), double precision '1', json '{}', uuid U&'1', real '1', \"date\" '2020-01-01', U&'!0041\\' UESCAPE '!', U&'d\\+01F600'",
	"EXPLAIN SELECT 1", "EXPLAIN ANALYZE VERBOSE (FORMAT JSON) SELECT 1", "EXPLAIN (TYPE VALIDATE, FORMAT TEXT) INSERT INTO a.b (c, d) SELECT 1, 2", "PREPARE p FROM SELECT ? + ?", "EXECUTE p USING 1, 'a' || ?",
	"EXECUTE \"P p\"", "DEALLOCATE PREPARE p", "CREATE TABLE IF NOT EXISTS a.b (c, d) COMMENT 'it''s' WITH (format = 'PARQUET', partitioned_by = ARRAY['d']) AS SELECT 1 AS c, 2 AS d WITH NO DATA",
	"CREATE TABLE t AS (WITH x AS (SELECT 1) SELECT * FROM x) WITH DATA", "CREATE TABLE t AS (SELECT 1) UNION (SELECT 2)", "INSERT INTO t (SELECT 1)", "UNLOAD (SELECT * FROM t WHERE a = 'x') TO 's3://b/p/' WITH (format = 'JSON', compression_level = -1)",
	"SELECT - -1, -(-x), +1, a - -b, a - (b - c), (a - b) - c, (a || b) || (c || d), (1 + 2) * 3, -(a + b), (-a) AT TIME ZONE 'x', NOT (NOT a), (NOT a) = b, (a = b) IS NULL, (a OR b) AND c, (a AND b) AND c, a AND (b OR c)",
	"SELECT (x -> 1)[1], (x -> x).a, \"row\"(1), \"position\"(1, 2), \"any\"((SELECT 1)), \"trim\"(1, 2, 3), \"normalize\"(x, 'a'), \"grouping\"(1), \"extract\"(1), \"Weird Name\"(1), a = \"all\"((SELECT 1)), \"interval\" '1', \"select\" '2'",
	"SELECT a /* one */, -- two\n b -- three\n, /* four\n five */ c\n-- six\nFROM t -- seven\nWHERE x = 1 /* eight */ AND -- nine\n y = 2\n-- ten", "/* lead */ SELECT 1; -- tail", "-- a\n-- b\n\nSELECT f(a, -- x\n b), CASE /* c */ WHEN a -- d\n THEN b END -- e\n/* f */ /* g */",
	"SELECT * FROM a, b, (c JOIN d ON e = f) AS g (h), i LEFT JOIN (j FULL JOIN k USING (l, m)) ON n = o AND p = q, ((SELECT 1) AS r) AS s, (t TABLESAMPLE SYSTEM (1)) TABLESAMPLE BERNOULLI (2)", "SELECT x FROM t GROUP BY AUTO",
	"SELECT sum(a) OVER (\"rows\"), sum(b) OVER (\"partition\" PARTITION BY c), sum(d) OVER (ORDER BY e RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND (a AND b) FOLLOWING), f(a IN (1, 2) -- c\n, 3)", "SELECT 1 FETCH FIRST 5 ROWS ONLY", "SELECT 1 OFFSET ? LIMIT ?",
	"SELECT X'0a FF', 0x1F, 1_000, .5, 5., 1e-3, 1.5E+10, DATE '2020-01-01', decimal '1', true, NULL, '', 'it''s', \"a\"\"b\", _x1",
}

// Statements gives them to the tests outside of the package.
func Statements() []string { return statements }
