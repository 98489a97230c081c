package parquet

import "encoding/binary"

// Geometry of DELTA_BINARY_PACKED: the blocks that every other writer uses too.
const (
	deltaBlock      = 128
	deltaMiniblocks = 4
	deltaMiniblock  = deltaBlock / deltaMiniblocks
)

// appendDelta appends DELTA_BINARY_PACKED. Differences wrap as the format says: in 64 bits, or in 32 where wide is not set.
func appendDelta(dst []byte, values []int64, wide bool) []byte {
	dst = binary.AppendUvarint(dst, deltaBlock)
	dst = binary.AppendUvarint(dst, deltaMiniblocks)
	dst = binary.AppendUvarint(dst, uint64(len(values)))
	if len(values) == 0 {
		return binary.AppendVarint(dst, 0)
	}
	dst = binary.AppendVarint(dst, values[0])
	var deltas [deltaBlock]int64
	for i := 1; i < len(values); i += deltaBlock {
		n := min(deltaBlock, len(values)-i)
		for k := range n {
			d := values[i+k] - values[i+k-1]
			if !wide {
				d = int64(int32(d))
			}
			deltas[k] = d
		}
		dst = appendDeltaBlock(dst, deltas[:n], wide)
	}
	return dst
}

func appendDeltaBlock(dst []byte, deltas []int64, wide bool) []byte {
	least := deltas[0]
	for _, d := range deltas[1:] {
		least = min(least, d)
	}
	dst = binary.AppendVarint(dst, least)
	var widths [deltaMiniblocks]int
	var packed [deltaBlock]uint64
	for m := range deltaMiniblocks {
		from := m * deltaMiniblock
		var all uint64
		for k := from; k < min(from+deltaMiniblock, len(deltas)); k++ {
			packed[k] = uint64(deltas[k]) - uint64(least)
			if !wide {
				packed[k] = uint64(uint32(packed[k]))
			}
			all |= packed[k]
		}
		widths[m] = bitWidth(all)
		dst = append(dst, byte(widths[m]))
	}
	for m, width := range widths {
		if m*deltaMiniblock >= len(deltas) {
			break // miniblocks without values have no bytes
		}
		dst = appendPacked64(dst, packed[m*deltaMiniblock:(m+1)*deltaMiniblock], width)
	}
	return dst
}

// appendPacked64 packs values of up to 64 bits; len(values)*width is a multiple of 8.
func appendPacked64(dst []byte, values []uint64, width int) []byte {
	var acc uint64
	n := 0
	for _, v := range values {
		acc |= v << n
		if n+width < 64 {
			n += width
			continue
		}
		dst = binary.LittleEndian.AppendUint64(dst, acc)
		used := 64 - n
		acc, n = 0, n+width-64
		if used < 64 {
			acc = v >> used
		}
	}
	for ; n > 0; n -= 8 {
		dst = append(dst, byte(acc))
		acc >>= 8
	}
	return dst
}

// appendDeltaLength appends DELTA_LENGTH_BYTE_ARRAY: all lengths, then all bytes.
func appendDeltaLength(dst []byte, values []Span, data []byte, lengths []int64) []byte {
	lengths = lengths[:0]
	for _, s := range values {
		lengths = append(lengths, int64(s.Len))
	}
	dst = appendDelta(dst, lengths, false)
	return appendBytes(dst, values, data)
}

// appendBytes appends the values without lengths; neighbours in data are copied at once.
func appendBytes(dst []byte, values []Span, data []byte) []byte {
	for i := 0; i < len(values); {
		from, to := values[i].Off, values[i].Off+values[i].Len
		for i++; i < len(values) && values[i].Off == to; i++ {
			to += values[i].Len
		}
		dst = append(dst, data[from:to]...)
	}
	return dst
}
