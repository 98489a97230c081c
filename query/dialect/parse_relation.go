package dialect

// groupBy reads the items after GROUP BY; ROLLUP, CUBE and GROUPING SETS are refused by name.
func (p *parser) groupBy(s *selectNode) error {
	if err := p.need("BY"); err != nil {
		return err
	}
	s.grouped = true
	if p.is("ALL") || p.is("AUTO") && !p.isSymbol(".") && p.peekAt(1).kind == tokEOF {
		return p.unsupported(p.peek().off, "GROUP BY "+p.peek().value+" clauses")
	}
	if p.accept("DISTINCT") {
		return p.unsupported(p.peek().off, "GROUP BY DISTINCT clauses")
	}
	for {
		if err := p.groupItem(s); err != nil {
			return err
		}
		if !p.acceptSymbol(",") {
			return nil
		}
	}
}

func (p *parser) groupItem(s *selectNode) error {
	t := p.peek()
	if t.kind == tokName && (t.value == "ROLLUP" || t.value == "CUBE" || t.value == "GROUPING" && p.peekAt(1).value == "SETS") {
		return p.unsupported(t.off, t.value+" clauses")
	}
	if p.isSymbol("(") && p.peekAt(1).value == ")" && p.peekAt(1).kind == tokSymbol {
		p.pos += 2
		return nil
	}
	first := p.pos
	e, err := p.expression()
	if err != nil {
		return err
	}
	s.group = append(s.group, groupNode{at: at(t.off), sets: [][]node{{e}}, text: p.text(first)})
	return nil
}

// from reads relations separated by commas, which are cross joins.
func (p *parser) from() (relationNode, error) {
	left, err := p.relation()
	for err == nil && p.acceptSymbol(",") {
		if err = p.enter(); err != nil {
			break
		}
		var right relationNode
		right, err = p.relation()
		left = &joinNode{at: at(left.offset()), kind: "CROSS", left: left, right: right}
	}
	return left, err
}

// relation reads a relation and the joins that follow it.
func (p *parser) relation() (relationNode, error) {
	left, err := p.relationPrimary()
	for err == nil {
		j := &joinNode{at: at(left.offset()), left: left}
		if natural := p.peek(); natural.kind == tokName && natural.value == "NATURAL" {
			return nil, p.unsupported(natural.off, "NATURAL joins")
		}
		switch {
		case p.accept("CROSS"):
			j.kind = "CROSS"
		case p.accept("INNER"), p.is("JOIN"):
			j.kind = "INNER"
		case p.accept("LEFT"):
			j.kind = "LEFT"
		case p.accept("RIGHT"):
			j.kind = "RIGHT"
		case p.accept("FULL"):
			j.kind = "FULL"
		default:
			p.expect("'JOIN'")
			return left, nil
		}
		if err = p.enter(); err != nil {
			return nil, err
		}
		err = p.join(j)
		left = j
	}
	return nil, err
}

func (p *parser) join(j *joinNode) (err error) {
	if j.kind != "CROSS" && j.kind != "INNER" {
		p.accept("OUTER")
	}
	if err := p.need("JOIN"); err != nil {
		return err
	}
	if j.kind == "CROSS" {
		j.right, err = p.relationPrimary()
		return err
	}
	if j.right, err = p.relation(); err != nil {
		return err
	}
	if p.accept("ON") {
		j.on, err = p.expression()
		return err
	}
	if err := p.need("USING"); err != nil {
		return err
	}
	j.using, err = p.nameList()
	return err
}

func (p *parser) relationPrimary() (relationNode, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	t := p.peek()
	if t.kind == tokName {
		next := p.peekAt(1)
		switch {
		case t.value == "UNNEST", t.value == "LATERAL" && next.value == "(", t.value == "JSON_TABLE":
			return nil, p.unsupported(t.off, t.value+" relations")
		case t.value == "TABLE" && next.value == "(":
			return nil, p.unsupported(t.off, "table functions")
		}
	}
	r, err := p.relationBody(at(t.off))
	if err != nil {
		return nil, err
	}
	return p.aliased(r)
}

func (p *parser) relationBody(start at) (relationNode, error) {
	if !p.isSymbol("(") {
		if !p.isName(0) {
			p.expect("'('")
			p.expect("'LATERAL'")
			p.expect("'UNNEST'")
		}
		parts, err := p.qualified()
		return &tableNode{at: start, parts: parts}, err
	}
	if p.startsQuery(1) {
		q, err := p.parenthesizedQuery()
		return &derivedNode{at: start, query: q}, err
	}
	p.advance()
	r, err := p.relation()
	if err != nil {
		return nil, err
	}
	return r, p.needSymbol(")")
}

// startsQuery tells whether a query, not a relation or an expression, begins n tokens ahead. After brackets around a query
// only a set operation, ORDER BY, a limit or another bracket makes a query of it: ((SELECT 1) + 1) is an expression.
func (p *parser) startsQuery(n int) bool {
	first := p.pos + n
	last := first
	for last < len(p.tokens) && p.tokens[last].kind == tokSymbol && p.tokens[last].value == "(" {
		last++
	}
	p.pos, last = last, p.pos
	starts := p.is("SELECT") || p.is("WITH") || p.is("VALUES") || p.is("TABLE") && p.isName(1)
	p.pos, last = last, p.pos
	for i := first; starts && i < last; i++ {
		starts = p.continuesQuery(p.closing(i) + 1)
	}
	return starts
}

// continuesQuery tells whether the token at index i may follow a query in brackets within another query.
func (p *parser) continuesQuery(i int) bool {
	if i <= 1 || i >= len(p.tokens) {
		return true // not closed: the query's own error is the better one
	}
	switch t := p.tokens[i]; t.kind {
	case tokSymbol:
		return t.value == ")"
	case tokName:
		switch t.value {
		case "UNION", "EXCEPT", "INTERSECT", "ORDER", "OFFSET", "LIMIT", "FETCH":
			return true
		}
	}
	return false
}

// aliased reads [AS] alias [(columns)].
func (p *parser) aliased(r relationNode) (relationNode, error) {
	t := p.peek()
	if t.kind == tokName && t.value == "TABLESAMPLE" {
		return nil, p.unsupported(t.off, "TABLESAMPLE clauses")
	}
	if !p.accept("AS") && (!p.isName(0) || p.startsClause()) {
		return r, nil
	}
	alias, err := p.identifier()
	if err != nil {
		return nil, err
	}
	a := &aliasNode{at: at(r.offset()), relation: r, alias: alias}
	if p.isSymbol("(") {
		a.columns, err = p.nameList()
	}
	return a, err
}

// startsClause tells whether the word that stands here, which may be a name, begins a clause: LIMIT, OFFSET, FETCH and
// WINDOW are not reserved, so what follows them decides.
func (p *parser) startsClause() bool {
	t, next := p.peek(), p.peekAt(1)
	if t.kind != tokName {
		return false
	}
	switch t.value {
	case "LIMIT", "OFFSET":
		return next.kind == tokInteger || next.kind == tokSymbol && next.value == "?" || next.kind == tokName && next.value == "ALL"
	case "FETCH":
		return next.kind == tokName && (next.value == "FIRST" || next.value == "NEXT")
	case "WINDOW":
		return p.isName(1)
	}
	return false
}
