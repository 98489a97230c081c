package native

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonWriter writes values as Trino does: without blanks, floating-point numbers as Java writes them.
type jsonWriter struct {
	dst    []byte
	sorted bool // keys in order, of equal ones the last
	raw    bool // characters beyond 16 bits as they are, not as escaped surrogates
	unique bool // of equal keys the last, at the place of the first
	limit  bool // the nesting was too deep
}

// JSONText writes a text as JSON.
func JSONText(s string) string {
	var w jsonWriter
	w.string(s)
	return string(w.dst)
}

// value writes the value of which the token is read.
func (w *jsonWriter) value(r *jsonReader, k jsonKind) {
	if len(r.open) > jsonWriteDepthMax {
		w.limit = true
		r.fail()
		return
	}
	switch k {
	case jsonObject:
		if w.sorted || w.unique {
			w.members(r)
			return
		}
		w.dst = append(w.dst, '{')
		for first := true; ; first = false {
			key, ok := r.key()
			if !ok {
				break
			}
			if !first {
				w.dst = append(w.dst, ',')
			}
			w.string(key)
			w.dst = append(w.dst, ':')
			w.value(r, r.next())
		}
		w.dst = append(w.dst, '}')
	case jsonArray:
		w.dst = append(w.dst, '[')
		for first := true; ; first = false {
			k := r.next()
			if k == jsonClose || r.failed {
				break
			}
			if !first {
				w.dst = append(w.dst, ',')
			}
			w.value(r, k)
		}
		w.dst = append(w.dst, ']')
	case jsonString:
		w.string(r.decoded())
	case jsonInteger:
		w.integer(r.raw)
	case jsonReal:
		w.dst = appendJSONFloat(w.dst, r.raw)
	default:
		w.dst = append(w.dst, r.raw...)
	}
}

// members writes an object whose keys must not repeat.
func (w *jsonWriter) members(r *jsonReader) {
	type member struct{ key, value string }
	var list []member
	at := map[string]int{}
	for {
		key, ok := r.key()
		if !ok {
			break
		}
		inner := jsonWriter{sorted: w.sorted, raw: w.raw, unique: w.unique}
		inner.value(r, r.next())
		w.limit = w.limit || inner.limit
		if i, seen := at[key]; seen {
			list[i].value = string(inner.dst)
			continue
		}
		at[key] = len(list)
		list = append(list, member{key, string(inner.dst)})
	}
	if w.sorted {
		slices.SortFunc(list, func(a, b member) int { return compareUTF16(a.key, b.key) })
	}
	w.dst = append(w.dst, '{')
	for i, m := range list {
		if i > 0 {
			w.dst = append(w.dst, ',')
		}
		w.string(m.key)
		w.dst = append(append(w.dst, ':'), m.value...)
	}
	w.dst = append(w.dst, '}')
}

// compareUTF16 compares texts as Java does: characters beyond 16 bits come before those from U+E000 on.
func compareUTF16(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if x, y := a[i], b[i]; x != y {
			if (x >= 0xF0) != (y >= 0xF0) && min(x, y) >= 0xEE {
				return compare(int64(y), int64(x))
			}
			return compare(int64(x), int64(y))
		}
	}
	return compare(int64(len(a)), int64(len(b)))
}

func (w *jsonWriter) integer(text string) {
	if text == "-0" {
		text = "0"
	}
	w.dst = append(w.dst, text...)
}

// appendJSONFloat writes a number that has a fraction or an exponent; one beyond a double's range is a text.
func appendJSONFloat(dst []byte, text string) []byte {
	v, _ := strconv.ParseFloat(text, 64)
	if math.IsInf(v, 0) {
		dst = append(dst, '"')
		if v < 0 {
			dst = append(dst, '-')
		}
		return append(dst, `Infinity"`...)
	}
	return append(dst, javaDouble(v)...)
}

const upperHex = "0123456789ABCDEF"

func (w *jsonWriter) string(s string) {
	w.dst = append(w.dst, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\':
			w.dst = append(w.dst, c)
			i++
			continue
		case c < utf8.RuneSelf:
			w.dst = append(w.dst, '\\')
			if short := strings.IndexByte("\"\\\b\f\n\r\t", c); short >= 0 {
				w.dst = append(w.dst, `"\bfnrt`[short])
			} else {
				w.dst = append(w.dst, 'u', '0', '0', upperHex[c>>4], upperHex[c&15])
			}
			i++
			continue
		}
		if lone, ok := loneSurrogate(s[i:]); ok {
			if w.raw {
				w.dst = append(w.dst, '?')
			} else {
				w.escape(lone)
			}
			i += 3
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if i += n; r <= 0xFFFF || w.raw {
			w.dst = utf8.AppendRune(w.dst, r)
			continue
		}
		high, low := utf16.EncodeRune(r)
		w.escape(high)
		w.escape(low)
	}
	w.dst = append(w.dst, '"')
}

func (w *jsonWriter) escape(r rune) {
	w.dst = append(w.dst, '\\', 'u', upperHex[r>>12], upperHex[r>>8&15], upperHex[r>>4&15], upperHex[r&15])
}

// exponentText writes a double as Trino's cast to varchar does: 1.5E0.
func exponentText(f float64) string {
	text := javaDouble(f)
	switch {
	case strings.ContainsAny(text, "NIE"):
		return text
	case f == 0:
		return strings.TrimSuffix(text, ".0") + "E0"
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	e, _ := strconv.Atoi(exponent) // digits
	return mantissa + "E" + strconv.Itoa(e)
}

// withoutHalves gives JSON with a ? for each escape of a surrogate that stands alone, as a value of SQL has it.
func withoutHalves(text string) string {
	if !strings.Contains(text, `\uD`) && !strings.Contains(text, `\ud`) {
		return text
	}
	dst := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		n := 1
		if text[i] == '\\' && i+1 < len(text) {
			n = 2
		}
		if high, ok := hex4(text[min(i+2, len(text)):]); n == 2 && text[i+1] == 'u' && ok && utf16.IsSurrogate(high) {
			n = 6
			low, ok := rune(0), false
			if strings.HasPrefix(text[i+6:], `\u`) {
				low, ok = hex4(text[i+8:])
			}
			if !ok || utf16.DecodeRune(high, low) == utf8.RuneError {
				dst = append(dst, '?')
				i += n
				continue
			}
			n = 12
		}
		dst = append(dst, text[i:i+n]...)
		i += n
	}
	return string(dst)
}
