package main

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// A percentile is the right one, to a 64th of it.
func TestHistogram(t *testing.T) {
	var h histogram
	var all []time.Duration
	rng := rand.New(rand.NewPCG(1, 1))
	for range 10_000 {
		d := time.Duration(rng.Int64N(1 << rng.IntN(40)))
		h.add(d)
		all = append(all, d)
	}
	slices.Sort(all)
	for _, p := range []float64{0, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 1} {
		want := all[min(len(all)-1, int(p*float64(len(all))))]
		if got := h.at(p); got < want || got > want+want/32+1 {
			t.Errorf("at %v: %v, want %v", p, got, want)
		}
	}
	for bucket := range bucketsMax - 2<<subBits {
		if got := bucketOf(upper(bucket)); got != bucket {
			t.Fatalf("bucket %d ends at %d, which is in bucket %d", bucket, upper(bucket), got)
		}
	}
}

func TestPlot(t *testing.T) {
	var h histogram
	h.add(time.Microsecond)
	h.add(300 * time.Millisecond)
	svg := plot([]measured{{name: "a < b", histogram: h}})
	for _, want := range []string{"<svg", "a &lt; b", "99.9", "1 ms", "</svg>"} {
		if !strings.Contains(svg, want) {
			t.Errorf("the plot lacks %q:\n%s", want, svg)
		}
	}
}
