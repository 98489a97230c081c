package logsapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// spooled puts events from a position on through the SDK and gives the position in the answer.
func spooled(t *testing.T, c *cloudwatchlogs.Client, position int64, messages ...string) (next string, err error) {
	t.Helper()
	in := &cloudwatchlogs.PutLogEventsInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("s")}
	for i, m := range messages {
		at := start.AddDate(-10, 0, len(messages)-i) // backwards, over days, ten years ago
		in.LogEvents = append(in.LogEvents, types.InputLogEvent{Message: &m, Timestamp: aws.Int64(at.UnixMilli())})
	}
	out, err := c.PutLogEvents(t.Context(), in, func(o *cloudwatchlogs.Options) {
		o.APIOptions = append(o.APIOptions, smithyhttp.AddHeaderValue("X-Loglake-Spool", "run-1"),
			smithyhttp.AddHeaderValue("X-Loglake-Position", fmt.Sprint(position)), smithyhttp.AddHeaderValue("X-Loglake-Time", "any"),
			smithyhttp.AddHeaderValue("X-Loglake-Sum", "ffffffffffffffff"))
	})
	if err != nil {
		return "", err
	}
	if out.RejectedLogEventsInfo != nil {
		t.Errorf("rejected: %+v", out.RejectedLogEventsInfo)
	}
	return awsmiddleware.GetRawResponse(out.ResultMetadata).(*smithyhttp.Response).Header.Get("X-Loglake-Position"), nil
}

// TestSpoolHeaders is a client of ours on the SDK of AWS.
func TestSpoolHeaders(t *testing.T) {
	c, ctx := newClient(t), t.Context()
	_, err := c.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("g")})
	ok(t, err)
	_, err = c.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("s")})
	ok(t, err)
	for _, step := range []struct {
		position int64
		messages string
		next     string
	}{{0, "a b c", "3"}, {0, "a b c", "3"}, {2, "c d", "4"}, {7, "h", "8"}, {1, "b c", "8"}} {
		next, err := spooled(t, c, step.position, strings.Fields(step.messages)...)
		ok(t, err)
		equal(t, step.next, next)
	}
	out, err := c.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String("g")})
	ok(t, err)
	count := map[string]int{}
	for _, e := range out.Events {
		count[*e.Message]++
	}
	equal(t, map[string]int{"a": 1, "b": 1, "c": 1, "d": 1, "h": 1}, count)
	_, err = spooled(t, c, 1<<62, "x")
	fails(t, err, "InvalidParameterException", "The position 4611686018427387904 is not one of a spool: they are from 0 to 4611686018427387904, with the last event of the put.")
}

func TestBadHeaders(t *testing.T) {
	h := newHandler(t)
	call(t, h, "CreateLogGroup", `{"logGroupName":"g"}`)
	call(t, h, "CreateLogStream", `{"logGroupName":"g","logStreamName":"s"}`)
	body := fmt.Sprintf(`{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":%d,"message":"m"}]}`, start.UnixMilli())
	put := func(header ...string) (int, string) { return call(t, h, "PutLogEvents", body, header...) }
	const spool, position = "X-Loglake-Spool", "X-Loglake-Position"
	for _, bad := range []struct {
		header []string
		says   string
	}{
		{[]string{spool, "s"}, "come together"},
		{[]string{position, "0"}, "come together"},
		{[]string{spool, "", position, "0"}, "is not the id of a spool"},
		{[]string{spool, "a b", position, "0"}, "is not the id of a spool"},
		{[]string{spool, strings.Repeat("x", 65), position, "0"}, "is not the id of a spool"},
		{[]string{spool, "s", position, "-1"}, `X-Loglake-Position is \"-1\"`},
		{[]string{spool, "s", position, "+1"}, `X-Loglake-Position is \"+1\"`},
		{[]string{spool, "s", position, "1.5"}, `X-Loglake-Position is \"1.5\"`},
		{[]string{spool, "s", position, ""}, `X-Loglake-Position is \"\"`},
		{[]string{spool, "s", position, "9223372036854775808"}, "from 0 to 4611686018427387904"},
		{[]string{spool, "s", position, "9223372036854775807"}, "from 0 to 4611686018427387904"},
		{[]string{spool, "s", position, "0", "X-Loglake-Sum", "g"}, "up to 16 hexadecimal digits"},
		{[]string{spool, "s", position, "0", "X-Loglake-Sum", "10000000000000000"}, "up to 16 hexadecimal digits"},
		{[]string{"X-Loglake-Sum", "0"}, "come together"},
		{[]string{"X-Loglake-Time", "all"}, `its one value is \"any\"`},
	} {
		if status, answer := put(bad.header...); status != http.StatusBadRequest || !strings.Contains(answer, "InvalidParameterException") || !strings.Contains(answer, bad.says) {
			t.Errorf("%q: %d %s", bad.header, status, answer)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header = http.Header{"X-Amz-Target": {"Logs_20140328.PutLogEvents"}, spool: {"a", "b"}, position: {"0"}}
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != http.StatusBadRequest {
		t.Error("two spools:", w.Code, w.Body)
	}
	// Other operations don't look at them, and a put without them answers without.
	if status, answer := call(t, h, "DescribeLogGroups", `{}`, spool, "a b"); status != http.StatusOK {
		t.Error(status, answer)
	}
	r = httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "Logs_20140328.PutLogEvents")
	w = httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != http.StatusOK || w.Header().Get(position) != "" {
		t.Error(w.Code, w.Header())
	}
}

func TestRouteFilters(t *testing.T) {
	c, ctx := newClient(t), t.Context()
	for _, name := range []string{"a", "b"} {
		_, err := c.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &name})
		ok(t, err)
	}
	put := func(from, to string) error {
		_, err := c.PutSubscriptionFilter(ctx, &cloudwatchlogs.PutSubscriptionFilterInput{LogGroupName: &from, FilterName: aws.String("f"),
			FilterPattern: aws.String("ERROR"), DestinationArn: aws.String("arn:aws:logs:us-east-1:000000000000:log-group:" + to)})
		return err
	}
	ok(t, put("a", "b:*"))
	fails(t, put("b", "a"), "InvalidParameterException", "The log group b can't be routed into a, which is routed back (a → b): each event would go round for ever.")
	fails(t, put("b", "b"), "InvalidParameterException", "The log group b can't be routed into itself: each event would go round for ever.")
	fails(t, put("b", "z"), "InvalidParameterException", "The log group z, into which the filter is to route, does not exist: create it first.")
	out, err := c.DescribeSubscriptionFilters(ctx, &cloudwatchlogs.DescribeSubscriptionFiltersInput{LogGroupName: aws.String("a")})
	ok(t, err)
	if len(out.SubscriptionFilters) != 1 || *out.SubscriptionFilters[0].DestinationArn != "arn:aws:logs:us-east-1:000000000000:log-group:b:*" || out.SubscriptionFilters[0].RoleArn != nil {
		t.Errorf("%+v", out.SubscriptionFilters)
	}
	_, err = c.DeleteSubscriptionFilter(ctx, &cloudwatchlogs.DeleteSubscriptionFilterInput{LogGroupName: aws.String("a"), FilterName: aws.String("f")})
	ok(t, err)
	ok(t, put("b", "a"))
}
