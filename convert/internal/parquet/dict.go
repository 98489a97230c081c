package parquet

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math/bits"
	"slices"
)

// dictionary numbers the distinct values of a column chunk, in their order: neighbours share their beginnings, which the
// compressor sees, and the high bytes of numbers say something. It gives up where a dictionary would not pay, or where
// the values collide more than values do unless somebody made them to.
type dictionary struct {
	codes      []uint32 // per value
	words      []int64  // distinct values of a word column
	spans      []Span   // distinct values of a byte column
	bytes      int      // of the distinct byte values
	table      []uint64 // high half: hash; low half: code+1; 0: free
	order      []entry
	renumbered []uint32
}

// entry is a distinct value while they are sorted.
type entry struct {
	key  uint64 // orders as the value does, unless equal
	code uint32
}

const (
	dictionaryMax      = 1 << 16 // distinct values, so that an index has at most 16 bits
	dictionaryBytesMax = 2 << 20 // bytes of the distinct values
	dictionaryProbes   = 128     // the longest search for a place
)

func (d *dictionary) reset(n int) {
	d.codes = grow(d.codes, n)
	d.words, d.spans, d.bytes = d.words[:0], d.spans[:0], 0
	if d.table == nil {
		d.table = make([]uint64, 1<<10)
	}
	clear(d.table)
}

// grow gives s with length n, its values unspecified.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// hopeless tells, after i values, whether too many of them were distinct: an id is given up early, a user's name late.
func hopeless(i, distinct int) bool {
	switch i {
	case 2048:
		return distinct > 1920
	case 16384:
		return distinct > 12288
	}
	return distinct >= dictionaryMax
}

// addWords numbers values, which lie in [least, most]; false: no dictionary.
func (d *dictionary) addWords(values []int64, least, most int64) bool {
	d.reset(len(values))
	if span := uint64(most) - uint64(least); span < uint64(min(1<<14, 4*len(values)+256)) {
		d.addNarrow(values, least, int(span)+1)
		d.sortWords()
		return true
	}
	for i, v := range values {
		if hopeless(i, len(d.words)) {
			return false
		}
		hash := uint64(v) * 0x9e3779b97f4a7c15
		hash ^= hash >> 32
		code, ok := d.findWord(v, hash)
		if !ok {
			return false
		}
		d.codes[i] = code
	}
	d.sortWords()
	return true
}

func (d *dictionary) addNarrow(values []int64, least int64, span int) {
	codes := make([]uint32, span)
	for i, v := range values {
		at := &codes[v-least]
		if *at == 0 {
			d.words = append(d.words, v)
			*at = uint32(len(d.words))
		}
		d.codes[i] = *at - 1
	}
}

func (d *dictionary) findWord(v int64, hash uint64) (code uint32, ok bool) {
	mask := uint64(len(d.table) - 1)
	for probe := range uint64(dictionaryProbes) {
		entry := &d.table[(hash+probe)&mask]
		if *entry == 0 {
			d.words = append(d.words, v)
			*entry = hash<<32 | uint64(len(d.words))
			code := uint32(len(d.words) - 1)
			if len(d.words)*2 > len(d.table) {
				d.widen()
			}
			return code, true
		}
		if *entry>>32 == hash&0xffffffff && d.words[uint32(*entry)-1] == v {
			return uint32(*entry) - 1, true
		}
	}
	return 0, false
}

// addSpans numbers byte values; false: no dictionary.
func (d *dictionary) addSpans(values []Span, data []byte) bool {
	d.reset(len(values))
	for i, s := range values {
		if hopeless(i, len(d.spans)) {
			return false
		}
		code, ok := d.findSpan(s, data)
		if !ok || d.bytes > dictionaryBytesMax {
			return false
		}
		d.codes[i] = code
	}
	d.sortSpans(data)
	return true
}

func (d *dictionary) findSpan(s Span, data []byte) (code uint32, ok bool) {
	value := data[s.Off : s.Off+s.Len]
	hash := hashBytes(value)
	mask := uint64(len(d.table) - 1)
	for probe := range uint64(dictionaryProbes) {
		entry := &d.table[(hash+probe)&mask]
		if *entry == 0 {
			d.spans = append(d.spans, s)
			d.bytes += len(value)
			*entry = hash<<32 | uint64(len(d.spans))
			code := uint32(len(d.spans) - 1)
			if len(d.spans)*2 > len(d.table) {
				d.widen()
			}
			return code, true
		}
		if *entry>>32 == hash&0xffffffff {
			e := d.spans[uint32(*entry)-1]
			if string(data[e.Off:e.Off+e.Len]) == string(value) {
				return uint32(*entry) - 1, true
			}
		}
	}
	return 0, false
}

// widen doubles the table. The place of an entry depends on the low 32 bits of its hash only, which it holds.
func (d *dictionary) widen() {
	old := d.table
	d.table = make([]uint64, 2*len(old))
	mask := uint64(len(d.table) - 1)
	for _, entry := range old {
		if entry == 0 {
			continue
		}
		at := entry >> 32 & mask
		for d.table[at] != 0 {
			at = (at + 1) & mask
		}
		d.table[at] = entry
	}
}

func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// hashBytes is a wyhash-like hash with a fixed seed: the file must be the same for the same values.
func hashBytes(b []byte) uint64 {
	h := uint64(len(b)) ^ 0xa0761d6478bd642f
	for len(b) > 16 {
		h = mix(binary.LittleEndian.Uint64(b)^0xe7037ed1a0b428db, binary.LittleEndian.Uint64(b[8:])^h)
		b = b[16:]
	}
	var x, y uint64
	switch n := len(b); {
	case n >= 8:
		x, y = binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[n-8:])
	case n >= 4:
		x, y = uint64(binary.LittleEndian.Uint32(b)), uint64(binary.LittleEndian.Uint32(b[n-4:]))
	case n > 0:
		x = uint64(b[0])<<16 | uint64(b[n/2])<<8 | uint64(b[n-1])
	}
	return mix(x^0x8ebc6af09c88c6e3, y^h)
}

func (d *dictionary) sortWords() {
	d.order = d.order[:0]
	for i, v := range d.words {
		d.order = append(d.order, entry{uint64(v) ^ 1<<63, uint32(i)})
	}
	slices.SortFunc(d.order, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
	sorted := make([]int64, len(d.words))
	for i, e := range d.order {
		sorted[i] = d.words[e.code]
	}
	d.words = sorted
	d.renumber()
}

func (d *dictionary) sortSpans(data []byte) {
	d.order = d.order[:0]
	for i, s := range d.spans {
		d.order = append(d.order, entry{head(data[s.Off : s.Off+s.Len]), uint32(i)})
	}
	slices.SortFunc(d.order, func(a, b entry) int {
		if a.key != b.key {
			return cmp.Compare(a.key, b.key)
		}
		s, t := d.spans[a.code], d.spans[b.code]
		return bytes.Compare(data[s.Off:s.Off+s.Len], data[t.Off:t.Off+t.Len])
	})
	sorted := make([]Span, len(d.spans))
	for i, e := range d.order {
		sorted[i] = d.spans[e.code]
	}
	d.spans = sorted
	d.renumber()
}

// renumber gives the values the codes of their places in order.
func (d *dictionary) renumber() {
	d.renumbered = grow(d.renumbered, len(d.order))
	for i, e := range d.order {
		d.renumbered[e.code] = uint32(i)
	}
	for i, code := range d.codes {
		d.codes[i] = d.renumbered[code]
	}
}
