package convert

import (
	"bytes"
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
	rowGroupRowsMax = 1 << 20
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
	rows, size := 1, 1
	for _, c := range chunks {
		rows += c.rows
		for i := range c.columns {
			size += 8*c.rows + c.share(len(c.columns[i].data))
		}
	}
	return int(max(1, min(rowGroupRowsMax, limit*int64(rows)/int64(size))))
}

// share gives about how much of what the columns hold belongs to the chunk's rows.
func (c *Chunk) share(bytes int) int {
	if c.chosen == nil {
		return bytes
	}
	return int(int64(bytes) * int64(c.rows) / int64(max(1, c.held())))
}

func writeGroups(file *parquet.Writer, chunks []*Chunk, order []run, groupRows int) (FileStats, error) {
	var stats FileStats
	g := gatherer{chunks: chunks}
	for len(order) > 0 {
		var rows int
		g.order, order, rows = take(order, groupRows)
		g.reserve(rows)
		if err := file.Group(rows, g.column); err != nil {
			return stats, err
		}
		stats.Rows += int64(rows)
	}
	size, columns, err := file.Close()
	if err != nil {
		return stats, err
	}
	stats.Bytes = size
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
	source []*column // per chunk: the column being gathered
	bases  []int     // per chunk: where its bytes begin in values.Data; -1: not copied yet
}

// reserve makes room for rows, so that no buffer grows step by step.
func (g *gatherer) reserve(rows int) {
	if cap(g.values.Present) >= rows {
		return
	}
	g.values.Present = make([]byte, 0, rows)
	g.values.Words = make([]int64, 0, rows)
	g.values.Spans = make([]parquet.Span, 0, rows)
	most := 0
	for i := range g.chunks[0].columns {
		size := 0
		for _, c := range g.chunks {
			size += c.share(len(c.columns[i].data))
		}
		most = max(most, size)
	}
	g.values.Data = make([]byte, 0, min(most, rowGroupBytesMax))
}

func (g *gatherer) column(i int) parquet.Values {
	g.source = g.source[:0]
	for _, c := range g.chunks {
		g.source = append(g.source, &c.columns[i])
	}
	present := g.values.Present[:0]
	for _, r := range g.order {
		if c := g.source[r.chunk]; r.to == r.from+1 { // most runs, where rows are sorted
			present = append(present, c.present[r.from])
		} else {
			present = append(present, c.present[r.from:r.to]...)
		}
	}
	nulls := bytes.IndexByte(present, 0) >= 0
	g.values.Present = present
	if g.chunks[0].converter.columns[i].field.Physical < parquet.ByteArray {
		g.words()
		return g.view(parquet.Values{Words: g.values.Words}, nulls)
	}
	g.spans()
	return g.view(parquet.Values{Spans: g.values.Spans, Data: g.values.Data}, nulls)
}

// view adds the presence of values where some are not there.
func (g *gatherer) view(v parquet.Values, nulls bool) parquet.Values {
	if nulls {
		v.Present = g.values.Present
	}
	return v
}

func (g *gatherer) words() {
	words := g.values.Words[:0]
	for _, r := range g.order {
		c := g.source[r.chunk]
		if r.to == r.from+1 {
			if c.present[r.from] != 0 {
				words = append(words, c.words[r.from])
			}
			continue
		}
		present, values := c.present[r.from:r.to], c.words[r.from:r.to]
		for row, p := range present {
			if p != 0 {
				words = append(words, values[row])
			}
		}
	}
	g.values.Words = words
}

// spans gathers byte values. The bytes of a chunk are taken over whole, which is one copy, unless the rows are strewn
// over many chunks.
func (g *gatherer) spans() {
	spans, data := g.values.Spans[:0], g.values.Data[:0]
	g.bases = append(g.bases[:0], make([]int, len(g.chunks))...)
	rows, touched := 0, 0
	for _, r := range g.order {
		rows += int(r.to - r.from)
		if g.bases[r.chunk] == 0 {
			g.bases[r.chunk] = -1
			touched += g.chunks[r.chunk].held()
		}
	}
	if touched > 4*rows {
		g.strewn()
		return
	}
	for _, r := range g.order {
		c := g.source[r.chunk]
		if g.bases[r.chunk] < 0 {
			g.bases[r.chunk] = len(data)
			data = append(data, c.data...)
		}
		base := uint32(g.bases[r.chunk])
		for row := r.from; row < r.to; row++ {
			if c.present[row] != 0 {
				s := c.spans[row]
				s.Off += base
				spans = append(spans, s)
			}
		}
	}
	g.values.Spans, g.values.Data = spans, data
}

// strewn is spans value by value.
func (g *gatherer) strewn() {
	spans, data := g.values.Spans[:0], g.values.Data[:0]
	for _, r := range g.order {
		c := g.source[r.chunk]
		for row := r.from; row < r.to; row++ {
			if c.present[row] != 0 {
				s := c.spans[row]
				spans = append(spans, parquet.Span{Off: uint32(len(data)), Len: s.Len})
				data = append(data, c.data[s.Off:s.Off+s.Len]...)
			}
		}
	}
	g.values.Spans, g.values.Data = spans, data
}
