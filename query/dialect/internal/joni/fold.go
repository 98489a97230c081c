package joni

import (
	"slices"
	"sync"
	"unicode"

	"golang.org/x/text/cases"
)

// Joni folds case as Unicode 4.1 does: one character may be equal to two or three others, and characters that came later
// have no case.

// laterCases are the characters whose other case came after Unicode 4.1, or they themselves.
var laterCases = setOf(0x23A, 0x23A, 0x23E, 0x24E, 0x370, 0x37F, 0x3CF, 0x3CF, 0x3FD, 0x3FF, 0x4C0, 0x4C0, 0x4FA, 0x4FE, 0x510, 0x52E, 0x10C7, 0x1CBF,
	0x1E9E, 0x1E9E, 0x1EFA, 0x1EFE, 0x2132, 0x2132, 0x2183, 0x2183, 0x2C2F, 0x2C2F, 0x2C60, 0x2C7F, 0x2CEB, 0x2CF2, 0xA640, 0xABBF, 0x104B0, 0x1E943)

// manyFolds are where the characters are that are equal to several others.
var manyFolds = setOf(0xDF, 0xDF, 0x130, 0x130, 0x149, 0x149, 0x1F0, 0x1F0, 0x390, 0x390, 0x3B0, 0x3B0, 0x587, 0x587, 0x1E96, 0x1E9A, 0x1F50, 0x1FFF,
	0xFB00, 0xFB17)

// oddFolds are characters that Joni does not find equal to themselves in any case.
var oddFolds = setOf(0x1F80, 0x1FAF, 0x1FB2, 0x1FB2, 0x1FC2, 0x1FC2, 0x1FF2, 0x1FF2)

// others gives the characters that are equal to one in any case, itself among them, the least first.
func others(r rune) []rune {
	list := []rune{r}
	if laterCases.has(r) {
		return list
	}
	for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
		if !laterCases.has(o) && !(o >= 0x1F50 && len(foldsOfMany()[o]) > 0) {
			list = append(list, o)
		}
	}
	slices.Sort(list)
	return list
}

// foldsOfMany gives the characters that are equal to several others, with those.
var foldsOfMany = sync.OnceValue(func() map[rune][]rune {
	m := map[rune][]rune{}
	fold := cases.Fold()
	for _, s := range manyFolds.ranges {
		for r := s.from; r <= s.to; r++ {
			if text := []rune(fold.String(string(r))); len(text) > 1 {
				m[r] = text
			}
		}
	}
	for r, text := range m {
		for i, x := range text {
			text[i] = foldOne(x)
		}
		m[r] = text
	}
	return m
})

// foldOne gives what stands for all characters that are equal to one.
func foldOne(r rune) rune {
	if r < 128 {
		return unicode.ToLower(r)
	}
	if unicode.SimpleFold(r) == r || laterCases.has(r) {
		return r
	}
	least := r
	for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
		if o < least && !laterCases.has(o) {
			least = o
		}
	}
	if least < 128 {
		least = unicode.ToLower(least)
	}
	return least
}

// appendFold adds the folded form of a character.
func appendFold(to []rune, r rune) []rune {
	if r >= 0x80 && manyFolds.has(r) {
		if many := foldsOfMany()[r]; many != nil {
			return append(to, many...)
		}
	}
	return append(to, foldOne(r))
}

// foldsInto tells whether characters of a folded text may be part of one character that is equal to several.
func foldsInto(text []rune) bool {
	for _, many := range foldsOfMany() {
		for i := range text {
			if len(text)-i >= len(many) && slices.Equal(text[i:i+len(many)], many) {
				return true
			}
		}
	}
	return false
}

var casedRunes = sync.OnceValue(func() *set {
	var ranges []span
	for r := rune(0); r < 0x1E944; r++ {
		if unicode.SimpleFold(r) != r {
			ranges = append(ranges, span{r, r})
		}
	}
	return newSet(ranges)
})

// folded adds to a set the characters that are equal to its own in any case. many tells whether one of its own is equal to
// several others.
func (s *set) folded() (_ *set, many bool) {
	for r := range foldsOfMany() {
		many = many || s.has(r)
	}
	more := slices.Clone(s.ranges)
	for _, c := range casedRunes().and(s).ranges {
		for r := c.from; r <= c.to; r++ {
			for _, o := range others(r) {
				more = append(more, span{o, o})
			}
		}
	}
	return newSet(more), many
}
