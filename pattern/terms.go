package pattern

import (
	"bytes"
	"strings"
)

// terms is a pattern of words: each plain term must occur in the message, each excluded one must not. Terms with a
// question mark are alternatives, and count only where no other kind of term is there.
type terms struct {
	all          []term // as written, for String
	want, refuse []term
	any          []term // alternatives; empty where want or refuse has something
}

// term is a substring or a regex to look for.
type term struct {
	prefix byte // 0, '?' or '-'
	text   []byte
	re     *regex
}

func (t *term) in(message []byte) bool {
	if t.re != nil {
		return t.re.Match(message)
	}
	return bytes.Contains(message, t.text)
}

func (t *term) String() string {
	var prefix string
	if t.prefix != 0 {
		prefix = string(t.prefix)
	}
	if t.re != nil {
		return prefix + t.re.String()
	}
	return prefix + quote(string(t.text))
}

func parseTerms(c *cursor) (*terms, error) {
	p := &terms{}
	for c.skip(); c.pos < len(c.text); c.skip() {
		t, err := parseTerm(c)
		if err != nil {
			return nil, err
		}
		p.all = append(p.all, t)
		switch t.prefix {
		case '?':
			p.any = append(p.any, t)
		case '-':
			p.refuse = append(p.refuse, t)
		default:
			p.want = append(p.want, t)
		}
	}
	if len(p.want)+len(p.refuse) > 0 {
		p.any = nil
	}
	return p, nil
}

func parseTerm(c *cursor) (term, error) {
	var t term
	if ch := c.peek(); ch == '?' || ch == '-' {
		t.prefix = ch
		c.pos++
		c.skip()
	}
	switch c.peek() {
	case 0:
		return t, c.fail("%q stands before no term", t.prefix)
	case '"':
		text, err := c.quoted()
		t.text = []byte(text)
		if err == nil && c.pos < len(c.text) && strings.IndexByte(blanks, c.peek()) < 0 {
			err = c.fail("a blank is needed after a closing quote")
		}
		return t, err
	case '%':
		re, err := parseRegex(c)
		t.re = re
		return t, err
	}
	word := c.run(func(r rune) bool { return !strings.ContainsRune(blanks+`"`, r) })
	t.text = []byte(word)
	if c.peek() == '"' {
		return t, c.fail("a quote stands inside a term; put the whole term in quotes")
	}
	return t, nil
}

func (p *terms) match(message []byte) bool {
	for i := range p.want {
		if !p.want[i].in(message) {
			return false
		}
	}
	for i := range p.refuse {
		if p.refuse[i].in(message) {
			return false
		}
	}
	for i := range p.any {
		if p.any[i].in(message) {
			return true
		}
	}
	return len(p.any) == 0
}

func (p *terms) extract([]byte) map[string]string { return map[string]string{} }

func (p *terms) String() string {
	parts := make([]string, len(p.all))
	for i := range p.all {
		parts[i] = p.all[i].String()
	}
	return strings.Join(parts, " ")
}
