package joni

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// class reads what follows an opening square bracket.
func (p *parser) class() *set {
	s, negative := p.classBody()
	if p.options.fold {
		f, many := s.folded()
		if many && !negative {
			p.refuse("a class in any case with letters such as ß, which are equal to several")
		}
		s = f
	}
	if negative {
		return s.not()
	}
	return s
}

// classBody reads a class without its negation.
func (p *parser) classBody() (s *set, negative bool) {
	if p.depth++; p.depth > depthMax {
		p.refuse("a regular expression nested that deep")
	}
	defer func() { p.depth-- }()
	negative = p.accept("^")
	start := p.pos
	if strings.HasPrefix(p.src[p.pos:], "]") && !closes(p.src[p.pos+1:]) {
		p.fail("empty char-class")
	}
	var and, here []*set
	for {
		if !p.more() {
			p.fail("premature end of char-class")
			break
		}
		if p.src[p.pos] == ']' && p.pos > start {
			p.pos++
			break
		}
		switch {
		case p.accept("&&"):
			and = append(and, union(here))
			here = nil
		case strings.HasPrefix(p.src[p.pos:], "[:"):
			here = append(here, p.posix())
		case p.accept("["):
			inner, not := p.classBody()
			if not {
				inner = inner.not()
			}
			here = append(here, inner)
		default:
			here = append(here, p.classRange())
		}
	}
	s = union(here)
	for _, other := range and {
		s = s.and(other)
	}
	return s, negative
}

// closes tells whether a closing bracket follows somewhere.
func closes(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			i++
		} else if s[i] == ']' {
			return true
		}
	}
	return false
}

func union(list []*set) *set {
	var ranges []span
	for _, s := range list {
		ranges = append(ranges, s.ranges...)
	}
	return newSet(ranges)
}

// classRange reads a character, perhaps with another one to which a range goes, or what stands for several.
func (p *parser) classRange() *set {
	from, several := p.classItem()
	if several != nil {
		return several
	}
	if !strings.HasPrefix(p.src[p.pos:], "-") {
		return setOf(from, from)
	}
	switch after := p.src[p.pos+1:]; {
	case after == "" || after[0] == ']' || strings.HasPrefix(after, "&&"):
		return setOf(from, from)
	case after[0] == '[':
		p.refuse("a class in a class after a hyphen")
		return newSet(nil)
	}
	p.pos++
	to, several := p.classItem()
	if several != nil {
		p.fail("char-class value at end of range")
	}
	if to < from {
		p.fail("empty range in char class")
		return newSet(nil)
	}
	if strings.HasPrefix(p.src[p.pos:], "-") && !strings.HasPrefix(p.src[p.pos:], "-]") {
		p.pos++
		return setOf(from, to, '-', '-') // [a-c-e] is a to c, a hyphen, e
	}
	return setOf(from, to)
}

func (p *parser) classItem() (rune, *set) {
	c := p.next()
	if c != '\\' {
		return c, nil
	}
	if !p.more() {
		p.fail("end pattern at escape")
	}
	c = p.next()
	if s := p.shorthand(c); s != nil {
		return 0, s
	}
	if c == 'b' {
		return '\b', nil
	}
	if c >= '0' && c <= '7' {
		p.pos--
		return p.octal(), nil
	}
	return p.character(c), nil
}

// posix reads [:alpha:] in a class.
func (p *parser) posix() *set {
	rest := p.src[p.pos+2:]
	name, after, found := strings.Cut(rest, ":]")
	if !found || strings.ContainsAny(name, "]\\[") {
		p.refuse("[: in a class")
		return newSet(nil)
	}
	plain := strings.TrimPrefix(name, "^")
	if !slices.Contains(posixNames, plain) {
		if utf8.RuneCountInString(name) > 20 {
			p.refuse("[: in a class")
		}
		p.fail("invalid POSIX bracket type")
		return newSet(nil)
	}
	p.pos = len(p.src) - len(after)
	s := properties()[plain]
	if plain != name {
		s = s.not()
	}
	return s
}

// shorthand gives the set of \w and the like, reading the name of \p; nil where c is none.
func (p *parser) shorthand(c rune) *set {
	switch c {
	case 'd':
		return digits
	case 'D':
		return digits.not()
	case 'w':
		return wordASCII
	case 'W':
		return wordASCII.not()
	case 's':
		return spaceASCII
	case 'S':
		return spaceASCII.not()
	case 'p':
		return p.property()
	case 'P':
		return p.property().not()
	}
	return nil
}

// property reads a property's name.
func (p *parser) property() *set {
	if !p.more() {
		p.fail("Index %d out of bounds for length %d", len(p.src), len(p.src))
		return newSet(nil)
	}
	name := string(p.peek())
	if p.accept("{") {
		var found bool
		var rest string
		if name, rest, found = strings.Cut(p.src[p.pos:], "}"); !found {
			p.fail("internal parser error (bug)")
			return newSet(nil)
		}
		p.pos = len(p.src) - len(rest)
	} else {
		p.next()
	}
	if s := propertyOf(name); s != nil {
		return s
	}
	if otherProperty(name) {
		p.refuse(`\p{%s}`, name)
	}
	p.fail("invalid character property name <%s>", name)
	return newSet(nil)
}
