package crash

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// call is one call of a writer and what it carried, by event id.
type call struct {
	rows, rejects, unmatched []string
	old                      []string // that may expire
	answered                 bool
}

// hold is the rule: answered exactly once, unanswered at most once and whole or not at all, and nothing else.
func (l *load) hold(what string, got []string, of func(*call) []string) {
	l.t.Helper()
	count := map[string]int{}
	for _, id := range got {
		count[id]++
	}
	told := problems{t: l.t, what: what}
	for _, c := range l.calls {
		ids, there := of(c), 0
		for _, id := range ids {
			n := count[id]
			delete(count, id)
			if n > 1 {
				told.add("event %s is there %d times (its call was answered: %t)", id, n, c.answered)
			}
			if n > 0 {
				there++
			}
		}
		if there < len(ids) && (c.answered || there > 0) {
			told.add("%d of the %d events of the call of %s are there (answered: %t)", there, len(ids), ids[0], c.answered)
		}
	}
	for id, n := range count {
		told.add("event %q is there %d times and nobody put it", id, n)
	}
	told.sum()
}

// problems bounds what is printed of one disagreement.
type problems struct {
	t    *testing.T
	what string
	n    int
}

const problemsMax = 10

func (p *problems) add(format string, args ...any) {
	p.t.Helper()
	if p.n++; p.n <= problemsMax {
		p.t.Errorf(p.what+": "+format, args...)
	}
}

func (p *problems) sum() {
	if p.n > problemsMax {
		p.t.Errorf("%s: %d problems in all", p.what, p.n)
	}
}

// settings is the record of what can be set: of each its possible values. Each is set by one client, one call at a time.
type settings struct {
	mu  sync.Mutex
	may map[string][]string
}

func newSettings() *settings { return &settings{may: map[string][]string{}} }

// set is change to a value, whatever it was.
func (s *settings) set(name, value string, call func() error) error {
	return s.change(name, func(string) string { return value }, call)
}

// change notes a call that makes what is to be of what is. Before its first change a setting is "".
func (s *settings) change(name string, to func(string) string, call func() error) error {
	s.mu.Lock()
	was, ok := s.may[name]
	if !ok {
		was = []string{""}
	}
	var then []string
	for _, value := range was {
		then = append(then, to(value))
	}
	s.may[name] = compact(append(slices.Clone(was), then...))
	s.mu.Unlock()
	err := call()
	if err == nil {
		s.mu.Lock()
		s.may[name] = compact(then)
		s.mu.Unlock()
	}
	return err
}

func compact(values []string) []string {
	slices.Sort(values)
	return slices.Compact(values)
}

// hold holds the settings against the record.
func (s *settings) hold(t *testing.T, is map[string]string) {
	t.Helper()
	for name, may := range s.may {
		if !slices.Contains(may, is[name]) {
			t.Errorf("setting %s is %.80q, want one of %.200q", name, is[name], may)
		}
	}
}

// events is what was done when.
type events struct {
	began time.Time
	mu    sync.Mutex
	lines []string
}

func newEvents() *events { return &events{began: time.Now()} }

func (e *events) add(format string, args ...any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.lines = append(e.lines, fmt.Sprintf("%10.3f ms  ", float64(time.Since(e.began).Microseconds())/1000)+fmt.Sprintf(format, args...)+"\n")
}

func (e *events) write(dir string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return os.WriteFile(filepath.Join(dir, "events.log"), []byte(strings.Join(e.lines, "")), 0o644)
}

// wire is the clients' network. When it is cut, what was under way on it gets no answer, whatever the server would have said,
// and until it is mended nothing new gets to the server.
type wire struct {
	base *http.Transport
	cuts atomic.Int64

	mu     sync.Mutex
	broken bool
	open   map[*conn]struct{}
}

// errCut is what a call fails with when the wire is cut.
var errCut = fmt.Errorf("the wire was cut: %w", net.ErrClosed)

func newWire() *wire {
	w := &wire{open: map[*conn]struct{}{}}
	w.base = &http.Transport{MaxIdleConnsPerHost: 16}
	dialer := &net.Dialer{Timeout: callMax}
	w.base.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.broken {
			return nil, errors.Join(errCut, c.Close())
		}
		tracked := &conn{Conn: c, wire: w}
		w.open[tracked] = struct{}{}
		return tracked, nil
	}
	return w
}

// conn is a connection that leaves its wire when it is closed.
type conn struct {
	net.Conn
	wire *wire
}

func (c *conn) Close() error {
	c.wire.mu.Lock()
	delete(c.wire.open, c)
	c.wire.mu.Unlock()
	return c.Conn.Close()
}

// cut closes every connection, of those too that never carried a request, for which a server that stops would wait.
func (w *wire) cut() {
	w.cuts.Add(1)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = true
	for c := range w.open {
		_ = c.Conn.Close()
		delete(w.open, c)
	}
}

func (w *wire) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = false
}

// RoundTrip answers what was answered before the wire was cut.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	cuts := w.cuts.Load()
	answer, err := w.base.RoundTrip(r)
	if err == nil && w.cuts.Load() != cuts {
		_ = answer.Body.Close()
		return nil, errCut
	}
	return answer, err
}
