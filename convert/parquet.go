package convert

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/convert/internal/parquet"
)

// BoundBytesMax is the longest string bound in FileStats and in the file: a longer minimum is cut, a longer maximum is
// cut and rounded up, so that they stay bounds.
const BoundBytesMax = 64

// Sizes of a file where ParquetOptions don't say.
const (
	PageBytesDefault     = 1 << 20
	RowGroupBytesDefault = 128 << 20
	// rowGroupRowsMax bounds a row group, which is what a reader skips by its bounds and what its threads share out.
	rowGroupRowsMax = 1 << 18
	// rowGroupBytesMax keeps what a row group is gathered in below the 4 GiB that a Span reaches.
	rowGroupBytesMax = 1 << 29
)

// ParquetOptions says how a file is written. The zero value is uncompressed, in the order of the chunks.
type ParquetOptions struct {
	Codec         string // UNCOMPRESSED (also ""), SNAPPY, GZIP, ZSTD
	RowGroupBytes int64  // of values before encoding, ≥ 1; 0: RowGroupBytesDefault
	PageBytes     int64  // of a page before compression, ≥ 1; 0: PageBytesDefault
	SortBy        string // the column that rows are sorted by, equal ones in their order, NULL last; "": keep the order
	// Metadata goes to the file's key-value metadata, sorted by key.
	Metadata map[string]string
}

// FileStats is what the manifest keeps of a written file.
type FileStats struct {
	Rows    int64
	Bytes   int64
	Columns []loglake.ColumnBounds // in the order of the schema; bounds as BoundBytesMax says, byte arrays without length
}

var codecs = map[string]parquet.Codec{"": parquet.Uncompressed, "UNCOMPRESSED": parquet.Uncompressed,
	"SNAPPY": parquet.Snappy, "GZIP": parquet.Gzip, "ZSTD": parquet.Zstd}

// WriteParquet writes the rows of chunks, which are of one Converter, as one Parquet file: all columns OPTIONAL, with
// lower-case names, bounds for every column of every row group. The same chunks and options give the same bytes. Errors
// of w are handed through; CodeInvalid names an option that can't be.
func WriteParquet(w io.Writer, chunks []*Chunk, o ParquetOptions) (FileStats, error) {
	if len(chunks) == 0 {
		return FileStats{}, loglake.Errorf(loglake.CodeInvalid, "There are no rows to write a file of.")
	}
	codec, ok := codecs[o.Codec]
	if !ok {
		return FileStats{}, loglake.Errorf(loglake.CodeInvalid, "The compression %q is none of UNCOMPRESSED, SNAPPY, GZIP and ZSTD.", o.Codec)
	}
	converter := chunks[0].converter
	for _, c := range chunks {
		if c.converter != converter {
			return FileStats{}, fmt.Errorf("write Parquet: chunks of two schemas, table versions %q and %q, can't share a file",
				converter.schema.Version, c.converter.schema.Version)
		}
	}
	order, err := orderOf(chunks, o.SortBy)
	if err != nil {
		return FileStats{}, err
	}
	config := parquet.Config{Codec: codec, PageBytes: int(o.PageBytes), BoundMax: BoundBytesMax, CreatedBy: "loglake version 1"}
	if config.PageBytes == 0 {
		config.PageBytes = PageBytesDefault
	}
	for _, t := range converter.columns {
		config.Fields = append(config.Fields, t.field)
	}
	for _, key := range slices.Sorted(maps.Keys(o.Metadata)) {
		config.Metadata = append(config.Metadata, parquet.KeyValue{Key: key, Value: o.Metadata[key]})
	}
	file, err := parquet.NewWriter(w, config)
	if err != nil {
		return FileStats{}, err
	}
	return writeGroups(file, chunks, order, rowsPerGroup(chunks, o.RowGroupBytes))
}

// rowsPerGroup is how many rows of the chunks' average size make a row group.
func rowsPerGroup(chunks []*Chunk, limit int64) int {
	if limit <= 0 {
		limit = RowGroupBytesDefault
	}
	limit = min(limit, rowGroupBytesMax)
	rows, bytes := 1, 1
	for _, c := range chunks {
		rows += c.rows
		for i := range c.columns {
			bytes += 8*c.rows + len(c.columns[i].data)
		}
	}
	return int(max(1, min(rowGroupRowsMax, limit*int64(rows)/int64(bytes))))
}

func writeGroups(file *parquet.Writer, chunks []*Chunk, order []run, groupRows int) (FileStats, error) {
	var stats FileStats
	g := gatherer{chunks: chunks}
	for len(order) > 0 {
		var rows int
		g.order, order, rows = take(order, groupRows)
		if err := file.Group(rows, g.column); err != nil {
			return stats, err
		}
		stats.Rows += int64(rows)
	}
	bytes, columns, err := file.Close()
	if err != nil {
		return stats, err
	}
	stats.Bytes = bytes
	for i, c := range columns {
		stats.Columns = append(stats.Columns, loglake.ColumnBounds{Name: chunks[0].converter.columns[i].name,
			Bytes: c.Bytes, NullCount: c.NullCount, Min: c.Min, Max: c.Max})
	}
	return stats, nil
}

// gatherer collects the rows of one row group column by column. What it gives is good until the next column.
type gatherer struct {
	chunks []*Chunk
	order  []run
	values parquet.Values
	bases  []int // per chunk: where its bytes begin in values.Data; -1: not copied yet
}

func (g *gatherer) column(i int) parquet.Values {
	present, nulls := g.values.Present[:0], false
	for _, r := range g.order {
		p := g.chunks[r.chunk].columns[i].present[r.from:r.to]
		present = append(present, p...)
	}
	for _, p := range present {
		if p == 0 {
			nulls = true
			break
		}
	}
	g.values.Present = present
	if g.chunks[0].converter.columns[i].field.Physical < parquet.ByteArray {
		g.words(i)
		return g.view(parquet.Values{Words: g.values.Words}, nulls)
	}
	g.spans(i)
	return g.view(parquet.Values{Spans: g.values.Spans, Data: g.values.Data}, nulls)
}

// view adds the presence of values where some are not there.
func (g *gatherer) view(v parquet.Values, nulls bool) parquet.Values {
	if nulls {
		v.Present = g.values.Present
	}
	return v
}

func (g *gatherer) words(i int) {
	words := g.values.Words[:0]
	for _, r := range g.order {
		c := &g.chunks[r.chunk].columns[i]
		for row := r.from; row < r.to; row++ {
			if c.present[row] != 0 {
				words = append(words, c.words[row])
			}
		}
	}
	g.values.Words = words
}

// spans gathers byte values. The bytes of a chunk are taken over whole, which is one copy, unless the rows are strewn
// over many chunks.
func (g *gatherer) spans(i int) {
	spans, data := g.values.Spans[:0], g.values.Data[:0]
	g.bases = append(g.bases[:0], make([]int, len(g.chunks))...)
	rows, touched := 0, 0
	for _, r := range g.order {
		rows += int(r.to - r.from)
		if g.bases[r.chunk] == 0 {
			g.bases[r.chunk] = -1
			touched += g.chunks[r.chunk].rows
		}
	}
	strewn := touched > 4*rows
	for _, r := range g.order {
		c := &g.chunks[r.chunk].columns[i]
		if !strewn && g.bases[r.chunk] < 0 {
			g.bases[r.chunk] = len(data)
			data = append(data, c.data...)
		}
		base := uint32(g.bases[r.chunk])
		for row := r.from; row < r.to; row++ {
			if c.present[row] == 0 {
				continue
			}
			s := c.spans[row]
			if strewn {
				spans = append(spans, parquet.Span{Off: uint32(len(data)), Len: s.Len})
				data = append(data, c.data[s.Off:s.Off+s.Len]...)
			} else {
				spans = append(spans, parquet.Span{Off: base + s.Off, Len: s.Len})
			}
		}
	}
	g.values.Spans, g.values.Data = spans, data
}
