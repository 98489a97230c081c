package journal_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/journal"
)

// limited is a log with a limit on its bytes whose settler runs.
type limited struct {
	*testing.T
	log    *journal.Log
	events chan journal.EventKind
	stop   func()
	noise  *rand.ChaCha8
}

const limitBytes = 256 << 10

func newLimited(t *testing.T, dir string) *limited {
	t.Helper()
	l := &limited{T: t, events: make(chan journal.EventKind, 10_000), noise: rand.NewChaCha8([32]byte{})}
	log, err := journal.Open(ctx, journal.Config{
		Dir: dir, Sync: journal.SyncNone, BytesMax: limitBytes,
		OnEvent: func(e journal.Event) { l.events <- e.Kind },
	})
	if err != nil {
		t.Fatal(err)
	}
	l.log = log
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); _ = log.Run(ctx) }()
	l.stop = func() { cancel(); <-ended; _ = log.Close() }
	t.Cleanup(l.stop)
	return l
}

func (l *limited) try(id loglake.JournalID) error {
	noise := make([]byte, 700) // nothing that could be compressed
	_, _ = l.noise.Read(noise)
	_, err := l.log.Append(ctx, journal.Put{Journal: id, Ingested: loglake.At(time.Now()), Events: builder(0, string(noise))})
	return err
}

// fill puts until it is refused, which has to be with the bytes of the limit at most.
func (l *limited) fill(id loglake.JournalID) {
	l.Helper()
	for range 10_000 {
		err := l.try(id)
		if err == nil {
			continue
		}
		if loglake.CodeOf(err) != loglake.CodeThrottled || !strings.Contains(err.Error(), "its limit is 262144") {
			l.Fatal("refused with:", err)
		}
		return
	}
	l.Fatal("10,000 puts, and none was refused")
}

// admitted waits until a put is taken again.
func (l *limited) admitted(id loglake.JournalID) {
	l.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for l.try(id) != nil {
		if time.Now().After(deadline) {
			l.Fatalf("nothing is needed any more, the log holds %d bytes, and puts are still refused", l.log.Bytes())
		}
		time.Sleep(time.Millisecond) // until the settler has been there
	}
}

// TestLimit fills a log to its limit again and again: with everything released, puts are taken again by themselves, however
// little of it had been settled. What others keep stays, and counts.
func TestLimit(t *testing.T) {
	dir := t.TempDir()
	l := newLimited(t, dir)
	for range 5 {
		l.fill("a")
		l.fill("b")
		if n := l.log.Bytes(); n > limitBytes*5/4 { // what is being settled is there twice
			t.Errorf("at the limit the log holds %d bytes", n)
		}
		if blocks, err := l.log.Read(ctx, "a", l.log.First("a"), 1<<20); err != nil || len(blocks) == 0 {
			t.Error("reads end with the limit:", len(blocks), err)
		}
		for _, id := range []loglake.JournalID{"a", "b"} {
			if err := l.log.Release(id, l.log.Head(id), math.MaxInt64); err != nil {
				t.Fatal(err)
			}
		}
		l.admitted("a")
	}
	var kinds []journal.EventKind
	for len(l.events) > 0 {
		if k := <-l.events; k == journal.EventLimitReached || k == journal.EventSpaceBack {
			kinds = append(kinds, k)
		}
	}
	if n := len(kinds); n < 10 || kinds[0] != journal.EventLimitReached || kinds[n-1] != journal.EventSpaceBack || slices.Contains(kinds, journal.EventDiskFull) {
		t.Errorf("events: %v", kinds)
	}
}

// TestLimitKept has most of the log kept by one journal: that counts, also after a start, and puts go on in what is left.
func TestLimitKept(t *testing.T) {
	dir := t.TempDir()
	l := newLimited(t, dir)
	for l.log.Bytes() < limitBytes/3 {
		if err := l.try("kept"); err != nil {
			t.Fatal(err)
		}
	}
	kept := l.log.Head("kept")
	for range 4 {
		l.fill("a")
		if err := l.log.Release("a", l.log.Head("a"), math.MaxInt64); err != nil {
			t.Fatal(err)
		}
		l.admitted("a")
	}
	l.fill("kept")
	l.stop()
	again := newLimited(t, dir)
	if n := again.log.Bytes(); n < limitBytes/2 {
		t.Errorf("after a start the log holds %d bytes", n)
	}
	again.fill("a")
	if first := again.log.First("kept"); first != 0 || again.log.Head("kept") <= kept {
		t.Errorf("of what is kept there is [%d,%d)", first, again.log.Head("kept"))
	}
	if err := again.log.Delete("kept"); err != nil {
		t.Fatal("delete at the limit:", err)
	}
	again.admitted("a")
}

// TestUnsettled: where settling can't follow, puts are refused before they are stored, and are taken again once it has;
// journals are made and deleted meanwhile, and what is there is read.
func TestUnsettled(t *testing.T) {
	log, err := journal.Open(ctx, journal.Config{Dir: t.TempDir(), Sync: journal.SyncNone})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	put := func() error {
		_, err := log.Append(ctx, journal.Put{Journal: "a", Ingested: 1, Events: builder(0, "one")})
		return err
	}
	if err := put(); err != nil {
		t.Fatal(err)
	}
	for name, files := range map[string][]int64{
		"bytes": {journal.UnsettledBytesMax / 2, journal.UnsettledBytesMax/2 + 1},
		"files": make([]int64, journal.UnsettledFilesMax+1),
	} {
		undo, head := log.Behind(files...), log.Head("a")
		if err := put(); loglake.CodeOf(err) != loglake.CodeThrottled || log.Head("a") != head {
			t.Errorf("%s: the put gave %v, and the head went from %d to %d", name, err, head, log.Head("a"))
		}
		if err := log.Create(loglake.JournalID("of " + name)); err != nil {
			t.Errorf("%s: create: %v", name, err)
		}
		if blocks, err := log.Read(ctx, "a", 0, 1<<20); err != nil || len(blocks) == 0 {
			t.Errorf("%s: read %d blocks: %v", name, len(blocks), err)
		}
		undo()
		if err := put(); err != nil {
			t.Errorf("%s: once it is settled: %v", name, err)
		}
	}
	defer log.Behind(journal.UnsettledBytesMax, 0)()
	if err := put(); err != nil {
		t.Errorf("at the limit: %v", err)
	}
}
