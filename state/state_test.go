package state_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

var counters = []state.Migration{
	{Package: "counters", Version: 1, SQL: `CREATE TABLE counters (name TEXT NOT NULL PRIMARY KEY, n BIGINT NOT NULL)`},
	{Package: "counters", Version: 2, SQL: `ALTER TABLE counters ADD COLUMN note TEXT NOT NULL DEFAULT ''`},
}

func open(t *testing.T, cfg state.Config) *state.DB {
	t.Helper()
	if cfg.Path == "" {
		cfg.Path = filepath.Join(t.TempDir(), "state.db")
	}
	if cfg.Migrations == nil {
		cfg.Migrations = counters
	}
	db, err := state.Open(t.Context(), cfg)
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

func add(name string) func(*state.Tx) error {
	return func(tx *state.Tx) error {
		_, err := tx.Exec(`INSERT INTO counters (name, n) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET n = n + 1`, name)
		return err
	}
}

func count(t *testing.T, db *state.DB, name string) (n int) {
	t.Helper()
	err := db.View(t.Context(), func(tx *state.Tx) error {
		return tx.QueryRow(`SELECT COALESCE(SUM(n), 0) FROM counters WHERE name = ?`, name).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestUpdateIsAllOrNothing(t *testing.T) {
	db := open(t, state.Config{})
	if err := db.Update(t.Context(), "add", add("a")); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err := db.Update(t.Context(), "add", func(tx *state.Tx) error {
		if err := add("a")(tx); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) || count(t, db, "a") != 1 {
		t.Errorf("got error %v and count %d", err, count(t, db, "a"))
	}
}

func TestFaultsFailBothWays(t *testing.T) {
	lost := errors.New("lost")
	var apply, fail bool
	db := open(t, state.Config{Fault: func(name string) (bool, error) {
		if fail && name == "add" {
			return apply, lost
		}
		return false, nil
	}})
	for _, c := range []struct {
		apply bool
		want  int
	}{{false, 0}, {true, 1}} {
		told := 0
		apply, fail = c.apply, true
		err := db.Update(t.Context(), "add", func(tx *state.Tx) error {
			tx.OnCommit(func() { told++ })
			return add("a")(tx)
		})
		fail = false
		if !errors.Is(err, lost) || count(t, db, "a") != c.want || told != c.want {
			t.Errorf("apply %v: error %v, count %d, told %d", c.apply, err, count(t, db, "a"), told)
		}
	}
	if err := db.Update(t.Context(), "add", add("a")); err != nil || count(t, db, "a") != 2 {
		t.Errorf("after the faults: %v, count %d", err, count(t, db, "a"))
	}
}

func TestViewIsASnapshot(t *testing.T) {
	db := open(t, state.Config{})
	if err := db.Update(t.Context(), "add", add("a")); err != nil {
		t.Fatal(err)
	}
	err := db.View(t.Context(), func(tx *state.Tx) error {
		var before, after int
		if err := tx.QueryRow(`SELECT n FROM counters WHERE name = 'a'`).Scan(&before); err != nil {
			return err
		}
		if err := db.Update(t.Context(), "add", add("a")); err != nil { // readers don't hold up the writer
			return err
		}
		if err := tx.QueryRow(`SELECT n FROM counters WHERE name = 'a'`).Scan(&after); err != nil {
			return err
		}
		if before != 1 || after != 1 {
			return fmt.Errorf("saw %d and then %d", before, after)
		}
		_, err := tx.Exec(`DELETE FROM counters`)
		if err == nil {
			return errors.New("a view could write")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestConcurrentUpdatesAndViews(t *testing.T) {
	db := open(t, state.Config{})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				if err := db.Update(t.Context(), "add", add("a")); err != nil {
					t.Error(err)
				}
				count(t, db, "a")
			}
		})
	}
	group.Wait()
	if n := count(t, db, "a"); n != 160 {
		t.Errorf("count is %d", n)
	}
}

func TestReopenAndMigrate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	db, err := state.Open(t.Context(), state.Config{Path: path, Migrations: counters[:1]})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(t.Context(), "add", add("a")), db.Close()); err != nil {
		t.Fatal(err)
	}
	db = open(t, state.Config{Path: path})
	err = db.Update(t.Context(), "note", func(tx *state.Tx) error {
		_, err := tx.Exec(`UPDATE counters SET note = 'kept' WHERE name = 'a' AND n = 1`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = state.Open(t.Context(), state.Config{Path: path, Migrations: counters[:1]})
	if loglake.CodeOf(err) != loglake.CodeConflict || !strings.Contains(err.Error(), "newer loglake") {
		t.Errorf("an older program opened it: %v", err)
	}
}

func TestDamagedFileIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("not a database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := state.Open(t.Context(), state.Config{Path: path, Migrations: counters})
	var e *loglake.Error
	if !errors.As(err, &e) || !strings.Contains(e.Message, path) || !strings.Contains(e.Hint, "loglake check --rebuild") {
		t.Errorf("got %v", err)
	}
}

func TestCheck(t *testing.T) {
	db := open(t, state.Config{})
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func BenchmarkUpdate(b *testing.B) {
	db, err := state.Open(context.Background(), state.Config{Path: filepath.Join(b.TempDir(), "state.db"), Migrations: counters})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := db.Update(context.Background(), "add", add("a")); err != nil {
			b.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
}

// TestCloseIsTheEnd holds that nobody has the file open once Close has returned: whoever copies it then, or renames it, has all
// of it, also where the transactions of the last moment were cancelled.
func TestCloseIsTheEnd(t *testing.T) {
	for range 20 {
		path := filepath.Join(t.TempDir(), "state.db")
		db := open(t, state.Config{Path: path})
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		for n := range 4 {
			begun := make(chan bool)
			running.Go(func() {
				during := func(tx *state.Tx) error {
					close(begun)
					<-ctx.Done()
					return ctx.Err()
				}
				transact := db.View
				if n == 0 {
					transact = func(ctx context.Context, fn func(*state.Tx) error) error { return db.Update(ctx, "during", fn) }
				}
				err := transact(ctx, during)
				if !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			})
			<-begun
		}
		cancel()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(path + "-wal"); !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("a closed state has a log beside it: %v", err)
		}
		running.Wait()
		if err := db.Update(t.Context(), "after", add("a")); err == nil {
			t.Error("a closed state is written to")
		}
	}
}
