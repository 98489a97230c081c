package parquet

import "encoding/binary"

// appendPlainWords appends PLAIN values of a type that Values.Words holds.
func appendPlainWords(dst []byte, values []int64, physical Physical) []byte {
	switch physical {
	case Boolean:
		var acc byte
		for i, v := range values {
			acc |= byte(v&1) << (i % 8)
			if i%8 == 7 {
				dst = append(dst, acc)
				acc = 0
			}
		}
		if len(values)%8 != 0 {
			dst = append(dst, acc)
		}
	case Int32, Float:
		for _, v := range values {
			dst = binary.LittleEndian.AppendUint32(dst, uint32(v))
		}
	default:
		for _, v := range values {
			dst = binary.LittleEndian.AppendUint64(dst, uint64(v))
		}
	}
	return dst
}

// appendPlainSpans appends PLAIN byte arrays, each behind its length, or fixed ones without.
func appendPlainSpans(dst []byte, values []Span, data []byte, physical Physical) []byte {
	if physical == Fixed {
		return appendBytes(dst, values, data)
	}
	for _, s := range values {
		dst = binary.LittleEndian.AppendUint32(dst, s.Len)
		dst = append(dst, data[s.Off:s.Off+s.Len]...)
	}
	return dst
}
