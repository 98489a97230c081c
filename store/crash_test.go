package store_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"maps"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/internal/disk/faulttest"
	"github.com/loglake/loglake/store"
	"github.com/loglake/loglake/store/storetest"
)

// state is what the store holds: by key, the bytes and the content type of the objects of one bucket; and other things by
// names that no key has here, such as "upload big".
type state map[string]string

// change is one call that changes one key, or what also says.
type change struct {
	name    string
	key     string
	text    string // afterwards; "" gone
	ctype   string // afterwards
	call    func(d *store.Dir) error
	refused error // what a repeat may answer, since the first call did its work
	also    func(after state)
}

// longName makes a file name in pieces.
var longName = strings.Repeat("long", 75)

// before is what each bucket holds to begin with. "top" and "top/below" are there together.
var before = state{"a": "old text/old", "b/c": "other text/other", "top": "t text/t", "top/below": "u text/u", "one/deep/file": "f text/f",
	longName: "l text/l", "left": "l text/l", "upload big": " 1:f4c9385f1902f7334b00b9b4ecd164de", "document there": "old", "bucket empty": ""}

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
	upload := func(do func(d *store.Dir, ref store.UploadRef) error) func(d *store.Dir) error {
		return func(d *store.Dir) error {
			uploads, err := d.ListUploads(context.Background(), "bucket")
			if err != nil || len(uploads) != 1 {
				return errors.Join(err, store.ErrNoUpload)
			}
			return do(d, uploads[0].UploadRef)
		}
	}
	document := func(name string) func(d *store.Dir) error {
		return func(d *store.Dir) error { return d.PutDocument(context.Background(), "bucket", name, []byte("new")) }
	}
	set := func(key, value string) func(state) { return func(s state) { s[key] = value } }
	gone := func(key string) func(state) { return func(s state) { delete(s, key) } }
	return []change{
		{"put new", "n/e/w", "new", "text/new", put("n/e/w", "new", store.PutOptions{}), nil, nil},
		{"put over", "a", "new", "text/new", put("a", "new", store.PutOptions{}), nil, nil},
		{"put if none", "n", "new", "text/new", put("n", "new", store.PutOptions{IfNoneMatch: true}), store.ErrPrecondition, nil},
		{"put below an object", "a/below", "new", "text/new", put("a/below", "new", store.PutOptions{}), nil, nil},
		{"put below an object of a long name", longName + "/below", "new", "text/new", put(longName+"/below", "new", store.PutOptions{}), nil, nil},
		{"put below an object that a crash left with two names", "left/below", "new", "text/new", put("left/below", "new", store.PutOptions{}), nil, nil},
		{"put over the object of a directory", "top", "new", "text/new", put("top", "new", store.PutOptions{}), nil, nil},
		{"put file", "n/f", stagedText, "", putFile("n/f", ""), nil, nil},
		{"put file described", "b/f", stagedText, "x/y", putFile("b/f", "x/y"), nil, nil},
		{"put file below an object", "a/f", stagedText, "", putFile("a/f", ""), nil, nil},
		{"delete", "b/c", "", "", remove("b/c"), nil, nil},
		{"delete the last one deep down", "one/deep/file", "", "", remove("one/deep/file"), nil, nil},
		{"delete the object of a directory", "top", "", "", remove("top"), nil, nil},
		{"complete an upload", "big", "part", "text/new", upload(func(d *store.Dir, ref store.UploadRef) error {
			parts, err := d.ListParts(context.Background(), ref)
			if err != nil {
				return err
			}
			_, err = d.CompleteUpload(context.Background(), ref, parts, store.CompleteOptions{})
			return err
		}), store.ErrNoUpload, gone("upload big")},
		{"abort an upload", "-", "", "", upload(func(d *store.Dir, ref store.UploadRef) error {
			return d.AbortUpload(context.Background(), ref)
		}), store.ErrNoUpload, gone("upload big")},
		{"put a part", "-", "", "", upload(func(d *store.Dir, ref store.UploadRef) error {
			_, err := d.PutPart(context.Background(), ref, 2, strings.NewReader("two"), store.PutPartOptions{})
			return err
		}), nil, set("upload big", before["upload big"]+" 2:b8a9f715dbb64fd5c56e7783c6820a61")},
		{"put another part of the number", "-", "", "", upload(func(d *store.Dir, ref store.UploadRef) error {
			_, err := d.PutPart(context.Background(), ref, 1, strings.NewReader("two"), store.PutPartOptions{})
			return err
		}), nil, set("upload big", " 1:b8a9f715dbb64fd5c56e7783c6820a61")},
		{"begin an upload", "-", "", "", func(d *store.Dir) error {
			_, err := d.CreateUpload(context.Background(), "bucket", "new", store.PutOptions{})
			return err
		}, nil, set("upload new", "")},
		{"put a document", "-", "", "", document("new"), nil, set("document new", "new")},
		{"put another document", "-", "", "", document("there"), nil, set("document there", "new")},
		{"delete a document", "-", "", "", func(d *store.Dir) error {
			return d.DeleteDocument(context.Background(), "bucket", "there")
		}, nil, gone("document there")},
		{"make a bucket", "-", "", "", func(d *store.Dir) error { return d.CreateBucket(context.Background(), "new") },
			bucketThere, set("bucket new", "")},
		{"delete a bucket", "-", "", "", func(d *store.Dir) error { return d.DeleteBucket(context.Background(), "empty") },
			store.ErrNoBucket, gone("bucket empty")},
	}
}

// bucketThere is how errors.Is is asked for the code of a bucket that exists.
var bucketThere = loglake.Errorf(loglake.CodeExists, "")

func (c change) after() state {
	s := maps.Clone(before)
	delete(s, c.key)
	if c.text != "" {
		s[c.key] = c.text + " " + c.ctype
	}
	if c.also != nil {
		c.also(s)
	}
	return s
}

// mayRefuse tells whether a repeat may be answered so.
func (c change) mayRefuse(err error) bool {
	return c.refused != nil && (errors.Is(err, c.refused) || c.refused == bucketThere && loglake.CodeOf(err) == loglake.CodeExists)
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
	if err := errors.Join(d.CreateBucket(t.Context(), "bucket"), d.CreateBucket(t.Context(), "empty"),
		d.PutDocument(t.Context(), "bucket", "there", []byte("old"))); err != nil {
		t.Fatal(err)
	}
	for key, value := range before {
		if strings.Contains(key, " ") {
			continue // no object
		}
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
	// A crash while an object made way for a directory has left its other name.
	if err := disk.WriteFile(crashable, "/lake/bucket/.loglake@left", []byte("hidden")); err != nil {
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
	lookAside(t, d, s)
	return s
}

// lookAside reads what is there besides objects.
func lookAside(t *testing.T, d *store.Dir, s state) {
	t.Helper()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	buckets, err := d.ListBuckets(t.Context())
	must(err)
	for _, b := range buckets {
		if b.Name != "bucket" {
			s["bucket "+b.Name] = ""
		}
	}
	for _, name := range []string{"there", "new"} {
		text, err := d.Document(t.Context(), "bucket", name)
		if errors.Is(err, store.ErrNoDocument) {
			continue
		}
		must(err)
		s["document "+name] = string(text)
	}
	uploads, err := d.ListUploads(t.Context(), "bucket")
	must(err)
	for _, u := range uploads {
		parts, err := d.ListParts(t.Context(), u.UploadRef)
		must(err)
		s["upload "+u.Key] = ""
		for _, p := range parts {
			s["upload "+u.Key] += fmt.Sprintf(" %d:%s", p.Number, p.ETag)
		}
	}
}

// oneOf wants the bucket to be as before the change or as after it, or that what goes last is still there.
func oneOf(t *testing.T, when string, got state, c change) {
	t.Helper()
	half := c
	half.also = nil
	if !cmp.Equal(got, before) && !cmp.Equal(got, c.after()) && !cmp.Equal(got, half.after()) {
		t.Errorf("%s, %s: neither as before nor as after: %s", c.name, when, cmp.Diff(before, got))
	}
}

// Every call on the disk fails, without and after being done. The bucket is as before or as after; a repeat does it;
// and what was acknowledged outlives a power cut.
func TestFaults(t *testing.T) {
	rec := faulttest.New(t)
	faultsOfOpening(t, rec)
	for _, c := range changes() {
		everyFault(t, c, plight{rec: rec})
		if faulttest.Full() {
			everyFault(t, c, plight{rec: rec, noLinks: true})
		}
	}
	if !faulttest.Full() {
		rec.Choice()
		return
	}
	big := strings.Repeat("big!", 5<<20/4) // synced once while it is written
	everyFault(t, change{name: "put much", key: "much", text: big, ctype: "text/new", call: func(d *store.Dir) error {
		_, err := d.Put(context.Background(), "bucket", "much", strings.NewReader(big), store.PutOptions{ContentType: "text/new"})
		return err
	}}, plight{rec: rec})
	everyFault(t, change{name: "put over within a tick of the clock", key: "a", text: "NEW", ctype: "text/new", call: func(d *store.Dir) error {
		_, err := d.Put(context.Background(), "bucket", "a", strings.NewReader("NEW"), store.PutOptions{ContentType: "text/new"})
		return err
	}}, plight{rec: rec, slowClock: true})
}

// slowClock is a filesystem on which a file that was begun has the modification time of the object "a", until it is cut.
type slowClock struct{ disk.FS }

type slowFile struct {
	disk.File
	fs  disk.FS
	cut bool
}

type infoAt struct {
	fs.FileInfo
	at time.Time
}

func (i infoAt) ModTime() time.Time { return i.at }

func (f slowClock) OpenFile(name string, flag int, perm fs.FileMode) (disk.File, error) {
	file, err := f.FS.OpenFile(name, flag, perm)
	if err != nil || flag&os.O_CREATE == 0 {
		return file, err
	}
	return &slowFile{File: file, fs: f.FS}, nil
}

func (f *slowFile) Stat() (fs.FileInfo, error) {
	info, err := f.File.Stat()
	if a, missing := f.fs.Stat("/lake/bucket/a"); err == nil && missing == nil && !f.cut {
		return infoAt{info, a.ModTime()}, nil
	}
	return info, err
}

func (f *slowFile) Truncate(bytes int64) error {
	f.cut = true
	return f.File.Truncate(bytes)
}

// plight is what else goes wrong.
type plight struct {
	rec       *faulttest.Recorder
	noLinks   bool // the filesystem has none
	slowClock bool // see there
	noRemoval bool // nothing can be removed after the call that fails
	apply     bool // then those removals are done all the same
}

func (p plight) on(f disk.FS) disk.FS {
	if p.slowClock {
		return slowClock{f}
	}
	return f
}

func (p plight) arm(f *disk.Faulty) {
	if p.noLinks {
		f.Fail(disk.Rule{Op: disk.OpLink, Err: syscall.ENOTSUP})
	}
}

func everyFault(t *testing.T, c change, p plight) {
	t.Helper()
	dry := disk.NewFaulty(prepare(t))
	d := open(t, p.on(dry))
	p.arm(dry)
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
		if p.noLinks && call.Op == disk.OpLink {
			continue // it fails anyway
		}
		for _, apply := range []bool{false, true} {
			p.noRemoval, p.apply = false, apply
			faulted(t, c, disk.Rule{Op: call.Op, Nth: seen[call.Op], Apply: apply}, p)
			if p.noRemoval = true; !faulttest.Full() {
				continue
			}
			faulted(t, c, disk.Rule{Op: call.Op, Nth: seen[call.Op]}, p)
		}
	}
}

// faultsOfOpening lets each call of OpenDir fail, which clears away what an earlier process left; the next one does it.
func faultsOfOpening(t *testing.T, rec *faulttest.Recorder) {
	t.Helper()
	left := func() *disk.Crashable {
		fsys := prepare(t)
		if err := disk.WriteFile(fsys, "/lake/.loglake/tmp/1", []byte("left")); err != nil {
			t.Fatal(err)
		}
		return fsys
	}
	dry := disk.NewFaulty(left())
	open(t, dry)
	for n := range dry.Calls() {
		for _, apply := range []bool{false, true} {
			faulty := disk.NewFaulty(left())
			faulty.Fail(disk.Rule{Nth: n + 1, Apply: apply, Then: func() { rec.Call(apply) }})
			if _, err := store.OpenDir(store.DirConfig{FS: faulty, Root: "/lake"}); err == nil {
				t.Errorf("call %d of OpenDir failed, and it says nothing", n+1)
			}
			faulty.Heal()
			if got := look(t, open(t, faulty)); !cmp.Equal(got, before) {
				t.Errorf("after call %d of OpenDir failed: %s", n+1, cmp.Diff(before, got))
			}
		}
	}
}

func faulted(t *testing.T, c change, rule disk.Rule, p plight) {
	t.Helper()
	crashable := prepare(t)
	faulty := disk.NewFaulty(crashable)
	d := open(t, p.on(faulty))
	when := fmt.Sprintf("%s %d fails (done: %v; %+v)", rule.Op, rule.Nth, rule.Apply, p)
	p.arm(faulty)
	rule.Then = func() {
		p.rec.Call(rule.Apply)
		if p.noRemoval {
			faulty.Fail(disk.Rule{Op: disk.OpRemove, Apply: p.apply, Then: func() { p.rec.Call(p.apply) }})
		}
	}
	faulty.Fail(rule)
	err := c.call(d)
	faulty.Heal()
	oneOf(t, when, look(t, d), c)
	if err != nil {
		if err = c.call(d); err != nil && (!c.mayRefuse(err)) {
			t.Errorf("%s, %s: the repeat: %v", c.name, when, err)
		}
	}
	if got := look(t, d); !cmp.Equal(got, c.after()) {
		t.Errorf("%s, %s: after the repeat: %s", c.name, when, cmp.Diff(c.after(), got))
	}
	if err == nil { // acknowledged
		if got := look(t, open(t, p.on(crashable.Crash(disk.SeedLoseAll)))); !cmp.Equal(got, c.after()) {
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
			if err := c.call(d); err != nil && (!c.mayRefuse(err)) {
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
