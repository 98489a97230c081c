package dialect

// This file reads windows: what OVER and the clause WINDOW hold.

// overAhead tells whether OVER and a window stand here; OVER may also be a name.
func (p *parser) overAhead() bool {
	return p.is("OVER") && (p.symbolAt(1, "(") || p.isName(1))
}

// over reads OVER name, or OVER (window).
func (p *parser) over(c *callNode) (err error) {
	p.advance()
	if !p.isSymbol("(") {
		n, err := p.identifier()
		c.window = &windowNode{at: at(n.off), name: &n, alone: true}
		return err
	}
	c.window, err = p.window()
	return err
}

// window reads ([name] [PARTITION BY …] [ORDER BY …] [frame]).
func (p *parser) window() (*windowNode, error) {
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	w := &windowNode{at: p.offset()}
	var err error
	if p.isName(0) && !p.wordAt(1, "BY") && !p.frameAhead() {
		n, err := p.identifier()
		if err != nil {
			return nil, err
		}
		w.name = &n
	}
	if p.accept("PARTITION") {
		if err := p.need("BY"); err != nil {
			return nil, err
		}
		if w.partition, err = p.expressionList(); err != nil {
			return nil, err
		}
	}
	w.orderAt = p.offset()
	if w.order, err = p.orderBy(); err != nil {
		return nil, err
	}
	switch {
	case p.is("MEASURES"):
		return nil, p.unsupported(p.peek().off, "row patterns in windows")
	case p.is("ROWS") || p.is("RANGE") || p.is("GROUPS"):
		if w.frame, err = p.frame(); err != nil {
			return nil, err
		}
		if p.is("AFTER") || p.is("INITIAL") || p.is("SEEK") || p.is("PATTERN") || p.is("SUBSET") || p.is("DEFINE") {
			return nil, p.unsupported(p.peek().off, "row patterns in windows")
		}
	}
	return w, p.needSymbol(")")
}

// frameAhead tells whether a frame begins here; its first word may also be the name of a window.
func (p *parser) frameAhead() bool {
	switch t := p.peek(); t.value {
	case "ROWS", "RANGE", "GROUPS":
		next := p.peekAt(1)
		return t.kind == tokName && !p.symbolAt(1, ")") && !(next.kind == tokName && (next.value == "PARTITION" || next.value == "ORDER" ||
			next.value == "ROWS" || next.value == "RANGE" || next.value == "GROUPS"))
	case "MEASURES":
		return t.kind == tokName && p.isName(1)
	}
	return false
}

func (p *parser) frame() (*frameNode, error) {
	f := &frameNode{at: p.offset(), unit: p.advance().value}
	var err error
	if !p.accept("BETWEEN") {
		f.lone, f.end = true, boundNode{kind: "CURRENT ROW"}
		f.start, err = p.bound()
		return f, err
	}
	if f.start, err = p.bound(); err != nil {
		return nil, err
	}
	if err := p.need("AND"); err != nil {
		return nil, err
	}
	f.end, err = p.bound()
	return f, err
}

func (p *parser) bound() (boundNode, error) {
	switch {
	case p.accept("UNBOUNDED", "PRECEDING"):
		return boundNode{kind: "UNBOUNDED PRECEDING"}, nil
	case p.accept("UNBOUNDED", "FOLLOWING"):
		return boundNode{kind: "UNBOUNDED FOLLOWING"}, nil
	case p.accept("CURRENT", "ROW"):
		return boundNode{kind: "CURRENT ROW"}, nil
	}
	value, err := p.expression()
	if err != nil {
		return boundNode{}, err
	}
	if p.accept("PRECEDING") {
		return boundNode{kind: "PRECEDING", value: value}, nil
	}
	return boundNode{kind: "FOLLOWING", value: value}, p.need("FOLLOWING")
}
