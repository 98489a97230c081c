package pattern

import (
	"strings"

	"github.com/loglake/loglake"
)

// spacePattern is [field, field, …]: conditions on the words of a message, from left to right.
//
// Where the message has more words than the pattern fields, the last field takes the rest of the message as it is;
// AWS's own presets ([timestamp=*Z, request_id="*-*", event]) are used on such lines. An ellipsis takes any number of
// words, and the fields after it are then bound to the last words.
type spacePattern struct {
	fields   []field
	ellipsis int // index of "..." in fields, -1 where there is none
}

type field struct {
	name string // may be empty
	test *test  // nil where the field has no condition
}

// test is a node of a field's condition: a comparison, or an "and" or "or" of others.
type test struct {
	kind  byte // 'c', '&' or '|'
	parts []*test
	op    op
	value operand
}

// parseSpace reads [ fields ].
func parseSpace(c *cursor) (*spacePattern, error) {
	if !strings.HasSuffix(strings.TrimRight(c.text, blanks), "]") {
		return nil, loglake.Errorf(loglake.CodeInvalid, "Invalid filter pattern: If a filter pattern starts with '[' it must end with ']'")
	}
	c.pos++
	p := &spacePattern{ellipsis: -1}
	if !c.take("]") {
		if err := p.parseFields(c); err != nil {
			return nil, err
		}
	}
	if c.skip(); c.pos < len(c.text) {
		return nil, c.fail("nothing may follow the closing bracket")
	}
	return p, nil
}

// parseFields reads the fields and the closing bracket.
func (p *spacePattern) parseFields(c *cursor) error {
	for {
		if c.take("...") {
			if p.ellipsis >= 0 {
				return c.fail("... may stand once")
			}
			p.ellipsis = len(p.fields)
			p.fields = append(p.fields, field{})
		} else {
			f, err := parseField(c)
			if err != nil {
				return err
			}
			p.fields = append(p.fields, f)
		}
		if c.take("]") {
			return nil
		}
		if !c.take(",") {
			return c.fail("a comma, && , || or the closing bracket is expected")
		}
	}
}

func parseField(c *cursor) (field, error) {
	var f field
	c.skip()
	switch c.peek() {
	case ',', ']':
		return f, nil
	}
	start := *c
	f.name = parseFieldName(c)
	c.skip()
	if ch := c.peek(); f.name != "" && (ch == ',' || ch == ']') {
		return f, nil
	}
	*c = start
	f.name = ""
	var err error
	f.test, err = f.parseTests(c, "||")
	return f, err
}

func parseFieldName(c *cursor) string {
	c.skip()
	return c.run(func(r rune) bool { return r == '-' || r == '.' || isNameRune(r) })
}

// parseTests reads a list of tests; && binds tighter than ||.
func (f *field) parseTests(c *cursor, operator string) (*test, error) {
	parse := f.parseTest
	if operator == "||" {
		parse = func(c *cursor) (*test, error) { return f.parseTests(c, "&&") }
	}
	first, err := parse(c)
	list := &test{kind: operator[0], parts: []*test{first}}
	for err == nil && c.take(operator) {
		var next *test
		next, err = parse(c)
		list.parts = append(list.parts, next)
	}
	if len(list.parts) == 1 {
		return first, err
	}
	return list, err
}

func (f *field) parseTest(c *cursor) (*test, error) {
	if c.take("(") {
		inner, err := f.parseTests(c, "||")
		if err == nil && !c.take(")") {
			err = c.fail("&&, || or a closing parenthesis is expected")
		}
		return inner, err
	}
	name := parseFieldName(c)
	switch {
	case name == "" || strings.EqualFold(name, f.name):
	case f.name == "":
		f.name = name
	default:
		return nil, loglake.Errorf(loglake.CodeUnsupported,
			"Invalid filter pattern: the condition of field %q names %q; a condition may name its own field only", f.name, name)
	}
	t := &test{kind: 'c', op: parseComparison(c)}
	if t.op == opNone {
		return nil, c.fail("one of = != < <= > >= is expected")
	}
	var err error
	t.value, err = parseOperand(c, t.op)
	return t, err
}

func (p *spacePattern) String() string {
	parts := make([]string, len(p.fields))
	for i := range p.fields {
		switch f := &p.fields[i]; {
		case i == p.ellipsis:
			parts[i] = "..."
		case f.test != nil:
			parts[i] = f.test.print(f.name, 0)
		default:
			parts[i] = f.name
		}
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func (t *test) print(name string, parent byte) string {
	if t.kind == 'c' {
		return name + t.op.String() + t.value.String()
	}
	parts := make([]string, len(t.parts))
	for i := range t.parts {
		parts[i] = t.parts[i].print(name, t.kind)
	}
	text := strings.Join(parts, string([]byte{' ', t.kind, t.kind, ' '}))
	if parent == '&' || parent == t.kind {
		return "(" + text + ")"
	}
	return text
}
