package delivery_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/convert"
	"github.com/loglake/loglake/delivery"
	"github.com/loglake/loglake/layout"
)

var splitSchema = loglake.Schema{Database: "d", Table: "t", Columns: []loglake.Column{{Name: "at", Type: "timestamp"}, {Name: "n", Type: "bigint"}}}

func splitDestination(tb testing.TB, prefix, zone string) (d delivery.Destination) {
	tb.Helper()
	text := fmt.Sprintf(`{"Prefix":%q,"CustomTimeZone":%q,"DataFormatConversionConfiguration":{}}`, prefix, zone)
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		tb.Fatal(err)
	}
	return d
}

// chunkOf converts rows at the given times, in microseconds; every seventh but the first has none where some is set.
func chunkOf(tb testing.TB, times []int64, some bool) *convert.Chunk {
	tb.Helper()
	c, err := convert.New(convert.Config{Schema: splitSchema})
	if err != nil {
		tb.Fatal(err)
	}
	b := c.NewChunk()
	for n, at := range times {
		record := fmt.Sprintf(`{"n":%d,"at":%q}`, n, time.UnixMicro(at).UTC().Format("2006-01-02T15:04:05.000000Z"))
		if some && n%7 == 6 {
			record = fmt.Sprintf(`{"n":%d}`, n)
		}
		if _, reject := b.Add([]byte(record)); reject != nil {
			tb.Fatal(reject)
		}
	}
	return b.Finish()
}

// Every row of a chunk is in one piece, which is that of its own time, whatever the zone, the unit of the prefix, and the
// order of the rows.
func TestSplit(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	for _, zone := range []string{"UTC", "Asia/Seoul", "Asia/Kathmandu", "Europe/Berlin", "Australia/Lord_Howe", "America/New_York"} {
		for _, prefix := range []string{"dt=!{timestamp:yyyy-MM-dd}/", "!{timestamp:yyyy/MM/dd/HH}/", "!{timestamp:E}/", "!{timestamp:HHmm}/", "plain/"} {
			d := splitDestination(t, prefix, zone)
			split, err := delivery.Splitter(d, "AT", splitSchema)
			if err != nil {
				t.Fatal(err)
			}
			// About the changes of the clocks of 2024, some of them close together, some far apart.
			times := make([]int64, 3000)
			at := time.Date(2024, 3, 20, 0, 0, 0, 0, time.UTC).UnixMicro()
			for i := range times {
				if at += r.Int64N(20 * 60e6); r.IntN(50) == 0 {
					at += r.Int64N(300*86400e6) - 150*86400e6
				}
				times[i] = at
			}
			holdSplit(t, d, zone, times, split(chunkOf(t, times, true)))
		}
	}
}

func holdSplit(t *testing.T, d delivery.Destination, zone string, times []int64, parts []delivery.Part) {
	t.Helper()
	p, err := layout.ParsePrefix(*d.Prefix)
	if err != nil {
		t.Fatal(err)
	}
	in, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	want := map[int64]int{} // rows by time
	for n, at := range times {
		if n%7 != 6 {
			want[at]++
		}
	}
	type place struct {
		folder string
		beyond bool
	}
	folders, nulls := map[place]int{}, 0
	for _, part := range parts {
		folders[place{part.Folder, part.Beyond}]++
	}
	full := len(folders) == delivery.PartitionsMax+2 // with those that have no time, and those beyond
	if len(folders) > delivery.PartitionsMax+2 {
		t.Errorf("%s in %s: %d folders", *d.Prefix, zone, len(folders))
	}
	for _, part := range parts {
		if at := (place{part.Folder, part.Beyond}); folders[at] != 1 || part.Beyond && !full {
			t.Errorf("%s in %s: %d pieces of %v, of %d", *d.Prefix, zone, folders[at], at, len(folders))
		}
		column, _ := part.Rows.Times("at")
		for row := range part.Rows.Rows() {
			at, ok := column.At(row)
			if !ok && part.Folder == "" && !part.Beyond {
				nulls++
				continue
			}
			want[at]--
			if folder := layout.DeliveryPrefix(p, layout.Values{Instant: time.UnixMicro(at), Zone: in}); !ok || folder != part.Folder && !part.Beyond {
				t.Errorf("%s in %s: a row of %v is in %q, want %q", *d.Prefix, zone, time.UnixMicro(at).UTC(), part.Folder, folder)
				return
			}
		}
	}
	for at, n := range want {
		if n != 0 {
			t.Errorf("%s in %s: %d rows too few at %v", *d.Prefix, zone, n, time.UnixMicro(at).UTC())
			return
		}
	}
	if nulls != len(times)/7 {
		t.Errorf("%s in %s: %d rows without a time", *d.Prefix, zone, nulls)
	}
}

// BenchmarkSplit is what finding the folders of a full chunk costs, by how its rows lie.
func BenchmarkSplit(b *testing.B) {
	const rows = convert.ChunkRowsMax
	first := time.Date(2015, 5, 17, 10, 0, 0, 0, time.UTC).UnixMicro()
	for _, c := range []struct {
		name string
		step int64 // days from row to row, over four
	}{{"one day", 0}, {"four days in turn", 1}} {
		b.Run(c.name, func(b *testing.B) {
			split, err := delivery.Splitter(splitDestination(b, "data/dt=!{timestamp:yyyy-MM-dd}/", "Asia/Seoul"), "at", splitSchema)
			if err != nil {
				b.Fatal(err)
			}
			times := make([]int64, rows)
			for i := range times {
				times[i] = first + int64(i)*1000 + int64(i)*c.step%4*86400e6
			}
			chunk := chunkOf(b, times, false)
			for b.Loop() {
				split(chunk)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
		})
	}
}
