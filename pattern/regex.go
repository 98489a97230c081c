package pattern

import (
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
)

// regex is a %…% of the pattern language: a small, ASCII-only dialect without groups, searched for anywhere in a text.
type regex struct {
	*regexp.Regexp
	source string // between the percent signs, as written
}

func (r *regex) String() string { return "%" + r.source + "%" }

// The characters that may stand in a regex unescaped, besides letters and digits.
const (
	regexPlain     = ":_#=@/;,- "
	regexOperators = `^$?[]{}|\*+.`
)

// parseRegex reads %…%. A percent sign can't stand in a regex but as \x25.
func parseRegex(c *cursor) (*regex, error) {
	c.pos++
	n := strings.IndexByte(c.text[c.pos:], '%')
	if n < 0 {
		return nil, c.fail("a regular expression begins with %% and has no closing %%")
	}
	source := c.text[c.pos : c.pos+n]
	if source == "" {
		return nil, c.fail("a regular expression is empty")
	}
	translated, err := translateRegex(c, source)
	if err != nil {
		return nil, err
	}
	re, reErr := regexp.Compile(translated)
	if reErr == nil && instructions(translated) > regexInstructionsMax {
		return nil, c.fail("the regular expression %%%s%% is too large; use smaller repeats", source)
	}
	if reErr != nil {
		return nil, c.fail("the regular expression %%%s%% is wrong: %s", source, strings.TrimPrefix(reErr.Error(), "error parsing regexp: "))
	}
	c.pos += n + 1
	c.regexes++
	return &regex{Regexp: re, source: source}, nil
}

// regexInstructionsMax bounds a compiled regex: each byte of a message may cost as many steps.
const regexInstructionsMax = 2000

// instructions is the size of a regex that compiles.
func instructions(translated string) int {
	tree, err := syntax.Parse(translated, syntax.Perl)
	if err != nil {
		return 0
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return 0
	}
	return len(program.Inst)
}

// translateRegex writes the dialect in Go's: {,n} gets its zero, \s is blank, tab and newline only, a brace that is no
// repeat and a bracket inside a class stand for themselves.
func translateRegex(c *cursor, source string) (string, error) {
	var out strings.Builder
	class := -1 // position after the '[' (and '^') of the class we are in
	for i := 0; i < len(source); i++ {
		ch := source[i]
		switch {
		case ch == '\\':
			n, text := regexEscape(source[i+1:], class >= 0)
			if n == 0 {
				return "", c.fail("the escape at %q in a regular expression is not one of \\d \\D \\s \\S \\w \\W \\xhh and escaped punctuation", source[i:])
			}
			out.WriteString(text)
			i += n
		case class >= 0 && ch == ']' && i > class:
			class = -1
			out.WriteByte(ch)
		case class >= 0 && ch == '[', class >= 0 && ch == ']':
			out.WriteString(`\` + string(ch))
		case ch == '[':
			out.WriteByte(ch)
			class = i + 1
			if strings.HasPrefix(source[i+1:], "^") {
				out.WriteByte('^')
				i++
				class++
			}
		case ch == '{' && class < 0:
			n, text := regexRepeat(source[i:])
			out.WriteString(text)
			i += n - 1
		case isAlphanumeric(ch), strings.IndexByte(regexPlain+regexOperators, ch) >= 0:
			out.WriteByte(ch)
		default:
			return "", c.fail("%q can't stand in a regular expression; groups, look-around and characters beyond ASCII are not allowed", source[i:])
		}
	}
	return out.String(), nil
}

// regexEscape translates what follows a backslash and tells its length, 0 where it is not allowed.
func regexEscape(rest string, inClass bool) (n int, text string) {
	if rest == "" {
		return 0, ""
	}
	switch ch := rest[0]; {
	case strings.IndexByte("dDwW", ch) >= 0:
		return 1, `\` + rest[:1]
	case ch == 's' && inClass:
		return 1, ` \t\n`
	case ch == 's':
		return 1, `[ \t\n]`
	case ch == 'S' && inClass:
		return 1, `\x00-\x08\x0b-\x1f\x21-\x{10FFFF}`
	case ch == 'S':
		return 1, `[^ \t\n]`
	case ch == 'x':
		if len(rest) < 3 {
			return 0, ""
		}
		if _, err := strconv.ParseUint(rest[1:3], 16, 8); err != nil {
			return 0, ""
		}
		return 3, `\` + rest[:3]
	case ch > ' ' && ch < 0x7f && !isAlphanumeric(ch):
		return 1, regexp.QuoteMeta(rest[:1])
	}
	return 0, ""
}

var regexRepeatForm = regexp.MustCompile(`^\{(\d*)(,?)(\d*)\}`)

// regexRepeat translates {m}, {m,}, {,n} and {m,n}, and a brace that begins none of them.
func regexRepeat(rest string) (n int, text string) {
	m := regexRepeatForm.FindStringSubmatch(rest)
	if m == nil || m[1] == "" && m[3] == "" {
		return 1, `\{`
	}
	low := m[1]
	if low == "" {
		low = "0"
	}
	return len(m[0]), "{" + low + m[2] + m[3] + "}"
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}
