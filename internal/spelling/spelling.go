// Package spelling tells what a mistyped name was likely meant to be, for the hints of errors.
package spelling

import "strings"

// Nearest gives the one of names that text was likely meant to be, whatever the case; of equally near ones the first. ok
// is false where none is near: where more than a third of the letters, and more than two, would have to change.
func Nearest(text string, names []string) (name string, ok bool) {
	text = strings.ToLower(text)
	best := max(2, len(text)/3) + 1
	for _, n := range names {
		if d := Distance(text, strings.ToLower(n)); d < best && d < len(n) {
			best, name = d, n
		}
	}
	return name, name != ""
}

// long is the length of a text that is nobody's typing error.
const long = 600

// Distance is the number of letters to insert, remove, replace or swap with their neighbour to make a into b; long texts
// are far from all others.
func Distance(a, b string) int {
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
