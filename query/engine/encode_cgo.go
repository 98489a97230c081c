//go:build cgo

package engine

import (
	"encoding/binary"
	"fmt"
	"unsafe"

	duckdb "github.com/duckdb/duckdb-go-bindings"
)

var kinds = map[duckdb.Type]Kind{
	duckdb.TypeBoolean: Boolean, duckdb.TypeTinyInt: TinyInt, duckdb.TypeSmallInt: SmallInt, duckdb.TypeInteger: Integer,
	duckdb.TypeBigInt: BigInt, duckdb.TypeHugeInt: HugeInt, duckdb.TypeFloat: Float, duckdb.TypeDouble: Double,
	duckdb.TypeDecimal: Decimal, duckdb.TypeVarchar: Varchar, duckdb.TypeBlob: Blob, duckdb.TypeDate: Date,
	duckdb.TypeTime: Time, duckdb.TypeTimestampS: TimestampS, duckdb.TypeTimestampMS: TimestampMS,
	duckdb.TypeTimestamp: Timestamp, duckdb.TypeTimestampNS: TimestampNS, duckdb.TypeTimestampTZ: TimestampTZ,
	duckdb.TypeInterval: Interval, duckdb.TypeUUID: UUID, duckdb.TypeSQLNull: Null, duckdb.TypeList: List,
	duckdb.TypeMap: Map, duckdb.TypeStruct: Struct,
}

func columnsOf(result *duckdb.Result) ([]Field, error) {
	n := duckdb.ColumnCount(result)
	columns := make([]Field, 0, n)
	for i := range n {
		logical := duckdb.ColumnLogicalType(result, i)
		t, err := typeOf(logical)
		duckdb.DestroyLogicalType(&logical)
		if err != nil {
			return nil, err
		}
		columns = append(columns, Field{Name: duckdb.ColumnName(result, i), Type: t})
	}
	return columns, nil
}

func typeOf(logical duckdb.LogicalType) (Type, error) {
	id := duckdb.GetTypeId(logical)
	kind, ok := kinds[id]
	if !ok {
		return Type{}, fmt.Errorf("a result can't have a column of DuckDB's type %d", id)
	}
	t := Type{Kind: kind}
	switch kind {
	case Decimal:
		t.Width, t.Scale = int(duckdb.DecimalWidth(logical)), int(duckdb.DecimalScale(logical))
	case List:
		return t.with(Field{}, duckdb.ListTypeChildType(logical))
	case Map:
		entry, err := Type{Kind: Struct}.with(Field{Name: "key"}, duckdb.MapTypeKeyType(logical))
		if err == nil {
			entry, err = entry.with(Field{Name: "value"}, duckdb.MapTypeValueType(logical))
		}
		t.Fields = []Field{{Type: entry}}
		return t, err
	case Struct:
		var err error
		for i := range duckdb.StructTypeChildCount(logical) {
			field := Field{Name: duckdb.StructTypeChildName(logical, i)}
			if t, err = t.with(field, duckdb.StructTypeChildType(logical, i)); err != nil {
				return t, err
			}
		}
	}
	return t, nil
}

// with adds a part of the given type, which it destroys.
func (t Type) with(f Field, logical duckdb.LogicalType) (Type, error) {
	defer duckdb.DestroyLogicalType(&logical)
	var err error
	f.Type, err = typeOf(logical)
	t.Fields = append(t.Fields, f)
	return t, err
}

// span is the rows [from, to) of a vector.
type span struct{ from, to int }

// batchEncoder writes DuckDB's chunks in the form that decodeBatch reads. Its buffer is used again.
type batchEncoder struct{ buf []byte }

// send writes a chunk as one batch, or as several where its rows are large.
func (e *batchEncoder) send(chunk duckdb.DataChunk, columns []Field, send func(frameKind, []byte) error) (*Fault, error) {
	rows := int(duckdb.DataChunkGetSize(chunk))
	for from, step := 0, rows; from < rows; {
		to := min(from+step, rows)
		ok := e.encode(chunk, columns, span{from, to})
		if !ok && to-from > 1 {
			step = (to - from + 1) / 2
			continue
		}
		if len(e.buf) > frameBytesMax {
			return &Fault{Kind: FaultTooLarge, Message: fmt.Sprintf("a row of the result exceeds %d bytes", frameBytesMax)}, nil
		}
		if err := send(frameBatch, e.buf); err != nil {
			return nil, err
		}
		from = to
	}
	return nil, nil
}

// encode writes the rows of s; false when they are more than a batch should hold.
func (e *batchEncoder) encode(chunk duckdb.DataChunk, columns []Field, s span) bool {
	e.buf = binary.LittleEndian.AppendUint32(e.buf[:0], uint32(s.to-s.from))
	for i, c := range columns {
		e.vector(duckdb.DataChunkGetVector(chunk, duckdb.IdxT(i)), c.Type, []span{s})
		if len(e.buf) > batchBytesSoft && s.to-s.from > 1 {
			return false
		}
	}
	return len(e.buf) <= batchBytesSoft
}

func (e *batchEncoder) vector(v duckdb.Vector, t Type, spans []span) {
	valid := (*[1 << 40]uint64)(duckdb.VectorGetValidity(v))
	e.validity(valid, spans)
	base := duckdb.VectorGetData(v)
	switch {
	case t.variable():
		e.strings(base, valid, spans)
	case t.Kind == List || t.Kind == Map:
		e.vector(duckdb.ListVectorGetChild(v), t.Fields[0].Type, e.lists(base, valid, spans))
	case t.Kind == Struct:
		for i, f := range t.Fields {
			e.vector(duckdb.StructVectorGetChild(v, duckdb.IdxT(i)), f.Type, spans)
		}
	case t.Kind == Null:
		for _, s := range spans {
			e.buf = append(e.buf, make([]byte, s.to-s.from)...)
		}
	default:
		size := t.bytesPer()
		for _, s := range spans {
			if s.to > s.from {
				e.buf = append(e.buf, unsafe.Slice((*byte)(unsafe.Add(base, s.from*size)), (s.to-s.from)*size)...)
			}
		}
	}
}

func isValid(valid *[1 << 40]uint64, i int) bool {
	return valid == nil || valid[i/64]&(1<<(i%64)) != 0
}

func (e *batchEncoder) validity(valid *[1 << 40]uint64, spans []span) {
	if valid == nil {
		e.buf = append(e.buf, 0)
		return
	}
	e.buf = append(e.buf, 1)
	n := 0
	for _, s := range spans {
		for i := s.from; i < s.to; i++ {
			if n%8 == 0 {
				e.buf = append(e.buf, 0)
			}
			if isValid(valid, i) {
				e.buf[len(e.buf)-1] |= 1 << (n % 8)
			}
			n++
		}
	}
}

// strings writes VARCHAR and BLOB values from DuckDB's string_t: a length, then up to 12 bytes in place, or 4 bytes of
// prefix and a pointer.
func (e *batchEncoder) strings(base unsafe.Pointer, valid *[1 << 40]uint64, spans []span) {
	const stringBytes, inlineMax = 16, 12
	total := uint32(0)
	e.buf = binary.LittleEndian.AppendUint32(e.buf, 0)
	for _, s := range spans {
		for i := s.from; i < s.to; i++ {
			if isValid(valid, i) {
				total += *(*uint32)(unsafe.Add(base, i*stringBytes))
			}
			e.buf = binary.LittleEndian.AppendUint32(e.buf, total)
		}
	}
	for _, s := range spans {
		for i := s.from; i < s.to; i++ {
			if !isValid(valid, i) {
				continue
			}
			p := unsafe.Add(base, i*stringBytes)
			n := *(*uint32)(p)
			from := unsafe.Add(p, 4)
			if n > inlineMax {
				from = *(*unsafe.Pointer)(unsafe.Add(p, 8))
			}
			e.buf = append(e.buf, unsafe.Slice((*byte)(from), n)...)
		}
	}
}

// lists writes the offsets of LIST and MAP values and gives the elements that they use, in order.
func (e *batchEncoder) lists(base unsafe.Pointer, valid *[1 << 40]uint64, spans []span) []span {
	type entry struct{ offset, length uint64 }
	var elements []span
	total := uint32(0)
	e.buf = binary.LittleEndian.AppendUint32(e.buf, 0)
	for _, s := range spans {
		for i := s.from; i < s.to; i++ {
			if isValid(valid, i) {
				x := *(*entry)(unsafe.Add(base, i*int(unsafe.Sizeof(entry{}))))
				total += uint32(x.length)
				from, to := int(x.offset), int(x.offset+x.length)
				if last := len(elements) - 1; last >= 0 && elements[last].to == from {
					elements[last].to = to
				} else if to > from {
					elements = append(elements, span{from, to})
				}
			}
			e.buf = binary.LittleEndian.AppendUint32(e.buf, total)
		}
	}
	return elements
}
