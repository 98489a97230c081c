package query

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"

	"github.com/loglake/loglake/query/dialect"
	"github.com/loglake/loglake/query/engine"
	"github.com/loglake/loglake/store"
)

// Limits of GetQueryResults.
const (
	PageRowsMax     = 1000    // of one page, the header row included; also the default
	PageBytesMax    = 8 << 20 // of a page's values, about: a page of wide rows ends early, and has one row at least
	pageTokenPrefix = "at:"
)

// Row is one row of a result; nil is NULL.
type Row []*string

// Results is a page of GetQueryResults.
type Results struct {
	Columns     []ColumnInfo
	Rows        []Row
	NextToken   string // "" at the end
	UpdateCount *int64
}

// resultWriter is the CSV of a running query as an io.Reader, in Athena's form: every value in quotes, NULL is nothing.
type resultWriter struct {
	next    func() (*engine.Batch, error)
	types   []dialect.Type
	rowsMax int64 // 0: no limit
	rows    int64 // written so far

	bytesMax int64 // 0: no limit
	bytes    int64
	buf      []byte
	err      error
}

func newResultWriter(columns []ColumnInfo, types []dialect.Type, next func() (*engine.Batch, error)) *resultWriter {
	w := &resultWriter{next: next, types: types}
	for i, c := range columns {
		w.comma(i)
		w.quoted([]byte(c.Name))
	}
	w.buf = append(w.buf, '\n')
	return w
}

// Read gives the next bytes of the file.
func (w *resultWriter) Read(p []byte) (int, error) {
	for len(w.buf) == 0 && w.err == nil {
		w.err = w.fill()
	}
	if len(w.buf) == 0 {
		return 0, w.err
	}
	n := copy(p, w.buf)
	w.buf = w.buf[n:]
	w.bytes += int64(n)
	if w.bytesMax > 0 && w.bytes > w.bytesMax {
		w.err = failTrino("EXCEEDED_RESULT_BYTES", "the result has more than %d bytes, the limit of this server; add a LIMIT or aggregate", w.bytesMax)
		return 0, w.err
	}
	return n, nil
}

func (w *resultWriter) fill() error {
	batch, err := w.next()
	if err != nil {
		return err
	}
	if batch == nil {
		return io.EOF
	}
	w.rows += int64(batch.Rows)
	if w.rowsMax > 0 && w.rows > w.rowsMax {
		return failTrino("EXCEEDED_RESULT_ROWS", "the result has more than %d rows, the limit of this server; add a LIMIT or aggregate", w.rowsMax)
	}
	w.buf = w.buf[:0]
	var value []byte
	for i := range batch.Rows {
		for k := range batch.Columns {
			w.comma(k)
			if v := &batch.Columns[k]; !v.IsNull(i) {
				value = appendText(value[:0], v, i, w.types[k])
				w.quoted(value)
			}
		}
		w.buf = append(w.buf, '\n')
	}
	return nil
}

func (w *resultWriter) comma(column int) {
	if column > 0 {
		w.buf = append(w.buf, ',')
	}
}

func (w *resultWriter) quoted(value []byte) {
	w.buf = append(w.buf, '"')
	for _, b := range value {
		if b == '"' {
			w.buf = append(w.buf, '"')
		}
		w.buf = append(w.buf, b)
	}
	w.buf = append(w.buf, '"')
}

// rowReader reads rows back from a result file and counts its bytes.
type rowReader struct {
	in  *bufio.Reader
	at  int64
	csv bool // else one value per line
}

// next gives a row, io.EOF at the end.
func (r *rowReader) next() (Row, error) {
	if !r.csv {
		line, err := r.in.ReadString('\n')
		r.at += int64(len(line))
		if err != nil && line == "" {
			return nil, err
		}
		line = strings.TrimSuffix(line, "\n")
		return Row{&line}, nil
	}
	var row Row
	for {
		value, end, err := r.value()
		if err == io.EOF && row == nil && value == nil {
			return nil, io.EOF
		}
		if err != nil {
			return nil, fmt.Errorf("read result: %w", io.ErrUnexpectedEOF)
		}
		row = append(row, value)
		if end {
			return row, nil
		}
	}
}

// value reads one value and the comma or line end behind it.
func (r *rowReader) value() (value *string, end bool, err error) {
	c, err := r.byte()
	if err == nil && c == '"' {
		var text strings.Builder
		for {
			if c, err = r.byte(); err != nil {
				return nil, false, io.ErrUnexpectedEOF
			}
			if c == '"' {
				if c, err = r.byte(); c != '"' || err != nil {
					break
				}
			}
			text.WriteByte(c)
		}
		s := text.String()
		value = &s
	}
	if err == nil && c != ',' && c != '\n' {
		err = errors.New("neither a comma nor a line end behind a value")
	}
	return value, c == '\n', err
}

func (r *rowReader) byte() (byte, error) {
	c, err := r.in.ReadByte()
	if err == nil {
		r.at++
	}
	return c, err
}

// Results gives a page of a finished execution's result. An empty token begins at the start; maxRows 0 is PageRowsMax.
// The page comes from the result file, so it is gone when somebody deletes that.
func (e *Executions) Results(ctx context.Context, id, token string, maxRows int) (Results, error) {
	x, err := e.Get(ctx, id)
	if err != nil {
		return Results{}, err
	}
	if maxRows > PageRowsMax {
		return Results{}, refuse(CodeInvalidInput, "MaxResults is more than maximum allowed length %d", PageRowsMax)
	}
	if maxRows == 0 {
		maxRows = PageRowsMax
	}
	page := Results{Columns: x.Columns, UpdateCount: x.UpdateCount}
	switch {
	case x.State == Queued || x.State == Running:
		return Results{}, refuse(CodeExecutionState, "Query has not yet finished. Current state: %s", x.State)
	case x.State == Cancelled:
		return Results{}, refuse(CodeNoResult, "Could not find results")
	case x.State == Failed && x.hive():
		return Results{}, nil
	case x.State == Failed:
		return Results{}, refuse(CodeExecutionState, "Query did not finish successfully. Final query state: %s", x.State)
	}
	offset, err := offsetOf(token)
	if err != nil {
		return Results{}, err
	}
	next := offset
	page.Rows, next, err = e.page(ctx, x, offset, maxRows)
	if err == nil && (len(page.Rows) == maxRows || next-offset >= PageBytesMax) {
		page.NextToken = tokenOf(next)
	}
	return page, err
}

// page reads at most maxRows rows from a byte offset of the result file and gives the offset behind them.
func (e *Executions) page(ctx context.Context, x Execution, offset int64, maxRows int) ([]Row, int64, error) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(x.Output, "s3://"), "/")
	content, object, err := e.config.Store.Get(ctx, bucket, key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, refuse(CodeNoResult, "Could not find results")
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read result of %s: %w", x.ID, err)
	}
	defer content.Close()
	if offset > object.Bytes {
		return nil, 0, refuse(CodeInvalidInput, "Malformed nextPageToken %s", tokenOf(offset))
	}
	if _, err := content.Seek(offset, io.SeekStart); err != nil {
		return nil, 0, fmt.Errorf("read result of %s: %w", x.ID, err)
	}
	r := rowReader{in: bufio.NewReaderSize(content, 64<<10), at: offset, csv: strings.HasSuffix(key, ".csv")}
	rows := []Row{}
	for len(rows) < maxRows && r.at-offset < PageBytesMax {
		row, err := r.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, 0, err
		}
		rows = append(rows, row)
	}
	return rows, r.at, nil
}

// A page token is the offset of the next row in the result file. It is not a secret: it opens nothing else.
func tokenOf(offset int64) string {
	return base64.URLEncoding.EncodeToString([]byte(pageTokenPrefix + strconv.FormatInt(offset, 10)))
}

func offsetOf(token string) (int64, error) {
	if token == "" {
		return 0, nil
	}
	text, err := base64.URLEncoding.DecodeString(token)
	digits, found := strings.CutPrefix(string(text), pageTokenPrefix)
	offset, numErr := strconv.ParseInt(digits, 10, 64)
	if err != nil || !found || numErr != nil || offset < 0 {
		return 0, refuse(CodeInvalidInput, "Malformed nextPageToken %s", token)
	}
	return offset, nil
}

// putMetadata writes the file beside the result that tells JDBC drivers the columns.
func (e *Executions) putMetadata(ctx context.Context, x Execution) error {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(x.Output, "s3://"), "/")
	_, err := e.config.Store.Put(ctx, bucket, key+".metadata", strings.NewReader(string(metadata(x.ID, x.Columns))), store.PutOptions{})
	return err
}
