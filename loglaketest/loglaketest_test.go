package loglaketest_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/smithy-go"

	"github.com/loglake/loglake/loglaketest"
	"github.com/loglake/loglake/query/engine"
)

func TestMain(m *testing.M) {
	if os.Getenv("LOGLAKETEST_WITHOUT_MAIN") != "" {
		_ = os.Unsetenv("LOGLAKETEST_WITHOUT_MAIN") // once is enough
		os.Exit(m.Run())
	}
	loglaketest.Main(m)
}

// group makes a log group with a stream in it, and gives what puts events and what reads them.
func group(t *testing.T, lake *loglaketest.Lake) (put func(messages ...string) error, read func() []string) {
	t.Helper()
	logs := cloudwatchlogs.NewFromConfig(lake.Config())
	if _, err := logs.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("g")}); err != nil {
		t.Fatal(err)
	}
	if _, err := logs.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("s")}); err != nil {
		t.Fatal(err)
	}
	put = func(messages ...string) error {
		in := &cloudwatchlogs.PutLogEventsInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("s")}
		for _, m := range messages {
			in.LogEvents = append(in.LogEvents, logstypes.InputLogEvent{Timestamp: aws.Int64(time.Now().UnixMilli()), Message: aws.String(m)})
		}
		_, err := logs.PutLogEvents(t.Context(), in)
		return err
	}
	read = func() (messages []string) {
		out, err := logs.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String("g")})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range out.Events {
			messages = append(messages, *e.Message)
		}
		return messages
	}
	return put, read
}

func TestQuery(t *testing.T) {
	if !engine.Built {
		t.Skip("this build has no SQL engine")
	}
	lake := loglaketest.Start(t, loglaketest.Options{Account: "123456789012", Keys: map[string]string{"A": "S"}})
	if rows := lake.Query(t, "SELECT 1 AS n, 'x' AS s"); fmt.Sprint(rows) != "[[1 x]]" {
		t.Errorf("rows are %v", rows)
	}
	if rows := lake.Query(t, "SHOW DATABASES"); fmt.Sprint(rows) != "[[default]]" {
		t.Errorf("databases are %v", rows)
	}
}

// A lake that begins with a pipeline delivers by it, also where there is no SQL.
func TestPipeline(t *testing.T) {
	file := filepath.Join(t.TempDir(), "loglake.yaml")
	err := os.WriteFile(file, []byte(`bucket: lake
groups: {/app: {}}
tables: {logs: {partition_by: at, columns: {at: timestamp, n: int}}}
streams: {logs: {from: /app, table: logs}}
`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	lake := loglaketest.Start(t, loglaketest.Options{Pipeline: file})
	logs := cloudwatchlogs.NewFromConfig(lake.Config())
	group, stream := aws.String("/app"), aws.String("s")
	if _, err := logs.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream}); err != nil {
		t.Fatal(err)
	}
	_, err = logs.PutLogEvents(t.Context(), &cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: stream,
		LogEvents: []logstypes.InputLogEvent{{Timestamp: aws.Int64(time.Now().UnixMilli()), Message: aws.String(`{"at":"2025-12-03T10:15:30Z","n":1}`)}}})
	if err != nil {
		t.Fatal(err)
	}
	objects := lake.Flush(t, "logs")
	if len(objects) != 1 || objects[0].Bucket != "lake" || objects[0].Kind != "parquet" || !strings.HasPrefix(objects[0].Key, "data/dt=2025-12-03/") {
		t.Errorf("the flush wrote %+v", objects)
	}
}

// What was acknowledged is there after the server went and came back; while it is away calls fail as an outage does.
func TestDown(t *testing.T) {
	lake := loglaketest.Start(t, loglaketest.Options{})
	put, read := group(t, lake)
	if err := put("before"); err != nil {
		t.Fatal(err)
	}
	lake.Down(t)
	var failed smithy.APIError
	if err := put("while down"); !errors.As(err, &failed) || failed.ErrorCode() != "ServiceUnavailableException" {
		t.Errorf("while it is down: %v", err)
	}
	lake.Up(t)
	if err := put("after"); err != nil {
		t.Fatal(err)
	}
	if got := read(); !slices.Equal(got, []string{"before", "after"}) {
		t.Errorf("the group holds %q", got)
	}
}

// An SDK's repeats pass faults that end; a refusal of its own comes to the caller.
func TestFaults(t *testing.T) {
	lake := loglaketest.Start(t, loglaketest.Options{})
	put, read := group(t, lake)
	lake.Fail(loglaketest.Fault{Operation: "PutLogEvents", Code: "ThrottlingException"})
	lake.Fail(loglaketest.Fault{Operation: "PutLogEvents", Lost: true})
	if err := put("once"); err != nil {
		t.Errorf("throttled, then the answer lost: %v", err)
	}
	if got := read(); !slices.Equal(got, []string{"once"}) {
		t.Errorf("the group holds %q", got)
	}
	lake.Fail(loglaketest.Fault{Operation: "PutLogEvents", Times: 3, Code: "AccessDeniedException", Message: "not today"})
	if err := put("refused"); err == nil || !strings.Contains(err.Error(), "not today") {
		t.Errorf("refused: %v", err)
	}
	if left := lake.Heal(); left != 2 {
		t.Errorf("%d faults were left, want 2: the SDK does not repeat what was refused", left)
	}
}

func TestFullDisk(t *testing.T) {
	lake := loglaketest.Start(t, loglaketest.Options{OnEvent: func(string, error) {}})
	put, read := group(t, lake)
	if err := put("before"); err != nil {
		t.Fatal(err)
	}
	lake.FillDisk(0)
	refused := false
	big := strings.Repeat("x", 200<<10)
	for range 1000 {
		if err := put(big, big, big, big); err != nil { // until what the journal had set aside is used up
			refused = true
			break
		}
	}
	if !refused {
		t.Fatal("a full disk took everything")
	}
	lake.EmptyDisk()
	if err := put("after"); err != nil {
		t.Fatal(err)
	}
	if got := read(); got[0] != "before" || got[len(got)-1] != "after" && len(got) < 10 {
		t.Errorf("the group holds %d events, first %.10q, last %.10q", len(got), got[0], got[len(got)-1])
	}
}

// The server's clock may be far away from that of clients, which sign by the machine's.
func TestClock(t *testing.T) {
	at := time.Now().Add(240 * time.Hour)
	lake := loglaketest.Start(t, loglaketest.Options{Keys: map[string]string{"A": "S"}, Clock: func() time.Time { return at }})
	logs := cloudwatchlogs.NewFromConfig(lake.Config())
	if _, err := logs.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("g")}); err != nil {
		t.Fatal(err)
	}
	out, err := logs.DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{})
	if err != nil || len(out.LogGroups) != 1 || *out.LogGroups[0].CreationTime != at.UnixMilli() {
		t.Errorf("the group is %+v, %v", out.LogGroups, err)
	}
}

// A package that forgot Main fails, and does not start itself again and again.
func TestWithoutMain(t *testing.T) {
	if len(os.Args) > 1 && os.Args[1] == "engine" {
		t.Fatal("the child of a child")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(self, "engine") // as a query starts it
	child.Env = append(os.Environ(), "LOGLAKETEST_WITHOUT_MAIN=1")
	out, err := child.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "the tests have no `func TestMain") {
		t.Errorf("the child said %q, %v", out, err)
	}
}
