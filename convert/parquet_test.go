package convert_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/loglake/loglake"
	"github.com/loglake/loglake/convert"
	"github.com/parquet-go/parquet-go"
)

// everyType has a column of every scalar type.
var everyType = table("b", "boolean", "i8", "tinyint", "i16", "smallint", "i32", "int", "i64", "bigint", "f", "float", "d", "double",
	"dec", "decimal(20,4)", "s", "string", "v", "varchar(4)", "c", "char(3)", "x", "binary", "day", "date", "ts", "timestamp")

var everyRecord = []string{
	`{"b":true,"i8":-5,"i16":300,"i32":70000,"i64":5000000000,"f":1.5,"d":-2.25,"dec":"123456789012.3456","s":"é","v":"abcdef","c":"x","x":"hi","day":"2025-12-03","ts":"2025-12-03T10:15:30.123Z"}`,
	`{}`,
	`{"b":false,"i8":127,"i16":-300,"i32":-1,"i64":-5000000000,"f":-0.0,"d":1e300,"dec":-0.0001,"s":"","v":"","c":"","x":"","day":"1969-12-31","ts":-1}`,
	`{"s":"third","ts":"1900-01-01 00:00:00"}`,
}

func TestEveryTypeInEveryCodec(t *testing.T) {
	for _, codec := range []string{"", "UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD"} {
		b := newBuilder(t, convert.Config{Schema: everyType})
		for _, record := range everyRecord {
			if _, reject := b.Add([]byte(record)); reject != nil {
				t.Fatal(reject)
			}
		}
		file, _ := written(t, []*convert.Chunk{b.Finish()}, convert.ParquetOptions{Codec: codec})
		want := [][]string{
			{"true", "-5", "300", "70000", "5000000000", "1.5", "-2.25", "123456789012.3456", "é", "abcd", "x", "x6869", "2025-12-03", "2025-12-03 10:15:30.123"},
			slices.Repeat([]string{"NULL"}, 14),
			{"false", "127", "-300", "-1", "-5000000000", "-0", "1e+300", "-0.0001", "", "", "", "x", "1969-12-31", "1969-12-31 23:59:59"},
			append(append(slices.Repeat([]string{"NULL"}, 8), "third"), "NULL", "NULL", "NULL", "NULL", "1900-01-01 00:00:00"),
		}
		if diff := cmp.Diff(want, readBack(t, file)); diff != "" {
			t.Errorf("%s: %s", codec, diff)
		}
	}
}

// expected is what numbered rows hold, by formulas that give every encoding something to do: long runs, few and many
// distinct values, nulls, ids.
func expected(i int) (record string, cells []string) {
	ts := int64(1_700_000_000_000) + int64(i)*7 + int64(i*i%5)
	id := fmt.Sprintf("%016x", uint64(i)*0x9e3779b97f4a7c15)
	cells = []string{strconv.FormatInt(ts, 10), strconv.Itoa(i / 1000), strconv.Itoa(i * 7919 % 5003), id, "name-" + strconv.Itoa(i%40), strconv.Itoa(i*i%100_003 - 50_000)}
	for column := 1; column < len(cells); column++ {
		if i%(column*13) == column {
			cells[column] = "NULL"
		}
	}
	record = "{"
	for column, value := range cells {
		if value != "NULL" {
			record += fmt.Sprintf(`"c%d":"%s",`, column, value)
		}
	}
	return strings.TrimSuffix(record, ",") + "}", cells
}

var expectedSchema = table("c0", "bigint", "c1", "int", "c2", "int", "c3", "string", "c4", "string", "c5", "bigint")

func expectedChunks(tb testing.TB, n, rowsPerChunk int) ([]*convert.Chunk, [][]string) {
	tb.Helper()
	b := newBuilder(tb, convert.Config{Schema: expectedSchema})
	var chunks []*convert.Chunk
	var want [][]string
	for i := range n {
		record, cells := expected(i)
		if _, reject := b.Add([]byte(record)); reject != nil {
			tb.Fatal(reject)
		}
		want = append(want, cells)
		if b.Rows() == rowsPerChunk {
			chunks = append(chunks, b.Finish())
		}
	}
	return append(chunks, b.Finish()), want
}

func TestRoundTrip(t *testing.T) {
	for _, o := range []convert.ParquetOptions{
		{Codec: "ZSTD"},
		{Codec: "ZSTD", PageBytes: 1000},
		{Codec: "SNAPPY", RowGroupBytes: 100_000},
		{RowGroupBytes: 1},
		{Codec: "GZIP", PageBytes: 1, RowGroupBytes: 5000},
	} {
		n := 20_000
		if o.PageBytes == 1 || o.RowGroupBytes == 1 {
			n = 300
		}
		chunks, want := expectedChunks(t, n, 700)
		file, stats := written(t, chunks, o)
		if stats.Rows != int64(n) {
			t.Errorf("%+v: %d rows", o, stats.Rows)
		}
		if diff := cmp.Diff(want, readBack(t, file)); diff != "" {
			t.Errorf("%+v: %s", o, diff)
		}
		again, _ := written(t, chunks, o)
		if !bytes.Equal(file, again) {
			t.Errorf("%+v: the same chunks gave another file", o)
		}
	}
}

func TestSort(t *testing.T) {
	for column, less := range map[string]func(a, b string) int{
		"c0": compareNumbers, "c2": compareNumbers, "c5": compareNumbers, "c3": strings.Compare, "C4": strings.Compare,
	} {
		chunks, want := expectedChunks(t, 3000, 64)
		i := int(column[1] - '0')
		slices.SortStableFunc(want, func(a, b []string) int {
			if a[i] == "NULL" || b[i] == "NULL" {
				return strings.Compare(strconv.FormatBool(a[i] == "NULL"), strconv.FormatBool(b[i] == "NULL"))
			}
			return less(a[i], b[i])
		})
		file, _ := written(t, chunks, convert.ParquetOptions{SortBy: column, RowGroupBytes: 30_000})
		if diff := cmp.Diff(want, readBack(t, file)); diff != "" {
			t.Errorf("by %s: %s", column, diff)
		}
	}
	b := newBuilder(t, convert.Config{Schema: everyType})
	for _, v := range []string{`"f":"NaN"`, `"f":2`, `"f":-2`, `"f":-0.0`, `"f":"-Infinity"`, `"b":true,"f":0`, `"i8":1`, `"f":"Infinity"`} {
		if _, reject := b.Add([]byte("{" + v + "}")); reject != nil {
			t.Fatal(reject)
		}
	}
	file, _ := written(t, []*convert.Chunk{b.Finish()}, convert.ParquetOptions{SortBy: "f"})
	var got []string
	for _, row := range readBack(t, file) {
		got = append(got, row[5])
	}
	if want := []string{"-Inf", "-2", "-0", "0", "2", "+Inf", "NaN", "NULL"}; !slices.Equal(got, want) {
		t.Errorf("floats: %v, want %v", got, want)
	}
}

func TestSortDecimals(t *testing.T) {
	b := newBuilder(t, convert.Config{Schema: everyType})
	if _, reject := b.Add([]byte(`{"dec":1}{"dec":-1}{}{"dec":0}{"dec":-200}{"dec":300}`)); reject != nil {
		t.Fatal(reject)
	}
	file, stats := written(t, []*convert.Chunk{b.Finish()}, convert.ParquetOptions{SortBy: "dec"})
	var got []string
	for _, row := range readBack(t, file) {
		got = append(got, row[7])
	}
	if want := []string{"-200.0000", "-1.0000", "0.0000", "1.0000", "300.0000", "NULL"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if dec := stats.Columns[7]; decimalText(dec.Min, 4) != "-200.0000" || decimalText(dec.Max, 4) != "300.0000" || dec.NullCount != 1 {
		t.Errorf("bounds %x %x, %d nulls", dec.Min, dec.Max, dec.NullCount)
	}
}

func compareNumbers(a, b string) int {
	x, _ := strconv.ParseInt(a, 10, 64)
	y, _ := strconv.ParseInt(b, 10, 64)
	return int(max(-1, min(1, x-y)))
}

// TestBounds: bounds of all columns, over all row groups, in FileStats and in the file.
func TestBounds(t *testing.T) {
	chunks, want := expectedChunks(t, 5000, 512)
	file, stats := written(t, chunks, convert.ParquetOptions{Codec: "ZSTD", RowGroupBytes: 60_000})
	f, err := parquet.OpenFile(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(f.RowGroups()); n < 3 {
		t.Fatalf("%d row groups, the test wants some", n)
	}
	for i, column := range stats.Columns {
		var values []string
		for _, row := range want {
			if row[i] != "NULL" {
				values = append(values, row[i])
			}
		}
		order, plain := compareNumbers, func(s string) []byte {
			n, _ := strconv.ParseInt(s, 10, 64)
			if i == 1 || i == 2 {
				return binary.LittleEndian.AppendUint32(nil, uint32(n))
			}
			return binary.LittleEndian.AppendUint64(nil, uint64(n))
		}
		if i == 3 || i == 4 {
			order, plain = strings.Compare, func(s string) []byte { return []byte(s) }
		}
		slices.SortFunc(values, order)
		if got, want := column.Min, plain(values[0]); !bytes.Equal(got, want) {
			t.Errorf("%s: min %x, want %x", column.Name, got, want)
		}
		if got, want := column.Max, plain(values[len(values)-1]); !bytes.Equal(got, want) {
			t.Errorf("%s: max %x, want %x", column.Name, got, want)
		}
		var size, nulls int64
		for _, group := range f.Metadata().RowGroups {
			size += group.Columns[i].MetaData.TotalCompressedSize
			nulls += group.Columns[i].MetaData.Statistics.NullCount
		}
		if column.NullCount != int64(len(want)-len(values)) || column.NullCount != nulls || column.Bytes != size {
			t.Errorf("%s: %d nulls, %d bytes; the file says %d and %d", column.Name, column.NullCount, column.Bytes, nulls, size)
		}
	}
}

func TestBoundsAreCut(t *testing.T) {
	f := func(values []string, least, most string) {
		t.Helper()
		b := newBuilder(t, convert.Config{Schema: table("s", "string")})
		for _, v := range values {
			text, _ := json.Marshal(v)
			if _, reject := b.Add(append(append([]byte(`{"s":`), text...), '}')); reject != nil {
				t.Fatal(reject)
			}
		}
		_, stats := written(t, []*convert.Chunk{b.Finish()}, convert.ParquetOptions{})
		c := stats.Columns[0]
		if string(c.Min) != least || string(c.Max) != most || !utf8.Valid(c.Min) || !utf8.Valid(c.Max) {
			t.Errorf("%.20q…: %q %q, want %q %q", values[0], c.Min, c.Max, least, most)
		}
	}
	x := strings.Repeat("x", convert.BoundBytesMax)
	f([]string{x}, x, x)
	f([]string{x + "a"}, x, x[:len(x)-1]+"y")
	f([]string{x + "a", "b"}, "b", x[:len(x)-1]+"y")
	f([]string{x[:63] + "é"}, x[:63], x[:62]+"y")
	f([]string{x[:62] + "\u07ffz"}, x[:62]+"\u07ff", x[:61]+"y")
	f([]string{strings.Repeat("\U0010ffff", 20)}, strings.Repeat("\U0010ffff", 16), strings.Repeat("\U0010ffff", 20))
	f([]string{x[:61] + "\ud7ffzz"}, x[:61]+"\ud7ff", x[:61]+"\ue000")
}

func TestBoundsOfFloats(t *testing.T) {
	b := newBuilder(t, convert.Config{Schema: table("n", "double", "z", "double", "f", "float", "none", "int")})
	if _, reject := b.Add([]byte(`{"n":"NaN","z":0,"f":-1.5}{"n":"NaN","z":0.0,"f":"NaN"}`)); reject != nil {
		t.Fatal(reject)
	}
	_, stats := written(t, []*convert.Chunk{b.Finish()}, convert.ParquetOptions{})
	float := func(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }
	c := stats.Columns
	if c[0].Min != nil || c[0].Max != nil || c[3].Min != nil || c[3].NullCount != 2 {
		t.Errorf("bounds of nothing: %+v", c)
	}
	if least, most := float(c[1].Min), float(c[1].Max); least != 0 || !math.Signbit(least) || most != 0 || math.Signbit(most) {
		t.Errorf("bounds of zeros: %v %v", least, most)
	}
	if want := binary.LittleEndian.AppendUint32(nil, math.Float32bits(-1.5)); !bytes.Equal(c[2].Min, want) || !bytes.Equal(c[2].Max, want) {
		t.Errorf("bounds beside NaN: %x %x", c[2].Min, c[2].Max)
	}
}

func TestFileMetadata(t *testing.T) {
	chunks, _ := expectedChunks(t, 10, 100)
	file, _ := written(t, chunks, convert.ParquetOptions{Metadata: map[string]string{"loglake.b": "2", "loglake.a": "1"}})
	f, err := parquet.OpenFile(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	if by := f.Metadata().CreatedBy; !strings.HasPrefix(by, "loglake") {
		t.Errorf("created_by %q", by)
	}
	kv := f.Metadata().KeyValueMetadata
	if len(kv) != 2 || kv[0].Key != "loglake.a" || kv[1].Value != "2" {
		t.Errorf("metadata %v", kv)
	}
}

func TestWriteRefuses(t *testing.T) {
	chunks, _ := expectedChunks(t, 10, 100)
	others, _ := expectedChunks(t, 10, 100)
	f := func(chunks []*convert.Chunk, o convert.ParquetOptions, code loglake.Code, text string) {
		t.Helper()
		_, err := convert.WriteParquet(io.Discard, chunks, o)
		if loglake.CodeOf(err) != code || !strings.Contains(err.Error(), text) {
			t.Errorf("%v, want %s %q", err, code, text)
		}
	}
	f(nil, convert.ParquetOptions{}, loglake.CodeInvalid, "no rows")
	f(chunks, convert.ParquetOptions{Codec: "LZO"}, loglake.CodeInvalid, `"LZO" is none of`)
	f(chunks, convert.ParquetOptions{SortBy: "nope"}, loglake.CodeInvalid, `no column "nope"`)
	f([]*convert.Chunk{chunks[0], others[0]}, convert.ParquetOptions{}, loglake.CodeInternal, "chunks of two schemas")
	_, err := convert.WriteParquet(failing{}, chunks, convert.ParquetOptions{})
	if err == nil || !strings.Contains(err.Error(), io.ErrShortWrite.Error()) {
		t.Errorf("a writer that fails: %v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

const arrowDump = `
import sys, pyarrow.parquet as pq
t = pq.read_table(sys.argv[1])
assert str(t.schema.field('ts').type) == 'timestamp[us]', t.schema
assert str(t.schema.field('dec').type) == 'decimal128(20, 4)', t.schema
assert str(t.schema.field('i8').type) == 'int8' and str(t.schema.field('i16').type) == 'int16', t.schema
for row in t.to_pylist():
    print('|'.join(str(v) for v in row.values()))
`

// TestArrow reads the file with Arrow's C++ reader.
func TestArrow(t *testing.T) {
	python := pythonWith(t, "pyarrow.parquet")
	b := newBuilder(t, convert.Config{Schema: everyType})
	for range 500 { // enough for the literal-only zstd frames
		for _, record := range everyRecord {
			if _, reject := b.Add([]byte(record)); reject != nil {
				t.Fatal(reject)
			}
		}
	}
	for i := range 2000 {
		if _, reject := b.Add(fmt.Appendf(nil, `{"s":"%x","i32":%d,"ts":%d}`, uint64(i)*0x9e3779b97f4a7c15, i*i%5000, 1700000000+i)); reject != nil {
			t.Fatal(reject)
		}
	}
	file, _ := written(t, []*convert.Chunk{b.Finish()}, convert.ParquetOptions{Codec: "ZSTD", PageBytes: 8192})
	name := filepath.Join(t.TempDir(), "every.parquet")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, "-c", arrowDump, name).Output()
	if err != nil {
		t.Fatalf("read with pyarrow: %v", err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != 4000 {
		t.Fatalf("%d rows", len(lines))
	}
	want := []string{
		`True|-5|300|70000|5000000000|1.5|-2.25|123456789012.3456|é|abcd|x|b'hi'|2025-12-03|2025-12-03 10:15:30.123000`,
		`None|None|None|None|None|None|None|None|None|None|None|None|None|None`,
		`False|127|-300|-1|-5000000000|-0.0|1e+300|-0.0001||||b''|1969-12-31|1969-12-31 23:59:59`,
		`None|None|None|None|None|None|None|None|third|None|None|None|None|1900-01-01 00:00:00`,
	}
	for i := range 2000 {
		if lines[i] != want[i%4] {
			t.Fatalf("row %d: %s, want %s", i, lines[i], want[i%4])
		}
		id := fmt.Sprintf("%x", uint64(i)*0x9e3779b97f4a7c15)
		if row := strings.Split(lines[2000+i], "|"); row[8] != id || row[3] != strconv.Itoa(i*i%5000) {
			t.Fatalf("row %d: %v", 2000+i, row)
		}
	}
}
