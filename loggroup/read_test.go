package loggroup_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/loggroup"
)

// get reads one page and gives its messages.
func (l *lake) get(q loggroup.GetQuery) (string, loggroup.GetPage) {
	l.t.Helper()
	q.Group, q.Stream = "g", "s"
	page, err := l.GetEvents(l.t.Context(), q)
	l.ok(err)
	return messages(page.Events), page
}

func TestGetEvents(t *testing.T) {
	l := newLake(t)
	l.group("g", "s", "other")
	text, empty := l.get(loggroup.GetQuery{})
	l.equal("", text)
	l.mustPut("g", "other", event{0, "no"})
	for i := range 10 { // late events: each put is older than the one before
		l.mustPut("g", "s", event{loglake.Millis(18 - 2*i), fmt.Sprint(18 - 2*i)}, event{loglake.Millis(19 - 2*i), fmt.Sprint(19 - 2*i)})
	}
	text, _ = l.get(loggroup.GetQuery{Token: empty.Forward, Limit: 2})
	l.equal("0 1", text)

	// The newest events first, then back to the oldest, where the same token comes again.
	text, page := l.get(loggroup.GetQuery{Limit: 10})
	l.equal("10 11 12 13 14 15 16 17 18 19", text)
	text, older := l.get(loggroup.GetQuery{Limit: 10, Token: page.Backward})
	l.equal("0 1 2 3 4 5 6 7 8 9", text)
	text, oldest := l.get(loggroup.GetQuery{Limit: 10, Token: older.Backward})
	l.equal("", text)
	l.equal(older.Backward, oldest.Backward)
	text, _ = l.get(loggroup.GetQuery{Limit: 3, Token: oldest.Forward})
	l.equal("0 1 2", text)

	// From the head to the end and beyond.
	text, page = l.get(loggroup.GetQuery{Limit: 15, FromHead: true})
	l.equal("0 1 2 3 4 5 6 7 8 9 10 11 12 13 14", text)
	text, page = l.get(loggroup.GetQuery{Limit: 15, FromHead: true, Token: page.Forward})
	l.equal("15 16 17 18 19", text)
	text, end := l.get(loggroup.GetQuery{Token: page.Forward})
	l.equal("", text)
	l.equal(page.Forward, end.Forward)
	text, _ = l.get(loggroup.GetQuery{Token: end.Backward, Limit: 2})
	l.equal("18 19", text)
	l.mustPut("g", "s", event{19, "19b"}, event{30, "30"})
	text, _ = l.get(loggroup.GetQuery{Token: end.Forward})
	l.equal("19b 30", text)

	at := loglake.At(start)
	text, _ = l.get(loggroup.GetQuery{Start: at + 3, End: at + 6})
	l.equal("3 4 5", text)
	text, page = l.get(loggroup.GetQuery{Start: at + 3, End: at + 6, Limit: 2, FromHead: true})
	l.equal("3 4", text)
	text, _ = l.get(loggroup.GetQuery{Start: at + 3, End: at + 6, Token: page.Forward})
	l.equal("5", text)
	text, page = l.get(loggroup.GetQuery{Start: at + 40})
	l.equal("", text)
	text, _ = l.get(loggroup.GetQuery{Token: page.Forward})
	l.equal("", text)

	_, err := l.GetEvents(t.Context(), loggroup.GetQuery{Group: "g", Stream: "z"})
	l.fails(err, loglake.CodeNotFound, noStream)
	for _, token := range []string{"x", "f/1/s", "f/" + strings.Repeat("x", 56), "g/" + strings.Repeat("1", 56), "f/" + strings.Repeat("9", 56)} {
		_, err := l.GetEvents(t.Context(), loggroup.GetQuery{Group: "g", Stream: "s", Token: token})
		l.fails(err, loglake.CodeInvalid, "The specified nextToken is invalid.")
	}
}

// A page holds 1 MiB, and at least one event.
func TestPageBytes(t *testing.T) {
	l := newLake(t)
	l.group("g", "s")
	for i := range 5 {
		l.mustPut("g", "s", event{loglake.Millis(i), strings.Repeat(fmt.Sprint(i), 400_000)})
	}
	l.mustPut("g", "s", event{9, strings.Repeat("9", 1<<20-26)})
	var sizes []int
	for token := ""; ; {
		_, page := l.get(loggroup.GetQuery{FromHead: true, Token: token})
		if page.Forward == token {
			break
		}
		token = page.Forward
		sizes = append(sizes, len(page.Events))
	}
	l.equal([]int{2, 2, 1, 1}, sizes)
}

func TestFilterEvents(t *testing.T) {
	l := newLake(t)
	ctx := t.Context()
	l.group("g", "app/1", "app/2", "db")
	l.mustPut("g", "app/1", event{0, `{"level":"ERROR","n":1}`}, event{10, `{"level":"INFO","n":2}`})
	l.mustPut("g", "app/2", event{5, `{"level":"ERROR","n":3}`}, event{10, `{"level":"ERROR","n":4}`})
	l.mustPut("g", "db", event{-5, `ERROR 5`})

	find := func(q loggroup.FilterQuery) (numbers string) {
		t.Helper()
		q.Group = "g"
		for range 20 {
			events, next, err := l.FilterEvents(ctx, q)
			l.ok(err)
			for i := range events {
				numbers += strings.Trim(string(events[i].Message[len(events[i].Message)-2:]), "} ") + " "
			}
			if next == "" {
				return numbers
			}
			numbers += "| "
			q.Token = next
		}
		t.Fatal("the pages don't end")
		return ""
	}
	at := loglake.At(start)
	l.equal("5 1 3 2 4 ", find(loggroup.FilterQuery{}))
	l.equal("5 1 | 3 2 | 4 ", find(loggroup.FilterQuery{Limit: 2}))
	l.equal("5 1 3 4 ", find(loggroup.FilterQuery{Pattern: "ERROR"}))
	l.equal("1 | 3 | 4 ", find(loggroup.FilterQuery{Pattern: `{ $.level = "ERROR" }`, Limit: 1}))
	l.equal("3 4 ", find(loggroup.FilterQuery{Pattern: "ERROR", Streams: []loglake.LogStreamName{"app/2"}}))
	l.equal("1 3 2 4 ", find(loggroup.FilterQuery{Prefix: "app/"}))
	l.equal("", find(loggroup.FilterQuery{Prefix: "x"}))
	l.equal("1 3 ", find(loggroup.FilterQuery{Start: at, End: at + 9}))
	l.equal("3 2 4 ", find(loggroup.FilterQuery{Start: at + 5, End: at + 10}))
	l.equal("2 4 | 1 3 | 5 ", find(loggroup.FilterQuery{Start: at - 10, Newest: true, Limit: 2}))

	_, _, err := l.FilterEvents(ctx, loggroup.FilterQuery{Group: "g", Streams: []loglake.LogStreamName{"z"}})
	l.fails(err, loglake.CodeNotFound, noStream)
	_, _, err = l.FilterEvents(ctx, loggroup.FilterQuery{Group: "z"})
	l.fails(err, loglake.CodeNotFound, noGroup)
	_, _, err = l.FilterEvents(ctx, loggroup.FilterQuery{Group: "g", Streams: []loglake.LogStreamName{"db"}, Prefix: "d"})
	l.fails(err, loglake.CodeInvalid, "Cannot specify both logStreamNames and logStreamNamePrefix.")
	_, _, err = l.FilterEvents(ctx, loggroup.FilterQuery{Group: "g", Pattern: "[a"})
	l.fails(err, loglake.CodeInvalid, "Invalid filter pattern: If a filter pattern starts with '[' it must end with ']'")
	_, next, err := l.FilterEvents(ctx, loggroup.FilterQuery{Group: "g", Limit: 1})
	l.ok(err)
	_, _, err = l.FilterEvents(ctx, loggroup.FilterQuery{Group: "g", Limit: 1, Pattern: "x", Token: next})
	l.fails(err, loglake.CodeInvalid, "The specified nextToken is invalid.")
	if _, _, err = l.FilterEvents(ctx, loggroup.FilterQuery{Group: "g", Newest: true}); loglake.CodeOf(err) != loglake.CodeInvalid {
		t.Errorf("newest first without a start: %v", err)
	}
}

// A search that finds little gives what it has after looking at 64 MiB, and a token.
func TestLongSearch(t *testing.T) {
	l := newLake(t)
	l.group("g", "s")
	hay := strings.Repeat("hay ", 1<<18-16)
	for i := range 100 {
		l.mustPut("g", "s", event{loglake.Millis(i), hay})
	}
	l.mustPut("g", "s", event{100, "needle"})
	q := loggroup.FilterQuery{Group: "g", Pattern: "needle"}
	var pages []int
	for {
		events, next, err := l.FilterEvents(t.Context(), q)
		l.ok(err)
		pages = append(pages, len(events))
		if q.Token = next; next == "" {
			break
		}
	}
	l.equal([]int{0, 1}, pages)
}

// TestReadsAgainstSortedEvents pages through random events, more than a window holds, in every way, and compares with
// all of them sorted.
func TestReadsAgainstSortedEvents(t *testing.T) {
	l := newLake(t)
	random := rand.New(rand.NewPCG(1, 2))
	streams := []loglake.LogStreamName{"a", "b", "s"}
	l.group("g", streams...)
	var all []loglake.Event
	for range 30 {
		var batch loggroup.Batch
		stream := streams[random.IntN(3)]
		at := loglake.At(l.now) - loglake.Millis(random.IntN(100))*hour
		first := l.head("g")
		for i := range 1 + random.IntN(10_000) {
			at += loglake.Millis(random.IntN(5))
			message := fmt.Appendf(nil, "%d", random.IntN(1000))
			batch.Add(at, message)
			all = append(all, loglake.Event{Offset: first + loglake.Offset(i), Timestamp: at, Ingested: loglake.At(l.now), Stream: stream, Message: message})
		}
		_, err := l.PutEvents(t.Context(), loggroup.Put{Group: "g", Stream: stream, Batch: &batch})
		l.ok(err)
		l.now = l.now.Add(time.Minute)
	}
	slices.SortFunc(all, func(a, b loglake.Event) int {
		return cmp.Or(cmp.Compare(a.Timestamp, b.Timestamp), cmp.Compare(a.Ingested, b.Ingested), cmp.Compare(a.Offset, b.Offset))
	})
	select1 := func(keep func(*loglake.Event) bool) (out []loglake.Offset) {
		for i := range all {
			if keep(&all[i]) {
				out = append(out, all[i].Offset)
			}
		}
		return out
	}
	low, high := all[len(all)/4].Timestamp, all[len(all)/2].Timestamp

	filter := func(q loggroup.FilterQuery) (out []loglake.Offset) {
		q.Group = "g"
		for {
			page, next, err := l.FilterEvents(t.Context(), q)
			l.ok(err)
			out = appendOffsets(out, page)
			if q.Token = next; next == "" {
				return out
			}
		}
	}
	l.same(select1(func(*loglake.Event) bool { return true }), filter(loggroup.FilterQuery{}))
	l.same(select1(func(e *loglake.Event) bool { return strings.Contains(string(e.Message), "77") }), filter(loggroup.FilterQuery{Pattern: "77", Limit: 900}))
	want := select1(func(e *loglake.Event) bool { return e.Timestamp >= low && e.Timestamp <= high && e.Stream != "s" })
	q := loggroup.FilterQuery{Start: low, End: high, Streams: streams[:2], Limit: 7777}
	l.same(want, filter(q))
	q.Newest = true
	got := map[loglake.Offset]bool{}
	for _, o := range filter(q) {
		got[o] = true
	}
	l.equal(len(want), len(got))

	want = select1(func(e *loglake.Event) bool { return e.Stream == "s" })
	var forward, backward []loglake.Offset
	for token := ""; ; {
		_, page := l.get(loggroup.GetQuery{FromHead: true, Token: token})
		if page.Forward == token {
			break
		}
		token = page.Forward
		forward = appendOffsets(forward, page.Events)
	}
	for token := ""; ; {
		_, page := l.get(loggroup.GetQuery{Token: token, Limit: 9000})
		if page.Backward == token {
			break
		}
		token = page.Backward
		backward = append(appendOffsets(nil, page.Events), backward...)
	}
	l.same(want, forward)
	l.same(want, backward)
}

// same is equal for lists too long to show.
func (l *lake) same(want, got []loglake.Offset) {
	l.t.Helper()
	if !slices.Equal(want, got) {
		l.t.Errorf("%d events, want %d, or in another order", len(got), len(want))
	}
}

func appendOffsets(out []loglake.Offset, events []loglake.Event) []loglake.Offset {
	for i := range events {
		out = append(out, events[i].Offset)
	}
	return out
}

func BenchmarkPut(b *testing.B) {
	l := newLake(b)
	l.group("g", "s")
	var batch loggroup.Batch
	message := []byte(strings.Repeat("x", 400))
	for range 1000 {
		batch.Add(loglake.At(l.now), message)
	}
	b.SetBytes(1000 * 400)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := l.PutEvents(b.Context(), loggroup.Put{Group: "g", Stream: "s", Batch: &batch}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/event")
}
