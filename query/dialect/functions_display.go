package dialect

// displayFunctions write for people: colours of a terminal, bars, short numbers, sizes.
func displayFunctions() []Function {
	const between = "loglake_color_between((CAST($1 AS DOUBLE) - CAST($2 AS DOUBLE)) / (CAST($3 AS DOUBLE) - CAST($2 AS DOUBLE)), $4, $5)"
	part := func(n, name string) string {
		return "WHEN $" + n + " NOT BETWEEN 0 AND 255 THEN ${INVALID_FUNCTION_ARGUMENT: " + name + " must be between 0 and 255} "
	}
	return []Function{
		{Name: "color", Overloads: []Overload{
			{Signature: "varchar(x) -> color", SQL: "loglake_color($1)"}, {Signature: "double, color, color -> color", SQL: "loglake_color_between($1, $2, $3)"},
			{Signature: "double, double, double, color, color -> color", SQL: between},
		}, Examples: []Example{example("color('RED')", "red", "color"), example("color('#f0c')", "#ff00cc", "color"), example("color(CAST(NULL AS varchar))", "NULL", "color"), example("color(0.5, rgb(255, 0, 0), rgb(0, 255, 0))", "#ffff00", "color"),
			example("color(0.25, rgb(10, 20, 30), rgb(200, 100, 50))", "#17493a", "color"), example("color(1.5, rgb(255, 0, 0), rgb(0, 255, 0))", "#00ff00", "color"), example("color(nan(), rgb(255, 0, 0), rgb(0, 255, 0))", "#000000", "color"),
			example("color(5, 1, 10, rgb(255, 0, 0), rgb(0, 255, 0))", "#ffe300", "color"), example("color(5.5, 1, 10, rgb(255, 0, 0), rgb(0, 255, 0))", "#ffff00", "color"), example("color('blue') = color('BLUE')", "true", "boolean"),
			failing("color('orange')", CodeFunctionArgument+": Invalid color: 'orange'"), failing("color(0.5, color('red'), rgb(0, 255, 0))", CodeFunctionArgument+": lowColor not a valid RGB color")}},
		{Name: "rgb", Overloads: []Overload{{Signature: "bigint, bigint, bigint -> color", SQL: "CASE WHEN $1 IS NULL OR $2 IS NULL OR $3 IS NULL THEN NULL " + part("1", "red") + part("2", "green") + part("3", "blue") + "ELSE format('#{:02x}{:02x}{:02x}', $1, $2, $3) END"}},
			Examples: []Example{example("rgb(1, 2, 255)", "#0102ff", "color"), example("rgb(1, NULL, 3)", "NULL", "color"), failing("rgb(256, 0, 0)", CodeFunctionArgument+": red must be between 0 and 255"), failing("rgb(0, 0, -1)", CodeFunctionArgument+": blue must be between 0 and 255")}},
		{Name: "render", Overloads: []Overload{
			{Signature: "varchar(x), color -> varchar(x+15)", SQL: "loglake_render($1, $2)"}, {Signature: "bigint, color -> varchar(35)", SQL: "loglake_render(CAST($1 AS VARCHAR), $2)"},
			{Signature: "double, color -> varchar(41)", SQL: "loglake_render($1, $2)", rewrite: textFirst}, {Signature: "boolean -> varchar(16)", SQL: "CASE WHEN $1 THEN loglake_render('✓', 'green') WHEN NOT $1 THEN loglake_render('✗', 'red') END"},
		}, Examples: []Example{example("render('a', color('red'))", "\x1b[38;5;1ma\x1b[0m", "varchar(16)"), example("render('a', rgb(86, 127, 128))", "\x1b[38;5;103ma\x1b[0m", "varchar(16)"), example("render(1, color('black'))", "\x1b[38;5;0m1\x1b[0m", "varchar(35)"),
			example("render(1e10, color('blue'))", "\x1b[38;5;4m1.0E10\x1b[0m", "varchar(41)"), example("render(true)", "\x1b[38;5;2m✓\x1b[0m", "varchar(16)"), example("render(false)", "\x1b[38;5;1m✗\x1b[0m", "varchar(16)"),
			example("render(CAST(NULL AS varchar), color('red'))", "NULL", "varchar")}},
		{Name: "bar", Overloads: []Overload{{Signature: "double, bigint -> varchar", SQL: "loglake_bar($1, $2, '#ff0000', '#00ff00')"}, {Signature: "double, bigint, color, color -> varchar", SQL: "loglake_bar($1, $2, $3, $4)"}},
			Limit: "at most 100,000 wide",
			Examples: []Example{example("bar(0.33, 6)", "\x1b[38;5;196m█\x1b[0m     ", "varchar"), example("bar(2, 5)", "\x1b[38;5;196m█\x1b[38;5;214m█\x1b[38;5;226m█\x1b[38;5;154m█\x1b[38;5;46m█\x1b[0m", "varchar"), example("bar(-1, 3)", "\x1b[0m   ", "varchar"),
				example("bar(nan(), 2)", "\x1b[0m  ", "varchar"), example("bar(0.5, -1)", "\x1b[0m", "varchar"), example("bar(1, 1)", "\x1b[38;5;16m█\x1b[0m", "varchar"), example("bar(NULL, 3)", "NULL", "varchar"),
				example("bar(0.3, 4, rgb(0, 0, 255), rgb(0, 0, 255))", "\x1b[38;5;21m█\x1b[0m   ", "varchar"), failing("bar(1, 3, color('red'), rgb(1, 2, 3))", CodeFunctionArgument+": color is not a valid rgb value")}},
		{Name: "format_number", Overloads: []Overload{{Signature: "bigint -> varchar", SQL: "loglake_format_number($1)"},
			{Signature: "double -> varchar", SQL: "loglake_format_number(CASE WHEN isnan($1) THEN 0 WHEN $1 >= 9.3e18 THEN 9223372036854775807 WHEN $1 <= -9.3e18 THEN CAST('-9223372036854775808' AS BIGINT) ELSE CAST(trunc($1) AS BIGINT) END)"}},
			Examples: []Example{example("format_number(1234)", "1.23K", "varchar"), example("format_number(1015)", "1.01K", "varchar"), example("format_number(10250)", "10.3K", "varchar"), example("format_number(100500)", "101K", "varchar"),
				example("format_number(-1234567)", "-1.23M", "varchar"), example("format_number(999999)", "1000K", "varchar"), example("format_number(123456789012345)", "123T", "varchar"), example("format_number(9223372036854775807)", "9223Q", "varchar"),
				example("format_number(0.9)", "0", "varchar"), example("format_number(-1.5)", "-1", "varchar"), example("format_number(nan())", "0", "varchar"), example("format_number(infinity())", "9223Q", "varchar"),
				example("format_number(-9223372036854775807 - 1)", "-9223.37Q", "varchar"), example("format_number(NULL)", "NULL", "varchar")}},
		{Name: "parse_data_size parse_presto_data_size", Overloads: []Overload{{Signature: "varchar(x) -> decimal(38,0)", SQL: "CAST(loglake_data_size($1) AS DECIMAL(38,0))"}},
			Examples: []Example{example("parse_data_size('1.5kB')", "1536", "decimal(38,0)"), example("parse_presto_data_size('2.3MB')", "2411724", "decimal(38,0)"), example("parse_data_size('.5kB')", "512", "decimal(38,0)"), example("parse_data_size('1YB')", "1208925819614629174706176", "decimal(38,0)"),
				example("parse_data_size('1.999B')", "1", "decimal(38,0)"), example("parse_data_size(NULL)", "NULL", "decimal(38,0)"), example("try(parse_data_size('1 kB'))", "NULL", "decimal(38,0)"), failing("parse_data_size('1KB')", CodeFunctionArgument+": Invalid data size: '1KB'"),
				failing("parse_data_size('1.')", CodeFunctionArgument), failing("parse_data_size('')", CodeFunctionArgument), failing("parse_data_size('82718061255303YB')", CodeOutOfRange)}},
	}
}

// textFirst takes the first argument as its text.
func textFirst(c *rewriting) error {
	c.args[0] = &castExpr{operand: c.args[0], t: varchar()}
	c.over = &Overload{SQL: "loglake_render(CASE WHEN $1 IN ('0E0', '-0E0') THEN '0.0' ELSE $1 END, $2)"}
	return nil
}
