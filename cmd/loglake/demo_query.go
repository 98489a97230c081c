package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	ath "github.com/aws/aws-sdk-go-v2/service/athena/types"

	"github.com/loglake/loglake"
)

// question is a query of the demo.
type question struct {
	title string
	sql   string
	needs []string // columns of the table
}

// questions are asked in order, those that the table has the columns for.
var questions = []question{
	{"The slowest paths", `SELECT method, path, count(*) AS requests,
       approx_percentile(response_time, 0.5) AS p50_ms, approx_percentile(response_time, 0.95) AS p95_ms, max(response_time) AS max_ms
FROM server_logs
GROUP BY method, path
ORDER BY p95_ms DESC
LIMIT 5`, []string{"method", "path", "response_time"}},
	{"Failures by path", `SELECT path, status_code, count(*) AS failures, max(response_time) AS slowest_ms
FROM error_logs
GROUP BY path, status_code
ORDER BY failures DESC, path, status_code
LIMIT 8`, []string{"path", "response_time", "status_code"}},
	{"Requests per hour", `SELECT date_format(date_trunc('hour', timestamp), '%Y-%m-%d %H:%i') AS hour, count(*) AS requests,
       round(100.0 * sum(CASE WHEN status_code >= 500 THEN 1 ELSE 0 END) / count(*), 2) AS failed_percent
FROM server_logs
GROUP BY 1
ORDER BY 1`, []string{"timestamp", "status_code"}},
	{"Rows per day of arrival", `SELECT dt, count(*) AS "rows" FROM server_logs GROUP BY dt ORDER BY dt`, nil},
	{"Some rows", `SELECT * FROM server_logs LIMIT 3`, nil},
	{"All rows", `SELECT count(*) AS "rows" FROM server_logs`, nil},
}

// questionsMax is how many questions the demo asks.
const questionsMax = 3

func questionsFor(columns []column) (some []question) {
	for _, q := range questions {
		if hasColumns(columns, q.needs...) && len(some) < questionsMax {
			some = append(some, q)
		}
	}
	return some
}

// ask runs a question and prints its answer.
func (s *story) ask(ctx context.Context, q question) error {
	execution, err := s.execute(ctx, q.sql)
	if err != nil {
		return err
	}
	t, err := s.results(ctx, execution)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "\n%s\n\n  %s\n\n", q.title, strings.ReplaceAll(q.sql, "\n", "\n  "))
	t.print(s.out)
	statistics := execution.Statistics
	fmt.Fprintf(s.out, "  rows: %d, scanned: %s, time: %s\n", len(t.rows), size(aws.ToInt64(statistics.DataScannedInBytes)),
		time.Duration(aws.ToInt64(statistics.TotalExecutionTimeInMillis))*time.Millisecond)
	return nil
}

// pollInterval is how often the demo asks whether a statement has ended. Athena has no call that waits.
const pollInterval = 10 * time.Millisecond

// execute runs a statement to its end.
func (s *story) execute(ctx context.Context, sql string) (*ath.QueryExecution, error) {
	started, err := s.athena.StartQueryExecution(ctx, &athena.StartQueryExecutionInput{
		QueryString: aws.String(sql), ResultConfiguration: &ath.ResultConfiguration{OutputLocation: aws.String(demoResults)},
	})
	if err != nil {
		return nil, fmt.Errorf("start %q: %w", firstLine(sql), err)
	}
	for {
		answer, err := s.athena.GetQueryExecution(ctx, &athena.GetQueryExecutionInput{QueryExecutionId: started.QueryExecutionId})
		if err != nil {
			return nil, fmt.Errorf("follow %q: %w", firstLine(sql), err)
		}
		switch status := answer.QueryExecution.Status; status.State {
		case ath.QueryExecutionStateSucceeded:
			return answer.QueryExecution, nil
		case ath.QueryExecutionStateFailed, ath.QueryExecutionStateCancelled:
			return nil, loglake.Errorf(loglake.CodeInternal, "%q: %s", firstLine(sql), aws.ToString(status.StateChangeReason))
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pollInterval):
		}
	}
}

func firstLine(sql string) string {
	line, _, _ := strings.Cut(sql, "\n")
	return line
}

// results reads the rows of a SELECT.
func (s *story) results(ctx context.Context, execution *ath.QueryExecution) (*table, error) {
	t := &table{}
	pages := athena.NewGetQueryResultsPaginator(s.athena, &athena.GetQueryResultsInput{QueryExecutionId: execution.QueryExecutionId})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("read results: %w", err)
		}
		rows := page.ResultSet.Rows
		if t.header == nil {
			for _, c := range page.ResultSet.ResultSetMetadata.ColumnInfo {
				t.header = append(t.header, aws.ToString(c.Name))
				t.right = append(t.right, numbers[aws.ToString(c.Type)])
			}
			rows = rows[1:] // Athena repeats the names of the columns as the first row
		}
		for _, r := range rows {
			cells := make([]string, len(r.Data))
			for i, d := range r.Data {
				cells[i] = shown(aws.ToString(d.VarCharValue))
			}
			t.add(cells...)
		}
	}
	return t, nil
}

// numbers are the types that stand to the right in a table.
var numbers = map[string]bool{"tinyint": true, "smallint": true, "integer": true, "bigint": true, "double": true, "real": true, "float": true, "decimal": true}

// table is text in columns.
type table struct {
	header []string
	right  []bool // numbers, by column
	rows   [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// cellMax is how much of a value of a result is shown.
const cellMax = 60

// print writes the table, each column as wide as its widest cell.
func (t *table) print(w io.Writer) {
	lines := append([][]string{t.header}, t.rows...)
	widths := make([]int, len(t.header))
	for _, cells := range lines {
		for i := range cells {
			widths[i] = max(widths[i], len([]rune(cells[i])))
		}
	}
	for n, cells := range lines {
		var line, rule strings.Builder
		for i, cell := range cells {
			gap := strings.Repeat(" ", widths[i]-len([]rune(cell)))
			if t.right[i] {
				line.WriteString("  " + gap + cell)
			} else {
				line.WriteString("  " + cell + gap)
			}
			rule.WriteString("  " + strings.Repeat("─", widths[i]))
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
		if n == 0 {
			fmt.Fprintln(w, rule.String())
		}
	}
}

// shown is a value as it fits a line of a table.
func shown(value string) string {
	value, rest, _ := strings.Cut(value, "\n")
	if runes := []rune(value); len(runes) > cellMax {
		value, rest = string(runes[:cellMax]), "…"
	}
	if rest != "" {
		value += "…"
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar // a terminal obeys some
		}
		return r
	}, value)
}

// grouped writes a number with a comma between thousands.
func grouped(n int64) string {
	if n < 0 {
		return "-" + grouped(-n)
	}
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}

// size writes a number of bytes for people.
func size(bytes int64) string {
	switch {
	case bytes < 1000:
		return fmt.Sprintf("%d bytes", bytes)
	case bytes < 1_000_000:
		return fmt.Sprintf("%.1f kB", float64(bytes)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
}
