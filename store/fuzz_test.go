package store_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loglake/loglake/store"
)

// FuzzDescription puts hostile bytes in the place of what is known of an object, of a bucket and of an upload: the object is
// there all the same, with its own bytes, and nothing panics.
func FuzzDescription(f *testing.F) {
	root := f.TempDir()
	d, err := store.OpenDir(store.DirConfig{Root: root})
	if err != nil {
		f.Fatal(err)
	}
	ctx := f.Context()
	if err := d.CreateBucket(ctx, "bucket"); err != nil {
		f.Fatal(err)
	}
	o := store.PutOptions{ContentType: "text/plain", Metadata: map[string]string{"a": "b"}}
	if _, err := d.Put(ctx, "bucket", "key", strings.NewReader("content"), o); err != nil {
		f.Fatal(err)
	}
	if _, err := d.CreateUpload(ctx, "bucket", "up", o); err != nil {
		f.Fatal(err)
	}
	var files []string
	err = filepath.WalkDir(filepath.Join(root, ".loglake"), func(path string, e fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".json") {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) < 3 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
		f.Add(text[:len(text)/2])
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, file := range files {
			if err := os.WriteFile(file, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		object, err := d.Stat(t.Context(), "bucket", "key")
		if err != nil || object.Bytes != 7 || object.Key != "key" || object.ETag == "" {
			t.Errorf("%+v, %v", object, err)
		}
		if list, _, err := d.List(t.Context(), "bucket", "", "", 10); err != nil || len(list) != 1 {
			t.Errorf("%+v, %v", list, err)
		}
		_, _ = d.ListBuckets(t.Context())
		_, _ = d.ListUploads(t.Context(), "bucket")
	})
}
