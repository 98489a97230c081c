package native

// Times here are milliseconds of local time since 1970 in the proleptic Gregorian calendar, as Trino's formatters count.

const (
	millisPerSecond = 1000
	millisPerMinute = 60 * millisPerSecond
	millisPerHour   = 60 * millisPerMinute
	millisPerDay    = 24 * millisPerHour
	millisPerWeek   = 7 * millisPerDay
)

// The instants that Trino's timestamp with time zone holds, in milliseconds.
const (
	instantMin = -1 << 51
	instantMax = 1<<51 - 1
)

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 { return a - floorDiv(a, b)*b }

func leapYear(year int64) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

func daysOfYear(year int64) int64 {
	if leapYear(year) {
		return 366
	}
	return 365
}

func daysOfMonth(year, month int64) int64 {
	switch month {
	case 2:
		return daysOfYear(year) - 337
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// dayNumber gives the days from 1970-01-01 to a date. Years of 400 years' cycles begin in March there.
func dayNumber(year, month, day int64) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	cycle := floorDiv(year, 400)
	y := year - cycle*400
	return cycle*146097 + y*365 + y/4 - y/100 + (153*(month-3)+2)/5 + day - 1 - 719468
}

// civil gives the date of a day number.
func civil(days int64) (year, month, day int64) {
	days += 719468
	cycle := floorDiv(days, 146097)
	d := days - cycle*146097
	y := (d - d/1460 + d/36524 - d/146096) / 365
	d -= 365*y + y/4 - y/100
	m := (5*d + 2) / 153
	day = d - (153*m+2)/5 + 1
	month = m + 3
	if month > 12 {
		month -= 12
		y++
	}
	return y + cycle*400, month, day
}

// weekday gives 1 for Monday to 7 for Sunday.
func weekday(days int64) int64 { return floorMod(days+3, 7) + 1 }

// firstWeek gives the day number of the Monday of an ISO year's first week.
func firstWeek(year int64) int64 {
	fourth := dayNumber(year, 1, 4)
	return fourth - weekday(fourth) + 1
}

func weeksOf(year int64) int64 { return (firstWeek(year+1) - firstWeek(year)) / 7 }

// isoWeek gives the ISO year and week of a day number.
func isoWeek(days int64) (year, week int64) {
	year, _, _ = civil(days - weekday(days) + 4) // the year of the week's Thursday
	return year, (days-firstWeek(year))/7 + 1
}
