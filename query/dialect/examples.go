package dialect

import (
	"slices"
	"strings"
)

// Examples gives a query with its result for every function of the registry and for the constructs of the language. They
// need no tables, so an engine can run them all: the value and the type must be as said, or the query must fail so.
func Examples() []Example {
	list := slices.Clone(syntaxExamples)
	var names []string
	seen := map[string]bool{}
	for name := range functions() {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, e := range functions()[name].Examples {
			if key := e.SQL; !seen[key] {
				seen[key] = true
				list = append(list, e)
			}
		}
	}
	return list
}

// syntaxExamples show the constructs of the language whose meaning differs between the dialects, or could.
var syntaxExamples = slices.Concat([]Example{
	example("1", "1", "integer"), example("3000000000", "3000000000", "bigint"), example("1.5", "1.5", "double"), example("1e3", "1000.0", "double"),
	example("-2147483648", "-2147483648", "integer"), example("0x1F", "31", "integer"), example("1_000", "1000", "integer"),
	example("'it''s'", "it's", "varchar(4)"), example(`'a\b'`, `a\b`, "varchar(3)"), example(`U&'\0041\+000042'`, "AB", "varchar(2)"), example("X'0A 0B'", "0a 0b", "varbinary"),
	example("NULL", "NULL", "unknown"), example("true AND NULL", "NULL", "boolean"), example("false AND NULL", "false", "boolean"), example("NOT NULL", "NULL", "boolean"),
	example("date '2020-02-29'", "2020-02-29", "date"), example("timestamp '2025-12-03 10:15:30'", "2025-12-03 10:15:30", "timestamp(0)"),
	example("timestamp '2025-12-03 10:15:30.1234'", "2025-12-03 10:15:30.1234", "timestamp(4)"), example("timestamp '2025-12-03 10:15'", "2025-12-03 10:15:00", "timestamp(0)"),
	example("timestamp '2020-07-01 02:00:00 Europe/Rome' = timestamp '2020-07-01 00:00:00 UTC'", "true", "boolean"),
	example("decimal '1.50'", "1.50", "decimal(3,2)"), example("interval '2' day", "2 00:00:00.000", "interval day to second"),
	example("interval '1-2' year to month", "1-2", "interval year to month"), example("interval '1 02:03:04.005' day to second", "1 02:03:04.005", "interval day to second"),
	example("- interval '90' minute", "-0 01:30:00.000", "interval day to second"),
}, typeExamples, arithmeticExamples, castExamples, predicateExamples, queryExamples, relationExamples, orderExamples, tryExamples, nullExamples, clockExamples, sqlJSONExamples, formatExamples)

var arithmeticExamples = []Example{
	example("7 / 2", "3", "integer"), example("-7 / 2", "-3", "integer"), example("7 / 2.0", "3.5", "double"), example("-7 % 3", "-1", "integer"),
	example("1 / 0.0", "Infinity", "double"), failing("1 / 0", CodeDivisionByZero), failing("x / y FROM (VALUES (1, 0)) AS t (x, y)", CodeDivisionByZero),
	failing("5 % y FROM (VALUES 0) AS t (y)", CodeDivisionByZero), example("x / y FROM (VALUES (cast(NULL AS integer), 0)) AS t (x, y)", "NULL", "integer"),
	example("x % y FROM (VALUES (cast(NULL AS decimal(3,1)), decimal '0.0')) AS t (x, y)", "NULL", "decimal(1,1)"), failing("2147483647 + 1", CodeOutOfRange), failing("9223372036854775807 * 2", CodeOutOfRange),
	example("2147483647 + 3000000000", "5147483647", "bigint"), example("decimal '1.5' + decimal '2.25'", "3.75", "decimal(4,2)"),
	example("decimal '1.5' * decimal '2.25'", "3.375", "decimal(5,3)"), example("decimal '7.5' % decimal '2'", "1.5", "decimal(2,1)"), example("decimal '1.5' + 1", "2.5", "decimal(12,1)"),
	example("decimal '1.5' + 1e0", "2.5", "double"), example("smallint '3' + tinyint '4'", "7", "smallint"), example("1 + NULL", "NULL", "integer"),
	example("date '2020-01-31' + interval '1' month", "2020-02-29", "date"), example("date '2020-03-01' - interval '1' day", "2020-02-29", "date"),
	example("timestamp '2020-01-01 00:00:00' + interval '90' minute", "2020-01-01 01:30:00.000", "timestamp(3)"),
	example("timestamp '2020-01-02 03:00:00' - timestamp '2020-01-01 00:00:00'", "1 03:00:00.000", "interval day to second"),
	example("date '2020-03-01' - date '2020-02-28'", "2 00:00:00.000", "interval day to second"), example("interval '1' day * 3", "3 00:00:00.000", "interval day to second"),
	example("'a' || 'b' || 'c'", "abc", "varchar"), example("'a' || NULL", "NULL", "array(varchar(1))"), example("ARRAY[1] || ARRAY[2]", "[1, 2]", "array(integer)"),
	example("ARRAY[10, 20][2]", "20", "integer"), failing("ARRAY[10][2]", CodeFunctionArgument), failing("ARRAY[10][0]", CodeFunctionArgument),
	example("CASE 2 WHEN 1 THEN 'a' WHEN 2 THEN 'b' END", "b", "varchar(1)"), example("CASE WHEN false THEN 1 ELSE 2.5 END", "2.5", "double"), example("CASE WHEN false THEN 1 END", "NULL", "integer"),
	example("if(1 > 2, 'a', 'bc')", "bc", "varchar(2)"), example("if(1 > 2, 'a')", "NULL", "varchar(1)"), example("coalesce(NULL, 1, 2)", "1", "integer"), example("nullif(1, 1)", "NULL", "integer"),
	example("try(1 / 0)", "NULL", "integer"), example("try(cast('x' AS integer))", "NULL", "integer"), example("coalesce(try(cast(x AS date)), date '2020-01-01') FROM (VALUES 'x') AS t (x)", "2020-01-01", "date"),
	example("TRY(date_add('hour', 1, date '2020-01-01'))", "NULL", "date"), example("date_add('hour', 1, x) FROM (VALUES CAST(NULL AS date)) AS t (x)", "NULL", "date"),
	example("CASE WHEN true THEN date '2020-01-01' ELSE date_add('hour', 1, date '2020-01-01') END", "2020-01-01", "date"), example("length(X'00' || CAST(NULL AS varbinary))", "NULL", "bigint"),
	example("cast('2020-01-02 00:00:00 UTC' AS timestamp with time zone) - cast('2020-01-01 23:00:00 +01:00' AS timestamp with time zone)", "0 02:00:00.000", "interval day to second"),
	example("timestamp '2020-01-02 00:00:00 UTC' - cast('2020-01-01 23:00:00 +01:00' AS timestamp with time zone)", "0 02:00:00.000", "interval day to second"),
	failing("concat(cast('a' AS varchar), cast('b' AS char(2)))", "TYPE_NOT_FOUND"), example("typeof(1 + 1.5)", "double", "varchar"), example("typeof(now())", "timestamp(3) with time zone", "varchar"),
	example("EXTRACT(YEAR FROM date '2020-05-03')", "2020", "bigint"), example("EXTRACT(DOW FROM date '2020-05-03')", "7", "bigint"),
}

var castExamples = []Example{
	example("cast(' 12 ' AS integer)", "12", "integer"), failing("cast('1.5' AS integer)", CodeCastArgument), failing("cast('abc' AS integer)", CodeCastArgument),
	failing("cast('99999999999' AS integer)", CodeCastArgument), failing("cast(3000000000 AS integer)", CodeOutOfRange), example("cast(2.5 AS integer)", "3", "integer"), example("cast(-2.5 AS bigint)", "-3", "bigint"),
	example("cast('1e3' AS double)", "1000.0", "double"), failing("cast('1,5' AS double)", CodeCastArgument), example("try_cast('x' AS bigint)", "NULL", "bigint"), example("try_cast('7' AS bigint)", "7", "bigint"),
	example("count(*) FROM (VALUES 300, 5) AS t (x) WHERE try_cast(x AS tinyint) <> 7", "1", "bigint"), failing("cast(x AS tinyint) <> 7 FROM (VALUES 300, 5) AS t (x)", CodeOutOfRange),
	example("count(*) FROM (VALUES decimal '123.25', decimal '1.25') AS t (x) WHERE try_cast(x AS decimal(3,2)) <> decimal '7'", "1", "bigint"),
	example("cast('T' AS boolean)", "true", "boolean"), failing("cast('yes' AS boolean)", CodeCastArgument), example("cast(1 AS boolean)", "true", "boolean"), example("cast(true AS integer)", "1", "integer"),
	example("cast('2020-1-5' AS date)", "2020-01-05", "date"), failing("cast('2020-01-05 10:00:00' AS date)", CodeCastArgument), failing("cast('2020-02-30' AS date)", CodeCastArgument),
	example("cast('2020-01-05 10:00:00.1234' AS timestamp)", "2020-01-05 10:00:00.123", "timestamp(3)"), example("cast('2020-01-05' AS timestamp)", "2020-01-05 00:00:00.000", "timestamp(3)"),
	failing("cast('2020-01-05T10:00:00' AS timestamp)", CodeCastArgument), example("cast('2020-01-01 00:00:00+00' AS timestamp)", "2020-01-01 00:00:00.000", "timestamp(3)"),
	example("cast('2020-01-05 10:00:00 +02:00' AS timestamp with time zone)", "2020-01-05 10:00:00.000 +02:00", "timestamp(3) with time zone"),
	example("cast('2020-01-05 10:00:00' AS timestamp with time zone)", "2020-01-05 10:00:00.000 UTC", "timestamp(3) with time zone"),
	example("cast(timestamp '2020-01-05 10:00:00.1236' AS timestamp(3))", "2020-01-05 10:00:00.124", "timestamp(3)"), example("cast(timestamp '2020-01-05 10:00:00' AS date)", "2020-01-05", "date"),
	example("cast(date '2020-01-05' AS timestamp)", "2020-01-05 00:00:00.000", "timestamp(3)"), example("cast(timestamp '2020-07-01 00:00:00 UTC' AT TIME ZONE 'Europe/Rome' AS varchar)", "2020-07-01 02:00:00 Europe/Rome", "varchar"),
	example("cast(12 AS varchar)", "12", "varchar"), example("cast(true AS varchar)", "true", "varchar"), example("cast(1.5 AS varchar)", "1.5E0", "varchar"), example("cast(100.0 AS varchar)", "1.0E2", "varchar"),
	example("cast(0.00123 AS varchar)", "1.23E-3", "varchar"), example("cast(-123456789.125e0 AS varchar)", "-1.23456789125E8", "varchar"), example("cast(1e20 AS varchar)", "1.0E20", "varchar"), example("cast(1.5e-7 AS varchar)", "1.5E-7", "varchar"),
	example("cast(0e0 AS varchar)", "0E0", "varchar"), example("cast(infinity() AS varchar)", "Infinity", "varchar"), example("cast(decimal '1.50' AS varchar)", "1.50", "varchar"), example("cast(decimal '-.50' AS varchar)", "-0.50", "varchar"),
	example("cast(ARRAY[decimal '.5'] AS json)", "[0.5]", "json"),
	example("cast(date '2020-01-05' AS varchar)", "2020-01-05", "varchar"), example("cast(timestamp '2020-01-05 10:00:00.500' AS varchar)", "2020-01-05 10:00:00.500", "varchar"), example("cast(timestamp '2020-01-05 10:00:00' AS varchar)", "2020-01-05 10:00:00", "varchar"),
	example("cast('abcdef' AS varchar(3))", "abc", "varchar(3)"), failing("cast(12345 AS varchar(3))", CodeCastArgument), example("cast('1.005' AS decimal(10,2))", "1.01", "decimal(10,2)"),
	failing("cast('x' AS decimal(10,2))", CodeCastArgument), example("cast(decimal '2.5' AS integer)", "3", "integer"), example("cast(1234.5 AS decimal(10,1))", "1234.5", "decimal(10,1)"),
	example("cast(NULL AS date)", "NULL", "date"), example("cast(ARRAY[1, 2] AS array(bigint))", "[1, 2]", "array(bigint)"),
}

var predicateExamples = []Example{
	example("2 BETWEEN 1 AND 3", "true", "boolean"), example("NULL BETWEEN 1 AND 3", "NULL", "boolean"), example("2 NOT IN (1, NULL)", "NULL", "boolean"), example("1 IN (1, 2.5)", "true", "boolean"),
	example("1 IS DISTINCT FROM NULL", "true", "boolean"), example("NULL IS NOT DISTINCT FROM NULL", "true", "boolean"), example("'a' < 'b'", "true", "boolean"), example("1 <> 1", "false", "boolean"),
	example("'abc' LIKE 'a_c'", "true", "boolean"), example("'ABC' LIKE 'a%'", "false", "boolean"), example("'a%c' LIKE 'a$%c' ESCAPE '$'", "true", "boolean"), example(`'a\c' LIKE 'a\c'`, "true", "boolean"),
	example("'abc' NOT LIKE '%b%'", "false", "boolean"), example("date '2020-01-01' < timestamp '2020-01-01 00:00:01'", "true", "boolean"), example("timestamp '2020-01-01 00:00:00' = timestamp '2020-01-01 00:00:00.000'", "true", "boolean"),
	example("now() > timestamp '2000-01-01 00:00:00'", "true", "boolean"), example("EXISTS (SELECT 1 WHERE false)", "false", "boolean"), example("1 IN (SELECT x FROM (VALUES 1, 2) AS t (x))", "true", "boolean"),
	example("1.5 IN (SELECT x FROM (VALUES 1, 2) AS t (x))", "false", "boolean"), example("(SELECT max(x) FROM (VALUES 1, 2) AS t (x))", "2", "integer"), example("(SELECT 1 WHERE false)", "NULL", "integer"),
	failing("(SELECT x FROM (VALUES 1, 2) AS t (x))", CodeMultipleRows),
}

// queryExamples give one value each, often an array of the rows in their order.
var queryExamples = []Example{
	{SQL: "SELECT x FROM (VALUES 1, NULL, 3) AS t (x) ORDER BY x DESC LIMIT 1", Want: "3", Type: "integer"},
	{SQL: "SELECT x FROM (VALUES 1, NULL) AS t (x) ORDER BY x NULLS FIRST LIMIT 1", Want: "NULL", Type: "integer"},
	{SQL: "SELECT x FROM (VALUES 1, 2, 3) AS t (x) ORDER BY 1 OFFSET 1 ROW FETCH FIRST ROW ONLY", Want: "2", Type: "integer"},
	{SQL: "SELECT x % 2 AS k FROM (VALUES 1, 2, 3) AS t (x) GROUP BY x % 2 HAVING count(*) > 1", Want: "1", Type: "integer"},
	{SQL: "SELECT -x AS x FROM (VALUES 1, 2) AS t (x) ORDER BY x LIMIT 1", Want: "-2", Type: "integer"},
	{SQL: "SELECT sum(n) FROM (SELECT DISTINCT x AS n FROM (VALUES 1, 1, 2) AS t (x))", Want: "3", Type: "bigint"},
	{SQL: "WITH a AS (SELECT 1 AS x), b (y) AS (SELECT x + 1 FROM a) SELECT x + y FROM a CROSS JOIN b", Want: "3", Type: "integer"},
	{SQL: "SELECT count(*) FROM (VALUES 1, 2) AS a (x) LEFT JOIN (VALUES 2) AS b (x) USING (x) WHERE b.x IS NULL OR x = 2", Error: CodeColumnNotFound},
	{SQL: "SELECT count(*) FROM (VALUES 1, 2) AS a (x) LEFT JOIN (VALUES 2) AS b (y) ON a.x = b.y WHERE b.y IS NULL", Want: "1", Type: "bigint"},
	{SQL: "SELECT x FROM (VALUES 1) AS a (x) FULL JOIN (VALUES BIGINT '2') AS b (x) USING (x) ORDER BY x DESC LIMIT 1", Want: "2", Type: "bigint"},
	{SQL: "SELECT 1 UNION SELECT 1.5 ORDER BY 1 DESC LIMIT 1", Want: "1.5", Type: "double"},
	{SQL: "SELECT count(*) FROM (SELECT 1 AS x UNION ALL SELECT 1 EXCEPT SELECT 2)", Want: "1", Type: "bigint"},
	{SQL: "SELECT count(*) FROM (VALUES (1, 'a'), (2, 'b')) AS t (x, y) WHERE EXISTS (SELECT 1 FROM (VALUES 2) AS u (z) WHERE z = x)", Want: "1", Type: "bigint"},
	{SQL: "SELECT sum(10 / x) FILTER (WHERE x <> 0) FROM (VALUES 0, 5) AS t (x)", Error: CodeDivisionByZero},
	{SQL: "SELECT sum(x) OVER (ORDER BY x ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM (VALUES 1, 2, 3) AS t (x) ORDER BY 1 DESC LIMIT 1", Want: "5", Type: "bigint"},
	{SQL: "SELECT max(c) FROM (SELECT count(*) OVER (PARTITION BY x) AS c FROM (VALUES 1, 1, 2) AS t (x))", Want: "2", Type: "bigint"},
	{SQL: "SELECT max(x) FROM (SELECT NULL AS x UNION ALL SELECT date '2020-01-01')", Want: "2020-01-01", Type: "date"},
	{SQL: "SELECT x + 1 FROM (SELECT NULL AS x)", Want: "NULL", Type: "integer"},
	{SQL: "SELECT cast(x AS timestamp) FROM (VALUES NULL) AS t (x)", Want: "NULL", Type: "timestamp(3)"},
	{SQL: "SELECT count(*) FROM (VALUES 1) AS t (x) WHERE x IN (NULL, 2) OR NULL", Want: "0", Type: "bigint"},
	{SQL: "SELECT lower(NULL)", Want: "NULL", Type: "varchar(0)"},
	{SQL: "SELECT greatest(NULL, NULL)", Want: "NULL", Type: "unknown"},
	{SQL: "VALUES 7", Want: "7", Type: "integer"},
	{SQL: "SELECT count(*) FROM (VALUES 1) AS t (x) WHERE false HAVING count(*) = 0", Want: "0", Type: "bigint"},
	{SQL: "SELECT 1 FROM (VALUES 1, 2) AS t (x) GROUP BY ()", Want: "1", Type: "integer"},
}

// Name gives the first word that tells the example from others, for naming tests.
func (e Example) Name() string { return strings.TrimPrefix(e.SQL, "SELECT ") }
