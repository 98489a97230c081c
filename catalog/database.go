package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

// CreateDatabase makes a database. CodeExists where it is there.
func (c *Catalog) CreateDatabase(ctx context.Context, in DatabaseInput) error {
	in.Name = lower(in.Name)
	return c.update(ctx, "catalog.CreateDatabase", func(tx *state.Tx) error {
		return wrap("create database "+in.Name, c.insertDatabase(tx, in, c.nowMillis()))
	})
}

func (c *Catalog) insertDatabase(tx *state.Tx, in DatabaseInput, created int64) error {
	if c.isSystem(in.Name) {
		return loglake.Errorf(loglake.CodeExists, "Database already exists.")
	}
	body, err := text(in)
	if err != nil {
		return err
	}
	n, err := tx.Exec(`INSERT INTO catalog_databases (account, region, name, created, body) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (account, region, name) DO NOTHING`, c.home.Account, c.home.Region, in.Name, created, body)
	if err == nil && n == 0 {
		return loglake.Errorf(loglake.CodeExists, "Database already exists.")
	}
	return err
}

// GetDatabase gives a database. CodeNotFound where it is not there.
func (c *Catalog) GetDatabase(ctx context.Context, name string) (d Database, err error) {
	err = c.db.View(ctx, func(tx *state.Tx) error {
		d, err = c.getDatabase(tx, lower(name))
		return err
	})
	if c.isSystem(name) && loglake.CodeOf(err) == loglake.CodeNotFound {
		return c.systemAnswer(), nil
	}
	return d, err
}

// noDatabase is Glue's text of a database that is not there.
const noDatabase = "Database %s not found."

func (c *Catalog) getDatabase(tx *state.Tx, name string) (Database, error) {
	var created int64
	var body string
	err := tx.QueryRow(`SELECT created, body FROM catalog_databases WHERE account = ? AND region = ? AND name = ?`,
		c.home.Account, c.home.Region, name).Scan(&created, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return Database{}, notFound(noDatabase, name)
	}
	if err != nil {
		return Database{}, wrap("read database "+name, err)
	}
	return c.database(created, body)
}

// database makes Glue's answer of a row.
func (c *Catalog) database(created int64, body string) (Database, error) {
	d := Database{CreateTime: fromMillis(created), CatalogID: c.home.Account}
	if err := json.Unmarshal([]byte(body), &d.DatabaseInput); err != nil {
		return Database{}, wrap("read database", err)
	}
	if d.CreateTableDefaultPermissions == nil {
		d.CreateTableDefaultPermissions = json.RawMessage(defaultPermissions)
	}
	return d, nil
}

// GetDatabases gives databases in the order of their names.
func (c *Catalog) GetDatabases(ctx context.Context, page Page) (list []Database, next string, err error) {
	err = c.db.View(ctx, func(tx *state.Tx) error {
		rows, err := tx.Query(`SELECT created, body FROM catalog_databases WHERE account = ? AND region = ? AND name > ?
			ORDER BY name LIMIT ?`, c.home.Account, c.home.Region, page.After, page.limit())
		return scanAll(rows, err, func(rows *sql.Rows) error {
			var created int64
			var body string
			if err := rows.Scan(&created, &body); err != nil {
				return err
			}
			d, err := c.database(created, body)
			list = append(list, d)
			return err
		})
	})
	list, next = cut(page, list, func(d Database) string { return d.Name })
	return list, next, wrap("list databases", err)
}

// UpdateDatabase replaces the definition of a database; another name in it renames the database with all its tables.
func (c *Catalog) UpdateDatabase(ctx context.Context, name string, in DatabaseInput) error {
	name, in.Name = lower(name), lower(in.Name)
	return c.update(ctx, "catalog.UpdateDatabase", func(tx *state.Tx) error {
		old, err := c.getDatabase(tx, name)
		if err != nil {
			return err
		}
		if in.Name != name {
			if err := c.insertDatabase(tx, in, old.CreateTime.UnixMilli()); err != nil {
				return wrap("rename database "+name, err)
			}
			return wrap("rename database "+name, c.moveTables(tx, name, in.Name))
		}
		body, err := text(in)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE catalog_databases SET body = ? WHERE account = ? AND region = ? AND name = ?`,
			body, c.home.Account, c.home.Region, name)
		return wrap("update database "+name, err)
	})
}

// belowDatabase are the tables whose rows hang on a database.
var belowDatabase = []string{"catalog_tables", "catalog_versions", "catalog_partitions", "catalog_statistics", "catalog_indexes"}

func (c *Catalog) moveTables(tx *state.Tx, from, to string) error {
	names, err := c.tableNames(tx, from)
	if err != nil {
		return err
	}
	for _, table := range belowDatabase {
		if _, err := tx.Exec(`UPDATE `+table+` SET database_name = ? WHERE account = ? AND region = ? AND database_name = ?`,
			to, c.home.Account, c.home.Region, from); err != nil {
			return err
		}
	}
	for _, name := range names {
		c.changed(tx, tableName{from, name})
		c.changed(tx, tableName{to, name})
	}
	_, err = tx.Exec(`DELETE FROM catalog_databases WHERE account = ? AND region = ? AND name = ?`, c.home.Account, c.home.Region, from)
	return err
}

func (c *Catalog) tableNames(tx *state.Tx, database string) (names []string, err error) {
	rows, err := tx.Query(`SELECT name FROM catalog_tables WHERE account = ? AND region = ? AND database_name = ? ORDER BY name`,
		c.home.Account, c.home.Region, database)
	err = scanAll(rows, err, func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		names = append(names, name)
		return err
	})
	return names, err
}

// DeleteDatabase deletes a database and everything in it.
func (c *Catalog) DeleteDatabase(ctx context.Context, name string) error {
	return c.dropDatabase(ctx, name, nil)
}

// DeleteEmptyDatabase deletes a database in which no table is, as DROP DATABASE without CASCADE does; CodeConflict where
// one is.
func (c *Catalog) DeleteEmptyDatabase(ctx context.Context, name string) error {
	return c.dropDatabase(ctx, name, func(tables []string) error {
		if len(tables) > 0 {
			return loglake.Errorf(loglake.CodeConflict, "Database %s is not empty. One or more tables exist.", lower(name))
		}
		return nil
	})
}

func (c *Catalog) dropDatabase(ctx context.Context, name string, allowed func(tables []string) error) error {
	name = lower(name)
	return c.update(ctx, "catalog.DeleteDatabase", func(tx *state.Tx) error {
		if _, err := c.getDatabase(tx, name); err != nil {
			return err
		}
		names, err := c.tableNames(tx, name)
		if err == nil && allowed != nil {
			err = allowed(names)
		}
		for i := 0; err == nil && i < len(names); i++ {
			err = c.deleteTable(tx, tableName{name, names[i]})
		}
		if err == nil {
			_, err = tx.Exec(`DELETE FROM catalog_databases WHERE account = ? AND region = ? AND name = ?`, c.home.Account, c.home.Region, name)
		}
		if err == nil {
			err = c.deleteTags(tx, c.home.ARN("glue", "database/"+name))
		}
		return wrap("delete database "+name, err)
	})
}
