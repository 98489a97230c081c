package native

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The texts of dates, times and zones, as Trino's literals and casts read them.

const (
	microsPerSecond = 1_000_000
	microsPerDay    = 86_400 * microsPerSecond
)

func momentFunctions() []Function {
	text := func(name, result string, precision bool, kind string, parse func(text string, precision int) (any, bool)) Function {
		f := Function{Name: name, Params: []string{"VARCHAR", "BIGINT", "BOOLEAN"}, Result: result}
		if !precision {
			f.Params = []string{"VARCHAR", "BOOLEAN"}
		}
		f.Call = func(args []any) (any, error) {
			digits := 0
			if precision {
				digits = int(args[1].(int64))
			}
			v, ok := parse(args[0].(string), digits)
			switch {
			case ok:
				return v, nil
			case args[len(args)-1].(bool):
				return nil, nil
			}
			return nil, &Error{Code: codeCast, Message: "Value cannot be cast to " + kind + ": " + args[0].(string)}
		}
		return f
	}
	return []Function{
		text("loglake_text_date", "DATE", false, "date", func(s string, _ int) (any, bool) { return both(ParseDate(s)) }),
		text("loglake_text_time", "VARCHAR", true, "time", func(s string, digits int) (any, bool) {
			micros, ok := ParseTime(s, digits)
			return time.UnixMicro(micros).UTC().Format("15:04:05.000000"), ok
		}),
		text("loglake_text_timestamp", "TIMESTAMP", true, "timestamp", func(s string, digits int) (any, bool) { return both(ParseTimestamp(s, digits)) }),
		text("loglake_text_instant", "TIMESTAMP", true, "timestamp", func(s string, digits int) (any, bool) {
			at, _, ok := ParseInstant(s, digits)
			return at, ok
		}),
		{Name: "loglake_text_zone", Params: []string{"VARCHAR"}, Result: "VARCHAR", Call: func(args []any) (any, error) {
			_, zone, ok := ParseInstant(args[0].(string), 0)
			if !ok {
				return nil, nil
			}
			if zone == "" {
				zone = "UTC"
			}
			return zone, nil
		}},
		{Name: "loglake_local", Params: []string{"TIMESTAMP", "VARCHAR"}, Result: "TIMESTAMP", Call: func(args []any) (any, error) {
			return args[0].(int64) + shiftOf(args[1].(string), args[0].(int64)), nil
		}},
	}
}

func both(v int64, ok bool) (any, bool) { return v, ok }

var zoneShiftText = regexp.MustCompile(`^(?:UTC|GMT|UT)?([+-])(?:(\d)|(\d{2})(?::?(\d{2}))?)$`)

// utcNames are the names that mean UTC.
var utcNames = map[string]bool{"UTC": true, "Z": true, "GMT": true, "UT": true, "UCT": true, "GMT0": true, "Zulu": true, "Greenwich": true,
	"Universal": true, "Etc/UTC": true, "Etc/GMT": true, "Etc/UCT": true, "Etc/GMT0": true, "Etc/Zulu": true, "Etc/Greenwich": true, "Etc/Universal": true}

// strangeZones are names that the zone files have and Trino does not know.
var strangeZones = map[string]bool{"": true, "Local": true, "EST": true, "MST": true, "HST": true, "ROC": true, "localtime": true, "posixrules": true, "Factory": true}

// Zone gives the name by which a time zone is shown: "" for UTC, +05:30 for an offset, or the name itself.
func Zone(text string) (string, bool) {
	if m := zoneShiftText.FindStringSubmatch(text); m != nil {
		hours, _ := strconv.Atoi(m[2] + m[3])
		minutes, _ := strconv.Atoi(m[4])
		if minutes > 59 {
			return "", false
		}
		return minutesName(m[1] == "-", hours*60+minutes)
	}
	if rest, ok := strings.CutPrefix(text, "Etc/GMT"); ok && len(rest) > 1 { // signed the other way
		hours, err := strconv.Atoi(rest[1:])
		if err != nil || rest[0] != '+' && rest[0] != '-' {
			return "", false
		}
		return minutesName(rest[0] == '+', hours*60)
	}
	if utcNames[text] {
		return "", true
	}
	if strangeZones[text] || strings.ContainsAny(text, ` .\`) {
		return "", false
	}
	_, ok := location(text)
	return text, ok
}

func minutesName(negative bool, minutes int) (string, bool) {
	switch {
	case minutes > 14*60:
		return "", false
	case minutes == 0:
		return "", true
	case negative:
		return fmt.Sprintf("-%02d:%02d", minutes/60, minutes%60), true
	}
	return fmt.Sprintf("+%02d:%02d", minutes/60, minutes%60), true
}

// Offset gives the zone that is an interval of milliseconds from UTC.
func Offset(millis int64) (string, bool) {
	minutes := millis / 60_000
	if minutes < -14*60 || minutes > 14*60 {
		return "", false
	}
	if minutes < 0 {
		return minutesName(true, int(-minutes))
	}
	return minutesName(false, int(minutes))
}

// OffsetMicros gives the microseconds of a zone that is an offset.
func OffsetMicros(zone string) (int64, bool) {
	if zone == "" || zone == "UTC" {
		return 0, true
	}
	if len(zone) != 6 || zone[0] != '+' && zone[0] != '-' {
		return 0, false
	}
	hours, _ := strconv.ParseInt(zone[1:3], 10, 64)
	minutes, _ := strconv.ParseInt(zone[4:], 10, 64)
	micros := (hours*60 + minutes) * 60 * microsPerSecond
	if zone[0] == '-' {
		return -micros, true
	}
	return micros, true
}

// shiftOf gives the offset of a zone at an instant, in microseconds.
func shiftOf(zone string, instant int64) int64 {
	if micros, ok := OffsetMicros(zone); ok {
		return micros
	}
	where, ok := location(zone)
	if !ok {
		return 0
	}
	_, seconds := time.UnixMicro(instant).In(where).Zone()
	return int64(seconds) * microsPerSecond
}

// Instant gives the instant of a local time: where the clock is put back the earlier one; where it is put forward the local
// time moves on with it, and skipped is true.
func Instant(local int64, zone string) (instant int64, skipped bool) {
	before, after := shiftOf(zone, local-microsPerDay), shiftOf(zone, local+microsPerDay)
	if at := local - before; shiftOf(zone, at) == before {
		return at, false
	}
	if at := local - after; shiftOf(zone, at) == after {
		return at, false
	}
	return local - before, true
}

var dayText = regexp.MustCompile(`^\s*([+-]?\d{1,7})-(\d{1,2})-(\d{1,2})\s*$`)

// ParseDate reads a date as days since 1970.
func ParseDate(text string) (int64, bool) {
	m := dayText.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	at, ok := secondsOf(m[1:4], nil)
	return at / 86400, ok && at%86400 == 0
}

// secondsOf gives the seconds of a date and a time of day, which may be missing.
func secondsOf(date, clock []string) (int64, bool) {
	var n [6]int
	for i, part := range append(append([]string{}, date...), clock...) {
		n[i], _ = strconv.Atoi(part)
	}
	if n[0] > 5_000_000 || n[0] < -5_000_000 {
		return 0, false
	}
	at := time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], 0, time.UTC)
	return at.Unix(), int(at.Month()) == n[1] && at.Day() == n[2] && at.Hour() == n[3] && at.Minute() == n[4] && at.Second() == n[5]
}

var clockText = regexp.MustCompile(`^(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,12}))?)?\s*(?:([+-])(\d\d):(\d\d))?$`)

// Clock is a time of day as written: its microseconds, the digits of its fraction, and its zone if it has one.
type Clock struct {
	Micros    int64
	Precision int
	Zoned     bool
	Zone      string
}

// ReadClock reads hh:mm[:ss[.fraction]][+hh:mm], rounded to the digits where they are not negative.
func ReadClock(text string, digits int) (Clock, bool) {
	m := clockText.FindStringSubmatch(strings.TrimRight(text, " "))
	if m == nil {
		return Clock{}, false
	}
	at, ok := secondsOf([]string{"1970", "1", "1"}, m[1:4])
	c := Clock{Precision: len(m[4]), Zoned: m[5] != ""}
	if digits < 0 {
		digits = c.Precision
	}
	c.Micros = at*microsPerSecond + microsOf(m[4], digits)
	if c.Zoned {
		hours, _ := strconv.Atoi(m[6])
		minutes, _ := strconv.Atoi(m[7])
		var fits bool
		c.Zone, fits = minutesName(m[5] == "-", hours*60+minutes)
		shift, _ := OffsetMicros(c.Zone)
		c.Micros -= shift
		ok = ok && fits && minutes < 60
	}
	c.Micros = (c.Micros%microsPerDay + microsPerDay) % microsPerDay
	return c, ok
}

// ParseTime reads a time of day without zone, in microseconds.
func ParseTime(text string, precision int) (int64, bool) {
	c, ok := ReadClock(text, precision)
	return c.Micros, ok && !c.Zoned
}

// ParseTimeTZ reads a time of day with zone: its microseconds in UTC, and the zone.
func ParseTimeTZ(text string, precision int) (int64, string, bool) {
	c, ok := ReadClock(text, precision)
	return c.Micros, c.Zone, ok
}

// microsOf gives the microseconds of the digits behind the point, rounded half up.
func microsOf(digits string, precision int) int64 {
	precision = min(precision, 6)
	n, _ := strconv.ParseInt((digits + "000000")[:precision], 10, 64)
	if len(digits) > precision && digits[precision] >= '5' {
		n++
	}
	for range 6 - precision {
		n *= 10
	}
	return n
}

var momentText = regexp.MustCompile(`^([+-]?\d{4,6})-(\d{1,2})-(\d{1,2})(?: (\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d+))?)?)?\s*(\S.*)?$`)

// Moment is a timestamp as written: its local time in microseconds, the digits of its fraction, and its zone if it has one.
type Moment struct {
	Local     int64
	Precision int
	Zoned     bool
	Zone      string
}

// ReadMoment reads yyyy-MM-dd[ HH:mm[:ss[.fraction]]][ zone], rounded to the digits where they are not negative.
func ReadMoment(text string, digits int) (Moment, bool) {
	m := momentText.FindStringSubmatch(text)
	if m == nil {
		return Moment{}, false
	}
	at, ok := secondsOf(m[1:4], m[4:7])
	const years = 290_000 * 366 * 86400
	if !ok || at > years || at < -years {
		return Moment{}, false
	}
	t := Moment{Precision: len(m[7]), Zoned: m[8] != ""}
	if digits < 0 {
		digits = t.Precision
	}
	t.Local = at*microsPerSecond + microsOf(m[7], digits)
	if t.Zoned {
		t.Zone, ok = Zone(m[8])
	}
	return t, ok
}

// ParseTimestamp reads a timestamp in microseconds; a zone must be one, and only moves local times that it skips.
func ParseTimestamp(text string, precision int) (int64, bool) {
	t, ok := ReadMoment(strings.TrimSpace(text), precision)
	if ok && t.Zoned {
		if at, skipped := Instant(t.Local, t.Zone); skipped {
			t.Local = at + shiftOf(t.Zone, at)
		}
	}
	return t.Local, ok
}

// ParseInstant reads a timestamp with a zone, which is UTC where there is none: its instant in microseconds, and the zone.
func ParseInstant(text string, precision int) (int64, string, bool) {
	t, ok := ReadMoment(strings.TrimSpace(text), precision)
	at, _ := Instant(t.Local, t.Zone)
	return at, t.Zone, ok
}
