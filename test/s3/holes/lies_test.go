package holes_test

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/store"
)

// lie gives a Parquet file whose footer says something else of its chunks.
func lie(t *testing.T, file []byte, change func(group int, c *format.ColumnChunk)) []byte {
	t.Helper()
	n := int(binary.LittleEndian.Uint32(file[len(file)-8:]))
	var meta format.FileMetaData
	protocol := new(thrift.CompactProtocol)
	if err := thrift.Unmarshal(protocol, file[len(file)-8-n:len(file)-8], &meta); err != nil {
		t.Fatal(err)
	}
	for group := range meta.RowGroups {
		for i := range meta.RowGroups[group].Columns {
			change(group, &meta.RowGroups[group].Columns[i])
		}
	}
	text, err := thrift.Marshal(protocol, meta)
	if err != nil {
		t.Fatal(err)
	}
	out := append(bytes.Clone(file[:len(file)-8-n]), text...)
	return append(binary.LittleEndian.AppendUint32(out, uint32(len(text))), "PAR1"...)
}

// TestLies reads files whose footers say what their pages do not: the engine goes by one, and a planner that went by the
// other would leave holes where it reads. Whatever it makes of such a file, it has to make the same of a copy.
func TestLies(t *testing.T) {
	s := newService(t)
	if err := s.dir.CreateBucket(t.Context(), "lake"); err != nil {
		t.Fatal(err)
	}
	direct := newLake(t, s.dir)
	empty := &swapped{s.dir}
	cold := newLake(t, empty)
	file := files(t)["wide/kind=v1/a.parquet"]
	for name, change := range map[string]func(group int, c *format.ColumnChunk){
		"the truth":               func(int, *format.ColumnChunk) {},
		"chunks too short":        func(_ int, c *format.ColumnChunk) { c.MetaData.TotalCompressedSize -= 1000 },
		"chunks too long":         func(_ int, c *format.ColumnChunk) { c.MetaData.TotalCompressedSize += 1000 },
		"chunks of nothing":       func(_ int, c *format.ColumnChunk) { c.MetaData.TotalCompressedSize = 0 },
		"chunks beyond the end":   func(_ int, c *format.ColumnChunk) { c.MetaData.TotalCompressedSize = 1 << 40 },
		"less than nothing":       func(_ int, c *format.ColumnChunk) { c.MetaData.TotalCompressedSize = -1 },
		"fewer values":            func(_ int, c *format.ColumnChunk) { c.MetaData.NumValues /= 2 },
		"more values":             func(_ int, c *format.ColumnChunk) { c.MetaData.NumValues *= 2 },
		"no dictionary":           func(_ int, c *format.ColumnChunk) { c.MetaData.DictionaryPageOffset = 0 },
		"data at the dictionary":  atDictionary,
		"one group lies":          oneGroup,
		"no length of the filter": func(_ int, c *format.ColumnChunk) { c.MetaData.BloomFilterLength = 0 },
		"a filter beyond the end": filterBeyond,
		"an index page":           func(_ int, c *format.ColumnChunk) { c.MetaData.IndexPageOffset = 500 },
		"a page index elsewhere":  func(_ int, c *format.ColumnChunk) { c.OffsetIndexOffset, c.ColumnIndexOffset = 1<<40, -3 },
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			if _, err := s.dir.Put(t.Context(), "lake", "wide/kind=v1/a.parquet", bytes.NewReader(lie(t, file, change)), store.PutOptions{}); err != nil {
				t.Fatal(err)
			}
			for i, statement := range []string{
				"SELECT count(*), sum(id), min(name), max(name) FROM wide WHERE kind = 'v1'",
				"SELECT count(*) FROM wide WHERE kind = 'v1' AND name = 'name-0042'",
				"SELECT few, count(*) FROM wide WHERE kind = 'v1' GROUP BY few ORDER BY few",
				"SELECT count(*), count(score), max(body) FROM wide WHERE kind = 'v1' AND id < 70000",
			} {
				if i > 1 && !*full {
					break
				}
				want := direct.rows(statement)
				empty.Store = s.open(t, noisy{disk.Real()})
				got := cold.rows(statement)
				if strings.HasPrefix(want, "FAILED") && strings.HasPrefix(got, "FAILED") {
					continue // the texts name paths, and what noise looks like
				}
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("%s: %s", statement, d)
				}
			}
		})
	}
}

// atDictionary is what old writers say: the data begins with the dictionary.
func atDictionary(_ int, c *format.ColumnChunk) {
	if d := c.MetaData.DictionaryPageOffset; d > 0 {
		c.MetaData.DataPageOffset, c.MetaData.DictionaryPageOffset = d, 0
	}
}

func oneGroup(group int, c *format.ColumnChunk) {
	if group == 1 {
		c.MetaData.TotalCompressedSize -= 7
	}
}

func filterBeyond(_ int, c *format.ColumnChunk) {
	if c.MetaData.BloomFilterOffset != 0 {
		c.MetaData.BloomFilterOffset, c.MetaData.BloomFilterLength = 1<<40, 100
	}
}
