package native

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A layout is how a time is written and read: a list of elements, made of a pattern by joda.go, or fixed, as ISO 8601's in
// iso.go. It follows the rules of Joda-Time, which Trino's formatting functions are made of.

// element is a part of a layout. read takes text from a position on and gives the position behind it, or the complement of
// the position where it does not fit.
type element interface {
	write(dst []byte, at moment) []byte
	read(b *bucket, text string, pos int) int
}

// moment is a time to be written: its local milliseconds and its zone.
type moment struct {
	local  int64
	zone   string // "UTC", "Europe/Rome", "+05:30"
	offset int64  // of local time, in milliseconds
}

// field is a part of a time.
type field uint8

const (
	fieldEra field = iota
	fieldCentury
	fieldYearOfEra
	fieldYear
	fieldWeekYear
	fieldMonth
	fieldWeek
	fieldDayOfYear
	fieldDayOfMonth
	fieldDayOfWeek
	fieldHalfday
	fieldHourOfHalfday
	fieldClockhourOfHalfday
	fieldHour
	fieldClockhour
	fieldMinute
	fieldSecond
	fieldFraction
)

const (
	averageYear  = 31556952000
	averageMonth = averageYear / 12
	endless      = 1 << 62
)

// fields describes each field: its name in messages, how long the period is that it counts within, and its unit.
var fields = [...]struct {
	name        string
	rank, unit  int64
	first, last int64
}{
	fieldEra:                {"era", endless, endless, 0, 1},
	fieldCentury:            {"centuryOfEra", endless, 100 * averageYear, 0, 2922789},
	fieldYearOfEra:          {"yearOfEra", endless, averageYear, 1, 292278993},
	fieldYear:               {"year", endless, averageYear, -292275055, 292278994},
	fieldWeekYear:           {"weekyear", endless, averageYear, -292275054, 292278993},
	fieldMonth:              {"monthOfYear", averageYear, averageMonth, 1, 12},
	fieldWeek:               {"weekOfWeekyear", averageYear, millisPerWeek, 1, 53},
	fieldDayOfYear:          {"dayOfYear", averageYear, millisPerDay, 1, 366},
	fieldDayOfMonth:         {"dayOfMonth", averageMonth, millisPerDay, 1, 31},
	fieldDayOfWeek:          {"dayOfWeek", millisPerWeek, millisPerDay, 1, 7},
	fieldHalfday:            {"halfdayOfDay", millisPerDay, millisPerDay / 2, 0, 1},
	fieldHourOfHalfday:      {"hourOfHalfday", millisPerDay / 2, millisPerHour, 0, 11},
	fieldClockhourOfHalfday: {"clockhourOfHalfday", millisPerDay / 2, millisPerHour, 1, 12},
	fieldHour:               {"hourOfDay", millisPerDay, millisPerHour, 0, 23},
	fieldClockhour:          {"clockhourOfDay", millisPerDay, millisPerHour, 1, 24},
	fieldMinute:             {"minuteOfHour", millisPerHour, millisPerMinute, 0, 59},
	fieldSecond:             {"secondOfMinute", millisPerMinute, millisPerSecond, 0, 59},
	fieldFraction:           {"millisOfSecond", millisPerSecond, 1, 0, 999},
}

// get gives the value of a field.
func (f field) get(local int64) int64 {
	days := floorDiv(local, millisPerDay)
	switch year, month, day := civil(days); f {
	case fieldEra:
		if year > 0 {
			return 1
		}
		return 0
	case fieldCentury:
		return max(year, -year) / 100
	case fieldYearOfEra:
		if year <= 0 {
			return 1 - year
		}
		return year
	case fieldYear:
		return year
	case fieldMonth:
		return month
	case fieldDayOfMonth:
		return day
	case fieldDayOfYear:
		return days - dayNumber(year, 1, 1) + 1
	case fieldWeekYear:
		year, _ = isoWeek(days)
		return year
	case fieldWeek:
		_, week := isoWeek(days)
		return week
	case fieldDayOfWeek:
		return weekday(days)
	}
	v := floorMod(local, fields[f].rank) / fields[f].unit
	if v == 0 && (f == fieldClockhour || f == fieldClockhourOfHalfday) {
		return fields[f].last
	}
	return v
}

// number is a field in digits.
type number struct {
	field  field
	digits int // at least, when written
	limit  int // at most, when read
	signed bool
}

func (n number) write(dst []byte, at moment) []byte {
	v := n.field.get(at.local)
	if v < 0 {
		dst, v = append(dst, '-'), -v
	}
	text := strconv.FormatInt(v, 10)
	for range n.digits - len(text) {
		dst = append(dst, '0')
	}
	return append(dst, text...)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func (n number) read(b *bucket, text string, pos int) int {
	start, limit, negative := pos, min(n.limit, len(text)-pos), false
	if n.signed && limit > 0 && (text[pos] == '-' || text[pos] == '+') {
		if limit < 2 || !isDigit(text[pos+1]) {
			return ^pos
		}
		negative = text[pos] == '-'
		pos++
		limit = min(n.limit, len(text)-pos)
	}
	end := pos
	for end < pos+limit && isDigit(text[end]) {
		end++
	}
	if end == pos {
		return ^start
	}
	return b.digits(n.field, text[pos:end], negative, end)
}

// twoDigitYear is a year without its century.
type twoDigitYear struct {
	field   field
	pivot   int64
	lenient bool // another number of digits is the year itself
}

func (n twoDigitYear) write(dst []byte, at moment) []byte {
	v := n.field.get(at.local)
	v = max(v, -v) % 100
	return append(dst, byte('0'+v/10), byte('0'+v%10))
}

func (n twoDigitYear) read(b *bucket, text string, pos int) int {
	if n.lenient {
		start := pos
		signed := pos < len(text) && (text[pos] == '-' || text[pos] == '+')
		if signed {
			pos++
		}
		end := pos
		for end < len(text) && isDigit(text[end]) {
			end++
		}
		if end == pos {
			return ^start
		}
		if signed || end-pos != 2 {
			return b.digits(n.field, text[pos:end], signed && text[start] == '-', end)
		}
	}
	if pos+2 > len(text) || !isDigit(text[pos]) || !isDigit(text[pos+1]) {
		return ^pos
	}
	year := int64(text[pos]-'0')*10 + int64(text[pos+1]-'0')
	low := n.pivot - 50
	century := floorMod(low, 100)
	if year < century {
		year += 100
	}
	b.save(n.field, year+low-century)
	return pos + 2
}

// fraction is the part of a unit behind the decimal point.
type fraction struct {
	unit        int64
	digits, max int
}

func (f fraction) write(dst []byte, at moment) []byte {
	value := floorMod(at.local, f.unit)
	if value == 0 {
		return append(dst, strings.Repeat("0", f.digits)...)
	}
	text := fmt.Sprintf("%03d", value) // of a second
	text += strings.Repeat("0", max(0, min(f.max, 15)-len(text)))
	text = text[:min(f.max, len(text))]
	for len(text) > f.digits && text[len(text)-1] == '0' {
		text = text[:len(text)-1]
	}
	return append(dst, text...)
}

func (f fraction) read(b *bucket, text string, pos int) int {
	value, n, end := int64(0), f.unit, pos
	for end < min(len(text), pos+f.max) && isDigit(text[end]) {
		value += int64(text[end]-'0') * n
		n /= 10
		end++
	}
	if end == pos {
		return ^pos
	}
	b.list = append(b.list, savedField{field: fieldFraction, value: value / 10, rank: f.unit})
	return end
}

var (
	months   = strings.Fields("January February March April May June July August September October November December")
	weekdays = strings.Fields("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
)

// word is a field in words.
type word struct {
	field field
	short bool
}

func (w word) names() ([]string, int64) {
	switch w.field {
	case fieldMonth:
		return months, 1
	case fieldDayOfWeek:
		return weekdays, 1
	case fieldEra:
		return []string{"BC", "AD"}, 0
	}
	return []string{"AM", "PM"}, 0
}

func (w word) write(dst []byte, at moment) []byte {
	names, first := w.names()
	text := names[w.field.get(at.local)-first]
	if w.short {
		text = text[:3]
	}
	return append(dst, text...)
}

// read takes the longest of the names, long or short, in lower case, upper case or as they are.
func (w word) read(b *bucket, text string, pos int) int {
	names, first := w.names()
	best, value := 0, int64(0)
	try := func(name string, v int64) {
		for _, form := range [...]string{name, strings.ToLower(name), strings.ToUpper(name)} {
			if len(form) > best && strings.HasPrefix(text[pos:], form) {
				best, value = len(form), v
			}
		}
	}
	for i, name := range names {
		try(name, int64(i)+first)
		try(name[:min(3, len(name))], int64(i)+first)
	}
	if w.field == fieldEra {
		try("BCE", 0)
		try("CE", 1)
	}
	if best == 0 {
		return ^pos
	}
	b.save(w.field, value)
	return pos + best
}

// literal is text that stands for itself; the case does not matter in reading.
type literal string

func (l literal) write(dst []byte, _ moment) []byte { return append(dst, l...) }

func (l literal) read(_ *bucket, text string, pos int) int {
	end := pos
	for _, want := range string(l) {
		r, size := utf8.DecodeRuneInString(text[end:])
		if size == 0 || r != want && unicode.ToUpper(r) != unicode.ToUpper(want) && unicode.ToLower(r) != unicode.ToLower(want) {
			return ^pos
		}
		end += size
	}
	return end
}

// offset is a zone's distance from UTC.
type offset struct{ colon bool }

func (o offset) write(dst []byte, at moment) []byte {
	sign, minutes := byte('+'), at.offset/millisPerMinute
	if at.offset < 0 {
		sign, minutes = '-', -at.offset/millisPerMinute
	}
	dst = append(dst, sign, byte('0'+minutes/600), byte('0'+minutes/60%10))
	if o.colon {
		dst = append(dst, ':')
	}
	return append(dst, byte('0'+minutes%60/10), byte('0'+minutes%10))
}

func (o offset) read(b *bucket, text string, pos int) int {
	if pos < len(text) && (text[pos] == 'Z' || text[pos] == 'z') {
		b.offset = new(int64)
		return pos + 1
	}
	if len(text)-pos < 2 || text[pos] != '+' && text[pos] != '-' {
		return ^pos
	}
	negative := text[pos] == '-'
	pos++
	hours, ok := twoDigits(text, pos)
	if !ok || hours > 23 {
		return ^pos
	}
	pos += 2
	value := hours * millisPerHour
	colon := pos < len(text) && text[pos] == ':'
	for _, unit := range [...]int64{millisPerMinute, millisPerSecond} {
		if colon {
			if pos == len(text) || text[pos] != ':' {
				break
			}
			pos++
		} else if pos == len(text) || !isDigit(text[pos]) {
			break
		}
		v, ok := twoDigits(text, pos)
		if !ok || v > 59 {
			return ^pos
		}
		value += v * unit
		pos += 2
	}
	if negative {
		value = -value
	}
	b.offset = &value
	return pos
}

func twoDigits(text string, pos int) (int64, bool) {
	if pos+2 > len(text) || !isDigit(text[pos]) || !isDigit(text[pos+1]) {
		return 0, false
	}
	return int64(text[pos]-'0')*10 + int64(text[pos+1]-'0'), true
}

// sequence is elements one after the other.
type sequence []element

func (s sequence) write(dst []byte, at moment) []byte {
	for _, e := range s {
		dst = e.write(dst, at)
	}
	return dst
}

func (s sequence) read(b *bucket, text string, pos int) int {
	for _, e := range s {
		if pos = e.read(b, text, pos); pos < 0 {
			break
		}
	}
	return pos
}

// choice is the alternative that reads most; with optional it may also read nothing. It is for reading only.
type choice struct {
	optional bool
	list     []element
}

func maybe(list ...element) element { return choice{optional: true, list: []element{sequence(list)}} }

func (c choice) write(dst []byte, _ moment) []byte { return dst }

func (c choice) read(b *bucket, text string, pos int) int {
	before := b.state()
	best, bestState, worst := pos, before, pos
	for _, e := range c.list {
		end := e.read(b, text, pos)
		if end > best {
			best, bestState = end, b.state()
		} else if end < 0 {
			worst = max(worst, ^end)
		}
		if end >= len(text) && end > pos {
			break
		}
		b.restore(before)
	}
	if best > pos || c.optional {
		b.restore(bestState)
		return best
	}
	return ^worst
}
