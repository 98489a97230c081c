package catalog_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/state"
	"github.com/loglake/loglake/state/statetest"
)

const tableARN = "arn:aws:glue:us-east-1:000000000000:table/db/t"

var owner = catalog.StatisticsOwner{Database: "db", Table: "t"}

func countOf(column string) catalog.ColumnStatistics {
	return catalog.ColumnStatistics{ColumnName: column, ColumnType: "string", StatisticsData: json.RawMessage(
		`{"Type":"STRING","StringColumnStatisticsData":{"MaximumLength":1,"AverageLength":1,"NumberOfNulls":0,"NumberOfDistinctValues":1}}`)}
}

// shown is all that a catalog says.
type shown struct {
	Databases []catalog.Database
	Tables    []catalog.Table
	Versions  map[string][]catalog.TableVersion
	Plain     any // of the table "t", from memory
	Rows      []catalog.Partition
	Indexes   []catalog.PartitionIndex
	Index     []catalog.PartitionIndex // of the table "u"
	Columns   []catalog.ColumnStatistics
	Tags      map[string]string
}

func show(t *testing.T, c *catalog.Catalog) any {
	t.Helper()
	ctx := t.Context()
	s := shown{Versions: map[string][]catalog.TableVersion{}}
	var err error
	s.Databases, _, err = c.GetDatabases(ctx, catalog.Page{})
	must(t, err)
	s.Tables, err = c.AllTables(ctx, func(catalog.Table) bool { return true })
	must(t, err)
	for _, table := range s.Tables {
		s.Versions[table.DatabaseName+"."+table.Name], _, err = c.GetTableVersions(ctx, table.DatabaseName, table.Name, catalog.Page{})
		must(t, err)
	}
	if _, err := c.Table(ctx, "db", "u"); err == nil {
		_, s.Index, err = c.GetPartitionIndexes(ctx, "db", "u")
		must(t, err)
	}
	if plain, err := c.Table(ctx, "db", "t"); err == nil {
		s.Plain = plain
		s.Rows, _, err = c.GetPartitions(ctx, "db", "t", catalog.PartitionQuery{})
		must(t, err)
		_, s.Indexes, err = c.GetPartitionIndexes(ctx, "db", "t")
		must(t, err)
		s.Columns, _, err = c.GetColumnStatistics(ctx, owner, []string{"id", "n"})
		must(t, err)
		s.Tags, err = c.Tags(ctx, tableARN)
		must(t, err)
	}
	return s
}

// Each change of the catalog fails undone and done. Readers, those of what is in memory too, see what the state has.
func TestFaults(t *testing.T) {
	partition := func(value string) catalog.PartitionInput { return catalog.PartitionInput{Values: []string{value}} }
	described := func(in catalog.PartitionInput) catalog.PartitionInput {
		in.Parameters = map[string]string{"new": "1"}
		return in
	}
	each := func(failed []error, err error) error { return errors.Join(append(failed, err)...) }
	type change = statetest.Change[*catalog.Catalog]
	statetest.Subject[*catalog.Catalog]{
		Open: func(t *testing.T, path string, fault func(string) (bool, error)) (*catalog.Catalog, func()) {
			db, err := state.Open(t.Context(), state.Config{Path: path, Migrations: catalog.Migrations(), Fault: fault})
			must(t, err)
			return catalog.New(catalog.Config{DB: db, Home: home, Clock: noon}), func() { must(t, db.Close()) }
		},
		SetUp: func(t *testing.T, c *catalog.Catalog) error {
			ctx := t.Context()
			return errors.Join(
				c.CreateDatabase(ctx, catalog.DatabaseInput{Name: "db"}), c.CreateDatabase(ctx, catalog.DatabaseInput{Name: "empty"}),
				c.CreateTable(ctx, "db", logs("t")), c.CreateTable(ctx, "db", logs("u")), c.UpdateTable(ctx, "db", catalog.TableUpdate{Input: logs("t"), Archive: catalog.KeepVersion}),
				c.CreatePartition(ctx, "db", "t", partition("a")),
				c.CreatePartitionIndex(ctx, "db", "t", catalog.PartitionIndex{IndexName: "there", Keys: []string{"dt"}}),
				c.UpdateColumnStatistics(ctx, owner, []catalog.ColumnStatistics{countOf("id")}),
				c.Tag(ctx, tableARN, map[string]string{"there": "1"}))
		},
		Show: show,
	}.Run(t, []change{
		{Transaction: "catalog.CreateDatabase", Do: func(t *testing.T, c *catalog.Catalog) error {
			return c.CreateDatabase(t.Context(), catalog.DatabaseInput{Name: "new"})
		}},
		{Transaction: "catalog.UpdateDatabase", Do: func(t *testing.T, c *catalog.Catalog) error {
			return c.UpdateDatabase(t.Context(), "db", catalog.DatabaseInput{Name: "db", Description: "new"})
		}},
		{Transaction: "catalog.DeleteDatabase", Do: func(t *testing.T, c *catalog.Catalog) error { return c.DeleteDatabase(t.Context(), "empty") }},
		{Transaction: "catalog.CreateTable", Do: func(t *testing.T, c *catalog.Catalog) error { return c.CreateTable(t.Context(), "db", logs("new")) }},
		{Transaction: "catalog.UpdateTable", Do: func(t *testing.T, c *catalog.Catalog) error {
			return c.UpdateTable(t.Context(), "db", catalog.TableUpdate{Input: logs("t"), VersionID: "1"})
		}},
		{Transaction: "catalog.AlterTable", Do: func(t *testing.T, c *catalog.Catalog) error {
			return c.AlterTable(t.Context(), "db", "t", func(in *catalog.TableInput) error { in.Description = "new"; return nil })
		}},
		{Transaction: "catalog.DeleteTable", Do: func(t *testing.T, c *catalog.Catalog) error { return c.DeleteTable(t.Context(), "db", "t") }},
		{Transaction: "catalog.DeleteTables", Do: func(t *testing.T, c *catalog.Catalog) error {
			return each(c.DeleteTables(t.Context(), "db", []string{"t", "u"}))
		}},
		{Transaction: "catalog.DeleteTableVersions", Do: func(t *testing.T, c *catalog.Catalog) error {
			return each(c.DeleteTableVersions(t.Context(), "db", "t", []string{"0"}))
		}},
		{Transaction: "catalog.CreatePartitions", Do: func(t *testing.T, c *catalog.Catalog) error {
			return each(c.CreatePartitions(t.Context(), "db", "t", []catalog.PartitionInput{partition("b"), partition("c")}))
		}},
		{Transaction: "catalog.UpdatePartitions", Do: func(t *testing.T, c *catalog.Catalog) error {
			return each(c.UpdatePartitions(t.Context(), "db", "t", []catalog.PartitionUpdate{{Values: []string{"a"}, Input: described(partition("a"))}}))
		}},
		{Transaction: "catalog.DeletePartitions", Do: func(t *testing.T, c *catalog.Catalog) error {
			return each(c.DeletePartitions(t.Context(), "db", "t", [][]string{{"a"}}))
		}},
		{Transaction: "catalog.CreatePartitionIndex", Do: func(t *testing.T, c *catalog.Catalog) error {
			return c.CreatePartitionIndex(t.Context(), "db", "u", catalog.PartitionIndex{IndexName: "new", Keys: []string{"dt"}})
		}},
		{Transaction: "catalog.DeletePartitionIndex", Do: func(t *testing.T, c *catalog.Catalog) error {
			return c.DeletePartitionIndex(t.Context(), "db", "t", "there")
		}},
		{Transaction: "catalog.UpdateColumnStatistics", Do: func(t *testing.T, c *catalog.Catalog) error {
			return c.UpdateColumnStatistics(t.Context(), owner, []catalog.ColumnStatistics{countOf("n")})
		}},
		{Transaction: "catalog.DeleteColumnStatistics", Do: func(t *testing.T, c *catalog.Catalog) error {
			return c.DeleteColumnStatistics(t.Context(), owner, "id")
		}},
		{Transaction: "catalog.Tag", Do: func(t *testing.T, c *catalog.Catalog) error {
			return c.Tag(t.Context(), tableARN, map[string]string{"new": "1"})
		}},
		{Transaction: "catalog.Untag", Do: func(t *testing.T, c *catalog.Catalog) error { return c.Untag(t.Context(), tableARN, []string{"there"}) }},
	})
}
