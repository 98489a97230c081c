package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

// CreateTable makes a table in version 0, with partition indexes if given. Nothing is checked against the bucket.
func (c *Catalog) CreateTable(ctx context.Context, database string, in TableInput, indexes ...PartitionIndex) error {
	in = in.normalize()
	name := tableName{lower(database), in.Name}
	return c.update(ctx, "catalog.CreateTable", func(tx *state.Tx) error {
		if _, err := c.getDatabase(tx, name.database); err != nil {
			return err
		}
		body, keys, bucket, prefix, err := tableRow(in)
		if err != nil {
			return err
		}
		now := c.nowMillis()
		n, err := tx.Exec(`INSERT INTO catalog_tables
			(account, region, database_name, name, version, created, updated, bucket, prefix, partition_keys, body)
			VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, region, database_name, name) DO NOTHING`,
			c.home.Account, c.home.Region, name.database, name.table, now, now, bucket, prefix, keys, body)
		if err == nil && n == 0 {
			return loglake.Errorf(loglake.CodeExists, "Table already exists.")
		}
		for i := 0; err == nil && i < len(indexes); i++ {
			err = c.insertIndex(tx, name, in.PartitionKeys, indexes[i])
		}
		c.changed(tx, name)
		return wrap("create table "+name.String(), err)
	})
}

// tableRow gives the columns of a table's row that come from its definition.
func tableRow(in TableInput) (body, keys, bucket, prefix string, err error) {
	if in.StorageDescriptor != nil {
		bucket, prefix, _ = loglake.SplitLocation(in.StorageDescriptor.Location)
	}
	names := make([]string, len(in.PartitionKeys))
	for i, key := range in.PartitionKeys {
		names[i] = key.Name
	}
	if keys, err = text(names); err == nil {
		body, err = text(in)
	}
	return body, keys, bucket, prefix, err
}

func (n tableName) String() string { return n.database + "." + n.table }

// GetTable gives a table. CodeNotFound says whether the table or the database is missing.
func (c *Catalog) GetTable(ctx context.Context, database, name string) (t Table, err error) {
	err = c.db.View(ctx, func(tx *state.Tx) error {
		t, err = getTable(tx, c.home, tableName{lower(database), lower(name)})
		return err
	})
	if own, ok := c.systemTable(database, name); ok && loglake.CodeOf(err) == loglake.CodeNotFound {
		return c.glueTable(own), nil
	}
	return t, err
}

func getTable(tx *state.Tx, home loglake.Home, name tableName) (Table, error) {
	r := tableScan{home: home, database: name.database}
	err := tx.QueryRow(`SELECT version, created, updated, body FROM catalog_tables
		WHERE account = ? AND region = ? AND database_name = ? AND name = ?`,
		home.Account, home.Region, name.database, name.table).Scan(&r.version, &r.created, &r.updated, &r.body)
	if errors.Is(err, sql.ErrNoRows) {
		return Table{}, missingTable(tx, home, name)
	}
	if err != nil {
		return Table{}, wrap("read table "+name.String(), err)
	}
	return r.table()
}

// missingTable says whether it is the table or its database that is not there.
func missingTable(tx *state.Tx, home loglake.Home, name tableName) error {
	var found int
	err := tx.QueryRow(`SELECT 1 FROM catalog_databases WHERE account = ? AND region = ? AND name = ?`,
		home.Account, home.Region, name.database).Scan(&found)
	if errors.Is(err, sql.ErrNoRows) {
		return notFound(noDatabase, name.database)
	}
	if err != nil {
		return wrap("read database "+name.database, err)
	}
	return notFound("Table %s not found.", name.table)
}

// tableScan is a row of catalog_tables or catalog_versions.
type tableScan struct {
	home                      loglake.Home
	database                  string
	version, created, updated int64
	body                      string
}

func (r tableScan) table() (Table, error) {
	t := Table{
		DatabaseName: r.database, CreateTime: fromMillis(r.created), UpdateTime: fromMillis(r.updated),
		CreatedBy: "arn:aws:sts::" + r.home.Account + ":assumed-role/loglake/loglake",
		CatalogID: r.home.Account, VersionID: strconv.FormatInt(r.version, 10),
	}
	err := json.Unmarshal([]byte(r.body), &t.TableInput)
	return t, wrap("read table", err)
}

// GetTables gives the tables of a database whose name match says yes to (nil: all), in the order of their names.
func (c *Catalog) GetTables(ctx context.Context, database string, match func(name string) bool, page Page) (list []Table, next string, err error) {
	database = lower(database)
	err = c.db.View(ctx, func(tx *state.Tx) error {
		if _, err := c.getDatabase(tx, database); err != nil {
			return err
		}
		rows, err := tx.Query(`SELECT name, version, created, updated, body FROM catalog_tables
			WHERE account = ? AND region = ? AND database_name = ? AND name > ? ORDER BY name`,
			c.home.Account, c.home.Region, database, page.After)
		return scanAll(rows, err, func(rows *sql.Rows) error {
			r := tableScan{home: c.home, database: database}
			var name string
			if err := rows.Scan(&name, &r.version, &r.created, &r.updated, &r.body); err != nil {
				return err
			}
			if match != nil && !match(name) {
				return nil
			}
			if len(list) == page.limit() {
				return errEnough
			}
			t, err := r.table()
			list = append(list, t)
			return err
		})
	})
	if c.isSystem(database) && loglake.CodeOf(err) == loglake.CodeNotFound {
		list, next = c.systemList(match, page)
		return list, next, nil
	}
	list, next = cut(page, list, func(t Table) string { return t.Name })
	return list, next, wrap("list tables of "+database, err)
}

// Archive tells whether the replaced definition of a table stays as a version.
type Archive bool

// The two ways to update a table.
const (
	KeepVersion Archive = true
	SkipArchive Archive = false
)

// TableUpdate is a new definition of a table.
type TableUpdate struct {
	Input   TableInput
	Archive Archive
	// VersionID is the version that the change was made for: another current one gives CodeConflict. "": any.
	VersionID string
}

// UpdateTable replaces the definition of the table that Input names and raises its version by one.
func (c *Catalog) UpdateTable(ctx context.Context, database string, u TableUpdate) error {
	return c.update(ctx, "catalog.UpdateTable", func(tx *state.Tx) error {
		return c.updateTable(tx, lower(database), u)
	})
}

// AlterTable changes the definition of a table with a function, as Athena's ALTER TABLE does; the replaced one stays as a
// version. The function may change what it is given.
func (c *Catalog) AlterTable(ctx context.Context, database, name string, change func(*TableInput) error) error {
	return c.update(ctx, "catalog.AlterTable", func(tx *state.Tx) error {
		t, err := getTable(tx, c.home, tableName{lower(database), lower(name)})
		if err != nil {
			return err
		}
		if err := change(&t.TableInput); err != nil {
			return err
		}
		return c.updateTable(tx, lower(database), TableUpdate{Input: t.TableInput, Archive: KeepVersion})
	})
}

func (c *Catalog) updateTable(tx *state.Tx, database string, u TableUpdate) error {
	in := u.Input.normalize()
	name := tableName{database, in.Name}
	old, err := getTable(tx, c.home, name)
	if err != nil {
		return err
	}
	if u.VersionID != "" && u.VersionID != old.VersionID {
		return loglake.Errorf(loglake.CodeConflict, "Update table failed due to concurrent modifications.")
	}
	if u.Archive == KeepVersion {
		if err := c.archive(tx, name); err != nil {
			return wrap("archive version of "+name.String(), err)
		}
	}
	body, keys, bucket, prefix, err := tableRow(in)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE catalog_tables SET version = version + 1, updated = ?, bucket = ?, prefix = ?, partition_keys = ?, body = ?
		WHERE account = ? AND region = ? AND database_name = ? AND name = ?`,
		c.nowMillis(), bucket, prefix, keys, body, c.home.Account, c.home.Region, name.database, name.table)
	if err == nil {
		err = c.dropStatistics(tx, name, missingColumns(old.TableInput, in))
	}
	c.changed(tx, name)
	return wrap("update table "+name.String(), err)
}

// missingColumns names the columns that an old definition had and a new one has not.
func missingColumns(old, in TableInput) (gone []string) {
	if old.StorageDescriptor == nil {
		return nil
	}
	for _, column := range old.StorageDescriptor.Columns {
		same := func(c Column) bool { return c.Name == column.Name }
		if in.StorageDescriptor == nil || !slices.ContainsFunc(in.StorageDescriptor.Columns, same) {
			gone = append(gone, column.Name)
		}
	}
	return gone
}

// DeleteTable deletes a table with its versions, partitions, indexes and statistics. The files stay.
func (c *Catalog) DeleteTable(ctx context.Context, database, name string) error {
	key := tableName{lower(database), lower(name)}
	return c.update(ctx, "catalog.DeleteTable", func(tx *state.Tx) error { return c.deleteTable(tx, key) })
}

// DeleteTables deletes those of the tables that are there and gives an error for each that is not; the errors are in the
// order of the names, nil where a table was deleted.
func (c *Catalog) DeleteTables(ctx context.Context, database string, names []string) (failed []error, err error) {
	database = lower(database)
	err = c.update(ctx, "catalog.DeleteTables", func(tx *state.Tx) error {
		if _, err := c.getDatabase(tx, database); err != nil {
			return err
		}
		failed = make([]error, len(names))
		for i, name := range names {
			failed[i] = c.deleteTable(tx, tableName{database, lower(name)})
			if failed[i] != nil && loglake.CodeOf(failed[i]) != loglake.CodeNotFound {
				return failed[i]
			}
		}
		return nil
	})
	return failed, err
}

func (c *Catalog) deleteTable(tx *state.Tx, name tableName) error {
	n, err := tx.Exec(`DELETE FROM catalog_tables WHERE account = ? AND region = ? AND database_name = ? AND name = ?`,
		c.home.Account, c.home.Region, name.database, name.table)
	if err == nil && n == 0 {
		return missingTable(tx, c.home, name)
	}
	for _, table := range belowDatabase[1:] {
		if err == nil {
			_, err = tx.Exec(`DELETE FROM `+table+` WHERE account = ? AND region = ? AND database_name = ? AND table_name = ?`,
				c.home.Account, c.home.Region, name.database, name.table)
		}
	}
	if err == nil {
		err = c.deleteTags(tx, c.home.ARN("glue", "table/"+name.database+"/"+name.table))
	}
	c.changed(tx, name)
	return wrap("delete table "+name.String(), err)
}
