package catalog

import (
	"database/sql"
	"fmt"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

// Change is an object that came into the manifest, or went.
type Change struct {
	Object  loglake.Object // without Columns
	Removed bool
}

// ManifestChanges tells f what happened to the manifest behind a number of its sequence, what came first, in the order of
// the sequence, and gives the number to go on from. Whoever begins at 0 and adds and subtracts what f is told has the
// objects that are there. An object that came and went meanwhile is not told, nor one that went and returned.
func ManifestChanges(tx *state.Tx, after int64, f func(Change)) (now int64, err error) {
	if err := tx.QueryRow(`SELECT value FROM manifest_sequence WHERE id = 1`).Scan(&now); err != nil {
		return after, fmt.Errorf("read the manifest's sequence: %w", err)
	}
	if now == after {
		return now, nil
	}
	const columns = `SELECT bucket, key, kind, bytes, row_count, producer, batch FROM manifest_objects WHERE `
	const away = `IN (SELECT bucket, key FROM manifest_absences WHERE removed_seq <= ? AND returned_seq > ?)`
	came := columns + `removed_seq IS NULL AND added_seq > ? ORDER BY added_seq`
	returned := columns + `removed_seq IS NULL AND added_seq <= ? AND (bucket, key) ` + away + ` ORDER BY added_seq`
	went := columns + `removed_seq > ? AND added_seq <= ? AND (bucket, key) NOT ` + away + ` ORDER BY removed_seq`
	for _, q := range []struct {
		text    string
		args    []any
		removed bool
	}{{came, []any{after}, false}, {returned, []any{after, after, after}, false}, {went, []any{after, after, after, after}, true}} {
		rows, err := tx.Query(q.text, q.args...)
		err = scanAll(rows, err, func(rows *sql.Rows) error {
			c := Change{Removed: q.removed}
			o := &c.Object
			err := rows.Scan(&o.Bucket, &o.Key, &o.Kind, &o.Bytes, &o.Rows, &o.Producer, &o.Batch)
			if err == nil {
				f(c)
			}
			return err
		})
		if err != nil {
			return after, fmt.Errorf("follow the manifest: %w", err)
		}
	}
	return now, nil
}

// PartitionCounts gives the number of partitions of each table that has any, by database and table.
func PartitionCounts(tx *state.Tx, home loglake.Home) (map[[2]string]int, error) {
	counts := map[[2]string]int{}
	rows, err := tx.Query(`SELECT database_name, table_name, COUNT(*) FROM catalog_partitions
		WHERE account = ? AND region = ? GROUP BY database_name, table_name`, home.Account, home.Region)
	err = scanAll(rows, err, func(rows *sql.Rows) error {
		var name [2]string
		var n int
		err := rows.Scan(&name[0], &name[1], &n)
		counts[name] = n
		return err
	})
	return counts, wrap("count partitions", err)
}
