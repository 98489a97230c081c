package catalog

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/loglake/loglake"
)

// expressionCharsMax is the longest Expression that Glue takes.
const expressionCharsMax = 2048

// Expression is a filter over partitions, as the Expression of Glue's GetPartitions. It is immutable.
// https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html
type Expression struct {
	root node // nil: every partition
}

// ParseExpression reads a filter over the partition keys. A blank text lets every partition pass. Literals are checked
// against the keys' types here, so that a wrong one is told before any partition is looked at. Errors are CodeInvalid with
// Glue's texts.
func ParseExpression(text string, keys []Column) (*Expression, error) {
	if strings.TrimSpace(text) == "" {
		return &Expression{}, nil
	}
	if utf8.RuneCountInString(text) > expressionCharsMax {
		return nil, loglake.Errorf(loglake.CodeInvalid, "Expression has more than %d characters", expressionCharsMax)
	}
	p := &expressionParser{text: text, keys: keys}
	tokens, ok := lexExpression(text)
	if !ok {
		return nil, p.unsupported()
	}
	p.tokens = foldParentheses(tokens)
	root, err := p.or()
	if err == nil && p.pos < len(p.tokens) {
		err = p.unsupported()
	}
	if err != nil {
		return nil, err
	}
	return &Expression{root: root}, nil
}

// Match tells whether a partition with these values, in the order of the keys, passes. A stored value that is not of
// its key's type is an ErrPartitionValue.
func (e *Expression) Match(values []string) (bool, error) {
	if e.root == nil {
		return true, nil
	}
	t, err := e.root.eval(values)
	return t == yes, err
}

type exprToken struct {
	kind exprKind
	text string
}

type exprKind uint8

const (
	exprWord   exprKind = iota // bare identifier or keyword
	exprColumn                 // quoted identifier
	exprString
	exprNumber
	exprSymbol
)

func (t exprToken) is(keyword string) bool {
	return t.kind == exprWord && strings.EqualFold(t.text, keyword)
}

func (t exprToken) symbol(s string) bool { return t.kind == exprSymbol && t.text == s }

func lexExpression(text string) (tokens []exprToken, ok bool) {
	for {
		text = strings.TrimLeftFunc(text, unicode.IsSpace)
		if text == "" {
			return tokens, true
		}
		t, size := lexExpressionToken(text)
		if size == 0 {
			return nil, false
		}
		tokens = append(tokens, t)
		text = text[size:]
	}
}

// lexExpressionToken reads the token at the start of text; size 0 says that there is none.
func lexExpressionToken(text string) (t exprToken, size int) {
	c := text[0]
	next := byte(0)
	if len(text) > 1 {
		next = text[1]
	}
	switch {
	case c == '\'' || c == '"' || c == '`':
		return lexExpressionQuoted(text)
	case isDigit(c), c == '.' && isDigit(next), (c == '-' || c == '+') && (isDigit(next) || next == '.'):
		n := numberLength(text)
		return exprToken{exprNumber, text[:n]}, n
	case c == '<' && (next == '=' || next == '>'), c == '>' && next == '=', c == '!' && next == '=':
		return exprToken{exprSymbol, text[:2]}, 2
	case strings.IndexByte("<>=(),", c) >= 0:
		return exprToken{exprSymbol, text[:1]}, 1
	}
	n := strings.IndexFunc(text, func(r rune) bool {
		return r != '_' && r != '$' && r != '.' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	if n < 0 {
		n = len(text)
	}
	return exprToken{exprWord, text[:n]}, n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// numberLength gives the length of [sign] digits [. digits] [e [sign] digits].
func numberLength(text string) int {
	n := 0
	digits := func() {
		for n < len(text) && isDigit(text[n]) {
			n++
		}
	}
	if text[0] == '-' || text[0] == '+' {
		n++
	}
	digits()
	if n < len(text) && text[n] == '.' {
		n++
		digits()
	}
	if n+1 < len(text) && text[n]|0x20 == 'e' {
		end := n + 1
		if text[end] == '-' || text[end] == '+' {
			end++
		}
		if end < len(text) && isDigit(text[end]) {
			n = end
			digits()
		}
	}
	return n
}

// lexExpressionQuoted reads 'text' with a doubled quote or \' for one, and "name" and `name`.
func lexExpressionQuoted(text string) (exprToken, int) {
	quote := text[0]
	kind := exprColumn
	if quote == '\'' {
		kind = exprString
	}
	var value strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && quote == '\'' && i+1 < len(text) && (text[i+1] == '\'' || text[i+1] == '\\'):
			i++
			value.WriteByte(text[i])
		case c == quote && i+1 < len(text) && text[i+1] == quote:
			i++
			value.WriteByte(c)
		case c == quote:
			return exprToken{kind, value.String()}, i + 1
		default:
			value.WriteByte(c)
		}
	}
	return exprToken{}, 0
}

// foldParentheses takes away the parentheses around single operands and around AND and OR, which Glue's parser
// tolerates: (a) = ((2)) (OR) (b) = 1. Those of IN stay, and so do those around conditions.
func foldParentheses(tokens []exprToken) []exprToken {
	var out []exprToken
	for _, t := range tokens {
		n := len(out)
		if t.symbol(")") && n >= 2 && out[n-2].symbol("(") && out[n-1].kind != exprSymbol && (n < 3 || !out[n-3].is("IN")) {
			out[n-2] = out[n-1]
			out = out[:n-1]
			continue
		}
		out = append(out, t)
	}
	return out
}

type expressionParser struct {
	text   string
	keys   []Column
	tokens []exprToken
	pos    int
}

func (p *expressionParser) unsupported() error {
	return loglake.Errorf(loglake.CodeInvalid, "Unsupported expression '%s'", p.text)
}

func (p *expressionParser) peek() exprToken {
	if p.pos < len(p.tokens) {
		return p.tokens[p.pos]
	}
	return exprToken{kind: exprSymbol}
}

func (p *expressionParser) take(keyword string) bool {
	if p.peek().is(keyword) {
		p.pos++
		return true
	}
	return false
}

func (p *expressionParser) takeSymbol(symbol string) bool {
	if p.peek().symbol(symbol) {
		p.pos++
		return true
	}
	return false
}

func (p *expressionParser) or() (node, error) {
	left, err := p.and()
	for err == nil && p.take("OR") {
		var right node
		right, err = p.and()
		left = orNode{left, right}
	}
	return left, err
}

func (p *expressionParser) and() (node, error) {
	left, err := p.not()
	for err == nil && p.take("AND") {
		var right node
		right, err = p.not()
		left = andNode{left, right}
	}
	return left, err
}

func (p *expressionParser) not() (node, error) {
	if p.take("NOT") {
		inner, err := p.not()
		return notNode{inner}, err
	}
	if p.takeSymbol("(") {
		inner, err := p.or()
		if err == nil && !p.takeSymbol(")") {
			err = p.unsupported()
		}
		return inner, err
	}
	return p.predicate()
}

// flipped gives the operator that says the same with its sides changed.
var flipped = map[string]string{"=": "=", "<>": "<>", "!=": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

func (p *expressionParser) predicate() (node, error) {
	if literal, ok := p.literal(); ok {
		op, known := flipped[p.peek().text]
		if !known || p.peek().kind != exprSymbol {
			return nil, p.unsupported()
		}
		p.pos++
		column, err := p.column()
		if err != nil {
			return nil, err
		}
		return column.compare(op, literal)
	}
	column, err := p.column()
	if err != nil {
		return nil, err
	}
	if op := p.peek(); op.kind == exprSymbol && flipped[op.text] != "" {
		p.pos++
		literal, ok := p.literal()
		if !ok {
			return nil, p.unsupported()
		}
		return column.compare(flipped[flipped[op.text]], literal)
	}
	return p.wordPredicate(column)
}

// wordPredicate reads the predicates whose operator is a word.
func (p *expressionParser) wordPredicate(column keyColumn) (node, error) {
	if p.take("IS") {
		negated := p.take("NOT")
		if !p.take("NULL") {
			return nil, p.unsupported()
		}
		return constantNode(negated), nil // values are strings: never null
	}
	negated := p.take("NOT")
	var n node
	var err error
	switch {
	case p.take("IN"):
		n, err = p.in(column)
	case p.take("BETWEEN"):
		n, err = p.between(column)
	case p.take("LIKE"):
		literal, ok := p.literal()
		if !ok {
			return nil, p.unsupported()
		}
		n, err = column.like(literal)
	default:
		return nil, p.unsupported()
	}
	if negated {
		n = notNode{n}
	}
	return n, err
}

func (p *expressionParser) in(column keyColumn) (node, error) {
	if !p.takeSymbol("(") {
		return nil, p.unsupported()
	}
	var any node
	for {
		literal, ok := p.literal()
		if !ok {
			return nil, p.unsupported()
		}
		n, err := column.compare("=", literal)
		if err != nil {
			return nil, err
		}
		if any == nil {
			any = n
		} else {
			any = orNode{any, n}
		}
		if p.takeSymbol(",") {
			continue
		}
		if !p.takeSymbol(")") {
			return nil, p.unsupported()
		}
		return any, nil
	}
}

func (p *expressionParser) between(column keyColumn) (node, error) {
	low, ok := p.literal()
	if !ok || !p.take("AND") {
		return nil, p.unsupported()
	}
	high, ok := p.literal()
	if !ok {
		return nil, p.unsupported()
	}
	from, err := column.compare(">=", low)
	if err != nil {
		return nil, err
	}
	to, err := column.compare("<=", high)
	return andNode{from, to}, err
}

// literal reads 'text', a number, DATE 'text' or TIMESTAMP 'text' and gives the text.
func (p *expressionParser) literal() (string, bool) {
	t := p.peek()
	if (t.is("DATE") || t.is("TIMESTAMP")) && p.pos+1 < len(p.tokens) && p.tokens[p.pos+1].kind == exprString {
		p.pos++
		t = p.peek()
	}
	if t.kind != exprString && t.kind != exprNumber {
		return "", false
	}
	p.pos++
	return t.text, true
}

// expressionKeywords can't be bare column names.
const expressionKeywords = " AND OR NOT IN BETWEEN LIKE IS NULL "

func (p *expressionParser) column() (keyColumn, error) {
	t := p.peek()
	if t.kind != exprColumn && (t.kind != exprWord || strings.Contains(expressionKeywords, " "+strings.ToUpper(t.text)+" ")) {
		return keyColumn{}, p.unsupported()
	}
	p.pos++
	for i, key := range p.keys {
		if strings.EqualFold(key.Name, t.text) {
			return newKeyColumn(i, key)
		}
	}
	return keyColumn{}, loglake.Errorf(loglake.CodeInvalid, "Invalid partition expression!")
}
