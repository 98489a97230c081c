package layout_test

import (
	"testing"
	"time"

	"github.com/loglake/loglake/layout"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestFoldersOfARowsOwnTime(t *testing.T) {
	const day, hour = "data/dt=!{timestamp:yyyy-MM-dd}/", "h=!{timestamp:yyyy-MM-dd-HH}/"
	for _, c := range []struct{ prefix, zone, at, want, from, to string }{
		{day, "UTC", "2015-05-17T10:05:03Z", "data/dt=2015-05-17/", "2015-05-17T00:00:00Z", "2015-05-18T00:00:00Z"},
		{day, "Asia/Seoul", "2015-05-17T14:59:59.999999Z", "data/dt=2015-05-17/", "2015-05-16T15:00:00Z", "2015-05-17T15:00:00Z"},
		{day, "Asia/Seoul", "2015-05-17T15:00:00Z", "data/dt=2015-05-18/", "2015-05-17T15:00:00Z", "2015-05-18T15:00:00Z"},
		{day, "Asia/Kathmandu", "2024-02-29T18:14:59Z", "data/dt=2024-02-29/", "2024-02-28T18:15:00Z", "2024-02-29T18:15:00Z"},
		{day, "Asia/Kathmandu", "2024-02-29T18:15:00Z", "data/dt=2024-03-01/", "2024-02-29T18:15:00Z", "2024-03-01T18:15:00Z"},
		{hour, "Asia/Kathmandu", "2024-02-29T18:20:00Z", "h=2024-03-01-00/", "2024-02-29T18:15:00Z", "2024-02-29T19:15:00Z"},
		// A day of 23 hours and one of 25; a span ends where the offset changes, and the day goes on in the next.
		{day, "Europe/Berlin", "2024-03-31T00:30:00Z", "data/dt=2024-03-31/", "2024-03-30T23:00:00Z", "2024-03-31T01:00:00Z"},
		{day, "Europe/Berlin", "2024-03-31T01:00:00Z", "data/dt=2024-03-31/", "2024-03-31T01:00:00Z", "2024-03-31T22:00:00Z"},
		{day, "Europe/Berlin", "2024-10-27T22:59:59Z", "data/dt=2024-10-27/", "2024-10-27T01:00:00Z", "2024-10-27T23:00:00Z"},
		{hour, "Europe/Berlin", "2024-10-27T00:30:00Z", "h=2024-10-27-02/", "2024-10-27T00:00:00Z", "2024-10-27T01:00:00Z"},
		{hour, "Europe/Berlin", "2024-10-27T01:30:00Z", "h=2024-10-27-02/", "2024-10-27T01:00:00Z", "2024-10-27T02:00:00Z"},
		// Lord Howe changes by half an hour, within an hour.
		{hour, "Australia/Lord_Howe", "2024-04-06T14:45:00Z", "h=2024-04-07-01/", "2024-04-06T14:00:00Z", "2024-04-06T15:00:00Z"},
		{hour, "Australia/Lord_Howe", "2024-04-06T15:10:00Z", "h=2024-04-07-01/", "2024-04-06T15:00:00Z", "2024-04-06T15:30:00Z"},
		// Samoa had no 30 December 2011.
		{day, "Pacific/Apia", "2011-12-30T10:00:00Z", "data/dt=2011-12-31/", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"},
		{day, "Pacific/Apia", "2011-12-30T09:59:59Z", "data/dt=2011-12-29/", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"},
		{"!{timestamp:HH:mm}", "UTC", "2015-05-17T10:05:03Z", "10:05", "2015-05-17T10:05:00Z", "2015-05-17T10:06:00Z"},
		{"!{timestamp:s}", "UTC", "1969-12-31T23:59:59.5Z", "59", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z"},
		{"!{timestamp:SSS}", "UTC", "2015-05-17T10:05:03.0123456Z", "012", "2015-05-17T10:05:03.012345Z", "2015-05-17T10:05:03.012346Z"},
		{"!{timestamp:yyyy}/!{timestamp:hh a}/", "UTC", "2015-05-17T10:05:03Z", "2015/10 AM/", "2015-05-17T10:00:00Z", "2015-05-17T11:00:00Z"},
		{"static/", "UTC", "2015-05-17T10:05:03Z", "static/2015/05/17/10/", "2015-05-17T10:00:00Z", "2015-05-17T11:00:00Z"},
		// Absurd years.
		{day, "UTC", "0001-01-01T00:00:00Z", "data/dt=0001-01-01/", "0001-01-01T00:00:00Z", "0001-01-02T00:00:00Z"},
		{day, "America/New_York", "0001-01-01T00:00:00Z", "data/dt=0001-12-31/", "0000-12-31T04:56:02Z", "0001-01-01T04:56:02Z"},
		{"!{timestamp:uuuu}", "America/New_York", "0001-01-01T00:00:00Z", "0000", "0000-12-31T04:56:02Z", "0001-01-01T04:56:02Z"},
		{day, "Asia/Seoul", "9999-12-31T23:00:00Z", "data/dt=+10000-01-01/", "9999-12-31T15:00:00Z", "+"},
	} {
		p, err := layout.ParsePrefix(c.prefix)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339Nano, c.at)
		if err != nil {
			t.Fatal(err)
		}
		v := layout.Values{Instant: at, Zone: zone(t, c.zone)}
		if got := layout.DeliveryPrefix(p, v); got != c.want || !p.HasTime() {
			t.Errorf("%s in %s at %s is %s, want %s", c.prefix, c.zone, c.at, got, c.want)
		}
		from, to := layout.Span(p, v)
		if from.Format(time.RFC3339Nano) != c.from || c.to != "+" && to.Format(time.RFC3339Nano) != c.to {
			t.Errorf("%s in %s at %s spans %v to %v, want %s to %s", c.prefix, c.zone, c.at, from, to, c.from, c.to)
		}
	}
}

func TestHasTime(t *testing.T) {
	for text, want := range map[string]bool{"a/": true, "a/!{timestamp:yyyy}/": true, "a/!{firehose:random-string}/": false} {
		p, err := layout.ParsePrefix(text)
		if err != nil || p.HasTime() != want {
			t.Errorf("%s: %v, %v", text, p.HasTime(), err)
		}
	}
}

// FuzzSpan holds Span against the evaluation: the instant lies in its span, and every other instant of it has its text.
func FuzzSpan(f *testing.F) {
	zones := []string{"UTC", "Asia/Seoul", "Asia/Kathmandu", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "America/New_York", "Africa/Monrovia"}
	prefixes := []string{"!{timestamp:yyyy-MM-dd}", "!{timestamp:yyyy-MM-dd HH X}", "!{timestamp:D mm}", "!{timestamp:QQ E a}", "!{timestamp:ss}", "!{timestamp:n}", "x"}
	f.Add(int64(1711846800000000), 3, 0, uint16(7))
	f.Add(int64(-62135596800000000), 6, 1, uint16(65535))
	f.Fuzz(func(t *testing.T, micros int64, zoneAt, prefixAt int, other uint16) {
		const most = 253402300799999999
		if micros < -62135596800000000 || micros > most {
			return
		}
		p, err := layout.ParsePrefix(prefixes[(prefixAt&0x7fffffff)%len(prefixes)])
		if err != nil {
			t.Fatal(err)
		}
		v := layout.Values{Instant: time.UnixMicro(micros), Zone: zone(t, zones[(zoneAt&0x7fffffff)%len(zones)])}
		from, to := layout.Span(p, v)
		if v.Instant.Before(from) || !v.Instant.Before(to) {
			t.Fatalf("%v spans %v to %v", v.Instant, from, to)
		}
		want := layout.DeliveryPrefix(p, v)
		length := to.Sub(from)
		for _, at := range []time.Time{from, to.Add(-1), from.Add(length / 65536 * time.Duration(other))} {
			v.Instant = at
			if got := layout.DeliveryPrefix(p, v); got != want && p.String() != "!{timestamp:n}" {
				t.Errorf("%s at %v is %s, and in its span at %v it is %s", p, time.UnixMicro(micros), want, at, got)
			}
		}
	})
}

func TestPartitionFolder(t *testing.T) {
	for _, c := range []struct {
		key, prefix, folder string
		keys                []string
	}{
		{"data/dt=1/h=2/f", "data/", "data/dt=1/", []string{"dt"}},
		{"data/dt=1/h=2/f", "data/", "data/dt=1/h=2/", []string{"h"}},
		{"data/h=2/dt=1/x/", "data/", "data/h=2/dt=1/", []string{"dt", "h"}},
		{"data/dt=/f", "data/", "", []string{"dt"}},
		{"data/f", "data/", "", []string{"dt"}},
		{"other/dt=1/f", "data/", "", []string{"dt"}},
	} {
		_, folder, ok := layout.PartitionFolder(c.key, c.prefix, c.keys)
		if ok != (c.folder != "") || ok && folder != c.folder {
			t.Errorf("%s by %v: %s, %v", c.key, c.keys, folder, ok)
		}
	}
}
