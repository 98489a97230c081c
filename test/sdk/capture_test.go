package sdk_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/google/go-cmp/cmp"
)

// capturing gives a command of capture, which keeps its spool in dir.
func (l *lake) capturing(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	c := command(t, args...)
	c.Env = append(c.Env, "LOGLAKE_ENDPOINT="+l.AWS, "LOGLAKE_SPOOL="+dir)
	return c
}

// allMessages reads all events of a log group.
func (l *lake) allMessages(t *testing.T, group string) (out []string) {
	t.Helper()
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(cloudwatchlogs.NewFromConfig(l.config()), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Events {
			out = append(out, aws.ToString(e.Message))
		}
	}
	return out
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}

func TestCaptureExitCodes(t *testing.T) {
	l := serve(t)
	for _, c := range []struct {
		args   []string
		code   int
		stdout string
		stderr string // a part of it
	}{
		{[]string{"sh", "-c", "echo out; echo err >&2; exit 7"}, 7, "out\n", "err\n"},
		{[]string{"sh", "-c", "kill -9 $$"}, 137, "", ""},
		{[]string{"sh", "-c", "kill -TERM $$"}, 143, "", ""},
		{[]string{"true"}, 0, "", "0 lines"},
		{[]string{"no-such-program"}, 127, "", "no-such-program"},
		{[]string{"/etc/passwd"}, 126, "", "/etc/passwd"},
		{[]string{"printf", "%s", "no line end"}, 0, "no line end", "1 events sent"},
	} {
		out, errs, code := run(t, l.capturing(t, t.TempDir(), append([]string{"run", "--group", "/codes", "--"}, c.args...)...))
		if code != c.code || out != c.stdout || !strings.Contains(errs, c.stderr) {
			t.Errorf("%v: exit %d, stdout %q, stderr %q", c.args, code, out, errs)
		}
	}
	if diff := cmp.Diff([]string{"err", "no line end", "out"}, sorted(l.allMessages(t, "/codes"))); diff != "" {
		t.Error(diff)
	}
}

// A signal reaches the program, and what it says then is captured.
func TestCaptureSignals(t *testing.T) {
	l := serve(t)
	for name, signal := range map[string]syscall.Signal{"TERM": syscall.SIGTERM, "INT": syscall.SIGINT, "HUP": syscall.SIGHUP, "USR1": syscall.SIGUSR1} {
		c := l.capturing(t, t.TempDir(), "run", "--group", "/signals", "--quiet", "--", "sh", "-c",
			`trap "echo got `+name+`; exit 3" `+name+`; echo ready; while :; do sleep 0.05; done`)
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(out, make([]byte, len("ready\n"))); err != nil {
			t.Fatal(err)
		}
		if err := c.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		rest, err := io.ReadAll(out)
		_ = c.Wait()
		if err != nil || string(rest) != "got "+name+"\n" || c.ProcessState.ExitCode() != 3 {
			t.Errorf("%s: exit %d, %q %v", name, c.ProcessState.ExitCode(), rest, err)
		}
	}
	want := []string{"got HUP", "got INT", "got TERM", "got USR1", "ready", "ready", "ready", "ready"}
	if diff := cmp.Diff(want, sorted(l.allMessages(t, "/signals"))); diff != "" {
		t.Error(diff)
	}
}

// What passes is the very bytes, whoever reads them and however slowly; and a reader that goes stops nobody.
func TestCapturePasses(t *testing.T) {
	l, rng := serve(t), rand.New(rand.NewPCG(4, 4))
	var text bytes.Buffer
	for i := range 3000 {
		fmt.Fprintf(&text, "%d ", i)
		for range rng.IntN(2000) {
			text.WriteByte("abc\x00\xff\xc3\r"[rng.IntN(7)])
		}
		text.WriteByte('\n')
	}
	text.WriteString(strings.Repeat("long", 1<<20) + "\nend without a line end")
	out, errs, code := run(t, withInput(l.capturing(t, t.TempDir(), "pipe", "--group", "/passes"), text.Bytes()))
	if code != 0 || out != text.String() || !strings.Contains(errs, "3,002 lines") {
		t.Errorf("exit %d, %d bytes of %d passed: %s", code, len(out), text.Len(), errs)
	}
	none, _, code := run(t, withInput(l.capturing(t, t.TempDir(), "pipe", "--group", "/passes", "--passthrough", "none"), text.Bytes()))
	if code != 0 || none != "" {
		t.Errorf("exit %d, %d bytes passed", code, len(none))
	}

	var lines bytes.Buffer
	for i := range 200_000 {
		fmt.Fprintln(&lines, "line", i)
	}
	for _, c := range []struct{ name, script string }{
		{"gone", `"$0" pipe --group "$1" | head -n 1 > /dev/null`},
		{"slow", `"$0" pipe --group "$1" --passthrough drop --flush-timeout 200ms | { sleep 1; cat > /dev/null; }`},
	} {
		group := "/passes/" + c.name
		bin := command(t).Path
		shell := l.capturing(t, t.TempDir())
		shell.Path, shell.Args = "/bin/sh", []string{"sh", "-c", c.script, bin, group}
		if _, errs, code := run(t, withInput(shell, lines.Bytes())); code != 0 || !strings.Contains(errs, "200,000 events sent") {
			t.Errorf("%s: exit %d: %s", c.name, code, errs)
		}
	}
}

func withInput(c *exec.Cmd, in []byte) *exec.Cmd {
	c.Stdin = bytes.NewReader(in)
	return c
}

// Without a server the application is served as ever, and the next run sends what was left.
func TestCaptureWithoutServer(t *testing.T) {
	l, spool := serve(t), t.TempDir()
	away := &lake{AWS: "http://127.0.0.1:1"}
	c := away.capturing(t, spool, "run", "--group", "/left", "--flush-timeout", "100ms", "--", "sh", "-c", "echo one; echo two; exit 5")
	out, errs, code := run(t, c)
	if code != 5 || out != "one\ntwo\n" || !strings.Contains(errs, "no server answers at http://127.0.0.1:1") || !strings.Contains(errs, "2 events wait in "+spool) {
		t.Errorf("exit %d, %q: %s", code, out, errs)
	}
	labels, err := filepath.Glob(filepath.Join(spool, "*", "spool.json"))
	if err != nil || len(labels) != 1 {
		t.Fatalf("%v %v", labels, err)
	}
	label, err := os.ReadFile(labels[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(labels[0], bytes.ReplaceAll(label, []byte(away.AWS), []byte(l.AWS)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := run(t, l.capturing(t, spool, "run", "--group", "/other", "--", "true")); code != 0 || !strings.Contains(errs, "2 events of runs before were sent") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if diff := cmp.Diff([]string{"one", "two"}, sorted(l.allMessages(t, "/left"))); diff != "" {
		t.Error(diff)
	}
	if _, errs, code := run(t, withInput(l.capturing(t, spool, "pipe", "--group", "/absent", "--create=false", "--flush-timeout", "100ms"), []byte("x\n"))); code != 0 ||
		!strings.Contains(errs, "ResourceNotFoundException") || !strings.Contains(errs, "1 events wait") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

// Server and capture are killed at random moments: of what was written to a run of capture a beginning comes, each line
// once; all of it where only the server was killed.
func TestCaptureKills(t *testing.T) {
	if testing.Short() {
		t.Skip("kills take seconds: left out by -short")
	}
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("SEED"); s != "" {
		if _, err := fmt.Sscan(s, &seed); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("replay: SEED=%d", seed)
	rng := rand.New(rand.NewPCG(seed, 3))
	data, spool := t.TempDir(), t.TempDir()
	l := serve(t, "--data", data)
	address := must(url.Parse(l.AWS))(t).Host
	restart := func() {
		l.kill(t)
		time.Sleep(time.Duration(rng.IntN(300)) * time.Millisecond)
		l = serve(t, "--data", data, "--aws-addr", address)
	}
	pause := func() { time.Sleep(time.Duration(rng.IntN(400)) * time.Millisecond) }
	runs := map[int]kill{}
	for n := range 8 {
		c := l.capturing(t, spool, "pipe", "--group", "/kills", "--passthrough", "none", "--flush-timeout", "20s")
		in := must(c.StdinPipe())(t)
		var errs bytes.Buffer
		c.Stderr = &errs
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		written := make(chan int)
		go func() { written <- writeLines(in, n, 3000) }()
		pause()
		dies := n%2 == 0
		if !dies || n%4 == 0 {
			restart()
		}
		if dies {
			pause()
			_ = c.Process.Kill()
		}
		runs[n] = kill{lines: <-written, died: dies}
		_ = in.Close()
		if err := c.Wait(); err != nil && !dies {
			t.Errorf("run %d: %v: %s", n, err, &errs)
		}
	}
	if _, errs, code := run(t, l.capturing(t, spool, "run", "--group", "/kills", "--flush-timeout", "30s", "--", "true")); code != 0 {
		t.Fatalf("the last run: exit %d: %s", code, errs)
	}
	if left := must(os.ReadDir(spool))(t); len(left) > 0 {
		t.Errorf("the spool has %v", left)
	}
	verifyKills(t, l.allMessages(t, "/kills"), runs)
}

// kill is one run of capture.
type kill struct {
	lines int // that were written to it
	died  bool
}

// writeLines writes numbered lines at some 3,000 a second until it has written all, or nobody reads.
func writeLines(w io.Writer, run, lines int) int {
	for i := range lines {
		if _, err := fmt.Fprintf(w, "run %d line %d\n", run, i); err != nil {
			return i
		}
		if i%30 == 0 {
			time.Sleep(10 * time.Millisecond)
		}
	}
	return lines
}

func verifyKills(t *testing.T, messages []string, runs map[int]kill) {
	t.Helper()
	came := map[int]map[int]bool{}
	for _, message := range messages {
		var run, line int
		if _, err := fmt.Sscanf(message, "run %d line %d", &run, &line); err != nil {
			t.Fatalf("%q: %v", message, err)
		}
		if came[run] == nil {
			came[run] = map[int]bool{}
		}
		if came[run][line] {
			t.Errorf("%q came twice", message)
		}
		came[run][line] = true
	}
	for n, r := range runs {
		got := came[n]
		for i := range len(got) {
			if !got[i] {
				t.Fatalf("run %d: %d lines came, and line %d is not among them", n, len(got), i)
			}
		}
		if len(got) > r.lines || !r.died && len(got) != r.lines {
			t.Errorf("run %d (killed: %t): %d lines of %d came", n, r.died, len(got), r.lines)
		}
		t.Logf("run %d (killed: %t): %d lines of %d", n, r.died, len(got), r.lines)
	}
}

// The folder of spools may be read-only, as the root of many containers.
func TestCaptureReadOnly(t *testing.T) {
	l := serve(t)
	_, errs, code := run(t, withInput(l.capturing(t, "/proc/none", "pipe", "--group", "/readonly"), []byte("x\n")))
	if code != 0 || !strings.Contains(errs, "kept in memory") || !strings.Contains(errs, "1 events sent") {
		t.Errorf("exit %d: %s", code, errs)
	}
	var exit *exec.ExitError
	if err := command(t, "pipe").Run(); !errors.As(err, &exit) || exit.ExitCode() != 2 {
		t.Errorf("without a group: %v", err)
	}
}
