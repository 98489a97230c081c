package convert_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake/convert"
)

// manyTypes makes a file of several row groups with every type that has bounds, nulls, and strings that are cut.
func manyTypes(tb testing.TB) (file []byte, stats convert.FileStats, metadata map[string]string) {
	tb.Helper()
	b := newBuilder(tb, convert.Config{Schema: table("S", "string", "i", "int", "l", "bigint", "b", "boolean", "d", "double", "f", "float",
		"m", "decimal(10,2)", "t", "timestamp", "a", "date", "z", "string", "y", "tinyint")})
	for i := range 500 {
		record := fmt.Sprintf(`{"s":"%03d%s","i":%d,"l":%d,"b":%t,"d":%d.5,"f":-%d.25,"m":"%d.%02d","t":"2015-05-17T10:%02d:03Z","a":"2015-05-%02d","y":%d}`,
			i, strings.Repeat("é", i%50), i-250, int64(i)<<40, i%2 == 0, i-100, i, i-250, i%100, i%60, 1+i%28, i%100-50)
		if i%7 == 0 {
			record = `{}`
		}
		if _, reject := b.Add([]byte(record)); reject != nil {
			tb.Fatal(reject)
		}
	}
	metadata = map[string]string{"loglake.batch": `{"Producer":"p"}`, "other": ""}
	file, stats = written(tb, []*convert.Chunk{b.Finish()}, convert.ParquetOptions{Codec: "ZSTD", RowGroupBytes: 10_000, Metadata: metadata})
	return file, stats, metadata
}

// TestReadFacts holds that a file says all that its writer gave for the manifest.
func TestReadFacts(t *testing.T) {
	file, stats, metadata := manyTypes(t)
	if n := bytes.Count(file, []byte("2015")); n > 1000 {
		t.Fatal("the file is not what it should be")
	}
	facts, err := convert.ReadFacts(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(convert.FileFacts{FileStats: stats, Metadata: metadata}, facts); diff != "" {
		t.Error(diff)
	}
}

func TestReadFactsRefuses(t *testing.T) {
	file, _, _ := manyTypes(t)
	for name, bad := range map[string][]byte{
		"nothing": nil, "no Parquet": []byte(strings.Repeat("text", 100)), "its end missing": file[:len(file)-1], "a footer of another length": append(append([]byte(nil), file[:len(file)-8]...), 255, 255, 255, 0, 'P', 'A', 'R', '1'),
	} {
		if _, err := convert.ReadFacts(bytes.NewReader(bad), int64(len(bad))); !errors.Is(err, convert.ErrNotOurs) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzReadFacts changes footers: they are refused or read, in bounded memory.
func FuzzReadFacts(f *testing.F) {
	file, _, _ := manyTypes(f)
	f.Add(file[len(file)-2000:])
	small, _ := written(f, []*convert.Chunk{newBuilder(f, convert.Config{Schema: table("a", "int")}).Finish()}, convert.ParquetOptions{})
	f.Add(small)
	f.Fuzz(func(t *testing.T, end []byte) {
		whole := append([]byte("PAR1"), end...)
		facts, err := convert.ReadFacts(bytes.NewReader(whole), int64(len(whole)))
		if err == nil && (facts.Rows < 0 || len(facts.Columns) > len(end)) {
			t.Errorf("%+v", facts)
		}
	})
}
