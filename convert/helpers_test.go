package convert_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/convert"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// table makes a schema of "name type" pairs.
func table(columns ...string) loglake.Schema {
	s := loglake.Schema{Database: "db", Table: "t", Version: "1"}
	for i := 0; i < len(columns); i += 2 {
		s.Columns = append(s.Columns, loglake.Column{Name: columns[i], Type: columns[i+1]})
	}
	return s
}

func newBuilder(tb testing.TB, config convert.Config) *convert.ChunkBuilder {
	tb.Helper()
	c, err := convert.New(config)
	if err != nil {
		tb.Fatal(err)
	}
	return c.NewChunk()
}

// converted gives the rows of records as text, read back from a Parquet file by a reader that is not ours.
func converted(tb testing.TB, config convert.Config, records ...string) [][]string {
	tb.Helper()
	b := newBuilder(tb, config)
	for _, record := range records {
		if _, reject := b.Add([]byte(record)); reject != nil {
			tb.Fatalf("%s: %v", record, reject)
		}
	}
	file, _ := written(tb, []*convert.Chunk{b.Finish()}, convert.ParquetOptions{})
	return readBack(tb, file)
}

func written(tb testing.TB, chunks []*convert.Chunk, o convert.ParquetOptions) ([]byte, convert.FileStats) {
	tb.Helper()
	var file bytes.Buffer
	stats, err := convert.WriteParquet(&file, chunks, o)
	if err != nil {
		tb.Fatal(err)
	}
	if stats.Bytes != int64(file.Len()) {
		tb.Fatalf("FileStats.Bytes is %d, the file has %d", stats.Bytes, file.Len())
	}
	return file.Bytes(), stats
}

func readBack(tb testing.TB, file []byte) [][]string {
	tb.Helper()
	f, err := parquet.OpenFile(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		tb.Fatal(err)
	}
	fields := f.Schema().Fields()
	var all [][]string
	for _, group := range f.RowGroups() {
		rows := group.Rows()
		buffer := make([]parquet.Row, 100)
		for {
			n, err := rows.ReadRows(buffer)
			for _, row := range buffer[:n] {
				cells := make([]string, len(fields))
				for _, v := range row {
					cells[v.Column()] = cell(fields[v.Column()], v)
				}
				all = append(all, cells)
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				tb.Fatal(err)
			}
		}
		if err := rows.Close(); err != nil {
			tb.Fatal(err)
		}
	}
	return all
}

// cell prints a value by its Parquet type.
func cell(field parquet.Field, v parquet.Value) string {
	if v.IsNull() {
		return "NULL"
	}
	var logical format.LogicalTypeValue
	if t := field.Type().LogicalType(); t != nil {
		logical = t.Value
	}
	switch l := logical.(type) {
	case *format.TimestampType:
		return time.UnixMicro(v.Int64()).UTC().Format("2006-01-02 15:04:05.999999")
	case *format.DateType:
		return time.Unix(int64(v.Int32())*86400, 0).UTC().Format("2006-01-02")
	case *format.DecimalType:
		return decimalText(v.ByteArray(), int(l.Scale))
	case *format.StringType:
		return string(v.ByteArray())
	}
	switch v.Kind() {
	case parquet.Boolean:
		return strconv.FormatBool(v.Boolean())
	case parquet.Int32:
		return strconv.Itoa(int(v.Int32()))
	case parquet.Int64:
		return strconv.FormatInt(v.Int64(), 10)
	case parquet.Float:
		return strconv.FormatFloat(float64(v.Float()), 'g', -1, 32)
	case parquet.Double:
		return strconv.FormatFloat(v.Double(), 'g', -1, 64)
	case parquet.ByteArray:
		return "x" + hex.EncodeToString(v.ByteArray())
	}
	return fmt.Sprintf("? %v", v)
}

func decimalText(b []byte, scale int) string {
	n := new(big.Int).SetBytes(b)
	if b[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	sign := ""
	if n.Sign() < 0 {
		sign = "-"
	}
	s := fmt.Sprintf("%0*s", scale+1, new(big.Int).Abs(n).String())
	if scale == 0 {
		return sign + s
	}
	return sign + s[:len(s)-scale] + "." + s[len(s)-scale:]
}
