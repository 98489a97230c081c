package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake/query/engine"
)

// TestMain lets the test binary be the query engine's process, as the built one is.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "engine" {
		main()
	}
	os.Exit(m.Run())
}

func runDemo(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs strings.Builder
	root := append([]string{"demo", "--exit"}, args...)
	if stdin != "" {
		path := filepath.Join(t.TempDir(), "input")
		if err := os.WriteFile(path, []byte(stdin), 0o600); err != nil {
			t.Fatal(err)
		}
		root = append(root, "--input", path)
	}
	code = run(context.Background(), root, &out, &errs)
	return out.String(), errs.String(), code
}

// fields gives the words of the first line that begins with a word.
func fields(text, first string) []string {
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) > 0 && words[0] == first {
			return words
		}
	}
	return nil
}

func TestDemo(t *testing.T) {
	data := filepath.Join(t.TempDir(), "lake")
	out, errs, code := runDemo(t, "", "--events", "3000", "--data", data)
	if code != exitOK || errs != "" {
		t.Fatalf("code %d, stderr %q, stdout %s", code, errs, out)
	}
	if got, want := fields(out, "server-logs"), []string{"server-logs", "3,000", "0", "3,000", "0"}; !cmp.Equal(got, want) {
		t.Errorf("account is %q, want %q", got, want)
	}
	if got := fields(out, "error-logs"); len(got) != 5 || got[1] != "3,000" || got[3] == "0" || got[4] != "0" {
		t.Errorf("account of errors is %q", got)
	}
	if !strings.Contains(out, "times smaller") {
		t.Error("Parquet is not smaller than the lines")
	}
	want := 3
	if !engine.Built {
		want = 0
	}
	if got := strings.Count(out, "scanned: "); got != want {
		t.Errorf("%d queries were answered, want %d", got, want)
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
	out, errs, code := runDemo(t, `{"at":"2026-01-02T03:04:05Z","who":"ann","n":1}

no JSON
{"at":"2026-01-02T03:04:06Z","who":"bob","n":2.5,"deep":{"a":1}}
`)
	if code != exitOK || errs != "" {
		t.Fatalf("code %d, stderr %q, stdout %s", code, errs, out)
	}
	if got, want := fields(out, "server-logs"), []string{"server-logs", "3", "0", "2", "1"}; !cmp.Equal(got, want) {
		t.Errorf("account is %q, want %q", got, want)
	}
	if !strings.Contains(out, "1 of the lines are not JSON") {
		t.Errorf("the reject is not told of:\n%s", out)
	}
}

func TestDemoRefuses(t *testing.T) {
	for _, c := range []struct {
		name, stdin string
		args        []string
		want        string
	}{
		{"no events", "", []string{"--events", "0"}, "--events 0 is not between"},
		{"no lines", "\n\n", nil, "--input has no lines"},
		{"no JSON", "a\nb\n", nil, "none of the first 2 lines"},
		{"a line too long", `{"a":"` + strings.Repeat("x", 1<<20) + `"}`, nil, "a line of --input has more than"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, errs, code := runDemo(t, c.stdin, c.args...)
			if code != exitUsage || !strings.Contains(errs, c.want) {
				t.Errorf("code %d, %q; want %d and %q", code, errs, exitUsage, c.want)
			}
		})
	}
}

func TestMadeEvents(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	read := func(seed uint64, n int) (texts []string) {
		last := now.Add(-madeSpan)
		for e, err := range madeSource(seed, n, now).entries {
			if err != nil {
				t.Fatal(err)
			}
			if e.at.Before(last) || e.at.After(now) {
				t.Fatalf("event %d of %d is at %s, after one at %s", len(texts), n, e.at, last)
			}
			last = e.at
			var event requestEvent
			if err := json.Unmarshal([]byte(e.text), &event); err != nil {
				t.Fatal(err)
			}
			if (event.StatusCode >= 500) != (event.Level == "ERROR") || event.Traceback != "" && event.StatusCode != 500 {
				t.Errorf("event %s contradicts itself", e.text)
			}
			texts = append(texts, e.text)
		}
		if len(texts) != n {
			t.Errorf("%d events, want %d", len(texts), n)
		}
		return texts
	}
	for n := range 20 {
		read(uint64(n), n)
	}
	if !cmp.Equal(read(7, 2000), read(7, 2000)) {
		t.Error("the same seed made other events")
	}
	if cmp.Equal(read(7, 10), read(8, 10)) {
		t.Error("another seed made the same events")
	}
	shares := 0
	for _, to := range routes {
		shares += to.share
	}
	if shares != 100 {
		t.Errorf("the shares of the routes are %d percent", shares)
	}
}

func TestColumnsOf(t *testing.T) {
	f := func(want string, lines ...string) {
		t.Helper()
		var got []string
		for _, c := range columnsOf(lines) {
			got = append(got, c.name+" "+c.kind)
		}
		if s := strings.Join(got, ", "); s != want {
			t.Errorf("columns of %q are %s, want %s", lines, s, want)
		}
	}
	f("")
	f("", "", "text", "[1]", `"a"`, "3", `{"a":`, "{}")
	f("a BIGINT, b STRING, c BOOLEAN, d DOUBLE, e TIMESTAMP", `{"a":1,"b":"x","c":true,"d":1e3,"e":"2026-01-02T03:04:05.5+01:00"}`)
	f("b BIGINT", `{"a":null,"b":1}`, `{"deep":{},"list":[]}`)
	f("a DOUBLE", `{"a":1}`, `{"a":1.5}`, `{"a":2}`)
	f("a STRING", `{"a":1}`, `{"a":"x"}`)
	f("a STRING", `{"a":"2026-01-02T03:04:05Z"}`, `{"a":"yesterday"}`)
	f("a DOUBLE", `{"a":12345678901234567890}`)
	f("a BIGINT", `{"A":1}`, `{"a":2}`)
	f("ok_1 BIGINT", `{"dt":"2026-01-02","a-b":1,"a b":1,"1a":1,"ok_1":1}`)
}

func TestParseCounts(t *testing.T) {
	got, err := parseCounts(strings.NewReader("# HELP x y\nloglake_rows_total{stream=\"a\"} 1.5e+06\nloglake_rows_total{stream=\"b\"} 0\nother 3\n"))
	want := map[string]map[string]int64{"a": {"loglake_rows_total": 1_500_000}, "b": {"loglake_rows_total": 0}}
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := parseCounts(strings.NewReader(`x{stream="a"} many` + "\n")); err == nil {
		t.Error("a value that is no number was taken")
	}
}
