package dialect

// Construct is a piece of the language that is not a function, for the page that tells people what works: an example, and
// how it differs from Trino's if it does, or why it is refused and what does nearly the same.
type Construct struct {
	Section string
	Name    string
	SQL     string
	Differs string
	Refused string // why; "" where it works
	Instead string
}

// Constructs are the pieces of the language, by section.
func Constructs() []Construct {
	var list []Construct
	for _, s := range constructSections {
		for _, c := range s.list {
			c.Section = s.name
			list = append(list, c)
		}
	}
	return list
}

var constructSections = []struct {
	name string
	list []Construct
}{
	{"Statements", statementConstructs}, {"Queries", queryConstructs}, {"Relations", relationConstructs}, {"Grouping and windows", groupConstructs},
	{"Expressions", expressionConstructs}, {"Special forms", formConstructs}, {"Literals and types", literalConstructs},
}

var statementConstructs = []Construct{
	{Name: "SELECT", SQL: "SELECT 1 AS x"},
	{Name: "VALUES", SQL: "VALUES (1, 'a'), (2, 'b')"},
	{Name: "TABLE", SQL: "WITH t AS (SELECT 1 AS x) TABLE t"},
	{Name: "EXPLAIN", SQL: "EXPLAIN SELECT 1", Differs: "the plan is told in plain words"},
	{Name: "PREPARE, EXECUTE, DEALLOCATE PREPARE", SQL: "PREPARE q FROM SELECT ?", Differs: "read and checked, and then refused: queries only are run"},
	{Name: "Parameters", SQL: "SELECT ? + 1"},
	{Name: "CREATE TABLE AS", SQL: "CREATE TABLE t WITH (format = 'PARQUET') AS SELECT 1 AS x", Differs: "read and checked, and then refused: queries only are run"},
	{Name: "INSERT INTO", SQL: "INSERT INTO t SELECT 1", Differs: "read and checked, and then refused: queries only are run"},
	{Name: "UNLOAD", SQL: "UNLOAD (SELECT 1) TO 's3://b/p/' WITH (format = 'PARQUET')", Differs: "read and checked, and then refused: queries only are run"},
	{Name: "UPDATE, DELETE, MERGE", SQL: "DELETE FROM t WHERE x = 1", Refused: "tables of Hive only grow", Instead: "CREATE TABLE AS without the rows"},
	{Name: "SQL functions of one's own", SQL: "CREATE FUNCTION f(x bigint) RETURNS bigint RETURN x + 1", Refused: "Athena has none", Instead: "a WITH query"},
}

var queryConstructs = []Construct{
	{Name: "DISTINCT", SQL: "SELECT DISTINCT x FROM (VALUES 1, 1) AS t (x)"},
	{Name: "WHERE", SQL: "SELECT x FROM (VALUES 1, 2) AS t (x) WHERE x > 1"},
	{Name: "ORDER BY with NULLS FIRST or LAST", SQL: "SELECT x FROM (VALUES 1, NULL) AS t (x) ORDER BY x DESC NULLS LAST", Differs: "a -0.0 may come out as 0.0; arrays and rows with NULL inside are ordered, where Trino refuses them"},
	{Name: "ORDER BY a column's number or alias", SQL: "SELECT -x AS y FROM (VALUES 1, 2) AS t (x) ORDER BY y, 1"},
	{Name: "OFFSET and LIMIT", SQL: "SELECT x FROM (VALUES 1, 2) AS t (x) ORDER BY x OFFSET 1 LIMIT 1"},
	{Name: "FETCH FIRST", SQL: "SELECT x FROM (VALUES 1, 2) AS t (x) ORDER BY x FETCH FIRST 1 ROW ONLY"},
	{Name: "FETCH FIRST … WITH TIES", SQL: "SELECT x FROM (VALUES 1, 1, 2) AS t (x) ORDER BY x FETCH FIRST 1 ROW WITH TIES"},
	{Name: "UNION, INTERSECT, EXCEPT", SQL: "SELECT 1 UNION SELECT 2 EXCEPT SELECT 1"},
	{Name: "UNION ALL", SQL: "SELECT 1 UNION ALL SELECT 2"},
	{Name: "INTERSECT ALL, EXCEPT ALL", SQL: "(SELECT 1) EXCEPT ALL (SELECT 1)"},
	{Name: "WITH", SQL: "WITH a (x) AS (SELECT 1), b AS (SELECT x + 1 AS y FROM a) SELECT * FROM b"},
	{Name: "WITH RECURSIVE", SQL: "WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT n FROM t"},
	{Name: "Subqueries as values", SQL: "SELECT (SELECT max(x) FROM (VALUES 1, 2) AS t (x))"},
	{Name: "EXISTS", SQL: "SELECT 1 WHERE EXISTS (SELECT 1)"},
	{Name: "IN (query)", SQL: "SELECT 1 IN (SELECT x FROM (VALUES 1) AS t (x))", Differs: "NaN is found where the query gives NaN"},
	{Name: "Quantified comparisons", SQL: "SELECT 3 > ALL (SELECT x FROM (VALUES 1, 2) AS t (x))"},
	{Name: "Correlated subqueries", SQL: "SELECT x, (SELECT count(*) FROM (VALUES 1, 2) AS u (y) WHERE y < x) FROM (VALUES 1, 2) AS t (x)", Differs: "some run that Trino can't plan and refuses: with LIMIT, DISTINCT or HAVING inside, or without an equality"},
	{Name: "SELECT row.*", SQL: "SELECT r.* FROM (SELECT CAST(ROW(1, 'a') AS row(x integer, y varchar)) AS r) AS t"},
}

var relationConstructs = []Construct{
	{Name: "JOIN … ON", SQL: "SELECT * FROM (VALUES 1) AS a (x) LEFT JOIN (VALUES 2) AS b (y) ON x = y"},
	{Name: "JOIN … USING", SQL: "SELECT x FROM (VALUES 1) AS a (x) JOIN (VALUES 1) AS b (x) USING (x)"},
	{Name: "RIGHT and FULL JOIN", SQL: "SELECT * FROM (VALUES 1) AS a (x) FULL JOIN (VALUES 2) AS b (y) ON x = y"},
	{Name: "CROSS JOIN, comma", SQL: "SELECT * FROM (VALUES 1) AS a (x), (VALUES 2) AS b (y) CROSS JOIN (VALUES 3) AS c (z)"},
	{Name: "NATURAL JOIN", SQL: "SELECT * FROM (VALUES 1) AS a (x) NATURAL JOIN (VALUES 1) AS b (x)", Refused: "in Trino, too", Instead: "JOIN … USING"},
	{Name: "UNNEST of arrays", SQL: "SELECT x, y FROM UNNEST(ARRAY[1, 2], ARRAY['a']) AS t (x, y)"},
	{Name: "UNNEST of maps and of arrays of rows", SQL: "SELECT k, v FROM UNNEST(map(ARRAY['a'], ARRAY[1])) AS t (k, v)"},
	{Name: "UNNEST … WITH ORDINALITY", SQL: "SELECT x, n FROM UNNEST(ARRAY['a']) WITH ORDINALITY AS t (x, n)"},
	{Name: "CROSS JOIN UNNEST", SQL: "SELECT a, x FROM (VALUES ARRAY[1, 2]) AS t (a) CROSS JOIN UNNEST(a) AS u (x)"},
	{Name: "LEFT JOIN UNNEST … ON TRUE", SQL: "SELECT x FROM (VALUES ARRAY[1]) AS t (a) LEFT JOIN UNNEST(a) AS u (x) ON TRUE"},
	{Name: "LATERAL", SQL: "SELECT x, y FROM (VALUES 1) AS t (x) CROSS JOIN LATERAL (SELECT x + 1 AS y) AS u"},
	{Name: "TABLESAMPLE", SQL: "SELECT x FROM (VALUES 1, 2) AS t (x) TABLESAMPLE BERNOULLI (50)", Differs: "other rows are chosen"},
	{Name: "TABLE(sequence(…))", SQL: "SELECT * FROM TABLE(sequence(1, 3))"},
	{Name: "TABLE(exclude_columns(…))", SQL: "SELECT * FROM TABLE(exclude_columns(INPUT => TABLE(t), COLUMNS => DESCRIPTOR(x)))", Refused: "not translated", Instead: "SELECT with the columns named"},
	{Name: "MATCH_RECOGNIZE", SQL: "SELECT * FROM t MATCH_RECOGNIZE (PATTERN (a) DEFINE a AS true)", Refused: "not translated", Instead: "lag and lead"},
	{Name: "JSON_TABLE", SQL: "SELECT * FROM JSON_TABLE('[1]', 'lax $[*]' COLUMNS (x integer PATH 'lax $'))", Refused: "not translated", Instead: "UNNEST(CAST(json_parse(x) AS array(…)))"},
	{Name: "Tables of other times", SQL: "SELECT * FROM t FOR VERSION AS OF 1", Refused: "tables of Hive have one version"},
}

var groupConstructs = []Construct{
	{Name: "GROUP BY and HAVING", SQL: "SELECT x FROM (VALUES 1, 1) AS t (x) GROUP BY x HAVING count(*) > 1"},
	{Name: "GROUPING SETS, ROLLUP, CUBE", SQL: "SELECT x, y, count(*) FROM (VALUES (1, 2)) AS t (x, y) GROUP BY GROUPING SETS ((x, y), ()), ROLLUP (y)"},
	{Name: "grouping()", SQL: "SELECT x, grouping(x) FROM (VALUES 1) AS t (x) GROUP BY CUBE (x)"},
	{Name: "GROUP BY DISTINCT", SQL: "SELECT x FROM (VALUES 1) AS t (x) GROUP BY DISTINCT ROLLUP (x), ROLLUP (x)"},
	{Name: "Aggregates with DISTINCT, ORDER BY, FILTER", SQL: "SELECT array_agg(DISTINCT x ORDER BY x) FILTER (WHERE x > 1) FROM (VALUES 1, 2) AS t (x)"},
	{Name: "WITHIN GROUP", SQL: "SELECT listagg(x, ',') WITHIN GROUP (ORDER BY x) FROM (VALUES 'a') AS t (x)"},
	{Name: "OVER", SQL: "SELECT sum(x) OVER (PARTITION BY x ORDER BY x) FROM (VALUES 1) AS t (x)"},
	{Name: "ROWS, RANGE, GROUPS frames", SQL: "SELECT sum(x) OVER (ORDER BY x RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM (VALUES 1) AS t (x)"},
	{Name: "WINDOW", SQL: "SELECT rank() OVER w FROM (VALUES 1) AS t (x) WINDOW w AS (ORDER BY x)"},
	{Name: "IGNORE NULLS", SQL: "SELECT first_value(x) IGNORE NULLS OVER (ORDER BY x) FROM (VALUES 1) AS t (x)"},
	{Name: "FILTER of window functions", SQL: "SELECT sum(x) FILTER (WHERE x > 1) OVER () FROM (VALUES 1) AS t (x)", Refused: "in Trino, too", Instead: "sum(if(x > 1, x)) OVER ()"},
	{Name: "Patterns in windows", SQL: "SELECT m OVER w FROM (VALUES 1) AS t (x) WINDOW w AS (ORDER BY x MEASURES last(a.x) AS m ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING PATTERN (a) DEFINE a AS true)", Refused: "not translated", Instead: "lag and lead"},
}

var expressionConstructs = []Construct{
	{Name: "AND, OR, NOT", SQL: "SELECT true AND NOT false OR NULL"},
	{Name: "Comparisons", SQL: "SELECT 1 < 2, 'a' <> 'b'"},
	{Name: "IS [NOT] NULL, IS [NOT] DISTINCT FROM", SQL: "SELECT 1 IS DISTINCT FROM NULL"},
	{Name: "BETWEEN", SQL: "SELECT 2 BETWEEN 1 AND 3"},
	{Name: "IN", SQL: "SELECT 1 IN (1, 2)"},
	{Name: "LIKE … ESCAPE", SQL: "SELECT 'a%' LIKE 'a$%' ESCAPE '$'"},
	{Name: "+ - * / %", SQL: "SELECT 7 / 2 + 7 % 2 - 1 * 2", Differs: "the least tinyint or smallint divided by -1 fails as too large, where Trino has a value that its type has not"},
	{Name: "||", SQL: "SELECT 'a' || 'b', ARRAY[1] || ARRAY[2]"},
	{Name: "Intervals added to times", SQL: "SELECT date '2020-01-31' + INTERVAL '1' MONTH"},
	{Name: "Intervals multiplied and divided", SQL: "SELECT INTERVAL '1' DAY * 2", Differs: "a product beyond 292471 years fails; Trino gives the longest interval"},
	{Name: "AT TIME ZONE", SQL: "SELECT timestamp '2020-01-01 00:00:00 UTC' AT TIME ZONE 'Asia/Seoul'"},
	{Name: "Subscripts", SQL: "SELECT ARRAY[1, 2][1]"},
	{Name: "Fields of rows", SQL: "SELECT CAST(ROW(1) AS row(x integer)).x"},
	{Name: "Lambdas", SQL: "SELECT transform(ARRAY[1], x -> x + 1)"},
	{Name: "CASE", SQL: "SELECT CASE 1 WHEN 1 THEN 'a' ELSE 'b' END"},
	{Name: "CASE x WHEN x", SQL: "SELECT CASE x WHEN x THEN 1 ELSE 2 END FROM (VALUES CAST(NULL AS integer)) AS t (x)", Differs: "NULL is not equal to NULL; Trino 476 takes a value that is written as the operand is for equal to it"},
	{Name: "Operands and arguments that fail", SQL: "SELECT x + 1 / y FROM (VALUES (CAST(NULL AS integer), 0)) AS t (x, y)", Differs: "all are computed; Trino computes none behind one that is NULL, nor beside a constant NULL, and so has NULL where 1 / 0 fails here; in calls that are NULL with any argument that is, such as least, it is the other way round for some"},
	{Name: "Negation of a negation", SQL: "SELECT - (- x) FROM (VALUES INTEGER '-2147483648') AS t (x)", Differs: "overflows for the least number; Trino takes both signs away"},
	{Name: "The signs of zero and NaN", SQL: "SELECT max(x) FROM (VALUES -0e0) AS t (x)", Differs: "max, and ORDER BY of a single row, may give 0.0 for -0.0; to_ieee754_32 and to_ieee754_64 of a NaN that was computed may show another sign"},
	{Name: "NaN as a key", SQL: "SELECT map(ARRAY[nan()], ARRAY[1]) = map(ARRAY[nan()], ARRAY[1])", Differs: "in maps it is equal to itself; in Trino it mostly is not. 0.0 and -0.0 are one key"},
	{Name: "CAST, TRY_CAST", SQL: "SELECT CAST('1' AS integer), TRY_CAST('x' AS integer)", Differs: "TRY_CAST of an interval to a varchar that is too short for it is NULL; Trino gives the longer text. All values of an IN list are cast, those behind a match too. In JSON of a map, keys beyond U+FFFF are sorted by code point, in Trino by UTF-16"},
	{Name: "Rows compared", SQL: "SELECT (1, 2) = (1, 2)"},
	{Name: "MEMBER OF and sets", SQL: "SELECT 1 MEMBER OF (ARRAY[1])", Refused: "Athena has none", Instead: "contains"},
}

var formConstructs = []Construct{
	{Name: "coalesce(a, b, …)", SQL: "SELECT coalesce(NULL, 1)"}, {Name: "nullif(a, b)", SQL: "SELECT nullif(1, 2)"}, {Name: "if(c, a[, b])", SQL: "SELECT if(true, 1, 2)"},
	{Name: "try(a)", SQL: "SELECT try(1 / 0)", Differs: "not over random values, fail() and IN with a subquery; what is refused for a value while the query runs, such as times with nanoseconds, is NULL"}, {Name: "typeof(a)", SQL: "SELECT typeof(1)"},
	{Name: "current_date, current_time, current_timestamp, localtime, localtimestamp, now()", SQL: "SELECT current_date, now()"},
	{Name: "current_timezone()", SQL: "SELECT current_timezone()"}, {Name: "current_user, current_catalog, current_schema, current_path", SQL: "SELECT current_user, current_schema"},
	{Name: "extract(… FROM …)", SQL: "SELECT extract(YEAR FROM date '2020-01-01')"}, {Name: "trim(… FROM …)", SQL: "SELECT trim(BOTH 'x' FROM 'xax')"}, {Name: "position(… IN …)", SQL: "SELECT position('b' IN 'abc')"},
	{Name: "substring(… FROM … FOR …)", SQL: "SELECT substring('abc' FROM 2 FOR 1)"}, {Name: "normalize(…, NFD)", SQL: "SELECT normalize('e', NFD)"}, {Name: "format(pattern, …)", SQL: "SELECT format('%,d of %.1f', 1234, 5e0)", Differs: "the conversions %t (times), %h and %a, the flag # of numbers with a point, and values with time zones are refused"},
	{Name: "JSON_EXISTS", SQL: `SELECT json_exists('{"a": [1, 2]}', 'lax $.a[*] ? (@ > 1)')`},
	{Name: "JSON_VALUE … RETURNING … ON EMPTY, ON ERROR", SQL: `SELECT json_value('{"a": 1}', 'lax $.b' RETURNING bigint DEFAULT 0 ON EMPTY NULL ON ERROR)`},
	{Name: "JSON_QUERY … WRAPPER, QUOTES", SQL: `SELECT json_query('{"a": "x"}', 'strict $.a' WITHOUT ARRAY WRAPPER OMIT QUOTES)`},
	{Name: "PASSING", SQL: `SELECT json_exists('[1, 2]', 'lax $ ? (@ > $LOW)' PASSING 1 AS low)`, Differs: "values of tinyint, smallint, real, char, dates and times are refused"},
	{Name: "like_regex, datetime() in JSON paths", SQL: `SELECT json_exists('["a"]', 'lax $ ? (@ like_regex "a")')`, Refused: "in Trino, too", Instead: "starts with; regexp_like over json_value"},
	{Name: "JSON_OBJECT", SQL: "SELECT json_object('a' VALUE 1, 'b' : NULL ABSENT ON NULL)"}, {Name: "JSON_ARRAY", SQL: "SELECT json_array(1, 'a', json_object('b' VALUE true))"},
}

var literalConstructs = []Construct{
	{Name: "Numbers: 1, 1.5, 1e3, 0x1F, 1_000", SQL: "SELECT 1, 1.5, 1e3, 0x1F, 1_000", Differs: "1.5 is a double, as in Athena; in Trino it is a decimal"},
	{Name: "DECIMAL '…'", SQL: "SELECT DECIMAL '1.50'"}, {Name: "'…', U&'…', X'…'", SQL: `SELECT 'it''s', U&'\0041', X'0A'`},
	{Name: "DATE, TIME, TIMESTAMP '…'", SQL: "SELECT DATE '2020-01-01', TIME '10:00', TIMESTAMP '2020-01-01 00:00:00.123'", Differs: "digits of a second beyond the sixth are refused"},
	{Name: "TIMESTAMP '… zone'", SQL: "SELECT TIMESTAMP '2020-01-01 00:00:00 Europe/Rome'"}, {Name: "INTERVAL", SQL: "SELECT INTERVAL '1-2' YEAR TO MONTH"},
	{Name: "ARRAY[…]", SQL: "SELECT ARRAY[1, 2]"}, {Name: "ROW(…)", SQL: "SELECT ROW(1, 'a')"}, {Name: "JSON, UUID, IPADDRESS '…'", SQL: "SELECT UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59', IPADDRESS '::1'"},
	{Name: "array, map, row as types", SQL: "SELECT CAST(NULL AS array(map(varchar, row(x integer))))"}, {Name: "char(n), varchar(n)", SQL: "SELECT CAST('abc' AS char(5)), CAST('abc' AS varchar(2))"},
	{Name: "real, tinyint, smallint, varbinary", SQL: "SELECT CAST(1 AS tinyint), real '1.5'"},
	{Name: "HyperLogLog, qdigest, tdigest, setdigest", SQL: "SELECT CAST(NULL AS hyperloglog)", Refused: "sketches as values absent", Instead: "approx_distinct, approx_percentile"},
	{Name: "Geometry, SphericalGeography, BingTile", SQL: "SELECT CAST(NULL AS geometry)", Refused: "geometry is absent", Instead: "great_circle_distance"},
}
