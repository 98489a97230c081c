package convert

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// Firehose parses with Jackson and shows its messages, so these are the messages of Jackson's UTF8StreamJsonParser. They
// end with the place of the failure; where Jackson prints the identity of its input object, which no two runs share,
// stands its own word for a source without a name.

const (
	wantValue  = "expected a valid value (number, String, array, object, 'true', 'false' or 'null')"
	wantName   = "was expecting double-quote to start field name"
	wantColon  = "was expecting a colon to separate field name and value"
	wantToken  = "('true', 'false' or 'null')"
	wantSpace  = "Expected space separating root-level values"
	depthLimit = 1000 // Jackson's own since 2.15; bounds the stack here
)

// container is the kind of what is being parsed, in Jackson's words.
type container string

const (
	inObject container = "OBJECT"
	inArray  container = "ARRAY"
)

func (c container) title() string {
	if c == inObject {
		return "Object"
	}
	return "Array"
}

// place prints a location; consumed is how many bytes of the record the parser had taken.
func (s *scanner) place(consumed int) string {
	line, start := 1, 0
	for i := 0; i < consumed && i < len(s.buf); i++ {
		if s.buf[i] == '\n' || s.buf[i] == '\r' && (i+1 == len(s.buf) || s.buf[i+1] != '\n') {
			line++
			start = i + 1
		}
	}
	return fmt.Sprintf("[Source: UNKNOWN; line: %d, column: %d]", line, consumed-start+1)
}

// fail notes the first failure and gives false, for its callers to return.
func (s *scanner) fail(consumed int, format string, args ...any) bool {
	if s.reject == nil {
		s.reject = &Reject{Code: CodeParseError,
			Message: textMalformed + fmt.Sprintf(format, args...) + "\n at " + s.place(consumed)}
	}
	return false
}

// unexpected reports the character at pos.
func (s *scanner) unexpected(want string) bool {
	c := s.buf[s.pos]
	if c < ' ' {
		return s.illegal()
	}
	r, size, ok := s.character()
	if !ok {
		return false
	}
	return s.fail(s.pos+size, "Unexpected character (%s): %s", describe(r), want)
}

// illegal reports a control character between tokens.
func (s *scanner) illegal() bool {
	return s.fail(s.pos+1, `Illegal character (%s): only regular white space (\r, \n, \t) is allowed between tokens`,
		describe(rune(s.buf[s.pos])))
}

// character decodes the character at pos, or reports that its bytes are not UTF-8.
func (s *scanner) character() (r rune, size int, ok bool) {
	r, size = utf8.DecodeRune(s.buf[s.pos:])
	if r == utf8.RuneError && size <= 1 {
		return 0, 0, s.notUTF8(s.pos)
	}
	return r, size, true
}

// notUTF8 reports the byte sequence at i: by its first byte if that can't begin a character, else by the one after it
// that does not continue it.
func (s *scanner) notUTF8(i int) bool {
	c := s.buf[i]
	if c < 0xc2 || c > 0xf4 {
		return s.fail(i+1, "Invalid UTF-8 start byte 0x%x", c)
	}
	size := 2
	if c >= 0xe0 {
		size++
	}
	if c >= 0xf0 {
		size++
	}
	for k := i + 1; k < i+size; k++ {
		if k >= len(s.buf) {
			return s.fail(k, "Unexpected end-of-input in VALUE_STRING")
		}
		if s.buf[k]&0xc0 != 0x80 {
			return s.fail(k+1, "Invalid UTF-8 middle byte 0x%x", s.buf[k])
		}
	}
	return s.fail(i+2, "Invalid UTF-8 middle byte 0x%x", s.buf[i+1]) // too long a form, a surrogate, beyond U+10FFFF
}

// describe names a character as Jackson does.
func describe(r rune) string {
	switch {
	case r < ' ' || r >= 0x7f && r < 0xa0:
		return fmt.Sprintf("(CTRL-CHAR, code %d)", r)
	case r > 255:
		return fmt.Sprintf("'%c' (code %d / 0x%x)", r, r, r)
	}
	return fmt.Sprintf("'%c' (code %d)", r, r)
}

// badValue reports what stands where a value should begin.
func (s *scanner) badValue() bool {
	for token, name := range map[byte]string{'N': "NaN", 'I': "Infinity"} {
		if s.buf[s.pos] == token && s.wordEnd() == s.pos+len(name) && string(s.buf[s.pos:s.pos+len(name)]) == name {
			return s.fail(s.pos+len(name), "Non-standard token '%s': enable JsonParser.Feature.ALLOW_NON_NUMERIC_NUMBERS to allow", name)
		}
	}
	r, _, ok := s.character()
	if !ok {
		return false
	}
	if unicode.IsLetter(r) || r == '_' || r == '$' {
		return s.badToken(wantToken)
	}
	return s.unexpected(wantValue)
}

// badToken reports the word at pos.
func (s *scanner) badToken(want string) bool {
	end := s.wordEnd()
	return s.fail(end, "Unrecognized token '%s': was expecting %s", shortened(s.buf[s.pos:end]), want)
}

func (s *scanner) wordEnd() int {
	end := s.pos
	for end < len(s.buf) {
		r, size := utf8.DecodeRune(s.buf[end:])
		if r == utf8.RuneError || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '$' {
			break
		}
		end += size
	}
	return end
}

// endInside reports that the record ends where an entry or its end should follow.
func (s *scanner) endInside(c container, start int) bool {
	return s.fail(len(s.buf), "Unexpected end-of-input: expected close marker for %s (start marker at %s)", c.title(), s.place(start))
}

func (s *scanner) endBetween(c container) bool {
	return s.fail(len(s.buf), "Unexpected end-of-input within/between %s entries", c)
}

// badSeparator reports what stands where a comma or the end of c should.
func (s *scanner) badSeparator(c container, start int) bool {
	b := s.buf[s.pos]
	if b == '}' || b == ']' {
		want := map[container]byte{inObject: '}', inArray: ']'}[c]
		return s.fail(s.pos+1, "Unexpected close marker '%c': expected '%c' (for %s starting at %s)", b, want, c.title(), s.place(start))
	}
	return s.unexpected("was expecting comma to separate " + string(c) + " entries")
}

func (s *scanner) tooDeep() bool {
	return s.fail(s.pos, "Document nesting depth (%d) exceeds the maximum allowed (%d)", depthLimit+1, depthLimit)
}
