package catalog_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/state"
)

// Who follows the changes has the objects that are there, wherever he stops and goes on.
func TestManifestChanges(t *testing.T) {
	_, db := open(t, nil)
	update := func(fn func(tx *state.Tx) error) { t.Helper(); must(t, db.Update(t.Context(), "test", fn)) }
	add := func(key string) {
		t.Helper()
		update(func(tx *state.Tx) error { return catalog.AddObjects(tx, []loglake.Object{object(key)}) })
	}
	remove := func(key string) {
		t.Helper()
		update(func(tx *state.Tx) error { return catalog.RemoveObject(tx, "lake", key, "gone") })
	}
	at, there := int64(0), map[string]int{}
	follow := func(told int, want map[string]int) {
		t.Helper()
		n := 0
		must(t, db.View(t.Context(), func(tx *state.Tx) (err error) {
			at, err = catalog.ManifestChanges(tx, at, func(c catalog.Change) {
				n++
				if c.Object.Bytes != 1234 || c.Object.Rows != 10 || c.Object.Producer != "p" || c.Object.Batch != 7 || c.Object.Kind != loglake.ObjectParquet {
					t.Errorf("told of %+v", c.Object)
				}
				there[c.Object.Key]++
				if c.Removed {
					delete(there, c.Object.Key)
				}
			})
			return err
		}))
		if diff := cmp.Diff(want, there); diff != "" || n != told {
			t.Errorf("told of %d changes, want %d\n%s", n, told, diff)
		}
	}
	follow(0, map[string]int{})
	add("a")
	add("b")
	remove("b")
	follow(1, map[string]int{"a": 1})
	follow(0, map[string]int{"a": 1})
	add("c")
	remove("a")
	add("d")
	remove("d")
	follow(2, map[string]int{"c": 1})
	follow(0, map[string]int{"c": 1})
	lose := func(key string) {
		t.Helper()
		update(func(tx *state.Tx) error { return catalog.RemoveObject(tx, "lake", key, catalog.OutsideReason) })
	}
	giveBack := func(key string) {
		t.Helper()
		update(func(tx *state.Tx) error { return catalog.ReturnObject(tx, "lake", key) })
	}
	lose("c")
	giveBack("c")
	follow(0, map[string]int{"c": 1})
	lose("c")
	follow(1, map[string]int{})
	giveBack("c")
	lose("c")
	follow(0, map[string]int{})
	giveBack("c")
	follow(1, map[string]int{"c": 1})
	at, there = 0, map[string]int{}
	follow(1, map[string]int{"c": 1})
	must(t, db.Update(t.Context(), "test", func(tx *state.Tx) error {
		if _, ok, err := catalog.RemovedOutside(tx, "lake", "a"); ok || err != nil {
			t.Error("an object that loglake removed is taken for one that others did:", ok, err)
		}
		if err := catalog.ReturnObject(tx, "lake", "a"); loglake.CodeOf(err) != loglake.CodeNotFound {
			t.Error("an object that loglake removed returns:", err)
		}
		return nil
	}))
}

func TestPartitionCounts(t *testing.T) {
	c, db := open(t, nil)
	must(t, c.CreateDatabase(t.Context(), catalog.DatabaseInput{Name: "db"}))
	for _, table := range []string{"t", "u"} {
		must(t, c.CreateTable(t.Context(), "db", logs(table)))
	}
	for _, day := range []string{"1", "2"} {
		must(t, c.CreatePartition(t.Context(), "db", "t", catalog.PartitionInput{Values: []string{day}}))
	}
	must(t, db.View(t.Context(), func(tx *state.Tx) error {
		counts, err := catalog.PartitionCounts(tx, home)
		if diff := cmp.Diff(map[[2]string]int{{"db", "t"}: 2}, counts); diff != "" {
			t.Error(diff)
		}
		return err
	}))
}
