package native

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON is read as far as a function needs, token by token, as Trino does: what is behind the value that it looks for may be
// malformed. Malformed text before it makes most functions give NULL.

// jsonKind is the kind of a token.
type jsonKind byte

const (
	jsonEnd jsonKind = iota // of the text
	jsonObject
	jsonArray
	jsonClose // of an object or array
	jsonString
	jsonInteger
	jsonReal
	jsonTrue
	jsonFalse
	jsonNull
)

func (k jsonKind) scalar() bool { return k >= jsonString }

// jsonReader reads tokens. Only one that is not failed gives any.
type jsonReader struct {
	text   string
	pos    int
	failed bool
	open   []byte // what is open: { or [
	more   bool   // a value was read in what is open, so that a comma must come

	bounded bool // deep nesting and long numbers are malformed, as they are for the SQL/JSON functions

	room [32]byte // of open
	raw  string   // of the last token: a number, or a string without its quotes
}

func newJSON(text string) *jsonReader {
	r := &jsonReader{text: text}
	r.open = r.room[:0]
	return r
}

func (r *jsonReader) fail() jsonKind {
	r.failed = true
	return jsonEnd
}

func (r *jsonReader) space() {
	for r.pos < len(r.text) {
		switch r.text[r.pos] {
		case ' ', '\t', '\n', '\r':
			r.pos++
		default:
			return
		}
	}
}

// next reads a value's token, or the end of what is open. In objects the key is read by key.
func (r *jsonReader) next() jsonKind {
	r.space()
	if r.failed || r.pos == len(r.text) {
		if len(r.open) > 0 {
			return r.fail()
		}
		return jsonEnd
	}
	if n := len(r.open); n > 0 && r.open[n-1] == '[' {
		if r.text[r.pos] == ']' {
			return r.close()
		}
		if !r.comma() {
			return r.fail()
		}
	}
	return r.value()
}

// comma goes over the comma before all but the first value of what is open.
func (r *jsonReader) comma() bool {
	if r.more {
		if r.text[r.pos] != ',' {
			return false
		}
		r.pos++
		r.space()
	}
	r.more = true
	return r.pos < len(r.text)
}

func (r *jsonReader) close() jsonKind {
	r.pos++
	r.open = r.open[:len(r.open)-1]
	r.more = true
	return jsonClose
}

// key reads the key of the next member of the object that is open; ok is false at its end. The key is decoded.
func (r *jsonReader) key() (key string, ok bool) {
	r.space()
	switch {
	case r.failed || r.pos == len(r.text):
		r.fail()
		return "", false
	case r.text[r.pos] == '}':
		r.close()
		return "", false
	case !r.comma() || r.text[r.pos] != '"' || r.string() == jsonEnd:
		r.fail()
		return "", false
	}
	key = r.decoded()
	if r.space(); r.pos == len(r.text) || r.text[r.pos] != ':' {
		r.fail()
		return "", false
	}
	r.pos++
	return key, true
}

func (r *jsonReader) value() jsonKind {
	switch c := r.text[r.pos]; {
	case c == '{', c == '[':
		r.pos++
		r.open = append(r.open, c)
		if r.bounded && len(r.open) > boundedMax {
			return r.fail()
		}
		r.more = false
		if c == '{' {
			return jsonObject
		}
		return jsonArray
	case c == '"':
		return r.string()
	case c == '-' || isDigit(c):
		return r.number()
	case c == 't':
		return r.word("true", jsonTrue)
	case c == 'f':
		return r.word("false", jsonFalse)
	case c == 'n':
		return r.word("null", jsonNull)
	}
	return r.fail()
}

func (r *jsonReader) word(text string, k jsonKind) jsonKind {
	rest := r.text[r.pos:]
	if !strings.HasPrefix(rest, text) || len(rest) > len(text) && identifierPart(rest[len(text):]) {
		return r.fail()
	}
	r.pos += len(text)
	r.raw = text
	return k
}

func identifierPart(rest string) bool {
	c := rest[0]
	return c >= utf8.RuneSelf || isLetter(c) || isDigit(c) || c == '_' || c == '$'
}

// string goes over a string and holds it against the grammar.
func (r *jsonReader) string() jsonKind {
	start := r.pos + 1
	if n := strings.IndexByte(r.text[start:], '"'); n >= 0 && plainText(r.text[start:start+n]) {
		r.raw, r.pos = r.text[start:start+n], start+n+1
		return jsonString
	}
	for i := start; i < len(r.text); i++ {
		switch c := r.text[i]; {
		case c == '"':
			r.raw, r.pos = r.text[start:i], i+1
			return jsonString
		case c < ' ':
			return r.fail()
		case c == '\\':
			if i++; i == len(r.text) {
				return r.fail()
			}
			if r.text[i] == 'u' {
				if _, ok := hex4(r.text[i+1:]); !ok {
					return r.fail()
				}
				i += 4
			} else if strings.IndexByte(`"\/bfnrt`, r.text[i]) < 0 {
				return r.fail()
			}
		}
	}
	return r.fail()
}

// plainText tells whether a text has neither control characters nor a backslash, eight bytes at a time.
func plainText(s string) bool {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for ; len(s) >= 8; s = s[8:] {
		v := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		slash := v ^ ones*'\\'
		if ((v-ones*' ')&^v|(slash-ones)&^slash)&high != 0 {
			return false
		}
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] == '\\' {
			return false
		}
	}
	return true
}

func hex4(text string) (rune, bool) {
	if len(text) < 4 {
		return 0, false
	}
	var v rune
	for i := range 4 {
		switch c := text[i]; {
		case isDigit(c):
			v = v<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			v = v<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return v, true
}

const boundedMax = 1000

func (r *jsonReader) number() jsonKind {
	i, k := r.pos, jsonInteger
	digits := func() bool {
		start := i
		for i < len(r.text) && isDigit(r.text[i]) {
			i++
		}
		return i > start
	}
	if r.text[i] == '-' {
		i++
	}
	first := i
	if !digits() || r.text[first] == '0' && i > first+1 {
		return r.fail()
	}
	if i < len(r.text) && r.text[i] == '.' {
		i++
		if k = jsonReal; !digits() {
			return r.fail()
		}
	}
	if i < len(r.text) && r.text[i]|0x20 == 'e' {
		i++
		if i < len(r.text) && (r.text[i] == '+' || r.text[i] == '-') {
			i++
		}
		if k = jsonReal; !digits() {
			return r.fail()
		}
	}
	if len(r.open) == 0 && i < len(r.text) && strings.IndexByte(" \t\n\r", r.text[i]) < 0 {
		return r.fail()
	}
	if r.bounded && i-first > boundedMax {
		return r.fail()
	}
	r.raw, r.pos = r.text[r.pos:i], i
	return k
}

// skip goes over the rest of a value of which the token is read.
func (r *jsonReader) skip(k jsonKind) {
	if k != jsonObject && k != jsonArray {
		return
	}
	for depth := len(r.open); len(r.open) >= depth && !r.failed; {
		if r.open[len(r.open)-1] == '{' {
			if _, ok := r.key(); !ok {
				continue
			}
		}
		r.next()
	}
}

// decoded gives the last string. A surrogate that stands alone stays one, in three bytes; plain makes a ? of it.
func (r *jsonReader) decoded() string {
	i := strings.IndexByte(r.raw, '\\')
	if i < 0 {
		return r.raw
	}
	dst := append(make([]byte, 0, len(r.raw)), r.raw[:i]...)
	for text := r.raw; i < len(text); i++ {
		if text[i] != '\\' {
			dst = append(dst, text[i])
			continue
		}
		i++
		if text[i] != 'u' {
			dst = append(dst, jsonEscapes[text[i]])
			continue
		}
		c, _ := hex4(text[i+1:])
		i += 4
		if utf16.IsSurrogate(c) && strings.HasPrefix(text[i+1:], `\u`) {
			if low, _ := hex4(text[i+3:]); utf16.DecodeRune(c, low) != utf8.RuneError {
				c = utf16.DecodeRune(c, low)
				i += 6
			}
		}
		if utf16.IsSurrogate(c) {
			dst = append(dst, byte(0xE0|c>>12), byte(0x80|c>>6&0x3F), byte(0x80|c&0x3F))
			continue
		}
		dst = utf8.AppendRune(dst, c)
	}
	return string(dst)
}

var jsonEscapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// loneSurrogate tells whether text begins with a surrogate that stands alone.
func loneSurrogate(text string) (rune, bool) {
	if len(text) < 3 || text[0] != 0xED || text[1] < 0xA0 {
		return 0, false
	}
	return 0xD000 | rune(text[1]&0x3F)<<6 | rune(text[2]&0x3F), true
}

// plain gives a decoded string as a text.
func plain(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for s != "" {
		if _, ok := loneSurrogate(s); ok {
			b.WriteByte('?')
			s = s[3:]
			continue
		}
		r, n := utf8.DecodeRuneInString(s)
		b.WriteRune(r)
		s = s[n:]
	}
	return b.String()
}

// scalarText gives the text of a scalar: a string's characters, a number as it is written.
func (r *jsonReader) scalarText(k jsonKind) string {
	if k == jsonString {
		return plain(r.decoded())
	}
	return r.raw
}

// jsonWriteDepthMax bounds the nesting of what is written, which is done by recursion.
const jsonWriteDepthMax = 10_000
