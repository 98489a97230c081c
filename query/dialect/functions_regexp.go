package dialect

import (
	"regexp"
	"strings"
)

// expressionFlavour is what all regular expressions have in common.
const expressionFlavour = "RE2 instead of Java's regular expressions: no look-around, back-references or possessive quantifiers (a constant pattern with them is refused)"

func regexpFunctions() []Function {
	list := []Function{
		{Name: "regexp_like", Overloads: []Overload{{Signature: "varchar(x), varchar -> boolean", SQL: "regexp_matches($1, $2)"}},
			Examples: []Example{example(`regexp_like('GET /a', '^(GET|PUT) ')`, "true", "boolean"), example(`regexp_like('1a', '\d+b')`, "false", "boolean")}},
		{Name: "regexp_extract", Overloads: []Overload{
			{Signature: "varchar(x), varchar -> varchar(x)", SQL: "CASE WHEN regexp_matches($1, $2) THEN regexp_extract($1, $2) END"},
			{Signature: "varchar(x), varchar, bigint -> varchar(x)", SQL: "CASE WHEN regexp_matches($1, $2) THEN regexp_extract($1, $2, CAST($3 AS INTEGER)) END", rewrite: constantGroup},
		}, Differs: "a group that takes no part in the match is '' instead of NULL", Examples: []Example{example(`regexp_extract('id=42;', '\d+')`, "42", "varchar(6)"),
			example(`regexp_extract('id=42;', '(\w+)=(\d+)', 2)`, "42", "varchar(6)"), example(`regexp_extract('id', '\d+')`, "NULL", "varchar(2)")}},
		{Name: "regexp_extract_all", Overloads: []Overload{
			{Signature: "varchar(x), varchar -> array(varchar(x))", SQL: "regexp_extract_all($1, $2)"},
			{Signature: "varchar(x), varchar, bigint -> array(varchar(x))", SQL: "regexp_extract_all($1, $2, CAST($3 AS INTEGER))", rewrite: constantGroup},
		}, Examples: []Example{example(`regexp_extract_all('a1b22', '\d+')`, "[1, 22]", "array(varchar(5))")}},
		{Name: "regexp_replace", Overloads: []Overload{
			{Signature: "varchar(x), varchar -> varchar(x)", SQL: "regexp_replace($1, $2, '', 'g')"},
			{Signature: "varchar, varchar, varchar -> varchar", SQL: "regexp_replace($1, $2, $3, 'g')", rewrite: replacement},
		}, Examples: []Example{example(`regexp_replace('a1b2', '\d')`, "ab", "varchar(4)"), example(`regexp_replace('a1b2', '(\d)', '<$1>')`, "a<1>b<2>", "varchar")}},
		{Name: "regexp_split", Overloads: []Overload{{Signature: "varchar(x), varchar -> array(varchar(x))", SQL: "string_split_regex($1, $2)"}},
			Examples: []Example{example(`regexp_split('a1b22c', '\d+')`, "[a, b, c]", "array(varchar(6))")}},
		{Name: "regexp_count", Overloads: []Overload{{Signature: "varchar(x), varchar -> bigint", SQL: "len(regexp_extract_all($1, $2))"}},
			Examples: []Example{example(`regexp_count('a1b22', '\d')`, "3", "bigint")}},
		{Name: "regexp_position", Overloads: []Overload{{Signature: "varchar(x), varchar -> integer",
			SQL: "CASE WHEN regexp_matches($1, $2) THEN CAST(length(string_split_regex($1, $2)[1]) + 1 AS INTEGER) WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN -1 END"}},
			Examples: []Example{example(`regexp_position('ab1', '\d')`, "3", "integer"), example(`regexp_position('ab', '\d')`, "-1", "integer")}},
	}
	for i := range list {
		f := &list[i]
		f.Differs = strings.TrimPrefix(f.Differs+"; "+expressionFlavour, "; ")
		for j := range f.Overloads {
			f.Overloads[j].rewrite = validExpression(f.Overloads[j].rewrite)
		}
	}
	return list
}

// validExpression refuses constant patterns that RE2 does not know; Go's regular expressions are the same language.
func validExpression(then func(*rewriting) error) func(*rewriting) error {
	return func(c *rewriting) error {
		if text, ok := c.constant(1); ok {
			if _, err := regexp.Compile(text); err != nil {
				return c.errorf(CodeNotSupported, "the regular expression '%s' is not supported: %v", text, err)
			}
		}
		if then == nil {
			return nil
		}
		return then(c)
	}
}

func constantGroup(c *rewriting) error {
	k, ok := c.args[2].(*constExpr)
	if !ok {
		return c.errorf(CodeNotSupported, "group numbers that are not constant are not supported")
	}
	n, ok := k.value.(int64)
	pattern, isConstant := c.constant(1)
	if !ok || n < 0 || n > 9 {
		return c.errorf(CodeFunctionArgument, "Cannot access group %v", k.value)
	}
	if re, err := regexp.Compile(pattern); isConstant && err == nil && int(n) > re.NumSubexp() {
		return c.errorf(CodeFunctionArgument, "Pattern has %d groups. Cannot access group %d", re.NumSubexp(), n)
	}
	return nil
}

// replacement turns Java's $1 into RE2's \1, and \$ into $.
func replacement(c *rewriting) error {
	text, ok := c.constant(2)
	if !ok {
		return c.errorf(CodeNotSupported, "replacements that are not constant are not supported in regexp_replace")
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '$' && i+1 < len(text) && isDigit(text[i+1]):
			i++
			b.WriteString(`\` + text[i:i+1])
			if i+1 < len(text) && isDigit(text[i+1]) {
				return c.errorf(CodeNotSupported, "replacements with a digit after a group are not supported in regexp_replace")
			}
		case text[i] == '$':
			return c.errorf(CodeNotSupported, "named groups are not supported in regexp_replace")
		case text[i] == '\\' && i+1 < len(text):
			i++
			if text[i] == '\\' {
				b.WriteString(`\`)
			}
			b.WriteByte(text[i])
		default:
			b.WriteByte(text[i])
		}
	}
	c.args[2] = textConst(b.String())
	return nil
}
