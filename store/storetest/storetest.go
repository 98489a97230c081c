// Package storetest is the suite that every store.Store passes. A new one's test is
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) store.Store { return newStore(t) })
//	}
//
// To extend it, write a method of suite that holds for every Store and add it to the table in Run.
package storetest

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
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/loglake/loglake"
	"github.com/loglake/loglake/store"
)

// Run runs the suite; newStore gives an empty store for each part of it.
func Run(t *testing.T, newStore func(t *testing.T) store.Store) {
	for name, part := range map[string]func(*suite){
		"Buckets": (*suite).buckets, "PutGet": (*suite).putGet, "Conditions": (*suite).conditions,
		"PutFails": (*suite).putFails, "PutFile": (*suite).putFile, "Keys": (*suite).keys,
		"Delete": (*suite).delete, "List": (*suite).list, "Fold": (*suite).fold, "Documents": (*suite).documents,
		"Upload": (*suite).upload, "UploadFails": (*suite).uploadFails, "Concurrent": (*suite).concurrent,
		"OverwriteWhileRead": (*suite).overwriteWhileRead,
	} {
		t.Run(name, func(t *testing.T) {
			s := &suite{T: t, Store: newStore(t), ctx: t.Context()}
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
	s.equal("what put and stat give", got, o)
	want := store.Object{Key: "d/a", Bytes: 5, ETag: "5d41402abc4b2a76b9719d911017c592", Modified: o.Modified, ContentType: "text/plain", ContentEncoding: "gzip", Metadata: meta, Attributes: map[string]string{"x": "y"}}
	s.equal("stat", got, want)
	s.equal("bytes", s.get("d/a"), "hello")

	r, o, err := s.Get(s.ctx, bucket, "d/a")
	s.ok(err)
	s.equal("get", o, want)
	_, err = r.Seek(3, io.SeekStart)
	s.ok(err)
	rest, err := io.ReadAll(r)
	s.ok(err)
	s.equal("after seek", string(rest), "lo")
	s.ok(r.Close())

	path, err := s.LocalPath(s.ctx, bucket, "d/a")
	s.ok(err)
	if path == "" {
		s.Error("no local path")
	}
	o = s.put("d/a", "") // an overwrite takes the description along
	got, err = s.Stat(s.ctx, bucket, "d/a")
	s.ok(err)
	s.equal("overwritten", got, store.Object{Key: "d/a", ETag: "d41d8cd98f00b204e9800998ecf8427e", Modified: o.Modified})
	for _, key := range []string{"d", "d/", "d/a/", "d/a/b", "D/a", "d//a", "missing"} {
		_, err = s.Stat(s.ctx, bucket, key)
		s.fails(err, loglake.CodeNotFound, store.ErrNoObject)
		_, _, err = s.Get(s.ctx, bucket, key)
		s.fails(err, loglake.CodeNotFound, fs.ErrNotExist)
		_, err = s.LocalPath(s.ctx, bucket, key)
		s.fails(err, loglake.CodeNotFound, fs.ErrNotExist)
	}
	_, _, err = s.Get(s.ctx, "no-bucket", "a")
	s.fails(err, loglake.CodeNotFound, store.ErrNoBucket)
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
	s.ok(s.PutFile(s.ctx, bucket, "d/dt=1", path, o)) // where there are keys below it
	s.equal("bytes", s.get("d/dt=1"), string(text))
	if err := s.PutFile(s.ctx, bucket, "e", path, store.PutFileOptions{Bytes: 1, CRC32C: o.CRC32C}); err == nil {
		s.Error("a file of another length was put")
	}
	o.ContentType, o.ContentEncoding = "application/json", "gzip"
	s.ok(s.PutFile(s.ctx, bucket, "f", path, o))
	got, err = s.Stat(s.ctx, bucket, "f")
	s.ok(err)
	s.equal("description", []string{got.ContentType, got.ContentEncoding}, []string{"application/json", "gzip"})
	s.fails(s.PutFile(s.ctx, "no-bucket", "f", path, o), loglake.CodeNotFound, store.ErrNoBucket)
	s.equal("objects", s.listed(), []string{"d/dt=1", "d/dt=1/f", "f", "same length", "taken"})
}

// keysTried are keys that are no file names, or that can't all be at once where each is its own path.
func keysTried() []string {
	return []string{"a", "a/b", "a/b/c", "a/", "a//", "a//b", "/", "//", "/a", ".", "..", "../x", "./x", "a/../b", "a/..", ".loglake", ".loglake/x",
		".loglake=", ".loglake@a", ".loglake+a", ".loglake@a/x", "a-b", "a.b", "a0", "é", "e\u0301", "%", "%41", "dt=2020%3A01/x", "a\x00b", "a\nb", " ", "\\", "c:",
		strings.Repeat("x", 250), strings.Repeat("x", 250) + "/y", strings.Repeat("x", 255), strings.Repeat("x", 256), strings.Repeat("x", 256) + "/y",
		strings.Repeat("x", 239) + "é" + strings.Repeat("x", 500), strings.Repeat("x", 1024), strings.Repeat("y/", 100), "\U0010ffff", "\uffff"}
}

func (s *suite) keys() {
	keys := keysTried()
	for _, order := range []string{"forward", "backward"} { // a file comes before the directory of its name, and after it
		for _, key := range keys {
			s.put(key, order+key)
		}
		sorted := slices.Sorted(slices.Values(keys))
		s.equal(order+": listed", s.listed(), sorted)
		for _, key := range keys {
			s.equal("bytes of "+key, s.get(key), order+key)
			o, err := s.Stat(s.ctx, bucket, key)
			s.ok(err)
			if want := fmt.Sprintf("%x", md5.Sum([]byte(order+key))); o.ETag != want {
				s.Errorf("%q has the ETag %s, want %s", key, o.ETag, want)
			}
		}
		for i, key := range sorted { // each one as where a page begins
			page, more, err := s.List(s.ctx, bucket, "", key, 2)
			s.ok(err)
			want := sorted[i+1:]
			s.equal("more after "+key, more, len(want) > 2)
			s.equal("after "+key, keysOf(page), append([]string{}, want[:min(2, len(want))]...))
		}
		for i, key := range keys {
			s.ok(s.Delete(s.ctx, bucket, key))
			_, err := s.Stat(s.ctx, bucket, key)
			s.fails(err, loglake.CodeNotFound, store.ErrNoObject)
			if i+1 < len(keys) {
				s.equal("bytes of "+keys[i+1], s.get(keys[i+1]), order+keys[i+1])
			}
		}
		s.equal("all deleted", s.listed(), []string{})
		slices.Reverse(keys)
	}
	s.ok(s.DeleteBucket(s.ctx, bucket)) // nothing is left behind
}

func (s *suite) delete() {
	s.ok(s.Delete(s.ctx, bucket, "missing"))
	s.ok(s.Delete(s.ctx, bucket, "missing/deeper"))
	s.put("a/b/c", "1")
	s.put("a/d", "2")
	s.ok(s.Delete(s.ctx, bucket, "a/b"))
	s.ok(s.Delete(s.ctx, bucket, "a/d/e"))
	s.ok(s.Delete(s.ctx, bucket, "a"))
	s.equal("deleted nothing", s.listed(), []string{"a/b/c", "a/d"})
	s.ok(s.Delete(s.ctx, bucket, "a/b/c"))
	s.equal("deleted one", s.listed(), []string{"a/d"})
	s.put("a/b", "3") // the directory is gone
	s.put("a/b/c", "4")
	s.ok(s.Delete(s.ctx, bucket, "a/b"))
	s.ok(s.Delete(s.ctx, bucket, "a/b"))
	s.equal("deleted the upper one", s.listed(), []string{"a/b/c", "a/d"})
	s.fails(s.Delete(s.ctx, "no-bucket", "a"), loglake.CodeNotFound, store.ErrNoBucket)
}

func (s *suite) list() {
	want := []string{}
	for i := range 25 {
		for _, form := range []string{"t%02d", "t%02d/x", "t%02d/y/z", "t%02d-"} {
			key := fmt.Sprintf(form, i)
			want = append(want, key)
			s.put(key, key)
		}
	}
	slices.Sort(want)
	for _, size := range []int{1, 7, 99, 100, 101} {
		got, after, more := []string{}, "", true
		for more {
			var page []store.Object
			var err error
			page, more, err = s.List(s.ctx, bucket, "", after, size)
			s.ok(err)
			if len(page) > size || more && len(page) == 0 {
				s.Fatalf("a page of at most %d has %d", size, len(page))
			}
			got = append(got, keysOf(page)...)
			after = got[len(got)-1]
		}
		s.equal(fmt.Sprintf("pages of %d", size), got, want)
	}
	for _, prefix := range []string{"t", "t0", "t03", "t03/", "t03/y", "t03/y/", "t03/y/z", "t03-", "t03/y/z/", "u", "t03/y/q"} {
		var under []string
		for _, key := range want {
			if strings.HasPrefix(key, prefix) {
				under = append(under, key)
			}
		}
		page, _, err := s.List(s.ctx, bucket, prefix, "", 1000)
		s.ok(err)
		s.equal("prefix "+prefix, keysOf(page), append([]string{}, under...))
	}
	page, _, err := s.List(s.ctx, bucket, "t03/", "t03/x", 1000)
	s.ok(err)
	s.equal("prefix and after", keysOf(page), []string{"t03/y/z"})
	page, more, err := s.List(s.ctx, bucket, "", "", 0)
	s.ok(err)
	s.equal("a page of none", []any{len(page), more}, []any{0, false})
	page, _, err = s.List(s.ctx, bucket, "t03/x", "", 1)
	s.ok(err)
	o, err := s.Stat(s.ctx, bucket, "t03/x")
	s.ok(err)
	s.equal("described", page, []store.Object{o})
}

func (s *suite) fold() {
	for _, key := range []string{"a", "a/1", "a/2", "a-", "b/1/x", "b/2", "c", "d//1", "d/1"} {
		s.put(key, key)
	}
	f := func(o store.Fold, want string) {
		s.Helper()
		if o.Max == 0 {
			o.Max = 1000
		}
		entries, more, err := s.ListFolded(s.ctx, bucket, o)
		s.ok(err)
		got := ""
		for _, e := range entries {
			got += e.Key
			if e.Folded {
				got += "*"
			}
			got += " "
		}
		if more {
			got += "…"
		}
		if strings.TrimSpace(got) != want {
			s.Errorf("%+v: %q, want %q", o, got, want)
		}
	}
	f(store.Fold{}, "a a- a/1 a/2 b/1/x b/2 c d//1 d/1")
	f(store.Fold{Delimiter: "/"}, "a a- a/* b/* c d/*")
	f(store.Fold{Delimiter: "/", Max: 3}, "a a- a/* …")
	f(store.Fold{Delimiter: "/", Max: 3, After: "a/"}, "b/* c d/*")
	f(store.Fold{Delimiter: "/", Max: 1, After: "a-"}, "a/* …")
	f(store.Fold{Delimiter: "/", Prefix: "a/"}, "a/1 a/2")
	f(store.Fold{Delimiter: "/", Prefix: "b"}, "b/*")
	f(store.Fold{Delimiter: "/", Prefix: "b/"}, "b/1/* b/2")
	f(store.Fold{Delimiter: "/", Prefix: "d/"}, "d//* d/1")
	f(store.Fold{Delimiter: "/1", Prefix: "", After: "a/2"}, "b/1* b/2 c d//1* d/1*")
	f(store.Fold{Delimiter: "-"}, "a a-* a/1 a/2 b/1/x b/2 c d//1 d/1")
	f(store.Fold{Delimiter: "/", Prefix: "x"}, "")
}

func (s *suite) documents() {
	_, err := s.Document(s.ctx, bucket, "lifecycle")
	s.fails(err, loglake.CodeNotFound, store.ErrNoDocument)
	s.ok(s.DeleteDocument(s.ctx, bucket, "lifecycle"))
	for _, text := range []string{"one", "two"} {
		s.ok(s.PutDocument(s.ctx, bucket, "lifecycle", []byte(text)))
		got, err := s.Document(s.ctx, bucket, "lifecycle")
		s.ok(err)
		s.equal("document", string(got), text)
	}
	s.ok(s.DeleteDocument(s.ctx, bucket, "lifecycle"))
	_, err = s.Document(s.ctx, bucket, "lifecycle")
	s.fails(err, loglake.CodeNotFound, store.ErrNoDocument)
	s.fails(s.PutDocument(s.ctx, bucket, "big", make([]byte, store.DocumentBytes+1)), loglake.CodeLimit, nil)
	s.fails(s.PutDocument(s.ctx, "no-bucket", "x", nil), loglake.CodeNotFound, store.ErrNoBucket)
}

func (s *suite) upload() {
	u, err := s.CreateUpload(s.ctx, bucket, "d/big", store.PutOptions{ContentType: "text/plain", Metadata: map[string]string{"k": "v"},
		Attributes: func() (map[string]string, error) { return map[string]string{"a": "1"}, nil }})
	s.ok(err)
	texts := map[int]string{1: strings.Repeat("1", store.PartBytesMin), 4: strings.Repeat("4", store.PartBytesMin+1), 9: "end"}
	var parts []store.Part
	for _, number := range []int{9, 1, 4} {
		if number == 1 { // sent before, and replaced
			_, err := s.PutPart(s.ctx, u.UploadRef, number, strings.NewReader("lost"), store.PutPartOptions{})
			s.ok(err)
		}
		p, err := s.PutPart(s.ctx, u.UploadRef, number, strings.NewReader(texts[number]), store.PutPartOptions{})
		s.ok(err)
		parts = append(parts, p)
	}
	slices.SortFunc(parts, func(a, b store.Part) int { return a.Number - b.Number })
	stored, err := s.ListParts(s.ctx, u.UploadRef)
	s.ok(err)
	s.equal("parts", stored, parts)
	uploads, err := s.ListUploads(s.ctx, bucket)
	s.ok(err)
	s.equal("uploads", len(uploads) == 1 && uploads[0].UploadRef == u.UploadRef, true)
	s.equal("no object yet", s.listed(), []string{})

	tees := map[int]*bytes.Buffer{}
	o, err := s.CompleteUpload(s.ctx, u.UploadRef, parts, store.CompleteOptions{
		Tee:        func(number int) io.Writer { tees[number] = new(bytes.Buffer); return tees[number] },
		Attributes: func() (map[string]string, error) { return map[string]string{"b": "2"}, nil },
	})
	s.ok(err)
	sums := md5.New()
	for _, number := range slices.Sorted(maps.Keys(texts)) {
		sum := md5.Sum([]byte(texts[number]))
		_, _ = sums.Write(sum[:])
		s.equal("seen of a part", tees[number].String() == texts[number], true)
	}
	want := store.Object{Key: "d/big", Bytes: int64(len(texts[1]) + len(texts[4]) + len(texts[9])), ETag: fmt.Sprintf("%x-3", sums.Sum(nil)), Modified: o.Modified,
		ContentType: "text/plain", Metadata: map[string]string{"k": "v"}, Attributes: map[string]string{"a": "1", "b": "2"}}
	s.equal("completed", o, want)
	got, err := s.Stat(s.ctx, bucket, "d/big")
	s.ok(err)
	s.equal("stat", got, want)
	s.equal("bytes", s.get("d/big") == texts[1]+texts[4]+texts[9], true)
	_, err = s.CompleteUpload(s.ctx, u.UploadRef, parts, store.CompleteOptions{})
	s.fails(err, loglake.CodeNotFound, store.ErrNoUpload)
	uploads, err = s.ListUploads(s.ctx, bucket)
	s.ok(err)
	s.equal("uploads", len(uploads), 0)
}

func (s *suite) uploadFails() {
	u, err := s.CreateUpload(s.ctx, bucket, "k", store.PutOptions{})
	s.ok(err)
	small, err := s.PutPart(s.ctx, u.UploadRef, 1, strings.NewReader("small"), store.PutPartOptions{})
	s.ok(err)
	last, err := s.PutPart(s.ctx, u.UploadRef, 2, strings.NewReader("last"), store.PutPartOptions{})
	s.ok(err)
	f := func(cause error, code loglake.Code, parts ...store.Part) {
		s.Helper()
		_, err := s.CompleteUpload(s.ctx, u.UploadRef, parts, store.CompleteOptions{})
		s.fails(err, code, cause)
	}
	f(store.ErrPart, loglake.CodeInvalid)
	f(store.ErrPart, loglake.CodeInvalid, store.Part{Number: 3, ETag: last.ETag})
	f(store.ErrPart, loglake.CodeInvalid, store.Part{Number: 2, ETag: small.ETag})
	f(store.ErrPartOrder, loglake.CodeInvalid, last, small)
	f(store.ErrPartOrder, loglake.CodeInvalid, small, small)
	f(store.ErrPartTooSmall, loglake.CodeInvalid, small, last)
	for _, number := range []int{0, -1, store.PartsMax + 1} {
		_, err := s.PutPart(s.ctx, u.UploadRef, number, strings.NewReader("x"), store.PutPartOptions{})
		s.fails(err, loglake.CodeInvalid, nil)
	}
	cause := errors.New("no")
	if _, err := s.PutPart(s.ctx, u.UploadRef, 3, strings.NewReader("x"), store.PutPartOptions{Check: func() error { return cause }}); !errors.Is(err, cause) {
		s.Errorf("a refused part gives %v", err)
	}
	_, err = s.PutPart(s.ctx, u.UploadRef, 3, strings.NewReader("x"), store.PutPartOptions{MD5: make([]byte, 16)})
	s.fails(err, loglake.CodeInvalid, store.ErrDigest)
	for _, ref := range []store.UploadRef{{Bucket: bucket, Key: "other", ID: u.ID}, {Bucket: bucket, Key: "k", ID: "../../x"}, {Bucket: bucket, Key: "k", ID: ""}} {
		_, err = s.PutPart(s.ctx, ref, 1, strings.NewReader("x"), store.PutPartOptions{})
		s.fails(err, loglake.CodeNotFound, store.ErrNoUpload)
		s.fails(s.AbortUpload(s.ctx, ref), loglake.CodeNotFound, store.ErrNoUpload)
	}
	s.put("k", "there")
	_, err = s.CompleteUpload(s.ctx, u.UploadRef, []store.Part{last}, store.CompleteOptions{IfNoneMatch: true})
	s.fails(err, loglake.CodeExists, store.ErrPrecondition)
	s.ok(s.AbortUpload(s.ctx, u.UploadRef))
	s.fails(s.AbortUpload(s.ctx, u.UploadRef), loglake.CodeNotFound, store.ErrNoUpload)
	_, err = s.ListParts(s.ctx, u.UploadRef)
	s.fails(err, loglake.CodeNotFound, store.ErrNoUpload)
	s.equal("bytes", s.get("k"), "there")
}

// concurrent puts and deletes in directories that come and go, and asks that each writer finds what it wrote.
func (s *suite) concurrent() {
	var wg sync.WaitGroup
	for writer := range 6 {
		wg.Go(func() {
			for round := range 12 {
				key := fmt.Sprintf("d%d/e/w%d", round%2, writer)
				text := fmt.Sprintf("%d of %d", round, writer)
				if _, err := s.Put(s.ctx, bucket, key, strings.NewReader(text), store.PutOptions{}); err != nil {
					s.Errorf("put %s: %v", key, err)
					return
				}
				r, o, err := s.Get(s.ctx, bucket, key)
				if err != nil {
					s.Errorf("get %s: %v", key, err)
					return
				}
				got, _ := io.ReadAll(r)
				_ = r.Close()
				if want := fmt.Sprintf("%x", md5.Sum([]byte(text))); string(got) != text || o.ETag != want {
					s.Errorf("%s has %q and ETag %s, want %q and %s", key, got, o.ETag, text, want)
				}
				if _, _, err := s.List(s.ctx, bucket, "", "", 100); err != nil {
					s.Errorf("list: %v", err)
				}
				if err := s.Delete(s.ctx, bucket, key); err != nil {
					s.Errorf("delete %s: %v", key, err)
				}
			}
		})
	}
	wg.Wait()
	s.equal("left", s.listed(), []string{})
}

// overwriteWhileRead asks that bytes and description always belong together.
func (s *suite) overwriteWhileRead() {
	s.put("k", "0")
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(stop)
		for i := range 60 {
			if _, err := s.Put(s.ctx, bucket, "k", strings.NewReader(fmt.Sprint(i%10)), store.PutOptions{}); err != nil {
				s.Errorf("put: %v", err)
			}
		}
	})
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			r, o, err := s.Get(s.ctx, bucket, "k")
			if err != nil {
				s.Errorf("get: %v", err)
				return
			}
			text, _ := io.ReadAll(r)
			_ = r.Close()
			if want := fmt.Sprintf("%x", md5.Sum(text)); o.ETag != want {
				s.Errorf("bytes %q come with the ETag %s", text, o.ETag)
				return
			}
		}
	})
	wg.Wait()
}
