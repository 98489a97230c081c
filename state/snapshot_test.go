package state_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/loglake/loglake/state"
)

// TestSnapshot copies the state while it changes: the copy is that of the moment of Held.
func TestSnapshot(t *testing.T) {
	dir := t.TempDir()
	db, err := state.Open(t.Context(), state.Config{Path: filepath.Join(dir, "state.db"), Migrations: counters})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	add := func(name string) {
		t.Helper()
		if err := db.Update(t.Context(), "add", func(tx *state.Tx) error {
			_, err := tx.Exec(`INSERT INTO counters (name, n) VALUES (?, 1)`, name)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	names := func(tx *state.Tx) (n int) {
		t.Helper()
		if err := tx.QueryRow(`SELECT COUNT(*) FROM counters`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	add("before")
	waits := make(chan struct{})
	path := filepath.Join(dir, "a copy? of 100%.db")
	err = db.Snapshot(t.Context(), state.SnapshotPlan{
		Path: path,
		Held: func() error {
			go func() {
				defer close(waits)
				_ = db.Update(t.Context(), "add", func(tx *state.Tx) error {
					_, err := tx.Exec(`INSERT INTO counters (name, n) VALUES ('meanwhile', 1)`)
					return err
				})
			}()
			return db.View(t.Context(), func(tx *state.Tx) error { // reads go on
				if n := names(tx); n != 1 {
					t.Errorf("held with %d", n)
				}
				return nil
			})
		},
		Seen: func(tx *state.Tx) error {
			<-waits // updates go on
			add("later")
			if n := names(tx); n != 1 {
				t.Errorf("seen with %d", n)
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	add("last")
	for file, want := range map[string]int{path: 1, filepath.Join(dir, "state.db"): 4} {
		got, err := state.Open(t.Context(), state.Config{Path: file, Migrations: counters})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(got.Check(t.Context()), got.View(t.Context(), func(tx *state.Tx) error {
			if n := names(tx); n != want {
				t.Errorf("%s has %d, want %d", file, n, want)
			}
			return nil
		}), got.Close()); err != nil {
			t.Error(err)
		}
	}
	refused := errors.New("refused")
	err = db.Snapshot(t.Context(), state.SnapshotPlan{Path: filepath.Join(dir, "none"), Held: func() error { return refused }})
	if !errors.Is(err, refused) {
		t.Errorf("refused: %v", err)
	}
	add("after all")
}
