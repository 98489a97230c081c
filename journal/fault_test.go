package journal_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/internal/disk/faulttest"
	"github.com/loglake/loglake/journal"
)

var faultNow = time.UnixMilli(1_700_000_000_000)

// drive runs a life of a log with every kind of step: appends that fill files, spares, settling, recycling, merging,
// releasing, deleting, creating, reopening. Failures are the model's to bear; a put that fails is tried once more at
// once, as a client does. It stops where the log can't be opened.
func drive(m *model, cfg journal.Config, reopened func()) {
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
	m.feeders = []*feeder{{id: "fed one", spool: "spool"}, {id: "fed all", spool: ":all", together: true}, {id: "fed gone", spool: "spool", goes: true}}
	for round := range 3 {
		l.Create("empty")
		if round == 0 {
			l.Spare()
		}
		for i := range 5 {
			send("big", 8)
			send(loglake.JournalID(fmt.Sprint("small", i%2)), 1)
			for k, f := range m.feeders {
				f.feed(m, l, int64(i+k)%4, int64(2+(i+round)%3))
			}
		}
		send("doomed"+loglake.JournalID(fmt.Sprint(round)), 2)
		l.Tidy(ctx)
		m.release(l, "big", min(l.Head("big"), loglake.Offset(30*round+9)))
		m.release(l, "small0", l.Head("small0"))
		m.release(l, "fed gone", l.Head("fed gone"))
		if round > 0 {
			m.delete(l, loglake.JournalID(fmt.Sprint("doomed", round-1)))
		}
		l.Settle(ctx)
		l.Tidy(ctx)
		send("big", 3)
		l.Close()
		reopened()
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
	for _, f := range m.feeders {
		if err := f.drain(m, l); err != nil {
			m.t.Error("drain:", err)
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

// way is how a call goes wrong.
type way struct {
	name  string
	apply bool   // it is done all the same
	crash bool   // it is the last before the machine stops
	stays string // from then on removals fail too: "undone", "at once" done, or "done" after a first one that is not
	sync  journal.Sync
}

var ways = []way{
	{name: "fails undone"}, {name: "fails done", apply: true}, {name: "crash before", crash: true}, {name: "crash after", apply: true, crash: true},
	{name: "fails and nothing is removed", stays: "undone"}, {name: "fails, then a removal, then removals that are done", stays: "done"},
	{name: "fails and removals are done and fail", stays: "at once"},
	{name: "unsynced fails undone", sync: journal.SyncNone}, {name: "unsynced fails done", sync: journal.SyncNone, apply: true},
}

var changes = []disk.Op{
	disk.OpCreate, disk.OpWrite, disk.OpTruncate, disk.OpSync, disk.OpRename, disk.OpLink, disk.OpRemove, disk.OpMkdir, disk.OpSyncDir,
}

// life runs drive with the at-th call that changes the disk going wrong (0: none), and gives what is on the disk then, all
// calls, and those at which the log was opened again.
func life(m *model, at int, how way, damaged *[]journal.Event, rec *faulttest.Recorder) (left *disk.Crashable, calls []disk.Call, opens []int) {
	mem := disk.NewCrashable()
	f := disk.NewFaulty(mem)
	arm := func() {
		for _, op := range changes {
			f.Fail(disk.Rule{Op: op, Apply: how.apply, Then: func() {
				if !how.crash {
					rec.Call(how.apply)
				}
			}})
		}
	}
	f.Watch(func(c disk.Call, done bool) {
		switch {
		case done && c.N == at-1:
			arm()
		case done && c.N == at && how.crash:
			f.Heal()
			f.Fail(disk.Rule{}) // the machine is down: nothing works
		case done && c.N == at:
			f.Heal()
			if how.stays != "" {
				if how.stays == "done" {
					f.Fail(disk.Rule{Op: disk.OpRemove, Nth: 1})
				}
				apply := how.stays != "undone"
				f.Fail(disk.Rule{Op: disk.OpRemove, Apply: apply, Then: func() { rec.Call(apply) }})
			}
		}
	})
	if at == 1 {
		arm()
	}
	cfg := faultConfig("/lake", f, damaged)
	cfg.Sync = how.sync
	drive(m, cfg, func() { opens = append(opens, len(f.Calls())) })
	return mem, f.Calls(), opens
}

// touched gives the first write or sync of a WAL file after its at-th call failed, within one opening of the log.
func touched(calls []disk.Call, opens []int, at int) (disk.Call, bool) {
	failed := calls[at-1]
	if failed.Op != disk.OpWrite && failed.Op != disk.OpSync || filepath.Ext(failed.Path) != ".wal" {
		return disk.Call{}, false
	}
	end := len(calls)
	for _, o := range opens {
		if o >= at {
			end = min(end, o)
		}
	}
	for _, c := range calls[at:end] {
		if c.Op == disk.OpCreate && c.Path == failed.Path {
			return disk.Call{}, false
		}
		if (c.Op == disk.OpWrite || c.Op == disk.OpSync) && c.Path == failed.Path {
			return c, true
		}
	}
	return disk.Call{}, false
}

// TestFaults lets each call of drive that changes the disk fail, or be the last before the process is killed
// (SeedKeepAll) or the power cut (the other seeds), before or after it is done. Nothing that was acknowledged may be
// missing or there twice. A failure is replayed with -full -seed=N -run TestFaults/way.
func TestFaults(t *testing.T) {
	var damaged []journal.Event
	m := newModel(t)
	rec := faulttest.New(t)
	calls := map[journal.Sync][]disk.Call{}
	for _, sync := range []journal.Sync{journal.SyncAlways, journal.SyncNone} {
		_, calls[sync], _ = life(m.clone(), 0, way{sync: sync}, &damaged, rec)
	}
	step := 1
	if !faulttest.Full() {
		rec.Choice()
		step = len(ways) // together the ways visit every call
	}
	for row, how := range ways {
		t.Run(strings.ReplaceAll(how.name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			calls, seeds := calls[how.sync], []uint64{disk.SeedKeepAll, disk.SeedLoseAll, *seedFlag}
			if how.sync == journal.SyncNone {
				seeds = seeds[:1] // it promises nothing about the power
			}
			for at := 1 + row%step; at <= len(calls); at += step {
				oneFault(t, at, how, seeds, rec)
				if t.Failed() {
					t.Fatalf("call %d of %d: %s %s %s; seeds %d", at, len(calls), calls[at-1].Op, calls[at-1].Path, how.name, seeds)
				}
			}
		})
	}
}

func oneFault(t *testing.T, at int, how way, seeds []uint64, rec *faulttest.Recorder) {
	var damaged []journal.Event
	m := newModel(t)
	left, calls, opens := life(m, at, how, &damaged, rec)
	if c, bad := touched(calls, opens, at); bad {
		t.Errorf("%s of %s after a write or sync of it failed", c.Op, c.Path)
	}
	for _, seed := range seeds {
		if seed > disk.SeedKeepAll {
			seed += uint64(at)
		}
		m := m.clone()
		mem := left.Crash(seed)
		heads := showHeads(m, faultConfig("/lake", mem, &damaged))
		mem = mem.Crash(seed)
		for id, head := range showHeads(m, faultConfig("/lake", mem, &damaged)) {
			if head < heads[id] {
				t.Errorf("seed %d: recovery showed %s up to %d, and after another power cut up to %d", seed, id, heads[id], head)
			}
		}
		settleUp(m, faultConfig("/lake", mem, &damaged))
		if len(damaged) > 0 {
			t.Errorf("seed %d: damage reported: %v", seed, damaged)
		}
	}
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

// TestDiskFull fills the disk: puts are refused before anything is acknowledged, all else goes on, and puts are taken
// again by themselves.
func TestDiskFull(t *testing.T) {
	h := disk.NewFaulty(disk.NewCrashable())
	r := newRig(t, func(c *journal.Config) { c.FS, c.Sync = h, journal.SyncAlways })
	r.put("g", "s", 1, "before")
	r.put("h", "s", 1, "before")
	r.must(r.log.Spare())
	h.Fill(0)
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
	if free, _ := h.Free(r.cfg.Dir); free < r.cfg.WALBytes {
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
	h.Enlarge()
	a, err := r.log.Append(ctx, journal.Put{Journal: "g", Dedup: "call", Events: builder(1, "taken")})
	r.must(err)
	r.want("answer", a, journal.Appended{First: 1, Count: 1})
	r.want("events", r.all("g", 1), []string{"|1  1 taken"})
}

// TestSpaceComesBack is about the same log, without a restart.
func TestSpaceComesBack(t *testing.T) {
	h := disk.NewFaulty(disk.NewCrashable())
	r := newRig(t, func(c *journal.Config) { c.FS = h })
	r.put("g", "s", 1, "before")
	h.Fill(0)
	for range 3 {
		if _, err := r.log.Append(ctx, journal.Put{Journal: "g", Events: builder(1, "m")}); loglake.CodeOf(err) != loglake.CodeThrottled {
			t.Fatal(err)
		}
	}
	h.Enlarge()
	r.want("goes on", r.put("g", "s", 1, "after"), loglake.Offset(1))
	var kinds []journal.EventKind
	for _, e := range r.events {
		kinds = append(kinds, e.Kind)
	}
	r.want("events", kinds, []journal.EventKind{journal.EventFileFailed, journal.EventDiskFull, journal.EventSpaceBack})
}

// TestFailedSyncThenKill kills the process after a sync that failed, before another file is begun. What recovery then
// shows must outlive a power cut, although the system takes the bytes for clean.
func TestFailedSyncThenKill(t *testing.T) {
	mem := disk.NewCrashable()
	f := disk.NewFaulty(mem)
	r := newRig(t, func(c *journal.Config) { c.FS, c.Sync = f, journal.SyncAlways })
	r.put("g", "s", 1, "acknowledged")
	f.Fail(disk.Rule{Op: disk.OpSync, Path: "*.wal"})
	if _, err := r.log.Append(ctx, journal.Put{Journal: "g", Events: builder(1, "not")}); loglake.CodeOf(err) != loglake.CodeUnavailable {
		t.Fatal(err)
	}
	f.Heal()
	r.reopen()
	shown := r.all("g", 1)
	r.log.Close()
	r.cfg.FS = mem.Crash(disk.SeedLoseAll)
	r.open()
	r.want("after the power cut", r.all("g", 1), shown)
}
