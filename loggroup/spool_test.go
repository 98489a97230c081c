package loggroup_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/loggroup"
)

// spooled is a put of a spool whose event at position n is "n".
func (l *lake) spooled(spool string, from, to int64, at loglake.Millis, anyTime bool) (loggroup.PutResult, error) {
	l.t.Helper()
	var b loggroup.Batch
	for n := from; n < to; n++ {
		b.Add(loglake.At(l.now)+at, []byte(fmt.Sprint(n)))
	}
	return l.PutEvents(l.t.Context(), loggroup.Put{Group: "g", Stream: "s", Spool: spool, Position: from, AnyTime: anyTime, Call: "the same", Batch: &b})
}

func (l *lake) all(name loglake.GroupName) string {
	l.t.Helper()
	var all []loglake.Event
	for token := ""; ; {
		found, next, err := l.FilterEvents(l.t.Context(), loggroup.FilterQuery{Group: name, Token: token})
		l.ok(err)
		all = append(all, found...)
		if token = next; token == "" {
			return messages(all)
		}
	}
}

func TestSpool(t *testing.T) {
	l := newLake(t)
	l.group("g", "s")
	f := func(from, to int64, accepted int, repeat bool, next int64) {
		t.Helper()
		r, err := l.spooled("run-1", from, to, 0, false)
		l.ok(err)
		l.equal([]any{accepted, repeat, next}, []any{r.Accepted, r.Repeat, r.Position})
		at, _, err := l.SpoolPosition("g", "run-1")
		l.ok(err)
		l.equal(next, at)
	}
	f(0, 3, 3, false, 3)
	f(0, 3, 3, true, 3)
	f(0, 2, 2, true, 3)
	f(1, 5, 4, false, 5)
	f(8, 10, 2, false, 10) // the client dropped 5 to 7
	f(4, 9, 5, true, 10)
	l.equal("0 1 2 3 4 8 9", l.all("g"))
	r, err := l.spooled("run-2", 0, 1, 0, false)
	l.ok(err)
	l.equal(int64(1), r.Position)
	_, _, err = l.SpoolPosition("z", "run-1")
	l.fails(err, loglake.CodeNotFound, noGroup)

	// A group made again knows nothing of the spools of the one before.
	l.ok(l.DeleteGroup(t.Context(), "g"))
	l.ok(l.Sweep(t.Context()))
	l.group("g", "s")
	f(0, 1, 1, false, 1)
}

func TestRefusedSpool(t *testing.T) {
	l := newLake(t)
	l.group("g", "s")
	for _, id := range []string{" ", "a b", "ü", ":s", "a/b", strings.Repeat("x", 65)} {
		_, err := l.spooled(id, 0, 1, 0, false)
		l.fails(err, loglake.CodeInvalid, fmt.Sprintf("%q is not the id of a spool: use 1 to 64 of A-Z, a-z, 0-9, _ and -.", id))
		_, _, err = l.SpoolPosition("g", id)
		l.fails(err, loglake.CodeInvalid, fmt.Sprintf("%q is not the id of a spool: use 1 to 64 of A-Z, a-z, 0-9, _ and -.", id))
	}
	_, err := l.spooled(strings.Repeat("x", 64), journal.SpoolPositionMax-1, journal.SpoolPositionMax, 0, false)
	l.ok(err)
	for _, from := range []int64{-1, journal.SpoolPositionMax, 1<<63 - 3} {
		var b loggroup.Batch
		b.Add(loglake.At(l.now), []byte("x"))
		_, err := l.PutEvents(t.Context(), loggroup.Put{Group: "g", Stream: "s", Spool: "y", Position: from, Batch: &b})
		l.fails(err, loglake.CodeInvalid, fmt.Sprintf("The position %d is not one of a spool: they are from 0 to 4611686018427387904, with the last event of the put.", from))
	}
	var b loggroup.Batch
	b.Add(300_000_000_000_000, []byte("x"))
	_, err = l.PutEvents(t.Context(), loggroup.Put{Group: "g", Stream: "s", AnyTime: true, Batch: &b})
	l.fails(err, loglake.CodeInvalid, "The timestamp 300000000000000 of event 0 is beyond the year 9999: timestamps are milliseconds since 1970.")
}

// Events that the clock drops are told by their place in the put, and those that came before are not told.
func TestSpoolAndClock(t *testing.T) {
	l := newLake(t)
	l.group("g", "s")
	day := 24 * hour
	put := func(position int64, spool string, events ...event) loggroup.PutResult {
		t.Helper()
		var b loggroup.Batch
		for _, e := range events {
			b.Add(loglake.At(l.now)+e.at, []byte(e.message))
		}
		r, err := l.PutEvents(t.Context(), loggroup.Put{Group: "g", Stream: "s", Spool: spool, Position: position, Batch: &b})
		l.ok(err)
		return r
	}
	none := loggroup.Rejected{TooNewStart: loggroup.None, TooOldEnd: loggroup.None, ExpiredEnd: loggroup.None}
	r := put(0, "a", event{-13 * day, "x"}, event{-13 * day, "y"})
	l.equal(none, r.Rejected)
	l.now = l.now.Add(30 * 24 * time.Hour)
	r = put(0, "a", event{-43 * day, "x"}, event{-43 * day, "y"}, event{-20 * day, "old"}, event{0, "z"}, event{3 * hour, "new"})
	l.equal(loggroup.Rejected{TooNewStart: 4, TooOldEnd: 3, ExpiredEnd: loggroup.None}, r.Rejected)
	l.equal([]any{3, int64(5)}, []any{r.Accepted, r.Position})
	r = put(2, "a", event{-20 * day, "old"}, event{0, "z"}, event{0, "not new any more"})
	l.equal([]any{none, true, int64(5)}, []any{r.Rejected, r.Repeat, r.Position})
	r = put(0, "b", event{-20 * day, "old"})
	l.equal([]any{0, int64(1)}, []any{r.Accepted, r.Position})
	l.equal("x y z", l.all("g"))
}

// TestBackFill puts events of any time and order and holds reads and retention to one rule.
func TestBackFill(t *testing.T) {
	l := newLake(t)
	ctx := t.Context()
	l.group("g", "s")
	day := 24 * hour
	backFill := func(events ...event) {
		t.Helper()
		var b loggroup.Batch
		for _, e := range events {
			b.Add(loglake.At(l.now)+e.at, []byte(e.message))
		}
		r, err := l.PutEvents(ctx, loggroup.Put{Group: "g", Stream: "s", AnyTime: true, Batch: &b})
		l.ok(err)
		l.equal([]any{len(events), false}, []any{r.Accepted, r.Rejected.Any()})
	}
	sees := func(want string) {
		t.Helper()
		l.equal(want, l.all("g"))
		page, err := l.GetEvents(ctx, loggroup.GetQuery{Group: "g", Stream: "s", FromHead: true})
		l.ok(err)
		l.equal(want, messages(page.Events))
		page, err = l.GetEvents(ctx, loggroup.GetQuery{Group: "g", Stream: "s"})
		l.ok(err)
		l.equal(want, messages(page.Events))
	}
	l.ok(l.PutRetention(ctx, "g", 7))
	l.now = l.now.Add(time.Hour)
	backFill(event{-3000 * day, "years"}, event{300 * day, "future"}, event{-8 * day, "late"}, event{-6 * day, "intime"}, event{0, "now"})
	sees("years late intime now future")
	l.now = l.now.Add(2 * 24 * time.Hour)
	sees("years late now future") // "intime" would have been taken anyway: its own time counts
	l.ok(l.Sweep(ctx))
	sees("years late now future")
	// A longer retention does not make of "late" an event that came in time.
	l.ok(l.PutRetention(ctx, "g", 30))
	l.now = l.now.Add(26 * 24 * time.Hour)
	sees("years late now future")
	l.reopen()
	sees("years late now future")
	l.now = l.now.Add(2*24*time.Hour + time.Hour)
	sees("future")
	l.ok(l.Sweep(ctx))
	group, err := l.Group("g")
	l.ok(err)
	l.equal(loglake.Offset(0), l.journal.First(group.Journal))
	l.now = l.now.Add(2 * time.Hour) // a clock that was years ahead does not keep the group for years
	sees("")
	l.ok(l.Sweep(ctx))
	l.equal(loglake.Offset(5), l.journal.First(group.Journal))
}

// TestSpoolProperty is a client that knows only what was answered, sends overlapping pieces of its spool, and is
// restarted; the journal is opened again and again. Each event ends up in the group once.
func TestSpoolProperty(t *testing.T) {
	for seed := range uint64(5) {
		l := newLake(t)
		l.group("g", "s")
		rng := rand.New(rand.NewPCG(seed, 2))
		const total = 300
		for known := int64(0); known < total; {
			from := max(0, known-rng.Int64N(20))
			to := min(total, known+1+rng.Int64N(20))
			r, err := l.spooled("run", from, to, 0, rng.IntN(2) == 0)
			l.ok(err)
			switch rng.IntN(4) {
			case 0: // the answer is lost
			case 1:
				if known, _, err = l.SpoolPosition("g", "run"); err != nil {
					t.Fatal(err)
				}
			default:
				known = r.Position
			}
		}
		var want []string
		for n := range total {
			want = append(want, fmt.Sprint(n))
		}
		l.equal(strings.Join(want, " "), l.all("g"))
	}
}
