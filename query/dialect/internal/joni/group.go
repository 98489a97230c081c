package joni

import (
	"slices"
	"strconv"
	"strings"
)

// group reads what follows an opening bracket.
func (p *parser) group() *node {
	if !p.more() {
		p.fail("end pattern with unmatched parenthesis")
	}
	if !p.accept("?") {
		return p.capture("")
	}
	if !p.more() {
		p.fail("end pattern in group")
	}
	switch {
	case p.accept(":"):
		return p.inside()
	case p.accept("="):
		return &node{kind: nodeLook, subs: []*node{p.inside()}}
	case p.accept("!"):
		return &node{kind: nodeLook, negative: true, subs: []*node{p.inside()}}
	case p.accept(">"):
		return &node{kind: nodeAtomic, subs: []*node{p.inside()}}
	case p.accept("<="):
		return &node{kind: nodeLook, behind: true, subs: []*node{p.inside()}}
	case p.accept("<!"):
		return &node{kind: nodeLook, behind: true, negative: true, subs: []*node{p.inside()}}
	case p.accept("<"):
		if !p.more() {
			p.fail("Index %d out of bounds for length %d", len(p.src), len(p.src))
		}
		return p.capture(p.name('>'))
	case p.accept("'"):
		return p.capture(p.name('\''))
	}
	return p.optionGroup()
}

// inside reads up to the closing bracket; options that are set there hold no longer after it.
func (p *parser) inside() *node {
	before := p.options
	n := p.alternatives()
	if !p.accept(")") {
		p.fail("end pattern with unmatched parenthesis")
	}
	p.options = before
	return n
}

func (p *parser) capture(name string) *node {
	p.groups++
	n := p.groups
	if name != "" {
		if _, ok := p.names[name]; ok {
			p.fail("multiplex defined name <%s>", name)
		}
		p.names[name] = n
	}
	p.open = append(p.open, n)
	x := p.inside()
	p.open = p.open[:len(p.open)-1]
	return &node{kind: nodeGroup, n: n, subs: []*node{x}}
}

// name reads the name of a group.
func (p *parser) name(end byte) string {
	i := strings.IndexByte(p.src[p.pos:], end)
	if i < 0 {
		if !strings.Contains(p.src[p.pos:], ")") {
			p.fail("end pattern with unmatched parenthesis")
		}
		p.refuse("a group's name without an end")
		return ""
	}
	name := p.src[p.pos : p.pos+i]
	if name == "" {
		p.fail("group name is empty")
		return ""
	}
	if name[0] >= '0' && name[0] <= '9' {
		p.fail("invalid group name <%s>", name)
	}
	for _, r := range name {
		if !wordASCII.has(r) {
			p.refuse("a group's name other than of letters and digits of ASCII")
			return ""
		}
	}
	if p.err != nil {
		return ""
	}
	p.pos += i + 1
	return name
}

// optionGroup reads (?i), which holds up to the end of the group around it, or (?i: … ).
func (p *parser) optionGroup() *node {
	before := p.options
	on := true
	for first := true; ; first = false {
		if !p.more() {
			p.fail("end pattern in group")
			return &node{}
		}
		switch c := p.next(); c {
		case '-':
			on = false
		case 'i':
			p.options.fold = on
		case 's':
			p.options.newline = on
		case 'm':
			p.options.lines = on
		case 'x':
			p.options.extended = on
		case ')':
			if first {
				p.fail("undefined group option")
				return &node{}
			}
			n := p.alternatives()
			p.options = before
			return &node{kind: nodeOption, subs: []*node{n}}
		case ':':
			n := p.inside()
			p.options = before
			return &node{kind: nodeOption, subs: []*node{n}}
		default:
			p.fail("undefined group option")
			return &node{}
		}
	}
}

// reference reads what refers to a group after \k.
func (p *parser) reference(end byte) *node {
	i := strings.IndexByte(p.src[p.pos:], end)
	if i <= 0 {
		p.refuse(`\k without a name`)
		return &node{}
	}
	name := p.src[p.pos : p.pos+i]
	p.pos += i + 1
	if n, ok := p.names[name]; ok {
		return p.referenceTo(n)
	}
	n, err := strconv.Atoi(name)
	switch {
	case err != nil && strings.ContainsAny(name, "+-"):
		p.refuse(`\k<%s>`, name)
	case err != nil:
		p.fail("undefined name <%s> reference", name)
	case n < 0:
		if n += p.groups + 1; n <= 0 {
			p.fail("invalid backref number/name")
		}
	}
	return p.referenceTo(n)
}

func (p *parser) referenceTo(n int) *node {
	if slices.Contains(p.open, n) {
		p.refuse("a reference to the group around it")
	}
	p.references = append(p.references, n)
	return &node{kind: nodeReference, n: n, fold: p.options.fold}
}

// checkLookbehind refuses what Joni can't look for behind.
func (p *parser) checkLookbehind(n *node) {
	if n.kind == nodeLook && n.behind {
		for _, choice := range choices(n.subs[0]) {
			if _, ok := lengthBehind(choice, n.negative); !ok {
				p.fail("invalid pattern in look-behind")
			}
		}
		if n.any(func(n *node) bool { return n.kind == nodeLiteral && n.fold && n.several() }) {
			p.refuse("a lookbehind for letters such as ss and ß in any case")
		}
	}
	for _, s := range n.subs {
		p.checkLookbehind(s)
	}
}

// several tells whether letters of a text in any case are equal to other numbers of letters.
func (n *node) several() bool {
	var folded []rune
	for _, r := range n.runes {
		folded = appendFold(folded, r)
	}
	return len(folded) != len(n.runes) || foldsInto(folded)
}

// choices are the alternatives of a lookbehind. They may have other lengths than one another.
func choices(n *node) []*node {
	if n.kind == nodeChoice {
		return n.subs
	}
	return []*node{n}
}

// lengthBehind gives how many characters a node stands for.
func lengthBehind(n *node, negative bool) (length int, ok bool) {
	switch n.kind {
	case nodeEmpty:
		return 0, true
	case nodeLiteral:
		return len(n.runes), true
	case nodeSet:
		return 1, true
	case nodeSequence:
		for _, s := range n.subs {
			l, ok := lengthBehind(s, negative)
			if !ok {
				return 0, false
			}
			length += l
		}
		return length, true
	case nodeChoice:
		for i, s := range n.subs {
			l, ok := lengthBehind(s, negative)
			if !ok || i > 0 && l != length {
				return 0, false
			}
			length = l
		}
		return length, true
	case nodeGroup:
		if negative {
			return 0, false
		}
		return lengthBehind(n.subs[0], negative)
	case nodeRepeat:
		l, ok := lengthBehind(n.subs[0], negative)
		return l * n.min, ok && n.min == n.max
	case nodeAnchor:
		return 0, n.anchor != anchorTextEnd && n.anchor != anchorLastEnd
	case nodeLook:
		return 0, n.behind
	}
	return 0, false
}
