package journal_test

import (
	"errors"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/journal"
)

// TestKilledBeforeNames kills the process when a segment has its name and the name is not synced yet. The next start finds
// the segment and gives up the WAL file that it replaces; what it builds upon has to be durable then.
func TestKilledBeforeNames(t *testing.T) {
	mem := disk.NewCrashable()
	if err := disk.MkdirAllDurable(mem, "/lake"); err != nil {
		t.Fatal(err)
	}
	open := func(fs disk.FS) *journal.Log {
		t.Helper()
		l, err := journal.Open(ctx, journal.Config{FS: fs, Dir: "/lake", WALBytes: 1200, Clock: func() time.Time { return faultNow }})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	l := open(mem)
	const puts = 3
	for i := range puts {
		if _, err := l.Append(ctx, journal.Put{Journal: "g", Ingested: 5, Events: builder(loglake.Millis(i), "m")}); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	process := disk.NewFaulty(mem)
	l = open(process)
	killed := errors.New("killed")
	process.Fail(disk.Rule{Op: disk.OpSyncDir, Path: "segments", Nth: 1, Err: killed, Then: func() { process.Fail(disk.Rule{Err: killed}) }})
	if err := l.Settle(ctx); !errors.Is(err, killed) {
		t.Fatal("settled all the same: ", err)
	}
	_ = l.Close() // as far as a dead process does
	l = open(mem)
	if err := l.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = open(mem.Crash(disk.SeedLoseAll))
	if b := l.Books("g"); b.Retained != puts || b.Accepted != puts || l.First("g") != 0 {
		t.Errorf("after the power cut: %+v", b)
	}
	if n, err := countOf(l, "g"); err != nil || n != puts {
		t.Errorf("after the power cut %d events can be read, %v", n, err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// countOf reads a journal to its end.
func countOf(l *journal.Log, id loglake.JournalID) (n int, err error) {
	for from := l.First(id); from < l.Head(id); {
		blocks, err := l.Read(ctx, id, from, 1<<20)
		if err != nil {
			return n, err
		}
		for _, b := range blocks {
			for range b.Events() {
				n++
			}
			from = b.First + loglake.Offset(b.Count())
		}
	}
	return n, nil
}
