package dialect

import "strconv"

// This file analyses queries in expressions.

// subqueryPlan analyses the query of an expression at s, and tells which columns of queries around it it uses.
func (a *analyzer) subqueryPlan(s *scope, n *queryNode, place node) (*queryPlan, []outerColumn, error) {
	if s.inLambda() != nil {
		return nil, nil, a.subqueryInLambda(place)
	}
	aggregating, grouping, side := a.aggregating, a.grouping, a.outerSide
	a.aggregating, a.grouping, a.outerSide = 0, 0, ""
	a.subqueries++
	defer func() {
		a.subqueries--
		a.aggregating, a.grouping, a.outerSide = aggregating, grouping, side
	}()
	mark := len(a.outer)
	q, err := a.query(n, s)
	return q, a.outer[mark:len(a.outer):len(a.outer)], err
}

func (a *analyzer) exists(s *scope, n *existsNode) (expr, error) {
	q, outer, err := a.subqueryPlan(s, n.query, n)
	return &subqueryExpr{kind: "exists", query: q, outer: outer, t: simple(KindBoolean)}, err
}

// subquery analyses a query that gives one value: a row where it has several columns.
func (a *analyzer) subquery(s *scope, n *subqueryNode) (expr, error) {
	q, outer, err := a.subqueryPlan(s, n.query, n)
	if err != nil {
		return nil, err
	}
	e := &subqueryExpr{kind: "scalar", query: q, outer: outer, t: q.columns[0].Type}
	if len(q.columns) > 1 {
		e.t = rowOfColumns(q.columns)
		e.filled = !correlated(s, outer)
	}
	return e, nil
}

// correlated tells whether any of the columns belongs to a query around s.
func correlated(s *scope, outer []outerColumn) bool {
	for _, use := range outer {
		for around := s; around != nil; around = around.outer {
			if around.owner == use.owner {
				return true
			}
		}
	}
	return false
}

func rowOfColumns(columns []OutputColumn) Type {
	t := Type{Kind: KindRow}
	for _, c := range columns {
		t.Fields = append(t.Fields, Field(c))
	}
	return t
}

func (a *analyzer) inQuery(s *scope, n *inNode, operand expr) (expr, error) {
	e := &subqueryExpr{kind: "in", value: operand, t: simple(KindBoolean)}
	return inverted(n.not, e), a.comparedQuery(s, e, n.query, n)
}

// comparedQuery analyses the query of e and brings its rows and e's value to a type to compare them in. A value of a row
// type is compared with the columns of the query together.
func (a *analyzer) comparedQuery(s *scope, e *subqueryExpr, n *queryNode, place node) error {
	var err error
	if e.query, e.outer, err = a.subqueryPlan(s, n, place); err != nil {
		return err
	}
	columns, fields := e.query.columns, []Field{{Type: e.value.typ()}}
	if e.value.typ().Kind == KindRow {
		fields = e.value.typ().Fields
	}
	types := make([]OutputColumn, len(columns))
	ok := len(columns) == len(fields)
	for i := 0; ok && i < len(columns); i++ {
		types[i].Name = columns[i].Name
		types[i].Type, ok = comparison(fields[i].Type, columns[i].Type)
	}
	if !ok {
		have := e.value.typ()
		if have.Kind != KindRow {
			have = rowOfTypes([]Type{have})
		}
		return a.errorf(CodeTypeMismatch, place, "Value expression and result of subquery must be of the same type: %s vs %s", have, rowOfColumns(columns))
	}
	e.query = a.widened(e.query, types)
	t := types[0].Type
	if e.value.typ().Kind == KindRow {
		t = Type{Kind: KindRow}
		for i, c := range types {
			t.Fields = append(t.Fields, Field{Name: fields[i].Name, Type: c.Type})
		}
	}
	e.value = cast(e.value, t)
	return nil
}

// quantified analyses a = ANY (query), a < ALL (query). The first is IN, and <> ALL is NOT IN.
func (a *analyzer) quantified(s *scope, n *quantifiedNode) (expr, error) {
	operand, err := a.expr(s, n.operand)
	if err != nil {
		return nil, err
	}
	e := &subqueryExpr{kind: "any", value: operand, op: comparisons[n.op], t: simple(KindBoolean)}
	if n.quantifier == "ALL" {
		e.kind = "all"
	}
	if err := a.comparedQuery(s, e, n.query, n); err != nil {
		return nil, err
	}
	switch {
	case e.kind == "any" && e.op == opEqual, e.kind == "all" && e.op == opNotEqual:
		not := e.kind == "all"
		e.kind, e.op = "in", ""
		return inverted(not, e), nil
	case !e.value.typ().orderable():
		return nil, a.errorf(CodeTypeMismatch, n, "Type [%s] must be orderable in order to be used in quantified comparison", rowOfTypes([]Type{e.value.typ()}))
	case len(e.value.typ().Fields) > 0:
		return nil, a.unsupported(n, "comparisons of rows, arrays and maps with ALL and ANY, but for = ANY and <> ALL,")
	}
	return e, nil
}

// quantified prints a comparison with every row of a query by what the least and the greatest of them are, as Trino plans
// it: without rows ALL is true and ANY is false, and a NULL among them makes unknown what the others do not decide.
func (p *printer) quantified(e *subqueryExpr) {
	p.locals++
	defer func() { p.locals-- }()
	x := p.localName(p.locals)
	v := p.whole(x)
	p.write("list_transform([{'v': ")
	p.expr(e.value)
	p.write(", 'q': (SELECT {'n': count(*), 'm': count(s.v), 'lo': min(s.v), 'hi': max(s.v)} FROM (")
	p.rows(e)
	p.write(") AS s)}], lambda ", x, ": CASE WHEN ", v, ".q.n = 0 THEN ", strconv.FormatBool(e.kind == "all"), " ELSE (")
	t := e.value.typ()
	value, low, high := &printedExpr{v + ".v", t}, &printedExpr{v + ".q.lo", t}, &printedExpr{v + ".q.hi", t}
	if e.kind == "all" {
		p.expr(allOf(e.op, value, low, high))
		p.write(" AND CASE WHEN ", v, ".q.n <> ", v, ".q.m THEN NULL ELSE true END")
	} else {
		p.expr(anyOf(e.op, value, low, high))
		p.write(" OR CASE WHEN ", v, ".q.n <> ", v, ".q.m THEN NULL ELSE false END")
	}
	p.write(") END)[1]")
}

func allOf(op string, value, low, high expr) expr {
	switch op {
	case opEqual:
		return test(opAnd, test(opEqual, value, low), test(opEqual, value, high))
	case opLess, opLessEq:
		return test(op, value, low)
	}
	return test(op, value, high)
}

func anyOf(op string, value, low, high expr) expr {
	switch op {
	case opNotEqual:
		return test(opOr, test(opNotEqual, value, low), test(opNotEqual, value, high))
	case opLess, opLessEq:
		return test(op, value, high)
	}
	return test(op, value, low)
}

// rows prints the query of e with one column, v: the row of its columns where that is what is compared.
func (p *printer) rows(e *subqueryExpr) {
	p.write("SELECT ")
	if e.value.typ().Kind == KindRow {
		p.rowOf(e.value.typ(), "q.")
	} else {
		p.write("q.", outputName(0))
	}
	p.write(" AS v FROM (")
	p.query(e.query)
	p.write(") AS q")
}

// rowOf prints a row of the columns of a query; prefix is how the query is called, with a point.
func (p *printer) rowOf(t Type, prefix string) {
	p.write("{")
	for i := range t.Fields {
		if i > 0 {
			p.write(", ")
		}
		p.write(quoteText(t.fieldName(i)), ": ", prefix, outputName(i))
	}
	p.write("}")
}

// scalar prints a query that gives one value. Trino fills a row of several columns with NULLs where there is no row, but
// not where the query depends on others around it.
func (p *printer) scalar(e *subqueryExpr) {
	if len(e.query.columns) == 1 {
		p.write("(")
		p.query(e.query)
		p.write(")")
		return
	}
	if e.filled {
		p.write("coalesce(")
	}
	p.write("(SELECT ")
	p.rowOf(e.t, "q.")
	p.write(" FROM (")
	p.query(e.query)
	p.write(") AS q)")
	if e.filled {
		p.write(", {")
		for i, f := range e.t.Fields {
			if i > 0 {
				p.write(", ")
			}
			p.write(quoteText(e.t.fieldName(i)), ": CAST(NULL AS ", f.Type.DuckDB(), ")")
		}
		p.write("})")
	}
}
