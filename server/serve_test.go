package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	athenatypes "github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	firehosetypes "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
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

// settings are those of a loglake on a folder of its own; change may set more.
func settings(t *testing.T, change func(*server.Config)) server.Config {
	t.Helper()
	cfg := server.Config{
		Dir: t.TempDir(), AWSAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0", Home: loglake.Home{Account: "000000000000", Region: "us-east-1"},
		OnEvent: func(e server.Event) {
			if e.Level == server.LevelError {
				t.Errorf("%s: %s: %v", e.Part, e.Text, e.Err)
			}
		},
	}
	if change != nil {
		change(&cfg)
	}
	return cfg
}

// open opens a loglake that is closed with the test.
func open(t *testing.T, change func(*server.Config)) *server.Server {
	t.Helper()
	s, err := server.Open(t.Context(), settings(t, change))
	fatal(t, err)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// serve runs it until the test ends, or stop is called.
func serve(t *testing.T, s *server.Server) (e server.Endpoints, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan server.Endpoints, 1), make(chan error, 1)
	go func() { ended <- s.Run(ctx, func(e server.Endpoints) { ready <- e }) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	select {
	case e = <-ready:
	case err := <-ended:
		stopped = true
		t.Fatal(err)
	}
	return e, stop
}

func config(e server.Endpoints) aws.Config {
	return aws.Config{Region: "us-east-1", BaseEndpoint: &e.AWS, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), RetryMaxAttempts: 1}
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fill makes a bucket, a stream and n records in it, and a log group.
func fill(t *testing.T, e server.Endpoints, n int) {
	t.Helper()
	ctx, c := t.Context(), config(e)
	_, err := s3.NewFromConfig(c, func(o *s3.Options) { o.UsePathStyle = true }).CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("lake")})
	fatal(t, err)
	f := firehose.NewFromConfig(c)
	_, err = f.CreateDeliveryStream(ctx, &firehose.CreateDeliveryStreamInput{DeliveryStreamName: aws.String("plain"),
		ExtendedS3DestinationConfiguration: &firehosetypes.ExtendedS3DestinationConfiguration{
			RoleARN: aws.String("arn:aws:iam::000000000000:role/r"), BucketARN: aws.String("arn:aws:s3:::lake"), Prefix: aws.String("plain/")}})
	fatal(t, err)
	for i := range n {
		_, err = f.PutRecord(ctx, &firehose.PutRecordInput{DeliveryStreamName: aws.String("plain"), Record: &firehosetypes.Record{Data: []byte(fmt.Sprintf("%d\n", i))}})
		fatal(t, err)
	}
	logs := cloudwatchlogs.NewFromConfig(c)
	_, err = logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("g")})
	fatal(t, err)
	_, err = logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("s")})
	fatal(t, err)
}

func ask(t *testing.T, method, url string) (status int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	fatal(t, err)
	response, err := http.DefaultClient.Do(r)
	fatal(t, err)
	b, err := io.ReadAll(response.Body)
	fatal(t, errors.Join(err, response.Body.Close()))
	return response.StatusCode, string(b)
}

// query runs a statement on a server and gives its rows as text.
func query(t *testing.T, e server.Endpoints, text string) string {
	t.Helper()
	ctx, c := t.Context(), athena.NewFromConfig(config(e))
	started, err := c.StartQueryExecution(ctx, &athena.StartQueryExecutionInput{QueryString: &text,
		ResultConfiguration: &athenatypes.ResultConfiguration{OutputLocation: aws.String("s3://lake/results/")}})
	fatal(t, err)
	for tick := time.Tick(5 * time.Millisecond); ; {
		got, err := c.GetQueryExecution(ctx, &athena.GetQueryExecutionInput{QueryExecutionId: started.QueryExecutionId})
		fatal(t, err)
		switch x := got.QueryExecution; x.Status.State {
		case athenatypes.QueryExecutionStateSucceeded:
			var b strings.Builder
			out, err := c.GetQueryResults(ctx, &athena.GetQueryResultsInput{QueryExecutionId: started.QueryExecutionId})
			fatal(t, err)
			for _, r := range out.ResultSet.Rows {
				for _, d := range r.Data {
					b.WriteString(aws.ToString(d.VarCharValue) + ";")
				}
			}
			return b.String()
		case athenatypes.QueryExecutionStateFailed:
			return aws.ToString(x.Status.StateChangeReason)
		}
		select {
		case <-tick:
		case <-ctx.Done():
			t.Fatal(ctx.Err())
		}
	}
}

// Many loglakes in one process know nothing of each other: folders, ports, accounts, clocks, engines and metrics are
// each one's own.
func TestMany(t *testing.T) {
	early := time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)
	one := open(t, func(c *server.Config) { c.Clock = func() time.Time { return early } })
	two := open(t, func(c *server.Config) { c.Home.Account = "222222222222" })
	first, stopFirst := serve(t, one)
	second, _ := serve(t, two)
	fill(t, first, 3)
	fill(t, second, 5)
	for _, c := range []struct {
		at      server.Endpoints
		account string
		backlog int
	}{{first, "000000000000", 3}, {second, "222222222222", 5}} {
		groups, err := cloudwatchlogs.NewFromConfig(config(c.at)).DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{})
		fatal(t, err)
		if len(groups.LogGroups) != 1 || !strings.Contains(*groups.LogGroups[0].Arn, c.account) {
			t.Errorf("account %s has %d groups", c.account, len(groups.LogGroups))
		}
		if _, metrics := ask(t, "GET", c.at.HTTP+"/metrics"); !strings.Contains(metrics, fmt.Sprintf("loglake_backlog_events{stream=\"plain\"} %d\n", c.backlog)) {
			t.Errorf("account %s: a backlog of %d is not in the metrics", c.account, c.backlog)
		}
		if engine.Built {
			if got := query(t, c.at, "SELECT 6 * 7"); got != "_col0;42;" {
				t.Errorf("account %s: 6 * 7 is %s", c.account, got)
			}
		}
	}
	status, body := ask(t, "POST", first.HTTP+"/v1/streams/plain/flush")
	if status != http.StatusOK || !strings.Contains(body, "plain/2025/01/02/03/plain-1-2025-01-02-03-04-05-") {
		t.Errorf("the first one's clock does not show: %d %s", status, body)
	}
	if _, body := ask(t, "GET", second.HTTP+"/v1/streams"); !strings.Contains(body, `"backlog_events":5`) {
		t.Errorf("a flush of the first touched the second: %s", body)
	}
	stopFirst()
	now := time.Now().UnixMilli()
	_, err := cloudwatchlogs.NewFromConfig(config(second)).PutLogEvents(t.Context(), &cloudwatchlogs.PutLogEventsInput{
		LogGroupName: aws.String("g"), LogStreamName: aws.String("s"), LogEvents: []logstypes.InputLogEvent{{Timestamp: &now, Message: aws.String("still here")}}})
	if err != nil {
		t.Errorf("the end of the first ended the second: %v", err)
	}
}

// One folder is one loglake's, until it is closed; then everything is there again.
func TestFolder(t *testing.T) {
	dir := t.TempDir()
	in := func(c *server.Config) { c.Dir = dir }
	s, err := server.Open(t.Context(), settings(t, in))
	fatal(t, err)
	_, err = server.Open(t.Context(), settings(t, in))
	if !errors.Is(err, disk.ErrLocked) {
		t.Errorf("a second one on the folder: %v", err)
	}
	e, stop := serve(t, s)
	fill(t, e, 2)
	stop()
	if _, err := http.Get(e.HTTP + "/healthz"); err == nil {
		t.Error("it still answers")
	}
	fatal(t, s.Close())
	again := open(t, in)
	report, err := again.Check(t.Context())
	if err != nil || len(report.Problems) > 0 || report.Buffered != 2 {
		t.Errorf("check: %+v %v", report, err)
	}
	e, _ = serve(t, again)
	if status, body := ask(t, "POST", e.HTTP+"/v1/streams/plain/flush"); status != http.StatusOK || strings.Count(body, `"key"`) != 1 {
		t.Errorf("flush: %d %s", status, body)
	}
}

// A folder whose state is gone is refused: with a new one, what its journal acknowledged would be nobody's.
func TestLostState(t *testing.T) {
	cfg := settings(t, nil)
	s, err := server.Open(t.Context(), cfg)
	fatal(t, err)
	fatal(t, s.Close())
	for _, name := range []string{"state.db", "state.db-wal", "state.db-shm"} {
		if err := os.Remove(filepath.Join(cfg.Dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	if _, err := server.Open(t.Context(), cfg); loglake.CodeOf(err) != loglake.CodeConflict || !strings.Contains(err.Error(), "backup") {
		t.Errorf("opened with %v", err)
	}
	if _, err := os.Stat(filepath.Join(cfg.Dir, "state.db")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a new state was made: %v", err)
	}
}

// /metrics is Prometheus text without what its linter minds, also when a stream has done something.
func TestMetrics(t *testing.T) {
	e, _ := serve(t, open(t, nil))
	fill(t, e, 2)
	if status, body := ask(t, "POST", e.HTTP+"/v1/streams/plain/flush"); status != http.StatusOK {
		t.Fatalf("flush: %d %s", status, body)
	}
	status, text := ask(t, "GET", e.HTTP+"/metrics")
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("lint: %v %v", problems, err)
	}
	for _, want := range []string{
		`loglake_delivered_events_total{stream="plain"} 2`, `loglake_backlog_events{stream="plain"} 0`, `loglake_stream_held{stream="plain"} 0`,
		"loglake_journal_bytes ", "go_goroutines ", "process_resident_memory_bytes ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %s", want)
		}
	}
}

// A subscription whose journal is gone, or was deleted while the state was read, ends no scrape and no server.
func TestMetricsOfALostJournal(t *testing.T) {
	s := open(t, nil)
	e, _ := serve(t, s)
	fill(t, e, 2)
	if status, body := ask(t, "POST", e.HTTP+"/v1/streams/plain/flush"); status != http.StatusOK {
		t.Fatalf("flush: %d %s", status, body)
	}
	tampering(t, s, "UPDATE positions SET source = 's-gone', journal = 'gone' WHERE at > 0", "UPDATE ledger_sources SET source = 's-gone', journal = 'gone'")
	status, text := ask(t, "GET", e.HTTP+"/metrics")
	if status != http.StatusOK || !strings.Contains(text, "loglake_ledger_balanced 0\n") || !strings.Contains(text, "loglake_subscriber_events_total") {
		t.Errorf("%d %s", status, text)
	}
}

// What can't be found or done natively is told with a status that fits and a sentence.
func TestNativeRefusals(t *testing.T) {
	e, _ := serve(t, open(t, nil))
	for _, c := range []struct {
		method, path string
		status       int
		want         string
	}{
		{"POST", "/v1/streams/nope/flush", http.StatusNotFound, "nope"},
		{"POST", "/v1/streams/nope/flush?wait=false", http.StatusNotFound, "nope"},
		{"POST", "/v1/streams/nope/resume", http.StatusNotFound, "nope"},
		{"GET", "/v1/streams/nope/flush", http.StatusMethodNotAllowed, ""},
		{"GET", "/nothing", http.StatusNotFound, ""},
	} {
		if status, body := ask(t, c.method, e.HTTP+c.path); status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s %s: %d %s, want %d %s", c.method, c.path, status, body, c.status, c.want)
		}
	}
}

// A page of another site changes nothing by the AWS address, which without key pairs takes any signature; where there are
// key pairs, those decide.
func TestPagesOfOtherSites(t *testing.T) {
	for name, want := range map[string]string{"open": "nothing from pages of other sites", "key pairs": "AccessDenied"} {
		e, _ := serve(t, open(t, func(c *server.Config) {
			if name == "key pairs" {
				c.Credentials = map[string]string{"AKIDEXAMPLE": "secret"}
			}
		}))
		r, err := http.NewRequestWithContext(t.Context(), "POST", e.AWS+"/lake?delete", strings.NewReader("<Delete><Object><Key>k</Key></Object></Delete>"))
		fatal(t, err)
		r.Header.Set("Origin", "http://evil.example")
		response, err := http.DefaultClient.Do(r)
		fatal(t, err)
		b, err := io.ReadAll(response.Body)
		fatal(t, errors.Join(err, response.Body.Close()))
		if response.StatusCode != http.StatusForbidden || !strings.Contains(string(b), want) {
			t.Errorf("%s: %d %s, want %s", name, response.StatusCode, b, want)
		}
	}
}

// A part that can't start lets go of what was taken.
func TestRefusedRun(t *testing.T) {
	e, _ := serve(t, open(t, nil))
	for _, change := range []func(*server.Config){
		func(c *server.Config) { c.AWSAddr = strings.TrimPrefix(e.AWS, "http://") },
		func(c *server.Config) { c.HTTPAddr = strings.TrimPrefix(e.AWS, "http://") },
		func(c *server.Config) { c.AWSAddr = "0.0.0.0:0" },
		func(c *server.Config) { c.TLS = server.TLS{CertFile: "/none", KeyFile: "/none"} },
	} {
		s := open(t, change)
		if err := s.Run(t.Context(), func(server.Endpoints) { t.Error("ready") }); err == nil {
			t.Error("it ran")
		}
	}
}
