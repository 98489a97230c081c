package main

import (
	"math/bits"
	"time"
)

// histogram counts durations in buckets of a 64th of their size, so that a million of them cost no memory while they are
// measured.
type histogram struct {
	Counts [bucketsMax]int64 `json:"counts"`
	Max    time.Duration     `json:"max"`
	N      int64             `json:"n"`
}

const (
	subBits    = 6
	bucketsMax = (64 - subBits + 1) << subBits
)

func bucketOf(d time.Duration) int {
	n := uint64(max(0, d))
	shift := max(0, bits.Len64(n)-subBits-1)
	return shift<<subBits + int(n>>shift)
}

// upper is the longest duration of a bucket.
func upper(bucket int) time.Duration {
	shift := max(0, bucket>>subBits-1)
	return time.Duration(uint64(bucket-shift<<subBits+1)<<shift - 1)
}

func (h *histogram) add(d time.Duration) {
	h.Counts[bucketOf(d)]++
	h.Max = max(h.Max, d)
	h.N++
}

// at gives the duration that the part p of all, from 0 to 1, did not exceed.
func (h *histogram) at(p float64) time.Duration {
	rank, seen := int64(p*float64(h.N)), int64(0)
	for bucket, n := range h.Counts {
		if seen += n; n > 0 && seen > rank {
			return min(upper(bucket), h.Max)
		}
	}
	return h.Max
}
