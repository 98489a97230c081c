package shape_test

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake/shape"
)

func joined(lines []string) []string {
	var j shape.Joiner
	var out []string
	for _, line := range lines {
		if event, ok := j.Add([]byte(line)); ok {
			out = append(out, string(event))
		}
	}
	if event, ok := j.Flush(); ok {
		out = append(out, string(event))
	}
	return out
}

// Each case is a log with --- between the events that it is.
func TestJoin(t *testing.T) {
	for name, log := range map[string]string{
		"plain":       "a\n---\nb\n---\n\n---\nc",
		"indented":    "INFO config\n  a: 1\n\tb: 2\n---\nINFO next",
		"json":        "{\"a\":1}\n---\n{\"a\":2}\n---\n  orphan\n  another\n---\n{\"a\":3}\n---\ntext\n---\n{}",
		"pretty json": "{\n  \"a\": 1\n}\n---\n{\n  \"a\": 2\n}",
		"java": `2026-01-01 ERROR c.e.App - failed
java.lang.IllegalStateException: boom: it is
	at c.e.App.run(App.java:10)
	... 12 more
Caused by: java.io.IOException: disk
	at c.e.Disk.read(Disk.java:5)
---
2026-01-01 INFO c.e.App - next
---
Exception in thread "main" java.lang.NullPointerException
	at c.e.App.main(App.java:3)
---
java.lang.Error: one
at c.e.App.main(App.java:3)
... 3 more
---
java.lang.Error: two
	at c.e.App.main(App.java:3)`,
		"python": `ERROR:root:it failed
Traceback (most recent call last):
  File "a.py", line 1, in <module>
    f()
KeyError: 'x'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 3, in <module>
    g()
    ^^^
__main__.Odd: y
---
INFO:root:next
---
2026-01-01 12:00:00,000 Traceback (most recent call last):
  File "a.py", line 1, in <module>
ValueError
---
Traceback (most recent call last):
  File "a.py", line 1, in <module>
ValueError
---
INFO:root:last`,
		"go": `panic: boom

goroutine 1 [running]:
main.main()
	/src/x.go:4 +0x18
created by net/http.(*Server).Serve in goroutine 7
	/src/y.go:4 +0x18
exit status 2
---
2026/01/01 http: panic serving 127.0.0.1:1: boom
goroutine 6 [running]:
net/http.(*conn).serve.func1(0xc0000, {0x1, 0x2})
	/src/x.go:4 +0x18
panic({0x47, 0x4d})
	/src/x.go:5 +0x18
---
listening on :80
---
SIGQUIT: quit
PC=0x46 m=0 sigcode=0

goroutine 0 [idle]:
runtime.futex(0x1)
	/src/x.go:4 +0x18
---
2026/01/01 next (it is)`,
		"node": `/app/x.js:3
    throw new TypeError("boom");
    ^

TypeError: boom
    at Object.<anonymous> (/app/x.js:3:9) {
  code: 'X'
}

Node.js v20.1.0
---
next`,
	} {
		var want, lines []string
		for event := range strings.SplitSeq(log, "\n---\n") {
			want = append(want, event)
			lines = append(lines, strings.Split(event, "\n")...)
		}
		if diff := cmp.Diff(want, joined(lines)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestJoinStart(t *testing.T) {
	j := shape.Joiner{Start: regexp.MustCompile(`^\d{4}-`)}
	var out []string
	for _, line := range []string{"lost", "2026-01 a", "b", "", " c", "2026-02 d", "{}", "e", "2026-03 f"} {
		if event, ok := j.Add([]byte(line)); ok {
			out = append(out, string(event))
		}
	}
	if diff := cmp.Diff([]string{"lost", "2026-01 a\nb\n\n c", "2026-02 d", "{}", "e"}, out); diff != "" {
		t.Error(diff)
	}
}

func TestJoinBounds(t *testing.T) {
	long := append([]string{"head"}, slices.Repeat([]string{"  x"}, 2*shape.JoinLinesMax)...)
	events := joined(long)
	if len(events) != 3 || strings.Count(events[0], "\n") != shape.JoinLinesMax-1 {
		t.Errorf("%d events, the first of %d lines", len(events), 1+strings.Count(events[0], "\n"))
	}
	wide := []string{"head", " " + strings.Repeat("x", shape.JoinBytesMax), " y", strings.Repeat("z", 2*shape.JoinBytesMax), " a"}
	if got := joined(wide); len(got) != 5 {
		t.Errorf("%d events of lines that are too long together", len(got))
	}
}

func TestJoinComplete(t *testing.T) {
	var j shape.Joiner
	if _, ok := j.Flush(); ok || !j.Complete() {
		t.Error("an empty joiner holds something")
	}
	j.Add([]byte(`{"a":1}`))
	if !j.Complete() {
		t.Error("a JSON object is not complete")
	}
	if event, ok := j.Add([]byte(`text`)); !ok || string(event) != `{"a":1}` || j.Complete() {
		t.Errorf("%q, %v", event, ok)
	}
	if event, ok := j.Flush(); !ok || string(event) != "text" || !j.Complete() {
		t.Errorf("%q, %v", event, ok)
	}
}

// The events are the lines, all of them and in order.
func FuzzJoin(f *testing.F) {
	f.Add([]byte("a\n b\n\nTraceback (most recent call last):\n  x\nE: y\n\n{}\npanic: z\n\ngoroutine 1 [running]:\nmain.main()\n\t^\n"))
	f.Fuzz(func(t *testing.T, log []byte) {
		var j shape.Joiner
		var out [][]byte
		for line := range bytes.SplitSeq(log, []byte("\n")) {
			if event, ok := j.Add(line); ok {
				out = append(out, bytes.Clone(event))
			}
		}
		if event, ok := j.Flush(); ok {
			out = append(out, bytes.Clone(event))
		}
		if got := bytes.Join(out, []byte("\n")); !bytes.Equal(got, log) {
			t.Fatalf("%q came back as %q", log, got)
		}
		for _, event := range out {
			if i := bytes.IndexByte(event, '\n'); i > 0 && event[0] == '{' && event[i-1] == '}' && i > 1 {
				t.Fatalf("%q joins a JSON object", event)
			}
		}
	})
}
