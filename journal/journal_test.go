package journal_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/journal"
)

var ctx = context.Background()

// rig is a log that a test opens again and again.
type rig struct {
	t      testing.TB
	cfg    journal.Config
	now    time.Time
	log    *journal.Log
	events []journal.Event
}

func newRig(t testing.TB, change func(*journal.Config)) *rig {
	r := &rig{t: t, now: time.UnixMilli(1_700_000_000_000)}
	r.cfg = journal.Config{
		Dir: t.TempDir(), Sync: journal.SyncNone, WALBytes: 4096,
		Clock:   func() time.Time { return r.now },
		OnEvent: func(e journal.Event) { r.events = append(r.events, e) },
	}
	if change != nil {
		change(&r.cfg)
	}
	r.open()
	t.Cleanup(func() { r.log.Close() })
	return r
}

func (r *rig) open() {
	r.t.Helper()
	l, err := journal.Open(ctx, r.cfg)
	if err != nil {
		r.t.Fatal("open:", err)
	}
	r.log = l
}

func (r *rig) reopen() {
	r.t.Helper()
	r.log.Close()
	r.open()
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func builder(ts loglake.Millis, messages ...string) *journal.Builder {
	b := &journal.Builder{}
	for i, m := range messages {
		b.Add(ts+loglake.Millis(i), []byte(m))
	}
	return b
}

// put appends messages with timestamps ts, ts+1, … and gives the first offset.
func (r *rig) put(id loglake.JournalID, stream loglake.LogStreamName, ts loglake.Millis, messages ...string) loglake.Offset {
	r.t.Helper()
	a, err := r.log.Append(ctx, journal.Put{Journal: id, Stream: stream, Ingested: loglake.At(r.now), Events: builder(ts, messages...)})
	if err != nil {
		r.t.Fatal("append:", err)
	}
	return a.First
}

// all reads id to its head: one line per event, with a mark where a block begins.
func (r *rig) all(id loglake.JournalID, maxBytes int) []string {
	r.t.Helper()
	var lines []string
	for at := r.log.First(id); ; {
		blocks, err := r.log.Read(ctx, id, at, maxBytes)
		if err != nil {
			r.t.Fatal("read:", err)
		}
		if len(blocks) == 0 {
			return lines
		}
		for _, b := range blocks {
			lines = append(lines, blockLines(b)...)
			at = b.End()
		}
	}
}

func blockLines(b *journal.Block) (lines []string) {
	for i, e := range b.Events() {
		mark := " "
		if i == 0 {
			mark = "|"
		}
		lines = append(lines, fmt.Sprintf("%s%d %s %d %s", mark, e.Offset, e.Stream, e.Timestamp, e.Message))
	}
	return lines
}

func (r *rig) want(what string, got, want any) {
	r.t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		r.t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// TestPlaces reads the same events from memory, from the WAL file, from segments and from merged segments.
func TestPlaces(t *testing.T) {
	r := newRig(t, nil)
	r.put("g", "s1", 10, "a", "", "c")
	r.put("other", "x", 1, "unrelated")
	r.put("g", "s2", 5, strings.Repeat("long ", 1000))
	r.put("g", "s1", 11, "d")
	want := []string{"|0 s1 10 a", " 1 s1 11 ", " 2 s1 12 c", "|3 s2 5 " + strings.Repeat("long ", 1000), "|4 s1 11 d"}
	stats := map[loglake.LogStreamName]journal.StreamStat{
		"s1": {FirstTime: 10, LastTime: 12, LastIngested: loglake.At(r.now), Count: 4, Bytes: 3},
		"s2": {FirstTime: 5, LastTime: 5, LastIngested: loglake.At(r.now), Count: 1, Bytes: 5000},
	}
	check := func(place string) {
		t.Helper()
		r.want(place, r.all("g", 1<<20), want)
		r.want(place+", a little at a time", r.all("g", 1), want)
		r.want(place+": streams", r.log.Streams("g"), stats)
		r.want(place+": last ingested", r.log.LastIngested("g"), loglake.At(r.now))
		r.want(place+": head", r.log.Head("g"), loglake.Offset(5))
		r.want(place+": journals", r.log.Journals(), []loglake.JournalID{"g", "other"})
		if r.log.Size("g") == 0 {
			t.Error(place, ": no size")
		}
		r.must(r.log.Check(ctx, func(p journal.Problem) { t.Error(place, p) }))
	}
	check("memory")
	r.reopen()
	check("WAL")
	r.must(r.log.Settle(ctx))
	check("segment")
	r.reopen()
	check("segment, opened")
	if len(r.events) == 0 || r.events[0].Kind != journal.EventSettled {
		t.Error("events:", r.events)
	}
}

func TestMiddleOfBlock(t *testing.T) {
	r := newRig(t, nil)
	r.put("g", "s", 0, "0", "1", "2")
	r.put("g", "s", 0, "3")
	for from, first := range []loglake.Offset{0, 0, 0, 3} {
		blocks, err := r.log.Read(ctx, "g", loglake.Offset(from), 1)
		r.must(err)
		if blocks[0].First != first || len(blocks) != 1 {
			t.Errorf("read from %d: %d blocks from %d", from, len(blocks), blocks[0].First)
		}
	}
	if blocks, err := r.log.Read(ctx, "g", 4, 1); err != nil || len(blocks) > 0 {
		t.Error("at the head:", blocks, err)
	}
	if blocks, err := r.log.Read(ctx, "unknown", 0, 1); err != nil || len(blocks) > 0 {
		t.Error("unknown:", blocks, err)
	}
}

func TestTailIsShared(t *testing.T) {
	r := newRig(t, nil)
	r.put("g", "s", 0, "a")
	one, err := r.log.Read(ctx, "g", 0, 1)
	r.must(err)
	two, err := r.log.Read(ctx, "g", 0, 1)
	r.must(err)
	if one[0] != two[0] {
		t.Error("two readers got two blocks")
	}
}

func TestBuilder(t *testing.T) {
	var b journal.Builder
	b.Add(5, []byte("one"))
	buf := b.Buffer()
	_ = append(buf, "dropped"...)
	buf = append(b.Buffer(), "tw"...)
	buf = append(buf, 'o')
	b.Commit(3, buf)
	if b.Count() != 2 || b.Bytes() != 6 {
		t.Error("count, bytes:", b.Count(), b.Bytes())
	}
	r := newRig(t, nil)
	_, err := r.log.Append(ctx, journal.Put{Journal: "g", Events: &b})
	r.must(err)
	b.Reset()
	b.Grow(100)
	b.Add(9, []byte("xxxxxx")) // must not change what was appended
	r.want("events", r.all("g", 1), []string{"|0  5 one", " 1  3 two"})
}

func TestRefusedPuts(t *testing.T) {
	r := newRig(t, func(c *journal.Config) { c.BytesMax = 3000 })
	ok := func() journal.Put { return journal.Put{Journal: "g", Events: builder(0, "m")} }
	f := func(what string, code loglake.Code, change func(*journal.Put)) {
		t.Helper()
		p := ok()
		change(&p)
		if _, err := r.log.Append(ctx, p); loglake.CodeOf(err) != code {
			t.Errorf("%s: %v, want %q", what, err, code)
		}
	}
	big := func(n int) string { return strings.Repeat("x", n) }
	f("journal missing", loglake.CodeInvalid, func(p *journal.Put) { p.Journal = "" })
	f("journal too long", loglake.CodeInvalid, func(p *journal.Put) { p.Journal = loglake.JournalID(big(256)) })
	f("stream too long", loglake.CodeInvalid, func(p *journal.Put) { p.Stream = loglake.LogStreamName(big(513)) })
	f("dedup too long", loglake.CodeInvalid, func(p *journal.Put) { p.Dedup = big(129) })
	f("reply too long", loglake.CodeInvalid, func(p *journal.Put) { p.Reply = make([]byte, 4097) })
	f("no events", loglake.CodeInvalid, func(p *journal.Put) { p.Events = &journal.Builder{} })
	f("nil events", loglake.CodeInvalid, func(p *journal.Put) { p.Events = nil })
	f("too big", loglake.CodeInvalid, func(p *journal.Put) { p.Events = builder(0, big(journal.PutBytesMax)) })
	f("longest", "", func(p *journal.Put) {
		p.Journal, p.Stream, p.Dedup = loglake.JournalID(big(255)), loglake.LogStreamName(big(512)), big(128)
		p.Reply = make([]byte, 4096)
	})
	f("beyond BytesMax", loglake.CodeThrottled, func(*journal.Put) {})
	r.want("nothing stored", r.log.Head("g"), loglake.Offset(0))
	r.must(r.log.Delete(loglake.JournalID(big(255))))
	r.reopen()
	r.must(r.log.Settle(ctx))
	f("space is back", "", func(*journal.Put) {})
}

func TestCancelledPut(t *testing.T) {
	r := newRig(t, nil)
	c, cancel := context.WithCancel(ctx)
	cancel()
	_, err := r.log.Append(c, journal.Put{Journal: "g", Events: builder(0, "m")})
	if head := r.log.Head("g"); err == nil != (head == 1) && !errors.Is(err, context.Canceled) {
		t.Error(err, head)
	}
	r.put("g", "", 0, "next")
}

func TestDedup(t *testing.T) {
	r := newRig(t, nil)
	put := func(id loglake.JournalID, dedup string, reply string) journal.Appended {
		t.Helper()
		a, err := r.log.Append(ctx, journal.Put{
			Journal: id, Dedup: dedup, Reply: []byte(reply), Ingested: loglake.At(r.now), Events: builder(0, "m", "n"),
		})
		r.must(err)
		return a
	}
	first := journal.Appended{First: 0, Count: 2}
	repeat := journal.Appended{First: 0, Count: 2, Repeat: true, Reply: []byte("one")}
	r.want("first", put("g", "k", "one"), first)
	r.want("repeat", put("g", "k", "two"), repeat)
	r.want("other journal", put("h", "k", "other"), first)
	r.want("no id", put("g", "", ""), journal.Appended{First: 2, Count: 2})
	r.reopen()
	r.want("after restart", put("g", "k", "two"), repeat)
	r.reopen()
	r.must(r.log.Settle(ctx))
	r.reopen()
	r.want("after settling", put("g", "k", "two"), repeat)
	r.now = r.now.Add(journal.DedupWindow)
	r.must(r.log.Release("g", 4, math.MaxInt64))
	r.must(r.log.Tidy(ctx))
	r.reopen()
	r.want("at the window's end", put("g", "k", "two"), repeat)
	r.want("released", r.log.First("g"), loglake.Offset(4))
	r.now = r.now.Add(time.Millisecond)
	r.want("after the window", put("g", "k", "two"), journal.Appended{First: 4, Count: 2})
	r.must(r.log.Tidy(ctx))
	list, err := disk.Real().ReadDir(r.cfg.Dir + "/answers")
	if err != nil || len(list) != 0 {
		t.Error("answers that don't count are kept:", list, err)
	}
}

func TestRepeatsInFlight(t *testing.T) {
	r := newRig(t, func(c *journal.Config) { c.WALBytes = 1 << 20 })
	const repeats = 50
	got := make(chan journal.Appended, repeats)
	for range repeats {
		go func() {
			a, err := r.log.Append(ctx, journal.Put{Journal: "g", Dedup: "k", Reply: []byte("r"), Ingested: loglake.At(r.now), Events: builder(0, "m")})
			if err != nil {
				t.Error(err)
			}
			got <- a
		}()
	}
	firsts := 0
	for range repeats {
		a := <-got
		if !a.Repeat {
			firsts++
		}
		if a.First != 0 || a.Count != 1 {
			t.Error("answer:", a)
		}
	}
	if firsts != 1 || r.log.Head("g") != 1 {
		t.Error("appended", firsts, "head", r.log.Head("g"))
	}
}

// TestReleaseAheadOfTime lets go of events whose timestamps are years ahead by their ingestion, in the WAL and in segments.
func TestReleaseAheadOfTime(t *testing.T) {
	for _, settled := range []bool{false, true} {
		r := newRig(t, nil)
		now := loglake.At(r.now)
		late := now + loglake.Millis(journal.AheadMax.Milliseconds())
		r.put("g", "years", now+1000*24*3600*1000, "ahead")
		r.put("g", "s", now, "behind it")
		r.reopen()
		if settled {
			r.must(r.log.Settle(ctx))
		}
		r.must(r.log.Release("g", 2, late))
		r.want("still there", r.log.First("g"), loglake.Offset(0))
		r.must(r.log.Release("g", 2, late+1))
		r.want("gone", r.log.First("g"), loglake.Offset(2))
	}
}

func TestReleaseAndDelete(t *testing.T) {
	r := newRig(t, nil)
	r.now = time.UnixMilli(50)
	r.put("g", "s", 100, "a", "b") // 0, 1
	r.put("g", "s", 200, "c")      // 2
	r.put("g", "s", 150, "d")      // 3
	r.put("keep", "s", 1, "k")
	release := func(floor loglake.Offset, cutoff loglake.Millis, first loglake.Offset) {
		t.Helper()
		r.must(r.log.Release("g", floor, cutoff))
		if got := r.log.First("g"); got != first {
			t.Errorf("release(%d, %d): first is %d, want %d", floor, cutoff, got, first)
		}
	}
	release(1, math.MaxInt64, 0) // within a block
	release(4, 101, 0)           // too young
	release(4, 160, 2)           // 3 is old enough but behind 2
	release(2, math.MaxInt64, 2)
	r.want("rest", r.all("g", 1), []string{"|2 s 200 c", "|3 s 150 d"})
	r.reopen()
	r.must(r.log.Settle(ctx))
	release(3, math.MaxInt64, 0) // a run goes as a whole
	release(4, math.MaxInt64, 4)
	r.must(r.log.Tidy(ctx))
	r.want("empty", r.all("g", 1), []string(nil))
	r.reopen()
	r.want("kept head", []loglake.Offset{r.log.First("g"), r.log.Head("g")}, []loglake.Offset{4, 4})
	r.now = time.UnixMilli(300)
	r.want("goes on", r.put("g", "s", 0, "e"), loglake.Offset(4))
	release(5, 300, 4) // put too late, however old it is
	r.reopen()
	r.must(r.log.Settle(ctx))
	release(5, 300, 4)
	release(5, 301, 5)
	if err := r.log.Release("g", 99, 0); err == nil {
		t.Error("release beyond the head is accepted")
	}

	r.must(r.log.Delete("g"))
	r.must(r.log.Delete("g"))
	r.must(r.log.Delete("never was"))
	if _, err := r.log.Append(ctx, journal.Put{Journal: "g", Events: builder(0, "m")}); loglake.CodeOf(err) != loglake.CodeNotFound {
		t.Error("put to a deleted journal:", err)
	}
	for range 3 {
		r.want("others", r.log.Journals(), []loglake.JournalID{"keep"})
		r.want("others' events", r.all("keep", 1), []string{"|0 s 1 k"})
		r.reopen()
		r.must(r.log.Settle(ctx))
	}
	r.must(r.log.Delete("keep"))
	r.must(r.log.Create("new"))
	r.must(r.log.Create("new"))
	r.reopen()
	r.want("created", r.log.Journals(), []loglake.JournalID{"new"})
	r.must(r.log.Settle(ctx))
	r.must(r.log.Tidy(ctx))
	if n, _ := r.log.Segments(); n != 0 {
		t.Error("segments left:", n)
	}
	r.reopen()
	r.want("created, settled", r.log.Journals(), []loglake.JournalID{"new"})
}

func TestWait(t *testing.T) {
	r := newRig(t, nil)
	ch := r.log.Notify("g")
	done := make(chan error, 2)
	go func() { done <- r.log.Wait(ctx, "g", 1) }()
	go func() { done <- r.log.Wait(ctx, "g", 0) }()
	r.put("g", "", 0, "a")
	<-ch
	r.must(<-done)
	select {
	case err := <-done:
		t.Error("woke early:", err)
	default:
	}
	r.put("g", "", 0, "b")
	r.must(<-done)
	c, cancel := context.WithCancel(ctx)
	go func() { done <- r.log.Wait(c, "g", 9) }()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	go func() { done <- r.log.Wait(ctx, "g", 9) }()
	r.must(r.log.Delete("g"))
	if err := <-done; loglake.CodeOf(err) != loglake.CodeNotFound {
		t.Error(err)
	}
	go func() { done <- r.log.Wait(ctx, "h", 9) }()
	r.log.Close()
	if err := <-done; loglake.CodeOf(err) != loglake.CodeUnavailable {
		t.Error(err)
	}
}

func TestRunStops(t *testing.T) {
	r := newRig(t, nil)
	c, cancel := context.WithCancel(ctx)
	done := make(chan error)
	go func() { done <- r.log.Run(c) }()
	r.put("g", "", 0, "a")
	cancel()
	r.must(<-done)
	if _, err := r.log.Append(ctx, journal.Put{Journal: "g", Events: builder(0, "m")}); loglake.CodeOf(err) != loglake.CodeUnavailable {
		t.Error(err)
	}
	r.want("reads go on", r.all("g", 1), []string{"|0  0 a"})
}
