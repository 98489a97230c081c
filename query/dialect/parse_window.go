package dialect

// over reads OVER ([PARTITION BY …] [ORDER BY …] [frame]).
func (p *parser) over(c *callNode) error {
	p.advance()
	w := &windowNode{at: p.offset()}
	c.window = w
	if p.isName(0) {
		return p.unsupported(p.peek().off, "named windows")
	}
	if err := p.needSymbol("("); err != nil {
		return err
	}
	var err error
	if p.accept("PARTITION") {
		if err := p.need("BY"); err != nil {
			return err
		}
		if w.partition, err = p.expressionList(); err != nil {
			return err
		}
	}
	if p.accept("ORDER") {
		if err := p.need("BY"); err != nil {
			return err
		}
		if w.order, err = p.sortList(); err != nil {
			return err
		}
	}
	for _, unit := range [...]string{"ROWS", "RANGE", "GROUPS"} {
		if p.accept(unit) {
			if w.frame, err = p.frame(unit); err != nil {
				return err
			}
			break
		}
	}
	return p.needSymbol(")")
}

func (p *parser) frame(unit string) (*frameNode, error) {
	f := &frameNode{unit: unit}
	var err error
	if !p.accept("BETWEEN") {
		f.end = boundNode{kind: "CURRENT ROW"}
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
