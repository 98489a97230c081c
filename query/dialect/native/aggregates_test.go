package native

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func answer(t *testing.T, name string, args ...any) string {
	t.Helper()
	for _, f := range Functions() {
		if f.Name == name {
			v, err := f.Call(args)
			if err != nil {
				return err.Error()
			}
			return fmt.Sprint(v)
		}
	}
	t.Fatalf("there is no %s", name)
	return ""
}

// TestNumericHistogram compares with what Trino 476 gives for the same values in the same order.
func TestNumericHistogram(t *testing.T) {
	f := func(buckets int64, count int, value, weight func(int) int, want string) {
		t.Helper()
		var values, weights []any
		for i := 1; i <= count; i++ {
			values, weights = append(values, float64(value(i))), append(weights, float64(weight(i)))
		}
		if got := answer(t, "loglake_numeric_histogram", buckets, values, weights); got != want {
			t.Errorf("%d buckets of %d values:\n got %s\nwant %s", buckets, count, got, want)
		}
	}
	same := func(i int) int { return i }
	one := func(int) int { return 1 }
	scattered := func(i int) int { return i * i % 1007 }
	f(3, 20, same, one, "[{4.5 8} {12.5 8} {18.5 4}]")
	f(5, 1000, same, one, "[{53 105} {205.5 200} {405.5 200} {605.5 200} {853 295}]")
	f(5, 250, scattered, one, "[{99.81944444444444 72} {322.5744680851064 47} {542.421052631579 57} {757.1333333333333 45} {919.2413793103449 29}]")
	f(3, 150, scattered, func(i int) int { return i%7 + 1 }, "[{95.83157894736843 190} {348.7481481481482 135} {714.5073529411765 272}]")
	f(2, 0, same, one, "<nil>")
	f(1, 1, same, one, "INVALID_FUNCTION_ARGUMENT: numeric_histogram bucket count must be greater than one")
	f(1e9, 1, same, one, "NOT_SUPPORTED: numeric_histogram of more than 1000 buckets is not supported")
}

func TestListagg(t *testing.T) {
	f := func(want string, args ...any) {
		t.Helper()
		if got := answer(t, "loglake_listagg", args...); got != want {
			t.Errorf("%v: %q, want %q", args, got, want)
		}
	}
	long := strings.Repeat("a", listaggBytesMax)
	f("a,b", []any{"a", nil, "b"}, ",", nil, false)
	f("<nil>", []any{nil}, ",", nil, false)
	f("<nil>", nil, ",", nil, false)
	f(long, []any{long}, ",", nil, false)
	f("a,#(2)", []any{"a", long, nil, "b"}, ",", "#", true)
	f("#", []any{long + "a", "b"}, ",", "#", false)
	f("EXCEEDED_FUNCTION_MEMORY_LIMIT: Concatenated string has the length in bytes larger than the maximum output length 1048576", []any{"a", long}, "", nil, false)
}

func TestWeightedPercentiles(t *testing.T) {
	f := func(want string, values, weights, fractions []any) {
		t.Helper()
		if got := answer(t, "loglake_weighted_percentiles", values, weights, fractions); got != want {
			t.Errorf("%v %v at %v: %q, want %q", values, weights, fractions, got, want)
		}
	}
	f("[2 3 3]", []any{3.0, 1.0, 2.0, nil}, []any{10.0, 1.0, 1.0, 5.0}, []any{0.1, 0.5, 1.0})
	f("<nil>", []any{1.0}, []any{nil}, []any{0.5})
	f("INVALID_FUNCTION_ARGUMENT: weight must be finite, was NaN", []any{1.0}, []any{math.NaN()}, []any{0.5})
	f("INVALID_FUNCTION_ARGUMENT: Percentile cannot be null", []any{1.0}, []any{1.0}, []any{nil})
}
