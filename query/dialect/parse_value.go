package dialect

import (
	"strings"
)

// value reads a primary expression: a literal, a name, a call, a special form or something in parentheses.
func (p *parser) value() (node, error) {
	t := p.peek()
	start := at(t.off)
	switch t.kind {
	case tokInteger, tokDecimal, tokDouble:
		p.advance()
		return &numberNode{at: start, kind: t.kind, text: t.value}, nil
	case tokString:
		p.advance()
		return &stringNode{at: start, value: t.value}, nil
	case tokUnicodeString:
		return p.unicodeString()
	case tokBinary:
		p.advance()
		return &binaryNode{at: start, value: t.value}, nil
	case tokQuotedName:
		return p.nameOrCall()
	case tokSymbol:
		switch t.value {
		case "?":
			return p.parameter(), nil
		case "(":
			return p.parenthesized()
		}
	case tokName:
		return p.word(t)
	}
	p.expect("<expression>")
	return nil, p.mismatch()
}

// word reads a value that begins with a plain word.
func (p *parser) word(t token) (node, error) {
	start := at(t.off)
	switch t.value {
	case "NULL":
		p.advance()
		return &nullNode{start}, nil
	case "TRUE", "FALSE":
		p.advance()
		return &boolNode{at: start, value: t.value == "TRUE"}, nil
	case "CASE":
		return p.caseForm()
	case "CAST", "TRY_CAST":
		if t.value == "CAST" || p.peekAt(1).value == "(" {
			return p.cast()
		}
	case "EXTRACT":
		return p.extract()
	case "EXISTS":
		p.advance()
		q, err := p.parenthesizedQuery()
		return &existsNode{at: start, query: q}, err
	case "CURRENT_DATE", "CURRENT_TIMESTAMP", "CURRENT_TIME", "LOCALTIME", "LOCALTIMESTAMP", "CURRENT_USER",
		"CURRENT_CATALOG", "CURRENT_SCHEMA":
		return p.current(t)
	case "TRIM":
		return p.trim()
	case "INTERVAL":
		if next := p.peekAt(1); next.kind == tokString || next.kind == tokSymbol && (next.value == "-" || next.value == "+") {
			return p.interval()
		}
	}
	if n, ok, err := p.wordBeforeBracket(t); ok {
		return n, err
	}
	if n, ok := p.typedLiteral(t); ok {
		return n, nil
	}
	if reserved[t.value] {
		if next := p.peekAt(1); next.kind == tokSymbol && next.value == "(" && refusedForms[t.value] {
			return nil, p.unsupported(t.off, t.value+" expressions")
		}
		p.expect("<expression>")
		return nil, p.mismatch()
	}
	return p.nameOrCall()
}

// refusedForms are the reserved words that begin a special form which is not built.
var refusedForms = map[string]bool{"JSON_ARRAY": true, "JSON_EXISTS": true, "JSON_OBJECT": true, "JSON_QUERY": true,
	"JSON_VALUE": true, "LISTAGG": true, "NORMALIZE": true, "GROUPING": true}

// wordBeforeBracket reads the forms whose word means something only before a bracket: ARRAY[…], POSITION(… IN …).
func (p *parser) wordBeforeBracket(t token) (node, bool, error) {
	next := p.peekAt(1)
	if next.kind != tokSymbol || next.value != "(" && next.value != "[" {
		return nil, false, nil
	}
	switch {
	case t.value == "ARRAY" && next.value == "[":
		n, err := p.array()
		return n, true, err
	case t.value == "ROW" && next.value == "(":
		return nil, true, p.unsupported(t.off, "ROW constructors")
	case t.value == "POSITION" && next.value == "(":
		n, err := p.position()
		return n, true, err
	case t.value == "SUBSTRING" && next.value == "(":
		n, err := p.substring()
		return n, true, err
	}
	return nil, false, nil
}

// typedLiteral reads TYPE '…' if it stands here.
func (p *parser) typedLiteral(t token) (node, bool) {
	n := &typedNode{at: at(t.off), typeName: strings.ToLower(t.value)}
	ahead := 1
	if t.value == "DOUBLE" && p.peekAt(1).value == "PRECISION" {
		ahead = 2
	}
	s := p.peekAt(ahead)
	if s.kind != tokString || reserved[t.value] {
		return nil, false
	}
	n.value = s.value
	p.pos += ahead + 1
	return n, true
}

func (p *parser) parenthesized() (node, error) {
	start := p.offset()
	if p.startsQuery(1) {
		q, err := p.parenthesizedQuery()
		return &subqueryNode{at: start, query: q}, err
	}
	if p.lambdaAhead() {
		return nil, p.unsupported(p.peek().off, "lambda expressions")
	}
	p.advance()
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	if p.isSymbol(",") {
		return nil, p.unsupported(int32(start), "row expressions")
	}
	return e, p.needSymbol(")")
}

// lambdaAhead tells whether "(a, b) ->" stands here.
func (p *parser) lambdaAhead() bool {
	for n := 1; ; n += 2 {
		if p.peekAt(n).value == ")" {
			return p.peekAt(n+1).value == "->" && p.peekAt(n+1).kind == tokSymbol
		}
		if !p.isName(n) || p.peekAt(n+1).kind != tokSymbol {
			return false
		}
		if v := p.peekAt(n + 1).value; v == ")" {
			return p.peekAt(n+2).value == "->" && p.peekAt(n+2).kind == tokSymbol
		} else if v != "," {
			return false
		}
	}
}

// nameOrCall reads a dotted name, or a call of a function.
func (p *parser) nameOrCall() (node, error) {
	start := p.offset()
	if next := p.peekAt(1); next.kind == tokSymbol && next.value == "->" {
		return nil, p.unsupported(int32(start), "lambda expressions")
	}
	parts, err := p.dotted()
	if err != nil {
		return nil, err
	}
	if p.isSymbol("(") {
		if len(parts) > 1 {
			return nil, p.unsupported(int32(start), "qualified function names")
		}
		return p.call(start, strings.ToLower(parts[0].text))
	}
	return &nameNode{at: start, parts: parts}, nil
}

func (p *parser) dotted() ([]name, error) {
	n, err := p.identifier()
	parts := []name{n}
	for err == nil && p.isSymbol(".") {
		p.advance()
		n, err = p.identifier()
		parts = append(parts, n)
	}
	return parts, err
}

// call reads the arguments of a function and what may follow them.
func (p *parser) call(start at, function string) (node, error) {
	c := &callNode{at: start, name: function}
	p.advance()
	if err := p.arguments(c); err != nil {
		return nil, err
	}
	if p.is("WITHIN") && p.peekAt(1).value == "GROUP" {
		return nil, p.unsupported(p.peek().off, "WITHIN GROUP clauses")
	}
	if p.is("FILTER") && p.peekAt(1).value == "(" {
		p.pos += 2
		if err := p.need("WHERE"); err != nil {
			return nil, err
		}
		var err error
		if c.filter, err = p.expression(); err != nil {
			return nil, err
		}
		if err := p.needSymbol(")"); err != nil {
			return nil, err
		}
	}
	if next := p.peekAt(1); (p.is("IGNORE") || p.is("RESPECT")) && next.value == "NULLS" {
		c.ignore = p.is("IGNORE")
		p.pos += 2
	}
	if p.is("OVER") {
		return c, p.over(c)
	}
	return c, nil
}

func (p *parser) arguments(c *callNode) (err error) {
	switch {
	case p.acceptSymbol(")"):
		return nil
	case p.isSymbol("*") && p.peekAt(1).value == ")":
		p.pos += 2
		c.star = true
		return nil
	}
	if c.distinct = p.accept("DISTINCT"); !c.distinct && p.is("ALL") && p.peekAt(1).value != ")" && p.peekAt(1).value != "," {
		p.advance()
	}
	if c.args, err = p.expressionList(); err != nil {
		return err
	}
	if p.accept("ORDER") {
		if err := p.need("BY"); err != nil {
			return err
		}
		if c.order, err = p.sortList(); err != nil {
			return err
		}
	}
	return p.needSymbol(")")
}
