package catalog_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/state"
)

func object(key string) loglake.Object {
	return loglake.Object{
		Bucket: "lake", Key: key, Kind: loglake.ObjectParquet, Bytes: 1234, CRC32C: 1<<32 - 1, Rows: 10, Producer: "p", Batch: 7, Part: 1, Parts: 2,
		Columns: []loglake.ColumnBounds{
			{Name: "level", Bytes: 100, NullCount: 3, Min: []byte("DEBUG"), Max: []byte("WARN")},
			{Name: "status", Bytes: 1, Min: []byte{}},
		},
	}
}

func TestManifest(t *testing.T) {
	ctx := t.Context()
	_, db := open(t, nil)
	update := func(fn func(tx *state.Tx) error) error { return db.Update(ctx, "test", fn) }
	keys := []string{"data/dt=1/a", "data/dt=1/é", "data/dt=10/a", "data0", "dat", "data/", "data/\uffff", "data/\U0010ffff/x"}
	must(t, update(func(tx *state.Tx) error {
		var objects []loglake.Object
		for _, key := range keys {
			objects = append(objects, object(key))
		}
		return catalog.AddObjects(tx, objects)
	}))
	under := func(prefix string) (found []string) {
		t.Helper()
		must(t, db.View(ctx, func(tx *state.Tx) error {
			objects, err := catalog.ObjectsUnder(tx, "lake", prefix)
			for _, o := range objects {
				found = append(found, o.Key)
			}
			return err
		}))
		return found
	}
	check := func(prefix string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, under(prefix)); diff != "" {
			t.Errorf("%q: %s", prefix, diff)
		}
	}
	check("data/", "data/", "data/dt=1/a", "data/dt=1/é", "data/dt=10/a", "data/\uffff", "data/\U0010ffff/x")
	check("data/dt=1/", "data/dt=1/a", "data/dt=1/é")
	check("data/dt=1", "data/dt=1/a", "data/dt=1/é", "data/dt=10/a")
	check("data/\U0010ffff", "data/\U0010ffff/x")
	check("DATA/")
	if all := under(""); len(all) != len(keys) {
		t.Errorf("all: %q", all)
	}

	must(t, db.View(ctx, func(tx *state.Tx) error {
		o, ok, err := catalog.ObjectByKey(tx, "lake", "data/dt=1/a")
		if diff := cmp.Diff(object("data/dt=1/a"), o); diff != "" || !ok {
			t.Error(ok, diff)
		}
		return err
	}))
	if err := update(func(tx *state.Tx) error {
		return catalog.AddObjects(tx, []loglake.Object{object("new"), object("data0")})
	}); loglake.CodeOf(err) != loglake.CodeExists {
		t.Errorf("a key twice: %v", err)
	}
	check("new") // nothing of a refused addition stays

	must(t, update(func(tx *state.Tx) error { return catalog.RemoveObject(tx, "lake", "data0", "gone") }))
	check("data0")
	err := update(func(tx *state.Tx) error { return catalog.RemoveObject(tx, "lake", "data0", "gone") })
	want(t, err, loglake.CodeNotFound, "object s3://lake/data0 is not in the manifest")
	if err := update(func(tx *state.Tx) error { return catalog.AddObjects(tx, []loglake.Object{object("data0")}) }); loglake.CodeOf(err) != loglake.CodeExists {
		t.Errorf("a removed key again: %v", err)
	}
}

func BenchmarkObjectsUnder(b *testing.B) {
	ctx := b.Context()
	_, db := open(b, nil)
	must(b, db.Update(ctx, "test", func(tx *state.Tx) error {
		for day := range 1000 {
			var objects []loglake.Object
			for part := range 100 {
				objects = append(objects, object(fmt.Sprintf("data/dt=%04d/%03d", day, part)))
			}
			if err := catalog.AddObjects(tx, objects); err != nil {
				return err
			}
		}
		return nil
	}))
	for b.Loop() {
		must(b, db.View(ctx, func(tx *state.Tx) error {
			objects, err := catalog.ObjectsUnder(tx, "lake", "data/dt=0500/")
			if len(objects) != 100 {
				b.Fatal(len(objects))
			}
			return err
		}))
	}
}
