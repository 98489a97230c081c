package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/loglake/loglake/client"
	"github.com/loglake/loglake/pipeline"
)

// question is a query of the demo; TABLE in its SQL is the table.
type question struct {
	title string
	needs []string // columns of the table
	sql   string
	chart bool // label, requests, errors, p95 or nothing
}

// questions are asked in order, those that the table has the columns for. The first of several with a title counts.
func questions(failed string) []question {
	return []question{
		{"What happened to one request", []string{"request_id", "error_traceback", "status_code"},
			"SELECT timestamp, method, path, status_code, response_time, error_traceback\nFROM TABLE\nWHERE request_id = '" + failed + "'", false},
		{"Requests, errors and the 95th percentile by path", []string{"path", "status_code", "response_time"}, `SELECT path, count(*) AS requests, count_if(status_code >= 500) AS errors, approx_percentile(response_time, 0.95) AS p95_ms
FROM TABLE
GROUP BY path
ORDER BY requests DESC
LIMIT 12`, true},
		{"Requests, errors and the 95th percentile by hour", []string{"timestamp", "status_code", "response_time"}, `SELECT date_format(timestamp, '%m-%d %H:00') AS hour, count(*) AS requests, count_if(status_code >= 500) AS errors, approx_percentile(response_time, 0.95) AS p95_ms
FROM TABLE
GROUP BY 1
ORDER BY 1`, true},
		{"Requests and errors by path", []string{"path", "status_code"}, `SELECT path, count(*) AS requests, count_if(status_code >= 500) AS errors
FROM TABLE
GROUP BY path
ORDER BY requests DESC
LIMIT 12`, true},
		{"Requests and errors by day and hour", []string{"timestamp", "status_code"}, `SELECT date_format(timestamp, '%m-%d %H:00') AS hour, count(*) AS requests, count_if(status_code >= 500) AS errors
FROM TABLE
GROUP BY 1
ORDER BY 1
LIMIT 24`, true},
		{"Some rows", nil, "SELECT * FROM TABLE LIMIT 3", false},
		{"All rows", nil, `SELECT count(*) AS "rows" FROM TABLE`, false},
	}
}

// questionsMax is how many questions the demo asks.
const questionsMax = 3

// ask asks what the table has the columns for.
func (s *story) ask(ctx context.Context) error {
	if len(s.pipeline.Tables) == 0 {
		return nil
	}
	t := s.pipeline.Tables[0]
	failed := ""
	if hasColumns(t, "request_id", "error_traceback") {
		rows, err := s.query(ctx, "SELECT request_id FROM "+t.Name+" WHERE error_traceback IS NOT NULL ORDER BY timestamp LIMIT 1")
		if err != nil {
			return err
		}
		if len(rows.rows) > 0 {
			failed = rows.rows[0][0]
		}
	}
	asked := 0
	for _, q := range questions(failed) {
		if asked == questionsMax || !hasColumns(t, q.needs...) || slices.Contains(q.needs, "request_id") && failed == "" {
			continue
		}
		asked++
		if err := s.answer(ctx, q, t); err != nil {
			return err
		}
	}
	return nil
}

// columnTypes are the types that the questions can compute with, of columns that lines of --input may have with others.
var columnTypes = map[string][]string{
	"timestamp": {"timestamp"}, "status_code": {"smallint", "int", "bigint"}, "response_time": {"int", "bigint", "float", "double"},
}

func hasColumns(t pipeline.Table, names ...string) bool {
	for _, name := range names {
		types := columnTypes[name]
		if !slices.ContainsFunc(t.Columns, func(c pipeline.Column) bool {
			return c.Name == name && (types == nil || slices.Contains(types, c.Type))
		}) {
			return false
		}
	}
	return true
}

// answer asks a question and prints what comes back.
func (s *story) answer(ctx context.Context, q question, t pipeline.Table) error {
	sql := strings.ReplaceAll(q.sql, "TABLE", t.Name)
	fmt.Fprintf(s.out, "\n%s\n\n  %s\n\n", q.title, strings.ReplaceAll(sql, "\n", "\n  "))
	rows, err := s.query(ctx, sql)
	if err != nil {
		return err
	}
	switch {
	case q.chart:
		err = chart(s.out, rows)
	case len(rows.rows) == 1 && len(rows.header) > 3:
		rows.printDown(s.out)
	default:
		for _, row := range rows.rows {
			for i := range row {
				row[i] = shown(row[i])
			}
		}
		rows.print(s.out)
	}
	fmt.Fprintf(s.out, "  rows: %d, scanned: %s, time: %s\n", len(rows.rows), size(rows.scanned), time.Duration(rows.millis)*time.Millisecond)
	return err
}

// rowset is a small result in memory.
type rowset struct {
	table
	scanned, millis int64
}

func (s *story) query(ctx context.Context, sql string) (out *rowset, err error) {
	rows, err := s.server.Query(ctx, client.QueryRequest{SQL: sql})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", sql, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out = &rowset{}
	for _, c := range rows.Columns {
		out.header = append(out.header, c.Name)
		out.right = append(out.right, numbers[c.Type])
	}
	if out.rows, err = rows.Texts(); err != nil {
		return nil, err
	}
	out.scanned, out.millis = rows.Statistics.ScannedBytes, rows.Statistics.TotalMillis
	return out, nil
}

// printDown prints one row a column to a line, and values of several lines whole.
func (r *rowset) printDown(w io.Writer) {
	width := 0
	for _, name := range r.header {
		width = max(width, len(name))
	}
	for i, name := range r.header {
		for n, line := range strings.Split(r.rows[0][i], "\n") {
			if n > 0 {
				name = ""
			}
			fmt.Fprintf(w, "  %-*s  %s\n", width, name, printable(line))
		}
	}
}

// chartWidth is how long the longest bar is.
const chartWidth = 40

// chart prints rows of label, requests, errors and perhaps a percentile as bars. The part of a bar that failed is drawn
// in another way.
func chart(w io.Writer, r *rowset) error {
	var out bytes.Buffer
	most, labels := int64(1), 0
	values := make([][2]int64, len(r.rows))
	for i, row := range r.rows {
		for n := range 2 {
			value, err := strconv.ParseInt(row[n+1], 10, 64)
			if err != nil {
				return fmt.Errorf("draw %q: %w", row, err)
			}
			values[i][n] = value
		}
		most, labels = max(most, values[i][0]), max(labels, textWidth(shown(row[0])))
	}
	for i, row := range r.rows {
		requests, failures := values[i][0], values[i][1]
		length := int((requests*chartWidth + most - 1) / most)
		red := 0
		if failures > 0 {
			red = max(1, int(failures*chartWidth/most))
		}
		label := shown(row[0])
		bar := strings.Repeat("▓", length-min(red, length)) + strings.Repeat("░", min(red, length))
		line := fmt.Sprintf("  %s%s  %s%s %7s", label, strings.Repeat(" ", labels-textWidth(label)), bar,
			strings.Repeat(" ", chartWidth-length), grouped(requests))
		if failures > 0 {
			line += fmt.Sprintf("  %s failed", grouped(failures))
		}
		if len(row) > 3 && row[3] != "" {
			if p95, err := strconv.ParseFloat(row[3], 64); err == nil {
				line = fmt.Sprintf("%-*s  p95 %s ms", labels+chartWidth+28, line, strconv.FormatFloat(p95, 'f', 1, 64))
			}
		}
		fmt.Fprintln(&out, line)
	}
	_, err := w.Write(out.Bytes())
	return err
}
