package dialect

import "strings"

// finite is a number with 0 in the place of NaN and infinity, over which DuckDB's functions fail. What it is good for is NaN
// then anyway.
func finite(x string) string { return "CASE WHEN NOT isfinite(" + x + ") THEN 0 ELSE " + x + " END" }

// distinctFinite keeps numbers apart from what stands for NaN and infinity, where those that are the same count once.
func distinctFinite(c *rewriting) error {
	if c.node.distinct {
		sql := c.over.SQL
		for _, x := range [...]string{"$1", "$2"} {
			other := "CASE WHEN NOT isfinite(" + x + ") THEN CASE WHEN isnan(" + x + ") THEN 2e100 WHEN " + x + " > 0 THEN 1e100 ELSE -1e100 END ELSE " + x + " END"
			sql = strings.ReplaceAll(sql, finite(x), other)
		}
		c.over = &Overload{SQL: sql}
	}
	return nil
}

const overflows = "fails where squares of values are beyond double, and Trino gives Infinity or NaN; NaN where a covariance of infinite values may be infinite; the last digits may be others, as they depend on the order of rows in both"

// statisticFunctions are the aggregates that describe a distribution.
func statisticFunctions() []Function {
	var list []Function
	for _, s := range [...][4]string{{"stddev stddev_samp", "stddev_samp", "1.0", "0.707107"}, {"stddev_pop", "stddev_pop", "0.816497", "0.5"}, {"variance var_samp", "var_samp", "1.0", "0.5"},
		{"var_pop", "var_pop", "0.666667", "0.25"}} {
		name, _, _ := strings.Cut(s[0], " ")
		one := "NULL"
		if strings.HasSuffix(name, "pop") {
			one = "0.0"
		}
		list = append(list, Function{Name: s[0], Differs: overflows, Overloads: []Overload{
			{Signature: "bigint -> double", SQL: s[1] + "($DCAST($1 AS DOUBLE))$F"},
			{Signature: "double -> double", SQL: "(" + s[1] + "($D" + finite("$1") + ")$F + sum($D0 * $1)$F)", rewrite: distinctFinite},
		}, Examples: []Example{over("round("+name+"(x), 6)", "1, 2, 3, NULL", s[2], "double"), over("round("+name+"(x), 6)", "1e0, 2e0", s[3], "double"), over("round("+name+"(x), 6)", "real '1', real '2'", s[3], "double"),
			over(name+"(x)", "1", one, "double"), overNone(name+"(x)", "1", "NULL", "double"), over(name+"(x)", "CAST(NULL AS double)", "NULL", "double"), over(name+"(x)", "nan(), 1, 2", "NaN", "double"),
			over(name+"(x)", "infinity(), 1, 2", "NaN", "double"), over(name+"(x)", "2, 2, 2", "0.0", "double"), over("round("+name+"(DISTINCT x), 6)", "1, 1, 2", s[3], "double"), over(name+"(DISTINCT x)", "0e0, infinity(), 0e0", "NaN", "double"),
			failingOver(name+"(x)", "'a'", CodeFunctionNotFound)}})
	}
	return append(list, append(pairFunctions(), momentFunctions()...)...)
}

// pairFunctions tell how two numbers go together; rows with a NULL are passed over. What is not a finite number is NULL, but
// for covariances.
func pairFunctions() []Function {
	var list []Function
	for _, s := range [...][5]string{{"corr", "0.933257", "NULL", "NULL", "NULL"}, {"covar_pop", "1.0", "0.0", "NaN", "0.0"}, {"covar_samp", "1.5", "NULL", "NaN", "0.0"},
		{"regr_slope", "0.580645", "NULL", "NULL", "NULL"}, {"regr_intercept", "-0.225806", "NULL", "NULL", "NULL"}} {
		name := s[0]
		sql := "(" + name + "($D" + finite("$1") + ", " + finite("$2") + ")$F + sum(0 * $1 + 0 * $2)$F)"
		if !strings.HasPrefix(name, "covar") {
			sql = "list_transform([" + sql + "], lambda $r: CASE WHEN isfinite($r) THEN $r END)[1]"
		}
		list = append(list, Function{Name: name, Differs: overflows, Overloads: []Overload{{Signature: "double, double -> double", SQL: sql, rewrite: distinctFinite}, {Signature: "real, real -> real", SQL: "CAST(" + sql + " AS FLOAT)", rewrite: distinctFinite}},
			Examples: []Example{over("round("+name+"(x, y), 6)", "(1e0, 2e0), (2, 4.5), (3, 5), (NULL, 1), (1, NULL)", s[1], "double"), over(name+"(x, y)", "(1e0, 2e0)", s[2], "double"), overNone(name+"(x, y)", "(1e0, 2e0)", "NULL", "double"),
				over(name+"(x, y)", "(1e0, nan()), (1, 2), (2, 3)", s[3], "double"), over(name+"(x, y)", "(1e0, infinity()), (1, 2), (2, 3)", s[3], "double"), over(name+"(x, y)", "(1e0, 2e0), (2, 2)", s[4], "double"),
				over("round("+name+"(x, y), 3)", "(1, 2), (2, 4), (2, 1)", map[string]string{"corr": "0.189", "covar_pop": "0.111", "covar_samp": "0.167", "regr_slope": "0.071", "regr_intercept": "1.5"}[name], "real"), over(name+"(x, y)", "(CAST(NULL AS double), 2e0)", "NULL", "double")}})
	}
	return list
}

// moment sums a power of the distances from the mean; $l is the list of the values, $c.m their mean.
func moment(power int) string {
	return "list_sum(list_transform($l, lambda $e: " + strings.Repeat("($e - $c.m) * ", power-1) + "($e - $c.m)))"
}

// moments computes something of the list of values, with their number $c.n and mean $c.m, as soon as there are so many.
func moments(least, result string) string {
	return "list_transform([list_filter(list($DCAST($1 AS DOUBLE))$F, lambda $e: $e IS NOT NULL)], lambda $l: list_transform([{'n': CAST(len($l) AS DOUBLE), 'm': list_avg($l)}], lambda $c: " +
		"CASE WHEN $c.n > " + least + " THEN " + result + " END)[1])[1]"
}

// momentFunctions are skewness and kurtosis, of the population and with the sample's correction in turn, as Trino has them,
// and the mean of logarithms. DuckDB's own lose their digits where values are far from zero.
func momentFunctions() []Function {
	skewness := moments("2", "sqrt($c.n) * "+moment(3)+" / pow("+moment(2)+", 1.5)")
	kurtosis := moments("3", "($c.n - 1) / (($c.n - 2) * ($c.n - 3)) * (($c.n + 1) * $c.n * "+moment(4)+" / pow("+moment(2)+", 2) - 3 * ($c.n - 1))")
	mean := func(kind string) string {
		return "CAST(exp(avg($DCASE WHEN $1 = 0 THEN CAST('-inf' AS DOUBLE) WHEN $1 < 0 THEN CAST('nan' AS DOUBLE) ELSE ln(CAST($1 AS DOUBLE)) END)$F) AS " + kind + ")"
	}
	return []Function{
		{Name: "skewness", Overloads: []Overload{{Signature: "bigint -> double", SQL: skewness}, {Signature: "double -> double", SQL: skewness}},
			Examples: []Example{over("round(skewness(x), 6)", "1, 2, 4, 9, NULL", "0.768417", "double"), over("round(skewness(x), 6)", "1, 2, 4", "0.381802", "double"), over("skewness(x)", "1, 2", "NULL", "double"),
				overNone("skewness(x)", "1", "NULL", "double"), over("skewness(x)", "2, 2, 2, 2", "NaN", "double"), over("skewness(x)", "nan(), 1, 2, 4", "NaN", "double"),
				over("round(skewness(x), 6)", "1000000001, 1000000002, 1000000004, 1000000009", "0.768417", "double")}},
		{Name: "kurtosis", Overloads: []Overload{{Signature: "bigint -> double", SQL: kurtosis}, {Signature: "double -> double", SQL: kurtosis}},
			Examples: []Example{over("round(kurtosis(x), 6)", "1, 2, 4, 9, NULL", "1.5", "double"), over("kurtosis(x)", "1, 2, 4", "NULL", "double"), overNone("kurtosis(x)", "1", "NULL", "double"),
				over("kurtosis(x)", "2, 2, 2, 2, 2", "NaN", "double"), over("kurtosis(x)", "nan(), 1, 2, 4", "NaN", "double"), over("round(kurtosis(DISTINCT x), 6)", "1, 2, 4, 9, 9", "1.5", "double")}},
		{Name: "geometric_mean", Overloads: []Overload{{Signature: "bigint -> double", SQL: mean("DOUBLE")}, {Signature: "double -> double", SQL: mean("DOUBLE")}, {Signature: "real -> real", SQL: mean("FLOAT")}},
			Examples: []Example{over("geometric_mean(x)", "1, 4, NULL", "2.0", "double"), over("geometric_mean(x)", "0, 4", "0.0", "double"), over("geometric_mean(x)", "-1, 4", "NaN", "double"),
				over("geometric_mean(x)", "real '1', real '4'", "2.0", "real"), overNone("geometric_mean(x)", "1", "NULL", "double"), over("geometric_mean(x)", "CAST(NULL AS double)", "NULL", "double"), over("geometric_mean(DISTINCT x)", "1e0, 1e0, 4e0", "2.0", "double")}},
	}
}
