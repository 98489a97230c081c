package native

import (
	"slices"
	"sort"
	"strconv"
)

// insertedMax is how many elements Java sorts by inserting one after the other.
const insertedMax = 31

func sortingFunctions() []Function {
	return []Function{{Name: "loglake_sort_order", Params: []string{"INTEGER[][]", "BIGINT[]"}, Result: "BIGINT[]", Call: func(args []any) (any, error) {
		order, err := sortOrder(args[0].([]any), args[1].([]any))
		if err != nil {
			return nil, err
		}
		list := make([]any, len(order))
		for i, place := range order {
			list[i] = int64(place) + 1
		}
		return list, nil
	}}}
}

// comparisons are what a comparator said of each two elements, and the first place of each element's value.
type comparisons struct {
	said  []any
	first []any
	err   error
}

// compare is what was said of the elements at two places.
func (c *comparisons) compare(i, j int) int {
	v, ok := c.said[i].([]any)[j].(int64)
	if !ok || v < -1 || v > 1 {
		c.err = invalid("Lambda comparator must return either -1, 0, or 1")
	}
	return int(v)
}

// sortOrder gives the places of the elements in their order. A comparator that contradicts itself gives what it gives in Java,
// as long as there are few elements.
func sortOrder(said, first []any) ([]int, error) {
	order := make([]int, len(said))
	for i := range order {
		order[i] = i
	}
	c := &comparisons{said: said, first: first}
	if len(order) <= insertedMax {
		insert(order, c.compare)
		return order, c.err
	}
	sort.SliceStable(order, func(i, j int) bool { return c.ranked(order[i], order[j]) < 0 })
	for i := range order {
		for j := range i {
			before, after := c.ranked(order[j], order[i]), c.ranked(order[i], order[j])
			if c.err != nil {
				return nil, c.err
			}
			if before > 0 || before != -after {
				return nil, &Error{Code: codeLimit, Message: "array_sort of more than " + strconv.Itoa(insertedMax) + " elements with a comparator that contradicts itself is not supported"}
			}
		}
	}
	return order, nil
}

// ranked is compare, but that elements of the same value need no order.
func (c *comparisons) ranked(i, j int) int {
	if c.first[i] == c.first[j] {
		return 0
	}
	return c.compare(i, j)
}

// insert sorts as Java does a short list: from the run that it begins with, which is turned round where it descends, each
// element is put to its place by halving.
func insert(order []int, compare func(i, j int) int) {
	if len(order) < 2 {
		return
	}
	run := 2
	if compare(order[1], order[0]) < 0 {
		for run < len(order) && compare(order[run], order[run-1]) < 0 {
			run++
		}
		slices.Reverse(order[:run])
	} else {
		for run < len(order) && compare(order[run], order[run-1]) >= 0 {
			run++
		}
	}
	for ; run < len(order); run++ {
		e := order[run]
		low, high := 0, run
		for low < high {
			if middle := (low + high) / 2; compare(e, order[middle]) < 0 {
				high = middle
			} else {
				low = middle + 1
			}
		}
		copy(order[low+1:run+1], order[low:run])
		order[low] = e
	}
}
