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
	case len(t.Fields) > 0 && (op == opEqual || op == opNotEqual):
		text := p.same(v, w, t)
		if op == opNotEqual {
			return "(NOT " + text + ")"
		}
		return text
	case len(t.Fields) > 0:
		return "(" + p.order(v, w, t) + infix[op] + "0)"
	case t.Kind == KindReal || t.Kind == KindDouble:
		return floatComparison(op, v, w, mayBeNaN(a), mayBeNaN(b))
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

// floatComparison compares where one side or both may be NaN. A guard stands only where DuckDB's answer would be another.
func floatComparison(op, v, w string, first, second bool) string {
	text := v + infix[op] + w
	greater := op == opGreater || op == opGreaterEq
	switch {
	case op == opEqual && first && second:
		text += " AND NOT isnan(" + v + ")"
	case op == opNotEqual && first && second:
		text += " OR (isnan(" + v + ") AND isnan(" + w + "))"
	case greater && first:
		text += " AND (NOT isnan(" + v + ") OR " + w + " IS NULL)"
	case (op == opLess || op == opLessEq) && second:
		text += " AND (NOT isnan(" + w + ") OR " + v + " IS NULL)"
	}
	return "(" + text + ")"
}

// same gives v = w: false if any part differs, else NULL if any is NULL, else true.
func (p *printer) same(v, w string, t Type) string {
	switch t.Kind {
	case KindReal, KindDouble:
		return floatComparison(opEqual, v, w, true, true)
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
		"CASE WHEN list_contains(" + y + ".l, false) THEN false WHEN len(list_filter(" + y + ".l, lambda " + x + ": " + x + " IS NULL)) > 0 THEN NULL ELSE true END)[1] END"
}

// order gives -1, 0 or 1 as v comes before w, with it or behind it. It fails where a NULL decides.
func (p *printer) order(v, w string, t Type) string {
	name := map[Kind]string{KindRow: "ROW comparison not supported for fields with null elements",
		KindArray: "ARRAY comparison not supported for arrays with null elements"}[t.Kind]
	switch t.Kind {
	case KindRow:
		text := "CASE WHEN " + v + " IS NULL OR " + w + " IS NULL THEN NULL"
		for i, f := range t.Fields {
			a, b := structField(v, t.fieldName(i)), structField(w, t.fieldName(i))
			each := p.order(a, b, f.Type)
			text += " WHEN " + a + " IS NULL OR " + b + " IS NULL THEN " + p.failure(simple(KindInteger), CodeNotSupported+": "+name) +
				" WHEN " + each + " <> 0 THEN " + each
		}
		return text + " ELSE 0 END"
	case KindArray:
		x, done := p.fresh()
		defer done()
		y, done := p.fresh()
		defer done()
		element := t.Fields[0].Type
		a, b := v+"["+x+"]", w+"["+x+"]"
		c, d := v+"["+y+".i]", w+"["+y+".i]"
		return "list_transform([{'i': list_position(list_transform(range(1, least(len(" + v + "), len(" + w + ")) + 1), lambda " + x + ": " +
			a + " IS NULL OR " + b + " IS NULL OR " + p.order(a, b, element) + " <> 0), true)}], lambda " + y + ": " +
			"CASE WHEN " + v + " IS NULL OR " + w + " IS NULL THEN NULL WHEN coalesce(" + y + ".i, 0) = 0 THEN sign(len(" + v + ") - len(" + w + ")) " +
			"WHEN " + c + " IS NULL OR " + d + " IS NULL THEN " + p.failure(simple(KindInteger), CodeNotSupported+": "+name) + " ELSE " + p.order(c, d, element) + " END)[1]"
	}
	return "CASE WHEN " + v + " < " + w + " THEN -1 WHEN " + v + " > " + w + " THEN 1 WHEN " + v + " = " + w + " THEN 0 END"
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
