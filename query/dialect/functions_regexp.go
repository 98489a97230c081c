package dialect

import (
	"errors"
	"strconv"
	"strings"

	"github.com/loglake/loglake/query/dialect/internal/joni"
)

// Regular expressions are matched by functions in Go that know Athena's language. A constant pattern that means the same in
// RE2 is matched by DuckDB, which is faster; where that is so over texts of ASCII alone, by the one or the other.

// expressionLimit is what all regular expressions have in common.
var expressionLimit = "a search that takes more than " + strconv.Itoa(joni.StepsMax) + " steps of backtracking fails with NOT_SUPPORTED; " +
	"refused by name are classes in any case with letters such as ß, references to the group around them, groups that are repeated where they may match nothing, and counted repetitions of possessive parts"

func regexpFunctions() []Function {
	list := []Function{
		{Name: "regexp_like", Overloads: []Overload{{Signature: "varchar(x), varchar -> boolean", SQL: "loglake_regexp_like($1, $2)", rewrite: plainly(func(e *plainCall) string {
			return "regexp_matches($1, " + e.pattern + ")"
		})}}, Examples: likeExamples()},
		{Name: "regexp_extract", Overloads: []Overload{
			{Signature: "varchar(x), varchar -> varchar(x)", SQL: "loglake_regexp_extract($1, $2, 0)", rewrite: plainly(extracted)},
			{Signature: "varchar(x), varchar, bigint -> varchar(x)", SQL: "loglake_regexp_extract($1, $2, $3)", rewrite: plainly(extracted)},
		}, Examples: extractExamples()},
		{Name: "regexp_extract_all", Overloads: []Overload{
			{Signature: "varchar(x), varchar -> array(varchar(x))", SQL: "loglake_regexp_extract_all($1, $2, 0)", rewrite: plainly(allExtracted)},
			{Signature: "varchar(x), varchar, bigint -> array(varchar(x))", SQL: "loglake_regexp_extract_all($1, $2, $3)", rewrite: plainly(allExtracted)},
		}, Examples: []Example{example(`regexp_extract_all('a1b22', '\d+')`, "[1, 22]", "array(varchar(5))"), example(`regexp_extract_all('a1b', '(\d)|(b)', 1)`, "[1, null]", "array(varchar(3))"),
			example(`regexp_extract_all('abc', 'b*')`, "[, b, , ]", "array(varchar(3))"), example(`regexp_extract_all('abc', 'x')`, "[]", "array(varchar(3))"), example(`regexp_extract_all(NULL, 'x')`, "NULL", "array(varchar(0))"),
			failing(`regexp_extract_all('a', '(a)', 2)`, CodeFunctionArgument)}},
		replacingExpressions(),
		{Name: "regexp_split", Overloads: []Overload{{Signature: "varchar(x), varchar -> array(varchar(x))", SQL: "loglake_regexp_split($1, $2)", rewrite: plainly(func(e *plainCall) string {
			if e.Nullable || e.Anchored {
				return ""
			}
			return "string_split_regex($1, " + e.pattern + ")"
		})}}, Examples: []Example{example(`regexp_split('a1b22c', '\d+')`, "[a, b, c]", "array(varchar(6))"), example(`regexp_split('abc', '(?<=a)')`, "[a, bc]", "array(varchar(3))"), example(`regexp_split('', 'a')`, "[]", "array(varchar(0))"),
			example(`regexp_split('ab', '')`, "[, a, b, ]", "array(varchar(2))"), example(`regexp_split(NULL, 'a')`, "NULL", "array(varchar(0))")}},
		{Name: "regexp_count", Overloads: []Overload{{Signature: "varchar(x), varchar -> bigint", SQL: "loglake_regexp_count($1, $2)", rewrite: plainly(func(e *plainCall) string {
			if e.Nullable {
				return ""
			}
			return "len(regexp_extract_all($1, " + e.pattern + "))"
		})}}, Examples: []Example{example(`regexp_count('a1b22', '\d')`, "3", "bigint"), example(`regexp_count('abc', '')`, "4", "bigint"), example(`regexp_count('aaa', 'a(?=a)')`, "2", "bigint"), example(`regexp_count('a', NULL)`, "NULL", "bigint")}},
		{Name: "regexp_position", Overloads: []Overload{
			{Signature: "varchar(x), varchar -> integer", SQL: "CAST(loglake_regexp_position($1, $2, 1, 1) AS INTEGER)", rewrite: plainly(nil)},
			{Signature: "varchar(x), varchar, integer -> integer", SQL: "CAST(loglake_regexp_position($1, $2, $3, 1) AS INTEGER)", rewrite: plainly(nil)},
			{Signature: "varchar(x), varchar, integer, integer -> integer", SQL: "CAST(loglake_regexp_position($1, $2, $3, $4) AS INTEGER)", rewrite: plainly(nil)},
		}, Examples: []Example{example(`regexp_position('éb1', '\d')`, "3", "integer"), example(`regexp_position('ab', '\d')`, "-1", "integer"), example(`regexp_position('1a2b3', '\d', 2)`, "3", "integer"), example(`regexp_position('1a2b3', '\d', 2, 2)`, "5", "integer"),
			example(`regexp_position('', '')`, "-1", "integer"), example(`regexp_position('a', NULL)`, "NULL", "integer"), failing(`regexp_position('a', 'a', 0)`, CodeFunctionArgument), failing(`regexp_position('a', 'a', 1, 0)`, CodeFunctionArgument)}},
	}
	for i := range list {
		list[i].Limit = expressionLimit
	}
	return list
}

func likeExamples() []Example {
	const t, f = "true", "false"
	like := func(call, want string) Example { return example("regexp_like("+call+")", want, "boolean") }
	return []Example{like(`'GET /a', '^(GET|PUT) '`, t), like(`'1a', '\d+b'`, f), like(`'foobar', 'foo(?=bar)'`, t), like(`'foobar', '(?<!foo)bar'`, f), like(`'abab', '^(ab)\1$'`, t), like(`'aab', '^(?<x>a)\k<x>b'`, t),
		like(`'aaa', 'a++a'`, f), like(`'abc', '(?>ab|abc)$'`, f), like(`'x', '[a-z&&[^b]]'`, t), like(`'É', '(?i)é'`, t), like(`'Straße', '(?i)STRASSE'`, t), like(`'é', '\w'`, f), like(`'é', '\p{Alpha}'`, t), like(`'é', '\be'`, f), like(`'aé', 'a\b'`, f),
		like("'a' || chr(10), 'a$'", t), like("'a' || chr(10), 'a\\z'", f), like("'b' || chr(10) || 'a', '(?m)^a'", t), like("chr(10), '.'", f), like("chr(10), '(?s).'", t), like("chr(11), '\\s'", t), like(`'a.b', '\Qa.b\E'`, t), like(`'A', '\x{41}\u0042?'`, t),
		like(`'a', v) FROM (VALUES '(?=a)', 'A') AS t (v) WHERE (v = 'A'`, f), like(`'a', ''`, t), like(`NULL, '['`, "NULL"), like(`'a', cast(NULL AS varchar)`, "NULL"), failing(`regexp_like('a', '[')`, CodeFunctionArgument), failing(`regexp_like('a', 'a{2,1}')`, CodeFunctionArgument),
		failing(`regexp_like('a', '(?i)[ß-ÿ]')`, CodeNotSupported)}
}

func extractExamples() []Example {
	return []Example{example(`regexp_extract('id=42;', '\d+')`, "42", "varchar(6)"), example(`regexp_extract('id=42;', '(\w+)=(\d+)', 2)`, "42", "varchar(6)"), example(`regexp_extract('id', '\d+')`, "NULL", "varchar(2)"),
		example(`regexp_extract('c', '(b)|c', 1)`, "NULL", "varchar(1)"), example(`regexp_extract('ab', '(a)(?<n>b)', 2)`, "b", "varchar(2)"), example(`regexp_extract('price: 42', '(?<=: )\d+')`, "42", "varchar(9)"), example(`regexp_extract('aaa', '(?:a+?)+')`, "a", "varchar(3)"),
		example(`regexp_extract('abc', 'b', NULL)`, "NULL", "varchar(3)"), failing(`regexp_extract('abc', '(b)', 2)`, CodeFunctionArgument), failing(`regexp_extract('abc', '(b)', -1)`, CodeFunctionArgument)}
}

func replacingExpressions() Function {
	const pieces = "list_transform(loglake_regexp_pieces($1, $2), lambda $p: CASE WHEN $p[2] IS NULL THEN $p[1] ELSE $p[1] || $3($p[3:]) END)"
	return Function{Name: "regexp_replace", Overloads: []Overload{
		{Signature: "varchar(x), varchar -> varchar(x)", SQL: "loglake_regexp_replace($1, $2, '')", rewrite: plainly(allReplaced)},
		{Signature: "varchar(x), varchar, varchar(y) -> varchar", SQL: "loglake_regexp_replace($1, $2, $3)", rewrite: func(c *rewriting) error {
			x, y := c.args[0].typ().Precision, c.args[2].typ().Precision
			if size := x + max(x*y/2, y)*(x+1); x < 1<<20 && y < 1<<20 && size < VarcharMax {
				c.result.Precision = size
			}
			return plainly(allReplaced)(c)
		}},
		{Signature: "varchar, varchar, function(array(varchar), varchar(x)) -> varchar",
			SQL:     "list_transform([{'v': " + pieces + "}], lambda $r: CASE WHEN list_count($r.v) = len($r.v) THEN array_to_string($r.v, '') END)[1]",
			rewrite: plainly(nil)},
	}, Examples: []Example{example(`regexp_replace('a1b2', '\d')`, "ab", "varchar(4)"), example(`regexp_replace('a1b2', '(\d)', '<$1>')`, "a<1>b<2>", "varchar(44)"), example(`regexp_replace('abc', '(?<n>b)', '${n}\$1')`, "ab$1c", "varchar(43)"),
		example(`regexp_replace('abc', '(b)', '$12')`, "ab2c", "varchar(19)"), example(`regexp_replace('abc', 'b*', 'x')`, "xaxxcx", "varchar(7)"), example(`regexp_replace('ab', '(a)|(b)', x) FROM (VALUES '[$2]') AS t (x)`, "[][b]", "varchar(14)"),
		example(`regexp_replace('new york', '(\w)(\w*)', x -> upper(x[1]) || lower(x[2]))`, "New York", "varchar"), example(`regexp_replace('abc', '(b)|(c)', x -> coalesce(x[1], '-'))`, "ab-", "varchar"),
		example(`regexp_replace('abc', '(b)|(c)', x -> x[2])`, "NULL", "varchar"), example(`regexp_replace('xyz', '(b)', '$9')`, "xyz", "varchar(15)"), example(`regexp_replace('abc', NULL)`, "NULL", "varchar(3)"),
		failing(`regexp_replace('abc', '(b)', '$2')`, CodeFunctionArgument), failing(`regexp_replace('abc', '(b)', '$')`, CodeFunctionArgument), failing(`regexp_replace('abc', 'b', x -> x[1])`, CodeFunctionArgument)}}
}

// plainCall is a call with a constant pattern that RE2 reads alike.
type plainCall struct {
	joni.Plain
	*rewriting
	re      *joni.Regexp
	pattern string // as a constant of SQL
}

// plainly lets DuckDB match a constant pattern where it can: sql gives the call, or "" where it can't. Patterns that are not
// supported are refused; wrong ones fail when they are used.
func plainly(sql func(e *plainCall) string) func(c *rewriting) error {
	return func(c *rewriting) error {
		text, ok := c.constant(1)
		if !ok {
			return nil
		}
		re, err := joni.Parse(text)
		if wrong := (*joni.Error)(nil); errors.As(err, &wrong) {
			if wrong.Unsupported {
				return c.errorf(CodeNotSupported, "in the regular expression '%s' %s", text, wrong.Message)
			}
			return nil
		}
		if sql == nil {
			return nil
		}
		plain, ok := re.Plain(c.node.name == "regexp_like")
		if !ok {
			return nil
		}
		call := sql(&plainCall{plain, c, re, "'" + plain.Pattern + "'"})
		if call == "" {
			return nil
		}
		if plain.ASCII {
			call = "CASE WHEN strlen($1) = length($1) THEN " + call + " ELSE " + c.over.SQL + " END"
		}
		c.over = &Overload{SQL: call}
		return nil
	}
}

// group gives the number of the group that is asked for, as SQL; "" where it is no constant, or may take no part in a match.
func (e *plainCall) group() string {
	if len(e.args) < 3 {
		return "0"
	}
	k, _ := e.args[2].(*constExpr)
	if k == nil {
		return ""
	}
	if n, ok := k.value.(int64); ok && n >= 0 && n <= min(int64(e.re.Groups()), 9) && e.re.Always(int(n)) {
		return strconv.FormatInt(n, 10)
	}
	return ""
}

func extracted(e *plainCall) string {
	group := e.group()
	if group == "" {
		return ""
	}
	return "CASE WHEN regexp_matches($1, " + e.pattern + ") THEN regexp_extract($1, " + e.pattern + ", " + group + ") END"
}

func allExtracted(e *plainCall) string {
	group := e.group()
	if group == "" || e.Nullable {
		return ""
	}
	return "regexp_extract_all($1, " + e.pattern + ", " + group + ")"
}

func allReplaced(e *plainCall) string {
	with := ""
	if len(e.args) > 2 {
		text, ok := e.constant(2)
		if with, ok = e.replacement(text, ok); !ok {
			return ""
		}
	}
	if e.Nullable {
		return ""
	}
	return "regexp_replace($1, " + e.pattern + ", '" + strings.ReplaceAll(strings.ReplaceAll(with, "'", "''"), "$", "$$") + "', 'g')"
}

// replacement turns Java's $1 into RE2's \1, and \$ into $. ok is false where it is none, or has names.
func (e *plainCall) replacement(text string, ok bool) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '$' && i+1 < len(text) && isDigit(text[i+1]) && e.re.Groups() <= 9 && int(text[i+1]-'0') <= e.re.Groups():
			i++
			b.WriteString(`\` + text[i:i+1])
		case c == '$' || c == '\\' && i+1 == len(text) || c < ' ':
			return "", false
		case c == '\\':
			if i++; text[i] == '\\' {
				b.WriteString(`\`)
			}
			b.WriteByte(text[i])
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), ok
}
