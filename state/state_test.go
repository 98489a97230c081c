package state_test

import (
	"bytes"
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

var accounts = []state.Migration{{Package: "bank", Version: 1, SQL: `
	CREATE TABLE accounts (name TEXT NOT NULL PRIMARY KEY, balance BIGINT NOT NULL CHECK (balance >= 0));
	INSERT INTO accounts (name, balance) VALUES ('a', 50), ('b', 50);`}}

func open(t testing.TB, cfg state.Config) *state.DB {
	t.Helper()
	if cfg.Path == "" {
		cfg.Path = filepath.Join(t.TempDir(), "state #1?.db") // characters that a URL would trip over
	}
	if cfg.Migrations == nil {
		cfg.Migrations = accounts
	}
	db, err := state.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func balance(tx *state.Tx, name string) (n int64, err error) {
	err = tx.QueryRow(`SELECT balance FROM accounts WHERE name = ?`, name).Scan(&n)
	return n, err
}

func read(t *testing.T, db *state.DB, name string) int64 {
	t.Helper()
	var n int64
	err := db.View(t.Context(), func(tx *state.Tx) (err error) {
		n, err = balance(tx, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func add(name string, n int64) func(*state.Tx) error {
	return func(tx *state.Tx) error {
		changed, err := tx.Exec(`UPDATE accounts SET balance = balance + ? WHERE name = ?`, n, name)
		if err == nil && changed != 1 {
			err = fmt.Errorf("%d rows changed", changed)
		}
		return err
	}
}

func TestUpdate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	db := open(t, state.Config{Path: path})
	var order []int
	err := db.Update(t.Context(), "bank.add", func(tx *state.Tx) error {
		tx.OnCommit(func() { order = append(order, 1) })
		tx.OnCommit(func() { order = append(order, 2) })
		return add("a", 7)(tx)
	})
	if err != nil || len(order) != 2 || order[0] != 1 {
		t.Fatalf("got %v, %v", order, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Update(t.Context(), "bank.add", add("a", 1)); err == nil {
		t.Error("a closed store was written")
	}
	if n := read(t, open(t, state.Config{Path: path}), "a"); n != 57 {
		t.Errorf("after opening again a has %d, want 57", n)
	}
}

func TestUpdateUndone(t *testing.T) {
	db := open(t, state.Config{})
	mine := errors.New("mine")
	err := db.Update(t.Context(), "bank.add", func(tx *state.Tx) error {
		tx.OnCommit(func() { t.Error("OnCommit called after a failure") })
		return errors.Join(add("a", 7)(tx), mine)
	})
	if !errors.Is(err, mine) {
		t.Errorf("error %v, want mine", err)
	}
	if err := db.Update(t.Context(), "bank.add", add("a", -51)); err == nil || !strings.Contains(err.Error(), "bank.add") {
		t.Errorf("a broken CHECK gave %v, want an error that names the transaction", err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		db.Update(t.Context(), "bank.add", func(tx *state.Tx) error {
			add("a", 7)(tx)
			panic("out of fn")
		})
	}()
	ctx, cancel := context.WithCancel(t.Context())
	err = db.Update(ctx, "bank.add", func(tx *state.Tx) error {
		cancel()
		return add("a", 7)(tx)
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a context that ends in fn gave %v", err)
	}
	if n := read(t, db, "a"); n != 50 {
		t.Errorf("a has %d, want 50", n)
	}
	if err := db.Update(t.Context(), "bank.add", add("a", 1)); err != nil {
		t.Errorf("the writer is not usable after failures: %v", err)
	}
}

func TestFault(t *testing.T) {
	fault := errors.New("the answer was lost")
	for _, apply := range []bool{false, true} {
		armed := false
		db := open(t, state.Config{Fault: func(name string) (bool, error) {
			if armed && name == "bank.add" {
				return apply, fault
			}
			return false, nil
		}})
		armed = true
		err := db.Update(t.Context(), "bank.add", func(tx *state.Tx) error {
			tx.OnCommit(func() { t.Error("OnCommit called") })
			return add("a", 5)(tx)
		})
		if !errors.Is(err, fault) {
			t.Errorf("apply %v: error %v", apply, err)
		}
		want := map[bool]int64{false: 50, true: 55}[apply]
		if n := read(t, db, "a"); n != want {
			t.Errorf("apply %v: a has %d, want %d", apply, n, want)
		}
		if err := db.Update(t.Context(), "bank.other", add("b", 5)); err != nil {
			t.Errorf("apply %v: another transaction fails: %v", apply, err)
		}
	}
}

func TestViewIsASnapshot(t *testing.T) {
	db := open(t, state.Config{})
	err := db.View(t.Context(), func(tx *state.Tx) error {
		before, err := balance(tx, "a")
		if err != nil {
			return err
		}
		if err := db.Update(t.Context(), "bank.add", add("a", 1)); err != nil {
			return fmt.Errorf("a writer waits for a reader: %w", err)
		}
		after, err := balance(tx, "a")
		if before != after {
			t.Errorf("a view saw %d, then %d", before, after)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := read(t, db, "a"); n != 51 {
		t.Errorf("the next view sees %d, want 51", n)
	}
	if err := db.View(t.Context(), add("a", 1)); err == nil {
		t.Error("a view wrote")
	}
}

func TestSameQueryInsideItsRows(t *testing.T) {
	db := open(t, state.Config{})
	pairs := 0
	err := db.View(t.Context(), func(tx *state.Tx) error {
		const query = `SELECT name FROM accounts ORDER BY name`
		outer, err := tx.Query(query)
		if err != nil {
			return err
		}
		defer outer.Close()
		for outer.Next() {
			inner, err := tx.Query(query)
			if err != nil {
				return err
			}
			for inner.Next() {
				pairs++
			}
			inner.Close()
		}
		return outer.Err()
	})
	if err != nil || pairs != 4 {
		t.Errorf("%d pairs, %v; want 4", pairs, err)
	}
}

// TestReadersAndWriters moves money back and forth while readers add it up.
func TestReadersAndWriters(t *testing.T) {
	db := open(t, state.Config{})
	ctx := t.Context()
	var wg sync.WaitGroup
	run := func(fn func(i int) error) {
		wg.Go(func() {
			for i := range 40 {
				if err := fn(i); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for range 4 {
		run(func(i int) error {
			return db.Update(ctx, "bank.move", func(tx *state.Tx) error {
				n := int64(1 - i%2*2)
				return errors.Join(add("a", n)(tx), add("b", -n)(tx))
			})
		})
	}
	for range 6 { // more than there are connections
		run(func(int) error {
			return db.View(ctx, func(tx *state.Tx) error {
				a, errA := balance(tx, "a")
				b, errB := balance(tx, "b")
				if a+b != 100 {
					t.Errorf("a view saw %d and %d", a, b)
				}
				return errors.Join(errA, errB)
			})
		})
	}
	wg.Wait()
	if err := db.Check(ctx); err != nil {
		t.Error(err)
	}
}

func TestCancelledWait(t *testing.T) {
	db := open(t, state.Config{})
	err := db.Update(t.Context(), "bank.outer", func(tx *state.Tx) error {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		return db.Update(ctx, "bank.inner", add("a", 1))
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestMigrations(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	second := state.Migration{Package: "bank", Version: 2, SQL: `ALTER TABLE accounts ADD COLUMN owner TEXT; UPDATE accounts SET owner = 'x';`}
	broken := state.Migration{Package: "other", Version: 1, SQL: `CREATE TABLE others (id TEXT); CREATE TABLE accounts (id TEXT);`}
	try := func(m ...state.Migration) error {
		db, err := state.Open(t.Context(), state.Config{Path: path, Migrations: m})
		if err == nil {
			err = db.Close()
		}
		return err
	}
	if err := try(accounts[0]); err != nil {
		t.Fatal(err)
	}
	if err := try(accounts[0], second, broken); err == nil {
		t.Fatal("a broken migration was accepted")
	}
	if err := try(accounts[0]); err != nil {
		t.Fatalf("the migration before the broken one stayed: %v", err)
	}
	for range 2 { // the second time there is nothing to do
		if err := try(accounts[0], second); err != nil {
			t.Fatal(err)
		}
	}
	if err := try(second); err == nil {
		t.Error("a migration without its predecessor was accepted")
	}
	err := try(accounts[0])
	if loglake.CodeOf(err) != loglake.CodeUnsupported || !strings.Contains(err.Error(), "newer loglake: its tables of bank have version 2, this program knows version 1") {
		t.Errorf("a newer store gave: %v", err)
	}
}

func TestDamaged(t *testing.T) {
	dir := t.TempDir()
	for name, damage := range map[string]func(path string, content []byte) []byte{
		"not a database": func(string, []byte) []byte { return bytes.Repeat([]byte("no database "), 1000) },
		"zeros inside": func(_ string, b []byte) []byte {
			clear(b[4096:])
			return b
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))
			db := open(t, state.Config{Path: path})
			if err := db.Check(t.Context()); err != nil {
				t.Fatalf("a sound store: %v", err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, damage(path, content), 0o644); err != nil {
				t.Fatal(err)
			}
			db, err = state.Open(t.Context(), state.Config{Path: path, Migrations: accounts})
			if err == nil {
				defer db.Close()
				err = db.Check(t.Context())
			}
			if err == nil || !strings.Contains(err.Error(), "is damaged (stop loglake and run `loglake check --rebuild`") {
				t.Errorf("got %v, want what to do", err)
			}
		})
	}
}

func TestOpenNoDirectory(t *testing.T) {
	_, err := state.Open(t.Context(), state.Config{Path: filepath.Join(t.TempDir(), "none", "state.db")})
	if loglake.CodeOf(err) != loglake.CodeUnavailable {
		t.Errorf("got %v", err)
	}
}

func BenchmarkUpdate(b *testing.B) {
	db := open(b, state.Config{})
	for b.Loop() {
		if err := db.Update(b.Context(), "bank.add", add("a", 1)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkView(b *testing.B) {
	db := open(b, state.Config{})
	for b.Loop() {
		err := db.View(b.Context(), func(tx *state.Tx) error {
			_, err := balance(tx, "a")
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
