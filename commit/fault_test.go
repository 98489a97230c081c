package commit_test

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"testing"

	"github.com/loglake/loglake/commit"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/internal/disk/faulttest"
)

// TestFaults is about the calls of the staging folder that only large objects and leftovers make. A batch whose file was
// not synced, whenever that was, is not staged; its next try makes the file anew.
func TestFaults(t *testing.T) {
	rec := faulttest.New(t)
	for _, apply := range []bool{false, true} {
		for nth := 1; nth <= 2; nth++ {
			t.Run(fmt.Sprintf("sync %d, done %v", nth, apply), func(t *testing.T) {
				r := newRig(t)
				p := r.plan(1, 2)
				much := bytes.Repeat([]byte("rows"), 3<<20)
				p.Drafts[0].Write = func(w io.Writer, _ map[string]string) (commit.Content, error) {
					_, err := w.Write(much)
					return commit.Content{Rows: 2}, err
				}
				r.fs.Fail(disk.Rule{Op: disk.OpSync, Path: "*-1", Nth: nth, Apply: apply, Then: func() { rec.Call(apply) }})
				if _, err := r.c.Commit(t.Context(), p); err == nil {
					t.Error("a file whose sync failed was staged")
				}
				if staged, err := r.c.Staged(t.Context()); err != nil || len(staged) > 0 || r.bucket.puts > 0 {
					t.Errorf("staged %v, %d puts, %v", staged, r.bucket.puts, err)
				}
				_, err := r.c.Commit(t.Context(), p)
				r.must(err)
				if got := r.bucket.objects["b/data/1"]; got != string(much) {
					t.Errorf("the object has %d bytes", len(got))
				}
			})
		}
		for _, op := range []disk.Op{disk.OpRemove, disk.OpMkdir, disk.OpSyncDir} {
			t.Run(fmt.Sprintf("sweep: %s, done %v", op, apply), func(t *testing.T) {
				r := newRig(t)
				r.must(disk.WriteFile(r.fs, filepath.Join(staging, "producer-9-1"), []byte("orphan")))
				r.fs.Fail(disk.Rule{Op: op, Nth: 1, Apply: apply, Then: func() { rec.Call(apply) }})
				if err := r.c.Sweep(t.Context()); err == nil {
					t.Error("a sweep that failed says nothing")
				}
				r.must(r.c.Sweep(t.Context()))
				if files, err := r.fs.ReadDir(staging); err != nil || len(files) != 0 {
					t.Errorf("the sweep left %v, %v", files, err)
				}
			})
		}
	}
}
