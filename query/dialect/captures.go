package dialect

import "slices"

// DuckDB's lambdas do not see everything that Trino's do: list_reduce mixes up the columns that its lambda speaks of when rows
// have lists of different lengths, and in an expression that speaks of an outer query no lambda sees columns at all. There
// what the lambda speaks of is put into a row, which comes in as one of its parameters.

// replaced gives e with those expressions in it replaced for which by gives another one.
func replaced(e expr, by func(expr) expr) expr {
	if e == nil {
		return nil
	}
	if other := by(e); other != nil {
		return other
	}
	switch e := e.(type) {
	case *castExpr:
		c := *e
		c.operand = replaced(e.operand, by)
		return &c
	case *lambdaExpr:
		c := *e
		c.body = replaced(e.body, by)
		return &c
	case *callExpr:
		c := *e
		c.args = make([]expr, len(e.args))
		for i, arg := range e.args {
			c.args[i] = replaced(arg, by)
		}
		return &c
	}
	return e
}

// capture takes what list speaks of, and is wanted, out of it. It gives the row of these values and the variable that now
// stands for it in the expressions; row is nil where there is nothing.
func (a *analyzer) capture(list []expr, wanted func(expr) bool) (changed []expr, row *callExpr, v *variable) {
	var values []expr
	for _, e := range list {
		replaced(e, func(e expr) expr { // by itself: what is in it is not looked at
			if !wanted(e) {
				return nil
			}
			if !slices.ContainsFunc(values, func(known expr) bool { return sameCapture(known, e) }) {
				values = append(values, e)
			}
			return e
		})
	}
	if len(values) == 0 {
		return list, nil, nil
	}
	row = rowExpr(values)
	v = &variable{name: "captured", t: row.t}
	for _, e := range list {
		changed = append(changed, replaced(e, func(e expr) expr {
			for i, value := range values {
				if wanted(e) && sameCapture(value, e) {
					return fieldExpr(&variableExpr{v}, i)
				}
			}
			return nil
		}))
	}
	return changed, row, v
}

func sameCapture(a, b expr) bool {
	if x, ok := a.(*variableExpr); ok {
		y, ok := b.(*variableExpr)
		return ok && x.variable == y.variable
	}
	return same(a, b)
}

// captures gives a test for the columns and variables that a lambda speaks of and does not bind itself.
func captures(l *lambdaExpr) func(expr) bool {
	bound := map[*variable]bool{}
	walk(l, func(e expr) {
		if inner, ok := e.(*lambdaExpr); ok {
			for _, v := range inner.params {
				bound[v] = true
			}
		}
	})
	return func(e expr) bool {
		switch e := e.(type) {
		case *columnExpr:
			return true
		case *variableExpr:
			return !bound[e.variable]
		}
		return false
	}
}

// stepped gives the lambda that list_reduce evaluates for each element one more parameter, a row of what it captures, and
// adds this row to the arguments. Where it captures nothing it does nothing.
func (c *rewriting) stepped(i int) bool {
	l := c.args[i].(*lambdaExpr)
	changed, row, v := c.a.capture([]expr{l.body}, captures(l))
	if row == nil {
		return false
	}
	c.args[i] = &lambdaExpr{params: append(l.params[:len(l.params):len(l.params)], v), body: changed[0], t: l.t}
	c.args = append(c.args, row)
	return true
}

var boundSQL = &Overload{SQL: "list_transform([{'v': $1}], lambda $a: $2($a.v))[1]"}

// inSubquery tells whether a place is in a query within an expression of another one.
func (s *scope) inSubquery() bool {
	for at := s; at != nil; at = at.outer {
		if at.owner != s.owner {
			return true
		}
	}
	return false
}

// withoutColumns makes a call whose lambdas speak of columns such that they do not: these columns, and the other arguments,
// come in as a row.
func (a *analyzer) withoutColumns(c *callExpr) *callExpr {
	column := func(e expr) bool { _, ok := e.(*columnExpr); return ok }
	needed, given := false, map[expr]bool{}
	for _, arg := range c.args {
		switch arg.(type) {
		case *lambdaExpr:
			walk(arg, func(e expr) { needed = needed || column(e) })
		case *constExpr:
		default:
			given[arg] = true
		}
	}
	if !needed {
		return c
	}
	inner := *c
	args, row, v := a.capture(c.args, func(e expr) bool { return given[e] || column(e) })
	inner.args = args
	body := &lambdaExpr{params: []*variable{v}, body: &inner, t: Type{Kind: KindFunction, Fields: functionFields([]Type{v.t}, c.t)}}
	return &callExpr{op: c.op, over: boundSQL, args: []expr{row, body}, t: c.t}
}
