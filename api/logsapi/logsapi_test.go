package logsapi_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/api/logsapi"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/state"
)

var start = time.Date(2025, 12, 3, 10, 0, 0, 0, time.UTC)

var home = loglake.Home{Account: "000000000000", Region: "us-east-1"}

const firehoseARN = "arn:aws:firehose:us-east-1:000000000000:deliverystream/d"

// newHandler serves an empty lake whose clock stands at start.
func newHandler(t testing.TB) *awsjson.Router {
	t.Helper()
	dir := t.TempDir()
	clock := func() time.Time { return start }
	db, err := state.Open(t.Context(), state.Config{Path: filepath.Join(dir, "state.db"), Migrations: append(loggroup.Migrations(), position.Migrations()...)})
	if err != nil {
		t.Fatal(err)
	}
	log, err := journal.Open(t.Context(), journal.Config{Dir: filepath.Join(dir, "journal"), Clock: clock, Sync: journal.SyncNone})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(log.Close(), db.Close()); err != nil {
			t.Error(err)
		}
	})
	groups, err := loggroup.New(t.Context(), loggroup.Config{DB: db, Journal: log, Home: home, Clock: clock,
		CheckDestination: func(_ context.Context, arn string) (loglake.StreamName, loglake.ProducerID, error) {
			if arn != firehoseARN {
				return "", "", loglake.Errorf(loglake.CodeNotFound, "no such stream")
			}
			return "d", "p", nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	return &awsjson.Router{Services: []awsjson.Service{logsapi.New(logsapi.Config{Groups: groups, Home: home})},
		OnError: func(r *awsjson.Request, err error) { t.Errorf("%s: %v", r.Operation, err) }}
}

// newClient gives the real SDK over a server of its own.
func newClient(t *testing.T) *cloudwatchlogs.Client {
	t.Helper()
	server := httptest.NewServer(newHandler(t))
	t.Cleanup(server.Close)
	return cloudwatchlogs.New(cloudwatchlogs.Options{Region: "us-east-1", BaseEndpoint: aws.String(server.URL),
		Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")})
}

// call sends a body as it is.
func call(t testing.TB, h http.Handler, operation, body string, header ...string) (status int, answer string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "Logs_20140328."+operation)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func fails(t *testing.T, err error, code, text string) {
	t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) || e.ErrorCode() != code || e.ErrorMessage() != text {
		t.Errorf("error %v, want %s: %s", err, code, text)
	}
}

func equal(t testing.TB, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestLifeOfAGroup goes through all operations as an SDK user does.
func TestLifeOfAGroup(t *testing.T) {
	c, ctx := newClient(t), t.Context()
	group, stream := aws.String("/ec2/api"), aws.String("i-1")
	_, err := c.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group, Tags: map[string]string{"team": "a"}})
	ok(t, err)
	_, err = c.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group})
	fails(t, err, "ResourceAlreadyExistsException", "The specified log group already exists")
	_, err = c.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream})
	ok(t, err)
	_, err = c.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: group, RetentionInDays: aws.Int32(7)})
	ok(t, err)

	now := start.UnixMilli()
	put, err := c.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: stream, LogEvents: []types.InputLogEvent{
		{Timestamp: aws.Int64(now - 20*24*3600_000), Message: aws.String("too old")},
		{Timestamp: aws.Int64(now - 8*24*3600_000), Message: aws.String("expired")},
		{Timestamp: aws.Int64(now), Message: aws.String(`{"level":"ERROR","text":"<é\n𝄞>"}`)},
		{Timestamp: aws.Int64(now + 1), Message: aws.String("second")},
		{Timestamp: aws.Int64(now + 3*3600_000), Message: aws.String("too new")}}})
	ok(t, err)
	equal(t, 56, len(*put.NextSequenceToken))
	rejected := put.RejectedLogEventsInfo
	equal(t, []int32{1, 2, 4}, []int32{*rejected.TooOldLogEventEndIndex, *rejected.ExpiredLogEventEndIndex, *rejected.TooNewLogEventStartIndex})

	got, err := c.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{LogGroupIdentifier: aws.String("arn:aws:logs:us-east-1:000000000000:log-group:/ec2/api"), LogStreamName: stream})
	ok(t, err)
	equal(t, 2, len(got.Events))
	equal(t, `{"level":"ERROR","text":"<é\n𝄞>"}`, *got.Events[0].Message)
	equal(t, now, *got.Events[0].IngestionTime)
	again, err := c.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{LogGroupName: group, LogStreamName: stream, NextToken: got.NextForwardToken})
	ok(t, err)
	equal(t, *got.NextForwardToken, *again.NextForwardToken)
	found, err := c.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: group, FilterPattern: aws.String(`{ $.level = "ERROR" }`)})
	ok(t, err)
	equal(t, 1, len(found.Events))
	equal(t, 56, len(*found.Events[0].EventId))
	equal(t, "i-1", *found.Events[0].LogStreamName)
	if found.NextToken != nil {
		t.Errorf("token %s after the last page", *found.NextToken)
	}

	streams, err := c.DescribeLogStreams(ctx, &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: group})
	ok(t, err)
	equal(t, now+1, *streams.LogStreams[0].LastEventTimestamp)
	groups, err := c.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: group})
	ok(t, err)
	equal(t, int32(7), *groups.LogGroups[0].RetentionInDays)
	if *groups.LogGroups[0].StoredBytes == 0 {
		t.Error("storedBytes is 0")
	}
	testTags(t, c, groups.LogGroups[0].LogGroupArn)
	testFilters(t, c, group)

	_, err = c.DeleteRetentionPolicy(ctx, &cloudwatchlogs.DeleteRetentionPolicyInput{LogGroupName: group})
	ok(t, err)
	_, err = c.DeleteLogStream(ctx, &cloudwatchlogs.DeleteLogStreamInput{LogGroupName: group, LogStreamName: stream})
	ok(t, err)
	_, err = c.PutLogGroupDeletionProtection(ctx, &cloudwatchlogs.PutLogGroupDeletionProtectionInput{LogGroupIdentifier: group, DeletionProtectionEnabled: aws.Bool(true)})
	ok(t, err)
	_, err = c.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: group})
	var refused *types.ValidationException
	if !errors.As(err, &refused) {
		t.Errorf("delete a protected group: %v", err)
	}
	_, err = c.PutLogGroupDeletionProtection(ctx, &cloudwatchlogs.PutLogGroupDeletionProtectionInput{LogGroupIdentifier: group, DeletionProtectionEnabled: aws.Bool(false)})
	ok(t, err)
	_, err = c.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: group})
	ok(t, err)
	_, err = c.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: group})
	fails(t, err, "ResourceNotFoundException", "The specified log group does not exist.")
}

func testTags(t *testing.T, c *cloudwatchlogs.Client, arn *string) {
	t.Helper()
	ctx := t.Context()
	_, err := c.TagResource(ctx, &cloudwatchlogs.TagResourceInput{ResourceArn: arn, Tags: map[string]string{"env": "x"}})
	ok(t, err)
	_, err = c.UntagResource(ctx, &cloudwatchlogs.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"team"}})
	ok(t, err)
	tags, err := c.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: arn})
	ok(t, err)
	equal(t, map[string]string{"env": "x"}, tags.Tags)
	_, err = c.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: aws.String(*arn + "x")})
	fails(t, err, "ResourceNotFoundException", "The specified log group does not exist.")
}

func testFilters(t *testing.T, c *cloudwatchlogs.Client, group *string) {
	t.Helper()
	ctx := t.Context()
	put := &cloudwatchlogs.PutSubscriptionFilterInput{LogGroupName: group, FilterName: aws.String("f"), FilterPattern: aws.String(""), DestinationArn: aws.String(firehoseARN)}
	_, err := c.PutSubscriptionFilter(ctx, put)
	fails(t, err, "InvalidParameterException", "destinationArn for vendor firehose cannot be used without roleArn")
	put.RoleArn = aws.String("arn:aws:iam::000000000000:role/r")
	for _, name := range []string{"f", "e"} {
		put.FilterName = &name
		_, err = c.PutSubscriptionFilter(ctx, put)
		ok(t, err)
	}
	put.FilterName = aws.String("third")
	_, err = c.PutSubscriptionFilter(ctx, put)
	fails(t, err, "LimitExceededException", "Resource limit exceeded.")
	put.FieldSelectionCriteria = aws.String("@aws.region = \"x\"")
	_, err = c.PutSubscriptionFilter(ctx, put)
	fails(t, err, "InvalidParameterException", "fieldSelectionCriteria is not supported by subscription filters here; leave it out.")
	_, err = c.DeleteSubscriptionFilter(ctx, &cloudwatchlogs.DeleteSubscriptionFilterInput{LogGroupName: group, FilterName: aws.String("e")})
	ok(t, err)
	_, err = c.DeleteSubscriptionFilter(ctx, &cloudwatchlogs.DeleteSubscriptionFilterInput{LogGroupName: group, FilterName: aws.String("e")})
	fails(t, err, "ResourceNotFoundException", "The specified subscription filter does not exist.")
	filters, err := c.DescribeSubscriptionFilters(ctx, &cloudwatchlogs.DescribeSubscriptionFiltersInput{LogGroupName: group})
	ok(t, err)
	equal(t, 1, len(filters.SubscriptionFilters))
	f := filters.SubscriptionFilters[0]
	equal(t, []string{"f", "", firehoseARN, "ByLogStream", *put.RoleArn},
		[]string{*f.FilterName, *f.FilterPattern, *f.DestinationArn, string(f.Distribution), *f.RoleArn})
}

// TestPaginators has the SDK's own paginators come to an end.
func TestPaginators(t *testing.T) {
	c, ctx := newClient(t), t.Context()
	group, stream := aws.String("g"), aws.String("s")
	_, err := c.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group})
	ok(t, err)
	_, err = c.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream})
	ok(t, err)
	var events []types.InputLogEvent
	for i := range 25 {
		events = append(events, types.InputLogEvent{Timestamp: aws.Int64(start.UnixMilli() + int64(i/3)), Message: aws.String(fmt.Sprint(i))})
	}
	_, err = c.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: stream, LogEvents: events})
	ok(t, err)
	var got, filtered []string
	for p := cloudwatchlogs.NewGetLogEventsPaginator(c, &cloudwatchlogs.GetLogEventsInput{LogGroupName: group, LogStreamName: stream,
		StartFromHead: aws.Bool(true), Limit: aws.Int32(10)}, func(o *cloudwatchlogs.GetLogEventsPaginatorOptions) { o.StopOnDuplicateToken = true }); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		ok(t, err)
		for _, e := range page.Events {
			got = append(got, *e.Message)
		}
	}
	for p := cloudwatchlogs.NewFilterLogEventsPaginator(c, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: group, Limit: aws.Int32(7)}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		ok(t, err)
		for _, e := range page.Events {
			filtered = append(filtered, *e.Message)
		}
	}
	var want []string
	for _, e := range events {
		want = append(want, *e.Message)
	}
	equal(t, want, got)
	equal(t, want, filtered)
}

func TestTestMetricFilter(t *testing.T) {
	c := newClient(t)
	out, err := c.TestMetricFilter(t.Context(), &cloudwatchlogs.TestMetricFilterInput{FilterPattern: aws.String(`[..., status=4*, size]`),
		LogEventMessages: []string{"a b 200 1", "a 404 2"}})
	ok(t, err)
	equal(t, 1, len(out.Matches))
	equal(t, int64(2), out.Matches[0].EventNumber)
	equal(t, map[string]string{"$1": "a", "$status": "404", "$size": "2"}, out.Matches[0].ExtractedValues)
	_, err = c.TestMetricFilter(t.Context(), &cloudwatchlogs.TestMetricFilterInput{FilterPattern: aws.String(`[a`), LogEventMessages: []string{"a"}})
	fails(t, err, "InvalidParameterException", "Invalid filter pattern: If a filter pattern starts with '[' it must end with ']'")
}

// TestWire pins what goes over the wire, byte for byte.
func TestWire(t *testing.T) {
	h := newHandler(t)
	f := func(operation, body string, status int, want string, header ...string) {
		t.Helper()
		if gotStatus, got := call(t, h, operation, body, header...); gotStatus != status || got != want {
			t.Errorf("%s %.200s\n got %d %s\nwant %d %s", operation, body, gotStatus, got, status, want)
		}
	}
	constraint := func(text string) string {
		b, err := json.Marshal(map[string]string{"__type": "InvalidParameterException", "message": text})
		ok(t, err)
		return string(b)
	}
	long := strings.Repeat("x", 513)
	const tooLong = "Invalid LogGroup or LogStream, both must have length less than or equal to 512."
	f("DescribeLogGroups", `{}`, 200, `{"logGroups":[]}`)
	f("CreateLogGroup", `{"logGroupName":"g"}`, 200, ``)
	f("CreateLogGroup", `{"logGroupName":"`+long+`"}`, 400, constraint(tooLong))
	f("CreateLogGroup", `{}`, 400, constraint("1 validation error detected: Value null at 'logGroupName' failed to satisfy constraint: Member must not be null"))
	f("CreateLogGroup", `{"logGroupName":"k","kmsKeyId":"k"}`, 400,
		constraint("kmsKeyId is not supported: log groups are not encrypted by key. Encrypt the disk of the data directory."))
	f("CreateLogStream", `{"logGroupName":"g","logStreamName":"s"}`, 200, ``)
	f("CreateLogStream", `{"logGroupName":"g","logStreamName":"`+long+`"}`, 400, constraint(tooLong))
	f("DescribeLogGroups", `{"limit":51}`, 400,
		constraint("1 validation error detected: Value '51' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 50"))
	at := fmt.Sprint(start.UnixMilli())
	f("DescribeLogGroups", `{"logGroupNamePrefix":"g"}`, 200, `{"logGroups":[{"arn":"arn:aws:logs:us-east-1:000000000000:log-group:g:*","creationTime":`+at+
		`,"deletionProtectionEnabled":false,"logGroupArn":"arn:aws:logs:us-east-1:000000000000:log-group:g","logGroupClass":"STANDARD","logGroupName":"g","metricFilterCount":0,"storedBytes":0}]}`)
	f("DescribeLogGroups", `{"logGroupNamePattern":"g"}`, 200, `{"logGroups":[{"arn":"arn:aws:logs:us-east-1:000000000000:log-group:g:*","creationTime":`+at+
		`,"logGroupArn":"arn:aws:logs:us-east-1:000000000000:log-group:g","logGroupClass":"STANDARD","logGroupName":"g","metricFilterCount":0}]}`)
	f("DescribeLogStreams", `{"logGroupName":"g"}`, 200, `{"logStreams":[{"arn":"arn:aws:logs:us-east-1:000000000000:log-group:g:log-stream:s","creationTime":`+at+
		`,"logStreamName":"s","storedBytes":0}]}`)
	f("DescribeLogStreams", `{"logGroupName":"g","logGroupIdentifier":"g"}`, 400,
		`{"__type":"ValidationException","message":"LogGroup name and LogGroup ARN are mutually exclusive parameters."}`)
	f("GetLogEvents", `{"logGroupName":"g","logStreamName":"s","limit":10001}`, 400,
		constraint("1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000"))
	f("GetLogEvents", `{"logGroupName":"g","logStreamName":"x"}`, 400, `{"__type":"ResourceNotFoundException","message":"The specified log stream does not exist."}`)
	f("FilterLogEvents", `{"logGroupName":"g"}`, 200, `{"events":[],"searchedLogStreams":[]}`)
	f("DescribeSubscriptionFilters", `{"logGroupName":"g"}`, 200, `{"subscriptionFilters":[]}`)
	f("PutSubscriptionFilter", `{"logGroupName":"g","filterName":"f","filterPattern":"","destinationArn":"arn:aws:sqs:us-east-1:000000000000:q"}`, 400,
		constraint("PutSubscriptionFilter operation cannot work with destinationArn for vendor sqs"))
	f("StartQuery", `{}`, 400, `{"__type":"UnknownOperationException","message":"loglake does not have the operation \"StartQuery\" of Logs_20140328"}`)

	put := func(message string) string {
		return `{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":` + at + `,"message":"` + message + `"}]}`
	}
	token := func(n int) string { return fmt.Sprintf(`{"nextSequenceToken":"%056d"}`, n) }
	f("PutLogEvents", put("x"), 200, token(1))
	f("PutLogEvents", put("call"), 200, token(2), "Amz-Sdk-Invocation-Id", "0001")
	f("PutLogEvents", put("call"), 200, token(2), "Amz-Sdk-Invocation-Id", "0001")
	var zipped bytes.Buffer
	zw := gzip.NewWriter(&zipped)
	_, err := zw.Write([]byte(put("zipped")))
	ok(t, errors.Join(err, zw.Close()))
	f("PutLogEvents", zipped.String(), 200, token(3), "Content-Encoding", "gzip")
	f("PutLogEvents", put(""), 400, constraint("1 validation error detected: Value '' at 'logEvents.1.member.message' failed to satisfy constraint: Member must have length greater than or equal to 1"))
	f("PutLogEvents", `{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":1,"message":"old"}]}`, 200,
		`{"nextSequenceToken":"`+fmt.Sprintf("%056d", 3)+`","rejectedLogEventsInfo":{"tooOldLogEventEndIndex":1}}`)
	f("PutLogEvents", `{"logGroupName":"g","logEvents":[]}`, 400,
		constraint("1 validation error detected: Value null at 'logStreamName' failed to satisfy constraint: Member must not be null"))
	f("PutLogEvents", `{"logGroupName":"z","logStreamName":"s","logEvents":[{"timestamp":1,"message":"x"}]}`, 400,
		`{"__type":"ResourceNotFoundException","message":"The specified log group does not exist."}`)
	f("PutLogEvents", `{"logGroupName":`, 400, `{"__type":"SerializationException","message":"The body has to be one JSON object"}`)
	f("PutLogEvents", `{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":"1","message":"x"}]}`, 400,
		`{"__type":"SerializationException","message":"STRING_VALUE can not be converted to a Long"}`)
}

func BenchmarkPutLogEvents(b *testing.B) {
	h := newHandler(b)
	for _, body := range []string{`{"logGroupName":"g"}`, `{"logGroupName":"g","logStreamName":"s"}`} {
		operation := "CreateLogGroup"
		if strings.Contains(body, "Stream") {
			operation = "CreateLogStream"
		}
		if status, answer := call(b, h, operation, body); status != 200 {
			b.Fatal(answer)
		}
	}
	const events = 1000
	var list []map[string]any
	for i := range events {
		list = append(list, map[string]any{"timestamp": start.UnixMilli() + int64(i), "message": `{"level":"INFO","path":"/api/users","text":"` + strings.Repeat("words ", 55) + `"}`})
	}
	body, err := json.Marshal(map[string]any{"logGroupName": "g", "logStreamName": "s", "logEvents": list})
	ok(b, err)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if status, answer := call(b, h, "PutLogEvents", string(body)); status != 200 {
			b.Fatal(answer)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/events, "ns/event")
}
