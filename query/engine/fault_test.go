//go:build cgo

package engine_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/internal/disk/faulttest"
	"github.com/loglake/loglake/query/engine"
)

// TestFaults fails what the engine does in its own folder. It does not start on a folder that it could not empty; what of
// a child's spill folder stays harms nobody, and goes when the next engine begins.
func TestFaults(t *testing.T) {
	rec := faulttest.New(t)
	for _, apply := range []bool{false, true} {
		for _, op := range []disk.Op{disk.OpRemove, disk.OpMkdir} {
			t.Run(fmt.Sprintf("new: %s, done %v", op, apply), func(t *testing.T) {
				fs, dir := disk.NewFaulty(disk.Real()), filepath.Join(t.TempDir(), "spill")
				if err := disk.WriteFile(disk.Real(), filepath.Join(filepath.Dir(dir), "other"), nil); err != nil {
					t.Fatal(err)
				}
				fs.Fail(disk.Rule{Op: op, Apply: apply, Then: func() { rec.Call(apply) }})
				config := engine.Config{Command: []string{"true"}, Dir: dir, FS: fs}
				if _, err := engine.New(config); err == nil {
					t.Error("it began")
				}
				fs.Heal()
				e, err := engine.New(config)
				if err != nil {
					t.Fatal(err)
				}
				if err := e.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		t.Run(fmt.Sprintf("a child's end, done %v", apply), func(t *testing.T) {
			if !engine.Built {
				t.Skip("this build has no SQL engine")
			}
			fs, removed := disk.NewFaulty(disk.Real()), make(chan struct{}, 10)
			var dir string
			e := newEngine(t, func(c *engine.Config) { c.FS, dir = fs, c.Dir })
			one := func() {
				t.Helper()
				rows, err := e.Query(t.Context(), engine.Request{SQL: "SELECT 1"})
				if err != nil {
					t.Fatal(err)
				}
				rows.Close()
			}
			one()
			fs.Fail(disk.Rule{Op: disk.OpRemove, Apply: apply, Then: func() { rec.Call(apply); removed <- struct{}{} }})
			if err := e.Close(); err != nil {
				t.Error(err)
			}
			select {
			case <-removed:
			case <-time.After(20 * time.Second):
				t.Fatal("the child's folder was not removed")
			}
			fs.Heal()
			if _, err := engine.New(engine.Config{Command: []string{"true"}, Dir: dir, FS: fs}); err != nil {
				t.Error(err)
			}
			if left, err := fs.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("left: %v, %v", left, err)
			}
		})
	}
}
