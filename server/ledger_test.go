package server_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/books"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/internal/disk/disktest"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/server"
	"github.com/loglake/loglake/state"
)

// balance fails the test where an account of a running server is out.
func (c *client) balance(ctx context.Context, s *server.Server, when string) {
	c.t.Helper()
	err := s.State.View(ctx, func(tx *state.Tx) error {
		rows, err := s.Books.All(tx)
		for _, r := range rows {
			if !r.Balanced {
				c.t.Errorf("%s: ledger: %s %s %s %s is out by %d: %s", when, r.Kind, r.Group, r.Filter, r.Stream, r.Difference, r.Problem)
			}
		}
		return err
	})
	if err != nil {
		c.t.Errorf("%s: ledger: %v", when, err)
	}
}

// repeat makes the last call again, which is answered and stores nothing, and one of which nothing can be stored: what is
// turned away is counted too.
func (c *client) repeat(ctx context.Context, r *running) error {
	c.send(ctx, r, c.puts[len(c.puts)-1])
	return try(ctx, func() error {
		var b loggroup.Batch
		b.Add(c.now-30*24*60*60*1000, []byte("old"))
		_, err := r.Groups.PutEvents(ctx, loggroup.Put{Group: "/app", Stream: "i-1", Batch: &b})
		return err
	})
}

// lived is a server that has lived through everything, open and not running.
func lived(t *testing.T) *server.Server {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), lifeMax)
	t.Cleanup(cancel)
	on, err := disktest.NewMachine(filepath.Join(t.TempDir(), "lake"), cancel)
	if err != nil {
		t.Fatal(err)
	}
	m, c := newMachine(on, fault{}), &client{t: t, now: loglake.At(time.Now())}
	if err := c.drive(ctx, m); err != nil {
		t.Fatal(err)
	}
	s, err := server.Open(ctx, server.Config{Dir: m.Dir, Home: home, FS: m.FS, JournalBytes: 1 << 10})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	c.check(ctx, s, "a life without faults")
	return s
}

func tampering(t *testing.T, s *server.Server, statements ...string) {
	t.Helper()
	for _, one := range statements {
		err := s.State.Update(t.Context(), "test", func(tx *state.Tx) error {
			n, err := tx.Exec(one)
			if err == nil && n == 0 {
				return fmt.Errorf("it changes nothing: %s", one)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestCheckOfTheLedger breaks the books of a lake in every table, as a defect would that the constraints of the tables let
// through, and wants the checker to say so.
func TestCheckOfTheLedger(t *testing.T) {
	if testing.Short() {
		t.Skip("lives a life: left out by -short")
	}
	s := lived(t)
	const one = " WHERE producer IN (SELECT producer FROM ledger_sources WHERE source LIKE 's-%' AND events > 0 AND producer NOT LIKE 'r-%')"
	const source = one + " AND source LIKE 's-%' AND events > 0"
	more := func(table, where string) string {
		return "UPDATE " + table + " SET events = events + 1, unmatched = unmatched + 1" + where
	}
	less := func(table, where string) string {
		return "UPDATE " + table + " SET events = events - 1, unmatched = unmatched - 1" + where
	}
	for _, c := range []struct {
		what string
		do   []string
		undo []string
		want []string // kinds of problems
	}{
		{"a producer has an event too many", []string{more("ledger_producers", one)}, []string{less("ledger_producers", one)}, []string{"ledger", "totals"}},
		{"a producer has a batch too many", []string{"UPDATE ledger_producers SET batches = batches + 1" + one}, []string{"UPDATE ledger_producers SET batches = batches - 1" + one}, []string{"totals"}},
		{"a source has a byte too many", []string{"UPDATE ledger_sources SET bytes = bytes + 1" + source}, []string{"UPDATE ledger_sources SET bytes = bytes - 1" + source},
			[]string{"ledger", "minutes", "totals"}},
		{"a minute has a late event too many", []string{"UPDATE ledger_minutes SET late = late + 1" + source}, []string{"UPDATE ledger_minutes SET late = late - 1" + source},
			[]string{"minutes", "recount"}},
		{"all have a byte too many", // and agree: only the events themselves tell
			[]string{"UPDATE ledger_minutes SET bytes = bytes + 1" + source, "UPDATE ledger_sources SET bytes = (SELECT SUM(bytes) FROM ledger_minutes m WHERE m.producer = ledger_sources.producer AND m.source = ledger_sources.source)",
				"UPDATE ledger_producers SET bytes = (SELECT SUM(bytes) FROM ledger_sources s WHERE s.producer = ledger_producers.producer)",
				"UPDATE ledger_batches SET bytes = bytes + (SELECT p.bytes FROM ledger_producers p WHERE p.producer = ledger_batches.producer) - (SELECT SUM(b.bytes) FROM ledger_batches b WHERE b.producer = ledger_batches.producer) WHERE batch = 1"},
			[]string{"UPDATE ledger_minutes SET bytes = bytes - 1" + source, "UPDATE ledger_sources SET bytes = (SELECT SUM(bytes) FROM ledger_minutes m WHERE m.producer = ledger_sources.producer AND m.source = ledger_sources.source)",
				"UPDATE ledger_producers SET bytes = (SELECT SUM(bytes) FROM ledger_sources s WHERE s.producer = ledger_producers.producer)",
				"UPDATE ledger_batches SET bytes = bytes + (SELECT p.bytes FROM ledger_producers p WHERE p.producer = ledger_batches.producer) - (SELECT SUM(b.bytes) FROM ledger_batches b WHERE b.producer = ledger_batches.producer) WHERE batch = 1"},
			[]string{"recount"}},
		{"a minute is another", []string{"UPDATE ledger_minutes SET start = start - 60000" + source}, []string{"UPDATE ledger_minutes SET start = start + 60000" + source}, []string{"recount"}},
		{"a position is elsewhere", []string{"UPDATE positions SET at = at + 1 WHERE source = 'direct' AND at > 0"}, []string{"UPDATE positions SET at = at - 1 WHERE source = 'direct' AND at > 0"},
			[]string{"journal-lost", "ledger", "position"}},
		{"a batch has delivered more", []string{"UPDATE ledger_batches SET messages = messages + 1, delivered = delivered + 1, row_count = row_count + 1 WHERE batch = 1"},
			[]string{"UPDATE ledger_batches SET messages = messages - 1, delivered = delivered - 1, row_count = row_count - 1 WHERE batch = 1"}, []string{"counts", "totals"}},
	} {
		tampering(t, s, c.do...)
		report, err := s.Check(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		kinds, lines := []string{}, []string{}
		for _, p := range report.Problems {
			kinds, lines = append(kinds, p.Kind), append(lines, p.Kind+": "+p.Text)
		}
		slices.Sort(kinds)
		if diff := cmp.Diff(c.want, slices.Compact(kinds)); diff != "" {
			t.Errorf("%s: %s\n%s", c.what, diff, strings.Join(lines, "\n"))
		}
		tampering(t, s, c.undo...)
	}
	(&client{t: t}).check(t.Context(), s, "mended")
}

// TestAccounts follows events through a group, a subscription, a route and records put directly, over expiry, an ended
// filter and deleted groups, and reads every number of the accounts.
func TestAccounts(t *testing.T) {
	began := time.Now()
	now := began
	clock := func() time.Time { return now }
	r, err := run(t.Context(), server.Config{Dir: t.TempDir(), Home: home, JournalBytes: 1 << 10, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.close() }()
	ctx, c := t.Context(), &client{t: t, now: loglake.At(now)}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	accounts := func(q books.Query) map[string]books.Row {
		t.Helper()
		all := map[string]books.Row{}
		must(r.State.View(ctx, func(tx *state.Tx) error {
			rows, err := r.Books.Read(tx, q)
			for _, row := range rows {
				all[strings.Join(strings.Fields(strings.Join([]string{row.Kind, row.Group, row.Filter, row.Stream, row.Target}, " ")), " ")] = row
			}
			return err
		}))
		return all
	}
	hold := func(what string, want map[string]int64, got map[string]int64) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	put := func(row books.Row) map[string]int64 {
		gone := row.Expired
		if gone == nil {
			gone = row.Released
		}
		return map[string]int64{"accepted": *row.Accepted, "retained": *row.Retained, "gone": *gone, "deleted": *row.Deleted, "late": *row.Late, "old": *row.TooOld}
	}
	took := func(row books.Row) map[string]int64 {
		m := map[string]int64{"events": *row.Events, "unmatched": *row.Unmatched, "delivered": *row.Delivered, "rejects": *row.Rejects, "late": *row.Late}
		if row.Buffered != nil {
			m["buffered"] = *row.Buffered
		}
		return m
	}
	must(c.setUp(ctx, r))
	c.put(ctx, r, "", true) // 4 events: a row, a reject, one left out, a row that is not routed
	c.now -= 3 * 60 * 60 * 1000
	c.put(ctx, r, "", true)
	c.now += 3 * 60 * 60 * 1000
	c.put(ctx, r, "direct", false)
	all := accounts(books.Query{})
	hold("the group", map[string]int64{"accepted": 8, "retained": 8, "gone": 0, "deleted": 0, "late": 4, "old": 0}, put(all["group /app"]))
	hold("before a flush", map[string]int64{"events": 0, "unmatched": 0, "delivered": 0, "rejects": 0, "late": 0, "buffered": 8}, took(all["subscription /app all grouped"]))
	must(c.flush(ctx, r))
	all = accounts(books.Query{})
	for route := "route /app rows " + string(routed); *all[route].Events < 8; all = accounts(books.Query{}) { // it is kept once a second
		if ctx.Err() != nil || time.Since(began) > lifeMax {
			t.Fatalf("%+v", all[route])
		}
		poll, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
		<-poll.Done()
		cancel()
	}
	hold("the subscription", map[string]int64{"events": 8, "unmatched": 2, "delivered": 4, "rejects": 2, "late": 4, "buffered": 0}, took(all["subscription /app all grouped"]))
	hold("the stream", map[string]int64{"events": 8, "unmatched": 2, "delivered": 4, "rejects": 2, "late": 4}, took(all["stream grouped"]))
	hold("the route", map[string]int64{"events": 8, "unmatched": 6, "delivered": 2, "rejects": 0, "late": 4, "buffered": 0}, took(all["route /app rows "+string(routed)]))
	hold("what was routed", map[string]int64{"accepted": 2, "retained": 2, "gone": 0, "deleted": 0, "late": 1, "old": 0}, put(all["group "+string(routed)]))
	hold("records", map[string]int64{"events": 4, "unmatched": 0, "delivered": 3, "rejects": 1, "late": 0, "buffered": 0}, took(all["direct direct"]))
	hold("records put", map[string]int64{"accepted": 4, "retained": 0, "gone": 4, "deleted": 0, "late": 0, "old": 0}, put(all["records direct"]))
	if some := accounts(books.Query{Group: routed}); len(some) != 2 {
		t.Errorf("accounts of %s: %v", routed, some)
	}

	must(r.Groups.PutRetention(ctx, "/app", 1))
	must(r.Groups.DeleteFilter(ctx, "/app", "all"))
	now = now.Add(48 * time.Hour)
	must(c.flush(ctx, r))
	must(c.repeat(ctx, r))
	must(r.Sweep(ctx))
	all = accounts(books.Query{})
	hold("expired", map[string]int64{"accepted": 8, "retained": 0, "gone": 8, "deleted": 0, "late": 4, "old": 1}, put(all["group /app"]))
	if _, there := all["subscription /app all grouped"]; there {
		t.Error("an ended filter is among those that are there")
	}
	if ended := accounts(books.Query{Ended: true})["subscription /app grouped"]; !ended.Ended || *ended.Events != 8 {
		t.Errorf("the ended filter: %+v", ended)
	}
	must(r.Groups.DeleteGroup(ctx, routed))
	must(r.Groups.DeleteGroup(ctx, "/app"))
	must(r.Sweep(ctx))
	must(r.Sweep(ctx))
	all = accounts(books.Query{})
	hold("what was deleted", map[string]int64{"accepted": 10, "retained": 0, "gone": 8, "deleted": 2, "late": 5, "old": 1}, put(all["deleted"]))
	c.balance(ctx, r.Server, "the end")
}

// TestTurnedAwayIsKept cuts the power after a sweep: what was turned away before is still counted, what came after is not.
func TestTurnedAwayIsKept(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), lifeMax)
	defer cancel()
	root := t.TempDir()
	on, err := disktest.NewMachine(filepath.Join(root, "lake"), cancel)
	if err != nil {
		t.Fatal(err)
	}
	m, c := newMachine(on, fault{}), &client{t: t, now: loglake.At(time.Now())}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	r, err := m.open(ctx)
	must(err)
	must(c.setUp(ctx, r))
	c.put(ctx, r, "", true)
	must(c.repeat(ctx, r))
	must(r.Sweep(ctx))
	must(c.repeat(ctx, r))
	m.Cut()
	_ = r.close() // the machine is down: what it would still write is not done
	after := m.survivor(t, filepath.Join(root, "after"), disk.SeedLoseAll, func() {})
	ctx = t.Context()
	s, err := server.Open(ctx, server.Config{Dir: after.Dir, Home: home, FS: after.FS, JournalBytes: 1 << 10})
	must(err)
	defer func() { must(s.Close()) }()
	group, err := s.Groups.Group("/app")
	must(err)
	if got := s.Journal.Books(group.Journal).Turned; got.Repeated != 4 || got.TooOld != 1 {
		t.Errorf("%+v", got)
	}
	c.check(ctx, s, "after the power cut")
}

// TestMetricNames keeps the names with the most events, and sums up the others.
func TestMetricNames(t *testing.T) {
	if names := server.BoundedNames(server.MetricNamesMax); len(names) != server.MetricNamesMax || names["g7"] != 7 {
		t.Errorf("%d names", len(names))
	}
	names := server.BoundedNames(server.MetricNamesMax + 5)
	if len(names) != server.MetricNamesMax+1 || names["(others)"] != 0+1+2+3+4 || names["g5"] != 5 {
		t.Errorf("%d names, the others have %d", len(names), names["(others)"])
	}
}
