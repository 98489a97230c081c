package convert_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/loglake/loglake/convert"
)

// A file of selected rows is the very file of chunks that were built of those rows alone, whatever it is sorted by.
func TestSelect(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		keep   int // per cent
		sortBy string
	}{{100, ""}, {50, ""}, {3, ""}, {60, "c0"}, {5, "c2"}, {40, "c3"}, {0, "c0"}} {
		t.Run(fmt.Sprintf("%d%% by %q", c.keep, c.sortBy), func(t *testing.T) {
			builder, alone := newBuilder(t, convert.Config{Schema: expectedSchema}), []*convert.Chunk{}
			whole, _ := expectedChunks(t, 9000, 700)
			var selected []*convert.Chunk
			row := 0
			for _, chunk := range whole {
				rows := []int32{}
				for i := range chunk.Rows() {
					if r.IntN(100) < c.keep {
						rows = append(rows, int32(i))
						record, _ := expected(row)
						if _, reject := builder.Add([]byte(record)); reject != nil {
							t.Fatal(reject)
						}
					}
					row++
				}
				alone = append(alone, builder.Finish())
				selected = append(selected, chunk.Select(rows))
			}
			o := convert.ParquetOptions{SortBy: c.sortBy, Codec: "SNAPPY"}
			// The groups are cut alike too: what a selection leaves out counts for nothing but on the average.
			want, wantStats := written(t, alone, o)
			got, stats := written(t, selected, o)
			if diff := cmp.Diff(readBack(t, want), readBack(t, got)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(wantStats, stats); diff != "" || !bytes.Equal(want, got) {
				t.Errorf("the files differ: %s", diff)
			}
			o.RowGroupBytes = 4 << 10
			got, _ = written(t, selected, o)
			if diff := cmp.Diff(readBack(t, want), readBack(t, got)); diff != "" {
				t.Errorf("in small groups: %s", diff)
			}
		})
	}
}

func TestSelectOfASelection(t *testing.T) {
	whole, _ := expectedChunks(t, 10, 10)
	twice := whole[0].Select([]int32{1, 3, 5, 7}).Select([]int32{0, 3})
	file, _ := written(t, []*convert.Chunk{twice}, convert.ParquetOptions{})
	_, one := expected(1)
	_, seven := expected(7)
	if diff := cmp.Diff([][]string{one, seven}, readBack(t, file)); diff != "" || twice.Rows() != 2 {
		t.Errorf("%d rows: %s", twice.Rows(), diff)
	}
}

func TestTimes(t *testing.T) {
	b := newBuilder(t, convert.Config{Schema: table("At", "timestamp", "day", "date", "n", "int")})
	for _, record := range []string{
		`{"at":"2015-05-17T10:05:03.000001Z","day":"2015-05-17"}`, `{"n":1}`, `{"at":"0001-01-01T00:00:00Z","day":"9999-12-31"}`,
	} {
		if _, reject := b.Add([]byte(record)); reject != nil {
			t.Fatal(reject)
		}
	}
	chunk := b.Finish()
	type value struct {
		Micros int64
		OK     bool
	}
	for name, want := range map[string][]value{
		"AT":  {{1431857103000001, true}, {}, {-62135596800000000, true}},
		"day": {{1431820800000000, true}, {}, {253402214400000000, true}},
		"n":   nil, "none": nil,
	} {
		times, ok := chunk.Times(name)
		var got []value
		for row := range chunk.Rows() {
			if ok {
				micros, there := times.At(row)
				got = append(got, value{micros, there})
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if ok {
			half, _ := chunk.Select([]int32{2}).Times(name)
			if micros, there := half.At(0); (value{micros, there}) != want[2] {
				t.Errorf("%s of a selection: %d, %v", name, micros, there)
			}
		}
	}
}

// BenchmarkWriteSelected writes four files of a quarter of the rows each, as a batch with four folders does.
func BenchmarkWriteSelected(b *testing.B) {
	lines := webEvents(nil, benchEvents)
	c, err := convert.New(convert.Config{Schema: webSchema})
	if err != nil {
		b.Fatal(err)
	}
	var parts [4][]*convert.Chunk
	for _, chunk := range addLines(b, c.NewChunk(), lines) {
		var rows [4][]int32
		for i := range chunk.Rows() {
			rows[i%4] = append(rows[i%4], int32(i))
		}
		for i := range parts {
			parts[i] = append(parts[i], chunk.Select(rows[i]))
		}
	}
	b.SetBytes(int64(len(lines)))
	for b.Loop() {
		for _, chunks := range parts {
			if _, err := convert.WriteParquet(io.Discard, chunks, convert.ParquetOptions{Codec: "ZSTD", SortBy: "timestamp"}); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchEvents, "ns/event")
}
