package commit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/commit"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/state"
	"github.com/loglake/loglake/store"
)

const (
	producer = loglake.ProducerID("producer")
	source   = loglake.SourceID("source")
	journal  = loglake.JournalID("journal")
	staging  = "/lake/staging"
)

// bucket is a Publisher that keeps objects in memory and fails as told.
type bucket struct {
	fs      disk.FS
	objects map[string]string
	puts    int
	fail    func(n int) (done bool, err error) // asked at the nth put; nil: none fails
	deletes int
	stay    func(n int) (done bool, err error) // asked at the nth delete
	gone    bool                               // the bucket is not there

	metadata map[string]map[string]string
}

func (b *bucket) Delete(_ context.Context, name, key string) error {
	b.deletes++
	done, failure := true, error(nil)
	if b.stay != nil {
		done, failure = b.stay(b.deletes)
	}
	if done {
		delete(b.objects, name+"/"+key)
	}
	return failure
}

func (b *bucket) PutFile(_ context.Context, name, key, path string, o store.PutFileOptions) error {
	b.puts++
	b.metadata[name+"/"+key] = o.Metadata
	done, failure := true, error(nil)
	if b.fail != nil {
		if done, failure = b.fail(b.puts); failure != nil && !done {
			return failure
		}
	}
	body, err := disk.ReadFile(b.fs, path)
	if err != nil {
		return err
	}
	if there, ok := b.objects[name+"/"+key]; ok && there != string(body) {
		return loglake.Errorf(loglake.CodeExists, "another object is there")
	}
	b.objects[name+"/"+key] = string(body)
	return failure
}

type content struct{ *bytes.Reader }

func (content) Close() error { return nil }

func (b *bucket) Get(_ context.Context, name, key string) (store.Content, store.Object, error) {
	body, ok := b.objects[name+"/"+key]
	if b.gone {
		return nil, store.Object{}, fmt.Errorf("get %s: %w", key, store.ErrNoBucket)
	}
	if !ok {
		return nil, store.Object{}, fmt.Errorf("get %s: %w", key, fs.ErrNotExist)
	}
	return content{bytes.NewReader([]byte(body))}, store.Object{Key: key}, nil
}

// rig is a Committer with everything around it at hand.
type rig struct {
	t      *testing.T
	fs     *disk.Faulty
	bucket *bucket
	db     *state.DB
	c      *commit.Committer
	fault  func(tx string) (bool, error) // nil: no transaction fails
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, fs: disk.NewFaulty(disk.NewCrashable())}
	r.bucket = &bucket{fs: r.fs, objects: map[string]string{}, metadata: map[string]map[string]string{}}
	var migrations []state.Migration
	for _, of := range [][]state.Migration{position.Migrations(), ledger.Migrations(), catalog.Migrations(), commit.Migrations()} {
		migrations = append(migrations, of...)
	}
	var err error
	r.db, err = state.Open(t.Context(), state.Config{Path: filepath.Join(t.TempDir(), "state.db"), Migrations: migrations,
		Fault: func(tx string) (bool, error) {
			if r.fault == nil {
				return false, nil
			}
			return r.fault(tx)
		}})
	r.must(err)
	t.Cleanup(func() { r.must(r.db.Close()) })
	r.c = commit.New(commit.Config{FS: r.fs, Dir: staging, State: r.db, Store: r.bucket, Clock: time.Now, Lake: "lake"})
	r.must(r.c.Sweep(t.Context()))
	r.must(r.db.Update(t.Context(), "start", func(tx *state.Tx) error {
		return position.Start(tx, position.Position{Producer: producer, Source: source, Journal: journal})
	}))
	return r
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// plan is batch n: rows rows and one reject, of as many events as both.
func (r *rig) plan(n, rows int64) commit.Plan {
	write := func(text string, rows int64) func(io.Writer, map[string]string) (commit.Content, error) {
		return func(w io.Writer, _ map[string]string) (commit.Content, error) {
			_, err := io.WriteString(w, text)
			return commit.Content{Rows: rows}, err
		}
	}
	from, events := r.position(), rows+1
	return commit.Plan{
		Producer: producer, Number: n,
		Ranges: []loglake.Range{{Source: source, Journal: journal, From: from, To: from + loglake.Offset(events)}},
		Counts: ledger.Counts{Events: events, Consumed: events, Records: events, Unpacked: events, Messages: events, Delivered: rows, Rejected: 1, Rows: rows},
		Drafts: []commit.Draft{
			{Bucket: "b", Key: fmt.Sprint("data/", n), Kind: loglake.ObjectParquet, Write: write(fmt.Sprint("rows of ", n), rows)},
			{Bucket: "b", Key: fmt.Sprint("errors/", n), Kind: loglake.ObjectRejects, Write: write(fmt.Sprint("rejects of ", n), 1)},
		},
	}
}

func (r *rig) position() (at loglake.Offset) {
	r.t.Helper()
	r.must(r.db.View(r.t.Context(), func(tx *state.Tx) (err error) {
		at, _, err = position.Get(tx, producer, source)
		return err
	}))
	return at
}

// want holds what there is against n whole batches of two rows.
func (r *rig) want(n int) {
	r.t.Helper()
	var manifest []loglake.Object
	var batches []ledger.Batch
	r.must(r.db.View(r.t.Context(), func(tx *state.Tx) (err error) {
		if manifest, err = catalog.ObjectsUnder(tx, "b", ""); err != nil {
			return err
		}
		batches, err = ledger.Batches(tx, producer)
		return err
	}))
	staged, err := r.c.Staged(r.t.Context())
	r.must(err)
	files, err := r.fs.ReadDir(staging)
	r.must(err)
	if len(manifest) != 2*n || len(r.bucket.objects) != 2*n || len(batches) != n || r.position() != loglake.Offset(3*n) || len(staged) != 0 || len(files) != 0 {
		r.t.Errorf("want %d batches: %d objects in the manifest, %d in the bucket, %d batches, position %d, %d intents, staged files %v",
			n, len(manifest), len(r.bucket.objects), len(batches), r.position(), len(staged), files)
	}
	for _, o := range manifest {
		if body, ok := r.bucket.objects["b/"+o.Key]; !ok || int64(len(body)) != o.Bytes {
			r.t.Errorf("the manifest has %s with %d bytes, the bucket %q", o.Key, o.Bytes, body)
		}
	}
}

var errInjected = errors.New("injected")

// once fails at the nth time alone.
func once(n int, done bool) func(int) (bool, error) {
	return func(at int) (bool, error) {
		if at == n {
			return done, errInjected
		}
		return true, nil
	}
}

// failTx fails a transaction once.
func (r *rig) failTx(name string, done bool) {
	r.fault = func(tx string) (bool, error) {
		if tx != name {
			return false, nil
		}
		r.fault = nil
		return done, errInjected
	}
}

// TestProtocol lets each step fail, without and after being done. The caller does as the package says: Resume, look at
// the position, and go on from there.
func TestProtocol(t *testing.T) {
	for name, arm := range map[string]func(r *rig, done bool){
		"build: create":   func(r *rig, done bool) { r.fs.Fail(disk.Rule{Op: disk.OpCreate, Path: "*-2", Nth: 1, Apply: done}) },
		"build: write":    func(r *rig, done bool) { r.fs.Fail(disk.Rule{Op: disk.OpWrite, Path: "*-2", Nth: 1, Apply: done}) },
		"build: sync":     func(r *rig, done bool) { r.fs.Fail(disk.Rule{Op: disk.OpSync, Path: "*-1", Nth: 1, Apply: done}) },
		"build: intent":   func(r *rig, done bool) { r.fs.Fail(disk.Rule{Op: disk.OpCreate, Path: "*-0", Nth: 1, Apply: done}) },
		"build: it":       func(r *rig, done bool) { r.fs.Fail(disk.Rule{Op: disk.OpWrite, Path: "*-0", Nth: 1, Apply: done}) },
		"build: sync it":  func(r *rig, done bool) { r.fs.Fail(disk.Rule{Op: disk.OpSync, Path: "*-0", Nth: 1, Apply: done}) },
		"release: intent": func(r *rig, done bool) { r.fs.Fail(disk.Rule{Op: disk.OpRemove, Path: "*-0", Nth: 1, Apply: done}) },
		"build: names":    func(r *rig, done bool) { r.fs.Fail(disk.Rule{Op: disk.OpSyncDir, Nth: 1, Apply: done}) },
		"stage":           func(r *rig, done bool) { r.failTx("commit.stage", done) },
		"put: first":      func(r *rig, done bool) { r.bucket.fail = once(1, done) },
		"put: last":       func(r *rig, done bool) { r.bucket.fail = once(2, done) },
		"commit":          func(r *rig, done bool) { r.failTx("commit.commit", done) },
		"release: first":  func(r *rig, done bool) { r.fs.Fail(disk.Rule{Op: disk.OpRemove, Path: "*-1", Nth: 1, Apply: done}) },
		"release: second": func(r *rig, done bool) { r.fs.Fail(disk.Rule{Op: disk.OpRemove, Path: "*-2", Nth: 1, Apply: done}) },
	} {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, done %t", name, done), func(t *testing.T) {
				r := newRig(t)
				arm(r, done)
				if _, err := r.c.Commit(t.Context(), r.plan(1, 2)); err == nil {
					t.Fatal("nothing failed")
				}
				for range 2 { // the second finds nothing to do
					r.must(r.c.Resume(t.Context(), producer))
				}
				if r.position() == 0 { // it was not staged
					_, err := r.c.Commit(t.Context(), r.plan(1, 2))
					r.must(err)
				}
				r.must(r.c.Sweep(t.Context()))
				r.want(1)
				_, err := r.c.Commit(t.Context(), r.plan(2, 2))
				r.must(err)
				r.want(2)
			})
		}
	}
}

// TestFrozen holds that what was staged is delivered as it was staged: Resume never builds.
func TestFrozen(t *testing.T) {
	r := newRig(t)
	r.bucket.fail = func(int) (bool, error) { return false, errInjected }
	if _, err := r.c.Commit(t.Context(), r.plan(1, 2)); !errors.Is(err, errInjected) {
		t.Fatal(err)
	}
	if _, _, err := r.c.Next(t.Context(), producer); loglake.CodeOf(err) != loglake.CodeConflict {
		t.Errorf("the next number while a batch is staged: %v", err)
	}
	if err := r.c.Resume(t.Context(), producer); !errors.Is(err, errInjected) {
		t.Errorf("resume while the bucket is away: %v", err)
	}
	r.must(r.c.Sweep(t.Context())) // which leaves what an intent names
	r.bucket.fail = nil
	r.must(r.c.Resume(t.Context(), "another"))
	if len(r.bucket.objects) != 0 {
		t.Error("a producer's Resume finished another's batch")
	}
	r.must(r.c.Resume(t.Context(), producer))
	if got := r.bucket.objects["b/data/1"]; got != "rows of 1" {
		t.Errorf("the object is %q", got)
	}
	r.want(1)
}

func TestStagedBytesDamaged(t *testing.T) {
	for name, harm := range map[string]func(r *rig, file string){
		"changed": func(r *rig, file string) { r.must(disk.WriteFile(r.fs, file, []byte("rOws of 1"))) },
		"cut":     func(r *rig, file string) { r.must(disk.WriteFile(r.fs, file, []byte("rows"))) },
		"gone":    func(r *rig, file string) { r.must(r.fs.Remove(file)) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.bucket.fail = func(int) (bool, error) { return false, errInjected }
			_, err := r.c.Commit(t.Context(), r.plan(1, 2))
			if err == nil {
				t.Fatal("nothing failed")
			}
			r.bucket.fail = nil
			staged, err := r.c.Staged(t.Context())
			r.must(err)
			r.must(r.c.Verify(t.Context(), staged[0]))
			harm(r, filepath.Join(staging, staged[0].Objects[0].File))
			if r.c.Verify(t.Context(), staged[0]) == nil {
				t.Error("Verify takes it for whole")
			}
			err = r.c.Resume(t.Context(), producer)
			if err == nil || !strings.Contains(err.Error(), "its events are still in the journal") || !strings.Contains(err.Error(), "`loglake check --repair`") {
				t.Errorf("resume says %v", err)
			}
			if len(r.bucket.objects) != 0 || r.position() != 0 {
				t.Errorf("objects %v, position %d", r.bucket.objects, r.position())
			}
		})
	}
}

// TestPublishedAlready is recovery after a run that came as far as removing staged files of an uncommitted batch.
func TestPublishedAlready(t *testing.T) {
	r := newRig(t)
	r.failTx("commit.commit", false)
	if _, err := r.c.Commit(t.Context(), r.plan(1, 2)); err == nil {
		t.Fatal("nothing failed")
	}
	staged, err := r.c.Staged(t.Context())
	r.must(err)
	r.must(r.fs.Remove(filepath.Join(staging, staged[0].Objects[0].File)))
	r.must(r.c.Resume(t.Context(), producer))
	r.want(1)
}

func TestSweepRemovesOrphansAlone(t *testing.T) {
	r := newRig(t)
	r.bucket.fail = func(int) (bool, error) { return false, errInjected }
	if _, err := r.c.Commit(t.Context(), r.plan(1, 2)); err == nil {
		t.Fatal("nothing failed")
	}
	r.must(disk.WriteFile(r.fs, filepath.Join(staging, "producer-9-1"), []byte("orphan")))
	r.must(r.c.Sweep(t.Context()))
	files, err := r.fs.ReadDir(staging)
	r.must(err)
	if len(files) != 3 || files[0].Name() != "producer-1-0" || files[1].Name() != "producer-1-1" || files[2].Name() != "producer-1-2" {
		t.Errorf("the sweep left %v", files)
	}
}

func TestBalance(t *testing.T) {
	for name, spoil := range map[string]func(p *commit.Plan){
		"a row too few":     func(p *commit.Plan) { p.Counts.Rows++ },
		"a reject too many": func(p *commit.Plan) { p.Counts.Rejected-- },
		"no reject object":  func(p *commit.Plan) { p.Drafts = p.Drafts[:1] },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			p := r.plan(1, 2)
			spoil(&p)
			if _, err := r.c.Commit(t.Context(), p); err == nil || !strings.Contains(err.Error(), "does not balance") {
				t.Errorf("commit: %v", err)
			}
			r.want(0)
		})
	}
}

func TestWrongNumber(t *testing.T) {
	r := newRig(t)
	if _, err := r.c.Commit(t.Context(), r.plan(2, 2)); loglake.CodeOf(err) != loglake.CodeConflict {
		t.Errorf("commit of batch 2 before batch 1: %v", err)
	}
	r.must(r.c.Sweep(t.Context()))
	r.want(0)
}

func TestGuard(t *testing.T) {
	r := newRig(t)
	p := r.plan(1, 2)
	p.Guard = func(*state.Tx) error { return errInjected }
	if _, err := r.c.Commit(t.Context(), p); !errors.Is(err, errInjected) {
		t.Errorf("commit: %v", err)
	}
	r.want(0)
}

func TestDiscard(t *testing.T) {
	r := newRig(t)
	r.failTx("commit.commit", false)
	if _, err := r.c.Commit(t.Context(), r.plan(1, 2)); err == nil {
		t.Fatal("nothing failed")
	}
	drop := func(b, key string) error { delete(r.bucket.objects, b+"/"+key); return nil }
	if err := r.c.Discard(t.Context(), producer, func(string, string) error { return errInjected }); !errors.Is(err, errInjected) {
		t.Errorf("discard whose objects stay: %v", err)
	}
	if staged, err := r.c.Staged(t.Context()); err != nil || len(staged) != 1 {
		t.Errorf("after it: %v, %v", staged, err)
	}
	r.must(r.c.Discard(t.Context(), "another", drop))
	r.must(r.c.Discard(t.Context(), producer, drop))
	r.want(0)
}
