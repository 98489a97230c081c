package pattern

import (
	"encoding/binary"
	"math/bits"

	"github.com/loglake/loglake/internal/jsontext"
)

// The functions of this file walk JSON text and check it as strictly as encoding/json does. Each takes the position of
// a value and gives the position after it, -1 where the text is not JSON.

// jsonDepthMax is how deep values may nest, as in encoding/json.
const jsonDepthMax = 10000

func skipBlank(text []byte, i int) int {
	for i < len(text) {
		switch text[i] {
		case ' ', '\t', '\r', '\n':
			i++
		default:
			return i
		}
	}
	return i
}

func skipValue(text []byte, i, depth int) int {
	if i >= len(text) {
		return -1
	}
	switch text[i] {
	case '"':
		end, _ := skipString(text, i)
		return end
	case '{':
		return skipContainer(text, i, depth+1, '}')
	case '[':
		return skipContainer(text, i, depth+1, ']')
	case 't', 'f', 'n':
		return skipWord(text, i)
	}
	return skipNumber(text, i)
}

// skipContainer walks an object or an array, as its closing byte says.
func skipContainer(text []byte, i, depth int, closing byte) int {
	if depth > jsonDepthMax {
		return -1
	}
	i = skipBlank(text, i+1)
	if i < len(text) && text[i] == closing {
		return i + 1
	}
	for {
		if closing == '}' {
			if i >= len(text) || text[i] != '"' {
				return -1
			}
			end, _ := skipString(text, i)
			if end < 0 {
				return -1
			}
			if end = skipBlank(text, end); end >= len(text) || text[end] != ':' {
				return -1
			}
			i = skipBlank(text, end+1)
		}
		if i = skipValue(text, i, depth); i < 0 {
			return -1
		}
		if i = skipBlank(text, i); i >= len(text) {
			return -1
		}
		switch text[i] {
		case closing:
			return i + 1
		case ',':
			i = skipBlank(text, i+1)
		default:
			return -1
		}
	}
}

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// skipString walks a string, eight bytes at a time while none of them is special, and tells whether it has escapes.
func skipString(text []byte, i int) (end int, escaped bool) {
	i++
	for {
		for i+8 <= len(text) {
			w := binary.LittleEndian.Uint64(text[i:])
			quotes, slashes := w^lowBits*'"', w^lowBits*'\\'
			special := ((w - lowBits*' ') &^ w) | ((quotes - lowBits) &^ quotes) | ((slashes - lowBits) &^ slashes)
			if special &= highBits; special != 0 {
				i += bits.TrailingZeros64(special) / 8 // the lowest one is never a borrow's
				break
			}
			i += 8
		}
		if i >= len(text) {
			return -1, false
		}
		switch c := text[i]; {
		case c == '"':
			return i + 1, escaped
		case c == '\\':
			escaped = true
			n := skipEscape(text[i+1:])
			if n == 0 {
				return -1, false
			}
			i += 1 + n
		case c < ' ':
			return -1, false
		default:
			i++
		}
	}
}

// skipEscape gives the length of what follows a backslash, 0 where it is no escape.
func skipEscape(rest []byte) int {
	if len(rest) == 0 {
		return 0
	}
	switch rest[0] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 1
	case 'u':
		if jsontext.Hex4(rest[1:]) >= 0 {
			return 5
		}
	}
	return 0
}

func skipWord(text []byte, i int) int {
	for _, word := range [...]string{"true", "false", "null"} {
		if end := i + len(word); end <= len(text) && string(text[i:end]) == word {
			return end
		}
	}
	return -1
}

func skipNumber(text []byte, i int) int {
	if i < len(text) && text[i] == '-' {
		i++
	}
	switch {
	case i >= len(text) || text[i] < '0' || text[i] > '9':
		return -1
	case text[i] == '0':
		i++
	default:
		i = skipDigits(text, i)
	}
	if i < len(text) && text[i] == '.' {
		if i = skipDigits(text, i+1); i < 0 {
			return -1
		}
	}
	if i < len(text) && (text[i] == 'e' || text[i] == 'E') {
		if i++; i < len(text) && (text[i] == '+' || text[i] == '-') {
			i++
		}
		i = skipDigits(text, i)
	}
	return i
}

// skipDigits walks at least one digit.
func skipDigits(text []byte, i int) int {
	start := i
	for i < len(text) && text[i]-'0' <= 9 {
		i++
	}
	if i == start {
		return -1
	}
	return i
}
