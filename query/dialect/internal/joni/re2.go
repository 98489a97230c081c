package joni

import (
	"fmt"
	"regexp"
	"strings"
)

// Plain is a pattern that RE2 reads with the same meaning. It is ASCII without $ and quotes.
type Plain struct {
	Pattern  string
	ASCII    bool // over texts of ASCII alone
	Nullable bool // may match without a character
	Anchored bool // depends on what is around the match
}

const (
	plainBytesMax  = 4000
	plainRepeatMax = 1000
	plainRangesMax = 40
)

// Plain gives the pattern for RE2, if RE2 matches the same by it: the same first match, with the same groups. Where only
// is set it need only match or not.
func (re *Regexp) Plain(only bool) (Plain, bool) {
	w := plainWriter{}
	if !w.node(re.root, only) || w.b.Len() > plainBytesMax || weight(re.root) > plainRepeatMax {
		return Plain{}, false
	}
	anchored := re.root.any(func(n *node) bool { return n.kind == nodeAnchor })
	return Plain{Pattern: w.b.String(), ASCII: w.ascii, Nullable: re.root.nullable(), Anchored: anchored}, true
}

// Always tells whether a group takes part in each match.
func (re *Regexp) Always(group int) bool { return group == 0 || re.root.always(group) }

func (n *node) always(group int) bool {
	switch n.kind {
	case nodeSequence, nodeOption, nodeAtomic, nodeGroup:
		if n.kind == nodeGroup && n.n == group {
			return true
		}
		for _, s := range n.subs {
			if s.always(group) {
				return true
			}
		}
	case nodeRepeat:
		return n.min > 0 && n.subs[0].always(group)
	}
	return false
}

// weight counts the characters of a pattern with its repetitions written out.
func weight(n *node) int {
	total := len(n.runes) + 1
	for _, s := range n.subs {
		total = min(total+weight(s), plainRepeatMax+1)
	}
	if n.kind == nodeRepeat {
		total = min(total*max(n.min, n.max, 1), plainRepeatMax+1)
	}
	return total
}

type plainWriter struct {
	b     strings.Builder
	ascii bool
}

// node writes a node; last tells that nothing follows it and that where it ends does not matter.
func (w *plainWriter) node(n *node, last bool) bool {
	switch n.kind {
	case nodeEmpty:
		w.b.WriteString("(?:)")
	case nodeLiteral:
		return w.literal(n)
	case nodeSet:
		w.set(n.set)
	case nodeSequence:
		for i, s := range n.subs {
			if !w.node(s, last && i == len(n.subs)-1) {
				return false
			}
		}
	case nodeChoice:
		for i, s := range n.subs {
			w.b.WriteString([]string{"(?:", "|"}[min(i, 1)])
			if !w.node(s, last) {
				return false
			}
		}
		w.b.WriteString(")")
	case nodeGroup, nodeOption:
		w.b.WriteString(map[bool]string{true: "(", false: "(?:"}[n.kind == nodeGroup])
		if !w.node(n.subs[0], last) {
			return false
		}
		w.b.WriteString(")")
	case nodeRepeat:
		return w.repeat(n)
	case nodeAnchor:
		return w.anchor(n.anchor, last)
	default:
		return false
	}
	return true
}

func (w *plainWriter) repeat(n *node) bool {
	if n.subs[0].nullable() || n.min > plainRepeatMax || n.max > plainRepeatMax {
		return false
	}
	w.b.WriteString("(?:")
	if !w.node(n.subs[0], false) {
		return false
	}
	w.b.WriteString(")")
	switch {
	case n.min == 0 && n.max == infinite:
		w.b.WriteString("*")
	case n.min == 1 && n.max == infinite:
		w.b.WriteString("+")
	case n.min == 0 && n.max == 1:
		w.b.WriteString("?")
	case n.max == infinite:
		fmt.Fprintf(&w.b, "{%d,}", n.min)
	default:
		fmt.Fprintf(&w.b, "{%d,%d}", n.min, n.max)
	}
	if n.lazy {
		w.b.WriteString("?")
	}
	return true
}

func (w *plainWriter) anchor(a anchor, last bool) bool {
	switch {
	case a == anchorTextStart:
		w.b.WriteString(`\A`)
	case a == anchorTextEnd:
		w.b.WriteString(`\z`)
	case a == anchorLastEnd && last:
		w.b.WriteString(`(?:\n?\z)`)
	case a == anchorWord || a == anchorNoWord:
		w.ascii = true
		w.b.WriteString(map[bool]string{true: `\b`, false: `\B`}[a == anchorWord])
	default:
		return false
	}
	return true
}

func (w *plainWriter) literal(n *node) bool {
	if !n.fold {
		for _, r := range n.runes {
			w.rune(r)
		}
		return true
	}
	var folded []rune
	for _, r := range n.runes {
		folded = appendFold(folded, r)
		if r > 0x7F {
			w.ascii = true
		}
	}
	if len(folded) != len(n.runes) {
		return false
	}
	w.ascii = w.ascii || foldsInto(folded)
	for _, r := range n.runes {
		s, _ := setOf(r, r).folded()
		w.set(s)
	}
	return true
}

func (w *plainWriter) rune(r rune) {
	if r < ' ' || r > '~' || r == '$' || r == '\'' {
		fmt.Fprintf(&w.b, `\x{%x}`, r)
		return
	}
	w.b.WriteString(regexp.QuoteMeta(string(r)))
}

func (w *plainWriter) set(s *set) {
	if s == noNewline {
		w.b.WriteString(`[^\n]`)
		return
	}
	if len(s.ranges) > plainRangesMax {
		w.ascii = true
		s = s.and(setOf(0, 0x7F))
	}
	if len(s.ranges) == 0 {
		w.b.WriteString(`[^\x00-\x{10FFFF}]`)
		return
	}
	w.b.WriteString("[")
	for _, r := range s.ranges {
		if fmt.Fprintf(&w.b, `\x{%x}`, r.from); r.to > r.from {
			fmt.Fprintf(&w.b, `-\x{%x}`, r.to)
		}
	}
	w.b.WriteString("]")
}
