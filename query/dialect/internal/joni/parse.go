package joni

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// parser reads a pattern. What fails it first is err; it goes on at the end of the text then, and what it gives is nothing.
type parser struct {
	err        *Error
	src        string
	pos        int
	options    options
	groups     int
	names      map[string]int
	open       []int // the groups around here
	references []int
	depth      int
}

type options struct{ fold, newline, lines, extended bool }

func (p *parser) fail(format string, args ...any) {
	p.stop(&Error{Message: fmt.Sprintf(format, args...)})
}

func (p *parser) refuse(format string, args ...any) { p.stop(unsupported(format, args...)) }

func (p *parser) stop(err *Error) {
	if p.err == nil {
		p.err = err
	}
	p.pos = len(p.src)
}

func (p *parser) more() bool { return p.pos < len(p.src) }

func (p *parser) peek() rune {
	r, _ := utf8.DecodeRuneInString(p.src[p.pos:])
	return r
}

func (p *parser) next() rune {
	r, n := utf8.DecodeRuneInString(p.src[p.pos:])
	p.pos += n
	return r
}

func (p *parser) accept(text string) bool {
	if strings.HasPrefix(p.src[p.pos:], text) {
		p.pos += len(text)
		return true
	}
	return false
}

// alternatives reads up to the end of the group, or of the pattern.
func (p *parser) alternatives() *node {
	if p.depth++; p.depth > depthMax {
		p.refuse("a regular expression nested that deep")
	}
	defer func() { p.depth-- }()
	list := []*node{p.sequence()}
	for p.accept("|") {
		list = append(list, p.sequence())
	}
	if len(list) == 1 {
		return list[0]
	}
	return &node{kind: nodeChoice, subs: list}
}

func (p *parser) sequence() *node {
	var list []*node
	for p.skip(); p.more(); p.skip() {
		if c := p.peek(); c == '|' || c == ')' {
			break
		}
		if p.accept(`\Q`) {
			text, rest, _ := strings.Cut(p.src[p.pos:], `\E`)
			for _, r := range text {
				list = append(list, p.literal(r))
			}
			if p.pos = len(p.src) - len(rest); rest == "" && !strings.HasSuffix(p.src, `\E`) {
				p.pos = len(p.src)
			}
			if len(list) > 0 && text != "" {
				list[len(list)-1] = p.quantified(list[len(list)-1])
			}
			continue
		}
		list = append(list, p.quantified(p.atom()))
	}
	return joined(list)
}

// joined makes one text of neighbouring characters.
func joined(list []*node) *node {
	var subs []*node
	for _, n := range list {
		if k := len(subs); k > 0 && n.kind == nodeLiteral && subs[k-1].kind == nodeLiteral && n.fold == subs[k-1].fold {
			subs[k-1] = &node{kind: nodeLiteral, fold: n.fold, runes: append(subs[k-1].runes[:len(subs[k-1].runes):len(subs[k-1].runes)], n.runes...)}
			continue
		}
		subs = append(subs, n)
	}
	switch len(subs) {
	case 0:
		return &node{kind: nodeEmpty}
	case 1:
		return subs[0]
	}
	return &node{kind: nodeSequence, subs: subs}
}

// skip passes over comments, and over white space where the option x says so.
func (p *parser) skip() {
	for p.more() {
		switch {
		case p.accept("(?#"):
			for {
				if !p.more() {
					p.fail("end pattern in group")
					return
				}
				c := p.next()
				if c == ')' {
					break
				}
				if c == '\\' && p.more() {
					p.next()
				}
			}
		case p.options.extended && strings.IndexByte(" \t\n\v\f\r", p.src[p.pos]) >= 0:
			p.pos++
		case p.options.extended && p.src[p.pos] == '#':
			_, rest, _ := strings.Cut(p.src[p.pos:], "\n")
			p.pos = len(p.src) - len(rest)
		default:
			return
		}
	}
}

// quantified reads the quantifiers that follow an expression.
func (p *parser) quantified(x *node) *node {
	for {
		p.skip()
		low, high, ok := p.quantifier()
		if !ok {
			return x
		}
		if p.depth++; p.depth > depthMax {
			p.refuse("a regular expression nested that deep")
		}
		defer func() { p.depth-- }()
		if x.nothing() {
			p.refuse("a repetition of nothing")
		}
		if (low > 1 || high > 1) && x.any(func(n *node) bool { return n.kind == nodeAtomic }) {
			p.refuse("a counted repetition of a possessive or atomic part")
		}
		if high == 0 && p.more() && (p.peek() == '?' || p.peek() == '+') {
			p.refuse("a repetition of zero times with ? or +")
		}
		switch {
		case p.accept("?"):
			x = repeated(x, low, high, true)
		case p.accept("+"):
			x = &node{kind: nodeAtomic, subs: []*node{repeated(x, low, high, false)}}
		default:
			x = repeated(x, low, high, false)
		}
	}
}

func (p *parser) quantifier() (low, high int, ok bool) {
	switch {
	case p.accept("*"):
		return 0, infinite, true
	case p.accept("+"):
		return 1, infinite, true
	case p.accept("?"):
		return 0, 1, true
	case p.accept("{"):
		if low, high, ok = p.interval(); ok {
			return low, high, true
		}
		p.pos--
	}
	return 0, 0, false
}

const repeatMax = 100_000

// interval reads the rest of {n}, {n,} or {n,m}. What is none is text, and nothing is read then.
func (p *parser) interval() (low, high int, ok bool) {
	start := p.pos
	low, digits := p.number()
	if digits == 0 && p.err == nil {
		p.pos = start
		return 0, 0, false
	}
	high = low
	if p.accept(",") {
		if high, digits = p.number(); digits == 0 {
			high = infinite
		}
	}
	if p.err != nil {
		return 0, 0, true
	}
	if !p.accept("}") {
		p.pos = start
		return 0, 0, false
	}
	if high != infinite && low > high {
		p.fail("upper is smaller than lower in repeat range")
	}
	return low, high, true
}

func (p *parser) number() (n, digits int) {
	for p.more() && p.src[p.pos] >= '0' && p.src[p.pos] <= '9' {
		if n = n*10 + int(p.src[p.pos]-'0'); n > repeatMax {
			p.fail("too big number for repeat range")
			return 0, 0
		}
		p.pos++
		digits++
	}
	return n, digits
}

func (p *parser) literal(r rune) *node {
	if p.options.fold && oddFolds.has(r) {
		p.refuse("the letter %q in any case", r)
	}
	return &node{kind: nodeLiteral, runes: []rune{r}, fold: p.options.fold}
}

func (p *parser) atom() *node {
	switch c := p.next(); c {
	case '.':
		if p.options.newline {
			return &node{kind: nodeSet, set: all}
		}
		return &node{kind: nodeSet, set: noNewline}
	case '^':
		if p.options.lines {
			return &node{kind: nodeAnchor, anchor: anchorLineStart}
		}
		return &node{kind: nodeAnchor, anchor: anchorTextStart}
	case '$':
		if p.options.lines {
			return &node{kind: nodeAnchor, anchor: anchorLineEnd}
		}
		return &node{kind: nodeAnchor, anchor: anchorLastEnd}
	case '[':
		return &node{kind: nodeSet, set: p.class()}
	case '(':
		return p.group()
	case '\\':
		return p.escape()
	case '*', '+', '?':
		p.fail("target of repeat operator is not specified")
	case '{':
		if _, _, ok := p.interval(); ok {
			p.fail("target of repeat operator is not specified")
		}
		return p.literal(c)
	default:
		return p.literal(c)
	}
	return &node{}
}
