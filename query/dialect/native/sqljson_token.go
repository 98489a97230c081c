package native

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// pathReader reads a path by recursive descent. Its first error ends the text, so that what reads comes back soon.
type pathReader struct {
	err   *PathError
	text  string
	pos   int    // behind the token
	start int    // of the token
	token string // "" at the end
	kind  byte   // w word, n number, s string, o anything else
	depth int
	reads *int // tokens, which may be read again and again
}

const pathReadsMax = 100_000

func (r *pathReader) fail(format string, args ...any) {
	r.failWith(r.start, "SYNTAX_ERROR", fmt.Sprintf(format, args...))
}

func (r *pathReader) failWith(at int, kind, message string) {
	if r.err == nil {
		r.err = &PathError{At: at, Kind: kind, Message: message}
	}
	r.pos, r.start, r.token, r.kind = len(r.text), len(r.text), "", 'o'
}

// shown is the token in messages.
func (r *pathReader) shown() string {
	if r.token == "" {
		return "'<EOF>'"
	}
	return "'" + r.token + "'"
}

// following is the reader behind the token.
func (r *pathReader) following() pathReader {
	next := *r
	next.advance()
	return next
}

const pathStarts = "{'+', '(', '$', '@', 'false', 'last', '-', 'null', 'true', DECIMAL_VALUE, DOUBLE_VALUE, INTEGER_VALUE, STRING, NAMED_VARIABLE}"

// startsPath tells whether an expression can begin with the token.
func (r *pathReader) startsPath() bool {
	switch r.token {
	case "+", "(", "$", "@", "false", "last", "-", "null", "true":
		return true
	}
	return r.kind == 'n' || r.kind == 's' || r.kind == 'o' && len(r.token) > 1 && r.token[0] == '$'
}

// needPath fails where no expression begins.
func (r *pathReader) needPath(starts string) {
	if r.startsPath() {
		return
	}
	if next := r.following(); r.token != "" && next.startsPath() {
		r.fail("extraneous input %s expecting %s", r.shown(), starts)
	}
	r.fail("mismatched input %s expecting %s", r.shown(), starts)
}

func wordByte(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' }

// advance reads the next token.
func (r *pathReader) advance() {
	if *r.reads++; *r.reads > pathReadsMax {
		r.limit()
		return
	}
	for r.pos < len(r.text) && strings.IndexByte(" \t\r\n", r.text[r.pos]) >= 0 {
		r.pos++
	}
	r.start, r.kind = r.pos, 'o'
	if r.pos == len(r.text) {
		r.token = ""
		return
	}
	rest := r.text[r.pos:]
	n := 1
	switch c := rest[0]; {
	case isDigit(c), c == '.' && len(rest) > 1 && isDigit(rest[1]):
		n, r.kind = numberLength(rest), 'n'
	case isLetter(c) || c == '_':
		r.kind = 'w'
		for n < len(rest) && wordByte(rest[n]) {
			n++
		}
	case c == '$':
		if len(rest) > 1 && (isLetter(rest[1]) || rest[1] == '_') {
			for n < len(rest) && wordByte(rest[n]) {
				n++
			}
		}
	case c == '"':
		r.kind = 's'
		if n = quotedLength(rest); n == 0 {
			n, r.kind = 1, 'o'
		}
	default:
		for _, two := range [...]string{"..", "==", "<>", "!=", "<=", ">=", "&&", "||"} {
			if strings.HasPrefix(rest, two) {
				n = 2
			}
		}
		if c >= utf8.RuneSelf {
			_, n = utf8.DecodeRuneInString(rest)
		}
	}
	r.token = rest[:n]
	r.pos += n
}

// quotedLength is how far a text in quotes goes; 0 where it does not end. Two quotes in it are one.
func quotedLength(text string) int {
	for n := 1; ; n++ {
		i := strings.IndexByte(text[n:], '"')
		if i < 0 {
			return 0
		}
		if n += i + 1; n == len(text) || text[n] != '"' {
			return n
		}
	}
}

// numberLength is how far a number goes: digits, a fraction, an exponent.
func numberLength(text string) int {
	digits := func(i int) int {
		for i < len(text) && isDigit(text[i]) {
			i++
		}
		return i
	}
	n := digits(0)
	if n < len(text) && text[n] == '.' {
		n = digits(n + 1)
	}
	if n < len(text) && text[n]|0x20 == 'e' {
		m := n + 1
		if m < len(text) && (text[m] == '+' || text[m] == '-') {
			m++
		}
		if end := digits(m); end > m {
			n = end
		}
	}
	return n
}

func (r *pathReader) accept(token string) bool {
	if r.token != token || r.kind == 's' {
		return false
	}
	r.advance()
	return true
}
