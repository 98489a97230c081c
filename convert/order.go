package convert

import (
	"bytes"
	"math"
	"slices"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/convert/internal/parquet"
)

// run is rows [from, to) of a chunk. An order of rows is a list of runs: where rows came nearly sorted, a short one.
type run struct{ chunk, from, to int32 }

// take splits off the first n rows of an order.
func take(order []run, n int) (head, rest []run, rows int) {
	for i := range order {
		r := order[i]
		size := int(r.to - r.from)
		if rows+size <= n {
			rows += size
			continue
		}
		if rows == n {
			return order[:i], order[i:], rows
		}
		middle := r.from + int32(n-rows)
		head = append(slices.Clone(order[:i]), run{r.chunk, r.from, middle})
		order[i].from = middle
		return head, order[i:], n
	}
	return order, nil, rows
}

// orderOf gives the order in which the rows of chunks are written.
func orderOf(chunks []*Chunk, by string) ([]run, error) {
	if by == "" {
		return inPlace(chunks), nil
	}
	converter := chunks[0].converter
	column := slices.IndexFunc(converter.columns, func(t target) bool { return t.name == strings.ToLower(by) })
	if column < 0 {
		return nil, loglake.Errorf(loglake.CodeInvalid, "The table %s.%s has no column %q to sort by.",
			converter.schema.Database, converter.schema.Table, by)
	}
	if field := converter.columns[column].field; field.Physical >= parquet.ByteArray {
		return sortedSpans(chunks, column, field), nil
	}
	return sortedWords(chunks, column, converter.columns[column].field.Physical), nil
}

func inPlace(chunks []*Chunk) []run {
	order := make([]run, 0, len(chunks))
	for i, c := range chunks {
		if c.chosen == nil && c.rows > 0 {
			order = append(order, run{int32(i), 0, int32(c.rows)})
		}
		for _, row := range c.chosen {
			order = appendRow(order, rowRef{int32(i), row})
		}
	}
	return order
}

// item is a row with its sort key.
type item struct {
	key uint64
	row rowRef
}

type rowRef struct{ chunk, row int32 }

// sortedWords orders rows by a column of words. Keys are unsigned and order as the values do; NULL is the largest, and
// a value whose key is that too goes before it, being sorted first.
func sortedWords(chunks []*Chunk, column int, physical parquet.Physical) []run {
	rows := 0
	for _, c := range chunks {
		rows += c.rows
	}
	items := make([]item, 0, rows)
	var nulls []run
	sorted, last := true, uint64(0)
	for i, c := range chunks {
		values := &c.columns[column]
		for n := range c.rows {
			row := c.row(n)
			if values.present[row] == 0 {
				nulls = appendRow(nulls, rowRef{int32(i), int32(row)})
				continue
			}
			key := sortKey(values.words[row], physical)
			sorted = sorted && key >= last
			last = key
			items = append(items, item{key, rowRef{int32(i), int32(row)}})
		}
	}
	if sorted && nulls == nil {
		return inPlace(chunks)
	}
	if !sorted {
		items = radixSort(items)
	}
	order := make([]run, 0, len(items)/4+len(nulls))
	for _, it := range items {
		order = appendRow(order, it.row)
	}
	return append(order, nulls...)
}

// appendRow adds a row to an order, to its last run where it follows there.
func appendRow(order []run, r rowRef) []run {
	if n := len(order); n > 0 && order[n-1].chunk == r.chunk && order[n-1].to == r.row {
		order[n-1].to++
		return order
	}
	return append(order, run{r.chunk, r.row, r.row + 1})
}

// sortKey maps a word to an unsigned number that orders as its value; NaN comes after all other numbers.
func sortKey(word int64, physical parquet.Physical) uint64 {
	if physical != parquet.Float && physical != parquet.Double {
		return uint64(word) ^ 1<<63
	}
	f := parquet.FloatOf(word, physical)
	switch {
	case math.IsNaN(f):
		return math.MaxUint64
	case f == 0:
		return 1 << 63
	}
	if bits := math.Float64bits(f); bits>>63 == 0 {
		return bits | 1<<63
	} else {
		return ^bits
	}
}

// radixSort sorts stably by key, least significant byte first; bytes that all keys share cost nothing.
func radixSort(items []item) []item {
	var all, any uint64 = math.MaxUint64, 0
	for _, it := range items {
		all &= it.key
		any |= it.key
	}
	varying := all ^ any
	other := make([]item, len(items))
	for shift := 0; shift < 64; shift += 8 {
		if byte(varying>>shift) == 0 {
			continue
		}
		var place [256]int
		for i := range items {
			place[byte(items[i].key>>shift)]++
		}
		sum := 0
		for i, n := range place {
			place[i] = sum
			sum += n
		}
		for i := range items {
			at := &place[byte(items[i].key>>shift)]
			other[*at] = items[i]
			*at++
		}
		items, other = other, items
	}
	return items
}

// sortedSpans orders rows by a column of bytes: strings by bytes, decimals by number.
func sortedSpans(chunks []*Chunk, column int, field parquet.Field) []run {
	compare := bytes.Compare
	if field.Logical == parquet.Decimal {
		compare = parquet.CompareDecimal
	}
	value := func(r rowRef) []byte {
		c := &chunks[r.chunk].columns[column]
		s := c.spans[r.row]
		return c.data[s.Off : s.Off+s.Len]
	}
	var rows, nulls []rowRef
	for i, c := range chunks {
		for n := range c.rows {
			row := c.row(n)
			r := rowRef{int32(i), int32(row)}
			if c.columns[column].present[row] == 0 {
				nulls = append(nulls, r)
			} else {
				rows = append(rows, r)
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b rowRef) int { return compare(value(a), value(b)) })
	var order []run
	for _, r := range append(rows, nulls...) {
		order = appendRow(order, r)
	}
	return order
}
