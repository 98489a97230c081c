package shape

import (
	"bytes"
	"encoding/binary"
	"iter"
	"math/bits"
	"unicode/utf8"

	"github.com/loglake/loglake/internal/jsontext"
)

// nestingMax is how deep objects and arrays may be in each other; a deeper line is taken for text.
const nestingMax = 256

// valueEnd gives the end of the JSON value that begins at text[pos], -1 where there is no valid one. As in encoding/json,
// bytes that are not UTF-8 may stand in strings.
func valueEnd(text []byte, pos, depth int) int {
	if pos >= len(text) {
		return -1
	}
	switch c := text[pos]; {
	case c == '"':
		return stringEnd(text, pos)
	case c == '{':
		m := members{text: text, pos: pos, depth: depth}
		for m.next() {
		}
		return m.end
	case c == '[':
		return arrayEnd(text, pos, depth)
	case c == '-' || isDigit(c):
		return numberEnd(text, pos)
	case c == 't':
		return literalEnd(text, pos, "true")
	case c == 'f':
		return literalEnd(text, pos, "false")
	case c == 'n':
		return literalEnd(text, pos, "null")
	}
	return -1
}

func literalEnd(text []byte, pos int, literal string) int {
	if len(text)-pos >= len(literal) && string(text[pos:pos+len(literal)]) == literal {
		return pos + len(literal)
	}
	return -1
}

func stringEnd(text []byte, pos int) int {
	for pos++; ; {
		pos += plainPrefix(text[pos:])
		if pos >= len(text) {
			return -1
		}
		switch c := text[pos]; {
		case c == '"':
			return pos + 1
		case c < ' ':
			return -1
		case c != '\\':
			pos++
		case pos+1 < len(text) && text[pos+1] == 'u':
			if jsontext.Hex4(text[pos+2:]) < 0 {
				return -1
			}
			pos += 6
		case pos+1 < len(text) && bytes.IndexByte([]byte(`"\/bfnrt`), text[pos+1]) >= 0:
			pos += 2
		default:
			return -1
		}
	}
}

// numberEnd gives the end of a JSON number: no leading zero, no bare point.
func numberEnd(text []byte, pos int) int {
	if pos < len(text) && text[pos] == '-' {
		pos++
	}
	start := pos
	if pos = digitsEnd(text, pos); pos == start || text[start] == '0' && pos > start+1 {
		return -1
	}
	if pos < len(text) && text[pos] == '.' {
		start = pos + 1
		if pos = digitsEnd(text, start); pos == start {
			return -1
		}
	}
	if pos < len(text) && text[pos]|0x20 == 'e' {
		pos++
		if pos < len(text) && (text[pos] == '+' || text[pos] == '-') {
			pos++
		}
		start = pos
		if pos = digitsEnd(text, start); pos == start {
			return -1
		}
	}
	return pos
}

func digitsEnd(text []byte, pos int) int {
	for pos < len(text) && isDigit(text[pos]) {
		pos++
	}
	return pos
}

func isDigit(c byte) bool { return c-'0' < 10 }

func isNumber(text []byte) bool { return len(text) > 0 && numberEnd(text, 0) == len(text) }

func skipSpace(text []byte, pos int) int {
	for pos < len(text) && (text[pos] == ' ' || text[pos] == '\t' || text[pos] == '\n' || text[pos] == '\r') {
		pos++
	}
	return pos
}

func arrayEnd(text []byte, pos, depth int) int {
	if depth >= nestingMax {
		return -1
	}
	pos = skipSpace(text, pos+1)
	if pos < len(text) && text[pos] == ']' {
		return pos + 1
	}
	for {
		if pos = valueEnd(text, pos, depth+1); pos < 0 {
			return -1
		}
		pos = skipSpace(text, pos)
		if pos == len(text) {
			return -1
		}
		if text[pos] == ']' {
			return pos + 1
		}
		if text[pos] != ',' {
			return -1
		}
		pos = skipSpace(text, pos+1)
	}
}

// members walks over an object. It begins with text[pos] at the brace.
type members struct {
	text  []byte
	pos   int
	depth int

	begun bool
	key   []byte // the content of the key, escapes as they are
	value []byte // the value as it is
	end   int    // behind the object, once next has given false; -1: it is not a valid one
}

// next steps to the next member. After false, end tells whether the object was a valid one.
func (m *members) next() bool {
	pos := skipSpace(m.text, m.pos)
	m.end = -1
	switch {
	case pos == len(m.text), m.depth >= nestingMax:
		return false
	case !m.begun:
		if pos = skipSpace(m.text, pos+1); pos < len(m.text) && m.text[pos] == '}' {
			m.end = pos + 1
			return false
		}
		m.begun = true
	case m.text[pos] == ',':
		pos = skipSpace(m.text, pos+1)
	case m.text[pos] == '}':
		m.end = pos + 1
		return false
	default:
		return false
	}
	return pos < len(m.text) && m.text[pos] == '"' && m.member(pos)
}

func (m *members) member(pos int) bool {
	keyEnd := stringEnd(m.text, pos)
	if keyEnd < 0 {
		return false
	}
	m.key = m.text[pos+1 : keyEnd-1]
	if pos = skipSpace(m.text, keyEnd); pos == len(m.text) || m.text[pos] != ':' {
		return false
	}
	pos = skipSpace(m.text, pos+1)
	if m.pos = valueEnd(m.text, pos, m.depth+1); m.pos < 0 {
		return false
	}
	m.value = m.text[pos:m.pos]
	return true
}

// objectOf gives the object that line is, without the space around it; nil where it is none.
func objectOf(line []byte) []byte {
	line = bytes.TrimSpace(line)
	if len(line) < 2 || line[0] != '{' || line[len(line)-1] != '}' || valueEnd(line, 0, 0) != len(line) {
		return nil
	}
	return line
}

const hexDigits = "0123456789abcdef"

// appendString appends text as a JSON string. Bytes that are not UTF-8 become U+FFFD.
func appendString(dst, text []byte) []byte {
	dst = append(dst, '"')
	for len(text) > 0 {
		n := plainPrefix(text)
		dst = append(dst, text[:n]...)
		if text = text[n:]; len(text) == 0 {
			break
		}
		switch c := text[0]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c < utf8.RuneSelf:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		default:
			r, size := utf8.DecodeRune(text)
			dst = utf8.AppendRune(dst, r)
			text = text[size-1:]
		}
		text = text[1:]
	}
	return append(dst, '"')
}

// plainPrefix counts the bytes at the start of text that stand for themselves in a JSON string, whatever text means: all
// of ASCII but control characters, the quote and the backslash.
func plainPrefix(text []byte) int {
	n := 0
	for ; len(text)-n >= 8; n += 8 {
		// In each of eight bytes the high bit is set by what is not plain (Hacker's Delight, 6-1).
		w := binary.LittleEndian.Uint64(text[n:])
		quote, escape := w^(eachByte*'"'), w^(eachByte*'\\')
		odd := (w - eachByte*' ') | (quote - eachByte) | (escape - eachByte) | w
		if odd &= eachByte << 7; odd != 0 {
			return n + bits.TrailingZeros64(odd)/8
		}
	}
	for ; n < len(text); n++ {
		if c := text[n]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			break
		}
	}
	return n
}

const eachByte = 0x0101010101010101

// Members gives the members of a JSON object in their order: the name, and the value as it stands there. It gives none for
// what is no JSON object. Both are valid as long as the object.
func Members(object []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		object = objectOf(object)
		if object == nil {
			return
		}
		for m := (members{text: object}); m.next(); {
			name := m.key
			if bytes.IndexByte(name, '\\') >= 0 {
				name = jsontext.AppendUnescaped(nil, name)
			}
			if !yield(name, m.value) {
				return
			}
		}
	}
}
