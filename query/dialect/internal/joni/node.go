package joni

import "slices"

type nodeKind int

const (
	nodeEmpty     nodeKind = iota
	nodeLiteral            // runes, perhaps in any case
	nodeSet                // one character of a set
	nodeSequence           // subs in order
	nodeChoice             // the first of subs that leads to a match
	nodeGroup              // a capturing group, number n
	nodeOption             // (?i: … )
	nodeRepeat             // subs[0], min to max times
	nodeAtomic             // subs[0], once it has matched without another try
	nodeLook               // subs[0] ahead of here or behind
	nodeReference          // the text of group n
	nodeAnchor             // a place
)

// infinite is the max of a repetition without one.
const infinite = -1

type node struct {
	kind     nodeKind
	subs     []*node
	runes    []rune
	fold     bool // in any case
	set      *set
	n        int
	min, max int
	lazy     bool
	behind   bool // of a nodeLook
	negative bool
	anchor   anchor
}

type anchor int

const (
	anchorTextStart   anchor = iota // \A, ^
	anchorTextEnd                   // \z
	anchorLastEnd                   // \Z, $: the end, or before a line feed there
	anchorLineStart                 // ^ with (?m)
	anchorLineEnd                   // $ with (?m)
	anchorSearchStart               // \G
	anchorWord                      // \b
	anchorNoWord                    // \B
)

// nullable tells whether a node may match without a character.
func (n *node) nullable() bool {
	switch n.kind {
	case nodeLiteral:
		return len(n.runes) == 0
	case nodeSet:
		return false
	case nodeSequence:
		for _, s := range n.subs {
			if !s.nullable() {
				return false
			}
		}
		return true
	case nodeChoice:
		for _, s := range n.subs {
			if s.nullable() {
				return true
			}
		}
		return false
	case nodeGroup, nodeOption, nodeAtomic:
		return n.subs[0].nullable()
	case nodeRepeat:
		return n.min == 0 || n.subs[0].nullable()
	}
	return true
}

// any tells whether a node or one inside of it is such.
func (n *node) any(is func(n *node) bool) bool {
	if is(n) {
		return true
	}
	for _, s := range n.subs {
		if s.any(is) {
			return true
		}
	}
	return false
}

// loopsOverGroups tells whether groups are repeated without end in what may match nothing, where Joni has its own ideas of
// what they hold.
func loopsOverGroups(n *node) bool {
	return n.kind == nodeRepeat && n.max == infinite && n.subs[0].nullable() && n.any(func(n *node) bool { return n.kind == nodeGroup })
}

// nothing tells whether a node is no more than brackets around nothing.
func (n *node) nothing() bool {
	switch n.kind {
	case nodeEmpty:
		return true
	case nodeRepeat:
		return n.max == 0 || n.subs[0].nothing()
	case nodeSequence, nodeChoice, nodeOption, nodeAtomic, nodeGroup:
		return !slices.ContainsFunc(n.subs, func(s *node) bool { return !s.nothing() })
	}
	return false
}

// quantifiers in the order of reductions: ? * + ?? *? +?
func (n *node) quantifier() int {
	if n.kind != nodeRepeat {
		return -1
	}
	q := -1
	switch {
	case n.min == 0 && n.max == 1:
		q = 0
	case n.min == 0 && n.max == infinite:
		q = 1
	case n.min == 1 && n.max == infinite:
		q = 2
	}
	if q >= 0 && n.lazy {
		q += 3
	}
	return q
}

// reductions say what becomes of a quantified expression (row) that is quantified again (column): K keeps both, D drops the
// outer one; * q Q take one of *, *? and ??; L makes (?:x+)??, G (?:x+?)?.
var reductions = [6]string{"D**QqK", "DDDLLD", "**DKLD", "DqqDqq", "DDDDDD", "KGDqqD"}

// repeated quantifies a node. Joni makes one quantifier of two, which is not always the same.
func repeated(x *node, low, high int, lazy bool) *node {
	n := &node{kind: nodeRepeat, subs: []*node{x}, min: low, max: high, lazy: lazy}
	if low == 1 && high == 1 {
		return x
	}
	inner, outer := x.quantifier(), n.quantifier()
	if inner < 0 || outer < 0 {
		if (inner == 1 || inner == 2) && high > 1 && !lazy {
			n.max = max(low, 1)
		}
		return n
	}
	of := x.subs
	star := func(low, high int, lazy bool, of []*node) *node {
		return &node{kind: nodeRepeat, subs: of, min: low, max: high, lazy: lazy}
	}
	switch reductions[inner][outer] {
	case 'D':
		return x
	case '*':
		return star(0, infinite, false, of)
	case 'q':
		return star(0, infinite, true, of)
	case 'Q':
		return star(0, 1, true, of)
	case 'L':
		return star(0, 1, true, []*node{star(1, infinite, false, of)})
	case 'G':
		return star(0, 1, false, []*node{star(1, infinite, true, of)})
	}
	return n
}
