package dialecttest

import (
	"strings"
)

// TrinoSQL gives the text that means on a Trino what sql means on Athena: 1.5 is a double there and a decimal in Trino.
// inserted are the byte offsets of sql before which the exponent was put, two bytes each.
func TrinoSQL(sql string) (text string, inserted []int) {
	var out strings.Builder
	for i := 0; i < len(sql); {
		n, decimal := token(sql[i:])
		out.WriteString(sql[i : i+n])
		i += n
		if decimal {
			out.WriteString("e0")
			inserted = append(inserted, i)
		}
	}
	return out.String(), inserted
}

// token gives the length of what begins a text, and whether it is a number with a point and without an exponent.
func token(s string) (n int, decimal bool) {
	switch c := s[0]; {
	case c == '\'' || c == '"':
		if end := strings.IndexByte(s[1:], c); end >= 0 {
			return end + 2, false // a doubled quote begins the next one
		}
		return len(s), false
	case strings.HasPrefix(s, "--"):
		return through(s, "\n"), false
	case strings.HasPrefix(s, "/*"):
		return through(s, "*/"), false
	case letter(c):
		return span(s, func(c byte) bool { return letter(c) || digit(c) }), false
	case digit(c) || c == '.' && len(s) > 1 && digit(s[1]):
		return number(s)
	}
	return 1, false
}

func number(s string) (n int, decimal bool) {
	n = span(s, func(c byte) bool { return letter(c) || digit(c) || c == '.' })
	text := strings.ToLower(s[:n])
	if strings.HasPrefix(text, "0x") || strings.HasPrefix(text, "0b") || strings.HasPrefix(text, "0o") {
		return n, false
	}
	if strings.HasSuffix(text, "e") && n < len(s) && (s[n] == '-' || s[n] == '+') {
		return n + 1 + span(s[n+1:], digit), false
	}
	return n, strings.Contains(text, ".") && !strings.Contains(text, "e")
}

func through(s, end string) int {
	if i := strings.Index(s, end); i >= 0 {
		return i + len(end)
	}
	return len(s)
}

func span(s string, in func(byte) bool) int {
	n := 0
	for n < len(s) && in(s[n]) {
		n++
	}
	return n
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= 0x80 }
