package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	firehosetypes "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/loglake/loglake/api/nativeapi"
)

// lately is a status with one of each, and a stream that is held.
func lately() *nativeapi.Status {
	now := time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC)
	before := func(d time.Duration) *time.Time { t := now.Add(-d); return &t }
	free := int64(5e9)
	return &nativeapi.Status{
		Server: nativeapi.ServerStatus{Version: "v1", Now: now, UptimeSeconds: 3700, Account: "000000000000", Region: "us-east-1", FreeBytes: &free, JournalBytes: 1500, Engine: true},
		Totals: nativeapi.StatusTotals{Groups: 3, Streams: 2, Tables: 1},
		Groups: []nativeapi.GroupStatus{
			{Name: "/app/api", RetentionDays: 30, Events: 1234567, Bytes: 2e6, LastEvent: before(5 * time.Second), Filters: []nativeapi.FilterStatus{
				{Name: "all", Kind: "stream", Destination: "logs", Lag: 1200}, {Name: "errors", Kind: "group", Destination: "/app/errors"}, {Name: "old", Kind: "stream", Destination: "gone", Missing: true}}},
			{Name: "/idle", Filters: []nativeapi.FilterStatus{}},
		},
		Streams: []nativeapi.StreamState{
			{StreamStatus: nativeapi.StreamStatus{Name: "logs", Backlog: 1200, HotBytes: 3000, Oldest: before(90 * time.Second)}, State: "ok", Table: "default.logs",
				Delivered: 5000, Rejected: 3, LastObject: &nativeapi.ObjectStatus{Rows: 4000, At: now.Add(-3 * time.Hour)}},
			{StreamStatus: nativeapi.StreamStatus{Name: "raw", Held: "records are gzip data\x1b[2J"}, State: "held", Bucket: "lake", Prefix: "raw/"},
		},
		Tables: []nativeapi.TableStatus{{Database: "default", Name: "logs", Location: "s3://lake/data/", Rows: 5000, Objects: 2, Bytes: 9e6, Partitions: 3,
			Newest: &nativeapi.ObjectStatus{At: now.Add(-72 * time.Hour)}}},
	}
}

func TestStatusView(t *testing.T) {
	var b bytes.Buffer
	if err := (statusView{format: "table"}).print(&b, lately()); err != nil {
		t.Fatal(err)
	}
	const want = `loglake v1, up 1 h, 000000000000 in us-east-1, journals 1.5 kB, 5.0 GB free

  group         kept     events  on disk  last event  goes to
  ────────  ────────  ─────────  ───────  ──────────  ──────────────────────────────────────────────
  /app/api   30 days  1,234,567   2.0 MB     5 s ago  logs (1,200 behind), /app/errors, gone (gone)
  /idle     for ever          0  0 bytes           -  -
  and 1 more; --limit shows them

  stream  state    lag       buffered  last object          delivered  rejected  to
  ──────  ─────  ─────  ─────────────  ───────────────────  ─────────  ────────  ──────────────
  logs    ok     1,200  3.0 kB, 1 min  3 h ago, 4,000 rows      5,000         3  default.logs
  raw     held       0              -  -                            0         0  s3://lake/raw/
  raw is held: records are gzip data` + "\uFFFD" + `[2J

  table         rows  objects  partitions  on disk      newest  location
  ────────────  ────  ───────  ──────────  ───────  ──────────  ───────────────
  default.logs  5,000        2           3   9.0 MB  3 days ago  s3://lake/data/
`
	squeeze := func(s string) string { return strings.Join(strings.Fields(strings.ReplaceAll(s, "─", "")), " ") }
	if squeeze(b.String()) != squeeze(want) {
		t.Errorf("it says\n%s", b.String())
	}
	if strings.Contains(b.String(), "\x1b") {
		t.Error("it has escape codes without a terminal")
	}

	b.Reset()
	if err := (statusView{format: "table", paint: paint{on: true}}).print(&b, lately()); err != nil || !strings.Contains(b.String(), "\x1b[31m  raw     held") {
		t.Errorf("%v; what is held is not red:\n%q", err, b.String())
	}
	b.Reset()
	if err := (statusView{format: "csv"}).print(&b, lately()); err != nil || b.String() != `kind,name,state,events,lag_events,rejected,objects,bytes,last
group,/app/api,,1234567,1200,,,2000000,2026-01-31T09:59:55Z
group,/idle,,0,0,,,0,
stream,logs,ok,5000,1200,3,0,3000,2026-01-31T07:00:00Z
stream,raw,held,0,0,0,0,0,
table,default.logs,,5000,,,2,9000000,2026-01-28T10:00:00Z
` {
		t.Errorf("%v, as CSV:\n%s", err, b.String())
	}
	b.Reset()
	var again nativeapi.Status
	if err := (statusView{format: "json"}).print(&b, lately()); err != nil || json.Unmarshal(b.Bytes(), &again) != nil || again.Streams[1].Held != lately().Streams[1].Held {
		t.Errorf("%v, as JSON: %s", err, b.String())
	}
	b.Reset()
	if err := (statusView{format: "table"}).print(&b, &nativeapi.Status{}); err != nil || !strings.Contains(b.String(), "no groups\n\n  no streams\n\n  no tables\n") {
		t.Errorf("of nothing: %v\n%s", err, b.String())
	}
}

// What is warned says why, also where it is no mistake that is known by its shape.
func TestStatusSaysWhy(t *testing.T) {
	s := lately()
	s.Streams[0].State, s.Streams[0].Refusal = nativeapi.StateWarned, "DataFormatConversion.ParseError: no JSON\n at [x]"
	var b bytes.Buffer
	if err := (statusView{format: "table"}).print(&b, s); err != nil || !strings.Contains(b.String(), "\n  logs is warned: all that waits in its buffer will be rejected: DataFormatConversion.ParseError: no JSON  at [x]\n") {
		t.Errorf("%v: it says\n%s", err, b.String())
	}
}

func TestTroubled(t *testing.T) {
	for state, want := range map[string]bool{nativeapi.StateOK: false, nativeapi.StateWarned: false, nativeapi.StateFailing: true, nativeapi.StateHeld: true} {
		if got := troubled(&nativeapi.Status{Streams: []nativeapi.StreamState{{State: nativeapi.StateOK}, {State: state}}}); got != want {
			t.Errorf("%s: %v", state, got)
		}
	}
}

// The four commands on one broken pipeline: events of a group go, as envelopes, into a stream that makes lines of them.
func TestSeeItWork(t *testing.T) {
	r := serving(t)
	ctx, logs, streams := t.Context(), cloudwatchlogs.NewFromConfig(r.config()), firehose.NewFromConfig(r.config())
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s3.NewFromConfig(r.config(), func(o *s3.Options) { o.UsePathStyle = true }).CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("lake")}))
	must(streams.CreateDeliveryStream(ctx, &firehose.CreateDeliveryStreamInput{DeliveryStreamName: aws.String("raw"),
		ExtendedS3DestinationConfiguration: &firehosetypes.ExtendedS3DestinationConfiguration{
			RoleARN: aws.String("arn:aws:iam::000000000000:role/r"), BucketARN: aws.String("arn:aws:s3:::lake"), Prefix: aws.String("raw/")}}))
	must(logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("/app/api")}))
	must(logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: aws.String("/app/api"), LogStreamName: aws.String("i")}))
	must(logs.PutSubscriptionFilter(ctx, &cloudwatchlogs.PutSubscriptionFilterInput{LogGroupName: aws.String("/app/api"), FilterName: aws.String("f"), FilterPattern: aws.String(""),
		DestinationArn: aws.String("arn:aws:firehose:us-east-1:000000000000:deliverystream/raw"), RoleArn: aws.String("arn:aws:iam::000000000000:role/r")}))
	put := func(ctx context.Context, message string) {
		t.Helper()
		_, err := logs.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: aws.String("/app/api"), LogStreamName: aws.String("i"),
			LogEvents: []logstypes.InputLogEvent{{Timestamp: aws.Int64(time.Now().UnixMilli()), Message: &message}}})
		must(nil, err)
	}
	put(ctx, `{"level":"ERROR","path":"/x","status":500}`)
	put(ctx, "plain")

	code, out, text := told(t, "status", "--endpoint", r.AWS, "--check")
	if code != exitOK || !strings.Contains(out, "/app/api") || !strings.Contains(out, "raw (2 behind)") || text != "" {
		t.Errorf("status: exit %d\n%s%s", code, out, text)
	}
	code, out, _ = told(t, "tail", "/app/api", "--endpoint", r.AWS)
	if lines := strings.Split(out, "\n"); code != exitOK || len(lines) != 3 || !strings.HasSuffix(lines[0], " ERROR /x 500") || !strings.HasSuffix(lines[1], " plain") {
		t.Errorf("tail: exit %d\n%s", code, out)
	}
	code, out, _ = told(t, "tail", "/app/api", "--endpoint", r.AWS, "--filter", "{ $.status = 500 }", "--format", "json")
	if code != exitOK || out != `{"level":"ERROR","path":"/x","status":500}`+"\n" {
		t.Errorf("tail with a filter: exit %d %q", code, out)
	}
	code, out, _ = told(t, "doctor", "--endpoint", r.AWS, "--format", "json")
	var d diagnosis
	if err := json.Unmarshal([]byte(out), &d); err != nil || code != exitOK && code != exitProblem || d.Notes == 0 || !strings.Contains(out, "put-retention-policy --log-group-name /app/api") {
		t.Errorf("doctor: exit %d %v\n%s", code, err, out)
	}
	code, out, _ = told(t, "__complete", "tail", "--endpoint", r.AWS, "/app")
	if code != exitOK || !strings.HasPrefix(out, "/app/api\n") {
		t.Errorf("completion of a group: exit %d %q", code, out)
	}
	for args, want := range map[string]string{
		"tail /nope":                  "The specified log group does not exist",
		"tail /app/api --filter [":    "InvalidParameterException",
		"status --limit -1":           "limit",
		"explain s3://lake/nope":      "NoSuchKey",
		"tail /app/api --stream a:b*": "logStreamNamePrefix",
	} {
		if code, _, text := told(t, append(strings.Fields(args), "--endpoint", r.AWS)...); code != exitFailed || !strings.Contains(text, want) {
			t.Errorf("%s: exit %d %q", args, code, text)
		}
	}
	for args, want := range map[string]string{
		"status --format xml": "table, json or csv", "tail": "one GROUP", "tail g --since x": "--since", "tail g --format csv": "text or json",
		"tail g --limit -1": "--limit", "doctor x": "no arguments", "doctor --format xml": "text or json",
	} {
		if code, _, text := told(t, strings.Fields(args)...); code != exitUsage || !strings.Contains(text, want) {
			t.Errorf("%s: exit %d %q", args, code, text)
		}
	}
}
