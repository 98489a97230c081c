package dialect

import "fmt"

// plainMath are the functions of doubles that both dialects have alike but for what has no result: Trino gives NaN there.
func plainMath() []Function {
	finite := func(name string, examples ...Example) Function {
		return unary(name, "CASE WHEN isinf($1) THEN 'nan'::DOUBLE ELSE "+name+"($1) END", examples...)
	}
	within := func(name string, examples ...Example) Function {
		return unary(name, "CASE WHEN $1 < -1 OR $1 > 1 THEN 'nan'::DOUBLE ELSE "+name+"($1) END", examples...)
	}
	return []Function{
		unary("sqrt", "CASE WHEN $1 < 0 THEN 'nan'::DOUBLE ELSE sqrt($1) END", example("sqrt(16)", "4.0", "double"), example("sqrt(-1)", "NaN", "double"), example("sqrt(NULL)", "NULL", "double")),
		unary("cbrt", "loglake_cbrt($1)", example("cbrt(-27)", "-3.0", "double"), example("cbrt(0)", "0.0", "double"), example("cbrt(NULL)", "NULL", "double")),
		unary("degrees", "($1 * 57.29577951308232e0)", example("degrees(pi())", "180.0", "double"), example("degrees(infinity())", "Infinity", "double"), example("degrees(NULL)", "NULL", "double")),
		unary("radians", "($1 * 0.017453292519943295e0)", example("radians(180)", "3.141592653589793", "double"), example("radians(0)", "0.0", "double"), example("radians(NULL)", "NULL", "double")),
		unary("exp", "exp($1)", example("exp(0)", "1.0", "double"), example("exp(1000)", "Infinity", "double"), example("exp(-1000)", "0.0", "double"), example("exp(NULL)", "NULL", "double")),
		finite("sin", example("sin(0)", "0.0", "double"), example("sin(infinity())", "NaN", "double"), example("sin(NULL)", "NULL", "double")),
		finite("cos", example("cos(0)", "1.0", "double"), example("cos(-infinity())", "NaN", "double"), example("cos(NULL)", "NULL", "double")),
		finite("tan", example("tan(0)", "0.0", "double"), example("tan(infinity())", "NaN", "double"), example("tan(NULL)", "NULL", "double")),
		within("asin", example("asin(0)", "0.0", "double"), example("asin(2)", "NaN", "double"), example("asin(NULL)", "NULL", "double")),
		within("acos", example("acos(1)", "0.0", "double"), example("acos(-2)", "NaN", "double"), example("acos(nan())", "NaN", "double"), example("acos(NULL)", "NULL", "double")),
		unary("atan", "atan($1)", example("atan(0)", "0.0", "double"), example("atan(infinity())", "1.5707963267948966", "double"), example("atan(NULL)", "NULL", "double")),
		unary("sinh", "sinh($1)", example("sinh(0)", "0.0", "double"), example("sinh(1000)", "Infinity", "double"), example("sinh(NULL)", "NULL", "double")),
		unary("cosh", "cosh($1)", example("cosh(0)", "1.0", "double"), example("cosh(1000)", "Infinity", "double"), example("cosh(NULL)", "NULL", "double")),
		unary("tanh", "tanh($1)", example("tanh(0)", "0.0", "double"), example("tanh(1000)", "1.0", "double"), example("tanh(NULL)", "NULL", "double")),
		{Name: "atan2", Overloads: []Overload{{Signature: "double, double -> double", SQL: "atan2($1, $2)"}},
			Examples: []Example{example("atan2(0, 1)", "0.0", "double"), example("atan2(-0e0, -1)", "-3.141592653589793", "double"), example("atan2(NULL, 1)", "NULL", "double")}},
		{Name: "power pow", Overloads: []Overload{{Signature: "double, double -> double", SQL: "CASE WHEN abs($1) = 1 AND (isnan($2) OR isinf($2)) THEN 'nan'::DOUBLE ELSE power($1, $2) END"}},
			Examples: []Example{example("power(2, 10)", "1024.0", "double"), example("power(0, -1)", "Infinity", "double"), example("power(-8, 0.5)", "NaN", "double"), example("power(nan(), 0)", "1.0", "double"),
				example("power(1, nan())", "NaN", "double"), example("pow(10, 400)", "Infinity", "double"), example("pow(NULL, 2)", "NULL", "double")}},
		randomFunction(),
	}
}

// logarithm is the natural logarithm of a mark, with IEEE 754's values where DuckDB fails.
func logarithm(mark string) string {
	return "CASE WHEN " + mark + " < 0 THEN 'nan'::DOUBLE WHEN " + mark + " = 0 THEN '-inf'::DOUBLE ELSE ln(" + mark + ") END"
}

func logarithms() []Function {
	return []Function{
		unary("ln", logarithm("$1"), example("ln(1)", "0.0", "double"), example("ln(0)", "-Infinity", "double"), example("ln(-1)", "NaN", "double"), example("ln(NULL)", "NULL", "double")),
		unary("log10", "CASE WHEN $1 < 0 THEN 'nan'::DOUBLE WHEN $1 = 0 THEN '-inf'::DOUBLE ELSE log10($1) END", example("log10(1000)", "3.0", "double"), example("log10(0)", "-Infinity", "double"), example("log10(-1)", "NaN", "double"), example("log10(NULL)", "NULL", "double")),
		unary("log2", "("+logarithm("$1")+" / ln(2e0))", example("log2(8)", "3.0", "double"), example("log2(3)", "1.5849625007211563", "double"), example("log2(0)", "-Infinity", "double"), example("log2(NULL)", "NULL", "double")),
		{Name: "log", Overloads: []Overload{{Signature: "double, double -> double", SQL: "(" + logarithm("$2") + " / " + logarithm("$1") + ")"}},
			Examples: []Example{example("log(2, 8)", "3.0", "double"), example("log(10, 1000)", "2.9999999999999996", "double"), example("log(0, 8)", "-0.0", "double"), example("log(1, 5)", "Infinity", "double"), example("log(-1, 5)", "NaN", "double"),
				example("log(1, 1)", "NaN", "double"), example("log(NULL, 8)", "NULL", "double")}},
	}
}

// randomFunction is rand: a double, or an integer below a bound or between two.
func randomFunction() Function {
	f := Function{Name: "rand random", Volatile: true, Overloads: []Overload{{Signature: "-> double", SQL: "random()"}},
		Examples: []Example{example("random() < 1", "true", "boolean"), example("random(10) BETWEEN 0 AND 9", "true", "boolean"), example("random(5, 6)", "5", "integer"), example("rand(tinyint '1')", "0", "tinyint"),
			failing("random(0)", CodeFunctionArgument), failing("random(5, 4)", CodeFunctionArgument), example("random(cast(NULL AS bigint))", "NULL", "bigint")}}
	for _, t := range integerTypes {
		f.Overloads = append(f.Overloads,
			Overload{Signature: t.name + " -> " + t.name, SQL: "CAST(CASE WHEN $1 <= 0 THEN ${INVALID_FUNCTION_ARGUMENT: bound must be positive} ELSE floor(random() * $1) END AS $T)"},
			Overload{Signature: t.name + ", " + t.name + " -> " + t.name, SQL: "CAST(CASE WHEN $1 >= $2 THEN ${INVALID_FUNCTION_ARGUMENT: start value must be less than stop value} " +
				"ELSE CAST($1 AS HUGEINT) + CAST(floor(random() * (CAST($2 AS HUGEINT) - CAST($1 AS HUGEINT))) AS HUGEINT) END AS $T)"})
	}
	return f
}

func bitFunctions() []Function {
	list := []Function{
		{Name: "bitwise_and", Overloads: []Overload{{Signature: "bigint, bigint -> bigint", SQL: "($1 & $2)"}}, Examples: []Example{example("bitwise_and(7, 5)", "5", "bigint"), example("bitwise_and(-1, 5)", "5", "bigint"), example("bitwise_and(1, NULL)", "NULL", "bigint")}},
		{Name: "bitwise_or", Overloads: []Overload{{Signature: "bigint, bigint -> bigint", SQL: "($1 | $2)"}}, Examples: []Example{example("bitwise_or(2, 5)", "7", "bigint"), example("bitwise_or(-8, 5)", "-3", "bigint"), example("bitwise_or(1, NULL)", "NULL", "bigint")}},
		{Name: "bitwise_xor", Overloads: []Overload{{Signature: "bigint, bigint -> bigint", SQL: "xor($1, $2)"}}, Examples: []Example{example("bitwise_xor(7, 5)", "2", "bigint"), example("bitwise_xor(-1, 5)", "-6", "bigint"), example("bitwise_xor(1, NULL)", "NULL", "bigint")}},
		{Name: "bitwise_not", Overloads: []Overload{{Signature: "bigint -> bigint", SQL: "(~ $1)"}}, Examples: []Example{example("bitwise_not(5)", "-6", "bigint"), example("bitwise_not(tinyint '5')", "-6", "bigint"), example("bitwise_not(NULL)", "NULL", "bigint")}},
		{Name: "bit_count", Overloads: []Overload{{Signature: "bigint, bigint -> bigint", SQL: "loglake_bit_count($1, $2)"}}, Examples: []Example{example("bit_count(9, 64)", "2", "bigint"), example("bit_count(-7, 8)", "6", "bigint"),
			example("bit_count(NULL, 8)", "NULL", "bigint"), failing("bit_count(128, 8)", CodeFunctionArgument), failing("bit_count(9, 1)", CodeFunctionArgument)}},
	}
	shift := func(name, native string, examples ...Example) {
		f := Function{Name: name, Examples: examples}
		for _, t := range integerTypes {
			f.Overloads = append(f.Overloads, Overload{Signature: t.name + ", integer -> " + t.name,
				SQL: fmt.Sprintf("CAST(%s(CAST($1 AS BIGINT), CAST($2 AS BIGINT), %d) AS $T)", native, t.bits)})
		}
		list = append(list, f)
	}
	shift("bitwise_left_shift", "loglake_shift_left", example("bitwise_left_shift(1, 2)", "4", "integer"), example("bitwise_left_shift(tinyint '127', 1)", "-2", "tinyint"), example("bitwise_left_shift(1, 32)", "0", "integer"),
		example("bitwise_left_shift(bigint '1', -1)", "-9223372036854775808", "bigint"), example("bitwise_left_shift(1, NULL)", "NULL", "integer"))
	shift("bitwise_right_shift", "loglake_shift_right", example("bitwise_right_shift(-8, 1)", "2147483644", "integer"), example("bitwise_right_shift(bigint '-8', 0)", "-8", "bigint"), example("bitwise_right_shift(tinyint '-8', 1)", "124", "tinyint"),
		example("bitwise_right_shift(8, 33)", "0", "integer"), example("bitwise_right_shift(NULL, 1)", "NULL", "tinyint"))
	shift("bitwise_right_shift_arithmetic", "loglake_shift_arithmetic", example("bitwise_right_shift_arithmetic(-8, 1)", "-4", "integer"), example("bitwise_right_shift_arithmetic(-8, 40)", "-1", "integer"),
		example("bitwise_right_shift_arithmetic(bigint '8', 64)", "0", "bigint"), example("bitwise_right_shift_arithmetic(8, NULL)", "NULL", "integer"))
	return list
}

// distributions are distributions and measures, all in Go.
func distributions() []Function {
	const digits = "the last digits of the fraction may differ"
	call := func(name, signature string, examples ...Example) Function {
		return Function{Name: name, Overloads: []Overload{{Signature: signature, SQL: "loglake_" + name + "($*)"}}, Examples: examples}
	}
	near := func(f Function) Function {
		f.Differs = digits
		return f
	}
	return []Function{
		call("wilson_interval_lower", "bigint, bigint, double -> double", example("wilson_interval_lower(1250, 1310, 1.96)", "0.9414883725395894", "double"), example("wilson_interval_lower(5, 10, 0)", "0.5", "double"),
			example("wilson_interval_lower(NULL, 10, 1)", "NULL", "double"), failing("wilson_interval_lower(11, 10, 1.96)", CodeFunctionArgument)),
		call("wilson_interval_upper", "bigint, bigint, double -> double", example("wilson_interval_upper(1250, 1310, 1.96)", "0.9642524717143908", "double"), example("wilson_interval_upper(0, 10, 1.96)", "0.2775401687666165", "double"),
			example("wilson_interval_upper(1, NULL, 1)", "NULL", "double"), failing("wilson_interval_upper(0, 0, 1.96)", CodeFunctionArgument)),
		near(call("normal_cdf", "double, double, double -> double", example("round(normal_cdf(0, 1, 1.96), 12)", "0.975002104852", "double"), example("normal_cdf(0, 1, infinity())", "1.0", "double"), example("normal_cdf(0, NULL, 1)", "NULL", "double"),
			failing("normal_cdf(0, 0, 1)", CodeFunctionArgument))),
		near(call("inverse_normal_cdf", "double, double, double -> double", example("round(inverse_normal_cdf(0, 1, 0.3), 10)", "-0.5244005127", "double"), example("inverse_normal_cdf(2, 1, 0.5)", "2.0", "double"),
			example("inverse_normal_cdf(0, 1, NULL)", "NULL", "double"), failing("inverse_normal_cdf(0, 1, 1)", CodeFunctionArgument))),
		near(call("beta_cdf", "double, double, double -> double", example("round(beta_cdf(3, 3.6, 0.3), 10)", "0.2176481", "double"), example("beta_cdf(3, 3.6, 1)", "1.0", "double"), example("beta_cdf(3, NULL, 0.3)", "NULL", "double"),
			failing("beta_cdf(0, 3.6, 0.3)", CodeFunctionArgument))),
		near(call("inverse_beta_cdf", "double, double, double -> double", example("round(inverse_beta_cdf(3, 3.6, 0.3), 6)", "0.346968", "double"), example("inverse_beta_cdf(3, 3.6, 0)", "0.0", "double"),
			example("inverse_beta_cdf(3, NULL, 0.3)", "NULL", "double"), failing("inverse_beta_cdf(3, 3.6, 1.1)", CodeFunctionArgument))),
		near(call("t_cdf", "double, double -> double", example("round(t_cdf(0.5, 10), 10)", "0.6860531971", "double"), example("t_cdf(0, 5)", "0.5", "double"), example("t_cdf(1, NULL)", "NULL", "double"), failing("t_cdf(1, 0)", CodeFunctionArgument))),
		near(call("t_pdf", "double, double -> double", example("round(t_pdf(0.5, 10), 10)", "0.3396951364", "double"), example("t_pdf(infinity(), 5)", "0.0", "double"), example("t_pdf(1, NULL)", "NULL", "double"), failing("t_pdf(1, 0)", CodeFunctionArgument))),
		{Name: "cosine_similarity", Overloads: []Overload{{Signature: "map(varchar,double), map(varchar,double) -> double", SQL: "loglake_cosine_similarity($1, $2)"}},
			Examples: []Example{example("cosine_similarity(map(ARRAY['a'], ARRAY[1.0]), map(ARRAY['a'], ARRAY[2.0]))", "1.0", "double"), example("cosine_similarity(map(ARRAY['a'], ARRAY[1.0]), map(ARRAY['b'], ARRAY[2.0]))", "0.0", "double"),
				example("cosine_similarity(map(ARRAY['a'], ARRAY[0.0]), map(ARRAY['a'], ARRAY[2.0]))", "NaN", "double"), example("cosine_similarity(map(ARRAY['a'], ARRAY[cast(NULL AS double)]), map(ARRAY['a'], ARRAY[2.0]))", "NULL", "double")}},
		near(call("great_circle_distance", "double, double, double, double -> double", example("round(great_circle_distance(36.12, -86.67, 33.94, -118.40), 6)", "2886.448973", "double"), example("great_circle_distance(0, 0, 0, 0)", "0.0", "double"),
			example("great_circle_distance(0, 0, 0, NULL)", "NULL", "double"), failing("great_circle_distance(91, 0, 0, 0)", CodeFunctionArgument))),
	}
}
