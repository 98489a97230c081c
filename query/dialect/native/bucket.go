package native

import (
	"fmt"
	"slices"
	"strconv"
)

// bucket gathers the fields of a text and makes a time of them.
type bucket struct {
	list   []savedField
	offset *int64 // milliseconds, nil without
	zone   string // an id of the text
}

type savedField struct {
	field field
	value int64
	rank  int64 // of a fraction
}

// state allows to take back what was read since. The list is copied: alternatives would write over each other's fields.
func (b *bucket) state() bucket { return bucket{slices.Clone(b.list), b.offset, b.zone} }

func (b *bucket) restore(s bucket) { *b = bucket{slices.Clone(s.list), s.offset, s.zone} }

func (b *bucket) save(f field, v int64) {
	b.list = append(b.list, savedField{field: f, value: v, rank: fields[f].rank})
}

// digits saves a number; one that no field can hold ends the reading.
func (b *bucket) digits(f field, text string, negative bool, end int) int {
	v, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		v = 1 << 40
	}
	if negative {
		v = -v
	}
	b.save(f, v)
	return end
}

// readTime reads a whole text and gives the local time, with the offset or zone in b.
func readTime(e element, b *bucket, text string) (local int64, err error) {
	end := e.read(b, text, 0)
	if end == len(text) {
		return b.time(text)
	}
	if end < 0 {
		end = ^end
	}
	return 0, malformed(text, end)
}

func malformed(text string, at int) error {
	sample := text
	if n := at + 32; len(text) > n+3 {
		sample = text[:n] + "..."
	}
	switch {
	case at <= 0:
		return invalid("Invalid format: \"%s\"", sample)
	case at >= len(text):
		return invalid("Invalid format: \"%s\" is too short", sample)
	}
	return invalid("Invalid format: \"%s\" is malformed at \"%s\"", sample, sample[at:])
}

// defaultYear is the year of texts that begin with a month or a day: 29 February exists in it.
const defaultYear = 2000

// time sets the fields from the largest to the smallest, each cutting what is below it, and then all of them again.
func (b *bucket) time(text string) (int64, error) {
	order := func(x, y savedField) int {
		if x.rank != y.rank {
			return compare(y.rank, x.rank)
		}
		return compare(fields[y.field].unit, fields[x.field].unit)
	}
	slices.SortStableFunc(b.list, order)
	if len(b.list) > 0 {
		if unit := fields[b.list[0].field].unit; unit <= averageMonth && unit >= millisPerDay {
			b.save(fieldYear, defaultYear)
			slices.SortStableFunc(b.list, order)
		}
	}
	local := int64(0)
	for pass := range 2 {
		for i, f := range b.list {
			var err error
			if local, err = f.set(local); err != nil {
				return 0, invalid("Cannot parse \"%s\": %s", text, err)
			}
			if pass == 0 || i == len(b.list)-1 {
				local = f.floor(local)
			}
		}
	}
	return local, nil
}

func compare(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// set gives local with the field's value in it.
func (f savedField) set(local int64) (int64, error) {
	d := fields[f.field]
	last := d.last
	if f.field == fieldFraction {
		last = f.rank - 1
	}
	days, rest := floorDiv(local, millisPerDay), floorMod(local, millisPerDay)
	year, month, day := civil(days)
	v := f.value
	switch f.field {
	case fieldDayOfMonth:
		last = daysOfMonth(year, month)
	case fieldDayOfYear:
		last = daysOfYear(year)
	case fieldWeek:
		weekYear, _ := isoWeek(days)
		last = weeksOf(weekYear)
	}
	if v < d.first || v > last {
		//lint:ignore ST1005 the text is Trino's
		return 0, fmt.Errorf("Value %d for %s must be in the range [%d,%d]", v, d.name, d.first, last)
	}
	switch f.field {
	case fieldEra:
		if (year > 0) != (v == 1) {
			days = yearSet(days, -year)
		}
	case fieldCentury:
		if v = v*100 + max(year, -year)%100; year < 0 {
			v = -v
		}
		days = yearSet(days, v)
	case fieldYearOfEra:
		if year <= 0 {
			v = 1 - v
		}
		days = yearSet(days, v)
	case fieldYear:
		days = yearSet(days, v)
	case fieldWeekYear:
		weekYear, week := isoWeek(days)
		if weekYear != v {
			days = firstWeek(v) + (min(week, weeksOf(v))-1)*7 + weekday(days) - 1
		}
	case fieldMonth:
		days = dayNumber(year, v, min(day, daysOfMonth(year, v)))
	case fieldWeek:
		_, week := isoWeek(days)
		days += (v - week) * 7
	case fieldDayOfYear:
		days = dayNumber(year, 1, 1) + v - 1
	case fieldDayOfMonth:
		days += v - day
	case fieldDayOfWeek:
		days += v - weekday(days)
	default:
		v %= f.rank / d.unit // clock hours: the last is 0
		return local + (v-floorMod(local, f.rank)/d.unit)*d.unit, nil
	}
	return days*millisPerDay + rest, nil
}

// yearSet moves a day into another year, to the same month and day; 29 February becomes the 28th.
func yearSet(days, year int64) int64 {
	_, month, day := civil(days)
	return dayNumber(year, month, min(day, daysOfMonth(year, month)))
}

// floor cuts what is smaller than the field's unit.
func (f savedField) floor(local int64) int64 {
	days := floorDiv(local, millisPerDay)
	year, month, _ := civil(days)
	switch f.field {
	case fieldEra:
		if year > 0 {
			return dayNumber(1, 1, 1) * millisPerDay
		}
		return local
	case fieldCentury:
		return dayNumber(year-year%100, 1, 1) * millisPerDay
	case fieldYearOfEra, fieldYear:
		return dayNumber(year, 1, 1) * millisPerDay
	case fieldWeekYear:
		weekYear, _ := isoWeek(days)
		return firstWeek(weekYear) * millisPerDay
	case fieldMonth:
		return dayNumber(year, month, 1) * millisPerDay
	case fieldWeek:
		return (days - weekday(days) + 1) * millisPerDay
	case fieldDayOfMonth, fieldDayOfYear, fieldDayOfWeek:
		return days * millisPerDay
	}
	unit := fields[f.field].unit
	return floorDiv(local, unit) * unit
}
