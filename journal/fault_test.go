package journal_test

import (
	"fmt"
	"math/rand/v2"
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

// life is one row of the table: drive with one call going wrong, then what a power cut or a kill leaves is held to the
// model. It gives the number of calls, and what went wrong.
func life(t *testing.T, at int, how mode, power bool, seed uint64) (calls int, what string) {
	mem := newMemFS()
	h := &hookFS{FS: mem, at: at, mode: how}
	var damaged []journal.Event
	m := newModel(t)
	drive(m, faultConfig("/lake", h, &damaged))
	rng := rand.New(rand.NewPCG(seed, uint64(at)))
	if power {
		mem = mem.cut(rng)
	}
	heads := showHeads(m, faultConfig("/lake", mem, &damaged))
	mem = mem.cut(rng)
	for id, head := range showHeads(m, faultConfig("/lake", mem, &damaged)) {
		if head < heads[id] {
			t.Errorf("recovery showed %s up to %d, and after another power cut up to %d", id, heads[id], head)
		}
	}
	settleUp(m, faultConfig("/lake", mem, &damaged))
	if h.broken != "" {
		t.Error(h.broken)
	}
	if len(damaged) > 0 {
		t.Error("damage reported:", damaged)
	}
	return h.calls, h.what
}

// showHeads opens the log for a moment.
func showHeads(m *model, cfg journal.Config) map[loglake.JournalID]loglake.Offset {
	l, err := journal.Open(ctx, cfg)
	if err != nil {
		m.t.Fatal("open after the fault:", err)
	}
	defer l.Close()
	heads := map[loglake.JournalID]loglake.Offset{}
	for _, id := range l.Journals() {
		heads[id] = l.Head(id)
	}
	return heads
}

// TestFaults lets each call of drive that changes the disk fail or be the last before the process is killed or the power
// cut, in each way. Nothing that was acknowledged may be missing or there twice. A failed life is replayed with
// -seed=N -full -run TestFaults/way.
func TestFaults(t *testing.T) {
	total, _ := life(t, 0, "", false, 0)
	seeds := []uint64{1}
	if *seedFlag != 0 {
		seeds = []uint64{*seedFlag}
	}
	step, row := 7, 0 // together the rows visit every call
	if *fullFlag {
		step = 1
	}
	for _, power := range []bool{false, true} {
		for _, how := range []mode{failUndone, failDone, failHalf, crashBefore, crashHalf, crashAfter} {
			row++
			row := row
			name := strings.ReplaceAll(string(how), " ", "-")
			if power {
				name += "-power-cut"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				for _, seed := range seeds {
					for at := 1 + row%step; at <= total; at += step {
						if _, what := life(t, at, how, power, seed); t.Failed() {
							t.Fatalf("call %d of %d: %s %s; seed %d", at, total, what, how, seed)
						}
					}
				}
			})
		}
	}
}

// TestDiskFull fills the disk: puts are refused before anything is acknowledged, all else goes on, and puts are taken
// again by themselves.
func TestDiskFull(t *testing.T) {
	h := &hookFS{FS: newMemFS()}
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
	h := &hookFS{FS: newMemFS()}
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
