package native

import (
	"slices"
	"testing"
)

// matrix is what a comparator says of each two values.
func matrix(values []int, compare func(a, b int) any) (said, first []any) {
	for _, a := range values {
		var row []any
		for _, b := range values {
			row = append(row, compare(a, b))
		}
		said, first = append(said, row), append(first, int64(slices.Index(values, a)))
	}
	return said, first
}

func TestSortOrder(t *testing.T) {
	less := func(a, b int) any {
		switch {
		case a < b:
			return int64(-1)
		case a > b:
			return int64(1)
		}
		return int64(0)
	}
	never := func(a, b int) any { // says of equal ones that they are not
		if a < b {
			return int64(-1)
		}
		return int64(1)
	}
	long := make([]int, 100)
	for i := range long {
		long[i] = i * 37 % 50
	}
	for _, x := range []struct {
		name    string
		values  []int
		compare func(a, b int) any
		fails   string
	}{
		{"few", []int{3, 1, 2, 1}, less, ""}, {"descending", []int{5, 4, 3, 9, 1}, less, ""}, {"many", long, less, ""}, {"equal ones differ", long, never, ""},
		{"few that differ", []int{2, 1, 2}, never, ""}, {"no answer", []int{2, 1}, func(int, int) any { return nil }, codeArgument},
		{"wrong answers", long, func(int, int) any { return int64(2) }, codeArgument}, {"contradictions", long, func(int, int) any { return int64(1) }, codeLimit},
	} {
		order, err := sortOrder(matrix(x.values, x.compare))
		if known, _ := err.(*Error); (known != nil) != (x.fails != "") || known != nil && known.Code != x.fails {
			t.Errorf("%s: %v, want %s", x.name, err, x.fails)
			continue
		}
		sorted := make([]int, len(order))
		for i, place := range order {
			sorted[i] = x.values[place]
		}
		if x.fails == "" && !slices.IsSorted(sorted) {
			t.Errorf("%s: %v", x.name, sorted)
		}
	}
}
