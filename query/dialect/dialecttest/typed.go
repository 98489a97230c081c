package dialecttest

import (
	"fmt"
	"slices"
	"strings"
)

// Typed gives a query that is about types: conversions, comparisons, and what values of different types have in common.
// Many are refused for their types, or fail for a value.
func (g *Generator) Typed() string {
	family := pick(g, families)
	if g.chance(20) { // of any
		family = pick(g, [][]string{pick(g, families), allTypes})
	}
	t, u := pick(g, family), pick(g, family)
	x, y := g.column("x", t), g.column("y", u)
	switch g.Random(12) {
	case 0, 1:
		word := pick(g, []string{"CAST", "TRY_CAST"})
		return fmt.Sprintf("SELECT %s(x AS %s) FROM %s", word, g.target(), g.column("x", pick(g, allTypes)))
	case 2:
		return fmt.Sprintf("SELECT x %s y FROM %s CROSS JOIN %s", pick(g, []string{"=", "<>", "<", ">=", "IS DISTINCT FROM"}), x, y)
	case 3:
		return fmt.Sprintf("SELECT x %s y FROM %s CROSS JOIN %s", pick(g, []string{"+", "-", "*", "/", "%", "||"}), x, y)
	case 4:
		return fmt.Sprintf("SELECT x %sIN (%s, y, %s) FROM %s CROSS JOIN %s", pick(g, []string{"", "NOT "}), g.literal(pick(g, family)), pick(g, []string{"NULL", g.literal(t)}), x, y)
	case 5:
		return fmt.Sprintf("SELECT x %sBETWEEN y AND %s FROM %s CROSS JOIN %s", pick(g, []string{"", "NOT "}), g.literal(pick(g, family)), x, y)
	case 6:
		form := pick(g, []string{"coalesce(x, y)", "nullif(x, y)", "IF(true, x, y)", "CASE WHEN false THEN x ELSE y END", "CASE x WHEN y THEN 'same' END", "greatest(x, y)", "least(x, y)",
			"ARRAY[x, y]", "ROW(x, y)", "MAP(ARRAY[x], ARRAY[y])", "CASE y WHEN x THEN x ELSE y END", "ROW(x, y) = ROW(y, x)", "ARRAY[x] || y", "contains(ARRAY[x], y)"})
		return fmt.Sprintf("SELECT %s FROM %s CROSS JOIN %s", form, x, y)
	case 7:
		return fmt.Sprintf("SELECT x, y FROM %s %s JOIN %s ON x %s y", x, pick(g, []string{"INNER", "LEFT", "FULL", "RIGHT"}), y, pick(g, []string{"=", "=", "=", "<", "IS NOT DISTINCT FROM"}))
	case 8:
		return fmt.Sprintf("SELECT * FROM %s %s SELECT * FROM %s", x, pick(g, []string{"UNION", "UNION ALL", "INTERSECT", "EXCEPT"}), y)
	case 9:
		return fmt.Sprintf("SELECT %s FROM %s", g.aggregateOf(t), x)
	case 10:
		return fmt.Sprintf("SELECT %s, count(*) FROM %s GROUP BY 1", pick(g, []string{"x", fmt.Sprintf("TRY_CAST(x AS %s)", g.target()), "ARRAY[x]", "ROW(x, 1)", "MAP(ARRAY[1], ARRAY[x])"}), x)
	}
	form := pick(g, []string{"array_agg(x ORDER BY x)", "array_agg(x ORDER BY x DESC NULLS FIRST)", "array_sort(array_agg(x))", "array_agg(ROW(x, 1) ORDER BY x)"})
	return fmt.Sprintf("SELECT %s FROM %s", form, x)
}

func (g *Generator) aggregateOf(t string) string {
	form := pick(g, []string{"min(x)", "max(x)", "count(DISTINCT x)", "sum(x)", "avg(x)", "approx_distinct(x)", "checksum(x)", "arbitrary(x)", "typeof(max(x))", "max_by(x, x)", "min(x, 2)", "set_agg(x)",
		"map_agg(x, 1)", "histogram(x)", "json_format(CAST(max(x) AS json))", "count(x)", "geometric_mean(x)", "stddev(x)", "TRY_CAST(max(x) AS " + g.target() + ")"})
	if strings.HasPrefix(form, "arbitrary") || strings.HasPrefix(form, "set_agg") { // of one value
		return form + " FILTER (WHERE x = " + g.literal(t) + ")"
	}
	return form
}

// column gives a relation s with one column of a type, of one to four rows.
func (g *Generator) column(name, t string) string {
	rows := []string{fmt.Sprintf("ROW(CAST(%s AS %s))", g.literal(t), t)}
	if g.chance(30) {
		rows[0] = "ROW(" + g.literal(t) + ")"
	}
	for range g.Random(4) {
		rows = append(rows, "ROW("+g.literal(t)+")")
	}
	return fmt.Sprintf("(VALUES %s) AS %ss (%s)", strings.Join(rows, ", "), name, name)
}

func (g *Generator) literal(t string) string {
	if g.chance(10) {
		return "NULL"
	}
	return pick(g, typed[t])
}

// target gives a type to cast to.
func (g *Generator) target() string {
	t := pick(g, allTypes)
	switch g.Random(10) {
	case 0:
		return "array(" + t + ")"
	case 1:
		return "row(a " + t + ", b " + pick(g, allTypes) + ")"
	case 2:
		return "map(varchar, " + t + ")"
	case 3, 4, 5:
		return pick(g, []string{"varchar", "varchar(2)", "json", "char(4)"})
	}
	return t
}

// families are types of which values are often compared with one another.
var families = [][]string{
	{"tinyint", "smallint", "integer", "bigint", "real", "double", "decimal(1,0)", "decimal(5,2)", "decimal(19,5)", "decimal(38,0)", "decimal(38,10)", "decimal(38,38)", "decimal(3,3)"},
	{"decimal(5,2)", "decimal(19,5)", "decimal(38,0)", "decimal(38,10)", "decimal(38,38)", "decimal(3,3)", "bigint"},
	{"varchar", "varchar(3)", "char(1)", "char(5)"},
	{"boolean"}, {"varbinary"}, {"uuid"}, {"ipaddress"}, {"json"},
	{"date", "timestamp(0)", "timestamp(3)", "timestamp(6)", "timestamp(0) with time zone", "timestamp(3) with time zone", "timestamp(6) with time zone"},
	{"time(0)", "time(3)", "time(6)", "time(0) with time zone", "time(3) with time zone", "time(6) with time zone"},
	{"interval day to second", "interval year to month"},
	{"array(integer)", "array(double)", "array(varchar)", "array(decimal(5,2))", "array(timestamp(3))", "array(array(integer))", "array(row(a integer, b varchar))", "array(json)"},
	{"row(a integer, b varchar)", "row(x double, y varchar(3))", "row(a bigint, b array(integer))", "row(integer, varchar)"},
	{"map(varchar, integer)", "map(integer, double)", "map(varchar, array(integer))", "map(date, varchar)"},
}

var allTypes = slices.Concat(families...)

// typed are literals of the types of families.
var typed = map[string][]string{
	"boolean": {"true", "false"}, "varbinary": {"X''", "X'00ff'", "X'c0a80001'", "X'12151fd2758611e98f9e2a86e4085a59'"},
	"tinyint": {"TINYINT '0'", "TINYINT '127'", "TINYINT '-128'"}, "smallint": {"SMALLINT '1'", "SMALLINT '-32768'", "SMALLINT '32767'"}, "integer": {"0", "1", "-1", "7", "100000", "2147483647", "-2147483648"},
	"bigint": {"BIGINT '0'", "BIGINT '1'", "9007199254740993", "9223372036854775807", "BIGINT '-9223372036854775808'"},
	"real":   {"REAL '0'", "REAL '-0.0'", "REAL '0.1'", "REAL '16777216'", "REAL '1e38'", "CAST(nan() AS real)", "REAL '-1.5'", "REAL '1e-40'"},
	"double": {"0e0", "-0e0", "1e0", "0.1e0", "1.5e0", "-2.5e0", "1e19", "9007199254740992e0", "nan()", "infinity()", "-infinity()", "1e-310", "123456789012e0", "12345678e0", "0.001e0", "0.0001e0"},

	"decimal(1,0)": {"DECIMAL '0'", "DECIMAL '9'", "DECIMAL '-9'"}, "decimal(5,2)": {"DECIMAL '0.00'", "DECIMAL '999.99'", "DECIMAL '-0.05'", "DECIMAL '12.50'"},
	"decimal(19,5)": {"DECIMAL '12345678901234.56789'", "DECIMAL '-0.00001'", "DECIMAL '1.00000'"}, "decimal(38,0)": {"DECIMAL '99999999999999999999999999999999999999'", "DECIMAL '-1'", "DECIMAL '12345678901234567890'"},
	"decimal(38,10)": {"DECIMAL '1234567890123456789012345678.0123456789'", "DECIMAL '0.0000000001'", "DECIMAL '-5.5'"},
	"decimal(38,38)": {"DECIMAL '0.99999999999999999999999999999999999999'", "DECIMAL '.00000000000000000000000000000000000001'"}, "decimal(3,3)": {"DECIMAL '0.125'", "DECIMAL '-.999'"},

	"varchar":    {"''", "'a'", "'abc '", "'12'", "' -7 '", "'1.5'", "'1e3'", "'true'", "'T'", "'2020-02-29'", "'2020-02-29 23:59:59.1234567'", "'10:15:30.5'", "'10:15+01:00'", "'2020-02-29 01:02 Europe/Rome'", "'NaN'", "'1 02:03:04.005'", "'1-2'", "'::1'", "'日本語'", "'[1, 2]'", "'{\"a\": 1}'", "'12151fd2-7586-11e9-8f9e-2a86e4085a59'"},
	"varchar(3)": {"''", "'abc'", "'a  '", "'1'"}, "char(1)": {"CAST('a' AS char(1))", "CAST('' AS char(1))"}, "char(5)": {"CAST('abc' AS char(5))", "CAST('a b' AS char(5))", "CAST('' AS char(5))", "CAST('12' AS char(5))"},
	"uuid": {"UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59'", "UUID '00000000-0000-0000-0000-000000000000'", "UUID 'ffffffff-ffff-ffff-ffff-ffffffffffff'"}, "ipaddress": {"IPADDRESS '1.2.3.4'", "IPADDRESS '::1'", "IPADDRESS '2001:db8::ff00:42:8329'"},
	"json": {"JSON 'null'", "JSON '1'", "JSON '1.50'", "JSON '\"a\"'", "JSON '[1, \"x\", null]'", "JSON '{\"b\": 1, \"a\": [true]}'", "JSON 'true'", "JSON '1e400'", "JSON '12345678901234567890'", "JSON '\"2020-02-29\"'"},

	"date":         {"DATE '1970-01-01'", "DATE '2020-02-29'", "DATE '0001-01-01'", "DATE '9999-12-31'", "DATE '1969-12-31'"},
	"timestamp(0)": {"TIMESTAMP '2020-02-29 23:59:59'", "TIMESTAMP '1970-01-01 00:00:00'", "TIMESTAMP '1969-12-31 23:59:59'"}, "timestamp(3)": {"TIMESTAMP '2020-02-29 23:59:59.999'", "TIMESTAMP '1969-12-31 23:59:59.500'", "TIMESTAMP '2021-03-28 02:30:00.000'"},
	"timestamp(6)": {"TIMESTAMP '2020-02-29 23:59:59.999999'", "TIMESTAMP '1969-12-31 23:59:59.999500'", "TIMESTAMP '2020-02-29 00:00:00.000001'"}, "timestamp(0) with time zone": {"TIMESTAMP '2020-02-29 23:59:59 UTC'", "TIMESTAMP '2020-02-29 01:00:00 +05:30'"},
	"timestamp(3) with time zone": {"TIMESTAMP '2020-02-29 23:59:59.999 UTC'", "TIMESTAMP '2020-07-01 12:00:00.000 Europe/Rome'", "TIMESTAMP '1969-12-31 23:59:59.999 -08:00'"}, "timestamp(6) with time zone": {"TIMESTAMP '2020-02-29 23:59:59.999999 UTC'", "TIMESTAMP '2020-07-01 12:00:00.000001 America/New_York'"},

	"time(0)": {"TIME '00:00:00'", "TIME '23:59:59'"}, "time(3)": {"TIME '23:59:59.999'", "TIME '10:15:30.500'"}, "time(6)": {"TIME '23:59:59.999999'", "TIME '00:00:00.000001'"},
	"time(0) with time zone": {"TIME '00:00:00+00:00'", "TIME '23:59:59-08:00'"}, "time(3) with time zone": {"TIME '23:59:59.999+05:30'", "TIME '00:00:00.000+01:00'"}, "time(6) with time zone": {"TIME '23:59:59.999999+14:00'", "TIME '12:00:00.000001-11:59'"},
	"interval day to second": {"INTERVAL '1' DAY", "INTERVAL '-90' MINUTE", "INTERVAL '0' SECOND", "INTERVAL '1 02:03:04.005' DAY TO SECOND"}, "interval year to month": {"INTERVAL '1' MONTH", "INTERVAL '-1' YEAR", "INTERVAL '25' MONTH"},

	"array(integer)": {"ARRAY[]", "ARRAY[1, 2]", "ARRAY[NULL]", "ARRAY[1, NULL, 3]"}, "array(double)": {"ARRAY[1e0, nan()]", "ARRAY[0.1e0]", "ARRAY[NULL, 2e0]"}, "array(varchar)": {"ARRAY['a', 'b']", "ARRAY['1', NULL]", "ARRAY['']"},
	"array(decimal(5,2))": {"ARRAY[DECIMAL '1.50', DECIMAL '2']", "ARRAY[DECIMAL '999.99']"}, "array(timestamp(3))": {"ARRAY[TIMESTAMP '2020-02-29 23:59:59.999', NULL]"}, "array(array(integer))": {"ARRAY[ARRAY[1], ARRAY[]]", "ARRAY[NULL, ARRAY[NULL, 2]]"},
	"array(row(a integer, b varchar))": {"ARRAY[ROW(1, 'x'), NULL]", "ARRAY[CAST(ROW(NULL, 'y') AS row(a integer, b varchar))]"}, "array(json)": {"ARRAY[JSON '1', JSON 'null', NULL]"},
	"row(a integer, b varchar)": {"ROW(1, 'x')", "ROW(NULL, 'y')", "CAST(ROW(2, NULL) AS row(a integer, b varchar))"}, "row(x double, y varchar(3))": {"ROW(1e0, 'x')", "ROW(nan(), 'abc')"}, "row(a bigint, b array(integer))": {"ROW(1, ARRAY[1, NULL])", "ROW(NULL, NULL)"},
	"row(integer, varchar)": {"ROW(1, 'x')", "ROW(2, '')"}, "map(varchar, integer)": {"MAP(ARRAY['a', 'b'], ARRAY[1, NULL])", "MAP()", "MAP(ARRAY['1'], ARRAY[2])"}, "map(integer, double)": {"MAP(ARRAY[1, 2], ARRAY[nan(), 2e0])", "MAP(ARRAY[-1], ARRAY[1e-7])"},
	"map(varchar, array(integer))": {"MAP(ARRAY['k'], ARRAY[ARRAY[1, NULL]])", "MAP(ARRAY['k'], ARRAY[NULL])"}, "map(date, varchar)": {"MAP(ARRAY[DATE '2020-02-29'], ARRAY['x'])"},
}
