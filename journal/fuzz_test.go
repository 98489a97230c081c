package journal_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/journal"
)

// seedFiles gives a WAL file and a segment with some of everything.
func seedFiles(f *testing.F) (wal, segment []byte) {
	r := newRig(f, func(c *journal.Config) { c.WALBytes = 1 << 20 })
	r.put("g", "s", 1000, "hello", "", strings.Repeat("world ", 50))
	r.put("h", "t", 5, "other")
	r.put("g", "t", 900, "again")
	r.must(r.log.Create("k"))
	_, err := r.log.Append(ctx, journal.Put{Journal: "g", Dedup: "d", Reply: []byte("reply"), Events: builder(1, "m")})
	r.must(err)
	_, err = r.log.Append(ctx, journal.Put{Journal: "g", Spool: journal.Spool{ID: "spool", From: 4, To: 5}, Events: builder(1, "m")})
	r.must(err)
	wal, err = os.ReadFile(r.file("wal/*.wal"))
	r.must(err)
	r.reopen()
	r.must(r.log.Settle(ctx))
	segment, err = os.ReadFile(r.file("segments/*.seg"))
	r.must(err)
	return wal, segment
}

// FuzzWAL reads hostile bytes as a WAL file, as they are and with checksums made right: no panic, and no more events than
// bytes could hold.
func FuzzWAL(f *testing.F) {
	wal, _ := seedFiles(f)
	f.Add(wal)
	f.Add(wal[:len(wal)-20])
	f.Add([]byte("short"))
	f.Fuzz(func(t *testing.T, p []byte) {
		for _, end := range []int64{-1, int64(len(p))} {
			journal.ScanWALBytes(p, 1, end)
		}
		q := append([]byte(nil), p...)
		journal.SealWALBytes(q, 1)
		journal.ScanWALBytes(q, 1, -1)
	})
}

// FuzzSegment opens a log with hostile bytes as its segment, as they are and with the checksum of the index made right,
// and reads all of it.
func FuzzSegment(f *testing.F) {
	_, segment := seedFiles(f)
	f.Add(segment)
	f.Add(segment[:len(segment)/2])
	f.Add([]byte{})
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, p []byte) {
		q := append([]byte(nil), p...)
		journal.SealSegmentBytes(q)
		for i, bytes := range [][]byte{p, q} {
			path := filepath.Join(dir, "0000000000000001.seg")
			if err := os.WriteFile(path, bytes, 0o644); err != nil {
				t.Fatal(err)
			}
			n, err := journal.ReadSegmentFile(path)
			if err == nil && i == 0 && n > 1<<20 {
				t.Error("events:", n)
			}
		}
	})
}

// FuzzBuilder appends what a fuzzer makes of messages and reads it back from the disk.
func FuzzBuilder(f *testing.F) {
	f.Add("one|two||three", int64(1_700_000_000_000), int64(-5))
	r := newRig(f, func(c *journal.Config) { c.CacheBytes = 1 })
	f.Fuzz(func(t *testing.T, text string, ts, step int64) {
		ts, step = ts%(1<<50), step%(1<<30)
		var b journal.Builder
		messages := strings.Split(text, "|")
		for i, m := range messages {
			b.Add(loglake.Millis(ts+int64(i)*step), []byte(m))
		}
		a, err := r.log.Append(ctx, journal.Put{Journal: "g", Events: &b})
		if err != nil {
			t.Fatal(err)
		}
		blocks, err := r.log.Read(ctx, "g", a.First, 1)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range blocks[0].Events() {
			if string(e.Message) != messages[i] || int64(e.Timestamp) != ts+int64(i)*step || e.Offset != a.First+loglake.Offset(i) {
				t.Errorf("event %d: %+v, want %q", i, e, messages[i])
			}
		}
	})
}

// fuzzFile reads hostile bytes as one of the small files, as they are and with a right checksum: what is read is written the
// same.
func fuzzFile(f *testing.F, reread func([]byte) ([]byte, bool), seeds ...[]byte) {
	for _, b := range seeds {
		f.Add(b)
		f.Add(b[:len(b)-4])
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, p []byte) {
		reread(p)
		if once, ok := reread(journal.Sealed(p)); ok {
			if twice, ok := reread(once); !ok || string(once) != string(twice) {
				t.Errorf("%x became %x", once, twice)
			}
		}
	})
}

// settled gives the small file of a log whose puts were settled.
func settled(f *testing.F, pattern string) []byte {
	r := newRig(f, func(c *journal.Config) { c.Clock = func() time.Time { return time.UnixMilli(6) } })
	for _, put := range []journal.Put{
		{Journal: "g", Ingested: 5, Dedup: "call", Reply: []byte("reply"), Events: builder(1, "m")},
		{Journal: "h", Ingested: 5, Spool: journal.Spool{ID: "spool", From: 4, To: 5}, Events: builder(2, "m")},
	} {
		_, err := r.log.Append(ctx, put)
		r.must(err)
	}
	r.reopen()
	r.must(r.log.Settle(ctx))
	b, err := os.ReadFile(r.file(pattern))
	r.must(err)
	return b
}

func FuzzSpools(f *testing.F) { fuzzFile(f, journal.RereadSpools, settled(f, "spools")) }

func FuzzListing(f *testing.F) {
	fuzzFile(f, journal.RereadListing, settled(f, "journals"), journal.FirstListing("g", 3, 9))
}

func FuzzAnswers(f *testing.F) { fuzzFile(f, journal.RereadAnswers, settled(f, "answers/*.answers")) }
