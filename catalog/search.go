package catalog

import (
	"context"
	"database/sql"

	"github.com/loglake/loglake/state"
)

// AllTables gives the tables of all databases that match says yes to, in the order of database and name.
func (c *Catalog) AllTables(ctx context.Context, match func(Table) bool) (list []Table, err error) {
	err = c.db.View(ctx, func(tx *state.Tx) error {
		rows, err := tx.Query(`SELECT database_name, version, created, updated, body FROM catalog_tables
			WHERE account = ? AND region = ? ORDER BY database_name, name`, c.home.Account, c.home.Region)
		return scanAll(rows, err, func(rows *sql.Rows) error {
			r := tableScan{home: c.home}
			if err := rows.Scan(&r.database, &r.version, &r.created, &r.updated, &r.body); err != nil {
				return err
			}
			t, err := r.table()
			if err == nil && match(t) {
				list = append(list, t)
			}
			return err
		})
	})
	return list, wrap("list tables", err)
}
