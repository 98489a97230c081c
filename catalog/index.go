package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

// indexesMax is how many partition indexes a table may have.
const indexesMax = 3

// CreatePartitionIndex notes a partition index. It changes no answer and no cost here; tools expect to find it.
func (c *Catalog) CreatePartitionIndex(ctx context.Context, database, table string, index PartitionIndex) error {
	name := tableName{lower(database), lower(table)}
	return c.update(ctx, "catalog.CreatePartitionIndex", func(tx *state.Tx) error {
		t, err := getTable(tx, c.home, name)
		if err != nil {
			return err
		}
		return wrap("create index of "+name.String(), c.insertIndex(tx, name, t.PartitionKeys, index))
	})
}

func (c *Catalog) insertIndex(tx *state.Tx, name tableName, keys []Column, index PartitionIndex) error {
	index.Keys = slices.Clone(index.Keys)
	for i, key := range index.Keys {
		index.Keys[i] = lower(key)
		if !slices.ContainsFunc(keys, func(c Column) bool { return c.Name == index.Keys[i] }) {
			return loglake.Errorf(loglake.CodeInvalid, "Keys of a partition index must be partition keys of the table: %s is not", key)
		}
	}
	there, err := c.indexes(tx, name)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(there, func(i PartitionIndex) bool { return i.IndexName == index.IndexName || slices.Equal(i.Keys, index.Keys) }) {
		return loglake.Errorf(loglake.CodeExists, "Index with the given indexName : %s already exists", index.IndexName)
	}
	if len(there) >= indexesMax {
		return loglake.Errorf(loglake.CodeLimit, "A table can have at most %d partition indexes", indexesMax)
	}
	body, err := text(index.Keys)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO catalog_indexes (account, region, database_name, table_name, name, keys) VALUES (?, ?, ?, ?, ?, ?)`,
		c.home.Account, c.home.Region, name.database, name.table, index.IndexName, body)
	return err
}

// GetPartitionIndexes gives the partition indexes of a table with the columns that they are over.
func (c *Catalog) GetPartitionIndexes(ctx context.Context, database, table string) (t Table, list []PartitionIndex, err error) {
	name := tableName{lower(database), lower(table)}
	err = c.db.View(ctx, func(tx *state.Tx) error {
		if t, err = getTable(tx, c.home, name); err != nil {
			return err
		}
		list, err = c.indexes(tx, name)
		return err
	})
	return t, list, wrap("list indexes of "+name.String(), err)
}

func (c *Catalog) indexes(tx *state.Tx, name tableName) (list []PartitionIndex, err error) {
	rows, err := tx.Query(`SELECT name, keys FROM catalog_indexes
		WHERE account = ? AND region = ? AND database_name = ? AND table_name = ? ORDER BY name`,
		c.home.Account, c.home.Region, name.database, name.table)
	err = scanAll(rows, err, func(rows *sql.Rows) error {
		var index PartitionIndex
		var keys string
		if err := rows.Scan(&index.IndexName, &keys); err != nil {
			return err
		}
		err := json.Unmarshal([]byte(keys), &index.Keys)
		list = append(list, index)
		return err
	})
	return list, err
}

// DeletePartitionIndex forgets a partition index.
func (c *Catalog) DeletePartitionIndex(ctx context.Context, database, table, index string) error {
	name := tableName{lower(database), lower(table)}
	return c.update(ctx, "catalog.DeletePartitionIndex", func(tx *state.Tx) error {
		if _, err := getTable(tx, c.home, name); err != nil {
			return err
		}
		n, err := tx.Exec(`DELETE FROM catalog_indexes WHERE account = ? AND region = ? AND database_name = ? AND table_name = ? AND name = ?`,
			c.home.Account, c.home.Region, name.database, name.table, index)
		if err == nil && n == 0 {
			return notFound("Index with the given indexName : %s does not exist", index)
		}
		return wrap("delete index of "+name.String(), err)
	})
}
