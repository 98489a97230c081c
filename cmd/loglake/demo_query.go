package main

import (
	"context"
	"fmt"
	"strings"
	"time"

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
