package joni

import (
	"slices"
	"unicode"
)

// set is a set of characters: ranges in order, with gaps between them. It is not changed once it is made.
type set struct {
	ranges []span
	ascii  [2]uint64
}

type span struct{ from, to rune }

func newSet(ranges []span) *set {
	slices.SortFunc(ranges, func(a, b span) int { return int(a.from - b.from) })
	s := &set{}
	for _, r := range ranges {
		if n := len(s.ranges); n > 0 && r.from <= s.ranges[n-1].to+1 {
			s.ranges[n-1].to = max(s.ranges[n-1].to, r.to)
			continue
		}
		s.ranges = append(s.ranges, r)
	}
	for _, r := range s.ranges {
		for c := r.from; c <= min(r.to, 127); c++ {
			s.ascii[c/64] |= 1 << (c % 64)
		}
	}
	return s
}

func setOf(runes ...rune) *set {
	var ranges []span
	for i := 0; i+1 < len(runes); i += 2 {
		ranges = append(ranges, span{runes[i], runes[i+1]})
	}
	return newSet(ranges)
}

func (s *set) has(r rune) bool {
	if r < 128 {
		return s.ascii[r/64]&(1<<(r%64)) != 0
	}
	_, found := slices.BinarySearchFunc(s.ranges, r, func(x span, r rune) int {
		switch {
		case x.to < r:
			return -1
		case x.from > r:
			return 1
		}
		return 0
	})
	return found
}

func (s *set) or(t *set) *set { return newSet(slices.Concat(s.ranges, t.ranges)) }

func (s *set) not() *set {
	var ranges []span
	from := rune(0)
	for _, r := range s.ranges {
		if r.from > from {
			ranges = append(ranges, span{from, r.from - 1})
		}
		from = r.to + 1
	}
	if from <= unicode.MaxRune {
		ranges = append(ranges, span{from, unicode.MaxRune})
	}
	return newSet(ranges)
}

func (s *set) and(t *set) *set { return s.not().or(t.not()).not() }

func tables(list ...*unicode.RangeTable) *set {
	var ranges []span
	add := func(from, to, stride rune) {
		if stride == 1 {
			ranges = append(ranges, span{from, to})
			return
		}
		for r := from; r <= to; r += stride {
			ranges = append(ranges, span{r, r})
		}
	}
	for _, t := range list {
		for _, r := range t.R16 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
		for _, r := range t.R32 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
	}
	return newSet(ranges)
}

var (
	all        = setOf(0, unicode.MaxRune)
	noNewline  = setOf('\n', '\n').not()
	digits     = setOf('0', '9')
	wordASCII  = setOf('0', '9', 'A', 'Z', '_', '_', 'a', 'z')
	spaceASCII = setOf('\t', '\r', ' ', ' ')
)
