package dialecttest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/loglake/loglake/query/dialect"
)

// Tally counts how queries came out on two engines.
type Tally struct {
	Same      int            // agree, Failed of them by the same failure
	Failed    int            // fail on both
	Folded    int            // fail here on a value where Trino has NULL: see Folded
	Faults    int            // faults of Trino's own
	Refused   map[string]int // are refused here by name
	Different []string       // differ, in words
}

// Add counts a query.
func (t *Tally) Add(ours, theirs Answer) {
	switch {
	case Same(ours, theirs):
		if t.Same++; theirs.Error != "" {
			t.Failed++
		}
	case theirs.Code() == dialect.CodeInternal && ours.Code() != dialect.CodeInternal:
		t.Faults++
	case ours.Code() == dialect.CodeNotSupported:
		if t.Refused == nil {
			t.Refused = map[string]int{}
		}
		t.Refused[placePattern.ReplaceAllString(ours.Error, "$1")]++
	case Folded(ours, theirs):
		t.Folded++
	default:
		t.Different = append(t.Different, fmt.Sprintf("%s\n\tgives %s\n\tTrino %s", theirs.SQL, ours.Result(), theirs.Result()))
	}
}

var placePattern = regexp.MustCompile(`^(?:NOT_SUPPORTED: )(?:line \d+:\d+: )?(.*)`)

// String gives the counts, and what was refused in a table.
func (t *Tally) String() string {
	refused := 0
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(t.Refused)) {
		refused += t.Refused[name]
		lines = append(lines, fmt.Sprintf("%8d  %s", t.Refused[name], name))
	}
	slices.SortStableFunc(lines, func(a, b string) int { return strings.Compare(b[:8], a[:8]) })
	s := fmt.Sprintf("%8d  agree\n%8d  of them fail in the same way\n%8d  fail where Trino takes a constant NULL first\n%8d  are faults of Trino's own\n%8d  differ\n%8d  are refused by name",
		t.Same, t.Failed, t.Folded, t.Faults, len(t.Different), refused)
	if refused > 0 {
		s += ":\n" + strings.Join(lines, "\n")
	}
	return s
}
