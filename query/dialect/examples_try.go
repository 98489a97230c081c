package dialect

// tryExamples show what TRY catches: failures of expressions, and not those of what a query evaluates before them.
var tryExamples = []Example{
	example("TRY(1 / 0)", "NULL", "integer"),
	example("TRY(1 / 2)", "0", "integer"),
	example("TRY(TRY(1 / 0) + 1)", "NULL", "integer"),
	{SQL: "SELECT array_agg(TRY(10 / x) ORDER BY x) FROM (VALUES 0, 2, NULL) AS t (x)", Want: "[null, 5, null]", Type: "array(integer)"},
	{SQL: "SELECT array_agg(TRY(10 / x) + TRY(10 / x) ORDER BY x) FROM (VALUES 0, 2) AS t (x)", Want: "[null, 10]", Type: "array(integer)"},
	{SQL: "SELECT array_agg(TRY(coalesce(CAST(x AS integer), n)) ORDER BY n) FROM (VALUES ('a', 1), (NULL, 2), ('5', 3), ('6', 4)) AS t (x, n)", Want: "[null, 2, 5, 6]", Type: "array(integer)"},
	{SQL: "SELECT count(DISTINCT TRY(CAST(x AS integer))) FROM (VALUES 'a', NULL, '5', '5') AS t (x)", Want: "1", Type: "bigint"},
	{SQL: "SELECT TRY(10 / sum(x)) FROM (VALUES 0, 0) AS t (x)", Want: "NULL", Type: "bigint"},
	{SQL: "SELECT TRY(sum(10 / x)) FROM (VALUES 0) AS t (x)", Error: "DIVISION_BY_ZERO: Division by zero"},
	{SQL: "SELECT array_agg(v ORDER BY v) FROM (SELECT TRY(10 / x) AS v, sum(DISTINCT x) FROM (VALUES 0, 2, 2) AS t (x) GROUP BY 1)", Want: "[5, null]", Type: "array(integer)"},
	{SQL: "SELECT array_agg(v ORDER BY v) FROM (SELECT TRY(10 / (x + 1)) AS v FROM (VALUES 0, -1) AS t (x) GROUP BY x + 1)", Want: "[10, null]", Type: "array(integer)"},
	{SQL: "SELECT x FROM (VALUES 0, 2, 2) AS t (x) GROUP BY x HAVING TRY(x / (count(*) - 1)) = 2 ORDER BY TRY(10 / x)", Want: "2", Type: "integer"},
	{SQL: "SELECT array_agg(v ORDER BY x) FROM (SELECT x, TRY(10 / x) AS v FROM (VALUES 0, 2) AS t (x) GROUP BY ROLLUP (x))", Want: "[null, 5, null]", Type: "array(integer)"},
	{SQL: "SELECT array_agg(v ORDER BY x) FROM (SELECT x, TRY(10 / lag(x) OVER (ORDER BY x)) AS v FROM (VALUES 0, 2, 5) AS t (x))", Want: "[null, null, 5]", Type: "array(integer)"},
	{SQL: "SELECT array_agg((SELECT TRY(10 / x)) ORDER BY x) FROM (VALUES 0, 2) AS t (x)", Want: "[null, 5]", Type: "array(integer)"},
	{SQL: "SELECT array_agg(v ORDER BY x) FROM (SELECT x, (SELECT TRY(max(y) / x) FROM (VALUES 8) AS u (y)) AS v FROM (VALUES 0, 2) AS t (x) GROUP BY x)", Want: "[null, 4]", Type: "array(integer)"},
	example("transform(ARRAY[0, 2], x -> TRY(10 / x))", "[null, 5]", "array(integer)"),
	{SQL: "SELECT array_agg(TRY(transform(a, x -> n / x)) ORDER BY n) FROM (VALUES (1, ARRAY[0]), (2, ARRAY[1])) AS t (n, a)", Want: "[null, [2]]", Type: "array(array(integer))"},
	{SQL: "SELECT TRY(a < b) FROM (VALUES (ROW(1, NULL), ROW(1, 2))) AS t (a, b)", Error: "NOT_SUPPORTED"},
	{SQL: "SELECT typeof(max(x)) FROM (VALUES 1, 2) AS t (x)", Want: "integer", Type: "varchar"},
	{SQL: "SELECT from_utf8(max(x)) FROM (VALUES X'61', X'ff') AS t (x)", Want: "\uFFFD", Type: "varchar"},
}
