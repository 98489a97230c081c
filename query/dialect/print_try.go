package dialect

import "strings"

// try prints TRY. DuckDB's has limits that Trino's has not:
//
//   - It takes no aggregates, windows and subqueries. Trino evaluates them before; their failures are no matter of TRY.
//   - What stands several times in a row's expressions is computed once, outside of any TRY.
//   - Where something fails, row after row is computed again, and coalesce then gives values of other rows.
//
// So what TRY speaks of is bound to a name by a lambda around it, and what it tries is the body of a lambda of its own.
func (p *printer) try(e expr) {
	x, done := p.fresh()
	defer done()
	outer := p.replaced
	p.replaced = map[expr]string{}
	p.write("list_transform([{'v': NULL")
	for i, h := range p.spokenOf(e) {
		name := nameOfBound(i)
		p.write(", ", name, ": ")
		p.replaced, outer = outer, p.replaced
		p.expr(h[0])
		p.replaced, outer = outer, p.replaced
		for _, use := range h {
			p.replaced[use] = x + "." + name
		}
	}
	p.write("}], lambda ", x, ": ")
	p.tried(x, func() { p.expr(e) })
	p.write(")[1]")
	p.replaced = outer
}

// tried prints TRY of what body prints, which may speak of x and of nothing else.
func (p *printer) tried(x string, body func()) {
	p.trying++
	p.write("TRY(list_transform([", x, "], lambda ", x, ": ")
	body()
	p.write(")[1])")
	p.trying--
}

// caught tells whether Trino's TRY catches an error, by how its text begins, or should: an internal error is a fault of
// Trino's own. DuckDB's catches all.
func caught(message string) bool {
	code, _, _ := strings.Cut(message, ":")
	return code == CodeDivisionByZero || code == CodeCastArgument || code == CodeFunctionArgument || code == CodeOutOfRange || code == CodeInternal
}

// spokenOf lists what is evaluated before e: columns, keys of GROUP BY, aggregates, windows, subqueries, and variables of
// lambdas around e. Each comes with all of its uses.
func (p *printer) spokenOf(e expr) [][]expr {
	var list [][]expr
	inner := map[*variable]bool{}
	var visit func(e expr)
	visit = func(e expr) {
		if p.isOutside(e, inner) {
			for i, known := range list {
				if sameCapture(known[0], e) {
					list[i] = append(known, e)
					return
				}
			}
			list = append(list, []expr{e})
			return
		}
		switch e := e.(type) {
		case *castExpr:
			visit(e.operand)
		case *lambdaExpr:
			for _, v := range e.params {
				inner[v] = true
			}
			visit(e.body)
		case *callExpr:
			for _, arg := range e.args {
				if arg != nil {
					visit(arg)
				}
			}
		}
	}
	visit(e)
	return list
}

// isOutside tells whether an expression in TRY is evaluated before it; inner are the variables of lambdas in TRY.
func (p *printer) isOutside(e expr, inner map[*variable]bool) bool {
	switch e := e.(type) {
	case *columnExpr, *subqueryExpr, *printedExpr:
		return true
	case *variableExpr:
		return !inner[e.variable]
	case *constExpr:
		return false
	case *callExpr:
		if e.aggregate || e.window != nil || e.op == opGrouping {
			return true
		}
	}
	return p.isKey(e)
}

// group sets what the rows are grouped by in what is printed next, and gives what puts it back.
func (p *printer) group(keys []expr, grouping bool) (done func()) {
	outerKeys, outerGrouping := p.keys, p.grouping
	p.keys, p.grouping = keys, grouping
	return func() { p.keys, p.grouping = outerKeys, outerGrouping }
}

// isKey tells whether an expression is one of those that the rows are grouped by.
func (p *printer) isKey(e expr) bool {
	for _, key := range p.keys {
		if same(key, e) {
			return true
		}
	}
	return false
}

func isAggregation(e expr) bool {
	c, ok := e.(*callExpr)
	return ok && c.aggregate && c.window == nil
}
