package native

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestPathErrors(t *testing.T) {
	for path, want := range map[string]string{
		"":                                 "0 mismatched input '<EOF>' expecting {'lax', 'strict'}",
		"$.a":                              "0 missing {'lax', 'strict'} at '$'",
		"LAX $":                            "0 mismatched input 'LAX' expecting {'lax', 'strict'}",
		"lax":                              "3 mismatched input '<EOF>' expecting " + pathStarts,
		"lax $.":                           "6 no viable alternative at input '.'",
		"lax $.ü":                          "6 no viable alternative at input '.ü'",
		"lax $..*":                         "7 no viable alternative at input '..*'",
		"lax $.a b":                        "8 extraneous input 'b' expecting <EOF>",
		"lax $.a == 1":                     "8 mismatched input '==' expecting {<EOF>, '+', '*', '/', '%', '.', '..', '[', '?', '-'}",
		"lax $[*":                          "7 missing ']' at '<EOF>'",
		"lax $[1 2]":                       "8 extraneous input '2' expecting {',', ']'}",
		"lax $ ? (@)":                      "10 no viable alternative at input '@)'",
		"lax $ ? (@ > 1":                   "14 missing ')' at '<EOF>'",
		"lax $ ? ((@ > 1) is null)":        "20 mismatched input 'null' expecting {'+', '*', '/', '%', '.', '..', '[', '?', ')', '&&', '||', '-'}",
		"lax $.datetime()":                 "-1 datetime method in JSON path is not yet supported",
		`lax -"a"`:                         "-1 invalid operand type (varchar(1)) in JSON path arithmetic unary expression: Cannot negate varchar(1)",
		"lax 12345678901234567890":         "-1 Invalid numeric literal: 12345678901234567890",
		"lax " + strings.Repeat("(", 1000): "54 a JSON path that is so long is not supported",
	} {
		_, err := CheckSQLPath(path)
		var e *PathError
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", path, err)
		} else if at, text, _ := strings.Cut(want, " "); at != jsonText(e.At) || text != e.Message {
			t.Errorf("%s: %d %s, want %s", path, e.At, e.Message, want)
		}
	}
}

func jsonText(v any) string { b, _ := json.Marshal(v); return string(b) }

// What a path may do is bounded, however it multiplies what it finds.
func TestPathsAreBounded(t *testing.T) {
	list := "[" + strings.Repeat("1,", 9999) + "1]"
	deep := strings.Repeat(`{"a":`, 900) + "1" + strings.Repeat("}", 900)
	for _, x := range [...][2]string{{list, "qnn---lax $ ? (@[*] == $[*].keyvalue())"}, {list, "qnnu--lax $[0 to last" + strings.Repeat(", 0 to last", 900) + "]"},
		{list, "xne---strict $ ? (@[*] < $[*])"}, {deep, "qnnu--lax $" + strings.Repeat("..a", 300)}, {`{"a":1}`, "qnnu--lax $" + strings.Repeat(".keyvalue()", 300)}} {
		_, err := call(t, "loglake_sqljson", x[0], x[1])
		var e *Error
		if err != nil && (!errors.As(err, &e) || e.Code != codeLimit) {
			t.Errorf("%.60s: %v", x[1], err)
		}
	}
}

func FuzzSQLPath(f *testing.F) {
	for _, path := range []string{"lax $.a[*] ? (@.b > 1 && !exists(@.c))", "strict $[last - 1 to last, 0].keyvalue()", `lax ($."x y" + 1.5) * -$..b.abs()`,
		`lax $ ? ((@ starts with "a") is unknown || @ <> $p)`, "lax $.a.b", "lax ((((($ ? ((@ == 1)) ? (("} {
		f.Add(path, `{"a":[{"b":2,"c":null},{"b":1.5e3}],"x y":"\u00e9"}`)
	}
	f.Fuzz(func(t *testing.T, path, text string) {
		p, err := readSQLPath(path)
		if err != nil {
			var e *PathError
			if !errors.As(err, &e) || e.At > len(path) || e.Message == "" {
				t.Fatalf("%q: %v", path, err)
			}
			return
		}
		c := &pathCall{path: p, form: 'q', empty: 'n', error: 'e', wrapper: 'u', quotes: '-'}
		slow, slowErr := c.items(text, []any{"p"}, []any{"s"})
		if keys := p.keys(); keys != nil {
			fast, done, err := jsonMember(text, keys)
			if done && ((err == nil) != (slowErr == nil) || jsonItems(fast) != jsonItems(slow)) {
				t.Fatalf("%q of %q: %s, %v by its keys, else %s, %v", path, text, jsonItems(fast), err, jsonItems(slow), slowErr)
			}
		}
		if slowErr == nil {
			if v, err := c.query(slow); err == nil && v != nil && !json.Valid([]byte(v.(string))) {
				t.Fatalf("%q of %q: %s", path, text, v)
			}
		}
	})
}

func jsonItems(items []any) string {
	var w jsonWriter
	w.item(items)
	return string(w.dst)
}

func BenchmarkJSONValue(b *testing.B) {
	for _, path := range [...]string{"lax $.level", "lax $.http.status", "lax $.trace_id", "strict $.http.status", `lax $ ? (@.level == "INFO").service`} {
		b.Run(path, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if v, err := callPath(sampleLine, "vnn---"+path, nil, nil); v == nil || err != nil {
					b.Fatal(v, err)
				}
			}
		})
	}
}
