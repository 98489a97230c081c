package query

import (
	"fmt"

	"github.com/loglake/loglake/internal/thrift"
)

// A Parquet footer is a struct in Thrift's compact protocol. This reader takes from it the schema and the sizes of the
// column chunks, and passes over all else. Its memory is bounded by schemaElementsMax.
// https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift

const schemaElementsMax = 100_000

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

// compact reads a footer.
type compact struct{ *thrift.Reader }

func decodeFooter(text []byte) (footerContent, error) {
	c := compact{thrift.NewReader(text)}
	var f footerContent
	c.Structure(func(id int64, kind thrift.Kind) {
		switch {
		case id == 2 && kind == thrift.List:
			c.List(func(thrift.Kind) {
				f.schema = append(f.schema, c.schemaElement())
				if len(f.schema) > schemaElementsMax {
					c.Fail(fmt.Errorf("the schema has more than %d columns", schemaElementsMax))
				}
			})
		case id == 3 && kind == thrift.I64:
			f.rows = c.Integer()
		case id == 4 && kind == thrift.List:
			c.List(func(thrift.Kind) { c.rowGroup(&f) })
		default:
			c.Skip(kind)
		}
	})
	return f, c.Err()
}

func (c compact) schemaElement() schemaElement {
	e := schemaElement{physical: physicalNone}
	logical := false
	c.Structure(func(id int64, kind thrift.Kind) {
		switch {
		case id == 1:
			e.physical = physical(c.Integer())
		case id == 3:
			e.repeated = c.Integer() == 2 // REPEATED
		case id == 4 && kind == thrift.Binary:
			e.name = string(c.Bytes())
		case id == 5:
			e.children = c.Integer()
		case id == 6:
			if note := convertedNote(c.Integer()); !logical {
				e.note = note
			}
		case id == 7:
			e.scale = c.Integer()
		case id == 10 && kind == thrift.Struct:
			e.note, logical = c.logicalType(), true
		default:
			c.Skip(kind)
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
func (c compact) logicalType() annotation {
	note := annotOther
	c.Structure(func(id int64, kind thrift.Kind) {
		known, ok := map[int64]annotation{1: annotText, 4: annotText, 12: annotText, 5: annotDecimal, 6: annotDate, 7: annotTimeOfDay, 10: annotInteger}[id]
		if ok {
			note = known
		}
		if id != 8 || kind != thrift.Struct {
			c.Skip(kind)
			return
		}
		note = annotNanos
		c.Structure(func(id int64, kind thrift.Kind) { // TimestampType
			if id != 2 || kind != thrift.Struct {
				c.Skip(kind)
				return
			}
			c.Structure(func(id int64, kind thrift.Kind) { // TimeUnit
				note = map[int64]annotation{1: annotMillis, 2: annotMicros, 3: annotNanos}[id]
				c.Skip(kind)
			})
		})
	})
	return note
}

func (c compact) rowGroup(f *footerContent) {
	leaf, first, rows := 0, len(f.places), int64(0)
	c.Structure(func(id int64, kind thrift.Kind) {
		if id == 3 && kind == thrift.I64 {
			rows = c.Integer()
			return
		}
		if id != 1 || kind != thrift.List {
			c.Skip(kind)
			return
		}
		c.List(func(thrift.Kind) {
			place := c.columnChunk()
			if leaf == len(f.chunks) {
				if leaf == schemaElementsMax {
					c.Fail(thrift.ErrMalformed)
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
func (c compact) columnChunk() (h chunk) {
	var offsets, columns place // of the page index
	c.Structure(func(id int64, kind thrift.Kind) {
		switch {
		case id == 3 && kind == thrift.Struct:
			c.columnMeta(&h)
		case id == 4 && kind == thrift.I64:
			offsets.at = c.Integer()
		case id == 5 && kind == thrift.I32:
			offsets.bytes = c.Integer()
		case id == 6 && kind == thrift.I64:
			columns.at = c.Integer()
		case id == 7 && kind == thrift.I32:
			columns.bytes = c.Integer()
		case id == 2: // file_offset, which means nothing
			c.Skip(kind)
		default: // another file's, or encrypted, or newer than this reader
			h.odd = true
			c.Skip(kind)
		}
	})
	h.beside[0], h.beside[1] = offsets, columns
	return h
}

// columnMeta reads a ColumnMetaData.
func (c compact) columnMeta(h *chunk) {
	c.Structure(func(id int64, kind thrift.Kind) {
		switch {
		case id == 5 && kind == thrift.I64:
			h.values = c.Integer()
		case id == 7 && kind == thrift.I64:
			h.bytes = c.Integer()
		case id == 9 && kind == thrift.I64:
			h.data = c.Integer()
		case id == 10 && kind == thrift.I64:
			h.index = c.Integer()
		case id == 11 && kind == thrift.I64:
			h.dictionary = c.Integer()
		case id == 14 && kind == thrift.I64:
			h.beside[2].at = c.Integer()
		case id == 15 && kind == thrift.I32:
			h.beside[2].bytes = c.Integer()
		case id > 17:
			h.odd = true
			c.Skip(kind)
		default:
			c.Skip(kind)
		}
	})
}
