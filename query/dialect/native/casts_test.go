package native

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestReadMoment(t *testing.T) {
	f := func(text string, digits int, local, zone string, ok bool) {
		t.Helper()
		m, got := ReadMoment(text, digits)
		if got != ok || ok && (time.UnixMicro(m.Local).UTC().Format("2006-01-02 15:04:05.999999") != local || m.Zone != zone) {
			t.Errorf("%s: %s %q %v, want %s %q %v", text, time.UnixMicro(m.Local).UTC(), m.Zone, got, local, zone, ok)
		}
	}
	f("2020-01-05", -1, "2020-01-05 00:00:00", "", true)
	f("2020-1-5 1:2", -1, "2020-01-05 01:02:00", "", true)
	f("2020-01-05 10:00:00.9999999", 6, "2020-01-05 10:00:01", "", true)
	f("2020-01-05 10:00:00.1235", 3, "2020-01-05 10:00:00.124", "", true)
	f("2020-01-05 10:00:00 +2", -1, "2020-01-05 10:00:00", "+02:00", true)
	f("2020-01-05 10:00:00+0230", -1, "2020-01-05 10:00:00", "+02:30", true)
	f("2020-01-05 10:00:00 Europe/Rome", -1, "2020-01-05 10:00:00", "Europe/Rome", true)
	f("2020-01-05 10:00:00 GMT", -1, "2020-01-05 10:00:00", "", true)
	f("2020-01-05 10:00:00 Etc/GMT+5", -1, "2020-01-05 10:00:00", "-05:00", true)
	f("2020-01-05T10:00:00", -1, "", "", false)
	f("2020-01-05 24:00:00", -1, "", "", false)
	f("2020-02-30", -1, "", "", false)
	f("2020-01-05 10:00:00 utc", -1, "", "", false)
	f("2020-01-05 10:00:00 +15:00", -1, "", "", false)
	f("2020-01-05 10", -1, "", "", false)
	f("999999-01-05", -1, "", "", false)
}

func TestInstant(t *testing.T) {
	f := func(local, zone, want string, skipped bool) {
		t.Helper()
		m, _ := ReadMoment(local, -1)
		at, got := Instant(m.Local, zone)
		if text := time.UnixMicro(at).UTC().Format("2006-01-02 15:04"); text != want || got != skipped {
			t.Errorf("%s %s: %s %v, want %s %v", local, zone, text, got, want, skipped)
		}
	}
	f("2020-07-01 12:00", "Europe/Rome", "2020-07-01 10:00", false)
	f("2020-03-29 02:30", "Europe/Rome", "2020-03-29 01:30", true)
	f("2020-10-25 02:30", "Europe/Rome", "2020-10-25 00:30", false)
	f("2020-01-01 00:00", "-05:30", "2020-01-01 05:30", false)
}

func TestLike(t *testing.T) {
	f := func(text, pattern string, want bool) {
		t.Helper()
		p, err := readLike(pattern, '$')
		if err != nil || like([]rune(text), p) != want {
			t.Errorf("%s LIKE %s: %v, want %v", text, pattern, err, want)
		}
	}
	f("", "", true)
	f("", "%", true)
	f("abc", "a%c", true)
	f("abc", "a_c", true)
	f("abc", "a_", false)
	f("aXbXc", "a%X%c", true)
	f("100%", "100$%", true)
	f("1000", "100$%", false)
	f("é", "_", true)
	f("a$b", "a$$b", true)
	f(strings.Repeat("a", 2000), strings.Repeat("%a", 500)+"b", false)
	for _, pattern := range []string{"a$", "a$b"} {
		if _, err := readLike(pattern, '$'); err == nil {
			t.Errorf("%s is read", pattern)
		}
	}
}

func TestParseFloat(t *testing.T) {
	for text, want := range map[string]float64{"1": 1, " 1.5\t": 1.5, "1d": 1, "1.F": 1, ".5e1": 5, "0x1p3": 8, "-Infinity": math.Inf(-1), "1e400": math.Inf(1)} {
		if got, ok := ParseFloat(text, 64); !ok || got != want {
			t.Errorf("%q: %v %v, want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "x", "infinity", "nan", "1_0", "0x10", "1e", "1 2", "inf"} {
		if got, ok := ParseFloat(text, 64); ok {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestCanonicalJSON(t *testing.T) {
	for text, want := range map[string]string{`{"b" : 1, "a":[1.50, 1e3, 1E400]}`: `{"a":[1.5,1000.0,"Infinity"],"b":1}`, `"a\u0000b"`: `"a\u0000b"`, ` null `: "null"} {
		if got, ok := CanonicalJSON(text); !ok || got != want {
			t.Errorf("%s: %s %v, want %s", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "{bad}", "1 2", "[1,]"} {
		if got, ok := CanonicalJSON(text); ok {
			t.Errorf("%s: %s", text, got)
		}
	}
}

// FuzzCastJSON holds that no JSON and no text makes a cast panic, and that what comes of it is JSON or a scalar.
func FuzzCastJSON(f *testing.F) {
	for _, text := range []string{`{"a":{"b":[1,2]},"c":null}`, `[1,"x"]`, `{"a":1,"A":2}`, `[[`, `{"a"`, "null", `"x"`, "1e999"} {
		f.Add(text)
	}
	scalar := &JSONType{Kind: "integer", Text: "integer"}
	list := &JSONType{Kind: "array", Text: "array(integer)", Fields: []*JSONType{scalar}}
	row := &JSONType{Kind: "row", Text: "row(a array(integer), c json)", Names: []string{"a", "c"}, Members: []string{"a", "c"},
		Fields: []*JSONType{list, {Kind: "json", Text: "json"}}}
	members := &JSONType{Kind: "map", Text: "map(varchar, row)", Fields: []*JSONType{{Kind: "varchar", Text: "varchar"}, row}}
	f.Fuzz(func(t *testing.T, text string) {
		for _, kind := range []*JSONType{scalar, list, row, members, {Kind: "decimal", Text: "decimal(5,1)", Precision: 5, Scale: 1}} {
			v, err := castJSON(text, kind)
			if s, ok := v.(string); err == nil && ok && len(kind.Fields) > 0 {
				if _, fine := CanonicalJSON(s); !fine {
					t.Errorf("%s as %s: %s", text, kind.Text, s)
				}
			}
		}
		_, _ = ParseFloat(text, 64)
		_, _ = ReadMoment(text, 3)
		_, _ = ReadClock(text, 3)
		_, _ = ParseDate(text)
		_, _ = ParseIP(text)
		_ = readDecimal(text)
	})
}
