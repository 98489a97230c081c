package dialect

// orderExamples show where NaN comes in an order: with NULL where NULLS FIRST is said, at the other end where DESC is said
// too; and HAVING over what lambdas make of groups.
var orderExamples = []Example{
	over("array_agg(x ORDER BY x NULLS FIRST)", "1e0, nan(), NULL, 2e0", "[null, NaN, 1.0, 2.0]", "array(double)"),
	over("array_agg(x ORDER BY x DESC NULLS FIRST)", "1e0, nan(), NULL, 2e0", "[null, 2.0, 1.0, NaN]", "array(double)"),
	over("array_agg(x ORDER BY x DESC)", "1e0, nan(), NULL, 2e0", "[NaN, 2.0, 1.0, null]", "array(double)"),
	overWindow("sum(1)", "ORDER BY x NULLS FIRST", "1e0, nan(), 2e0", "[2, 3, 1]", "array(bigint)"),
	{SQL: "SELECT x FROM (VALUES 1e0, nan(), 2e0) AS t (x) ORDER BY x NULLS FIRST LIMIT 1", Want: "NaN", Type: "double"},
	{SQL: "SELECT x FROM (VALUES 1e0, nan(), 2e0) AS t (x) ORDER BY x DESC NULLS FIRST LIMIT 1", Want: "2.0", Type: "double"},
	{SQL: "SELECT 1 AS n FROM (VALUES 1e0, nan(), 2e0) AS t (x) ORDER BY -x NULLS FIRST LIMIT 1", Want: "1", Type: "integer"},
	{SQL: "SELECT DISTINCT x FROM (VALUES 1e0, nan(), nan()) AS t (x) ORDER BY x NULLS FIRST OFFSET 1 LIMIT 1", Want: "1.0", Type: "double"},
	{SQL: "SELECT 1e0 AS x UNION SELECT nan() ORDER BY x NULLS FIRST LIMIT 1", Want: "NaN", Type: "double"},
	{SQL: "SELECT x FROM (VALUES 1e0, nan(), 2e0) AS t (x) ORDER BY x NULLS FIRST FETCH FIRST ROW WITH TIES", Want: "NaN", Type: "double"},
	{SQL: "SELECT array_agg(x ORDER BY x NULLS FIRST) FROM (VALUES ARRAY[1e0]) AS t (x)", Error: CodeNotSupported + ": line 1:29: NULLS FIRST of arrays and rows with floating-point numbers"},
	{SQL: "SELECT array_agg(DISTINCT x ORDER BY x NULLS FIRST) FROM (VALUES 1e0) AS t (x)", Error: CodeNotSupported + ": line 1:38: NULLS FIRST of floating-point numbers in an aggregate with DISTINCT"},
	{SQL: "SELECT sum(1) OVER (ORDER BY x NULLS FIRST RANGE 1 PRECEDING) FROM (VALUES 1e0) AS t (x)", Error: CodeNotSupported + ": line 1:30: RANGE frames with an offset over floating-point numbers with NULLS FIRST"},
	{SQL: "SELECT x FROM (VALUES ('a', 1), ('b', 2)) AS t (x, y) GROUP BY x HAVING map_agg(y, x)[2] = 'b'", Error: CodeFunctionArgument + ": Key not present in map: 2"},
	{SQL: "SELECT x FROM (VALUES ('a', 1), ('b', 2)) AS t (x, y) GROUP BY x HAVING element_at(map_agg(y, x), 2) = 'b'", Want: "b", Type: "varchar(1)"},
	{SQL: "SELECT x FROM (VALUES ('a', 1), ('b', 2)) AS t (x, y) GROUP BY x HAVING any_match(array_agg(row(x, y)), r -> r[2] > 1)", Want: "b", Type: "varchar(1)"},
	{SQL: "SELECT max_by(x, y, 2) FROM (VALUES ('a', 1), ('b', 2)) AS t (x, y) HAVING reduce(array_agg(y), 0, (s, e) -> s + e / 1, s -> s) = 3", Want: "[b, a]", Type: "array(varchar(1))"},
	over("max(x)", "ARRAY[1e0], ARRAY[2e0]", "[2.0]", "array(double)"), failingOver("max(x)", "ARRAY[1e0], ARRAY[nan()]", CodeNotSupported+": the largest of arrays and rows with NaN in them"),
	over("max_by(x, y)", "(1, ARRAY[2e0]), (2, ARRAY[1e0])", "1", "integer"), over("max_by(x, y, 2)", "(1, ARRAY[2e0]), (2, ARRAY[1e0])", "[1, 2]", "array(integer)"),
	over("array_max(x)", "ARRAY[row(1e0, 1), row(2e0, 0)]", "{2.0, 0}", "row(double, integer)"), failingOver("array_max(x)", "ARRAY[ARRAY[nan()], ARRAY[1e0]]", CodeNotSupported+": array_max of arrays and rows with NaN"),
	over("ARRAY[x = y, x NOT IN (y), y = x, x < y, x <> y]", "(nan(), CAST(NULL AS double))", "[null, null, null, null, null]", "array(boolean)"),
	over("ARRAY[x = y, x NOT IN (y), row(x, 1) = row(y, 1), NOT (ARRAY[x] = ARRAY[y])]", "(nan(), nan())", "[false, true, false, true]", "array(boolean)"),
	over("ARRAY[row(x, 1) = row(y, 1), NOT (ARRAY[x] = ARRAY[y])]", "(nan(), CAST(NULL AS double))", "[null, null]", "array(boolean)"),
	over("x < CAST(NULL AS array(row(integer, integer)))", "CAST(ARRAY[row(1, 2)] AS array(row(integer, integer)))", "NULL", "boolean"),
	example("json_format(CAST('😀' AS json))", `"\uD83D\uDE00"`, "varchar"), over("json_format(CAST(map(ARRAY[x], ARRAY[x]) AS json))", "'é', 'a😀'", `{"é":"é"}`, "varchar"),
	over("json_format(CAST(array_agg(x ORDER BY x) AS json))", "'b', 'a😀'", `["a\uD83D\uDE00","b"]`, "varchar"),
}
