package shape

import (
	"bytes"

	"github.com/loglake/loglake/internal/jsontext"
)

// parseLogfmt reads key=value pairs with spaces between them. A value is bare up to the next space, or a JSON string in
// quotes; a bare number, true or false is one in JSON too. A line with anything else in it, such as a word without a "=",
// is prose and no logfmt.
func parseLogfmt(dst, line []byte) ([]byte, bool) {
	dst = append(dst, '{')
	pos := skipSpace(line, 0)
	if pos == len(line) {
		return dst, false
	}
	for first := true; pos < len(line); first = false {
		n := bytes.IndexAny(line[pos:], "= \t\"")
		if n <= 0 || line[pos+n] != '=' {
			return dst, false
		}
		if !first {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, line[pos:pos+n]), ':')
		var ok bool
		if dst, pos, ok = logfmtValue(dst, line, pos+n+1); !ok {
			return dst, false
		}
		pos = skipSpace(line, pos)
	}
	return append(dst, '}'), true
}

// logfmtValue appends the value at line[pos] and gives the position behind it.
func logfmtValue(dst, line []byte, pos int) ([]byte, int, bool) {
	if pos < len(line) && line[pos] == '"' {
		end := quoteEnd(line, pos)
		if end < 0 || end < len(line) && line[end] != ' ' && line[end] != '\t' {
			return dst, pos, false
		}
		if stringEnd(line, pos) == end {
			var short [256]byte
			return appendString(dst, jsontext.AppendUnescaped(short[:0], line[pos+1:end-1])), end, true
		}
		return appendString(dst, line[pos+1:end-1]), end, true // escapes that are not JSON's stay as they are
	}
	end := pos
	for end < len(line) && line[end] != ' ' && line[end] != '\t' {
		end++
	}
	return appendScalar(dst, line[pos:end]), end, bytes.IndexByte(line[pos:end], '"') < 0
}

// quoteEnd gives the position behind the closing quote of what is quoted at pos, -1 where there is none.
func quoteEnd(line []byte, pos int) int {
	for pos++; pos < len(line); pos++ {
		switch line[pos] {
		case '"':
			return pos + 1
		case '\\':
			pos++
		}
	}
	return -1
}

// appendScalar appends a number, true or false as such, and all else as a string.
func appendScalar(dst, text []byte) []byte {
	if isNumber(text) || string(text) == "true" || string(text) == "false" {
		return append(dst, text...)
	}
	return appendString(dst, text)
}
