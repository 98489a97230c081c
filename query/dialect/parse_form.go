package dialect

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// This file reads the special forms: words whose arguments have a grammar of their own.

func (p *parser) caseForm() (node, error) {
	c := &caseNode{at: p.offset()}
	p.advance()
	var err error
	if !p.is("WHEN") {
		if c.operand, err = p.expression(); err != nil {
			return nil, err
		}
	}
	for p.accept("WHEN") {
		var w whenNode
		if w.condition, err = p.expression(); err != nil {
			return nil, err
		}
		if err := p.need("THEN"); err != nil {
			return nil, err
		}
		if w.result, err = p.expression(); err != nil {
			return nil, err
		}
		c.whens = append(c.whens, w)
	}
	if len(c.whens) == 0 {
		return nil, p.mismatch()
	}
	if p.accept("ELSE") {
		if c.fallback, err = p.expression(); err != nil {
			return nil, err
		}
	}
	return c, p.need("END")
}

func (p *parser) cast() (node, error) {
	c := &castNode{at: p.offset(), try: p.is("TRY_CAST")}
	p.advance()
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	var err error
	if c.operand, err = p.expression(); err != nil {
		return nil, err
	}
	if err := p.need("AS"); err != nil {
		return nil, err
	}
	if c.target, err = p.typeName(); err != nil {
		return nil, err
	}
	return c, p.needSymbol(")")
}

func (p *parser) extract() (node, error) {
	e := &extractNode{at: p.offset()}
	p.advance()
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	field, err := p.identifier()
	if err != nil {
		return nil, err
	}
	e.field = strings.ToUpper(field.text)
	if err := p.need("FROM"); err != nil {
		return nil, err
	}
	if e.operand, err = p.sum(); err != nil {
		return nil, err
	}
	return e, p.needSymbol(")")
}

// current reads CURRENT_TIMESTAMP and its like, which take no brackets but a precision; they become calls.
func (p *parser) current(t token) (node, error) {
	p.advance()
	c := &callNode{at: at(t.off), name: strings.ToLower(t.value)}
	if p.isSymbol("(") && (t.value == "CURRENT_TIMESTAMP" || t.value == "LOCALTIMESTAMP" || t.value == "CURRENT_TIME" || t.value == "LOCALTIME") {
		return nil, p.unsupported(t.off, t.value+" with a precision: such expressions")
	}
	return c, nil
}

// trim reads TRIM([LEADING|TRAILING|BOTH] [characters] FROM text) and trim(text[, characters]).
func (p *parser) trim() (node, error) {
	c := &callNode{at: p.offset(), name: "trim"}
	p.advance()
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	marked := true
	switch {
	case p.accept("LEADING"):
		c.name = "ltrim"
	case p.accept("TRAILING"):
		c.name = "rtrim"
	case p.accept("BOTH"):
	default:
		marked = false
	}
	if marked && p.accept("FROM") {
		text, err := p.sum()
		c.args = []node{text}
		if err != nil {
			return nil, err
		}
		return c, p.needSymbol(")")
	}
	first, err := p.sum()
	if err != nil {
		return nil, err
	}
	c.args = []node{first}
	switch {
	case p.accept("FROM"):
		text, err := p.sum()
		if err != nil {
			return nil, err
		}
		c.args = []node{text, first}
	case !marked && p.acceptSymbol(","):
		characters, err := p.sum()
		if err != nil {
			return nil, err
		}
		c.args = append(c.args, characters)
	}
	return c, p.needSymbol(")")
}

// position reads POSITION(a IN b), which is strpos(b, a).
func (p *parser) position() (node, error) {
	start := p.offset()
	p.pos += 2
	part, err := p.sum()
	if err != nil {
		return nil, err
	}
	if err := p.need("IN"); err != nil {
		return nil, err
	}
	text, err := p.sum()
	if err != nil {
		return nil, err
	}
	return &callNode{at: start, name: "strpos", args: []node{text, part}}, p.needSymbol(")")
}

// substring reads SUBSTRING(a FROM b [FOR c]) and SUBSTRING(a, b[, c]).
func (p *parser) substring() (node, error) {
	c := &callNode{at: p.offset(), name: "substring"}
	p.pos += 2
	first, err := p.sum()
	if err != nil {
		return nil, err
	}
	c.args = []node{first}
	words := [...]string{"FROM", "FOR"}
	for _, w := range words {
		if !p.accept(w) && !p.acceptSymbol(",") {
			break
		}
		arg, err := p.sum()
		if err != nil {
			return nil, err
		}
		c.args = append(c.args, arg)
	}
	return c, p.needSymbol(")")
}

func (p *parser) array() (node, error) {
	a := &arrayNode{at: p.offset()}
	p.pos += 2
	if p.acceptSymbol("]") {
		return a, nil
	}
	var err error
	if a.items, err = p.expressionList(); err != nil {
		return nil, err
	}
	return a, p.needSymbol("]")
}

var intervalUnits = map[string]bool{"YEAR": true, "MONTH": true, "DAY": true, "HOUR": true, "MINUTE": true, "SECOND": true}

func (p *parser) interval() (node, error) {
	n := &intervalNode{at: p.offset()}
	p.advance()
	if n.negative = p.acceptSymbol("-"); !n.negative {
		p.acceptSymbol("+")
	}
	if p.peek().kind != tokString {
		p.expect("<string>")
		return nil, p.mismatch()
	}
	n.value = p.advance().value
	var err error
	if n.from, err = p.intervalUnit(); err != nil {
		return nil, err
	}
	if p.accept("TO") {
		n.to, err = p.intervalUnit()
	}
	return n, err
}

func (p *parser) intervalUnit() (string, error) {
	t := p.peek()
	if t.kind != tokName || !intervalUnits[t.value] {
		for _, u := range [...]string{"DAY", "HOUR", "MINUTE", "MONTH", "SECOND", "YEAR"} {
			p.expect("'" + u + "'")
		}
		return "", p.mismatch()
	}
	p.advance()
	return t.value, nil
}

// unicodeString decodes U&'\0041\+01F600' with an optional UESCAPE character.
func (p *parser) unicodeString() (node, error) {
	t := p.advance()
	escape := `\`
	if p.accept("UESCAPE") {
		if escape = p.peek().value; p.peek().kind != tokString || utf8.RuneCountInString(escape) != 1 {
			return nil, p.mismatch()
		}
		p.advance()
	}
	var b strings.Builder
	parts := strings.Split(strings.ReplaceAll(t.value, escape+escape, "\x00"), escape)
	b.WriteString(parts[0])
	for _, part := range parts[1:] {
		digits, rest := 4, part
		if strings.HasPrefix(part, "+") {
			digits, rest = 6, part[1:]
		}
		code, err := strconv.ParseUint(rest[:min(digits, len(rest))], 16, 32)
		if err != nil || len(rest) < digits || code == 0 || !utf8.ValidRune(rune(code)) {
			return nil, p.src.errorf(CodeSyntax, t.off, "Invalid escape sequence in a Unicode string")
		}
		b.WriteRune(rune(code))
		b.WriteString(rest[digits:])
	}
	return &stringNode{at: at(t.off), value: strings.ReplaceAll(b.String(), "\x00", escape)}, nil
}
