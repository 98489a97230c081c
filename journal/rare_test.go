package journal_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/internal/disk/faulttest"
	"github.com/loglake/loglake/journal"
)

// TestFaultsRarely is about the calls that no ordinary life makes: they fail, undone and done, and the log goes on, now and
// after it was opened again.
func TestFaultsRarely(t *testing.T) {
	rec := faulttest.New(t)
	for _, c := range []struct {
		name    string
		prepare func(r *rig, f *disk.Faulty)
		rule    disk.Rule
		act     func(r *rig, f *disk.Faulty) error // makes the call; what it answers when the call failed may be an error
	}{
		{"answers that count no more", func(r *rig, _ *disk.Faulty) {
			r.call("g", "call", "one")
			r.reopen()
			r.put("h", "s", 1, "another file")
			r.must(r.log.Settle(ctx))
			r.now = r.now.Add(2 * journal.DedupWindow)
		}, disk.Rule{Op: disk.OpRemove, Path: "*.answers"}, func(r *rig, _ *disk.Faulty) error { return r.log.Tidy(ctx) }},
		{"spares that a full disk wants back", func(r *rig, f *disk.Faulty) {
			r.call("g", "call", "one")
			r.must(r.log.Spare())
			f.Fill(0)
		}, disk.Rule{Op: disk.OpRemove, Path: "*.spare"}, func(r *rig, f *disk.Faulty) error {
			_, err := r.log.Append(ctx, journal.Put{Journal: "g", Events: builder(1, "refused")})
			if loglake.CodeOf(err) != loglake.CodeThrottled {
				r.t.Errorf("a put to a full disk: %v", err)
			}
			f.Enlarge()
			return nil
		}},
		{"a file that becomes a spare", func(r *rig, _ *disk.Faulty) {
			noise := make([]byte, 5000) // that is not compressed away
			for i := range noise {
				noise[i] = byte(rand.IntN(256))
			}
			r.must(r.log.Spare())
			r.call("g", "call", "one")
			r.put("h", "s", 1, string(noise))
			r.put("h", "s", 1, "another file")
		}, disk.Rule{Op: disk.OpRename, Path: "*.spare"}, func(r *rig, _ *disk.Faulty) error { return r.log.Settle(ctx) }},
		{"a damaged file that was settled", func(r *rig, f *disk.Faulty) {
			r.call("h", "call", "damaged")
			r.call("g", "call", "one")
			r.flip(f, "damaged")
			r.reopen()
		}, disk.Rule{Op: disk.OpRename, Path: "*.damaged"}, func(r *rig, _ *disk.Faulty) error { return r.log.Settle(ctx) }},
	} {
		for _, apply := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, done %v", c.name, apply), func(t *testing.T) {
				f := disk.NewFaulty(disk.NewCrashable())
				r := newRig(t, func(cfg *journal.Config) { cfg.FS, cfg.Dir, cfg.Sync = f, "/lake", journal.SyncAlways })
				c.prepare(r, f)
				hit := false
				c.rule.Nth, c.rule.Apply, c.rule.Then = 1, apply, func() { hit = true; rec.Call(apply) }
				f.Fail(c.rule)
				_ = c.act(r, f)
				if !hit {
					t.Fatal("the call was not made")
				}
				for range 2 {
					r.must(r.log.Settle(ctx))
					r.must(r.log.Tidy(ctx))
					r.call("g", fmt.Sprint(time.Now()), "two")
					if got := r.all("g", 1<<20); len(got) < 2 || got[0] != "|0  1 one" {
						t.Errorf("read %q", got)
					}
					r.reopen()
				}
			})
		}
	}
}

// call puts a message by a call of an id.
func (r *rig) call(id loglake.JournalID, call, message string) {
	r.t.Helper()
	_, err := r.log.Append(ctx, journal.Put{Journal: id, Dedup: call, Events: builder(1, message), Ingested: loglake.At(r.now)})
	r.must(err)
}

// flip damages the WAL file that has the text, where it has it.
func (r *rig) flip(f disk.FS, text string) {
	r.t.Helper()
	list, err := f.ReadDir("/lake/wal")
	r.must(err)
	for _, e := range list {
		path := "/lake/wal/" + e.Name()
		p, err := disk.ReadFile(f, path)
		r.must(err)
		if at := bytes.Index(p, []byte(text)); at >= 0 {
			p[at] ^= 0x10
			r.must(disk.WriteFile(f, path, p))
			return
		}
	}
	r.t.Fatal("no file has ", text)
}

// TestHasStream finds log streams in the write-ahead log and in segments, and not what was released.
func TestHasStream(t *testing.T) {
	r := newRig(t, nil)
	r.put("g", "old", 1, "a")
	r.must(r.log.Create("empty"))
	has := func(when string, want ...bool) {
		t.Helper()
		for i, name := range []loglake.LogStreamName{"old", "new", "never"} {
			_, streams := r.log.Streams("g")[name]
			if got := r.log.HasStream("g", name); got != want[i] || got != streams {
				t.Errorf("%s: %s is there: %v, and Streams says %v", when, name, got, streams)
			}
		}
	}
	has("in the log", true, false, false)
	r.reopen()
	r.must(r.log.Settle(ctx))
	r.put("g", "new", 1, "b")
	has("in a segment", true, true, false)
	r.must(r.log.Release("g", 1, math.MaxInt64))
	has("released", false, true, false)
	if r.log.HasStream("empty", "old") || r.log.HasStream("unknown", "old") {
		t.Error("a journal without events has a log stream")
	}
}
