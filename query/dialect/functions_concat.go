package dialect

import "strconv"

// concatFunctions is concat, which || calls too. A NULL that is added to an array as an element gives NULL. The type of an
// array is pinned, since DuckDB forgets it where a part is a constant NULL.
func concatFunctions() []Function {
	return []Function{{Name: "concat", Overloads: []Overload{
		{Signature: "char(x), char(y) -> char(x+y)", SQL: "$1", rewrite: padded},
		{Signature: "array(E), E -> array(E)", SQL: "CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN list_append($1, $2) END"},
		{Signature: "E, array(E) -> array(E)", SQL: "CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN list_prepend($1, $2) END"},
		{Signature: "array(E)... -> array(E)", SQL: "CAST(($|) AS $T)", rewrite: twoOrMore("arguments to concat")},
		{Signature: "varchar... -> varchar", SQL: concatSQL, rewrite: twoOrMore("concatenation arguments")},
		{Signature: "varbinary... -> varbinary", SQL: concatSQL, rewrite: twoOrMore("concatenation arguments")},
	}, Examples: concatExamples}}
}

const concatSQL = "($|)"

func twoOrMore(what string) func(*rewriting) error {
	return func(c *rewriting) error {
		if len(c.args) < 2 {
			return &Error{Code: CodeFunctionArgument, Message: "There must be two or more " + what}
		}
		return nullPart(c)
	}
}

// padded prints the concatenation of two chars; the blanks at the end of the first come back.
func padded(c *rewriting) error {
	if c.result.Precision > charMax {
		return c.errorf("TYPE_NOT_FOUND", "Unknown type: %s", c.result)
	}
	c.over = &Overload{SQL: "rpad($1, " + strconv.Itoa(c.args[0].typ().Precision) + ", ' ') || $2"}
	return nil
}
