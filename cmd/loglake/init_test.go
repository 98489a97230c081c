package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loglake/loglake/pipeline"
)

func TestInit(t *testing.T) {
	t.Chdir(t.TempDir())
	log := putFile(t, "shop.log", putLines(0, 100)+"{\"path\":\"/health\",\"method\":\"GET\"}\n")
	code, stdout, stderr := told(t, "init", "--from", log)
	if code != exitOK || stdout != "" || !strings.Contains(stderr, "loglake.yaml is written") {
		t.Fatalf("exit %d: %s%s", code, stdout, stderr)
	}
	p, err := pipeline.Load(pipeline.FileName)
	if err != nil {
		t.Fatal(err)
	}
	if p.Groups[0].Name != "/app/shop" || len(p.Groups[0].Noise) != 1 || p.Tables[0].PartitionBy != "time" {
		t.Errorf("%+v", p)
	}

	written, err := os.ReadFile(pipeline.FileName)
	if err != nil {
		t.Fatal(err)
	}
	code, stdout, _ = told(t, "init", "--from", log, "-o", "-")
	if code != exitOK || stdout != string(written) {
		t.Errorf("exit %d, and what is shown is not what was written:\n%s", code, stdout)
	}
	// What is there stays, unless it is told to go.
	if err := os.WriteFile(pipeline.FileName, []byte("zone: UTC\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr = told(t, "init", "--from", log)
	if kept, err := os.ReadFile(pipeline.FileName); code != exitFailed || err != nil || string(kept) != "zone: UTC\n" || !strings.Contains(stderr, "--force") {
		t.Errorf("exit %d, %s, and the file is %q, %v", code, stderr, kept, err)
	}
	if code, _, stderr = told(t, "init", "--from", log, "--force"); code != exitOK {
		t.Errorf("exit %d, %s", code, stderr)
	}
}

// The mark that programs on Windows put before UTF-8 is no part of the first line, and UTF-16 is called by its name.
func TestInitMarks(t *testing.T) {
	lines := putLines(0, 20)
	want := ""
	for i, text := range []string{lines, "\xef\xbb\xbf" + lines} {
		code, stdout, stderr := told(t, "init", "--from", putFile(t, "shop.log", text), "-o", "-")
		if _, stdout, _ = strings.Cut(stdout, "\n"); i == 0 { // the first line counts bytes
			want = stdout
		}
		if code != exitOK || stdout != want || want == "" {
			t.Errorf("exit %d, %s\n%s\nwant\n%s", code, stderr, stdout, want)
		}
	}
	for _, text := range []string{"\xff\xfea\x00\n\x00", "\xfe\xff\x00a\x00\n"} {
		for _, command := range [][]string{{"init", "-o", "-", "--from"}, {"put", "--group", "/g"}} {
			code, stdout, stderr := told(t, append(command, putFile(t, "it's.log", text))...)
			if code != exitFailed || stdout != "" || !strings.Contains(stderr, "is UTF-16") || !strings.Contains(stderr, `it'\''s.log' > `) {
				t.Errorf("%s: exit %d, %s%s", command[0], code, stdout, stderr)
			}
		}
	}
}

func TestInitUsage(t *testing.T) {
	folder := t.TempDir()
	f := func(code int, want string, args ...string) {
		t.Helper()
		got, stdout, stderr := told(t, append([]string{"init", "-o", "-"}, args...)...)
		if got != code || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("init %q: exit %d, %q, want %d and %q", args, got, stderr, code, want)
		}
	}
	f(exitUsage, "--from")
	f(exitUsage, "takes no arguments", "x.log")
	f(exitUsage, "is a folder", "--from", folder)
	f(exitFailed, "no such file", "--from", filepath.Join(folder, "none"))
	f(exitFailed, "no lines", "--from", putFile(t, "a.log", "\n"))
	f(exitUsage, "not a format", "--from", putFile(t, "a.log", "a\n"), "--parse", "xml")
}
