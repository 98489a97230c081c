package dialect

import (
	"strings"

	"github.com/loglake/loglake/query/dialect/native"
)

// jsonFunctions work on texts and on json, which travels as its text.
func jsonFunctions() []Function {
	both := func(args, result, sql string, rewrite func(*rewriting) error) []Overload {
		return []Overload{{Signature: "varchar(x)" + args + " -> " + result, SQL: sql, rewrite: rewrite},
			{Signature: "json" + args + " -> " + strings.Replace(result, "(x)", "", 1), SQL: sql, rewrite: rewrite}}
	}
	contains := Function{Name: "json_array_contains", Examples: jsonContainsExamples}
	for _, t := range [...]string{"bigint", "double", "boolean", "varchar(y)"} {
		name, _, _ := strings.Cut(t, "(")
		contains.Overloads = append(contains.Overloads, both(", "+t, "boolean", "loglake_json_array_contains_"+name+"($1, $2)", nil)...)
	}
	return []Function{contains,
		{Name: "json_extract_scalar", Overloads: both(", varchar", "varchar(x)", "loglake_json_extract_scalar($1, $2)", jsonPath), Examples: jsonScalarExamples},
		{Name: "json_extract", Overloads: both(", varchar", "json", "loglake_json_extract($1, $2)", jsonPath), Examples: jsonExtractExamples},
		{Name: "json_size", Differs: "of a text that is no JSON it is NULL; Trino has 0 for some", Overloads: both(", varchar", "bigint", "loglake_json_size($1, $2)", jsonPath), Examples: jsonSizeExamples},
		{Name: "json_parse", Overloads: []Overload{{Signature: "varchar(x) -> json", SQL: "loglake_json_parse($1)"}}, Examples: jsonParseExamples},
		{Name: "json_format", Overloads: []Overload{{Signature: "json -> varchar", SQL: "$1"}}, Examples: []Example{example(`json_format(json_parse('[1, 2]'))`, "[1,2]", "varchar"),
			example(`json_format(json_parse('{"b" : 1.50, "a" :2}'))`, `{"a":2,"b":1.5}`, "varchar"), example(`json_format(json_parse('null'))`, "null", "varchar"), failing(`json_format('[1]')`, CodeFunctionNotFound)}},
		{Name: "json_array_length", Overloads: both("", "bigint", "loglake_json_array_length($1)", nil),
			Examples: []Example{example(`json_array_length('[1, "a", null, {"x": 1}]')`, "4", "bigint"), example(`json_array_length('{}')`, "NULL", "bigint"), example(`json_array_length('[]')`, "0", "bigint"), example(`json_array_length('[1, 2')`, "NULL", "bigint"),
				example(`json_array_length('[1, 2] x')`, "2", "bigint"), example(`json_array_length('[1,]')`, "NULL", "bigint"), example(`json_array_length(json_parse('[1, [2, 3]]'))`, "2", "bigint"), example(`json_array_length(cast(NULL AS varchar))`, "NULL", "bigint")}},
		{Name: "json_array_get", Overloads: both(", bigint", "json", "loglake_json_array_get($1, $2)", nil),
			Examples: []Example{example(`json_array_get('["a", [3, 9], "c"]', 0)`, "a", "json"), example(`json_array_get('["a", [3, 9], "c"]', 1)`, "[3,9]", "json"), example(`json_array_get('["a", [3, 9], "c"]', 10)`, "NULL", "json"),
				example(`json_array_get('["c", "b", "a"]', -1)`, "a", "json"), example(`json_array_get('["c"]', -4)`, "NULL", "json"), example(`json_array_get('[1.50, null]', 0)`, "1.50", "json"), example(`json_array_get('[1.50, null]', 1)`, "NULL", "json"),
				example(`json_array_get('[{"b":1.50, "a": "\ud83d\ude00"}]', 0)`, `{"b":1.5,"a":"😀"}`, "json"), example(`json_array_get('[1, 2', 1)`, "2", "json"), example(`json_array_get('[1, 2', -1)`, "NULL", "json"),
				example(`json_array_get('[1]', cast(NULL AS bigint))`, "NULL", "json"), example(`json_array_get('{}', 0)`, "NULL", "json")}},
		{Name: "is_json_scalar", Overloads: both("", "boolean", "loglake_is_json_scalar($1)", nil),
			Examples: []Example{example(`is_json_scalar('1')`, "true", "boolean"), example(`is_json_scalar('[1]')`, "false", "boolean"), example(`is_json_scalar('null')`, "true", "boolean"), failing(`is_json_scalar('1 x')`, CodeFunctionArgument),
				failing(`is_json_scalar('[')`, CodeFunctionArgument), failing(`is_json_scalar('')`, CodeFunctionArgument), example(`is_json_scalar(cast(NULL AS varchar))`, "NULL", "boolean")}},
	}
}

// jsonPath checks a constant path before the query runs.
func jsonPath(c *rewriting) error {
	text, ok := c.constant(1)
	if !ok {
		return nil
	}
	if _, err := native.JSONPath(text); err != nil {
		return c.errorf(CodeFunctionArgument, "Invalid JSON path: '%s'", text)
	}
	return nil
}
