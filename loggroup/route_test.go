package loggroup_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/loggroup"
)

func groupARN(name string) string { return "arn:aws:logs:us-east-1:000000000000:log-group:" + name }

func (l *lake) route(from loglake.GroupName, filter, into string) error {
	return l.PutFilter(l.t.Context(), loggroup.Filter{Group: from, Name: filter, Pattern: "E", Destination: groupARN(into)})
}

func (l *lake) routes() []loggroup.Route {
	l.t.Helper()
	routes, err := l.Routes(l.t.Context())
	l.ok(err)
	return routes
}

func TestRoutes(t *testing.T) {
	l := newLake(t)
	ctx := t.Context()
	for _, name := range []loglake.GroupName{"a", "b", "c"} {
		l.group(name, "s")
	}
	l.mustPut("a", "s", event{0, "before"})
	l.ok(l.route("a", "errors", "b:*"))
	r := l.routes()
	l.equal(1, len(r))
	l.equal([]any{loglake.GroupName("a"), loglake.GroupName("b"), loglake.Offset(1), loglake.Offset(1), loggroup.Open},
		[]any{r[0].Group, r[0].Into, r[0].From, r[0].Saved, r[0].Until})
	page, _, err := l.DescribeFilters(ctx, "a", loggroup.FilterList{})
	l.ok(err)
	l.equal([]loggroup.Filter{{Group: "a", Name: "errors", Pattern: "E", Destination: groupARN("b:*"), Distribution: loggroup.ByLogStream, Created: loglake.At(start)}}, page)

	// Routes have a limit of their own.
	for i := range loggroup.SubscriptionsMax {
		l.ok(l.PutFilter(ctx, loggroup.Filter{Group: "a", Name: fmt.Sprint("f", i), Destination: streamARN, Role: "r"}))
	}
	for i := range loggroup.RoutesMax - 1 {
		l.ok(l.route("a", fmt.Sprint("r", i), "c"))
	}
	l.fails(l.route("a", "one more", "c"), loglake.CodeLimit, "A log group has at most 10 filters that route to log groups.")
	l.ok(l.route("a", "r0", "b")) // replaced
	l.equal(loggroup.RoutesMax+1, len(l.routes()))
	l.ok(l.DeleteFilter(ctx, "a", "r0"))
	l.equal(loglake.Offset(1), l.routes()[0].Saved)

	// With the group, the routes into it go.
	l.ok(l.DeleteGroup(ctx, "c"))
	for _, r := range l.routes() {
		if r.Into == "c" {
			t.Errorf("%+v is there, its target is deleted", r)
		}
	}
	page, _, err = l.DescribeFilters(ctx, "a", loggroup.FilterList{Prefix: "r"})
	l.ok(err)
	l.equal(0, len(page))
}

func TestRefusedRoutes(t *testing.T) {
	l := newLake(t)
	for _, name := range []loglake.GroupName{"a", "b", "c", "d"} {
		l.group(name)
	}
	f := func(from loglake.GroupName, into, text string) {
		t.Helper()
		l.fails(l.route(from, "x", into), loglake.CodeInvalid, text)
	}
	f("a", "a", "The log group a can't be routed into itself: each event would go round for ever.")
	f("a", "z", "The log group z, into which the filter is to route, does not exist: create it first.")
	f("a", "b:log-stream:s", `1 validation error detected: Value 'b:log-stream:s' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+`)
	l.fails(l.route("z", "x", "a"), loglake.CodeNotFound, noGroup)
	for _, arn := range []string{"arn:aws:logs:eu-west-1:000000000000:log-group:b", "arn:aws:logs:us-east-1:111111111111:log-group:b"} {
		l.fails(l.PutFilter(t.Context(), loggroup.Filter{Group: "a", Name: "x", Destination: arn}), loglake.CodeInvalid,
			"A filter routes to log groups of its own account and region (000000000000, us-east-1), not to "+arn+".")
	}
	l.fails(l.PutFilter(t.Context(), loggroup.Filter{Group: "a", Name: "x", Destination: groupARN("b"), Distribution: "All"}), loglake.CodeInvalid,
		"1 validation error detected: Value 'All' at 'distribution' failed to satisfy constraint: Member must satisfy enum value set: [Random, ByLogStream]")
	l.ok(l.route("a", "x", "b"))
	l.ok(l.route("b", "x", "c"))
	l.ok(l.route("c", "x", "d"))
	f("c", "a", "The log group c can't be routed into a, which is routed back (a → b → c): each event would go round for ever.")
	f("b", "a", "The log group b can't be routed into a, which is routed back (a → b): each event would go round for ever.")
	l.ok(l.route("a", "y", "d")) // two ways are no loop
	l.ok(l.route("b", "x", "d")) // replaced, so the way is cut
	l.ok(l.route("c", "x", "a"))
}

// A route stores what it copies under the guard of its end, and says how far it is.
func TestCopy(t *testing.T) {
	l := newLake(t)
	ctx := t.Context()
	l.group("a", "s")
	l.group("b")
	l.ok(l.route("a", "x", "b"))
	l.mustPut("a", "s", event{0, "E1"}, event{0, "E2"}, event{0, "E3"})
	r := l.routes()[0]
	part := func(stream loglake.LogStreamName, from, to loglake.Offset, message string) loggroup.Copied {
		b := &journal.Builder{}
		b.Add(loglake.At(start), []byte(message))
		return loggroup.Copied{Stream: stream, From: from, To: to, Events: b}
	}
	l.ok(l.Copy(ctx, &r.Subscription, []loggroup.Copied{part("s", 0, 1, "E1"), part("t", 1, 2, "E2")}))
	l.equal(loglake.Offset(2), l.CopiedUntil(&r.Subscription))
	l.equal("E1 E2", l.all("b"))
	if err := l.Copy(ctx, &r.Subscription, []loggroup.Copied{part("s", 1, 2, "E2")}); loglake.CodeOf(err) != loglake.CodeConflict {
		t.Error("copied twice:", err)
	}
	progress := func(from, to loglake.Offset) []loggroup.Progress {
		n := int64(to - from)
		minutes := ledger.Minutes{{Source: r.ID, Span: ledger.SpanMinute, Counts: ledger.Counts{Events: n, Unmatched: n}}}
		return []loggroup.Progress{{Producer: r.Producer, Range: loglake.Range{Source: r.ID, Journal: r.Journal, From: from, To: to}, Minutes: minutes},
			{Range: loglake.Range{Source: "gone"}}}
	}
	l.ok(l.SaveCopied(ctx, progress(0, 2)))
	l.ok(l.SaveCopied(ctx, progress(0, 2)))
	l.equal(loglake.Offset(2), l.routes()[0].Saved)
	if err := l.SaveCopied(ctx, progress(1, 3)); loglake.CodeOf(err) != loglake.CodeConflict {
		t.Error("saved what was counted twice:", err)
	}

	// Closed at 3: what follows is not the route's.
	l.ok(l.DeleteFilter(ctx, "a", "x"))
	l.mustPut("a", "s", event{0, "E4"})
	if err := l.Copy(ctx, &r.Subscription, []loggroup.Copied{part("s", 2, 4, "E3 and E4")}); loglake.CodeOf(err) != loglake.CodeConflict {
		t.Error("copied beyond the end:", err)
	}
	l.ok(l.Copy(ctx, &r.Subscription, []loggroup.Copied{part("s", 2, 3, "E3")}))
	l.equal("E1 E2 E3", l.all("b"))
	l.ok(l.EndRoute(ctx, r.ID, progress(2, 3)))
	l.equal(0, len(l.routes()))
	if err := l.Copy(ctx, &r.Subscription, []loggroup.Copied{part("s", 3, 4, "E4")}); loglake.CodeOf(err) != loglake.CodeNotFound {
		t.Error("copied after the end:", err)
	}
}

// An event that is put while a filter is being closed is not the closed route's: what it would copy waits for the
// transaction, and is refused then.
func TestCopyWhileClosing(t *testing.T) {
	closings := map[string]func(l *lake) error{
		"put-subscription-filter":    func(l *lake) error { return l.route("a", "x", "c") },
		"delete-subscription-filter": func(l *lake) error { return l.DeleteFilter(t.Context(), "a", "x") },
		"delete-group":               func(l *lake) error { return l.DeleteGroup(t.Context(), "a") },
	}
	for name, closing := range closings {
		l := newLake(t)
		l.group("a", "s")
		l.group("b", "s")
		l.group("c", "s")
		l.ok(l.route("a", "x", "b"))
		r := l.routes()[0]
		copied := make(chan error, 1)
		l.fault = func(tx string) (bool, error) {
			if tx != "loggroup."+name {
				return true, nil
			}
			var e journal.Builder // the end is chosen, and not yet committed
			e.Add(loglake.At(start), []byte("E"))
			if _, err := l.journal.Append(t.Context(), journal.Put{Journal: r.Journal, Stream: "s", Events: &e}); err != nil {
				t.Error(err)
			}
			go func() {
				copied <- l.Copy(context.WithoutCancel(t.Context()), &r.Subscription, []loggroup.Copied{{Stream: "s", From: 0, To: 1, Events: &e}})
			}()
			select {
			case err := <-copied: // it did not wait
				copied <- err
			case <-time.After(200 * time.Millisecond): // it waits for this transaction, which can't end before this returns
			}
			return true, nil
		}
		l.ok(closing(l))
		if err := <-copied; loglake.CodeOf(err) != loglake.CodeConflict {
			t.Errorf("%s: copied beyond the end: %v", name, err)
		}
		l.equal("", l.all("b"))
	}
}
