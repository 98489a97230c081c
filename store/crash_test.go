package store_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/store"
	"github.com/loglake/loglake/store/storetest"
)

// state is what a bucket holds: by key, the bytes and the content type.
type state map[string]string

// change is one call that changes one key.
type change struct {
	name    string
	key     string
	text    string // afterwards; "" gone
	ctype   string // afterwards
	call    func(d *store.Dir) error
	refused error // what a repeat may answer, since the first call did its work
}

// before is what each bucket holds to begin with. "top" and "top/below" are there together.
var before = state{"a": "old text/old", "b/c": "other text/other", "top": "t text/t", "top/below": "u text/u", "one/deep/file": "f text/f"}

const stagedText = "staged bytes"

func changes() []change {
	put := func(key, text string, o store.PutOptions) func(d *store.Dir) error {
		return func(d *store.Dir) error {
			o.ContentType = "text/new"
			_, err := d.Put(context.Background(), "bucket", key, strings.NewReader(text), o)
			return err
		}
	}
	file := store.PutFileOptions{Bytes: int64(len(stagedText)), CRC32C: crc32.Checksum([]byte(stagedText), crc32.MakeTable(crc32.Castagnoli))}
	putFile := func(key, ctype string) func(d *store.Dir) error {
		o := file
		o.ContentType = ctype
		return func(d *store.Dir) error { return d.PutFile(context.Background(), "bucket", key, "/staging/file", o) }
	}
	remove := func(key string) func(d *store.Dir) error {
		return func(d *store.Dir) error { return d.Delete(context.Background(), "bucket", key) }
	}
	return []change{
		{"put new", "n/e/w", "new", "text/new", put("n/e/w", "new", store.PutOptions{}), nil},
		{"put over", "a", "new", "text/new", put("a", "new", store.PutOptions{}), nil},
		{"put if none", "n", "new", "text/new", put("n", "new", store.PutOptions{IfNoneMatch: true}), store.ErrPrecondition},
		{"put below an object", "a/below", "new", "text/new", put("a/below", "new", store.PutOptions{}), nil},
		{"put over the object of a directory", "top", "new", "text/new", put("top", "new", store.PutOptions{}), nil},
		{"put file", "n/f", stagedText, "", putFile("n/f", ""), nil},
		{"put file described", "b/f", stagedText, "x/y", putFile("b/f", "x/y"), nil},
		{"put file below an object", "a/f", stagedText, "", putFile("a/f", ""), nil},
		{"delete", "b/c", "", "", remove("b/c"), nil},
		{"delete the last one deep down", "one/deep/file", "", "", remove("one/deep/file"), nil},
		{"delete the object of a directory", "top", "", "", remove("top"), nil},
		{"complete an upload", "big", "part", "text/new", func(d *store.Dir) error {
			uploads, err := d.ListUploads(context.Background(), "bucket")
			if err != nil || len(uploads) != 1 {
				return errors.Join(err, store.ErrNoUpload)
			}
			parts, err := d.ListParts(context.Background(), uploads[0].UploadRef)
			if err != nil {
				return err
			}
			_, err = d.CompleteUpload(context.Background(), uploads[0].UploadRef, parts, store.CompleteOptions{})
			return err
		}, store.ErrNoUpload},
	}
}

func (c change) after() state {
	s := maps.Clone(before)
	delete(s, c.key)
	if c.text != "" {
		s[c.key] = c.text + " " + c.ctype
	}
	return s
}

// prepare gives a disk with the bucket as it is before, all of it durable.
func prepare(t *testing.T) *disk.Crashable {
	t.Helper()
	crashable := disk.NewCrashable()
	if err := disk.MkdirAllDurable(crashable, "/staging"); err != nil {
		t.Fatal(err)
	}
	if err := disk.WriteFile(crashable, "/staging/file", []byte(stagedText)); err != nil {
		t.Fatal(err)
	}
	d := open(t, crashable)
	if err := d.CreateBucket(t.Context(), "bucket"); err != nil {
		t.Fatal(err)
	}
	for key, value := range before {
		text, ctype, _ := strings.Cut(value, " ")
		put(t, d, key, text, store.PutOptions{ContentType: ctype})
	}
	u, err := d.CreateUpload(t.Context(), "bucket", "big", store.PutOptions{ContentType: "text/new"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.PutPart(t.Context(), u.UploadRef, 1, strings.NewReader("part"), store.PutPartOptions{}); err != nil {
		t.Fatal(err)
	}
	return crashable.Crash(disk.SeedLoseAll)
}

func open(t *testing.T, fsys disk.FS) *store.Dir {
	t.Helper()
	d, err := store.OpenDir(store.DirConfig{FS: fsys, Root: "/lake"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// look reads all that a bucket holds, and checks that bytes and descriptions belong together.
func look(t *testing.T, d *store.Dir) state {
	t.Helper()
	objects, _, err := d.List(t.Context(), "bucket", "", "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	s := state{}
	for _, o := range objects {
		r, got, err := d.Get(t.Context(), "bucket", o.Key)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Close()
		if !strings.HasSuffix(got.ETag, "-1") && got.ETag != fmt.Sprintf("%x", md5.Sum(text)) {
			t.Errorf("%s: bytes %q have the ETag %s", o.Key, text, got.ETag)
		}
		s[o.Key] = string(text) + " " + got.ContentType
	}
	return s
}

// oneOf wants the bucket to be as before the change or as after it.
func oneOf(t *testing.T, when string, got state, c change) {
	t.Helper()
	if !cmp.Equal(got, before) && !cmp.Equal(got, c.after()) {
		t.Errorf("%s, %s: neither as before nor as after: %s", c.name, when, cmp.Diff(before, got))
	}
}

// Every call on the disk fails, without and after being done. The bucket is as before or as after; a repeat does it;
// and what was acknowledged outlives a power cut.
func TestFaults(t *testing.T) {
	for _, c := range changes() {
		dry := disk.NewFaulty(prepare(t))
		d := open(t, dry)
		first := len(dry.Calls())
		if err := c.call(d); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := look(t, d); !cmp.Equal(got, c.after()) {
			t.Fatalf("%s: %s", c.name, cmp.Diff(c.after(), got))
		}
		seen := map[disk.Op]int{}
		for _, call := range dry.Calls()[first:] {
			seen[call.Op]++
			for _, apply := range []bool{false, true} {
				faulted(t, c, disk.Rule{Op: call.Op, Nth: seen[call.Op], Apply: apply})
			}
		}
	}
}

func faulted(t *testing.T, c change, rule disk.Rule) {
	t.Helper()
	crashable := prepare(t)
	faulty := disk.NewFaulty(crashable)
	d := open(t, faulty)
	when := fmt.Sprintf("%s %d fails (done: %v)", rule.Op, rule.Nth, rule.Apply)
	faulty.Fail(rule)
	err := c.call(d)
	faulty.Heal()
	oneOf(t, when, look(t, d), c)
	if err != nil {
		if err = c.call(d); err != nil && (c.refused == nil || !errors.Is(err, c.refused)) {
			t.Errorf("%s, %s: the repeat: %v", c.name, when, err)
		}
	}
	if got := look(t, d); !cmp.Equal(got, c.after()) {
		t.Errorf("%s, %s: after the repeat: %s", c.name, when, cmp.Diff(c.after(), got))
	}
	if err == nil { // acknowledged
		if got := look(t, open(t, crashable.Crash(disk.SeedLoseAll))); !cmp.Equal(got, c.after()) {
			t.Errorf("%s, %s: after a power cut: %s", c.name, when, cmp.Diff(c.after(), got))
		}
	}
}

// The power is cut before and after every call on the disk. The bucket comes back as before or as after, and takes the
// change again; acknowledged, it is as after.
func TestPowerCut(t *testing.T) {
	seeds := 4
	if testing.Short() {
		seeds = 2
	}
	for _, c := range changes() {
		crashable := prepare(t)
		faulty := disk.NewFaulty(crashable)
		d := open(t, faulty)
		type cut struct {
			when string
			left *disk.Crashable
		}
		var cuts []cut
		faulty.Watch(func(call disk.Call, done bool) {
			for seed := range seeds {
				cuts = append(cuts, cut{fmt.Sprintf("power cut at call %d, %s %s (done: %v), seed %d", call.N, call.Op, call.Path, done, seed), crashable.Crash(uint64(seed))})
			}
		})
		if err := c.call(d); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		faulty.Watch(nil)
		for _, cut := range cuts {
			d := open(t, cut.left)
			oneOf(t, cut.when, look(t, d), c)
			if err := c.call(d); err != nil && (c.refused == nil || !errors.Is(err, c.refused)) {
				t.Errorf("%s, %s: the repeat: %v", c.name, cut.when, err)
			}
			if got := look(t, open(t, cut.left.Crash(disk.SeedLoseAll))); !cmp.Equal(got, c.after()) {
				t.Errorf("%s, %s: after the repeat and another power cut: %s", c.name, cut.when, cmp.Diff(c.after(), got))
			}
		}
		if got := look(t, open(t, crashable.Crash(disk.SeedLoseAll))); !cmp.Equal(got, c.after()) {
			t.Errorf("%s: acknowledged, then a power cut: %s", c.name, cmp.Diff(c.after(), got))
		}
	}
}

// On a full disk puts fail, deletes and reads go on, and it recovers by itself.
func TestDiskFull(t *testing.T) {
	faulty := disk.NewFaulty(prepare(t))
	d := open(t, faulty)
	for room := range int64(40) {
		faulty.Fill(room)
		_, err := d.Put(t.Context(), "bucket", "a", bytes.NewReader(make([]byte, 20)), store.PutOptions{})
		if err == nil || !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("put with %d bytes of room: %v", room, err)
		}
		if got := look(t, d); !cmp.Equal(got, before) {
			t.Fatalf("with %d bytes of room: %s", room, cmp.Diff(before, got))
		}
	}
	if err := d.Delete(t.Context(), "bucket", "b/c"); err != nil {
		t.Error(err)
	}
	faulty.Enlarge()
	put(t, d, "a", "more", store.PutOptions{})
}

// Where files can't be linked, PutFile copies, and what it copies it checks.
func TestPutFileCopies(t *testing.T) {
	faulty := disk.NewFaulty(prepare(t))
	d := open(t, faulty)
	faulty.Fail(disk.Rule{Op: disk.OpLink, Err: syscall.EXDEV})
	for _, c := range changes() {
		if c.text != stagedText {
			continue
		}
		for range 2 {
			if err := c.call(d); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		if got := look(t, d)[c.key]; got != c.text+" "+c.ctype {
			t.Errorf("%s: %q", c.name, got)
		}
	}
	if err := d.PutFile(t.Context(), "bucket", "damaged", "/staging/file", store.PutFileOptions{Bytes: int64(len(stagedText)), CRC32C: 1}); err == nil {
		t.Error("a damaged file was copied")
	}
}

// The suite holds on the filesystem of the crash tests, and where there are no hard links.
func TestDirInMemory(t *testing.T) {
	storetest.RunWithoutFiles(t, func(t *testing.T) store.Store { return open(t, disk.NewCrashable()) })
	storetest.RunWithoutFiles(t, func(t *testing.T) store.Store {
		faulty := disk.NewFaulty(disk.NewCrashable())
		faulty.Fail(disk.Rule{Op: disk.OpLink, Err: syscall.ENOTSUP})
		return open(t, faulty)
	})
}
