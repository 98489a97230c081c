package catalog

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/loglake/loglake"
)

// SystemDatabase is the database of the server's own tables (Config.System), which are read by SQL and changed by nobody. It
// is there without being listed, as information_schema is. Creating it answers that it exists, changing it is refused with
// CodeDenied.
//
// A database of this name that was made before there were system tables goes on as it is: its tables come first, and system
// tables are found behind them by the names that it does not have.
const SystemDatabase = "loglake"

// SystemTable is the Type of a system table.
const SystemTable = "SYSTEM_TABLE"

// systemTables gives the system tables as the rest of loglake sees them, by name.
func systemTables(list []loglake.Table) []loglake.Table {
	own := slices.Clone(list)
	for i := range own {
		own[i].Database, own[i].Type = SystemDatabase, SystemTable
	}
	slices.SortFunc(own, func(a, b loglake.Table) int { return strings.Compare(a.Name, b.Name) })
	return own
}

// systemTable gives a system table; ok is false where there is none of these names.
func (c *Catalog) systemTable(database, name string) (t loglake.Table, ok bool) {
	i := slices.IndexFunc(c.system, func(t loglake.Table) bool { return t.Database == lower(database) && t.Name == lower(name) })
	if i < 0 {
		return t, false
	}
	return c.system[i], true
}

func (c *Catalog) isSystem(database string) bool {
	return len(c.system) > 0 && lower(database) == SystemDatabase
}

// systemAnswer is the system database as Glue shows one.
func (c *Catalog) systemAnswer() Database {
	return Database{DatabaseInput: DatabaseInput{Name: SystemDatabase, Description: "What loglake knows of itself: read-only, and not listed"},
		CatalogID: c.home.Account, CreateTime: fromMillis(0)}
}

// glueTable is a system table as Glue shows one.
func (c *Catalog) glueTable(t loglake.Table) Table {
	columns := make([]Column, len(t.Columns))
	for i, column := range t.Columns {
		columns[i] = Column{Name: column.Name, Type: column.Type, Comment: column.Comment}
	}
	return Table{
		DatabaseName: t.Database, CatalogID: c.home.Account, VersionID: "0", CreateTime: fromMillis(0), UpdateTime: fromMillis(0),
		TableInput: TableInput{Name: t.Name, TableType: SystemTable, Parameters: t.Parameters, PartitionKeys: []Column{},
			StorageDescriptor: &StorageDescriptor{Columns: columns}}.normalize(),
	}
}

// systemList is GetTables of the system database.
func (c *Catalog) systemList(match func(name string) bool, page Page) (list []Table, next string) {
	for _, t := range c.system {
		if t.Name > page.After && (match == nil || match(t.Name)) && len(list) < page.limit() {
			list = append(list, c.glueTable(t))
		}
	}
	return cut(page, list, func(t Table) string { return t.Name })
}

// denied makes the failure of a change in the system database one that says so.
func (c *Catalog) denied(err error) error {
	var e *loglake.Error
	if len(c.system) == 0 || !errors.As(err, &e) || e.Code != loglake.CodeNotFound || e.Message != fmt.Sprintf(noDatabase, SystemDatabase) {
		return err
	}
	return loglake.Errorf(loglake.CodeDenied, "The database %s holds the server's own tables: it can be read and not be changed.", SystemDatabase)
}
