package state_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake/state"
)

// FuzzRows dumps a row of every kind of value and loads it into another table: it is the same.
func FuzzRows(f *testing.F) {
	f.Add("text", []byte("blob"), int64(5), 1.5)
	f.Add("\x00", []byte{}, int64(-1)<<63, 1e300)
	table := func(name string) string {
		return `CREATE TABLE ` + name + ` (text TEXT NOT NULL, "or" BLOB NOT NULL, n BIGINT NOT NULL, x DOUBLE PRECISION NOT NULL, "nothing" TEXT, yes BOOLEAN NOT NULL)`
	}
	db, err := state.Open(f.Context(), state.Config{Path: f.TempDir() + "/state.db", Migrations: []state.Migration{
		{Package: "rows", Version: 1, SQL: table("a")}, {Package: "rows", Version: 2, SQL: table("b")},
	}})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = db.Close() })
	f.Fuzz(func(t *testing.T, text string, blob []byte, n int64, x float64) {
		if blob == nil {
			blob = []byte{}
		}
		var was, is [][]any
		err := db.Update(t.Context(), "rows", func(tx *state.Tx) error {
			if _, err := tx.Exec(`DELETE FROM a`); err != nil {
				return err
			}
			if _, err := tx.Exec(`INSERT INTO a VALUES (?, ?, ?, ?, NULL, TRUE)`, text, blob, n, x); err != nil {
				return nil // NaN is no value
			}
			var to *state.Loader
			err := tx.Dump("a", func(names []string) (err error) { to, err = tx.Load("b", names); return err }, func(row []any) error {
				was = append(was, append([]any(nil), row...))
				return to.Row(row)
			})
			if err != nil {
				return err
			}
			return tx.Dump("b", func([]string) error { return nil }, func(row []any) error {
				is = append(is, append([]any(nil), row...))
				return nil
			})
		})
		if err != nil || cmp.Diff(was, is) != "" {
			t.Errorf("%v became %v, %v", was, is, err)
		}
	})
}
