package dialect

import (
	"fmt"
	"slices"
	"strings"
)

// whitespace is what Trino's trim takes off: Java's white space.
const whitespace = "\t\n\v\f\r\x1c\x1d\x1e\x1f \u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u2028\u2029\u205f\u3000"

func stringFunctions() []Function {
	const unicodeCase = "letters that came with Unicode 16 keep their case"
	list := []Function{
		{Name: "lower", Overloads: []Overload{{Signature: "char(x) -> char(x)", SQL: "lower($1)"}, {Signature: "varchar(x) -> varchar(x)", SQL: "lower($1)"}}, Differs: unicodeCase,
			Examples: []Example{example("lower('AÉİ')", "aéi", "varchar(3)"), example("lower('ΑΣ')", "ασ", "varchar(2)"), example("lower('')", "", "varchar(0)"), example("lower(cast('AB' AS char(3)))", "ab ", "char(3)"), example("lower(NULL)", "NULL", "varchar(0)")}},
		{Name: "upper", Overloads: []Overload{{Signature: "char(x) -> char(x)", SQL: upperSQL}, {Signature: "varchar(x) -> varchar(x)", SQL: upperSQL}}, Differs: unicodeCase,
			Examples: []Example{example("upper('aé')", "AÉ", "varchar(2)"), example("upper('straße')", "STRAßE", "varchar(6)"), example("upper('ﬁı')", "ﬁI", "varchar(2)"), example("upper(cast('a' AS char(2)))", "A ", "char(2)"), example("upper(NULL)", "NULL", "varchar(0)")}},
		{Name: "length", Overloads: []Overload{{Signature: "varchar(x) -> bigint", SQL: "length($1)"}, {Signature: "varbinary -> bigint", SQL: "CAST(octet_length($1) AS BIGINT)"}},
			Examples: []Example{example("length('aé😀')", "3", "bigint"), example("length('')", "0", "bigint"), example("length(X'0102')", "2", "bigint"), example("length(cast('a' AS char(5)))", "5", "bigint"), example("length(NULL)", "NULL", "bigint")}},
		replacing(), reversing(),
		{Name: "strpos", Overloads: []Overload{{Signature: "varchar(x), varchar(y) -> bigint", SQL: "strpos($1, $2)"}, {Signature: "varchar(x), varchar(y), bigint -> bigint", SQL: "loglake_strpos($*)"}}, Differs: "from the end Trino counts some characters beyond U+FFFF twice",
			Examples: []Example{example("strpos('hello', 'l')", "3", "bigint"), example("strpos('é😀a', 'a')", "3", "bigint"), example("strpos('hello', '')", "1", "bigint"), example("position('z' IN 'hello')", "0", "bigint"), example("strpos('a', NULL)", "NULL", "bigint"),
				example("strpos('hello', 'l', 2)", "4", "bigint"), example("strpos('aaaa', 'aa', 2)", "2", "bigint"), example("strpos('aaaa', 'aa', -2)", "2", "bigint"), example("strpos('éaé', 'é', -1)", "3", "bigint"), example("strpos('hello', 'l', 3)", "0", "bigint"),
				example("strpos('hello', '', -1)", "1", "bigint"), failing("strpos('hello', 'l', 0)", CodeFunctionArgument)}},
		{Name: "index", Overloads: []Overload{{Signature: "varchar, varchar -> bigint", SQL: "strpos($1, $2)"}}, Examples: []Example{example("index('hello', 'l')", "3", "bigint"), example("index('hello', '')", "1", "bigint"), example("index(NULL, 'a')", "NULL", "bigint")}},
		{Name: "starts_with", Overloads: []Overload{{Signature: "varchar(x), varchar(y) -> boolean", SQL: "starts_with($1, $2)"}},
			Examples: []Example{example("starts_with('hello', 'he')", "true", "boolean"), example("starts_with('hello', '')", "true", "boolean"), example("starts_with('', 'a')", "false", "boolean"), example("starts_with(NULL, 'a')", "NULL", "boolean")}},
		concatWithSeparator(),
		{Name: "chr", Overloads: []Overload{{Signature: "bigint -> varchar(1)",
			SQL: "CASE WHEN $1 < 0 OR $1 > 1114111 OR $1 BETWEEN 55296 AND 57343 THEN ${INVALID_FUNCTION_ARGUMENT: Not a valid Unicode code point: $1} ELSE chr(CAST($1 AS INTEGER)) END"}},
			Examples: []Example{example("chr(65)", "A", "varchar(1)"), example("chr(128512)", "😀", "varchar(1)"), example("chr(NULL)", "NULL", "varchar(1)"), failing("chr(-1)", CodeFunctionArgument), failing("chr(55296)", CodeFunctionArgument)}},
		{Name: "codepoint", Overloads: []Overload{{Signature: "varchar(1) -> integer", SQL: "CASE WHEN $1 = '' THEN ${INVALID_FUNCTION_ARGUMENT: Input string must be a single character string} ELSE CAST(ord($1) AS INTEGER) END"}},
			Examples: []Example{example("codepoint('A')", "65", "integer"), example("codepoint('😀')", "128512", "integer"), example("codepoint(NULL)", "NULL", "integer"), failing("codepoint('')", CodeFunctionArgument), failing("codepoint('AB')", CodeFunctionNotFound)}},
		{Name: "translate", Overloads: []Overload{{Signature: "varchar(x), varchar(y), varchar(z) -> varchar", SQL: "translate($1, $2, $3)"}},
			Examples: []Example{example("translate('abcb', 'bc', 'x')", "axx", "varchar"), example("translate('abc', 'aab', 'xyz')", "xzc", "varchar"), example("translate('é😀', 'é', 'e')", "e😀", "varchar"), example("translate('abc', 'a', 'xyz')", "xbc", "varchar"),
				example("translate('abc', NULL, 'x')", "NULL", "varchar")}},
		{Name: "levenshtein_distance", Overloads: []Overload{{Signature: "varchar(x), varchar(y) -> bigint", SQL: "loglake_levenshtein($1, $2)"}},
			Examples: []Example{example("levenshtein_distance('kitten', 'sitting')", "3", "bigint"), example("levenshtein_distance('😀a', 'a')", "1", "bigint"), example("levenshtein_distance('', 'abc')", "3", "bigint"), example("levenshtein_distance(NULL, 'a')", "NULL", "bigint"),
				failing("levenshtein_distance(rpad('', 1001, 'a'), rpad('', 1001, 'b'))", CodeFunctionArgument)}},
		{Name: "hamming_distance", Overloads: []Overload{{Signature: "varchar(x), varchar(y) -> bigint", SQL: "loglake_hamming($1, $2)"}},
			Examples: []Example{example("hamming_distance('abc', 'abd')", "1", "bigint"), example("hamming_distance('aé', 'ae')", "1", "bigint"), example("hamming_distance(NULL, 'a')", "NULL", "bigint"), failing("hamming_distance('abc', 'ab')", CodeFunctionArgument)}},
	}
	list = append(list, splitting()...)
	list = append(list, substrings()...)
	list = append(list, padding()...)
	list = append(list, trimming()...)
	list = append(list, rareStringFunctions()...)
	return append(list, binaryFunctions()...)
}

// upperSQL leaves ß as it is, of which DuckDB makes another letter.
const upperSQL = "CASE WHEN contains($1, 'ß') THEN loglake_upper($1) ELSE upper($1) END"

func rareStringFunctions() []Function {
	return []Function{
		calling("luhn_check", "varchar -> boolean", example("luhn_check('79927398713')", "true", "boolean"), example("luhn_check('79927398714')", "false", "boolean"), example("luhn_check('')", "false", "boolean"), example("luhn_check(NULL)", "NULL", "boolean"),
			failing("luhn_check('1a')", CodeFunctionArgument)),
		calling("soundex", "varchar -> varchar(4)", example("soundex('Robert')", "R163", "varchar(4)"), example("soundex('Ashcraft')", "A261", "varchar(4)"), example("soundex('O''Hara 1')", "O600", "varchar(4)"), example("soundex('123')", "", "varchar(4)"),
			example("soundex(NULL)", "NULL", "varchar(4)"), failing("soundex('é')", CodeFunctionArgument)),
		calling("char2hexint", "varchar -> varchar", example("char2hexint('aé')", "006100E9", "varchar"), example("char2hexint('😀')", "D83DDE00", "varchar"), example("char2hexint(NULL)", "NULL", "varchar")),
		{Name: "normalize", Overloads: []Overload{{Signature: "varchar(x), varchar(y) -> varchar", SQL: "loglake_normalize($1, $2)"}},
			Examples: []Example{example(`length(normalize(U&'e\0301'))`, "1", "bigint"), example("length(normalize('é', NFD))", "2", "bigint"), example("normalize('ﬁ', NFKC)", "fi", "varchar"), example("normalize(NULL)", "NULL", "varchar")}},
	}
}

// replacing is replace. DuckDB finds no empty text; Trino finds one between all characters.
func replacing() Function {
	return Function{Name: "replace", Overloads: []Overload{
		{Signature: "varchar(x), varchar(y) -> varchar(x)", SQL: "replace($1, $2, '')"},
		{Signature: "varchar(x), varchar(y), varchar(z) -> varchar", SQL: "CASE WHEN $2 = '' THEN loglake_replace_empty($1, $3) ELSE replace($1, $2, $3) END", rewrite: func(c *rewriting) error {
			size, with := c.args[0].typ().Precision, c.args[2].typ().Precision
			if total := size + with*(size+1); size < VarcharMax && with < VarcharMax && total < VarcharMax {
				c.result.Precision = total
			}
			if find, ok := c.constant(1); ok && find != "" {
				c.over = &Overload{SQL: "replace($1, $2, $3)"}
			}
			return nil
		}},
	}, Examples: []Example{example("replace('a-b-c', '-')", "abc", "varchar(5)"), example("replace('a-b', '-', '+')", "a+b", "varchar(7)"), example("replace('aaa', 'aa', 'b')", "ba", "varchar(7)"), example("replace('é😀', '', 'x')", "xéx😀x", "varchar(5)"),
		example("replace('', '', 'x')", "x", "varchar(1)"), example("replace('abc', x, '') FROM (VALUES 'b') AS t (x)", "ac", "varchar(3)"), example("replace('abc', '')", "abc", "varchar(3)"), example("replace('abc', NULL, 'x')", "NULL", "varchar(7)")}}
}

// reversing is reverse of texts, which DuckDB reverses by what is read as one letter, and of bytes and arrays.
func reversing() Function {
	const text = "CASE WHEN strlen($1) = length($1) THEN reverse($1) ELSE loglake_reverse($1) END"
	return Function{Name: "reverse", Overloads: []Overload{{Signature: "char(x) -> char(x)", SQL: text, rewrite: paddedChar}, {Signature: "varchar(x) -> varchar(x)", SQL: text},
		{Signature: "varbinary -> varbinary", SQL: "loglake_reverse_bytes($1)"}, {Signature: "array(T) -> array(T)", SQL: "list_reverse($1)"}},
		Examples: []Example{example("reverse('abc')", "cba", "varchar(3)"), example(`reverse(U&'e\0301a') = U&'a\0301e'`, "true", "boolean"), example("reverse('')", "", "varchar(0)"), example("reverse(X'010203')", "03 02 01", "varbinary"),
			example("reverse(cast('ab' AS char(4)))", "  ba", "char(4)"), example("reverse(ARRAY[1, 2])", "[2, 1]", "array(integer)"), example("reverse(cast(NULL AS varchar))", "NULL", "varchar")}}
}

func concatWithSeparator() Function {
	return Function{Name: "concat_ws", Overloads: []Overload{{Signature: "varchar, array(varchar) -> varchar", SQL: "loglake_concat_ws($1, $2)"},
		{Signature: "varchar, varchar... -> varchar", SQL: "concat_ws($*)", rewrite: func(c *rewriting) error {
			if len(c.args) < 2 {
				return &Error{Code: CodeFunctionArgument, Message: "There must be two or more arguments"}
			}
			return nil
		}}},
		Examples: []Example{example("concat_ws('-', 'a', NULL, 'b')", "a-b", "varchar"), example("concat_ws(NULL, 'a', 'b')", "NULL", "varchar"), example("concat_ws('-', NULL, NULL)", "", "varchar"), failing("concat_ws('-')", CodeFunctionArgument),
			example("concat_ws('-', ARRAY['a', NULL, '', 'b'])", "a--b", "varchar"), example("concat_ws('-', cast(ARRAY[] AS array(varchar)))", "", "varchar"), example("concat_ws('-', cast(NULL AS array(varchar)))", "NULL", "varchar")}}
}

func substrings() []Function {
	const from = "CASE WHEN $2 = 0 OR $2 > length($1) OR $2 < -length($1) THEN CASE WHEN $1 IS NOT NULL THEN '' END ELSE substr($1, $2) END"
	const part = "CASE WHEN $1 IS NULL OR $2 IS NULL OR $3 IS NULL THEN NULL WHEN $2 = 0 OR $3 <= 0 OR $2 > length($1) OR $2 < -length($1) THEN '' ELSE substr($1, $2, least($3, 2147483647)) END"
	substr := Function{Name: "substr", Overloads: []Overload{
		{Signature: "char(x), bigint -> varchar(x)", SQL: from, rewrite: paddedChar}, {Signature: "char(x), bigint, bigint -> varchar(x)", SQL: part, rewrite: paddedChar},
		{Signature: "varchar(x), bigint -> varchar(x)", SQL: from}, {Signature: "varchar(x), bigint, bigint -> varchar(x)", SQL: part},
		{Signature: "varbinary, bigint -> varbinary", SQL: "loglake_substr_bytes($1, $2, 9223372036854775807)"}, {Signature: "varbinary, bigint, bigint -> varbinary", SQL: "loglake_substr_bytes($1, $2, $3)"},
	}, Examples: []Example{example("substr('hello', 2, 3)", "ell", "varchar(5)"), example("substr('hello', -3)", "llo", "varchar(5)"), example("substr('hello', -3, 2)", "ll", "varchar(5)"), example("substr('hello', -9, 2)", "", "varchar(5)"), example("substr('é😀a', 2, 1)", "😀", "varchar(3)"),
		example("substr('hello', 9)", "", "varchar(5)"), example("substr('hello', 2, -1)", "", "varchar(5)"), example("substr('hello', 2, 9223372036854775807)", "ello", "varchar(5)"),
		example("substr('hello', -9223372036854775807, 2)", "", "varchar(5)"), example("substr('a', NULL)", "NULL", "varchar(1)"), example("substr('a', 1, NULL)", "NULL", "varchar(1)"), example("substr(cast(NULL AS varchar), 1, 2)", "NULL", "varchar"),
		example("substr(cast('ab' AS char(4)), 2)", "b  ", "varchar(4)"), example("substr(X'010203', -2)", "02 03", "varbinary"), example("substr(X'010203', 2, 1)", "02", "varbinary"), example("substr(X'010203', 5)", "", "varbinary")}}
	of := Function{Name: "substring", Overloads: slices.Clone(substr.Overloads[:4]), Examples: []Example{example("substring('hello', 0, 2)", "", "varchar(5)"), example("substring('hello' FROM 2 FOR 2)", "el", "varchar(5)"), failing("substring(X'010203', 2)", "FUNCTION_NOT_FOUND")}}
	return []Function{substr, of}
}

// paddedChar hands over a char as the varchar with its blanks.
func paddedChar(c *rewriting) error {
	padded := c.args[0].typ()
	padded.Kind = KindVarchar
	c.args[0] = cast(c.args[0], padded)
	return nil
}

func splitting() []Function {
	// A constant delimiter needs no check.
	plain := func(sql string) func(*rewriting) error {
		return func(c *rewriting) error {
			if delimiter, ok := c.constant(1); ok && delimiter != "" {
				c.over = &Overload{SQL: sql}
			}
			return nil
		}
	}
	const index = "WHEN $3 < 1 AND $1 IS NOT NULL AND $2 IS NOT NULL THEN ${INVALID_FUNCTION_ARGUMENT: Index must be greater than zero} "
	return []Function{
		{Name: "split_part", Overloads: []Overload{{Signature: "varchar(x), varchar(y), bigint -> varchar(x)",
			SQL:     "CASE " + index + "WHEN $2 = '' THEN nullif(substr($1, least($3, 2147483647), 1), '') WHEN $2 IS NOT NULL THEN string_split($1, $2)[$3] END",
			rewrite: plain("CASE " + index + "ELSE string_split($1, $2)[$3] END")}},
			Examples: []Example{example("split_part('a/b/c', '/', 2)", "b", "varchar(5)"), example("split_part('a/b', '/', 3)", "NULL", "varchar(3)"), example("split_part('a/b/', '/', 3)", "", "varchar(4)"), example("split_part('é😀c', x, 2) FROM (VALUES '') AS t (x)", "😀", "varchar(3)"),
				example("split_part('', '', 1)", "NULL", "varchar(0)"), example("split_part('', 'x', 1)", "", "varchar(0)"), example("split_part('abc', NULL, 1)", "NULL", "varchar(3)"), example("split_part(NULL, ',', 1)", "NULL", "varchar(0)"), failing("split_part('a', '/', 0)", CodeFunctionArgument)}},
		{Name: "split", Overloads: []Overload{{Signature: "varchar(x), varchar(y) -> array(varchar(x))", SQL: "CASE WHEN $2 = '' AND $1 IS NOT NULL THEN ${INVALID_FUNCTION_ARGUMENT: The delimiter may not be the empty string} WHEN $2 IS NOT NULL THEN string_split($1, $2) END",
			rewrite: plain("string_split($1, $2)")}, {Signature: "varchar(x), varchar(y), bigint -> array(varchar(x))", SQL: "loglake_split($*)"}},
			Examples: []Example{example("split('a,b,c', ',')", "[a, b, c]", "array(varchar(5))"), example("split('', ',')", "[]", "array(varchar(0))"), example("cardinality(split('', ','))", "1", "bigint"), example("split(',a,', ',')", "[, a, ]", "array(varchar(3))"), example("split('aaa', 'aa')", "[, a]", "array(varchar(3))"),
				example("split('a,b,c', ',', 2)", "[a, b,c]", "array(varchar(5))"), example("split('a,b,c', ',', 9)", "[a, b, c]", "array(varchar(5))"), example("split('a,b', NULL)", "NULL", "array(varchar(3))"), example("split('a,b', ',')[2]", "b", "varchar(3)"),
				failing("split('abc', '')", CodeFunctionArgument), failing("split('a,b', ',', 0)", CodeFunctionArgument)}},
	}
}

// padMax bounds what lpad and rpad make of a short text.
const padMax = 64 << 20

func padding() []Function {
	var list []Function
	for name, want := range map[string][2]string{"lpad": {"xyxya", "03 01"}, "rpad": {"axyxy", "01 03"}} {
		list = append(list, Function{Name: name, Overloads: []Overload{{Signature: "varchar(x), bigint, varchar(y) -> varchar",
			SQL: fmt.Sprintf("CASE WHEN $1 IS NULL OR $2 IS NULL OR $3 IS NULL THEN NULL WHEN $2 < 0 OR $2 > 2147483647 THEN ${INVALID_FUNCTION_ARGUMENT: Target length must be in the range [0..2147483647]} WHEN $3 = '' THEN ${INVALID_FUNCTION_ARGUMENT: Padding string must not be empty} "+
				"WHEN $2 > %d THEN ${NOT_SUPPORTED: the result of %s exceeds %d characters} ELSE %s($1, CAST($2 AS INTEGER), $3) END", padMax, name, padMax, name)},
			{Signature: "varbinary, bigint, varbinary -> varbinary", SQL: fmt.Sprintf("loglake_pad_bytes($1, $2, $3, %t)", name == "lpad")}},
			Examples: []Example{example(name+"('a', 5, 'xy')", want[0], "varchar"), example(name+"('abc', 2, 'x')", "ab", "varchar"), example(name+"('é', 0, '😀')", "", "varchar"), example(name+"('a', NULL, 'x')", "NULL", "varchar"), example(name+"(NULL, -1, '')", "NULL", "varchar"), failing(name+"('a', 3, '')", CodeFunctionArgument),
				failing(name+"('a', -1, 'x')", CodeFunctionArgument), example(name+"(X'01', 2, X'03')", want[1], "varbinary"), failing(name+"(X'01', 3, X'')", CodeFunctionArgument)}})
	}
	return list
}

func trimming() []Function {
	var list []Function
	for name, want := range map[string]string{"trim": "a", "ltrim": "a ", "rtrim": " a"} {
		f := Function{Name: name, Examples: []Example{example(name+"(' a ')", want, "varchar(3)"), example(name+"('xxx', 'x')", "", "varchar(3)"), example(name+"(' a ', '')", " a ", "varchar(3)"), example(name+"(NULL)", "NULL", "varchar(0)")}}
		for _, of := range [...]string{"char(x)", "varchar(x)"} {
			unpadded := "$1"
			if of == "char(x)" {
				unpadded = "rtrim($1, ' ')"
			}
			f.Overloads = append(f.Overloads, Overload{Signature: of + " -> varchar(x)", SQL: name + "(" + unpadded + ", " + quoteText(whitespace) + ")"}, Overload{Signature: of + ", varchar -> varchar(x)", SQL: name + "(" + unpadded + ", $2)"})
		}
		list = append(list, f)
		if name == "trim" {
			list[len(list)-1].Examples = append(f.Examples, example("trim(LEADING 'x' FROM 'xax')", "ax", "varchar(3)"), example("trim('abcba', 'ab')", "c", "varchar(5)"), example(`trim(U&'\2003a\3000\001f')`, "a", "varchar(4)"), example(`length(trim(U&'\00a0a'))`, "2", "bigint"),
				example("trim(cast(' a' AS char(5)))", "a", "varchar(5)"), example("ltrim(cast('ab' AS char(4)), 'a') || '!'", "b!", "varchar"), example("ltrim(cast(' ab' AS char(5))) || '!'", "ab!", "varchar"))
		}
	}
	return list
}

// templateText makes a text stand for itself in a template.
func templateText(text string) string { return strings.ReplaceAll(text, "$", "$$") }

// alwaysNull tells an expression that is NULL whatever the row is.
func alwaysNull(e expr) bool {
	switch e := e.(type) {
	case *castExpr:
		return alwaysNull(e.operand)
	case *callExpr:
		return e.over != nil && e.over.SQL == nullSQL
	}
	return isNull(e)
}

const nullSQL = "CAST(NULL AS $T)"

// nullPart makes NULL of a concatenation with a constant NULL, to which DuckDB would give another type.
func nullPart(c *rewriting) error {
	for _, arg := range c.args {
		if alwaysNull(arg) {
			c.over = &Overload{SQL: nullSQL}
		}
	}
	return nil
}
