package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

// valueKey gives a list of partition values as one text whose byte order is that of the list.
func valueKey(values []string) string {
	escaped := make([]string, len(values))
	for i, v := range values {
		escaped[i] = keyEscaper.Replace(v)
	}
	return strings.Join(escaped, "\x01")
}

// valuesOf takes a valueKey apart.
func valuesOf(key string) []string {
	values := strings.Split(key, "\x01")
	for i, v := range values {
		values[i] = keyUnescaper.Replace(v)
	}
	return values
}

var (
	keyEscaper   = strings.NewReplacer("\x01", "\x02\x03", "\x02", "\x02\x04")
	keyUnescaper = strings.NewReplacer("\x02\x03", "\x01", "\x02\x04", "\x02")
)

// checkValues tells whether there is a value for each partition key.
func checkValues(t Table, values []string) error {
	if len(values) != len(t.PartitionKeys) {
		return loglake.Errorf(loglake.CodeInvalid, "The number of partition keys do not match the number of partition values")
	}
	if slices.Contains(values, "") {
		return loglake.Errorf(loglake.CodeInvalid, "A partition value must not be empty")
	}
	return nil
}

// CreatePartition makes a partition. CodeExists where one has the same values.
func (c *Catalog) CreatePartition(ctx context.Context, database, table string, in PartitionInput) error {
	return first(c.CreatePartitions(ctx, database, table, []PartitionInput{in}))
}

// CreatePartitions makes those partitions that can be made and gives an error for each that can not, nil for the others,
// in the order of the list.
func (c *Catalog) CreatePartitions(ctx context.Context, database, table string, list []PartitionInput) (failed []error, err error) {
	return c.eachPartition(ctx, batch{"catalog.CreatePartitions", database, table, len(list)}, func(tx *state.Tx, t Table, i int) error {
		if err := checkValues(t, list[i].Values); err != nil {
			return err
		}
		n, err := insertPartition(tx, t, list[i].normalize(), rowOf{c.home, c.nowMillis()})
		if err == nil && n == 0 {
			return loglake.Errorf(loglake.CodeExists, "Partition already exists.")
		}
		return err
	})
}

// first gives the one error of a call for one partition.
func first(failed []error, err error) error {
	if err != nil {
		return err
	}
	return failed[0]
}

// batch is a change to a number of partitions of a table.
type batch struct {
	operation       string
	database, table string
	n               int
}

// eachPartition runs a change for each partition of a batch, in one transaction. A failure that is an answer to the
// caller concerns its partition alone.
func (c *Catalog) eachPartition(ctx context.Context, b batch, change func(tx *state.Tx, t Table, i int) error) (failed []error, err error) {
	name := tableName{lower(b.database), lower(b.table)}
	err = c.update(ctx, b.operation, func(tx *state.Tx) error {
		t, err := getTable(tx, c.home, name)
		if err != nil {
			return err
		}
		failed = make([]error, b.n)
		for i := range failed {
			failed[i] = change(tx, t, i)
			if loglake.CodeOf(failed[i]) == loglake.CodeInternal {
				return wrap("change partition of "+name.String(), failed[i])
			}
		}
		return nil
	})
	return failed, err
}

// rowOf is what a new row says besides its subject: whose it is and since when.
type rowOf struct {
	home    loglake.Home
	created int64
}

// insertPartition gives the number of rows written: 0 where the partition is there already.
func insertPartition(tx *state.Tx, t Table, in PartitionInput, row rowOf) (int64, error) {
	body, err := text(in)
	if err != nil {
		return 0, err
	}
	return tx.Exec(`INSERT INTO catalog_partitions (account, region, database_name, table_name, value_key, created, location, body)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, region, database_name, table_name, value_key) DO NOTHING`,
		row.home.Account, row.home.Region, t.DatabaseName, t.Name, valueKey(in.Values), row.created, in.location(), body)
}

func (in PartitionInput) location() string {
	if in.StorageDescriptor == nil {
		return ""
	}
	return in.StorageDescriptor.Location
}

var errNoPartition = loglake.Errorf(loglake.CodeNotFound, "Cannot find partition.")

// GetPartition gives a partition.
func (c *Catalog) GetPartition(ctx context.Context, database, table string, values []string) (p Partition, err error) {
	list, err := c.GetPartitionsOf(ctx, database, table, [][]string{values})
	if err == nil && len(list) == 0 {
		err = errNoPartition
	}
	if err != nil {
		return Partition{}, err
	}
	return list[0], nil
}

// GetPartitionsOf gives the partitions with these values, as BatchGetPartition does: those that are not there are left
// out.
func (c *Catalog) GetPartitionsOf(ctx context.Context, database, table string, wanted [][]string) (list []Partition, err error) {
	name := tableName{lower(database), lower(table)}
	err = c.db.View(ctx, func(tx *state.Tx) error {
		t, err := getTable(tx, c.home, name)
		if err != nil {
			return err
		}
		for _, values := range wanted {
			if err := checkValues(t, values); err != nil {
				return err
			}
			p, err := c.getPartition(tx, t, values)
			if errors.Is(err, errNoPartition) {
				continue
			}
			if err != nil {
				return err
			}
			list = append(list, p)
		}
		return nil
	})
	return list, wrap("read partitions of "+name.String(), err)
}

func (c *Catalog) getPartition(tx *state.Tx, t Table, values []string) (Partition, error) {
	var created int64
	var body string
	err := tx.QueryRow(`SELECT created, body FROM catalog_partitions
		WHERE account = ? AND region = ? AND database_name = ? AND table_name = ? AND value_key = ?`,
		c.home.Account, c.home.Region, t.DatabaseName, t.Name, valueKey(values)).Scan(&created, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return Partition{}, errNoPartition
	}
	if err != nil {
		return Partition{}, err
	}
	return c.partition(t, created, body)
}

func (c *Catalog) partition(t Table, created int64, body string) (Partition, error) {
	p := Partition{DatabaseName: t.DatabaseName, TableName: t.Name, CreationTime: fromMillis(created), CatalogID: c.home.Account}
	err := json.Unmarshal([]byte(body), &p.PartitionInput)
	return p, err
}

// PartitionUpdate is a new definition for the partition with Values; Input may give it other values.
type PartitionUpdate struct {
	Values []string
	Input  PartitionInput
}

// UpdatePartition replaces a partition.
func (c *Catalog) UpdatePartition(ctx context.Context, database, table string, u PartitionUpdate) error {
	return first(c.UpdatePartitions(ctx, database, table, []PartitionUpdate{u}))
}

// UpdatePartitions replaces those partitions that can be replaced; the errors are as those of CreatePartitions.
func (c *Catalog) UpdatePartitions(ctx context.Context, database, table string, list []PartitionUpdate) (failed []error, err error) {
	return c.eachPartition(ctx, batch{"catalog.UpdatePartitions", database, table, len(list)}, func(tx *state.Tx, t Table, i int) error {
		return c.updatePartition(tx, t, list[i])
	})
}

func (c *Catalog) updatePartition(tx *state.Tx, t Table, u PartitionUpdate) error {
	in := u.Input.normalize()
	for _, values := range [][]string{u.Values, in.Values} {
		if err := checkValues(t, values); err != nil {
			return err
		}
	}
	old, err := c.getPartition(tx, t, u.Values)
	if err != nil {
		return err
	}
	body, err := text(in)
	if err != nil {
		return err
	}
	if slices.Equal(u.Values, in.Values) {
		_, err := tx.Exec(`UPDATE catalog_partitions SET location = ?, body = ?
			WHERE account = ? AND region = ? AND database_name = ? AND table_name = ? AND value_key = ?`,
			in.location(), body, c.home.Account, c.home.Region, t.DatabaseName, t.Name, valueKey(u.Values))
		return err
	}
	n, err := insertPartition(tx, t, in, rowOf{c.home, old.CreationTime.UnixMilli()})
	if err == nil && n == 0 {
		return loglake.Errorf(loglake.CodeExists, "Partition already exists.")
	}
	if err != nil {
		return err
	}
	return c.deletePartition(tx, t, u.Values)
}

// DeletePartition deletes a partition and its statistics. The files stay.
func (c *Catalog) DeletePartition(ctx context.Context, database, table string, values []string) error {
	return first(c.DeletePartitions(ctx, database, table, [][]string{values}))
}

// DeletePartitions deletes those partitions that are there; the errors are as those of CreatePartitions.
func (c *Catalog) DeletePartitions(ctx context.Context, database, table string, list [][]string) (failed []error, err error) {
	return c.eachPartition(ctx, batch{"catalog.DeletePartitions", database, table, len(list)}, func(tx *state.Tx, t Table, i int) error {
		if err := checkValues(t, list[i]); err != nil {
			return err
		}
		return c.deletePartition(tx, t, list[i])
	})
}

func (c *Catalog) deletePartition(tx *state.Tx, t Table, values []string) error {
	key := valueKey(values)
	n, err := tx.Exec(`DELETE FROM catalog_partitions WHERE account = ? AND region = ? AND database_name = ? AND table_name = ? AND value_key = ?`,
		c.home.Account, c.home.Region, t.DatabaseName, t.Name, key)
	if err == nil && n == 0 {
		return errNoPartition
	}
	if err == nil {
		_, err = tx.Exec(`DELETE FROM catalog_statistics WHERE account = ? AND region = ? AND database_name = ? AND table_name = ? AND value_key = ?`,
			c.home.Account, c.home.Region, t.DatabaseName, t.Name, key)
	}
	return err
}
