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
