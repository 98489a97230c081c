package trino

import (
	"encoding/json"
	"testing"
)

func TestValuesInAthenasText(t *testing.T) {
	const (
		integer = `{"rawType":"integer"}`
		binary  = `{"rawType":"varbinary"}`
	)
	of := func(outer string, inner ...string) string {
		s := `{"rawType":"` + outer + `","arguments":[`
		for i, t := range inner {
			if i > 0 {
				s += ","
			}
			s += `{"kind":"TYPE","value":` + t + `}`
		}
		return s + "]}"
	}
	row := `{"rawType":"row","arguments":[{"kind":"NAMED_TYPE","value":{"fieldName":{"name":"a"},"typeSignature":` + integer +
		`}},{"kind":"NAMED_TYPE","value":{"typeSignature":` + binary + `}}]}`
	for _, c := range []struct{ signature, value, kind, want string }{
		{integer, "7", "integer", "7"},
		{`{"rawType":"double"}`, "1.0E20", "double", "1.0E20"}, {`{"rawType":"double"}`, `"NaN"`, "double", "NaN"},
		{`{"rawType":"decimal","arguments":[{"kind":"LONG","value":3},{"kind":"LONG","value":2}]}`, `"1.50"`, "decimal(3,2)", "1.50"},
		{`{"rawType":"varchar","arguments":[{"kind":"LONG","value":2147483647}]}`, `"é\n"`, "varchar", "é\n"},
		{`{"rawType":"timestamp with time zone","arguments":[{"kind":"LONG","value":3}]}`, `"x"`, "timestamp(3) with time zone", "x"},
		{binary, `"Cgs="`, "varbinary", "0a 0b"},
		{of("array", of("array", integer)), "[[1,null],null]", "array(array(integer))", "[[1, null], null]"},
		{row, `[1,"Cgs="]`, "row(a integer, varbinary)", "{a=1, [B@868f54e2}"},
		{of("map", integer, `{"rawType":"varchar"}`), `{"10":"b","9":"a"}`, "map(integer, varchar)", "{9=a, 10=b}"},
		{of("map", `{"rawType":"varchar"}`, integer), `{"9":1,"10":null}`, "map(varchar, integer)", "{10=null, 9=1}"},
	} {
		var s signature
		if err := json.Unmarshal([]byte(c.signature), &s); err != nil {
			t.Fatal(err)
		}
		if got, err := text0(json.RawMessage(c.value), s); err != nil || *got != c.want || s.String() != c.kind {
			t.Errorf("%s: %v of type %s, %v, want %s of type %s", c.value, *got, s, err, c.want, c.kind)
		}
	}
}

func TestPlaceIsTheOneInAthenasText(t *testing.T) {
	sql := "SELECT 1.5, x,\n 2.5, y"
	for _, c := range []struct{ message, want string }{
		{"line 1:15: why", "line 1:13: why"}, {"line 1:8: why", "line 1:8: why"}, {"line 2:9: why", "line 2:7: why"}, {"why", "why"},
	} {
		if got := place(c.message, sql, []int{10, 19}); got != c.want {
			t.Errorf("%s: %s, want %s", c.message, got, c.want)
		}
	}
}
