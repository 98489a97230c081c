package journal_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/journal"
)

var faultNow = time.UnixMilli(1_700_000_000_000)

// drive runs a life of a log with every kind of step: appends that fill files, spares, settling, recycling, merging,
// releasing, deleting, creating, reopening. Failures are the model's to bear; a put that fails is tried once more at
// once, as a client does. It stops where the log can't be opened.
func drive(m *model, cfg journal.Config) {
	l, err := journal.Open(ctx, cfg)
	if err != nil {
		return
	}
	send := func(id loglake.JournalID, events int) {
		p := m.newPut(id, events)
		if m.send(l, p, faultNow) != nil {
			m.send(l, p, faultNow)
		}
	}
	for round := range 3 {
		l.Create("empty")
		if round == 0 {
			l.Spare()
		}
		for i := range 5 {
			send("big", 8)
			send(loglake.JournalID(fmt.Sprint("small", i%2)), 1)
		}
		send("doomed"+loglake.JournalID(fmt.Sprint(round)), 2)
		l.Tidy(ctx)
		m.release(l, "big", min(l.Head("big"), loglake.Offset(30*round+9)))
		m.release(l, "small0", l.Head("small0"))
		if round > 0 {
			m.delete(l, loglake.JournalID(fmt.Sprint("doomed", round-1)))
		}
		l.Settle(ctx)
		l.Tidy(ctx)
		send("big", 3)
		l.Close()
		if l, err = journal.Open(ctx, cfg); err != nil {
			return
		}
	}
	send("small0", 1)
	l.Close()
}

// settleUp opens the log on a disk without faults and holds it to what the model knows; then every put that was not
// answered is tried again, as a client does, and all must be there.
func settleUp(m *model, cfg journal.Config) {
	m.t.Helper()
	reopen := func() *journal.Log {
		l, err := journal.Open(ctx, cfg)
		if err != nil {
			m.t.Fatal("open after the fault:", err)
		}
		return l
	}
	l := reopen()
	m.check(l, "after")
	for _, p := range m.puts {
		if m.doomed[p.id] {
			continue
		}
		if err := m.send(l, p, faultNow); err != nil {
			m.t.Error("retry:", err)
		}
	}
	m.check(l, "after retries")
	if err := l.Settle(ctx); err != nil {
		m.t.Error("settle:", err)
	}
	if err := l.Tidy(ctx); err != nil {
		m.t.Error("tidy:", err)
	}
	m.check(l, "settled")
	l.Close()
	l = reopen()
	m.check(l, "settled and opened")
	l.Close()
}

func faultConfig(dir string, fsys disk.FS, damaged *[]journal.Event) journal.Config {
	return journal.Config{
		FS: fsys, Dir: dir, WALBytes: 1200, CacheBytes: 1000, Clock: func() time.Time { return faultNow },
		OnEvent: func(e journal.Event) {
			if e.Kind == journal.EventDamaged {
				*damaged = append(*damaged, e)
			}
		},
	}
}

// TestFaults lets each call of drive that changes the disk fail or be the last before the process is killed, in each way.
// Nothing that was acknowledged may be missing or there twice. (That what was synced outlives a power cut, and what was not
// may be missing, is TestPowerCut's.)
func TestFaults(t *testing.T) {
	var none []journal.Event
	count := &hookFS{FS: disk.Real(), fast: true}
	dir := t.TempDir()
	m := newModel(t)
	drive(m, faultConfig(dir, count, &none))
	settleUp(m, faultConfig(dir, count, &none))
	if len(none) > 0 {
		t.Fatal("damage without a fault:", none)
	}
	total, step := count.calls, 1
	if testing.Short() {
		step = 7
	}
	for _, how := range []mode{failUndone, failDone, failHalf, crashBefore, crashHalf, crashAfter} {
		t.Run(strings.ReplaceAll(string(how), " ", "-"), func(t *testing.T) {
			t.Parallel()
			for at := 1; at <= total; at += step {
				dir := t.TempDir()
				h := &hookFS{FS: disk.Real(), fast: true, at: at, mode: how}
				var damaged []journal.Event
				m := newModel(t)
				drive(m, faultConfig(dir, h, &damaged))
				settleUp(m, faultConfig(dir, &hookFS{FS: disk.Real(), fast: true}, &damaged))
				if h.broken != "" {
					t.Error(h.broken)
				}
				if len(damaged) > 0 {
					t.Error("damage reported:", damaged)
				}
				if t.Failed() {
					t.Fatalf("call %d of %d: %s %s", at, total, h.what, how)
				}
			}
		})
	}
}

// TestDiskFull fills the disk: puts are refused before anything is acknowledged, all else goes on, and puts are taken
// again by themselves.
func TestDiskFull(t *testing.T) {
	h := &hookFS{FS: disk.Real(), fast: true}
	r := newRig(t, func(c *journal.Config) { c.FS, c.Sync = h, journal.SyncAlways })
	r.put("g", "s", 1, "before")
	r.put("h", "s", 1, "before")
	r.must(r.log.Spare())
	h.setFull(true)
	refused := func() {
		t.Helper()
		_, err := r.log.Append(ctx, journal.Put{Journal: "g", Dedup: "call", Events: builder(1, "refused")})
		if loglake.CodeOf(err) != loglake.CodeThrottled {
			t.Fatal("put to a full disk:", err)
		}
	}
	refused()
	refused()
	r.want("reads go on", r.all("g", 1), []string{"|0 s 1 before"})
	if free, _ := h.Free(""); free < r.cfg.WALBytes {
		t.Error("the spare's space is not free:", free)
	}
	r.must(r.log.Delete("h"))
	r.must(r.log.Create("k"))
	r.must(r.log.Settle(ctx))
	r.must(r.log.Release("g", 1, 1<<60))
	r.must(r.log.Tidy(ctx))
	refused()
	r.reopen()
	r.want("deleted, created", r.log.Journals(), []loglake.JournalID{"g", "k"})
	h.setFull(false)
	a, err := r.log.Append(ctx, journal.Put{Journal: "g", Dedup: "call", Events: builder(1, "taken")})
	r.must(err)
	r.want("answer", a, journal.Appended{First: 1, Count: 1})
	r.want("events", r.all("g", 1), []string{"|1  1 taken"})
}

// TestSpaceComesBack is about the same log, without a restart.
func TestSpaceComesBack(t *testing.T) {
	h := &hookFS{FS: disk.Real(), fast: true}
	r := newRig(t, func(c *journal.Config) { c.FS = h })
	r.put("g", "s", 1, "before")
	h.setFull(true)
	for range 3 {
		if _, err := r.log.Append(ctx, journal.Put{Journal: "g", Events: builder(1, "m")}); loglake.CodeOf(err) != loglake.CodeThrottled {
			t.Fatal(err)
		}
	}
	h.setFull(false)
	r.want("goes on", r.put("g", "s", 1, "after"), loglake.Offset(1))
	var kinds []journal.EventKind
	for _, e := range r.events {
		kinds = append(kinds, e.Kind)
	}
	r.want("events", kinds, []journal.EventKind{journal.EventFileFailed, journal.EventDiskFull, journal.EventSpaceBack})
}
