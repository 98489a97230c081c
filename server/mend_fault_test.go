package server_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/loglake/loglake/backup"
	"github.com/loglake/loglake/check"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/internal/disk/disktest"
	"github.com/loglake/loglake/internal/disk/faulttest"
	"github.com/loglake/loglake/server"
	"github.com/loglake/loglake/store"
)

// TestRepairFaultsOfManifest lets the transactions fail by which a repair takes an object out of the manifest and takes it in
// again. The repair says so, and the next one makes it good.
func TestRepairFaultsOfManifest(t *testing.T) {
	root, rec := t.TempDir(), faulttest.New(t)
	m, c := cutAt(t, root, "nothing put")
	for _, apply := range []bool{false, true} {
		t.Run(fmt.Sprintf("done %t", apply), func(t *testing.T) {
			fork := forked(t, m, filepath.Join(root, fmt.Sprint("fork-", apply)), disk.SeedKeepAll)
			failing := ""
			s, err := opened(t.Context(), fork, rec.State(func(name string) (bool, error) {
				if name != failing {
					return false, nil
				}
				failing = ""
				return apply, errors.New("injected")
			}))
			if err != nil {
				t.Fatal(err)
			}
			key, content := firstObject(t, s)
			repair := func(transaction string, removed int) {
				t.Helper()
				failing = transaction
				if _, err := s.Repair(t.Context(), check.Mend); err == nil || failing != "" {
					t.Errorf("%s failed, and the repair says nothing of it: %v", transaction, err)
				}
				if done, err := s.Repair(t.Context(), check.Mend); err != nil || len(done.Left.Problems) > 0 || done.Left.Removed != removed {
					t.Errorf("after %s failed: %+v, %v", transaction, done, err)
				}
			}
			fatal(t, s.Store.Delete(t.Context(), bucket, key))
			repair("check.missing", 1)
			_, err = s.Store.Put(t.Context(), bucket, key, bytes.NewReader(content), store.PutOptions{})
			fatal(t, err)
			repair("check.returned", 0)
			fatal(t, s.Close())
			afterRepair(t, fork, c, 0)
		})
	}
}

func firstObject(t *testing.T, s *server.Server) (key string, content []byte) {
	t.Helper()
	all, _, err := s.Store.List(t.Context(), bucket, "data/", "", 1)
	if err != nil || len(all) == 0 {
		t.Fatalf("%d objects, %v", len(all), err)
	}
	r, _, err := s.Store.Get(t.Context(), bucket, all[0].Key)
	fatal(t, err)
	content, err = io.ReadAll(r)
	fatal(t, errors.Join(err, r.Close()))
	return all[0].Key, content
}

// TestBackupFaults lets each call fail by which a lake puts aside what a backup is sent from. The backup is not taken, or says
// that something of it stays beside the lake; the next one is whole, and leaves nothing.
func TestBackupFaults(t *testing.T) {
	root, rec := t.TempDir(), faulttest.New(t)
	m, c := cutAt(t, root, "all put")
	for name, rule := range map[string]disk.Rule{
		"clear before": {Op: disk.OpRemove, Path: "snapshot", Nth: 1},
		"clear after":  {Op: disk.OpRemove, Path: "snapshot", Nth: 2},
		"folder":       {Op: disk.OpMkdir, Path: "snapshot", Nth: 1},
		"staging":      {Op: disk.OpMkdir, Path: "snapshot/staging", Nth: 1},
		"journal":      {Op: disk.OpMkdir, Path: "snapshot/journal/*", Nth: 2},
		"log's file":   {Op: disk.OpCreate, Path: "snapshot/journal/wal/*", Nth: 1},
		"log's bytes":  {Op: disk.OpWrite, Path: "snapshot/journal/wal/*", Nth: 1},
	} {
		for _, apply := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, done %t", name, apply), func(t *testing.T) {
				dir := filepath.Join(root, strings.ReplaceAll(name, " ", "-")+fmt.Sprint(apply))
				fork := forked(t, m, dir, disk.SeedKeepAll)
				s, err := opened(t.Context(), fork, nil)
				fatal(t, err)
				v, err := backup.OpenVault(disk.Real(), dir+"-vault")
				fatal(t, err)
				here := rule
				here.Path, here.Apply, here.Then = filepath.Join(fork.Dir, rule.Path), apply, func() { rec.Call(apply) }
				fork.FS.Fail(here)
				if list, err := take(t.Context(), s, v, backup.Request{}); err == nil {
					t.Errorf("a backup of %d files is taken as if nothing had failed", len(list.Files))
				}
				fork.FS.Heal()
				_, err = take(t.Context(), s, v, backup.Request{})
				fatal(t, errors.Join(err, v.Close(), s.Close()))
				nothingBeside(t, fork)
				if name == "clear after" { // what was sent was whole
					restored(t, dir+"-vault", dir+"-again", &client{t: t, now: c.now, puts: slices.Clone(c.puts)})
				}
			})
		}
	}
	for _, apply := range []bool{false, true} {
		t.Run(fmt.Sprintf("open, done %t", apply), func(t *testing.T) {
			fork := forked(t, m, filepath.Join(root, fmt.Sprint("open-", apply)), disk.SeedKeepAll)
			fatal(t, fork.FS.MkdirAll(filepath.Join(fork.Dir, backup.SnapshotName, "journal")))
			fork.FS.Fail(disk.Rule{Op: disk.OpRemove, Path: filepath.Join(fork.Dir, backup.SnapshotName), Nth: 1, Apply: apply, Then: func() { rec.Call(apply) }})
			if s, err := opened(t.Context(), fork, nil); err == nil {
				t.Error("what a backup left stays, and nobody says so")
				_ = s.Close()
			}
			s, err := opened(t.Context(), fork, nil)
			fatal(t, err)
			fatal(t, s.Close())
			nothingBeside(t, fork)
		})
	}
}

func nothingBeside(t *testing.T, m *disktest.Machine) {
	t.Helper()
	for _, fsys := range []disk.FS{m.FS, disk.Real()} {
		if _, err := fsys.Stat(filepath.Join(m.Dir, backup.SnapshotName)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("what the backup was sent from is still there: %v", err)
		}
	}
}
