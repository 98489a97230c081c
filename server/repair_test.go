package server_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/check"
	"github.com/loglake/loglake/commit"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/internal/disk/disktest"
	"github.com/loglake/loglake/internal/disk/faulttest"
	"github.com/loglake/loglake/layout"
	"github.com/loglake/loglake/server"
	"github.com/loglake/loglake/state"
	"github.com/loglake/loglake/store"
)

// stages are how far a batch has come when the power is cut: what of it is in the bucket.
var stages = []string{"nothing put", "one object put", "all put"}

// cutAt is a lake whose power was cut when a batch of stream direct was staged and had come to a stage. The batch has
// objects of rows and of rejects.
func cutAt(t *testing.T, root, stage string) (*disktest.Machine, *client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), lifeMax)
	defer cancel()
	reached := make(chan struct{}, 1)
	there := func() {
		select {
		case reached <- struct{}{}:
		default:
		}
	}
	m, err := disktest.NewMachine(filepath.Join(root, strings.ReplaceAll(stage, " ", "-")), cancel)
	if err != nil {
		t.Fatal(err)
	}
	armed := false
	fault := func(name string) (bool, error) {
		if armed && name == "commit.commit" {
			there()
			return false, errors.New("injected")
		}
		return m.Transaction(name)
	}
	r, err := run(ctx, server.Config{Dir: m.Dir, Home: home, FS: m.FS, StateFault: fault, JournalBytes: 1 << 10})
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, now: loglake.At(time.Now())}
	if err := c.setUp(ctx, r); err != nil {
		t.Fatal(err)
	}
	c.put(ctx, r, "direct", false)
	c.put(ctx, r, "", true)
	if err := c.flush(ctx, r); err != nil {
		t.Fatal(err)
	}
	c.put(ctx, r, "direct", false)
	c.put(ctx, r, "direct", false)
	armed = stage == "all put"
	for nth, at := range stages[:2] {
		for n := nth + 1; at == stage && n < 100; n++ { // and each time it is tried again
			m.FS.Fail(disk.Rule{Op: disk.OpLink, Path: filepath.Join(m.Dir, "staging", "*"), Nth: n, Then: there})
		}
	}
	asked, stop := context.WithCancel(ctx)
	flushed := make(chan struct{})
	go func() {
		defer close(flushed)
		_, _ = r.Streams.Flush(asked, "direct") // it can't end
	}()
	select {
	case <-reached:
	case <-ctx.Done():
		t.Fatal("the stage is not reached")
	}
	stop()
	<-flushed
	m.Cut()
	_ = r.close()
	return m, c
}

// forked opens a folder as the power cut left it, on a machine of its own.
func forked(t *testing.T, m *disktest.Machine, dir string, seed uint64) *disktest.Machine {
	t.Helper()
	fork, err := m.Survivor(dir, seed, func() {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return fork
}

func opened(ctx context.Context, m *disktest.Machine, fault func(string) (bool, error)) (*server.Server, error) {
	if fault == nil {
		fault = m.Transaction
	}
	return server.Open(ctx, server.Config{Dir: m.Dir, Home: home, FS: m.FS, StateFault: fault, JournalBytes: 1 << 10})
}

// stagedFiles gives the staged objects' files, in order.
func stagedFiles(t *testing.T, m *disktest.Machine) (files []string) {
	t.Helper()
	entries, err := m.FS.ReadDir(filepath.Join(m.Dir, "staging"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), "-0") { // the intent, as a copy
			continue
		}
		files = append(files, filepath.Join(m.Dir, "staging", e.Name()))
	}
	return files
}

// damage are what may happen to a staged file. What changes it in place changes the object that is a link to it too.
var damages = map[string]func(fsys disk.FS, file string) error{
	"flipped": func(fsys disk.FS, file string) error {
		return inPlace(fsys, file, func(f disk.File) error {
			b := make([]byte, 1)
			_, err := f.ReadAt(b, 20)
			b[0] ^= 4
			_, again := f.WriteAt(b, 20)
			return errors.Join(err, again)
		})
	},
	"truncated": func(fsys disk.FS, file string) error {
		return inPlace(fsys, file, func(f disk.File) error { return f.Truncate(30) })
	},
	"replaced": func(fsys disk.FS, file string) error { return disk.WriteFile(fsys, file, []byte("something else")) },
	"removed": func(fsys disk.FS, file string) error {
		return errors.Join(fsys.Remove(file), fsys.SyncDir(filepath.Dir(file)))
	},
}

func inPlace(fsys disk.FS, file string, change func(disk.File) error) error {
	f, err := fsys.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(change(f), f.Sync(), f.Close())
}

// afterRepair runs a lake that was repaired, delivers all, and holds it against what its client knows.
func afterRepair(t *testing.T, m *disktest.Machine, c *client, generation int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), lifeMax)
	defer cancel()
	own := &client{t: t, now: c.now}
	for _, p := range c.puts {
		p := *p
		own.puts = append(own.puts, &p)
	}
	r, err := run(ctx, server.Config{Dir: m.Dir, Home: home, FS: m.FS, StateFault: m.Transaction, JournalBytes: 1 << 10})
	if err != nil {
		t.Fatal(err)
	}
	if err := own.flush(ctx, r); err != nil {
		t.Fatal(err)
	}
	own.account(ctx, r, "repaired")
	own.put(ctx, r, "direct", false)
	if err := own.flush(ctx, r); err != nil {
		t.Fatal(err)
	}
	own.account(ctx, r, "went on")
	if err := r.close(); err != nil {
		t.Error(err)
	}
	s, err := opened(ctx, m, nil)
	if err != nil {
		t.Fatal(err)
	}
	own.check(ctx, s, "went on")
	if got := generations(t, ctx, s); got != generation {
		t.Errorf("the newest generation in the manifest is %d, want %d", got, generation)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// generations gives the highest generation of an object in the manifest and in the keys, which have to be one.
func generations(t *testing.T, ctx context.Context, s *server.Server) (highest int) {
	t.Helper()
	err := s.State.View(ctx, func(tx *state.Tx) error {
		objects, err := catalog.ObjectsUnder(tx, bucket, "")
		for _, o := range objects {
			name, _ := layout.ParseKey(o.Key)
			if name.Provenance.Generation != o.Generation {
				t.Errorf("%s has generation %d in the manifest", o.Key, o.Generation)
			}
			highest = max(highest, o.Generation)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return highest
}

// TestRepairDamage damages each staged file in each way at each stage of the put, has the checker see it, a server say what
// to do about it, and the repair mend it; in the end everything is there once.
func TestRepairDamage(t *testing.T) {
	root := t.TempDir()
	for _, stage := range stages {
		m, c := cutAt(t, root, stage)
		for name, harm := range damages {
			for file := range 2 {
				t.Run(fmt.Sprintf("%s, file %d %s", stage, file+1, name), func(t *testing.T) {
					fork := forked(t, m, filepath.Join(root, fmt.Sprint("fork-", stage[:3], name, file)), disk.SeedKeepAll)
					files := stagedFiles(t, fork)
					if len(files) != 2 {
						t.Fatalf("staged are %v", files)
					}
					if err := harm(fork.FS, files[file]); err != nil {
						t.Fatal(err)
					}
					put := slices.Index(stages, stage)
					inBucket := file < put && (name == "replaced" || name == "removed") // its object is whole
					if !inBucket {
						saysHow(t, fork)
					}
					repairs(t, fork, inBucket)
					generation := 1
					if inBucket {
						generation = 0
					}
					afterRepair(t, fork, c, generation)
				})
			}
		}
	}
}

// repairs checks, tries and repairs a folder whose staged batch is damaged, or fine after all.
func repairs(t *testing.T, m *disktest.Machine, fine bool) {
	t.Helper()
	ctx := t.Context()
	s, err := opened(ctx, m, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	before := len(m.FS.Calls())
	tried, err := s.Repair(ctx, check.DryRun)
	if err != nil {
		t.Fatal(err)
	}
	for _, call := range m.FS.Calls()[before:] {
		t.Errorf("the dry run calls %s %s", call.Op, call.Path)
	}
	done, err := s.Repair(ctx, check.Mend)
	if err != nil {
		t.Fatal(err)
	}
	if len(tried.Answers) != len(done.Answers) || len(done.Left.Problems) > 0 || fine != (len(done.Answers) == 0) {
		t.Errorf("tried: %+v\ndone: %+v\nleft: %+v", tried.Answers, done.Answers, done.Left.Problems)
	}
	for _, a := range done.Answers {
		if a.Kind != "staged" || !a.Mended || !strings.Contains(a.Answer, "generation 1") {
			t.Errorf("answer: %+v", a)
		}
	}
}

// saysHow runs a server on a damaged staged batch, and holds what its status says of it. It changes nothing.
func saysHow(t *testing.T, m *disktest.Machine) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), lifeMax)
	defer cancel()
	told := make(chan string, 100)
	r, err := run(ctx, server.Config{Dir: m.Dir, Home: home, FS: m.FS, JournalBytes: 1 << 10, OnEvent: func(e server.Event) {
		if e.Err != nil {
			told <- e.Err.Error()
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case text := <-told:
		if !strings.Contains(text, "`loglake check --repair --data "+m.Dir+"`") || !strings.Contains(text, "its events are still in the journal") {
			t.Errorf("the log says %s", text)
		}
	case <-ctx.Done():
		t.Error("the log says nothing")
	}
	all, err := r.Streams.Statuses(ctx)
	for _, st := range all {
		if st.Name == "direct" && !strings.Contains(st.Failure, "loglake check --repair --data "+m.Dir) {
			t.Errorf("the status says %q", st.Failure)
		}
	}
	if err := errors.Join(err, r.close()); err != nil {
		t.Error(err)
	}
}

// TestRepairFaults lets each call of a repair that changes something fail, or be the last before the power is cut, before
// or after it is done. What is left is repaired, or, where voiding was decided, started.
func TestRepairFaults(t *testing.T) {
	root, record := t.TempDir(), faulttest.New(t)
	if !faulttest.Full() {
		record.Choice()
	}
	m, c := cutAt(t, root, "all put")
	bad := forked(t, m, filepath.Join(root, "bad"), disk.SeedLoseAll)
	if err := damages["flipped"](bad.FS, stagedFiles(t, bad)[1]); err != nil {
		t.Fatal(err)
	}
	damaged := func(t *testing.T, name string) *disktest.Machine {
		return forked(t, bad, filepath.Join(root, name), disk.SeedKeepAll)
	}
	clean := newMachine(damaged(t, "clean"), fault{})
	repairWith(t, clean)
	count := clean.sites()
	if len(count) < 5 {
		t.Errorf("a repair calls %v", count)
	}
	for i, f := range table(count, faulttest.Full()) {
		f.record = record
		t.Run(f.String(), func(t *testing.T) {
			fm := newMachine(damaged(t, fmt.Sprint("case", i)), f)
			repairWith(t, fm)
			left := fm.Machine
			if f.way.crash && fm.hit.Load() {
				left = forked(t, fm.Machine, filepath.Join(root, fmt.Sprint("left", i)), uint64(i))
			}
			if !voidingDecided(t, left) || i%2 == 0 {
				repairWith(t, newMachine(left, fault{}))
			}
			afterRepair(t, left, c, 1)
		})
	}
}

// repairWith repairs a folder; what fails of it is what the test is about.
func repairWith(t *testing.T, m *machine) {
	t.Helper()
	s, err := opened(t.Context(), m.Machine, m.transaction)
	if err == nil {
		_, err = s.Repair(t.Context(), check.Mend)
		_ = s.Close()
	}
	if err != nil && m.fault.nth == 0 {
		t.Fatal(err)
	}
}

func voidingDecided(t *testing.T, m *disktest.Machine) bool {
	t.Helper()
	s, err := opened(t.Context(), m, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	all, err := s.Commit.Staged(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return !slices.ContainsFunc(all, func(b commit.Batch) bool { return !b.Voiding })
}

// TestRepairOthers goes through the kinds of problems beside staged batches: each has its answer, and no bytes go.
func TestRepairOthers(t *testing.T) {
	ctx := t.Context()
	root := t.TempDir()
	m, _ := cutAt(t, root, "nothing put")
	objects := func(s *server.Server, prefix string) (keys []string) {
		all, _, err := s.Store.List(ctx, bucket, prefix, "", 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range all {
			keys = append(keys, o.Key)
		}
		return keys
	}
	read := func(s *server.Server, key string) []byte {
		content, _, err := s.Store.Get(ctx, bucket, key)
		if err != nil {
			t.Fatal(err)
		}
		defer content.Close()
		b, err := io.ReadAll(content)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	write := func(s *server.Server, key string, b []byte) {
		if _, err := s.Store.Put(ctx, bucket, key, strings.NewReader(string(b)), store.PutOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	for name, one := range map[string]struct {
		harm   func(s *server.Server)
		kind   string
		mended bool
		answer string
	}{
		"orphan": {func(s *server.Server) {}, "orphan", true, "removed"},
		"missing": {func(s *server.Server) {
			if err := s.Store.Delete(ctx, bucket, objects(s, "data/")[0]); err != nil {
				t.Fatal(err)
			}
		}, "missing", true, "put back"},
		"all missing": {func(s *server.Server) {
			for _, key := range objects(s, "") {
				if err := s.Store.Delete(ctx, bucket, key); err != nil {
					t.Fatal(err)
				}
			}
		}, "missing", false, "the bucket"},
		"changed": {func(s *server.Server) {
			key := objects(s, "data/")[0]
			b := read(s, key)
			b[10]++
			write(s, key, b)
		}, "object", false, "from a backup"},
		"copied": {func(s *server.Server) {
			key := objects(s, "data/")[0]
			write(s, "data/dt=1999/"+path.Base(key), read(s, key))
		}, "stray", false, "committed without it"},
	} {
		t.Run(name, func(t *testing.T) {
			fork := forked(t, m, filepath.Join(root, strings.ReplaceAll(name, " ", "-")), disk.SeedKeepAll)
			s, err := opened(ctx, fork, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if name == "orphan" {
				if err := disk.WriteFile(fork.FS, filepath.Join(fork.Dir, "staging", "somebody-7-1"), []byte("x")); err != nil {
					t.Fatal(err)
				}
			} else {
				one.harm(s)
			}
			before := objects(s, "")
			done, err := s.Repair(ctx, check.Mend)
			if err != nil {
				t.Fatal(err)
			}
			if len(done.Answers) == 0 {
				t.Error("nothing was found")
			}
			for _, a := range done.Answers {
				if a.Kind != one.kind || a.Mended != one.mended || !strings.Contains(a.Answer, one.answer) {
					t.Errorf("answer: %+v", a)
				}
			}
			if (len(done.Left.Problems) == 0) != one.mended {
				t.Errorf("left: %+v", done.Left.Problems)
			}
			if after := objects(s, ""); !slices.Equal(before, after) {
				t.Errorf("the bucket had %v and has %v", before, after)
			}
		})
	}
}

// TestRepairReturned takes an object away, has that noted, and puts it back.
func TestRepairReturned(t *testing.T) {
	ctx, root := t.Context(), t.TempDir()
	m, c := cutAt(t, root, "nothing put")
	fork := forked(t, m, filepath.Join(root, "fork"), disk.SeedKeepAll)
	s, err := opened(ctx, fork, nil)
	if err != nil {
		t.Fatal(err)
	}
	all, _, err := s.Store.List(ctx, bucket, "data/", "", 1)
	if err != nil {
		t.Fatal(err)
	}
	content, _, err := s.Store.Get(ctx, bucket, all[0].Key)
	if err != nil {
		t.Fatal(err)
	}
	bytes, err := io.ReadAll(content)
	err = errors.Join(err, content.Close(), s.Store.Delete(ctx, bucket, all[0].Key))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second finds nothing
		if done, err := s.Repair(ctx, check.Mend); err != nil || len(done.Left.Problems) > 0 || done.Left.Removed != 1 {
			t.Errorf("repair: %+v, %v", done, err)
		}
	}
	if _, err := s.Store.Put(ctx, bucket, all[0].Key, strings.NewReader(string(bytes)), store.PutOptions{}); err != nil {
		t.Fatal(err)
	}
	if done, err := s.Repair(ctx, check.Mend); err != nil || len(done.Answers) != 1 || done.Answers[0].Kind != "stray" || !done.Answers[0].Mended ||
		len(done.Left.Problems) > 0 || done.Left.Removed != 0 {
		t.Errorf("repair of what returned: %+v, %v", done, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	afterRepair(t, fork, c, 0)
}

// TestRepairLatePut has a put of a batch come to the bucket after the batch was voided, as one may whose answer was lost: it
// is removed. What somebody else put under its key stays.
func TestRepairLatePut(t *testing.T) {
	ctx, root := t.Context(), t.TempDir()
	m, c := cutAt(t, root, "nothing put")
	fork := forked(t, m, filepath.Join(root, "fork"), disk.SeedKeepAll)
	files := stagedFiles(t, fork)
	late, err := disk.ReadFile(fork.FS, files[1])
	if err != nil {
		t.Fatal(err)
	}
	if err := fork.FS.Remove(files[0]); err != nil {
		t.Fatal(err)
	}
	repairs(t, fork, false)
	s, err := opened(ctx, fork, nil)
	if err != nil {
		t.Fatal(err)
	}
	var voided []commit.Batch
	err = s.State.View(ctx, func(tx *state.Tx) (err error) {
		voided, err = commit.VoidsTx(tx)
		return err
	})
	if err != nil || len(voided) != 1 || len(voided[0].Objects) != 2 {
		t.Fatal(voided, err)
	}
	o := voided[0].Objects[1]
	for _, one := range []struct {
		text   []byte
		mode   check.Mode
		mended bool
		left   int
	}{{[]byte("another's"), check.Mend, false, 1}, {late, check.DryRun, true, 1}, {late, check.Mend, true, 0}} {
		if _, err := s.Store.Put(ctx, o.Bucket, o.Key, strings.NewReader(string(one.text)), store.PutOptions{}); err != nil {
			t.Fatal(err)
		}
		done, err := s.Repair(ctx, one.mode)
		if err != nil || len(done.Answers) != 1 || done.Answers[0].Kind != "stray" || done.Answers[0].Mended != one.mended || len(done.Left.Problems) != one.left {
			t.Errorf("%d bytes: %+v, %v", len(one.text), done, err)
		}
	}
	if _, err := s.Store.Stat(ctx, o.Bucket, o.Key); !errors.Is(err, store.ErrNoObject) {
		t.Errorf("the late object is there: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	afterRepair(t, fork, c, 1)
}

// TestRepairKeepsLastCopies damages a staged batch of which one object is put, and the journal's bytes of its events too: what
// is put is not withdrawn, until somebody has moved it away.
func TestRepairKeepsLastCopies(t *testing.T) {
	root, ctx := t.TempDir(), t.Context()
	m, _ := cutAt(t, root, "one object put")
	fork := forked(t, m, filepath.Join(root, "fork"), disk.SeedKeepAll)
	if err := damages["removed"](fork.FS, stagedFiles(t, fork)[1]); err != nil {
		t.Fatal(err)
	}
	for _, sub := range []string{"wal", "segments"} {
		dir := filepath.Join(fork.Dir, "journal", sub)
		entries, err := fork.FS.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if err := flipMessages(fork.FS, filepath.Join(dir, e.Name())); err != nil {
				t.Fatal(err)
			}
		}
	}
	s, err := opened(ctx, fork, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	staged := func(want bool) {
		t.Helper()
		done, err := s.Repair(ctx, check.Mend)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range done.Answers {
			if a.Kind == "staged" && (a.Mended != want || !want && !strings.Contains(a.Answer, "last copy")) {
				t.Errorf("answer: %+v", a)
			}
		}
	}
	var batch []commit.Batch
	if err := s.State.View(ctx, func(tx *state.Tx) (err error) {
		batch, err = commit.StagedTx(tx)
		return err
	}); err != nil || len(batch) != 1 {
		t.Fatal(batch, err)
	}
	staged(false)
	put := batch[0].Objects[0]
	if _, err := s.Store.Stat(ctx, bucket, put.Key); err != nil {
		t.Fatalf("what was put is gone: %v", err)
	}
	if err := errors.Join(s.Store.Delete(ctx, bucket, put.Key), damages["removed"](fork.FS, stagedFiles(t, fork)[0])); err != nil {
		t.Fatal(err)
	}
	staged(true)
}

// flipMessages flips a bit of the last bytes of a file of the journal, where what it holds ends.
func flipMessages(fsys disk.FS, file string) error {
	return inPlace(fsys, file, func(f disk.File) error {
		info, err := f.Stat()
		if err != nil {
			return err
		}
		b := make([]byte, info.Size())
		if _, err := f.ReadAt(b, 0); err != nil {
			return err
		}
		end := len(bytes.TrimRight(b, "\x00"))
		if end < 100 {
			return nil
		}
		b[end-20] ^= 1
		_, err = f.WriteAt(b[end-20:end-19], int64(end-20))
		return err
	})
}
