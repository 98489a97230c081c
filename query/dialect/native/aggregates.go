package native

import (
	"encoding/binary"
	"math"
	"sort"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// aggregateFunctions end aggregates: each takes the list of a group's values.
func aggregateFunctions() []Function {
	list := []Function{
		{Name: "loglake_listagg", Params: []string{"VARCHAR[]", "VARCHAR", "VARCHAR", "BOOLEAN"}, Result: "VARCHAR", Nulls: true, Call: func(args []any) (any, error) {
			values, _ := args[0].([]any)
			separator, _ := args[1].(string)
			return listagg(values, separator, args[2], args[3])
		}},
		{Name: "loglake_numeric_histogram", Params: []string{"BIGINT", "DOUBLE[]", "DOUBLE[]"}, Result: "MAP(DOUBLE, DOUBLE)", Call: func(args []any) (any, error) {
			return numericHistogram(args[0].(int64), args[1].([]any), args[2].([]any))
		}},
		{Name: "loglake_weighted_percentiles", Params: []string{"DOUBLE[]", "DOUBLE[]", "DOUBLE[]"}, Result: "DOUBLE[]", Call: func(args []any) (any, error) {
			return weightedPercentiles(args[0].([]any), args[1].([]any), args[2].([]any))
		}},
	}
	for name, of := range map[string]string{"bigint": "BIGINT[]", "double": "DOUBLE[]", "real": "FLOAT[]", "bytes": "BLOB[]", "text": "VARCHAR[]"} {
		list = append(list, Function{Name: "loglake_checksum_" + name, Params: []string{of}, Result: "BLOB", Call: func(args []any) (any, error) {
			return checksum(args[0].([]any), name == "real"), nil
		}})
	}
	return list
}

// listaggBytesMax is how long the result of LISTAGG may get before it overflows.
const listaggBytesMax = 1 << 20

// listagg joins the values that are not NULL. What does not fit is an error where filler is nil; otherwise it is replaced
// with the filler and, where counted is true, the number of values left out.
func listagg(values []any, separator string, filler, counted any) (any, error) {
	var b strings.Builder
	empty := true
	for i, v := range values {
		text, ok := v.(string)
		if !ok {
			continue
		}
		between := separator
		if empty {
			between = ""
		}
		if b.Len()+len(between)+len(text) <= listaggBytesMax {
			b.WriteString(between)
			b.WriteString(text)
			empty = false
			continue
		}
		if filler == nil {
			return nil, &Error{Code: "EXCEEDED_FUNCTION_MEMORY_LIMIT",
				Message: "Concatenated string has the length in bytes larger than the maximum output length " + strconv.Itoa(listaggBytesMax)}
		}
		b.WriteString(between + filler.(string))
		if counted == true {
			b.WriteString("(" + strconv.Itoa(present(values[i:])) + ")")
		}
		break
	}
	if b.Len() == 0 && empty {
		return nil, nil
	}
	return b.String(), nil
}

func present(values []any) int {
	n := 0
	for _, v := range values {
		if v != nil {
			n++
		}
	}
	return n
}

// prime scatters the hashes of checksum; a NULL counts as it alone.
const prime = 0x9E3779B185EBCA87

// checksum is the sum of the values' hashes, whatever their order.
func checksum(values []any, real bool) []byte {
	var sum uint64
	for _, v := range values {
		if v == nil {
			sum += prime
			continue
		}
		sum += prime * hash(v, real)
	}
	return binary.LittleEndian.AppendUint64(nil, sum)
}

// hash is XXH64 of a value's bytes; of numbers, of the eight bytes of their bits. A real's bits are a signed number.
func hash(v any, real bool) uint64 {
	var bits uint64
	switch v := v.(type) {
	case string:
		return xxhash.Sum64String(v)
	case []byte:
		return xxhash.Sum64(v)
	case int64:
		bits = uint64(v)
	case float64:
		switch {
		case v == 0:
		case math.IsNaN(v):
			bits = 0x7ff8000000000000
		default:
			bits = math.Float64bits(v)
		}
		if real {
			bits = realBits(v)
		}
	}
	return xxhash.Sum64(binary.LittleEndian.AppendUint64(nil, bits))
}

func realBits(v float64) uint64 {
	switch {
	case v == 0:
		return 0
	case math.IsNaN(v):
		return 0x7fc00000
	}
	return uint64(int64(int32(math.Float32bits(float32(v)))))
}

// histogramBuffer is how many values are taken in beyond the buckets before neighbours are joined.
const histogramBuffer = 100

// bucketsMax bounds the buckets of a histogram: joining them is done by looking at all.
const bucketsMax = 1000

// bin is a value of a numeric histogram and its weight.
type bin struct{ value, weight float64 }

// numericHistogram gathers values in at most so many buckets: whenever the buffer is full, the two neighbours are joined
// whose joining costs least.
func numericHistogram(buckets int64, values, weights []any) (any, error) {
	if buckets < 2 {
		return nil, invalid("numeric_histogram bucket count must be greater than one")
	}
	if buckets > bucketsMax {
		return nil, &Error{Code: codeLimit, Message: "numeric_histogram of more than " + strconv.Itoa(bucketsMax) + " buckets is not supported"}
	}
	var list []bin
	for i, v := range values {
		value, ok := v.(float64)
		weight, given := weights[i].(float64)
		if !ok || !given {
			continue
		}
		list = append(list, bin{value, weight})
		if len(list) == int(buckets)+histogramBuffer {
			list = compact(list, int(buckets))
		}
	}
	if len(list) == 0 {
		return nil, nil
	}
	var m Map
	for _, b := range compact(list, int(buckets)) {
		m = append(m, Entry{b.value, b.weight})
	}
	return m, nil
}

func compact(list []bin, limit int) []bin {
	sort.SliceStable(list, func(i, j int) bool { return orderedBefore(list[i].value, list[j].value) })
	kept := list[:0]
	for _, b := range list {
		if n := len(kept); n > 0 && (kept[n-1].value == b.value || math.IsNaN(b.value) && math.IsNaN(kept[n-1].value)) {
			kept[n-1].weight += b.weight
			continue
		}
		kept = append(kept, b)
	}
	for len(kept) > limit {
		best := 0
		for i := 1; i+1 < len(kept); i++ {
			if kept[i].penalty(kept[i+1]) < kept[best].penalty(kept[best+1]) {
				best = i
			}
		}
		kept[best] = kept[best].join(kept[best+1])
		kept = append(kept[:best+1], kept[best+2:]...)
	}
	return kept
}

// orderedBefore has NaN last.
func orderedBefore(a, b float64) bool { return a < b || !math.IsNaN(a) && math.IsNaN(b) }

func (b bin) penalty(c bin) float64 {
	weight := b.weight + c.weight
	distance := b.value - c.value
	return weight * distance * distance * (b.weight * c.weight / (weight * weight))
}

func (b bin) join(c bin) bin {
	weight := b.weight + c.weight
	return bin{(b.value*b.weight + c.value*c.weight) / weight, weight}
}

// weightedPercentiles gives, for each fraction, the smallest value that more than this fraction of the weight is at or
// below.
func weightedPercentiles(values, weights, fractions []any) (any, error) {
	var list []bin
	total := 0.0
	for i, v := range values {
		value, ok := v.(float64)
		weight, given := weights[i].(float64)
		if !ok || !given {
			continue
		}
		if err := digestible(value, weight); err != nil {
			return nil, err
		}
		list = append(list, bin{value, weight})
		total += weight
	}
	if len(list) == 0 {
		return nil, nil
	}
	sort.Slice(list, func(i, j int) bool { return list[i].value < list[j].value })
	result := make([]any, len(fractions))
	for i, f := range fractions {
		fraction, ok := f.(float64)
		if !ok {
			return nil, invalid("Percentile cannot be null")
		}
		if !(fraction >= 0 && fraction <= 1) {
			return nil, invalid("Percentile must be between 0 and 1")
		}
		result[i] = atWeight(list, fraction*total)
	}
	return result, nil
}

func atWeight(list []bin, wanted float64) float64 {
	below := 0.0
	for _, b := range list {
		if below += b.weight; below > wanted {
			return b.value
		}
	}
	return list[len(list)-1].value
}

func digestible(value, weight float64) error {
	switch {
	case math.IsNaN(weight) || math.IsInf(weight, 0):
		return invalid("weight must be finite, was %s", javaDouble(weight))
	case weight < 1:
		return invalid("weight must be >= 1, was %s", javaDouble(weight))
	case math.IsNaN(value) || math.IsInf(value, 0):
		return invalid("value must be finite; was %s", javaDouble(value))
	}
	return nil
}
