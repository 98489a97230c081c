package catalog

import (
	"context"
	"database/sql"
	"hash/fnv"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/layout"
	"github.com/loglake/loglake/state"
)

// PartitionQuery asks for partitions of a table.
type PartitionQuery struct {
	Expression string // Glue's filter language; blank: all
	// Segment of Segments is the part of the partitions to give; the segments are disjoint and together complete.
	// Segments 0 is the same as one segment.
	Segment, Segments int
	Page              Page
}

// GetPartitions gives partitions in the order of their values.
func (c *Catalog) GetPartitions(ctx context.Context, database, table string, q PartitionQuery) (list []Partition, next string, err error) {
	name := tableName{lower(database), lower(table)}
	if q.Segments < 0 || q.Segment < 0 || q.Segments > 0 && q.Segment >= q.Segments {
		return nil, "", loglake.Errorf(loglake.CodeInvalid, "Segment number must be between 0 and the total number of segments")
	}
	err = c.db.View(ctx, func(tx *state.Tx) error {
		t, err := getTable(tx, c.home, name)
		if err != nil {
			return err
		}
		filter, err := ParseExpression(q.Expression, t.PartitionKeys)
		if err != nil {
			return err
		}
		rows, err := tx.Query(`SELECT value_key, created, body FROM catalog_partitions
			WHERE account = ? AND region = ? AND database_name = ? AND table_name = ? AND value_key > ? ORDER BY value_key`,
			c.home.Account, c.home.Region, name.database, name.table, q.Page.After)
		return scanAll(rows, err, func(rows *sql.Rows) error {
			var created int64
			var key string
			var body string
			if err := rows.Scan(&key, &created, &body); err != nil {
				return err
			}
			if !q.inSegment(key) {
				return nil
			}
			if ok, err := filter.Match(valuesOf(key)); !ok || err != nil {
				return err
			}
			if len(list) == q.Page.limit() {
				return errEnough
			}
			p, err := c.partition(t, created, body)
			list = append(list, p)
			return err
		})
	})
	if _, own := c.systemTable(database, table); own && loglake.CodeOf(err) == loglake.CodeNotFound {
		return nil, "", nil // it is there, and has none
	}
	list, next = cut(q.Page, list, func(p Partition) string { return valueKey(p.Values) })
	return list, next, wrap("list partitions of "+name.String(), err)
}

// inSegment spreads the partitions by a hash of their values, which is the same at each call.
func (q PartitionQuery) inSegment(key string) bool {
	if q.Segments <= 1 {
		return true
	}
	h := fnv.New32a()
	h.Write([]byte(key))
	return int(h.Sum32()%uint32(q.Segments)) == q.Segment
}

// Partitions gives all partitions of a table in the order of their values.
func (c *Catalog) Partitions(ctx context.Context, database, table string) ([]loglake.Partition, error) {
	return c.PartitionsMatching(ctx, database, table, "")
}

// PartitionsMatching gives the partitions that pass a filter in Glue's expression language.
func (c *Catalog) PartitionsMatching(ctx context.Context, database, table, expression string) (list []loglake.Partition, err error) {
	err = c.db.View(ctx, func(tx *state.Tx) error {
		t, err := getTable(tx, c.home, tableName{lower(database), lower(table)})
		if err != nil {
			return err
		}
		filter, err := ParseExpression(expression, t.PartitionKeys)
		if err != nil {
			return err
		}
		list, err = partitions(tx, c.home, t, filter)
		return err
	})
	return list, err
}

// PartitionsTx gives all partitions of a table as the transaction sees them.
func PartitionsTx(tx *state.Tx, home loglake.Home, database, table string) ([]loglake.Partition, error) {
	t, err := getTable(tx, home, tableName{lower(database), lower(table)})
	if err != nil {
		return nil, err
	}
	return partitions(tx, home, t, &Expression{})
}

func partitions(tx *state.Tx, home loglake.Home, t Table, filter *Expression) (list []loglake.Partition, err error) {
	rows, err := tx.Query(`SELECT value_key, location FROM catalog_partitions
		WHERE account = ? AND region = ? AND database_name = ? AND table_name = ? ORDER BY value_key`,
		home.Account, home.Region, t.DatabaseName, t.Name)
	err = scanAll(rows, err, func(rows *sql.Rows) error {
		var key, location string
		if err := rows.Scan(&key, &location); err != nil {
			return err
		}
		values := valuesOf(key)
		ok, err := filter.Match(values)
		if !ok || err != nil {
			return err
		}
		if location == "" {
			location = DefaultLocation(t, values)
		}
		list = append(list, loglake.Partition{Values: values, Location: location})
		return nil
	})
	return list, wrap("list partitions of "+t.DatabaseName+"."+t.Name, err)
}

// DefaultLocation is where a partition lies whose definition does not say: k=v/… below the table. "" where the table has
// no location.
func DefaultLocation(t Table, values []string) string {
	if t.StorageDescriptor == nil || t.StorageDescriptor.Location == "" {
		return ""
	}
	return strings.TrimSuffix(t.StorageDescriptor.Location, "/") + "/" + strings.Trim(layout.PartitionPath(keyNames(t), values), "/") + "/"
}

func keyNames(t Table) []string {
	names := make([]string, len(t.PartitionKeys))
	for i, key := range t.PartitionKeys {
		names[i] = key.Name
	}
	return names
}

// NewPartition gives the definition of a partition as Athena and loglake make it: the table's storage with the location
// of its own, the default one if none is given.
func NewPartition(t Table, values []string, location string) PartitionInput {
	if location == "" {
		location = DefaultLocation(t, values)
	}
	in := PartitionInput{Values: values, Parameters: map[string]string{}}
	if t.StorageDescriptor != nil {
		in.StorageDescriptor = t.StorageDescriptor.normalize()
		in.StorageDescriptor.Location = location
	}
	return in
}
