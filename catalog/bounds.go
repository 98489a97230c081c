package catalog

import (
	"encoding/binary"
	"errors"

	"github.com/loglake/loglake"
)

// boundsVersion is the first byte of the stored form of column bounds. Behind it, for each column: the name, the bytes,
// the null count, min and max. Numbers are varints; a name is its length and its bytes; min and max are their length plus
// one and their bytes, 0 for what is not known.
const boundsVersion = 1

var errBounds = errors.New("column bounds are damaged")

// encodeBounds gives the stored form, nil for no columns.
func encodeBounds(columns []loglake.ColumnBounds) []byte {
	if len(columns) == 0 {
		return nil
	}
	b := []byte{boundsVersion}
	for _, c := range columns {
		b = append(binary.AppendUvarint(b, uint64(len(c.Name))), c.Name...)
		b = binary.AppendVarint(b, c.Bytes)
		b = binary.AppendVarint(b, c.NullCount)
		for _, bound := range [][]byte{c.Min, c.Max} {
			if bound == nil {
				b = append(b, 0)
				continue
			}
			b = append(binary.AppendUvarint(b, uint64(len(bound))+1), bound...)
		}
	}
	return b
}

// decodeBounds reads the stored form. Min and Max point into it.
func decodeBounds(b []byte) ([]loglake.ColumnBounds, error) {
	if len(b) == 0 {
		return nil, nil
	}
	if b[0] != boundsVersion {
		return nil, errBounds
	}
	d := boundsDecoder{rest: b[1:]}
	var columns []loglake.ColumnBounds
	for len(d.rest) > 0 && !d.bad {
		c := loglake.ColumnBounds{Name: string(d.bytes(d.length(0)))}
		c.Bytes = d.varint()
		c.NullCount = d.varint()
		c.Min = d.bytes(d.length(1))
		c.Max = d.bytes(d.length(1))
		columns = append(columns, c)
	}
	if d.bad {
		return nil, errBounds
	}
	return columns, nil
}

type boundsDecoder struct {
	rest []byte
	bad  bool
}

func (d *boundsDecoder) varint() int64 {
	v, n := binary.Varint(d.rest)
	d.skip(n)
	return v
}

// length reads a length that was written with an offset; below it is -1, for what is not known.
func (d *boundsDecoder) length(offset uint64) int {
	v, n := binary.Uvarint(d.rest)
	d.skip(n)
	if v < offset {
		return -1
	}
	if v -= offset; v > uint64(len(d.rest)) {
		d.bad = true
		return -1
	}
	return int(v)
}

func (d *boundsDecoder) skip(n int) {
	if n <= 0 {
		d.bad = true
		return
	}
	d.rest = d.rest[n:]
}

func (d *boundsDecoder) bytes(n int) []byte {
	if n < 0 {
		return nil
	}
	b := d.rest[:n:n]
	d.rest = d.rest[n:]
	return b
}
