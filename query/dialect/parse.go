package dialect

import (
	"strings"
)

// parser is a recursive-descent parser over Trino's SqlBase grammar. A rule that meets what it can't read returns an
// error at the token where it stands; expecting.go tells what Trino would have expected there.
type parser struct {
	src        source
	tokens     []token
	pos        int
	depth      int
	parameters int
	ended      bool // a semicolon ends the text

	faulty *Error // see fault
	signed int    // the token behind a sign that belongs to a number

	lastPrimary int // the first token of the primary expression that was read last

	closes []int32 // where each "(" is closed, once it was asked for
}

func newParser(text string) (*parser, error) {
	list, ok := tokens(text)
	if !ok {
		return nil, &Error{Code: CodeSyntax, Message: "the statement has more than 100000 tokens"}
	}
	p := &parser{src: source(text), tokens: list}
	if n := len(list); n > 1 && list[n-2].kind == tokSymbol && list[n-2].value == ";" {
		// Athena takes a semicolon at the end away before it parses: the text ends there.
		p.ended = true
		p.tokens = append(list[:n-2:n-2], token{kind: tokEOF, off: list[n-2].off, end: list[n-2].off})
	}
	return p, nil
}

func (p *parser) peek() token { return p.tokens[p.pos] }

func (p *parser) peekAt(n int) token { return p.tokens[min(p.pos+n, len(p.tokens)-1)] }

func (p *parser) advance() token {
	t := p.tokens[p.pos]
	if p.pos < len(p.tokens)-1 {
		p.pos++
	}
	return t
}

// text gives what was written from token first up to the current one.
func (p *parser) text(first int) string {
	if p.pos == first {
		return ""
	}
	return string(p.src)[p.tokens[first].off:p.tokens[p.pos-1].end]
}

func (p *parser) offset() at { return at(p.peek().off) }

func (p *parser) is(keyword string) bool {
	t := p.peek()
	return t.kind == tokName && t.value == keyword
}

func (p *parser) isSymbol(symbol string) bool {
	t := p.peek()
	return t.kind == tokSymbol && t.value == symbol
}

// symbolAt and wordAt tell what stands n tokens ahead.
func (p *parser) symbolAt(n int, symbol string) bool {
	t := p.peekAt(n)
	return t.kind == tokSymbol && t.value == symbol
}

func (p *parser) wordAt(n int, keyword string) bool {
	t := p.peekAt(n)
	return t.kind == tokName && t.value == keyword
}

// closing gives the index of the token that closes the bracket at index open, 0 if nothing does.
func (p *parser) closing(open int) int {
	if p.closes == nil {
		p.closes = make([]int32, len(p.tokens))
		var stack []int
		for i, t := range p.tokens {
			switch {
			case t.kind == tokSymbol && t.value == "(":
				stack = append(stack, i)
			case t.kind == tokSymbol && t.value == ")" && len(stack) > 0:
				p.closes[stack[len(stack)-1]] = int32(i)
				stack = stack[:len(stack)-1]
			}
		}
	}
	return int(p.closes[open])
}

// accept passes the keywords if they all stand here.
func (p *parser) accept(keywords ...string) bool {
	for i, k := range keywords {
		if t := p.peekAt(i); t.kind != tokName || t.value != k {
			return false
		}
	}
	p.pos += len(keywords)
	return true
}

func (p *parser) acceptSymbol(symbol string) bool {
	if !p.isSymbol(symbol) {
		return false
	}
	p.advance()
	return true
}

func (p *parser) need(keywords ...string) error {
	for _, k := range keywords {
		if !p.accept(k) {
			return p.mismatch()
		}
	}
	return nil
}

func (p *parser) needSymbol(symbol string) error {
	if !p.acceptSymbol(symbol) {
		return p.mismatch()
	}
	return nil
}

// mismatch is Trino's syntax error for the current token.
func (p *parser) mismatch() error {
	at, expected := expecting(p.tokens, p.pos)
	t := p.tokens[at]
	text := "<EOF>"
	if t.kind != tokEOF {
		text = string(p.src)[t.off:t.end]
	}
	if len(expected) == 0 {
		return p.src.errorf(CodeSyntax, t.off, "mismatched input '%s'", text)
	}
	return p.src.errorf(CodeSyntax, t.off, "mismatched input '%s'. Expecting: %s", text, strings.Join(expected, ", "))
}

func (p *parser) unsupported(off int32, what string) error {
	return p.src.errorf(CodeNotSupported, off, "%s are not supported", what)
}

// enter counts nesting; every call is paired with leave.
func (p *parser) enter() error {
	p.depth++
	if p.depth > depthMax {
		return p.src.errorf(CodeSyntax, p.peek().off, "the statement nests deeper than %d", depthMax)
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

// reserved are the words that can't be names without quotes.
var reserved = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`ALTER AND AS BETWEEN BY CASE CAST CONSTRAINT CREATE CROSS CUBE CURRENT_CATALOG
		CURRENT_DATE CURRENT_PATH CURRENT_ROLE CURRENT_SCHEMA CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DEALLOCATE DELETE
		DESCRIBE DISTINCT DROP ELSE END ESCAPE EXCEPT EXECUTE EXISTS EXTRACT FALSE FOR FROM FULL GROUP GROUPING HAVING IN
		INNER INSERT INTERSECT INTO IS JOIN JSON_ARRAY JSON_EXISTS JSON_OBJECT JSON_QUERY JSON_TABLE JSON_VALUE LEFT LIKE
		LISTAGG LOCALTIME LOCALTIMESTAMP NATURAL NORMALIZE NOT NULL ON OR ORDER OUTER PREPARE RECURSIVE RIGHT ROLLUP SELECT
		SKIP TABLE THEN TRIM TRUE UESCAPE UNION UNNEST USING VALUES WHEN WHERE WITH`) {
		m[w] = true
	}
	return m
}()

// isName tells whether an identifier stands n tokens ahead.
func (p *parser) isName(n int) bool { return p.isNameAt(p.pos + n) }

// isNameAt tells whether the token at an index is an identifier.
func (p *parser) isNameAt(i int) bool {
	t := p.tokens[min(i, len(p.tokens)-1)]
	switch t.kind {
	case tokQuotedName, tokBackquotedName, tokDigitName: // the last two are refused when they are read
		return true
	}
	return t.kind == tokName && !reserved[t.value]
}

func (p *parser) identifier() (name, error) {
	if !p.isName(0) {
		return name{}, p.mismatch()
	}
	t := p.advance()
	switch t.kind {
	case tokBackquotedName:
		return name{}, p.src.errorf(CodeSyntax, t.off, "backquoted identifiers are not supported; use double quotes to quote identifiers")
	case tokDigitName:
		return name{}, p.src.errorf(CodeSyntax, t.off, "identifiers must not start with a digit; surround the identifier with double quotes")
	case tokQuotedName:
		if t.value == "" {
			return name{}, p.src.errorf(CodeSyntax, t.off, "Zero-length delimited identifier not allowed")
		}
		return name{text: t.value, off: t.off, quoted: true}, nil
	}
	return name{text: string(p.src)[t.off:t.end], off: t.off}, nil
}

// qualified reads a dotted name.
func (p *parser) qualified() ([]name, error) {
	var parts []name
	for {
		n, err := p.identifier()
		if err != nil {
			return nil, err
		}
		parts = append(parts, n)
		if !p.acceptSymbol(".") {
			return parts, nil
		}
	}
}

// nameList reads "(a, b)".
func (p *parser) nameList() ([]name, error) {
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	var list []name
	for {
		n, err := p.identifier()
		if err != nil {
			return nil, err
		}
		list = append(list, n)
		if !p.acceptSymbol(",") {
			return list, p.needSymbol(")")
		}
	}
}
