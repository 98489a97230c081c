package native

import (
	"strconv"
)

// JSON_EXISTS, JSON_VALUE and JSON_QUERY. What they are to do comes as one constant text: six letters, then the path.

// pathCall is what one of them does.
type pathCall struct {
	path    *sqlPath
	form    byte // x exists, v value as a text, t value with its type in front, q query
	empty   byte // ON EMPTY: n NULL, e ERROR, d DEFAULT, a EMPTY ARRAY, o EMPTY OBJECT
	error   byte // ON ERROR: the same, or t TRUE, f FALSE, u UNKNOWN
	wrapper byte // of queries: w WITHOUT, c CONDITIONAL, u UNCONDITIONAL
	quotes  byte // of queries: k KEEP, o OMIT
	decimal byte // what decimals are converted to: i an integer, d a double, b a boolean, n nothing
	keys    []string
}

const pathCallLetters = 6

var pathCalls remembered[*pathCall]

func pathCallOf(text string) (*pathCall, error) {
	return pathCalls.of(text, func(string) (*pathCall, error) {
		path, err := readSQLPath(text[pathCallLetters:])
		if err != nil {
			return nil, invalid("%s", err)
		}
		return &pathCall{path: path, form: text[0], empty: text[1], error: text[2], wrapper: text[3], quotes: text[4], decimal: text[5], keys: path.keys()}, nil
	})
}

const (
	codePathInput  = "JSON_INPUT_CONVERSION_ERROR"
	codePathOutput = "JSON_OUTPUT_CONVERSION_ERROR"
	codePathValue  = "JSON_VALUE_RESULT_ERROR"
	codePath       = "PATH_EVALUATION_ERROR"
)

var errPathInput = &Error{Code: codePathInput, Message: "conversion to JSON failed: "}

// pathValueFailure is the error of JSON_VALUE.
func pathValueFailure(text string) error {
	return &Error{Code: codePathValue, Message: "cannot extract SQL scalar from JSON: " + text}
}

func pathQueryFailure(text string) error {
	return &Error{Code: codePathOutput, Message: "conversion from JSON failed: " + text}
}

func sqlJSONFunctions() []Function {
	const text, list = "VARCHAR", "VARCHAR[]"
	var all []Function
	for name, result := range map[string]string{"loglake_sqljson": text, "loglake_sqljson_exists": "BOOLEAN"} {
		all = append(all, Function{Name: name, Params: []string{text, text}, Result: result, Call: func(a []any) (any, error) {
			return callPath(a[0].(string), a[1].(string), nil, nil)
		}}, Function{Name: name + "_passing", Params: []string{text, text, list, list}, Result: result, Call: func(a []any) (any, error) {
			return callPath(a[0].(string), a[1].(string), a[2].([]any), a[3].([]any))
		}})
	}
	return append(all,
		Function{Name: "loglake_sqljson_fail", Params: []string{text}, Result: text, Call: func(a []any) (any, error) {
			return nil, pathValueFailure(a[0].(string))
		}},
		Function{Name: "loglake_sqljson_object", Params: []string{list, list, "BOOLEAN", "BOOLEAN"}, Result: text, Call: func(a []any) (any, error) {
			return jsonObjectOf(a[0].([]any), a[1].([]any), a[2].(bool), a[3].(bool))
		}},
		Function{Name: "loglake_sqljson_array", Params: []string{list, "BOOLEAN"}, Result: text, Call: func(a []any) (any, error) {
			return jsonArrayOf(a[0].([]any), a[1].(bool))
		}},
		Function{Name: "loglake_sqljson_decoded", Params: []string{"BLOB", text}, Result: text, Call: func(a []any) (any, error) {
			return decodedText(a[0].([]byte), a[1].(string)), nil
		}},
		Function{Name: "loglake_sqljson_encoded", Params: []string{text, text}, Result: "BLOB", Call: func(a []any) (any, error) {
			return encodedText(a[0].(string), a[1].(string)), nil
		}})
}

// callPath does what the text says with an input. names and values are those of PASSING, the values as passed reads them.
func callPath(input, text string, names, values []any) (any, error) {
	c, err := pathCallOf(text)
	if err != nil {
		return nil, err
	}
	items, err := c.items(input, names, values)
	if e, fails := err.(*pathFailure); fails {
		return c.fails(&Error{Code: codePath, Message: e.Error()})
	}
	if err == errPathInput {
		return c.fails(err)
	}
	if err != nil {
		return nil, err
	}
	switch c.form {
	case 'x':
		return len(items) > 0, nil
	case 'q':
		return c.query(items)
	}
	return c.value(items)
}

// items evaluates the path.
func (c *pathCall) items(input string, names, values []any) ([]any, error) {
	if c.keys != nil {
		if items, done, err := jsonMember(input, c.keys); done {
			return items, err
		}
	}
	root, ok := jsonItem(input)
	if !ok {
		return nil, errPathInput
	}
	w := walker{lax: c.path.lax, root: root, steps: walkMax}
	for i, name := range names {
		items, err := passed(values[i])
		if err != nil {
			return nil, err
		}
		if w.params == nil {
			w.params = map[string][]any{}
		}
		w.params[name.(string)] = items
	}
	return w.eval(c.path.root, scopeItem{last: noArray})
}

// passed reads a value of PASSING: a letter for its type, and its text. NULL is JSON's null, but NULL that is read as JSON
// is nothing.
func passed(v any) ([]any, error) {
	if v == nil {
		return []any{nil}, nil
	}
	kind, text := v.(string)[0], v.(string)[1:]
	switch kind {
	case 'e':
		return nil, nil
	case 'j':
		item, ok := jsonItem(text)
		if !ok {
			return nil, errPathInput
		}
		return []any{item}, nil
	case 'i', 'l':
		n, err := strconv.ParseInt(text, 10, 64)
		if kind == 'i' {
			return []any{int32(n)}, err
		}
		return []any{n}, err
	case 'd':
		f, err := strconv.ParseFloat(text, 64)
		return []any{f}, err
	case 'n':
		d, _ := decimalOf(text)
		return []any{d}, nil
	case 'b':
		return []any{text == "true"}, nil
	}
	return []any{text}, nil
}

// fails is what ON ERROR makes of an error.
func (c *pathCall) fails(err error) (any, error) {
	if c.error == 'e' {
		return nil, err
	}
	return c.instead(c.error)
}

// instead gives what stands for nothing or for an error; "x" for the DEFAULT of errors, which the SQL around knows.
func (c *pathCall) instead(letter byte) (any, error) {
	switch letter {
	case 't', 'f':
		return letter == 't', nil
	case 'a':
		return "[]", nil
	case 'o':
		return "{}", nil
	case 'd':
		return "x", nil
	}
	return nil, nil
}

func (c *pathCall) query(items []any) (any, error) {
	if len(items) == 0 {
		if c.empty == 'e' {
			return nil, pathQueryFailure("JSON path found no items")
		}
		return c.instead(c.empty)
	}
	item := items[0]
	switch {
	case c.wrapper == 'u', c.wrapper == 'c' && (len(items) > 1 || itemKind(item) != "ARRAY" && itemKind(item) != "OBJECT"):
		item = items
	case len(items) > 1:
		return c.fails(pathQueryFailure("JSON path found multiple items"))
	}
	if s, ok := item.(string); ok && c.quotes == 'o' {
		return plain(s), nil
	}
	var w jsonWriter
	w.item(item)
	return string(w.dst), tooLong("JSON_QUERY", len(w.dst))
}

func (c *pathCall) value(items []any) (any, error) {
	if len(items) == 0 {
		if c.empty == 'e' {
			return nil, pathValueFailure("JSON path found no items")
		}
		if c.empty == 'd' {
			return "e", nil
		}
		return nil, nil
	}
	if len(items) > 1 {
		return c.fails(pathValueFailure("JSON path found multiple items"))
	}
	kind, text, ok := scalarItem(items[0])
	switch {
	case !ok:
		return c.fails(pathValueFailure("JSON path found an item that cannot be converted to an SQL value"))
	case items[0] == nil:
		return nil, nil
	case c.form == 'v':
		return text, nil
	}
	if d, ok := items[0].(decimalItem); ok {
		kind, text = c.converted(d)
	}
	return kind + text, nil
}

// scalarItem gives an item as a value of SQL: a letter for its type, and its text.
func scalarItem(item any) (kind, text string, ok bool) {
	switch v := item.(type) {
	case nil:
		return "", "", true
	case bool:
		return "b", strconv.FormatBool(v), true
	case string:
		return "s", plain(v), true
	case int32:
		return "i", strconv.FormatInt(int64(v), 10), true
	case int64:
		return "l", strconv.FormatInt(v, 10), true
	case float64:
		return "d", exponentText(v), true
	case decimalItem:
		return "n", v.String(), true
	}
	return "", "", false
}

// converted gives a decimal as what it is to become, since decimals of any scale have no common type.
func (c *pathCall) converted(d decimalItem) (kind, text string) {
	switch c.decimal {
	case 'i':
		return "n", quotient(d.digits, pow10(d.scale)).String()
	case 'b':
		return "b", strconv.FormatBool(d.digits.Sign() != 0)
	}
	return "n", d.String()
}
