package catalog

import (
	"database/sql"
	"encoding/json"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/layout"
	"github.com/loglake/loglake/state"
)

// RegisterPartitions makes sure that objects just committed are found by partition: for every table whose location holds
// a key and whose partition keys all appear as k=v in the path below it, the partition is created if it is missing.
// It costs a few index look-ups per directory, however many tables and partitions there are; what directories share is
// looked up once.
func RegisterPartitions(tx *state.Tx, home loglake.Home, now loglake.Millis, bucket string, keys []string) error {
	r := registrar{tx: tx, home: home, now: int64(now), bucket: bucket,
		at: map[string][]partitionedTable{}, tables: map[tableName]Table{}}
	seen := make(map[string]struct{}, 1)
	for _, key := range keys {
		directory := key[:strings.LastIndexByte(key, '/')+1]
		if _, done := seen[directory]; done {
			continue
		}
		seen[directory] = struct{}{}
		if err := r.object(key); err != nil {
			return wrap("register partitions of "+key, err)
		}
	}
	return nil
}

// registrar registers the partitions of objects in one bucket.
type registrar struct {
	tx     *state.Tx
	home   loglake.Home
	now    int64
	bucket string
	at     map[string][]partitionedTable // by the prefix of their location
	tables map[tableName]Table
}

// object looks up the tables of each directory above a key.
func (r *registrar) object(key string) error {
	for end := 0; ; {
		tables, err := r.tablesAt(key[:end])
		if err != nil {
			return err
		}
		for _, t := range tables {
			values, folder, ok := layout.PartitionFolder(key, key[:end], t.keys)
			if !ok {
				continue
			}
			if err := r.partition(t.name, values, folder); err != nil {
				return err
			}
		}
		next := strings.IndexByte(key[end:], '/')
		if next < 0 {
			return nil
		}
		end += next + 1
	}
}

// partitionedTable is a table that has partition keys.
type partitionedTable struct {
	name tableName
	keys []string
}

func (r *registrar) tablesAt(prefix string) (tables []partitionedTable, err error) {
	if tables, known := r.at[prefix]; known {
		return tables, nil
	}
	rows, err := r.tx.Query(`SELECT database_name, name, partition_keys FROM catalog_tables
		WHERE account = ? AND region = ? AND bucket = ? AND prefix = ? AND partition_keys <> '[]'`,
		r.home.Account, r.home.Region, r.bucket, prefix)
	err = scanAll(rows, err, func(rows *sql.Rows) error {
		var t partitionedTable
		var keys string
		if err := rows.Scan(&t.name.database, &t.name.table, &keys); err != nil {
			return err
		}
		err := json.Unmarshal([]byte(keys), &t.keys)
		tables = append(tables, t)
		return err
	})
	r.at[prefix] = tables
	return tables, err
}

// partition creates a partition if it is missing.
func (r *registrar) partition(table tableName, values []string, folder string) error {
	var there int
	err := r.tx.QueryRow(`SELECT COUNT(*) FROM catalog_partitions
		WHERE account = ? AND region = ? AND database_name = ? AND table_name = ? AND value_key = ?`,
		r.home.Account, r.home.Region, table.database, table.table, valueKey(values)).Scan(&there)
	if err != nil || there > 0 {
		return err
	}
	t, known := r.tables[table]
	if !known {
		if t, err = getTable(r.tx, r.home, table); err != nil {
			return err
		}
		r.tables[table] = t
	}
	_, err = insertPartition(r.tx, t, NewPartition(t, values, "s3://"+r.bucket+"/"+folder), rowOf{r.home, r.now})
	return err
}
