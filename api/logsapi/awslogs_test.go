package logsapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake/api/awsjson"
)

// driver makes the calls of Docker's awslogs driver, in the bytes that it sends: it begins with the log stream and makes
// the group only when the answer is that there is none; it keeps the token of each put for the next one; it cuts lines at
// its own limit, and it sorts a batch by time.
type driver struct {
	t *testing.T
	h *awsjson.Router

	group, stream string
	token         string // of the last put; "": there was none
}

func (d *driver) call(operation string, in map[string]any) (status int, out map[string]any) {
	d.t.Helper()
	body, err := json.Marshal(in)
	ok(d.t, err)
	status, answer := call(d.t, d.h, operation, string(body),
		"Content-Type", "application/x-amz-json-1.1",
		"User-Agent", "Docker/28.2.2 (linux) aws-sdk-go-v2/1.30.3 os/linux lang/go#1.23.9 md/GOOS#linux md/GOARCH#amd64 api/cloudwatchlogs#1.32.0")
	if answer != "" { // of what has nothing to say
		ok(d.t, json.Unmarshal([]byte(answer), &out))
	}
	return status, out
}

func (d *driver) createStream() (code string) {
	d.t.Helper()
	_, out := d.call("CreateLogStream", map[string]any{"logGroupName": d.group, "logStreamName": d.stream})
	return codeOf(out)
}

func codeOf(out map[string]any) string {
	code, _ := out["__type"].(string)
	_, name, found := strings.Cut(code, "#")
	if !found {
		return code
	}
	return name
}

// begin is what the driver does when a container starts, with awslogs-create-group=true.
func (d *driver) begin() {
	d.t.Helper()
	code := d.createStream()
	if code == "ResourceNotFoundException" {
		if _, out := d.call("CreateLogGroup", map[string]any{"logGroupName": d.group}); codeOf(out) != "" && codeOf(out) != "ResourceAlreadyExistsException" {
			d.t.Fatalf("CreateLogGroup: %v", out)
		}
		code = d.createStream()
	}
	if code != "" && code != "ResourceAlreadyExistsException" {
		d.t.Fatalf("CreateLogStream: %s", code)
	}
}

// put sends a batch. An answer that the token is a wrong one, or that the batch was taken before, would carry the right
// one; the service has not sent these since 2023.
func (d *driver) put(events ...map[string]any) {
	d.t.Helper()
	in := map[string]any{"logGroupName": d.group, "logStreamName": d.stream, "logEvents": events}
	if d.token != "" {
		in["sequenceToken"] = d.token
	}
	status, out := d.call("PutLogEvents", in)
	token, _ := out["nextSequenceToken"].(string)
	if status != http.StatusOK || token == "" {
		d.t.Fatalf("PutLogEvents: %d %v", status, out)
	}
	d.token = token
}

// TestDockerDriver is the life of two containers, of the second of which the name was taken before.
func TestDockerDriver(t *testing.T) {
	h := newHandler(t)
	at := start.UnixMilli()
	event := func(after int64, message string) map[string]any {
		return map[string]any{"timestamp": at + after, "message": message}
	}
	const lineMax = 1<<20 - 26 // where a newer driver cuts; older ones at 256 KiB
	first := &driver{t: t, h: h, group: "/docker/app", stream: "3f1c"}
	first.begin()
	first.put(event(0, "hello"), event(0, "same time"), event(5, `{"level":"INFO"}`))
	first.put(event(6, strings.Repeat("x", lineMax)))
	first.put(event(6, "the rest of a long line"))
	first.put(event(7, strings.Repeat("y", 262144-26)))
	many := make([]map[string]any, 10_000)
	for i := range many {
		many[i] = event(8, fmt.Sprint(i))
	}
	first.put(many...)

	again := &driver{t: t, h: h, group: "/docker/app", stream: "3f1c"}
	again.begin() // the stream is there, and that is no error to the driver
	again.put(event(9, "after a restart, without a token"))

	_, out := first.call("GetLogEvents", map[string]any{"logGroupName": "/docker/app", "logStreamName": "3f1c", "startFromHead": true, "limit": 3})
	var got []string
	events, _ := out["events"].([]any)
	for _, e := range events {
		message, _ := e.(map[string]any)["message"].(string)
		got = append(got, message)
	}
	if diff := cmp.Diff([]string{"hello", "same time", `{"level":"INFO"}`}, got); diff != "" {
		t.Error(diff)
	}
	if _, out := first.call("FilterLogEvents", map[string]any{"logGroupName": "/docker/app", "startTime": at + 8}); out["events"] == nil {
		t.Errorf("no events of the end: %v", out)
	}
	without := &driver{t: t, h: h, group: "/docker/none", stream: "s"} // awslogs-create-group is false: the container does not start
	if code := without.createStream(); code != "ResourceNotFoundException" {
		t.Errorf("CreateLogStream without a group: %q", code)
	}
}
