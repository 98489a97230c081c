package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/loglake/loglake/delivery"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/internal/disk/faulttest"
)

// A scratch disk that fails costs a query its rows at most, and says so; delivery goes on without it.
func TestFaultsOfScratch(t *testing.T) {
	rec := faulttest.New(t)
	for _, apply := range []bool{false, true} {
		for _, op := range []disk.Op{disk.OpCreate, disk.OpWrite, disk.OpRemove} {
			t.Run(fmt.Sprintf("%s, done %v", op, apply), func(t *testing.T) { faultyScratch(t, rec, op, apply) })
		}
		for _, op := range []disk.Op{disk.OpRemove, disk.OpMkdir} {
			t.Run(fmt.Sprintf("open: %s, done %v", op, apply), func(t *testing.T) {
				l := open(t, &lake{fs: disk.NewFaulty(disk.Real())})
				l.close()
				fs := disk.NewFaulty(disk.Real())
				fs.Fail(disk.Rule{Op: op, Path: filepath.Join(l.dir, "scratch"), Apply: apply, Then: func() { rec.Call(apply) }})
				if _, err := delivery.Open(t.Context(), delivery.Config{FS: fs, Scratch: filepath.Join(l.dir, "scratch")}); err == nil {
					t.Error("opened, without its scratch folder")
				}
				open(t, &lake{dir: l.dir}).close()
			})
		}
	}
}

func faultyScratch(t *testing.T, rec *faulttest.Recorder, op disk.Op, apply bool) {
	fs := disk.NewFaulty(disk.Real())
	l := open(t, &lake{fs: fs})
	defer l.close()
	l.setUp()
	l.stream("s", l.destination(""))
	l.put("s", event("a", 1))
	l.streams.CatchUp(t.Context(), in("data/"))
	scratch := func(op disk.Op, apply bool) {
		fs.Fail(disk.Rule{Op: op, Path: filepath.Join(l.dir, "scratch", "*"), Apply: apply, Then: func() { rec.Call(apply) }})
	}
	if op == disk.OpRemove {
		scratch(disk.OpWrite, false) // so that there is something to take away
	}
	scratch(op, apply)
	all, err := l.streams.Hot(t.Context(), in("data/"))
	if err != nil || len(all) != 1 {
		t.Fatalf("%d hot pieces, %v", len(all), err)
	}
	for range 2 {
		if _, _, err := all[0].Export(); err == nil {
			t.Error("rows were exported to a disk that fails")
		}
	}
	fs.Heal()
	path, _, err := all[0].Export()
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if ids := readIDs(t, content); err != nil || len(ids) != 1 {
		t.Errorf("exported afterwards: %v, %v", ids, err)
	}
	if op == disk.OpRemove {
		scratch(op, apply) // the file stays, or is gone: it is nobody's any more
	}
	all[0].Unpin()
	l.put("s", event("b", 2))
	l.flush("s")
	fs.Heal()
	want(t, "rows", l.rows("data/"), "a", "b")
	l.check()
}

// A stream is deleted while a batch of it is staged and can't be committed: what is put of it goes too, also where that, or
// forgetting it, fails first.
func TestFaultsOfDeletion(t *testing.T) {
	rec := faulttest.New(t)
	for _, apply := range []bool{false, true} {
		for _, what := range []string{"Delete", "commit.forget"} {
			t.Run(fmt.Sprintf("%s, done %v", what, apply), func(t *testing.T) {
				var armed atomic.Bool
				l := open(t, &lake{fault: func(transaction string) (bool, error) {
					if transaction == what && armed.CompareAndSwap(true, false) {
						rec.Transaction(what, apply)
						return apply, errLost
					}
					if transaction == "commit.commit" {
						return false, errLost
					}
					return false, nil
				}})
				defer func() { l.close() }()
				l.setUp()
				l.stream("s", l.destination(""))
				l.put("s", event("a", 1))
				flushing, cancel := context.WithCancel(t.Context())
				go l.streams.Flush(flushing, "s") //nolint:errcheck // it can't end well
				if err := wait(l, delivery.NoticeRetry, errLost); err != nil {
					t.Fatal(err)
				}
				cancel()
				l.faulty.Fault = func(method, _ string) (bool, error) {
					if method != what || !armed.CompareAndSwap(true, false) {
						return false, nil
					}
					rec.Call(apply)
					return apply, errLost
				}
				armed.Store(true)
				if err := l.streams.Delete(t.Context(), "s"); !errors.Is(err, errLost) {
					t.Errorf("delete: %v", err)
				}
				if armed.Load() {
					t.Error("the call was not made")
				}
				if err := l.streams.Delete(t.Context(), "s"); err != nil {
					t.Errorf("delete again: %v", err)
				}
				if left := l.rows("data/"); len(left) != 0 {
					t.Errorf("rows of the batch that was dropped: %v", left)
				}
				l.close() // staged files that nobody names go at the next start
				l = open(t, &lake{dir: l.dir})
				l.check()
			})
		}
	}
}

// The bucket does not take an object, or takes it and says that it did not: the row is delivered once.
func TestFaultsOfPublishing(t *testing.T) {
	rec := faulttest.New(t)
	for _, apply := range []bool{false, true} {
		var failed atomic.Int32
		l := &lake{}
		l.faulty.Fault = func(method, _ string) (bool, error) {
			if method != "PutFile" || failed.Add(1) > 2 {
				return false, nil
			}
			rec.Call(apply)
			return apply, errLost
		}
		open(t, l)
		l.setUp()
		l.stream("s", l.destination(""))
		l.put("s", event("a", 1))
		l.flush("s")
		want(t, "rows", l.rows("data/"), "a")
		l.check()
		l.close()
	}
}
