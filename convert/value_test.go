package convert_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/loglake/loglake"
	"github.com/loglake/loglake/convert"
)

// TestValues has a line for every rule of what a JSON value becomes in a column: the column's type, the value, and the
// cell or, after "!", the message of the reject without what all begin with.
func TestValues(t *testing.T) {
	const misfit = "Data does not match the schema. "
	f := func(kind, value, want string) {
		t.Helper()
		b := newBuilder(t, convert.Config{Schema: table("c", kind)})
		record := `{"c":` + value + `}`
		rows, reject := b.Add([]byte(record))
		if text, refused := strings.CutPrefix(want, "!"); refused {
			if reject == nil || reject.Code != convert.CodeMalformedData || reject.Message != misfit+text || rows != 0 {
				t.Errorf("%s ← %s: %d rows, reject %v, want %q", kind, value, rows, reject, text)
			}
			return
		}
		if reject != nil {
			t.Errorf("%s ← %s: %v, want %s", kind, value, reject, want)
			return
		}
		if got := converted(t, convert.Config{Schema: table("c", kind)}, record); got[0][0] != want {
			t.Errorf("%s ← %s: %s, want %s", kind, value, got[0][0], want)
		}
	}
	input := func(s string) string { return `!For input string: "` + s + `"` }

	f("int", `null`, "NULL")
	f("int", `20`, "20")
	f("int", `"20"`, "20")
	f("int", `"+20"`, "20")
	f("int", `"0x1F"`, "31")
	f("int", `"0x-1"`, input("0x-1"))
	f("int", `"oops"`, input("oops"))
	f("int", `""`, input(""))
	f("int", `" 20"`, input(" 20"))
	f("int", `"2.0"`, input("2.0"))
	f("int", `2.0`, "2")
	f("int", `-12e2`, "-1200")
	f("int", `2.5`, input("2.5"))
	f("int", `1.00000000000000000000000000000000000000000001`, input("1.00000000000000000000000000000000000000000001"))
	f("int", `2147483647`, "2147483647")
	f("int", `2147483648`, input("2147483648"))
	f("int", `-2147483648`, "-2147483648")
	f("int", `true`, "!Column c of type int can't take true.")
	f("int", `{"a":1}`, "!Column c of type int can't take an object.")
	f("int", `[1]`, "!Column c of type int can't take an array.")
	f("tinyint", `-128`, "-128")
	f("tinyint", `128`, input("128"))
	f("smallint", `32767`, "32767")
	f("smallint", `"32768"`, input("32768"))
	f("bigint", `9223372036854775807`, "9223372036854775807")
	f("bigint", `-9223372036854775808`, "-9223372036854775808")
	f("bigint", `9223372036854775808`, input("9223372036854775808"))
	f("bigint", `99999999999999999999`, input("99999999999999999999"))
	f("bigint", `1e18`, "1000000000000000000")
	f("bigint", `1e19`, input("1e19"))
	f("bigint", `1e999999999999`, input("1e999999999999"))

	f("double", `2.25`, "2.25")
	f("double", `"2.25"`, "2.25")
	f("double", `" 2.25 "`, "2.25")
	f("double", `"1e3d"`, "1000")
	f("double", `"NaN"`, "NaN")
	f("double", `"-Infinity"`, "-Inf")
	f("double", `"inf"`, input("inf"))
	f("double", `"0x1p3"`, input("0x1p3"))
	f("double", `"1_000"`, input("1_000"))
	f("double", `7`, "7")
	f("double", `1e400`, input("1e400"))
	f("double", `"oops"`, input("oops"))
	f("float", `0.1`, "0.1")
	f("float", `1e39`, input("1e39"))

	f("boolean", `true`, "true")
	f("boolean", `false`, "false")
	f("boolean", `"true"`, "true")
	f("boolean", `"FALSE"`, "false")
	f("boolean", `"maybe"`, input("maybe"))
	f("boolean", `1`, "!Column c of type boolean can't take the number 1.")

	f("string", `"x"`, "x")
	f("string", `""`, "")
	f("string", `1.50`, "1.50")
	f("string", `true`, "true")
	f("string", `false`, "false")
	f("string", `"a\"\\\/\b\f\n\r\tA\u00e9\ud83d\ude00"`, "a\"\\/\b\f\n\r\tAé😀")
	f("string", `"\ud83d"`, "\ufffd")
	f("string", `"\ud83dx\ude00"`, "\ufffdx\ufffd")
	f("string", `"`+strings.Repeat("long é ", 20)+`"`, strings.Repeat("long é ", 20))
	f("string", `{ "Key" : [ 1, {"B" : null} , "X y" ] , "é\u0041É": 1.0 }`, `{"key":[1,{"b":null},"X y"],"éaé":1.0}`)
	f("string", `[ ]`, `[]`)
	f("string", `[{ }, -0.0e1 ,true]`, `[{},-0.0e1,true]`)
	f("string", `{"\"Q\u000A":1}`, `{"\"q\u000a":1}`)
	f("varchar(3)", `"abcdef"`, "abc")
	f("varchar(3)", `"éèàü"`, "éèà")
	f("varchar(3)", `12345`, "123")
	f("char(5)", `"ab   "`, "ab")
	f("char(2)", `"abc"`, "ab")
	f("binary", `"hé"`, "x68c3a9")
	f("binary", `1`, "!Column c of type binary can't take the number 1.")

	f("decimal(10,2)", `1.5`, "1.50")
	f("decimal(10,2)", `"-1.5"`, "-1.50")
	f("decimal(10,2)", `0.005`, "0.01")
	f("decimal(10,2)", `-0.005`, "-0.01")
	f("decimal(10,2)", `0.00499`, "0.00")
	f("decimal(10,2)", `12345678.99`, "12345678.99")
	f("decimal(10,2)", `123456789`, input("123456789"))
	f("decimal(10,2)", `99999999.995`, input("99999999.995"))
	f("decimal(10,2)", `1e-99`, "0.00")
	f("decimal(10,2)", `1e7`, "10000000.00")
	f("decimal(10,2)", `"1,5"`, input("1,5"))
	f("decimal(38,0)", `99999999999999999999999999999999999999`, "99999999999999999999999999999999999999")
	f("decimal(38,0)", `-99999999999999999999999999999999999999`, "-99999999999999999999999999999999999999")
	f("decimal(38,0)", `100000000000000000000000000000000000000`, input("100000000000000000000000000000000000000"))
	f("decimal(38,38)", `0.12345678901234567890123456789012345678`, "0.12345678901234567890123456789012345678")
	f("decimal(1,0)", `9`, "9")

	f("date", `"2025-12-03"`, "2025-12-03")
	f("date", `"2025-2-3"`, "2025-02-03")
	f("date", `"2024-02-29"`, "2024-02-29")
	f("date", `"1969-12-31"`, "1969-12-31")
	f("date", `"2025-02-29"`, `!"2025-02-29" in column c is no date: write yyyy-MM-dd.`)
	f("date", `"25-02-01"`, `!"25-02-01" in column c is no date: write yyyy-MM-dd.`)
	f("date", `20251203`, "!Column c of type date can't take the number 20251203.")
}

// TestTimestamps has a line for every form of a timestamp.
func TestTimestamps(t *testing.T) {
	f := func(value, want string) {
		t.Helper()
		b := newBuilder(t, convert.Config{Schema: table("ts", "timestamp")})
		_, reject := b.Add([]byte(`{"ts":` + value + `}`))
		if want == "" {
			if reject == nil || reject.Code != convert.CodeMalformedData || !strings.HasPrefix(reject.Message, "Data does not match the schema. ") {
				t.Errorf("%s: %v, want it refused", value, reject)
			}
			return
		}
		if reject != nil {
			t.Errorf("%s: %v, want %s", value, reject, want)
			return
		}
		file, _ := written(t, []*convert.Chunk{b.Finish()}, convert.ParquetOptions{})
		if got := readBack(t, file)[0][0]; got != want {
			t.Errorf("%s: %s, want %s", value, got, want)
		}
	}
	f(`null`, "NULL")
	f(`1518033528`, "2018-02-07 19:58:48")
	f(`"1518033528"`, "2018-02-07 19:58:48")
	f(`1518033528.123`, "2018-02-07 19:58:48.123")
	f(`"1518033528.123456789"`, "2018-02-07 19:58:48.123456")
	f(`1518033528123`, "2018-02-07 19:58:48.123")
	f(`"1518033528123"`, "2018-02-07 19:58:48.123")
	f(`1518033528123.5`, "2018-02-07 19:58:48.1235")
	f(`1.518033528e9`, "2018-02-07 19:58:48")
	f(`0`, "1970-01-01 00:00:00")
	f(`-1`, "1969-12-31 23:59:59")
	f(`-0.0000001`, "1969-12-31 23:59:59.999999")
	f(`1000000000000`, "2001-09-09 01:46:40")
	f(`-1000000000000`, "1938-04-24 22:13:20")
	f(`999999999999`, "2092-10-26 00:40:18.684212") // wraps in 64 bits of nanoseconds
	f(`"2025-12-03 10:15:30"`, "2025-12-03 10:15:30")
	f(`"2025-12-03 10:15:30.1"`, "2025-12-03 10:15:30.1")
	f(`"2025-12-03 10:15:30.123456789"`, "2025-12-03 10:15:30.123456")
	f(`"2025-2-3 1:5:3"`, "2025-02-03 01:05:03")
	f(`"2025-12-03T10:15:30Z"`, "2025-12-03 10:15:30")
	f(`"2025-12-03T10:15:30"`, "2025-12-03 10:15:30")
	f(`"2025-12-03T10:15:30.123Z"`, "2025-12-03 10:15:30.123")
	f(`"2025-12-03T10:15:30.123456789"`, "2025-12-03 10:15:30.123456")
	f(`"0001-01-01 00:00:00"`, "0001-01-01 00:00:00")
	f(`"9999-12-31T23:59:59Z"`, "9999-12-31 23:59:59")
	f(`"2000-02-29T00:00:00Z"`, "2000-02-29 00:00:00")
	for _, refused := range []string{
		`"2025-12-03T10:15:30+00:00"`, `"2025-12-03T10:15:30+0000"`, `"2025-12-03T10:15:30-05:00"`, `"2025-12-03"`,
		`"2025-12-03T10:15"`, `"2025-12-03 10:15"`, `"2025-2-3T01:05:03Z"`, `"2025-12-03T1:15:30Z"`, `"2025-12-03 10:15:30Z"`,
		`"2025-12-03T10:15:30."`, `"2025-12-03 10:15:30.1234567890"`, `"2025-12-03T10:15:30z"`, `"2025-12-03t10:15:30Z"`,
		`"2025-13-03 10:15:30"`, `"2025-02-29 10:15:30"`, `"1900-02-29 10:15:30"`, `"2025-12-03 24:00:00"`, `"2025-12-03 10:60:00"`,
		`"2025-12-03T10:15:60Z"`, `"0000-01-01 00:00:00"`, `"25-12-03 10:15:30"`, `"12/03/2025"`, `"now"`, `""`, `" 1518033528"`,
		`"Wed, 03 Dec 2025 10:15:30 GMT"`, `true`, `{}`, `[]`, `1e60`,
	} {
		f(refused, "")
	}
}

func TestKeys(t *testing.T) {
	f := func(name string, serde convert.SerDe, schema loglake.Schema, record string, want ...string) {
		t.Helper()
		if got := converted(t, convert.Config{Schema: schema, SerDe: serde}, record); !cmp.Equal(got, [][]string{want}) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	ab := table("a", "int", "b_c", "string")
	f("missing is NULL", convert.SerDe{}, ab, `{"a":1}`, "1", "NULL")
	f("extra is ignored", convert.SerDe{}, ab, `{"x":{"y":[1]},"a":1,"z":null}`, "1", "NULL")
	f("any case", convert.SerDe{}, ab, `{"A":1,"B_c":"x"}`, "1", "x")
	f("exact case", convert.SerDe{CaseSensitive: true}, ab, `{"A":1,"b_c":"x"}`, "NULL", "x")
	f("exact case keeps keys of text", convert.SerDe{CaseSensitive: true}, ab, `{"b_c":{"K":1}}`, "NULL", `{"K":1}`)
	f("column names are lower-case in the file only", convert.SerDe{CaseSensitive: true}, table("Ab", "int"), `{"Ab":1,"ab":2}`, "1")
	f("dots stay", convert.SerDe{}, ab, `{"b.c":"x"}`, "NULL", "NULL")
	f("dots become underscores", convert.SerDe{ConvertDots: true}, ab, `{"B.c":"x"}`, "NULL", "x")
	f("mapping", convert.SerDe{Mappings: map[string]string{"a": "Time"}}, ab, `{"time":7,"a":8}`, "7", "NULL")
	f("one key for two columns", convert.SerDe{Mappings: map[string]string{"a": "v", "b_c": "v"}}, ab, `{"v":7}`, "7", "7")
	f("last of two wins", convert.SerDe{}, ab, `{"a":1,"b_c":"x","A":2,"b_c":null}`, "2", "NULL")
	f("escaped key", convert.SerDe{}, ab, `{"\u0061":3}`, "3", "NULL")
	f("white space", convert.SerDe{}, ab, "\n{ \"a\"\t:\r\n 1 , \"b_c\" : \"x\" } \n", "1", "x")
	f("array by position", convert.SerDe{}, ab, `[1,"x",3]`, "1", "x")
	f("short array", convert.SerDe{}, ab, `[1]`, "1", "NULL")
	f("byte order mark", convert.SerDe{}, ab, "\ufeff{\"a\":1}", "1", "NULL")
}

func TestObjectsInARecord(t *testing.T) {
	b := newBuilder(t, convert.Config{Schema: table("a", "int")})
	f := func(record string, rows int) {
		t.Helper()
		before := b.Rows()
		got, reject := b.Add([]byte(record))
		if reject != nil || got != rows || b.Rows() != before+rows {
			t.Errorf("%s: %d rows, %v, want %d", record, got, reject, rows)
		}
	}
	f(`{"a":1}{"a":2}`, 2)
	f("{\"a\":3}\n{\"a\":4}\n{}\n", 3)
	f(strings.Repeat(`{"a":5}`, 1000), 1000)
	if _, reject := b.Add([]byte(`{"a":6}{"a":"no"}`)); reject == nil || b.Rows() != 1005 {
		t.Errorf("a record half of which fits: %v, %d rows", reject, b.Rows())
	}
	f(`{"b":1}`, 1)
	chunk := b.Finish()
	file, _ := written(t, []*convert.Chunk{chunk}, convert.ParquetOptions{})
	rows := readBack(t, file)
	if len(rows) != 1006 || rows[3][0] != "4" || rows[4][0] != "NULL" || rows[1004][0] != "5" || rows[1005][0] != "NULL" {
		t.Errorf("%d rows, the last is %v", len(rows), rows[len(rows)-1])
	}
	want := convert.Stats{Records: 4, Rows: 1006, NullRows: 2, Extra: 1, ExtraNames: []string{"b"}}
	if diff := cmp.Diff(want, chunk.Stats()); diff != "" {
		t.Error(diff)
	}
}

func TestExtraNamesAreBounded(t *testing.T) {
	b := newBuilder(t, convert.Config{Schema: table("a", "int")})
	var record strings.Builder
	record.WriteString(`{"a":1`)
	for i := range 1000 {
		record.WriteString(`,"k` + strings.Repeat("x", i) + `":1`)
	}
	record.WriteString("}")
	for range 2 {
		if _, reject := b.Add([]byte(record.String())); reject != nil {
			t.Fatal(reject)
		}
	}
	stats := b.Finish().Stats()
	if stats.Extra != 2000 || len(stats.ExtraNames) != convert.ExtraNamesMax {
		t.Errorf("%d extra values, %d names", stats.Extra, len(stats.ExtraNames))
	}
	if _, reject := b.Add([]byte(`{"k":1}`)); reject != nil || !cmp.Equal(b.Finish().Stats().ExtraNames, []string{"k"}) {
		t.Error("the next chunk does not begin its own list of names")
	}
}

func TestNewRefuses(t *testing.T) {
	f := func(schema loglake.Schema, code loglake.Code, text string) {
		t.Helper()
		_, err := convert.New(convert.Config{Schema: schema})
		if loglake.CodeOf(err) != code || !strings.Contains(err.Error(), text) {
			t.Errorf("%v: %v, want %s %q", schema.Columns, err, code, text)
		}
	}
	f(table("tags", "array<string>"), loglake.CodeUnsupported, `"tags" of table db.t has the type array<string>`)
	f(table("m", "map<string,int>"), loglake.CodeUnsupported, "map<string,int>")
	f(table("s", "struct<a:int>"), loglake.CodeUnsupported, "struct<a:int>")
	f(table("s", "text"), loglake.CodeInvalid, `"text" is not a Hive type`)
	f(table("a", "int", "A", "int"), loglake.CodeInvalid, "two columns")
	f(table(), loglake.CodeInvalid, "no columns")
}
