package native

import "strings"

// ISO 8601's texts as from_iso8601_timestamp and from_iso8601_date take them: calendar dates, week dates and ordinal dates,
// with the smaller parts left out, times with a fraction of the last part, and offsets.
var (
	isoYear = number{field: fieldYear, digits: 4, limit: 9, signed: true}
	isoDate = choice{list: []element{
		sequence{isoYear, maybe(literal("-"), padded(fieldMonth, 2), maybe(literal("-"), padded(fieldDayOfMonth, 2)))},
		sequence{number{field: fieldWeekYear, digits: 4, limit: 9, signed: true}, literal("-W"), padded(fieldWeek, 2),
			maybe(literal("-"), number{field: fieldDayOfWeek, digits: 1, limit: 1})},
		sequence{isoYear, literal("-"), number{field: fieldDayOfYear, digits: 3, limit: 3}},
	}}
	isoPoint   = choice{list: []element{literal("."), literal(",")}}
	isoSeconds = sequence{literal(":"), padded(fieldSecond, 2), maybe(isoPoint, fraction{unit: millisPerSecond, digits: 1, max: 9})}
	isoMinutes = sequence{literal(":"), padded(fieldMinute, 2), choice{optional: true, list: []element{
		isoSeconds, sequence{isoPoint, fraction{unit: millisPerMinute, digits: 1, max: 9}},
	}}}
	isoTime = sequence{padded(fieldHour, 2), choice{optional: true, list: []element{
		isoMinutes, sequence{isoPoint, fraction{unit: millisPerHour, digits: 1, max: 9}},
	}}}
	isoTimestamp = choice{list: []element{
		sequence{literal("T"), isoTime, maybe(offset{colon: true})},
		sequence{isoDate, maybe(literal("T"), maybe(isoTime), maybe(offset{colon: true}))},
	}}
)

// isoNanos reads what from_iso8601_timestamp_nanos takes: a whole date, hours and minutes, up to nine digits of a fraction.
// It gives the UTC seconds, the nanoseconds and the zone.
func isoNanos(text string) (seconds, nanos int64, zone string, err error) {
	fail := func(at int, more string) (int64, int64, string, error) {
		return 0, 0, "", invalid("Text '%s' could not be parsed%s at index %d", text, more, at)
	}
	s := scanner{text: text}
	year, ok := s.isoYear()
	if !ok {
		return fail(0, "")
	}
	var parts [5]int64 // month, day, hour, minute, second
	for i, before := range [...]string{"-", "-", "Tt", ":"} {
		if !s.skip(before) {
			return fail(s.pos, "")
		}
		if parts[i], ok = s.two(); !ok {
			return fail(s.pos, "")
		}
	}
	if s.skip(":") {
		if parts[4], ok = s.two(); !ok {
			return fail(s.pos, "")
		}
		if s.skip(".") {
			unit := int64(1e8)
			for ; s.pos < len(text) && isDigit(text[s.pos]) && unit > 0; unit /= 10 {
				nanos += int64(text[s.pos]-'0') * unit
				s.pos++
			}
		}
	}
	distance, zone, ok := s.isoOffset()
	if !ok {
		return fail(s.pos, ", unparsed text found")
	}
	if s.pos < len(text) {
		return fail(s.pos, ", unparsed text found")
	}
	for i, last := range [...]int64{12, daysOfMonth(year, parts[0]), 23, 59, 59} {
		if parts[i] > last || i < 2 && parts[i] < 1 {
			return 0, 0, "", invalid("Text '%s' could not be parsed: Invalid value", text)
		}
	}
	if len(zone) > len("+00:00") || distance > 14*3600 || distance < -14*3600 {
		return 0, 0, "", &Error{Code: codeLimit, Message: "Time zone not supported: " + zone}
	}
	return dayNumber(year, parts[0], parts[1])*86400 + parts[2]*3600 + parts[3]*60 + parts[4] - distance, nanos, zone, nil
}

// scanner walks over a text.
type scanner struct {
	text string
	pos  int
}

// skip goes over one of the given characters.
func (s *scanner) skip(any string) bool {
	ok := s.pos < len(s.text) && strings.IndexByte(any, s.text[s.pos]) >= 0
	if ok {
		s.pos++
	}
	return ok
}

func (s *scanner) two() (int64, bool) {
	v, ok := twoDigits(s.text, s.pos)
	if ok {
		s.pos += 2
	}
	return v, ok
}

// isoYear reads a year of four digits, or of up to six with a sign: plus only where four do not do.
func (s *scanner) isoYear() (int64, bool) {
	plus, minus := s.skip("+"), s.skip("-")
	start := s.pos
	year := int64(0)
	for s.pos < len(s.text) && isDigit(s.text[s.pos]) && s.pos < start+6 {
		year = year*10 + int64(s.text[s.pos]-'0')
		s.pos++
	}
	n := s.pos - start
	if n < 4 || plus && n == 4 || !plus && !minus && n > 4 || plus && minus {
		return 0, false
	}
	if minus {
		year = -year
	}
	return year, true
}

// isoOffset reads Z, +hh:mm, +hh:mm:ss or nothing, and gives the seconds and the zone's name.
func (s *scanner) isoOffset() (seconds int64, zone string, ok bool) {
	start := s.pos
	if s.pos == len(s.text) || s.skip("Zz") {
		return 0, "UTC", true
	}
	negative := s.text[s.pos] == '-'
	back := func() (int64, string, bool) {
		s.pos = start
		return 0, "", false
	}
	if !s.skip("+-") {
		return back()
	}
	for i, unit := range [...]int64{3600, 60, 1} {
		if i > 0 && !s.skip(":") {
			if i == 1 {
				return back()
			}
			break
		}
		v, ok := s.two()
		if !ok || v > 59 {
			return back()
		}
		seconds += v * unit
	}
	if negative {
		seconds = -seconds
	}
	return seconds, offsetName(seconds * 1000), true
}
