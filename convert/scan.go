package convert

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// scanner reads JSON tokens from one record. Its methods return false after a failure, which is then in reject.
type scanner struct {
	buf    []byte
	pos    int
	reject *Reject
}

// space skips white space and gives the byte at pos; 0 at the end of the record, and also, with reject set, at a
// control character.
func (s *scanner) space() byte {
	for s.pos < len(s.buf) {
		switch c := s.buf[s.pos]; {
		case c > ' ':
			return c
		case c == ' ' || c == '\n' || c == '\t' || c == '\r':
			s.pos++
		default:
			s.illegal()
			return 0
		}
	}
	return 0
}

const (
	lanes   = 0x0101010101010101
	highs   = lanes << 7
	quotes  = lanes * '"'
	slashes = lanes * '\\'
	blanks  = lanes * ' '
)

// text reads a string whose opening quote is at pos and gives its content as it stands in the record. escaped: it holds
// backslashes, see unescape.
func (s *scanner) text() (content []byte, escaped, ok bool) {
	start := s.pos + 1
	buf := s.buf
	i := start
	for {
		for i+8 <= len(buf) {
			w := binary.LittleEndian.Uint64(buf[i:])
			// The lowest high bit set marks the first byte that is a quote, a backslash, a control character or not ASCII.
			special := (((w ^ quotes) - lanes) | ((w ^ slashes) - lanes) | (w - blanks) | w) & highs
			if special != 0 {
				i += bits.TrailingZeros64(special) >> 3
				break
			}
			i += 8
		}
		if i >= len(buf) {
			return nil, false, s.fail(len(buf), "Unexpected end-of-input in VALUE_STRING")
		}
		switch c := buf[i]; {
		case c == '"':
			s.pos = i + 1
			return buf[start:i], escaped, true
		case c == '\\':
			escaped = true
			if i, ok = s.escape(i); !ok {
				return nil, false, false
			}
		case c < ' ':
			return nil, false, s.fail(i+1, "Illegal unquoted character (%s): has to be escaped using backslash to be included in string value", describe(rune(c)))
		case c < utf8.RuneSelf:
			i++
		default:
			r, size := utf8.DecodeRune(buf[i:])
			if r == utf8.RuneError && size == 1 {
				return nil, false, s.notUTF8(i)
			}
			i += size
		}
	}
}

// escape checks the escape sequence at i and gives the index after it.
func (s *scanner) escape(i int) (next int, ok bool) {
	if i+1 >= len(s.buf) {
		return i, s.fail(len(s.buf), "Unexpected end-of-input in character escape sequence")
	}
	switch c := s.buf[i+1]; c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2, true
	case 'u':
	default:
		r, size := utf8.DecodeRune(s.buf[i+1:])
		return i, s.fail(i+1+size, "Unrecognized character escape %s", describe(r))
	}
	for k := i + 2; k < i+6; k++ {
		if k >= len(s.buf) {
			return i, s.fail(len(s.buf), "Unexpected end-of-input in character escape sequence")
		}
		if !isHex(s.buf[k]) {
			r, size := utf8.DecodeRune(s.buf[k:])
			return i, s.fail(k+size, "Unexpected character (%s): expected a hex-digit for character escape sequence", describe(r))
		}
	}
	return i + 6, true
}

func isHex(c byte) bool {
	return c-'0' < 10 || c|0x20 >= 'a' && c|0x20 <= 'f'
}

func isDigit(c byte) bool { return c-'0' < 10 }

// number reads a number and gives its text. integer: it has neither fraction nor exponent.
func (s *scanner) number() (text []byte, integer, ok bool) {
	buf, i := s.buf, s.pos
	if buf[i] == '-' {
		i++
		if i == len(buf) {
			return nil, false, s.fail(i, "Unexpected end-of-input in numeric value")
		}
		if !isDigit(buf[i]) {
			s.pos = i
			return nil, false, s.numberEnd("in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value")
		}
	}
	if buf[i] == '0' && i+1 < len(buf) && isDigit(buf[i+1]) {
		return nil, false, s.fail(i+2, "Invalid numeric value: Leading zeroes not allowed")
	}
	for i < len(buf) && isDigit(buf[i]) {
		i++
	}
	integer = true
	if i < len(buf) && buf[i] == '.' {
		integer = false
		if i, ok = s.digits(i+1, "Decimal point not followed by a digit"); !ok {
			return nil, false, false
		}
	}
	if i < len(buf) && buf[i]|0x20 == 'e' {
		integer = false
		i++
		if i < len(buf) && (buf[i] == '+' || buf[i] == '-') {
			i++
		}
		if i, ok = s.digits(i, "Exponent indicator not followed by a digit"); !ok {
			return nil, false, false
		}
	}
	text = buf[s.pos:i]
	s.pos = i
	return text, integer, true
}

// digits skips one digit or more.
func (s *scanner) digits(i int, want string) (next int, ok bool) {
	if i >= len(s.buf) {
		return i, s.fail(i, "Unexpected end-of-input in numeric value")
	}
	if !isDigit(s.buf[i]) {
		s.pos = i
		return i, s.numberEnd("in numeric value: " + want)
	}
	for i < len(s.buf) && isDigit(s.buf[i]) {
		i++
	}
	return i, true
}

func (s *scanner) numberEnd(want string) bool {
	r, size, ok := s.character()
	if !ok {
		return false
	}
	return s.fail(s.pos+size, "Unexpected character (%s) %s", describe(r), want)
}

// literal reads true, false or null.
func (s *scanner) literal(word string) bool {
	end := s.pos + len(word)
	if end > len(s.buf) || string(s.buf[s.pos:end]) != word || end < len(s.buf) && s.buf[end] >= '0' && s.wordEnd() != end {
		return s.badToken("'null', 'true', 'false' or NaN")
	}
	s.pos = end
	return true
}

// skip reads a value of any kind at pos and drops it. depth is how many containers it stands in.
func (s *scanner) skip(depth int) bool {
	switch c := s.buf[s.pos]; c {
	case '"':
		_, _, ok := s.text()
		return ok
	case '{':
		return s.skipObject(depth + 1)
	case '[':
		return s.skipArray(depth + 1)
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	default:
		if c == '-' || isDigit(c) {
			_, _, ok := s.number()
			return ok
		}
		return s.badValue()
	}
}

func (s *scanner) skipObject(depth int) bool {
	if depth > depthLimit {
		return s.tooDeep()
	}
	start := s.pos
	s.pos++
	if s.space() == '}' {
		s.pos++
		return true
	}
	for {
		if _, _, ok := s.name(); !ok {
			return false
		}
		if !s.skip(depth) {
			return false
		}
		if more, ok := s.separator(inObject, start); !more || !ok {
			return ok
		}
	}
}

func (s *scanner) skipArray(depth int) bool {
	if depth > depthLimit {
		return s.tooDeep()
	}
	start := s.pos
	s.pos++
	if s.space() == ']' {
		s.pos++
		return true
	}
	for {
		if s.space() == 0 {
			return s.endBetween(inArray)
		}
		if !s.skip(depth) {
			return false
		}
		if more, ok := s.separator(inArray, start); !more || !ok {
			return ok
		}
	}
}

// name reads a field name and its colon and moves to the value.
func (s *scanner) name() (content []byte, escaped, ok bool) {
	switch s.space() {
	case '"':
	case 0:
		return nil, false, s.endBetween(inObject)
	default:
		return nil, false, s.unexpected(wantName)
	}
	if content, escaped, ok = s.text(); !ok {
		return nil, false, false
	}
	switch s.space() {
	case ':':
		s.pos++
	case 0:
		return nil, false, s.endBetween(inObject)
	default:
		return nil, false, s.unexpected(wantColon)
	}
	if s.space() == 0 {
		return nil, false, s.endBetween(inObject)
	}
	return content, escaped, true
}

// separator reads what follows an entry of the container that began at start: a comma (more) or its end.
func (s *scanner) separator(c container, start int) (more, ok bool) {
	switch b := s.space(); {
	case b == ',':
		s.pos++
		return true, true
	case b == '}' && c == inObject, b == ']' && c == inArray:
		s.pos++
		return false, true
	case b == 0:
		return false, s.endInside(c, start)
	}
	return false, s.badSeparator(c, start)
}
