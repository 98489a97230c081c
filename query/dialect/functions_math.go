package dialect

import "fmt"

func example(expression, want, typ string) Example {
	return Example{SQL: "SELECT " + expression, Want: want, Type: typ}
}

func failing(expression, code string) Example {
	return Example{SQL: "SELECT " + expression, Error: code}
}

// integerTypes are the integer types with their bits and smallest values, nearest first.
var integerTypes = [...]struct {
	name string
	bits int
	min  string
}{{"tinyint", 8, "-128"}, {"smallint", 16, "-32768"}, {"integer", 32, "-2147483648"}, {"bigint", 64, "-9223372036854775808"}}

// numeric makes a function that gives back the type of its number: translations for integers, floating point and decimals.
func numeric(name, integers, floats, decimals string, examples ...Example) Function {
	f := Function{Name: name, Examples: examples}
	for _, t := range integerTypes {
		f.Overloads = append(f.Overloads, Overload{Signature: t.name + " -> " + t.name, SQL: integers})
	}
	for _, t := range [...]string{"double", "real"} {
		f.Overloads = append(f.Overloads, Overload{Signature: t + " -> " + t, SQL: floats})
	}
	f.Overloads = append(f.Overloads, Overload{Signature: "decimal(p,s) -> decimal(p,s)", SQL: decimals})
	return f
}

// unary makes a function of one double.
func unary(name, sql string, examples ...Example) Function {
	return Function{Name: name, Overloads: []Overload{{Signature: "double -> double", SQL: sql}}, Examples: examples}
}

func mathFunctions() []Function {
	list := []Function{absolute(), ceiling("ceil ceiling", "ceil", example("ceil(1.2)", "2.0", "double"), example("ceiling(-0.5)", "-0.0", "double"), example("ceil(5)", "5", "integer"),
		example("ceil(decimal '9.9')", "10", "decimal(2,0)"), example("ceil(decimal '12345678901234567890.5')", "12345678901234567891", "decimal(21,0)"), example("ceil(cast(NULL AS real))", "NULL", "real")),
		ceiling("floor", "floor", example("floor(1.8)", "1.0", "double"), example("floor(decimal '-9.9')", "-10", "decimal(2,0)"), example("floor(decimal '5')", "5", "decimal(1,0)"), example("floor(nan())", "NaN", "double")),
		sign(), truncating(), rounding(), modulus(), bases(), buckets(), bins(),
		{Name: "pi", Overloads: []Overload{{Signature: "-> double", SQL: "pi()"}}, Examples: []Example{example("pi()", "3.141592653589793", "double"), example("pi() > 3", "true", "boolean"), example("floor(pi())", "3.0", "double")}},
		{Name: "e", Overloads: []Overload{{Signature: "-> double", SQL: "CAST(2.718281828459045e0 AS DOUBLE)"}}, Examples: []Example{example("e()", "2.718281828459045", "double"), example("ln(e())", "1.0", "double"), example("floor(e())", "2.0", "double")}},
		{Name: "infinity", Overloads: []Overload{{Signature: "-> double", SQL: "'inf'::DOUBLE"}}, Examples: []Example{example("infinity()", "Infinity", "double"), example("-infinity()", "-Infinity", "double"), example("infinity() > 1e300", "true", "boolean")}},
		{Name: "nan", Overloads: []Overload{{Signature: "-> double", SQL: "'nan'::DOUBLE"}}, Examples: []Example{example("nan()", "NaN", "double"), example("nan() + 1", "NaN", "double"), example("is_nan(nan())", "true", "boolean")}},
		{Name: "is_nan", Overloads: []Overload{{Signature: "double -> boolean", SQL: "isnan($1)"}, {Signature: "real -> boolean", SQL: "isnan($1)"}},
			Examples: []Example{example("is_nan(nan())", "true", "boolean"), example("is_nan(real '1')", "false", "boolean"), example("is_nan(cast(NULL AS double))", "NULL", "boolean")}},
		{Name: "is_finite", Overloads: []Overload{{Signature: "double -> boolean", SQL: "isfinite($1)"}},
			Examples: []Example{example("is_finite(1.5)", "true", "boolean"), example("is_finite(nan())", "false", "boolean"), example("is_finite(NULL)", "NULL", "boolean")}},
		{Name: "is_infinite", Overloads: []Overload{{Signature: "double -> boolean", SQL: "isinf($1)"}},
			Examples: []Example{example("is_infinite(-infinity())", "true", "boolean"), example("is_infinite(nan())", "false", "boolean"), example("is_infinite(NULL)", "NULL", "boolean")}},
	}
	list = append(list, plainMath()...)
	list = append(list, logarithms()...)
	list = append(list, bitFunctions()...)
	return append(list, distributions()...)
}

func absolute() Function {
	f := numeric("abs", "", "abs($1)", "abs($1)", example("abs(-5)", "5", "integer"), example("abs(-1.5)", "1.5", "double"), example("abs(decimal '-1.50')", "1.50", "decimal(3,2)"),
		example("abs(NULL)", "NULL", "tinyint"), failing("abs(tinyint '-128')", CodeOutOfRange), example("try(abs(smallint '-32768'))", "NULL", "smallint"))
	for i, t := range integerTypes {
		f.Overloads[i].SQL = fmt.Sprintf("CASE WHEN $1 = CAST('%s' AS $T) THEN ${%s: Value %s is out of range for abs(%s)} ELSE abs($1) END", t.min, CodeOutOfRange, t.min, t.name)
	}
	return f
}

// ceiling makes ceil and floor; a decimal loses its fraction and has room for a carry.
func ceiling(name, sql string, examples ...Example) Function {
	f := numeric(name, "$1", sql+"($1)", "CAST("+sql+"($1) AS $T)", examples...)
	f.Overloads[len(f.Overloads)-1].rewrite = wholeDecimal
	return f
}

// wholeDecimal makes the result a decimal without a fraction that has room for a carry.
func wholeDecimal(c *rewriting) error {
	t := c.args[0].typ()
	c.result = decimal(max(1, min(38, t.Precision-t.Scale+min(t.Scale, 1))), 0)
	return nil
}

func sign() Function {
	f := numeric("sign", "CAST(sign($1) AS $T)", "CASE WHEN isnan($1) OR $1 = 0 THEN $1 ELSE CAST(sign($1) AS $T) END", "CAST(sign($1) AS $T)",
		example("sign(-3)", "-1", "integer"), example("sign(2.5)", "1.0", "double"), example("sign(nan())", "NaN", "double"), example("sign(decimal '-1.5')", "-1", "decimal(1,0)"), example("sign(NULL)", "NULL", "tinyint"))
	f.Overloads[len(f.Overloads)-1].Signature = "decimal(p,s) -> decimal(1,0)"
	return f
}

func truncating() Function {
	return Function{Name: "truncate", Overloads: []Overload{
		{Signature: "double -> double", SQL: "trunc($1)"}, {Signature: "real -> real", SQL: "trunc($1)"},
		{Signature: "decimal(p,s) -> decimal(p,0)", SQL: "CAST(CASE WHEN $1 < 0 THEN ceil($1) ELSE floor($1) END AS $T)", rewrite: func(c *rewriting) error {
			t := c.args[0].typ()
			c.result = decimal(max(1, t.Precision-t.Scale), 0)
			return nil
		}},
		{Signature: "decimal(p,s), integer -> decimal(p,s)", SQL: "CAST(loglake_truncate(CAST($1 AS VARCHAR), CAST($2 AS BIGINT)) AS $T)"},
	}, Examples: []Example{example("truncate(-2.7)", "-2.0", "double"), example("truncate(nan())", "NaN", "double"), example("truncate(real '2.7')", "2.0", "real"), example("truncate(decimal '-12.345')", "-12", "decimal(2,0)"),
		example("truncate(decimal '12.345', 2)", "12.340", "decimal(5,3)"), example("truncate(decimal '12.345', -1)", "10.000", "decimal(5,3)"), example("truncate(decimal '12.345', -5)", "0.000", "decimal(5,3)"),
		example("truncate(decimal '12.345', 10)", "12.345", "decimal(5,3)"), example("truncate(cast(NULL AS double))", "NULL", "double")}}
}

// rounding is round: half away from zero, and the type stays.
func rounding() Function {
	const half = "CASE WHEN $1 = 0 THEN CAST(0 AS $T) ELSE round($1) END"
	f := numeric("round", "$1", half, "CAST(round($1) AS $T)", example("round(2.5)", "3.0", "double"), example("round(-2.5)", "-3.0", "double"), example("round(0.49999999999999994)", "0.0", "double"), example("round(nan())", "NaN", "double"),
		example("round(7)", "7", "integer"), example("round(1.256, 2)", "1.26", "double"), example("round(123.456, -2)", "100.0", "double"), example("round(1e300, 2)", "1.0E300", "double"), example("round(1e20, 3)", "9.999999999999998E19", "double"), example("round(1e305, 4)", "1.0E305", "double"), example("round(-7.7e25, 5)", "-7.700000000000001E25", "double"), example("round(1.5, 400)", "1.5", "double"),
		example("round(1.5, -400)", "NaN", "double"), example("round(real '1.256', 2)", "1.26", "real"), example("round(1234, -2)", "1200", "integer"), example("round(-1250, -2)", "-1300", "integer"), example("round(5, NULL)", "NULL", "integer"),
		example("round(decimal '2.56')", "3", "decimal(2,0)"), example("round(decimal '2.567', 2)", "2.570", "decimal(5,3)"), example("round(decimal '9.999', 2)", "10.000", "decimal(5,3)"), example("round(decimal '5.567', -1)", "10.000", "decimal(5,3)"),
		failing("round(tinyint '127', -1)", CodeOutOfRange), failing("round(9223372036854775807, -19)", CodeOutOfRange), failing("round(5, -19)", CodeOutOfRange), example("round(5, -18)", "0", "integer"), failing("round(2147483647, -1)", CodeInternal))
	f.Overloads[len(f.Overloads)-1].rewrite = wholeDecimal
	for _, t := range integerTypes {
		f.Overloads = append(f.Overloads, Overload{Signature: t.name + ", integer -> " + t.name,
			SQL: fmt.Sprintf("CASE WHEN $2 >= 0 THEN $1 ELSE CAST(loglake_round(CAST($1 AS BIGINT), CAST($2 AS BIGINT), %d) AS $T) END", t.bits)})
	}
	// What has no digits to round, and what is not finite, stays.
	const scaled = "(abs(CAST($1 AS DOUBLE)) * power(10e0, $2))"
	for _, t := range [...]string{"double", "real"} {
		f.Overloads = append(f.Overloads, Overload{Signature: t + ", integer -> " + t, SQL: "CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN isnan($1) OR isinf($1) OR isinf(" + scaled + ") OR isnan(" + scaled + ") THEN $1 " +
			"ELSE CAST(CASE WHEN $1 < 0 THEN -1e0 ELSE 1e0 END * (round" + scaled + " / power(10e0, $2)) AS $T) END"})
	}
	return withRoundedDecimal(f)
}

func withRoundedDecimal(f Function) Function {
	f.Overloads = append(f.Overloads, Overload{Signature: "decimal(p,s), integer -> decimal(p,s)", SQL: "CAST(loglake_round_decimal(CAST($1 AS VARCHAR), CAST($2 AS BIGINT)) AS $T)", rewrite: func(c *rewriting) error {
		d := c.args[0].typ()
		c.result = decimal(min(38, d.Precision+1), d.Scale)
		return nil
	}})
	return f
}

// modulus is mod. Integers fail with the words of Java's arithmetic, unlike the operator.
func modulus() Function {
	f := Function{Name: "mod", Examples: []Example{example("mod(-7, 3)", "-1", "integer"), example("mod(tinyint '-128', tinyint '-1')", "0", "tinyint"), failing("mod(5, x) FROM (VALUES 0) AS t (x)", CodeInternal),
		example("mod(5.5, 0)", "NaN", "double"), example("mod(-7.5, 2)", "-1.5", "double"), example("mod(real '5.5', real '2')", "1.5", "real"), example("mod(decimal '7.5', decimal '2')", "1.5", "decimal(2,1)"),
		failing("mod(decimal '7.5', decimal '0')", CodeDivisionByZero), example("mod(NULL, 2)", "NULL", "integer")}}
	for _, t := range integerTypes {
		f.Overloads = append(f.Overloads, Overload{Signature: t.name + ", " + t.name + " -> " + t.name,
			SQL: "CASE WHEN $2 = 0 AND $1 IS NOT NULL THEN ${GENERIC_INTERNAL_ERROR: / by zero} WHEN $2 = -1 AND $1 IS NOT NULL THEN CAST(0 AS $T) ELSE CAST($1 % $2 AS $T) END"})
	}
	for _, t := range [...]string{"double", "real"} {
		f.Overloads = append(f.Overloads, Overload{Signature: t + ", " + t + " -> " + t, SQL: "CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN $2 = 0 OR isinf($1) THEN CAST('nan' AS $T) ELSE CAST($1 % $2 AS $T) END"})
	}
	f.Overloads = append(f.Overloads, Overload{Signature: "decimal(p,s), decimal(q,t) -> decimal(p,s)", SQL: "CAST($1 % CASE WHEN $2 = 0 AND $1 IS NOT NULL THEN ${DIVISION_BY_ZERO: Division by zero} ELSE $2 END AS $T)", rewrite: func(c *rewriting) error {
		a, b := c.args[0].typ(), c.args[1].typ()
		scale := max(a.Scale, b.Scale)
		c.result = decimal(min(38, min(a.Precision-a.Scale, b.Precision-b.Scale)+scale), scale)
		return nil
	}})
	f.Differs = "inside TRY a zero divisor of integers is NULL, in Trino the query fails all the same"
	return f
}

func bases() Function {
	return Function{Name: "to_base", Overloads: []Overload{{Signature: "bigint, bigint -> varchar(64)", SQL: "loglake_to_base($1, $2)"}},
		Examples: []Example{example("to_base(255, 16)", "ff", "varchar(64)"), example("to_base(-255, 16)", "-ff", "varchar(64)"), example("to_base(NULL, 2)", "NULL", "varchar(64)"), failing("to_base(1, 37)", CodeFunctionArgument)}}
}

func buckets() Function {
	return Function{Name: "width_bucket", Overloads: []Overload{{Signature: "double, double, double, bigint -> bigint",
		SQL: "CASE WHEN $1 IS NULL OR $2 IS NULL OR $3 IS NULL OR $4 IS NULL THEN NULL WHEN $4 <= 0 THEN ${INVALID_FUNCTION_ARGUMENT: bucketCount must be greater than 0} " +
			"WHEN isnan($1) THEN ${INVALID_FUNCTION_ARGUMENT: operand must not be NaN} WHEN NOT isfinite($2) THEN ${INVALID_FUNCTION_ARGUMENT: first bound must be finite} " +
			"WHEN NOT isfinite($3) THEN ${INVALID_FUNCTION_ARGUMENT: second bound must be finite} WHEN $2 = $3 THEN ${INVALID_FUNCTION_ARGUMENT: bounds cannot equal each other} " +
			"WHEN $2 < $3 THEN CASE WHEN $1 < $2 THEN 0 WHEN $1 >= $3 THEN $4 + 1 ELSE CAST(trunc($4 * ($1 - $2) / ($3 - $2)) AS BIGINT) + 1 END " +
			"ELSE CASE WHEN $1 < $3 THEN $4 + 1 WHEN $1 >= $2 THEN 0 ELSE $4 - CAST(trunc($4 * ($1 - $3) / ($2 - $3)) AS BIGINT) END END"},
		{Signature: "double, array(double) -> bigint", SQL: "loglake_width_bucket($1, $2)"}},
		Examples: []Example{example("width_bucket(35, 0, 100, 10)", "4", "bigint"), example("width_bucket(-1, 0, 100, 10)", "0", "bigint"), example("width_bucket(30, 100, 0, 10)", "7", "bigint"), example("width_bucket(100, 100, 0, 10)", "0", "bigint"),
			example("width_bucket(0, 100, 0, 10)", "10", "bigint"), example("width_bucket(NULL, 0, 100, 10)", "NULL", "bigint"), failing("width_bucket(nan(), 0, 100, 10)", CodeFunctionArgument), failing("width_bucket(5, 1, 1, 10)", CodeFunctionArgument),
			failing("width_bucket(200, 0, 100, 9223372036854775807)", CodeOutOfRange),
			example("width_bucket(5, ARRAY[1.0, 5.0, 10.0])", "2", "bigint"), example("width_bucket(infinity(), ARRAY[1.0, 5.0])", "2", "bigint"), failing("width_bucket(5, ARRAY[10.0, 1.0])", CodeFunctionArgument),
			failing("width_bucket(5, cast(ARRAY[] AS array(double)))", CodeFunctionArgument)}}
}

func bins() Function {
	return Function{Name: "from_base", Overloads: []Overload{{Signature: "varchar(x), bigint -> bigint", SQL: "loglake_from_base($1, $2)"}},
		Examples: []Example{example("from_base('ff', 16)", "255", "bigint"), example("from_base('-FF', 16)", "-255", "bigint"), example("from_base(NULL, 16)", "NULL", "bigint"), failing("from_base('', 16)", CodeFunctionArgument),
			failing("from_base('8000000000000000', 16)", CodeFunctionArgument), failing("from_base('11', 1)", CodeFunctionArgument)}}
}
