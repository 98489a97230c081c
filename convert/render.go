package convert

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/loglake/loglake/internal/jsontext"
)

// renderer copies a JSON value without the white space between tokens, keys lower-cased where lower is set. Everything
// else keeps its spelling: escapes, numbers, the order of keys, keys that come twice.
type renderer struct {
	scan  *scanner
	out   []byte
	lower bool
}

func (r *renderer) value(depth int) bool {
	s := r.scan
	switch s.buf[s.pos] {
	case '{':
		return r.object(depth + 1)
	case '[':
		return r.array(depth + 1)
	}
	start := s.pos
	if !s.skip(depth) {
		return false
	}
	r.out = append(r.out, s.buf[start:s.pos]...)
	return true
}

func (r *renderer) object(depth int) bool {
	s := r.scan
	if depth > depthLimit {
		return s.tooDeep()
	}
	start := s.pos
	s.pos++
	r.out = append(r.out, '{')
	if s.space() == '}' {
		s.pos++
		r.out = append(r.out, '}')
		return true
	}
	for {
		name, escaped, ok := s.name()
		if !ok {
			return false
		}
		r.name(name, escaped)
		if !r.value(depth) {
			return false
		}
		more, ok := s.separator(inObject, start)
		if !ok {
			return false
		}
		if !more {
			r.out = append(r.out, '}')
			return true
		}
		r.out = append(r.out, ',')
	}
}

// name copies a field name and a colon.
func (r *renderer) name(name []byte, escaped bool) {
	r.out = append(r.out, '"')
	from := len(r.out)
	switch {
	case !r.lower:
		r.out = append(r.out, name...)
	case escaped || !ascii(name):
		lower := strings.ToLower(string(jsontext.AppendUnescaped(nil, name)))
		r.out = appendEscaped(r.out, lower)
	default:
		r.out = append(r.out, name...)
		for i, c := range r.out[from:] {
			if c >= 'A' && c <= 'Z' {
				r.out[from+i] = c | 0x20
			}
		}
	}
	r.out = append(r.out, '"', ':')
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// appendEscaped appends the content of a JSON string.
func appendEscaped(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < 0x10:
			dst = append(append(dst, `\u000`...), strconv.FormatUint(uint64(c), 16)...)
		case c < ' ':
			dst = append(append(dst, `\u00`...), strconv.FormatUint(uint64(c), 16)...)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

func (r *renderer) array(depth int) bool {
	s := r.scan
	if depth > depthLimit {
		return s.tooDeep()
	}
	start := s.pos
	s.pos++
	r.out = append(r.out, '[')
	if s.space() == ']' {
		s.pos++
		r.out = append(r.out, ']')
		return true
	}
	for {
		if s.space() == 0 {
			return s.endBetween(inArray)
		}
		if !r.value(depth) {
			return false
		}
		more, ok := s.separator(inArray, start)
		if !ok {
			return false
		}
		if !more {
			r.out = append(r.out, ']')
			return true
		}
		r.out = append(r.out, ',')
	}
}
