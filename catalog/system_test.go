package catalog_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
)

var systemOfTwo = []loglake.Table{
	{Name: "zoo", Columns: []loglake.Column{{Name: "z", Type: "bigint"}}},
	{Name: "ant", Columns: []loglake.Column{{Name: "a", Type: "string", Comment: "its name"}}},
}

// TestSystemDatabase reads the server's own tables in every way, and is refused every change.
func TestSystemDatabase(t *testing.T) {
	_, db := open(t, nil)
	c := catalog.New(catalog.Config{DB: db, Home: home, System: systemOfTwo})
	ctx := t.Context()
	names := func(list []catalog.Table, _ string, err error) (all []string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range list {
			all = append(all, table.Name)
		}
		return all
	}
	if diff := cmp.Diff([]string{"ant", "zoo"}, names(c.GetTables(ctx, "LogLake", nil, catalog.Page{}))); diff != "" {
		t.Error(diff)
	}
	first, next, err := c.GetTables(ctx, "loglake", nil, catalog.Page{Max: 1})
	if diff := cmp.Diff([]string{"ant"}, names(first, next, err)); diff != "" || next != "ant" {
		t.Error(next, diff)
	}
	if diff := cmp.Diff([]string{"zoo"}, names(c.GetTables(ctx, "loglake", nil, catalog.Page{After: next, Max: 1}))); diff != "" {
		t.Error(diff)
	}
	table, err := c.GetTable(ctx, "loglake", "ANT")
	if err != nil || table.TableType != catalog.SystemTable || table.StorageDescriptor.Columns[0].Comment != "its name" {
		t.Errorf("%+v, %v", table, err)
	}
	if own, err := c.Table(ctx, "loglake", "zoo"); err != nil || own.Type != catalog.SystemTable || own.Database != "loglake" {
		t.Errorf("%+v, %v", own, err)
	}
	if d, err := c.GetDatabase(ctx, "loglake"); err != nil || d.Name != "loglake" {
		t.Errorf("%+v, %v", d, err)
	}
	if list, _, err := c.GetDatabases(ctx, catalog.Page{}); err != nil || len(list) != 0 {
		t.Errorf("it is listed: %+v, %v", list, err)
	}
	if list, next, err := c.GetPartitions(ctx, "loglake", "ANT", catalog.PartitionQuery{}); err != nil || len(list) > 0 || next != "" {
		t.Errorf("partitions of a system table: %v %q %v", list, next, err)
	}
	if _, _, err := c.GetPartitions(ctx, "loglake", "nosuch", catalog.PartitionQuery{}); loglake.CodeOf(err) != loglake.CodeNotFound {
		t.Errorf("partitions of no table: %v", err)
	}
	if _, err := c.GetTable(ctx, "loglake", "nosuch"); loglake.CodeOf(err) != loglake.CodeNotFound {
		t.Error(err)
	}
	in := catalog.TableInput{Name: "ant"}
	for what, change := range map[string]error{
		"create table":   c.CreateTable(ctx, "loglake", catalog.TableInput{Name: "new"}),
		"update table":   c.UpdateTable(ctx, "loglake", catalog.TableUpdate{Input: in}),
		"alter table":    c.AlterTable(ctx, "loglake", "ant", func(*catalog.TableInput) error { return nil }),
		"drop table":     c.DeleteTable(ctx, "loglake", "ant"),
		"drop database":  c.DeleteDatabase(ctx, "LOGLAKE"),
		"alter database": c.UpdateDatabase(ctx, "loglake", catalog.DatabaseInput{Name: "mine"}),
		"partition":      c.CreatePartition(ctx, "loglake", "ant", catalog.PartitionInput{}),
	} {
		if loglake.CodeOf(change) != loglake.CodeDenied {
			t.Errorf("%s: %v", what, change)
		}
	}
	if err := c.CreateDatabase(ctx, catalog.DatabaseInput{Name: "Loglake"}); loglake.CodeOf(err) != loglake.CodeExists {
		t.Error(err)
	}
}

// TestDatabaseOfThatName opens a catalog whose user had a database of the name before there were system tables.
func TestDatabaseOfThatName(t *testing.T) {
	before, db := open(t, nil)
	ctx := t.Context()
	must(t, before.CreateDatabase(ctx, catalog.DatabaseInput{Name: "loglake"}))
	must(t, before.CreateTable(ctx, "loglake", catalog.TableInput{Name: "zoo", Description: "the user's"}))
	c := catalog.New(catalog.Config{DB: db, Home: home, System: systemOfTwo})
	if zoo, err := c.GetTable(ctx, "loglake", "zoo"); err != nil || zoo.Description != "the user's" {
		t.Errorf("%+v, %v", zoo, err)
	}
	if ant, err := c.GetTable(ctx, "loglake", "ant"); err != nil || ant.TableType != catalog.SystemTable {
		t.Errorf("%+v, %v", ant, err)
	}
	must(t, c.CreateTable(ctx, "loglake", catalog.TableInput{Name: "more"}))
	if list, _, err := c.GetTables(ctx, "loglake", nil, catalog.Page{}); err != nil || len(list) != 2 {
		t.Errorf("%+v, %v", list, err)
	}
	if err := c.DeleteTable(ctx, "loglake", "nosuch"); loglake.CodeOf(err) != loglake.CodeNotFound {
		t.Error(err)
	}
	must(t, c.DeleteDatabase(ctx, "loglake"))
	if zoo, err := c.GetTable(ctx, "loglake", "zoo"); err != nil || zoo.TableType != catalog.SystemTable {
		t.Errorf("after the user's is gone: %+v, %v", zoo, err)
	}
}
