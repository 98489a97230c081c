package parquet

import (
	"bytes"
	"encoding/binary"
	"math"
	"unicode/utf8"
)

// bounds are the smallest and the largest value, as Statistics holds them. Values that are not numbers (NaN) are left
// out, as the format asks; where nothing is left, known is false.
type bounds struct {
	known          bool
	min, max       []byte
	minCut, maxCut bool // the string was longer: a lower bound below min, an upper bound above max
}

// wordBounds gives the least and the greatest word, as integers, and the bounds.
func wordBounds(values []int64, physical Physical) (least, most int64, b bounds) {
	if len(values) == 0 {
		return 0, 0, bounds{}
	}
	least, most = values[0], values[0]
	for _, v := range values {
		least = min(least, v)
		most = max(most, v)
	}
	switch physical {
	case Float, Double:
		return least, most, floatBounds(values, physical)
	case Boolean:
		return least, most, bounds{known: true, min: []byte{byte(least)}, max: []byte{byte(most)}}
	}
	return least, most, bounds{known: true, min: appendPlainWords(nil, []int64{least}, physical),
		max: appendPlainWords(nil, []int64{most}, physical)}
}

// FloatOf gives the number whose bits a word of a Float or Double column holds.
func FloatOf(word int64, physical Physical) float64 {
	if physical == Float {
		return float64(math.Float32frombits(uint32(word)))
	}
	return math.Float64frombits(uint64(word))
}

func floatBounds(values []int64, physical Physical) bounds {
	var least, most int64
	low, high, known := 0.0, 0.0, false
	for _, v := range values {
		f := FloatOf(v, physical)
		if math.IsNaN(f) {
			continue
		}
		if !known || f < low {
			low, least = f, v
		}
		if !known || f > high {
			high, most = f, v
		}
		known = true
	}
	if !known {
		return bounds{}
	}
	// A zero bound stands for both zeros: -0 as the least, +0 as the greatest.
	if low == 0 {
		least = math.MinInt64
		if physical == Float {
			least = math.MinInt32
		}
	}
	if high == 0 {
		most = 0
	}
	return bounds{known: true, min: appendPlainWords(nil, []int64{least}, physical),
		max: appendPlainWords(nil, []int64{most}, physical)}
}

// spanBounds finds the bounds of byte arrays (by unsigned bytes) or decimals (by number).
func spanBounds(values []Span, data []byte, field Field, limit int) bounds {
	if len(values) == 0 {
		return bounds{}
	}
	at := func(s Span) []byte { return data[s.Off : s.Off+s.Len] }
	least, most := at(values[0]), at(values[0])
	if field.Logical == Decimal {
		for _, s := range values[1:] {
			if v := at(s); CompareDecimal(v, least) < 0 {
				least = v
			} else if CompareDecimal(v, most) > 0 {
				most = v
			}
		}
		return bounds{known: true, min: bytes.Clone(least), max: bytes.Clone(most)}
	}
	low, high := head(least), head(most)
	for _, s := range values[1:] {
		v := at(s)
		h := head(v)
		if h <= low && (h < low || bytes.Compare(v, least) < 0) {
			least, low = v, h
		}
		if h >= high && (h > high || bytes.Compare(v, most) > 0) {
			most, high = v, h
		}
	}
	return cut(least, most, field, limit)
}

// head gives the first 8 bytes as a number that orders as they do; shorter values are filled with zeros, so equal heads
// say nothing.
func head(v []byte) uint64 {
	if len(v) >= 8 {
		return binary.BigEndian.Uint64(v)
	}
	var h uint64
	for i, c := range v {
		h |= uint64(c) << (56 - 8*i)
	}
	return h
}

// cut shortens string bounds to limit bytes: the lower one loses its end, the upper one is rounded up.
func cut(least, most []byte, field Field, limit int) bounds {
	b := bounds{known: true}
	b.min, b.minCut = bytes.Clone(least), false
	if len(least) > limit {
		b.min, b.minCut = bytes.Clone(least[:boundary(least, field, limit)]), true
	}
	if len(most) <= limit {
		b.max = bytes.Clone(most)
		return b
	}
	b.max, b.maxCut = roundUp(bytes.Clone(most[:boundary(most, field, limit)]), field), true
	if b.max == nil { // nothing short is larger: keep the value itself
		b.max, b.maxCut = bytes.Clone(most), false
	}
	return b
}

// boundary is where v can be cut: for strings not inside a character.
func boundary(v []byte, field Field, limit int) int {
	if field.Logical == String {
		for limit > 0 && !utf8.RuneStart(v[limit]) {
			limit--
		}
	}
	return limit
}

// roundUp gives the least value of at most len(v) bytes that is larger than all that begin with v; nil: none.
func roundUp(v []byte, field Field) []byte {
	for len(v) > 0 {
		if field.Logical != String {
			last := len(v) - 1
			if v[last] < 0xff {
				v[last]++
				return v
			}
			v = v[:last]
			continue
		}
		r, size := utf8.DecodeLastRune(v)
		v = v[:len(v)-size]
		next := r + 1
		if next == 0xd800 {
			next = 0xe000 // surrogates are not characters
		}
		if next <= utf8.MaxRune && utf8.RuneLen(next) <= size {
			return utf8.AppendRune(v, next)
		}
	}
	return nil
}

// CompareDecimal compares big-endian two's complement numbers of the same length.
func CompareDecimal(a, b []byte) int {
	if len(a) > 0 && (a[0]^b[0])&0x80 != 0 {
		if a[0]&0x80 != 0 {
			return -1
		}
		return 1
	}
	return bytes.Compare(a, b)
}

// merge widens b by the bounds of another chunk of the same column.
func (b *bounds) merge(field Field, other bounds) {
	if !other.known {
		return
	}
	if !b.known {
		*b = other
		return
	}
	if comparePlain(other.min, b.min, field) < 0 {
		b.min, b.minCut = other.min, other.minCut
	}
	if comparePlain(other.max, b.max, field) > 0 {
		b.max, b.maxCut = other.max, other.maxCut
	}
}

func comparePlain(a, b []byte, field Field) int {
	word := func(v []byte) int64 {
		switch len(v) {
		case 1:
			return int64(v[0])
		case 4:
			return int64(int32(binary.LittleEndian.Uint32(v)))
		}
		return int64(binary.LittleEndian.Uint64(v))
	}
	switch field.Physical {
	case ByteArray:
		return bytes.Compare(a, b)
	case Fixed:
		return CompareDecimal(a, b)
	case Float, Double:
		x, y := FloatOf(word(a), field.Physical), FloatOf(word(b), field.Physical)
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	}
	switch x, y := word(a), word(b); {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}
