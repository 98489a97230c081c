package parquet

import "encoding/binary"

// Encodings, numbered as in parquet.thrift.
type encoding int32

const (
	encodingPlain       encoding = 0
	encodingRLE         encoding = 3
	encodingDelta       encoding = 5
	encodingDeltaLength encoding = 6
	encodingDictionary  encoding = 8
)

type group struct {
	rows                     int64
	uncompressed, compressed int64
	chunks                   []chunk
}

// chunk is what the footer says of a column chunk.
type chunk struct {
	rows                     int64
	nulls                    int64
	uncompressed, compressed int64 // page headers included
	dictionaryBytes          int64 // of compressed; 0: no dictionary
	dictionaryOffset         int64
	dataOffset               int64
	encoding                 encoding
	bounds                   bounds
}

// footer is the file's metadata, its length and the closing magic.
func (w *Writer) footer() []byte {
	t := &thriftWriter{}
	t.begin()
	t.i32(1, 2) // format version 2: the logical types and encodings used here
	t.list(2, thriftStruct, 1+len(w.config.Fields))
	t.begin()
	t.text(4, "schema")
	t.i32(5, int32(len(w.config.Fields)))
	t.end()
	for _, field := range w.config.Fields {
		schemaElement(t, field)
	}
	t.i64(3, w.rows)
	t.list(4, thriftStruct, len(w.groups))
	for i, g := range w.groups {
		w.rowGroup(t, g, i)
	}
	if len(w.config.Metadata) > 0 {
		t.list(5, thriftStruct, len(w.config.Metadata))
		for _, entry := range w.config.Metadata {
			t.begin()
			t.text(1, entry.Key)
			t.text(2, entry.Value)
			t.end()
		}
	}
	t.text(6, w.config.CreatedBy)
	t.list(7, thriftStruct, len(w.config.Fields)) // without column orders readers ignore min_value and max_value
	for range w.config.Fields {
		t.begin()
		t.empty(1) // TYPE_ORDER
		t.end()
	}
	t.end()
	t.buf = binary.LittleEndian.AppendUint32(t.buf, uint32(len(t.buf)))
	return append(t.buf, magic...)
}

func schemaElement(t *thriftWriter, field Field) {
	t.begin()
	t.i32(1, int32(field.Physical))
	if field.Physical == Fixed {
		t.i32(2, int32(field.Length))
	}
	t.i32(3, 1) // OPTIONAL
	t.text(4, field.Name)
	// Converted types are for readers from before logical types. A timestamp has none: TIMESTAMP_MICROS means
	// "adjusted to UTC", which is not what is written.
	converted := map[Logical]int32{String: 0, Decimal: 5, Date: 6, Int8: 15, Int16: 16}
	if c, ok := converted[field.Logical]; ok {
		t.i32(6, c)
	}
	if field.Logical == Decimal {
		t.i32(7, int32(field.Scale))
		t.i32(8, int32(field.Precision))
	}
	if field.Logical != None {
		t.structure(10)
		logicalType(t, field)
		t.end()
	}
	t.end()
}

func logicalType(t *thriftWriter, field Field) {
	switch field.Logical {
	case String:
		t.empty(1)
	case Decimal:
		t.structure(5)
		t.i32(1, int32(field.Scale))
		t.i32(2, int32(field.Precision))
		t.end()
	case Date:
		t.empty(6)
	case Timestamp:
		t.structure(8)
		t.truth(1, false) // isAdjustedToUTC
		t.structure(2)
		t.empty(2) // MICROS
		t.end()
		t.end()
	case Int8, Int16:
		t.structure(10)
		t.i8(1, map[Logical]byte{Int8: 8, Int16: 16}[field.Logical])
		t.truth(2, true) // signed
		t.end()
	}
}

func (w *Writer) rowGroup(t *thriftWriter, g group, ordinal int) {
	t.begin()
	t.list(1, thriftStruct, len(g.chunks))
	for i, c := range g.chunks {
		t.begin()
		t.i64(2, c.start()) // file_offset: deprecated, and set to the first page as others do
		t.structure(3)
		columnMetadata(t, w.config.Fields[i], c, w.config.Codec)
		t.end()
		t.end()
	}
	t.i64(2, g.uncompressed)
	t.i64(3, g.rows)
	if len(g.chunks) > 0 {
		t.i64(5, g.chunks[0].start())
	}
	t.i64(6, g.compressed)
	if ordinal < 1<<15 {
		t.field(7, 4) // i16
		t.varint(int64(ordinal))
	}
	t.end()
}

func (c *chunk) start() int64 {
	if c.dictionaryBytes > 0 {
		return c.dictionaryOffset
	}
	return c.dataOffset
}

func columnMetadata(t *thriftWriter, field Field, c chunk, codec Codec) {
	t.i32(1, int32(field.Physical))
	encodings := []encoding{c.encoding, encodingRLE}
	if c.encoding == encodingDictionary {
		encodings = []encoding{encodingPlain, encodingRLE, encodingDictionary}
	}
	t.list(2, thriftI32, len(encodings))
	for _, e := range encodings {
		t.varint(int64(e))
	}
	t.list(3, thriftBinary, 1)
	t.element(field.Name)
	t.i32(4, int32(codec))
	t.i64(5, c.rows)
	t.i64(6, c.uncompressed)
	t.i64(7, c.compressed)
	t.i64(9, c.dataOffset)
	if c.dictionaryBytes > 0 {
		t.i64(11, c.dictionaryOffset)
	}
	t.structure(12)
	t.i64(3, c.nulls)
	if c.bounds.known {
		t.text(5, string(c.bounds.max))
		t.text(6, string(c.bounds.min))
		t.truth(7, !c.bounds.maxCut)
		t.truth(8, !c.bounds.minCut)
	}
	t.end()
}

// appendPageHeader appends the header of a data page (dictionary false) or of the dictionary page.
func appendPageHeader(dst []byte, values int, e encoding, uncompressed, compressed int, dictionary bool) []byte {
	t := &thriftWriter{buf: dst}
	t.begin()
	kind, member := int32(0), int16(5)
	if dictionary {
		kind, member = 2, 7
	}
	t.i32(1, kind)
	t.i32(2, int32(uncompressed))
	t.i32(3, int32(compressed))
	t.structure(member)
	t.i32(1, int32(values))
	t.i32(2, int32(e))
	if !dictionary {
		t.i32(3, int32(encodingRLE)) // definition levels
		t.i32(4, int32(encodingRLE)) // repetition levels, of which there are none
	}
	t.end()
	t.end()
	return t.buf
}
