package nativeapi_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/client"
	"github.com/loglake/loglake/query"
	"github.com/loglake/loglake/query/engine"
	"github.com/loglake/loglake/server"
)

// TestMain makes the test binary the query engine's process, as a server looks for it in its own executable.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "engine" {
		os.Exit(engine.Main(context.Background(), os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// lake runs a loglake with one key pair until the test ends, and gives its addresses and a client.
func lake(t *testing.T) (server.Endpoints, *client.Client) {
	t.Helper()
	s, err := server.Open(t.Context(), server.Config{
		Dir: t.TempDir(), AWSAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0", Home: loglake.Home{Account: "000000000000", Region: "us-east-1"},
		Credentials: map[string]string{"AKID": "secret"},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan server.Endpoints, 1), make(chan error, 1)
	go func() { ended <- s.Run(ctx, func(e server.Endpoints) { ready <- e }) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-ended, s.Close()); err != nil {
			t.Error(err)
		}
	})
	e := <-ready
	c, err := client.New(client.Config{Endpoint: e.AWS, AccessKey: "AKID", SecretKey: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	return e, c
}

// post posts JSON to the native address and gives the lines of the answer.
func post(t *testing.T, e server.Endpoints, body string) (status int, lines []string) {
	t.Helper()
	r, err := http.Post(e.HTTP+"/v1/query", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	for s := bufio.NewScanner(r.Body); s.Scan(); {
		lines = append(lines, s.Text())
	}
	return r.StatusCode, lines
}

func needEngine(t *testing.T) {
	if !engine.Built {
		t.Skip("this build has no SQL engine")
	}
}

func TestQuery(t *testing.T) {
	needEngine(t)
	e, _ := lake(t)
	for _, c := range []struct {
		body string
		want []string // without the statistics
	}{
		{`{"sql":"SELECT 1 AS n, '' AS empty, CAST(NULL AS varchar) AS nothing, DECIMAL '1.50' AS d, 'a \"b\",\nc<' AS text"}`, []string{
			`{"columns":[{"name":"n","type":"integer"},{"name":"empty","type":"varchar"},{"name":"nothing","type":"varchar"},{"name":"d","type":"decimal(3,2)"},{"name":"text","type":"varchar"}]}`,
			`{"row":["1","",null,"1.50","a \"b\",\nc<"]}`}},
		{`{"sql":"SELECT CAST(NULL AS varchar) AS a"}`, []string{`{"columns":[{"name":"a","type":"varchar"}]}`, `{"row":[null]}`}},
		{`{"sql":"SELECT 1 AS n WHERE false"}`, []string{`{"columns":[{"name":"n","type":"integer"}]}`}},
		{`{"sql":"SELECT n FROM (VALUES 1, 2, 3) AS t (n) ORDER BY n","rows_max":2}`, []string{`{"columns":[{"name":"n","type":"integer"}]}`, `{"row":["1"]}`, `{"row":["2"]}`}},
		{`{"sql":"CREATE DATABASE logs;"}`, []string{`{"columns":[]}`}},
		{`{"sql":"CREATE EXTERNAL TABLE t (a INT, b STRING COMMENT 'what it is') PARTITIONED BY (dt STRING) STORED AS PARQUET LOCATION 's3://x/t/'","database":"logs"}`, []string{`{"columns":[]}`}},
		{`{"sql":"SHOW TABLES","database":"logs"}`, []string{`{"columns":[{"name":"tab_name","type":"string"}]}`, `{"row":["t"]}`}},
		{`{"sql":"DESCRIBE logs.t b"}`, []string{`{"columns":[{"name":"col_name","type":"string"},{"name":"data_type","type":"string"},{"name":"comment","type":"string"}]}`, `{"row":["b","string","what it is"]}`}},
	} {
		status, lines := post(t, e, c.body)
		last := lines[len(lines)-1]
		if status != http.StatusOK || !strings.HasPrefix(last, `{"statistics":{"scanned_bytes":0,"rows":`) || !strings.Contains(last, `"execution_id":"`) {
			t.Fatalf("%s: %d, ends with %s", c.body, status, last)
		}
		if strings.Contains(last, `"truncated":true`) != strings.Contains(c.body, "rows_max") {
			t.Errorf("%s: ends with %s", c.body, last)
		}
		if diff := cmp.Diff(c.want, lines[:len(lines)-1]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.body, diff)
		}
	}
}

// An error has the place in the text as it was sent.
func TestQueryErrors(t *testing.T) {
	needEngine(t)
	e, _ := lake(t)
	for _, c := range []struct {
		body   string
		status int
		want   string
	}{
		{`{"sql":"SELEC 1"}`, 400, `{"error":{"code":"MALFORMED_QUERY","message":"mismatched input 'SELEC'. Expecting: 'ALTER', 'ANALYZE', `},
		{`{"sql":"SELECT 1 FROM"}`, 400, `{"error":{"code":"MALFORMED_QUERY","message":"mismatched input '<EOF>'`},
		{`{"sql":""}`, 400, `{"error":{"code":"MALFORMED_QUERY","message":"Empty sql statement: "}}`},
		{`{"sql":"SELECT 1; SELECT 2"}`, 400, `{"error":{"code":"MALFORMED_QUERY","message":"Only one sql statement is allowed. Got: SELECT 1; SELECT 2"}}`},
		{`{"sql":"SELECT 1","rows":3}`, 400, `{"error":{"code":"INVALID_INPUT","message":"the body is not a query: json: unknown field \"rows\"","hint":"send JSON such as`},
		{`{"sql":"` + strings.Repeat("x", 262145) + `"}`, 400, `{"error":{"code":"INVALID_INPUT","message":"the statement has 262145 bytes, and 262144 are the limit"}}`},
		{`{"sql":"SELECT 1"} {"sql":"SELECT 2"}`, 400, `{"error":{"code":"INVALID_INPUT","message":"the body is not a query: there is more behind its end`},
		{`{"sql":"SELECT 1"}` + strings.Repeat(" ", 2<<20), 400, `{"error":{"code":"INVALID_INPUT","message":"the body is not a query: http: request body too large`},
		{`nonsense`, 400, `{"error":{"code":"INVALID_INPUT","message":"the body is not a query`},
		{`{"sql":"SELECT nope FROM (VALUES 1) AS t (n)"}`, 200, `{"error":{"code":"COLUMN_NOT_FOUND","message":"Column 'nope' cannot be resolved or requester is not authorized to access requested resources","line":1,"column":8`},
		{`{"sql":"\n ;\n  SELECT\n nope FROM (VALUES 1) AS t (n)"}`, 200, `{"error":{"code":"COLUMN_NOT_FOUND","message":"Column 'nope' cannot be resolved or requester is not authorized to access requested resources","line":4,"column":2`},
		{`{"sql":"\n  SELECT nope FROM (VALUES 1) AS t (n)"}`, 200, `{"error":{"code":"COLUMN_NOT_FOUND","message":"Column 'nope' cannot be resolved or requester is not authorized to access requested resources","line":2,"column":10`},
		{`{"sql":"SELECT 1 FROM nope","dry_run":true}`, 400, `{"error":{"code":"TABLE_NOT_FOUND","message":"Table 'awsdatacatalog.default.nope' does not exist","line":1,"column":15`},
		{`{"sql":"DROP TABLE nope","dry_run":true}`, 400, `{"error":{"code":"INVALID_INPUT","message":"DROP TABLE is no query, so there is nothing to plan`},
		{`{"sql":"DROP TABLE nope"}`, 200, `{"error":{"code":"QUERY_FAILED","message":"FAILED: SemanticException`},
		{`{"sql":"SELECT 1 / 0"}`, 200, `{"error":{"code":"DIVISION_BY_ZERO","message":"`},
		{`{"sql":"SELECT timestamp '2026-01-01 00:00:00' = '2026'"}`, 200, `{"error":{"code":"TYPE_MISMATCH","message":"Cannot apply operator: timestamp(0) = varchar(4)","line":1,"column":40,"hint":"write timestamp`},
	} {
		status, lines := post(t, e, c.body)
		if status != c.status || len(lines) != 1 || !strings.HasPrefix(lines[0], c.want) {
			t.Errorf("%.80s: %d %s, want %d %s", c.body, status, lines, c.status, c.want)
		}
	}
}

// A query is an execution like any other: Athena's API has it and its results.
func TestQueryIsAnExecution(t *testing.T) {
	needEngine(t)
	_, c := lake(t)
	rows, err := c.Query(t.Context(), client.QueryRequest{SQL: "SELECT 7 AS n"})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if row, err := rows.Next(); err != nil || *row[0] != "7" {
		t.Fatal(row, err)
	}
	if _, err := rows.Next(); err != io.EOF {
		t.Fatal(err)
	}
	x, err := c.Athena().GetQueryExecution(t.Context(), &athena.GetQueryExecutionInput{QueryExecutionId: &rows.Statistics.ExecutionID})
	if err != nil {
		t.Fatal(err)
	}
	if out := *x.QueryExecution.ResultConfiguration.OutputLocation; out != "s3://loglake-results/"+rows.Statistics.ExecutionID+".csv" {
		t.Errorf("the result is at %s", out)
	}
	if _, err := c.Plan(t.Context(), client.QueryRequest{SQL: "SELECT 1 -- " + strings.Repeat("<", query.QueryBytesMax-12)}); err != nil {
		t.Error("the longest statement: ", err)
	}
	page, err := c.Athena().GetQueryResults(t.Context(), &athena.GetQueryResultsInput{QueryExecutionId: &rows.Statistics.ExecutionID})
	if err != nil || aws.ToString(page.ResultSet.Rows[1].Data[0].VarCharValue) != "7" {
		t.Error(page, err)
	}
}

// long is a query that takes longer than any test waits.
var long = "WITH n AS (SELECT i FROM (VALUES " + strings.Repeat("1, ", 999) + "1) AS t (i)) " +
	"SELECT sum(a.i * b.i * c.i + d.i) FROM n a CROSS JOIN n b CROSS JOIN n c CROSS JOIN n d"

// waitFor waits until the one execution that there is has a state.
func waitFor(t *testing.T, c *client.Client, state string) {
	for t.Context().Err() == nil {
		list, err := c.Athena().ListQueryExecutions(t.Context(), &athena.ListQueryExecutionsInput{})
		if err != nil {
			t.Error(err)
			return
		}
		if len(list.QueryExecutionIds) == 0 {
			continue
		}
		x, err := c.Athena().GetQueryExecution(t.Context(), &athena.GetQueryExecutionInput{QueryExecutionId: &list.QueryExecutionIds[0]})
		if err != nil {
			t.Error(err)
			return
		}
		switch got := string(x.QueryExecution.Status.State); got {
		case state:
			return
		case "SUCCEEDED", "FAILED":
			t.Errorf("the query is %s: %s", got, aws.ToString(x.QueryExecution.Status.StateChangeReason))
			return
		}
	}
}

// When the client goes, the execution is cancelled.
func TestQueryOfAClientThatGoes(t *testing.T) {
	needEngine(t)
	for name, signed := range map[string]bool{"native": false, "signed": true} {
		t.Run(name, func(t *testing.T) {
			e, c := lake(t)
			ctx, cancel := context.WithCancel(t.Context())
			if signed {
				go func() { waitFor(t, c, "RUNNING"); cancel() }()
				if _, err := c.Query(ctx, client.QueryRequest{SQL: long}); !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
			} else {
				body, _ := json.Marshal(map[string]string{"sql": long})
				r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.HTTP+"/v1/query", bytes.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Content-Type", "application/json")
				answer, err := http.DefaultClient.Do(r) // returns once the query is accepted
				if err != nil {
					t.Fatal(err)
				}
				waitFor(t, c, "RUNNING")
				cancel()
				_ = answer.Body.Close()
			}
			waitFor(t, c, "CANCELLED")
		})
	}
}
