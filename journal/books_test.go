package journal_test

import (
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/journal"
)

const hourAndMore = loglake.Millis((loglake.LateAfter + time.Minute) / time.Millisecond)

// TestBooks follows the events of journals through memory, WAL, segments, merging, release, deletion and restarts: each is
// counted once, wherever it is.
func TestBooks(t *testing.T) {
	r := newRig(t, nil)
	now := loglake.At(r.now)
	want := map[loglake.JournalID]journal.Books{}
	var gone journal.Books
	var buried int64
	check := func(when string) {
		t.Helper()
		for range 2 {
			all, dead, n := r.log.AllBooks()
			r.want(when, all, want)
			r.want(when+": deleted", dead, gone)
			r.want(when+": deleted journals", n, buried)
			r.must(r.log.Check(ctx, func(p journal.Problem) { t.Errorf("%s: %v", when, p) }))
			for id, b := range all {
				if d := b.Difference(); d != 0 || r.log.Books(id) != b {
					t.Errorf("%s: %s is out by %d", when, id, d)
				}
			}
			r.reopen()
			when += ", opened again"
		}
	}
	r.put("g", "s", now, "one", "two")
	r.put("g", "s", now-hourAndMore, "late")
	r.put("h", "s", now, "x")
	r.put("dead", "s", now, "a", "b", "c")
	want["g"] = journal.Books{Accepted: 3, Bytes: 10, Late: 1, Retained: 3, Head: 3}
	want["h"] = journal.Books{Accepted: 1, Bytes: 1, Retained: 1, Head: 1}
	want["dead"] = journal.Books{Accepted: 3, Bytes: 3, Retained: 3, Head: 3}
	check("in the WAL")
	r.must(r.log.Settle(ctx))
	check("in a segment")
	r.put("g", "s", now-hourAndMore, "late too", "and this")
	want["g"] = journal.Books{Accepted: 5, Bytes: 26, Late: 3, Retained: 5, Head: 5}
	check("in both")
	r.must(r.log.Release("dead", 1, math.MaxInt64)) // not a whole block: nothing goes
	r.must(r.log.Delete("dead"))
	delete(want, "dead")
	gone, buried = journal.Books{Accepted: 3, Bytes: 3, Deleted: 3, Head: 3}, 1
	check("one deleted")
	r.must(r.log.Settle(ctx))
	check("and settled")
	r.must(r.log.Release("g", 3, math.MaxInt64))
	want["g"] = journal.Books{Accepted: 5, Bytes: 26, Late: 3, Retained: 2, Released: 3, Head: 5}
	r.want("released", r.log.Books("g"), want["g"])
	r.put("h", "s", now, "y")
	want["h"] = journal.Books{Accepted: 2, Bytes: 2, Retained: 2, Head: 2}
	r.reopen()
	r.want("released and forgotten", r.log.Books("g").Released, int64(0))
	r.must(r.log.Release("g", 3, math.MaxInt64))
	r.must(r.log.Settle(ctx)) // the listing has it now
	check("released and settled")
	r.must(r.log.Release("h", 2, math.MaxInt64))
	r.must(r.log.Delete("h"))
	delete(want, "h")
	gone = journal.Books{Accepted: 5, Bytes: 5, Released: 2, Deleted: 3, Head: 5}
	buried = 2
	r.want("deleted after a release", func() any { _, dead, _ := r.log.AllBooks(); return dead }(), any(gone))
	r.must(r.log.Tidy(ctx))
	r.must(r.log.Settle(ctx))
	if _, dead, _ := r.log.AllBooks(); dead.Difference() != 0 || dead != gone {
		t.Errorf("the deleted journals have %+v", dead)
	}
}

// TestTurnedAway counts what is not stored: repeats by itself, the rest as told; what Keep has written a crash leaves.
func TestTurnedAway(t *testing.T) {
	r := newRig(t, nil)
	put := journal.Put{Journal: "g", Stream: "s", Ingested: loglake.At(r.now), Dedup: "call", Events: builder(1, "a", "b")}
	for range 3 {
		if _, err := r.log.Append(ctx, put); err != nil {
			t.Fatal(err)
		}
	}
	r.log.Turn("g", journal.Turned{TooNew: 1, TooOld: 2, Expired: 3})
	r.log.Turn("unknown", journal.Turned{TooNew: 1})
	want := journal.Turned{Repeated: 4, TooNew: 1, TooOld: 2, Expired: 3}
	r.want("turned away", r.log.Books("g").Turned, want)
	r.must(r.log.Keep())
	r.log.Turn("g", journal.Turned{TooNew: 100})
	r.reopen() // as after a crash: nobody has called Keep since
	r.want("after a crash", r.log.Books("g").Turned, want)
	written := modified(t, filepath.Join(r.cfg.Dir, "journals"))
	r.must(r.log.Keep())
	r.want("written for nothing", modified(t, filepath.Join(r.cfg.Dir, "journals")), written)
}

func modified(t *testing.T, path string) string {
	t.Helper()
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(st.ModTime(), st.Sys())
}

// TestFirstListing opens a listing of the first form, which has no books.
func TestFirstListing(t *testing.T) {
	r := newRig(t, nil)
	r.put("g", "s", 1, "a", "b", "c")
	r.must(r.log.Settle(ctx))
	r.reopen()
	r.must(r.log.Settle(ctx))
	r.log.Close()
	r.must(os.WriteFile(filepath.Join(r.cfg.Dir, "journals"), journal.FirstListing("g", 0, 3), 0o600))
	r.open()
	r.want("books", r.log.Books("g"), journal.Books{Accepted: 3, Retained: 3, Head: 3})
	r.put("g", "s", 1, "d")
	r.reopen()
	if diff := cmp.Diff(journal.Books{Accepted: 4, Retained: 4, Head: 4, Bytes: 1, Late: 1}, r.log.Books("g")); diff != "" {
		t.Error(diff)
	}
}

// checkBooks holds the books of all journals against themselves and against what clients know.
func (m *model) checkBooks(l *journal.Log, when string) {
	m.t.Helper()
	all, gone, _ := l.AllBooks()
	if d := gone.Difference(); d != 0 {
		m.t.Errorf("%s: the books of deleted journals are out by %d: %+v", when, d, gone)
	}
	acked, offered := map[loglake.JournalID]int64{}, map[loglake.JournalID]int64{}
	for _, p := range m.puts {
		offered[p.id] += int64(len(p.messages))
		if p.acked {
			acked[p.id] += int64(len(p.messages))
		}
	}
	for id, b := range all {
		if d := b.Difference(); d != 0 {
			m.t.Errorf("%s: the books of %s are out by %d: %+v", when, id, d, b)
		}
		if offered[id] > 0 && (b.Accepted < acked[id] || b.Accepted > offered[id]) {
			m.t.Errorf("%s: %s was offered %d events, acknowledged %d, and its books have %d", when, id, offered[id], acked[id], b.Accepted)
		}
	}
}

// atSegment is a filesystem that does something when a segment is begun.
type atSegment struct {
	disk.FS
	do func()
}

func (f *atSegment) OpenFile(name string, flag int, perm fs.FileMode) (disk.File, error) {
	if strings.Contains(filepath.Base(name), ".seg") && flag&os.O_CREATE != 0 && f.do != nil {
		f.do()
	}
	return f.FS.OpenFile(name, flag, perm)
}

// TestReleasedWhileSettled lets go of events that are on their way into a segment: they are counted once.
func TestReleasedWhileSettled(t *testing.T) {
	for _, first := range []loglake.Offset{1, 3, 4, 6} { // of them, before the run is there that replaces the blocks of the first four
		at := &atSegment{FS: disk.Real()}
		r := newRig(t, func(c *journal.Config) { c.FS = at })
		r.put("g", "s", 1, "a")
		r.put("g", "s", 1, "b", "c")
		r.put("g", "s", 1, "d")
		r.reopen()
		r.put("g", "s", 1, "e", "f") // in the next file
		at.do = func() { at.do = nil; r.must(r.log.Release("g", first, math.MaxInt64)) }
		r.must(r.log.Settle(ctx))
		half := func() journal.Books { b := r.log.Books("g"); b.Bytes, b.Late = 0, 0; return b }
		r.want("some released", half(), journal.Books{Accepted: 6, Retained: 6 - int64(first), Released: int64(first), Head: 6})
		r.must(r.log.Release("g", 6, math.MaxInt64))
		r.want("all released", half(), journal.Books{Accepted: 6, Released: 6, Head: 6})
	}
}

// TestUnread damages the last record of a journal that others follow: no gap tells of it, so the log itself does, for as long
// as the file is there.
func TestUnread(t *testing.T) {
	r := newRig(t, nil)
	r.put("g", "s", 1, "first")
	r.put("g", "s", 1, "damaged")
	r.put("h", "s", 1, "follows")
	r.want("whole", r.log.Unread(), 0)
	r.must(r.log.Close())
	r.edit(r.file("wal/*.wal"), func(p []byte) []byte { return flip(strings.Index(string(p), "damaged"))(p) })
	r.open()
	r.want("found", r.log.Unread(), 1)
	if b := r.log.Books("g"); b.Accepted != 1 || b.Difference() != 0 {
		t.Errorf("the journal knows of it: %+v", b)
	}
	r.must(r.log.Settle(ctx))
	r.want("put aside", r.log.Unread(), 1)
	r.reopen()
	r.want("put aside, opened again", r.log.Unread(), 1)
	r.must(os.Remove(r.file("wal/*.damaged")))
	r.reopen()
	r.want("moved away", r.log.Unread(), 0)
}
