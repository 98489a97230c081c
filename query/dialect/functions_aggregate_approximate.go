package dialect

import (
	"fmt"
	"strings"
)

// Aggregates whose results Trino estimates from a sketch. Those here are exact instead, and never further from the truth.
func approximateFunctions() []Function {
	return []Function{distinctFunction(), percentileFunction(), frequentFunction(), histogramFunction()}
}

func distinctFunction() Function {
	return Function{Name: "approx_distinct", Overloads: []Overload{
		idempotent(Overload{Signature: "t -> bigint", SQL: "count(DISTINCT $1)$F"}),
		idempotent(Overload{Signature: "t, double -> bigint", SQL: "count(DISTINCT CASE WHEN $2 IS NOT NULL THEN $1 END)$F", rewrite: standardError}),
	}, Differs: "exact, where Trino estimates; the wanted error must be a constant",
		Examples: []Example{over("approx_distinct(x)", "1, 2, 2, NULL", "2", "bigint"), over("approx_distinct(x)", "CAST(NULL AS varchar)", "0", "bigint"), overNone("approx_distinct(x)", "1", "0", "bigint"),
			over("approx_distinct(x, 0.1)", "'a', 'b', NULL", "2", "bigint"), over("approx_distinct(x, NULL)", "1", "0", "bigint"), over("approx_distinct(x)", "ARRAY[1], ARRAY[2]", "2", "bigint"),
			failingOver("approx_distinct(x, 0.5)", "1", CodeFunctionArgument+": Max standard error must be in [0.0040625, 0.26]: 0.5")}}
}

// standardError checks the wanted error of approx_distinct.
func standardError(c *rewriting) error {
	if !constant(c.args[1]) {
		return c.a.unsupported(c.node.args[1], "standard errors that differ from row to row")
	}
	if e, ok := number(c.args[1]); ok && !(e >= 0.0040625 && e <= 0.26) {
		return &Error{Code: CodeFunctionArgument, Message: fmt.Sprintf("Max standard error must be in [0.0040625, 0.26]: %v", e)}
	}
	return nil
}

// number gives the value of a literal number.
func number(e expr) (float64, bool) {
	switch e := e.(type) {
	case *constExpr:
		switch v := e.value.(type) {
		case float64:
			return v, true
		case int64:
			return float64(v), true
		}
	case *castExpr:
		return number(e.operand)
	}
	return 0, false
}

// The value at a fraction of a sorted list $s is the one with that fraction of the values before it, as in Trino's digest
// while that holds each value by itself.
const (
	sortedValues = "list_sort(list($D$1)$F, 'ASC', 'NULLS LAST')"
	badFraction  = "${INVALID_FUNCTION_ARGUMENT: Percentile must be between 0 and 1}"
	notFinite    = "WHEN NOT isfinite($s[1]) OR NOT isfinite($s[list_count($s)]) THEN error('INVALID_FUNCTION_ARGUMENT: value must be finite; was ' || " +
		"CASE WHEN isnan($s[list_count($s)]) THEN 'NaN' WHEN NOT isfinite($s[1]) AND $s[1] < 0 THEN '-Infinity' ELSE 'Infinity' END) "
)

func valueAt(fraction string) string {
	return "$s[least(CAST(floor(" + fraction + " * list_count($s)) AS BIGINT) + 1, list_count($s))]"
}

func percentileFunction() Function {
	f := Function{Name: "approx_percentile", Differs: "exact, where Trino's digest is approximate; the fraction must be a constant, and the accuracy is not used", Examples: percentileExamples}
	for _, kind := range [...]string{"bigint", "double", "real"} {
		check := notFinite
		if kind == "bigint" {
			check = ""
		}
		one := "list_transform([" + sortedValues + "], lambda $s: CASE WHEN coalesce(list_count($s), 0) = 0 OR $2 IS NULL THEN NULL WHEN NOT $2 BETWEEN 0 AND 1 THEN " + badFraction + " " + check + "ELSE " + valueAt("$2") + " END)[1]"
		several := "list_transform([" + sortedValues + "], lambda $s: CASE WHEN coalesce(list_count($s), 0) = 0 THEN NULL " + check + "ELSE list_transform($2, lambda $p: CASE WHEN $p IS NULL THEN error('INVALID_FUNCTION_ARGUMENT: Percentile cannot be null') " +
			"WHEN NOT $p BETWEEN 0 AND 1 THEN error('INVALID_FUNCTION_ARGUMENT: Percentile must be between 0 and 1') ELSE " + valueAt("$p") + " END) END)[1]"
		weighted := "list_transform([list($D{'x': CAST($1 AS DOUBLE), 'w': $2})$F], lambda $l: CAST(loglake_weighted_percentiles(list_transform($l, lambda $e: $e.x), list_transform($l, lambda $e: $e.w), %s) AS %s))[1]%s"
		f.Overloads = append(f.Overloads,
			Overload{Signature: kind + ", double -> " + kind, SQL: one, rewrite: constantsFrom(1)},
			Overload{Signature: kind + ", array(double) -> array(" + kind + ")", SQL: several, rewrite: constantsFrom(1)},
			Overload{Signature: kind + ", double, double -> " + kind, SQL: "CASE WHEN $3 IS NOT NULL THEN " + fmt.Sprintf(weighted, "[$3]", "$T[]", "[1]") + " END", rewrite: constantsFrom(2)},
			Overload{Signature: kind + ", double, array(double) -> array(" + kind + ")", SQL: fmt.Sprintf(weighted, "$3", "$T", ""), rewrite: constantsFrom(2)},
			Overload{Signature: kind + ", double, double, double -> " + kind, SQL: "CASE WHEN $3 IS NOT NULL AND $4 IS NOT NULL THEN " + fmt.Sprintf(weighted, "[$3]", "$T[]", "[1]") + " END", rewrite: accuracy})
	}
	return f
}

// constantsFrom wants the arguments from the i-th on to be constants.
func constantsFrom(i int) func(*rewriting) error {
	return func(c *rewriting) error {
		for ; i < len(c.args); i++ {
			if !constant(c.args[i]) {
				return c.a.unsupported(c.node.args[i], "arguments of "+c.node.name+" that differ from row to row, but for values and weights: such arguments")
			}
		}
		return nil
	}
}

func accuracy(c *rewriting) error {
	if v, ok := number(c.args[3]); ok && !(v > 0 && v < 1) {
		return &Error{Code: CodeFunctionArgument, Message: "Percentile accuracy must be strictly between 0 and 1"}
	}
	return constantsFrom(2)(c)
}

var percentileExamples = []Example{
	over("approx_percentile(x, 0.5)", "1, 2, 3, 4, 5", "3", "bigint"), over("approx_percentile(x, 0.5)", "1, 2, 3, 4", "3", "bigint"), over("approx_percentile(x, 0.25)", "1, 2, 3, 4", "2", "bigint"), over("approx_percentile(x, 0.9)", "1e0, 2e0, 10e0", "10.0", "double"),
	over("approx_percentile(x, 0.5)", "1e0, NULL", "1.0", "double"), over("approx_percentile(x, 0.5)", "CAST(NULL AS double)", "NULL", "double"), overNone("approx_percentile(x, 0.5)", "1", "NULL", "bigint"), overNone("approx_percentile(x, 5e0)", "1", "NULL", "bigint"),
	over("approx_percentile(x, 0.5)", "real '1', real '5'", "5.0", "real"), over("approx_percentile(DISTINCT x, 0.5)", "1, 1, 1, 5, 9", "5", "bigint"), over("approx_percentile(x, CAST(NULL AS double))", "1", "NULL", "bigint"),
	over("approx_percentile(x, ARRAY[0.0, 0.1, 0.24, 0.25, 0.26, 0.49, 0.5, 0.74, 0.75, 1.0])", "1, 2, 3, 4", "[1, 1, 1, 2, 2, 2, 3, 3, 4, 4]", "array(bigint)"), over("approx_percentile(x, ARRAY[])", "1, 2", "[]", "array(bigint)"),
	over("approx_percentile(x, ARRAY[0.5])", "CAST(NULL AS bigint)", "NULL", "array(bigint)"), overNone("approx_percentile(x, ARRAY[0.5])", "1", "NULL", "array(bigint)"),
	over("approx_percentile(x, y, 0.5)", "(1, 1), (2, 1), (3, 10)", "3", "bigint"), over("approx_percentile(x, y, ARRAY[0.1, 0.5])", "(1, 1), (2, 1), (3, 10)", "[2, 3]", "array(bigint)"), over("approx_percentile(x, y, 0.5)", "(1, NULL), (2, 1)", "2", "bigint"),
	overNone("approx_percentile(x, y, 0.5)", "(1, 1)", "NULL", "bigint"), over("approx_percentile(x, y, 0.5, 0.01)", "(1, 1), (2, 1)", "2", "bigint"), over("approx_percentile(x, y, 0.5)", "(1, 2), (2, 3), (3, 1)", "2", "bigint"),
	failingOver("approx_percentile(x, 1.5)", "1", CodeFunctionArgument+": Percentile must be between 0 and 1"), failingOver("approx_percentile(x, nan())", "1", CodeFunctionArgument+": Percentile must be between 0 and 1"),
	failingOver("approx_percentile(x, ARRAY[NULL])", "1", CodeFunctionArgument+": Percentile cannot be null"), failingOver("approx_percentile(x, ARRAY[2e0])", "1", CodeFunctionArgument+": Percentile must be between 0 and 1"),
	failingOver("approx_percentile(x, 0.5)", "nan(), 1e0", CodeFunctionArgument+": value must be finite; was NaN"), failingOver("approx_percentile(x, y, 0.5)", "(1, 0), (2, 1)", CodeFunctionArgument+": weight must be >= 1, was 0.0"),
	failingOver("approx_percentile(x, y, 0.5, 2e0)", "(1, 1)", CodeFunctionArgument+": Percentile accuracy must be strictly between 0 and 1"), failingOver("approx_percentile(x, NULL)", "1", CodeAmbiguousCall),
}

// frequentFunction is approx_most_frequent: the buckets, the value, the capacity of the sketch.
func frequentFunction() Function {
	frequent := func(value string) Overload {
		return Overload{Signature: "bigint, " + value + ", bigint -> map(" + value + ",bigint)", rewrite: constantsAround,
			SQL: "CASE WHEN $3 IS NOT NULL THEN list_transform([histogram($D$2)$F], lambda $m: CASE WHEN $m IS NOT NULL AND $1 < 2 THEN ${INVALID_FUNCTION_ARGUMENT: approx_most_frequent bucket count must be greater than one} " +
				"WHEN $1 IS NOT NULL AND $m IS NOT NULL THEN CAST(map_from_entries(list_transform(list_sort(list_transform(map_entries($m), lambda $e: {'n': - CAST($e.value AS BIGINT), 'k': $e.key}))[1:$1], " +
				"lambda $e: {'k': $e.k, 'v': - $e.n})) AS $T) END)[1] END"}
	}
	return Function{Name: "approx_most_frequent", Overloads: []Overload{frequent("bigint"), frequent("varchar")}, Differs: "exact, where Trino estimates within the capacity; of values that are there equally often, the smaller stay",
		Examples: []Example{over("approx_most_frequent(2, x, 10)[3]", "1, 1, 2, 3, 3, 3, NULL", "3", "bigint"), over("cardinality(approx_most_frequent(2, x, 10))", "1, 1, 2, 3, 3, 3, NULL", "2", "bigint"),
			over("approx_most_frequent(2, x, 10)", "'a', 'a', NULL", "{a=2}", "map(varchar, bigint)"), overNone("approx_most_frequent(2, x, 10)", "'a'", "NULL", "map(varchar, bigint)"),
			over("approx_most_frequent(2, x, 10)", "CAST(NULL AS varchar)", "NULL", "map(varchar, bigint)"), over("approx_most_frequent(NULL, x, 10)", "'a'", "NULL", "map(varchar, bigint)"),
			failingOver("approx_most_frequent(1, x, 10)", "'a'", CodeFunctionArgument+": approx_most_frequent bucket count must be greater than one")}}
}

// constantsAround wants all arguments but the second to be constants.
func constantsAround(c *rewriting) error {
	for _, i := range [...]int{0, 2} {
		if !constant(c.args[i]) {
			return c.a.unsupported(c.node.args[i], "bucket counts and capacities that differ from row to row")
		}
	}
	return nil
}

// histogramFunction is numeric_histogram: the buckets, the value, and its weight.
func histogramFunction() Function {
	f := Function{Name: "numeric_histogram", Differs: "depends on the order of rows as Trino's does, which need not be the same; at most 1000 buckets; NaN is taken into other buckets",
		Examples: []Example{over("numeric_histogram(2, x)[10.5e0]", "1e0, 2e0, 10e0, 11e0, NULL", "2.0", "double"), over("map_keys(numeric_histogram(2, x, y))", "(1e0, 1e0), (2, 5), (10, 1), (11, 2)", "[1.8333333333333333, 10.666666666666666]", "array(double)"),
			over("numeric_histogram(2, x)", "1, 1", "{1.0=2.0}", "map(real, real)"), overNone("numeric_histogram(2, x)", "1e0", "NULL", "map(double, double)"), over("numeric_histogram(2, x)", "CAST(NULL AS double)", "NULL", "map(double, double)"),
			over("numeric_histogram(NULL, x)", "1e0", "NULL", "map(double, double)"), over("map_keys(numeric_histogram(5, x)) FROM (SELECT CAST(x AS double) AS x", "1, 2, 3, 3", "[1.0, 2.0, 3.0]", "array(double)").nested(),
			failingOver("numeric_histogram(1, x)", "1", CodeFunctionArgument+": numeric_histogram bucket count must be greater than one")}}
	for _, kind := range [...]string{"double", "real"} {
		histogram := "list_transform([list($D{'x': CAST($2 AS DOUBLE), 'w': %s})$F], lambda $l: CAST(loglake_numeric_histogram($1, list_transform($l, lambda $e: $e.x), list_transform($l, lambda $e: $e.w)) AS $T))[1]"
		result := strings.ReplaceAll(" -> map(K,K)", "K", kind)
		f.Overloads = append(f.Overloads, Overload{Signature: "bigint, " + kind + result, SQL: fmt.Sprintf(histogram, "CAST(1 AS DOUBLE)"), rewrite: constantBuckets},
			Overload{Signature: "bigint, " + kind + ", double" + result, SQL: fmt.Sprintf(histogram, "$3"), rewrite: constantBuckets})
	}
	return f
}

func constantBuckets(c *rewriting) error {
	if !constant(c.args[0]) {
		return c.a.unsupported(c.node.args[0], "bucket counts that differ from row to row")
	}
	return nil
}
