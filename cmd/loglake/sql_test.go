package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake/client"
	"github.com/loglake/loglake/internal/disk"
)

// piped runs `sql` with statements on standard input.
func piped(t *testing.T, r *running, in string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	c := sqlCommand()
	c.SetArgs(append([]string{"--endpoint", r.AWS}, args...))
	c.SetIn(strings.NewReader(in))
	c.SetOut(&out)
	c.SetErr(&errs)
	c.SilenceErrors, c.SilenceUsage = true, true
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err = c.ExecuteContext(ctx)
	return out.String(), errs.String(), err
}

func TestSQLPiped(t *testing.T) {
	needEngine(t)
	r := serving(t)
	for _, c := range []struct {
		name, in string
		want     string
		told     string // part of standard error
		fails    bool
	}{
		{"statements", "SELECT 1 AS a; SELECT ';' AS b, -- not here;\n 2 AS c;\nSELECT 3 AS d", "a\n1\nb,c\n;,2\nd\n3\n", "", false},
		{"comments", "-- first\nSELECT 1 AS a;\n-- last;\n", "a\n1\n", "", false},
		{"nothing", " \n;;\n", "", "", false},
		{"the first failure ends it", "SELECT 1 AS a;\nSELECT nope;\nSELECT 2;", "a\n1\n", "  1 | SELECT nope\n             ^\nloglake: COLUMN_NOT_FOUND", true},
		{"no end", "SELECT 'x", "", "a quote or a comment in it is still open", true},
		{"commands", "\\format json\nSELECT 1 AS a;\n\\timing\n\\timing\n\\q\nSELECT 2;", `{"a":1}` + "\n", "timing is on\ntiming is off\n", false},
		{"tables", "CREATE DATABASE d;\n\\d\n\\c d\nCREATE EXTERNAL TABLE t (a INT COMMENT 'x') PARTITIONED BY (dt STRING) STORED AS PARQUET LOCATION 's3://b/t/';\n\\d\n\\d t\n\\d d.t;",
			"the database default has no tables\n  table  columns  partitioned by  location\n  ─────  ───────  ──────────────  ─────────\n  t            2  dt              s3://b/t/\n" +
				strings.Repeat("  column  type    comment\n  ──────  ──────  ─────────────\n  a       int     x\n  dt      string  partition key\n", 2), "", false},
		{"an unknown command", "\\x", "", `there is no command \x`, true},
		{"an unknown format", "\\format xml", "", `\format is table, csv or json`, true},
		{"an unknown table", "\\d nope", "", "nope", true},
		{"an unknown database", "\\c nope", "", "nope", true},
		{"no database", "\\c", "", "this one is default", true},
	} {
		out, text, err := piped(t, r, c.in, "--quiet")
		if err != nil && !errors.As(err, new(exitError)) {
			text += err.Error()
		}
		if diff := cmp.Diff(c.want, out); diff != "" || !strings.Contains(text, c.told) || (err != nil) != c.fails {
			t.Errorf("%s: %v, %q (-want +got):\n%s", c.name, err, text, diff)
		}
	}
	if _, _, err := piped(t, r, "", "--format", "parquet"); !errors.As(err, new(usageError)) {
		t.Errorf("Parquet: %v", err)
	}
}

// screen is a terminal in memory: what is typed goes in, and what is shown comes out.
type screen struct {
	*output
	t    *testing.T
	keys *io.PipeWriter
	done chan error
}

func newScreen(t *testing.T, r *running, h *history) *screen {
	t.Helper()
	server, err := client.New(client.Config{Endpoint: r.AWS})
	if err != nil {
		t.Fatal(err)
	}
	in, keys := io.Pipe()
	s := &screen{output: &output{on: make(chan struct{}, 1)}, t: t, keys: keys, done: make(chan error, 1)}
	sh := &shell{server: server, database: "default", format: "table", price: 5, history: h, names: &names{}}
	go func() {
		s.done <- sh.ask(t.Context(), in, s.output, func() (int, int, error) { return 120, 40, nil })
	}()
	t.Cleanup(func() { _ = keys.Close() })
	s.wait(promptFirst)
	return s
}

func (s *screen) typed(keys string) {
	s.t.Helper()
	if _, err := io.WriteString(s.keys, keys); err != nil {
		s.t.Fatal(err)
	}
}

// wait waits until something is shown, and gives and forgets all up to there.
func (s *screen) wait(want string) (shown string) {
	s.t.Helper()
	for {
		s.mu.Lock()
		shown = s.b.String()
		if at := strings.Index(shown, want); at >= 0 {
			shown = string(s.b.Next(at + len(want)))
			s.mu.Unlock()
			return shown
		}
		s.mu.Unlock()
		select {
		case <-s.on:
		case <-time.After(20 * time.Second):
			s.t.Fatalf("it shows %q, want %q", shown, want)
		}
	}
}

func TestSQLPrompt(t *testing.T) {
	needEngine(t)
	r := serving(t)
	path := filepath.Join(t.TempDir(), "state", "loglake", "sql_history")
	s := newScreen(t, r, openHistory(disk.Real(), path))
	s.typed("SELECT 41 + 1\r")
	s.wait(promptMore)
	s.typed("  AS answer; \r")
	if got := s.wait("in the queue)"); !strings.Contains(got, "  answer\r\n  ──────\r\n      42\r\n") || !strings.Contains(got, "1 row, scanned 0 bytes") {
		t.Errorf("it shows %q", got)
	}
	s.wait(promptFirst)

	s.typed("SELECT nope;\r") // an error does not end it
	s.wait("COLUMN_NOT_FOUND")
	s.wait(promptFirst)
	s.typed("\x1b[A\x1b[A\r") // the last but one again
	s.wait("      42\r\n")
	s.wait(promptFirst)

	s.typed("CREATE EXTERNAL TABLE requests (path STRING, status INT) PARTITIONED BY (dt STRING) STORED AS PARQUET LOCATION 's3://b/r/';\r")
	s.wait("0 rows")
	s.wait(promptFirst)
	s.typed("\\d req\t\r")
	s.wait("partition key")
	s.wait(promptFirst)

	s.typed("SELECT 1 +\r")
	s.wait(promptMore)
	s.typed("half a line\x03") // clears it all
	s.wait(promptFirst)
	s.typed("SELECT 7 AS seven;\r")
	s.wait("      7\r\n")
	s.wait(promptFirst)

	s.typed(endless + ";\r")
	waitForQuery(t, r, "RUNNING")
	s.typed("typed meanwhile\x03")
	s.wait("interrupted; the statement is cancelled")
	waitForQuery(t, r, "CANCELLED")
	s.wait(promptFirst)
	s.typed("SELECT 8 AS eight;\r")
	s.wait("      8\r\n")
	s.wait(promptFirst)
	s.typed("\x04")
	if err := <-s.done; err != nil {
		t.Error(err)
	}

	kept := openHistory(disk.Real(), path)
	if got := kept.entries[0]; got != "SELECT 41 + 1 AS answer;" || kept.At(0) != "SELECT 8 AS eight;" {
		t.Errorf("the history begins with %q", got)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the history's file: %v, %v", info.Mode(), err)
	}
}

func TestHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h")
	if err := os.WriteFile(path, []byte(strings.Repeat("old;\n\n", 2*historyMax+1)+"new;"), 0o600); err != nil {
		t.Fatal(err)
	}
	h := openHistory(disk.Real(), path)
	if h.Len() != historyMax || h.At(0) != "new;" {
		t.Errorf("%d are kept, the last is %q", h.Len(), h.At(0))
	}
	for _, sql := range []string{"SELECT 1;", "SELECT 1;", "SELECT 'a\nb';", strings.Repeat("x", historyBytesMax+1)} {
		if err := h.remember(sql); err != nil {
			t.Error(err)
		}
	}
	if again := openHistory(disk.Real(), path); again.Len() != historyMax+1 || again.At(0) != "SELECT 1;" {
		t.Errorf("%d are kept, the last is %q", again.Len(), again.At(0))
	}
	none := openHistory(disk.Real(), "/dev/null/h")
	if err := none.remember("SELECT 1;"); err == nil {
		t.Error("a history that can't be written is not told of")
	}
	if err := none.remember("SELECT 2;"); err != nil || none.Len() != 2 {
		t.Errorf("it is told of twice: %v", err)
	}
	for base, want := range map[string]string{"/state": "/state/loglake/sql_history", "relative": "/.local/state/loglake/sql_history"} {
		if got := historyPath(func(string) string { return base }); !strings.HasSuffix(got, want) {
			t.Errorf("with %q the history is %s", base, got)
		}
	}
}

func TestOneLine(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT 1;":                          "SELECT 1;",
		"SELECT\n\t1 -- one\n  , 2;":         "SELECT 1 , 2;",
		"SELECT '--  x', \"a  b\" , 'it''s'": "SELECT '--  x', \"a  b\" , 'it''s'",
		"-- only":                            "",
		"'open":                              "'open",
		"":                                   "",
	} {
		if got, ok := oneLine(sql); got != want || !ok {
			t.Errorf("%q is %q, %v", sql, got, ok)
		}
	}
	if got, ok := oneLine("SELECT 'a\nb'"); ok {
		t.Errorf("a text over two lines is %q", got)
	}
}

func FuzzOneLine(f *testing.F) {
	f.Add("SELECT 'a' -- b\n, \"c\"")
	f.Fuzz(func(t *testing.T, sql string) {
		line, ok := oneLine(sql)
		if !ok {
			return
		}
		if again, ok := oneLine(line); !ok || again != line || strings.Contains(line, "\n") {
			t.Errorf("%q becomes %q and then %q", sql, line, again)
		}
	})
}

func TestComplete(t *testing.T) {
	n := &names{known: true, tables: []string{"server_logs", "server_errors"}, columns: map[string][]string{
		"server_logs": {"path", "status_code", "dt"}, "server_errors": {"path", "reason"}}}
	s := &shell{names: n}
	for _, c := range []struct {
		line   string // | is the cursor
		want   string
		listed string
	}{
		{"SELECT path FROM ser|", "SELECT path FROM server_|", ""},
		{"SELECT path FROM server_|", "SELECT path FROM server_|", "server_errors  server_logs\n"},
		{"SELECT path FROM server_l| WHERE", "SELECT path FROM server_logs| WHERE", ""},
		{"SELECT server_logs.sta|", "SELECT server_logs.status_code|", ""},
		{"SELECT server_logs.rea|", "SELECT server_logs.rea|", ""},
		{"SELECT l.rea|", "SELECT l.reason|", ""},
		{"sele|", "select|", ""},
		{"SELE|", "SELECT|", ""},
		{"SELECT approx_perc|", "SELECT approx_percentile(|", ""},
		{"SELECT PAT|", "SELECT path|", ""},
		{"SELECT zzz|", "SELECT zzz|", ""},
		{"\\|", "\\|", "\\?  \\c  \\d  \\format  \\q  \\timing\n"},
		{"\\d server_e|", "\\d server_errors|", ""},
		{"\\format j|", "\\format json|", ""},
		{"SELECT |", "SELECT |", "dt  path  reason  server_errors  server_logs  status_code\n"},
		{"SELECT é pat|", "SELECT é path|", ""},
	} {
		before, behind, _ := strings.Cut(c.line, "|")
		var out strings.Builder
		line, pos, ok := s.complete(t.Context(), &out, edit{line: before + behind, pos: len(before), key: '\t'})
		if !ok {
			t.Fatalf("%q: Tab was not taken", c.line)
		}
		if got := line[:pos] + "|" + line[pos:]; got != c.want || out.String() != c.listed {
			t.Errorf("%q becomes %q and lists %q, want %q and %q", c.line, got, out.String(), c.want, c.listed)
		}
	}
	if _, _, ok := s.complete(t.Context(), io.Discard, edit{line: "x", pos: 1, key: 'y'}); ok {
		t.Error("a letter was taken")
	}
	if !slices.IsSorted(keywords) {
		t.Error("the keywords are in no order")
	}
}
