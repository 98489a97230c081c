// Package storetest is the suite that every store.Store passes. A new one's test is
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) store.Store { return newStore(t) })
//	}
//
// To extend it, write a method of suite that holds for every Store and add it to the table in Run.
package storetest

import (
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/loglake/loglake"
	"github.com/loglake/loglake/store"
)

// Run runs the suite; newStore gives an empty store for each part of it.
func Run(t *testing.T, newStore func(t *testing.T) store.Store) {
	run(t, limits{files: true}, newStore)
}

// RunWithoutFiles is Run for a store that does not see the operating system's files, which PutFile is tested with.
func RunWithoutFiles(t *testing.T, newStore func(t *testing.T) store.Store) {
	run(t, limits{}, newStore)
}

// RunTree is Run for a store in a service that keeps objects as files of a tree, and so refuses a key that is a folder of
// another one's, and keys whose components are no file names. It may also be late with an object's description where the
// object is overwritten at that moment. That is the service's, not the store's, and all the rest has to hold.
func RunTree(t *testing.T, newStore func(t *testing.T) store.Store) {
	run(t, limits{files: true, tree: true}, newStore)
}

// limits say what a store's surroundings can't do.
type limits struct {
	files bool // PutFile and Local see the operating system's files
	tree  bool // keys are paths of a tree
}

func run(t *testing.T, l limits, newStore func(t *testing.T) store.Store) {
	parts := map[string]func(*suite){
		"Buckets": (*suite).buckets, "PutGet": (*suite).putGet, "Conditions": (*suite).conditions,
		"PutFails": (*suite).putFails, "Keys": (*suite).keys,
		"Delete": (*suite).delete, "List": (*suite).list, "Fold": (*suite).fold, "Documents": (*suite).documents,
		"Upload": (*suite).upload, "UploadFails": (*suite).uploadFails, "Concurrent": (*suite).concurrent,
		"OverwriteWhileRead": (*suite).overwriteWhileRead,
	}
	if l.files {
		parts["PutFile"] = (*suite).putFile
	}
	for name, part := range parts {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // they wait for the disk
			s := &suite{T: t, Store: newStore(t), ctx: t.Context(), limits: l}
			s.ok(s.CreateBucket(s.ctx, bucket))
			part(s)
		})
	}
}

const bucket = "the-bucket"

type suite struct {
	*testing.T
	store.Store
	ctx context.Context
	limits
}

// leaf gives a key beside a folder of that name: the name itself, where a key may be both.
func (s *suite) leaf(key string) string {
	if s.tree {
		return key + "!"
	}
	return key
}

// sameObject holds two descriptions of an object against each other. What Put answers of the time may be off by what
// clocks and roundings differ: S3 does not tell it with the answer to a put.
func (s *suite) sameObject(what string, got, want store.Object) {
	s.Helper()
	const off = 2 * time.Second
	if d := got.Modified.Sub(want.Modified); d > off || d < -off || got.Modified.IsZero() {
		s.Errorf("%s: modified at %v, want %v", what, got.Modified, want.Modified)
	}
	got.Modified = want.Modified
	s.equal(what, got, want)
}

func (s *suite) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// fails wants err to have a code and a cause.
func (s *suite) fails(err error, code loglake.Code, cause error) {
	s.Helper()
	if loglake.CodeOf(err) != code || cause != nil && !errors.Is(err, cause) {
		s.Errorf("error is %v (code %q), want code %q and %v", err, loglake.CodeOf(err), code, cause)
	}
}

func (s *suite) put(key, text string) store.Object {
	s.Helper()
	o, err := s.Put(s.ctx, bucket, key, strings.NewReader(text), store.PutOptions{})
	if err != nil {
		s.Fatalf("put %q: %v", key, err)
	}
	return o
}

func (s *suite) get(key string) string {
	s.Helper()
	r, o, err := s.Get(s.ctx, bucket, key)
	if err != nil {
		s.Fatalf("get %q: %v", key, err)
	}
	defer r.Close() //nolint:errcheck // only read
	text, err := io.ReadAll(r)
	s.ok(err)
	if o.Key != key || o.Bytes != int64(len(text)) {
		s.Errorf("get %q: described as %q with %d bytes, it has %d", key, o.Key, o.Bytes, len(text))
	}
	return string(text)
}

func (s *suite) listed() []string {
	s.Helper()
	objects, more, err := s.List(s.ctx, bucket, "", "", 1<<20)
	s.ok(err)
	if more {
		s.Error("a listing of all says that there is more")
	}
	return keysOf(objects)
}

func keysOf(objects []store.Object) []string {
	keys := []string{}
	for _, o := range objects {
		keys = append(keys, o.Key)
	}
	return keys
}

func (s *suite) equal(what string, got, want any) {
	s.Helper()
	if d := cmp.Diff(want, got); d != "" {
		s.Errorf("%s: %s", what, d)
	}
}

func (s *suite) buckets() {
	for _, name := range []string{"", "ab", "Upper", "under_score", "-a-", "a..b", ".loglake", "..", "a/b", strings.Repeat("a", 64)} {
		s.fails(s.CreateBucket(s.ctx, name), loglake.CodeInvalid, store.ErrBucketName)
	}
	s.fails(s.CreateBucket(s.ctx, bucket), loglake.CodeExists, nil)
	s.ok(s.CreateBucket(s.ctx, "a.second-1"))
	all, err := s.ListBuckets(s.ctx)
	s.ok(err)
	names := []string{}
	for _, b := range all {
		names = append(names, b.Name)
		if b.Created.IsZero() {
			s.Errorf("bucket %s was made at no time", b.Name)
		}
	}
	s.equal("buckets", names, []string{"a.second-1", bucket})

	s.put("a/b", "x")
	s.ok(s.PutDocument(s.ctx, bucket, "lifecycle", []byte("x")))
	s.fails(s.DeleteBucket(s.ctx, bucket), loglake.CodeConflict, store.ErrNotEmpty)
	s.ok(s.Delete(s.ctx, bucket, "a/b"))
	s.ok(s.DeleteBucket(s.ctx, bucket))
	s.fails(s.DeleteBucket(s.ctx, bucket), loglake.CodeNotFound, store.ErrNoBucket)
	for name, want := range map[string]bool{bucket: false, "a.second-1": true, "..": false} {
		got, err := s.HasBucket(s.ctx, name)
		s.ok(err)
		s.equal("bucket "+name, got, want)
	}
	_, err = s.Put(s.ctx, bucket, "a", strings.NewReader("x"), store.PutOptions{})
	s.fails(err, loglake.CodeNotFound, store.ErrNoBucket)
	_, _, err = s.List(s.ctx, bucket, "", "", 1)
	s.fails(err, loglake.CodeNotFound, store.ErrNoBucket)
	s.ok(s.CreateBucket(s.ctx, bucket))
	if _, err := s.Document(s.ctx, bucket, "lifecycle"); !errors.Is(err, store.ErrNoDocument) {
		s.Errorf("a bucket made again has a document of its earlier life: %v", err)
	}
}

func (s *suite) putGet() {
	meta := map[string]string{"k": "v", "é": ""}
	o, err := s.Put(s.ctx, bucket, "d/a", strings.NewReader("hello"), store.PutOptions{ContentType: "text/plain", ContentEncoding: "gzip", Metadata: meta,
		Attributes: func() (map[string]string, error) { return map[string]string{"x": "y"}, nil }})
	s.ok(err)
	got, err := s.Stat(s.ctx, bucket, "d/a")
	s.ok(err)
	s.sameObject("what put and stat give", got, o)
	want := store.Object{Key: "d/a", Bytes: 5, ETag: "5d41402abc4b2a76b9719d911017c592", Modified: o.Modified, ContentType: "text/plain", ContentEncoding: "gzip", Metadata: meta, Attributes: map[string]string{"x": "y"}}
	s.sameObject("stat", got, want)
	s.equal("bytes", s.get("d/a"), "hello")

	r, o, err := s.Get(s.ctx, bucket, "d/a")
	s.ok(err)
	s.sameObject("get", o, want)
	_, err = r.Seek(3, io.SeekStart)
	s.ok(err)
	rest, err := io.ReadAll(r)
	s.ok(err)
	s.equal("after seek", string(rest), "lo")
	s.ok(r.Close())

	s.local(got)
	o = s.put("d/a", "") // an overwrite takes the description along
	got, err = s.Stat(s.ctx, bucket, "d/a")
	s.ok(err)
	s.sameObject("overwritten", got, store.Object{Key: "d/a", ETag: "d41d8cd98f00b204e9800998ecf8427e", Modified: o.Modified})
	missing := []string{"d", "d/", "d/a/", "d/a/b", "D/a", "missing"}
	if !s.tree {
		missing = append(missing, "d//a")
	}
	for _, key := range missing {
		_, err = s.Stat(s.ctx, bucket, key)
		s.fails(err, loglake.CodeNotFound, store.ErrNoObject)
		_, _, err = s.Get(s.ctx, bucket, key)
		s.fails(err, loglake.CodeNotFound, fs.ErrNotExist)
		local, err := s.Local(s.ctx, bucket, store.Object{Key: key, ETag: got.ETag, Bytes: 5})
		if err == nil { // a store may not look before it has to
			err = local.Fetch(s.ctx, store.Span{From: 0, To: 5})
			local.Release()
		}
		s.fails(err, loglake.CodeNotFound, fs.ErrNotExist)
	}
	_, _, err = s.Get(s.ctx, "no-bucket", "a")
	s.fails(err, loglake.CodeNotFound, store.ErrNoBucket)
}

// local wants an object's file to be where the store says, and to hold what was fetched. A store that does not see the
// operating system's files gives a path that nobody can open here.
func (s *suite) local(o store.Object) {
	s.Helper()
	local, err := s.Local(s.ctx, bucket, o)
	s.ok(err)
	defer local.Release()
	s.ok(local.Fetch(s.ctx, store.Span{From: 0, To: o.Bytes}))
	text, err := os.ReadFile(local.Path)
	if s.files {
		s.ok(err)
		s.equal("bytes of the local file", string(text), s.get(o.Key))
	}
}

func (s *suite) conditions() {
	put := func(text string, o store.PutOptions) (store.Object, error) {
		return s.Put(s.ctx, bucket, "a", strings.NewReader(text), o)
	}
	_, err := put("1", store.PutOptions{IfMatch: "x"})
	s.fails(err, loglake.CodeNotFound, store.ErrNoObject)
	first, err := put("1", store.PutOptions{IfNoneMatch: true})
	s.ok(err)
	_, err = put("2", store.PutOptions{IfNoneMatch: true})
	s.fails(err, loglake.CodeExists, store.ErrPrecondition)
	_, err = put("2", store.PutOptions{IfMatch: "x"})
	s.fails(err, loglake.CodeConflict, store.ErrPrecondition)
	s.equal("after refused puts", s.get("a"), "1")
	_, err = put("2", store.PutOptions{IfMatch: first.ETag})
	s.ok(err)
	_, err = put("3", store.PutOptions{IfMatch: first.ETag})
	s.fails(err, loglake.CodeConflict, store.ErrPrecondition)
	s.equal("after a conditional put", s.get("a"), "2")
}

// failingReader gives some bytes and then an error.
type failingReader struct {
	text string
	err  error
}

func (r *failingReader) Read(p []byte) (int, error) {
	n := copy(p, r.text)
	if r.text = r.text[n:]; r.text == "" {
		return n, r.err
	}
	return n, nil
}

func (s *suite) putFails() {
	s.put("a", "old")
	for _, cause := range []error{io.ErrUnexpectedEOF, errors.New("gone"), fmt.Errorf("wrapped: %w", io.EOF)} {
		_, err := s.Put(s.ctx, bucket, "a", &failingReader{"new", cause}, store.PutOptions{})
		if !errors.Is(err, cause) {
			s.Errorf("a body that ends with %v is put with %v", cause, err)
		}
	}
	wrong := md5.Sum([]byte("other"))
	_, err := s.Put(s.ctx, bucket, "a", strings.NewReader("new"), store.PutOptions{MD5: wrong[:]})
	s.fails(err, loglake.CodeInvalid, store.ErrDigest)
	cause := errors.New("no")
	_, err = s.Put(s.ctx, bucket, "a", strings.NewReader("new"), store.PutOptions{Attributes: func() (map[string]string, error) { return nil, cause }})
	if !errors.Is(err, cause) {
		s.Errorf("a refusal after the last byte gives %v", err)
	}
	ctx, cancel := context.WithCancel(s.ctx)
	cancel()
	if _, err = s.Put(ctx, bucket, "a", strings.NewReader("new"), store.PutOptions{}); !errors.Is(err, context.Canceled) {
		s.Errorf("put under a cancelled context gives %v", err)
	}
	s.equal("after failed puts", s.get("a"), "old")
	for _, key := range []string{"", strings.Repeat("k", store.KeyBytesMax+1), "a\xff"} {
		_, err = s.Put(s.ctx, bucket, key, strings.NewReader("x"), store.PutOptions{})
		s.fails(err, loglake.CodeInvalid, store.ErrKey)
	}
	s.equal("objects", s.listed(), []string{"a"})
}

func (s *suite) putFile() {
	text := []byte(strings.Repeat("parquet", 1000))
	path := filepath.Join(s.TempDir(), "staged")
	s.ok(os.WriteFile(path, text, 0o600))
	o := store.PutFileOptions{Bytes: int64(len(text)), CRC32C: crc32.Checksum(text, crc32.MakeTable(crc32.Castagnoli))}
	for range 2 { // the second time it is there already
		s.ok(s.PutFile(s.ctx, bucket, "d/dt=1/f", path, o))
		s.equal("bytes", s.get("d/dt=1/f"), string(text))
	}
	got, err := s.Stat(s.ctx, bucket, "d/dt=1/f")
	s.ok(err)
	if got.ETag == "" || got.Bytes != o.Bytes || got.Modified.IsZero() {
		s.Errorf("described as %+v", got)
	}
	s.put("taken", "other")
	s.fails(s.PutFile(s.ctx, bucket, "taken", path, o), loglake.CodeExists, nil)
	s.put("same length", strings.Repeat("?", len(text)))
	s.fails(s.PutFile(s.ctx, bucket, "same length", path, o), loglake.CodeExists, nil)
	s.equal("untouched", s.get("taken"), "other")
	below := s.leaf("d/dt=1")
	s.ok(s.PutFile(s.ctx, bucket, below, path, o)) // where there are keys below it
	s.equal("bytes", s.get(below), string(text))
	if err := s.PutFile(s.ctx, bucket, "e", path, store.PutFileOptions{Bytes: 1, CRC32C: o.CRC32C}); err == nil {
		s.Error("a file of another length was put")
	}
	o.ContentType, o.ContentEncoding, o.Metadata = "application/json", "gzip", map[string]string{"a-b": "{\"c\":1}"}
	s.ok(s.PutFile(s.ctx, bucket, "f", path, o))
	got, err = s.Stat(s.ctx, bucket, "f")
	s.ok(err)
	s.equal("description", []string{got.ContentType, got.ContentEncoding, got.Metadata["a-b"]}, []string{"application/json", "gzip", "{\"c\":1}"})
	s.fails(s.PutFile(s.ctx, "no-bucket", "f", path, o), loglake.CodeNotFound, store.ErrNoBucket)
	want := []string{below, "d/dt=1/f", "f", "same length", "taken"}
	slices.Sort(want)
	s.equal("objects", s.listed(), want)
}
