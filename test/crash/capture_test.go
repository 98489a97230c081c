package crash

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// appVariable names, for a process of this test binary, the run whose lines it prints: then it is the application.
const appVariable = "LOGLAKE_CRASH_APP"

// application prints the numbered lines of a run, until it has printed all or nobody reads them any more.
func application() {
	var run, lines int
	if _, err := fmt.Sscan(os.Getenv(appVariable), &run, &lines); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	out := bufio.NewWriter(os.Stdout)
	for i := range lines {
		fmt.Fprintf(out, `{"id":"%d.%d"}`+"\n", run, i)
		if i%10 == 9 || i == lines-1 {
			if out.Flush() != nil {
				return
			}
			pause(2 * time.Millisecond)
		}
	}
}

// captured is one run of an application under `loglake run`.
type captured struct {
	lines   int // that the application prints
	killed  bool
	spooled int // lines that its spool was seen to have when it was dead
}

const linesMax = 600 // of a run

// capture runs one application after another under `loglake run`, on one spool folder, and kills most of them.
func (l *load) capture(ctx context.Context) {
	rng := rand.New(rand.NewPCG(l.seed, 2))
	for !l.stopping.Load() {
		c := &captured{lines: 1 + rng.IntN(linesMax), killed: rng.IntN(3) > 0}
		run := len(l.captures)
		l.captures = append(l.captures, c)
		cmd := l.captureCommand(ctx, fmt.Sprint(run), "2s", os.Args[0])
		cmd.Env = append(cmd.Env, appVariable+"="+fmt.Sprint(run, " ", c.lines))
		if rng.IntN(2) == 0 { // the other face
			cmd = l.pipeCommand(ctx, cmd)
		}
		if err := cmd.Start(); err != nil {
			l.t.Error(err)
			return
		}
		if c.killed {
			late := time.AfterFunc(time.Duration(20+rng.IntN(250))*time.Millisecond, func() { _ = cmd.Process.Kill() })
			_ = cmd.Wait()
			late.Stop()
		} else {
			_ = cmd.Wait()
		}
		l.log.add("capture %d of %d lines ended: %v", run, c.lines, cmd.ProcessState)
		c.killed = !cmd.ProcessState.Exited()
		for run, n := range l.spools() {
			l.captures[run].spooled = max(l.captures[run].spooled, n)
		}
	}
}

func (l *load) captureCommand(ctx context.Context, stream, flush string, program ...string) *exec.Cmd {
	args := append([]string{"run", "-q", "--group", capturing, "--stream", stream, "--passthrough", "none", "--flush-timeout", flush, "--spool", l.spool(), "--"}, program...)
	cmd := exec.CommandContext(ctx, l.binary, args...)
	cmd.Env = append(os.Environ(), "LOGLAKE_ENDPOINT="+l.at.AWS, "AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b")
	return cmd
}

// pipeCommand has the application of a captureCommand before a pipe: `application | loglake pipe`.
func (l *load) pipeCommand(ctx context.Context, of *exec.Cmd) *exec.Cmd {
	args := []string{"pipe"}
	for _, a := range of.Args[2:] {
		if a == "--" {
			break
		}
		args = append(args, a)
	}
	app := exec.CommandContext(ctx, os.Args[0])
	app.Env = of.Env
	pipe := exec.CommandContext(ctx, l.binary, args...)
	pipe.Env = os.Environ()
	for _, v := range of.Env {
		if !strings.HasPrefix(v, appVariable) {
			pipe.Env = append(pipe.Env, v)
		}
	}
	read, write, err := os.Pipe()
	if err != nil {
		l.t.Error(err)
		return pipe
	}
	app.Stdout, pipe.Stdin = write, read
	if err := app.Start(); err != nil {
		l.t.Error(err)
	}
	_ = write.Close()
	l.others.Go(func() { _ = app.Wait(); _ = read.Close() })
	return pipe
}

func (l *load) spool() string { return filepath.Join(l.t.ArtifactDir(), "spool") }

// spools gives, by run, how many lines from its first are in the spools on the disk or, by the position where they begin,
// were: after docs/format/spool.md, and not by the code that wrote them.
func (l *load) spools() map[int]int {
	count := map[int]int{}
	err := filepath.WalkDir(l.spool(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".seg") {
			return ignoreMissing(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return ignoreMissing(err)
		}
		const head = 16
		for b = b[min(len(b), head):]; len(b) >= head && len(b)-head >= int(binary.LittleEndian.Uint32(b)); {
			n := head + int(binary.LittleEndian.Uint32(b))
			var event struct{ ID string }
			var run, line int
			if json.Unmarshal(b[head:n], &event) == nil {
				if _, err := fmt.Sscanf(event.ID, "%d.%d", &run, &line); err == nil {
					count[run] = max(count[run], line+1)
				}
			}
			b = b[n:]
		}
		return nil
	})
	if err != nil {
		l.t.Error(err)
	}
	return count
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// holdCaptures brings home what spools still have, and wants of each run the lines from the first to one behind all that its
// spool had, each once; all where it ended by itself.
func (l *load) holdCaptures(ctx context.Context) {
	for left := 1; left > 0 && ctx.Err() == nil; {
		if out, err := l.captureCommand(ctx, "drain", "10s", "true").CombinedOutput(); err != nil {
			l.t.Errorf("run drains the spools: %v\n%s", err, out)
			return
		}
		segments, err := filepath.Glob(filepath.Join(l.spool(), "*", "*.seg"))
		if err != nil {
			l.t.Fatal(err)
		}
		left = len(segments)
	}
	count := make([][]int, len(l.captures)) // by run and line
	for run, c := range l.captures {
		count[run] = make([]int, c.lines)
	}
	for _, m := range l.messages(ctx, capturing) {
		var run, line int
		if _, err := fmt.Sscanf(m, `{"id":"%d.%d"}`, &run, &line); err != nil || run >= len(count) || line >= len(count[run]) {
			l.t.Errorf("%s: nobody printed %q", capturing, m)
			continue
		}
		count[run][line]++
	}
	for run, c := range l.captures {
		told := problems{t: l.t, what: fmt.Sprintf("captured run %d (%d lines, killed: %t, spooled: %d)", run, c.lines, c.killed, c.spooled)}
		last := c.lines
		for last > 0 && count[run][last-1] == 0 {
			last--
		}
		for line, n := range count[run][:last] {
			if n != 1 {
				told.add("line %d is there %d times", line, n)
			}
		}
		if last < c.spooled || !c.killed && last < c.lines {
			told.add("%d lines are there", last)
		}
		told.sum()
	}
}

// filePut is a file that grows and is put again and again.
type filePut struct {
	lines int
}

const putLinesMax = 400 // lines more between two puts

// putFile lets a file grow, and puts it by `loglake put`, which is killed now and then.
func (l *load) putFile(ctx context.Context) {
	rng := rand.New(rand.NewPCG(l.seed, 3))
	for !l.stopping.Load() {
		var text bytes.Buffer
		for range 1 + rng.IntN(putLinesMax) {
			fmt.Fprintf(&text, "{\"id\":\"%d\", \"pad\": %q}\n", l.puts.lines, strings.Repeat("x", rng.IntN(100)))
			l.puts.lines++
		}
		if err := appendFile(l.putPath(), text.Bytes()); err != nil {
			l.t.Error(err)
			return
		}
		cmd := l.putCommand(ctx)
		if err := cmd.Start(); err != nil {
			l.t.Error(err)
			return
		}
		late := time.AfterFunc(time.Duration(20+rng.IntN(500))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait()
		late.Stop()
		l.log.add("put of %d lines ended: %v", l.puts.lines, cmd.ProcessState)
	}
}

func (l *load) putPath() string { return filepath.Join(l.t.ArtifactDir(), "put.log") }

func (l *load) putCommand(ctx context.Context) *exec.Cmd {
	cmd := exec.CommandContext(ctx, l.binary, "put", l.putPath(), "--group", backfilled, "--multiline", "false")
	cmd.Env = append(os.Environ(), "LOGLAKE_ENDPOINT="+l.at.AWS, "AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b")
	return cmd
}

func appendFile(name string, text []byte) error {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

// holdFile puts the file to its end, and wants each of its lines once.
func (l *load) holdFile(ctx context.Context) {
	if out, err := l.putCommand(ctx).CombinedOutput(); err != nil {
		l.t.Errorf("put: %v\n%s", err, out)
	}
	told := problems{t: l.t, what: backfilled}
	count := map[string]int{}
	for _, id := range l.group(ctx, backfilled) {
		count[id]++
	}
	for i := range l.puts.lines {
		if n := count[fmt.Sprint(i)]; n != 1 {
			told.add("line %d is there %d times", i, n)
		}
	}
	if len(count) != l.puts.lines {
		told.add("%d lines are there, want %d", len(count), l.puts.lines)
	}
	told.sum()
}
