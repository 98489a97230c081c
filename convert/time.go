package convert

// Epoch numbers below this magnitude are seconds, others milliseconds.
const epochMillisFrom = 1_000_000_000_000

// parseTimestamp reads the timestamp texts that Firehose takes into microseconds since 1970-01-01T00:00:00Z; finer
// fractions are cut. The three forms are
//
//	yyyy-M-d H:m:s[.f]            one digit will do, but for the year
//	yyyy-MM-ddTHH:mm:ss[.f][Z]    all digits; other offsets are refused, as on AWS
//	a number                      see parseEpoch
func parseTimestamp(text []byte) (micros int64, ok bool) {
	if micros, ok = parseISO(text); ok {
		return micros, true
	}
	r := digitReader{text: text}
	year, month, day := r.field(4, 4), r.after('-', 1, 2), r.after('-', 1, 2)
	hour, minute, second := r.after(' ', 1, 2), r.after(':', 1, 2), r.after(':', 1, 2)
	fraction := r.fraction()
	if !r.bad && r.pos == len(text) {
		return instant(year, month, day, (hour*60+minute)*60+second, fraction, hour <= 23 && minute <= 59 && second <= 59)
	}
	return parseEpoch(text)
}

// parseISO reads yyyy-MM-ddTHH:mm:ss[.f][Z], what programs print.
func parseISO(text []byte) (micros int64, ok bool) {
	if len(text) < 19 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' {
		return 0, false
	}
	year, a := pair(text[0:])
	century, b := pair(text[2:])
	month, c := pair(text[5:])
	day, d := pair(text[8:])
	hour, e := pair(text[11:])
	minute, f := pair(text[14:])
	second, g := pair(text[17:])
	if !(a && b && c && d && e && f && g) {
		return 0, false
	}
	fraction := int64(0)
	if len(text) > 19 {
		r := digitReader{text: text, pos: 19}
		fraction = r.fraction()
		if r.pos < len(text) && text[r.pos] == 'Z' {
			r.pos++
		}
		if r.bad || r.pos != len(text) {
			return 0, false
		}
	}
	return instant(year*100+century, month, day, (hour*60+minute)*60+second, fraction, hour <= 23 && minute <= 59 && second <= 59)
}

func pair(text []byte) (int64, bool) {
	a, b := text[0]-'0', text[1]-'0'
	return int64(a)*10 + int64(b), a < 10 && b < 10
}

// instant puts the parts together; ok is handed through.
func instant(year, month, day, seconds, micros int64, ok bool) (int64, bool) {
	days, valid := daysOf(year, month, day)
	return (days*86400+seconds)*1_000_000 + micros, ok && valid
}

// digitReader takes a text apart; after anything unexpected bad is set and all else is 0.
type digitReader struct {
	text []byte
	pos  int
	bad  bool
}

// field reads least to most digits.
func (r *digitReader) field(least, most int) (v int64) {
	n := 0
	for n < most && r.pos < len(r.text) && isDigit(r.text[r.pos]) {
		v = v*10 + int64(r.text[r.pos]-'0')
		r.pos++
		n++
	}
	r.bad = r.bad || n < least
	return v
}

// after reads a separator and the field behind it.
func (r *digitReader) after(separator byte, least, most int) int64 {
	if r.pos == len(r.text) || r.text[r.pos] != separator {
		r.bad = true
		return 0
	}
	r.pos++
	return r.field(least, most)
}

// fraction reads an optional point and one to nine digits, and gives microseconds.
func (r *digitReader) fraction() int64 {
	if r.bad || r.pos == len(r.text) || r.text[r.pos] != '.' {
		return 0
	}
	start := r.pos + 1
	v := r.after('.', 1, 9)
	for n := r.pos - start; n < 6; n++ {
		v *= 10
	}
	for n := r.pos - start; n > 6; n-- {
		v /= 10
	}
	return v
}

// parseDate reads yyyy-M-d into days since 1970-01-01.
func parseDate(text []byte) (days int64, ok bool) {
	r := digitReader{text: text}
	year, month, day := r.field(4, 4), r.after('-', 1, 2), r.after('-', 1, 2)
	if r.bad || r.pos != len(text) {
		return 0, false
	}
	return daysOf(year, month, day)
}

var monthDays = [...]int64{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// daysOf gives the days from 1970-01-01 to a day of the Gregorian calendar, years 1 to 9999; ok: there is such a day.
func daysOf(year, month, day int64) (days int64, ok bool) {
	if year < 1 || month < 1 || month > 12 || day < 1 {
		return 0, false
	}
	leap := month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0)
	if day > monthDays[month] && !(leap && day == 29) {
		return 0, false
	}
	// Years that begin in March have their leap day at the end (Howard Hinnant, "chrono-compatible date algorithms").
	if month <= 2 {
		year--
		month += 12
	}
	era := year / 400
	ofEra := year - era*400
	ofYear := (153*(month-3)+2)/5 + day - 1
	return era*146097 + ofEra*365 + ofEra/4 - ofEra/100 + ofYear - 719468, true
}

// parseEpoch reads a number as seconds since 1970, or as milliseconds from a magnitude of 1e12 on, into microseconds.
// AWS holds the instant in 64 bits of nanoseconds and lets it wrap, so 999999999999 s is a moment in 2092: so it is here.
func parseEpoch(text []byte) (micros int64, ok bool) {
	n, ok := parseNumber(text)
	if !ok {
		return 0, false
	}
	scale := 9
	if large(n) {
		scale = 6
	}
	if _, _, ok := n.rescale(scale); !ok {
		return 0, false
	}
	nanos := int64(n.lo)
	if n.negative {
		nanos = -nanos
	}
	micros = nanos / 1000
	if nanos%1000 < 0 {
		micros--
	}
	return micros, true
}

// large tells whether the magnitude of n is at least epochMillisFrom.
func large(n number) bool {
	if _, _, ok := n.rescale(0); !ok {
		return true
	}
	return n.hi > 0 || n.lo >= epochMillisFrom
}
