package route_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/route"
	"github.com/loglake/loglake/state"
)

var home = loglake.Home{Account: "000000000000", Region: "us-east-1"}

const waitMax = 20 * time.Second

// lake is groups and routes over a real journal and state, closed and opened again by a test.
type lake struct {
	*loggroup.Groups
	t       *testing.T
	dir     string
	clock   loglake.Clock
	db      *state.DB
	journal *journal.Log
	routes  *route.Routes
	stop    func()

	mu      sync.Mutex
	fault   func(transaction string) (apply bool, err error)
	saves   int
	notices []route.Notice
}

func newLake(t *testing.T) *lake {
	l := &lake{t: t, dir: t.TempDir(), clock: time.Now}
	l.open()
	t.Cleanup(func() { l.close() })
	return l
}

func (l *lake) open() {
	l.t.Helper()
	var err error
	l.db, err = state.Open(l.t.Context(), state.Config{Path: filepath.Join(l.dir, "state.db"), Migrations: slices.Concat(position.Migrations(), ledger.Migrations(), loggroup.Migrations()),
		Fault: func(name string) (bool, error) {
			l.mu.Lock()
			defer l.mu.Unlock()
			if name == "loggroup.save-copied" {
				l.saves++
			}
			if l.fault != nil {
				return l.fault(name)
			}
			return true, nil
		}})
	l.ok(err)
	l.journal, err = journal.Open(l.t.Context(), journal.Config{Dir: filepath.Join(l.dir, "journal"), Clock: l.clock, Sync: journal.SyncNone, WALBytes: 20_000})
	l.ok(err)
	l.Groups, err = loggroup.New(l.t.Context(), loggroup.Config{DB: l.db, Journal: l.journal, Home: home, Clock: l.clock,
		OnSubscriptions: func(loglake.ProducerID) { l.routes.Wake() }})
	l.ok(err)
	l.routes = route.New(route.Config{Journal: l.journal, Groups: l.Groups, OnNotice: func(n route.Notice) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.notices = append(l.notices, n)
	}})
}

// run runs the routes until stop.
func (l *lake) run() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 2)
	go func() { ended <- l.journal.Run(ctx) }()
	routes := make(chan error, 1)
	inner, cancelRoutes := context.WithCancel(ctx)
	go func() { routes <- l.routes.Run(inner) }()
	l.stop = func() {
		cancelRoutes()
		l.ok(<-routes)
		cancel()
		l.ok(<-ended)
		l.stop = nil
	}
}

func (l *lake) close() {
	if l.stop != nil {
		l.stop()
	}
	l.ok(errors.Join(l.journal.Close(), l.db.Close()))
}

func (l *lake) ok(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l *lake) group(names ...loglake.GroupName) {
	l.t.Helper()
	for _, name := range names {
		l.ok(l.CreateGroup(l.t.Context(), loggroup.NewGroup{Name: name}))
		l.ok(l.CreateStream(l.t.Context(), name, "s"))
	}
}

func (l *lake) route(from loglake.GroupName, pattern string, into loglake.GroupName) {
	l.t.Helper()
	l.ok(l.PutFilter(l.t.Context(), loggroup.Filter{Group: from, Name: "into " + string(into), Pattern: pattern, Destination: home.ARN("logs", "log-group:"+string(into))}))
}

func (l *lake) put(group loglake.GroupName, stream loglake.LogStreamName, messages ...string) {
	l.t.Helper()
	var b loggroup.Batch
	for _, m := range messages {
		b.Add(loglake.At(l.clock())-1000, []byte(m))
	}
	_, err := l.PutEvents(l.t.Context(), loggroup.Put{Group: group, Stream: stream, Batch: &b})
	l.ok(err)
}

// await waits until all routes have looked at everything, those that are closed have ended, and groups hold as many events
// as they are to.
func (l *lake) await(want map[loglake.GroupName][]string) {
	l.t.Helper()
	deadline := time.Now().Add(waitMax)
	for {
		got := map[loglake.GroupName][]string{}
		for name := range want {
			got[name] = l.all(name)
		}
		busy := slices.ContainsFunc(l.routes.Statuses(), func(s route.Status) bool { return s.Lag > 0 || s.Closed })
		if cmp.Equal(want, got) && !busy {
			return
		}
		if time.Now().After(deadline) {
			l.t.Fatalf("%s\nstatuses: %+v, notices: %+v", cmp.Diff(want, got), l.routes.Statuses(), l.notices)
		}
		l.pause()
	}
}

// pause lets others work between two looks. What is waited for is in several journals and in state: there is no one thing
// that tells of it.
func (l *lake) pause() {
	ctx, cancel := context.WithTimeout(l.t.Context(), 5*time.Millisecond)
	defer cancel()
	<-ctx.Done()
}

// all gives the messages of a group in the order in which they were stored, with their streams.
func (l *lake) all(name loglake.GroupName) (all []string) {
	l.t.Helper()
	group, err := l.Group(name)
	l.ok(err)
	for at := l.journal.First(group.Journal); at < l.journal.Head(group.Journal); {
		blocks, err := l.journal.Read(l.t.Context(), group.Journal, at, 1<<20)
		l.ok(err)
		for _, b := range blocks {
			for _, e := range b.Events() {
				all = append(all, string(e.Stream)+" "+string(e.Message))
			}
			at = b.End()
		}
	}
	return all
}

type texts = map[loglake.GroupName][]string

func TestRoute(t *testing.T) {
	l := newLake(t)
	l.group("a", "b", "c")
	l.ok(l.CreateStream(t.Context(), "a", "t"))
	l.put("a", "s", "ERROR before")
	l.route("a", "ERROR", "b")
	l.run()
	l.put("a", "s", "ERROR 1", "fine", "ERROR 2")
	l.put("a", "t", "ERROR 3")
	l.put("a", "s", "ERROR 4")
	l.await(texts{"b": {"s ERROR 1", "s ERROR 2", "t ERROR 3", "s ERROR 4"}})

	// A chain; a stream that is missing is made.
	l.route("b", "", "c")
	l.put("a", "t", "ERROR 5")
	l.await(texts{"c": {"t ERROR 5"}})
	page, err := l.GetEvents(t.Context(), loggroup.GetQuery{Group: "c", Stream: "t"})
	l.ok(err)
	if len(page.Events) != 1 || page.Events[0].Timestamp > page.Events[0].Ingested-1000 {
		t.Errorf("%+v: the timestamp is not that of the source", page.Events)
	}

	// Over a restart, with events that came meanwhile.
	l.close()
	l.open()
	l.put("a", "s", "ERROR 6")
	l.run()
	l.await(texts{"b": {"s ERROR 1", "s ERROR 2", "t ERROR 3", "s ERROR 4", "t ERROR 5", "s ERROR 6"}, "c": {"t ERROR 5", "s ERROR 6"}})
	if statuses := l.routes.Statuses(); len(statuses) != 2 || statuses[0].Group != "a" || statuses[0].Into != "b" || statuses[0].Failure != "" {
		t.Errorf("%+v", statuses)
	}
}

// TestFilterChanges replaces and deletes filters and groups while events stream: each event goes by the filter that was there
// when it was put.
func TestFilterChanges(t *testing.T) {
	l := newLake(t)
	l.group("a", "b")
	l.run()
	rng := rand.New(rand.NewPCG(1, 1))
	var want []string
	pattern, n := "?", 0
	for range 120 {
		switch rng.IntN(6) {
		case 0:
			if pattern != "?" {
				l.ok(l.DeleteFilter(t.Context(), "a", "into b"))
			}
			pattern = "?"
		case 1:
			pattern = fmt.Sprint("x", rng.IntN(3))
			l.route("a", pattern, "b")
		default:
			m := fmt.Sprintf("x%d %d", rng.IntN(3), n)
			n++
			l.put("a", "s", m)
			if strings.HasPrefix(m, pattern) {
				want = append(want, "s "+m)
			}
		}
	}
	// Routes that follow each other run side by side, so what they copied may be in any order.
	deadline := time.Now().Add(waitMax)
	for {
		got := l.all("b")
		busy := slices.ContainsFunc(l.routes.Statuses(), func(s route.Status) bool { return s.Lag > 0 || s.Closed })
		if len(got) >= len(want) && !busy {
			slices.Sort(got)
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatal(diff)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d events; %+v; %+v", len(got), len(want), l.routes.Statuses(), l.notices)
		}
		l.pause()
	}
	routes, err := l.Routes(t.Context())
	l.ok(err)
	if open := pattern != "?"; len(routes) > 1 || (len(routes) == 1) != open {
		t.Errorf("%d routes are left", len(routes))
	}
}

func TestDeletedGroups(t *testing.T) {
	l := newLake(t)
	l.group("a", "b", "c")
	l.route("a", "", "b")
	l.route("a", "", "c")
	l.put("a", "s", "1", "2")
	l.ok(l.DeleteGroup(t.Context(), "a")) // the source: what was put before is still copied
	l.run()
	l.await(texts{"b": {"s 1", "s 2"}, "c": {"s 1", "s 2"}})
	l.group("a")
	l.put("a", "s", "3")
	l.await(texts{"b": {"s 1", "s 2"}})

	l.route("a", "", "b")
	l.put("a", "s", "4")
	l.await(texts{"b": {"s 1", "s 2", "s 4"}})
	l.ok(l.DeleteGroup(t.Context(), "b")) // the target
	l.group("b")
	l.put("a", "s", "5")
	l.route("a", "", "c")
	l.put("a", "s", "6")
	l.await(texts{"b": nil, "c": {"s 1", "s 2", "s 6"}})
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.notices) != 1 || l.notices[0].Text != "the route ended: log group b was deleted" || l.notices[0].Filter != "into b" {
		t.Errorf("notices: %+v", l.notices)
	}
}

// TestSaving shows that positions are saved once for much, also at the end, that the source's retention waits for them,
// and that losing them costs nothing.
func TestSaving(t *testing.T) {
	l := newLake(t)
	ctx := t.Context()
	l.group("a", "b")
	l.route("a", "", "b")
	l.mu.Lock()
	l.fault = func(name string) (bool, error) {
		if name == "loggroup.save-copied" {
			return false, errors.New("injected")
		}
		return true, nil
	}
	l.mu.Unlock()
	l.run()
	var want []string
	for i := range 200 {
		l.put("a", "s", fmt.Sprint(i))
		want = append(want, fmt.Sprint("s ", i))
	}
	l.await(texts{"b": want})
	l.stop()
	routes, err := l.Routes(ctx)
	l.ok(err)
	if routes[0].Saved != 0 {
		t.Error("saved:", routes[0].Saved)
	}
	group, err := l.Group("a")
	l.ok(err)
	real := l.clock
	l.clock = func() time.Time { return real().Add(48 * time.Hour) }
	l.fault = nil
	l.close()
	l.open() // begins at 0 again, and the target knows better
	l.ok(l.PutRetention(ctx, "a", 1))
	l.ok(l.Sweep(ctx))
	if first := l.journal.First(group.Journal); first != 0 {
		t.Error("events are gone that the saved position is below:", first)
	}
	l.saves = 0
	l.run()
	l.put("a", "s", "last")
	want = append(want, "s last")
	l.await(texts{"b": want})
	l.stop()
	if l.saves == 0 || l.saves > 2 {
		t.Error("transactions:", l.saves)
	}
	l.close()
	l.open()
	l.ok(l.Sweep(ctx))
	if first := l.journal.First(group.Journal); first != 200 {
		t.Error("the source is kept from", first)
	}
}

// books gives what each route has counted, by its source, and fails the test where minutes say something else.
func (l *lake) books() map[loglake.SourceID]ledger.Source {
	l.t.Helper()
	books := map[loglake.SourceID]ledger.Source{}
	l.ok(l.db.View(l.t.Context(), func(tx *state.Tx) error {
		sources, err := ledger.Sources(tx, "")
		l.ok(err)
		minutes, err := ledger.MinuteSums(tx)
		l.ok(err)
		for _, s := range sources {
			books[s.Source] = s
		}
		for _, m := range minutes {
			if diff := cmp.Diff(books[m.Source].Counts, m.Counts); diff != "" {
				l.t.Errorf("minutes of %s:\n%s", m.Source, diff)
			}
		}
		return nil
	}))
	return books
}

// TestCounting fails the transactions that keep how far a route has come, undone and done, in every order that four tries
// can have, over restarts and up to the end of a closed route: each event is counted once.
func TestCounting(t *testing.T) {
	for plan := range 1 << 4 {
		l := newLake(t)
		l.group("a", "b")
		l.route("a", "ERROR", "b")
		routes, err := l.Routes(t.Context())
		l.ok(err)
		id, tries := routes[0].ID, 0
		l.mu.Lock()
		l.fault = func(name string) (bool, error) {
			if name != "loggroup.save-copied" && name != "loggroup.end-route" || tries >= 4 {
				return true, nil
			}
			tries++
			return plan>>(tries-1)&1 == 1, errors.New("injected")
		}
		l.mu.Unlock()
		var want []string
		n := int64(0)
		put := func(messages ...string) {
			l.put("a", "s", messages...)
			for _, m := range messages {
				n++
				if strings.Contains(m, "ERROR") {
					want = append(want, "s "+m)
				}
			}
		}
		for i := range 3 {
			put(fmt.Sprint("ERROR ", i), "other", "more")
			l.run()
			l.await(texts{"b": want})
			l.stop() // saves twice, and both may fail
			l.close()
			l.open()
			put("other still")
		}
		l.ok(l.DeleteFilter(t.Context(), "a", "into b"))
		l.run()
		for deadline := time.Now().Add(waitMax); len(routes) > 0; l.pause() {
			routes, err = l.Routes(t.Context())
			l.ok(err)
			if time.Now().After(deadline) {
				t.Fatalf("plan %04b: the route has not ended: %+v", plan, l.routes.Statuses())
			}
		}
		l.stop()
		got := l.books()[id]
		if got.Began != 0 || int64(got.At) != n || got.Counts.Events != n || got.Counts.Consumed != int64(len(want)) || got.Counts.Unmatched != n-int64(len(want)) {
			t.Errorf("plan %04b: of %d events, %d of which match, the books have %+v", plan, n, len(want), got)
		}
		l.close()
		l.open()
	}
}

// TestCountingGoesOn saves what a running route has counted again and again: each event is in one of the savings.
func TestCountingGoesOn(t *testing.T) {
	l := newLake(t)
	l.group("a", "b")
	l.route("a", "ERROR", "b")
	l.run()
	for n := loglake.Offset(2); n <= 6; n += 2 {
		l.put("a", "s", "ERROR", "other")
		for deadline := time.Now().Add(waitMax); ; l.pause() {
			routes, err := l.Routes(t.Context())
			l.ok(err)
			if routes[0].Saved == n {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("saved is %d, want %d: %+v, %v", routes[0].Saved, n, l.routes.Statuses(), l.notices)
			}
		}
	}
	l.stop()
	for _, got := range l.books() {
		if got.At != 6 || got.Counts.Consumed != 3 || got.Counts.Unmatched != 3 {
			t.Errorf("%+v", got)
		}
	}
}

// TestOlderSource holds a route back whose target knows more than its source has.
func TestOlderSource(t *testing.T) {
	l := newLake(t)
	l.group("a", "b")
	l.route("a", "", "b")
	routes, err := l.Routes(t.Context())
	l.ok(err)
	var b journal.Builder
	b.Add(1, []byte("copied of events that are gone"))
	_, err = l.journal.Append(t.Context(), journal.Put{Journal: routes[0].Target, Stream: "s", Events: &b, Spool: journal.Spool{ID: ":" + string(routes[0].ID), From: 6, To: 7}})
	l.ok(err)
	l.put("a", "s", "1", "2")
	l.run()
	deadline := time.Now().Add(waitMax)
	for {
		if s := l.routes.Statuses(); len(s) == 1 && strings.Contains(s[0].Failure, "restored from an older copy") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%+v", l.routes.Statuses())
		}
		l.pause()
	}
	if diff := cmp.Diff([]string{"s copied of events that are gone"}, l.all("b")); diff != "" {
		t.Error(diff)
	}
}

// TestMany has hundreds of routes, busy and idle ones.
func TestMany(t *testing.T) {
	l := newLake(t)
	const groups = 30
	l.group("into")
	var names []loglake.GroupName
	for i := range groups {
		names = append(names, loglake.GroupName(fmt.Sprint("g", i)))
	}
	l.group(names...)
	for _, name := range names {
		for k := range loggroup.RoutesMax {
			l.ok(l.PutFilter(t.Context(), loggroup.Filter{Group: name, Name: fmt.Sprint(k), Pattern: fmt.Sprint("k", k), Destination: home.ARN("logs", "log-group:into")}))
		}
	}
	l.run()
	var want []string
	for i, name := range names {
		l.put(name, "s", fmt.Sprint("k", i%10, " ", i), "no match")
		want = append(want, fmt.Sprint("s k", i%10, " ", i))
	}
	deadline := time.Now().Add(waitMax)
	for {
		got := l.all("into")
		if len(got) == len(want) {
			slices.Sort(got)
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatal(diff)
			}
			return
		}
		if len(got) > len(want) || time.Now().After(deadline) {
			t.Fatalf("%d of %d events", len(got), len(want))
		}
		l.pause()
	}
}
