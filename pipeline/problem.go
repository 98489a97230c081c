package pipeline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/loglake/loglake"
)

// Problem is one thing that is wrong with a file.
type Problem struct {
	Line   int    // from 1
	Column int    // from 1, in characters
	Text   string // what was seen, and what would be right
}

// Invalid is the error of a file that can't be right: all its problems, in the order of their lines. It wraps a
// *loglake.Error of CodeInvalid with the same text.
type Invalid struct {
	File     string
	Problems []Problem
}

// Error gives a line FILE:LINE:COLUMN: TEXT for each problem.
func (e *Invalid) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = fmt.Sprintf("%s:%d:%d: %s", e.File, p.Line, p.Column, p.Text)
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the failure in loglake's terms.
func (e *Invalid) Unwrap() error {
	head := "there is an error in the file:\n"
	if n := len(e.Problems); n > 1 {
		head = fmt.Sprintf("there are %d errors in the file:\n", n)
	}
	return loglake.Errorf(loglake.CodeInvalid, "%s%s", head, e.Error())
}

func sorted(problems []Problem) []Problem {
	slices.SortFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Text, b.Text))
	})
	return slices.Compact(problems)
}

// nearest gives the one of names that text was likely meant to be; ok is false where none is near.
func nearest(text string, names []string) (name string, ok bool) {
	text = strings.ToLower(text)
	best := max(2, len(text)/3) + 1
	for _, n := range names {
		if d := distance(text, strings.ToLower(n)); d < best && d < len(n) {
			best, name = d, n
		}
	}
	return name, name != ""
}

// distance is the number of letters to insert, remove, replace or swap with their neighbour to make a into b.
func distance(a, b string) int {
	const long = 600 // longer texts are nobody's typing error
	if len(a) > long || len(b) > long {
		return long
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			changed := 1
			if a[i-1] == b[j-1] {
				changed = 0
			}
			row[j] = min(row[j-1]+1, last[j]+1, last[j-1]+changed)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
