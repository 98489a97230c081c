package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake/apply"
	"github.com/loglake/loglake/pipeline"
)

// in writes a file and makes its folder the working directory.
func in(t *testing.T, text string) (path string) {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	path = filepath.Join(dir, pipeline.FileName)
	write(t, path, text)
	return path
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func usualFile(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../pipeline/testdata/usual.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A file that is wrong, or named and not there, stops everything before anything is opened.
func TestWrongFile(t *testing.T) {
	in(t, "zoen: UTC\ngroups: {/a: {retention: 31d}}\n")
	const want = "loglake: there are 2 errors in the file:\n" +
		"loglake.yaml:1:1: the file has no key zoen; did you mean zone?\n" +
		"loglake.yaml:2:26: groups./a.retention: the service can't keep events for 31 days; the nearest is 30d, "
	for _, args := range [][]string{{"serve"}, {"plan"}, {"plan", "--check"}, {"apply"}, {"check"}} {
		code, stdout, stderr := told(t, args...)
		if code != exitUsage || stdout != "" || !strings.HasPrefix(stderr, want) {
			t.Errorf("%s: exit %d\n%s%s", args, code, stdout, stderr)
		}
	}
	t.Setenv(configVariable, "other.yaml")
	for _, c := range []struct{ args, want string }{
		{"serve", "there is no file other.yaml, which LOGLAKE_CONFIG names"},
		{"plan --config nope.yaml", "there is no file nope.yaml, which --config names"},
		{"plan --format xml", "--format is text or json"},
		{"plan x", "takes no arguments"},
	} {
		code, stdout, stderr := told(t, strings.Fields(c.args)...)
		if code != exitUsage || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: exit %d %s%s", c.args, code, stdout, stderr)
		}
	}
	if _, err := os.Stat("lake"); !os.IsNotExist(err) {
		t.Errorf("the data folder was made: %v", err)
	}
	t.Setenv(configVariable, "")
	if err := os.Remove(pipeline.FileName); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := told(t, "plan"); code != exitUsage || !strings.Contains(stderr, "there is no file loglake.yaml in this folder") {
		t.Errorf("no file: exit %d %s", code, stderr)
	}
}

// Flag, variable, file and default have the same names, and win in this order.
func TestSettings(t *testing.T) {
	dir := t.TempDir()
	for _, s := range pipeline.Settings() {
		for _, c := range []struct {
			flag, variable, file bool
			want                 string
		}{
			{want: s.Default},
			{file: true, want: "from-file"},
			{file: true, variable: true, want: "from-variable"},
			{file: true, variable: true, flag: true, want: "from-flag"},
		} {
			name := fmt.Sprintf("%s %+v", s.Key, c)
			values := map[string]string{"from-file": "/from-file", "from-variable": "/from-variable", "from-flag": "/from-flag", s.Default: s.Default}
			switch s.Key {
			case "account":
				values = map[string]string{"from-file": "000000000001", "from-variable": "000000000002", "from-flag": "000000000003", s.Default: s.Default}
			case "aws_addr", "http_addr":
				values = map[string]string{"from-file": "h:1", "from-variable": "h:2", "from-flag": "h:3", s.Default: s.Default}
			case "s3_endpoint":
				values = map[string]string{"from-file": "http://h:1", "from-variable": "http://h:2", "from-flag": "http://h:3", s.Default: s.Default}
			case "s3_path_style":
				values = map[string]string{"from-file": "true", "from-variable": "false", "from-flag": "true", s.Default: s.Default}
			case "sync":
				values = map[string]string{"from-file": "none", "from-variable": "always", "from-flag": "none", s.Default: s.Default}
			case "connections_max":
				values = map[string]string{"from-file": "1", "from-variable": "2", "from-flag": "3", s.Default: s.Default}
			case "s3_cache", "journal_max", "journal_file", "memory_max", "query_memory_max":
				values = map[string]string{"from-file": "1GiB", "from-variable": "2GiB", "from-flag": "3GiB", s.Default: s.Default}
			case "results_bucket":
				values = map[string]string{"from-file": "from-file", "from-variable": "from-variable", "from-flag": "from-flag", s.Default: s.Default}
			}
			text := ""
			if c.file {
				text = "server: {" + s.Key + ": '" + values["from-file"] + "'}\n"
				if other := map[string]string{"tls_cert": "tls_key", "tls_key": "tls_cert"}[s.Key]; other != "" {
					text = "server: {" + s.Key + ": '" + values["from-file"] + "', " + other + ": x}\n"
				}
			}
			path := filepath.Join(dir, "settings.yaml")
			write(t, path, text)
			t.Setenv(s.Variable(), "")
			if c.variable {
				t.Setenv(s.Variable(), values["from-variable"])
			}
			var f serverFlags
			command := serveCommand()
			command.ResetFlags()
			f.register(command)
			args := []string{"--config", path}
			if c.flag {
				args = append(args, "--"+s.Flag(), values["from-flag"])
			}
			if err := command.ParseFlags(args); err != nil {
				t.Fatal(err)
			}
			if err := f.settle(command); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if got := *s.Of(&f.flags); got != values[c.want] {
				t.Errorf("%s: got %q, want %q", name, got, values[c.want])
			}
			t.Setenv(s.Variable(), "")
		}
	}
	write(t, filepath.Join(dir, "settings.yaml"), "server: {data: lake}\n")
	p, err := pipeline.Load(filepath.Join(dir, "settings.yaml"))
	if err != nil || p.Server.Data != filepath.Join(dir, "lake") {
		t.Errorf("a path is relative to the file: got %q, %v", p.Server.Data, err)
	}
}

// serve applies the file of its folder before it is ready, also with key pairs; plan and apply find a server as it is.
func TestPlan(t *testing.T) {
	text := usualFile(t)
	path := in(t, text)
	if code, stdout, _ := told(t, "plan", "--check"); code != exitOK || stdout != "loglake.yaml is right: 2 groups, 1 table, 1 stream\n" {
		t.Errorf("--check: exit %d %s", code, stdout)
	}
	code, stdout, stderr := told(t, "plan", "--endpoint", "http://127.0.0.1:1")
	if code != exitFailed || stdout != "" || !strings.Contains(stderr, "no loglake answers") || !strings.Contains(stderr, "loglake plan --check") {
		t.Errorf("no server: exit %d %s", code, stderr)
	}
	t.Setenv("LOGLAKE_ACCESS_KEY_ID", "A")
	t.Setenv("LOGLAKE_SECRET_ACCESS_KEY", "S")
	r := serving(t)
	log := r.stderr.String()
	for _, want := range []string{`msg="create bucket my-logs"`, `msg="create subscription filter route=/app/api/errors of /app/api"`, "msg=applied config=loglake.yaml changes=7 as_declared=1"} {
		if at := strings.Index(log, want); at < 0 || at > strings.Index(log, "msg=ready") {
			t.Errorf("the log does not have %s before ready:\n%s", want, log)
		}
	}
	t.Setenv("LOGLAKE_ENDPOINT", r.AWS)
	const nothing = "nothing to change: all 8 are as declared\n"
	for _, args := range []string{"plan", "plan --exit-code", "apply"} {
		if code, stdout, stderr := told(t, strings.Fields(args)...); code != exitOK || stdout != nothing {
			t.Errorf("%s: exit %d %s%s", args, code, stdout, stderr)
		}
	}

	write(t, path, strings.Replace(text, "7d", "14d", 1))
	const change = "change log group /app/api/errors\n       retention: 7d → 14d\n"
	for _, c := range []struct {
		args, want string
		code       int
	}{
		{"plan", change + "\n0 to create, 1 to change, 7 as declared\n", exitOK},
		{"plan --exit-code", change + "\n0 to create, 1 to change, 7 as declared\n", exitChanges},
		{"apply", change + "\n1 change made, 7 were as declared\n", exitOK},
		{"apply", nothing, exitOK},
	} {
		code, stdout, stderr := told(t, strings.Fields(c.args)...)
		if diff := cmp.Diff(c.want, stdout); code != c.code || diff != "" {
			t.Errorf("%s: exit %d %s (-want +got):\n%s", c.args, code, stderr, diff)
		}
	}
	write(t, path, text)
	code, stdout, _ = told(t, "plan", "--format", "json")
	var plan apply.Plan
	if err := json.Unmarshal([]byte(stdout), &plan); err != nil || code != exitOK {
		t.Fatalf("exit %d: %v", code, err)
	}
	want := []apply.Step{{What: "log group /app/api/errors", Do: apply.Change, Details: []apply.Detail{{Name: "retention", From: "14d", To: "7d"}},
		Warning: "events that are older than 7d go"}}
	if diff := cmp.Diff(want, plan.Changes(), cmp.Comparer(func(a, b apply.Step) bool {
		return a.What == b.What && a.Do == b.Do && cmp.Equal(a.Details, b.Details) && a.Warning == b.Warning
	})); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
	write(t, path, strings.Replace(text, "my-logs", "other-logs", 1))
	if code, stdout, stderr := told(t, "plan"); code != exitFailed || !strings.Contains(stdout, "refuse table default.server_logs\n") || !strings.Contains(stderr, "1 of its resources") {
		t.Errorf("a refused change: exit %d %s%s", code, stdout, stderr)
	}
}

// A server started again on its folder changes nothing; and where the file can't be applied it ends before it is ready.
func TestServeAgain(t *testing.T) {
	text := usualFile(t)
	path := in(t, text)
	for i, want := range []string{"changes=7 as_declared=1", "changes=0 as_declared=8"} {
		r := serving(t, "--data", "lake")
		if code := r.stop(); code != exitOK || !strings.Contains(r.stderr.String(), want) {
			t.Errorf("start %d: exit %d, want %s:\n%s", i+1, code, want, r.stderr)
		}
	}
	write(t, path, strings.Replace(text, "my-logs", "other-logs", 1))
	code, stdout, stderr := told(t, "serve", "--ephemeral", "--data", "lake")
	if code != exitFailed || stdout != "" || strings.Contains(stderr, "msg=ready") || !strings.Contains(stderr, "loglake: table default.server_logs is not changed, and nothing else is: ") {
		t.Errorf("exit %d %s%s", code, stdout, stderr)
	}
	r := serving(t, "--data", "lake", "--config", os.DevNull)
	if strings.Contains(r.stderr.String(), "other-logs") {
		t.Errorf("it has taken the file that it was told not to:\n%s", r.stderr)
	}
}

func TestSchemaCommand(t *testing.T) {
	want, err := os.ReadFile("../../docs/loglake.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if code, stdout, _ := told(t, "schema"); code != exitOK || stdout != string(want) {
		t.Errorf("exit %d, and not docs/loglake.schema.json", code)
	}
}

// Events put into the group of the usual file are rows of its table, each in the folder of its day in Seoul, and the
// errors among them are in the group that they are routed to.
func TestUsualPipeline(t *testing.T) {
	needEngine(t)
	in(t, usualFile(t))
	r := serving(t)
	t.Setenv("LOGLAKE_ENDPOINT", r.AWS)
	logs := cloudwatchlogs.NewFromConfig(r.config())
	group, stream := aws.String("/app/api"), aws.String("i-1")
	if _, err := logs.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream}); err != nil {
		t.Fatal(err)
	}
	var events []logtypes.InputLogEvent
	for i, level := range []string{"INFO", "ERROR"} {
		events = append(events, logtypes.InputLogEvent{
			Timestamp: aws.Int64(time.Now().UnixMilli()),
			Message:   aws.String(fmt.Sprintf(`{"timestamp":"2026-03-01T1%d:30:00Z","level":%q,"path":"/a","status_code":%d,"response_time":1.5}`, 4+i, level, 200+i)),
		})
	}
	if _, err := logs.PutLogEvents(t.Context(), &cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: stream, LogEvents: events}); err != nil {
		t.Fatal(err)
	}
	const rows = "dt,level,status_code,response_time\n2026-03-01,INFO,200,1.5\n2026-03-02,ERROR,201,1.5\n"
	for _, state := range []string{"buffered", "flushed"} {
		code, stdout, stderr := told(t, "query", "SELECT dt, level, status_code, response_time FROM server_logs ORDER BY timestamp", "--format", "csv")
		if diff := cmp.Diff(rows, stdout); code != exitOK || diff != "" {
			t.Errorf("%s: exit %d %s (-want +got):\n%s", state, code, stderr, diff)
		}
		code, stdout, stderr = told(t, "flush", "server-logs")
		for _, folder := range []string{"s3://my-logs/data/dt=2026-03-01/", "s3://my-logs/data/dt=2026-03-02/"} {
			if state == "buffered" && (code != exitOK || !strings.Contains(stdout, folder)) {
				t.Errorf("flush: exit %d %s%s, want an object in %s", code, stdout, stderr, folder)
			}
		}
	}
	deadline := time.Now().Add(20 * time.Second)
	for {
		out, err := logs.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String("/app/api/errors")})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Events) > 0 || time.Now().After(deadline) {
			if len(out.Events) != 1 || *out.Events[0].Message != *events[1].Message {
				t.Errorf("routed: %v", out.Events)
			}
			return
		}
	}
}
