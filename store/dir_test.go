package store_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/loglake/loglake/store"
	"github.com/loglake/loglake/store/storetest"
)

func openDir(t *testing.T, root string) *store.Dir {
	t.Helper()
	d, err := store.OpenDir(store.DirConfig{Root: root})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDir(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return openDir(t, t.TempDir()) })
}

func put(t *testing.T, d store.Putter, key, text string, o store.PutOptions) store.Object {
	t.Helper()
	object, err := d.Put(t.Context(), "bucket", key, strings.NewReader(text), o)
	if err != nil {
		t.Fatal(err)
	}
	return object
}

// Objects are the files that a person expects, and nothing else is in a bucket's directory.
func TestLayout(t *testing.T) {
	root := t.TempDir()
	d := openDir(t, root)
	if err := d.CreateBucket(t.Context(), "bucket"); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"data/dt=2025-01-01/a.parquet", "data/b", "top", "top/below", "folder/"} {
		put(t, d, key, key, store.PutOptions{})
	}
	want := []string{".loglake@top", "data/b", "data/dt=2025-01-01/a.parquet", "folder/.loglake=", "top/below"}
	if got := files(t, filepath.Join(root, "bucket")); !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	for _, key := range []string{"data/dt=2025-01-01/a.parquet", "top/below", "top"} {
		if err := d.Delete(t.Context(), "bucket", key); err != nil {
			t.Fatal(err)
		}
	}
	want = []string{"data/b", "folder/.loglake="}
	if got := files(t, filepath.Join(root, "bucket")); !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	if _, err := os.Stat(filepath.Join(root, "bucket", "data", "dt=2025-01-01")); !os.IsNotExist(err) {
		t.Errorf("an empty directory stayed: %v", err)
	}
	if left := files(t, filepath.Join(root, ".loglake", "buckets", "bucket", "descriptions")); len(left) != 2 {
		t.Errorf("two objects have %d descriptions: %v", len(left), left)
	}
	if left := files(t, filepath.Join(root, ".loglake", "tmp")); len(left) != 0 {
		t.Errorf("temporary files stayed: %v", left)
	}
}

func files(t *testing.T, root string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			rel, _ := filepath.Rel(root, path)
			names = append(names, rel)
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names
}

// Files of other programs are objects, and lose a description that was another file's.
func TestForeignFiles(t *testing.T) {
	root := t.TempDir()
	d := openDir(t, root)
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(root, "bucket", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("dropped/a%20b", "text") // which makes the bucket, too
	write(".loglake-hidden", "x")
	write(".loglake=a", "not what the key a is written as")
	write("bad\xff", "x")
	if err := os.Symlink("dropped", filepath.Join(root, "bucket", "link")); err != nil {
		t.Fatal(err)
	}
	put(t, d, "ours", "text", store.PutOptions{ContentType: "text/plain"})
	write("ours", "longer text")
	put(t, d, "dropped/a%20b/c", "x", store.PutOptions{}) // a foreign file moves aside as well

	objects, _, err := d.List(t.Context(), "bucket", "", "", 100)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for _, o := range objects {
		got[o.Key] = o.Bytes
		if o.ContentType != "" || o.Key != "dropped/a%20b/c" && !strings.HasSuffix(o.ETag, "-1") {
			t.Errorf("%+v is described as ours", o)
		}
	}
	if want := map[string]int64{"dropped/a%20b": 4, "dropped/a%20b/c": 1, "ours": 11}; !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	for _, o := range objects {
		if err := d.Delete(t.Context(), "bucket", o.Key); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.DeleteBucket(t.Context(), "bucket"); err == nil {
		t.Error("a bucket was deleted together with files that are no objects")
	}
	if _, err := os.Stat(filepath.Join(root, "bucket", ".loglake-hidden")); err != nil {
		t.Error(err)
	}
}

// What was described stays so over a restart, and unfinished files go.
func TestReopen(t *testing.T) {
	root := t.TempDir()
	d := openDir(t, root)
	if err := d.CreateBucket(t.Context(), "bucket"); err != nil {
		t.Fatal(err)
	}
	want := put(t, d, "k", "text", store.PutOptions{ContentType: "text/plain", Metadata: map[string]string{"a": "b"}})
	unfinished := filepath.Join(root, ".loglake", "tmp", "17")
	if err := os.WriteFile(unfinished, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	d = openDir(t, root)
	got, err := d.Stat(t.Context(), "bucket", "k")
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("%v %s", err, cmp.Diff(want, got))
	}
	if _, err := os.Stat(unfinished); !os.IsNotExist(err) {
		t.Errorf("an unfinished file stayed: %v", err)
	}
	if _, err := store.OpenDir(store.DirConfig{Root: filepath.Join(root, "bucket", "k")}); err == nil {
		t.Error("a file was opened as a root")
	}
}
