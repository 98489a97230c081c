package query_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/query"
)

// projected is a table over the lake's data whose partitions are computed, without one in the catalog.
func projected(properties string) string {
	return strings.TrimSuffix(eventsDDL, " ") + ` TBLPROPERTIES ('projection.enabled'='true', ` + properties + `)`
}

const daysOf2025 = `'projection.dt.type'='date', 'projection.dt.format'='yyyy-MM-dd', 'projection.dt.range'='2025-01-01,NOW'`

func TestProjectedPartitions(t *testing.T) {
	l := newLake(t, nil)
	l.startPosition()
	l.rows(projected(daysOf2025))
	l.commit(day(1), events(100, 10))
	l.put(day(2)+"part-0001.parquet", parquetOf(l, events(200, 5)))
	l.put("data/dt=2024-12-31/part-0001.parquet", parquetOf(l, events(300, 3)))
	l.put("data/dt=soon/part-0001.parquet", parquetOf(l, events(300, 3)))
	l.addHot(day(3), 10, events(400, 7))
	l.addHot("data/dt=2024-12-30/", 17, events(500, 2))
	want := []string{"2025-01-01|10|100", "2025-01-02|5|200", "2025-01-03|7|400"}
	if got := l.rows("SELECT dt, count(*), min(status_code) FROM events GROUP BY dt ORDER BY dt"); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v: in the range and nothing else", got, want)
	}
	x := l.run("SELECT count(*) FROM events WHERE dt = '2025-01-02'")
	if page := l.page(x); !slices.Equal(page, []string{"_col0", "5"}) || x.Statistics.ScannedFiles != 1 {
		t.Errorf("one day: %v, %d files", page, x.Statistics.ScannedFiles)
	}
	if got := l.rows("SELECT count(*) FROM events WHERE dt = '2019-01-01'"); !slices.Equal(got, []string{"0"}) {
		t.Errorf("a day before the range has %v", got)
	}
}

func TestProjectionOfEachType(t *testing.T) {
	now := time.Date(2025, 3, 1, 23, 30, 0, 0, time.UTC)
	l := newLake(t, func(c *query.Config) { c.Clock = loglake.Clock(func() time.Time { return now }) })
	f := func(folders, properties, want string) {
		t.Helper()
		for i, folder := range strings.Fields(folders) {
			l.put("data/"+folder+"/f.parquet", parquetOf(l, events(i, 1)))
		}
		l.rows(projected(properties))
		defer l.rows("DROP TABLE events")
		if got := strings.Join(l.rows("SELECT DISTINCT dt FROM events ORDER BY 1"), " "); got != want {
			t.Errorf("%s: got %q, want %q", properties, got, want)
		}
	}
	f("dt=a dt=b dt=c", `'projection.dt.type'='enum', 'projection.dt.values'='a,c,d'`, "a c")
	f("dt=08 dt=9 dt=09 dt=12", `'projection.dt.type'='integer', 'projection.dt.range'='0,12', 'projection.dt.digits'='2'`, "08 09 12")
	f("dt=-4 dt=-3 dt=0", `'projection.dt.type'='integer', 'projection.dt.range'='-4,10', 'projection.dt.interval'='4'`, "-4 0")
	f("dt=2025-03 dt=2025-02 dt=2025-01", `'projection.dt.type'='date', 'projection.dt.format'='yyyy-MM', 'projection.dt.range'='NOW - 1 MONTH, NOW'`, "2025-02 2025-03")
	f("dt=2025-03-02 dt=2025-03-01", `'projection.dt.type'='DATE', 'projection.dt.format'='yyyy-MM-dd', 'projection.dt.range'='2025-03-01,NOW+1DAY'`, "2025-03-01 2025-03-02")
	f("20250301T22 20250301T20 20250301T21", `'projection.dt.type'='date', 'projection.dt.format'='yyyyMMdd''T''HH', 'projection.dt.range'='20250301T20,NOW',
		'projection.dt.interval'='2', 'projection.dt.interval.unit'='hours', 'storage.location.template'='s3://my-bucket/data/${dt}'`, "20250301T20 20250301T22")
}

// A value that the properties give many times is one partition, whose rows are there once.
func TestProjectedValuesThatComeAgain(t *testing.T) {
	l := newLake(t, nil)
	l.put("data/dt=2025/f.parquet", parquetOf(l, events(0, 3)))
	for _, properties := range []string{
		`'projection.dt.type'='enum', 'projection.dt.values'='2025,2024,2025'`,
		`'projection.dt.type'='date', 'projection.dt.format'='yyyy', 'projection.dt.range'='2025,2026', 'projection.dt.interval.unit'='DAYS'`,
	} {
		l.rows(projected(properties))
		if got := l.rows("SELECT dt, count(*) FROM events GROUP BY dt"); !slices.Equal(got, []string{"2025|3"}) {
			t.Errorf("%s: %v", properties, got)
		}
		l.rows("DROP TABLE events")
	}
}

func TestRefusedProjections(t *testing.T) {
	l := newLake(t, nil)
	f := func(properties, want string) {
		t.Helper()
		l.rows(projected(properties))
		defer l.rows("DROP TABLE events")
		if x := l.run("SELECT * FROM events"); x.State != query.Failed || !strings.HasPrefix(x.Reason, want) {
			t.Errorf("%s: %s %s\nwant %s", properties, x.State, x.Reason, want)
		}
	}
	failed := "HIVE_METASTORE_ERROR: Column projection for column 'dt' failed. Property: 'projection.dt."
	date := `'projection.dt.type'='date', 'projection.dt.format'='yyyy-MM-dd', `
	f(`'a'='b'`, "HIVE_METASTORE_ERROR: Table default.events is configured for partition projection, but the following partition columns are missing projection configuration: [dt]")
	f(`'projection.dt.type'='injected'`, "NOT_SUPPORTED: column projection for column 'dt': the type injected is not supported by this server")
	f(`'projection.dt.type'='enum'`, failed+"values'")
	f(`'projection.dt.type'='integer', 'projection.dt.range'='5,1'`, failed+"range'")
	f(`'projection.dt.type'='integer', 'projection.dt.range'='0,9223372036854775807'`, failed+"range' stands for more than 1000000 values")
	f(`'projection.dt.type'='integer', 'projection.dt.range'='0,1', 'projection.dt.digits'='x'`, failed+"digits'")
	f(date+`'projection.dt.range'='2025-01-01'`, failed+"range'")
	f(date+`'projection.dt.range'='0001-01-01,9999-12-31'`, failed+"range' stands for more than 1000000 values")
	f(date+`'projection.dt.range'='2025-01-01,TOMORROW'`, failed+"range' has to be in the format, or NOW")
	f(date+`'projection.dt.range'='2025-01-01,NOW', 'projection.dt.interval'='0'`, failed+"interval'")
	f(date+`'projection.dt.range'='2025-01-01,NOW', 'projection.dt.interval.unit'='millis'`, failed+"interval.unit'")
	f(`'projection.dt.type'='date', 'projection.dt.format'='yyyy-MM-dd HH', 'projection.dt.range'='2025-01-01 00,NOW'`, failed+"interval.unit' has to be given")
	f(`'projection.dt.type'='date', 'projection.dt.format'='EEE', 'projection.dt.range'='NOW,NOW'`, failed+"format'")
	f(daysOf2025+`, 'storage.location.template'='s3://my-bucket/data/'`, "HIVE_METASTORE_ERROR: Partition projection location template: s3://my-bucket/data/ is missing partition column: 'dt' placeholder")
}

func TestManyProjectedPartitions(t *testing.T) {
	l := newLake(t, nil)
	l.rows(projected(`'projection.dt.type'='integer', 'projection.dt.range'='0,5000'`))
	for i := range 20 {
		l.put(fmt.Sprintf("data/dt=%d/f.parquet", i*250), parquetOf(l, events(i, 1)))
	}
	began := time.Now()
	if got := l.rows("SELECT count(*), max(status_code) FROM events"); !slices.Equal(got, []string{"20|19"}) {
		t.Errorf("got %v", got)
	}
	t.Logf("5,001 partitions, 20 with files: %v", time.Since(began))
}

// The limit is one of the partitions, whichever keys they are by.
func TestProjectedPartitionsMax(t *testing.T) {
	for last, want := range map[string]int{"999": 1_000_000, "1000": 0} {
		table := loglake.Table{Database: "d", Name: "t", Location: "s3://b/t/", PartitionKeys: []loglake.Column{{Name: "a", Type: "int"}, {Name: "b", Type: "int"}},
			Parameters: map[string]string{"projection.enabled": "true", "projection.a.type": "integer", "projection.a.range": "0,999",
				"projection.b.type": "integer", "projection.b.range": "0," + last}}
		prefixes, err := query.Project(table, time.Time{})
		if len(prefixes) != want || (err == nil) != (want > 0) {
			t.Errorf("1,000 values and 0 to %s: %d partitions, %v", last, len(prefixes), err)
		}
	}
}

// Whatever the properties are, computing the partitions ends, within the limit, and each value fits its folder.
func FuzzProjection(f *testing.F) {
	f.Add("date", "yyyy-MM-dd", "2025-01-01,NOW", "1", "DAYS")
	f.Add("date", "yyyy", "0000,9999", "999999999", "YEARS")
	f.Add("integer", "3", "-9223372036854775808,9223372036854775807", "9223372036854775807", "")
	f.Add("enum", "a,,b/=", "", "", "")
	f.Fuzz(func(t *testing.T, kind, format, bounds, interval, unit string) {
		table := loglake.Table{Database: "d", Name: "t", Location: "s3://b/t/", PartitionKeys: []loglake.Column{{Name: "k", Type: "string"}},
			Parameters: map[string]string{"projection.enabled": "true", "projection.k.type": kind, "projection.k.format": format, "projection.k.digits": format,
				"projection.k.values": format, "projection.k.range": bounds, "projection.k.interval": interval, "projection.k.interval.unit": unit}}
		prefixes, err := query.Project(table, time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC))
		if err != nil {
			return
		}
		for _, prefix := range prefixes {
			if !strings.HasPrefix(prefix, "t/k=") || !strings.HasSuffix(prefix, "/") {
				t.Fatalf("%q is no folder of the table", prefix)
			}
		}
	})
}
