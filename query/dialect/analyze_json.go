package dialect

import (
	"errors"
	"fmt"
	"strings"

	"github.com/loglake/loglake/query/dialect/native"
)

// The SQL/JSON functions read their input, walk a path and write the result in one call of package native for each row. What
// they are to do is one constant text: see pathSpec.

const opJSONValue = " json value" // input, spec, ON EMPTY, ON ERROR, names and values of PASSING; see print_json.go

// readsJSON gives an expression that is read as JSON, as text.
func (a *analyzer) readsJSON(s *scope, n node, format string) (expr, error) {
	e, err := a.expr(s, n)
	if err != nil {
		return nil, err
	}
	t := e.typ()
	switch encoding := strings.TrimPrefix(format, "JSON ENCODING "); {
	case (format == "" || format == "JSON") && (t.Kind == KindVarchar || t.Kind == KindUnknown):
		return cast(e, varchar()), nil
	case t.Kind == KindVarbinary, t.Kind == KindUnknown:
		if encoding == "" || encoding == "JSON" {
			encoding = "UTF8"
		}
		return templated("loglake_sqljson_decoded($1, '"+encoding+"')", varchar(), cast(e, simple(KindVarbinary))), nil
	}
	if format == "" {
		format = "JSON"
	}
	return nil, a.errorf(CodeTypeMismatch, n, "Cannot read input of type %s as JSON using formatting %s", t, format)
}

// templated is a call that prints as sql.
func templated(sql string, t Type, args ...expr) *callExpr {
	return &callExpr{op: " json", over: &Overload{SQL: sql}, args: args, t: t}
}

// writesJSON tells whether an expression is JSON by its form, so that it is read as JSON without being asked.
func writesJSON(n node) bool {
	switch n := n.(type) {
	case *jsonPathNode:
		return n.form == "json_query"
	case *jsonObjectNode, *jsonArrayNode:
		return true
	}
	return false
}

// outputJSON gives a text as the type of RETURNING.
func (a *analyzer) outputJSON(n node, e expr, returning *typeText, format string) (expr, error) {
	if returning == nil {
		return e, nil
	}
	t, err := a.typeNamed(n, *returning)
	if err != nil {
		return nil, err
	}
	plain := format == "" || format == "JSON"
	switch {
	case plain && (t.Kind == KindVarchar || t.Kind == KindChar):
		return a.castTo(n, e, t, false)
	case t.Kind == KindVarbinary && (plain || format == "JSON ENCODING UTF8"):
		return templated("encode($1)", t, e), nil
	case t.Kind == KindVarbinary:
		return templated("loglake_sqljson_encoded($1, '"+strings.TrimPrefix(format, "JSON ENCODING ")+"')", t, e), nil
	}
	if format == "" {
		format = "JSON"
	}
	return nil, a.errorf(CodeTypeMismatch, n, "Cannot output JSON value as %s using formatting %s", t, format)
}

// jsonPath analyses JSON_EXISTS, JSON_VALUE and JSON_QUERY.
func (a *analyzer) jsonPath(s *scope, n *jsonPathNode) (expr, error) {
	input, err := a.readsJSON(s, n.input, n.format)
	if err != nil {
		return nil, err
	}
	names, values, err := a.passing(s, n)
	if err != nil {
		return nil, err
	}
	if err := a.path(n); err != nil {
		return nil, err
	}
	if n.form == "json_value" {
		return a.jsonScalar(s, n, []expr{input}, names, values)
	}
	sql, t := "loglake_sqljson", varchar()
	if n.form == "json_exists" {
		sql, t = "loglake_sqljson_exists", simple(KindBoolean)
	} else if n.quotes != "" && n.wrapper != "" && n.wrapper != "WITHOUT" {
		return nil, a.errorf(CodeFunctionArgument, n, "%s QUOTES behavior specified with WITH %s ARRAY WRAPPER behavior", n.quotes, n.wrapper)
	}
	e := pathExpr(sql, t, input, n.spec(), names, values)
	if n.form == "json_exists" {
		return e, nil
	}
	return a.outputJSON(n, e, n.returning, n.output)
}

func pathExpr(sql string, t Type, input expr, spec string, names, values []expr) expr {
	if len(names) == 0 {
		return templated(sql+"($1, $2)", t, input, textConst(spec))
	}
	texts := arrayOf(varchar())
	return templated(sql+"_passing($1, $2, $3, $4)", t, input, textConst(spec), &callExpr{op: opArray, args: names, t: texts}, &callExpr{op: opArray, args: values, t: texts})
}

var pathLetters = map[string]string{"json_exists": "x", "json_value": "v", "json_query": "q", "NULL": "n", "ERROR": "e", "DEFAULT": "d", "EMPTY ARRAY": "a",
	"EMPTY OBJECT": "o", "TRUE": "t", "FALSE": "f", "UNKNOWN": "u", "WITHOUT": "w", "CONDITIONAL": "c", "UNCONDITIONAL": "u", "KEEP": "k", "OMIT": "o", "": "-"}

func (e *jsonElse) letter(without string) string {
	if e == nil {
		return pathLetters[without]
	}
	return pathLetters[e.kind]
}

// spec is what package native is told: see its pathCall.
func (n *jsonPathNode) spec() string {
	without := "NULL"
	if n.form == "json_exists" {
		without = "FALSE"
	}
	return pathLetters[n.form] + n.onEmpty.letter("NULL") + n.onError.letter(without) + pathLetters[n.wrapper] + pathLetters[n.quotes] + "-" + n.path.(*stringNode).value
}

// path holds the path against the grammar and against the names of PASSING.
func (a *analyzer) path(n *jsonPathNode) error {
	path := n.path.(*stringNode)
	used, err := native.CheckSQLPath(path.value)
	var wrong *native.PathError
	switch {
	case err == nil:
	case !errors.As(err, &wrong):
		return err
	case wrong.At >= 0:
		line, column := a.src.position(path.offset())
		l, c := source(path.value).position(int32(wrong.At))
		if l == 1 {
			c += column
		}
		return &Error{Code: wrong.Kind, Line: line + l - 1, Column: c, Message: wrong.Message}
	case wrong.Kind == CodeSyntax:
		return &Error{Code: wrong.Kind, Line: 1, Column: 1, Message: wrong.Message}
	case wrong.Kind == CodeInvalidLiteral:
		return &Error{Code: wrong.Kind, Message: wrong.Message}
	default:
		return a.errorf(wrong.Kind, path, "%s", wrong.Message)
	}
	for _, name := range used {
		var similar string
		found := false
		for _, p := range n.passing {
			found = found || p.name.parameter() == name
			if strings.EqualFold(p.name.text, name) {
				similar = fmt.Sprintf(`. Try quoting "%s" in the PASSING clause to match case`, name)
			}
		}
		if !found {
			return a.errorf("INVALID_PATH", path, "no value passed for parameter %s%s", name, similar)
		}
	}
	return nil
}

// parameter is the name as paths have it.
func (n name) parameter() string {
	if n.quoted {
		return n.text
	}
	return strings.ToUpper(n.text)
}

// passing gives the names and the values of PASSING, these as package native reads them.
func (a *analyzer) passing(s *scope, n *jsonPathNode) (names, values []expr, err error) {
	seen := map[string]bool{}
	for _, p := range n.passing {
		name := p.name.parameter()
		if seen[name] {
			return nil, nil, a.src.errorf("DUPLICATE_PARAMETER_NAME", p.name.off, "%s JSON path parameter is specified more than once", name)
		}
		seen[name] = true
		var value expr
		if p.format != "" || writesJSON(p.value) {
			if value, err = a.readsJSON(s, p.value, p.format); err == nil {
				value = templated("coalesce('j' || $1, 'e')", varchar(), value)
			}
		} else {
			value, err = a.passed(s, n, p.value)
		}
		if err != nil {
			return nil, nil, err
		}
		names, values = append(names, textConst(name)), append(values, value)
	}
	return names, values, nil
}

// passed gives a value of PASSING that is not JSON: a letter for its type, and its text.
func (a *analyzer) passed(s *scope, call, n node) (expr, error) {
	e, err := a.expr(s, n)
	if err != nil {
		return nil, err
	}
	letter := ""
	switch t := e.typ(); t.Kind {
	case KindInteger:
		letter = "i"
	case KindBigInt:
		letter = "l"
	case KindDecimal:
		letter = "n"
	case KindDouble:
		letter = "d"
	case KindBoolean:
		letter = "b"
	case KindTinyInt, KindSmallInt, KindReal, KindChar, KindDate, KindTime, KindTimeTZ, KindTimestamp, KindTimestampTZ:
		return nil, a.errorf(CodeNotSupported, n, "JSON path parameters of type %s are not supported", t)
	default:
		return a.jsonText(call, n, e, "JSON path parameter")
	}
	return templated("'"+letter+"' || CAST($1 AS VARCHAR)", varchar(), e), nil
}

// jsonText gives a value that becomes a string of JSON.
func (a *analyzer) jsonText(call, n node, e expr, what string) (expr, error) {
	t := e.typ()
	if len(t.Fields) > 0 {
		return nil, a.errorf(CodeNotSupported, call, "Unsupported type of %s: %s", what, t)
	}
	if !castable(t, varchar()) {
		return nil, a.errorf(CodeNotSupported, n, "Unsupported type of %s: %s", what, t)
	}
	text, err := a.castTo(n, e, varchar(), false)
	return templated("'s' || $1", varchar(), text), err
}

// jsonMember gives a value of JSON_OBJECT or JSON_ARRAY as package native reads it.
func (a *analyzer) jsonMember(s *scope, call node, m jsonMemberNode, name string) (expr, error) {
	if m.format != "" || writesJSON(m.value) {
		e, err := a.readsJSON(s, m.value, m.format)
		return templated("'j' || $1", varchar(), e), err
	}
	e, err := a.expr(s, m.value)
	if err != nil {
		return nil, err
	}
	sql := ""
	switch t := e.typ(); {
	case t.integral(), t.Kind == KindDecimal:
		sql = "'n' || CAST($1 AS VARCHAR)"
	case t.Kind == KindDouble:
		sql = "'d' || CAST($1 AS VARCHAR)"
	case t.Kind == KindReal:
		sql = "'f' || CAST($1 AS VARCHAR)"
	case t.Kind == KindBoolean:
		sql = "'b' || CAST($1 AS VARCHAR)"
	case t.Kind == KindChar:
		sql = fmt.Sprintf("'s' || rpad($1, %d, ' ')", t.Precision)
	default:
		return a.jsonText(call, m.value, e, "value passed to "+name+" function")
	}
	return templated(sql, varchar(), e), nil
}

func (a *analyzer) jsonObject(s *scope, n *jsonObjectNode) (expr, error) {
	keys, values := &callExpr{op: opArray, t: arrayOf(varchar())}, &callExpr{op: opArray, t: arrayOf(varchar())}
	for _, m := range n.members {
		key, err := a.expr(s, m.key)
		if err != nil {
			return nil, err
		}
		if k := key.typ().Kind; k != KindVarchar && k != KindChar && k != KindUnknown {
			return nil, a.errorf(CodeFunctionArgument, m.key, "Invalid type of JSON object key: %s", key.typ())
		}
		value, err := a.jsonMember(s, n, m, "JSON_OBJECT")
		if err != nil {
			return nil, err
		}
		if key.typ().Kind == KindChar { // without the blanks at its end, as it is stored
			key = templated("$1", varchar(), key)
		}
		keys.args, values.args = append(keys.args, cast(key, varchar())), append(values.args, value)
	}
	e := templated(fmt.Sprintf("loglake_sqljson_object($1, $2, %t, %t)", n.absent, n.unique), varchar(), keys, values)
	return a.outputJSON(n, e, n.returning, n.output)
}

func (a *analyzer) jsonArray(s *scope, n *jsonArrayNode) (expr, error) {
	values := &callExpr{op: opArray, t: arrayOf(varchar())}
	for _, m := range n.items {
		value, err := a.jsonMember(s, n, m, "JSON_ARRAY")
		if err != nil {
			return nil, err
		}
		values.args = append(values.args, value)
	}
	e := templated(fmt.Sprintf("loglake_sqljson_array($1, %t)", n.absent), varchar(), values)
	return a.outputJSON(n, e, n.returning, n.output)
}
