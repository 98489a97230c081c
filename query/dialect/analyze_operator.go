package dialect

import (
	"strings"

	"github.com/loglake/loglake/query/dialect/native"
)

var arithmetics = map[string]string{"+": opAdd, "-": opSubtract, "*": opMultiply, "/": opDivide, "%": opModulus}

// arithmetic analyses + - * / % between numbers, and + - between times and intervals.
func (a *analyzer) arithmetic(n *operatorNode, left, right expr) (expr, error) {
	l, r := left.typ(), right.typ()
	op := arithmetics[n.op]
	if l.Kind == KindUnknown && r.Kind == KindUnknown {
		return nil, a.mismatch(n, left, right)
	}
	if volatile(right) && (n.op == "/" || n.op == "%") {
		return nil, a.unsupported(n.right, "random values as divisors")
	}
	if t, ok := comparison(l, r); ok && n.op == "-" && pointInTime(t) {
		return &callExpr{op: op, args: []expr{cast(left, t), cast(right, t)}, t: simple(KindIntervalDay)}, nil
	}
	if t, ok := temporalResult(n.op, l, r); ok {
		return &callExpr{op: op, args: []expr{left, right}, t: t}, nil
	}
	t, ok := common(l, r)
	if !ok || !t.numeric() {
		return nil, a.mismatch(n, left, right)
	}
	if t.Kind == KindDecimal {
		return a.decimalArithmetic(n, asDecimal(left, t), asDecimal(right, t))
	}
	return &callExpr{op: op, args: []expr{cast(left, t), cast(right, t)}, t: t}, nil
}

// asDecimal makes a decimal of an operand, without widening one that is a decimal already.
func asDecimal(e expr, t Type) expr {
	switch k := e.typ().Kind; {
	case k == KindDecimal:
		return e
	case k == KindUnknown:
		return cast(e, t)
	default:
		return cast(e, decimal(decimalDigits[k], 0))
	}
}

// decimalArithmetic has Trino's rules for the precision and scale of the result.
func (a *analyzer) decimalArithmetic(n *operatorNode, left, right expr) (expr, error) {
	l, r := left.typ(), right.typ()
	scale := max(l.Scale, r.Scale)
	var t Type
	switch n.op {
	case "+", "-":
		t = decimal(min(38, max(l.Precision-l.Scale, r.Precision-r.Scale)+scale+1), scale)
	case "*":
		if l.Scale+r.Scale > 38 {
			return nil, a.errorf(CodeNotSupported, n, "DECIMAL scale must be in range [0, precision (38)]: %d", l.Scale+r.Scale)
		}
		t = decimal(min(38, l.Precision+r.Precision), l.Scale+r.Scale)
	case "%":
		t = decimal(min(l.Precision-l.Scale, r.Precision-r.Scale)+scale, scale)
	default:
		e := a.unsupported(n, "divisions of decimals")
		e.Hint = "cast both sides to double"
		return nil, e
	}
	if l.Precision+r.Precision > 38 && n.op == "*" {
		return nil, a.unsupported(n, "products of decimals with more than 38 digits")
	}
	return &callExpr{op: arithmetics[n.op], args: []expr{left, right}, t: t}, nil
}

func pointInTime(t Type) bool {
	return t.Kind == KindDate || t.Kind == KindTimestamp || t.Kind == KindTimestampTZ
}

// temporalResult gives the type of an operator between a time and an interval.
func temporalResult(op string, l, r Type) (Type, bool) {
	interval := func(t Type) bool { return t.Kind == KindIntervalDay || t.Kind == KindIntervalYear }
	switch {
	case op == "+" && interval(l) && pointInTime(r):
		l, r = r, l
		fallthrough
	case (op == "+" || op == "-") && pointInTime(l) && interval(r):
		if l.Kind == KindTimestamp || l.Kind == KindTimestampTZ {
			if r.Kind == KindIntervalDay {
				l.Precision = max(l.Precision, 3)
			}
		}
		return l, !(l.Kind == KindTimestampTZ && l.Zone != "")
	case (op == "+" || op == "-") && interval(l) && l.Kind == r.Kind:
		return l, true
	case op == "*" && interval(l) && r.integral():
		return l, true
	case op == "*" && l.integral() && interval(r):
		return r, true
	}
	return Type{}, false
}

func (a *analyzer) negate(s *scope, n *negateNode) (expr, error) {
	if number, ok := n.operand.(*numberNode); ok {
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
	if t := e.typ(); !t.numeric() && t.Kind != KindIntervalDay && t.Kind != KindIntervalYear {
		return nil, a.errorf(CodeTypeMismatch, n, "Cannot negate %s", t)
	}
	return &callExpr{op: opNegate, args: []expr{e}, t: e.typ()}, nil
}

// concatenation analyses ||: texts, bytes or arrays on both sides.
func (a *analyzer) concatenation(n *operatorNode, left, right expr) (expr, error) {
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

func isNull(e expr) bool {
	c, ok := e.(*constExpr)
	return ok && c.value == nil
}

func (a *analyzer) fieldOf(n interface{ offset() int32 }, base expr, part name) (expr, error) {
	t := base.typ()
	if t.Kind != KindRow {
		return nil, a.errorf(CodeTypeMismatch, n, "Expression %s is not of type ROW", strings.ToLower(part.text))
	}
	for i, f := range t.Fields {
		if strings.EqualFold(f.Name, part.text) {
			return fieldExpr(base, i), nil
		}
	}
	return nil, a.errorf(CodeColumnNotFound, n, "Column '%s' cannot be resolved or requester is not authorized to access requested resources", strings.ToLower(part.text))
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
			return nil, a.errorf(CodeFunctionArgument, n, "'%s' is not a valid time zone", v)
		}
	case int64:
		if z, ok = native.Offset(v); c.t.Kind != KindIntervalDay || !ok {
			return nil, a.errorf(CodeFunctionArgument, n, "Invalid offset minutes %d", v/60_000)
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
