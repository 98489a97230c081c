package dialect

// numberTypes are the numeric types that functions keep, nearest first.
var numberTypes = [...]string{"tinyint", "smallint", "integer", "bigint", "double", "real", "decimal(p,s)"}

// keeping makes a function that gives back the type of its number; integers may have a translation of their own.
func keeping(name, integers, others string, examples ...Example) Function {
	f := Function{Name: name, Examples: examples}
	for i, t := range numberTypes {
		sql := others
		if i < 4 {
			sql = integers
		}
		o := Overload{Signature: t + " -> " + t, SQL: sql}
		if t == "decimal(p,s)" && name != "abs" {
			o.rewrite = wholeDecimal
		}
		f.Overloads = append(f.Overloads, o)
	}
	return f
}

// wholeDecimal makes the result a decimal without a fraction that has room for a carry.
func wholeDecimal(c *rewriting) error {
	t := c.args[0].typ()
	c.result = decimal(max(1, min(38, t.Precision-t.Scale+min(t.Scale, 1))), 0)
	return nil
}

func example(expression, want, typ string) Example {
	return Example{SQL: "SELECT " + expression, Want: want, Type: typ}
}

func failing(expression, code string) Example {
	return Example{SQL: "SELECT " + expression, Error: code}
}

func mathFunctions() []Function {
	list := []Function{
		keeping("abs", "abs($1)", "abs($1)", example("abs(-5)", "5", "integer"), example("abs(-1.5)", "1.5", "double"),
			example("abs(decimal '-1.50')", "1.50", "decimal(3,2)")),
		keeping("ceil ceiling", "$1", "CAST(ceil($1) AS $T)", example("ceil(1.2)", "2.0", "double"), example("ceiling(-1.2)", "-1.0", "double"),
			example("ceil(5)", "5", "integer"), example("ceil(decimal '1.2')", "2", "decimal(2,0)")),
		keeping("floor", "$1", "CAST(floor($1) AS $T)", example("floor(1.8)", "1.0", "double"), example("floor(decimal '-1.2')", "-2", "decimal(2,0)")),
		{Name: "sign", Overloads: []Overload{
			{Signature: "bigint -> bigint", SQL: "CAST(sign($1) AS $T)"}, {Signature: "integer -> integer", SQL: "CAST(sign($1) AS $T)"},
			{Signature: "double -> double", SQL: "CAST(sign($1) AS $T)"},
		}, Examples: []Example{example("sign(-3)", "-1", "integer"), example("sign(2.5)", "1.0", "double")}},
		{Name: "truncate", Overloads: []Overload{{Signature: "double -> double", SQL: "trunc($1)"}, {Signature: "real -> real", SQL: "trunc($1)"}},
			Examples: []Example{example("truncate(-2.7)", "-2.0", "double")}},
		{Name: "sqrt", Overloads: []Overload{{Signature: "double -> double", SQL: "CASE WHEN $1 < 0 THEN 'nan'::DOUBLE ELSE sqrt($1) END"}},
			Examples: []Example{example("sqrt(16)", "4.0", "double"), example("sqrt(-1)", "NaN", "double")}},
		{Name: "log", Overloads: []Overload{{Signature: "double, double -> double", SQL: "CASE WHEN $1 > 0 AND $2 > 0 THEN ln($2) / ln($1) WHEN $1 IS NULL OR $2 IS NULL THEN NULL ELSE 'nan'::DOUBLE END"}},
			Differs:  "for a base or number that is zero NaN instead of an infinity",
			Examples: []Example{example("round(log(2, 8), 6)", "3.0", "double")}},
		{Name: "power pow", Overloads: []Overload{{Signature: "double, double -> double", SQL: "power($1, $2)"}},
			Examples: []Example{example("power(2, 10)", "1024.0", "double")}},
		{Name: "pi", Overloads: []Overload{{Signature: "-> double", SQL: "pi()"}}, Examples: []Example{example("pi()", "3.141592653589793", "double")}},
		{Name: "e", Overloads: []Overload{{Signature: "-> double", SQL: "CAST(2.718281828459045e0 AS DOUBLE)"}}, Examples: []Example{example("e()", "2.718281828459045", "double")}},
		{Name: "infinity", Overloads: []Overload{{Signature: "-> double", SQL: "'inf'::DOUBLE"}}, Examples: []Example{example("infinity()", "Infinity", "double")}},
		{Name: "nan", Overloads: []Overload{{Signature: "-> double", SQL: "'nan'::DOUBLE"}}, Examples: []Example{example("nan()", "NaN", "double")}},
		{Name: "is_nan", Overloads: []Overload{{Signature: "double -> boolean", SQL: "isnan($1)"}}, Examples: []Example{example("is_nan(nan())", "true", "boolean")}},
		{Name: "is_finite", Overloads: []Overload{{Signature: "double -> boolean", SQL: "isfinite($1)"}}, Examples: []Example{example("is_finite(1.5)", "true", "boolean")}},
		{Name: "is_infinite", Overloads: []Overload{{Signature: "double -> boolean", SQL: "isinf($1)"}}, Examples: []Example{example("is_infinite(infinity())", "true", "boolean")}},
		{Name: "rand random", Volatile: true, Overloads: []Overload{{Signature: "-> double", SQL: "random()"}},
			Examples: []Example{example("random() < 1", "true", "boolean")}},
		{Name: "bitwise_and", Overloads: []Overload{{Signature: "bigint, bigint -> bigint", SQL: "($1 & $2)"}}, Examples: []Example{example("bitwise_and(7, 5)", "5", "bigint")}},
		{Name: "bitwise_or", Overloads: []Overload{{Signature: "bigint, bigint -> bigint", SQL: "($1 | $2)"}}, Examples: []Example{example("bitwise_or(2, 5)", "7", "bigint")}},
		{Name: "bitwise_xor", Overloads: []Overload{{Signature: "bigint, bigint -> bigint", SQL: "xor($1, $2)"}}, Examples: []Example{example("bitwise_xor(7, 5)", "2", "bigint")}},
		{Name: "bitwise_not", Overloads: []Overload{{Signature: "bigint -> bigint", SQL: "(~ $1)"}}, Examples: []Example{example("bitwise_not(5)", "-6", "bigint")}},
		rounding(), modulus(), buckets(),
	}
	return append(list, plainMath()...)
}

// plainMath are the functions of one double that both dialects have alike, and the logarithms, whose edges differ.
func plainMath() []Function {
	var list []Function
	for _, m := range [...][2]string{{"cbrt", "cbrt(27)"}, {"degrees", "degrees(pi()) / 60"}, {"radians", "radians(540) / pi()"}, {"exp", "exp(0) * 3"},
		{"sin", "sin(0) + 3"}, {"cos", "cos(0) * 3"}, {"tan", "tan(0) + 3"}, {"atan", "atan(0) + 3"}, {"sinh", "sinh(0) + 3"}, {"cosh", "cosh(0) * 3"}, {"tanh", "tanh(0) + 3"}} {
		list = append(list, Function{Name: m[0], Overloads: []Overload{{Signature: "double -> double", SQL: m[0] + "($1)"}},
			Examples: []Example{example("round("+m[1]+", 6)", "3.0", "double")}})
	}
	for _, m := range [...][2]string{{"ln", "ln(e() * e() * e())"}, {"log2", "log2(8)"}, {"log10", "log10(1000)"}} {
		list = append(list, Function{Name: m[0], Overloads: []Overload{{Signature: "double -> double",
			SQL: "CASE WHEN $1 < 0 THEN 'nan'::DOUBLE WHEN $1 = 0 THEN '-inf'::DOUBLE ELSE " + m[0] + "($1) END"}},
			Examples: []Example{example("round("+m[1]+", 6)", "3.0", "double"), example(m[0]+"(0)", "-Infinity", "double")}})
	}
	for _, name := range [...]string{"asin", "acos"} {
		list = append(list, Function{Name: name, Overloads: []Overload{{Signature: "double -> double",
			SQL: "CASE WHEN $1 < -1 OR $1 > 1 THEN 'nan'::DOUBLE ELSE " + name + "($1) END"}},
			Examples: []Example{example(name+"(2)", "NaN", "double")}})
	}
	return append(list, Function{Name: "atan2", Overloads: []Overload{{Signature: "double, double -> double", SQL: "atan2($1, $2)"}},
		Examples: []Example{example("atan2(0, 1)", "0.0", "double")}})
}

// rounding is round: half away from zero in both dialects, and the type stays.
func rounding() Function {
	f := keeping("round", "$1", "CAST(round($1) AS $T)", example("round(2.5)", "3.0", "double"), example("round(-2.5)", "-3.0", "double"),
		example("round(7)", "7", "integer"), example("round(1.256, 2)", "1.26", "double"), example("round(1234, -2)", "1200", "integer"),
		example("round(decimal '2.56')", "3", "decimal(2,0)"), example("round(decimal '2.567', 2)", "2.570", "decimal(5,3)"))
	for _, t := range numberTypes {
		o := Overload{Signature: t + ", integer -> " + t, SQL: "CAST(round($1, $2) AS $T)"}
		if t == "decimal(p,s)" {
			o.rewrite = func(c *rewriting) error {
				d := c.args[0].typ()
				c.result = decimal(min(38, d.Precision+1), d.Scale)
				return nil
			}
		}
		f.Overloads = append(f.Overloads, o)
	}
	return f
}

// modulus is mod, which is the operator %.
func modulus() Function {
	f := Function{Name: "mod", Examples: []Example{example("mod(-7, 3)", "-1", "integer"), failing("mod(5, x) FROM (VALUES 0) AS t (x)", CodeDivisionByZero)}}
	for _, t := range numberTypes[:6] {
		sql := "CAST($1 % CASE WHEN $2 = 0 THEN ${DIVISION_BY_ZERO: Division by zero} ELSE $2 END AS $T)"
		if t == "double" || t == "real" {
			sql = "CAST($1 % $2 AS $T)"
		}
		f.Overloads = append(f.Overloads, Overload{Signature: t + ", " + t + " -> " + t, SQL: sql})
	}
	return f
}

func buckets() Function {
	return Function{Name: "width_bucket", Overloads: []Overload{{Signature: "double, double, double, bigint -> bigint",
		SQL: "CASE WHEN $4 <= 0 THEN ${INVALID_FUNCTION_ARGUMENT: bucketCount must be greater than 0} WHEN $2 = $3 THEN ${INVALID_FUNCTION_ARGUMENT: bounds cannot equal each other} " +
			"WHEN $2 < $3 THEN CASE WHEN $1 < $2 THEN 0 WHEN $1 >= $3 THEN $4 + 1 ELSE CAST(floor($4 * ($1 - $2) / ($3 - $2)) AS BIGINT) + 1 END " +
			"ELSE CASE WHEN $1 > $2 THEN 0 WHEN $1 <= $3 THEN $4 + 1 ELSE CAST(floor($4 * ($2 - $1) / ($2 - $3)) AS BIGINT) + 1 END END"}},
		Examples: []Example{example("width_bucket(35, 0, 100, 10)", "4", "bigint"), example("width_bucket(-1, 0, 100, 10)", "0", "bigint")}}
}
