package native

import (
	"strings"
	"unicode/utf8"
)

// fromUTF8 reads bytes as text, with the replacement for what is none. A lead byte takes the continuation bytes that it
// announces with it.
func fromUTF8(b []byte, replacement string) string {
	if utf8.Valid(b) {
		return string(b)
	}
	return decodeUTF8(b, replacement, func(b []byte) int {
		announced := 1
		switch c := b[0]; {
		case c >= 0xFE || c < 0xC0:
		case c >= 0xFC:
			announced = 6
		case c >= 0xF8:
			announced = 5
		case c >= 0xF0:
			announced = 4
		case c >= 0xE0:
			announced = 3
		default:
			announced = 2
		}
		return continuation(b, announced)
	})
}

// javaUTF8 reads bytes as Java's decoder does: the longest beginning of a character is replaced as one, a surrogate too.
func javaUTF8(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	return decodeUTF8(b, "\uFFFD", func(b []byte) int {
		low, high, announced := byte(0x80), byte(0xBF), 1
		switch c := b[0]; {
		case c >= 0xC2 && c <= 0xDF:
			announced = 2
		case c >= 0xE0 && c <= 0xEF:
			announced = 3
			if c == 0xE0 {
				low = 0xA0
			}
		case c >= 0xF0 && c <= 0xF4:
			announced = 4
			if c == 0xF0 {
				low = 0x90
			}
			if c == 0xF4 {
				high = 0x8F
			}
		}
		if announced == 1 || len(b) < 2 || b[1] < low || b[1] > high {
			return 1
		}
		return continuation(b, announced)
	})
}

// continuation counts the first byte and the continuation bytes behind it, at most n in all.
func continuation(b []byte, n int) int {
	i := 1
	for i < n && i < len(b) && b[i]&0xC0 == 0x80 {
		i++
	}
	return i
}

// decodeUTF8 replaces what is no UTF-8; broken tells how many bytes are replaced as one.
func decodeUTF8(b []byte, replacement string, broken func([]byte) int) string {
	var out strings.Builder
	for len(b) > 0 {
		_, n := utf8.DecodeRune(b)
		if n == 1 && b[0] >= utf8.RuneSelf {
			out.WriteString(replacement)
			b = b[broken(b):]
			continue
		}
		out.Write(b[:n])
		b = b[n:]
	}
	return out.String()
}

// replacementOf checks what from_utf8 is to put for broken bytes.
func replacementOf(text string) error {
	if utf8.RuneCountInString(text) > 1 {
		return invalid("Replacement character string must empty or a single character")
	}
	return nil
}
