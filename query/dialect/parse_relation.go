package dialect

// groupBy reads what follows GROUP: BY [DISTINCT|ALL] and the items, of which ROLLUP, CUBE and GROUPING SETS make sets.
func (p *parser) groupBy(s *selectNode) error {
	if err := p.need("BY"); err != nil {
		return err
	}
	s.grouped = true
	s.groupOnce = p.quantifier()
	for {
		g, err := p.groupItem()
		if err != nil {
			return err
		}
		s.group = append(s.group, g)
		if !p.acceptSymbol(",") {
			return nil
		}
	}
}

func (p *parser) groupItem() (groupNode, error) {
	first := p.pos
	g := groupNode{at: p.offset()}
	var err error
	switch {
	case p.is("ROLLUP") || p.is("CUBE"):
		g.kind = p.advance().value
		g.sets, err = p.groupSets(true)
	case p.is("GROUPING") && p.wordAt(1, "SETS"):
		p.pos += 2
		g.kind = "SETS"
		g.sets, err = p.groupSets(false)
	default:
		var set []node
		if set, g.kind, err = p.groupSet(); err == nil {
			g.sets = [][]node{set}
		}
	}
	g.text = p.text(first)
	return g, err
}

// groupSets reads "(a, (b, c), ())".
func (p *parser) groupSets(empty bool) ([][]node, error) {
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	if empty && p.acceptSymbol(")") {
		return nil, nil
	}
	var sets [][]node
	for {
		set, _, err := p.groupSet()
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
		if !p.acceptSymbol(",") {
			return sets, p.needSymbol(")")
		}
	}
}

// groupSet reads (), (a, b) or an expression.
func (p *parser) groupSet() (set []node, kind string, err error) {
	start := p.offset()
	if p.isSymbol("(") && p.symbolAt(1, ")") && !p.symbolAt(2, "->") {
		p.pos += 2
		return []node{}, "SET", nil
	}
	bracket := p.isSymbol("(")
	e, err := p.expression()
	if r, ok := e.(*rowNode); ok && bracket && r.at == start {
		return r.items, "SET", err
	}
	return []node{e}, "", err
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
		left = &joinNode{at: at(left.offset()), kind: "CROSS", left: left, right: right, implicit: true}
	}
	return left, err
}

// relation reads a relation and the joins that follow it.
func (p *parser) relation() (relationNode, error) {
	left, err := p.relationPrimary()
	for err == nil {
		j := &joinNode{at: at(left.offset()), left: left}
		j.natural = p.accept("NATURAL")
		switch {
		case !j.natural && p.accept("CROSS"):
			j.kind = "CROSS"
		case p.accept("INNER"), p.is("JOIN"):
			j.kind = "INNER"
		case p.accept("LEFT"):
			j.kind = "LEFT"
		case p.accept("RIGHT"):
			j.kind = "RIGHT"
		case p.accept("FULL"):
			j.kind = "FULL"
		case j.natural:
			return nil, p.mismatch()
		default:
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
	if j.kind == "CROSS" || j.natural {
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
	r, err := p.relationBody(p.offset())
	if err != nil {
		return nil, err
	}
	if r, err = p.aliased(r); err != nil {
		return nil, err
	}
	if p.patternAhead() {
		return nil, p.unsupported(p.peek().off, "MATCH_RECOGNIZE relations")
	}
	return p.sampled(r)
}

func (p *parser) relationBody(start at) (relationNode, error) {
	switch {
	case p.is("UNNEST"):
		return p.unnest(start)
	case p.is("LATERAL") && p.symbolAt(1, "("):
		p.advance()
		q, err := p.parenthesizedQuery()
		return &lateralNode{at: start, query: q}, err
	case p.is("TABLE"):
		return p.tableFunction(start)
	case p.is("JSON_TABLE"):
		return nil, p.unsupported(int32(start), "JSON_TABLE relations")
	}
	if !p.isSymbol("(") {
		if !p.isName(0) {
		}
		parts, err := p.qualified()
		if off := p.peek().off; err == nil && p.accept("FOR") {
			if !p.is("VERSION") && !p.is("TIMESTAMP") {
				return nil, p.mismatch()
			}
			return nil, p.unsupported(off, "FOR "+p.peek().value+" AS OF clauses")
		}
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
	starts := p.is("SELECT") || p.is("WITH") && p.pos == first || p.is("VALUES") || p.is("TABLE") && p.isName(1)
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
	case "TABLESAMPLE":
		return p.sampleAhead()
	case "MATCH_RECOGNIZE":
		return p.patternAhead()
	case "LIMIT", "OFFSET":
		return next.kind == tokInteger || next.kind == tokSymbol && next.value == "?" || next.kind == tokName && next.value == "ALL"
	case "FETCH":
		return next.kind == tokName && (next.value == "FIRST" || next.value == "NEXT")
	case "WINDOW":
		return p.isName(1)
	}
	return false
}

func (p *parser) sampleAhead() bool {
	return p.is("TABLESAMPLE") && (p.wordAt(1, "BERNOULLI") || p.wordAt(1, "SYSTEM"))
}

func (p *parser) patternAhead() bool { return p.is("MATCH_RECOGNIZE") && p.symbolAt(1, "(") }

// sampled reads TABLESAMPLE BERNOULLI|SYSTEM (percentage) if it stands here.
func (p *parser) sampled(r relationNode) (relationNode, error) {
	if !p.accept("TABLESAMPLE") {
		return r, nil
	}
	if !p.is("BERNOULLI") && !p.is("SYSTEM") {
		return nil, p.mismatch()
	}
	s := &sampleNode{at: at(r.offset()), relation: r, method: p.advance().value}
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	var err error
	if s.percentage, err = p.expression(); err != nil {
		return nil, err
	}
	return s, p.needSymbol(")")
}

// unnest reads UNNEST(a, b) [WITH ORDINALITY].
func (p *parser) unnest(start at) (relationNode, error) {
	u := &unnestNode{at: start}
	p.advance()
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	var err error
	if u.items, err = p.expressionList(); err != nil {
		return nil, err
	}
	if err := p.needSymbol(")"); err != nil {
		return nil, err
	}
	if u.ordinality = p.accept("WITH"); u.ordinality {
		return u, p.need("ORDINALITY")
	}
	return u, nil
}

// tableFunction reads TABLE(f(a, b => c)).
func (p *parser) tableFunction(start at) (relationNode, error) {
	f := &functionNode{at: start}
	p.advance()
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	var err error
	if f.name, err = p.qualified(); err != nil {
		return nil, err
	}
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	for !p.isSymbol(")") || len(f.args) > 0 {
		a, err := p.tableArgument()
		if err != nil {
			return nil, err
		}
		if f.args = append(f.args, a); !p.acceptSymbol(",") {
			break
		}
	}
	if p.is("COPARTITION") {
		return nil, p.unsupported(p.peek().off, "COPARTITION clauses")
	}
	if err := p.needSymbol(")"); err != nil {
		return nil, err
	}
	return f, p.needSymbol(")")
}

func (p *parser) tableArgument() (a argumentNode, err error) {
	if p.isName(0) && p.symbolAt(1, "=>") {
		n, _ := p.identifier()
		a.key = &n
		p.advance()
	}
	if (p.is("TABLE") || p.is("DESCRIPTOR")) && p.symbolAt(1, "(") {
		return a, p.unsupported(p.peek().off, p.peek().value+" arguments of table functions")
	}
	a.value, err = p.expression()
	return a, err
}
