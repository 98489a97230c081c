// Package parquet writes Parquet files from typed columns, and nothing else: flat schemas of OPTIONAL columns, version 1
// data pages, one compressor, bounds for every column chunk. It exists because conversion holds whole columns already:
// a general writer takes them apart into values and puts them together again, which costs more than the encoding.
//
// What it does better than a general writer: it picks the encoding of each column chunk by trying the candidates on a
// sample with the file's own compressor (see choose), so that a timestamp becomes deltas, a status code a byte-wide
// dictionary index and a request id bytes without lengths between them.
//
// Start with Writer; a column chunk is made in column.go, the encodings are in plain.go, rle.go, delta.go and dict.go,
// the footer in meta.go. The format: https://parquet.apache.org/docs/file-format/ and parquet.thrift.
package parquet

import (
	"fmt"
	"io"
)

// Physical is a Parquet physical type; the numbers are those of parquet.thrift.
type Physical int32

// The physical types written. INT96 is deprecated and never written.
const (
	Boolean   Physical = 0
	Int32     Physical = 1
	Int64     Physical = 2
	Float     Physical = 4
	Double    Physical = 5
	ByteArray Physical = 6
	Fixed     Physical = 7
)

// Logical says what the values of a physical type mean.
type Logical uint8

// The logical types written.
const (
	None      Logical = iota
	String            // on ByteArray
	Decimal           // on Fixed, big-endian two's complement
	Date              // on Int32, days since 1970-01-01
	Timestamp         // on Int64, microseconds, not adjusted to UTC
	Int8              // on Int32
	Int16             // on Int32
)

// Field describes one column of the file.
type Field struct {
	Name      string
	Physical  Physical
	Logical   Logical
	Length    int // bytes of a Fixed value
	Precision int // of a Decimal
	Scale     int // of a Decimal
}

// Span is the place of a byte-array value in Values.Data.
type Span struct{ Off, Len uint32 }

// Values is one column of one row group. Nulls take no place in Words and Spans.
type Values struct {
	Present []byte  // per row 1 or 0; nil where no row is null
	Words   []int64 // Boolean 0 or 1, integers, and the IEEE bits of Float (low 32) and Double
	Spans   []Span  // ByteArray, Fixed
	Data    []byte
}

// Config is what a file is made with.
type Config struct {
	Fields    []Field
	Codec     Codec
	PageBytes int // the size that pages aim at before compression; required
	BoundMax  int // the longest string bound in bytes; required
	CreatedBy string
	Metadata  []KeyValue // in this order
}

// KeyValue is an entry of the file's key-value metadata.
type KeyValue struct{ Key, Value string }

// ColumnSummary is what a finished file says of a column, over all its row groups.
type ColumnSummary struct {
	Bytes     int64  // compressed, dictionary and page headers included
	NullCount int64  // rows without a value
	Min, Max  []byte // as in Statistics.min_value: PLAIN, byte arrays without length; nil where there is no value
}

// Writer writes one file. It is not safe for concurrent use.
type Writer struct {
	config  Config
	out     io.Writer
	offset  int64
	rows    int64
	groups  []group
	columns []columnState
	encoder columnEncoder
}

type columnState struct {
	bytes, nulls int64
	bounds       bounds
}

// NewWriter starts a file on out.
func NewWriter(out io.Writer, config Config) (*Writer, error) {
	w := &Writer{config: config, out: out, columns: make([]columnState, len(config.Fields))}
	var err error
	if w.encoder.compressors, err = newCompressors(config.Codec); err != nil {
		return nil, err
	}
	w.encoder.write = w.write
	w.encoder.pageBytes = config.PageBytes
	w.encoder.boundMax = config.BoundMax
	return w, w.write([]byte(magic))
}

const magic = "PAR1"

func (w *Writer) write(b []byte) error {
	n, err := w.out.Write(b)
	w.offset += int64(n)
	if err != nil {
		return fmt.Errorf("write Parquet file: %w", err)
	}
	return nil
}

// Group writes one row group. column is asked for the values of one column after the other; what it returns may share
// memory with what it returned before.
func (w *Writer) Group(rows int, column func(i int) Values) error {
	g := group{rows: int64(rows), chunks: make([]chunk, 0, len(w.config.Fields))}
	for i, field := range w.config.Fields {
		start := w.offset
		c, err := w.encoder.encode(field, rows, column(i))
		if err != nil {
			return fmt.Errorf("encode column %s: %w", field.Name, err)
		}
		if c.dictionaryBytes > 0 {
			c.dictionaryOffset = start
		}
		c.dataOffset = start + c.dictionaryBytes
		g.chunks = append(g.chunks, c)
		g.uncompressed += c.uncompressed
		g.compressed += c.compressed
		state := &w.columns[i]
		state.bytes += c.compressed
		state.nulls += c.nulls
		state.bounds.merge(field, c.bounds)
	}
	w.rows += int64(rows)
	w.groups = append(w.groups, g)
	return nil
}

// Close writes the footer and gives the file's size and a summary per column. It does not close the underlying writer.
func (w *Writer) Close() (bytes int64, columns []ColumnSummary, err error) {
	if err := w.write(w.footer()); err != nil {
		return 0, nil, err
	}
	for _, state := range w.columns {
		summary := ColumnSummary{Bytes: state.bytes, NullCount: state.nulls}
		if state.bounds.known {
			summary.Min, summary.Max = state.bounds.min, state.bounds.max
		}
		columns = append(columns, summary)
	}
	return w.offset, columns, nil
}
