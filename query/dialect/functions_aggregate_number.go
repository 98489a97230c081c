package dialect

import (
	"fmt"
	"strings"
)

func sumFunctions() []Function {
	const day, year = "interval day to second", "interval year to month"
	return []Function{
		{Name: "sum", Overloads: []Overload{
			{Signature: "double -> double", SQL: "sum($D$1)$F"},
			{Signature: "real -> real", SQL: "CAST(sum($D$1)$F AS FLOAT)"},
			{Signature: "bigint -> bigint", SQL: "CAST(sum($D$1)$F AS BIGINT)"},
			{Signature: day + " -> " + day, SQL: "to_microseconds(1000 * CAST(sum($Depoch_ms($1))$F AS BIGINT))"},
			{Signature: year + " -> " + year, SQL: "to_months(CAST(sum($D" + monthsOf + ")$F AS INTEGER))"},
			{Signature: "decimal(p,s) -> decimal(38,s)", SQL: "CAST(sum($D$1)$F AS $T)", rewrite: boundedSum},
		}, Differs: "a sum beyond bigint or 38 digits fails with the sum in the message, and not where later values would bring it back",
			Examples: []Example{over("sum(x)", "1, 2, NULL", "3", "bigint"), overNone("sum(x)", "1", "NULL", "bigint"), over("sum(x)", "CAST(NULL AS bigint)", "NULL", "bigint"),
				over("sum(x)", "1.5, 2", "3.5", "double"), over("sum(x)", "decimal '1.50', decimal '2.25'", "3.75", "decimal(38,2)"), over("sum(DISTINCT x)", "NULL, 1, 1, 4", "5", "bigint"),
				over("sum(x)", "real '16777216', real '1', real '1'", "1.6777218E7", "real"), over("sum(x)", "nan(), 1e0", "NaN", "double"), over("sum(x)", "infinity(), -infinity()", "NaN", "double"),
				over("sum(x)", "1e308, 1e308", "Infinity", "double"), over("sum(x)", "interval '1' day, interval '25' hour", "2 01:00:00.000", day), over("sum(x)", "interval '1' month, interval '2' year", "2-1", year),
				over("sum(DISTINCT x) FILTER (WHERE x > 1)", "1, 2, 2, 5", "7", "bigint"), over("sum(x ORDER BY x)", "2, 1", "3", "bigint"),
				failingOver("sum(x)", "9223372036854775807, 1", CodeOutOfRange+": bigint addition overflow"), failingOver("sum(x)", "'a'", CodeFunctionNotFound), failingOver("sum(x)", "NULL", CodeAmbiguousCall),
				failingOver("sum(x)", "decimal '99999999999999999999999999999999999999', decimal '1'", CodeOutOfRange+": Decimal overflow"),
				failingOver("sum(x)", "decimal '99999999999999999999999999999999999999', decimal '99999999999999999999999999999999999999'", CodeOutOfRange+": Decimal overflow"),
			}},
		{Name: "avg", Overloads: []Overload{
			{Signature: "bigint -> double", SQL: "avg($DCAST($1 AS DOUBLE))$F"},
			{Signature: "double -> double", SQL: "avg($D$1)$F"},
			{Signature: "real -> real", SQL: "CAST(avg($D$1)$F AS FLOAT)"},
			{Signature: day + " -> " + day, SQL: "to_microseconds(1000 * CAST(floor(avg($DCAST(epoch_ms($1) AS DOUBLE))$F + 0.5) AS BIGINT))"},
			{Signature: year + " -> " + year, SQL: "to_months(CAST(floor(avg($DCAST(" + monthsOf + " AS DOUBLE))$F + 0.5) AS INTEGER))"},
			{Signature: "decimal(p,s) -> decimal(p,s)", SQL: "avg($1)$F", rewrite: averageOfDecimals},
		}, Limit: "fails where the sum of decimals has more than 38 digits",
			Examples: []Example{over("avg(x)", "1, 2", "1.5", "double"), over("avg(x)", "1, NULL", "1.0", "double"), overNone("avg(x)", "1", "NULL", "double"), over("avg(DISTINCT x)", "1, 1, 4", "2.5", "double"),
				over("avg(x)", "real '1.1', real '2.2'", "1.6500001", "real"), over("avg(x)", "decimal '1.5', decimal '1.6'", "1.6", "decimal(2,1)"), over("avg(x)", "decimal '-1.5', decimal '-1.6'", "-1.6", "decimal(2,1)"),
				over("avg(x)", "decimal '1.50', decimal '1.65', decimal '2'", "1.72", "decimal(3,2)"), over("avg(x)", "decimal '0.05', decimal '-0.10'", "-0.03", "decimal(2,2)"),
				over("avg(x)", "decimal '0.05', decimal '-0.06'", "-0.01", "decimal(2,2)"), over("avg(x)", "decimal '7', decimal '8'", "8", "decimal(1,0)"), overNone("avg(x)", "decimal '1.5'", "NULL", "decimal(2,1)"),
				over("avg(DISTINCT x)", "decimal '0.05', decimal '0.05', decimal '0.07'", "0.06", "decimal(2,2)"),
				over("avg(x)", "interval '0.001' second, interval '0.002' second", "0 00:00:00.002", day), over("avg(x)", "interval '-1' month, interval '-2' month", "-0-1", year),
				over("avg(x)", "interval '1' month, interval '2' month, interval '1' month", "0-1", year), failingOver("avg(x)", "NULL", CodeAmbiguousCall)}},
	}
}

// monthsOf is the number of months of an interval year to month.
const monthsOf = "(12 * date_part('year', $1) + date_part('month', $1))"

// boundedSum fails where a sum of decimals has more than 38 digits, which DuckDB's type holds for a while.
func boundedSum(c *rewriting) error {
	if c.args[0].typ().Precision < 20 {
		return nil // it would take more rows than there can be
	}
	most := strings.Repeat("9", 38-c.result.Scale) + "." + strings.Repeat("9", c.result.Scale)
	c.over = &Overload{SQL: "list_transform([sum($D$1)$F], lambda $s: CASE WHEN abs($s) > CAST('" + most + "' AS $T) THEN ${" + CodeOutOfRange + ": Decimal overflow} ELSE CAST($s AS $T) END)[1]"}
	return nil
}

// averageOfDecimals divides the digits of the sum, as a whole number, by the count, and rounds half away from zero.
func averageOfDecimals(c *rewriting) error {
	scale := c.result.Scale
	digits := "CAST($q AS VARCHAR)"
	if scale > 0 {
		padded := fmt.Sprintf("lpad(CAST($q AS VARCHAR), CAST(greatest(len(CAST($q AS VARCHAR)), %d) AS INTEGER), '0')", scale+1)
		digits = fmt.Sprintf("(%s)[:-%d] || '.' || right(%s, %d)", padded, scale+1, padded, scale)
	}
	c.over = &Overload{SQL: "list_transform([{'s': CAST(replace(CAST(sum($D$1)$F AS VARCHAR), '.', '') AS HUGEINT), 'n': CAST(count($D$1)$F AS HUGEINT)}], lambda $v: " +
		"list_transform([abs($v.s) // $v.n + CASE WHEN 2 * (abs($v.s) % $v.n) >= $v.n THEN 1 ELSE 0 END], lambda $q: " +
		"CAST(CASE WHEN $v.s < 0 THEN '-' ELSE '' END || " + digits + " AS $T))[1])[1]"}
	return nil
}

// extremeFunctions are min and max, and what is found where they are. NaN comes after all others in both of them, so for max a
// key that is a floating-point number is a struct which has NaN first.
func extremeFunctions() []Function {
	var list []Function
	for _, name := range [...]string{"max", "min"} {
		order := map[string]string{"max": "DESC", "min": "ASC"}[name]
		list = append(list, Function{Name: name, Overloads: []Overload{
			idempotent(Overload{Signature: "t:orderable -> t", SQL: name + "($1)$F", rewrite: func(c *rewriting) error {
				switch t := c.args[0].typ(); {
				case name == "max" && floating(t):
					c.over = &Overload{SQL: "max(" + nanFirst("$1") + ")$F.k", idempotent: true}
				case name == "max" && t.has(floating):
					c.over = &Overload{SQL: "max(" + withoutNaN(t, "$1") + ")$F", idempotent: true}
				}
				return nil
			}}),
			{Signature: "e:orderable, bigint -> array(e)", SQL: extremes(name, "$1", name), rewrite: func(c *rewriting) error {
				if err := wantedCount(c, 1, "second argument of "+name+"_n must be positive", "second argument of "+name+"_n must be less than or equal to 10000; found %d"); err != nil {
					return err
				}
				switch t := c.args[0].typ(); {
				case name == "max" && floating(t):
					c.over = &Overload{SQL: "list_transform(" + extremes(name, nanFirst("$1"), name) + ", lambda $e: $e.k)"}
				case name == "max" && t.has(floating):
					c.over = &Overload{SQL: extremes(name, withoutNaN(t, "$1"), name)}
				}
				return nil
			}},
		}, Differs: "arrays and rows with NULL inside are compared, where Trino refuses them, and max refuses those with NaN inside", Examples: extremeExamples(name)})
		list = append(list, Function{Name: name + "_by", Overloads: []Overload{
			idempotent(Overload{Signature: "v, k:orderable -> v; k, v", SQL: "arg_" + name + "_null($1, $2)$F", rewrite: func(c *rewriting) error {
				switch t := c.args[1].typ(); {
				case name == "max" && floating(t):
					c.over = &Overload{SQL: "arg_max_null($1, " + nanFirst("$2") + ")$F", idempotent: true}
				case name == "max" && t.has(floating):
					c.over = &Overload{SQL: "arg_max_null($1, " + withoutNaN(t, "$2") + ")$F", idempotent: true}
				}
				return nil
			}}),
			{Signature: "v, k:orderable, bigint -> array(v); k, v", SQL: topValues("$2", order), rewrite: func(c *rewriting) error {
				if err := wantedCount(c, 2, "third argument of "+name+"_by must be a positive integer", "third argument of "+name+"_by must be less than or equal to 10000; found %d"); err != nil {
					return err
				}
				switch t := c.args[1].typ(); {
				case name == "max" && floating(t):
					c.over = &Overload{SQL: topValues(nanFirst("$2"), order)}
				case name == "max" && t.has(floating):
					c.over = &Overload{SQL: topValues(withoutNaN(t, "$2"), order)}
				}
				return nil
			}},
		}, Differs: "of several equal keys any may win, and not always the one that wins in Trino; keys that are arrays and rows with NULL inside are compared, where Trino refuses them, and " +
			"max_by refuses those with NaN inside", Examples: extremeByExamples(name)})
	}
	return list
}

func floating(t Type) bool { return t.Kind == KindReal || t.Kind == KindDouble }

// nanFirst makes a key of a number in whose order NaN comes first.
func nanFirst(number string) string {
	return "CASE WHEN " + number + " IS NOT NULL THEN {'o': NOT isnan(" + number + "), 'k': " + number + "} END"
}

// withoutNaN fails where there is a NaN in an array or a row: it would be the smallest.
func withoutNaN(t Type, value string) string {
	return "CASE WHEN " + hasNaN(t, value, 0) + " THEN ${NOT_SUPPORTED: the largest of arrays and rows with NaN in them is not supported} ELSE " + value + " END"
}

// extremes gives the first values by a function of DuckDB that takes how many; it wants a number where the wanted is NULL.
func extremes(name, key, function string) string {
	if name == "min" {
		function = "min"
	}
	return "CASE WHEN $2 IS NOT NULL THEN " + function + "($D" + key + ", coalesce($2, 1))$F END"
}

func topValues(key, order string) string {
	return "list_transform([list_filter(list($D{'k': " + key + ", 'v': $1})$F, lambda $e: $e.k IS NOT NULL)], lambda $l: CASE WHEN len($l) > 0 AND $3 IS NOT NULL " +
		"THEN list_transform(list_sort($l, '" + order + "')[1:$3], lambda $e: $e.v) END)[1]"
}

// wantedCount checks how many values are wanted, which must be known.
func wantedCount(c *rewriting, i int, notPositive, tooMany string) error {
	if !constant(c.args[i]) {
		return c.a.unsupported(c.node.args[i], "counts that differ from row to row")
	}
	n, known := integerOf(c.args[i])
	switch {
	case !known:
		return nil
	case n <= 0:
		return &Error{Code: CodeFunctionArgument, Message: notPositive}
	case n > 10000:
		return &Error{Code: CodeFunctionArgument, Message: fmt.Sprintf(tooMany, n)}
	}
	return nil
}

func extremeExamples(name string) []Example {
	one, two, floats, texts := "3", "[3, 2]", "[Infinity, 1.0, NaN]", "b"
	if name == "min" {
		one, two, floats, texts = "1", "[1, 2]", "[1.0, Infinity, NaN]", "a"
	}
	return []Example{over(name+"(x)", "3, NULL, 1", one, "integer"), over(name+"(x)", "nan(), 1e0, NULL", "1.0", "double"), over(name+"(x)", "nan()", "NaN", "double"), overNone(name+"(x)", "1", "NULL", "integer"),
		over(name+"(x)", "CAST(NULL AS varchar)", "NULL", "varchar"), over(name+"(x)", "'a', 'b'", texts, "varchar(1)"), over(name+"(x)", "NULL", "NULL", "unknown"), over(name+"(DISTINCT x)", "3, 1", one, "integer"),
		over(name+"(x, 2)", "3, 1, 2, NULL", two, "array(integer)"), over(name+"(x, 3)", "nan(), 1e0, NULL, infinity()", floats, "array(double)"), overNone(name+"(x, 2)", "1", "NULL", "array(integer)"),
		over(name+"(x, 2)", "CAST(NULL AS integer)", "NULL", "array(integer)"), over(name+"(x, NULL)", "3, 1", "NULL", "array(integer)"), over("cardinality("+name+"(x, 5))", "3, 1", "2", "bigint"),
		failingOver(name+"(x, 0)", "3", CodeFunctionArgument+": second argument of "+name+"_n must be positive"), failingOver(name+"(x, 10001)", "3", CodeFunctionArgument+": second argument of "+name+"_n must be less"),
		failingOver(name+"(json_parse(x))", "'3'", CodeFunctionNotFound)}
}

func extremeByExamples(name string) []Example {
	first, two, floats, nulls := "a", "[null, a]", "[c, b, a]", "[3, 2]"
	if name == "min" {
		first, two, floats, nulls = "b", "[b, a]", "[b, c, a]", "[1, 2]"
	}
	name += "_by"
	return []Example{over(name+"(x, y)", "('a', 2), ('b', 1)", first, "varchar(1)"), over(name+"(x, y)", "('a', 2), ('b', 1), ('c', NULL)", first, "varchar(1)"), over(name+"(x, y)", "('a', CAST(NULL AS integer))", "NULL", "varchar(1)"),
		over(name+"(x, y)", "(CAST(NULL AS varchar), 2)", "NULL", "varchar"), overNone(name+"(x, y)", "('a', 2)", "NULL", "varchar(1)"), over(name+"(x, y)", "('a', nan()), ('b', 1e0)", "b", "varchar(1)"),
		over(name+"(x, y, 2)", "('a', 2), ('b', 1), ('c', NULL), (NULL, 3)", two, "array(varchar(1))"), over(name+"(x, y, 2)", "('a', CAST(NULL AS integer))", "NULL", "array(varchar(1))"),
		over(name+"(x, y, 3)", "('a', nan()), ('b', 1e0), ('c', 2e0)", floats, "array(varchar(1))"), over(name+"(x, x, 2)", "1, 2, 3", nulls, "array(integer)"), over(name+"(x, y, NULL)", "('a', 1)", "NULL", "array(varchar(1))"),
		overNone(name+"(x, y, 2)", "('a', 2)", "NULL", "array(varchar(1))"), failingOver(name+"(x, y, 0)", "('a', 1)", CodeFunctionArgument+": third argument of "+name+" must be a positive integer")}
}
