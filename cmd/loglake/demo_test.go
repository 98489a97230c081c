package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake/pipeline"
	"github.com/loglake/loglake/query/engine"
)

// TestMain lets the test binary be what a test kills or what loglake starts: the query engine, the demo's application, put.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && slices.Contains([]string{"engine", "demo-app", "put"}, os.Args[1]) {
		main()
	}
	os.Exit(m.Run())
}

func runDemo(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs strings.Builder
	root := append([]string{"demo", "--exit"}, args...)
	if stdin != "" {
		path := filepath.Join(t.TempDir(), "input.log")
		if err := os.WriteFile(path, []byte(stdin), 0o600); err != nil {
			t.Fatal(err)
		}
		root = append(root, "--input", path)
	}
	code = run(context.Background(), root, &out, &errs)
	return out.String(), errs.String(), code
}

// figure gives the number behind a label of the account.
func figure(text, label string) string {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), label+" "); ok {
			return strings.Fields(rest)[0]
		}
	}
	return ""
}

func TestDemo(t *testing.T) {
	data := filepath.Join(t.TempDir(), "lake")
	out, errs, code := runDemo(t, "", "--requests", "3000", "--data", data)
	if code != exitOK || errs != "" {
		t.Fatalf("code %d, stderr %q, stdout %s", code, errs, out)
	}
	// 3,000 requests of seed 1, and the line that says where the application listens.
	for label, want := range map[string]string{
		"lines seen": "3,001", "dropped as noise": "780", "events in /demo/api": "2,221", "delivered by server-logs": "2,220",
		"rejected by server-logs": "1",
	} {
		if got := figure(out, label); got != want {
			t.Errorf("%s: %q, want %s", label, got, want)
		}
	}
	if got := figure(out, "routed to /demo/api/errors"); got == "" || got == "0" {
		t.Errorf("errors routed: %q", got)
	}
	for _, want := range []string{"bytes a row, a line has", "with the reason and their bytes under s3://demo-lake/rejects/"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not told", want)
		}
	}
	if engine.Built {
		for _, want := range []string{"WHERE request_id = '", "error_traceback  Traceback (most recent call last):", "/api/products  ", "▓▓▓▓", "failed", "p95 ", "GROUP BY 1"} {
			if !strings.Contains(out, want) {
				t.Errorf("the answers lack %q", want)
			}
		}
		if got := strings.Count(out, "scanned: "); got != questionsMax {
			t.Errorf("%d queries were answered", got)
		}
	}
	if t.Failed() {
		t.Log(out)
	}
	_, errs, code = runDemo(t, "", "--data", data)
	if code != exitFailed || !strings.Contains(errs, "not empty") {
		t.Errorf("on a used folder: code %d, %q", code, errs)
	}
}

func TestDemoInput(t *testing.T) {
	line := `{"at":"2015-05-17T03:04:05Z","who":"ann","n":1}` + "\n"
	out, errs, code := runDemo(t, strings.Repeat(line, 50)+"\nno JSON\n"+strings.Replace(line, "1}", `2.5,"deep":{"a":1}}`, 1))
	if code != exitOK || errs != "" {
		t.Fatalf("code %d, stderr %q, stdout %s", code, errs, out)
	}
	if figure(out, "lines seen") != "53" || figure(out, "not of the format") != "1" {
		t.Errorf("the account is wrong:\n%s", out)
	}
	for _, want := range []string{"partition_by: at", "--event-time at"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not told:\n%s", want, out)
		}
	}
}

func TestDemoRefuses(t *testing.T) {
	for _, c := range []struct {
		name, stdin string
		args        []string
		code        int
		want        string
	}{
		{"no requests", "", []string{"--requests", "0"}, exitUsage, "--requests 0 is not between"},
		{"no lines", "\n\n", nil, exitFailed, "there are no lines to look at"},
		{"no file", "", []string{"--input", "/none"}, exitFailed, "/none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, errs, code := runDemo(t, c.stdin, c.args...)
			if code != c.code || !strings.Contains(errs, c.want) {
				t.Errorf("code %d, %q; want %d and %q", code, errs, c.code, c.want)
			}
		})
	}
}

// The demo's file is one that a person could write.
func TestDemoPipeline(t *testing.T) {
	if n := strings.Count(demoPipeline, "\n"); n > 25 {
		t.Errorf("it has %d lines", n)
	}
	if _, err := pipeline.Parse([]byte(demoPipeline)); err != nil {
		t.Error(err)
	}
}

// The application prints a line for each request, the same for the same seed but for the time, over the last hours.
func TestDemoApplication(t *testing.T) {
	read := func(seed uint64) (lines []requestLine) {
		t.Helper()
		var out bytes.Buffer
		if err := serveRequests(t.Context(), &out, 500, seed); err != nil {
			t.Fatal(err)
		}
		first, rest, _ := strings.Cut(out.String(), "\n")
		if !strings.HasPrefix(first, "INFO: ") {
			t.Errorf("it begins with %q", first)
		}
		for text := range strings.Lines(rest) {
			var line requestLine
			if err := json.Unmarshal([]byte(text), &line); err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			lines = append(lines, line)
		}
		return lines
	}
	first := read(1)
	if len(first) != 500 {
		t.Fatalf("%d lines", len(first))
	}
	ignoringTime := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Timestamp" }, cmp.Ignore())
	if diff := cmp.Diff(first, read(1), ignoringTime); diff != "" {
		t.Errorf("the same seed made something else: %s", diff)
	}
	if cmp.Equal(first, read(2), ignoringTime) {
		t.Error("another seed made the same")
	}
	if !slices.IsSortedFunc(first, func(a, b requestLine) int { return strings.Compare(a.Timestamp, b.Timestamp) }) {
		t.Error("times go back")
	}
	from, err := time.Parse(demoTimeForm, first[0].Timestamp)
	if past := time.Since(from); err != nil || past > demoSpan+time.Minute || past < demoSpan/2 {
		t.Errorf("the first request was %v ago, %v", past, err)
	}
	total := 0
	for _, to := range routes {
		total += to.share
	}
	if total != 1000 {
		t.Errorf("the routes' shares sum up to %d", total)
	}
}
