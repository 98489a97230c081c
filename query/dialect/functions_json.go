package dialect

import "strings"

// jsonFunctions work on texts and on json, which travels as its text. A path must be constant.
func jsonFunctions() []Function {
	const malformed = "${INVALID_FUNCTION_ARGUMENT: Cannot convert value to JSON}"
	both := func(result, sql string) []Overload {
		rewrite := jsonPath
		if !strings.Contains(sql, "$2") {
			rewrite = nil
		}
		var list []Overload
		args := "varchar(x)"
		if rewrite != nil {
			args += ", varchar"
		}
		list = append(list, Overload{Signature: args + " -> " + result, SQL: sql, rewrite: rewrite})
		return append(list, Overload{Signature: strings.Replace(strings.Replace(args, "varchar(x)", "json", 1), ", varchar(", ", varchar", 1) + " -> " + strings.Replace(result, "(x)", "", 1), SQL: sql, rewrite: rewrite})
	}
	return []Function{
		{Name: "json_extract_scalar", Overloads: both("varchar(x)", "CASE WHEN json_valid($1) AND json_type($1, $2) NOT IN ('OBJECT', 'ARRAY') THEN json_extract_string($1, $2) END"),
			Differs: "numbers are written anew: 1.50 is 1.5",
			Examples: []Example{example(`json_extract_scalar('{"a": {"b": [1, "x"]}}', '$.a.b[1]')`, "x", "varchar(22)"),
				example(`json_extract_scalar('{"a b": 7}', '$["a b"]')`, "7", "varchar(10)"), example(`json_extract_scalar('{"a": [1]}', '$.a')`, "NULL", "varchar(10)"),
				example(`json_extract_scalar('no json', '$.a')`, "NULL", "varchar(7)")}},
		{Name: "json_extract", Overloads: both("json", "CASE WHEN json_valid($1) THEN CAST(json_extract($1, $2) AS VARCHAR) END"), Differs: "numbers are written anew: 1.50 is 1.5",
			Examples: []Example{example(`json_extract('{"a": [1, 2]}', '$.a')`, "[1,2]", "json"), example(`json_extract('{"a": 1}', '$.b')`, "NULL", "json")}},
		{Name: "json_parse", Overloads: []Overload{{Signature: "varchar(x) -> json", SQL: "CASE WHEN $1 IS NULL THEN NULL WHEN json_valid($1) THEN CAST(json($1) AS VARCHAR) ELSE " + malformed + " END"}},
			Differs: "keys keep their order", Examples: []Example{example(`json_parse('{"a" : 1}')`, `{"a":1}`, "json"), failing(`json_parse('{')`, CodeFunctionArgument)}},
		{Name: "json_format", Overloads: []Overload{{Signature: "json -> varchar", SQL: "$1"}}, Examples: []Example{example(`json_format(json_parse('[1, 2]'))`, "[1,2]", "varchar")}},
		{Name: "json_array_length", Overloads: both("bigint", "CASE WHEN json_valid($1) AND json_type($1) = 'ARRAY' THEN CAST(json_array_length($1) AS BIGINT) END"),
			Examples: []Example{example(`json_array_length('[1, 2, 3]')`, "3", "bigint"), example(`json_array_length('{}')`, "NULL", "bigint")}},
		{Name: "json_size", Overloads: both("bigint", "CASE WHEN json_valid($1) THEN CASE json_type($1, $2) WHEN 'OBJECT' THEN CAST(len(json_keys($1, $2)) AS BIGINT) WHEN 'ARRAY' THEN CAST(json_array_length($1, $2) AS BIGINT) WHEN NULL THEN NULL ELSE CASE WHEN json_type($1, $2) IS NOT NULL THEN 0 END END END"),
			Examples: []Example{example(`json_size('{"x": {"a": 1, "b": 2}}', '$.x')`, "2", "bigint"), example(`json_size('{"x": 1}', '$.x')`, "0", "bigint")}},
		{Name: "is_json_scalar", Overloads: both("boolean", "CASE WHEN $1 IS NULL THEN NULL WHEN json_valid($1) THEN json_type($1) NOT IN ('OBJECT', 'ARRAY') ELSE "+malformed+" END"),
			Examples: []Example{example(`is_json_scalar('1')`, "true", "boolean"), example(`is_json_scalar('[1]')`, "false", "boolean")}},
	}
}

// jsonPath translates a constant JSONPath: $.a.b, $["a b"], $[0]. Every key comes out in quotes.
func jsonPath(c *rewriting) error {
	text, ok := c.constant(1)
	if !ok {
		return c.errorf(CodeNotSupported, "JSON paths that are not constant are not supported")
	}
	invalid := c.errorf(CodeFunctionArgument, "Invalid JSON path: '%s'", text)
	rest, ok := strings.CutPrefix(text, "$")
	if !ok {
		rest = "." + text // Trino takes a.b for $.a.b
		if text == "" || text[0] == '.' || text[0] == '[' {
			return invalid
		}
	}
	path := "$"
	for rest != "" {
		var step string
		if step, rest, ok = pathStep(rest); !ok {
			if strings.ContainsAny(text, "*?@") || strings.Contains(text, "..") {
				return c.errorf(CodeNotSupported, "the JSON path '%s' is not supported: only keys and indexes are", text)
			}
			return invalid
		}
		path += step
	}
	c.args[1] = textConst(path)
	return nil
}

// pathStep reads one step of a path and gives DuckDB's form of it, and the rest.
func pathStep(text string) (step, rest string, ok bool) {
	if key, found := strings.CutPrefix(text, "."); found {
		end := strings.IndexAny(key, ".[")
		if end < 0 {
			end = len(key)
		}
		key, rest = key[:end], key[end:]
		for i := range len(key) {
			if c := key[i]; !isNameStart(c) && !isDigit(c) && c != ':' && c != '-' && c != '$' && c < 0x80 {
				return "", "", false
			}
		}
		return `."` + key + `"`, rest, key != ""
	}
	inside, rest, found := strings.Cut(strings.TrimPrefix(text, "["), "]")
	if !found || text[0] != '[' || inside == "" {
		return "", "", false
	}
	if quote := inside[0]; quote == '"' || quote == '\'' {
		key := inside[1:]
		if !strings.HasSuffix(key, string(quote)) || strings.ContainsAny(key[:len(key)-1], `"\`) || len(key) < 2 {
			return "", "", false
		}
		return `."` + key[:len(key)-1] + `"`, rest, true
	}
	for i := range len(inside) {
		if !isDigit(inside[i]) {
			return "", "", false
		}
	}
	return "[" + inside + "]", rest, len(inside) < 10
}
