package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	cwl "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/loglake/loglake/loglaketest"
)

// putLines are n lines, each different, of about 100 bytes.
func putLines(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "{\"n\":%d,\"time\":\"2015-05-%02dT10:05:03Z\",\"method\":\"GET\",\"path\":\"/api/%d\",\"pad\":%q}\n", i, 1+i%28, i, strings.Repeat("x", 40))
	}
	return b.String()
}

// putFile writes a file of a test's own.
func putFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// stored reads a group's events.
func stored(t *testing.T, lake *loglaketest.Lake, group string) (events []cwl.FilteredLogEvent) {
	t.Helper()
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(cloudwatchlogs.NewFromConfig(lake.Config()), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String(group)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, page.Events...)
	}
	return events
}

// eachOnce tells whether a group has the lines of putLines(0, n), each once.
func eachOnce(t *testing.T, lake *loglaketest.Lake, group string, n int) {
	t.Helper()
	seen := make([]int, n)
	for _, e := range stored(t, lake, group) {
		var line struct{ N int }
		if err := json.Unmarshal([]byte(*e.Message), &line); err != nil {
			t.Fatalf("%q: %v", *e.Message, err)
		}
		seen[line.N]++
	}
	for i, times := range seen {
		if times != 1 {
			t.Fatalf("line %d is stored %d times", i, times)
		}
	}
}

// putting runs `put` and gives its summary.
func putting(t *testing.T, lake *loglaketest.Lake, wantCode int, args ...string) (tally putTally, stderr string) {
	t.Helper()
	code, stdout, stderr := told(t, append([]string{"put", "--endpoint", lake.URL, "--format", "json"}, args...)...)
	if code != wantCode {
		t.Fatalf("put %q: exit %d, want %d: %s%s", args, code, wantCode, stdout, stderr)
	}
	if stdout != "" {
		if err := json.Unmarshal([]byte(stdout), &tally); err != nil {
			t.Fatalf("%s: %v", stdout, err)
		}
	}
	return tally, stderr
}

func TestPut(t *testing.T) {
	lake := loglaketest.Start(t, loglaketest.Options{})
	const access = `192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET %s HTTP/1.1" 200 12 "-" "-"` + "\n"
	log := fmt.Sprintf(access, "/a") + fmt.Sprintf(access, "/health") + "\n" + "no access log\n  at all\n"
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	if _, err := w.Write([]byte(log)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	config := putFile(t, "loglake.yaml", "groups:\n  /web: {parse: combined, noise: [{path: /health}]}\n")
	file := putFile(t, "access.log", gz.String())

	tally, _ := putting(t, lake, exitOK, file, "--group", "/web", "--config", config, "--event-time", "timestamp")
	if tally.Lines != 5 || tally.Events != 2 || tally.Sent != 2 || tally.Unparsed != 1 || len(tally.Noise) != 1 || tally.Noise[0] != 1 || tally.NoTime != 1 || tally.Blank != 1 {
		t.Errorf("%+v", tally)
	}
	events := stored(t, lake, "/web")
	if len(events) != 2 || *events[0].Timestamp != time.Date(2015, 5, 17, 10, 5, 3, 0, time.UTC).UnixMilli() || !strings.Contains(*events[0].Message, `"path":"/a"`) ||
		*events[0].LogStreamName != "access.log" || *events[1].Message != `{"message":"no access log\n  at all"}` || time.Since(time.UnixMilli(*events[1].Timestamp)) > time.Minute {
		t.Errorf("%+v", events)
	}

	// The same again stores nothing, and so does the same file in another wrapping.
	if tally, _ = putting(t, lake, exitOK, file, "--group", "/web", "--config", config); tally.Sent != 0 || tally.Stored != 2 {
		t.Errorf("again: %+v", tally)
	}
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	again := putFile(t, "access.log", string(encoder.EncodeAll([]byte(log), nil)))
	if tally, _ = putting(t, lake, exitOK, again, "--group", "/web", "--config", config); tally.Sent != 0 || tally.Stored != 2 {
		t.Errorf("as zstd: %+v", tally)
	}
	// A file that was cut is told, and stores nothing twice when it is whole.
	cut := putFile(t, "cut.log", gz.String()[:gz.Len()-12])
	if _, stderr := putting(t, lake, exitFailed, cut, "--group", "/web", "--config", config, "--stream", "cut"); !strings.Contains(stderr, "ends in the middle") {
		t.Error(stderr)
	}
	if tally, _ = putting(t, lake, exitOK, file, "--group", "/web", "--config", config, "--stream", "cut"); tally.Sent != 2 {
		t.Errorf("whole again: %+v", tally)
	}
	// Other settings make other events, and another name another file.
	if tally, _ = putting(t, lake, exitOK, file, "--group", "/web", "--parse", "none", "--multiline", "false"); tally.Sent != 4 {
		t.Errorf("as lines: %+v", tally)
	}
	if tally, _ = putting(t, lake, exitOK, file, "--group", "/web", "--config", config, "--stream", "other"); tally.Sent != 2 {
		t.Errorf("under another name: %+v", tally)
	}
	code, stdout, _ := told(t, "put", file, "--group", "/web", "--config", config, "--endpoint", lake.URL)
	if want := "2 events were stored before"; code != exitOK || !strings.Contains(stdout, "5 lines, 0 events sent to /web") || !strings.Contains(stdout, want) {
		t.Errorf("exit %d, %s", code, stdout)
	}
}

// A file that grows goes on where it was, also when it was short at first; one that was cut is told.
func TestPutGrows(t *testing.T) {
	lake := loglaketest.Start(t, loglaketest.Options{})
	path := putFile(t, "app.log", "")
	sent := 0
	for _, n := range []int{0, 1, 3, 17, 18, 200, 5000} {
		if err := os.WriteFile(path, []byte(putLines(0, n)), 0o600); err != nil {
			t.Fatal(err)
		}
		tally, _ := putting(t, lake, exitOK, path, "--group", "g")
		if int(tally.Sent) != n-sent || int(tally.Stored) != sent {
			t.Fatalf("grown from %d to %d lines: %+v", sent, n, tally)
		}
		sent = n
	}
	eachOnce(t, lake, "g", sent)
	if err := os.WriteFile(path, []byte(putLines(0, 4000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, stdout, _ := told(t, "put", path, "--group", "g", "--endpoint", lake.URL); code != exitOK || !strings.Contains(stdout, "it was cut") {
		t.Errorf("exit %d, %s", code, stdout)
	}
}

// Short lines make many beginnings by which a file may be known.
func TestPutGrowsByShortLines(t *testing.T) {
	lake := loglaketest.Start(t, loglaketest.Options{})
	content := ""
	for i := range 3000 {
		content += fmt.Sprintln(i)
	}
	path := putFile(t, "app.log", content[:len("0\n1\n2\n")])
	if tally, _ := putting(t, lake, exitOK, path, "--group", "g"); tally.Sent != 3 {
		t.Fatalf("%+v", tally)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if tally, _ := putting(t, lake, exitOK, path, "--group", "g"); tally.Sent != 2997 || tally.Stored != 3 {
		t.Errorf("%+v", tally)
	}
}

// A file that only begins as one that was put is noticed, whatever it was put with; one whose last event has grown is not
// another.
func TestPutAnother(t *testing.T) {
	lake := loglaketest.Start(t, loglaketest.Options{})
	head := putLines(0, 100)
	path := putFile(t, "app.log", head+putLines(100, 20_000))
	if tally, _ := putting(t, lake, exitOK, path, "--group", "g"); tally.Sent != 20_000 {
		t.Fatalf("%+v", tally)
	}
	for _, other := range []string{head + putLines(101, 30_000), head + putLines(101, 20_001), head + "x" + putLines(100, 20_500)} {
		if err := os.WriteFile(path, []byte(other), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, stderr := putting(t, lake, exitFailed, path, "--group", "g"); !strings.Contains(stderr, "is another") || !strings.Contains(stderr, "--stream") {
			t.Error(stderr)
		}
	}
	eachOnce(t, lake, "g", 20_000)
	if err := os.WriteFile(path, []byte(strings.TrimSuffix(putLines(0, 20_000), "\n")+" and more\n"+"one more\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if tally, _ := putting(t, lake, exitOK, path, "--group", "g"); tally.Sent != 2 || tally.Stored != 20_000 {
		t.Errorf("%+v", tally)
	}
}

// What an event has grown by since it was sent is sent too, once.
func TestPutGrownEvent(t *testing.T) {
	lake := loglaketest.Start(t, loglaketest.Options{})
	path := putFile(t, "app.log", "one\nboom\n")
	for i, step := range []struct {
		text string
		sent int64
	}{
		{"one\nboom\n", 2},
		{"one\nboom\njava.lang.Error: x\n\tat a.B.c(D.java:1)\n", 1},
		{"one\nboom\njava.lang.Error: x\n\tat a.B.c(D.java:1)\n", 0},
		{"one\nboom\njava.lang.Error: x\n\tat a.B.c(D.java:1)\nnext\n", 1},
		{"one\nboom\njava.lang.Error: x\n\tat a.B.c(D.java:1)\nnext\n", 0},
	} {
		if err := os.WriteFile(path, []byte(step.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if tally, _ := putting(t, lake, exitOK, path, "--group", "g", "--parse", "json"); tally.Sent != step.sent {
			t.Errorf("step %d: %+v", i, tally)
		}
	}
	var got []string
	for _, e := range stored(t, lake, "g") {
		got = append(got, *e.Message)
	}
	want := []string{`{"message":"one"}`, `{"message":"boom"}`, `{"message":"java.lang.Error: x\n\tat a.B.c(D.java:1)"}`, `{"message":"next"}`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A line that is being written is left until it is whole, with the event that it may be a part of.
func TestPutOpenLine(t *testing.T) {
	lake := loglaketest.Start(t, loglaketest.Options{})
	path := putFile(t, "app.log", "")
	long := strings.Repeat("x", 3<<10) // so that the file is known by its first bytes
	const trace = "one\ntwo\nTraceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 1\n"
	for i, step := range []struct {
		text string
		sent int64
		open int64
		args []string
	}{
		{"on", 0, 1, nil},
		{"one\nt", 0, 2, nil},
		{trace[:40], 1, 2, nil},
		{trace + long, 0, 2, nil},
		{trace + long + "\nend", 1, 2, nil},
		{trace + long + "\nend", 2, 0, []string{"--final"}},
	} {
		if err := os.WriteFile(path, []byte(step.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if tally, _ := putting(t, lake, exitOK, append([]string{path, "--group", "g"}, step.args...)...); tally.Sent != step.sent || tally.Open != step.open {
			t.Errorf("step %d: %+v", i, tally)
		}
	}
	var got []string
	for _, e := range stored(t, lake, "g") {
		got = append(got, *e.Message)
	}
	if diff := cmp.Diff([]string{"one", strings.TrimSpace(trace[4:]), long, "end"}, got); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{"a\nb\n", "a\nb\npart"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, stdout, _ := told(t, "put", path, "--group", "part", "--endpoint", lake.URL); code != exitOK || strings.Contains(stdout, "it was cut") ||
			strings.Contains(text, "part") != strings.Contains(stdout, "1 events at the end are not sent yet") {
			t.Errorf("exit %d, %s", code, stdout)
		}
	}
	if tally, _ := putting(t, lake, exitOK, putFile(t, "app.log", "a\nb"), "--group", "lines", "--multiline", "false"); tally.Sent != 1 || tally.Open != 1 {
		t.Errorf("%+v", tally)
	}
}

// What the wire can't take is left out, said so, and the rest is sent.
func TestPutTooLong(t *testing.T) {
	lake := loglaketest.Start(t, loglaketest.Options{})
	path := putFile(t, "app.log", "a\n"+strings.Repeat("x", 1<<21)+"\nb\n"+strings.Repeat("y", 1<<20)+"\nc\xff\n")
	tally, stderr := putting(t, lake, exitFailed, path, "--group", "g")
	if tally.Sent != 3 || tally.TooLong != 2 || tally.NotUTF8 != 1 || !strings.Contains(stderr, "not all events") {
		t.Errorf("%+v %s", tally, stderr)
	}
	if _, stdout, _ := told(t, "put", path, "--group", "g", "--stream", "again", "--endpoint", lake.URL); !strings.Contains(stdout, "NOT sent; the first is at line 2") {
		t.Error(stdout)
	}
}

// Whatever happens on the way, each line is stored once.
func TestPutExactlyOnce(t *testing.T) {
	const lines = 40_000 // some six calls
	path := putFile(t, "app.log", putLines(0, lines))
	for name, faults := range map[string][]loglaketest.Fault{
		"lost answers": {{Operation: "PutLogEvents", Lost: true, Times: 3}},
		"throttled":    {{Operation: "PutLogEvents", Code: "ThrottlingException"}, {Operation: "PutLogEvents", Code: "ServiceUnavailableException", Status: 503}},
	} {
		t.Run(name, func(t *testing.T) {
			lake := loglaketest.Start(t, loglaketest.Options{})
			for _, f := range faults {
				lake.Fail(f)
			}
			if tally, _ := putting(t, lake, exitOK, path, "--group", "g"); tally.Sent != lines {
				t.Errorf("%+v", tally)
			}
			if left := lake.Heal(); left > 0 {
				t.Errorf("%d faults were not met", left)
			}
			eachOnce(t, lake, "g", lines)
		})
	}
	t.Run("refused", func(t *testing.T) { // an error that does not pass ends it, and the next run goes on
		lake := loglaketest.Start(t, loglaketest.Options{})
		for _, code := range []string{"", "", "AccessDeniedException"} {
			lake.Fail(loglaketest.Fault{Operation: "PutLogEvents", Code: code})
		}
		if _, stderr := putting(t, lake, exitFailed, path, "--group", "g"); !strings.Contains(stderr, "AccessDenied") {
			t.Error(stderr)
		}
		if tally, _ := putting(t, lake, exitOK, path, "--group", "g"); tally.Stored == 0 || tally.Sent == 0 || tally.Stored+tally.Sent != lines {
			t.Errorf("%+v", tally)
		}
		eachOnce(t, lake, "g", lines)
	})
	t.Run("killed", func(t *testing.T) {
		lake := loglaketest.Start(t, loglaketest.Options{})
		// The fourth call hangs while the process dies.
		lake.Fail(loglaketest.Fault{Operation: "PutLogEvents", Times: 3})
		lake.Fail(loglaketest.Fault{Operation: "PutLogEvents", Delay: 2 * time.Second})
		c := exec.Command(os.Args[0], "put", path, "--group", "g", "--endpoint", lake.URL)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		awaitEvents(t, lake, "g")
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = c.Wait() // it was killed
		tally, _ := putting(t, lake, exitOK, path, "--group", "g")
		if tally.Stored == 0 || tally.Stored+tally.Sent != lines {
			t.Errorf("%+v", tally)
		}
		eachOnce(t, lake, "g", lines)
	})
	t.Run("server away", func(t *testing.T) {
		lake := loglaketest.Start(t, loglaketest.Options{})
		lake.Fail(loglaketest.Fault{Operation: "PutLogEvents", Times: 2})
		lake.Fail(loglaketest.Fault{Operation: "PutLogEvents", Delay: time.Second})
		done := make(chan putTally, 1)
		go func() {
			tally, _ := putting(t, lake, exitOK, path, "--group", "g")
			done <- tally
		}()
		awaitEvents(t, lake, "g")
		lake.Down(t)
		lake.Up(t)
		if tally := <-done; tally.Sent != lines {
			t.Errorf("%+v", tally)
		}
		eachOnce(t, lake, "g", lines)
	})
}

// awaitEvents waits until a group has events.
func awaitEvents(t *testing.T, lake *loglaketest.Lake, group string) {
	t.Helper()
	logs := cloudwatchlogs.NewFromConfig(lake.Config())
	for {
		out, err := logs.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String(group), Limit: aws.Int32(1)})
		if err == nil && len(out.Events) > 0 {
			return
		}
		if t.Context().Err() != nil {
			t.Fatal("the test has ended before there was an event")
		}
	}
}

func TestPutStopped(t *testing.T) {
	lake := loglaketest.Start(t, loglaketest.Options{})
	path := putFile(t, "app.log", putLines(0, 10))
	lake.Fail(loglaketest.Fault{Operation: "PutLogEvents", Delay: 2 * time.Second})
	interrupted, stop := context.WithCancel(t.Context())
	defer time.AfterFunc(200*time.Millisecond, stop).Stop()
	var out, errs bytes.Buffer
	if code := run(interrupted, []string{"put", path, "--group", "g", "--endpoint", lake.URL}, &out, &errs); code != exitFailed ||
		!strings.Contains(errs.String(), "stopped after 0 events") || !strings.Contains(errs.String(), "the same command goes on") {
		t.Errorf("exit %d: %s%s", code, out.String(), errs.String())
	}
}

func TestPutUsage(t *testing.T) {
	folder := t.TempDir()
	broken := putFile(t, "x.gz", "\x1f\x8b not gzip")
	f := func(code int, want string, args ...string) {
		t.Helper()
		got, stdout, stderr := told(t, append([]string{"put", "--endpoint", "http://127.0.0.1:1"}, args...)...)
		if got != code || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("put %q: exit %d, %q, want %d and %q", args, got, stderr, code, want)
		}
	}
	f(exitUsage, "at least one FILE")
	f(exitUsage, "--group", "x.log")
	f(exitUsage, "text or json", "x.log", "--group", "g", "--format", "csv")
	f(exitUsage, "not a format", "x.log", "--group", "g", "--parse", "xml")
	f(exitUsage, "no named group", "x.log", "--group", "g", "--regex", ".*")
	f(exitUsage, "--multiline", "x.log", "--group", "g", "--multiline", "(")
	f(exitUsage, "is a folder", folder, "--group", "g")
	f(exitFailed, "no such file", filepath.Join(folder, "none"), "--group", "g")
	f(exitFailed, "gzip", broken, "--group", "g")
	f(exitUsage, "which --config names", "x.log", "--group", "g", "--config", filepath.Join(folder, "none.yaml"))
	f(exitFailed, "no loglake answers", putFile(t, "a.log", "a\n"), "--group", "g")
}
