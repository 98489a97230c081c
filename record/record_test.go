package record_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/internal/disk/faulttest"
	"github.com/loglake/loglake/record"
	"github.com/loglake/loglake/state"
	"github.com/loglake/loglake/store"
)

var steps = append(record.Migrations(), state.Migration{Package: "things", Version: 1,
	SQL: `CREATE TABLE things (id BIGINT PRIMARY KEY, body BLOB, word TEXT); CREATE TABLE remade (id BIGINT);`, Recorded: []string{"things"}})

const dir = "/lake"

// rig is a Keeper with everything around it.
type rig struct {
	*testing.T
	fs      *disk.Faulty
	store   *faultyStore
	db      *state.DB
	keeper  *record.Keeper
	now     time.Time
	told    []string
	fault   func(string) (bool, error)
	buckets []string
}

// faultyStore fails chosen calls.
type faultyStore struct {
	store.Store
	fail func(call string) (done bool, err error)
}

func (s *faultyStore) Put(ctx context.Context, bucket, key string, r io.Reader, o store.PutOptions) (store.Object, error) {
	done, err := s.fail("put")
	if err != nil && !done {
		return store.Object{}, err
	}
	put, e := s.Store.Put(ctx, bucket, key, r, o)
	return put, errors.Join(err, e)
}

func (s *faultyStore) Delete(ctx context.Context, bucket, key string) error {
	done, err := s.fail("delete")
	if err != nil && !done {
		return err
	}
	return errors.Join(err, s.Store.Delete(ctx, bucket, key))
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{T: t, fs: disk.NewFaulty(disk.NewCrashable()), now: time.Unix(1e9, 0), buckets: []string{"one", "two", "gone"}}
	r.must(disk.MkdirAllDurable(r.fs, dir))
	inner, err := store.OpenDir(store.DirConfig{FS: r.fs, Root: filepath.Join(dir, "buckets"), Clock: func() time.Time { return r.now }})
	r.must(err)
	r.store = &faultyStore{Store: inner, fail: func(string) (bool, error) { return false, nil }}
	r.must(inner.CreateBucket(t.Context(), "one"))
	r.must(inner.CreateBucket(t.Context(), "two"))
	r.db, err = state.Open(t.Context(), state.Config{Path: filepath.Join(t.TempDir(), "state.db"), Migrations: steps, Fault: func(name string) (bool, error) {
		if r.fault == nil {
			return false, nil
		}
		return r.fault(name)
	}})
	r.must(err)
	t.Cleanup(func() { r.must(r.db.Close()) })
	r.add(1, []byte{0, 0xff}, "word")
	r.add(2, nil, "not UTF-8: \xff")
	r.restart()
	return r
}

func (r *rig) restart() {
	r.keeper = record.New(record.Config{FS: r.fs, Dir: dir, State: r.db, Store: r.store, Home: loglake.Home{Account: "1", Region: "r"},
		Clock: func() time.Time { return r.now }, Steps: steps, Buckets: func(*state.Tx) ([]string, error) { return r.buckets, nil },
		OnFailure: func(place string, err error) { r.told = append(r.told, place) }})
}

func (r *rig) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

func (r *rig) add(id int, body []byte, word string) {
	r.must(r.db.Update(r.Context(), "add", func(tx *state.Tx) error {
		_, err := tx.Exec(`INSERT INTO things (id, body, word) VALUES (?, ?, ?)`, id, body, word)
		return err
	}))
}

// folder gives the record of the data folder, nil where there is none.
func (r *rig) folder() *record.Record {
	text, err := disk.ReadFile(r.fs, filepath.Join(dir, record.FileName))
	if err != nil {
		return nil
	}
	rec, err := record.Decode(bytes.NewReader(text))
	r.must(err)
	if h, err := record.DecodeHeader(bytes.NewReader(text)); err != nil || h.Sequence != rec.Sequence || h.Lake != rec.Lake || len(h.Buckets) != len(rec.Buckets) {
		r.Errorf("its first line alone: %+v, %v", h, err)
	}
	return rec
}

// keys gives the numbers of the records of a bucket, each of which must be whole.
func (r *rig) numbers(bucket string) (numbers []int64) {
	objects, _, err := r.store.List(r.Context(), bucket, "", "", 100)
	r.must(err)
	for _, o := range objects {
		lake, n, ok := record.ParseKey(o.Key)
		content, _, err := r.store.Get(r.Context(), bucket, o.Key)
		r.must(err)
		rec, err := record.Decode(content)
		r.must(errors.Join(err, content.Close()))
		if !ok || rec.Lake != lake || rec.Sequence != n {
			r.Errorf("%s holds record %d of %s", o.Key, rec.Sequence, rec.Lake)
		}
		numbers = append(numbers, n)
	}
	return numbers
}

// TestRecordGivesTheTablesBack writes a record and fills another state from it.
func TestRecordGivesTheTablesBack(t *testing.T) {
	r := newRig(t)
	r.must(r.keeper.Save(t.Context()))
	rec := r.folder()
	lake, err := record.Lake(t.Context(), r.db)
	r.must(err)
	want := record.Header{Format: 1, Lake: lake, Sequence: 1, Written: loglake.At(r.now), Home: loglake.Home{Account: "1", Region: "r"},
		Schema: map[string]int{"record": 1, "things": 1}, Buckets: r.buckets}
	if diff := cmp.Diff(want, rec.Header); diff != "" {
		t.Error(diff)
	}
	rows := [][]any{{int64(1), []byte{0, 0xff}, "word"}, {int64(2), nil, "not UTF-8: \xff"}}
	if diff := cmp.Diff(rows, rec.Table("things").Rows); diff != "" {
		t.Error(diff)
	}
	db, err := state.Open(t.Context(), state.Config{Path: filepath.Join(t.TempDir(), "state.db"), Migrations: steps})
	r.must(err)
	r.must(db.Update(t.Context(), "load", func(tx *state.Tx) error { return rec.Load(tx, state.Recorded(steps)) }))
	again, err := record.Lake(t.Context(), db)
	r.must(err)
	if again != lake {
		t.Errorf("the lake is %s, and was %s", again, lake)
	}
	if err := db.Update(t.Context(), "load", func(tx *state.Tx) error { return rec.Load(tx, []string{"record_lake"}) }); err == nil {
		t.Error("a table was loaded that is not recorded")
	}
	r.must(db.Close())
}

// TestFaults lets each write of a record fail, without and after being done. A whole record is there all the
// time, the failure is told once, and the next record is written.
func TestFaults(t *testing.T) {
	rec := faulttest.New(t)
	for name, arm := range map[string]func(r *rig, done bool){
		"lake":     func(r *rig, done bool) { r.failTx(rec, "record.lake", done) },
		"sequence": func(r *rig, done bool) { r.failTx(rec, "record.sequence", done) },
		"create": func(r *rig, done bool) {
			r.fs.Fail(disk.Rule{Op: disk.OpCreate, Path: dir + "/record.tmp", Nth: 1, Apply: done, Then: func() { rec.Call(done) }})
		},
		"write": func(r *rig, done bool) {
			r.fs.Fail(disk.Rule{Op: disk.OpWrite, Path: dir + "/record.tmp", Nth: 1, Apply: done, Then: func() { rec.Call(done) }})
		},
		"sync": func(r *rig, done bool) {
			r.fs.Fail(disk.Rule{Op: disk.OpSync, Path: dir + "/record.tmp", Nth: 1, Apply: done, Then: func() { rec.Call(done) }})
		},
		"rename": func(r *rig, done bool) {
			r.fs.Fail(disk.Rule{Op: disk.OpRename, Path: dir + "/record.tmp", Nth: 1, Apply: done, Then: func() { rec.Call(done) }})
		},
		"name": func(r *rig, done bool) {
			r.fs.Fail(disk.Rule{Op: disk.OpSyncDir, Path: dir, Nth: 1, Apply: done, Then: func() { rec.Call(done) }})
		},
		"put":    func(r *rig, done bool) { r.failStore(rec, "put", done) },
		"delete": func(r *rig, done bool) { r.failStore(rec, "delete", done) },
	} {
		for _, done := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				r := newRig(t)
				if name != "lake" {
					for range 3 {
						r.must(r.keeper.Save(t.Context()))
					}
				}
				before := r.folder()
				r.add(3, nil, "new")
				arm(r, done)
				if err := r.keeper.Save(t.Context()); err == nil {
					t.Fatal("nothing failed")
				}
				if rec := r.folder(); before != nil && (rec == nil || rec.Sequence < before.Sequence) {
					t.Errorf("the folder has %+v after %+v", rec, before)
				}
				for _, bucket := range []string{"one", "two"} {
					if n := r.numbers(bucket); before != nil && len(n) == 0 {
						t.Errorf("bucket %s has no record", bucket)
					}
				}
				if len(r.told) != 1 {
					t.Errorf("told were %v", r.told)
				}
				r.now = r.now.Add(time.Hour)
				r.keeper.Tick(t.Context()) // what failed is due again
				if n := len(r.folder().Table("things").Rows); n != 3 {
					t.Errorf("the next record has %d rows", n)
				}
				last := r.folder().Sequence
				for _, bucket := range []string{"one", "two"} {
					if n := r.numbers(bucket); slices.Max(n) < last-1 || len(n) > 2 { // the one before has the change too
						t.Errorf("bucket %s has records %v, the last one is %d", bucket, n, last)
					}
				}
			})
		}
	}
}

func (r *rig) failTx(rec *faulttest.Recorder, name string, done bool) {
	r.fault = func(tx string) (bool, error) {
		if tx != name {
			return false, nil
		}
		rec.Transaction(name, done)
		r.fault = nil
		return done, errors.New("injected")
	}
}

func (r *rig) failStore(rec *faulttest.Recorder, call string, done bool) {
	r.store.fail = func(now string) (bool, error) {
		if now != call {
			return false, nil
		}
		r.store.fail = func(string) (bool, error) { return false, nil }
		rec.Call(done)
		return done, errors.New("injected")
	}
}

// TestWhenARecordIsDue turns the clock: the folder has a change after a second, the buckets after ten; nothing changed,
// nothing written.
func TestWhenARecordIsDue(t *testing.T) {
	r := newRig(t)
	state := func() [2]int64 {
		r.keeper.Tick(t.Context())
		s := [2]int64{}
		if rec := r.folder(); rec != nil {
			s[0] = rec.Sequence
		}
		if n := r.numbers("one"); len(n) > 0 {
			s[1] = slices.Max(n)
		}
		return s
	}
	for i, step := range []struct {
		pause   time.Duration
		changed bool
		commits int
		want    [2]int64
	}{
		{0, false, 0, [2]int64{1, 1}}, // the first one is due at the start
		{time.Hour, false, 0, [2]int64{1, 1}},
		{0, true, 0, [2]int64{2, 2}},
		{900 * time.Millisecond, true, 0, [2]int64{2, 2}},
		{200 * time.Millisecond, true, 0, [2]int64{3, 2}}, // the folder alone
		{8 * time.Second, false, 0, [2]int64{3, 2}},
		{time.Second, false, 0, [2]int64{4, 4}}, // ten seconds after the last
		{time.Hour, false, 99, [2]int64{4, 4}},
		{time.Hour, false, 1, [2]int64{5, 5}}, // a hundred batches
		{-time.Hour, true, 0, [2]int64{6, 6}}, // a clock that goes back holds nothing up
	} {
		r.now = r.now.Add(step.pause)
		if step.changed {
			r.keeper.Changed()
		}
		for range step.commits {
			r.keeper.Committed()
		}
		if got := state(); got != step.want {
			t.Fatalf("step %d: %v, not %v", i, got, step.want)
		}
	}
	r.keeper.Committed()
	r.keeper.Stop(t.Context())
	r.keeper.Stop(t.Context()) // nothing has happened since
	if n := r.folder().Sequence; n != 7 {
		t.Errorf("after the stop it is record %d", n)
	}
	if len(r.told) > 0 {
		t.Errorf("told were %v", r.told)
	}
}

func TestParseKey(t *testing.T) {
	if lake, n, ok := record.ParseKey(record.Key("a-lake", 12)); lake != "a-lake" || n != 12 || !ok {
		t.Errorf("%s %d %t", lake, n, ok)
	}
	for _, key := range []string{"", "data/x", record.Prefix, record.Prefix + "a", record.Prefix + "a/", record.Prefix + "/0000000000000001.jsonl.gz",
		record.Prefix + "a/1.jsonl.gz", record.Prefix + "a/0000000000000001.jsonl", record.Prefix + "a/b/0000000000000001.jsonl.gz"} {
		if _, _, ok := record.ParseKey(key); ok {
			t.Errorf("%q is taken for the key of a record", key)
		}
	}
}

func packed(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.Bytes()
}

func plain(t testing.TB, text []byte) string {
	z, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestDecodeRefuses holds that a record counts whole or not at all.
func TestDecodeRefuses(t *testing.T) {
	r := newRig(t)
	r.must(r.keeper.Save(t.Context()))
	whole, err := disk.ReadFile(r.fs, filepath.Join(dir, record.FileName))
	r.must(err)
	text := plain(t, whole)
	for name, bad := range map[string][]byte{
		"nothing":         nil,
		"not compressed":  []byte(text),
		"cut":             whole[:len(whole)/2],
		"the end missing": packed(text[:strings.LastIndex(text[:len(text)-1], "\n")+1]),
		"a line missing":  packed(strings.Replace(text, "[1,", "[9,", 1)),
		"another word":    packed(strings.Replace(text, `"word"]`, `"wort"]`, 1)),
		"more behind it":  packed(text + "x\n"),
		"a newer format":  packed(strings.Replace(text, `"format":1`, `"format":2`, 1)),
		"another magic":   packed(strings.Replace(text, `"loglake":"record"`, `"loglake":"recorD"`, 1)),
	} {
		if rec, err := record.Decode(bytes.NewReader(bad)); err == nil || loglake.CodeOf(err) == loglake.CodeInternal {
			t.Errorf("%s: %v, %v", name, rec, err)
		}
		if h, err := record.DecodeHeader(bytes.NewReader(bad)); err == nil || loglake.CodeOf(err) == loglake.CodeInternal {
			t.Errorf("%s, its first line alone: %+v, %v", name, h, err)
		}
	}
}

// FuzzDecode: whoever may write to the bucket may have written a record.
func FuzzDecode(f *testing.F) {
	head := `{"loglake":"record","format":1,"lake":"l","sequence":1,"written":2,"home":{"Account":"","Region":""},"schema":{"a":1},"buckets":["b"]}` + "\n"
	f.Add(head + `{"table":"t","columns":["a","b"]}` + "\n" + `[1,"x"]` + "\n" + `[null,{"kind":"bytes","bytes":"AA=="}]` + "\n" + `{"rows":2,"crc32c":"00000000"}` + "\n")
	f.Add(head + `[]` + "\n")
	f.Add("{}\n")
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = record.Decode(bytes.NewReader(packed(text))) // checksums keep most out: the lines themselves are read below
		if rec, err := record.DecodeLines(text); err == nil {
			for _, table := range rec.Tables {
				for _, row := range table.Rows {
					if len(row) != len(table.Columns) {
						t.Errorf("a row of %d in a table of %d columns", len(row), len(table.Columns))
					}
				}
			}
		}
	})
}
