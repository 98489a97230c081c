package server_test

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/internal/disk/faulttest"
	queries "github.com/loglake/loglake/query"
	"github.com/loglake/loglake/query/engine"
	"github.com/loglake/loglake/server"
)

// A query over the books fails where its scratch file can't be written, and works again afterwards; a file that can't be
// removed harms nobody.
func TestFaultsOfSystemTables(t *testing.T) {
	if !engine.Built {
		t.Skip("this build has no SQL engine")
	}
	rec := faulttest.New(t)
	for _, apply := range []bool{false, true} {
		for _, op := range []disk.Op{disk.OpCreate, disk.OpWrite, disk.OpRemove} {
			t.Run(fmt.Sprintf("%s, done %v", op, apply), func(t *testing.T) {
				fs := disk.NewFaulty(disk.Real())
				dir := t.TempDir()
				var told atomic.Int64
				s := open(t, func(c *server.Config) {
					c.Dir, c.FS = dir, fs
					c.OnEvent = func(e server.Event) {
						if e.Level == server.LevelError && e.Part == "query" {
							told.Add(1)
						}
					}
				})
				fatal(t, s.Store.CreateBucket(t.Context(), "results"))
				output := "s3://results/"
				_, stop := serve(t, s)
				defer stop()
				ask := func() string {
					t.Helper()
					id, err := s.Queries.Start(t.Context(), queries.StartRequest{QueryString: "SELECT * FROM loglake.ledger", Output: &output})
					fatal(t, err)
					x, err := s.Queries.Wait(t.Context(), id)
					fatal(t, err)
					return x.State
				}
				fs.Fail(disk.Rule{Op: op, Path: filepath.Join(dir, "scratch", "system-*"), Apply: apply, Then: func() { rec.Call(apply) }})
				want := queries.Failed
				if op == disk.OpRemove {
					want = queries.Succeeded
				}
				if got := ask(); got != want {
					t.Errorf("the query has %s, want %s", got, want)
				}
				if failed := want == queries.Failed; failed != (told.Load() == 1) {
					t.Errorf("the query has %s, and its operator is told of %d failures", want, told.Load())
				}
				fs.Heal()
				if got := ask(); got != queries.Succeeded {
					t.Errorf("afterwards: %s", got)
				}
			})
		}
	}
}
