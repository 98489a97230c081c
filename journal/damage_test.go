package journal_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/journal"
)

// file gives the only file of the rig that matches the pattern.
func (r *rig) file(pattern string) string {
	r.t.Helper()
	names, err := filepath.Glob(filepath.Join(r.cfg.Dir, pattern))
	if err != nil || len(names) != 1 {
		r.t.Fatal(pattern, names, err)
	}
	return names[0]
}

func (r *rig) edit(path string, change func([]byte) []byte) {
	r.t.Helper()
	p, err := os.ReadFile(path)
	r.must(err)
	r.must(os.WriteFile(path, change(p), 0o644))
}

func flip(at int) func([]byte) []byte {
	return func(p []byte) []byte { p[at] ^= 0x10; return p }
}

// TestFlippedBitWhileOpen flips a bit in each byte of a WAL file and of a segment under an open log that has nothing in
// memory: every read gives the right events or names the file.
func TestFlippedBitWhileOpen(t *testing.T) {
	for _, place := range []string{"wal/*.wal", "segments/*.seg"} {
		r := newRig(t, func(c *journal.Config) { c.CacheBytes = 1 })
		r.put("g", "s", 1, "hello", "world")
		r.put("g", "t", 1, "again")
		want := r.all("g", 1)
		if strings.HasPrefix(place, "seg") {
			r.reopen()
			r.must(r.log.Settle(ctx))
		}
		path := r.file(place)
		p, err := os.ReadFile(path)
		r.must(err)
		failed := 0
		for i := range p {
			r.edit(path, flip(i))
			var got []string
			blocks, err := r.log.Read(ctx, "g", 0, 1<<20)
			for _, b := range blocks {
				got = append(got, blockLines(b)...)
			}
			if err == nil && len(blocks) == 1 {
				_, err = r.log.Read(ctx, "g", blocks[0].End(), 1<<20)
			}
			var damage *journal.CorruptError
			switch {
			case errors.As(err, &damage) && damage.File == path && damage.Offset <= int64(i) && damage.To > damage.From:
				failed++
			case err != nil:
				t.Errorf("%s, byte %d: %v", place, i, err)
			default:
				r.want(fmt.Sprint(place, i), got, want)
			}
			r.edit(path, flip(i))
		}
		if failed < len(p)/4 {
			t.Error(place, "only", failed, "of", len(p), "bytes matter")
		}
		r.want("mended", r.all("g", 1), want)
	}
}

// TestDamagedMiddle damages a record of a WAL file that the next file seals, and of the last file where a later sync proves
// that it had been acknowledged: it is reported, and what comes after it is still there.
func TestDamagedMiddle(t *testing.T) {
	for _, sealed := range []bool{false, true} {
		r := newRig(t, func(c *journal.Config) { c.WALBytes = 1 << 20 })
		for i := range 5 {
			r.put("g", "s", 1, fmt.Sprint("event ", i))
		}
		if sealed {
			r.reopen()
			r.put("g", "s", 1, "event 5")
		}
		r.log.Close()
		path := filepath.Join(r.cfg.Dir, "wal", "0000000000000001.wal")
		r.edit(path, func(p []byte) []byte {
			at := strings.Index(string(p), "event 2")
			p[at] = 'E'
			return p
		})
		r.events = nil
		r.open()
		if len(r.events) < 2 || r.events[0].Kind != journal.EventDamaged || r.events[0].File != path {
			t.Fatalf("sealed %v: events: %v", sealed, r.events)
		}
		blocks, err := r.log.Read(ctx, "g", 0, 1<<20)
		r.must(err)
		r.want("before", len(blocks), 2)
		_, err = r.log.Read(ctx, "g", 2, 1<<20)
		var damage *journal.CorruptError
		if !errors.As(err, &damage) || damage.From != 2 || damage.To != 3 {
			t.Fatal("in the hole:", err)
		}
		blocks, err = r.log.Read(ctx, "g", damage.To, 1<<20)
		r.must(err)
		r.want("after", blocks[0].First, loglake.Offset(3))
		var problems int
		r.must(r.log.Check(ctx, func(journal.Problem) { problems++ }))
		if problems == 0 {
			t.Error("check finds nothing")
		}
		r.must(r.log.Settle(ctx)) // must neither fail nor hide it
		if _, err = r.log.Read(ctx, "g", 2, 1<<20); !errors.As(err, &damage) {
			t.Error("after settling:", err)
		}
		r.file("wal/*.damaged")
	}
}

// TestTornTail cuts and garbles the last record at each byte: what was acknowledged before it is there, it is there whole
// or not at all, and the log goes on.
func TestTornTail(t *testing.T) {
	r := newRig(t, func(c *journal.Config) { c.WALBytes = 1 << 20 })
	r.put("g", "s", 1, "acknowledged")
	r.log.Close()
	path := r.file("wal/*.wal")
	before, err := os.ReadFile(path)
	r.must(err)
	whole := append([]byte(nil), before...)
	whole = append(whole, journal.PutRecord(1, "g", 1, int64(len(before)), builder(1, "torn"))...)
	for cut := len(before); cut <= len(whole); cut++ {
		for _, garble := range []bool{false, true} {
			r.must(os.WriteFile(path, whole[:cut], 0o644))
			if garble {
				r.edit(path, func(p []byte) []byte {
					return append(p, "stale bytes of an earlier life, long enough to fill the place"...)
				})
			}
			r.open()
			want := []string{"|0 s 1 acknowledged"}
			if cut == len(whole) {
				want = append(want, "|1  1 torn")
			}
			r.want(fmt.Sprint("cut at ", cut), r.all("g", 1), want)
			r.put("g", "s", 1, "goes on")
			r.log.Close()
			r.open()
			r.want(fmt.Sprint("reopened, cut at ", cut), r.all("g", 1), append(want, fmt.Sprintf("|%d s 1 goes on", len(want))))
			r.log.Close()
			r.must(os.Remove(filepath.Join(r.cfg.Dir, "wal", "0000000000000002.wal")))
		}
	}
}

// TestRecycledFile fills a recycled file with fewer bytes than it had in its earlier life: none of those come back.
func TestRecycledFile(t *testing.T) {
	r := newRig(t, nil)
	r.must(r.log.Spare())
	var want []string
	for round := range 6 {
		for i := range 10 - round {
			m := fmt.Sprintf("round %d, event %d, %s", round, i, strings.Repeat("x", 20*i))
			r.put("g", "s", 1, m)
			want = append(want, fmt.Sprintf("|%d s 1 %s", len(want), m))
		}
		r.reopen()
		r.want(fmt.Sprint("round ", round), r.all("g", 1), want)
		r.must(r.log.Settle(ctx))
		r.file("wal/*.spare")
		r.want(fmt.Sprint("settled, round ", round), r.all("g", 1), want)
	}
}

// TestSmallJournalsMerge settles many small files: small journals share segments and come together in time.
func TestSmallJournalsMerge(t *testing.T) {
	r := newRig(t, nil)
	want := map[loglake.JournalID][]string{}
	for round := range 40 {
		for k := range 5 {
			id := loglake.JournalID(fmt.Sprint("g", k))
			m := fmt.Sprintf("round %d", round)
			r.put(id, "s", 1, m)
			want[id] = append(want[id], fmt.Sprintf("|%d s 1 %s", round, m))
		}
		r.reopen()
		r.must(r.log.Settle(ctx))
		r.must(r.log.Tidy(ctx))
		if n, _ := r.log.Segments(); n > 10 {
			t.Fatal("segments:", n)
		}
	}
	for id, w := range want {
		r.want(string(id), r.all(id, 1), w)
	}
	for k := range 4 {
		r.must(r.log.Delete(loglake.JournalID(fmt.Sprint("g", k))))
	}
	before := r.log.Bytes()
	for range 10 {
		r.must(r.log.Tidy(ctx))
	}
	if after := r.log.Bytes(); after > before*2/3 {
		t.Error("space of deleted journals is not given back:", before, after)
	}
	r.reopen()
	r.want("kept", r.all("g4", 1), want["g4"])
}

// TestScan compares Scan in all places with a filter over all events' blocks.
func TestScan(t *testing.T) {
	r := newRig(t, func(c *journal.Config) { c.WALBytes = 1 << 20 })
	streams := []loglake.LogStreamName{"a", "b", "c"}
	for i := range 60 {
		r.put("g", streams[i*7%3], loglake.Millis(1000+i*13%50), strings.Repeat("x", 1+i*97%9000), "second")
	}
	ranges := []journal.ScanRange{
		{}, {From: 3, To: 50}, {From: 118}, {To: 1}, {MinTime: 1030}, {MaxTime: 1010}, {MinTime: 1010, MaxTime: 1012},
		{Streams: streams[:1]}, {Streams: streams[1:], MinTime: 1040, From: 10, To: 100}, {Streams: []loglake.LogStreamName{"z"}}, {From: 500},
	}
	check := func(place string) {
		t.Helper()
		everything, err := r.log.Read(ctx, "g", 0, 1<<30)
		r.must(err)
		for _, q := range ranges {
			var want, got []loglake.Offset
			for _, b := range everything {
				in := b.End() > q.From && (q.To == 0 || b.First < q.To) && b.MaxTime >= q.MinTime && (q.MaxTime == 0 || b.MinTime <= q.MaxTime)
				stream := len(q.Streams) == 0
				for _, s := range q.Streams {
					stream = stream || s == b.Stream
				}
				if in && stream {
					want = append(want, b.First)
				}
			}
			for b, err := range r.log.Scan(ctx, "g", q) {
				r.must(err)
				got = append(got, b.First)
			}
			r.want(fmt.Sprintf("%s: %+v", place, q), got, want)
		}
	}
	check("memory")
	r.reopen()
	check("WAL")
	r.must(r.log.Settle(ctx))
	check("segment")
}
