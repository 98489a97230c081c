package dialect

// aggregateFunctions are the aggregates. DISTINCT, ORDER BY and FILTER go where $D, $O and $F stand.
func aggregateFunctions() []Function {
	list := []Function{
		{Name: "count", Overloads: []Overload{
			{Signature: "-> bigint", SQL: "count(*)$F"},
			{Signature: "T -> bigint", SQL: "count($D$1)$F"},
		}, Examples: []Example{
			{SQL: "SELECT count(*) FROM (VALUES 1, NULL) AS t (x)", Want: "2", Type: "bigint"},
			{SQL: "SELECT count(x) FROM (VALUES 1, NULL) AS t (x)", Want: "1", Type: "bigint"},
			{SQL: "SELECT count(DISTINCT x) FROM (VALUES 1, 1, 2) AS t (x)", Want: "2", Type: "bigint"},
			{SQL: "SELECT count(*) FILTER (WHERE x > 1) FROM (VALUES 1, 2, 3) AS t (x)", Want: "2", Type: "bigint"},
		}},
		{Name: "count_if", Overloads: []Overload{{Signature: "boolean -> bigint", SQL: "CAST(count_if($D$1)$F AS BIGINT)"}},
			Examples: []Example{{SQL: "SELECT count_if(x > 1) FROM (VALUES 1, 2, NULL) AS t (x)", Want: "1", Type: "bigint"}}},
		{Name: "sum", Overloads: []Overload{
			{Signature: "bigint -> bigint", SQL: "CAST(sum($D$1)$F AS BIGINT)"},
			{Signature: "real -> real", SQL: "CAST(sum($D$1)$F AS FLOAT)"},
			{Signature: "double -> double", SQL: "sum($D$1)$F"},
			{Signature: "decimal(p,s) -> decimal(38,s)", SQL: "CAST(sum($D$1)$F AS $T)"},
		}, Examples: []Example{
			{SQL: "SELECT sum(x) FROM (VALUES 1, 2, NULL) AS t (x)", Want: "3", Type: "bigint"},
			{SQL: "SELECT sum(x) FROM (VALUES 1, 2) AS t (x) WHERE x > 5", Want: "NULL", Type: "bigint"},
			{SQL: "SELECT sum(x) FROM (VALUES 1.5, 2) AS t (x)", Want: "3.5", Type: "double"},
			{SQL: "SELECT sum(x) FROM (VALUES decimal '1.50', decimal '2.25') AS t (x)", Want: "3.75", Type: "decimal(38,2)"},
			{SQL: "SELECT sum(x) FROM (VALUES 9223372036854775807, 1) AS t (x)", Error: CodeOutOfRange},
		}},
		{Name: "avg", Overloads: []Overload{
			{Signature: "bigint -> double", SQL: "avg($D$1)$F"},
			{Signature: "real -> real", SQL: "CAST(avg($D$1)$F AS FLOAT)"},
			{Signature: "double -> double", SQL: "avg($D$1)$F"},
			{Signature: "decimal(p,s) -> decimal(p,s)", rewrite: refusedDecimal},
		}, Examples: []Example{
			{SQL: "SELECT avg(x) FROM (VALUES decimal '1.5') AS t (x)", Error: CodeNotSupported},
			{SQL: "SELECT avg(x) FROM (VALUES 1, 2) AS t (x)", Want: "1.5", Type: "double"},
		}},
		{Name: "arbitrary any_value", Overloads: []Overload{{Signature: "T -> T", SQL: "any_value($D$1)$F"}},
			Examples: []Example{{SQL: "SELECT arbitrary(x) FROM (VALUES NULL, 7) AS t (x)", Want: "7", Type: "integer"}}},
		{Name: "min_by", Overloads: []Overload{{Signature: "T, E -> T", SQL: "arg_min_null($1, $2)$F"}},
			Examples: []Example{{SQL: "SELECT min_by(x, y) FROM (VALUES ('a', 2), ('b', 1)) AS t (x, y)", Want: "b", Type: "varchar(1)"}}},
		{Name: "max_by", Overloads: []Overload{{Signature: "T, E -> T", SQL: "arg_max_null($1, $2)$F"}},
			Examples: []Example{{SQL: "SELECT max_by(x, y) FROM (VALUES ('a', 2), ('b', 1)) AS t (x, y)", Want: "a", Type: "varchar(1)"}}},
		{Name: "bool_and every", Overloads: []Overload{{Signature: "boolean -> boolean", SQL: "bool_and($D$1)$F"}},
			Examples: []Example{{SQL: "SELECT bool_and(x > 1) FROM (VALUES 1, 2) AS t (x)", Want: "false", Type: "boolean"}}},
		{Name: "bool_or", Overloads: []Overload{{Signature: "boolean -> boolean", SQL: "bool_or($D$1)$F"}},
			Examples: []Example{{SQL: "SELECT bool_or(x > 1) FROM (VALUES 1, 2) AS t (x)", Want: "true", Type: "boolean"}}},
		{Name: "array_agg", Overloads: []Overload{{Signature: "T -> array(T)", SQL: "list($D$1$O)$F"}},
			Examples: []Example{{SQL: "SELECT array_agg(x ORDER BY x DESC) FROM (VALUES 1, 3, 2) AS t (x)", Want: "[3, 2, 1]", Type: "array(integer)"}}},
		{Name: "approx_distinct", Overloads: []Overload{
			{Signature: "T -> bigint", SQL: "approx_count_distinct($D$1)$F"},
			{Signature: "T, double -> bigint", SQL: "approx_count_distinct($1)$F"},
		}, Differs: "another sketch: the estimate's error is of the same order (about 2 %), not the same number; the wanted error is ignored",
			Examples: []Example{{SQL: "SELECT approx_distinct(x) FROM (VALUES 1, 2, 2, 3) AS t (x)", Want: "3", Type: "bigint"}}},
		{Name: "bitwise_and_agg", Overloads: []Overload{{Signature: "bigint -> bigint", SQL: "bit_and($D$1)$F"}},
			Examples: []Example{{SQL: "SELECT bitwise_and_agg(x) FROM (VALUES 7, 5) AS t (x)", Want: "5", Type: "bigint"}}},
		{Name: "bitwise_or_agg", Overloads: []Overload{{Signature: "bigint -> bigint", SQL: "bit_or($D$1)$F"}},
			Examples: []Example{{SQL: "SELECT bitwise_or_agg(x) FROM (VALUES 2, 5) AS t (x)", Want: "7", Type: "bigint"}}},
		{Name: "geometric_mean", Overloads: []Overload{{Signature: "double -> double", SQL: "geometric_mean($D$1)$F"}},
			Examples: []Example{{SQL: "SELECT round(geometric_mean(x), 6) FROM (VALUES 1, 4) AS t (x)", Want: "2.0", Type: "double"}}},
		percentile(),
	}
	list = append(list, extremes()...)
	list = append(list, statistics()...)
	for i := range list {
		list[i].Aggregate = true
	}
	return list
}

func refusedDecimal(c *rewriting) error {
	e := c.a.unsupported(c.node, "averages of decimals")
	e.Hint = "cast the value to double"
	return e
}

// extremes are min and max: of any type that has an order.
func extremes() []Function {
	var list []Function
	for name, want := range map[string]string{"min": "1", "max": "3"} {
		list = append(list, Function{Name: name, Overloads: []Overload{{Signature: "T -> T", SQL: name + "($D$1)$F", rewrite: orderable}},
			Examples: []Example{
				{SQL: "SELECT " + name + "(x) FROM (VALUES 3, NULL, 1) AS t (x)", Want: want, Type: "integer"},
			}})
	}
	return list
}

func orderable(c *rewriting) error {
	if c.args[0].typ().orderable() {
		return nil
	}
	return c.errorf(CodeFunctionNotFound, "Unexpected parameters (%s) for function %s. Expected: %s(T) T:orderable", c.args[0].typ(), c.node.name, c.node.name)
}

// statistics are the aggregates over doubles that both dialects have alike.
func statistics() []Function {
	var list []Function
	for _, s := range [...][3]string{
		{"stddev stddev_samp", "stddev_samp", "1.0"}, {"stddev_pop", "stddev_pop", "0.816497"}, {"variance var_samp", "var_samp", "1.0"},
		{"var_pop", "var_pop", "0.666667"},
	} {
		list = append(list, Function{Name: s[0], Overloads: []Overload{{Signature: "double -> double", SQL: s[1] + "($D$1)$F"}},
			Examples: []Example{{SQL: "SELECT round(" + s[1] + "(x), 6) FROM (VALUES 1, 2, 3) AS t (x)", Want: s[2], Type: "double"}}})
	}
	for _, s := range [...][2]string{{"corr", "1.0"}, {"covar_pop", "0.25"}, {"covar_samp", "0.5"}, {"regr_slope", "1.0"}, {"regr_intercept", "-1.0"}} {
		list = append(list, Function{Name: s[0], Overloads: []Overload{{Signature: "double, double -> double", SQL: s[0] + "($1, $2)$F"}},
			Examples: []Example{{SQL: "SELECT " + s[0] + "(x, y) FROM (VALUES (1, 2), (2, 3)) AS t (x, y)", Want: s[1], Type: "double"}}})
	}
	return list
}

// percentile is approx_percentile. The exact discrete quantile stands for Trino's sketch: it is a value of the input too.
func percentile() Function {
	f := Function{Name: "approx_percentile", Differs: "exact, where Trino's digest is approximate", Examples: []Example{
		{SQL: "SELECT approx_percentile(x, 0.5) FROM (VALUES 1, 2, 3, 4, 5) AS t (x)", Want: "3", Type: "bigint"},
		{SQL: "SELECT approx_percentile(x, 0.9) FROM (VALUES 1e0, 2e0, 10e0) AS t (x)", Want: "10.0", Type: "double"},
		{SQL: "SELECT approx_percentile(x, ARRAY[0.0, 1.0]) FROM (VALUES 1, 2, 3) AS t (x)", Want: "[1, 3]", Type: "array(bigint)"},
	}}
	for _, t := range [...]string{"bigint", "real", "double"} {
		f.Overloads = append(f.Overloads,
			Overload{Signature: t + ", double -> " + t, SQL: "CAST(quantile_disc($D$1, $2)$F AS $T)", rewrite: quantile},
			Overload{Signature: t + ", array(double) -> array(" + t + ")", SQL: "CAST(quantile_disc($D$1, $2)$F AS $T)", rewrite: quantile})
	}
	return f
}

// quantile holds the percentile to be constant and between 0 and 1.
func quantile(c *rewriting) error {
	list := []expr{c.args[1]}
	if array, ok := c.args[1].(*callExpr); ok && array.op == opArray {
		list = array.args
	}
	for _, e := range list {
		k, ok := e.(*constExpr)
		if !ok || k.value == nil {
			return c.errorf(CodeNotSupported, "percentiles that are not constant are not supported")
		}
		if v, ok := k.value.(float64); !ok || v < 0 || v > 1 {
			return c.errorf(CodeFunctionArgument, "Percentile must be between 0 and 1")
		}
	}
	return nil
}

// windowFunctions need OVER; aggregates may have it.
func windowFunctions() []Function {
	list := []Function{
		{Name: "ntile", Overloads: []Overload{{Signature: "bigint -> bigint", SQL: "ntile($1)$F"}},
			Examples: []Example{{SQL: "SELECT max(n) FROM (SELECT ntile(2) OVER (ORDER BY x) AS n FROM (VALUES 1, 2, 3) AS t (x))", Want: "2", Type: "bigint"}}},
		{Name: "nth_value", Overloads: []Overload{{Signature: "T, bigint -> T", SQL: "nth_value($1, $2$O)$F"}},
			Examples: []Example{{SQL: "SELECT max(n) FROM (SELECT nth_value(x, 2) OVER (ORDER BY x) AS n FROM (VALUES 1, 2, 3) AS t (x))", Want: "2", Type: "integer"}}},
	}
	for _, w := range [...][3]string{{"row_number", "bigint", "3"}, {"rank", "bigint", "3"}, {"dense_rank", "bigint", "3"},
		{"percent_rank", "double", "1.0"}, {"cume_dist", "double", "1.0"}} {
		list = append(list, Function{Name: w[0], Overloads: []Overload{{Signature: "-> " + w[1], SQL: w[0] + "()$F"}},
			Examples: []Example{{SQL: "SELECT max(n) FROM (SELECT " + w[0] + "() OVER (ORDER BY x) AS n FROM (VALUES 1, 2, 3) AS t (x))", Want: w[2], Type: w[1]}}})
	}
	for _, w := range [...][2]string{{"first_value", "1"}, {"last_value", "3"}} {
		list = append(list, Function{Name: w[0], Overloads: []Overload{{Signature: "T -> T", SQL: w[0] + "($1$O)$F"}},
			Examples: []Example{{SQL: "SELECT max(n) FROM (SELECT " + w[0] + "(x) OVER (ORDER BY x) AS n FROM (VALUES 1, 2, 3) AS t (x))", Want: w[1], Type: "integer"}}})
	}
	for _, w := range [...][2]string{{"lag", "2"}, {"lead", "3"}} {
		list = append(list, Function{Name: w[0], Overloads: []Overload{
			{Signature: "T -> T", SQL: w[0] + "($1$O)$F"}, {Signature: "T, bigint -> T", SQL: w[0] + "($1, $2$O)$F"},
			{Signature: "T, bigint, T -> T", SQL: w[0] + "($1, $2, $3$O)$F"},
		}, Examples: []Example{{SQL: "SELECT max(n) FROM (SELECT " + w[0] + "(x) OVER (ORDER BY x) AS n FROM (VALUES 1, 2, 3) AS t (x))", Want: w[1], Type: "integer"}}})
	}
	for i := range list {
		list[i].Window = true
	}
	return list
}
