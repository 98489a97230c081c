package loggroup_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk/faulttest"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/state"
)

// start is the time at which all tests begin.
var start = time.Date(2025, 12, 3, 10, 0, 0, 0, time.UTC)

const hour = loglake.Millis(60 * 60 * 1000)

// lake is groups over a real journal and a real state, with a clock of their own.
type lake struct {
	*loggroup.Groups
	t       testing.TB
	db      *state.DB
	journal *journal.Log
	cfg     loggroup.Config
	now     time.Time
	woken   int
	fault   func(name string) (bool, error)
}

const streamARN = "arn:aws:firehose:us-east-1:000000000000:deliverystream/d"

func newLake(t testing.TB) *lake {
	t.Helper()
	l := &lake{t: t, now: start}
	clock := func() time.Time { return l.now }
	dir := t.TempDir()
	var err error
	l.db, err = state.Open(t.Context(), state.Config{Path: filepath.Join(dir, "state.db"),
		Migrations: slices.Concat(loggroup.Migrations(), position.Migrations(), ledger.Migrations()),
		Fault: func(name string) (bool, error) {
			if l.fault == nil {
				return true, nil
			}
			return l.fault(name)
		}})
	if err != nil {
		t.Fatal(err)
	}
	l.journal, err = journal.Open(t.Context(), journal.Config{Dir: filepath.Join(dir, "journal"), Clock: clock, Sync: journal.SyncNone})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(l.journal.Close(), l.db.Close()); err != nil {
			t.Error(err)
		}
	})
	l.cfg = loggroup.Config{DB: l.db, Journal: l.journal, Clock: clock,
		Home:            loglake.Home{Account: "000000000000", Region: "us-east-1"},
		OnSubscriptions: func(loglake.ProducerID) { l.woken++ },
		CheckDestination: func(_ context.Context, arn string) (loglake.StreamName, loglake.ProducerID, error) {
			name, ok := strings.CutPrefix(arn, "arn:aws:firehose:us-east-1:000000000000:deliverystream/")
			if !ok || name == "gone" {
				return "", "", loglake.Errorf(loglake.CodeNotFound, "no stream %s", arn)
			}
			return loglake.StreamName(name), loglake.ProducerID("p-" + name), nil
		}}
	l.reopen()
	return l
}

// reopen forgets what is in memory.
func (l *lake) reopen() {
	l.t.Helper()
	groups, err := loggroup.New(l.t.Context(), l.cfg)
	if err != nil {
		l.t.Fatal(err)
	}
	l.Groups = groups
}

// ok fails the test on an error.
func (l *lake) ok(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// fails checks the code and the text of an error.
func (l *lake) fails(err error, code loglake.Code, text string) {
	l.t.Helper()
	var e *loglake.Error
	if !errors.As(err, &e) || e.Code != code || e.Message != text {
		l.t.Errorf("error is %v (%s), want %s: %s", err, loglake.CodeOf(err), code, text)
	}
}

func (l *lake) group(name loglake.GroupName, streams ...loglake.LogStreamName) {
	l.t.Helper()
	l.ok(l.CreateGroup(l.t.Context(), loggroup.NewGroup{Name: name}))
	for _, s := range streams {
		l.ok(l.CreateStream(l.t.Context(), name, s))
	}
}

// event is a message at a time relative to now.
type event struct {
	at      loglake.Millis
	message string
}

func (l *lake) put(group loglake.GroupName, stream loglake.LogStreamName, call string, events ...event) (loggroup.PutResult, error) {
	l.t.Helper()
	var b loggroup.Batch
	for _, e := range events {
		b.Add(loglake.At(l.now)+e.at, []byte(e.message))
	}
	return l.PutEvents(l.t.Context(), loggroup.Put{Group: group, Stream: stream, Call: call, Batch: &b})
}

func (l *lake) mustPut(group loglake.GroupName, stream loglake.LogStreamName, events ...event) {
	l.t.Helper()
	_, err := l.put(group, stream, "", events...)
	l.ok(err)
}

func messages(events []loglake.Event) string {
	parts := make([]string, len(events))
	for i := range events {
		parts[i] = string(events[i].Message)
	}
	return strings.Join(parts, " ")
}

func (l *lake) equal(want, got any) {
	l.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		l.t.Error(diff)
	}
}

const (
	noGroup  = "The specified log group does not exist."
	noStream = "The specified log stream does not exist."
)

func TestGroups(t *testing.T) {
	l := newLake(t)
	ctx := t.Context()
	for _, name := range []loglake.GroupName{"b/1", "a", "b/2", "c", "b"} {
		l.group(name)
	}
	l.fails(l.CreateGroup(ctx, loggroup.NewGroup{Name: "a"}), loglake.CodeExists, "The specified log group already exists")
	l.fails(l.CreateGroup(ctx, loggroup.NewGroup{Name: loglake.GroupName(strings.Repeat("x", 513))}), loglake.CodeInvalid,
		"Invalid LogGroup or LogStream, both must have length less than or equal to 512.")
	l.fails(l.CreateGroup(ctx, loggroup.NewGroup{Name: "aws/x"}), loglake.CodeInvalid, "Log groups starting with aws/ are reserved for AWS.")
	if err := l.CreateGroup(ctx, loggroup.NewGroup{Name: "a b"}); loglake.CodeOf(err) != loglake.CodeInvalid {
		t.Errorf("a name with a blank: %v", err)
	}
	l.fails(l.DeleteGroup(ctx, "z"), loglake.CodeNotFound, noGroup)

	list := func(q loggroup.GroupQuery) (names string) {
		t.Helper()
		for {
			page, next, err := l.DescribeGroups(q)
			l.ok(err)
			for _, g := range page {
				names += string(g.Name) + " "
			}
			if next == "" {
				return names
			}
			names += "| "
			q.Token = next
		}
	}
	l.equal("a b b/1 b/2 c ", list(loggroup.GroupQuery{}))
	l.equal("a b | b/1 b/2 | c ", list(loggroup.GroupQuery{Limit: 2}))
	l.equal("b | b/1 | b/2 ", list(loggroup.GroupQuery{Prefix: "b", Limit: 1}))
	l.equal("b/1 b/2 ", list(loggroup.GroupQuery{Pattern: "/"}))
	l.equal("a c ", list(loggroup.GroupQuery{Names: []loglake.GroupName{"c", "a", "x"}}))
	l.equal("", list(loggroup.GroupQuery{Class: loggroup.ClassInfrequentAccess}))
	_, _, err := l.DescribeGroups(loggroup.GroupQuery{Prefix: "a", Pattern: "b"})
	l.fails(err, loglake.CodeInvalid, "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
	_, token, err := l.DescribeGroups(loggroup.GroupQuery{Limit: 1})
	l.ok(err)
	for _, q := range []loggroup.GroupQuery{{Token: "x"}, {Token: "!"}, {Token: token, Prefix: "b"}} {
		_, _, err = l.DescribeGroups(q)
		l.fails(err, loglake.CodeInvalid, "The specified nextToken is invalid.")
	}

	l.ok(l.PutRetention(ctx, "a", 7))
	l.fails(l.PutRetention(ctx, "z", 7), loglake.CodeNotFound, noGroup)
	if err := l.PutRetention(ctx, "a", 8); loglake.CodeOf(err) != loglake.CodeInvalid {
		t.Errorf("8 days: %v", err)
	}
	l.ok(l.Protect(ctx, "a"))
	if err := l.DeleteGroup(ctx, "a"); loglake.CodeOf(err) != loglake.CodeConflict {
		t.Errorf("delete a protected group: %v", err)
	}
	l.ok(l.DeleteGroup(ctx, "b"))
	before, err := l.Group("a")
	l.ok(err)
	l.reopen()
	after, err := l.Group("a")
	l.ok(err)
	l.equal(before, after)
	l.equal("a b/1 b/2 c ", list(loggroup.GroupQuery{}))
	l.equal(7, after.RetentionDays)
	l.ok(l.DeleteRetention(ctx, "a"))
	l.ok(l.Unprotect(ctx, "a"))
	l.ok(l.DeleteGroup(ctx, "a"))
}

func TestTags(t *testing.T) {
	l := newLake(t)
	ctx := t.Context()
	l.ok(l.CreateGroup(ctx, loggroup.NewGroup{Name: "g", Tags: map[string]string{"a": "1", "b": "2"}}))
	l.ok(l.PutTags(ctx, "g", map[string]string{"b": "3", "c": ""}))
	l.ok(l.DeleteTags(ctx, "g", []string{"a", "x"}))
	tags, err := l.Tags(ctx, "g")
	l.ok(err)
	l.equal(map[string]string{"b": "3", "c": ""}, tags)
	many := map[string]string{}
	for i := range 49 {
		many[fmt.Sprint("k", i)] = "v"
	}
	l.fails(l.PutTags(ctx, "g", many), loglake.CodeLimit, "The resource would have more than 50 tags.")
	for _, bad := range []map[string]string{{"": "x"}, {"aws:x": "x"}, {"a*": "x"}, {"a": "*"}, {strings.Repeat("k", 129): ""}, {"a": strings.Repeat("v", 257)}} {
		if err := l.PutTags(ctx, "g", bad); loglake.CodeOf(err) != loglake.CodeInvalid {
			t.Errorf("%v: %v", bad, err)
		}
	}
	l.ok(l.DeleteGroup(ctx, "g"))
	l.group("g")
	tags, err = l.Tags(ctx, "g")
	l.ok(err)
	l.equal(map[string]string{}, tags)
}

func TestStreams(t *testing.T) {
	l := newLake(t)
	ctx := t.Context()
	l.group("g", "s/b", "s/a", "t")
	l.fails(l.CreateStream(ctx, "g", "t"), loglake.CodeExists, "The specified log stream already exists")
	l.fails(l.CreateStream(ctx, "z", "t"), loglake.CodeNotFound, noGroup)
	l.fails(l.DeleteStream(ctx, "g", "z"), loglake.CodeNotFound, noStream)
	l.fails(l.DeleteStream(ctx, "z", "z"), loglake.CodeNotFound, noGroup)
	if err := l.CreateStream(ctx, "g", "a:b"); loglake.CodeOf(err) != loglake.CodeInvalid {
		t.Errorf("a colon in a name: %v", err)
	}
	l.mustPut("g", "s/b", event{-hour, "x"}, event{0, "y"})
	l.mustPut("g", "s/a", event{-2 * hour, "x"})

	list := func(q loggroup.StreamQuery) (names string) {
		t.Helper()
		q.Group = "g"
		for {
			page, next, err := l.DescribeStreams(ctx, q)
			l.ok(err)
			for _, s := range page {
				names += string(s.Name) + " "
			}
			if next == "" {
				return names
			}
			names += "| "
			q.Token = next
		}
	}
	l.equal("s/a s/b t ", list(loggroup.StreamQuery{}))
	l.equal("t | s/b | s/a ", list(loggroup.StreamQuery{Descending: true, Limit: 1}))
	l.equal("s/a | s/b ", list(loggroup.StreamQuery{Prefix: "s/", Limit: 1}))
	l.equal("t | s/a | s/b ", list(loggroup.StreamQuery{Order: loggroup.ByLastEventTime, Limit: 1}))
	l.equal("s/b s/a | t ", list(loggroup.StreamQuery{Order: loggroup.ByLastEventTime, Descending: true, Limit: 2}))
	_, _, err := l.DescribeStreams(ctx, loggroup.StreamQuery{Group: "g", Prefix: "s", Order: loggroup.ByLastEventTime})
	l.fails(err, loglake.CodeInvalid, "Cannot order by LastEventTime with a logStreamNamePrefix.")
	_, _, err = l.DescribeStreams(ctx, loggroup.StreamQuery{Group: "g", Token: "x"})
	l.fails(err, loglake.CodeInvalid, "The specified nextToken is invalid.")

	page, _, err := l.DescribeStreams(ctx, loggroup.StreamQuery{Group: "g"})
	l.ok(err)
	now := loglake.At(start)
	l.equal(now-hour, page[1].FirstEvent)
	l.equal(now, page[1].LastEvent)
	l.equal(now, page[1].LastIngested)
	l.equal(56, len(page[1].Token))
	l.equal(loggroup.Stream{Name: "t", Created: now}, page[2])

	// A stream that is made again has none of the events of the one before.
	l.ok(l.DeleteStream(ctx, "g", "s/b"))
	_, err = l.put("g", "s/b", "", event{0, "x"})
	l.fails(err, loglake.CodeNotFound, noStream)
	l.ok(l.CreateStream(ctx, "g", "s/b"))
	l.reopen()
	page, _, err = l.DescribeStreams(ctx, loggroup.StreamQuery{Group: "g", Prefix: "s/b"})
	l.ok(err)
	l.equal(loggroup.Stream{Name: "s/b", Created: now}, page[0])
	l.mustPut("g", "s/b", event{5, "new"})
	got, err := l.GetEvents(ctx, loggroup.GetQuery{Group: "g", Stream: "s/b"})
	l.ok(err)
	l.equal("new", messages(got.Events))
	found, _, err := l.FilterEvents(ctx, loggroup.FilterQuery{Group: "g"})
	l.ok(err)
	l.equal("x new", messages(found))
	page, _, err = l.DescribeStreams(ctx, loggroup.StreamQuery{Group: "g", Prefix: "s/b"})
	l.ok(err)
	l.equal(now+5, page[0].FirstEvent)
}

func TestPutRules(t *testing.T) {
	l := newLake(t)
	l.group("g", "s")
	day := 24 * hour
	refused := func(text string, events ...event) {
		t.Helper()
		_, err := l.put("g", "s", "", events...)
		l.fails(err, loglake.CodeInvalid, text)
	}
	big := strings.Repeat("x", 1<<20)
	refused("1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have length greater than or equal to 1")
	refused("1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have length less than or equal to 10000",
		make([]event, 10001)...)
	refused("1 validation error detected: Value '' at 'logEvents.2.member.message' failed to satisfy constraint: Member must have length greater than or equal to 1",
		event{0, "x"}, event{0, ""})
	refused("Log events in a single PutLogEvents request must be in chronological order.", event{1, "x"}, event{0, "x"})
	refused("Log event too large: 1048577 bytes exceeds limit of 1048576", event{0, big[:1<<20-25]})
	refused("Upload too large: 1048577 bytes exceeds limit of 1048576", event{0, big[:1<<19-26]}, event{0, big[:1<<19-25]})
	refused("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.", event{-day, "x"}, event{1, "x"})
	_, err := l.put("x", "s", "", event{0, "x"})
	l.fails(err, loglake.CodeNotFound, noGroup)
	_, err = l.put("g", "x", "", event{0, "x"})
	l.fails(err, loglake.CodeNotFound, noStream)
	l.equal(loglake.Offset(0), l.head("g"))

	accepted := func(count int, want loggroup.Rejected, events ...event) {
		t.Helper()
		got, err := l.put("g", "s", "", events...)
		l.ok(err)
		l.equal(want, got.Rejected)
		l.equal(count, got.Accepted)
		l.equal(56, len(got.Token))
	}
	const none = loggroup.None
	accepted(1, loggroup.Rejected{TooNewStart: none, TooOldEnd: none, ExpiredEnd: none}, event{0, big[:1<<20-26]})
	accepted(2, loggroup.Rejected{TooNewStart: none, TooOldEnd: none, ExpiredEnd: none}, event{-day, "x"}, event{0, "x"})
	accepted(2, loggroup.Rejected{TooNewStart: none, TooOldEnd: 1, ExpiredEnd: none},
		event{-14*day - 1, "old"}, event{-14 * day, "edge"}, event{-13 * day, "fine"})
	accepted(1, loggroup.Rejected{TooNewStart: 1, TooOldEnd: none, ExpiredEnd: none}, event{2 * hour, "edge"}, event{2*hour + 1, "new"})
	accepted(0, loggroup.Rejected{TooNewStart: 1, TooOldEnd: 1, ExpiredEnd: none}, event{-15 * day, "old"}, event{3 * hour, "new"})
	accepted(1, loggroup.Rejected{TooNewStart: 2, TooOldEnd: 1, ExpiredEnd: none}, event{-15 * day, "old"}, event{0, "x"}, event{3 * hour, "new"})
	l.ok(l.PutRetention(t.Context(), "g", 3))
	accepted(2, loggroup.Rejected{TooNewStart: none, TooOldEnd: 1, ExpiredEnd: 2},
		event{-15 * day, "old"}, event{-3*day - 1, "expired"}, event{-3 * day, "edge"}, event{-3 * day, "edge"})
	accepted(1, loggroup.Rejected{TooNewStart: none, TooOldEnd: 1, ExpiredEnd: none}, event{-15 * day, "old"}, event{0, "x"})
	found, _, err := l.FilterEvents(t.Context(), loggroup.FilterQuery{Group: "g", Pattern: "-x"})
	l.ok(err)
	l.equal("edge edge edge", messages(found))
}

// TestTurnedAway counts what puts bring that is not stored, by why it is not.
func TestTurnedAway(t *testing.T) {
	l := newLake(t)
	l.group("g", "s")
	l.ok(l.PutRetention(t.Context(), "g", 3))
	const day = 24 * hour
	events := []event{{-20 * day, "old"}, {-15 * day, "old"}, {-5 * day, "expired"}, {0, "in"}, {3 * hour, "new"}, {4 * hour, "new"}, {5 * hour, "new"}}
	for range 2 { // the second is a repeat, and all of it
		_, err := l.put("g", "s", "call", events...)
		l.ok(err)
	}
	_, err := l.put("g", "s", "other", events[0], events[2])
	l.ok(err)
	for _, part := range [][2]int64{{0, 3}, {1, 5}, {0, 2}} {
		_, err := l.spooled("run", part[0], part[1], 0, false)
		l.ok(err)
	}
	_, err = l.spooled("run", 4, 8, 3*hour, false) // one is there, the others are too new
	l.ok(err)
	group, err := l.Group("g")
	l.ok(err)
	got := l.cfg.Journal.Books(group.Journal)
	l.equal(int64(6), got.Accepted)
	l.equal(journal.Turned{Repeated: 1 + 2 + 2 + 1, TooNew: 3 + 3, TooOld: 3, Expired: 2}, got.Turned)
	l.equal(int64(0), got.Difference())
}

func (l *lake) head(name loglake.GroupName) loglake.Offset {
	l.t.Helper()
	g, err := l.Group(name)
	l.ok(err)
	return l.journal.Head(g.Journal)
}

func TestAttemptsOfOneCall(t *testing.T) {
	l := newLake(t)
	l.group("g", "s", "other")
	first, err := l.put("g", "s", "call", event{-30 * 24 * hour, "old"}, event{0, "x"})
	l.ok(err)
	l.now = start.Add(time.Minute)
	again, err := l.put("g", "s", "call", event{-30*24*hour - 60_000, "old"}, event{-60_000, "x"})
	l.ok(err)
	first.Repeat = true
	l.equal(first, again)
	l.equal(loglake.Offset(1), l.head("g"))
	for _, p := range []struct {
		stream  loglake.LogStreamName
		message string
	}{{"other", "x"}, {"s", "y"}} { // the same id, but not the same call
		got, err := l.put("g", p.stream, "call", event{0, p.message})
		l.ok(err)
		l.equal(false, got.Repeat)
	}
	l.equal(loglake.Offset(3), l.head("g"))
}

func TestExpiry(t *testing.T) {
	l := newLake(t)
	ctx := t.Context()
	l.group("g", "s")
	l.mustPut("g", "s", event{-hour, "a"})
	l.mustPut("g", "s", event{0, "b"})
	l.ok(l.PutRetention(ctx, "g", 1))
	l.ok(l.PutFilter(ctx, loggroup.Filter{Group: "g", Name: "f", Destination: streamARN, Role: "r"}))
	l.mustPut("g", "s", event{0, "c"})

	l.now = start.Add(24*time.Hour - 30*time.Minute)
	got, err := l.GetEvents(ctx, loggroup.GetQuery{Group: "g", Stream: "s"})
	l.ok(err)
	l.equal("b c", messages(got.Events))
	l.now = start.Add(48 * time.Hour)
	found, _, err := l.FilterEvents(ctx, loggroup.FilterQuery{Group: "g"})
	l.ok(err)
	l.equal("", messages(found))

	l.ok(l.Sweep(ctx))
	group, err := l.Group("g")
	l.ok(err)
	blocks, err := l.journal.Read(ctx, group.Journal, 2, 1<<20)
	l.ok(err)
	if len(blocks) == 0 || blocks[len(blocks)-1].End() != 3 {
		t.Error("an event that the subscription has not read is gone")
	}
	subs, err := l.Subscriptions(ctx, "p-d")
	l.ok(err)
	l.ok(l.db.Update(ctx, "test", func(tx *state.Tx) error {
		return position.Advance(tx, "p-d", loglake.Range{Source: subs[0].ID, Journal: group.Journal, From: 2, To: 3})
	}))
	l.ok(l.Sweep(ctx))
	l.equal(loglake.Offset(3), l.journal.First(group.Journal))
}

// TestFaults fails each transaction, undone and done: memory must say what state says, and a retry must work.
func TestFaults(t *testing.T) {
	var ended loglake.SourceID // the route of the last step
	steps := []struct {
		name string
		do   func(l *lake, ctx context.Context) error
		done loglake.Code // what the retry says when the failed attempt was done; "": nothing
	}{
		{"create group", func(l *lake, ctx context.Context) error {
			return l.CreateGroup(ctx, loggroup.NewGroup{Name: "g", Tags: map[string]string{"a": "b"}})
		}, loglake.CodeExists},
		{"create stream", func(l *lake, ctx context.Context) error { return l.CreateStream(ctx, "g", "s") }, loglake.CodeExists},
		{"put retention", func(l *lake, ctx context.Context) error { return l.PutRetention(ctx, "g", 3) }, ""},
		{"delete retention", func(l *lake, ctx context.Context) error { return l.DeleteRetention(ctx, "g") }, ""},
		{"protect", func(l *lake, ctx context.Context) error { return l.Protect(ctx, "g") }, ""},
		{"unprotect", func(l *lake, ctx context.Context) error { return l.Unprotect(ctx, "g") }, ""},
		{"put tags", func(l *lake, ctx context.Context) error { return l.PutTags(ctx, "g", map[string]string{"a": "c"}) }, ""},
		{"put filter", func(l *lake, ctx context.Context) error {
			return l.PutFilter(ctx, loggroup.Filter{Group: "g", Name: "f", Destination: streamARN, Role: "r"})
		}, ""},
		{"replace filter", func(l *lake, ctx context.Context) error {
			return l.PutFilter(ctx, loggroup.Filter{Group: "g", Name: "f", Pattern: "x", Destination: streamARN, Role: "r"})
		}, ""},
		{"delete filter", func(l *lake, ctx context.Context) error { return l.DeleteFilter(ctx, "g", "f") }, loglake.CodeNotFound},
		{"delete stream", func(l *lake, ctx context.Context) error { return l.DeleteStream(ctx, "g", "s") }, loglake.CodeNotFound},
		{"delete group", func(l *lake, ctx context.Context) error { return l.DeleteGroup(ctx, "g") }, loglake.CodeNotFound},
		{"forget a journal", func(l *lake, ctx context.Context) error {
			if fault := l.fault; fault != nil {
				l.fault = nil
				l.group("gone")
				l.ok(l.DeleteGroup(ctx, "gone"))
				l.fault = fault
			}
			return l.Sweep(ctx)
		}, ""},
		{"end route", func(l *lake, ctx context.Context) error {
			if ended == "" {
				fault := l.fault
				l.fault = nil
				l.group("a", "s")
				l.group("b", "s")
				l.ok(l.route("a", "x", "b"))
				ended = l.routes()[0].ID
				l.ok(l.DeleteFilter(ctx, "a", "x"))
				l.fault = fault
			}
			return l.EndRoute(ctx, ended, nil)
		}, ""},
	}
	rec := faulttest.New(t)
	for _, done := range []bool{false, true} {
		t.Run(fmt.Sprintf("done=%t", done), func(t *testing.T) {
			l := newLake(t)
			ended = ""
			for _, step := range steps {
				lost := errors.New("lost")
				l.fault = rec.State(func(string) (bool, error) { return done, lost })
				if err := step.do(l, t.Context()); !errors.Is(err, lost) {
					t.Errorf("%s: %v, want the fault", step.name, err)
				}
				l.fault = nil
				before := l.describe()
				l.reopen()
				l.equal(before, l.describe())
				want := step.done
				if !done {
					want = ""
				}
				if err := step.do(l, t.Context()); loglake.CodeOf(err) != want {
					t.Errorf("%s again: %v, want %q", step.name, err, want)
				}
			}
		})
	}
}

// describe gives all there is to see.
func (l *lake) describe() string {
	ctx := l.t.Context()
	groups, _, err := l.DescribeGroups(loggroup.GroupQuery{})
	l.ok(err)
	text := fmt.Sprintln(groups)
	for _, g := range groups {
		streams, _, err := l.DescribeStreams(ctx, loggroup.StreamQuery{Group: g.Name})
		l.ok(err)
		filters, _, err := l.DescribeFilters(ctx, g.Name, loggroup.FilterList{})
		l.ok(err)
		tags, err := l.Tags(ctx, g.Name)
		l.ok(err)
		text += fmt.Sprintln(streams, filters, tags)
	}
	return text
}
