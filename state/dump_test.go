package state_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

var kinds = []state.Migration{
	{Package: "kinds", Version: 1, SQL: `CREATE TABLE "kinds" (id BIGINT PRIMARY KEY, truth BOOLEAN NOT NULL, body BLOB, word TEXT)`, Recorded: []string{"kinds"}},
	{Package: "kinds", Version: 2, SQL: `ALTER TABLE kinds ADD COLUMN later TEXT NOT NULL DEFAULT 'new'`},
}

func fill(tx *state.Tx) error {
	for _, row := range [][]any{{1, true, []byte{0, 255}, "a'b"}, {2, false, nil, nil}} {
		if _, err := tx.Exec(`INSERT INTO kinds (id, truth, body, word) VALUES (?, ?, ?, ?)`, row...); err != nil {
			return err
		}
	}
	return nil
}

func dumped(t *testing.T, db *state.DB) (columns []string, rows [][]any) {
	t.Helper()
	err := db.View(t.Context(), func(tx *state.Tx) error {
		return tx.Dump("kinds", func(names []string) error { columns = names; return nil }, func(values []any) error {
			row := append([]any(nil), values...)
			rows = append(rows, row)
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return columns, rows
}

// TestDumpAndLoad takes a table from a file of version 1 to one of version 2, as a record of an older build comes.
func TestDumpAndLoad(t *testing.T) {
	from := open(t, state.Config{Migrations: state.UpTo(kinds, map[string]int{"kinds": 1})})
	if err := from.Update(t.Context(), "fill", fill); err != nil {
		t.Fatal(err)
	}
	columns, rows := dumped(t, from)
	want := [][]any{{int64(1), int64(1), []byte{0, 255}, "a'b"}, {int64(2), int64(0), nil, nil}}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
	to := open(t, state.Config{Migrations: kinds})
	for range 2 { // the second time replaces the first
		err := to.Update(t.Context(), "load", func(tx *state.Tx) error {
			l, err := tx.Load("kinds", columns)
			if err != nil {
				return err
			}
			return errors.Join(l.Row(rows[0]), l.Row(rows[1]))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	_, loaded := dumped(t, to)
	for i := range want {
		want[i] = append(want[i], "new")
	}
	if diff := cmp.Diff(want, loaded); diff != "" {
		t.Error(diff)
	}
}

func TestLoadRefusesWhatIsNoColumn(t *testing.T) {
	db := open(t, state.Config{Migrations: kinds})
	for _, columns := range [][]string{nil, {"id", "nosuch"}, {"id", "id"}, {`id") VALUES (1); DROP TABLE kinds; --`}} {
		err := db.Update(t.Context(), "load", func(tx *state.Tx) error {
			_, err := tx.Load("kinds", columns)
			return err
		})
		if err == nil {
			t.Errorf("%q was taken", columns)
		}
	}
	err := db.Update(t.Context(), "load", func(tx *state.Tx) error {
		l, err := tx.Load("kinds", []string{"id", "truth"})
		if err != nil {
			return err
		}
		return l.Row([]any{int64(1)})
	})
	if err == nil {
		t.Error("a row that is too short was taken")
	}
}

// TestDamageInMidRun overwrites pages of a file that is open: the first transaction that meets them says so, and none is
// begun after it.
func TestDamageInMidRun(t *testing.T) {
	for _, write := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "state.db")
		db, err := state.Open(t.Context(), state.Config{Path: path, Migrations: counters})
		if err != nil {
			t.Fatal(err)
		}
		err = db.Update(t.Context(), "fill", func(tx *state.Tx) error {
			for i := range 2000 {
				if err := add(strings.Repeat("x", 200) + string(rune('a'+i%26)) + strings.Repeat("y", i%97))(tx); err != nil {
					return err
				}
			}
			return nil
		})
		if err = errors.Join(err, db.Close()); err != nil { // which moves everything from the log into the file
			t.Fatal(err)
		}
		db = open(t, state.Config{Path: path, Migrations: counters})
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err == nil {
			_, err = f.WriteAt(bytes.Repeat([]byte{0xa5}, int(info.Size())-8192), 8192)
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if write {
				err = db.Update(t.Context(), "add", add("z"))
			} else {
				err = db.View(t.Context(), func(tx *state.Tx) error {
					var n int
					return tx.QueryRow(`SELECT COUNT(*) FROM counters WHERE note <> 'q'`).Scan(&n)
				})
			}
			var e *loglake.Error
			if !errors.Is(err, state.ErrDamaged) || !errors.As(err, &e) || !strings.Contains(e.Hint, "loglake check --rebuild") {
				t.Fatalf("write %t: %v", write, err)
			}
		}
		select {
		case <-db.Lost():
		default:
			t.Error("nobody was told")
		}
		if err := db.View(t.Context(), func(*state.Tx) error { return nil }); !errors.Is(err, state.ErrDamaged) {
			t.Errorf("another transaction was begun: %v", err)
		}
	}
}

func TestOnUpdate(t *testing.T) {
	var told []string
	db := open(t, state.Config{OnUpdate: func(name string) { told = append(told, name) }})
	refused := errors.New("refused")
	if err := db.Update(t.Context(), "refused", func(*state.Tx) error { return refused }); !errors.Is(err, refused) {
		t.Fatal(err)
	}
	if err := db.Update(t.Context(), "done", add("a")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"done"}, told); diff != "" {
		t.Error(diff)
	}
}
