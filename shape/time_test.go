package shape_test

import (
	"testing"
	"time"

	"github.com/loglake/loglake/shape"
)

func TestParseTime(t *testing.T) {
	f := func(text, want string, wantForm shape.TimeForm) {
		t.Helper()
		at, form, ok := shape.ParseTime([]byte(text))
		if got := at.UTC().Format(time.RFC3339Nano); ok != (want != "") || ok && (got != want || form != wantForm) {
			t.Errorf("%q is %s (%s), %v; want %s (%s)", text, got, form, ok, want, wantForm)
		}
	}
	f("2015-05-17T10:05:03Z", "2015-05-17T10:05:03Z", shape.TimeUTC)
	f("2015-05-17T10:05:03.120Z", "2015-05-17T10:05:03.12Z", shape.TimeUTC)
	f("2015-05-17T10:05:03.123456789", "2015-05-17T10:05:03.123456789Z", shape.TimeLocal)
	f("2015-05-17T10:05:03+09:00", "2015-05-17T01:05:03Z", shape.TimeOffset)
	f("2015-05-17T10:05:03.5-0130", "2015-05-17T11:35:03.5Z", shape.TimeOffset)
	f("2015-05-17 10:05:03", "2015-05-17T10:05:03Z", shape.TimeSpaced)
	f("2015-05-17 10:05:03.5", "2015-05-17T10:05:03.5Z", shape.TimeSpaced)
	f("2015-05-17 10:05:03,123", "2015-05-17T10:05:03.123Z", shape.TimeComma)
	f("2015-05-17 10:05:03.123456+00:00", "2015-05-17T10:05:03.123456Z", shape.TimeOffset)
	f("2015-05-17 10:05:03 UTC", "2015-05-17T10:05:03Z", shape.TimeOffset)
	f("2015-05-17 10:05:03 +0900", "2015-05-17T01:05:03Z", shape.TimeOffset)
	f("17/May/2015:10:05:03 +0200", "2015-05-17T08:05:03Z", shape.TimeAccess)
	f("1431857103", "2015-05-17T10:05:03Z", shape.TimeSeconds)
	f("1431857103.25", "2015-05-17T10:05:03.25Z", shape.TimeSeconds)
	f("1431857103120", "2015-05-17T10:05:03.12Z", shape.TimeMillis)
	f("1431857103120000", "2015-05-17T10:05:03.12Z", shape.TimeMicros)
	f("1431857103120000000", "2015-05-17T10:05:03.12Z", shape.TimeNanos)
	f("", "", "")
	f("2015", "", "")
	f("12345678", "", "")
	f("99999999999999999999", "", "")
	f("0431857103", "", "")
	f("1431857103.", "", "")
	f("1431857103e5", "", "")
	f("2015-13-17T10:05:03Z", "", "")
	f("2015-05-17T10:05:03.Z", "", "")
	f("2015-05-17T10:05:03X", "", "")
	f("2015-05-17T10:05:03.1234567890Z", "", "")
	f("32/May/2015:10:05:03 +0200", "", "")
	f("yesterday at noon", "", "")
	f("00/000000", "", "")
}

func FuzzParseTime(f *testing.F) {
	f.Add([]byte("2015-05-17 10:05:03,123 +0900"))
	f.Add([]byte("1431857103.25"))
	f.Fuzz(func(t *testing.T, text []byte) {
		before := string(text)
		if _, form, ok := shape.ParseTime(text); ok == (form == "") || string(text) != before {
			t.Fatalf("%q: form %q, %v", before, form, ok)
		}
	})
}
