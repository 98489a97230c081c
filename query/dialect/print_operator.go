package dialect

import (
	"strconv"
	"strings"
)

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
	case opAdd, opSubtract, opMultiply, opDivide, opModulus:
		switch {
		case c.t.Kind == KindDecimal:
			p.decimalArithmetic(c)
		case !c.t.numeric():
			p.timeArithmetic(c)
		case c.op == opDivide || c.op == opModulus:
			p.divide(c)
		default: // of numbers of one type; overflow fails in both dialects
			p.write("(")
			p.list(symbols[c.op], c.args)
			p.write(")")
		}
	}
}

var symbols = map[string]string{opAdd: " + ", opSubtract: " - ", opMultiply: " * ", opDivide: " / ", opModulus: " % "}

// divide prints / and %: integer division truncates, and a zero divisor fails. Doubles follow IEEE 754 in both dialects.
func (p *printer) divide(c *callExpr) {
	operator := symbols[c.op]
	if c.op == opDivide && c.t.integral() {
		operator = " // "
	}
	k, ok := c.args[1].(*constExpr)
	if ok && c.op == opModulus && k.value == int64(-1) { // DuckDB's remainder of the least number overflows
		k = intConst(1, k.t.Kind)
		c = &callExpr{op: c.op, args: []expr{c.args[0], k}, t: c.t}
	}
	if !c.t.integral() || ok && k.value != nil && k.value != int64(0) {
		p.write("CAST(")
		p.list(operator, c.args)
		p.write(" AS ", c.t.DuckDB(), ")")
		return
	}
	p.bind(c.args, func(v []string) string {
		divisor := p.notZero(c, v)
		if c.op == opModulus {
			divisor = strings.Replace(divisor, " ELSE ", " WHEN "+v[1]+" = -1 THEN 1 ELSE ", 1)
		}
		return "CAST(" + v[0] + operator + divisor + " AS " + c.t.DuckDB() + ")"
	})
}

// notZero gives the divisor, which fails where it is zero and the dividend is not NULL.
func (p *printer) notZero(c *callExpr, v []string) string {
	zero := v[1] + " = 0"
	if k, ok := c.args[0].(*constExpr); !ok || k.value == nil {
		zero += " AND " + v[0] + " IS NOT NULL"
	}
	return "CASE WHEN " + zero + " THEN " + p.failure(c.args[1].typ(), CodeDivisionByZero+": Division by zero") + " ELSE " + v[1] + " END"
}

// decimalArithmetic prints operators of decimals. DuckDB has 38 digits, too; what needs more on the way is done in Go.
func (p *printer) decimalArithmetic(c *callExpr) {
	l, r := c.args[0].typ(), c.args[1].typ()
	to := c.t.DuckDB()
	p.bind(c.args, func(v []string) string {
		native := func(name string) string {
			return "CAST(loglake_decimal_" + name + "(CAST(" + v[0] + " AS VARCHAR), CAST(" + v[1] + " AS VARCHAR), " + strconv.Itoa(c.t.Scale) + ") AS " + to + ")"
		}
		switch c.op {
		case opDivide:
			return native("divide")
		case opModulus:
			if max(l.Precision-l.Scale, r.Precision-r.Scale)+c.t.Scale > 38 {
				return native("modulus")
			}
			return "CAST(" + v[0] + " % " + p.notZero(c, v) + " AS " + to + ")"
		case opMultiply:
			if l.Precision+r.Precision > 38 {
				return native("multiply")
			}
			// of two small decimals DuckDB computes in 64 bits, which may overflow; a wider factor makes it use 128
			if l.Precision+r.Precision > 18 {
				l.Precision = max(l.Precision, min(19, 38-r.Precision))
			}
			return "CAST(CAST(" + v[0] + " AS " + l.DuckDB() + ") * " + v[1] + " AS " + to + ")"
		}
		if max(l.Precision-l.Scale, r.Precision-r.Scale)+c.t.Scale >= 38 {
			return native(map[string]string{opAdd: "add", opSubtract: "subtract"}[c.op])
		}
		return "CAST(CAST(" + v[0] + " AS " + to + ")" + symbols[c.op] + "CAST(" + v[1] + " AS " + to + ") AS " + to + ")"
	})
}

// timeArithmetic prints operators of times and intervals.
func (p *printer) timeArithmetic(c *callExpr) {
	l, r := c.args[0].typ(), c.args[1].typ()
	p.bind(c.args, func(v []string) string {
		interval := func(t Type) bool { return t.Kind == KindIntervalDay || t.Kind == KindIntervalYear }
		switch {
		case !interval(c.t):
			if interval(l) {
				return p.moved(c, v[1], v[0], c.args[1], c.args[0])
			}
			return p.moved(c, v[0], v[1], c.args[0], c.args[1])
		case interval(l) && interval(r):
			return fromUnits(unitsOf(v[0], l)+symbols[c.op]+unitsOf(v[1], r), c.t)
		case interval(l):
			return p.scaled(c, v[0], v[1], r)
		case interval(r):
			return p.scaled(c, v[1], v[0], l)
		}
		return timeDifference(instantOf(v[0], l), instantOf(v[1], r), l)
	})
}

// instantOf gives the timestamp of a value that has its zone with it.
func instantOf(v string, t Type) string {
	if t.Zone == zoneOfValue {
		return structField(v, "at")
	}
	return v
}

// unitsOf gives the milliseconds or months of an interval.
func unitsOf(v string, t Type) string {
	if t.Kind == KindIntervalYear {
		return "CAST(12 * year(" + v + ") + month(" + v + ") AS BIGINT)"
	}
	return "CAST(epoch_ms(" + v + ") AS BIGINT)"
}

func fromUnits(units string, t Type) string {
	if t.Kind == KindIntervalYear {
		return "to_months(CAST(" + units + " AS INTEGER))"
	}
	return "to_microseconds(1000 * (" + units + "))"
}

// scaled multiplies or divides an interval by a number.
func (p *printer) scaled(c *callExpr, v, number string, t Type) string {
	if t.integral() {
		return fromUnits(unitsOf(v, c.t)+" * "+number, c.t)
	}
	wrong, word := "isnan("+number+")", "multiply"
	if c.op == opDivide {
		wrong, word = "(isnan("+number+") OR "+number+" = 0)", "divide"
	}
	text := caster{p: p}.javaText(number)
	return "CASE WHEN " + wrong + " AND " + v + " IS NOT NULL THEN " + p.failure(c.t, CodeFunctionArgument+": Cannot "+word+" by double ", sql(text)) + " ELSE " +
		fromUnits("CAST(trunc("+unitsOf(v, c.t)+symbols[c.op]+number+") AS BIGINT)", c.t) + " END"
}

// timeDifference subtracts times: in milliseconds, half up.
func timeDifference(v, w string, t Type) string {
	switch t.Kind {
	case KindDate:
		return "to_days(CAST(" + v + " - " + w + " AS INTEGER))"
	case KindTime, KindTimeTZ:
		v, w = "(DATE '1970-01-01' + "+v+")", "(DATE '1970-01-01' + "+w+")"
	}
	if t.Precision <= 3 {
		return "(" + v + " - " + w + ")"
	}
	millis := "(epoch_us(" + v + ") - epoch_us(" + w + ")) / 1000"
	if t.Kind == KindTimestampTZ { // half away from zero
		return "to_microseconds(CAST(round(" + millis + ") AS BIGINT) * 1000)"
	}
	return "to_microseconds(CAST(floor(" + millis + " + 0.5) AS BIGINT) * 1000)"
}

// moved adds an interval to a time, or subtracts it.
func (p *printer) moved(c *callExpr, v, interval string, e, by expr) string {
	t, operator := e.typ(), symbols[c.op]
	switch {
	case t.Kind == KindDate:
		if by.typ().Kind == KindIntervalDay && !isConst(by) {
			interval = "CASE WHEN epoch_ms(" + interval + ") % 86400000 <> 0 AND " + v + " IS NOT NULL THEN " +
				p.failure(by.typ(), CodeFunctionArgument+": "+notWholeDays(strings.TrimSpace(operator))) + " ELSE " + interval + " END"
		}
		return "CAST((" + v + operator + interval + ") AS DATE)"
	case t.Zone == zoneOfValue:
		return "CASE WHEN " + v + " IS NOT NULL AND " + interval + " IS NOT NULL THEN {'at': " + structField(v, "at") + operator + interval + ", 'zone': " +
			structField(v, "zone") + "} END"
	case t.Kind == KindTimestampTZ && t.Zone != "" && by.typ().Kind == KindIntervalYear:
		return instantSQL(t.Zone, "("+localSQL(t.Zone, v)+operator+interval+")")
	}
	return "(" + v + operator + interval + ")"
}

func isConst(e expr) bool {
	_, ok := e.(*constExpr)
	return ok
}

// subscript prints a[i], which fails where there is no such element.
func (p *printer) subscript(c *callExpr) {
	base := c.args[0].typ()
	p.bind(c.args, func(v []string) string {
		a, i := v[0], v[1]
		if base.Kind == KindMap {
			pieces := []any{CodeFunctionArgument + ": Key not present in map"}
			if key := base.Fields[0].Type; castable(key, varchar()) {
				pieces = []any{CodeFunctionArgument + ": Key not present in map: ", sql(caster{p: p}.convert(i, key, varchar()))}
			}
			return "CASE WHEN NOT map_contains(" + a + ", " + i + ") THEN " + p.failure(c.t, pieces...) + " ELSE map_extract_value(" + a + ", " + i + ") END"
		}
		return "CASE WHEN " + i + " > len(" + a + ") THEN " + p.failure(c.t, CodeFunctionArgument+": Array subscript must be less than or equal to array length: ", sql(i), " > ", sql("len("+a+")")) +
			" WHEN " + a + " IS NULL THEN NULL WHEN " + i + " = 0 THEN " + p.failure(c.t, CodeFunctionArgument+": SQL array indices start at 1") +
			" WHEN " + i + " < 0 THEN " + p.failure(c.t, CodeFunctionArgument+": Array subscript is negative: ", sql(i)) +
			" ELSE " + a + "[" + i + "] END"
	})
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
