package dialect

import (
	"math"
	"strconv"
	"strings"
)

// comparison prints a = b and its like. NaN is equal to nothing and neither less nor greater in Trino, while DuckDB has it
// equal to itself and greatest; rows, arrays and maps with NULLs in them are compared by three-valued logic.
func (p *printer) comparison(c *callExpr) {
	p.bind(c.args, func(v []string) string { return p.compared(c.op, v[0], v[1], c.args[0], c.args[1]) })
}

// compared gives the text of a comparison of a and b, whose texts are v and w.
func (p *printer) compared(op, v, w string, a, b expr) string {
	t := a.typ()
	switch {
	case len(t.Fields) > 0 && (surelyNull(a) || surelyNull(b)): // of a NULL that is a constant DuckDB forgets the type
		return "CAST(NULL AS BOOLEAN)"
	case len(t.Fields) > 0 && (op == opEqual || op == opNotEqual):
		text := p.same(v, w, t)
		if op == opNotEqual {
			return "(NOT " + text + ")"
		}
		return text
	case len(t.Fields) > 0:
		return p.ordered(op, v, w, t)
	case t.Kind == KindReal || t.Kind == KindDouble:
		return floatComparison(op, v, w, a, b)
	case t.Kind == KindChar && op != opEqual && op != opNotEqual: // the blanks at the end count
		n := strconv.Itoa(t.Precision)
		v, w = "rpad("+v+", "+n+", ' ')", "rpad("+w+", "+n+", ' ')"
	}
	return "(" + v + infix[op] + w + ")"
}

// mayBeNaN tells whether a floating-point expression could be NaN.
func mayBeNaN(e expr) bool {
	switch e := e.(type) {
	case *constExpr:
		f, ok := e.value.(float64)
		return ok && math.IsNaN(f)
	case *castExpr:
		k := e.operand.typ().Kind
		return (k == KindReal || k == KindDouble) && mayBeNaN(e.operand) || k == KindVarchar || k == KindJSON
	}
	return true
}

// floatComparison compares where one side or both may be NaN. A guard stands only where DuckDB's answer would be another, and
// leaves NULL what is NULL.
func floatComparison(op, v, w string, a, b expr) string {
	text := v + infix[op] + w
	guard := func(greatest, other string, e expr) string {
		if c, ok := e.(*constExpr); ok && c.value != nil {
			return " AND NOT isnan(" + greatest + ")"
		}
		return " AND (NOT isnan(" + greatest + ") OR " + other + " IS NULL)"
	}
	first, second := mayBeNaN(a), mayBeNaN(b)
	greater := op == opGreater || op == opGreaterEq
	switch {
	case op == opEqual && first && second:
		text += guard(v, w, b)
	case op == opNotEqual && first && second:
		text += " OR (isnan(" + v + ") AND isnan(" + w + "))"
	case greater && first:
		text += guard(v, w, b)
	case (op == opLess || op == opLessEq) && second:
		text += guard(w, v, a)
	}
	return "(" + text + ")"
}

// same gives v = w: false if any part differs, else NULL if any is NULL, else true.
func (p *printer) same(v, w string, t Type) string {
	if p.made(v, w) {
		return "NULL"
	}
	switch t.Kind {
	case KindReal, KindDouble:
		return "(" + v + " = " + w + " AND (NOT isnan(" + v + ") OR " + w + " IS NULL))"
	case KindRow:
		parts := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			parts[i] = p.same(structField(v, t.fieldName(i)), structField(w, t.fieldName(i)), f.Type)
		}
		return "(" + strings.Join(parts, " AND ") + ")"
	case KindArray, KindMap:
		return p.sameElements(v, w, t)
	}
	return "(" + v + " = " + w + ")"
}

// sameElements is same for arrays, place by place, and for maps, key by key.
func (p *printer) sameElements(v, w string, t Type) string {
	x, done := p.fresh()
	defer done()
	y, done := p.fresh()
	defer done()
	size, items := "len", "range(1, len("+v+") + 1)"
	part := p.same(v+"["+x+"]", w+"["+x+"]", t.Fields[0].Type)
	if t.Kind == KindMap {
		size, items = "cardinality", "map_keys("+v+")"
		part = "CASE WHEN map_contains(" + w + ", " + x + ") THEN " + p.same("map_extract_value("+v+", "+x+")", "map_extract_value("+w+", "+x+")", t.Fields[1].Type) + " ELSE false END"
	}
	return "CASE WHEN " + v + " IS NULL OR " + w + " IS NULL THEN NULL WHEN " + size + "(" + v + ") <> " + size + "(" + w + ") THEN false ELSE " +
		"list_transform([{'l': list_transform(" + items + ", lambda " + x + ": " + part + ")}], lambda " + y + ": " +
		"CASE WHEN list_contains(" + p.field(y, "l") + ", false) THEN false WHEN len(list_filter(" + p.field(y, "l") + ", lambda " + x + ": " + x + " IS NULL)) > 0 THEN NULL ELSE true END)[1] END"
}

// ordered prints v < w and its like for arrays and rows. It fails where a NULL decides.
func (p *printer) ordered(op, v, w string, t Type) string {
	x, done := p.fresh()
	defer done()
	message := CodeNotSupported + ": ROW comparison not supported for fields with null elements"
	if t.Kind == KindArray {
		message = CodeNotSupported + ": ARRAY comparison not supported for arrays with null elements"
	}
	return "list_transform([{'c': " + p.order(v, w, t) + "}], lambda " + x + ": CASE WHEN " + v + " IS NULL OR " + w + " IS NULL THEN NULL WHEN " + p.field(x, "c") + " = 2 THEN " +
		p.failure(simple(KindBoolean), message) + " ELSE " + p.field(x, "c") + infix[op] + "0 END)[1]"
}

// order gives -1, 0 or 1 as v comes before w, with it or behind it, and 2 where a NULL decides.
func (p *printer) order(v, w string, t Type) string {
	if p.made(v, w) {
		return "NULL"
	}
	null := "CASE WHEN " + v + " IS NULL OR " + w + " IS NULL THEN 2 "
	x, done := p.fresh()
	defer done()
	switch t.Kind {
	case KindRow:
		parts := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			parts[i] = p.order(structField(v, t.fieldName(i)), structField(w, t.fieldName(i)), f.Type)
		}
		return null + "ELSE coalesce(list_filter([" + strings.Join(parts, ", ") + "], lambda " + x + ": " + x + " <> 0)[1], 0) END"
	case KindArray:
		each := "list_transform(range(1, least(len(" + v + "), len(" + w + ")) + 1), lambda " + x + ": " + p.order(v+"["+x+"]", w+"["+x+"]", t.Fields[0].Type) + ")"
		return null + "ELSE coalesce(list_filter(" + each + ", lambda " + x + ": " + x + " <> 0)[1], sign(len(" + v + ") - len(" + w + "))) END"
	}
	return null + "WHEN " + v + " < " + w + " THEN -1 WHEN " + v + " > " + w + " THEN 1 ELSE 0 END"
}

// guarded tells whether values of a type are not compared by DuckDB's operators as they are.
func guarded(list []expr) bool {
	t := list[0].typ()
	if t.Kind != KindReal && t.Kind != KindDouble {
		return len(t.Fields) > 0 || t.Kind == KindChar
	}
	for _, e := range list[1:] {
		if mayBeNaN(e) {
			return true
		}
	}
	return false
}

// between prints BETWEEN. With an upper bound that is a number a NaN is outside in DuckDB, too.
func (p *printer) between(c *callExpr) {
	if !guarded(c.args) {
		p.write("(")
		p.expr(c.args[0])
		p.write(" BETWEEN ")
		p.list(" AND ", c.args[1:])
		p.write(")")
		return
	}
	p.bind(c.args, func(v []string) string {
		return "(" + p.compared(opGreaterEq, v[0], v[1], c.args[0], c.args[1]) + " AND " + p.compared(opLessEq, v[0], v[2], c.args[0], c.args[2]) + ")"
	})
}

// in prints IN with a list.
func (p *printer) in(c *callExpr) {
	if t := c.args[0].typ(); len(t.Fields) == 0 && !(guarded(c.args) && mayBeNaN(c.args[0])) || t.Kind == KindChar {
		p.write("(")
		p.expr(c.args[0])
		p.write(" IN (")
		p.list(", ", c.args[1:])
		p.write("))")
		return
	}
	p.bind(c.args, func(v []string) string {
		parts := make([]string, len(v)-1)
		for i := range parts {
			parts[i] = p.compared(opEqual, v[0], v[i+1], c.args[0], c.args[i+1])
		}
		return "(" + strings.Join(parts, " OR ") + ")"
	})
}
