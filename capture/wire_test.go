package capture_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/capture"
)

// lake is a server that keeps the protocol of spools, and fails the test where capture does not.
type lake struct {
	t *testing.T

	mu     sync.Mutex
	next   map[string]int64
	seen   map[string]string // spool and position: what was there, also of what was a repeat
	events []capture.Event
	stream map[string]int // events by group and stream
	puts   int
	down   bool   // nothing is taken
	denied string // a group of which nothing is taken
	flaky  int    // each so many puts fails: by turns before it is done and after
}

func newLake(t *testing.T) *lake {
	return &lake{t: t, next: map[string]int64{}, seen: map[string]string{}, stream: map[string]int{}}
}

var errDown = loglake.Errorf(loglake.CodeUnavailable, "down")

func (l *lake) Put(ctx context.Context, p capture.Put) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	l.puts++
	if l.down || l.flaky > 0 && l.puts%(2*l.flaky) == 0 {
		return 0, errDown
	}
	if p.Group == l.denied {
		return 0, loglake.Errorf(loglake.CodeDenied, "denied")
	}
	l.check(p)
	key := p.Group + " " + p.Spool
	for i, e := range p.Events {
		position := p.Position + int64(i)
		id := fmt.Sprint(key, " ", position)
		if was, ok := l.seen[id]; ok && was != string(e.Message) {
			l.t.Errorf("position %d of %s was %.80q and is %.80q now", position, key, was, e.Message)
		}
		l.seen[id] = string(e.Message)
		if position >= l.next[key] {
			l.next[key] = position + 1
			l.events = append(l.events, capture.Event{Time: e.Time, Message: append([]byte(nil), e.Message...)})
			l.stream[p.Group+" "+p.Stream]++
		}
	}
	if l.flaky > 0 && l.puts%(2*l.flaky) == l.flaky {
		return 0, errDown // done, and the answer is lost
	}
	return 0, nil
}

// check holds a put to the limits of the wire.
func (l *lake) check(p capture.Put) {
	bytes := 0
	for i, e := range p.Events {
		bytes += len(e.Message) + 26
		if len(e.Message) == 0 {
			l.t.Error("an event has no message")
		}
		if i > 0 && e.Time < p.Events[i-1].Time || e.Time-p.Events[0].Time > 24*3600*1000 {
			l.t.Errorf("event %d of a put is at %d, behind one at %d", i, e.Time, p.Events[max(0, i-1)].Time)
		}
	}
	if len(p.Events) == 0 || len(p.Events) > 10_000 || bytes > 1<<20 {
		l.t.Errorf("a put has %d events and %d bytes", len(p.Events), bytes)
	}
}

func (l *lake) setDown(down bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = down
}

// refuse has nothing of a group taken.
func (l *lake) refuse(group string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.denied = group
}

// attempts is how often Put was called.
func (l *lake) attempts() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.puts
}

// messages are those of all events.
func (l *lake) messages() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for _, e := range l.events {
		out = append(out, string(e.Message))
	}
	return out
}

// told collects notices.
type told struct {
	mu    sync.Mutex
	kinds []string
}

func (n *told) take(notice capture.Notice) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.kinds = append(n.kinds, string(notice.Kind))
}

func (n *told) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return strings.Join(n.kinds, ", ")
}
