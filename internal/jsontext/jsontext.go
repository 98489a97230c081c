// Package jsontext has the one thing that every scanner of JSON text in loglake needs and encoding/json does not offer
// without allocating: the content of a string, with its escapes resolved, appended to a buffer. Three packages scan JSON
// by hand, each in its own way because each wants something else of it: api/logsapi takes a put apart, pattern looks for
// the values of a few paths, convert fills columns. They share this.
package jsontext

import (
	"unicode/utf16"
	"unicode/utf8"
)

// Hex4 reads four hexadecimal digits at the start of text; -1 where they are not there.
func Hex4(text []byte) rune {
	if len(text) < 4 {
		return -1
	}
	var r rune
	for _, c := range text[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}

// AppendUnescaped appends what the content of a JSON string (without its quotes) stands for. The content must be that of
// a valid string. Half of a surrogate pair becomes U+FFFD, as encoding/json has it.
func AppendUnescaped(dst, content []byte) []byte {
	for i := 0; i < len(content); i++ {
		if content[i] != '\\' {
			dst = append(dst, content[i])
			continue
		}
		i++
		switch c := content[i]; c {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r := Hex4(content[i+1:])
			i += 4
			if utf16.IsSurrogate(r) {
				var low rune = -1
				if i+2 < len(content) && content[i+1] == '\\' && content[i+2] == 'u' {
					low = Hex4(content[i+3:])
				}
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					i += 6
				}
			}
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
