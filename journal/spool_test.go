package journal_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/journal"
)

const feederJournals = "fed " // the journals of feeders begin so

// feeder is a client with a spool: event n of it is "n". It sends from any place, in any pieces, over and over.
type feeder struct {
	id       loglake.JournalID
	spool    string
	together bool  // by AppendAll
	goes     bool  // its events are released
	acked    int64 // answered up to here
	sent     int64 // tried up to here
}

// feed sends some events, some of which were answered before; where that fails, fewer, as a client that was restarted
// may cut its spool in other places.
func (f *feeder) feed(m *model, l *journal.Log, back, forth int64) {
	if f.send(m, l, max(0, f.acked-back), f.acked+forth) != nil {
		f.send(m, l, max(0, f.acked-back-1), f.acked+forth-1)
	}
}

// drain sends everything that was ever tried.
func (f *feeder) drain(m *model, l *journal.Log) error {
	for _, from := range []int64{0, f.sent / 2} {
		if err := f.send(m, l, from, f.sent); err != nil {
			return err
		}
	}
	return nil
}

func (f *feeder) put(from, to int64) journal.Put {
	var messages []string
	for n := from; n < to; n++ {
		messages = append(messages, fmt.Sprint(n))
	}
	return journal.Put{Journal: f.id, Stream: "s", Ingested: loglake.At(faultNow), Spool: journal.Spool{ID: f.spool, From: from, To: to, Sum: feederSum(to)}, Events: builder(7, messages...)}
}

// feederSum is what a feeder's spool says of itself up to a position.
func feederSum(to int64) uint64 { return uint64(to) * 0x9e3779b97f4a7c15 }

// send sends [from, to) until it is answered or fails.
func (f *feeder) send(m *model, l *journal.Log, from, to int64) error {
	f.sent = max(f.sent, to)
	for tries := range 3 {
		at := max(from, l.Position(f.id, f.spool))
		if at >= to {
			f.acked = max(f.acked, to)
			return nil
		}
		if f.together && to-at > 1 {
			half := (at + to) / 2
			n, err := l.AppendAll(ctx, []journal.Put{f.put(at, half), f.put(half, to)})
			if n > 0 && l.Position(f.id, f.spool) < half {
				m.t.Errorf("%d puts stored, the position is %d of %d", n, l.Position(f.id, f.spool), half)
			}
			if err != nil {
				return err
			}
			continue
		}
		a, err := l.Append(ctx, f.put(at, to))
		if err != nil {
			return err
		}
		if tries > 0 && a.Stale {
			m.t.Error("stale twice, and nobody else sends")
		}
	}
	return nil
}

// check holds the position against the events: each below it is there once, none beyond it.
func (f *feeder) check(m *model, l *journal.Log, when string) {
	m.t.Helper()
	next, sum := l.Standing(f.id, f.spool)
	if sum != feederSum(next) {
		m.t.Errorf("%s: %s: the sum at %d is %x", when, f.id, next, sum)
	}
	if next < f.acked || next > f.sent {
		m.t.Errorf("%s: %s: the position is %d, answered was %d, tried %d", when, f.id, next, f.acked, f.sent)
	}
	count := map[string]int{}
	for at := l.First(f.id); at < l.Head(f.id); {
		blocks, err := l.Read(ctx, f.id, at, 3000)
		if err != nil {
			m.t.Error(when, err)
			return
		}
		for _, b := range blocks {
			for _, e := range b.Events() {
				count[string(e.Message)]++
			}
			at = b.End()
		}
	}
	for n := range next {
		if c := count[fmt.Sprint(n)]; c != 1 && !f.goes || c > 1 {
			m.t.Errorf("%s: %s: event %d is there %d times, the position is %d", when, f.id, n, c, next)
		}
		delete(count, fmt.Sprint(n))
	}
	if len(count) > 0 {
		m.t.Errorf("%s: %s: events beyond the position %d: %v", when, f.id, next, count)
	}
	if !f.goes && int64(l.Head(f.id)) != next {
		m.t.Errorf("%s: %s: %d events, the position is %d", when, f.id, l.Head(f.id), next)
	}
}

// TestSpoolModel has clients send overlapping pieces at random, over settling, recycling, release and power cuts; each
// event must be in once.
func TestSpoolModel(t *testing.T) {
	for seed := *seedFlag; seed < *seedFlag+6; seed++ {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 1))
			mem := disk.NewCrashable()
			cfg := journal.Config{FS: mem, Dir: "/lake", WALBytes: 1500, CacheBytes: 500, Clock: func() time.Time { return faultNow }}
			l, err := journal.Open(ctx, cfg)
			if err != nil {
				t.Fatal(err)
			}
			m := newModel(t)
			for k := range 4 {
				m.feeders = append(m.feeders, &feeder{id: loglake.JournalID(feederJournals + fmt.Sprint(k/2)), spool: fmt.Sprint("s", k), together: k == 3, goes: true})
			}
			m.feeders = append(m.feeders, &feeder{id: feederJournals + "alone", spool: "s"})
			for range 250 {
				f := m.feeders[rng.IntN(len(m.feeders))]
				switch n := rng.IntN(20); {
				case n < 14:
					f.feed(m, l, rng.Int64N(8), 2+rng.Int64N(8))
				case n < 16:
					l.Tidy(ctx)
				case n < 17 && f.goes:
					l.Release(f.id, l.Head(f.id), math.MaxInt64)
				case n < 18:
					l.Settle(ctx)
				default:
					l.Close()
					mem = mem.Crash(rng.Uint64())
					cfg.FS = mem
					if l, err = journal.Open(ctx, cfg); err != nil {
						t.Fatal(err)
					}
					m.feeders[4].check(m, l, "after a power cut")
				}
			}
			for _, f := range m.feeders {
				if at := l.Position(f.id, f.spool); at < f.acked || at > f.sent {
					t.Errorf("%s %s: the position is %d, answered was %d, tried %d", f.id, f.spool, at, f.acked, f.sent)
				}
			}
			m.feeders[4].check(m, l, "end")
			l.Close()
		})
	}
}

// TestPositionsBehindAFileThatStays lets the disk refuse, once, to give up or to sync away a settled WAL file. It must not lie
// there when those after it are gone: its positions are old, and a start would take them for the last.
func TestPositionsBehindAFileThatStays(t *testing.T) {
	for _, rule := range []disk.Rule{
		{Op: disk.OpRename, Path: "*.wal"}, {Op: disk.OpRemove, Path: "*.wal"}, {Op: disk.OpSyncDir, Path: "wal"},
		{Op: disk.OpRename, Path: "*.wal", Apply: true}, {Op: disk.OpRemove, Path: "*.wal", Apply: true},
	} {
		for _, seed := range []uint64{disk.SeedKeepAll, disk.SeedLoseAll, 7, 8, 9, 10} {
			mem := disk.NewCrashable()
			f := disk.NewFaulty(mem)
			r := newRig(t, func(c *journal.Config) { c.FS, c.Sync, c.WALBytes = f, journal.SyncAlways, 2000 })
			fed := &feeder{id: "g", spool: "s"}
			put := func(from, to int64) {
				_, err := r.log.Append(ctx, fed.put(from, to))
				r.must(err)
			}
			put(0, 3)
			r.put("doomed", "s", 1, strings.Repeat("x", 300))
			r.must(r.log.Spare())
			for n := int64(3); n < 120; n++ {
				put(n, n+1) // several files
			}
			r.must(r.log.Delete("doomed"))
			for range 40 {
				r.put("other", "s", 1, "what comes last is of no spool")
			}
			f.Fail(rule)
			if err := r.log.Settle(ctx); err == nil && rule.Op != disk.OpRemove {
				t.Fatal("nothing failed")
			}
			f.Heal()
			before := r.log.Bytes()
			r.must(r.log.Settle(ctx))
			r.must(r.log.Settle(ctx))
			if after := r.log.Bytes(); after < 0 || after > before {
				t.Errorf("%s: %d bytes, before %d", rule.Op, after, before)
			}
			r.log.Close()
			r.cfg.FS = mem.Crash(seed)
			r.open()
			r.want(fmt.Sprint(rule.Op, " seed ", seed, ": position and events"), []int64{r.log.Position("g", "s"), int64(r.log.Head("g"))}, []int64{120, 120})
			r.want("journals", r.log.Journals(), []loglake.JournalID{"g", "other"})
			r.must(r.log.Check(ctx, func(p journal.Problem) { t.Error(p) }))
		}
	}
}

// TestSpoolsAtOnce has many clients send the same spool at the same time.
func TestSpoolsAtOnce(t *testing.T) {
	r := newRig(t, func(c *journal.Config) { c.Sync = journal.SyncAlways })
	m := newModel(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			f := &feeder{id: feederJournals, spool: "s"}
			for at := int64(0); at < 200; at += 5 {
				for f.acked < at+5 {
					if err := f.send(m, r.log, at, at+5); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	group.Wait()
	(&feeder{id: feederJournals, spool: "s", acked: 200, sent: 200}).check(m, r.log, "end")
}

// TestFailedPutFailsThoseBehind cuts the disk off in the middle of puts that depend on each other.
func TestFailedPutFailsThoseBehind(t *testing.T) {
	f := disk.NewFaulty(disk.NewCrashable())
	r := newRig(t, func(c *journal.Config) { c.FS, c.Sync, c.WALBytes = f, journal.SyncAlways, 2000 })
	fed := &feeder{id: "g", spool: ":s"}
	var puts []journal.Put
	for n := range int64(40) {
		puts = append(puts, fed.put(n, n+1)) // more than one group commit
	}
	f.Fail(disk.Rule{Op: disk.OpSync, Path: "*.wal", Nth: 4})
	n, err := r.log.AppendAll(ctx, puts)
	if loglake.CodeOf(err) != loglake.CodeUnavailable || n == 0 || n == len(puts) {
		t.Fatal(n, err)
	}
	f.Heal()
	r.want("stored", []int64{int64(r.log.Head("g")), r.log.Position("g", ":s")}, []int64{int64(n), int64(n)})
	r.reopen()
	r.want("after", []int64{int64(r.log.Head("g")), r.log.Position("g", ":s")}, []int64{int64(n), int64(n)})
	m, err := r.log.AppendAll(ctx, puts[n:])
	r.must(err)
	r.want("all", n+m, len(puts))
	_, err = r.log.AppendAll(ctx, puts[5:7])
	if loglake.CodeOf(err) != loglake.CodeConflict {
		t.Error("a put of stored positions:", err)
	}
	r.want("nothing twice", r.log.Head("g"), loglake.Offset(len(puts)))
}

func TestSpoolsAreForgotten(t *testing.T) {
	r := newRig(t, func(c *journal.Config) { c.SpoolsMax = 2 })
	put := func(spool string, from int64) error {
		_, err := r.log.Append(ctx, journal.Put{Journal: "g", Ingested: loglake.At(r.now),
			Spool: journal.Spool{ID: spool, From: from, To: from + 1}, Events: builder(1, "m")})
		return err
	}
	r.must(put("a", 7)) // the client dropped what was before
	r.now = r.now.Add(time.Hour)
	r.must(put("b", 0))
	r.must(put(":own", 5))
	if err := put("c", 0); loglake.CodeOf(err) != loglake.CodeLimit {
		t.Error("one too many:", err)
	}
	r.now = r.now.Add(journal.SpoolIdle - time.Minute)
	r.must(put("c", 0))
	if last := r.events[len(r.events)-1]; last.Kind != journal.EventSpoolsForgotten || last.Count != 1 {
		t.Error("event:", last)
	}
	at := func() (all [4]int64) {
		for i, id := range []string{"a", "b", "c", ":own"} {
			all[i] = r.log.Position("g", id)
		}
		return all
	}
	r.want("positions", at(), [4]int64{0, 1, 1, 6})
	r.reopen()
	r.want("before the WAL goes they are still known", at(), [4]int64{8, 1, 1, 6})
	r.now = r.now.Add(2 * journal.SpoolIdle)
	r.must(put(":own", 6))
	r.must(put("d", 0))
	r.want("positions", at(), [4]int64{0, 0, 0, 7})
	if err := put("a", 8); loglake.CodeOf(err) != loglake.CodeConflict {
		t.Error("a forgotten one goes on:", err)
	}
	r.must(put("a", 0))
	r.reopen()
	r.want("positions in the WAL, the last of each counts", at(), [4]int64{1, 1, 1, 7})
	if err := put("e", 3); loglake.CodeOf(err) != loglake.CodeLimit {
		t.Error("one too many:", err)
	}
	r.must(r.log.Settle(ctx))
	r.reopen()
	r.want("positions", at(), [4]int64{1, 0, 0, 7})
	if err := put("e", 3); loglake.CodeOf(err) != loglake.CodeConflict {
		t.Error("that some were forgotten is forgotten:", err)
	}
	r.must(r.log.Delete("g"))
	r.must(r.log.Settle(ctx))
	_, err := r.log.Append(ctx, journal.Put{Journal: "h", Ingested: loglake.At(r.now), Spool: journal.Spool{ID: "e", From: 3, To: 4}, Events: builder(1, "m")})
	r.must(err)
}

func TestRefusedSpools(t *testing.T) {
	r := newRig(t, nil)
	for _, p := range []journal.Put{
		{Spool: journal.Spool{ID: strings.Repeat("x", journal.SpoolBytesMax+1), To: 1}},
		{Spool: journal.Spool{ID: "s", From: -1, To: 1}},
		{Spool: journal.Spool{ID: "s", From: 1, To: 1}},
		{Spool: journal.Spool{ID: "s", To: journal.SpoolPositionMax + 1}},
		{Spool: journal.Spool{ID: "s", To: 1}, Dedup: "d"},
	} {
		p.Journal, p.Events = "g", builder(1, "m")
		if _, err := r.log.Append(ctx, p); loglake.CodeOf(err) != loglake.CodeInvalid {
			t.Errorf("%+v: %v", p.Spool, err)
		}
		if _, err := r.log.AppendAll(ctx, []journal.Put{p}); loglake.CodeOf(err) != loglake.CodeInvalid {
			t.Errorf("%+v: %v", p.Spool, err)
		}
	}
	r.want("nothing", r.log.Journals(), []loglake.JournalID{})
}

// TestDamagedSpools refuses to open where positions are lost: clients would store events again.
func TestDamagedSpools(t *testing.T) {
	r := newRig(t, nil)
	_, err := r.log.Append(ctx, journal.Put{Journal: "g", Spool: journal.Spool{ID: "s", To: 1}, Events: builder(1, "m")})
	r.must(err)
	r.reopen()
	r.must(r.log.Settle(ctx))
	r.log.Close()
	path := r.file("spools")
	b, err := os.ReadFile(path)
	r.must(err)
	b[len(b)/2]++
	r.must(os.WriteFile(path, b, 0o644))
	if _, err := journal.Open(ctx, r.cfg); err == nil || !strings.Contains(err.Error(), "spools") {
		t.Error("opened:", err)
	}
	b[len(b)/2]--
	r.must(os.WriteFile(path, b, 0o644))
	r.open()
	r.want("position", r.log.Position("g", "s"), int64(1))
}

// TestFormatBeforeSpools opens a folder that was written before there were spools: a settled file, kept answers, a listing,
// and records without spools in the WAL.
func TestFormatBeforeSpools(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "v1"))); err != nil {
		t.Fatal(err)
	}
	r := newRig(t, func(c *journal.Config) { c.Dir, c.WALBytes = dir, 1200 })
	r.want("journals", r.log.Journals(), []loglake.JournalID{"empty", "g"})
	g := r.all("g", 1)
	r.want("events", []int{len(g), int(r.log.Head("g"))}, []int{15, 15})
	r.want("last", g[len(g)-2:], []string{"|13 s 2000 in the log", "|14  3 once more"})
	for dedup, first := range map[string]loglake.Offset{"d": 12, "e": 14} {
		a, err := r.log.Append(ctx, journal.Put{Journal: "g", Dedup: dedup, Events: builder(1, "once")})
		r.must(err)
		if !a.Repeat || a.First != first || string(a.Reply) != "reply" {
			t.Errorf("%s: %+v", dedup, a)
		}
	}
	_, err := r.log.Append(ctx, journal.Put{Journal: "g", Spool: journal.Spool{ID: "s", To: 1}, Events: builder(1, "m")})
	r.must(err)
	r.reopen()
	r.must(r.log.Settle(ctx))
	r.reopen()
	r.want("goes on", []int64{r.log.Position("g", "s"), int64(r.log.Head("g"))}, []int64{1, 16})
	r.must(r.log.Check(ctx, func(p journal.Problem) { t.Error(p) }))
}
