package store_test

import (
	"testing"
	"time"

	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/store"
)

// TestAnsweredAndCut cuts the power when a bucket and a document of it have been answered and nothing else was done, whose
// syncs would have made their folders durable too.
func TestAnsweredAndCut(t *testing.T) {
	mem, made := disk.NewCrashable(), time.Date(2025, 12, 3, 10, 15, 30, 0, time.UTC)
	open := func(fs disk.FS, now time.Time) *store.Dir {
		t.Helper()
		d, err := store.OpenDir(store.DirConfig{FS: fs, Root: "/lake", Clock: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	d := open(mem, made)
	if err := d.CreateBucket(t.Context(), "bucket"); err != nil {
		t.Fatal(err)
	}
	cut := open(mem.Crash(disk.SeedLoseAll), made.Add(time.Hour))
	if list, err := cut.ListBuckets(t.Context()); err != nil || len(list) != 1 || !list[0].Created.Equal(made) {
		t.Errorf("buckets: %+v, %v; want one that was made at %s", list, err, made)
	}
	if err := d.PutDocument(t.Context(), "bucket", "policy", []byte("text")); err != nil {
		t.Fatal(err)
	}
	cut = open(mem.Crash(disk.SeedLoseAll), made.Add(time.Hour))
	if text, err := cut.Document(t.Context(), "bucket", "policy"); err != nil || string(text) != "text" {
		t.Errorf("document: %q, %v", text, err)
	}
}
