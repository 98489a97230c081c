package dialect

// expression reads a boolean expression: OR over AND over NOT over predicates.
func (p *parser) expression() (node, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	return p.logical("OR", p.conjunction)
}

func (p *parser) conjunction() (node, error) { return p.logical("AND", p.negation) }

func (p *parser) logical(op string, operand func() (node, error)) (node, error) {
	start := p.offset()
	first, err := operand()
	if err != nil || !p.accept(op) {
		return first, err
	}
	n := &logicalNode{at: start, op: op, terms: []node{first}}
	for {
		term, err := operand()
		if err != nil {
			return nil, err
		}
		n.terms = append(n.terms, term)
		if !p.accept(op) {
			return n, nil
		}
	}
}

func (p *parser) negation() (node, error) {
	start := p.offset()
	if !p.is("NOT") {
		return p.predicate()
	}
	p.advance()
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	operand, err := p.negation()
	return &notNode{at: start, operand: operand}, err
}

// predicate reads a value and at most one comparison or test after it: Trino's grammar has no chains of them.
func (p *parser) predicate() (node, error) {
	left, err := p.sum()
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind == tokSymbol {
		switch t.value {
		case "=", "<>", "!=", "<", "<=", ">", ">=":
			return p.comparison(left)
		}
	}
	start := p.offset()
	not := p.accept("NOT")
	switch {
	case p.accept("BETWEEN"):
		return p.between(left, start, not)
	case p.accept("IN"):
		return p.in(left, start, not)
	case p.accept("LIKE"):
		return p.like(left, start, not)
	case !not && p.accept("IS"):
		return p.isTest(left, start)
	case not:
		return nil, p.mismatch()
	}
	return left, nil
}

func (p *parser) comparison(left node) (node, error) {
	t := p.advance()
	op := t.value
	if op == "!=" {
		op = "<>"
	}
	if (p.is("ALL") || p.is("ANY") || p.is("SOME")) && p.symbolAt(1, "(") && p.startsQuery(2) {
		n := &quantifiedNode{at: at(t.off), op: op, quantifier: p.advance().value, operand: left}
		if n.quantifier == "SOME" {
			n.quantifier = "ANY"
		}
		var err error
		n.query, err = p.parenthesizedQuery()
		return n, err
	}
	right, err := p.sum()
	return &operatorNode{at: at(t.off), op: op, left: left, right: right}, err
}

func (p *parser) between(operand node, start at, not bool) (node, error) {
	low, err := p.sum()
	if err != nil {
		return nil, err
	}
	if err := p.need("AND"); err != nil {
		return nil, err
	}
	high, err := p.sum()
	return &betweenNode{at: start, operand: operand, low: low, high: high, not: not}, err
}

func (p *parser) in(operand node, start at, not bool) (node, error) {
	n := &inNode{at: start, operand: operand, not: not}
	var err error
	if p.isSymbol("(") && p.startsQuery(1) {
		n.query, err = p.parenthesizedQuery()
		return n, err
	}
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	if n.list, err = p.expressionList(); err != nil {
		return nil, err
	}
	return n, p.needSymbol(")")
}

func (p *parser) like(operand node, start at, not bool) (node, error) {
	n := &likeNode{at: start, operand: operand, not: not}
	var err error
	if n.pattern, err = p.sum(); err != nil {
		return nil, err
	}
	if p.accept("ESCAPE") {
		n.escape, err = p.sum()
	}
	return n, err
}

func (p *parser) isTest(operand node, start at) (node, error) {
	not := p.accept("NOT")
	if p.accept("NULL") {
		return &isNullNode{at: start, operand: operand, not: not}, nil
	}
	if err := p.need("DISTINCT"); err != nil {
		return nil, err
	}
	if err := p.need("FROM"); err != nil {
		return nil, err
	}
	right, err := p.sum()
	return &distinctFromNode{at: start, left: operand, right: right, not: not}, err
}

// sum reads what Trino's grammar calls a value expression: || binds loosest, then + and -, then * / %.
func (p *parser) sum() (node, error) { return p.chain(p.addition, "||") }

func (p *parser) addition() (node, error) { return p.chain(p.product, "+", "-") }

func (p *parser) product() (node, error) { return p.chain(p.unary, "*", "/", "%") }

// chain reads left-associative operators. A chain nests to the left, so each operator counts as one level.
func (p *parser) chain(operand func() (node, error), ops ...string) (node, error) {
	left, err := operand()
	levels := 0
	defer func() { p.depth -= levels }()
	for err == nil {
		op := ""
		for _, o := range ops {
			if p.acceptSymbol(o) {
				op = o
				break
			}
		}
		if op == "" {
			return left, nil
		}
		off := p.tokens[p.pos-1].off
		if err := p.enter(); err != nil {
			return nil, err
		}
		levels++
		var right node
		right, err = operand()
		left = &operatorNode{at: at(off), op: op, left: left, right: right}
	}
	return nil, err
}

func (p *parser) unary() (node, error) {
	start := p.offset()
	switch {
	case p.isSymbol("-"):
		p.advance()
		p.signed = p.pos
		if err := p.enter(); err != nil {
			return nil, err
		}
		defer p.leave()
		operand, err := p.unary()
		return &negateNode{at: start, operand: operand}, err
	case p.isSymbol("+"):
		p.advance()
		if err := p.enter(); err != nil {
			return nil, err
		}
		defer p.leave()
		operand, err := p.unary()
		return &plusNode{at: start, operand: operand}, err
	}
	return p.postfix()
}

// postfix reads a value and what follows it: .field, [index], AT TIME ZONE.
func (p *parser) postfix() (node, error) {
	first := p.pos
	base, err := p.value()
	levels, timed := 0, false
	defer func() { p.depth -= levels }()
	for err == nil {
		start := at(base.offset())
		switch {
		case p.isSymbol(".") && !timed && !p.symbolAt(1, "*"):
			p.advance()
			var field name
			field, err = p.identifier()
			base = &fieldNode{at: start, base: base, field: field}
		case p.isSymbol("[") && !timed:
			p.advance()
			var index node
			if index, err = p.sum(); err == nil {
				err = p.needSymbol("]")
			}
			base = &subscriptNode{at: start, base: base, index: index}
		case p.is("AT") && p.wordAt(1, "TIME"):
			p.pos += 2
			var zone node
			if err = p.need("ZONE"); err == nil {
				zone, err = p.zone()
			}
			base = &zoneNode{at: start, operand: base, zone: zone}
			timed = true
		default:
			if p.lastPrimary = first; timed {
				p.lastPrimary = -1
			}
			return base, nil
		}
		if err == nil {
			err = p.enter()
			levels++
		}
	}
	return nil, err
}

// zone reads what AT TIME ZONE takes: a text or an interval.
func (p *parser) zone() (node, error) {
	if p.is("INTERVAL") {
		return p.interval()
	}
	start := p.offset()
	text, err := p.stringText()
	return &stringNode{at: start, value: text}, err
}

func (p *parser) expressionList() ([]node, error) {
	var list []node
	for {
		e, err := p.expression()
		if err != nil {
			return nil, err
		}
		list = append(list, e)
		if !p.acceptSymbol(",") {
			return list, nil
		}
	}
}

func (p *parser) parameter() node {
	t := p.advance()
	p.parameters++
	return &parameterNode{at: at(t.off), index: p.parameters - 1}
}
