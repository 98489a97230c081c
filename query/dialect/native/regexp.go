package native

import (
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/loglake/loglake/query/dialect/internal/joni"
)

// patternsMax is how many patterns a database remembers for each function.
const patternsMax = 200

// patterns are compiled patterns by their text. All of them are forgotten when there are too many.
type patterns struct {
	mu    sync.Mutex
	known map[string]compiled
}

type compiled struct {
	re  *joni.Regexp
	err error
}

func (p *patterns) compile(text string) (*joni.Regexp, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.known[text]
	if !ok {
		if c.re, c.err = joni.Compile(text); c.err != nil {
			c.err = regexpError(c.err)
		}
		if p.known == nil || len(p.known) >= patternsMax {
			p.known = map[string]compiled{}
		}
		p.known[text] = c
	}
	return c.re, c.err
}

func regexpError(err error) error {
	if e, ok := err.(*joni.Error); ok && !e.Unsupported {
		return &Error{Code: codeArgument, Message: e.Message}
	}
	return &Error{Code: codeLimit, Message: err.Error()}
}

// regexpFunction makes a function of a text, a pattern, and more.
func regexpFunction(name string, more []string, result string, call func(s string, re *joni.Regexp, args []any) (any, error)) Function {
	return Function{Name: name, Params: append([]string{"VARCHAR", "VARCHAR"}, more...), Result: result, Make: func() func(args []any) (any, error) {
		var p patterns
		return func(args []any) (any, error) {
			re, err := p.compile(args[1].(string))
			if err != nil {
				return nil, err
			}
			return call(args[0].(string), re, args[2:])
		}
	}}
}

func regexpFunctions() []Function {
	group := []string{"BIGINT"}
	return []Function{
		regexpFunction("loglake_regexp_like", nil, "BOOLEAN", func(s string, re *joni.Regexp, _ []any) (any, error) {
			m, err := match(re, s, 0)
			return m != nil, err
		}),
		regexpFunction("loglake_regexp_extract", group, "VARCHAR", regexpExtract),
		regexpFunction("loglake_regexp_extract_all", group, "VARCHAR[]", regexpExtractAll),
		regexpFunction("loglake_regexp_replace", []string{"VARCHAR"}, "VARCHAR", regexpReplace),
		regexpFunction("loglake_regexp_pieces", nil, "VARCHAR[][]", regexpPieces),
		regexpFunction("loglake_regexp_split", nil, "VARCHAR[]", regexpSplit),
		regexpFunction("loglake_regexp_count", nil, "BIGINT", func(s string, re *joni.Regexp, _ []any) (any, error) {
			n := int64(0)
			err := matches(re, s, func([]int) error { n++; return nil })
			return n, err
		}),
		regexpFunction("loglake_regexp_position", []string{"BIGINT", "BIGINT"}, "BIGINT", regexpPosition),
	}
}

func match(re *joni.Regexp, s string, from int) ([]int, error) {
	m, err := re.Match(s, from)
	if err != nil {
		return nil, regexpError(err)
	}
	return m, nil
}

// matches goes over all matches. After one without a character the search goes on a character further.
func matches(re *joni.Regexp, s string, each func(m []int) error) error {
	for from := 0; from <= len(s); {
		m, err := match(re, s, from)
		if err != nil || m == nil {
			return err
		}
		if err := each(m); err != nil {
			return err
		}
		from = after(s, m)
	}
	return nil
}

// after gives where to look for the next match.
func after(s string, m []int) int {
	if m[1] > m[0] {
		return m[1]
	}
	_, n := utf8.DecodeRuneInString(s[m[1]:])
	return m[1] + max(n, 1)
}

func groupText(s string, m []int, group int) any {
	if m[2*group] < 0 || m[2*group+1] < 0 {
		return nil
	}
	return s[m[2*group]:m[2*group+1]]
}

// checkedGroup gives the number of a group that there is.
func checkedGroup(re *joni.Regexp, group int64) (int, error) {
	if group < 0 {
		return 0, invalid("Group cannot be negative")
	}
	if group > int64(re.Groups()) {
		return 0, invalid("Pattern has %d groups. Cannot access group %d", re.Groups(), group)
	}
	return int(group), certain(re, int(group))
}

// certain refuses groups of which it is not known what Athena finds in them.
func certain(re *joni.Regexp, group int) error {
	if group == 0 || !re.Doubtful() {
		return nil
	}
	return &Error{Code: codeLimit, Message: "a group in a repetition of what may match nothing is not supported"}
}

func regexpExtract(s string, re *joni.Regexp, args []any) (any, error) {
	group, err := checkedGroup(re, args[0].(int64))
	if err != nil {
		return nil, err
	}
	m, err := match(re, s, 0)
	if m == nil || err != nil {
		return nil, err
	}
	return groupText(s, m, group), nil
}

func regexpExtractAll(s string, re *joni.Regexp, args []any) (any, error) {
	group, err := checkedGroup(re, args[0].(int64))
	if err != nil {
		return nil, err
	}
	list := []any{}
	err = matches(re, s, func(m []int) error {
		list = append(list, groupText(s, m, group))
		return nil
	})
	return list, err
}

func regexpSplit(s string, re *joni.Regexp, _ []any) (any, error) {
	list, last := []any{}, 0
	err := matches(re, s, func(m []int) error {
		list, last = append(list, s[last:m[0]]), m[1]
		return nil
	})
	return append(list, s[last:]), err
}

func regexpPosition(s string, re *joni.Regexp, args []any) (any, error) {
	start, occurrence := args[0].(int64), args[1].(int64)
	if start < 1 {
		return nil, invalid("start position cannot be smaller than 1")
	}
	if occurrence < 1 {
		return nil, invalid("occurrence cannot be smaller than 1")
	}
	from := 0
	for ; start > 1 && from < len(s); start-- {
		_, n := utf8.DecodeRuneInString(s[from:])
		from += n
	}
	for start == 1 && from < len(s) {
		m, err := match(re, s, from)
		if err != nil {
			return nil, err
		}
		if m == nil {
			break
		}
		if occurrence--; occurrence == 0 {
			return int64(utf8.RuneCountInString(s[:m[0]])) + 1, nil
		}
		from = after(s, m)
	}
	return int64(-1), nil
}

// regexpReplace puts a text in the place of each match, in which $1 and ${name} are groups.
func regexpReplace(s string, re *joni.Regexp, args []any) (any, error) {
	var b strings.Builder
	last := 0
	err := matches(re, s, func(m []int) error {
		b.WriteString(s[last:m[0]])
		last = m[1]
		if err := expand(&b, args[0].(string), s, re, m); err != nil {
			return err
		}
		return tooLong("regexp_replace", b.Len())
	})
	if err != nil {
		return nil, err
	}
	b.WriteString(s[last:])
	return b.String(), nil
}

// expand writes a replacement.
func expand(b *strings.Builder, with, s string, re *joni.Regexp, m []int) error {
	write := func(group int) error {
		if text, ok := groupText(s, m, group).(string); ok {
			b.WriteString(text)
		}
		return certain(re, group)
	}
	for with != "" {
		plain, rest := cut(with, `$\`)
		b.WriteString(plain)
		if rest == "" {
			return nil
		}
		r, n := utf8.DecodeRuneInString(rest[1:])
		switch {
		case n == 0:
			return invalid("Illegal replacement sequence: %s", rest)
		case rest[0] == '\\':
			b.WriteRune(r)
			with = rest[1+n:]
		case r == '{':
			name, after, _ := strings.Cut(rest[2:], "}")
			group, ok := re.Group(name)
			if !ok {
				return invalid("Illegal replacement sequence: unknown group { %s }", name)
			}
			if err := write(group); err != nil {
				return err
			}
			with = after
		case r >= '0' && r <= '9':
			group, used := groupNumber(rest[1:], re.Groups())
			if group > re.Groups() {
				return invalid("Illegal replacement sequence: unknown group %d", group)
			}
			if err := write(group); err != nil {
				return err
			}
			with = rest[1+used:]
		default:
			return invalid("Illegal replacement sequence: $%c", r)
		}
	}
	return nil
}

// groupNumber reads as many digits as still number a group, but one at least.
func groupNumber(s string, groups int) (group, used int) {
	for used < len(s) && s[used] >= '0' && s[used] <= '9' {
		next := group*10 + int(s[used]-'0')
		if used > 0 && next > groups {
			break
		}
		group = next
		used++
	}
	return group, used
}

// regexpPieces gives for each match the text before it, an empty text, and the groups; and at last the text after them, and
// NULL.
func regexpPieces(s string, re *joni.Regexp, _ []any) (any, error) {
	list, last := []any{}, 0
	if err := certain(re, re.Groups()); err != nil {
		return nil, err
	}
	err := matches(re, s, func(m []int) error {
		piece := []any{s[last:m[0]], ""}
		last = m[1]
		for group := 1; group <= re.Groups(); group++ {
			piece = append(piece, groupText(s, m, group))
		}
		list = append(list, piece)
		return nil
	})
	return append(list, []any{s[last:], nil}), err
}
