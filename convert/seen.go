package convert

import (
	"bytes"
	"encoding/binary"

	"github.com/loglake/loglake/convert/internal/parquet"
)

// Most strings of a log come again within a few rows: levels, methods, hosts, user agents. A value that does is not
// stored again; its rows point to the same bytes, which takes a third off the memory of a chunk.

const (
	seenSlots = 256  // values remembered per column
	seenTries = 1024 // values after which a column shows whether remembering pays
	seenPays  = 8    // it does where one in so many was there
)

// seen remembers where the values of a column lie in its data. An empty slot holds the empty string, which lies anywhere.
type seen struct {
	slots       [seenSlots]parquet.Span
	tries, hits int32
}

// keep gives the place of value in the column's data, where it is put unless it is there already.
func (c *column) keep(s *seen, value []byte) parquet.Span {
	if s.tries >= seenTries && s.hits < s.tries/seenPays {
		return c.store(value)
	}
	s.tries++
	slot := &s.slots[slotOf(value)]
	if int(slot.Len) == len(value) && bytes.Equal(c.data[slot.Off:slot.Off+slot.Len], value) {
		s.hits++
		return *slot
	}
	*slot = c.store(value)
	return *slot
}

func (c *column) store(value []byte) parquet.Span {
	at := parquet.Span{Off: uint32(len(c.data)), Len: uint32(len(value))}
	c.data = append(c.data, value...)
	return at
}

// slotOf hashes a value by its length and its ends, where values that share a form differ.
func slotOf(value []byte) uint8 {
	n := len(value)
	h := uint64(n)
	switch {
	case n >= 8:
		h ^= binary.LittleEndian.Uint64(value) ^ binary.LittleEndian.Uint64(value[n-8:])*0x9e3779b97f4a7c15
	case n >= 4:
		h ^= uint64(binary.LittleEndian.Uint32(value))<<32 ^ uint64(binary.LittleEndian.Uint32(value[n-4:]))<<8
	default:
		for _, c := range value {
			h = h<<8 ^ uint64(c)
		}
	}
	return uint8(h * 0xff51afd7ed558ccd >> 56)
}
