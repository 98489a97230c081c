package sdk_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	athenatypes "github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	firehosetypes "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"
)

// again starts a server on the folder of an earlier life.
func (l *lake) again(t *testing.T) *lake {
	t.Helper()
	began := time.Now()
	next := serve(t, "--data", l.Data)
	t.Logf("ready %v after the start", time.Since(began).Round(time.Millisecond))
	return next
}

// rows puts rows 0..n-1 into the stream of a story, a thousand to a record.
func rows(t *testing.T, f *firehose.Client, n int) {
	t.Helper()
	for from := 0; from < n; from += 1000 {
		var b bytes.Buffer
		for i := from; i < min(from+1000, n); i++ {
			fmt.Fprintf(&b, `{"id":"r-%d","n":%d}`+"\n", i, i)
		}
		must(f.PutRecord(t.Context(), &firehose.PutRecordInput{DeliveryStreamName: aws.String("direct"), Record: &firehosetypes.Record{Data: b.Bytes()}}))(t)
	}
}

// SIGTERM lets what runs finish: a put whose body is still on its way, and a query. Both are there in the next life.
func TestGracefulStop(t *testing.T) {
	ctx, l := t.Context(), serve(t, "--data", t.TempDir())
	l.logStream(ctx, t, "g", "s")
	rows(t, l.story(ctx, t), 2000)
	l.flush(t, "direct")
	query := must(athena.NewFromConfig(l.config()).StartQueryExecution(ctx, &athena.StartQueryExecutionInput{
		QueryString:         aws.String("SELECT count(*) FROM logs a CROSS JOIN logs b WHERE a.id || b.id LIKE 'r-7%r-%9'"),
		ResultConfiguration: &athenatypes.ResultConfiguration{OutputLocation: aws.String("s3://lake/results/")}}))(t).QueryExecutionId

	body, feed := io.Pipe()
	put := must(http.NewRequest(http.MethodPost, l.AWS, body))(t)
	put.Header.Set("X-Amz-Target", "Logs_20140328.PutLogEvents")
	// The body is sent once the server asks for it, so that it has taken the request when it is told to stop.
	put.Header.Set("Expect", "100-continue")
	client := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: time.Minute}}
	answered := make(chan error, 1)
	go func() {
		response, err := client.Do(put)
		if err == nil && response.StatusCode != http.StatusOK {
			err = fmt.Errorf("the put is answered with %s", response.Status)
		}
		answered <- err
	}()
	whole := fmt.Sprintf(`{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":%d,"message":"%s"}]}`, time.Now().UnixMilli(), strings.Repeat("m", 100_000))
	must(io.WriteString(feed, whole[:60_000]))(t)
	if err := l.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	eventually(t, "no new requests are taken", func(context.Context) bool {
		_, err := http.Get(l.HTTP + "/healthz")
		response, err2 := http.Get(l.AWS)
		if err2 == nil {
			response.Body.Close()
		}
		return err != nil || err2 != nil
	})
	must(io.WriteString(feed, whole[60_000:]))(t)
	if err := feed.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-answered; err != nil {
		t.Error(err)
	}
	if err := l.process.Wait(); err != nil {
		t.Errorf("SIGTERM: %v %s", err, l.stderr)
	}

	l = l.again(t)
	if got := l.messages(ctx, t, "g"); len(got) != 1 {
		t.Errorf("%d events are there, want the one of the put", len(got))
	}
	x := must(athena.NewFromConfig(l.config()).GetQueryExecution(ctx, &athena.GetQueryExecutionInput{QueryExecutionId: query}))(t).QueryExecution
	if x.Status.State != athenatypes.QueryExecutionStateSucceeded {
		t.Errorf("the query is %s: %s", x.Status.State, aws.ToString(x.Status.StateChangeReason))
	}
}

// After a SIGKILL in the middle of everything the next life is ready at once, what was answered is there, and the
// checker finds nothing.
func TestKilled(t *testing.T) {
	ctx, l := t.Context(), serve(t, "--data", t.TempDir())
	f := l.story(ctx, t)
	rows(t, f, 500)
	l.flush(t, "direct")
	query := must(athena.NewFromConfig(l.config()).StartQueryExecution(ctx, &athena.StartQueryExecutionInput{
		QueryString:         aws.String("SELECT count(*) FROM logs a CROSS JOIN logs b CROSS JOIN logs c WHERE a.id || b.id || c.id LIKE '%9%7%'"),
		ResultConfiguration: &athenatypes.ResultConfiguration{OutputLocation: aws.String("s3://lake/results/")}}))(t).QueryExecutionId
	rows(t, f, 500)
	l.kill(t)
	l = l.again(t)
	if got, _ := l.sql(t, "SELECT count(*), count(DISTINCT id) FROM logs"); len(got) != 1 || got[0][0] != "1000" || got[0][1] != "500" {
		t.Errorf("the rows are %v", got)
	}
	x := must(athena.NewFromConfig(l.config()).GetQueryExecution(ctx, &athena.GetQueryExecutionInput{QueryExecutionId: query}))(t).QueryExecution
	if x.Status.State != athenatypes.QueryExecutionStateFailed || aws.ToString(x.Status.StateChangeReason) == "" {
		t.Errorf("the query that was running is %s: %q", x.Status.State, aws.ToString(x.Status.StateChangeReason))
	}
	l.kill(t)
	if out, text, code := run(t, command(t, "check", "--data", l.Data)); code != 0 || !strings.Contains(out, "500 events in batches") && !strings.Contains(out, "0 problems") {
		t.Errorf("check: exit %d %s%s", code, out, text)
	}
}

// A lake with many tables and objects is ready as fast as an empty one. No time is asserted: machines differ.
func TestStartOfALargeLake(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes some seconds")
	}
	ctx, l := t.Context(), serve(t, "--data", t.TempDir())
	objects, tables := l.s3(), glue.NewFromConfig(l.config())
	must(objects.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("lake")}))(t)
	began := time.Now()
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(16)
	for i := range 1000 {
		g.Go(func() error {
			_, err := tables.CreateTable(ctx, &glue.CreateTableInput{DatabaseName: aws.String("default"), TableInput: table(fmt.Sprintf("t%d", i), "s3://lake/data/")})
			return err
		})
	}
	for i := range 2000 {
		g.Go(func() error {
			_, err := objects.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("lake"), Key: aws.String(fmt.Sprintf("data/dt=2025-01-%02d/o-%d", i%31+1, i)), Body: strings.NewReader("x")})
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	t.Logf("1,000 tables and 2,000 objects made in %v", time.Since(began).Round(time.Millisecond))
	l.stop(t)
	l = l.again(t)
	count := 0
	for p := s3.NewListObjectsV2Paginator(l.s3(), &s3.ListObjectsV2Input{Bucket: aws.String("lake")}); p.HasMorePages(); {
		count += len(must(p.NextPage(t.Context()))(t).Contents)
	}
	if count != 2000 {
		t.Errorf("%d objects", count)
	}
}

// Without cgo the program has no SQL engine and all else, and says so.
func TestWithoutEngine(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the program a second time")
	}
	path, err := build("loglake-static", "CGO_ENABLED=0")
	if err != nil {
		t.Fatal(err)
	}
	l := start(t, commandOf(path, "serve", "--ephemeral"))
	ctx := t.Context()
	l.logStream(ctx, t, "g", "s")
	must(cloudwatchlogs.NewFromConfig(l.config()).PutLogEvents(ctx, putOne("g", "s", "m")))(t)
	f := l.story(ctx, t)
	rows(t, f, 10)
	if keys := l.flush(t, "direct"); len(keys) != 1 || !strings.HasSuffix(keys[0], ".parquet") {
		t.Errorf("flush wrote %v", keys)
	}
	if got, x := l.sql(t, "SHOW TABLES"); len(got) != 1 || got[0][0] != "logs" {
		t.Errorf("SHOW TABLES gives %v, %+v", got, x.Status)
	}
	_, x := l.sql(t, "SELECT count(*) FROM logs")
	if reason := aws.ToString(x.Status.StateChangeReason); x.Status.State != athenatypes.QueryExecutionStateFailed || !strings.Contains(reason, "engine") {
		t.Errorf("SELECT is %s: %s", x.Status.State, reason)
	}
	for service, err := range l.calls(ctx) {
		if err != nil {
			t.Errorf("%s: %v", service, err)
		}
	}
	l.stop(t)
	if !strings.Contains(l.stderr.String(), "no SQL engine") {
		t.Errorf("it does not say so at its start: %s", l.stderr)
	}
	if _, err := os.Stat(l.Data); !os.IsNotExist(err) {
		t.Errorf("the temporary folder: %v", err)
	}
}
