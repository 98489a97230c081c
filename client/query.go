package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/loglake/loglake"
)

// QueryRequest asks for the rows of one statement of Athena's SQL.
type QueryRequest struct {
	SQL      string `json:"sql"`
	Database string `json:"database,omitempty"` // of names that have none; "": default
	DryRun   bool   `json:"dry_run,omitempty"`  // set by Plan
	RowsMax  int64  `json:"rows_max,omitempty"` // 0: all
}

// QueryColumn is a column of a result. Type is Athena's name of its type, with precision and scale where it is decimal.
type QueryColumn struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// QueryStatistics are what a query took. Truncated: RowsMax left rows out.
type QueryStatistics struct {
	ScannedBytes int64    `json:"scanned_bytes"`
	Rows         int64    `json:"rows"`
	Truncated    bool     `json:"truncated"`
	QueueMillis  int64    `json:"queue_ms"`
	EngineMillis int64    `json:"engine_ms"`
	TotalMillis  int64    `json:"total_ms"`
	ExecutionID  string   `json:"execution_id"`
	Statement    string   `json:"statement"` // DML, DDL or UTILITY
	Notices      []string `json:"notices"`
}

// QueryError is why a statement was refused or has failed. Code is Athena's; Line and Column are places in the SQL, from
// 1, counted in characters, 0 where no place is known.
type QueryError struct {
	Code, Message string
	Line, Column  int
	Hint          string
}

// Error gives code, place and message, as Athena words a failed query.
func (e *QueryError) Error() string {
	if e.Line == 0 {
		return e.Code + ": " + e.Message
	}
	return fmt.Sprintf("%s: line %d:%d: %s", e.Code, e.Line, e.Column, e.Message)
}

// QueryPlan is what a query would read.
type QueryPlan struct {
	ScannedBytes     int64         `json:"scanned_bytes"`
	Files            int64         `json:"files"`
	Partitions       int64         `json:"partitions"`
	PrunedPartitions int64         `json:"pruned_partitions"`
	HotRows          int64         `json:"hot_rows"`
	Columns          []QueryColumn `json:"columns"`
	Tables           []QueryScan   `json:"tables"`
	Steps            []string      `json:"steps"`              // what the query does, in plain words
	Unstable         []string      `json:"unstable,omitempty"` // why it may give another answer over the same rows
	Notices          []string      `json:"notices,omitempty"`
}

// QueryScan is what a query would read of a table.
type QueryScan struct {
	Database         string   `json:"database"`
	Table            string   `json:"table"`
	Columns          []string `json:"columns"`
	Where            []string `json:"where,omitempty"` // conditions on the partition keys, as SQL
	Partitions       int64    `json:"partitions"`
	PrunedPartitions int64    `json:"pruned_partitions"`
	Files            int64    `json:"files"`
	ScannedBytes     int64    `json:"scanned_bytes"`
}

// Plan tells what a query would read, without running it. An error of the statement is a *QueryError.
func (c *Client) Plan(ctx context.Context, r QueryRequest) (QueryPlan, error) {
	r.DryRun = true
	rows, err := c.openQuery(ctx, r)
	if err != nil {
		return QueryPlan{}, err
	}
	defer rows.Close() //nolint:errcheck // it was only read
	line, err := rows.line()
	if err == nil && line.Plan == nil {
		err = c.notALoglake("a dry run without a plan")
	}
	if err != nil {
		return QueryPlan{}, err
	}
	return *line.Plan, nil
}

// Query runs a statement and gives its rows once it has succeeded; until then it blocks. When ctx ends before the last
// row is read, the server cancels the statement. An error of the statement is a *QueryError. The caller closes the rows.
func (c *Client) Query(ctx context.Context, r QueryRequest) (*Rows, error) {
	rows, err := c.openQuery(ctx, r)
	if err != nil {
		return nil, err
	}
	line, err := rows.line()
	if err == nil && line.Columns == nil {
		err = c.notALoglake("a result without columns")
	}
	if err != nil {
		return nil, errors.Join(err, rows.Close())
	}
	rows.Columns = *line.Columns
	return rows, nil
}

func (c *Client) openQuery(ctx context.Context, r QueryRequest) (*Rows, error) {
	answer, err := c.send(ctx, http.MethodPost, "/v1/query", r)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode < 300 {
		return &Rows{client: c, body: answer.Body, in: bufio.NewReaderSize(answer.Body, 64<<10)}, nil
	}
	defer answer.Body.Close() //nolint:errcheck // the error that matters is the one that it holds
	text, err := io.ReadAll(io.LimitReader(answer.Body, refusalBytesMax))
	if err != nil {
		return nil, fmt.Errorf("read the answer of %s: %w", c.config.Endpoint, err)
	}
	var line queryLine
	if json.Unmarshal(text, &line) == nil && line.Error != nil {
		return nil, line.Error
	}
	answer.Body = io.NopCloser(strings.NewReader(string(text)))
	return nil, c.refusal(answer)
}

// Rows are the rows of a result as they come. They belong to one goroutine.
type Rows struct {
	Columns []QueryColumn
	// Statistics are those of the query, once Next has given io.EOF.
	Statistics QueryStatistics

	client *Client
	body   io.Closer
	in     *bufio.Reader
}

type queryLine struct {
	Columns    *[]QueryColumn
	Row        []*string
	Statistics *QueryStatistics
	Error      *QueryError
	Plan       *QueryPlan
}

// Next gives the next row, a value per column, nil for NULL; io.EOF behind the last one. An answer that ends before its
// statistics is io.ErrUnexpectedEOF, and not all of the result.
func (r *Rows) Next() ([]*string, error) {
	line, err := r.line()
	switch {
	case err != nil:
		return nil, err
	case line.Statistics != nil:
		r.Statistics = *line.Statistics
		return nil, io.EOF
	case len(line.Row) != len(r.Columns):
		return nil, r.client.notALoglake("a row that does not fit its columns")
	}
	return line.Row, nil
}

// Texts gives all rows that are left, with "" for NULL. It is for results that memory holds.
func (r *Rows) Texts() (all [][]string, err error) {
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		cells := make([]string, len(row))
		for i, value := range row {
			if value != nil {
				cells[i] = *value
			}
		}
		all = append(all, cells)
	}
}

func (r *Rows) line() (line queryLine, err error) {
	text, err := r.in.ReadBytes('\n')
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return line, r.client.brokenOff(err)
	}
	if row, ok := parseRow(text, len(r.Columns)); ok {
		return queryLine{Row: row}, nil
	}
	if err := json.Unmarshal(text, &line); err != nil {
		return line, fmt.Errorf("read the answer of %s: %w", r.client.config.Endpoint, err)
	}
	if line.Error != nil {
		return line, line.Error
	}
	return line, nil
}

// parseRow reads a row in the form that the server writes it in, which is most lines of a large result and takes
// encoding/json four times as long. Not ok: it is something else, or json's to read.
func parseRow(text []byte, columns int) (row []*string, ok bool) {
	text, ok = bytes.CutPrefix(text, []byte(`{"row":[`))
	if !ok {
		return nil, false
	}
	row = make([]*string, 0, columns)
	values := make([]string, columns)
	for {
		if rest, null := bytes.CutPrefix(text, []byte("null")); null {
			row, text = append(row, nil), rest
		} else {
			end := stringEnd(text)
			if end < 0 || len(row) == columns {
				return nil, false
			}
			value := &values[len(row)]
			if content := text[1:end]; bytes.IndexByte(content, '\\') < 0 {
				*value = string(content)
			} else if json.Unmarshal(text[:end+1], value) != nil {
				return nil, false
			}
			row, text = append(row, value), text[end+1:]
		}
		if string(text) == "]}\n" {
			return row, true
		}
		if len(text) == 0 || text[0] != ',' {
			return nil, false
		}
		text = text[1:]
	}
}

// stringEnd gives where the JSON string that a text begins with has its closing quote, -1 where there is none.
func stringEnd(text []byte) int {
	if len(text) == 0 || text[0] != '"' {
		return -1
	}
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '"':
			return i
		case '\\':
			i++
		}
	}
	return -1
}

// Close lets the answer go. What was not read is not waited for.
func (r *Rows) Close() error { return r.body.Close() }

func (c *Client) brokenOff(err error) error {
	if errors.Is(err, context.Canceled) {
		return c.unreachable(err)
	}
	return &loglake.Error{Code: loglake.CodeUnavailable, Err: err,
		Message: fmt.Sprintf("the answer of %s broke off before its end: %v", c.config.Endpoint, err),
		Hint:    "the server was stopped or the connection cut; what has come so far is not all"}
}

func (c *Client) notALoglake(what string) error {
	return loglake.Errorf(loglake.CodeInternal, "%s answered with %s", c.config.Endpoint, what).
		WithHint("the server may be of another version than this command")
}
