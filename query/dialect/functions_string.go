package dialect

// whitespace is what Trino's trim takes off: Java's white space.
const whitespace = "\t\n\v\f\r\x1c\x1d\x1e\x1f \u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u2028\u2029\u205f\u3000"

func stringFunctions() []Function {
	list := []Function{
		{Name: "lower", Overloads: []Overload{{Signature: "varchar(x) -> varchar(x)", SQL: "lower($1)"}}, Examples: []Example{example("lower('AÉ')", "aé", "varchar(2)")}},
		{Name: "upper", Overloads: []Overload{{Signature: "varchar(x) -> varchar(x)", SQL: "upper($1)"}}, Examples: []Example{example("upper('aé')", "AÉ", "varchar(2)")}},
		{Name: "length", Overloads: []Overload{{Signature: "varchar(x) -> bigint", SQL: "length($1)"}, {Signature: "varbinary -> bigint", SQL: "CAST(octet_length($1) AS BIGINT)"}},
			Examples: []Example{example("length('aé')", "2", "bigint"), example("length(X'0102')", "2", "bigint")}},
		{Name: "replace", Overloads: []Overload{
			{Signature: "varchar(x), varchar(y) -> varchar(x)", SQL: "replace($1, $2, '')"},
			{Signature: "varchar, varchar, varchar -> varchar", SQL: "replace($1, $2, $3)"},
		}, Differs: "with an empty text to find, Trino puts the replacement between all characters; here nothing is replaced",
			Examples: []Example{example("replace('a-b-c', '-')", "abc", "varchar(5)"), example("replace('a-b', '-', '+')", "a+b", "varchar")}},
		{Name: "reverse", Overloads: []Overload{{Signature: "varchar(x) -> varchar(x)", SQL: "reverse($1)"}, {Signature: "array(T) -> array(T)", SQL: "list_reverse($1)"}},
			Differs:  "combining characters stay behind their letter",
			Examples: []Example{example("reverse('abc')", "cba", "varchar(3)"), example("reverse(ARRAY[1, 2])", "[2, 1]", "array(integer)")}},
		{Name: "strpos", Overloads: []Overload{{Signature: "varchar, varchar -> bigint", SQL: "strpos($1, $2)"}},
			Examples: []Example{example("strpos('hello', 'l')", "3", "bigint"), example("position('z' IN 'hello')", "0", "bigint")}},
		{Name: "starts_with", Overloads: []Overload{{Signature: "varchar, varchar -> boolean", SQL: "starts_with($1, $2)"}},
			Examples: []Example{example("starts_with('hello', 'he')", "true", "boolean")}},
		{Name: "ends_with", Overloads: []Overload{{Signature: "varchar, varchar -> boolean", SQL: "suffix($1, $2)"}},
			Examples: []Example{example("ends_with('hello', 'lo')", "true", "boolean")}},
		{Name: "concat_ws", Overloads: []Overload{{Signature: "varchar, array(varchar) -> varchar", SQL: "array_to_string(list_filter($2, lambda v: v IS NOT NULL), $1)"},
			{Signature: "varchar, varchar... -> varchar", SQL: "concat_ws($*)"}},
			Examples: []Example{example("concat_ws('-', 'a', NULL, 'b')", "a-b", "varchar"), example("concat_ws('-', ARRAY['a', NULL, 'b'])", "a-b", "varchar")}},
		{Name: "chr", Overloads: []Overload{{Signature: "bigint -> varchar(1)", SQL: "chr(CAST($1 AS INTEGER))"}}, Examples: []Example{example("chr(65)", "A", "varchar(1)")}},
		{Name: "codepoint", Overloads: []Overload{{Signature: "varchar(x) -> integer", SQL: "ord($1)"}}, Examples: []Example{example("codepoint('A')", "65", "integer")}},
		{Name: "translate", Overloads: []Overload{{Signature: "varchar, varchar, varchar -> varchar", SQL: "translate($1, $2, $3)"}},
			Examples: []Example{example("translate('abcb', 'bc', 'x')", "axx", "varchar")}},
		{Name: "levenshtein_distance", Overloads: []Overload{{Signature: "varchar(x), varchar(y) -> bigint", SQL: "levenshtein($1, $2)"}},
			Differs: "counts bytes instead of characters", Examples: []Example{example("levenshtein_distance('kitten', 'sitting')", "3", "bigint")}},
		{Name: "hamming_distance", Overloads: []Overload{{Signature: "varchar(x), varchar(y) -> bigint", SQL: "hamming($1, $2)"}},
			Differs: "counts bytes instead of characters", Examples: []Example{example("hamming_distance('abc', 'abd')", "1", "bigint")}},
		splitPart(),
		{Name: "split", Overloads: []Overload{{Signature: "varchar(x), varchar -> array(varchar(x))", SQL: "string_split($1, $2)"},
			{Signature: "varchar(x), varchar, bigint -> array(varchar(x))", SQL: "CASE WHEN $3 <= 0 THEN ${INVALID_FUNCTION_ARGUMENT: Limit must be positive} WHEN len(string_split($1, $2)) <= $3 THEN string_split($1, $2) " +
				"ELSE list_append(string_split($1, $2)[1:$3 - 1], array_to_string(string_split($1, $2)[$3:], $2)) END"}},
			Examples: []Example{example("split('a,b,c', ',')", "[a, b, c]", "array(varchar(5))"), example("split('a,b,c', ',', 2)", "[a, b,c]", "array(varchar(5))"),
				example("split('a,b', ',')[2]", "b", "varchar(3)")}},
	}
	return append(append(append(list, substring()), padding()...), append(trimming(), binaryFunctions()...)...)
}

// nullPart makes NULL of a concatenation with a constant NULL, to which DuckDB would give another type.
func nullPart(c *rewriting) error {
	for _, arg := range c.args {
		if isNull(arg) {
			c.over = &Overload{SQL: "CAST(NULL AS $T)"}
		}
	}
	return nil
}

func substring() Function {
	return Function{Name: "substr substring", Overloads: []Overload{
		{Signature: "varchar(x), bigint -> varchar(x)", SQL: "CASE WHEN $2 = 0 OR abs($2) > length($1) THEN CASE WHEN $1 IS NULL THEN NULL ELSE '' END ELSE substr($1, $2) END"},
		{Signature: "varchar(x), bigint, bigint -> varchar(x)", SQL: "CASE WHEN $2 = 0 OR $3 <= 0 OR abs($2) > length($1) THEN CASE WHEN $1 IS NULL OR $3 IS NULL THEN NULL ELSE '' END ELSE substr($1, $2, $3) END"},
	}, Examples: []Example{example("substr('hello', 2, 3)", "ell", "varchar(5)"), example("substr('hello', -3)", "llo", "varchar(5)"),
		example("substring('hello', 0, 2)", "", "varchar(5)"), example("substring('hello' FROM 2 FOR 2)", "el", "varchar(5)"), example("substr('hello', 9)", "", "varchar(5)")}}
}

func splitPart() Function {
	return Function{Name: "split_part", Overloads: []Overload{{Signature: "varchar(x), varchar, bigint -> varchar(x)",
		SQL: "CASE WHEN $3 < 1 THEN ${INVALID_FUNCTION_ARGUMENT: Index must be greater than zero} WHEN $3 > len(string_split($1, $2)) THEN NULL ELSE string_split($1, $2)[$3] END"}},
		Examples: []Example{example("split_part('a/b/c', '/', 2)", "b", "varchar(5)"), example("split_part('a/b', '/', 3)", "NULL", "varchar(3)"),
			failing("split_part('a', '/', 0)", CodeFunctionArgument)}}
}

func padding() []Function {
	var list []Function
	for name, want := range map[string]string{"lpad": "xxa", "rpad": "axx"} {
		list = append(list, Function{Name: name, Overloads: []Overload{{Signature: "varchar, bigint, varchar -> varchar",
			SQL: "CASE WHEN $2 < 0 THEN ${INVALID_FUNCTION_ARGUMENT: Target length must be in the range [0..2147483647]} WHEN $3 = '' THEN ${INVALID_FUNCTION_ARGUMENT: Padding string must not be empty} ELSE " + name + "($1, CAST($2 AS INTEGER), $3) END"}},
			Examples: []Example{example(name+"('a', 3, 'x')", want, "varchar"), example(name+"('abc', 2, 'x')", "ab", "varchar")}})
	}
	return list
}

func trimming() []Function {
	var list []Function
	for name, want := range map[string]string{"trim": "a", "ltrim": "a ", "rtrim": " a"} {
		list = append(list, Function{Name: name, Overloads: []Overload{
			{Signature: "varchar(x) -> varchar(x)", SQL: name + "($1, " + quoteText(whitespace) + ")"},
			{Signature: "varchar(x), varchar -> varchar(x)", SQL: name + "($1, $2)"},
		}, Examples: []Example{example(name+"(' a ')", want, "varchar(3)"), example(name+"('xxx', 'x')", "", "varchar(3)")}})
	}
	list[0].Examples = append(list[0].Examples, example("trim(LEADING 'x' FROM 'xax')", "ax", "varchar(3)"))
	return list
}

func binaryFunctions() []Function {
	list := []Function{
		{Name: "to_utf8", Overloads: []Overload{{Signature: "varchar -> varbinary", SQL: "encode($1)"}}, Examples: []Example{example("to_utf8('ab')", "61 62", "varbinary")}},
		{Name: "from_utf8", Overloads: []Overload{{Signature: "varbinary -> varchar", SQL: "decode($1)"}}, Differs: "bytes that are no UTF-8 fail instead of becoming U+FFFD",
			Examples: []Example{example("from_utf8(X'6162')", "ab", "varchar")}},
		{Name: "to_hex", Overloads: []Overload{{Signature: "varbinary -> varchar", SQL: "hex($1)"}}, Examples: []Example{example("to_hex(X'0aff')", "0AFF", "varchar")}},
		{Name: "from_hex", Overloads: []Overload{{Signature: "varchar -> varbinary", SQL: "unhex($1)"}}, Examples: []Example{example("from_hex('0AFF')", "0a ff", "varbinary")}},
		{Name: "to_base64", Overloads: []Overload{{Signature: "varbinary -> varchar", SQL: "to_base64($1)"}}, Examples: []Example{example("to_base64(to_utf8('abc'))", "YWJj", "varchar")}},
		{Name: "from_base64", Overloads: []Overload{{Signature: "varchar -> varbinary", SQL: "from_base64($1)"}}, Examples: []Example{example("from_utf8(from_base64('YWJj'))", "abc", "varchar")}},
	}
	for _, h := range [...][2]string{{"md5", "900150983CD24FB0D6963F7D28E17F72"}, {"sha1", "A9993E364706816ABA3E25717850C26C9CD0D89D"},
		{"sha256", "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"}} {
		list = append(list, Function{Name: h[0], Overloads: []Overload{{Signature: "varbinary -> varbinary", SQL: "unhex(" + h[0] + "($1))"}},
			Examples: []Example{example("to_hex("+h[0]+"(to_utf8('abc')))", h[1], "varchar")}})
	}
	return list
}
