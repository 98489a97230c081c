package delivery_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/delivery"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/layout"
)

// partitioned makes a stream whose rows find their folder by a column.
func (l *lake) partitioned(name loglake.StreamName, column, over string) {
	l.t.Helper()
	if _, err := l.streams.Create(l.t.Context(), name, l.destination(over), map[string]string{delivery.PartitionTag: column}); err != nil {
		l.t.Fatal(err)
	}
}

func eventAt(id, at string) string { return fmt.Sprintf(`{"timestamp":%q,"id":%q,"n":1}`, at, id) }

// folders gives the ids of the rows in Parquet objects by folder, sorted.
func (l *lake) folders(prefix string) map[string]string {
	l.t.Helper()
	ids := map[string][]string{}
	for _, k := range l.keys(prefix) {
		folder := k.Key[:strings.LastIndex(k.Key, "/")+1]
		ids[folder] = append(ids[folder], l.ids(k)...)
	}
	texts := map[string]string{}
	for folder, list := range ids {
		slices.Sort(list)
		texts[folder] = strings.Join(list, " ")
	}
	return texts
}

func (l *lake) wantFolders(what string, want map[string]string) {
	l.t.Helper()
	if diff := cmp.Diff(want, l.folders("data/")); diff != "" {
		l.t.Errorf("%s: %s", what, diff)
	}
}

func today() string { return "data/dt=" + time.Now().UTC().Format(time.DateOnly) + "/" }

func TestRowsLieByTheirOwnTime(t *testing.T) {
	l := open(t, &lake{})
	defer l.close()
	l.setUp()
	l.partitioned("s", "Timestamp", "")
	l.put("s", eventAt("a", "2015-05-17T10:05:03Z"), eventAt("b", "2015-05-18T00:00:00Z"), `{"id":"null"}`)
	l.put("s", eventAt("c", "2015-05-17T23:59:59.999Z"), `{"id":"bad","n":"x"}`, eventAt("now", time.Now().UTC().Format("2006-01-02T15:04:05Z")),
		eventAt("first", "0001-01-01T00:00:00Z"), eventAt("last", "9999-12-31T23:59:59Z"))
	keys := l.flush("s")
	l.wantFolders("flushed", map[string]string{
		"data/dt=2015-05-17/": "a c", "data/dt=2015-05-18/": "b", today(): "now null", "data/dt=0001-01-01/": "first", "data/dt=9999-12-31/": "last",
	})
	for i, k := range keys {
		name, ok := layout.ParseKey(k.Key)
		if !ok || name.Provenance.Part != i+1 || name.Provenance.Parts != 6 || time.Since(name.Arrival) > time.Hour {
			t.Errorf("%s: %+v", k.Key, name)
		}
	}
	if !slices.IsSortedFunc(keys[:5], func(a, b delivery.Key) int { return strings.Compare(a.Key, b.Key) }) || keys[5].Kind != loglake.ObjectRejects {
		t.Errorf("the parts are %v", keys)
	}
	report := l.check()
	if report.Rows != 7 || report.Rejects != 1 || report.Objects != 6 {
		t.Errorf("report is %+v", report)
	}
	partitions, err := l.catalog.Partitions(t.Context(), "default", "logs")
	if err != nil || len(partitions) != 5 {
		t.Errorf("partitions are %v, %v", partitions, err)
	}
}

func TestDaysAreOfTheStreamsZone(t *testing.T) {
	l := open(t, &lake{})
	defer l.close()
	l.setUp()
	l.partitioned("seoul", "timestamp", `{"CustomTimeZone":"Asia/Seoul"}`)
	l.partitioned("hours", "timestamp", `{"CustomTimeZone":"Europe/Berlin","Prefix":"data/b/dt=!{timestamp:yyyy-MM-dd}/h=!{timestamp:HH}/"}`)
	l.put("seoul", eventAt("a", "2015-05-17T14:59:59Z"), eventAt("b", "2015-05-17T15:00:00Z"))
	// Both hours that the clocks of Berlin call 2, and the first and last of that day of 25.
	l.put("hours", eventAt("c", "2024-10-27T00:30:00Z"), eventAt("d", "2024-10-27T01:30:00Z"), eventAt("e", "2024-10-26T22:00:00Z"), eventAt("f", "2024-10-27T22:59:59Z"))
	l.flush("seoul")
	l.flush("hours")
	l.wantFolders("flushed", map[string]string{
		"data/dt=2015-05-17/": "a", "data/dt=2015-05-18/": "b",
		"data/b/dt=2024-10-27/h=02/": "c d", "data/b/dt=2024-10-27/h=00/": "e", "data/b/dt=2024-10-27/h=23/": "f",
	})
	l.check()
}

// A date is the calendar day itself, whatever the zone.
func TestRowsLieByADate(t *testing.T) {
	l := open(t, &lake{})
	defer l.close()
	l.setUp()
	l.table(`{"Name":"id","Type":"string"},{"Name":"day","Type":"date"}`)
	l.partitioned("s", "day", `{"CustomTimeZone":"America/New_York"}`)
	l.put("s", `{"id":"a","day":"2015-05-17"}`, `{"id":"b","day":"2015-05-18"}`)
	l.flush("s")
	l.wantFolders("flushed", map[string]string{"data/dt=2015-05-17/": "a", "data/dt=2015-05-18/": "b"})
}

// table gives the table other columns.
func (l *lake) table(columns string) {
	l.t.Helper()
	var table catalog.TableInput
	l.decode(`{"Name":"logs","TableType":"EXTERNAL_TABLE","PartitionKeys":[{"Name":"dt","Type":"string"}],"StorageDescriptor":{
		"Location":"s3://my-bucket/data/","Columns":[`+columns+`]}}`, &table)
	if err := l.catalog.UpdateTable(l.t.Context(), "default", catalog.TableUpdate{Input: table}); err != nil {
		l.t.Fatal(err)
	}
}

func TestPartitionTagRefused(t *testing.T) {
	l := open(t, &lake{})
	defer l.close()
	l.setUp()
	refused := func(what, want string, err error) {
		t.Helper()
		if loglake.CodeOf(err) != loglake.CodeInvalid || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", what, err, want)
		}
	}
	const plain, timeless = `{"DataFormatConversionConfiguration":null}`, `{"Prefix":"x/!{firehose:random-string}/"}`
	for _, c := range []struct{ column, over, want string }{
		{"nope", "", `names the column "nope", and rows of the table default.logs have no such column`},
		{"dt", "", "no such column"},
		{"", "", `names the column ""`},
		{"n", "", `names the column "n", which has the type int`},
		{"timestamp", plain, "needs record format conversion"},
		{"timestamp", timeless, "needs a Prefix with a time in it"},
	} {
		_, err := l.streams.Create(t.Context(), "new", l.destination(c.over), map[string]string{delivery.PartitionTag: c.column})
		refused("create", c.want, err)
		l.stream("s", l.destination(c.over))
		refused("tag", c.want, l.streams.Retag(t.Context(), "s", func(tags map[string]string) { tags[delivery.PartitionTag] = c.column }))
		if err := l.streams.Delete(t.Context(), "s"); err != nil {
			t.Fatal(err)
		}
	}
	l.partitioned("s", "timestamp", "")
	for over, want := range map[string]string{
		timeless: "needs a Prefix with a time in it",
		`{"DataFormatConversionConfiguration":{"Enabled":false}}`: "needs record format conversion",
	} {
		var update delivery.Destination
		l.decode(over, &update)
		refused("update", want, l.streams.Update(t.Context(), "s", "1", delivery.DestinationID, update))
	}
	if def, err := l.streams.Describe("s"); err != nil || def.Version != 1 || def.PartitionBy() != "timestamp" {
		t.Errorf("after refused updates: %+v, %v", def, err)
	}
}

// What is buffered when the tag comes or goes is delivered as the stream is then, each row once.
func TestRetagged(t *testing.T) {
	l := open(t, &lake{})
	defer l.close()
	l.setUp()
	l.stream("s", l.destination(""))
	l.put("s", eventAt("a", "2015-05-17T10:05:03Z"))
	l.streams.CatchUp(t.Context(), in("data/"))
	tag := func(change func(tags map[string]string)) {
		t.Helper()
		if err := l.streams.Retag(t.Context(), "s", change); err != nil {
			t.Fatal(err)
		}
	}
	tag(func(tags map[string]string) { tags[delivery.PartitionTag] = "timestamp" })
	l.flush("s")
	l.wantFolders("tagged", map[string]string{"data/dt=2015-05-17/": "a"})
	l.put("s", eventAt("b", "2015-05-17T10:05:03Z"))
	l.streams.CatchUp(t.Context(), in("data/"))
	tag(func(tags map[string]string) { delete(tags, delivery.PartitionTag) })
	l.flush("s")
	l.wantFolders("untagged", map[string]string{"data/dt=2015-05-17/": "a", today(): "b"})
	l.check()
}

func (l *lake) status() delivery.Status {
	l.t.Helper()
	all, err := l.streams.Statuses(l.t.Context())
	if err != nil {
		l.t.Fatal(err)
	}
	return all[0]
}

// A table that loses the column costs no row and stops nothing; the status says what mends it.
func TestColumnGone(t *testing.T) {
	l := open(t, &lake{})
	defer l.close()
	l.setUp()
	l.partitioned("s", "timestamp", "")
	l.put("s", eventAt("a", "2015-05-17T10:05:03Z"))
	l.streams.CatchUp(t.Context(), in("data/"))
	l.table(`{"Name":"id","Type":"string"}`)
	l.put("s", eventAt("b", "2015-05-17T10:05:03Z"))
	l.flush("s")
	l.wantFolders("without it", map[string]string{"data/dt=2015-05-17/": "a", today(): "b"})
	if got := l.status().Mistake; !strings.Contains(got, "rows lie in the folders of their arrival") || !strings.Contains(got, `"timestamp"`) {
		t.Errorf("the status says %q", got)
	}
	told := 0
	for len(l.notices) > 0 {
		if n := <-l.notices; n.Kind == delivery.NoticeMistake {
			told++
		}
	}
	if told != 1 {
		t.Errorf("told %d times", told)
	}
	if err := l.streams.Retag(t.Context(), "s", func(tags map[string]string) { tags["team"] = "x" }); err != nil {
		t.Errorf("another tag is refused: %v", err)
	}
	l.table(`{"Name":"id","Type":"string"},{"Name":"timestamp","Type":"timestamp"}`)
	l.put("s", eventAt("c", "2015-05-17T10:05:03Z"))
	l.flush("s")
	l.wantFolders("with it again", map[string]string{"data/dt=2015-05-17/": "a c", today(): "b"})
	if got := l.status().Mistake; got != "" {
		t.Errorf("the status says %q", got)
	}
	l.check()
}

// partitionsPeak is more than a batch of so many folders may take: its objects are written one after the other, and the buffers
// of a thousand at once would be 256 MiB. The memory of the disk is some of it.
const partitionsPeak = 96 << 20

// TestPartitionsMax has more folders than a batch may have: within a chunk, and over several. Every row is there once.
func TestPartitionsMax(t *testing.T) {
	const days, extra = delivery.PartitionsMax + 40, 7
	for name, chunks := range map[string]int{"one chunk": 1, "many chunks": 5} {
		t.Run(name, func(t *testing.T) {
			memory, dir := disk.NewCrashable(), t.TempDir() // thousands of files, and what is synced is not the question
			if err := disk.MkdirAllDurable(memory, dir); err != nil {
				t.Fatal(err)
			}
			l := open(t, &lake{fs: memory, dir: dir})
			defer l.close()
			l.setUp()
			l.partitioned("s", "timestamp", "")
			first := time.Date(1999, 1, 1, 12, 0, 0, 0, time.UTC)
			var records, want []string
			for n := range days + extra {
				id := fmt.Sprintf("%04d", n)
				records = append(records, eventAt(id, first.AddDate(0, 0, n%days).Format("2006-01-02T15:04:05Z")))
				want = append(want, id)
			}
			for part := range slices.Chunk(records, (len(records)+chunks-1)/chunks) {
				l.put("s", part...)
				l.streams.CatchUp(t.Context(), in("data/")) // seals a chunk
			}
			hot := l.hot("data/")
			peak := heapPeak()
			keys := l.flush("s")
			if most := peak(); most > partitionsPeak {
				t.Errorf("%d objects took %d MiB of memory at once", len(keys), most>>20)
			}
			if len(keys) != delivery.PartitionsMax+1 {
				t.Errorf("%d objects", len(keys))
			}
			folders := l.folders("data/")
			if diff := cmp.Diff(folders, hot); diff != "" {
				t.Errorf("hot rows lay elsewhere: %s", diff)
			}
			var got []string
			for _, ids := range folders {
				got = append(got, strings.Fields(ids)...)
			}
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if n := len(strings.Fields(folders[today()])); n != days-delivery.PartitionsMax || l.status().Beyond != int64(n) {
				t.Errorf("%d rows by arrival, and the status says %d", n, l.status().Beyond)
			}
			if text := l.told(delivery.NoticePartitions); !strings.Contains(text, "40 rows") || !strings.Contains(text, "column timestamp") {
				t.Errorf("told %q", text)
			}
			l.check()
		})
	}
}

// told gives the text of the last notice of a kind.
func (l *lake) told(kind delivery.NoticeKind) (text string) {
	for len(l.notices) > 0 {
		if n := <-l.notices; n.Kind == kind {
			text = n.Text
		}
	}
	return text
}

// hot gives the ids of the hot rows by folder, as the exported files have them.
func (l *lake) hot(prefix string) map[string]string {
	l.t.Helper()
	all, err := l.streams.Hot(l.t.Context(), in(prefix))
	if err != nil {
		l.t.Fatal(err)
	}
	seen := map[string]bool{}
	ids := map[string][]string{}
	for _, h := range all {
		path, size, err := h.Export()
		if err != nil {
			l.t.Fatal(err)
		}
		b, err := disk.ReadFile(l.fs, path)
		if err != nil || int64(len(b)) != size || seen[path] {
			l.t.Errorf("%+v: %d bytes, %v", h, len(b), err)
		}
		seen[path] = true
		list := readIDs(l.t, b)
		if int64(len(list)) != h.Rows {
			l.t.Errorf("%s has %d rows, and the file %d", h.Prefix, h.Rows, len(list))
		}
		ids[h.Prefix] = append(ids[h.Prefix], list...)
		h.Unpin()
	}
	texts := map[string]string{}
	for folder, list := range ids {
		slices.Sort(list)
		texts[folder] = strings.Join(list, " ")
	}
	return texts
}

// Hot rows lie where their objects will, in memory or evicted; a batch of evicted chunks is read from the journal again.
// In the end nothing is left of them.
func TestHotPieces(t *testing.T) {
	for name, hotMax := range map[string]int64{"in memory": 0, "evicted": 1} {
		t.Run(name, func(t *testing.T) {
			l := open(t, &lake{hotMax: hotMax})
			defer l.close()
			l.setUp()
			l.partitioned("s", "timestamp", "")
			want := map[string]string{"data/dt=2015-05-17/": "0-a 0-c 1-a 1-c", "data/dt=2015-05-18/": "0-b 1-b", today(): "0-null 1-null"}
			for n := range 2 {
				id := func(s string) string { return fmt.Sprint(n, "-", s) }
				l.put("s", eventAt(id("a"), "2015-05-17T10:05:03Z"), eventAt(id("b"), "2015-05-18T10:05:03Z"),
					fmt.Sprintf(`{"id":%q}`, id("null")), eventAt(id("c"), "2015-05-17T10:05:04Z"))
				l.streams.CatchUp(t.Context(), in("data/dt=2015-05-17/"))
			}
			for range 2 {
				if diff := cmp.Diff(want, l.hot("data/")); diff != "" {
					t.Errorf("hot: %s", diff)
				}
			}
			one := map[string]string{"data/dt=2015-05-18/": want["data/dt=2015-05-18/"]}
			if diff := cmp.Diff(one, l.hot("data/dt=2015-05-18/")); diff != "" {
				t.Errorf("hot below a folder: %s", diff)
			}
			held, err := l.streams.Hot(t.Context(), in("data/dt=2015-05-18/")) // over the flush
			if err != nil || len(held) != 2 {
				t.Fatalf("%v, %v", held, err)
			}
			l.flush("s")
			l.wantFolders("flushed", want)
			for _, h := range held {
				if path, _, err := h.Export(); err != nil || len(readIDs(t, must(os.ReadFile(path))(t))) != 1 {
					t.Errorf("a pinned piece after the flush: %s, %v", path, err)
				}
				h.Unpin()
			}
			if left, err := os.ReadDir(filepath.Join(l.dir, "scratch")); err != nil || len(left) != 0 {
				t.Errorf("left in the scratch folder: %v, %v", left, err)
			}
			l.check()
		})
	}
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// Random strings are of an object, and don't take its rows apart.
func TestRandomStringBesideATime(t *testing.T) {
	l := open(t, &lake{})
	defer l.close()
	l.setUp()
	l.partitioned("s", "timestamp", `{"Prefix":"data/dt=!{timestamp:yyyy-MM-dd}/!{firehose:random-string}/"}`)
	for range 2 {
		l.put("s", eventAt("a", "2015-05-17T10:05:03Z"), eventAt("b", "2015-05-18T10:05:03Z"))
		l.streams.CatchUp(t.Context(), in("data/"))
	}
	if keys := l.flush("s"); len(keys) != 2 {
		t.Errorf("%v", keys)
	}
	l.check()
}
