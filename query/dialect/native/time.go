package native

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

func timeFunctions() []Function {
	const text, instant = "VARCHAR", "TIMESTAMP"
	return []Function{
		{Name: "loglake_date_format", Params: []string{instant, text}, Result: text, Call: func(a []any) (any, error) {
			return written(mysqlLayout, a)
		}},
		{Name: "loglake_date_parse", Params: []string{text, text}, Result: instant, Call: func(a []any) (any, error) {
			return readLocal(mysqlLayout, a)
		}},
		{Name: "loglake_to_char", Params: []string{instant, text}, Result: text, Call: toChar},
		{Name: "loglake_to_timestamp", Params: []string{text, text}, Result: instant, Call: func(a []any) (any, error) {
			return readLocal(teradataLayout, a)
		}},
		// The instant, the pattern, the zone ("" for a time without one).
		{Name: "loglake_format_datetime", Params: []string{instant, text, text}, Result: text, Call: formatDatetime},
		// The text, the pattern, the current year, and whether only the instant matters. Where it does not, a text of another
		// zone than UTC is refused: no value can carry its zone.
		{Name: "loglake_parse_datetime", Params: []string{text, text, "BIGINT", "BOOLEAN"}, Result: instant, Call: parseDatetime},
		{Name: "loglake_from_iso8601_timestamp", Params: []string{text, "BOOLEAN"}, Result: instant, Call: func(a []any) (any, error) {
			millis, zone, err := ISOTimestamp(a[0].(string))
			return micros(millis*1000, zone, a[1].(bool), "from_iso8601_timestamp", err)
		}},
		{Name: "loglake_from_iso8601_timestamp_nanos", Params: []string{text, "BOOLEAN"}, Result: instant, Call: func(a []any) (any, error) {
			value, zone, err := ISONanos(a[0].(string))
			return micros(value, zone, a[1].(bool), "from_iso8601_timestamp_nanos", err)
		}},
		{Name: "loglake_from_iso8601_date", Params: []string{text}, Result: "DATE", Call: isoDays},
		{Name: "loglake_human_readable_seconds", Params: []string{"DOUBLE"}, Result: text, Call: humanSeconds},
		{Name: "loglake_parse_duration", Params: []string{text}, Result: "BIGINT", Call: parseDuration},
	}
}

// rounded gives the nearest milliseconds, as Trino formats a time of more digits.
func rounded(micros int64) int64 { return floorDiv(micros+500, 1000) }

// written writes the local time a[0] in the pattern a[1].
func written(layout func(string) (sequence, error), a []any) (any, error) {
	l, err := layout(a[1].(string))
	if err != nil {
		return nil, err
	}
	return string(l.write(nil, moment{local: rounded(a[0].(int64)), zone: "UTC"})), nil
}

// toChar writes the local time a[0] without what is below its milliseconds.
func toChar(a []any) (any, error) {
	return written(teradataLayout, []any{floorDiv(a[0].(int64), 1000) * 1000, a[1]})
}

// readLocal reads the text a[0] by the pattern a[1].
func readLocal(layout func(string) (sequence, error), a []any) (any, error) {
	l, err := layout(a[1].(string))
	if err != nil {
		return nil, err
	}
	local, err := readTime(l, &bucket{}, a[0].(string))
	if err == nil && (local > math.MaxInt64/1000 || local < math.MinInt64/1000) {
		err = invalid("long overflow")
	}
	return local * 1000, err
}

// FormatsZone tells whether a Joda pattern writes the time zone.
func FormatsZone(pattern string) bool {
	for pattern != "" {
		var token string
		var text bool
		if token, text, pattern = jodaToken(pattern); !text && (token[0] == 'z' || token[0] == 'Z') {
			return true
		}
	}
	return false
}

func formatDatetime(a []any) (any, error) {
	pattern, zone := a[1].(string), a[2].(string)
	if zone == "" && FormatsZone(pattern) {
		return nil, invalid("format_datetime for TIMESTAMP type, cannot use 'Z' nor 'z' in format, as this type does not contain TZ information")
	}
	l, err := jodaLayout(pattern, defaultYear)
	if err != nil {
		return nil, err
	}
	at := moment{local: rounded(a[0].(int64)), zone: zone}
	if zone != "" {
		at.offset = offsetAt(zone, at.local)
		at.local += at.offset
	}
	return string(l.write(nil, at)), nil
}

func parseDatetime(a []any) (any, error) {
	l, err := jodaLayout(a[1].(string), a[2].(int64))
	if err != nil {
		return nil, err
	}
	for _, e := range l {
		if z, ok := e.(zoneName); ok && z.long {
			return nil, &Error{Code: "GENERIC_INTERNAL_ERROR", Message: "Parsing not supported"}
		}
	}
	b := &bucket{}
	local, err := readTime(l, b, a[0].(string))
	if err != nil {
		return nil, err
	}
	millis, zone, err := b.instant(local, a[0].(string))
	return micros(millis*1000, zone, a[3].(bool), "parse_datetime", err)
}

// micros refuses a value whose zone would be lost.
func micros(value int64, zone string, instant bool, name string, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	if !instant && zone != "UTC" {
		return nil, &Error{Code: codeLimit, Message: name + " of a text with the time zone " + zone +
			" is only supported where the instant alone matters: write " + name + "(…) AT TIME ZONE 'UTC'"}
	}
	return value, nil
}

// ISOTimestamp reads an ISO 8601 text: the UTC milliseconds, and the zone's name.
func ISOTimestamp(text string) (millis int64, zone string, err error) {
	b := &bucket{}
	local, err := readTime(isoTimestamp, b, text)
	if err != nil {
		return 0, "", err
	}
	return b.instant(local, text)
}

// ISONanos reads an ISO 8601 text of a date and a time: the UTC microseconds, and the zone's name.
func ISONanos(text string) (micros int64, zone string, err error) {
	seconds, nanos, zone, err := isoNanos(text)
	switch {
	case err != nil:
		return 0, "", err
	case nanos%1000 != 0:
		return 0, "", &Error{Code: codeLimit, Message: "timestamps of more than six digits are not supported"}
	case seconds < instantMin/1000 || seconds > instantMax/1000:
		return 0, "", invalid("Millis overflow: %d", seconds*1000)
	}
	return seconds*1e6 + nanos/1000, zone, nil
}

func isoDays(a []any) (any, error) {
	local, err := readTime(isoDate, &bucket{}, a[0].(string))
	days := floorDiv(local, millisPerDay)
	if err == nil && days > math.MaxInt32 {
		err = &Error{Code: "GENERIC_INTERNAL_ERROR", Message: fmt.Sprintf("Value %d exceeds MAX_INT for type date", days)}
	}
	return days, err
}

// humanUnits are the units of human_readable_seconds in seconds.
var humanUnits = []struct {
	name    string
	seconds int64
}{{"week", 604800}, {"day", 86400}, {"hour", 3600}, {"minute", 60}, {"second", 1}}

func humanSeconds(a []any) (any, error) {
	v := a[0].(float64)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil, invalid("Invalid argument found: %s", strings.NewReplacer("+Inf", "Infinity", "-Inf", "-Infinity").Replace(fmt.Sprint(v)))
	}
	rest := int64(math.MaxInt64)
	if v = math.Floor(math.Abs(v) + 0.5); v < math.MaxInt64 {
		rest = int64(v)
	}
	var parts []string
	for _, u := range humanUnits {
		n := rest / u.seconds
		rest %= u.seconds
		if n == 0 && (u.seconds > 1 || len(parts) > 0) {
			continue
		}
		part := strconv.FormatInt(n, 10) + " " + u.name
		if n != 1 {
			part += "s"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", "), nil
}

// durationUnits are the units of parse_duration in milliseconds, with their names in messages.
var durationUnits = map[string]struct {
	millis float64
	name   string
}{"ns": {1e-6, "NANOSECONDS"}, "us": {1e-3, "MICROSECONDS"}, "ms": {1, "MILLISECONDS"}, "s": {1000, "SECONDS"}, "m": {60_000, "MINUTES"},
	"h": {3_600_000, "HOURS"}, "d": {86_400_000, "DAYS"}}

func parseDuration(a []any) (any, error) {
	text := strings.Trim(a[0].(string), " \t\n\v\f\r")
	if a[0].(string) == "" {
		return nil, invalid("duration is empty")
	}
	end := 0
	for end < len(text) && (isDigit(text[end]) || text[end] == '.') {
		end++
	}
	number, unit := text[:end], strings.TrimLeft(text[end:], " \t\n\v\f\r")
	if unit == "" || strings.Trim(unit, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" ||
		strings.HasPrefix(number, ".") || strings.HasSuffix(number, ".") || strings.Count(number, ".") > 1 || number == "" {
		return nil, invalid("duration is not a valid data duration string: %s", a[0])
	}
	u, ok := durationUnits[unit]
	if !ok {
		return nil, invalid("Unknown time unit: %s", unit)
	}
	v, err := strconv.ParseFloat(number, 64)
	if millis := math.Floor(v*u.millis + 0.5); err == nil && millis < math.MaxInt64 {
		return int64(millis), nil
	}
	return nil, invalid("value %s %s is too large to be represented in requested unit MILLISECONDS as a long", strings.Replace(strconv.FormatFloat(v, 'E', -1, 64), "E+", "E", 1), u.name)
}
