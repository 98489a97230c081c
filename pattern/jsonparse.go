package pattern

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// condition is one comparison of a JSON pattern. Its index in jsonPattern.conditions is its bit in a jsonBits.
type condition struct {
	path  []step
	op    op
	value operand // of the six comparisons
}

// step is one step of a selector: a member by name, an element by index, or any of them.
type step struct {
	kind  stepKind
	name  string
	index int
}

type stepKind uint8

const (
	stepName       stepKind = iota // .name
	stepIndex                      // [0]
	stepAnyMember                  // .*
	stepAnyElement                 // [*]
)

// expression is a node of the boolean tree: a condition, or an "and" or "or" of others.
type expression struct {
	kind      byte // 'c', '&' or '|'
	condition int
	parts     []expression
}

// parseJSON reads { or }.
func parseJSON(c *cursor) (*jsonPattern, error) {
	c.pos++
	p := &jsonPattern{}
	root, err := p.parseOr(c)
	if err != nil {
		return nil, err
	}
	if !c.take("}") {
		return nil, c.fail("&&, || or the closing brace is expected")
	}
	if c.skip(); c.pos < len(c.text) {
		return nil, c.fail("nothing may follow the closing brace")
	}
	if p.wildcardPaths() > WildcardPathsMax {
		return nil, c.fail("more than %d selectors have a wildcard", WildcardPathsMax)
	}
	p.root = root
	p.compile()
	return p, nil
}

func (p *jsonPattern) parseOr(c *cursor) (expression, error) {
	return p.parseList(c, "||", p.parseAnd)
}

func (p *jsonPattern) parseAnd(c *cursor) (expression, error) {
	return p.parseList(c, "&&", p.parseAtom)
}

func (p *jsonPattern) parseList(c *cursor, operator string, parse func(*cursor) (expression, error)) (expression, error) {
	first, err := parse(c)
	list := expression{kind: operator[0], parts: []expression{first}}
	for err == nil && c.take(operator) {
		var next expression
		next, err = parse(c)
		list.parts = append(list.parts, next)
	}
	if len(list.parts) == 1 {
		return first, err
	}
	return list, err
}

func (p *jsonPattern) parseAtom(c *cursor) (expression, error) {
	if c.take("(") {
		inner, err := p.parseOr(c)
		if err == nil && !c.take(")") {
			err = c.fail("&&, || or a closing parenthesis is expected")
		}
		return inner, err
	}
	path, err := parseSelector(c)
	if err != nil {
		return expression{}, err
	}
	cond := condition{path: path}
	if cond.op = parsePredicate(c); cond.op == opNone {
		if cond.op = parseComparison(c); cond.op == opNone {
			return expression{}, c.fail("one of = != < <= > >= IS NULL, IS TRUE, IS FALSE and NOT EXISTS is expected")
		}
		if cond.value, err = parseOperand(c, cond.op); err != nil {
			return expression{}, err
		}
	}
	p.conditions = append(p.conditions, cond)
	return expression{kind: 'c', condition: len(p.conditions) - 1}, nil
}

// parsePredicate reads IS NULL, IS TRUE, IS FALSE or NOT EXISTS, opNone if none of them comes next.
func parsePredicate(c *cursor) op {
	start := c.pos
	for _, o := range []op{opIsNull, opIsTrue, opIsFalse, opNotExists} {
		first, second, _ := strings.Cut(o.String(), " ")
		if c.takeWord(first) && c.takeWord(second) {
			return o
		}
		c.pos = start
	}
	return opNone
}

// parseSelector reads $.a[0].b and its like.
func parseSelector(c *cursor) ([]step, error) {
	if !c.take("$") {
		return nil, c.fail("a selector that begins with $ is expected")
	}
	var path []step
	wildcards := 0
	for {
		var s step
		var err error
		switch {
		case strings.HasPrefix(c.text[c.pos:], ".["):
			c.pos++
			s, err = parseBracket(c)
			if err == nil && s.kind != stepName {
				err = c.fail("a name in quotes is expected in .[…]")
			}
		case c.peek() == '.':
			c.pos++
			s, err = parseName(c)
		case c.peek() == '[':
			s, err = parseBracket(c)
		default:
			if len(path) == 0 {
				return nil, c.fail("a selector needs at least one name or index after $")
			}
			return path, nil
		}
		if err != nil {
			return nil, err
		}
		if s.kind == stepAnyMember || s.kind == stepAnyElement {
			if wildcards++; wildcards > 1 {
				return nil, c.fail("a selector may have one wildcard")
			}
		}
		path = append(path, s)
	}
}

func parseName(c *cursor) (step, error) {
	if c.peek() == '*' {
		c.pos++
		return step{kind: stepAnyMember}, nil
	}
	name := c.run(func(r rune) bool { return r == '-' || isNameRune(r) })
	if name == "" {
		return step{}, c.fail("a name is expected after the point; names with other characters than letters, digits, - and _ are written ['name']")
	}
	return step{kind: stepName, name: name}, nil
}

// parseBracket reads [0], [*], ['name'] and ["name"].
func parseBracket(c *cursor) (step, error) {
	c.pos++
	c.skip()
	var s step
	var err error
	switch ch := c.peek(); {
	case ch == '*':
		c.pos++
		s.kind = stepAnyElement
	case ch == '"':
		s.name, err = c.quoted()
	case ch == '\'':
		n := strings.IndexByte(c.text[c.pos+1:], '\'')
		if n < 0 {
			return s, c.fail("a quote is opened and not closed")
		}
		s.name = c.text[c.pos+1 : c.pos+1+n]
		c.pos += n + 2
	default:
		digits := c.run(func(r rune) bool { return r >= '0' && r <= '9' })
		s.kind = stepIndex
		if s.index, err = strconv.Atoi(digits); err != nil {
			return s, c.fail("an index, * or a name in quotes is expected between brackets")
		}
	}
	if err == nil && !c.take("]") {
		err = c.fail("a closing bracket is expected")
	}
	return s, err
}

func (p *jsonPattern) wildcardPaths() int {
	n := 0
	for i := range p.conditions {
		if wildcard(p.conditions[i].path) {
			n++
		}
	}
	return n
}

func wildcard(path []step) bool {
	for i := range path {
		if path[i].kind == stepAnyMember || path[i].kind == stepAnyElement {
			return true
		}
	}
	return false
}

// String gives the pattern back; parentheses stand where precedence needs them.
func (p *jsonPattern) String() string { return "{ " + p.print(&p.root, 0) + " }" }

func (p *jsonPattern) print(e *expression, parent byte) string {
	if e.kind == 'c' {
		return p.conditions[e.condition].String()
	}
	parts := make([]string, len(e.parts))
	for i := range e.parts {
		parts[i] = p.print(&e.parts[i], e.kind)
	}
	operator := string([]byte{' ', e.kind, e.kind, ' '})
	text := strings.Join(parts, operator)
	if parent == '&' || parent == e.kind {
		return "(" + text + ")"
	}
	return text
}

func (k *condition) String() string {
	text := selectorString(k.path) + " " + k.op.String()
	if k.op <= opGreaterEqual {
		text += " " + k.value.String()
	}
	return text
}

func selectorString(path []step) string {
	var out strings.Builder
	out.WriteByte('$')
	for _, s := range path {
		switch {
		case s.kind == stepIndex:
			out.WriteString("[" + strconv.Itoa(s.index) + "]")
		case s.kind == stepAnyElement:
			out.WriteString("[*]")
		case s.kind == stepAnyMember:
			out.WriteString(".*")
		case plainName(s.name):
			out.WriteString("." + s.name)
		case strings.Contains(s.name, "'"):
			out.WriteString("[" + quote(s.name) + "]")
		default:
			out.WriteString(".['" + s.name + "']")
		}
	}
	return out.String()
}

func plainName(name string) bool {
	for _, r := range name {
		if r == utf8.RuneError || r != '-' && !isNameRune(r) {
			return false
		}
	}
	return name != ""
}
