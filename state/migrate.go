package state

import (
	"context"
	"fmt"

	"github.com/loglake/loglake"
)

// Migration is one step of a package's tables. It is applied once to a store, in one transaction with all others that
// are new, in the order given. A migration that was released is never changed; another one follows it.
type Migration struct {
	Package string // whose tables
	Version int    // 1, 2, 3 … within the package
	SQL     string // statements, ended by ;
}

// migrate brings the store to what migrations say, or refuses it untouched.
func (db *DB) migrate(ctx context.Context, migrations []Migration) error {
	known := map[string]int{}
	for _, m := range migrations {
		if m.Version != known[m.Package]+1 {
			return fmt.Errorf("migrate state: version %d of package %s follows version %d", m.Version, m.Package, known[m.Package])
		}
		known[m.Package] = m.Version
	}
	return db.Update(ctx, "state.migrate", func(tx *Tx) error {
		err := tx.exec(`CREATE TABLE IF NOT EXISTS state_migrations (
			package TEXT NOT NULL,
			version INTEGER NOT NULL,
			PRIMARY KEY (package, version)
		)`)
		if err != nil {
			return err
		}
		applied, err := tx.applied()
		if err != nil {
			return err
		}
		for name, version := range applied {
			if version > known[name] {
				return newer(db.path, name, version, known[name])
			}
		}
		for _, m := range migrations {
			if m.Version <= applied[m.Package] {
				continue
			}
			if err := tx.apply(m); err != nil {
				return fmt.Errorf("version %d of package %s: %w", m.Version, m.Package, err)
			}
		}
		return nil
	})
}

// applied gives the version of each package's tables.
func (tx *Tx) applied() (map[string]int, error) {
	rows, err := tx.Query(`SELECT package, MAX(version) FROM state_migrations GROUP BY package`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	applied := map[string]int{}
	for rows.Next() {
		var name string
		var version int
		if err := rows.Scan(&name, &version); err != nil {
			return nil, err
		}
		applied[name] = version
	}
	return applied, rows.Err()
}

func (tx *Tx) apply(m Migration) error {
	if _, err := tx.s.conn.ExecContext(tx.ctx, m.SQL); err != nil {
		return err
	}
	_, err := tx.Exec(`INSERT INTO state_migrations (package, version) VALUES (?, ?)`, m.Package, m.Version)
	return err
}

func newer(path, name string, version, known int) error {
	e := loglake.Errorf(loglake.CodeUnsupported,
		"the state database %s was written by a newer loglake: its tables of %s have version %d, this program knows version %d",
		path, name, version, known)
	return e.WithHint("start the loglake that wrote it, or a newer one; the database is untouched")
}
