package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/loglake/loglake/state"
)

// ColumnStatistics is Glue's ColumnStatistics. The data is what a client measured; loglake keeps it and gives it back.
// https://docs.aws.amazon.com/glue/latest/webapi/API_ColumnStatistics.html
type ColumnStatistics struct {
	ColumnName     string          `json:"ColumnName"`
	ColumnType     string          `json:"ColumnType"`
	AnalyzedTime   Time            `json:"AnalyzedTime"`
	StatisticsData json.RawMessage `json:"StatisticsData"`
}

// StatisticsOwner is whose statistics are meant: a table's, or with Values those of one of its partitions.
type StatisticsOwner struct {
	Database string
	Table    string
	Values   []string
}

// key checks that the owner is there and gives the value_key of its statistics.
func (o StatisticsOwner) key(c *Catalog, tx *state.Tx) (tableName, string, error) {
	name := tableName{lower(o.Database), lower(o.Table)}
	t, err := getTable(tx, c.home, name)
	if err != nil || o.Values == nil {
		return name, "", err
	}
	if err := checkValues(t, o.Values); err != nil {
		return name, "", err
	}
	_, err = c.getPartition(tx, t, o.Values)
	return name, valueKey(o.Values), err
}

// UpdateColumnStatistics keeps statistics, in place of those that a column has.
func (c *Catalog) UpdateColumnStatistics(ctx context.Context, owner StatisticsOwner, list []ColumnStatistics) error {
	return c.update(ctx, "catalog.UpdateColumnStatistics", func(tx *state.Tx) error {
		name, key, err := owner.key(c, tx)
		if err != nil {
			return err
		}
		for _, s := range list {
			body, err := text(s)
			if err == nil {
				_, err = tx.Exec(`INSERT INTO catalog_statistics (account, region, database_name, table_name, value_key, column_name, body)
					VALUES (?, ?, ?, ?, ?, ?, ?)
					ON CONFLICT (account, region, database_name, table_name, value_key, column_name) DO UPDATE SET body = excluded.body`,
					c.home.Account, c.home.Region, name.database, name.table, key, lower(s.ColumnName), body)
			}
			if err != nil {
				return wrap("update statistics of "+name.String(), err)
			}
		}
		return nil
	})
}

// GetColumnStatistics gives the statistics of those of the columns that have any, in the order asked for, and the names
// of the others.
func (c *Catalog) GetColumnStatistics(ctx context.Context, owner StatisticsOwner, columns []string) (list []ColumnStatistics, missing []string, err error) {
	err = c.db.View(ctx, func(tx *state.Tx) error {
		name, key, err := owner.key(c, tx)
		if err != nil {
			return err
		}
		for _, column := range columns {
			var body string
			err := tx.QueryRow(`SELECT body FROM catalog_statistics
				WHERE account = ? AND region = ? AND database_name = ? AND table_name = ? AND value_key = ? AND column_name = ?`,
				c.home.Account, c.home.Region, name.database, name.table, key, lower(column)).Scan(&body)
			if errors.Is(err, sql.ErrNoRows) {
				missing = append(missing, column)
				continue
			}
			var s ColumnStatistics
			if err == nil {
				err = json.Unmarshal([]byte(body), &s)
			}
			if err != nil {
				return wrap("read statistics of "+name.String(), err)
			}
			list = append(list, s)
		}
		return nil
	})
	return list, missing, err
}

// DeleteColumnStatistics forgets the statistics of a column. It is no error that there are none: Trino deletes those of
// every column of a table that it has just made, and takes EntityNotFoundException for a table that is gone.
func (c *Catalog) DeleteColumnStatistics(ctx context.Context, owner StatisticsOwner, column string) error {
	return c.update(ctx, "catalog.DeleteColumnStatistics", func(tx *state.Tx) error {
		name, key, err := owner.key(c, tx)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`DELETE FROM catalog_statistics
			WHERE account = ? AND region = ? AND database_name = ? AND table_name = ? AND value_key = ? AND column_name = ?`,
			c.home.Account, c.home.Region, name.database, name.table, key, lower(column))
		return wrap("delete statistics of "+name.String(), err)
	})
}

// dropStatistics forgets the statistics of columns that a table has no more.
func (c *Catalog) dropStatistics(tx *state.Tx, name tableName, columns []string) error {
	for _, column := range columns {
		if _, err := tx.Exec(`DELETE FROM catalog_statistics
			WHERE account = ? AND region = ? AND database_name = ? AND table_name = ? AND column_name = ?`,
			c.home.Account, c.home.Region, name.database, name.table, column); err != nil {
			return err
		}
	}
	return nil
}
