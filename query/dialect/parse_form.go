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
	if c.target, err = p.typeText(); err != nil {
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
	if e.field = strings.ToUpper(field.text); extractFields[e.field].function == "" {
		p.fault(e.at, "Invalid EXTRACT field %s, valid fields are: YEAR, QUARTER, MONTH, WEEK, DAY, DAY_OF_MONTH, DAY_OF_WEEK, DOW, "+
			"DAY_OF_YEAR, DOY, YEAR_OF_WEEK, YOW, HOUR, MINUTE, SECOND, TIMEZONE_MINUTE, TIMEZONE_HOUR", field.text)
	}
	if err := p.need("FROM"); err != nil {
		return nil, err
	}
	if e.operand, err = p.sum(); err != nil {
		return nil, err
	}
	return e, p.needSymbol(")")
}

// current reads CURRENT_TIMESTAMP and its like, which take no brackets but a precision; they become calls.
func (p *parser) current() (node, error) {
	t := p.advance()
	c := &callNode{at: at(t.off), name: strings.ToLower(t.value), bare: true} // also with a precision
	switch t.value {
	case "CURRENT_TIMESTAMP", "LOCALTIMESTAMP", "CURRENT_TIME", "LOCALTIME":
	default:
		return c, nil
	}
	if !p.acceptSymbol("(") {
		return c, nil
	}
	precision := p.peek()
	if precision.kind != tokInteger {
		return nil, p.mismatch()
	}
	p.advance()
	c.args = []node{&numberNode{at: at(precision.off), kind: tokInteger, text: precision.value}}
	return c, p.needSymbol(")")
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
	case marked:
		return nil, p.mismatch()
	case !marked && p.acceptSymbol(","):
		characters, err := p.sum()
		if err != nil {
			return nil, err
		}
		c.args = append(c.args, characters)
	}
	return c, p.needSymbol(")")
}

// position reads POSITION(a IN b), which is strpos(b, a). Without IN it is a call like others.
func (p *parser) position() (node, error) {
	start := p.offset()
	p.pos += 2
	if p.isSymbol(")") {
		return p.callTail(&callNode{at: start, name: "position"})
	}
	part, err := p.sum()
	if err != nil {
		return nil, err
	}
	if !p.accept("IN") {
		c := &callNode{at: start, name: "position", args: []node{part}}
		if p.acceptSymbol(",") {
			rest, err := p.expressionList()
			if err != nil {
				return nil, err
			}
			c.args = append(c.args, rest...)
		}
		return p.callTail(c)
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
	if p.symbolAt(2, ")") || p.symbolAt(2, "*") || p.wordAt(2, "DISTINCT") || p.wordAt(2, "ORDER") {
		return p.nameOrCall()
	}
	p.pos += 2
	first, err := p.expression()
	if err != nil {
		return nil, err
	}
	c.args = []node{first}
	if p.acceptSymbol(",") {
		rest, err := p.expressionList()
		if err != nil {
			return nil, err
		}
		c.args = append(c.args, rest...)
	}
	if len(c.args) > 1 || !p.accept("FROM") {
		if c.order, err = p.orderBy(); err != nil {
			return nil, err
		}
		return p.callTail(c)
	}
	for {
		arg, err := p.sum()
		if err != nil {
			return nil, err
		}
		c.args = append(c.args, arg)
		if len(c.args) > 2 || !p.accept("FOR") {
			return c, p.needSymbol(")")
		}
	}
}

// normalForms are what NORMALIZE takes.
var normalForms = map[string]bool{"NFC": true, "NFD": true, "NFKC": true, "NFKD": true}

// normalize reads NORMALIZE(text[, NFC]).
func (p *parser) normalize() (node, error) {
	c := &callNode{at: p.offset(), name: "normalize"}
	p.advance()
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	text, err := p.sum()
	if err != nil {
		return nil, err
	}
	form := &stringNode{at: p.offset(), value: "NFC"}
	if p.acceptSymbol(",") {
		t := p.peek()
		if t.kind != tokName || !normalForms[t.value] {
			return nil, p.mismatch()
		}
		form.at, form.value = p.offset(), t.value
		p.advance()
	}
	c.args = []node{text, form}
	return c, p.needSymbol(")")
}

// grouping reads GROUPING(a, t.b).
func (p *parser) grouping() (node, error) {
	c := &callNode{at: p.offset(), name: "grouping"}
	p.advance()
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	for !p.isSymbol(")") || len(c.args) > 0 {
		n := &nameNode{at: p.offset()}
		var err error
		if n.parts, err = p.qualified(); err != nil {
			return nil, err
		}
		if c.args = append(c.args, n); !p.acceptSymbol(",") {
			break
		}
	}
	return c, p.needSymbol(")")
}

// listagg reads LISTAGG([DISTINCT] x [, ','] [ON OVERFLOW …]) WITHIN GROUP (ORDER BY …).
func (p *parser) listagg() (node, error) {
	c := &callNode{at: p.offset(), name: "listagg"}
	p.advance()
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	c.distinct = p.quantifier()
	value, err := p.expression()
	if err != nil {
		return nil, err
	}
	c.args = []node{value}
	if p.acceptSymbol(",") {
		separator := &stringNode{at: p.offset()}
		if separator.value, err = p.stringText(); err != nil {
			return nil, err
		}
		c.args = append(c.args, separator)
	}
	if p.accept("ON") {
		if c.overflow, err = p.overflow(); err != nil {
			return nil, err
		}
	}
	if err := p.needSymbol(")"); err != nil {
		return nil, err
	}
	if err := p.need("WITHIN", "GROUP"); err != nil {
		return nil, err
	}
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	if !p.is("ORDER") {
		return nil, p.need("ORDER")
	}
	if c.within, err = p.orderBy(); err != nil {
		return nil, err
	}
	if err := p.needSymbol(")"); err != nil {
		return nil, err
	}
	if err := p.filter(c); err != nil || !p.overAhead() {
		return c, err
	}
	return c, p.over(c)
}

// overflow reads OVERFLOW ERROR, or OVERFLOW TRUNCATE ['…'] WITH|WITHOUT COUNT.
func (p *parser) overflow() (*overflowNode, error) {
	if err := p.need("OVERFLOW"); err != nil {
		return nil, err
	}
	o := &overflowNode{}
	if p.accept("ERROR") {
		return o, nil
	}
	if err := p.need("TRUNCATE"); err != nil {
		return nil, err
	}
	o.truncate = true
	if isString(p.peek()) {
		filler := &stringNode{at: p.offset()}
		var err error
		if filler.value, err = p.stringText(); err != nil {
			return nil, err
		}
		o.filler = filler
	}
	if o.count = p.accept("WITH"); !o.count {
		if err := p.need("WITHOUT"); err != nil {
			return nil, err
		}
	}
	return o, p.need("COUNT")
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

// intervalAhead tells whether an interval stands here: INTERVAL is a name too, also of a type that there isn't.
func (p *parser) intervalAhead() bool {
	next := p.peekAt(1)
	return isSign(next) && isString(p.peekAt(2)) || isString(next) && p.peekAt(2).kind == tokName && intervalUnits[p.peekAt(2).value]
}

func (p *parser) interval() (node, error) {
	n := &intervalNode{at: p.offset()}
	p.advance()
	if n.negative = p.acceptSymbol("-"); !n.negative {
		p.acceptSymbol("+")
	}
	var err error
	if n.value, err = p.stringText(); err != nil {
		return nil, err
	}
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
		return "", p.mismatch()
	}
	p.advance()
	return t.value, nil
}

// stringText reads a text of either kind.
func (p *parser) stringText() (string, error) {
	switch t := p.peek(); t.kind {
	case tokString:
		p.advance()
		return t.value, nil
	case tokUnicodeString:
		return p.unicodeText()
	}
	return "", p.mismatch()
}

// unicodeText decodes U&'\0041\+01F600' with an optional UESCAPE character.
func (p *parser) unicodeText() (string, error) {
	t := p.advance()
	escape := `\`
	if p.accept("UESCAPE") {
		e := p.peek()
		if e.kind != tokString {
			return "", p.mismatch()
		}
		if utf8.RuneCountInString(e.value) != 1 || strings.ContainsAny(e.value, "+ \"'0123456789abcdefABCDEF") {
			return "", p.src.errorf(CodeSyntax, t.off, "Invalid Unicode escape character: %s", e.value)
		}
		escape = e.value
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
			return "", p.src.errorf(CodeSyntax, t.off, "Invalid escape sequence in a Unicode string")
		}
		b.WriteRune(rune(code))
		b.WriteString(rest[digits:])
	}
	return strings.ReplaceAll(b.String(), "\x00", escape), nil
}
