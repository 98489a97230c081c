package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/client"
	"github.com/loglake/loglake/convert"
)

// rowWriter writes a result row by row. close ends a whole result; abandon one that broke off, of which what can be
// shown is shown.
type rowWriter interface {
	row(values []*string) error
	close() error
	abandon() error
}

// newRowWriter gives the writer of a format that is one of formats.
func newRowWriter(format string, w io.Writer, columns []client.QueryColumn) rowWriter {
	out := bufio.NewWriterSize(w, 64<<10)
	switch format {
	case "csv":
		return newCSV(out, columns)
	case "json":
		return newNDJSON(out, columns)
	case "parquet":
		return &parquetRows{w: out, columns: columns}
	}
	return newTableRows(out, columns)
}

// plainType is a column's type without what stands in parentheses.
func plainType(c client.QueryColumn) string {
	kind, _, _ := strings.Cut(c.Type, "(")
	return kind
}

// uniqueNames are the names of columns; where one comes again it gets a number, as a JSON object and a Parquet file need.
func uniqueNames(columns []client.QueryColumn) []string {
	taken := map[string]bool{}
	names := make([]string, len(columns))
	for i, c := range columns {
		name := c.Name
		for n := 2; taken[strings.ToLower(name)]; n++ {
			name = fmt.Sprintf("%s_%d", c.Name, n)
		}
		taken[strings.ToLower(name)] = true
		names[i] = name
	}
	return names
}

// tableSample is how many rows decide how wide the columns of a table are.
const tableSample = 1000

// tableRows writes a table. A result of one column is shown whole; with more, long values are cut.
type tableRows struct {
	w       *bufio.Writer
	table   table
	columns *columns // nil while the sample is gathered
	buf     bytes.Buffer
}

func newTableRows(w *bufio.Writer, list []client.QueryColumn) *tableRows {
	t := &tableRows{w: w}
	for _, c := range list {
		t.table.header = append(t.table.header, printable(c.Name))
		t.table.right = append(t.table.right, numbers[plainType(c)])
	}
	return t
}

func (t *tableRows) row(values []*string) error {
	if len(values) == 1 && values[0] != nil {
		for line := range strings.SplitSeq(*values[0], "\n") {
			t.table.add(printable(line))
		}
	} else {
		cells := make([]string, len(values))
		for i, v := range values {
			if cells[i] = "NULL"; v != nil {
				cells[i] = shown(*v)
			}
		}
		t.table.add(cells...)
	}
	if len(t.table.rows) < tableSample {
		return nil
	}
	return t.flush()
}

// flush writes the rows that are gathered.
func (t *tableRows) flush() error {
	t.buf.Reset()
	if t.columns == nil {
		t.columns = t.table.begin(&t.buf)
	}
	t.columns.lines(&t.buf, t.table.rows)
	t.table.rows = t.table.rows[:0]
	_, err := t.w.Write(t.buf.Bytes())
	return err
}

func (t *tableRows) close() error {
	if len(t.table.header) == 0 { // DDL
		return nil
	}
	if err := t.flush(); err != nil {
		return err
	}
	return t.w.Flush()
}

func (t *tableRows) abandon() error { return t.close() }

// csvRows writes CSV as RFC 4180 has it, with \n at the end of lines. NULL is nothing, and an empty text is "".
type csvRows struct {
	w    *bufio.Writer
	line []byte
}

func newCSV(w *bufio.Writer, columns []client.QueryColumn) *csvRows {
	c := &csvRows{w: w}
	header := make([]*string, len(columns))
	for i := range columns {
		header[i] = &columns[i].Name
	}
	if len(header) > 0 {
		_ = c.row(header) // an error stays in w, and the next write gives it
	}
	return c
}

func (c *csvRows) row(values []*string) error {
	c.line = c.line[:0]
	for i, v := range values {
		if i > 0 {
			c.line = append(c.line, ',')
		}
		switch {
		case v == nil:
		case *v == "" || strings.ContainsAny(*v, "\",\r\n") || (*v)[0] == ' ' || (*v)[len(*v)-1] == ' ':
			c.line = append(append(append(c.line, '"'), strings.ReplaceAll(*v, `"`, `""`)...), '"')
		default:
			c.line = append(c.line, *v...)
		}
	}
	_, err := c.w.Write(append(c.line, '\n'))
	return err
}

func (c *csvRows) close() error   { return c.w.Flush() }
func (c *csvRows) abandon() error { return c.w.Flush() }

// ndjsonRows writes a JSON object per line.
type ndjsonRows struct {
	w    *bufio.Writer
	keys [][]byte // each with its colon
	bare []bool   // numbers and booleans, by column
	line []byte
}

func newNDJSON(w *bufio.Writer, columns []client.QueryColumn) *ndjsonRows {
	j := &ndjsonRows{w: w}
	for i, name := range uniqueNames(columns) {
		j.keys = append(j.keys, append(appendJSON(nil, name), ':'))
		kind := plainType(columns[i])
		j.bare = append(j.bare, numbers[kind] || kind == "boolean")
	}
	return j
}

func (j *ndjsonRows) row(values []*string) error {
	j.line = append(j.line[:0], '{')
	for i, v := range values {
		if i > 0 {
			j.line = append(j.line, ',')
		}
		j.line = append(j.line, j.keys[i]...)
		switch {
		case v == nil:
			j.line = append(j.line, "null"...)
		case j.bare[i] && *v != "NaN" && !strings.HasSuffix(*v, "Infinity"): // for which JSON has no number
			j.line = append(j.line, *v...)
		default:
			j.line = appendJSON(j.line, *v)
		}
	}
	_, err := j.w.Write(append(j.line, "}\n"...))
	return err
}

func (j *ndjsonRows) close() error   { return j.w.Flush() }
func (j *ndjsonRows) abandon() error { return j.w.Flush() }

// appendJSON adds a JSON string.
func appendJSON(dst []byte, text string) []byte {
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string always can be
	return append(dst, bytes.TrimSuffix(buf.Bytes(), []byte("\n"))...)
}

// parquetRows gathers a result and writes it as one Parquet file at its end: all of it is in memory until then.
type parquetRows struct {
	w       *bufio.Writer
	columns []client.QueryColumn
	builder *convert.ChunkBuilder
	chunks  []*convert.Chunk
	keys    [][]byte
	record  []byte
}

// hiveTypes are the types of columns in the file; all others, and binary ones, which travel as hexadecimal digits, become
// strings.
var hiveTypes = map[string]string{"boolean": "boolean", "tinyint": "tinyint", "smallint": "smallint", "integer": "int", "bigint": "bigint",
	"float": "float", "double": "double", "date": "date", "timestamp": "timestamp"}

func (p *parquetRows) open() error {
	if p.builder != nil {
		return nil
	}
	if len(p.columns) == 0 {
		return loglake.Errorf(loglake.CodeInvalid, "the statement has no columns, and so there is no Parquet file of it")
	}
	schema := loglake.Schema{Database: "query", Table: "result"}
	for i, name := range uniqueNames(p.columns) {
		kind := hiveTypes[plainType(p.columns[i])]
		if strings.HasPrefix(p.columns[i].Type, "decimal(") {
			kind = p.columns[i].Type
		}
		if kind == "" {
			kind = "string"
		}
		schema.Columns = append(schema.Columns, loglake.Column{Name: name, Type: kind})
		p.keys = append(p.keys, append(appendJSON(nil, name), ':'))
	}
	converter, err := convert.New(convert.Config{Schema: schema})
	if err != nil {
		return err
	}
	p.builder = converter.NewChunk()
	return nil
}

// row hands a row to the converter as it takes records: each of its types reads the text that Athena writes.
func (p *parquetRows) row(values []*string) error {
	if err := p.open(); err != nil {
		return err
	}
	p.record = append(p.record[:0], '{')
	for i, v := range values {
		if v == nil {
			continue
		}
		if len(p.record) > 1 {
			p.record = append(p.record, ',')
		}
		p.record = appendJSON(append(p.record, p.keys[i]...), *v)
	}
	if _, reject := p.builder.Add(append(p.record, '}')); reject != nil {
		return fmt.Errorf("write Parquet: %w", reject)
	}
	if p.builder.Rows() >= convert.ChunkRowsMax || p.builder.Bytes() >= convert.ChunkBytesMax {
		p.chunks = append(p.chunks, p.builder.Finish())
	}
	return nil
}

func (p *parquetRows) close() error {
	if err := p.open(); err != nil {
		return err
	}
	p.chunks = append(p.chunks, p.builder.Finish())
	if _, err := convert.WriteParquet(p.w, p.chunks, convert.ParquetOptions{Codec: "ZSTD"}); err != nil {
		return err
	}
	return p.w.Flush()
}

func (p *parquetRows) abandon() error { return nil }
