package state_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/loglake/loglake/state"
)

// TestPreparedStatements runs the same statements often enough that they are kept prepared, through what could make them
// stale: rows that are not read to their end, errors, rollbacks, another schema, and a text of two statements.
func TestPreparedStatements(t *testing.T) {
	db, err := state.Open(t.Context(), state.Config{Path: filepath.Join(t.TempDir(), "state.db"), Migrations: []state.Migration{
		{Package: "test", Version: 1, SQL: `CREATE TABLE numbers (n BIGINT PRIMARY KEY); CREATE TABLE log (n BIGINT)`}}})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // the test is over
	sum := func(tx *state.Tx) (n int64) {
		if err := tx.QueryRow(`SELECT COALESCE(SUM(n), 0) FROM numbers`).Scan(&n); err != nil {
			t.Error(err)
		}
		return n
	}
	want := int64(0)
	for i := range int64(20) {
		err := db.Update(t.Context(), "test", func(tx *state.Tx) error {
			if n, err := tx.Exec(`INSERT INTO numbers (n) VALUES (?)`, i); err != nil || n != 1 {
				return fmt.Errorf("insert %d: %d rows, %w", i, n, err)
			}
			if _, err := tx.Exec(`INSERT INTO log VALUES (1); INSERT INTO log VALUES (2)`); err != nil {
				return err
			}
			rows, err := tx.Query(`SELECT n FROM numbers WHERE n <= ? ORDER BY n`, i)
			if err != nil {
				return err
			}
			rows.Next() // and no further
			if err := rows.Close(); err != nil {
				return err
			}
			if i%5 == 4 {
				if _, err := tx.Exec(`INSERT INTO numbers (n) VALUES (?)`, i); err == nil {
					t.Error("the key is there twice")
				}
				return fmt.Errorf("to be rolled back")
			}
			want += i
			if got := sum(tx); got != want {
				t.Errorf("after %d the sum is %d, want %d", i, got, want)
			}
			if i == 12 {
				_, err = tx.Exec(`ALTER TABLE numbers ADD COLUMN more BIGINT NOT NULL DEFAULT 0`)
			}
			return err
		})
		if (err != nil) != (i%5 == 4) {
			t.Fatal(i, err)
		}
	}
	var logged int64
	err = db.View(t.Context(), func(tx *state.Tx) error {
		if got := sum(tx); got != want {
			t.Errorf("the sum is %d, want %d", got, want)
		}
		return tx.QueryRow(`SELECT COUNT(*) FROM log`).Scan(&logged)
	})
	if err != nil || logged != 2*16 {
		t.Errorf("%d rows of the text of two statements, want %d: %v", logged, 2*16, err)
	}
}
