package storetest

import (
	"crypto/md5"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/store"
)

// keysTried are keys that are no file names, or that can't all be at once where each is its own path.
func keysTried() []string {
	return []string{"a", "a/b", "a/b/c", "a/", "a//", "a//b", "/", "//", "/a", ".", "..", "../x", "./x", "a/../b", "a/..", ".loglake", ".loglake/x",
		".loglake=", ".loglake@a", ".loglake+a", ".loglake@a/x", "a-b", "a.b", "a0", "é", "e\u0301", "%", "%41", "dt=2020%3A01/x", "a\x00b", "a\nb", " ", "\\", "c:",
		strings.Repeat("x", 250), strings.Repeat("x", 250) + "/y", strings.Repeat("x", 255), strings.Repeat("x", 256), strings.Repeat("x", 256) + "/y",
		strings.Repeat("x", 239) + "é" + strings.Repeat("x", 500), strings.Repeat("x", 1024), strings.Repeat("y/", 100), "\U0010ffff", "\uffff"}
}

// noLeaf tells whether a key is no path of a file, or one of a folder of other keys here.
func noLeaf(key string) bool {
	for part := range strings.SplitSeq(key, "/") {
		if part == "" || part == "." || part == ".." || len(part) > 255 || strings.ContainsAny(part, "\x00\uffff") { // XML has no U+FFFF
			return true
		}
	}
	return slices.ContainsFunc(keysTried(), func(other string) bool { return strings.HasPrefix(other, key+"/") })
}

func (s *suite) keys() {
	keys := keysTried()
	if s.tree {
		keys = slices.DeleteFunc(keys, noLeaf)
	}
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
	if !s.tree { // a folder is no object
		s.ok(s.Delete(s.ctx, bucket, "a/b"))
		s.ok(s.Delete(s.ctx, bucket, "a"))
	}
	s.ok(s.Delete(s.ctx, bucket, "a/d/e"))
	s.equal("deleted nothing", s.listed(), []string{"a/b/c", "a/d"})
	s.ok(s.Delete(s.ctx, bucket, "a/b/c"))
	s.equal("deleted one", s.listed(), []string{"a/d"})
	upper := s.leaf("a/b")
	s.put(upper, "3") // the directory is gone
	s.put("a/b/c", "4")
	s.ok(s.Delete(s.ctx, bucket, upper))
	s.ok(s.Delete(s.ctx, bucket, upper))
	s.equal("deleted the upper one", s.listed(), []string{"a/b/c", "a/d"})
	s.fails(s.Delete(s.ctx, "no-bucket", "a"), loglake.CodeNotFound, store.ErrNoBucket)
}

func (s *suite) list() {
	want := []string{}
	for i := range 12 {
		for _, form := range []string{"t%02d", "t%02d/x", "t%02d/y/z", "t%02d-"} {
			key := fmt.Sprintf(form, i)
			if form == "t%02d" {
				key = s.leaf(key)
			}
			want = append(want, key)
			s.put(key, key)
		}
	}
	slices.Sort(want)
	for _, size := range []int{1, 7, 47, 48, 49} {
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
	s.equal("described", []any{page[0].Bytes, page[0].ETag, page[0].Modified.Truncate(time.Second)}, []any{o.Bytes, o.ETag, o.Modified.Truncate(time.Second)})
}

func (s *suite) fold() {
	if s.tree {
		s.foldTree()
		return
	}
	for _, key := range []string{"a", "a/1", "a/2", "a-", "b/1/x", "b/2", "c", "d//1", "d/1"} {
		s.put(key, key)
	}
	f := s.folds
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

// foldTree is fold where no key is a folder of another.
func (s *suite) foldTree() {
	for _, key := range []string{"a!", "a/1", "a/2", "b/1/x", "b/2", "c"} {
		s.put(key, key)
	}
	s.folds(store.Fold{}, "a! a/1 a/2 b/1/x b/2 c")
	s.folds(store.Fold{Delimiter: "/"}, "a! a/* b/* c")
	s.folds(store.Fold{Delimiter: "/", Max: 2}, "a! a/* …")
	s.folds(store.Fold{Delimiter: "/", Max: 2, After: "a/"}, "b/* c")
	s.folds(store.Fold{Delimiter: "/", Prefix: "a/"}, "a/1 a/2")
	s.folds(store.Fold{Delimiter: "/", Prefix: "b"}, "b/*")
	s.folds(store.Fold{Delimiter: "/", Prefix: "b/"}, "b/1/* b/2")
	s.folds(store.Fold{Delimiter: "/", Prefix: "x"}, "")
}

// folds wants a page of a folded listing, printed with a star behind what is folded and dots where there is more.
func (s *suite) folds(o store.Fold, want string) {
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
