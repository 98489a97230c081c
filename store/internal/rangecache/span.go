package rangecache

import (
	"cmp"
	"slices"
)

// Span is the bytes from From up to To of a file.
type Span struct{ From, To int64 }

// spans are in order, and do not touch each other.
type spans []Span

func (s spans) bytes() (n int64) {
	for _, p := range s {
		n += p.To - p.From
	}
	return n
}

// add gives s with p in it.
func (s spans) add(p Span) spans {
	if p.From >= p.To {
		return s
	}
	i, _ := slices.BinarySearchFunc(s, p.From, func(q Span, from int64) int { return cmp.Compare(q.To, from) })
	j := i
	for ; j < len(s) && s[j].From <= p.To; j++ {
		p = Span{min(p.From, s[j].From), max(p.To, s[j].To)}
	}
	return slices.Replace(s, i, j, p)
}

// without gives what of p is in none of s.
func (s spans) without(p Span) []Span {
	var rest []Span
	i, _ := slices.BinarySearchFunc(s, p.From, func(q Span, from int64) int { return cmp.Compare(q.To, from) })
	for ; i < len(s) && s[i].From < p.To; i++ {
		if p.From < s[i].From {
			rest = append(rest, Span{p.From, s[i].From})
		}
		p.From = max(p.From, s[i].To)
	}
	if p.From < p.To {
		rest = append(rest, p)
	}
	return rest
}

// wanted gives what is to be there for a reader of list in a file of size bytes: from block to block, and with the gaps
// that are not worth a request of their own.
func wanted(list []Span, size int64) spans {
	var all spans
	for _, p := range list {
		p = Span{max(0, p.From), min(p.To, size)}
		if p.From < p.To {
			all = all.add(Span{p.From / blockBytes * blockBytes, min(size, (p.To+blockBytes-1)/blockBytes*blockBytes)})
		}
	}
	merged := all[:0]
	for _, p := range all {
		if n := len(merged); n > 0 && p.From-merged[n-1].To <= gapBytes {
			merged[n-1].To = p.To
			continue
		}
		merged = append(merged, p)
	}
	return merged
}
