package catalog

import (
	"database/sql"
	"encoding/json"
	"slices"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/layout"
	"github.com/loglake/loglake/state"
)

// RegisterPartitions makes sure that objects just committed are found by partition: for every table whose location holds
// a key and whose partition keys all appear as k=v in the path below it, the partition is created if it is missing.
// It costs a few index look-ups per directory, however many tables and partitions there are.
func RegisterPartitions(tx *state.Tx, home loglake.Home, now loglake.Millis, bucket string, keys []string) error {
	r := registrar{tx: tx, home: home, now: int64(now), bucket: bucket}
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
}

// object looks up the tables of each directory above a key.
func (r *registrar) object(key string) error {
	for end := 0; ; {
		tables, err := r.tablesAt(key[:end])
		if err != nil {
			return err
		}
		for _, t := range tables {
			values, directory, ok := partitionDirectory(key, end, t.keys)
			if !ok {
				continue
			}
			if err := r.partition(t.name, values, directory); err != nil {
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
	return tables, err
}

// partitionDirectory gives the values of the partition keys in the path of an object's key below key[:start], and the
// first directory on that path by which all of them are said: the location of the partition.
func partitionDirectory(key string, start int, names []string) (values []string, directory string, ok bool) {
	for end := start; !ok; {
		next := strings.IndexByte(key[end:], '/')
		if next < 0 {
			return nil, "", false
		}
		end += next + 1
		directory = key[:end]
		values, ok = layout.Partition(directory, key[:start], names)
	}
	return values, directory, !slices.Contains(values, "")
}

// partition creates a partition if it is missing.
func (r *registrar) partition(table tableName, values []string, directory string) error {
	var there int
	err := r.tx.QueryRow(`SELECT COUNT(*) FROM catalog_partitions
		WHERE account = ? AND region = ? AND database_name = ? AND table_name = ? AND value_key = ?`,
		r.home.Account, r.home.Region, table.database, table.table, valueKey(values)).Scan(&there)
	if err != nil || there > 0 {
		return err
	}
	t, err := getTable(r.tx, r.home, table)
	if err != nil {
		return err
	}
	_, err = insertPartition(r.tx, t, NewPartition(t, values, "s3://"+r.bucket+"/"+directory), rowOf{r.home, r.now})
	return err
}
