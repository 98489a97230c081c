package pattern

import (
	"bytes"
	"strings"
)

// op is a comparison.
type op uint8

const (
	opNone op = iota
	opEqual
	opUnequal
	opLess
	opLessEqual
	opGreater
	opGreaterEqual
	opIsNull
	opIsTrue
	opIsFalse
	opNotExists
)

var opTexts = [...]string{"", "=", "!=", "<", "<=", ">", ">=", "IS NULL", "IS TRUE", "IS FALSE", "NOT EXISTS"}

func (o op) String() string { return opTexts[o] }

// ordering tells whether o is one of < <= > >=, which compare numbers only.
func (o op) ordering() bool { return o >= opLess && o <= opGreaterEqual }

// parseComparison reads one of = != < <= > >=, opNone if none of them comes next.
func parseComparison(c *cursor) op {
	for _, o := range []op{opUnequal, opLessEqual, opGreaterEqual, opEqual, opLess, opGreater} {
		if c.take(o.String()) {
			return o
		}
	}
	return opNone
}

// operand is the right side of a comparison: a regex, a number written without quotes, or a text, in which a star at
// the beginning and at the end stands for anything.
type operand struct {
	text   string // as it was written, without quotes
	re     *regex
	number *decimal // of a number without quotes
	body   []byte   // the text without the stars
	before bool     // a star at the beginning
	after  bool     // a star at the end
}

// barewordStops end an operand without quotes.
const barewordStops = blanks + `(){}[]&|"=!<>%,`

func parseOperand(c *cursor, o op) (operand, error) {
	c.skip()
	var v operand
	switch c.peek() {
	case '%':
		re, err := parseRegex(c)
		if err == nil && o.ordering() {
			err = c.fail("%s compares numbers, not a regular expression", o)
		}
		return operand{re: re}, err
	case '"':
		text, err := c.quoted()
		if err != nil {
			return v, err
		}
		v = textOperand(text)
	default:
		v = textOperand(c.run(func(r rune) bool { return !strings.ContainsRune(barewordStops, r) }))
		if v.text == "" {
			return v, c.fail("a value is expected after %s", o)
		}
		if d, ok := parseDecimal(nil, []byte(v.text)); ok {
			v.number = &d
		}
	}
	if o.ordering() && v.number == nil {
		return v, c.fail("%s compares numbers, and %q is not one", o, v.text)
	}
	return v, nil
}

func textOperand(text string) operand {
	v := operand{text: text}
	body, before := strings.CutPrefix(text, "*")
	body, after := strings.CutSuffix(body, "*")
	v.body, v.before, v.after = []byte(body), before, after
	return v
}

// anything tells whether the operand is a star, which every scalar equals.
func (v *operand) anything() bool { return v.re == nil && v.before && len(v.body) == 0 }

func (v *operand) String() string {
	switch {
	case v.re != nil:
		return v.re.String()
	case v.number != nil:
		return v.text
	}
	return quote(v.text)
}

// equalsText tells whether text equals the operand taken as text, or matches its regex.
func (v *operand) equalsText(text []byte) bool {
	switch {
	case v.re != nil:
		return v.re.Match(text)
	case v.before && v.after:
		return bytes.Contains(text, v.body)
	case v.before:
		return bytes.HasSuffix(text, v.body)
	case v.after:
		return bytes.HasPrefix(text, v.body)
	}
	return bytes.Equal(text, v.body)
}

// holdsForText tells whether "text o operand" holds where the value is a text.
func (v *operand) holdsForText(o op, text []byte) bool {
	switch o {
	case opEqual:
		return v.equalsText(text)
	case opUnequal:
		return !v.equalsText(text)
	}
	return false
}

// holdsForNumber tells whether "literal o operand" holds where the value is the number that literal spells.
func (v *operand) holdsForNumber(o op, literal []byte) bool {
	if v.number == nil {
		return v.holdsForText(o, literal)
	}
	var digits [48]byte
	d, ok := parseDecimal(digits[:0], literal)
	if !ok {
		return false
	}
	order := d.compare(v.number)
	switch o {
	case opEqual:
		return order == 0
	case opUnequal:
		return order != 0
	case opLess:
		return order < 0
	case opLessEqual:
		return order <= 0
	case opGreater:
		return order > 0
	case opGreaterEqual:
		return order >= 0
	}
	return false
}
