package native

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// What a path makes of its own literals has types, and Trino refuses a path where these do not fit.

// types fails where the types that are known beforehand do not fit, and gives the type of what a node gives, or "".
func (r *pathReader) types(n *pathNode) string {
	types := make([]string, len(n.args))
	for i, a := range n.args {
		types[i] = r.types(a)
	}
	for _, s := range n.subscripts {
		for _, e := range s {
			if e != nil {
				r.types(e)
			}
		}
	}
	switch n.op {
	case "literal":
		return literalType(n.value)
	case "type":
		return "varchar(27)"
	case "size":
		return "integer"
	case "filter":
		return types[0]
	case "+", "-", "*", "/", "%":
		return r.arithmetic(n.op, types[0], types[1])
	case "plus", "negate":
		if !numberType(types[0]) {
			if n.op == "plus" {
				r.wrong("Invalid operand type (%s) in JSON path arithmetic unary expression", types[0])
			}
			r.wrong("invalid operand type (%s) in JSON path arithmetic unary expression: Cannot negate %s", types[0], types[0])
		}
		return types[0]
	case "double":
		if types[0] == "boolean" {
			r.wrong("cannot perform JSON path double() method with boolean argument")
		}
		return "double"
	case "abs", "floor", "ceiling":
		if !numberType(types[0]) {
			r.wrong("cannot perform JSON path %[1]s() method with %[2]s argument: Unexpected parameters (%[2]s) for function %[1]s. Expected: %[1]s(bigint), "+
				"%[1]s(decimal(p,s)), %[1]s(double), %[1]s(integer), %[1]s(real), %[1]s(smallint), %[1]s(tinyint)", n.op, types[0])
		}
		return types[0]
	}
	return ""
}

func (r *pathReader) wrong(format string, args ...any) {
	r.failWith(-1, "INVALID_PATH", fmt.Sprintf(format, args...))
}

// numberType tells whether what has a type may be a number.
func numberType(t string) bool { return t != "boolean" && (len(t) < 7 || t[:7] != "varchar") }

func (r *pathReader) arithmetic(op, a, b string) string {
	if !numberType(a) || !numberType(b) {
		if a != "" && b != "" {
			r.wrong("invalid operand types (%s and %s) in JSON path arithmetic binary expression: Cannot apply operator: %s %s %s", a, b, a, op, b)
		}
		return ""
	}
	if a != "" && b != "" {
		return "number"
	}
	return ""
}

func literalType(v any) string {
	switch v := v.(type) {
	case bool:
		return "boolean"
	case string:
		return "varchar(" + strconv.Itoa(utf8.RuneCountInString(v)) + ")"
	case int32:
		return "integer"
	case int64:
		return "bigint"
	case float64:
		return "double"
	case decimalItem:
		return "number"
	}
	return ""
}
