package dialect

// query reads [WITH …] body [ORDER BY …] [OFFSET …] [LIMIT … | FETCH …].
func (p *parser) query() (*queryNode, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	q := &queryNode{at: p.offset()}
	if p.accept("WITH") {
		if err := p.with(q); err != nil {
			return nil, err
		}
	}
	return q, p.queryBody(q)
}

// queryBody reads what follows WITH.
func (p *parser) queryBody(q *queryNode) (err error) {
	if q.body, err = p.union(); err != nil {
		return err
	}
	q.orderAt = p.offset()
	if q.order, err = p.orderBy(); err != nil {
		return err
	}
	if err := p.limits(q); err != nil {
		return err
	}
	q.end = at(p.tokens[p.pos-1].end)
	return nil
}

func (p *parser) with(q *queryNode) error {
	switch {
	case p.accept("RECURSIVE"):
		q.recursive = true
	case p.is("FUNCTION") && p.isName(1):
		return p.unsupported(p.peek().off, "inline functions")
	case p.is("SESSION") && p.isName(1):
		return p.unsupported(p.peek().off, "WITH SESSION clauses")
	}
	for {
		w := withNode{}
		var err error
		if w.name, err = p.identifier(); err != nil {
			return err
		}
		if p.isSymbol("(") {
			if w.columns, err = p.nameList(); err != nil {
				return err
			}
		}
		if err := p.need("AS"); err != nil {
			return err
		}
		if w.query, err = p.parenthesizedQuery(); err != nil {
			return err
		}
		q.with = append(q.with, w)
		if !p.acceptSymbol(",") {
			return nil
		}
	}
}

func (p *parser) parenthesizedQuery() (*queryNode, error) {
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	q, err := p.query()
	if err != nil {
		return nil, err
	}
	return q, p.needSymbol(")")
}

// limits reads OFFSET n [ROW|ROWS], then LIMIT n|ALL or FETCH FIRST n ROWS ONLY.
func (p *parser) limits(q *queryNode) error {
	var err error
	if q.skipAt = p.offset(); p.accept("OFFSET") {
		if q.skip, err = p.rowCount(); err != nil {
			return err
		}
		if !p.accept("ROWS") {
			p.accept("ROW")
		}
	}
	q.limitAt = p.offset()
	switch {
	case p.accept("LIMIT"):
		if p.accept("ALL") {
			return nil
		}
		q.limit, err = p.rowCount()
		return err
	case p.accept("FETCH"):
		q.fetch = true
		return p.fetch(q)
	}
	return nil
}

func (p *parser) fetch(q *queryNode) error {
	if !p.accept("FIRST") {
		if err := p.need("NEXT"); err != nil {
			return err
		}
	}
	if p.is("ROW") || p.is("ROWS") {
		q.limit = &numberNode{at: p.offset(), kind: tokInteger, text: "1"}
	} else {
		var err error
		if q.limit, err = p.rowCount(); err != nil {
			return err
		}
	}
	if !p.accept("ROWS") {
		if err := p.need("ROW"); err != nil {
			return err
		}
	}
	if q.ties = p.accept("WITH"); q.ties {
		return p.need("TIES")
	}
	return p.need("ONLY")
}

func (p *parser) rowCount() (node, error) {
	if p.peek().kind == tokInteger {
		return p.integer(), nil
	}
	if p.isSymbol("?") {
		return p.parameter(), nil
	}
	return nil, p.mismatch()
}

// union reads UNION and EXCEPT, which bind alike and to the left; intersect binds tighter.
func (p *parser) union() (bodyNode, error) {
	left, err := p.intersect()
	for err == nil && (p.is("UNION") || p.is("EXCEPT")) {
		left, err = p.setOperation(left, p.intersect)
	}
	if err == nil {
	}
	return left, err
}

func (p *parser) intersect() (bodyNode, error) {
	left, err := p.primary()
	for err == nil && p.is("INTERSECT") {
		left, err = p.setOperation(left, p.primary)
	}
	if err == nil {
	}
	return left, err
}

func (p *parser) setOperation(left bodyNode, operand func() (bodyNode, error)) (bodyNode, error) {
	if err := p.enter(); err != nil { // long chains nest to the left: never left, so that they count
		return nil, err
	}
	t := p.advance()
	n := &setNode{at: at(t.off), op: t.value, left: left}
	if n.all = p.accept("ALL"); !n.all {
		p.accept("DISTINCT")
	}
	if p.is("CORRESPONDING") {
		return nil, p.unsupported(p.peek().off, "CORRESPONDING clauses")
	}
	var err error
	n.right, err = operand()
	return n, err
}

// primary reads SELECT, VALUES, TABLE or a query in parentheses.
func (p *parser) primary() (bodyNode, error) {
	start := p.offset()
	switch {
	case p.accept("SELECT"):
		return p.selectBody(start)
	case p.accept("VALUES"):
		return p.values(start)
	case p.accept("TABLE"):
		parts, err := p.qualified()
		return &selectNode{at: start, items: []itemNode{{at: start, star: true}}, from: &tableNode{at: start, parts: parts}}, err
	case p.isSymbol("("):
		return p.bracketedBody()
	}
	return nil, p.mismatch()
}

// bracketedBody reads a query in brackets as a part of another one; it has no WITH.
func (p *parser) bracketedBody() (bodyNode, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	p.advance()
	q := &queryNode{at: p.offset()}
	if err := p.queryBody(q); err != nil {
		return nil, err
	}
	return q, p.needSymbol(")")
}

func (p *parser) values(start at) (bodyNode, error) {
	v := &valuesNode{at: start}
	for {
		row, err := p.valuesRow(v)
		if err != nil {
			return nil, err
		}
		v.rows = append(v.rows, row)
		if !p.acceptSymbol(",") {
			return v, nil
		}
	}
}

// valuesRow reads one row: "(a, b)", ROW(a, b) or a lone expression.
func (p *parser) valuesRow(v *valuesNode) ([]node, error) {
	e, err := p.expression()
	r, ok := e.(*rowNode)
	v.lone = append(v.lone, !ok)
	if ok {
		return r.items, err
	}
	return []node{e}, err
}

func (p *parser) selectBody(start at) (bodyNode, error) {
	s := &selectNode{at: start}
	s.distinct = p.quantifier()
	for {
		item, err := p.selectItem()
		if err != nil {
			return nil, err
		}
		s.items = append(s.items, item)
		if !p.acceptSymbol(",") {
			break
		}
	}
	if p.accept("FROM") {
		var err error
		if s.from, err = p.from(); err != nil {
			return nil, err
		}
	}
	return s, p.selectTail(s)
}

func (p *parser) selectTail(s *selectNode) (err error) {
	if p.accept("WHERE") {
		if s.where, err = p.expression(); err != nil {
			return err
		}
	}
	if p.accept("GROUP") {
		if err := p.groupBy(s); err != nil {
			return err
		}
	}
	if p.accept("HAVING") {
		first := p.pos
		if s.having, err = p.expression(); err != nil {
			return err
		}
		s.havingText = p.text(first)
	}
	if p.is("WINDOW") && p.isName(1) {
		return p.windowClause(s)
	}
	return nil
}

// windowClause reads WINDOW name AS (…), ….
func (p *parser) windowClause(s *selectNode) error {
	p.advance()
	for {
		n, err := p.identifier()
		if err != nil {
			return err
		}
		if err := p.need("AS"); err != nil {
			return err
		}
		w, err := p.window()
		if err != nil {
			return err
		}
		s.windows = append(s.windows, namedWindowNode{name: n, window: w})
		if !p.acceptSymbol(",") {
			return nil
		}
	}
}

func (p *parser) selectItem() (itemNode, error) {
	first := p.pos
	item := itemNode{at: p.offset()}
	if p.acceptSymbol("*") {
		item.star = true
		return item, nil
	}
	var err error
	if q, ok := p.qualifiedStar(); ok {
		item.star, item.qualifier = true, q
		return item, p.starNames(&item)
	}
	if item.expr, err = p.expression(); err != nil {
		return item, err
	}
	if p.isSymbol(".") && p.lastPrimary == first { // (r).*
		p.pos += 2
		item.star, item.base, item.expr = true, item.expr, nil
		if n, ok := item.base.(*nameNode); ok { // (r).* is r.*
			item.base, item.qualifier = nil, n.parts
		}
		return item, p.starNames(&item)
	}
	item.text = p.text(first)
	if p.accept("AS") || p.isName(0) && !p.startsClause() {
		n, err := p.identifier()
		if err != nil {
			return item, err
		}
		item.alias = &n
	}
	return item, nil
}

// starNames reads "AS (a, b)" behind a star if it stands here.
func (p *parser) starNames(item *itemNode) (err error) {
	if p.accept("AS") {
		item.names, err = p.nameList()
	}
	return err
}

// qualifiedStar reads "a.b.*" if it stands here.
func (p *parser) qualifiedStar() ([]name, bool) {
	for i := 0; p.isName(i) && p.peekAt(i+1).value == "." && p.peekAt(i+1).kind == tokSymbol; i += 2 {
		if t := p.peekAt(i + 2); t.kind == tokSymbol && t.value == "*" {
			var parts []name
			for range i/2 + 1 {
				n, _ := p.identifier()
				parts = append(parts, n)
				p.advance()
			}
			p.advance()
			return parts, true
		}
	}
	return nil, false
}

func (p *parser) sortList() ([]sortNode, error) {
	var list []sortNode
	for {
		first := p.pos
		key, err := p.expression()
		if err != nil {
			return nil, err
		}
		item := sortNode{key: key, text: p.text(first)}
		if item.descending = p.accept("DESC"); !item.descending {
			p.accept("ASC")
		}
		if p.accept("NULLS") {
			if item.nulls = "FIRST"; !p.accept("FIRST") {
				item.nulls = "LAST"
				if err := p.need("LAST"); err != nil {
					return nil, err
				}
			}
		}
		list = append(list, item)
		if !p.acceptSymbol(",") {
			return list, nil
		}
	}
}
