package joni

import (
	"strconv"
	"strings"
	"unicode"
)

// escape reads what follows a backslash outside of a class.
func (p *parser) escape() *node {
	if !p.more() {
		p.fail("end pattern at escape")
		return &node{}
	}
	c := p.next()
	if s := p.shorthand(c); s != nil {
		return &node{kind: nodeSet, set: s}
	}
	switch {
	case c == 'k' && p.accept("<"):
		return p.reference('>')
	case c == 'k' && p.accept("'"):
		return p.reference('\'')
	case c == '0':
		p.pos--
		return p.literal(p.octal())
	case c >= '1' && c <= '9':
		p.pos--
		return p.numbered()
	}
	if i := strings.IndexRune("AzZGbB", c); i >= 0 {
		return &node{kind: nodeAnchor, anchor: [...]anchor{anchorTextStart, anchorTextEnd, anchorLastEnd, anchorSearchStart, anchorWord, anchorNoWord}[i]}
	}
	return p.literal(p.character(c))
}

// numbered reads a reference to a group by its number. A number beyond 9 and the groups so far is an octal character.
func (p *parser) numbered() *node {
	end := p.pos
	for end < len(p.src) && p.src[end] >= '0' && p.src[end] <= '9' {
		end++
	}
	if n, err := strconv.Atoi(p.src[p.pos:end]); err == nil && (n <= 9 || n <= p.groups) {
		p.pos = end
		return p.referenceTo(n)
	}
	if p.src[p.pos] >= '8' {
		return p.literal(p.next())
	}
	return p.literal(p.octal())
}

// octal reads up to three octal digits.
func (p *parser) octal() rune {
	n := rune(0)
	for i := 0; i < 3 && p.more() && p.src[p.pos] >= '0' && p.src[p.pos] <= '7'; i++ {
		n = n*8 + rune(p.next()-'0')
	}
	if n > 0x7F {
		p.refuse("an octal escape beyond ASCII")
	}
	return n
}

// character gives the character that an escape stands for; a letter that means nothing is itself.
func (p *parser) character(c rune) rune {
	switch c {
	case 't':
		return '\t'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 'f':
		return '\f'
	case 'v':
		return '\v'
	case 'a':
		return '\a'
	case 'e':
		return 0x1B
	case 'x':
		return p.hex()
	case 'u':
		if r, ok := p.hexDigits(4, 4); ok {
			return p.scalar(r)
		}
		p.refuse(`\u without four digits`)
	case 'c':
		if !p.more() {
			p.fail("end pattern at control")
		}
		c = p.next()
		if c == '\\' || c >= 0x80 {
			p.refuse(`\c before this character`)
		}
		if c == '?' {
			return 0x7F
		}
		return c & 0x1F
	}
	return c
}

// hex reads what follows \x.
func (p *parser) hex() rune {
	if p.accept("{") {
		r, ok := p.hexDigits(1, 8)
		if !ok || !p.accept("}") {
			p.refuse(`\x{ without a number`)
		}
		return p.scalar(r)
	}
	r, ok := p.hexDigits(1, 2)
	if !ok {
		p.refuse(`\x without digits`)
	}
	if r > 0x7F {
		p.refuse(`\x with two digits beyond ASCII`)
	}
	return r
}

// scalar refuses numbers that no character has.
func (p *parser) scalar(r rune) rune {
	if r < 0 || r > unicode.MaxRune || r >= 0xD800 && r <= 0xDFFF {
		p.refuse("an escape for what is no character")
	}
	return r
}

func (p *parser) hexDigits(least, most int) (rune, bool) {
	end := p.pos
	for end < len(p.src) && end-p.pos < most && strings.IndexByte("0123456789abcdefABCDEF", p.src[end]) >= 0 {
		end++
	}
	if end-p.pos < least {
		return 0, false
	}
	n, _ := strconv.ParseUint(p.src[p.pos:end], 16, 32)
	p.pos = end
	return rune(n), true
}
