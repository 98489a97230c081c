package terraform

import (
	"fmt"
	"strings"
	"unicode"
)

// quote gives a string as HCL has it. Firehose's !{…} needs no escape; ${…} and %{…} do.
func quote(s string) string { return `"` + escape(s) + `"` }

// escape is quote without the quotes, for a text that stands in one.
func escape(s string) string {
	var b strings.Builder
	for i, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case (c == '$' || c == '%') && strings.HasPrefix(s[i+1:], "{"):
			b.WriteRune(c)
			b.WriteRune(c)
		case !unicode.IsPrint(c) && c <= 0xFFFF:
			fmt.Fprintf(&b, `\u%04x`, c)
		case !unicode.IsPrint(c):
			fmt.Fprintf(&b, `\U%08x`, c)
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// commentWidth is how long the lines of a comment may be.
const commentWidth = 110

// comment wraps a text into lines of a comment, the first of which begins with first and all others with rest.
func comment(first, rest, text string) string {
	var lines []string
	line := first
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > commentWidth && strings.TrimSpace(line) != strings.TrimSpace(rest) {
			lines = append(lines, strings.TrimRight(line, " "))
			line = rest
		}
		if !strings.HasSuffix(line, " ") {
			line += " "
		}
		line += word
	}
	return strings.Join(append(lines, line), "\n")
}

// enumerate gives "a, b and c".
func enumerate(words []string) string {
	switch n := len(words); n {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
}

// identifiers gives names as HCL identifiers, each its own.
type identifiers map[string]bool

func (ids identifiers) of(name string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(name) {
		if 'a' <= c && c <= 'z' || '0' <= c && c <= '9' {
			b.WriteRune(c)
		} else {
			b.WriteByte('_')
		}
	}
	id := strings.Trim(b.String(), "_")
	if id == "" || id[0] <= '9' {
		id = "_" + id
	}
	unique := id
	for n := 2; ids[unique]; n++ {
		unique = fmt.Sprintf("%s_%d", id, n)
	}
	ids[unique] = true
	return unique
}
