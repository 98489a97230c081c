package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/delivery"
	"github.com/loglake/loglake/query/engine"
	"github.com/loglake/loglake/server"
)

// lateDays are how many days the rows of lateRows lie on; of each, as many have no time.
const lateDays = 4

// dayOf gives the partition of number n; "": by arrival, it has no time.
func dayOf(n int64) string {
	if n%(lateDays+1) == lateDays {
		return ""
	}
	return time.Date(2015, 5, 17+int(n%(lateDays+1)), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

// lateRows is a stream that finds the folders of its rows by their own time: several days of long ago in turn, two
// hours of each, by the hour below the day, which is all that the table knows of.
func lateRows() watched {
	return watched{
		stream: "days", queries: 5,
		setUp: func(ctx context.Context, t *testing.T, r *running) error {
			if err := r.Catalog.CreateTable(ctx, "default", lateTable(t)); err != nil {
				return err
			}
			d := destination(t, `{"Prefix":"late/dt=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/","DataFormatConversionConfiguration":{"SchemaConfiguration":{"TableName":"late"}}}`)
			_, err := r.Streams.Create(ctx, "days", d, map[string]string{delivery.PartitionTag: "at"})
			return err
		},
		record: func(n int64) []byte {
			if dayOf(n) == "" {
				return fmt.Appendf(nil, `{"id":"%d","n":%d}`, n, n)
			}
			return fmt.Appendf(nil, `{"id":"%d","n":%d,"at":"%sT%02d:00:00Z"}`, n, n, dayOf(n), 10+n/20%2)
		},
		look: lookByDay,
	}
}

func lateTable(t *testing.T) (table catalog.TableInput) {
	t.Helper()
	err := json.Unmarshal([]byte(`{"Name":"late","TableType":"EXTERNAL_TABLE","PartitionKeys":[{"Name":"dt","Type":"string"}],"StorageDescriptor":{
		"Location":"s3://my-bucket/late/","InputFormat":"org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
		"Columns":[{"Name":"id","Type":"string"},{"Name":"n","Type":"int"},{"Name":"at","Type":"timestamp"}]}}`), &table)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// daySum is what a query sees of a partition.
type daySum struct{ rows, sum int64 }

// daySums gives what there is of the numbers from 1 to n in each partition.
func daySums(n int64) map[string]daySum {
	want := map[string]daySum{}
	for i := int64(1); i <= n; i++ {
		s := want[dayOf(i)]
		want[dayOf(i)] = daySum{s.rows + 1, s.sum + i}
	}
	return want
}

// lookByDay holds a query over all partitions, and then one over a partition alone, against the numbers put.
func lookByDay(ctx context.Context, t *testing.T, r *running, begun, acked *atomic.Int64) bool {
	least := acked.Load()
	rows, ok := rowsOf(ctx, t, r, "SELECT dt, count(*), sum(n), coalesce(min(cast(at AS date)) = date(dt) AND max(cast(at AS date)) = date(dt), true) FROM late GROUP BY dt")
	if !ok {
		return false
	}
	most := begun.Load()
	got, n := map[string]daySum{}, int64(0)
	for _, row := range rows {
		var s daySum
		var right bool
		if _, err := fmt.Sscan(*row[1]+" "+*row[2]+" "+*row[3], &s.rows, &s.sum, &right); err != nil {
			t.Error(err)
			return false
		}
		if !right {
			t.Errorf("rows of another day lie in dt=%s", *row[0])
			return false
		}
		day := *row[0]
		if day > "2016" { // by arrival
			day = ""
		}
		got[day] = daySum{got[day].rows + s.rows, got[day].sum + s.sum}
		n += s.rows
	}
	want := daySums(n)
	for day := range want {
		if got[day] != want[day] || n < least || n > most {
			t.Errorf("a query saw %d rows, %v in dt=%s; want at least %d, at most %d, each once, and %v there", n, got[day], day, least, most, want[day])
			return false
		}
	}
	return lookAtADay(ctx, t, r, begun, acked)
}

// lookAtADay asks for a partition alone.
func lookAtADay(ctx context.Context, t *testing.T, r *running, begun, acked *atomic.Int64) bool {
	least := acked.Load()
	day := dayOf(0)
	rows, ok := rowsOf(ctx, t, r, "SELECT count(*), coalesce(sum(n), 0) FROM late WHERE dt = '"+day+"'")
	if !ok {
		return false
	}
	var got daySum
	if _, err := fmt.Sscan(*rows[0][0]+" "+*rows[0][1], &got.rows, &got.sum); err != nil {
		t.Error(err)
		return false
	}
	last := got.rows * (lateDays + 1) // the last number of that day
	if got.rows < daySums(least)[day].rows || got.rows > daySums(begun.Load())[day].rows || got != daySums(last)[day] {
		t.Errorf("a query saw %v in dt=%s, with at least %d numbers there", got, day, least)
		return false
	}
	return true
}

// Events of long ago are found by their day while they are hot and after, and a query for it reads nothing else.
func TestLateEventsByDay(t *testing.T) {
	if !engine.Built {
		t.Skip("this build has no SQL engine")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r, err := run(ctx, server.Config{Dir: t.TempDir(), Home: home})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.close(); err != nil {
			t.Error(err)
		}
	}()
	late := lateRows()
	if err := (&client{t: t}).setUp(ctx, r); err != nil {
		t.Fatal(err)
	}
	if err := late.setUp(ctx, t, r); err != nil {
		t.Fatal(err)
	}
	var records [][]byte
	for n := range int64(100) {
		records = append(records, late.record(n+1))
	}
	if _, err := r.Streams.Put(ctx, late.stream, "", records); err != nil {
		t.Fatal(err)
	}
	var numbers atomic.Int64
	numbers.Store(100)
	for range 2 {
		if !lookByDay(ctx, t, r, &numbers, &numbers) {
			return
		}
		if rows, ok := rowsOf(ctx, t, r, "SELECT count(*) FROM late WHERE dt = '2015-05-16'"); !ok || *rows[0][0] != "0" {
			t.Error("there are rows of a day that has none")
		}
		keys, err := r.Streams.Flush(ctx, late.stream)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d objects", len(keys))
	}
	if report, err := r.Check(ctx); err != nil || len(report.Problems) > 0 {
		t.Errorf("check: %+v, %v", report, err)
	}
}
