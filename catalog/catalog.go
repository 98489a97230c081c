// Package catalog keeps what the Glue Data Catalog keeps (databases, tables with their versions, partitions) and the
// manifest: the list of the objects that loglake itself has committed to buckets.
//
// The operations named as Glue's (CreateTable, GetPartitions, …) take and give Glue's shapes and have Glue's rules and
// error texts; package glueapi puts them on the wire, and package query runs Athena's DDL on them. What the stages of
// the log lake ask for has loglake's own shapes: Table and TableVersion, served from memory; Partitions; and the
// functions over a *state.Tx that take part in somebody else's transaction (TableTx, PartitionsTx, RegisterPartitions
// and the manifest's AddObjects, ObjectsUnder, RemoveObject).
//
// Names of databases, tables, columns and partition keys are stored in lower case and found in any, as Glue does.
// Everything but the manifest is keyed by account and region.
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_Operations.html
package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

// Config is what a Catalog needs.
type Config struct {
	DB    *state.DB     // required; its migrations include those of this package
	Home  loglake.Home  // required: the account and region of everything in the catalog
	Clock loglake.Clock // nil: time.Now
	// OnChange is told of each table that was created, changed or deleted, after the commit. It must not block,
	// nor write to DB.
	// Nil: nobody is told.
	OnChange func(database, table string)
	// System are the tables of SystemDatabase, by name and columns. None: there is no such database.
	System []loglake.Table
}

// Catalog is safe for concurrent use. It starts nothing and needs no closing.
type Catalog struct {
	db       *state.DB
	home     loglake.Home
	clock    loglake.Clock
	onChange func(database, table string)
	system   []loglake.Table // by name

	// cached tables are current as of the last commit. A reader stores what it read only if no change was committed
	// since it began to read.
	mu      sync.RWMutex
	tables  map[tableName]loglake.Table
	changes uint64 // commits that touched a table
}

type tableName struct{ database, table string }

// New makes a Catalog.
func New(cfg Config) *Catalog {
	c := &Catalog{db: cfg.DB, home: cfg.Home, clock: cfg.Clock, onChange: cfg.OnChange, tables: make(map[tableName]loglake.Table), system: systemTables(cfg.System)}
	if c.clock == nil {
		c.clock = time.Now
	}
	if c.onChange == nil {
		c.onChange = func(string, string) {}
	}
	return c
}

// CreateDefault makes the database "default", which Athena, Hive and Spark take for granted, if it is not there.
func (c *Catalog) CreateDefault(ctx context.Context) error {
	err := c.CreateDatabase(ctx, DatabaseInput{Name: "default", Description: "Default Hive database"})
	if loglake.CodeOf(err) == loglake.CodeExists {
		return nil
	}
	return err
}

// Table gives the current version of a table. It is served from memory after the first time; what it gives is shared and
// not to be changed. CodeNotFound with Glue's text where it is not there.
func (c *Catalog) Table(ctx context.Context, database, name string) (loglake.Table, error) {
	key := tableName{lower(database), lower(name)}
	c.mu.RLock()
	t, ok := c.tables[key]
	changes := c.changes
	c.mu.RUnlock()
	if ok {
		return t, nil
	}
	err := c.db.View(ctx, func(tx *state.Tx) (err error) {
		t, err = TableTx(tx, c.home, database, name)
		return err
	})
	if own, ok := c.systemTable(database, name); ok && loglake.CodeOf(err) == loglake.CodeNotFound {
		return own, nil
	}
	if err != nil {
		return loglake.Table{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changes == changes {
		c.tables[key] = t
	}
	return t, nil
}

// TableVersion gives a table as it was in a version, "" for the current one. Delivery asks for the version that a batch
// was converted by. CodeNotFound where the version is not kept any more.
func (c *Catalog) TableVersion(ctx context.Context, database, name, version string) (loglake.Table, error) {
	t, err := c.Table(ctx, database, name)
	if err != nil || version == "" || version == t.Version {
		return t, err
	}
	v, err := c.GetTableVersion(ctx, database, name, version)
	return v.Table.plain(), err
}

// TableTx gives the current version of a table as the transaction sees it.
func TableTx(tx *state.Tx, home loglake.Home, database, name string) (loglake.Table, error) {
	t, err := getTable(tx, home, tableName{lower(database), lower(name)})
	return t.plain(), err
}

// changed marks, for after the commit of tx, that a table is not what it was.
func (c *Catalog) changed(tx *state.Tx, name tableName) {
	tx.OnCommit(func() {
		c.mu.Lock()
		c.changes++
		delete(c.tables, name)
		c.mu.Unlock()
		c.onChange(name.database, name.table)
	})
}

// update runs a write transaction. A commit that failed may have happened all the same: then nothing is remembered.
func (c *Catalog) update(ctx context.Context, name string, fn func(*state.Tx) error) error {
	reached := false // the commit
	err := c.db.Update(ctx, name, func(tx *state.Tx) error {
		err := fn(tx)
		reached = err == nil
		return err
	})
	if err != nil && reached {
		c.mu.Lock()
		c.changes++
		clear(c.tables)
		c.mu.Unlock()
	}
	return c.denied(err)
}

// nowMillis is the instant of a change.
func (c *Catalog) nowMillis() int64 { return c.clock().UnixMilli() }

// plain gives the members of a Glue table that mean something to the other stages.
func (t Table) plain() loglake.Table {
	p := loglake.Table{
		Database: t.DatabaseName, Name: t.Name, Version: t.VersionID, Type: t.TableType,
		PartitionKeys: PlainColumns(t.PartitionKeys), Parameters: t.Parameters,
	}
	if sd := t.StorageDescriptor; sd != nil {
		p.Columns, p.Location, p.InputFormat = PlainColumns(sd.Columns), sd.Location, sd.InputFormat
		if sd.SerdeInfo != nil {
			p.SerDe = sd.SerdeInfo.SerializationLibrary
		}
	}
	return p
}

// PlainColumns gives the columns of a Glue table as the stages see them.
func PlainColumns(columns []Column) []loglake.Column {
	out := make([]loglake.Column, len(columns))
	for i, c := range columns {
		out[i] = loglake.Column{Name: c.Name, Type: c.Type, Comment: c.Comment}
	}
	return out
}

// lower gives a name as the catalog stores it.
func lower(name string) string { return strings.ToLower(name) }

// Page asks for a part of a listing in the order of its keys.
type Page struct {
	After string // what the last page gave as next; "" for the first page
	Max   int    // elements at most; 0: all
}

// cut takes the element that is one too many off a list that was read with a limit of Max+1, and gives the key of the
// last one that stays as the next page's After.
func cut[T any](p Page, list []T, key func(T) string) ([]T, string) {
	if p.Max <= 0 || len(list) <= p.Max {
		return list, ""
	}
	return list[:p.Max], key(list[p.Max-1])
}

// limit is the number of rows to read for a page: one more than it holds, to know whether there is another.
func (p Page) limit() int {
	if p.Max <= 0 {
		return 1<<31 - 1
	}
	return p.Max + 1
}

// errEnough is what a function for scanAll returns to read no further rows.
var errEnough = errors.New("enough rows")

// scanAll reads the rows of a query with a function for each.
func scanAll(rows *sql.Rows, err error, scan func(*sql.Rows) error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); errors.Is(err, errEnough) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return rows.Err()
}

// text marshals what is stored as JSON.
func text(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

func notFound(format string, args ...any) error {
	return loglake.Errorf(loglake.CodeNotFound, format, args...)
}

// wrap names what failed, where it is not an answer to the caller.
func wrap(what string, err error) error {
	var known *loglake.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}
