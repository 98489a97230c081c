package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/catalog/ddl"
	"github.com/loglake/loglake/state"
)

var home = loglake.Home{Account: "000000000000", Region: "us-east-1"}

func noon() time.Time { return time.Date(2025, 12, 3, 12, 0, 0, 0, time.UTC) }

// open gives a catalog on a new store, and the store.
func open(t testing.TB, onChange func(database, table string)) (*catalog.Catalog, *state.DB) {
	t.Helper()
	db, err := state.Open(t.Context(), state.Config{Path: filepath.Join(t.TempDir(), "state.db"), Migrations: catalog.Migrations()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return catalog.New(catalog.Config{DB: db, Home: home, Clock: noon, OnChange: onChange}), db
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// want fails the test unless err has the code and the text.
func want(t testing.TB, err error, code loglake.Code, text string) {
	t.Helper()
	var e *loglake.Error
	if !errors.As(err, &e) || e.Code != code || e.Message != text {
		t.Errorf("got %v (%s), want %s (%s)", err, loglake.CodeOf(err), text, code)
	}
}

func logs(name string) catalog.TableInput {
	return catalog.TableInput{
		Name: name, TableType: "EXTERNAL_TABLE",
		PartitionKeys: []catalog.Column{{Name: "dt", Type: "string"}},
		StorageDescriptor: &catalog.StorageDescriptor{
			Columns:  []catalog.Column{{Name: "Level", Type: "string"}, {Name: "status", Type: "int"}},
			Location: "s3://lake/data/", InputFormat: ddl.ParquetInputFormat, OutputFormat: ddl.ParquetOutputFormat,
			SerdeInfo: &catalog.SerDeInfo{SerializationLibrary: ddl.ParquetSerDe},
		},
	}
}

func TestDatabases(t *testing.T) {
	ctx := t.Context()
	c, _ := open(t, nil)
	must(t, c.CreateDefault(ctx))
	must(t, c.CreateDefault(ctx))
	must(t, c.CreateDatabase(ctx, catalog.DatabaseInput{Name: "Logs", Description: "d", Parameters: map[string]string{"K": "V"}}))
	want(t, c.CreateDatabase(ctx, catalog.DatabaseInput{Name: "LOGS"}), loglake.CodeExists, "Database already exists.")
	d, err := c.GetDatabase(ctx, "lOGS")
	must(t, err)
	if d.Name != "logs" || d.Description != "d" || d.Parameters["K"] != "V" || !d.CreateTime.Equal(noon()) || d.CatalogID != home.Account {
		t.Errorf("%+v", d)
	}
	_, err = c.GetDatabase(ctx, "X")
	want(t, err, loglake.CodeNotFound, "Database x not found.")

	must(t, c.UpdateDatabase(ctx, "logs", catalog.DatabaseInput{Name: "logs"}))
	if d, err = c.GetDatabase(ctx, "logs"); err != nil || d.Description != "" || d.Parameters != nil {
		t.Errorf("what the update left out stays: %+v %v", d, err)
	}
	must(t, c.CreateTable(ctx, "logs", logs("a")))
	must(t, c.CreatePartition(ctx, "logs", "a", catalog.PartitionInput{Values: []string{"1"}}))
	want(t, c.UpdateDatabase(ctx, "logs", catalog.DatabaseInput{Name: "default"}), loglake.CodeExists, "Database already exists.")
	must(t, c.UpdateDatabase(ctx, "logs", catalog.DatabaseInput{Name: "moved"}))
	if _, err = c.Table(ctx, "moved", "a"); err != nil {
		t.Error(err)
	}
	if list, err := c.Partitions(ctx, "moved", "a"); err != nil || len(list) != 1 {
		t.Errorf("%v %v", list, err)
	}
	_, err = c.Table(ctx, "logs", "a")
	want(t, err, loglake.CodeNotFound, "Database logs not found.")

	want(t, c.DeleteEmptyDatabase(ctx, "moved"), loglake.CodeConflict, "Database moved is not empty. One or more tables exist.")
	must(t, c.DeleteDatabase(ctx, "moved"))
	_, err = c.Table(ctx, "moved", "a")
	want(t, err, loglake.CodeNotFound, "Database moved not found.")
	must(t, c.DeleteEmptyDatabase(ctx, "default"))
}

func TestDatabasePages(t *testing.T) {
	c, _ := open(t, nil)
	for _, name := range []string{"c", "a", "b"} {
		must(t, c.CreateDatabase(t.Context(), catalog.DatabaseInput{Name: name}))
	}
	var names []string
	page := catalog.Page{Max: 2}
	for {
		list, next, err := c.GetDatabases(t.Context(), page)
		must(t, err)
		for _, d := range list {
			names = append(names, d.Name)
		}
		if names = append(names, "|"); next == "" {
			break
		}
		page.After = next
	}
	if got := strings.Join(names, ""); got != "ab|c|" {
		t.Errorf("got %s", got)
	}
}

func TestTableLife(t *testing.T) {
	ctx := t.Context()
	var changes []string
	c, _ := open(t, func(database, table string) { changes = append(changes, database+"."+table) })
	want(t, c.CreateTable(ctx, "db", logs("T")), loglake.CodeNotFound, "Database db not found.")
	must(t, c.CreateDatabase(ctx, catalog.DatabaseInput{Name: "db"}))
	must(t, c.CreateTable(ctx, "DB", logs("T")))
	want(t, c.CreateTable(ctx, "db", logs("t")), loglake.CodeExists, "Table already exists.")
	got, err := c.Table(ctx, "DB", "T")
	must(t, err)
	wantTable := loglake.Table{
		Database: "db", Name: "t", Version: "0", Type: "EXTERNAL_TABLE",
		Columns:       []loglake.Column{{Name: "level", Type: "string"}, {Name: "status", Type: "int"}},
		PartitionKeys: []loglake.Column{{Name: "dt", Type: "string"}},
		Location:      "s3://lake/data/", InputFormat: ddl.ParquetInputFormat, SerDe: ddl.ParquetSerDe, Parameters: map[string]string{},
	}
	if diff := cmp.Diff(wantTable, got); diff != "" {
		t.Error(diff)
	}

	change := logs("t")
	change.StorageDescriptor.Columns[1].Type = "bigint"
	must(t, c.UpdateTable(ctx, "db", catalog.TableUpdate{Input: change, Archive: catalog.KeepVersion, VersionID: "0"}))
	if got, err = c.Table(ctx, "db", "t"); err != nil || got.Version != "1" || got.Columns[1].Type != "bigint" {
		t.Errorf("after an update: %+v %v", got, err)
	}
	if got, err = c.TableVersion(ctx, "db", "t", "0"); err != nil || got.Version != "0" || got.Columns[1].Type != "int" {
		t.Errorf("the old version: %+v %v", got, err)
	}
	want(t, c.UpdateTable(ctx, "db", catalog.TableUpdate{Input: change, VersionID: "0"}), loglake.CodeConflict,
		"Update table failed due to concurrent modifications.")
	must(t, c.UpdateTable(ctx, "db", catalog.TableUpdate{Input: change, Archive: catalog.SkipArchive}))
	must(t, c.AlterTable(ctx, "db", "t", func(in *catalog.TableInput) error {
		in.Parameters["k"] = "v"
		return nil
	}))
	versions, next, err := c.GetTableVersions(ctx, "db", "t", catalog.Page{Max: 2})
	must(t, err)
	if len(versions) != 2 || versions[0].VersionID != "3" || versions[0].Table.Parameters["k"] != "v" || versions[1].VersionID != "2" || next != "2" {
		t.Errorf("%+v %s", versions, next)
	}
	versions, next, err = c.GetTableVersions(ctx, "db", "t", catalog.Page{Max: 2, After: next})
	if err != nil || len(versions) != 1 || versions[0].VersionID != "0" || next != "" { // 1 was not archived
		t.Errorf("%+v %s %v", versions, next, err)
	}
	_, err = c.TableVersion(ctx, "db", "t", "1")
	want(t, err, loglake.CodeNotFound, "Version not found.")
	failed, err := c.DeleteTableVersions(ctx, "db", "t", []string{"0", "9", "3", "x"})
	must(t, err)
	if failed[0] != nil || loglake.CodeOf(failed[1]) != loglake.CodeNotFound || loglake.CodeOf(failed[2]) != loglake.CodeInvalid || loglake.CodeOf(failed[3]) != loglake.CodeInvalid {
		t.Errorf("%v", failed)
	}

	failed, err = c.DeleteTables(ctx, "db", []string{"T", "u"})
	must(t, err)
	if failed[0] != nil {
		t.Error(failed[0])
	}
	want(t, failed[1], loglake.CodeNotFound, "Table u not found.")
	_, err = c.Table(ctx, "db", "t")
	want(t, err, loglake.CodeNotFound, "Table t not found.")
	if got := strings.Join(changes, " "); got != "db.t db.t db.t db.t db.t" { // created, three changes, deleted
		t.Errorf("changes told: %s", got)
	}
}

// What Table answers from memory is never older than the last change that was answered.
func TestTableCacheIsCoherent(t *testing.T) {
	ctx := t.Context()
	c, _ := open(t, nil)
	must(t, c.CreateDatabase(ctx, catalog.DatabaseInput{Name: "db"}))
	must(t, c.CreateTable(ctx, "db", logs("t")))
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := c.Table(ctx, "db", "t"); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := 1; i <= 20; i++ {
		must(t, c.UpdateTable(ctx, "db", catalog.TableUpdate{Input: logs("t")}))
		if got, err := c.Table(ctx, "db", "t"); err != nil || got.Version != fmt.Sprint(i) {
			t.Errorf("version %s after change %d: %v", got.Version, i, err)
		}
	}
	close(stop)
	readers.Wait()
}

// A change that was rolled back changes nothing, one whose commit was reported failed but happened is seen.
func TestTableAfterFailedCommit(t *testing.T) {
	ctx := t.Context()
	var apply bool
	var fault error
	db, err := state.Open(ctx, state.Config{
		Path: filepath.Join(t.TempDir(), "state.db"), Migrations: catalog.Migrations(),
		Fault: func(string) (bool, error) { return apply, fault },
	})
	must(t, err)
	defer db.Close()
	c := catalog.New(catalog.Config{DB: db, Home: home, Clock: noon})
	must(t, c.CreateDatabase(ctx, catalog.DatabaseInput{Name: "db"}))
	must(t, c.CreateTable(ctx, "db", logs("t")))
	version := func() string {
		got, err := c.Table(ctx, "db", "t")
		must(t, err)
		return got.Version
	}
	version()
	fault = errors.New("power cut")
	for _, apply = range []bool{false, true} {
		if err := c.UpdateTable(ctx, "db", catalog.TableUpdate{Input: logs("t")}); !errors.Is(err, fault) {
			t.Errorf("got %v", err)
		}
		if got, want := version(), map[bool]string{false: "0", true: "1"}[apply]; got != want {
			t.Errorf("version %s after a failure with apply %v, want %s", got, apply, want)
		}
	}
}

func TestGetTables(t *testing.T) {
	ctx := t.Context()
	c, _ := open(t, nil)
	must(t, c.CreateDatabase(ctx, catalog.DatabaseInput{Name: "db"}))
	for _, name := range []string{"b_log", "a_log", "c"} {
		must(t, c.CreateTable(ctx, "db", catalog.TableInput{Name: name}))
	}
	check := func(pattern, want string) {
		t.Helper()
		match, err := catalog.NamePattern(pattern)
		must(t, err)
		list, _, err := c.GetTables(ctx, "db", match, catalog.Page{})
		must(t, err)
		var names []string
		for _, table := range list {
			names = append(names, table.Name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%q: %s, want %s", pattern, got, want)
		}
	}
	check("", "a_log b_log c")
	check(".*", "a_log b_log c")
	check("*", "a_log b_log c")
	check("*LOG*", "a_log b_log")
	check("a.*|c", "a_log c")
	check("a*", "a_log")
	check("[ab]*_log", "a_log b_log")
	check("log", "")
	if _, err := catalog.NamePattern("(a"); loglake.CodeOf(err) != loglake.CodeInvalid {
		t.Errorf("bad pattern: %v", err)
	}
	list, next, err := c.GetTables(ctx, "db", nil, catalog.Page{Max: 2})
	if err != nil || len(list) != 2 || next != "b_log" {
		t.Errorf("%v %s %v", list, next, err)
	}
	_, _, err = c.GetTables(ctx, "x", nil, catalog.Page{})
	want(t, err, loglake.CodeNotFound, "Database x not found.")
}

func TestHiveDefinitions(t *testing.T) {
	ctx := t.Context()
	c, _ := open(t, nil)
	must(t, c.CreateDatabase(ctx, catalog.DatabaseInput{Name: "db"}))
	st, err := ddl.Parse("CREATE EXTERNAL TABLE db.t (`timestamp` TIMESTAMP, path STRING COMMENT 'p') COMMENT 'c' PARTITIONED BY (dt STRING) STORED AS PARQUET LOCATION 's3://b/data/' TBLPROPERTIES ('a'='1')")
	must(t, err)
	body := st.Body.(*ddl.CreateTable)
	must(t, c.CreateTable(ctx, "db", catalog.InputOf(body, noon())))
	table, err := c.GetTable(ctx, "db", "t")
	must(t, err)
	if diff := cmp.Diff(map[string]string{"EXTERNAL": "TRUE", "a": "1", "comment": "c", "transient_lastDdlTime": "1764763200"}, table.Parameters); diff != "" {
		t.Error(diff)
	}
	if sd := table.StorageDescriptor; sd.NumberOfBuckets != -1 || sd.SerdeInfo.Parameters["serialization.format"] != "1" || table.Owner != "hadoop" || table.Description != "c" {
		t.Errorf("%+v", table)
	}
	again, err := ddl.Parse(catalog.StatementOf(table).String())
	must(t, err)
	got := again.Body.(*ddl.CreateTable)
	delete(got.Properties, "transient_lastDdlTime")
	if diff := cmp.Diff(body, got); diff != "" {
		t.Errorf("SHOW CREATE TABLE: %s", diff)
	}
}

func BenchmarkTable(b *testing.B) {
	c, _ := open(b, nil)
	must(b, c.CreateDatabase(b.Context(), catalog.DatabaseInput{Name: "db"}))
	must(b, c.CreateTable(b.Context(), "db", logs("t")))
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Table(ctx, "db", "t"); err != nil {
			b.Fatal(err)
		}
	}
}
