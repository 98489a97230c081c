package convert_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/loglake/loglake/convert"
)

// FuzzAdd holds the scanner against encoding/json: what one of them calls malformed, so does the other. They are known
// to differ on text that is not UTF-8, on depth, on byte order marks and on numbers at the top level, which is left out.
func FuzzAdd(f *testing.F) {
	for _, seed := range append([]string{`{"a":1}{"s":"x"}`, `[1,"x"]`, ` {"s" : {"B":[1,2,{}]}} `, `{"a":01}`, `{"a":1,}`, `{"s":"\ud83d\ude00"}`,
		`{"s":"\u12"}`, `{"s":tru}`, `{"s":-}`, `{"s":1.e}`, "{\"s\":\"\x01\"}", `"x"`, `nul`}, everyRecord...) {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, record []byte) {
		b := newBuilder(t, convert.Config{Schema: table("a", "int", "s", "string")})
		rows, reject := b.Add(record)
		if reject != nil && (rows != 0 || b.Rows() != 0) || reject == nil && (rows == 0 || rows != b.Rows()) {
			t.Fatalf("%d rows of %d, %v", rows, b.Rows(), reject)
		}
		again, second := b.Add(record) // the keys are known by now
		if !cmp.Equal(reject, second) || again != rows {
			t.Fatalf("the second time %d %v, the first %d %v", again, second, rows, reject)
		}
		known, malformed := decode(record)
		if known && malformed != (reject != nil && reject.Code == convert.CodeParseError) {
			t.Fatalf("encoding/json calls it malformed: %t; here %v", malformed, reject)
		}
		if reject == nil {
			for _, row := range textOf(t, b.Finish()) {
				if c := row[1]; c != "NULL" && !utf8.ValidString(c) {
					t.Fatalf("not UTF-8: %q", c)
				}
			}
		}
	})
}

func textOf(tb testing.TB, chunk *convert.Chunk) [][]string {
	file, _ := written(tb, []*convert.Chunk{chunk}, convert.ParquetOptions{Codec: "ZSTD"})
	return readBack(tb, file)
}

// decode reads record with encoding/json. known: the two are meant to agree.
func decode(record []byte) (known, malformed bool) {
	if !utf8.Valid(record) || bytes.HasPrefix(record, []byte("\ufeff")) || bytes.Count(record, []byte("["))+bytes.Count(record, []byte("{")) > 900 {
		return false, false
	}
	d := json.NewDecoder(bytes.NewReader(record))
	for {
		var value json.RawMessage
		err := d.Decode(&value)
		if errors.Is(err, io.EOF) {
			return true, false
		}
		if err != nil {
			return true, true
		}
		if value[0] != '{' && value[0] != '[' {
			return false, false
		}
	}
}

// FuzzRoundTrip writes rows of made-up values and reads them back.
func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte("some bytes to make rows of"), uint16(100), uint16(1000), true)
	f.Add(bytes.Repeat([]byte{0}, 300), uint16(1), uint16(1), false)
	f.Add([]byte{255, 1, 128, 3, 9, 27, 81, 243, 217, 139}, uint16(5000), uint16(50), true)
	f.Fuzz(func(t *testing.T, seed []byte, n, page uint16, zstd bool) {
		if len(seed) == 0 || n > 5000 {
			return
		}
		b := newBuilder(t, convert.Config{Schema: table("i", "int", "l", "bigint", "s", "string", "b", "boolean", "d", "decimal(9,2)")})
		var want [][]string
		var chunks []*convert.Chunk
		state := uint64(1)
		for i := range int(n) {
			c := seed[i%len(seed)]
			state = state*6364136223846793005 + uint64(c)
			row := []string{fmt.Sprint(int32(state >> (c & 31))), fmt.Sprint(int64(state) >> (c & 63)),
				fmt.Sprintf("%x", seed[i%len(seed):min(len(seed), i%len(seed)+int(c&15))]), fmt.Sprint(c&1 == 0), fmt.Sprintf("%d.%02d", c, c%100)}
			record := "{"
			for k, v := range row {
				if state>>(k*7)&7 == 0 {
					row[k] = "NULL"
					continue
				}
				if len(record) > 1 {
					record += ","
				}
				record += fmt.Sprintf(`"%s":"%s"`, []string{"i", "l", "s", "b", "d"}[k], v)
			}
			if _, reject := b.Add([]byte(record + "}")); reject != nil {
				t.Fatal(record, reject)
			}
			want = append(want, row)
			if c == seed[0] {
				chunks = append(chunks, b.Finish())
			}
		}
		o := convert.ParquetOptions{PageBytes: int64(page) + 1}
		if zstd {
			o.Codec = "ZSTD"
		}
		file, _ := written(t, append(chunks, b.Finish()), o)
		if diff := cmp.Diff(want, readBack(t, file)); diff != "" {
			t.Fatal(diff)
		}
	})
}
