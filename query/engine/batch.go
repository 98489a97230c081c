package engine

import (
	"encoding/binary"
	"errors"
	"math"
	"math/big"
)

// A batch on the wire is the number of rows (4 bytes) and then its columns. A column of n values is
//
//	1 byte: 0 no value is NULL, 1 a bitmap of ceil(n/8) bytes follows, bit set = there is a value
//	fixed size:      n values, little-endian
//	VARCHAR, BLOB:   n+1 offsets of 4 bytes from 0, then the bytes
//	LIST, MAP:       n+1 offsets of 4 bytes from 0, then the column of the elements
//	STRUCT:          the columns of the members, n values each
//
// HUGEINT is its lower 8 bytes and then its upper 8; INTERVAL is months (4), days (4), microseconds (8).

// Batch is some rows of a result, by column. It is valid until the next call of Rows.Next.
type Batch struct {
	Rows    int
	Columns []Vector
}

// Vector is one column of a batch.
type Vector struct {
	Type     Type
	valid    []byte // nil: no NULL
	data     []byte
	offsets  []byte
	children []Vector
}

var errBatch = errors.New("decode batch: malformed")

// decodeBatch reads a batch; its vectors point into payload.
func decodeBatch(payload []byte, columns []Field) (Batch, error) {
	d := batchDecoder{rest: payload}
	rows := d.uint32()
	b := Batch{Rows: rows, Columns: make([]Vector, 0, len(columns))}
	for _, c := range columns {
		b.Columns = append(b.Columns, d.vector(c.Type, rows))
	}
	if d.failed || len(d.rest) != 0 {
		return Batch{}, errBatch
	}
	return b, nil
}

type batchDecoder struct {
	rest   []byte
	failed bool
}

func (d *batchDecoder) take(n int) []byte {
	if n < 0 || n > len(d.rest) {
		d.failed, d.rest = true, nil
		return nil
	}
	p := d.rest[:n]
	d.rest = d.rest[n:]
	return p
}

func (d *batchDecoder) uint32() int {
	p := d.take(4)
	if p == nil {
		return 0
	}
	return int(binary.LittleEndian.Uint32(p))
}

func (d *batchDecoder) vector(t Type, n int) Vector {
	v := Vector{Type: t}
	flag := d.take(1)
	if d.failed || flag[0] > 1 {
		d.failed = true
		return v
	}
	if flag[0] == 1 {
		v.valid = d.take((n + 7) / 8)
	}
	switch {
	case t.variable():
		v.data = d.take(d.offsets(&v, n))
	case t.Kind == List || t.Kind == Map:
		v.children = []Vector{d.vector(t.Fields[0].Type, d.offsets(&v, n))}
	case t.Kind == Struct:
		for _, f := range t.Fields {
			v.children = append(v.children, d.vector(f.Type, n))
		}
	default:
		v.data = d.take(n * t.bytesPer())
	}
	return v
}

// offsets reads n+1 ascending offsets into v and gives the last.
func (d *batchDecoder) offsets(v *Vector, n int) int {
	v.offsets = d.take(4 * (n + 1))
	if d.failed {
		return 0
	}
	last := 0
	for i := 0; i <= n; i++ {
		o := int(binary.LittleEndian.Uint32(v.offsets[4*i:]))
		if o < last || i == 0 && o != 0 {
			d.failed = true
			return 0
		}
		last = o
	}
	return last
}

// IsNull tells whether value i is NULL.
func (v *Vector) IsNull(i int) bool {
	return v.Type.Kind == Null || v.valid != nil && v.valid[i/8]&(1<<(i%8)) == 0
}

// Bool gives value i of a BOOLEAN.
func (v *Vector) Bool(i int) bool { return v.data[i] != 0 }

// Int gives value i of an integer type up to 64 bits, a date, a time or a timestamp, in the unit of its kind.
func (v *Vector) Int(i int) int64 {
	switch v.Type.bytesPer() {
	case 1:
		return int64(int8(v.data[i]))
	case 2:
		return int64(int16(binary.LittleEndian.Uint16(v.data[2*i:])))
	case 4:
		return int64(int32(binary.LittleEndian.Uint32(v.data[4*i:])))
	}
	return int64(binary.LittleEndian.Uint64(v.data[8*i:]))
}

// Float gives value i of a FLOAT or DOUBLE.
func (v *Vector) Float(i int) float64 {
	if v.Type.Kind == Float {
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(v.data[4*i:])))
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(v.data[8*i:]))
}

// Bytes gives value i of a VARCHAR or BLOB; it points into the batch.
func (v *Vector) Bytes(i int) []byte {
	from, to := v.Span(i)
	return v.data[from:to]
}

// Big gives value i of a HUGEINT, or of a DECIMAL without its point.
func (v *Vector) Big(i int) *big.Int {
	if v.Type.bytesPer() < 16 {
		return big.NewInt(v.Int(i))
	}
	lower, upper := v.halves(i)
	x := big.NewInt(int64(upper))
	x.Lsh(x, 64)
	return x.Or(x, new(big.Int).SetUint64(lower))
}

// UUIDBytes gives value i of a UUID.
func (v *Vector) UUIDBytes(i int) (id [16]byte) {
	lower, upper := v.halves(i)
	binary.BigEndian.PutUint64(id[:8], upper^(1<<63)) // DuckDB flips the top bit so that UUIDs sort as integers
	binary.BigEndian.PutUint64(id[8:], lower)
	return id
}

// Interval gives value i of an INTERVAL.
func (v *Vector) Interval(i int) (months, days int32, micros int64) {
	p := v.data[16*i:]
	return int32(binary.LittleEndian.Uint32(p)), int32(binary.LittleEndian.Uint32(p[4:])), int64(binary.LittleEndian.Uint64(p[8:]))
}

func (v *Vector) halves(i int) (lower, upper uint64) {
	p := v.data[16*i:]
	return binary.LittleEndian.Uint64(p), binary.LittleEndian.Uint64(p[8:])
}

// Span gives the elements [from, to) of Child(0) that make value i of a LIST or MAP.
func (v *Vector) Span(i int) (from, to int) {
	return int(binary.LittleEndian.Uint32(v.offsets[4*i:])), int(binary.LittleEndian.Uint32(v.offsets[4*i+4:]))
}

// Child gives the elements of a LIST, the entries of a MAP, or member k of a STRUCT.
func (v *Vector) Child(k int) *Vector { return &v.children[k] }
