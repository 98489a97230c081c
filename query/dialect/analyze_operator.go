package dialect

import (
	"fmt"
	"strings"

	"github.com/loglake/loglake/query/dialect/native"
)

var arithmetics = map[string]string{"+": opAdd, "-": opSubtract, "*": opMultiply, "/": opDivide, "%": opModulus}

// arithmetic analyses + - * / % between numbers, times and intervals.
func (a *analyzer) arithmetic(n *operatorNode, left, right expr) (expr, error) {
	l, r := left.typ(), right.typ()
	if t, ok := common(l, r); ok && t.numeric() && l.Kind != KindUnknown && r.Kind != KindUnknown {
		if t.Kind == KindDecimal {
			return a.decimalArithmetic(n, asDecimal(left), asDecimal(right))
		}
		return &callExpr{op: arithmetics[n.op], args: []expr{cast(left, t), cast(right, t)}, t: t}, nil
	}
	c, err := a.chooseOperator(n, left, right)
	if err != nil {
		return nil, err
	}
	left, right = cast(left, c.params[0]), cast(right, c.params[1])
	if c.result.Kind == KindDecimal {
		return a.decimalArithmetic(n, left, right)
	}
	if unit := left.typ().Kind; c.result.Zone == zoneOfValue && (unit == KindIntervalYear || right.typ().Kind == KindIntervalYear) {
		return nil, a.unsupported(n, "months added to times that have zones of their own").withHint("write AT TIME ZONE behind the time")
	}
	if err := needWholeDays(n.op, c.result, left, right); err != nil {
		return nil, err
	}
	return &callExpr{op: arithmetics[n.op], args: []expr{left, right}, t: c.result}, nil
}

// needWholeDays holds a constant interval that is added to a date to whole days.
func needWholeDays(op string, t Type, list ...expr) error {
	for _, e := range list {
		if (&rewriting{args: []expr{e}}).isNull(0) {
			return nil
		}
	}
	for _, e := range list {
		if c, ok := e.(*constExpr); ok && t.Kind == KindDate && c.t.Kind == KindIntervalDay {
			if millis, ok := c.value.(int64); ok && millis%intervalSizes[2] != 0 {
				return &Error{Code: CodeFunctionArgument, Message: notWholeDays(op)}
			}
		}
	}
	return nil
}

// noZone is the error for a text that names no zone.
func noZone(text string) *Error {
	if text == "" {
		return &Error{Code: CodeInternal, Message: "Zone id is an empty string"}
	}
	return &Error{Code: CodeFunctionArgument, Message: "'" + text + "' is not a valid time zone"}
}

func notWholeDays(op string) string {
	if op == "-" {
		return "Cannot subtract hour, minutes or seconds from a date"
	}
	return "Cannot add hour, minutes or seconds to a date"
}

// asDecimal makes a decimal of a number that is exact.
func asDecimal(e expr) expr {
	if digits, ok := decimalDigits[e.typ().Kind]; ok {
		return cast(e, decimal(digits, 0))
	}
	return e
}

// decimalArithmetic has Trino's rules for the precision and scale of the result.
func (a *analyzer) decimalArithmetic(n *operatorNode, left, right expr) (expr, error) {
	t, ok := decimalResult(n.op, left.typ(), right.typ())
	if !ok {
		return nil, a.mismatch(n, left, right)
	}
	return &callExpr{op: arithmetics[n.op], args: []expr{left, right}, t: t}, nil
}

func decimalResult(op string, l, r Type) (Type, bool) {
	scale := max(l.Scale, r.Scale)
	switch op {
	case "+", "-":
		return decimal(min(38, max(l.Precision-l.Scale, r.Precision-r.Scale)+scale+1), scale), true
	case "*":
		return decimal(min(38, l.Precision+r.Precision), l.Scale+r.Scale), l.Scale+r.Scale <= 38
	case "/":
		return decimal(min(38, l.Precision+r.Scale+max(0, r.Scale-l.Scale)), scale), true
	}
	return decimal(min(l.Precision-l.Scale, r.Precision-r.Scale)+scale, scale), true
}

func (a *analyzer) negate(s *scope, n *negateNode) (expr, error) {
	if number, ok := n.operand.(*numberNode); ok && !strings.Contains(string(a.src)[n.offset():number.offset()], "(") {
		c, err := a.number(number, true)
		if err != nil {
			return nil, err
		}
		return c, nil
	}
	e, err := a.expr(s, n.operand)
	if err != nil {
		return nil, err
	}
	if isNull(e) {
		return nil, &Error{Code: CodeAmbiguousCall, Message: ambiguousOperator}
	}
	if t := e.typ(); !t.numeric() && t.Kind != KindIntervalDay && t.Kind != KindIntervalYear {
		return nil, a.errorf(CodeTypeMismatch, n, "Cannot negate %s", t)
	}
	return &callExpr{op: opNegate, args: []expr{e}, t: e.typ()}, nil
}

// concatenation analyses ||, which is the function concat.
func (a *analyzer) concatenation(n *operatorNode, left, right expr) (expr, error) {
	left, right, err := a.padded(n, left, right)
	if err != nil {
		return nil, err
	}
	call, err := a.function(&callNode{at: n.at, name: "concat", args: []node{n.left, n.right}}, []expr{left, right})
	if e, ok := err.(*Error); ok && e.Code == CodeFunctionNotFound && e.Hint == "" {
		e.Hint = "cast both sides to varchar"
	}
	if err != nil {
		return nil, err
	}
	if call.over.SQL == concatSQL {
		return &callExpr{op: opConcat, args: call.args, t: call.t}, nil
	}
	return call, nil
}

// padded makes a char of a varchar that stands beside a char.
func (a *analyzer) padded(n *operatorNode, left, right expr) (expr, expr, error) {
	l, r := left.typ(), right.typ()
	if l.Kind != KindChar && r.Kind != KindChar {
		return left, right, nil
	}
	if l.Kind == KindUnknown || r.Kind == KindUnknown {
		return nil, nil, a.errorf(CodeAmbiguousCall, n, ambiguousOperator)
	}
	t, ok := common(l, r)
	if !ok {
		return left, right, nil
	}
	if length := min(l.Precision, charMax) + min(r.Precision, charMax); length > charMax {
		return nil, nil, a.errorf("TYPE_NOT_FOUND", n, "Unknown type: char(%d)", length)
	}
	sized := func(e expr) expr {
		if e.typ().Kind == KindVarchar {
			t.Precision = e.typ().Precision
			return cast(e, t)
		}
		return e
	}
	return sized(left), sized(right), nil
}

func isNull(e expr) bool {
	c, ok := e.(*constExpr)
	return ok && c.value == nil
}

// fieldOf gives the field of a row; text is how the row was written. n is where the whole was.
func (a *analyzer) fieldOf(n interface{ offset() int32 }, base expr, text string, part name) (expr, error) {
	t := base.typ()
	if t.Kind != KindRow {
		return nil, a.errorf(CodeTypeMismatch, n, "Expression %s is not of type ROW", text)
	}
	found := -1
	for i, f := range t.Fields {
		if strings.EqualFold(f.Name, part.text) {
			if found >= 0 {
				return nil, a.src.errorf(CodeAmbiguousName, part.off, "Ambiguous row field reference: %s", strings.ToLower(part.text))
			}
			found = i
		}
	}
	if found < 0 {
		return nil, a.errorf(CodeColumnReference, n, "Column reference '%s' is invalid", referenceText(n))
	}
	return fieldExpr(base, found), nil
}

// referenceText gives the dotted name that a field is referred to by.
func referenceText(n interface{ offset() int32 }) string {
	switch n := n.(type) {
	case *nameNode:
		return dottedText(n.parts)
	case *fieldNode:
		return strings.ToLower(n.field.text)
	}
	return ""
}

// fieldExpr is field i of a row.
func fieldExpr(row expr, i int) *callExpr {
	t := row.typ()
	return &callExpr{op: opField, args: []expr{row, &constExpr{value: t.fieldName(i), t: varchar()}}, t: t.Fields[i].Type}
}

// row analyses ROW(…).
func (a *analyzer) row(s *scope, n *rowNode) (expr, error) {
	items, err := a.exprs(s, n.items)
	if err != nil {
		return nil, err
	}
	return rowExpr(items), nil
}

// rowExpr is a row without names of its fields.
func rowExpr(items []expr) *callExpr {
	t := Type{Kind: KindRow}
	for _, e := range items {
		t.Fields = append(t.Fields, Field{Type: e.typ()})
	}
	return &callExpr{op: opRow, args: items, t: t}
}

func (a *analyzer) subscript(s *scope, n *subscriptNode) (expr, error) {
	list, err := a.exprs(s, []node{n.base, n.index})
	if err != nil {
		return nil, err
	}
	base, index := list[0].typ(), list[1].typ()
	switch {
	case base.Kind == KindArray && coercible(index, simple(KindBigInt)):
		return &callExpr{op: opSubscript, args: []expr{list[0], cast(list[1], simple(KindBigInt))}, t: base.Fields[0].Type}, nil
	case base.Kind == KindMap && coercible(index, base.Fields[0].Type):
		return &callExpr{op: opSubscript, args: []expr{list[0], cast(list[1], base.Fields[0].Type)}, t: base.Fields[1].Type}, nil
	case base.Kind == KindRow:
		return a.rowSubscript(n, list[0], list[1])
	}
	return nil, a.errorf(CodeTypeMismatch, n, "Cannot use %s for subscript of %s", index, base)
}

// rowSubscript analyses row[2].
func (a *analyzer) rowSubscript(n *subscriptNode, row, index expr) (expr, error) {
	c, ok := index.(*constExpr)
	if !ok || c.t.Kind != KindInteger {
		return nil, a.errorf("EXPRESSION_NOT_CONSTANT", n.index, "Subscript expression on ROW requires a constant index")
	}
	i, _ := c.value.(int64)
	switch fields := int64(len(row.typ().Fields)); {
	case c.value == nil || i <= 0:
		return nil, a.errorf(CodeFunctionArgument, n.index, "Invalid subscript index: %d. ROW indices start at 1", i)
	case i > fields:
		return nil, a.errorf(CodeFunctionArgument, n.index, "Subscript index out of bounds: %d, max value is %d", i, fields)
	}
	return fieldExpr(row, int(i)-1), nil
}

// atTimeZone analyses x AT TIME ZONE 'z' for constant zones: the same instant, shown in another zone.
func (a *analyzer) atTimeZone(s *scope, n *zoneNode) (expr, error) {
	e, err := a.expr(s, n.operand)
	if err != nil {
		return nil, err
	}
	z, err := a.expr(s, n.zone)
	if err != nil {
		return nil, err
	}
	return a.inZone(n, e, z)
}

func (a *analyzer) inZone(n interface{ offset() int32 }, e, zone expr) (expr, error) {
	t := e.typ()
	if t.Kind != KindTime && t.Kind != KindTimeTZ && t.Kind != KindTimestamp && t.Kind != KindTimestampTZ {
		return nil, a.errorf(CodeTypeMismatch, n, "Type of value must be a time or timestamp with or without time zone (actual %s)", t)
	}
	c, ok := zone.(*constExpr)
	if !ok {
		return nil, a.unsupported(n, "time zones that are not constant")
	}
	var z string
	switch v := c.value.(type) {
	case string:
		if z, ok = native.Zone(v); !ok {
			return nil, noZone(v)
		}
	case int64:
		if z, ok = native.Offset(v); c.t.Kind != KindIntervalDay || !ok {
			return nil, &Error{Code: CodeFunctionArgument, Message: fmt.Sprintf("Invalid offset minutes %d", v/60_000)}
		}
	default:
		return nil, a.unsupported(n, "time zones that are not constant")
	}
	to := Type{Kind: KindTimestampTZ, Precision: t.Precision, Zone: z}
	if t.Kind == KindTime || t.Kind == KindTimeTZ {
		to.Kind = KindTimeTZ
		if _, fixed := native.OffsetMicros(z); !fixed {
			return nil, a.unsupported(n, "times of day in zones that are no offset")
		}
	}
	if t.Zone == zoneOfValue {
		e = cast(e, withoutZone(t))
	}
	return &callExpr{op: opAtTimeZone, args: []expr{asInstant(e)}, t: to}, nil
}
