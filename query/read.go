package query

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// ResultReader reads the result of a finished execution row by row, for loglake's own clients. It belongs to one
// goroutine, which closes it.
type ResultReader struct {
	Columns []ColumnInfo

	content io.Closer
	rows    rowReader
	id      string
}

// OpenResult gives the rows of an execution that has succeeded. Unlike Results it knows no pages, leaves out the row of
// the names, and gives every row as many values as there are columns: Athena gives a line of text where a statement of
// the Hive grammar has several columns, which is taken apart here, without the blanks that fill it up.
func (e *Executions) OpenResult(ctx context.Context, id string) (*ResultReader, error) {
	x, err := e.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if x.State != Succeeded {
		return nil, refuse(CodeExecutionState, "Query did not finish successfully. Final query state: %s", x.State)
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(x.Output, "s3://"), "/")
	content, _, err := e.config.Store.Get(ctx, bucket, key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, refuse(CodeNoResult, "Could not find results")
	}
	if err != nil {
		return nil, fmt.Errorf("read result of %s: %w", x.ID, err)
	}
	r := &ResultReader{Columns: x.Columns, content: content, id: x.ID,
		rows: rowReader{in: bufio.NewReaderSize(content, 64<<10), csv: strings.HasSuffix(key, ".csv")}}
	if _, err := r.rows.in.Peek(1); err == nil && len(r.Columns) == 0 { // MSCK REPAIR TABLE tells without a column
		r.Columns = []ColumnInfo{{Name: "result", Type: "string"}}
	}
	if r.rows.csv {
		if _, err := r.rows.next(); err != nil {
			return nil, errors.Join(fmt.Errorf("read result of %s: %w", x.ID, err), content.Close())
		}
	}
	return r, nil
}

// Next gives the next row, and io.EOF behind the last one.
func (r *ResultReader) Next() (Row, error) {
	row, err := r.rows.next()
	switch {
	case err == io.EOF:
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("read result of %s: %w", r.id, err)
	case r.rows.csv:
		return row, nil
	}
	return fields(*row[0], len(r.Columns)), nil
}

// Close lets the result go.
func (r *ResultReader) Close() error { return r.content.Close() }

// fields takes a line of a Hive statement's text apart; what the line does not have is NULL.
func fields(line string, columns int) Row {
	row := make(Row, columns)
	for i, text := range strings.SplitN(line, "\t", len(row)) {
		text = strings.TrimRight(text, " ")
		row[i] = &text
	}
	return row
}
