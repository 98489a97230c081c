package dialect

import (
	"strings"
)

// value reads a primary expression: a literal, a name, a call, a special form or something in parentheses.
func (p *parser) value() (node, error) {
	t := p.peek()
	start := at(t.off)
	switch t.kind {
	case tokInteger:
		return p.integer(), nil
	case tokDecimal, tokDouble:
		p.advance()
		return &numberNode{at: start, kind: t.kind, text: t.value}, nil
	case tokString, tokUnicodeString:
		text, err := p.stringText()
		return &stringNode{at: start, value: text}, err
	case tokBinary:
		return p.binary(), nil
	case tokQuotedName, tokBackquotedName, tokDigitName:
		if n, err := p.typedLiteral(t); n != nil || err != nil {
			return n, err
		}
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
	case "EXISTS":
		p.advance()
		q, err := p.parenthesizedQuery()
		return &existsNode{at: start, query: q}, err
	case "INTERVAL":
		if p.intervalAhead() {
			return p.interval()
		}
	}
	if form := reservedForms[t.value]; form != nil {
		return form(p)
	}
	if next := p.peekAt(1); next.kind == tokSymbol && next.value == "(" {
		if form := bracketForms[t.value]; form != nil {
			return form(p)
		}
	}
	if t.value == "ARRAY" && p.symbolAt(1, "[") {
		return p.array()
	}
	if n, err := p.typedLiteral(t); n != nil || err != nil {
		return n, err
	}
	if reserved[t.value] {
		return nil, p.mismatch()
	}
	return p.nameOrCall()
}

type formOf func(*parser) (node, error)

// reservedForms begin with a word that can't be a name; bracketForms with one that can, unless a bracket follows.
var reservedForms, bracketForms map[string]formOf

func init() { //nolint:gochecknoinits // a literal would refer to itself
	reservedForms = map[string]formOf{
		"CAST": (*parser).cast, "EXTRACT": (*parser).extract, "TRIM": (*parser).trim, "NORMALIZE": (*parser).normalize,
		"LISTAGG": (*parser).listagg, "GROUPING": (*parser).grouping, "JSON_EXISTS": (*parser).jsonPath,
		"JSON_VALUE": (*parser).jsonPath, "JSON_QUERY": (*parser).jsonPath, "JSON_OBJECT": (*parser).jsonObject,
		"JSON_ARRAY": (*parser).jsonArray, "CURRENT_DATE": (*parser).current, "CURRENT_TIMESTAMP": (*parser).current,
		"CURRENT_TIME": (*parser).current, "LOCALTIME": (*parser).current, "LOCALTIMESTAMP": (*parser).current,
		"CURRENT_USER": (*parser).current, "CURRENT_CATALOG": (*parser).current, "CURRENT_SCHEMA": (*parser).current,
		"CURRENT_PATH": (*parser).current,
	}
	bracketForms = map[string]formOf{"TRY_CAST": (*parser).cast, "ROW": (*parser).row, "POSITION": (*parser).position,
		"SUBSTRING": (*parser).substring}
}

func isString(t token) bool { return t.kind == tokString || t.kind == tokUnicodeString }

func isSign(t token) bool { return t.kind == tokSymbol && (t.value == "-" || t.value == "+") }

// typedLiteral reads TYPE '…' if it stands here, else it gives nil.
func (p *parser) typedLiteral(t token) (node, error) {
	ahead := 1
	if t.value == "DOUBLE" && p.wordAt(1, "PRECISION") {
		ahead = 2
	}
	if !isString(p.peekAt(ahead)) || !p.isName(0) {
		return nil, nil
	}
	n := &typedNode{at: at(t.off), typeName: strings.ToLower(t.value)}
	p.pos += ahead
	var err error
	n.value, err = p.stringText()
	return n, err
}

// parenthesized reads what begins with "(": a query, a lambda, a row or an expression.
func (p *parser) parenthesized() (node, error) {
	start := p.offset()
	if p.startsQuery(1) {
		q, err := p.parenthesizedQuery()
		return &subqueryNode{at: start, query: q}, err
	}
	if end := p.closing(p.pos); p.symbolAt(1, ")") || p.tokens[min(end+1, len(p.tokens)-1)].value == "->" && end > 0 {
		return p.lambda()
	}
	p.advance()
	items, err := p.expressionList()
	if err != nil {
		return nil, err
	}
	if len(items) == 1 {
		return items[0], p.needSymbol(")")
	}
	return &rowNode{at: start, items: items}, p.needSymbol(")")
}

// row reads ROW(a, b).
func (p *parser) row() (node, error) {
	r := &rowNode{at: p.offset()}
	p.pos += 2
	var err error
	if r.items, err = p.expressionList(); err != nil {
		return nil, err
	}
	return r, p.needSymbol(")")
}

// lambda reads "x -> e", "(x, y) -> e" or "() -> e".
func (p *parser) lambda() (node, error) {
	l := &lambdaNode{at: p.offset()}
	var err error
	switch {
	case !p.isSymbol("("):
		var x name
		x, err = p.identifier()
		l.params = []name{x}
	case p.symbolAt(1, ")"):
		p.pos += 2
	default:
		l.params, err = p.nameList()
	}
	if err != nil {
		return nil, err
	}
	if err := p.needSymbol("->"); err != nil {
		return nil, err
	}
	l.body, err = p.expression()
	return l, err
}

// nameOrCall reads a name, a call of a function or a lambda of one parameter.
func (p *parser) nameOrCall() (node, error) {
	start := p.offset()
	if p.symbolAt(1, "->") {
		return p.lambda()
	}
	if p.isName(1) && p.callAhead(1) && (p.is("RUNNING") || p.is("FINAL")) {
		return nil, p.unsupported(int32(start), p.peek().value+" in row patterns: such calls")
	}
	if !p.callAhead(0) {
		first, err := p.identifier()
		if err != nil {
			return nil, err
		}
		if p.overAhead() {
			return nil, p.unsupported(int32(start), "measures of row patterns")
		}
		return p.dotted(&nameNode{at: start, parts: []name{first}})
	}
	parts, err := p.qualified()
	if err != nil {
		return nil, err
	}
	last := len(parts) - 1
	c := &callNode{at: start, name: strings.ToLower(parts[last].text)}
	if last > 0 {
		c.qualifier = parts[:last]
	}
	return p.call(c)
}

// callAhead tells whether a dotted name and then "(" stand n tokens ahead.
func (p *parser) callAhead(n int) bool {
	for p.isName(n) {
		if n++; p.symbolAt(n, "(") {
			return true
		}
		if !p.symbolAt(n, ".") {
			return false
		}
		n++
	}
	return false
}

// dotted adds the parts that follow a name.
func (p *parser) dotted(n *nameNode) (node, error) {
	for p.isSymbol(".") && !p.symbolAt(1, "*") {
		p.advance()
		part, err := p.identifier()
		if err != nil {
			return nil, err
		}
		n.parts = append(n.parts, part)
	}
	return n, nil
}

// call reads the arguments of a function and what may follow them.
func (p *parser) call(c *callNode) (node, error) {
	p.advance()
	if c.star = p.isSymbol("*"); c.star {
		p.advance()
	} else if err := p.arguments(c); err != nil {
		return nil, err
	}
	return p.callTail(c)
}

// callTail reads the closing bracket of a call and what may follow it.
func (p *parser) callTail(c *callNode) (node, error) {
	if err := p.needSymbol(")"); err != nil {
		return nil, err
	}
	if err := p.filter(c); err != nil {
		return nil, err
	}
	if (p.is("IGNORE") || p.is("RESPECT")) && p.wordAt(1, "NULLS") {
		c.ignore, c.respect = p.is("IGNORE"), p.is("RESPECT")
		p.pos += 2
		if !p.is("OVER") {
			return nil, p.mismatch()
		}
	}
	var err error
	if p.overAhead() {
		err = p.over(c)
	}
	p.form(c)
	return c, err
}

// filter reads FILTER (WHERE …) if it stands here.
func (p *parser) filter(c *callNode) (err error) {
	if !p.is("FILTER") || !p.symbolAt(1, "(") {
		return nil
	}
	p.pos += 2
	if err := p.need("WHERE"); err != nil {
		return err
	}
	if c.filter, err = p.expression(); err != nil {
		return err
	}
	return p.needSymbol(")")
}

func (p *parser) arguments(c *callNode) (err error) {
	switch {
	case p.isSymbol(")"):
		return nil
	case p.isName(0) && p.symbolAt(1, ".") && p.symbolAt(2, "*") && p.symbolAt(3, ")"):
		return p.src.errorf(CodeFunctionArgument, p.peek().off, "label.* syntax is only supported as the only argument of row pattern count function")
	}
	c.distinct = p.quantifier()
	if !p.is("ORDER") || c.distinct {
		if c.args, err = p.expressionList(); err != nil {
			return err
		}
	}
	c.order, err = p.orderBy()
	return err
}

// quantifier reads DISTINCT or ALL before an expression; it tells whether DISTINCT was written.
func (p *parser) quantifier() bool {
	if p.accept("DISTINCT") {
		return true
	}
	if p.is("ALL") && p.expressionAt(1) {
		p.advance()
	}
	return false
}

// expressionAt tells whether an expression, or a star, begins n tokens ahead of a word that may be a name itself.
func (p *parser) expressionAt(n int) bool {
	t := p.peekAt(n)
	switch t.kind {
	case tokEOF, tokUnknown:
		return false
	case tokSymbol:
		return t.value == "(" || t.value == "?" || t.value == "*" || isSign(t)
	case tokName:
		switch t.value {
		case "NULL", "TRUE", "FALSE", "CASE", "EXISTS", "NOT", "ROLLUP", "CUBE":
			return true
		}
		return !reserved[t.value] || reservedForms[t.value] != nil
	}
	return true
}

// orderBy reads ORDER BY … if it stands here.
func (p *parser) orderBy() ([]sortNode, error) {
	if !p.accept("ORDER") {
		return nil, nil
	}
	if err := p.need("BY"); err != nil {
		return nil, err
	}
	return p.sortList()
}
