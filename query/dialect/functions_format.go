package dialect

import (
	"regexp"
	"strings"

	"github.com/loglake/loglake/query/dialect/native"
)

// dateFormatFunctions write and read times by a pattern: MySQL's, Joda's or Teradata's. Package native does it by Trino's
// rules. A constant pattern is done by strftime and strptime where they do the same, which they tell by themselves.
func dateFormatFunctions() []Function {
	const local, zoned = "timestamp(p), varchar(x) -> varchar", "timestamp(p) with time zone, varchar(x) -> varchar"
	return []Function{
		{Name: "date_format", Overloads: []Overload{{Signature: local, SQL: "loglake_date_format($1, $2)", rewrite: written(mysqlWrite)},
			{Signature: zoned, SQL: "loglake_date_format($1, $2)", rewrite: written(mysqlWrite)}}, Examples: dateFormatExamples},
		{Name: "date_parse", Overloads: []Overload{{Signature: "varchar(x), varchar(y) -> timestamp(3)", SQL: "loglake_date_parse($1, $2)", rewrite: read(mysqlRead)}}, Examples: dateParseExamples},
		{Name: "format_datetime", Overloads: []Overload{{Signature: local, SQL: "loglake_format_datetime($1, $2, '')", rewrite: written(jodaWrite)},
			{Signature: zoned, rewrite: zonedPattern, instant: true}},
			Differs: "the names of zones other than UTC (z) are refused", Examples: formatDatetimeExamples},
		{Name: "parse_datetime", Overloads: []Overload{{Signature: "varchar(x), varchar(y) -> timestamp(3) with time zone", rewrite: readZoned}},
			Differs: "a text of another zone than UTC fails, unless the instant alone matters, as in comparisons and before AT TIME ZONE", Examples: parseDatetimeExamples},
		{Name: "to_char", Overloads: []Overload{{Signature: "timestamp(p) with time zone, varchar -> varchar", SQL: "loglake_to_char($1, $2)"}},
			Examples: []Example{example("to_char(timestamp '1988-04-08 14:03:04.567', 'yyyy/mm/dd hh24:mi:ss')", "1988/04/08 14:03:04", "varchar"), example("to_char(timestamp '1988-04-08 14:03:04 Europe/Rome', 'hh:mi yy')", "02:03 88", "varchar"),
				example("to_char(date '1988-04-08', 'dd')", "08", "varchar"), example("to_char(timestamp '2021-11-07 02:30:00.9999', 'ss')", "00", "varchar"), example("to_char(cast(NULL AS timestamp), 'dd')", "NULL", "varchar"), failing("to_char(now(), 'YYYY')", CodeFunctionArgument), failing("to_char(now(), '')", CodeFunctionArgument)}},
		{Name: "to_date", Overloads: []Overload{{Signature: "varchar, varchar -> date", SQL: "CAST(loglake_to_timestamp($1, $2) AS DATE)"}},
			Examples: []Example{example("to_date('12/30/2003', 'mm/dd/yyyy')", "2003-12-30", "date"), example("to_date('88-4-8', 'yy-mm-dd')", "2088-04-08", "date"), example("to_date('10', 'hh24')", "1970-01-01", "date"),
				failing("to_date('1988-13-08', 'yyyy-mm-dd')", CodeFunctionArgument), failing("to_date('abc', 'yyyy')", CodeFunctionArgument), example("to_date(cast(NULL AS varchar), 'yyyy')", "NULL", "date")}},
		{Name: "to_timestamp", Overloads: []Overload{{Signature: "varchar, varchar -> timestamp(3)", SQL: "loglake_to_timestamp($1, $2)"}},
			Examples: []Example{example("to_timestamp('1988-04-08 02:03:04', 'yyyy-mm-dd hh24:mi:ss')", "1988-04-08 02:03:04.000", "timestamp(3)"), example("to_timestamp('1988;04.08,02', 'yyyy;mm.dd,hh24')", "1988-04-08 02:00:00.000", "timestamp(3)"),
				example("to_timestamp('198-4-8', 'yyyy-mm-dd')", "0198-04-08 00:00:00.000", "timestamp(3)"), failing("to_timestamp('1988-04-08 12:03:04', 'yyyy-mm-dd hh:mi:ss')", CodeFunctionArgument),
				failing("to_timestamp('x', 'x')", CodeFunctionArgument), example("to_timestamp('1988', cast(NULL AS varchar))", "NULL", "timestamp(3)")}},
	}
}

// written lets strftime write a constant pattern that it can write; plain gives strftime's.
func written(plain func(string) (string, bool)) func(*rewriting) error {
	return func(c *rewriting) error {
		text, ok := c.constant(1)
		if !ok {
			return nil
		}
		format, ok := plain(text)
		if !ok {
			return nil
		}
		value := "$1"
		if c.args[0].typ().Precision > 3 { // rounded to milliseconds
			value = "date_trunc('millisecond', $1 + to_microseconds(500))"
		}
		c.over = &Overload{SQL: ranged("strftime("+value+", "+strings.ReplaceAll(quoteText(format), "$", "$$")+")", c.over.SQL)}
		return nil
	}
}

// mysqlSpecifiers are strftime's forms of MySQL's specifiers.
var mysqlSpecifiers = map[byte]string{'a': "%a", 'b': "%b", 'c': "%-m", 'd': "%d", 'e': "%-d", 'f': "%f", 'H': "%H", 'h': "%I", 'I': "%I",
	'i': "%M", 'j': "%j", 'k': "%-H", 'l': "%-I", 'M': "%B", 'm': "%m", 'p': "%p", 'r': "%I:%M:%S %p", 'S': "%S", 's': "%S",
	'T': "%H:%M:%S", 'v': "%V", 'W': "%A", 'x': "%G", 'Y': "%Y", 'y': "%y", '%': "%%"}

func mysqlWrite(pattern string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != '%' {
			b.WriteByte(pattern[i])
			continue
		}
		if i++; i == len(pattern) || mysqlSpecifiers[pattern[i]] == "" {
			return "", false
		}
		b.WriteString(mysqlSpecifiers[pattern[i]])
	}
	return b.String(), pattern != ""
}

// readable are the fields that strptime reads like Trino where the text has all their digits.
type readable struct{ strptime, digits string }

var readables = map[string]readable{"Y": {"%Y", "[0-9]{4}"}, "m": {"%m", "[0-9]{2}"}, "d": {"%d", "[0-9]{2}"}, "H": {"%H", "[0-9]{2}"},
	"i": {"%M", "[0-9]{2}"}, "s": {"%S", "[0-9]{2}"}, "S": {"%S", "[0-9]{2}"}, "f": {"%n", "[0-9]{1,9}"}, "b": {"%b", "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"},
	"T": {"%H:%M:%S", "[0-9]{2}:[0-9]{2}:[0-9]{2}"}}

var jodaReadables = map[string]string{"yyyy": "Y", "MM": "m", "dd": "d", "HH": "H", "mm": "i", "ss": "s", "SSS": "f", "SSSSSS": "f", "SSSSSSSSS": "f", "MMM": "b"}

// wholeDate is what a pattern must begin with so that what is not given is the same in both: a year, a month and a day.
var wholeDate = regexp.MustCompile(`%Y.*%m.*%d|%d.*(%m|%b).*%Y`)

// plainFormat gathers strptime's format and the pattern of texts that it reads like Trino.
type plainFormat struct {
	format, texts strings.Builder
	wrong         bool
	seen          map[string]bool
}

func (f *plainFormat) field(name string) {
	r, ok := readables[name]
	if f.seen == nil {
		f.seen = map[string]bool{}
	}
	f.wrong = f.wrong || !ok || f.seen[r.strptime] // a field that comes twice counts once
	f.seen[r.strptime] = true
	f.format.WriteString(r.strptime)
	f.texts.WriteString(r.digits)
}

func (f *plainFormat) literal(text string) {
	f.format.WriteString(strings.ReplaceAll(text, "%", "%%"))
	f.texts.WriteString(regexp.QuoteMeta(text))
	f.wrong = f.wrong || strings.ContainsAny(text, "\x00\t\n\v\f\r")
}

func (f *plainFormat) done() (format, texts string, ok bool) {
	return f.format.String(), f.texts.String(), !f.wrong && wholeDate.MatchString(f.format.String())
}

func mysqlRead(pattern string) (format, texts string, ok bool) {
	var f plainFormat
	for i := 0; i < len(pattern); i++ {
		switch {
		case pattern[i] != '%':
			f.literal(pattern[i : i+1])
		case i+1 == len(pattern):
			return "", "", false
		default:
			i++
			f.field(pattern[i : i+1])
		}
	}
	return f.done()
}

// read lets strptime read the texts of a constant pattern that it can read; it leaves the others.
func read(plain func(string) (format, texts string, ok bool)) func(*rewriting) error {
	return func(c *rewriting) error {
		text, ok := c.constant(1)
		if !ok {
			return nil
		}
		if format, texts, ok := plain(text); ok {
			quoted := func(s string) string { return strings.ReplaceAll(quoteText(s), "$", "$$") }
			fast := "coalesce(CASE WHEN regexp_full_match($1, " + quoted(texts) + ") THEN date_trunc('millisecond', CAST(try_strptime($1, " + quoted(format) + ") AS TIMESTAMP)) END, "
			over := Overload{SQL: fast + c.over.SQL + ")"}
			if c.over.lenient != "" {
				over.lenient = fast + c.over.lenient + ")"
			}
			c.over = &over
		}
		return nil
	}
}

// jodaRuns splits a Joda pattern into runs of one letter and literals.
var jodaRuns = regexp.MustCompile(`^(?:'((?:[^']|'')+)'|(y+|M+|d+|H+|h+|m+|s+|S+|a+|E+|D+|w+|x+|e+)|([^A-Za-z']+))`)

// eachJoda calls letters and literal for the parts of a pattern; it gives false where there is another part.
func eachJoda(pattern string, letters, literal func(string)) bool {
	for pattern != "" {
		m := jodaRuns.FindStringSubmatch(pattern)
		switch {
		case m == nil:
			return false
		case m[1] != "":
			literal(strings.ReplaceAll(m[1], "''", "'"))
		case m[2] != "":
			letters(m[2])
		default:
			literal(m[3])
		}
		pattern = pattern[len(m[0]):]
	}
	return true
}

// jodaFormats are strftime's forms of Joda's letters by how often they are repeated.
var jodaFormats = map[string]string{"y": "%-Y", "yy": "%y", "yyyy": "%Y", "M": "%-m", "MM": "%m", "MMM": "%b", "MMMM": "%B",
	"d": "%-d", "dd": "%d", "H": "%-H", "HH": "%H", "h": "%-I", "hh": "%I", "m": "%-M", "mm": "%M", "s": "%-S", "ss": "%S", "SSS": "%g", "SSSSSS": "%f",
	"a": "%p", "E": "%a", "EE": "%a", "EEE": "%a", "EEEE": "%A", "D": "%-j", "DDD": "%j", "ww": "%V", "xxxx": "%G", "e": "%u"}

func jodaWrite(pattern string) (string, bool) {
	var b strings.Builder
	known := pattern != ""
	ok := eachJoda(pattern, func(run string) {
		format, ok := jodaFormats[run]
		known = known && ok && run != "y"
		b.WriteString(format)
	}, func(text string) { b.WriteString(strings.ReplaceAll(text, "%", "%%")) })
	return b.String(), ok && known
}

func jodaRead(pattern string) (format, texts string, ok bool) {
	var f plainFormat
	whole := eachJoda(pattern, func(run string) {
		f.field(jodaReadables[run])
		if n := len(run); run[0] == 'S' && n < 9 { // no more digits than letters
			text := f.texts.String()
			f.texts.Reset()
			f.texts.WriteString(strings.TrimSuffix(text, "9}") + string(rune('0'+n)) + "}")
		}
	}, f.literal)
	format, texts, ok = f.done()
	return format, texts, ok && whole
}

// zonedPattern writes a zoned time: by its local time, or with the zone where the pattern asks for it.
func zonedPattern(c *rewriting) error {
	t := c.args[0].typ()
	pattern, constant := c.constant(1)
	if constant && !native.FormatsZone(pattern) {
		c.args[0] = cast(c.args[0], Type{Kind: KindTimestamp, Precision: t.Precision})
		c.over = &Overload{SQL: "loglake_format_datetime($1, $2, '')"}
		return written(jodaWrite)(c)
	}
	zone := t.Zone
	if _, fixed := fixedOffset(zone); zone != "" && !fixed && (!constant || strings.Contains(pattern, "z")) {
		return c.errorf(CodeNotSupported, "the names of time zones in %s are not supported", c.node.name)
	}
	if zone == "" {
		zone = "UTC"
	}
	c.over = &Overload{SQL: "loglake_format_datetime($1, $2, " + quoteText(zone) + ")", instant: true}
	return nil
}

// readZoned reads by a Joda pattern; two digits of a year belong to the century around now.
func readZoned(c *rewriting) error {
	year := "CAST(" + c.a.session.Now.UTC().Format("2006") + " AS BIGINT)"
	c.over = &Overload{SQL: "loglake_parse_datetime($1, $2, " + year + ", false)", lenient: "loglake_parse_datetime($1, $2, " + year + ", true)"}
	return read(jodaRead)(c)
}
