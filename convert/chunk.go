package convert

import (
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/convert/internal/parquet"
)

// Chunk is a piece of converted rows. It is immutable and may be read by any number of goroutines.
type Chunk struct {
	converter *Converter
	columns   []column
	rows      int
	chosen    []int32 // the rows of columns that are the chunk's, ascending; nil: all
	stats     Stats
}

// Select gives a chunk of some of c's rows, which are numbered from 0, in ascending order and each once. It shares c's
// memory and keeps rows: neither is to be changed. Bytes and Stats stay those of c.
func (c *Chunk) Select(rows []int32) *Chunk {
	of := *c
	of.chosen, of.rows = rows, len(rows)
	if c.chosen != nil {
		of.chosen = make([]int32, len(rows))
		for i, row := range rows {
			of.chosen[i] = c.chosen[row]
		}
	}
	return &of
}

// row gives the row of columns that row i of the chunk is.
func (c *Chunk) row(i int) int {
	if c.chosen == nil {
		return i
	}
	return int(c.chosen[i])
}

// held is the number of rows in the columns, of which a selection may be a part.
func (c *Chunk) held() int {
	if len(c.columns) == 0 {
		return c.rows
	}
	return len(c.columns[0].present)
}

// Times is a column of timestamps or dates.
type Times struct {
	chunk  *Chunk
	column *column
	unit   int64 // microseconds of a word
}

// Times gives the column of a name, as it is compared with keys, where it holds timestamps or dates.
func (c *Chunk) Times(name string) (t Times, ok bool) {
	name = strings.ToLower(name)
	for i, target := range c.converter.columns {
		if target.name != name {
			continue
		}
		switch target.hive.Kind {
		case loglake.KindTimestamp:
			return Times{chunk: c, column: &c.columns[i], unit: 1}, true
		case loglake.KindDate:
			return Times{chunk: c, column: &c.columns[i], unit: dayMicros}, true
		}
	}
	return Times{}, false
}

const dayMicros = 86400 * 1_000_000

// At gives the value of a row in microseconds since 1970-01-01T00:00:00Z, that of a date being its first moment; ok is
// false for NULL.
func (t Times) At(row int) (micros int64, ok bool) {
	row = t.chunk.row(row)
	if t.column.present[row] == 0 {
		return 0, false
	}
	return t.column.words[row] * t.unit, true
}

// Rows is the number of rows.
func (c *Chunk) Rows() int { return c.rows }

// Bytes is about how much memory the chunk holds.
func (c *Chunk) Bytes() int { return columnsBytes(c.columns) }

// Stats says what was seen while the chunk was built.
func (c *Chunk) Stats() Stats { return c.stats }

// Stats counts over the records that converted, for warnings about a schema that does not fit the data.
type Stats struct {
	Records  int64 // that converted
	Rows     int64
	NullRows int64 // rows in which every column is NULL
	Extra    int64 // values whose key fills no column
	// ExtraNames are up to ExtraNamesMax such keys, in order of first sight, as they are compared with columns and cut to
	// ExtraNameBytesMax.
	ExtraNames []string
}

// Limits of Stats.ExtraNames.
const (
	ExtraNamesMax     = 32
	ExtraNameBytesMax = 128
)

// column holds one column's rows. Rows are addressed by number, so a value that comes again replaces the first.
type column struct {
	bare    bool           // string or binary: takes the content of JSON strings as it is
	present []byte         // 1: the row has a value
	words   []int64        // of the columns that parquet.Values.Words holds
	spans   []parquet.Span // of the others, into data
	data    []byte
}

func columnsBytes(columns []column) int {
	n := 0
	for i := range columns {
		c := &columns[i]
		n += cap(c.present) + 8*cap(c.words) + 8*cap(c.spans) + cap(c.data)
	}
	return n
}

// ChunkBuilder collects records. It belongs to one goroutine. After Finish it is empty and may be used again, which is
// cheaper than another one: it has learned the order of the keys.
type ChunkBuilder struct {
	converter *Converter
	columns   []column
	seen      []seen // per column
	rows      int
	capacity  int // rows that the columns have room for; present is zero from rows on
	stats     Stats

	scan    scanner
	keys    []key          // see fields.go
	index   map[string]int // content of a name as it stands in the record → place in keys
	filled  int            // columns of the row being read that have a value
	most    int            // rows that there may be once the record being read has ended
	misfit  *Reject
	scratch []byte // an unescaped string, or JSON text
	extra   map[string]struct{}
}

// NewChunk gives an empty builder.
func (c *Converter) NewChunk() *ChunkBuilder {
	return &ChunkBuilder{converter: c, columns: c.emptyColumns(), seen: make([]seen, len(c.columns)),
		keys: make([]key, 1), index: make(map[string]int), extra: make(map[string]struct{})}
}

func (c *Converter) emptyColumns() []column {
	columns := make([]column, len(c.columns))
	for i, t := range c.columns {
		columns[i].bare = t.hive.Kind == loglake.KindString || t.hive.Kind == loglake.KindBinary
	}
	return columns
}

// Rows is the number of rows added since the last Finish.
func (b *ChunkBuilder) Rows() int { return b.rows }

// Bytes is about how much memory the rows hold.
func (b *ChunkBuilder) Bytes() int {
	n := cellBytes * b.rows * len(b.columns)
	for i := range b.columns {
		n += len(b.columns[i].data)
	}
	return n
}

// Add converts one put record: one JSON object or more, with or without white space between them. It gives the rows
// added, or why the record did not convert; then nothing was added. record is not kept.
func (b *ChunkBuilder) Add(record []byte) (rows int, reject *Reject) {
	before := b.rows
	extra := b.stats.Extra
	nulls := b.stats.NullRows
	b.scan = scanner{buf: record}
	b.misfit = nil
	b.most = before + max(1, RecordRowBytesMax/(cellBytes*len(b.columns)))
	ok := b.record()
	b.scan.buf = nil // it may be a piece of something large, which is not kept while the builder waits for its next record
	if !ok {
		b.stats.Extra, b.stats.NullRows = extra, nulls
		b.drop(before)
		if b.scan.reject != nil { // Jackson reads the record before the values are looked at
			return 0, b.scan.reject
		}
		return 0, b.misfit
	}
	b.stats.Records++
	b.stats.Rows += int64(b.rows - before)
	return b.rows - before, nil
}

// record reads all of the record; false: scan.reject or misfit says why not.
func (b *ChunkBuilder) record() bool {
	s := &b.scan
	if len(s.buf) >= 3 && s.buf[0] == 0xef && s.buf[1] == 0xbb && s.buf[2] == 0xbf {
		s.pos = 3 // a byte order mark, which Jackson skips
	}
	first := true
	for {
		c := s.space()
		if s.reject != nil {
			return false
		}
		if c == 0 {
			break
		}
		first = false
		ok := false
		switch c {
		case '{':
			ok = b.row(b.object)
		case '[':
			ok = b.row(b.array)
		default:
			ok = b.primitive()
		}
		if !ok {
			return false
		}
	}
	if first {
		b.misfit = malformedData(textBlank)
	}
	return b.misfit == nil
}

// primitive reads a value at the top level that is neither object nor array, which no row can be made of.
func (b *ChunkBuilder) primitive() bool {
	s := &b.scan
	number := s.buf[s.pos] == '-' || isDigit(s.buf[s.pos])
	if !s.skip(0) {
		return false
	}
	if number && s.pos < len(s.buf) && s.buf[s.pos] > ' ' {
		return s.unexpected(wantSpace)
	}
	b.fault(malformedData(textPrimitive))
	return true
}

// fault notes that the record does not fit the schema. Reading goes on: malformed JSON further on is what Firehose reports.
func (b *ChunkBuilder) fault(r *Reject) {
	if b.misfit == nil {
		b.misfit = r
	}
}

// row adds a row that read fills from the value at the scanner's position.
func (b *ChunkBuilder) row(read func(row int) bool) bool {
	if b.rows == b.most {
		b.misfit = malformedData(textTooMany, RecordRowBytesMax/(cellBytes*len(b.columns)), len(b.columns))
		return false
	}
	if b.rows == b.capacity {
		b.reserve(max(256, 2*b.capacity))
	}
	b.filled = 0
	row := b.rows
	b.rows++
	if !read(row) {
		return false
	}
	if b.filled == 0 {
		b.stats.NullRows++
	}
	return true
}

// reserve makes room for n rows.
func (b *ChunkBuilder) reserve(n int) {
	for i := range b.columns {
		c := &b.columns[i]
		c.present = append(make([]byte, 0, n), c.present...)[:n]
		if b.converter.columns[i].field.Physical < parquet.ByteArray {
			c.words = append(make([]int64, 0, n), c.words...)[:n]
		} else {
			c.spans = append(make([]parquet.Span, 0, n), c.spans...)[:n]
		}
	}
	b.capacity = n
}

// drop takes the rows from row on away again. Bytes of theirs in data stay until Finish; no row points at them.
func (b *ChunkBuilder) drop(row int) {
	for i := range b.columns {
		clear(b.columns[i].present[row:b.rows])
	}
	b.rows = row
}

// Finish gives the chunk and leaves the builder empty. The chunk holds copies of just the size it needs; the builder keeps
// its memory for the next one.
func (b *ChunkBuilder) Finish() *Chunk {
	chunk := &Chunk{converter: b.converter, columns: b.converter.emptyColumns(), rows: b.rows, stats: b.stats}
	var words, spans, bytes int
	for i := range b.columns {
		c := &b.columns[i]
		words += min(b.rows, len(c.words))
		spans += min(b.rows, len(c.spans))
		bytes += b.rows + len(c.data)
	}
	room := slab{words: make([]int64, 0, words), spans: make([]parquet.Span, 0, spans), bytes: make([]byte, 0, bytes)}
	for i := range b.columns {
		c := &b.columns[i]
		chunk.columns[i] = room.copyOf(c, b.rows)
		clear(c.present[:b.rows])
		c.data = c.data[:0]
	}
	clear(b.seen)
	b.rows, b.stats = 0, Stats{}
	clear(b.extra)
	b.forget()
	return chunk
}

// slab is the memory of a chunk's columns in one piece each.
type slab struct {
	words []int64
	spans []parquet.Span
	bytes []byte
}

// copyOf gives a copy of the first rows of a column.
func (s *slab) copyOf(c *column, rows int) column {
	to := column{bare: c.bare}
	to.words, s.words = carve(s.words, c.words[:min(rows, len(c.words))])
	to.spans, s.spans = carve(s.spans, c.spans[:min(rows, len(c.spans))])
	to.present, s.bytes = carve(s.bytes, c.present[:rows])
	to.data, s.bytes = carve(s.bytes, c.data)
	return to
}

// carve appends src to a slab that has room for it, and gives the copy.
func carve[T any](room, src []T) (piece, rest []T) {
	n := len(room)
	rest = append(room, src...)
	return rest[n:len(rest):len(rest)], rest
}
