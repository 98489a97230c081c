package dialect

import (
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
)

// This file holds the parser's checks of what the grammar takes and Trino refuses when it makes its tree: it is told only
// where the whole statement is grammatical.

// fault notes an error of that kind; the first one counts.
func (p *parser) fault(off at, format string, args ...any) {
	if p.faulty == nil {
		p.faulty = p.src.errorf(CodeSyntax, int32(off), format, args...)
	}
}

// integer reads a number without a point, which is a bigint at most.
func (p *parser) integer() *numberNode {
	start := p.pos
	t := p.advance()
	n := &numberNode{at: at(t.off), kind: t.kind, text: t.value}
	if _, err := bigint(t.value, p.signed == start && start > 0); err != nil {
		p.fault(n.at, "Invalid numeric literal: %s", t.value)
	}
	return n
}

// bigint reads digits: decimal ones, or others behind 0x, 0o or 0b.
func bigint(text string, negative bool) (int64, error) {
	base := 10
	if len(text) > 1 && text[0] == '0' && !isDigit(text[1]) {
		base = 0
	}
	if negative {
		text = "-" + text
	}
	return strconv.ParseInt(text, base, 64)
}

// binary reads X'…'.
func (p *parser) binary() *binaryNode {
	t := p.advance()
	n := &binaryNode{at: at(t.off), value: t.value}
	switch _, err := binaryValue(t.value); {
	case errors.Is(err, hex.ErrLength):
		p.fault(n.at, "Binary literal must contain an even number of digits")
	case err != nil:
		p.fault(n.at, "Binary literal can only contain hexadecimal digits")
	}
	return n
}

func binaryValue(text string) ([]byte, error) {
	return hex.DecodeString(strings.ReplaceAll(text, " ", ""))
}

// form checks a call that is a special form.
func (p *parser) form(c *callNode) {
	if len(c.qualifier) > 0 {
		return
	}
	count := len(c.args)
	text := ""
	switch c.name {
	case "if":
		if count != 2 && count != 3 {
			text = "Invalid number of arguments for 'if' function"
		}
	case "nullif":
		if count != 2 {
			text = "Invalid number of arguments for 'nullif' function"
		}
	case "coalesce", "format":
		if count < 2 {
			text = "The '" + c.name + "' function must have at least two arguments"
		}
	case "try":
		if count != 1 {
			text = "The 'try' function must have exactly one argument"
		}
	default:
		return
	}
	switch {
	case text != "":
	case c.window != nil:
		text = "OVER clause not valid for '" + c.name + "' function"
	case c.distinct:
		text = "DISTINCT not valid for '" + c.name + "' function"
	case c.filter != nil:
		text = "FILTER not valid for '" + c.name + "' function"
	default:
		return
	}
	p.fault(c.at, "%s", text)
}
