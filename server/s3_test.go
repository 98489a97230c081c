package server_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/delivery"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/internal/disk/faulttest"
	executions "github.com/loglake/loglake/query"
	"github.com/loglake/loglake/query/engine"
	"github.com/loglake/loglake/server"
	"github.com/loglake/loglake/store"
	"github.com/loglake/loglake/test/s3/gateway"
)

// s3LifeMax is the time of one life on S3. It takes a second or two without faults; a client's pauses between attempts add to it.
const s3LifeMax = 2 * time.Minute

// s3Fault is a case of the table of S3: requests of a class, from the nth on, meet a fault.
type s3Fault struct {
	class string
	nth   int
	times int
	fault gateway.Fault
}

func (f s3Fault) String() string {
	return fmt.Sprintf("%s #%d %s ×%d", f.class, f.nth, strings.ReplaceAll(string(f.fault), " ", "-"), f.times)
}

// s3Attempts is of one request: a fault that comes once is met by the store, one that comes more often by whoever asked it.
const s3Attempts = 2

func s3Settings(p *gateway.Proxy) *store.S3Config {
	return &store.S3Config{Endpoint: p.URL, PathStyle: true, AccessKey: gateway.AccessKey, SecretKey: gateway.SecretKey, Attempts: s3Attempts, Stall: 400 * time.Millisecond}
}

// TestS3Faults lives the life of a whole server on a real S3 server behind a proxy, in which requests of each class, at each
// position, are refused, late, cut, answered with 500 and 503, or done without an answer, once and for longer than the
// store tries. Everything comes to its end by itself, and nothing is lost or doubled. -full visits all cases.
func TestS3Faults(t *testing.T) {
	clean := s3Life(t, s3Fault{})
	if t.Failed() || t.Skipped() {
		return
	}
	cases := s3Table(clean)
	t.Logf("requests of a life without faults: %v; %d cases", clean, len(cases))
	if *caseFlag != "" {
		cases = slices.DeleteFunc(cases, func(f s3Fault) bool { return !strings.HasPrefix(f.String(), *caseFlag) })
	}
	const parallel = 6 // most of a case is waiting
	slots := make(chan struct{}, parallel)
	var group sync.WaitGroup
	for _, f := range cases {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			if t.Failed() {
				return
			}
			t.Run(f.String(), func(t *testing.T) {
				s3Life(t, f)
				if t.Failed() {
					t.Logf("again: make s3, or go test ./server -run TestS3Faults -case '%s' with %s set", f, gateway.Variable)
				}
			})
		})
	}
	group.Wait()
}

// s3Table gives the cases: of each class each fault, at a position and for a time that differ from case to case, or all.
func s3Table(counts map[string]int) (cases []s3Fault) {
	n := 0
	for _, class := range slices.Sorted(maps.Keys(counts)) {
		for _, fault := range gateway.Faults() {
			for nth := 1; nth <= counts[class]; nth++ {
				for _, times := range []int{1, s3Attempts + 1} {
					cases = append(cases, s3Fault{class, nth, times, fault})
				}
			}
			if all := 2 * counts[class]; !faulttest.Full() && *caseFlag == "" {
				cases[len(cases)-all] = cases[len(cases)-all+n*7%all]
				cases = cases[:len(cases)-all+1]
				n++
			}
		}
	}
	return cases
}

// lake is a server on S3.
type lake struct {
	*client
	gateway *gateway.Gateway
	proxy   *gateway.Proxy
	config  server.Config
	notices []string // of queries
}

func newLake(t *testing.T) *lake {
	t.Helper()
	g := gateway.Start(t)
	l := &lake{client: &client{t: t, now: loglake.At(time.Now())}, gateway: g, proxy: g.Proxy(t)}
	l.config = server.Config{Dir: t.TempDir(), Home: home, JournalBytes: 1 << 10, S3: s3Settings(l.proxy)}
	return l
}

func (l *lake) open(ctx context.Context) *running {
	l.t.Helper()
	return unlocked(ctx, l.t, func() (*running, error) { return run(ctx, l.config) })
}

// unlocked opens a lake whose lock may be held for a moment more: by a process that another test is starting, until it is one.
func unlocked[T any](ctx context.Context, t *testing.T, open func() (T, error)) T {
	t.Helper()
	for {
		s, err := open()
		switch {
		case err == nil:
			return s
		case !errors.Is(err, disk.ErrLocked) || ctx.Err() != nil:
			t.Fatal("open: ", err)
		}
		time.Sleep(time.Millisecond)
	}
}

// s3Life is a life with a fault; it gives how many requests of each class there were.
func s3Life(t *testing.T, f s3Fault) map[string]int {
	t.Helper()
	l := newLake(t)
	ctx, cancel := context.WithTimeout(t.Context(), s3LifeMax)
	defer cancel()
	if f.nth > 0 {
		l.proxy.Fail(gateway.Rule{Class: f.class, Nth: f.nth, Times: f.times, Fault: f.fault})
	}
	r := l.open(ctx)
	defer func() { _ = r.close() }() // again does nothing
	steps := []func() error{
		func() error { return l.setUp(ctx, r) },
		func() error { l.put(ctx, r, "direct", false); l.put(ctx, r, "", true); return nil },
		func() error { return l.flush(ctx, r) },
		func() error { l.put(ctx, r, "", true); l.put(ctx, r, "late", false); return nil },
		func() error { l.query(ctx, r); return nil },
		func() error { return l.update(ctx, r) },
		func() error { return l.retag(ctx, r, map[string]string{delivery.PartitionTag: "at"}) },
		func() error { return l.flush(ctx, r) },
		func() error { l.put(ctx, r, "direct", false); l.put(ctx, r, "late", false); return r.close() },
		func() error { r = l.open(ctx); return nil },
		func() error { l.put(ctx, r, "", true); return l.flush(ctx, r) },
		func() error { l.query(ctx, r); return nil },
	}
	for i, step := range steps {
		if err := errors.Join(step(), ctx.Err()); err != nil {
			t.Errorf("step %d: %v", i, err)
			return nil
		}
	}
	counts := l.proxy.Counts()
	if met := l.proxy.Heal(); met == 0 && f.nth > 0 {
		t.Logf("the fault was not met: lives differ")
	}
	l.account(ctx, r, "in the end")
	l.healthy(ctx, r)
	if err := r.close(); err != nil {
		t.Error(err)
	}
	s := unlocked(ctx, t, func() (*server.Server, error) { return server.Open(ctx, l.config) })
	l.check(ctx, s, "in the end")
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	return counts
}

// healthy holds SQL and the streams' states against what was answered.
func (l *lake) healthy(ctx context.Context, r *running) {
	l.query(ctx, r)
	all, err := r.Streams.Statuses(ctx)
	if err != nil {
		l.t.Error(err)
	}
	for _, s := range all {
		if s.Failure != "" {
			l.t.Errorf("stream %s still fails: %s", s.Name, s.Failure)
		}
	}
	for _, notice := range l.notices {
		l.t.Errorf("a query says: %s", notice)
	}
}

// query counts the rows of the table by SQL. A query may fail while the store does; one that succeeds is right.
func (l *lake) query(ctx context.Context, r *running) {
	l.t.Helper()
	if !engine.Built {
		return
	}
	want := 0
	for _, p := range l.puts {
		want += len(p.rows)
	}
	var last error
	for range attemptsMax {
		rows, err := l.ask(ctx, r, "SELECT count(*), count(DISTINCT id) FROM logs")
		if last = err; err != nil {
			continue
		}
		if got := strings.Join(rows[0], " "); got != fmt.Sprint(want, want) {
			l.t.Errorf("SQL counts %s rows and different ids, want %d of each", got, want)
		}
		return
	}
	l.t.Errorf("%d queries failed, the last with: %v", attemptsMax, last)
}

// ask runs a query to its end, and remembers what it noticed.
func (l *lake) ask(ctx context.Context, r *running, sql string) (rows [][]string, err error) {
	output := "s3://" + bucket + "/results/"
	id, err := r.Queries.Start(ctx, executions.StartRequest{QueryString: sql, Output: &output})
	if err != nil {
		return nil, err
	}
	x, err := r.Queries.Wait(ctx, id)
	if err != nil {
		return nil, err
	}
	l.notices = append(l.notices, x.Notices...)
	if x.State != executions.Succeeded {
		return nil, fmt.Errorf("%s: %s", x.State, x.Reason)
	}
	results, err := r.Queries.Results(ctx, id, "", 0)
	if err != nil {
		return nil, err
	}
	for _, row := range results.Rows[1:] {
		var texts []string
		for _, v := range row {
			texts = append(texts, *v)
		}
		rows = append(rows, texts)
	}
	return rows, nil
}
