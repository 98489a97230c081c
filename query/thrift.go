package query

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// A Parquet footer is a struct in Thrift's compact protocol. This reader takes from it the schema and the sizes of the
// column chunks, and passes over all else. General decoders allocate what a list's header claims; a file that anybody
// may have put into the bucket could then end the server. Here memory is bounded by schemaElementsMax.
// https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md

const (
	schemaElementsMax = 100_000
	thriftDepthMax    = 32
)

// footerContent is what is taken from a footer.
type footerContent struct {
	schema []schemaElement // depth first, the root first
	rows   int64
	bytes  int64   // of the footer, with its length and the magic number
	groups int     // row groups
	chunks []int64 // compressed bytes by leaf, over all row groups
	uneven bool    // row groups differ in their number of columns
	places []chunk // of all row groups, their leaves in order
}

// chunk is where the bytes of a column chunk are, as the footer says.
type chunk struct {
	data, dictionary, index int64 // offsets of the first page of a kind; 0: none
	bytes                   int64 // compressed
	values                  int64
	rows                    int64    // of its row group
	beside                  [3]place // what belongs to the column and lies elsewhere: page index, Bloom filter
	odd                     bool     // says something that this reader does not follow
}

// place is bytes of a file.
type place struct{ at, bytes int64 }

// schemaElement is one node of a file's schema.
type schemaElement struct {
	name     string
	physical physical
	note     annotation
	scale    int64
	children int64
	repeated bool
}

// physical is a Parquet physical type; groups have none.
type physical int64

const (
	physicalNone physical = iota - 1
	physicalBoolean
	physicalInt32
	physicalInt64
	physicalInt96
	physicalFloat
	physicalDouble
	physicalBinary
	physicalFixed
)

// The kinds of values in the compact protocol.
const (
	thriftStop   = 0
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftI32    = 5
	thriftI64    = 6 // I16 and I32 are below it and read the same
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftMap    = 11
	thriftStruct = 12
)

var errThrift = errors.New("not a Thrift structure")

// compact reads the protocol. After an error all reads give zero and the loops end.
type compact struct {
	rest  []byte
	depth int
	err   error
}

func decodeFooter(text []byte) (footerContent, error) {
	c := &compact{rest: text}
	var f footerContent
	c.structure(func(id int64, kind byte) {
		switch {
		case id == 2 && kind == thriftList:
			c.list(func(byte) {
				f.schema = append(f.schema, c.schemaElement())
				if len(f.schema) > schemaElementsMax {
					c.fail(fmt.Errorf("the schema has more than %d columns", schemaElementsMax))
				}
			})
		case id == 3 && kind == thriftI64:
			f.rows = c.integer()
		case id == 4 && kind == thriftList:
			c.list(func(byte) { c.rowGroup(&f) })
		default:
			c.skip(kind)
		}
	})
	return f, c.err
}

func (c *compact) schemaElement() schemaElement {
	e := schemaElement{physical: physicalNone}
	logical := false
	c.structure(func(id int64, kind byte) {
		switch {
		case id == 1:
			e.physical = physical(c.integer())
		case id == 3:
			e.repeated = c.integer() == 2 // REPEATED
		case id == 4 && kind == thriftBinary:
			e.name = string(c.bytes())
		case id == 5:
			e.children = c.integer()
		case id == 6:
			if note := convertedNote(c.integer()); !logical {
				e.note = note
			}
		case id == 7:
			e.scale = c.integer()
		case id == 10 && kind == thriftStruct:
			e.note, logical = c.logicalType(), true
		default:
			c.skip(kind)
		}
	})
	return e
}

// convertedNote gives the annotation of a ConvertedType, the older spelling.
func convertedNote(t int64) annotation {
	switch {
	case t == 0 || t == 4 || t == 19: // UTF8, ENUM, JSON
		return annotText
	case t == 5:
		return annotDecimal
	case t == 6:
		return annotDate
	case t == 7 || t == 8:
		return annotTimeOfDay
	case t == 9:
		return annotMillis
	case t == 10:
		return annotMicros
	case t >= 11 && t <= 18: // UINT_8 … INT_64
		return annotInteger
	}
	return annotOther
}

// logicalType reads the union LogicalType.
func (c *compact) logicalType() annotation {
	note := annotOther
	c.structure(func(id int64, kind byte) {
		known, ok := map[int64]annotation{1: annotText, 4: annotText, 12: annotText, 5: annotDecimal, 6: annotDate, 7: annotTimeOfDay, 10: annotInteger}[id]
		if ok {
			note = known
		}
		if id != 8 || kind != thriftStruct {
			c.skip(kind)
			return
		}
		note = annotNanos
		c.structure(func(id int64, kind byte) { // TimestampType
			if id != 2 || kind != thriftStruct {
				c.skip(kind)
				return
			}
			c.structure(func(id int64, kind byte) { // TimeUnit
				note = map[int64]annotation{1: annotMillis, 2: annotMicros, 3: annotNanos}[id]
				c.skip(kind)
			})
		})
	})
	return note
}

func (c *compact) rowGroup(f *footerContent) {
	leaf, first, rows := 0, len(f.places), int64(0)
	c.structure(func(id int64, kind byte) {
		if id == 3 && kind == thriftI64 {
			rows = c.integer()
			return
		}
		if id != 1 || kind != thriftList {
			c.skip(kind)
			return
		}
		c.list(func(byte) {
			place := c.columnChunk()
			if leaf == len(f.chunks) {
				if leaf == schemaElementsMax {
					c.fail(errThrift)
					return
				}
				f.chunks = append(f.chunks, 0)
				f.uneven = f.uneven || f.groups > 0
			}
			f.chunks[leaf] += max(0, place.bytes)
			f.places = append(f.places, place)
			leaf++
		})
	})
	for i := range f.places[first:] {
		f.places[first+i].rows = rows
	}
	f.uneven = f.uneven || leaf != len(f.chunks)
	f.groups++
}

// columnChunk reads a ColumnChunk.
func (c *compact) columnChunk() (h chunk) {
	var offsets, columns place // of the page index
	c.structure(func(id int64, kind byte) {
		switch {
		case id == 3 && kind == thriftStruct:
			c.columnMeta(&h)
		case id == 4 && kind == thriftI64:
			offsets.at = c.integer()
		case id == 5 && kind == thriftI32:
			offsets.bytes = c.integer()
		case id == 6 && kind == thriftI64:
			columns.at = c.integer()
		case id == 7 && kind == thriftI32:
			columns.bytes = c.integer()
		case id == 2: // file_offset, which means nothing
			c.skip(kind)
		default: // another file's, or encrypted, or newer than this reader
			h.odd = true
			c.skip(kind)
		}
	})
	h.beside[0], h.beside[1] = offsets, columns
	return h
}

// columnMeta reads a ColumnMetaData.
func (c *compact) columnMeta(h *chunk) {
	c.structure(func(id int64, kind byte) {
		switch {
		case id == 5 && kind == thriftI64:
			h.values = c.integer()
		case id == 7 && kind == thriftI64:
			h.bytes = c.integer()
		case id == 9 && kind == thriftI64:
			h.data = c.integer()
		case id == 10 && kind == thriftI64:
			h.index = c.integer()
		case id == 11 && kind == thriftI64:
			h.dictionary = c.integer()
		case id == 14 && kind == thriftI64:
			h.beside[2].at = c.integer()
		case id == 15 && kind == thriftI32:
			h.beside[2].bytes = c.integer()
		case id > 17:
			h.odd = true
			c.skip(kind)
		default:
			c.skip(kind)
		}
	})
}

// structure reads a struct; field takes the value of each of its fields.
func (c *compact) structure(field func(id int64, kind byte)) {
	if c.depth++; c.depth > thriftDepthMax {
		c.fail(errThrift)
	}
	defer func() { c.depth-- }()
	for id := int64(0); c.err == nil; {
		head := c.byte()
		kind := head & 0x0f
		if kind == thriftStop || c.err != nil {
			return
		}
		if delta := int64(head >> 4); delta != 0 {
			id += delta
		} else {
			id = c.integer()
		}
		field(id, kind)
	}
}

// list reads a list or set; element takes each of its values.
func (c *compact) list(element func(kind byte)) {
	if c.depth++; c.depth > thriftDepthMax {
		c.fail(errThrift)
	}
	defer func() { c.depth-- }()
	head := c.byte()
	n := uint64(head >> 4)
	if n == 0x0f {
		n = c.uvarint()
	}
	if n > uint64(len(c.rest)) { // an element takes a byte at least
		c.fail(errThrift)
	}
	for ; n > 0 && c.err == nil; n-- {
		element(head & 0x0f)
	}
}

func (c *compact) skip(kind byte) {
	switch {
	case kind == thriftTrue || kind == thriftFalse:
	case kind == thriftByte:
		c.byte()
	case kind <= thriftI64:
		c.uvarint()
	case kind == thriftDouble:
		c.take(8)
	case kind == thriftBinary:
		c.bytes()
	case kind == thriftList || kind == thriftSet:
		c.list(c.skipElement)
	case kind == thriftMap:
		n := c.uvarint()
		if n == 0 {
			return
		}
		kinds := c.byte()
		for ; n > 0 && c.err == nil; n-- {
			c.skipElement(kinds >> 4)
			c.skipElement(kinds & 0x0f)
		}
	case kind == thriftStruct:
		c.structure(func(_ int64, kind byte) { c.skip(kind) })
	default:
		c.fail(errThrift)
	}
}

// skipElement is skip for values in lists and maps, where a boolean is a byte.
func (c *compact) skipElement(kind byte) {
	if kind == thriftTrue || kind == thriftFalse {
		kind = thriftByte
	}
	c.skip(kind)
}

func (c *compact) fail(err error) {
	if c.err == nil {
		c.err = err
	}
	c.rest = nil
}

func (c *compact) take(n int) []byte {
	if n < 0 || n > len(c.rest) {
		c.fail(errThrift)
		return nil
	}
	p := c.rest[:n]
	c.rest = c.rest[n:]
	return p
}

func (c *compact) byte() byte {
	if p := c.take(1); p != nil {
		return p[0]
	}
	return 0
}

func (c *compact) uvarint() uint64 {
	v, n := binary.Uvarint(c.rest)
	if n <= 0 {
		c.fail(errThrift)
		return 0
	}
	c.rest = c.rest[n:]
	return v
}

// integer reads a zigzag varint: I16, I32 and I64.
func (c *compact) integer() int64 {
	v := c.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

func (c *compact) bytes() []byte {
	n := c.uvarint()
	if n > uint64(len(c.rest)) {
		c.fail(errThrift)
		return nil
	}
	return c.take(int(n))
}
