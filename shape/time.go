package shape

import (
	"bytes"
	"strconv"
	"time"
)

// TimeForm is a way to write a time, shown by an example.
type TimeForm string

// The forms that ParseTime reads.
const (
	TimeUTC     TimeForm = "2015-05-17T10:05:03Z"      // with or without a fraction, as all forms of text
	TimeOffset  TimeForm = "2015-05-17T10:05:03+09:00" // or +0900
	TimeLocal   TimeForm = "2015-05-17T10:05:03"       // of no zone: taken for UTC
	TimeSpaced  TimeForm = "2015-05-17 10:05:03"       // the same
	TimeComma   TimeForm = "2015-05-17 10:05:03,123"   // the same, as Python's logging has it
	TimeAccess  TimeForm = "17/May/2015:10:05:03 +0000"
	TimeSeconds TimeForm = "1431857103" // since 1970; with or without a fraction
	TimeMillis  TimeForm = "1431857103000"
	TimeMicros  TimeForm = "1431857103000000"
	TimeNanos   TimeForm = "1431857103000000000"
)

// Converts tells whether a delivery stream's conversion takes the form for a column of the type timestamp, and as what it
// says.
func (f TimeForm) Converts() bool {
	switch f {
	case TimeUTC, TimeLocal, TimeSpaced, TimeSeconds, TimeMillis:
		return true
	}
	return false
}

// Numeric tells whether the form is a number.
func (f TimeForm) Numeric() bool {
	return f == TimeSeconds || f == TimeMillis || f == TimeMicros || f == TimeNanos
}

// ParseTime reads a time as logs write it: the text of a string, or a number. Numbers count as a time from 1973 to 5138,
// by how large they are.
func ParseTime(text []byte) (at time.Time, form TimeForm, ok bool) {
	switch {
	case len(text) < 9 || len(text) > 48:
		return time.Time{}, "", false
	case text[2] == '/':
		at, err := time.Parse(accessForm, string(text))
		if err != nil {
			return time.Time{}, "", false
		}
		return at, TimeAccess, true
	case len(text) >= 19 && text[4] == '-':
		return parseCalendar(text)
	}
	return parseEpoch(text)
}

// parseCalendar reads 2015-05-17T10:05:03 or the same with a space, an optional fraction, and an optional zone.
func parseCalendar(text []byte) (at time.Time, form TimeForm, ok bool) {
	layout, form := "2006-01-02T15:04:05", TimeLocal
	if text[10] == ' ' {
		layout, form = time.DateTime, TimeSpaced
	}
	at, err := time.Parse(layout, string(text[:19]))
	if err != nil {
		return time.Time{}, "", false
	}
	rest := text[19:]
	if len(rest) > 1 && (rest[0] == '.' || rest[0] == ',') {
		if rest[0] == ',' {
			form = TimeComma
		}
		end := digitsEnd(rest, 1)
		if end == 1 || end > 10 {
			return time.Time{}, "", false
		}
		nanos := 0
		for _, c := range append(rest[1:end:end], "000000000"[:10-end]...) {
			nanos = 10*nanos + int(c-'0')
		}
		at, rest = at.Add(time.Duration(nanos)), rest[end:]
	}
	if len(rest) == 0 {
		return at, form, true
	}
	zoned := TimeOffset
	if form == TimeLocal && string(rest) == "Z" {
		zoned = TimeUTC
	}
	rest = bytes.TrimPrefix(rest, []byte(" "))
	if string(rest) == "Z" || string(rest) == "UTC" {
		return at, zoned, true
	}
	for _, layout := range []string{"-07:00", "-0700", "-07"} {
		if zone, err := time.Parse(layout, string(rest)); err == nil {
			_, offset := zone.Zone()
			return at.Add(-time.Duration(offset) * time.Second).In(zone.Location()), zoned, true
		}
	}
	return time.Time{}, "", false
}

// parseEpoch reads a number of seconds, or of milli-, micro- or nanoseconds where there are more digits than a time in
// seconds has.
func parseEpoch(text []byte) (at time.Time, form TimeForm, ok bool) {
	whole := digitsEnd(text, 0)
	if text[0] == '0' || whole < 9 || whole > 19 {
		return time.Time{}, "", false
	}
	n, err := strconv.ParseInt(string(text[:whole]), 10, 64)
	if err != nil {
		return time.Time{}, "", false
	}
	fraction := 0.0
	if whole < len(text) {
		if fraction, err = strconv.ParseFloat("0"+string(text[whole:]), 64); err != nil || text[whole] != '.' || !isNumber(text) {
			return time.Time{}, "", false
		}
	}
	switch {
	case whole <= 11:
		return time.Unix(n, int64(fraction*1e9)).UTC(), TimeSeconds, true
	case whole <= 14:
		return time.UnixMilli(n).Add(time.Duration(fraction * 1e6)).UTC(), TimeMillis, true
	case whole <= 17 && whole == len(text):
		return time.UnixMicro(n).UTC(), TimeMicros, true
	case whole == len(text):
		return time.Unix(n/1e9, n%1e9).UTC(), TimeNanos, true
	}
	return time.Time{}, "", false
}
