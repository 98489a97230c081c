package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/loglake/loglake/internal/thrift"
)

// Facts are what the footer of a file says, of a file that Writer wrote.
type Facts struct {
	Rows     int64
	Metadata map[string]string
	Names    []string        // of the columns
	Columns  []ColumnSummary // in the order of Names
}

const (
	footerBytesMax = 64 << 20
	footerTail     = 8 // length and magic
)

// ErrNotOurs is in the chain of errors about a file that Writer can't have written.
var ErrNotOurs = errors.New("not a Parquet file as they are written here")

// ReadFacts reads the footer of a file. Nothing is believed of it: whoever may write to the bucket may have written it.
func ReadFacts(r io.ReaderAt, size int64) (f Facts, err error) {
	tail := make([]byte, footerTail)
	if size < int64(len(magic))+footerTail {
		return f, fmt.Errorf("%w: it has %d bytes", ErrNotOurs, size)
	}
	if _, err := r.ReadAt(tail, size-footerTail); err != nil && err != io.EOF {
		return f, err
	}
	n := int64(binary.LittleEndian.Uint32(tail))
	if string(tail[4:]) != magic || n > footerBytesMax || n > size-footerTail-int64(len(magic)) {
		return f, fmt.Errorf("%w: its end is %x", ErrNotOurs, tail)
	}
	text := make([]byte, n)
	if _, err := r.ReadAt(text, size-footerTail-n); err != nil && err != io.EOF {
		return f, err
	}
	return decodeFacts(text)
}

// decodeFacts takes a footer apart: FileMetaData of parquet.thrift.
func decodeFacts(text []byte) (f Facts, err error) {
	t := thrift.NewReader(text)
	root := readStructure(t)
	if t.Err() != nil {
		return f, fmt.Errorf("%w: its footer can't be read", ErrNotOurs)
	}
	f.Rows = root.field(3).number
	f.Metadata = map[string]string{}
	for _, entry := range root.field(5).list {
		f.Metadata[string(entry.field(1).bytes)] = string(entry.field(2).bytes)
	}
	schema := root.field(2).list
	if len(schema) == 0 || f.Rows < 0 {
		return f, fmt.Errorf("%w: it has no schema", ErrNotOurs)
	}
	fields := make([]Field, len(schema)-1)
	states := make([]columnState, len(fields))
	for i, e := range schema[1:] {
		if e.field(5).number != 0 {
			return f, fmt.Errorf("%w: it has nested columns", ErrNotOurs)
		}
		fields[i] = Field{Name: string(e.field(4).bytes), Physical: Physical(e.field(1).number), Length: int(e.field(2).number)}
		f.Names = append(f.Names, fields[i].Name)
	}
	for _, g := range root.field(4).list {
		chunks := g.field(1).list
		if len(chunks) != len(fields) {
			return f, fmt.Errorf("%w: a row group has %d columns and not %d", ErrNotOurs, len(chunks), len(fields))
		}
		for i, c := range chunks {
			if err := states[i].read(fields[i], c.field(3)); err != nil {
				return f, err
			}
		}
	}
	for _, s := range states {
		summary := ColumnSummary{Bytes: s.bytes, NullCount: s.nulls}
		if s.bounds.known {
			summary.Min, summary.Max = s.bounds.min, s.bounds.max
		}
		f.Columns = append(f.Columns, summary)
	}
	return f, nil
}

// read adds the ColumnMetaData of a chunk.
func (s *columnState) read(field Field, c *thriftValue) error {
	statistics := c.field(12)
	b := bounds{known: statistics.has(5) && statistics.has(6), max: statistics.field(5).bytes, min: statistics.field(6).bytes}
	width, ok := map[Physical]int{Boolean: 1, Int32: 4, Int64: 8, Float: 4, Double: 8, Fixed: field.Length, ByteArray: 0}[field.Physical]
	if !ok || field.Physical == Fixed && width < 1 {
		return fmt.Errorf("%w: column %q is of type %d", ErrNotOurs, field.Name, field.Physical)
	}
	if b.known && width > 0 && (len(b.min) != width || len(b.max) != width) {
		return fmt.Errorf("%w: the bounds of column %q have %d and %d bytes", ErrNotOurs, field.Name, len(b.min), len(b.max))
	}
	if c.field(7).number < 0 || statistics.field(3).number < 0 {
		return fmt.Errorf("%w: column %q has a negative size", ErrNotOurs, field.Name)
	}
	s.bytes += c.field(7).number
	s.nulls += statistics.field(3).number
	s.bounds.merge(field, b)
	return nil
}

// thriftValue is a value in the compact protocol, of whichever kind it is.
type thriftValue struct {
	number int64
	bytes  []byte
	list   []*thriftValue
	fields map[int64]*thriftValue
}

var noValue = &thriftValue{}

// field gives a field of a structure; an empty value where it is missing.
func (v *thriftValue) field(id int64) *thriftValue {
	if f := v.fields[id]; f != nil {
		return f
	}
	return noValue
}

func (v *thriftValue) has(id int64) bool { return v.fields[id] != nil }

// readStructure reads a structure with all that is in it. What it makes is bounded by the bytes that it reads: each value
// takes one at least.
func readStructure(r *thrift.Reader) *thriftValue {
	v := &thriftValue{fields: map[int64]*thriftValue{}}
	r.Structure(func(id int64, kind thrift.Kind) { v.fields[id] = readValue(r, kind) })
	return v
}

func readValue(r *thrift.Reader, kind thrift.Kind) *thriftValue {
	v := &thriftValue{}
	switch kind {
	case thrift.True:
		v.number = 1
	case thrift.I16, thrift.I32, thrift.I64:
		v.number = r.Integer()
	case thrift.Binary:
		v.bytes = r.Bytes()
	case thrift.List, thrift.Set:
		r.List(func(kind thrift.Kind) { v.list = append(v.list, readValue(r, kind)) })
	case thrift.Struct:
		return readStructure(r)
	default:
		r.Skip(kind)
	}
	return v
}
