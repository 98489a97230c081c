package capture_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake/capture"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/shape"
)

// captured runs text through capture, and gives what the lake has and what passed.
func captured(t *testing.T, text string, config capture.Config) (l *lake, passed string, sum capture.Summary) {
	t.Helper()
	l = newLake(t)
	config.Group, config.Stream, config.Wire = "/g", "s", l
	if config.FS == nil {
		config.FS, config.Dir = disk.NewCrashable(), "spool"
	}
	config.FlushTimeout = time.Minute
	var out bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		sum = capture.New(config).Run(t.Context(), capture.Source{Name: "stdin", In: strings.NewReader(text), Out: &out})
	})
	if ids, err := config.FS.ReadDir(config.Dir); err != nil || len(ids) > 0 {
		t.Errorf("the spool stays: %v %v", ids, err)
	}
	return l, out.String(), sum
}

func TestLines(t *testing.T) {
	f := func(text string, want ...string) capture.Summary {
		t.Helper()
		l, passed, sum := captured(t, text, capture.Config{Shape: capture.Shape{Join: true}})
		if passed != text {
			t.Errorf("%.100q passed as %.100q", text, passed)
		}
		if diff := cmp.Diff(want, l.messages()); diff != "" {
			t.Error(diff)
		}
		if sum.Sent != int64(len(want)) || sum.Events != sum.Sent || sum.Left != 0 || sum.Dropped.Lines != 0 {
			t.Errorf("%.100q: summary %+v", text, sum)
		}
		return sum
	}
	f("")
	f("a\nb\n", "a", "b")
	f("no line end", "no line end")
	f("windows\r\nunix\n", "windows", "unix")
	f("nul\x00in it\n", "nul\x00in it")
	if sum := f("\n\r\na\n\n", "a"); sum.Blank != 3 || sum.Lines != 4 {
		t.Errorf("%+v", sum)
	}
	if sum := f("bad \xff\xfe utf\n", "bad \uFFFD utf"); sum.Repaired != 1 {
		t.Errorf("%+v", sum)
	}
	f("Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nKeyError: 'x'\nnext\n",
		"Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nKeyError: 'x'", "next")
	longest := strings.Repeat("x", capture.EventBytesMax)
	f(longest+"\nshort\n", longest, "short")
}

// A line that no event can hold comes in parts, none of its bytes missing.
func TestLongLine(t *testing.T) {
	for _, line := range []string{strings.Repeat("x", capture.EventBytesMax+1), strings.Repeat("é\x01", 1<<20), strings.Repeat("日", 5<<20/3)} {
		l, passed, sum := captured(t, "before\n"+line+"\nafter\n", capture.Config{Shape: capture.Shape{Join: true}})
		if passed != "before\n"+line+"\nafter\n" || sum.Parted != 1 || sum.Lines != 3 {
			t.Errorf("%d bytes passed, %+v", len(passed), sum)
		}
		got := l.messages()
		var whole strings.Builder
		for i, message := range got[1 : len(got)-1] {
			var part struct {
				Loglake, Line, Message string
				Part                   int
				Last                   bool
			}
			if err := json.Unmarshal([]byte(message), &part); err != nil {
				t.Fatal(err)
			}
			if part.Loglake != "part" || part.Part != i+1 || part.Last != (i == len(got)-3) || !strings.HasSuffix(part.Line, "-stdin-1") {
				t.Errorf("part %d is %+.100v", i+1, part)
			}
			whole.WriteString(part.Message)
		}
		if whole.String() != line || got[0] != "before" || got[len(got)-1] != "after" {
			t.Errorf("%d bytes came as %d", len(line), whole.Len())
		}
	}
}

func TestShape(t *testing.T) {
	parser, err := shape.NewParser(shape.JSON, "")
	if err != nil {
		t.Fatal(err)
	}
	noise, err := shape.NewNoise([]shape.Rule{{Level: []string{"debug"}}, {Path: []string{"/static/**"}, Except: []shape.Rule{{Method: []string{"POST"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	l, _, sum := captured(t, `{"level":"debug"}
{"path":"/static/a/b.css","method":"GET"}
{"path":"/static/a/b.css","method":"POST"}
{"path":"/","level":"info"}
plain
  at java.Frame(A.java:1)
`, capture.Config{Shape: capture.Shape{Parser: parser, Noise: noise, Join: true}})
	want := []string{`{"path":"/static/a/b.css","method":"POST"}`, `{"path":"/","level":"info"}`, `{"message":"plain\n  at java.Frame(A.java:1)"}`}
	if diff := cmp.Diff(want, l.messages()); diff != "" {
		t.Error(diff)
	}
	if sum.Unparsed != 1 || !cmp.Equal(sum.Noise, []int64{1, 1}) {
		t.Errorf("%+v", sum)
	}
	l, _, _ = captured(t, "2025-01-01 a\n b\nc\n2025-01-01 d\n", capture.Config{Shape: capture.Shape{Join: true, Start: regexp.MustCompile(`^\d{4}-`)}})
	if diff := cmp.Diff([]string{"2025-01-01 a\n b\nc", "2025-01-01 d"}, l.messages()); diff != "" {
		t.Error(diff)
	}
}

// writer feeds a capture as an application does.
type writer struct {
	*io.PipeWriter
	t *testing.T
}

func (w writer) say(format string, args ...any) {
	if _, err := fmt.Fprintf(w, format, args...); err != nil {
		w.t.Error(err)
	}
}

// opened starts a capture into l on a filesystem, and gives its input and what waits for its end.
func opened(t *testing.T, config capture.Config) (writer, func() capture.Summary) {
	in, out := io.Pipe()
	done := make(chan capture.Summary)
	go func() {
		done <- capture.New(config).Run(t.Context(), capture.Source{Name: "stdin", In: in, Passes: capture.None})
	}()
	return writer{out, t}, func() capture.Summary {
		_ = out.Close() // that of a pipe is nil
		return <-done
	}
}

// An event's time is when its line was read, lines wait a second for company, and a trace's pause ends it.
func TestTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLake(t)
		begin := time.Now().UnixMilli()
		w, end := opened(t, capture.Config{Group: "/g", Stream: "s", Wire: l, Shape: capture.Shape{Join: true}, FlushTimeout: time.Minute})
		w.say("one\n")
		time.Sleep(500 * time.Millisecond)
		w.say("two\n")
		time.Sleep(time.Second)
		synctest.Wait()
		if puts, events := l.attempts(), len(l.messages()); puts != 1 || events != 2 {
			t.Errorf("%d puts of %d events", puts, events)
		}
		w.say("Error: x\n")
		time.Sleep(200 * time.Millisecond)
		w.say("    at f (a.js:1:2)\n")
		time.Sleep(400 * time.Millisecond)
		w.say("    at g (a.js:1:2)\n") // too late
		end()
		var at []int64
		for _, e := range l.events {
			at = append(at, e.Time-begin)
		}
		if diff := cmp.Diff([]int64{0, 500, 1500, 2100}, at); diff != "" {
			t.Error(diff, l.messages())
		}
	})
}

// A last line that has no end has a time, too, also when it is longer than what is read at once.
func TestTimeOfTheLastLine(t *testing.T) {
	for _, text := range []string{"no end", "one\ntwo", "one\n" + strings.Repeat("x", 5<<20)} {
		read := time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)
		l, _, _ := captured(t, text, capture.Config{Clock: func() time.Time { return read }})
		for i, e := range l.events {
			if e.Time != read.UnixMilli() {
				t.Errorf("event %d of %.10q is at %d", i, text, e.Time)
			}
		}
	}
}

// What is written after a run was told to end is lost, and counted.
func TestLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLake(t)
		l.down = true
		ctx, stop := context.WithCancel(t.Context())
		in, out := io.Pipe()
		done := make(chan capture.Summary)
		go func() {
			c := capture.New(capture.Config{Group: "/g", Stream: "s", Wire: l, FlushTimeout: time.Minute})
			done <- c.Run(ctx, capture.Source{Name: "stdin", In: in, Passes: capture.None})
		}()
		w := writer{out, t}
		w.say("in time\n")
		synctest.Wait()
		stop()
		synctest.Wait()
		w.say("late\nlater\n")
		synctest.Wait()
		l.setDown(false)
		if sum := <-done; sum.Late != 2 || sum.Sent != 1 || sum.Lines != 1 {
			t.Errorf("%+v", sum)
		}
		_ = out.Close() // that of a pipe is nil
	})
}

// A server that is away is told once, waited for, and gets everything once.
func TestServerAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, fs, notices := newLake(t), disk.NewCrashable(), &told{}
		l.down = true
		config := capture.Config{Group: "/g", Stream: "s", Wire: l, FS: fs, Dir: "spool", OnNotice: notices.take, FlushTimeout: time.Minute}
		w, end := opened(t, config)
		for i := range 100 {
			w.say("%d\n", i)
			time.Sleep(time.Second)
		}
		if puts := l.attempts(); puts < 5 || puts > 15 {
			t.Errorf("%d attempts in 100 seconds", puts)
		}
		l.setDown(false)
		if sum := end(); sum.Sent != 100 || sum.Left != 0 {
			t.Errorf("%+v", sum)
		}
		if got := notices.String(); got != "server lost, server back" {
			t.Errorf("told %s", got)
		}
		if len(l.events) != 100 {
			t.Errorf("%d events", len(l.events))
		}
	})
}

// What can't be sent in time is left, and the next run sends it, before and beside its own.
func TestLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, fs, notices := newLake(t), disk.NewCrashable(), &told{}
		l.down = true
		config := capture.Config{Group: "/g", Stream: "s", Wire: l, Server: "x", FS: fs, Dir: "spool", FlushTimeout: 5 * time.Second}
		w, end := opened(t, config)
		w.say("one\ntwo\n")
		begin := time.Now()
		sum := end()
		if took := time.Since(begin); sum.Left != 2 || sum.Sent != 0 || took < 5*time.Second || took > 6*time.Second {
			t.Errorf("after %s %+v", took, sum)
		}
		l.setDown(false)
		config.Server = "another"
		_, end = opened(t, config)
		if sum := end(); sum.Adopted != 0 {
			t.Errorf("another server got it: %+v", sum)
		}
		config.Server, config.Group, config.OnNotice = "x", "/other", notices.take
		w, end = opened(t, config)
		w.say("three\n")
		if sum := end(); sum.Adopted != 2 || sum.Sent != 1 || notices.String() != "adopted" {
			t.Errorf("%+v, told %s", sum, notices)
		}
		if diff := cmp.Diff(map[string]int{"/g s": 2, "/other s": 1}, l.stream); diff != "" {
			t.Error(diff)
		}
		if left, err := fs.ReadDir("spool"); err != nil || len(left) > 0 {
			t.Errorf("left: %v %v", left, err)
		}
	})
}

// A spool that the server refuses for ever stands in nobody's way, and is tried again.
func TestLeftRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, fs, notices := newLake(t), disk.NewCrashable(), &told{}
		l.down = true
		config := capture.Config{Group: "/gone", Stream: "s", Wire: l, FS: fs, Dir: "spool"}
		for _, group := range []string{"/gone", "/g", "/gone"} {
			config.Group = group
			w, end := opened(t, config)
			w.say("left\n")
			end()
		}
		l.setDown(false)
		l.refuse("/gone")
		config.Group, config.OnNotice, config.FlushTimeout = "/own", notices.take, time.Minute
		w, end := opened(t, config)
		w.say("one\n")
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if diff := cmp.Diff(map[string]int{"/g s": 1, "/own s": 1}, l.stream); diff != "" {
			t.Error(diff)
		}
		l.refuse("")
		time.Sleep(10 * time.Minute)
		if sum := end(); sum.Adopted != 3 || sum.Sent != 1 {
			t.Errorf("%+v", sum)
		}
		if got := notices.String(); strings.Count(got, "adopted") != 5 || strings.Count(got, "not adopted") != 2 || strings.Contains(got, "server lost") {
			t.Errorf("told %s", got)
		}
		if left, err := fs.ReadDir("spool"); err != nil || len(left) > 0 {
			t.Errorf("left: %v %v", left, err)
		}
	})
}

// A put that is on its way when the spool is full counts as neither lost nor sent until it is answered, and a run that ends
// before leaves its events to the next.
func TestSpoolFullOnTheWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, fs := newLake(t), disk.NewCrashable()
		l.down = true
		config := capture.Config{Group: "/g", Stream: "s", Wire: l, FS: fs, Dir: "spool", SpoolBytesMax: capture.SpoolBytesMin}
		w, end := opened(t, config)
		const lines = 10_000
		for i := range lines {
			w.say("%d %s\n", i, strings.Repeat("x", 400))
			if i == 100 {
				time.Sleep(5 * time.Second) // these are on their way
			}
		}
		sum := end()
		if sum.Dropped.Lines == 0 || sum.Dropped.Lines+sum.Left < lines || sum.Dropped.Lines+sum.Left > lines+10 { // and reports of the loss
			t.Errorf("%+v", sum)
		}
		l.setDown(false)
		config.FlushTimeout = time.Minute
		_, end = opened(t, config)
		end()
		if got := l.messages(); int64(len(got)) != sum.Left || !strings.HasPrefix(got[0], "0 x") {
			t.Errorf("%d events came of %d, the first is %.20q", len(got), sum.Left, got[0])
		}
	})
}

// When the spool is full the oldest go, and the group is told how many: what came and what is told lost is what was written.
func TestSpoolFull(t *testing.T) {
	for _, memory := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			l, notices := newLake(t), &told{}
			l.down = true
			config := capture.Config{Group: "/g", Stream: "s", Wire: l, FS: disk.NewCrashable(), Dir: "spool",
				SpoolBytesMax: capture.SpoolBytesMin, OnNotice: notices.take, FlushTimeout: time.Hour}
			if memory {
				config.Dir, config.MemoryBytesMax = "", 4<<20
			}
			w, end := opened(t, config)
			const lines = 30_000
			for i := range lines {
				w.say("%d %s\n", i, strings.Repeat("x", 400))
				if i%1000 == 0 {
					time.Sleep(time.Second) // reports are told, and lost themselves
				}
			}
			l.setDown(false)
			sum := end()
			var lost, came, previous int64 = 0, 0, -1
			for _, e := range l.events {
				var report struct {
					Loglake, Reason, From, To string
					Lines                     int64
				}
				if json.Unmarshal(e.Message, &report) == nil && report.Loglake == "dropped" {
					lost += report.Lines
					if report.Reason != "spool full" || report.From == "" || report.To < report.From {
						t.Errorf("report %s", e.Message)
					}
					continue
				}
				var n int64
				if _, err := fmt.Sscan(string(e.Message), &n); err != nil || n <= previous {
					t.Fatalf("%.20q behind %d: %v", e.Message, previous, err)
				}
				previous = n
				came++
			}
			if came+lost != lines || lost == 0 || sum.Dropped.Lines != lost || sum.Events != lines || previous != lines-1 {
				t.Errorf("memory %t: %d came, %d are told lost, of %d; %+v", memory, came, lost, lines, sum)
			}
		})
	}
}
