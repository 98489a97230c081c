package dialect

// arithmetic prints the operators whose meaning differs between the dialects.
func (p *printer) arithmetic(c *callExpr) {
	switch c.op {
	case opNegate:
		p.write("(- ")
		p.expr(c.args[0])
		p.write(")")
	case opSubscript:
		p.subscript(c)
	case opAtTimeZone: // the instant stays; the zone is in the type
		p.expr(c.args[0])
	case opDivide, opModulus:
		p.divide(c)
	case opAdd, opSubtract, opMultiply:
		p.plain(c)
	}
}

// plain prints + - *. Numbers come with the same type on both sides, and overflow fails in both dialects.
func (p *printer) plain(c *callExpr) {
	operator := map[string]string{opAdd: " + ", opSubtract: " - ", opMultiply: " * "}[c.op]
	l, r := c.args[0].typ(), c.args[1].typ()
	switch {
	case c.t.Kind == KindDecimal && c.op != opMultiply:
		p.write("CAST(CAST(")
		p.expr(c.args[0])
		p.write(" AS ", c.t.DuckDB(), ")", operator, "CAST(")
		p.expr(c.args[1])
		p.write(" AS ", c.t.DuckDB(), ") AS ", c.t.DuckDB(), ")")
	case c.t.Kind == KindDecimal:
		p.product(c)
	case c.t.Kind == KindDate:
		p.write("CAST((")
		p.list(operator, c.args)
		p.write(") AS DATE)")
	case l.Kind == KindDate && r.Kind == KindDate:
		p.write("to_days(CAST(")
		p.list(operator, c.args)
		p.write(" AS INTEGER))")
	default:
		p.write("(")
		p.list(operator, c.args)
		p.write(")")
	}
}

// product prints a product of decimals. DuckDB computes one of two small decimals in 64 bits, which may overflow; a wider
// factor makes it use 128.
func (p *printer) product(c *callExpr) {
	l, r := c.args[0].typ(), c.args[1].typ()
	if l.Precision+r.Precision > 18 {
		l.Precision = max(l.Precision, min(19, 38-r.Precision))
	}
	p.write("CAST(CAST(")
	p.expr(c.args[0])
	p.write(" AS ", l.DuckDB(), ") * ")
	p.expr(c.args[1])
	p.write(" AS ", c.t.DuckDB(), ")")
}

// divide prints / and %: integer division truncates, and a zero divisor fails. Doubles follow IEEE 754 in both dialects.
func (p *printer) divide(c *callExpr) {
	operator := " % "
	if c.op == opDivide {
		operator = " / "
		if c.t.integral() {
			operator = " // "
		}
	}
	if c.t.Kind == KindDouble || c.t.Kind == KindReal {
		p.write("CAST(")
		p.list(operator, c.args)
		p.write(" AS ", c.t.DuckDB(), ")")
		return
	}
	divisor := c.args[1]
	p.write("CAST(")
	p.expr(c.args[0])
	p.write(operator)
	if k, ok := divisor.(*constExpr); ok && k.value != nil && k.value != int64(0) && c.t.integral() {
		p.expr(divisor)
	} else {
		p.write("CASE WHEN ")
		p.expr(divisor)
		p.write(" = 0 THEN ")
		p.fail(divisor.typ(), CodeDivisionByZero+": Division by zero")
		p.write(" ELSE ")
		p.expr(divisor)
		p.write(" END")
	}
	p.write(" AS ", c.t.DuckDB(), ")")
}

// subscript prints a[i], which fails where there is no such element.
func (p *printer) subscript(c *callExpr) {
	base, index := c.args[0], c.args[1]
	p.write("CASE WHEN ")
	if base.typ().Kind == KindMap {
		p.write("NOT map_contains(")
		p.list(", ", c.args)
		p.write(") THEN ")
		p.fail(c.t, CodeFunctionArgument+": Key not present in map: ", index)
		p.write(" ELSE map_extract_value(")
		p.list(", ", c.args)
		p.write(") END")
		return
	}
	p.expr(index)
	p.write(" > len(")
	p.expr(base)
	p.write(") THEN ")
	p.fail(c.t, CodeFunctionArgument+": Array subscript must be less than or equal to array length: ", index, " > ",
		&callExpr{op: "cardinality", over: &Overload{SQL: "len($1)"}, args: []expr{base}, t: simple(KindBigInt)})
	p.write(" WHEN ")
	p.expr(index)
	p.write(" = 0 THEN ")
	p.fail(c.t, CodeFunctionArgument+": SQL array indices start at 1")
	p.write(" WHEN ")
	p.expr(index)
	p.write(" < 0 THEN ")
	p.fail(c.t, CodeFunctionArgument+": Array subscript is negative: ", index)
	p.write(" ELSE ")
	p.expr(base)
	p.write("[")
	p.expr(index)
	p.write("] END")
}

// filterAndWindow prints FILTER (WHERE …) and OVER (…).
func (p *printer) filterAndWindow(c *callExpr) {
	if c.filter != nil {
		p.write(" FILTER (WHERE ")
		p.expr(c.filter)
		p.write(")")
	}
	w := c.window
	if w == nil {
		return
	}
	p.write(" OVER (")
	if len(w.partition) > 0 {
		p.write("PARTITION BY ")
		p.list(", ", w.partition)
		p.write(" ")
	}
	if len(w.order) > 0 {
		p.orderBy(w.order)
	}
	if f := w.frame; f != nil {
		p.write(" ", f.unit, " BETWEEN ")
		p.bound(f.start, f.startAt)
		p.write(" AND ")
		p.bound(f.end, f.endAt)
	}
	p.write(")")
}

func (p *printer) bound(kind string, value expr) {
	if value != nil {
		p.expr(value)
		p.write(" ")
	}
	p.write(kind)
}
