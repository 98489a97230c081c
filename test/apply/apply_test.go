// Package apply_test applies pipelines to real servers in this process: what a plan says, that applying does it and a
// second time does nothing, and what is left when a call fails on the way.
package apply_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	fh "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/apply"
	"github.com/loglake/loglake/client"
	"github.com/loglake/loglake/pipeline"
	"github.com/loglake/loglake/server"
)

// wire is an http.RoundTripper that a test may interfere with: before a call is made, or when it was answered.
type wire struct{ before, after func(operation string) error }

func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(req.Header.Get("X-Amz-Target"), ".")
	if operation == "" && req.Method == http.MethodPut {
		operation = "CreateBucket"
	}
	if w.before != nil {
		if err := w.before(operation); err != nil {
			return nil, err
		}
	}
	answer, err := http.DefaultTransport.RoundTrip(req)
	if err == nil && w.after != nil {
		if lost := w.after(operation); lost != nil {
			return nil, errors.Join(lost, answer.Body.Close())
		}
	}
	return answer, err
}

// lake is a server and a client of it.
type lake struct {
	*testing.T
	client *client.Client
	wire   *wire
}

func start(t *testing.T) *lake {
	t.Helper()
	s, err := server.Open(t.Context(), server.Config{
		Dir: t.TempDir(), AWSAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0", Home: loglake.Home{Account: "123456789012", Region: "eu-central-1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ready, ended := make(chan server.Endpoints, 1), make(chan error, 1)
	go func() { ended <- s.Run(ctx, func(e server.Endpoints) { ready <- e }) }()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-ended, s.Close()); err != nil {
			t.Error(err)
		}
	})
	l := &lake{T: t, wire: &wire{}}
	select {
	case e := <-ready:
		l.client, err = client.New(client.Config{Endpoint: e.AWS, Region: "eu-central-1", HTTP: &http.Client{Transport: l.wire}})
	case err = <-ended:
		ended <- nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *lake) parse(text string) *pipeline.Pipeline {
	l.Helper()
	p, err := pipeline.Parse([]byte(text))
	if err != nil {
		l.Fatal(err)
	}
	return p
}

func (l *lake) look(text string) *apply.Plan {
	l.Helper()
	plan, err := apply.Look(l.Context(), l.client, l.parse(text))
	if err != nil {
		l.Fatal(err)
	}
	return plan
}

// changes gives the changes of a plan as lines, with what warns behind !, and what is not in the file behind -.
func changes(plan *apply.Plan) string {
	var b strings.Builder
	for _, s := range plan.Changes() {
		b.WriteString(string(s.Do) + " " + s.What + "\n")
		for _, d := range s.Details {
			b.WriteString("  " + d.String() + "\n")
		}
		if s.Warning != "" {
			b.WriteString("  ! " + s.Warning + "\n")
		}
	}
	for _, o := range plan.Leftovers {
		b.WriteString("- " + o.What + "\n  " + o.Remove + "\n")
		if o.Warning != "" {
			b.WriteString("  ! " + o.Warning + "\n")
		}
	}
	return b.String()
}

func (l *lake) planned(text, want string) {
	l.Helper()
	if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), changes(l.look(text))); diff != "" {
		l.Errorf("plan (-want +got):\n%s", diff)
	}
}

// apply applies the file, and holds the server to having nothing to do after it.
func (l *lake) apply(text string) {
	l.Helper()
	plan := l.look(text)
	var done []apply.Step
	if err := plan.Apply(l.Context(), func(s apply.Step) { done = append(done, s) }); err != nil {
		l.Fatal(err)
	}
	if len(done) != len(plan.Changes()) {
		l.Errorf("%d steps were told, %d planned", len(done), len(plan.Changes()))
	}
	if again := l.look(text); len(again.Changes()) > 0 {
		l.Errorf("a second time changes something:\n%s", changes(again))
	}
}

func usual(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../pipeline/testdata/usual.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestUsual(t *testing.T) {
	l, text := start(t), usual(t)
	l.planned(text, `
create bucket my-logs
create log group /app/api
  retention: 30d
create log group /app/api/errors
  retention: 7d
create table default.server_logs
  columns: timestamp timestamp, level string, request_id string, method string, path string, status_code int, response_time double
  partitioned by: dt string
  location: s3://my-logs/data/
create delivery stream server-logs
  table: default.server_logs
  bucket: my-logs
  prefix: data/dt=!{timestamp:yyyy-MM-dd}/
  error prefix: rejects/server-logs/!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/
  codec: snappy
  zone: Asia/Seoul
  unpacks: Decompression GZIP then CloudWatchLogProcessing true
  buffer: 128MiB or 300s
  policy: rescue
  partition by: timestamp
create subscription filter server-logs of /app/api
  pattern: all events
  to: delivery stream server-logs
create subscription filter route=/app/api/errors of /app/api
  pattern: { $.level = "ERROR" }
  to: log group /app/api/errors
`)
	l.apply(text)

	changed := strings.NewReplacer("30d", "forever", "7d", "14d", "level: string", "level: string, user_id: bigint", "status_code: int", "status_code: string",
		"method: string, ", "", `"ERROR"`, `"FATAL"`, "table: server_logs}", "table: server_logs, buffer: {interval: 60s}, filter: GET, codec: zstd, policy: aws}",
		"    partition_by: timestamp\n", "").Replace(text)
	l.planned(changed, `
change log group /app/api
  retention: 30d → forever
change log group /app/api/errors
  retention: 7d → 14d
change table default.server_logs
  column user_id: bigint
  column status_code: int → string
  column method: string → none
  ! files that are there hold status_code as int, and a query that reads it from them may fail (HIVE_BAD_DATA); files that are there keep method, and queries no longer see it
change delivery stream server-logs
  codec: snappy → zstd
  buffer: 128MiB or 300s → 128MiB or 60s
  policy: rescue → aws
  partition by: timestamp → none
change subscription filter server-logs of /app/api
  pattern: all events → GET
change subscription filter route=/app/api/errors of /app/api
  pattern: { $.level = "ERROR" } → { $.level = "FATAL" }
`)
	l.apply(changed)
	l.apply(text)
	l.planned("bucket: my-logs\ngroups: {/app/api: {retention: 30d}}\n", `
- subscription filter route=/app/api/errors of /app/api
  aws logs delete-subscription-filter --log-group-name /app/api --filter-name route=/app/api/errors
- subscription filter server-logs of /app/api
  aws logs delete-subscription-filter --log-group-name /app/api --filter-name server-logs
- log group /app/api/errors
  aws logs delete-log-group --log-group-name /app/api/errors
- table default.server_logs
  aws glue delete-table --database-name default --name server_logs
- delivery stream server-logs
  aws firehose delete-delivery-stream --delivery-stream-name server-logs
`)
}

// Everything that the file can say is taken by the services, and found again as it was said.
func TestEverything(t *testing.T) {
	l := start(t)
	l.apply(`
bucket: my-logs
database: web
groups:
  /a: {routes: [{to: /b}, {filter: x, to: /c}]}
  /b: {routes: [{to: /c}]}
  /c:
tables:
  hours:
    ddl: |
      CREATE EXTERNAL TABLE hours (at TIMESTAMP COMMENT 'when', n INT) COMMENT 'by hour'
      PARTITIONED BY (year STRING, month STRING, day STRING, hour STRING)
      STORED AS PARQUET LOCATION 's3://other-bucket/hours' TBLPROPERTIES ('owner'='us')
  shop:
    comment: orders
    location: shop/
    partition_by: day
    columns: {day: date, user_id: {type: bigint, key: userId, comment: who}, price: 'decimal(10,2)'}
  flat:
    ddl: CREATE EXTERNAL TABLE flat (n INT) STORED AS PARQUET LOCATION 's3://my-logs/flat/'
streams:
  hours: {from: [/a, /b], table: hours, codec: gzip}
  shop: {from: /a, table: shop, filter: '{ $.price > 1 }', codec: uncompressed}
  flat: {table: flat, prefix: flat/}
  lines: {from: /c, codec: plain, buffer: {size: 1, interval: 0}}
  zipped: {from: /c, prefix: zipped/}
`)
}

// What others made is left alone, and taken over where the file declares something of that name.
func TestOthers(t *testing.T) {
	l := start(t)
	logs := l.client.Logs()
	for _, name := range []string{"/app/api", "/theirs"} {
		if _, err := logs.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &name}); err != nil {
			t.Fatal(err)
		}
	}
	const text = "groups: {/app/api: {retention: 7d}}\n"
	l.planned(text, "change log group /app/api\n  retention: forever → 7d\n  ! events that are older than 7d go\n")
	l.apply(text)
	l.planned(strings.Replace(text, "7d", "5d", 1), "change log group /app/api\n  retention: 7d → 5d\n  ! events that are older than 5d go\n")
	l.planned("{}", "")
	l.planned("groups: {/app: }", "create log group /app\n  retention: forever\n")
}

// A table is not moved away from its rows, and then nothing else is done either.
func TestRefused(t *testing.T) {
	l, text := start(t), usual(t)
	l.apply(text)
	for change, want := range map[string]string{
		"bucket: my-logs → bucket: other-logs": "it lies in s3://my-logs/data/, and with s3://other-logs/data/ queries would no longer see what is there",
		"    partition_by: timestamp\n    columns: {timestamp: timestamp, level: string, request_id: string, method: string, path: string, status_code: int, response_time: double}\n → " +
			"    ddl: CREATE EXTERNAL TABLE server_logs (n INT) PARTITIONED BY (year STRING) STORED AS PARQUET LOCATION 's3://my-logs/data/'\n": "it is partitioned by dt string, and with year string its partitions would mean nothing",
	} {
		from, to, _ := strings.Cut(change, " → ")
		plan := l.look(strings.Replace(strings.Replace(text, from, to, 1), "7d", "14d", 1))
		err := plan.Apply(t.Context(), func(s apply.Step) { t.Errorf("%s is done all the same", s.What) })
		if loglake.CodeOf(err) != loglake.CodeConflict || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	l.planned(text, "")
}

// A call that fails ends the run; the error tells how far it came, and the next run goes on from there.
func TestHalfWay(t *testing.T) {
	l, text := start(t), usual(t)
	plan := l.look(text)
	l.wire.before = func(operation string) error {
		if operation == "CreateDeliveryStream" {
			return context.Canceled
		}
		return nil
	}
	var done []string
	err := plan.Apply(t.Context(), func(s apply.Step) { done = append(done, s.What) })
	l.wire.before = nil
	if err == nil || len(done) != 4 {
		t.Fatalf("got %v after %q", err, done)
	}
	const want = "done: create bucket my-logs, create log group /app/api, create log group /app/api/errors, create table default.server_logs; " +
		"still to do: create subscription filter server-logs of /app/api, create subscription filter route=/app/api/errors of /app/api; the next run goes on from there"
	var failure *loglake.Error
	if !errors.As(err, &failure) || !strings.HasPrefix(failure.Message, "create delivery stream server-logs failed: ") || failure.Hint != want {
		t.Errorf("got %#v", failure)
	}
	if rest := l.look(text).Changes(); len(rest) != 3 {
		t.Errorf("%d steps are left, want 3: %v", len(rest), rest)
	}
	l.apply(text)
}

// broken is a failure of the network: one that the SDK tries again, or not.
type broken struct{ again bool }

func (b broken) Error() string        { return "the line is broken" }
func (b broken) RetryableError() bool { return b.again }

// Whichever call fails, and whether it was made all the same or not, the next run ends where the file wants it. And the
// SDK's own repeat of a call whose answer was lost is no failure at all.
func TestEveryFailure(t *testing.T) {
	text := usual(t)
	changed := strings.NewReplacer("30d", "60d", "level: string", "level: string, more: int", "    partition_by: timestamp\n", "",
		"table: server_logs}", "table: server_logs, buffer: {interval: 60s}, filter: GET}").Replace(text)
	for _, c := range []struct {
		name  string
		hook  func(*wire) *func(string) error
		cause broken
	}{
		{"undone", func(w *wire) *func(string) error { return &w.before }, broken{}},
		{"done but lost", func(w *wire) *func(string) error { return &w.after }, broken{}},
		{"lost and repeated", func(w *wire) *func(string) error { return &w.after }, broken{again: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			failures := 0
			for failed := true; failed && !(testing.Short() && failures == 3); failures++ {
				l, calls := start(t), 0
				failed = false
				*c.hook(l.wire) = func(operation string) error {
					if !writes(operation) {
						return nil
					}
					if calls++; calls != failures+1 {
						return nil
					}
					failed = true
					return c.cause
				}
				for _, file := range []string{text, changed} {
					was := failed
					err := l.look(file).Apply(t.Context(), nil)
					if (err != nil) != (failed && !was && !c.cause.again) {
						t.Errorf("call %d: got %v", failures+1, err)
					}
					if err != nil {
						l.apply(file)
					}
				}
				l.planned(changed, "")
			}
			if failures < 14 && !testing.Short() {
				t.Errorf("only %d calls failed", failures)
			}
		})
	}
}

func writes(operation string) bool {
	for _, verb := range []string{"Create", "Put", "Update", "Tag", "Untag"} {
		if strings.HasPrefix(operation, verb) {
			return true
		}
	}
	return false
}

// Somebody else's update of a stream in between is no failure.
func TestConflict(t *testing.T) {
	l, text := start(t), usual(t)
	l.apply(text)
	other := l.client.Firehose()
	overtaken := 0
	l.wire.before = func(operation string) error {
		if operation != "UpdateDestination" || overtaken == 2 {
			return nil
		}
		overtaken++
		before := l.wire.before
		l.wire.before = nil
		defer func() { l.wire.before = before }()
		out, err := other.DescribeDeliveryStream(t.Context(), &firehose.DescribeDeliveryStreamInput{DeliveryStreamName: aws.String("server-logs")})
		if err != nil {
			return err
		}
		_, err = other.UpdateDestination(t.Context(), &firehose.UpdateDestinationInput{
			DeliveryStreamName: aws.String("server-logs"), DestinationId: out.DeliveryStreamDescription.Destinations[0].DestinationId,
			CurrentDeliveryStreamVersionId: out.DeliveryStreamDescription.VersionId,
			ExtendedS3DestinationUpdate:    &fh.ExtendedS3DestinationUpdate{FileExtension: aws.String(".parquet")},
		})
		return err
	}
	l.apply(strings.Replace(text, "table: server_logs}", "table: server_logs, buffer: {interval: 60s}}", 1))
	if overtaken != 2 {
		t.Errorf("overtaken %d times", overtaken)
	}
	out, err := other.DescribeDeliveryStream(t.Context(), &firehose.DescribeDeliveryStreamInput{DeliveryStreamName: aws.String("server-logs")})
	if err != nil {
		t.Fatal(err)
	}
	if d := out.DeliveryStreamDescription.Destinations[0].ExtendedS3DestinationDescription; aws.ToString(d.FileExtension) != ".parquet" || *d.BufferingHints.IntervalInSeconds != 60 {
		t.Errorf("an update was lost: %+v", d)
	}
}

// A table of the file keeps the parameters that others gave it.
func TestParameters(t *testing.T) {
	l, text := start(t), usual(t)
	l.apply(text)
	catalog := l.client.Glue()
	table := func() map[string]string {
		t.Helper()
		out, err := catalog.GetTable(t.Context(), &glue.GetTableInput{DatabaseName: aws.String("default"), Name: aws.String("server_logs")})
		if err != nil {
			t.Fatal(err)
		}
		return out.Table.Parameters
	}
	if got := table(); got[apply.MarkKey] != apply.MarkValue {
		t.Errorf("the table is not marked: %v", got)
	}
	l.apply(strings.Replace(text, "level: string", "level: string, more: int", 1))
	if got := table(); got[apply.MarkKey] != apply.MarkValue || got["classification"] != "parquet" {
		t.Errorf("parameters are lost: %v", got)
	}
}

// A table that was made without parameters, or with a comment, becomes the one of the file.
func TestTablesOfOthers(t *testing.T) {
	l := start(t)
	const text = "bucket: my-logs\ntables:\n  t: {columns: {n: int}}\n"
	l.apply(text)
	catalog, database, name := l.client.Glue(), aws.String("default"), aws.String("t")
	out, err := catalog.GetTable(t.Context(), &glue.GetTableInput{DatabaseName: database, Name: name})
	if err != nil {
		t.Fatal(err)
	}
	_, err = catalog.UpdateTable(t.Context(), &glue.UpdateTableInput{DatabaseName: database, TableInput: &gluetypes.TableInput{
		Name: name, StorageDescriptor: out.Table.StorageDescriptor, PartitionKeys: out.Table.PartitionKeys,
	}})
	if err != nil {
		t.Fatal(err)
	}
	commented := strings.Replace(text, "columns", "comment: theirs, columns", 1)
	l.apply(commented)
	l.planned(text, "change table default.t\n  comment: theirs → none\n")
	l.apply(text)
	if out, err = catalog.GetTable(t.Context(), &glue.GetTableInput{DatabaseName: database, Name: name}); err != nil || out.Table.Parameters["comment"] != "" {
		t.Errorf("the comment is still there, where SHOW CREATE TABLE looks: %v, %v", out.Table.Parameters, err)
	}
}

// A stream that is called something else is a second one: the plan says what comes of it, and does not run into the
// service's limit on filters.
func TestRenamedStream(t *testing.T) {
	l := start(t)
	const text = "bucket: my-logs\ngroups: {/a: }\ntables: {t: {columns: {n: int}}}\nstreams:\n  one: {from: /a, table: t}\n"
	l.apply(text)
	l.apply(strings.Replace(text, "one:", "two:", 1))
	l.planned(strings.Replace(text, "one:", "two:", 1), `
- subscription filter one of /a
  aws logs delete-subscription-filter --log-group-name /a --filter-name one
  ! events come into default.t twice as long as both are there: by one, and by two
- delivery stream one
  aws firehose delete-delivery-stream --delivery-stream-name one
`)
	three := l.look(strings.Replace(text, "one:", "three:", 1))
	err := three.Apply(t.Context(), func(s apply.Step) { t.Errorf("%s is done all the same", s.What) })
	if loglake.CodeOf(err) != loglake.CodeConflict || !strings.Contains(err.Error(), "no more than 2 filters for a group, and /a has some that the file has not: one, two") {
		t.Errorf("a third filter: %v", err)
	}
}

// A plan without steps is a list without elements for those who read JSON.
func TestNothing(t *testing.T) {
	if text, err := json.Marshal(start(t).look("{}")); err != nil || string(text) != `{"steps":[]}` {
		t.Errorf("%s, %v", text, err)
	}
}
