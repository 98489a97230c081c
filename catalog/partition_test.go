package catalog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/state"
)

// twoKeys gives a catalog with table db.t, partitioned by dt and h.
func twoKeys(t *testing.T) (*catalog.Catalog, *state.DB) {
	c, db := open(t, nil)
	must(t, c.CreateDatabase(t.Context(), catalog.DatabaseInput{Name: "db"}))
	in := logs("t")
	in.PartitionKeys = []catalog.Column{{Name: "dt", Type: "date"}, {Name: "h", Type: "int"}}
	must(t, c.CreateTable(t.Context(), "db", in))
	return c, db
}

func partitionOf(values ...string) catalog.PartitionInput {
	return catalog.PartitionInput{Values: values}
}

func valuesOf(list []loglake.Partition) string {
	var texts []string
	for _, p := range list {
		texts = append(texts, strings.Join(p.Values, "/"))
	}
	return strings.Join(texts, " ")
}

func TestPartitionLife(t *testing.T) {
	ctx := t.Context()
	c, _ := twoKeys(t)
	want(t, c.CreatePartition(ctx, "db", "x", partitionOf("1")), loglake.CodeNotFound, "Table x not found.")
	want(t, c.CreatePartition(ctx, "db", "t", partitionOf("1")), loglake.CodeInvalid, "The number of partition keys do not match the number of partition values")
	failed, err := c.CreatePartitions(ctx, "DB", "T", []catalog.PartitionInput{
		partitionOf("2025-01-02", "1"), partitionOf("2025-01-01", "2"), partitionOf("2025-01-02", "1")})
	must(t, err)
	if failed[0] != nil || failed[1] != nil {
		t.Error(failed)
	}
	want(t, failed[2], loglake.CodeExists, "Partition already exists.")

	p, err := c.GetPartition(ctx, "db", "t", []string{"2025-01-02", "1"})
	if err != nil || p.TableName != "t" || p.DatabaseName != "db" || !p.CreationTime.Equal(noon()) || p.StorageDescriptor != nil {
		t.Errorf("%+v %v", p, err)
	}
	_, err = c.GetPartition(ctx, "db", "t", []string{"2025-01-03", "1"})
	want(t, err, loglake.CodeNotFound, "Cannot find partition.")
	list, err := c.Partitions(ctx, "db", "t")
	must(t, err)
	if diff := cmp.Diff([]loglake.Partition{
		{Values: []string{"2025-01-01", "2"}, Location: "s3://lake/data/dt=2025-01-01/h=2/"},
		{Values: []string{"2025-01-02", "1"}, Location: "s3://lake/data/dt=2025-01-02/h=1/"},
	}, list); diff != "" {
		t.Error(diff)
	}
	list, err = c.PartitionsMatching(ctx, "db", "t", "h > 1 AND dt < '2026-01-01'")
	if err != nil || valuesOf(list) != "2025-01-01/2" {
		t.Errorf("%v %v", list, err)
	}

	change := partitionOf("2025-01-02", "1")
	change.StorageDescriptor = &catalog.StorageDescriptor{Location: "s3://other/place/"}
	must(t, c.UpdatePartition(ctx, "db", "t", catalog.PartitionUpdate{Values: change.Values, Input: change}))
	renamed := change
	renamed.Values = []string{"2025-01-05", "9"}
	must(t, c.UpdatePartition(ctx, "db", "t", catalog.PartitionUpdate{Values: change.Values, Input: renamed}))
	want(t, c.UpdatePartition(ctx, "db", "t", catalog.PartitionUpdate{Values: change.Values, Input: change}), loglake.CodeNotFound, "Cannot find partition.")
	want(t, c.UpdatePartition(ctx, "db", "t", catalog.PartitionUpdate{Values: renamed.Values, Input: partitionOf("2025-01-01", "2")}), loglake.CodeExists, "Partition already exists.")
	list, err = c.Partitions(ctx, "db", "t")
	if err != nil || valuesOf(list) != "2025-01-01/2 2025-01-05/9" || list[1].Location != "s3://other/place/" {
		t.Errorf("%v %v", list, err)
	}
	must(t, c.DeletePartition(ctx, "db", "t", renamed.Values))
	want(t, c.DeletePartition(ctx, "db", "t", renamed.Values), loglake.CodeNotFound, "Cannot find partition.")
}

func TestPartitionPagesAndSegments(t *testing.T) {
	ctx := t.Context()
	c, _ := twoKeys(t)
	var inputs []catalog.PartitionInput
	for i := range 25 {
		inputs = append(inputs, partitionOf(fmt.Sprintf("2025-01-%02d", i+1), fmt.Sprint(i%3)))
	}
	_, err := c.CreatePartitions(ctx, "db", "t", inputs)
	must(t, err)
	all := func(q catalog.PartitionQuery) (days []string) {
		for {
			list, next, err := c.GetPartitions(ctx, "db", "t", q)
			must(t, err)
			for _, p := range list {
				days = append(days, p.Values[0])
			}
			if next == "" {
				return days
			}
			if len(list) != q.Page.Max {
				t.Errorf("a page of %d that is not the last", len(list))
			}
			q.Page.After = next
		}
	}
	if days := all(catalog.PartitionQuery{Page: catalog.Page{Max: 4}}); len(days) != 25 || !slices.IsSorted(days) {
		t.Errorf("%v", days)
	}
	if days := all(catalog.PartitionQuery{Expression: "h = 1", Page: catalog.Page{Max: 3}}); len(days) != 8 {
		t.Errorf("%v", days)
	}
	var together []string
	for segment := range 3 {
		days := all(catalog.PartitionQuery{Segment: segment, Segments: 3, Page: catalog.Page{Max: 2}})
		if len(days) == 0 || len(days) == 25 {
			t.Errorf("segment %d has %d partitions", segment, len(days))
		}
		together = append(together, days...)
	}
	slices.Sort(together)
	if len(together) != 25 || len(slices.Compact(together)) != 25 {
		t.Errorf("the segments together: %v", together)
	}
	_, _, err = c.GetPartitions(ctx, "db", "t", catalog.PartitionQuery{Segment: 3, Segments: 3})
	if loglake.CodeOf(err) != loglake.CodeInvalid {
		t.Errorf("segment out of range: %v", err)
	}
}

// Values may hold any characters, those that separate them in the store too, and are listed in the order of the lists.
func TestPartitionValuesOfAnyKind(t *testing.T) {
	ctx := t.Context()
	c, _ := open(t, nil)
	must(t, c.CreateDatabase(ctx, catalog.DatabaseInput{Name: "db"}))
	in := logs("t")
	in.PartitionKeys = []catalog.Column{{Name: "a", Type: "string"}, {Name: "b", Type: "string"}}
	must(t, c.CreateTable(ctx, "db", in))
	lists := [][]string{{"a", "b"}, {"a\x01", "b"}, {"a\x01b", "c"}, {"a\x02", "b"}, {"a\x02\x03", "b"}, {"a ", "a"}, {"a/b=c", "é"}, {"aa", "\x01"}}
	for _, values := range lists {
		must(t, c.CreatePartition(ctx, "db", "t", partitionOf(values...)))
	}
	got, err := c.Partitions(ctx, "db", "t")
	must(t, err)
	var order [][]string
	for _, p := range got {
		order = append(order, p.Values)
	}
	if diff := cmp.Diff(lists, order); diff != "" {
		t.Error(diff)
	}
}

func TestRegisterPartitions(t *testing.T) {
	ctx := t.Context()
	c, db := twoKeys(t)
	one := logs("one") // partitioned by dt alone, at the same place
	must(t, c.CreateTable(ctx, "db", one))
	below := logs("below")
	below.StorageDescriptor.Location = "s3://lake/data/dt=2025-01-01"
	below.PartitionKeys = []catalog.Column{{Name: "h", Type: "int"}}
	must(t, c.CreateTable(ctx, "db", below))
	flat := logs("flat")
	flat.PartitionKeys = nil
	must(t, c.CreateTable(ctx, "db", flat))
	elsewhere := logs("elsewhere")
	elsewhere.StorageDescriptor.Location = "s3://lake/dat"
	must(t, c.CreateTable(ctx, "db", elsewhere))
	register := func(keys ...string) {
		t.Helper()
		must(t, db.Update(ctx, "test", func(tx *state.Tx) error {
			return catalog.RegisterPartitions(tx, home, loglake.At(noon()), "lake", keys)
		}))
	}
	check := func(table, values string) []loglake.Partition {
		t.Helper()
		list, err := c.Partitions(ctx, "db", table)
		if err != nil || valuesOf(list) != values {
			t.Errorf("%s: %v %v, want %s", table, list, err, values)
		}
		return list
	}
	register("data/dt=2025-01-01/h=5/a.parquet", "data/dt=2025-01-01/h=5/b.parquet", "data/dt=2025-01-02/c.parquet", "top.parquet", "data/x/y", "data/dt=/z")
	check("t", "2025-01-01/5")
	check("one", "2025-01-01 2025-01-02")
	list := check("below", "5")
	if list[0].Location != "s3://lake/data/dt=2025-01-01/h=5/" {
		t.Errorf("location %s", list[0].Location)
	}
	check("flat", "")
	check("elsewhere", "")

	// A partition that is there keeps its definition; a new one takes that of the table and the directory it was found in.
	moved := partitionOf("2025-01-03")
	moved.Parameters = map[string]string{"kept": "yes"}
	must(t, c.CreatePartition(ctx, "db", "one", moved))
	register("data/dt=2025-01-03/a", "data/sub/dt=a%3Ab/more/a")
	p, err := c.GetPartition(ctx, "db", "one", []string{"2025-01-03"})
	if err != nil || p.Parameters["kept"] != "yes" {
		t.Errorf("%+v %v", p, err)
	}
	p, err = c.GetPartition(ctx, "db", "one", []string{"a:b"})
	if err != nil || p.StorageDescriptor.Location != "s3://lake/data/sub/dt=a%3Ab/" || len(p.StorageDescriptor.Columns) != 2 {
		t.Errorf("%+v %v", p, err)
	}
}

func TestIndexesStatisticsTags(t *testing.T) {
	ctx := t.Context()
	c, _ := twoKeys(t)
	must(t, c.CreatePartitionIndex(ctx, "db", "t", catalog.PartitionIndex{IndexName: "i", Keys: []string{"DT"}}))
	if err := c.CreatePartitionIndex(ctx, "db", "t", catalog.PartitionIndex{IndexName: "i", Keys: []string{"h"}}); loglake.CodeOf(err) != loglake.CodeExists {
		t.Error(err)
	}
	if err := c.CreatePartitionIndex(ctx, "db", "t", catalog.PartitionIndex{IndexName: "j", Keys: []string{"level"}}); loglake.CodeOf(err) != loglake.CodeInvalid {
		t.Error(err)
	}
	_, indexes, err := c.GetPartitionIndexes(ctx, "db", "t")
	if diff := cmp.Diff([]catalog.PartitionIndex{{IndexName: "i", Keys: []string{"dt"}}}, indexes); diff != "" || err != nil {
		t.Error(diff, err)
	}
	must(t, c.DeletePartitionIndex(ctx, "db", "t", "i"))

	owner := catalog.StatisticsOwner{Database: "db", Table: "t"}
	s := catalog.ColumnStatistics{ColumnName: "status", ColumnType: "int", StatisticsData: []byte(`{"Type":"LONG"}`)}
	must(t, c.UpdateColumnStatistics(ctx, owner, []catalog.ColumnStatistics{s, s}))
	list, missing, err := c.GetColumnStatistics(ctx, owner, []string{"level", "Status"})
	if err != nil || len(list) != 1 || string(list[0].StatisticsData) != `{"Type":"LONG"}` || !slices.Equal(missing, []string{"level"}) {
		t.Errorf("%+v %v %v", list, missing, err)
	}
	of := owner
	of.Values = []string{"2025-01-01", "1"}
	want(t, c.UpdateColumnStatistics(ctx, of, nil), loglake.CodeNotFound, "Cannot find partition.")
	in := logs("t")
	in.StorageDescriptor.Columns = in.StorageDescriptor.Columns[:1]
	must(t, c.UpdateTable(ctx, "db", catalog.TableUpdate{Input: in})) // the column goes, its statistics with it
	if list, _, err = c.GetColumnStatistics(ctx, owner, []string{"status"}); err != nil || len(list) != 0 {
		t.Errorf("%+v %v", list, err)
	}

	arn := home.ARN("glue", "table/db/t")
	must(t, c.Tag(ctx, arn, map[string]string{"a": "1", "b": "2"}))
	must(t, c.Untag(ctx, arn, []string{"a", "x"}))
	tags, err := c.Tags(ctx, arn)
	if diff := cmp.Diff(map[string]string{"b": "2"}, tags); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if tags, err = c.Tags(ctx, "arn:aws:glue:us-east-1::table/db/t"); err != nil || tags["b"] != "2" {
		t.Errorf("an ARN without an account: %v %v", tags, err)
	}
	for _, arn := range []string{home.ARN("glue", "table/db/x"), home.ARN("s3", "catalog"), "x"} {
		if _, err := c.Tags(ctx, arn); loglake.CodeOf(err) != loglake.CodeNotFound {
			t.Errorf("%s: %v", arn, err)
		}
	}
}
