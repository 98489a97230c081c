package pattern

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/loglake/loglake"
)

const blanks = " \t\r\n"

// cursor reads a pattern's text from left to right and counts the regexes it meets.
type cursor struct {
	text    string
	pos     int // bytes
	regexes int
}

// fail makes the error of the place the cursor stands at.
func (c *cursor) fail(format string, args ...any) error {
	e := loglake.Errorf(loglake.CodeInvalid, format, args...)
	e.Message = "Invalid filter pattern: " + e.Message
	return e.WithHint("position %d of %q", c.pos+1, c.text)
}

func (c *cursor) skip() {
	for c.pos < len(c.text) && strings.IndexByte(blanks, c.text[c.pos]) >= 0 {
		c.pos++
	}
}

// peek gives the next byte, 0 at the end.
func (c *cursor) peek() byte {
	if c.pos < len(c.text) {
		return c.text[c.pos]
	}
	return 0
}

// take moves over token, after blanks, if it comes next.
func (c *cursor) take(token string) bool {
	c.skip()
	if strings.HasPrefix(c.text[c.pos:], token) {
		c.pos += len(token)
		return true
	}
	return false
}

// takeWord is take for a keyword: no letter, digit or underscore may follow.
func (c *cursor) takeWord(word string) bool {
	start := c.pos
	if c.take(word) && !isNameRune(c.rune()) {
		return true
	}
	c.pos = start
	return false
}

// rune gives the next character, 0 at the end.
func (c *cursor) rune() rune {
	if c.pos >= len(c.text) {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(c.text[c.pos:])
	return r
}

// run moves over the characters that satisfy in and gives them.
func (c *cursor) run(in func(rune) bool) string {
	rest := c.text[c.pos:]
	n := strings.IndexFunc(rest, func(r rune) bool { return !in(r) })
	if n < 0 {
		n = len(rest)
	}
	c.pos += n
	return rest[:n]
}

func isNameRune(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r)
}

// quoted reads a text in double quotes, in which \" and \\ stand for a quote and a backslash.
func (c *cursor) quoted() (string, error) {
	start := c.pos
	c.pos++
	var text strings.Builder
	for c.pos < len(c.text) {
		switch ch := c.text[c.pos]; ch {
		case '"':
			c.pos++
			return text.String(), nil
		case '\\':
			c.pos++
			next := c.peek()
			if next != '"' && next != '\\' {
				e := loglake.Errorf(loglake.CodeUnsupported, `Invalid filter pattern: in quotes a backslash stands before a quote or a backslash only`)
				return "", e.WithHint(`position %d of %q; write \\ for a backslash`, c.pos, c.text)
			}
			text.WriteByte(next)
		default:
			text.WriteByte(ch)
		}
		c.pos++
	}
	c.pos = start
	return "", c.fail("a quote is opened and not closed")
}

// quote is the reverse of quoted.
func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
