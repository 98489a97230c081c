package catalog

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"strconv"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

// archive copies the current definition of a table to its versions.
func (c *Catalog) archive(tx *state.Tx, name tableName) error {
	_, err := tx.Exec(`INSERT INTO catalog_versions (account, region, database_name, table_name, version, updated, body)
		SELECT account, region, database_name, name, version, updated, body FROM catalog_tables
		WHERE account = ? AND region = ? AND database_name = ? AND name = ?`,
		c.home.Account, c.home.Region, name.database, name.table)
	return err
}

// GetTableVersion gives a version of a table, "" for the current one.
func (c *Catalog) GetTableVersion(ctx context.Context, database, name, version string) (v TableVersion, err error) {
	key := tableName{lower(database), lower(name)}
	err = c.db.View(ctx, func(tx *state.Tx) error {
		current, err := getTable(tx, c.home, key)
		if err != nil {
			return err
		}
		if version == "" || version == current.VersionID {
			v = TableVersion{Table: current, VersionID: current.VersionID}
			return nil
		}
		number, err := parseVersion(version)
		if err != nil {
			return err
		}
		r := tableScan{home: c.home, database: key.database, version: number, created: current.CreateTime.UnixMilli()}
		err = tx.QueryRow(`SELECT updated, body FROM catalog_versions
			WHERE account = ? AND region = ? AND database_name = ? AND table_name = ? AND version = ?`,
			c.home.Account, c.home.Region, key.database, key.table, number).Scan(&r.updated, &r.body)
		if errors.Is(err, sql.ErrNoRows) {
			return notFound("Version not found.")
		}
		if err != nil {
			return err
		}
		v.Table, err = r.table()
		v.VersionID = v.Table.VersionID
		return err
	})
	return v, wrap("read version of "+key.String(), err)
}

func parseVersion(version string) (int64, error) {
	n, err := strconv.ParseInt(version, 10, 64)
	if err != nil || n < 0 {
		return 0, loglake.Errorf(loglake.CodeInvalid, "version %s is not a valid version: it has to be a number", version)
	}
	return n, nil
}

// GetTableVersions gives the versions of a table, the newest, which is the current one, first.
func (c *Catalog) GetTableVersions(ctx context.Context, database, name string, page Page) (list []TableVersion, next string, err error) {
	key := tableName{lower(database), lower(name)}
	below := int64(math.MaxInt64)
	if page.After != "" {
		if below, err = parseVersion(page.After); err != nil {
			return nil, "", err
		}
	}
	err = c.db.View(ctx, func(tx *state.Tx) error {
		current, err := getTable(tx, c.home, key)
		if err != nil {
			return err
		}
		if page.After == "" {
			list = append(list, TableVersion{Table: current, VersionID: current.VersionID})
		}
		rows, err := tx.Query(`SELECT version, updated, body FROM catalog_versions
			WHERE account = ? AND region = ? AND database_name = ? AND table_name = ? AND version < ?
			ORDER BY version DESC LIMIT ?`, c.home.Account, c.home.Region, key.database, key.table, below, page.limit())
		return scanAll(rows, err, func(rows *sql.Rows) error {
			r := tableScan{home: c.home, database: key.database, created: current.CreateTime.UnixMilli()}
			if err := rows.Scan(&r.version, &r.updated, &r.body); err != nil {
				return err
			}
			t, err := r.table()
			list = append(list, TableVersion{Table: t, VersionID: t.VersionID})
			return err
		})
	})
	list, next = cut(page, list, func(v TableVersion) string { return v.VersionID })
	return list, next, wrap("list versions of "+key.String(), err)
}

// DeleteTableVersions deletes versions of a table that are not the current one. It gives an error for each that could
// not be deleted, nil for the others, in the order of versions.
func (c *Catalog) DeleteTableVersions(ctx context.Context, database, name string, versions []string) (failed []error, err error) {
	key := tableName{lower(database), lower(name)}
	err = c.update(ctx, "catalog.DeleteTableVersions", func(tx *state.Tx) error {
		current, err := getTable(tx, c.home, key)
		if err != nil {
			return err
		}
		failed = make([]error, len(versions))
		for i, version := range versions {
			failed[i] = c.deleteVersion(tx, current, version)
			if code := loglake.CodeOf(failed[i]); code == loglake.CodeInternal {
				return failed[i]
			}
		}
		return nil
	})
	return failed, wrap("delete versions of "+key.String(), err)
}

func (c *Catalog) deleteVersion(tx *state.Tx, current Table, version string) error {
	if version == current.VersionID {
		return loglake.Errorf(loglake.CodeInvalid, "Cannot delete the current version of a table.")
	}
	number, err := parseVersion(version)
	if err != nil {
		return err
	}
	n, err := tx.Exec(`DELETE FROM catalog_versions WHERE account = ? AND region = ? AND database_name = ? AND table_name = ? AND version = ?`,
		c.home.Account, c.home.Region, current.DatabaseName, current.Name, number)
	if err == nil && n == 0 {
		return notFound("Version not found.")
	}
	return err
}
