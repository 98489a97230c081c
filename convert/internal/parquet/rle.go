package parquet

import (
	"encoding/binary"
	"math/bits"
)

// bitWidth is the number of bits that hold v.
func bitWidth(v uint64) int { return bits.Len64(v) }

// appendBitPacked packs width bits of each value, lowest bits first; the last byte is padded with zeros.
func appendBitPacked(dst []byte, values []uint32, width int) []byte {
	switch width {
	case 0:
		return dst
	case 8:
		at := len(dst)
		dst = append(dst, make([]byte, len(values))...)
		out := dst[at:]
		for i, v := range values {
			out[i] = byte(v)
		}
		return dst
	case 16:
		for _, v := range values {
			dst = append(dst, byte(v), byte(v>>8))
		}
		return dst
	}
	var acc uint64
	n := 0
	for _, v := range values {
		acc |= uint64(v) << n
		n += width
		if n >= 32 {
			dst = binary.LittleEndian.AppendUint32(dst, uint32(acc))
			acc >>= 32
			n -= 32
		}
	}
	for ; n > 0; n -= 8 {
		dst = append(dst, byte(acc))
		acc >>= 8
	}
	return dst
}

// appendHybrid appends Parquet's RLE / bit-packing hybrid: repeats of at least 8 become runs where the packed values
// before them fill whole groups of 8.
func appendHybrid(dst []byte, values []uint32, width int) []byte {
	from := 0 // packed values not yet written start here
	for i := 0; i < len(values); {
		run := 1
		for i+run < len(values) && values[i+run] == values[i] {
			run++
		}
		fill := (8 - (i-from)%8) % 8 // repeats that go to the packed group before the run
		if run-fill < 8 {
			i += run
			continue
		}
		dst = appendPackedRun(dst, values[from:i+fill], width)
		dst = appendRun(dst, values[i], run-fill, width)
		i += run
		from = i
	}
	return appendPackedRun(dst, values[from:], width)
}

func appendRun(dst []byte, value uint32, n, width int) []byte {
	dst = binary.AppendUvarint(dst, uint64(n)<<1)
	for w := width; w > 0; w -= 8 {
		dst = append(dst, byte(value))
		value >>= 8
	}
	return dst
}

// appendPackedRun appends one bit-packed run; the last group of 8 is padded with zeros.
func appendPackedRun(dst []byte, values []uint32, width int) []byte {
	if len(values) == 0 {
		return dst
	}
	groups := (len(values) + 7) / 8
	dst = binary.AppendUvarint(dst, uint64(groups)<<1|1)
	end := len(dst) + groups*width
	dst = appendBitPacked(dst, values, width)
	for len(dst) < end {
		dst = append(dst, 0)
	}
	return dst
}
