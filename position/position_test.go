package position_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/state"
)

func open(t *testing.T) *state.DB {
	t.Helper()
	db, err := state.Open(t.Context(), state.Config{Path: filepath.Join(t.TempDir(), "state.db"), Migrations: position.Migrations()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func update(t *testing.T, db *state.DB, f func(*state.Tx) error) error {
	t.Helper()
	return db.Update(t.Context(), "test", f)
}

func start(t *testing.T, db *state.DB, p position.Position) {
	t.Helper()
	if err := update(t, db, func(tx *state.Tx) error { return position.Start(tx, p) }); err != nil {
		t.Fatal(err)
	}
}

func advance(t *testing.T, db *state.DB, from, to loglake.Offset) error {
	t.Helper()
	return update(t, db, func(tx *state.Tx) error {
		return position.Advance(tx, "p", loglake.Range{Source: "s", Journal: "j", From: from, To: to})
	})
}

func TestAPositionMovesOnlyFromWhereItIs(t *testing.T) {
	db := open(t)
	start(t, db, position.Position{Producer: "p", Source: "s", Journal: "j", At: 10})
	start(t, db, position.Position{Producer: "p", Source: "s", Journal: "j", At: 99}) // it has one
	for _, c := range []struct {
		from, to loglake.Offset
		code     loglake.Code
	}{
		{0, 20, loglake.CodeConflict}, {10, 20, ""}, {10, 20, loglake.CodeConflict}, {21, 30, loglake.CodeConflict}, {20, 30, ""},
	} {
		if err := advance(t, db, c.from, c.to); loglake.CodeOf(err) != c.code {
			t.Errorf("from %d to %d: %v", c.from, c.to, err)
		}
	}
	err := db.View(t.Context(), func(tx *state.Tx) error {
		at, ok, err := position.Get(tx, "p", "s")
		if at != 30 || !ok {
			t.Errorf("at %d, %v", at, ok)
		}
		_, ok, err2 := position.Get(tx, "p", "other")
		if ok || err2 != nil {
			t.Errorf("a source without position: %v, %v", ok, err2)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFloorIsTheLowestPositionInAJournal(t *testing.T) {
	db := open(t)
	all := []position.Position{
		{Producer: "p", Source: "a", Journal: "j", At: 7}, {Producer: "p", Source: "b", Journal: "other", At: 1},
		{Producer: "q", Source: "a", Journal: "j", At: 5},
	}
	for _, p := range all {
		start(t, db, p)
	}
	floor := func(journal loglake.JournalID) (at loglake.Offset, ok bool) {
		err := db.View(t.Context(), func(tx *state.Tx) (err error) {
			at, ok, err = position.Floor(tx, journal)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return at, ok
	}
	if at, ok := floor("j"); at != 5 || !ok {
		t.Errorf("floor is %d, %v", at, ok)
	}
	if err := update(t, db, func(tx *state.Tx) error { return position.Drop(tx, "q", "a") }); err != nil {
		t.Fatal(err)
	}
	if at, ok := floor("j"); at != 7 || !ok {
		t.Errorf("floor is %d, %v", at, ok)
	}
	if _, ok := floor("none"); ok {
		t.Error("a journal without positions has a floor")
	}
	err := db.View(t.Context(), func(tx *state.Tx) error {
		got, err := position.All(tx, "p")
		if diff := cmp.Diff(all[:2], got); diff != "" {
			t.Error(diff)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
