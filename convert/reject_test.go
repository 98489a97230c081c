package convert_test

import (
	"strings"
	"testing"

	"github.com/loglake/loglake/convert"
)

func TestRejects(t *testing.T) {
	b := newBuilder(t, convert.Config{Schema: table("a", "int", "s", "string")})
	f := func(record, code, message string) {
		t.Helper()
		rows, reject := b.Add([]byte(record))
		if reject == nil || rows != 0 || b.Rows() != 0 {
			t.Errorf("%q: not refused (%d rows)", record, rows)
			return
		}
		if reject.Code != code || reject.Message != message {
			t.Errorf("%q:\n got %s %q\nwant %s %q", record, reject.Code, reject.Message, code, message)
		}
	}
	data := func(record, message string) {
		t.Helper()
		f(record, "DataFormatConversion.MalformedData", message)
	}
	blank := "The record was empty or contained only whitespace."
	data("", blank)
	data(" \r\n\t", blank)
	primitive := "The input JSON contained a primitive at the top level. The top level must be an object or array."
	for _, record := range []string{`1`, `-1.5e3`, `"x"`, `true`, `null`, `{"a":1} 2`} {
		data(record, primitive)
	}
	data(`{"a":"oops"}`, `Data does not match the schema. For input string: "oops"`)
	data(`{"a":"`+strings.Repeat("é", 2000)+`"}`, `Data does not match the schema. For input string: "`+strings.Repeat("é", 512)+`…"`)
	data(`[{"a":1},{"a":2}]`, `Data does not match the schema. The record is an array of objects; put the objects one after the other instead.`)
	data(`{"a":"first"}{"a":"second"}`, `Data does not match the schema. For input string: "first"`)

	parse := func(record, message, place string) {
		t.Helper()
		f(record, "DataFormatConversion.ParseError", "Encountered malformed JSON. "+message+"\n at [Source: UNKNOWN; "+place+"]")
	}
	parse("\x1f\x8b\x08\x00\x00", `Illegal character ((CTRL-CHAR, code 31)): only regular white space (\r, \n, \t) is allowed between tokens`, "line: 1, column: 2")
	parse("hello world", `Unrecognized token 'hello': was expecting ('true', 'false' or 'null')`, "line: 1, column: 6")
	parse("{\"a\":1}\n{\"a\":tru}", `Unrecognized token 'tru': was expecting 'null', 'true', 'false' or NaN`, "line: 2, column: 9")
	parse(`{"a":trueish}`, `Unrecognized token 'trueish': was expecting 'null', 'true', 'false' or NaN`, "line: 1, column: 13")
	parse(`{"a":NaN}`, `Non-standard token 'NaN': enable JsonParser.Feature.ALLOW_NON_NUMERIC_NUMBERS to allow`, "line: 1, column: 9")
	parse(`{"a":é}`, `Unrecognized token 'é': was expecting ('true', 'false' or 'null')`, "line: 1, column: 8")
	parse(`{"a":'x'}`, `Unexpected character (''' (code 39)): expected a valid value (number, String, array, object, 'true', 'false' or 'null')`, "line: 1, column: 7")
	parse(`{"a":}`, `Unexpected character ('}' (code 125)): expected a valid value (number, String, array, object, 'true', 'false' or 'null')`, "line: 1, column: 7")
	parse(`{a:1}`, `Unexpected character ('a' (code 97)): was expecting double-quote to start field name`, "line: 1, column: 3")
	parse(`{"a":1,}`, `Unexpected character ('}' (code 125)): was expecting double-quote to start field name`, "line: 1, column: 9")
	parse(`{"a" 1}`, `Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value`, "line: 1, column: 7")
	parse(`{"a":1 "b":2}`, `Unexpected character ('"' (code 34)): was expecting comma to separate OBJECT entries`, "line: 1, column: 9")
	parse(`{"a":1x}`, `Unexpected character ('x' (code 120)): was expecting comma to separate OBJECT entries`, "line: 1, column: 8")
	parse(`{"s":[1 2]}`, `Unexpected character ('2' (code 50)): was expecting comma to separate ARRAY entries`, "line: 1, column: 10")
	parse(`{"a":1],`, `Unexpected close marker ']': expected '}' (for Object starting at [Source: UNKNOWN; line: 1, column: 1])`, "line: 1, column: 8")
	parse(`{"a":01}`, `Invalid numeric value: Leading zeroes not allowed`, "line: 1, column: 8")
	parse(`{"a":-x}`, `Unexpected character ('x' (code 120)) in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value`, "line: 1, column: 8")
	parse(`{"a":1.}`, `Unexpected character ('}' (code 125)) in numeric value: Decimal point not followed by a digit`, "line: 1, column: 9")
	parse(`{"a":1e}`, `Unexpected character ('}' (code 125)) in numeric value: Exponent indicator not followed by a digit`, "line: 1, column: 9")
	parse(`{"s":"\q"}`, `Unrecognized character escape 'q' (code 113)`, "line: 1, column: 9")
	parse(`{"s":"\u00g0"}`, `Unexpected character ('g' (code 103)): expected a hex-digit for character escape sequence`, "line: 1, column: 12")
	parse("{\"s\":\"a\nb\"}", `Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using backslash to be included in string value`, "line: 2, column: 1")
	parse("{\"s\":\"a\xffb\"}", `Invalid UTF-8 start byte 0xff`, "line: 1, column: 9")
	parse("{\"s\":\"a\xc3(\"}", `Invalid UTF-8 middle byte 0x28`, "line: 1, column: 10")
	parse(`{"a":1`, `Unexpected end-of-input: expected close marker for Object (start marker at [Source: UNKNOWN; line: 1, column: 1])`, "line: 1, column: 7")
	parse(`{"s":[1`, `Unexpected end-of-input: expected close marker for Array (start marker at [Source: UNKNOWN; line: 1, column: 6])`, "line: 1, column: 8")
	parse(`{"a":`, `Unexpected end-of-input within/between OBJECT entries`, "line: 1, column: 6")
	parse(`{"a":1,`, `Unexpected end-of-input within/between OBJECT entries`, "line: 1, column: 8")
	parse(`{"s":"abc`, `Unexpected end-of-input in VALUE_STRING`, "line: 1, column: 10")
	parse(`{"a":1},{"a":2}`, `Unexpected character (',' (code 44)): expected a valid value (number, String, array, object, 'true', 'false' or 'null')`, "line: 1, column: 9")
	parse(`1x`, `Unexpected character ('x' (code 120)): Expected space separating root-level values`, "line: 1, column: 3")
	parse(`{"a":"oops","s":`, `Unexpected end-of-input within/between OBJECT entries`, "line: 1, column: 17")
}

// TestDepth: nesting is refused at a fixed depth, whatever reads it, and does not take the stack.
func TestDepth(t *testing.T) {
	b := newBuilder(t, convert.Config{Schema: table("a", "int", "s", "string")})
	for _, key := range []string{"s", "extra"} {
		nest := func(n int) string { return `{"` + key + `":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}` }
		if _, reject := b.Add([]byte(nest(999))); reject != nil {
			t.Errorf("%s: depth 1000: %v", key, reject)
		}
		_, reject := b.Add([]byte(nest(1_000_000)))
		if reject == nil || !strings.Contains(reject.Message, "Document nesting depth (1001) exceeds the maximum allowed (1000)") {
			t.Errorf("%s: a million deep: %v", key, reject)
		}
	}
}

// TestTooManyObjects: a record of objects of two bytes each does not fill the memory with rows.
func TestTooManyObjects(t *testing.T) {
	b := newBuilder(t, convert.Config{Schema: table("a", "int", "s", "string")})
	most := convert.RecordRowBytesMax / int(convert.RowBytes(table("a", "int", "s", "string")))
	if rows, reject := b.Add([]byte(strings.Repeat("{}", most))); rows != most || reject != nil {
		t.Errorf("%d objects gave %d rows: %v", most, rows, reject)
	}
	b.Finish()
	rows, reject := b.Add([]byte(strings.Repeat("{}", 100*most)))
	if rows != 0 || reject == nil || reject.Code != convert.CodeMalformedData || !strings.Contains(reject.Message, "objects") {
		t.Errorf("%d objects gave %d rows: %v", 100*most, rows, reject)
	}
	if b.Rows() != 0 {
		t.Errorf("%d rows stayed of a record that did not convert", b.Rows())
	}
	if rows, reject := b.Add([]byte(`{"a":1}`)); rows != 1 || reject != nil {
		t.Errorf("the next record gave %d rows: %v", rows, reject)
	}
}
