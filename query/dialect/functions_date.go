package dialect

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// The parts of an interval day to second count its milliseconds.
const (
	dayPart    = "(epoch_ms($1) // 86400000)"
	hourPart   = "(epoch_ms($1) // 3600000 % 24)"
	minutePart = "(epoch_ms($1) // 60000 % 60)"
	secondPart = "(epoch_ms($1) // 1000 % 60)"
	milliPart  = "(epoch_ms($1) % 1000)"
)

// dateFunctions are the parts of times, and what moves and makes times.
func dateFunctions() []Function {
	return slices.Concat(dateParts(), timeParts(), calendar(), instants(), isoFunctions(), zoneFunctions(), durations())
}

// dateParts are the parts of dates; some are parts of intervals, too.
func dateParts() []Function {
	var list []Function
	for _, f := range [...]struct{ name, sql, want, interval, sample, part string }{
		{name: "year", sql: "year($1)", want: "2020", interval: "interval year to month", sample: "interval '-14' month", part: "-1"},
		{name: "quarter", sql: "quarter($1)", want: "2"},
		{name: "month", sql: "month($1)", want: "5", interval: "interval year to month", sample: "interval '-14' month", part: "-2"},
		{name: "day day_of_month", sql: "day($1)", want: "3", interval: "interval day to second", sample: "interval '-49' hour", part: "-2"},
		{name: "week week_of_year", sql: "week($1)", want: "18"}, {name: "day_of_week dow", sql: "isodow($1)", want: "7"},
		{name: "day_of_year doy", sql: "dayofyear($1)", want: "124"}, {name: "year_of_week yow", sql: "isoyear($1)", want: "2020"},
	} {
		name, _, _ := strings.Cut(f.name, " ")
		g := Function{Name: f.name, Overloads: []Overload{{Signature: "date -> bigint", SQL: f.sql},
			{Signature: "timestamp(p) -> bigint", SQL: f.sql}, {Signature: "timestamp(p) with time zone -> bigint", SQL: f.sql}},
			Examples: []Example{example(name+"(date '2020-05-03')", f.want, "bigint"), example(name+"(timestamp '2020-05-03 23:59:59.999')", f.want, "bigint"),
				example(name+"(timestamp '2020-05-02 23:00:00 UTC' AT TIME ZONE 'Asia/Tokyo')", f.want, "bigint"), example(name+"(cast(NULL AS date))", "NULL", "bigint"),
				failing(name+"('2020-05-03')", CodeFunctionNotFound)}}
		if f.interval != "" {
			sql := f.sql
			if name == "day" {
				sql = dayPart
			}
			g.Overloads = append(g.Overloads, Overload{Signature: f.interval + " -> bigint", SQL: sql})
			g.Examples = append(g.Examples, example(name+"("+f.sample+")", f.part, "bigint"))
		}
		list = append(list, g)
	}
	return list
}

// timeParts are the parts of times of the day and of intervals.
func timeParts() []Function {
	var list []Function
	for _, f := range [...]struct{ name, sql, interval, want, negative string }{{"hour", "hour($1)", hourPart, "14", "-1"},
		{"minute", "minute($1)", minutePart, "5", "-1"}, {"second", "second($1)", secondPart, "6", "-1"}, {"millisecond", "(millisecond($1) % 1000)", milliPart, "789", "-500"}} {
		list = append(list, Function{Name: f.name, Overloads: []Overload{
			{Signature: "timestamp(p) -> bigint", SQL: f.sql}, {Signature: "timestamp(p) with time zone -> bigint", SQL: f.sql},
			{Signature: "time(p) -> bigint", SQL: f.sql}, {Signature: "time(p) with time zone -> bigint", SQL: f.sql, rewrite: localTime},
			{Signature: "interval day to second -> bigint", SQL: f.interval}},
			Examples: []Example{example(f.name+"(time '14:05:06.789')", f.want, "bigint"), example(f.name+"(time '14:05:06.789+05:00')", f.want, "bigint"),
				example(f.name+"(timestamp '2020-05-03 14:05:06.789')", f.want, "bigint"), example(f.name+"(timestamp '1960-05-03 14:05:06.7899')", f.want, "bigint"),
				example(f.name+"(date '2020-05-03')", "0", "bigint"), example(f.name+"(interval '-3661.5' second)", f.negative, "bigint"),
				example(f.name+"(cast(NULL AS timestamp))", "NULL", "bigint"), failing(f.name+"('12:00')", CodeFunctionNotFound)}})
	}
	list[0].Examples = append(list[0].Examples, example("hour(timestamp '2020-07-01 00:00:00 UTC' AT TIME ZONE 'Europe/Rome')", "2", "bigint"),
		example("EXTRACT(HOUR FROM timestamp '2020-07-01 07:00:00')", "7", "bigint"))
	return list
}

// calendar are the functions that move and cut times by units.
func calendar() []Function {
	zoned := "timestamp(p) with time zone"
	return []Function{
		{Name: "date_trunc", Overloads: []Overload{
			{Signature: "varchar(x), date -> date", SQL: "CAST(date_trunc($1, $2) AS DATE)", rewrite: truncation},
			{Signature: "varchar(x), timestamp(p) -> timestamp(p)", SQL: "date_trunc($1, $2)", rewrite: truncation},
			{Signature: "varchar(x), " + zoned + " -> " + zoned, SQL: "date_trunc($1, $2)", rewrite: truncation, instant: true},
			{Signature: "varchar(x), time(p) -> time(p)", rewrite: truncation}, {Signature: "varchar(x), time(p) with time zone -> time(p) with time zone", rewrite: truncation},
		}, Examples: truncationExamples},
		{Name: "date_add", Differs: "a result out of range always fails with NUMERIC_VALUE_OUT_OF_RANGE; Trino has other codes for some", Overloads: []Overload{
			{Signature: "varchar(x), bigint, date -> date", rewrite: addition}, {Signature: "varchar(x), bigint, timestamp(p) -> timestamp(p)", rewrite: addition},
			{Signature: "varchar(x), bigint, " + zoned + " -> " + zoned, rewrite: addition, instant: true},
			{Signature: "varchar(x), bigint, time(p) -> time(p)", rewrite: addition}, {Signature: "varchar(x), bigint, time(p) with time zone -> time(p) with time zone", rewrite: addition},
		}, Examples: additionExamples},
		{Name: "date_diff", Overloads: []Overload{
			{Signature: "varchar(x), date, date -> bigint", rewrite: difference}, {Signature: "varchar(x), timestamp(p), timestamp(p) -> bigint", rewrite: difference},
			{Signature: "varchar(x), " + zoned + ", " + zoned + " -> bigint", rewrite: difference, instant: true},
			{Signature: "varchar(x), time(p), time(p) -> bigint", rewrite: difference}, {Signature: "varchar(x), time(p) with time zone, time(p) with time zone -> bigint", rewrite: difference},
		}, Examples: differenceExamples},
		{Name: "last_day_of_month", Overloads: []Overload{{Signature: "date -> date", SQL: "last_day($1)"}, {Signature: "timestamp(p) -> date", SQL: "last_day($1)"},
			{Signature: zoned + " -> date", SQL: "last_day($1)"}}, Examples: []Example{example("last_day_of_month(date '2020-02-03')", "2020-02-29", "date"),
			example("last_day_of_month(timestamp '2021-02-28 23:59:59')", "2021-02-28", "date"), example("last_day_of_month(cast(NULL AS date))", "NULL", "date"),
			example("last_day_of_month(timestamp '2020-01-31 23:30:00 UTC' AT TIME ZONE 'Asia/Tokyo')", "2020-02-29", "date")}},
	}
}

var (
	dateUnits = []string{"day", "week", "month", "quarter", "year"}
	timeUnits = []string{"millisecond", "second", "minute", "hour"}
)

// unit reads the unit that is the first argument of c; of is the type of the value.
func unit(c *rewriting, of Type) (string, error) {
	text, ok := c.constant(0)
	if !ok {
		return "", c.errorf(CodeNotSupported, "units that are not constant are not supported in %s", c.node.name)
	}
	u := strings.ToLower(text)
	name := "TIMESTAMP"
	switch of.Kind {
	case KindDate:
		name = "DATE"
	case KindTime, KindTimeTZ:
		name = "TIME"
	}
	if name != "TIME" && slices.Contains(dateUnits, u) || of.Kind != KindDate && slices.Contains(timeUnits, u) {
		c.args[0] = textConst(u)
		return u, nil
	}
	if name == "TIME" {
		text = u
	}
	return "", &Error{Code: CodeFunctionArgument, Message: "'" + text + "' is not a valid " + name + " field"}
}

// isNull tells whether an argument is the NULL literal: then the unit does not matter.
func (r *rewriting) isNull(i int) bool {
	e := r.args[i]
	for {
		c, ok := e.(*castExpr)
		if !ok {
			break
		}
		e = c.operand
	}
	c, ok := e.(*constExpr)
	return ok && c.value == nil
}

// nothing makes the call NULL.
func nothing(c *rewriting) error {
	c.over = &Overload{SQL: "CAST(NULL AS $T)"}
	return nil
}

func truncation(c *rewriting) error {
	if c.isNull(0) {
		return nothing(c)
	}
	value := c.args[1].typ()
	u, err := unit(c, value)
	if err == nil && (value.Kind == KindTime || value.Kind == KindTimeTZ) {
		shift := offsetInterval(value.Zone)
		c.result.Zone = value.Zone
		c.over = &Overload{SQL: "CAST(date_trunc($1, " + someDay + " + $2 + " + shift + ") - " + shift + " AS TIME)"}
	}
	if err == nil && value.Kind == KindTimestampTZ && value.Zone != "" {
		c.result.Zone = value.Zone
		c.over = &Overload{SQL: zonedSQL(value.Zone, "$2", "NULL", "date_trunc($1, $v.l)", slices.Contains(timeUnits, u))}
	}
	return err
}

// someDay makes a timestamp of a time of day.
const someDay = "DATE '1970-01-02'"

// offsetInterval gives the interval of a fixed offset.
func offsetInterval(zone string) string {
	seconds, _ := fixedOffset(zone)
	return "to_seconds(" + strconv.Itoa(seconds) + ")"
}

// localTime takes a time of day with a zone as the local one.
func localTime(c *rewriting) error {
	c.args[0] = cast(c.args[0], Type{Kind: KindTime, Precision: c.args[0].typ().Precision})
	return nil
}

// zonedSQL changes a zoned time by its local time: changed is the new local time, made of $v.l and $v.n, which is number. A
// change within the day keeps the offset. Otherwise the offset is kept if the new local time has it, too.
func zonedSQL(zone, value, number, changed string, withinDay bool) string {
	list := "list_transform([{'u': " + value + ", 'n': " + number + "}], lambda $v: {'u': $v.u, 'n': $v.n, 'l': " + localSQL(zone, "$v.u") + "})"
	list = "list_transform(" + list + ", lambda $v: {'l': " + changed + ", 'u': " + changed + " - ($v.l - $v.u)})"
	if withinDay {
		return list + "[1].u"
	}
	return "list_transform(" + list + ", lambda $v: CASE WHEN " + localSQL(zone, "$v.u") + " = $v.l THEN $v.u ELSE " + instantSQL(zone, "$v.l") + " END)[1]"
}

// localSQL gives the local time of a UTC time; ICU knows zones by name only.
func localSQL(zone, utc string) string {
	if seconds, ok := fixedOffset(zone); ok {
		return "(" + utc + " + to_seconds(" + strconv.Itoa(seconds) + "))"
	}
	return "timezone(" + quoteText(zone) + ", timezone('UTC', " + utc + "))"
}

// instantSQL gives the UTC time of a local time.
func instantSQL(zone, local string) string {
	if seconds, ok := fixedOffset(zone); ok {
		return "(" + local + " - to_seconds(" + strconv.Itoa(seconds) + "))"
	}
	return "timezone('UTC', timezone(" + quoteText(zone) + ", " + local + "))"
}

// fixedOffset reads a zone such as +05:30.
func fixedOffset(zone string) (seconds int, ok bool) {
	if len(zone) != len("+05:30") || zone[0] != '+' && zone[0] != '-' || zone[3] != ':' {
		return 0, false
	}
	hours, err := strconv.Atoi(zone[1:3])
	minutes, err2 := strconv.Atoi(zone[4:])
	if seconds = hours*3600 + minutes*60; zone[0] == '-' {
		seconds = -seconds
	}
	return seconds, err == nil && err2 == nil
}

// unitIntervals give the interval of # units.
var unitIntervals = map[string]string{"millisecond": "to_microseconds(# * 1000)", "second": "to_microseconds(# * 1000000)", "minute": "to_minutes(#)",
	"hour": "to_hours(#)", "day": "to_days(CAST(# AS INTEGER))", "week": "to_weeks(CAST(# AS INTEGER))", "month": "to_months(CAST(# AS INTEGER))",
	"quarter": "to_quarters(CAST(# AS INTEGER))", "year": "to_years(CAST(# AS INTEGER))"}

func addition(c *rewriting) error {
	if c.isNull(0) {
		return nothing(c)
	}
	value := c.args[2].typ()
	u, err := unit(c, value)
	if err != nil {
		return err
	}
	sql := "CAST($3 + " + strings.ReplaceAll(unitIntervals[u], "#", "$2") + " AS $T)"
	if value.Kind == KindTime || value.Kind == KindTimeTZ {
		c.result.Zone = value.Zone
		amount := "($2 % (86400000000 // " + unitMicros[u] + "))" // whole days do not matter
		sql = "CAST(" + someDay + " + $3 + " + strings.ReplaceAll(unitIntervals[u], "#", amount) + " AS $T)"
	}
	if value.Kind == KindTimestampTZ && value.Zone != "" {
		c.result.Zone = value.Zone
		if !slices.Contains(timeUnits, u) {
			sql = zonedSQL(value.Zone, "$3", "$2", "$v.l + "+strings.ReplaceAll(unitIntervals[u], "#", "$v.n"), false)
		}
	}
	if value.Kind != KindTime && value.Kind != KindTimeTZ && !fitsInteger(c.args[1]) {
		code := CodeFunctionArgument
		if value.Kind == KindDate {
			code = CodeInternal
		}
		sql = "CASE WHEN $2 NOT BETWEEN -2147483648 AND 2147483647 AND $3 IS NOT NULL THEN ${" + code + ": integer overflow} ELSE " + sql + " END"
	}
	c.over = &Overload{SQL: sql}
	if u == "millisecond" && c.result.Precision < 3 && c.result.Kind != KindDate { // rounded to the value's own digits
		exact := c.result
		exact.Precision = 3
		c.args = []expr{&castExpr{operand: &callExpr{op: c.node.name, over: c.over, args: c.args, t: exact}, t: c.result}}
		c.over = &Overload{SQL: "$1"}
	}
	return nil
}

// fitsInteger tells whether a bigint is known to have no more than 32 bits.
func fitsInteger(e expr) bool {
	switch e := e.(type) {
	case *constExpr:
		n, ok := e.value.(int64)
		return !ok || n >= math.MinInt32 && n <= math.MaxInt32
	case *castExpr:
		return e.operand.typ().integral() && e.operand.typ().Kind != KindBigInt
	}
	return false
}

var unitMicros = map[string]string{"millisecond": "1000", "second": "1000000", "minute": "60000000", "hour": "3600000000"}

// difference counts complete units. Zoned times are compared by the clock of the first one's zone from days on. Fractions
// below a millisecond do not count.
func difference(c *rewriting) error {
	if c.isNull(0) {
		return nothing(c)
	}
	first := c.args[1].typ()
	u, err := unit(c, first)
	if err != nil {
		return err
	}
	if first.Kind == KindTime || first.Kind == KindTimeTZ {
		c.over = &Overload{SQL: "((epoch_us(" + someDay + " + $3) - epoch_us(" + someDay + " + $2)) // " + unitMicros[u] + ")"}
		return nil
	}
	value := func(n string) string {
		if first.Kind == KindTimestampTZ && first.Zone != "" && slices.Contains(dateUnits, u) {
			return localSQL(first.Zone, n)
		}
		return n
	}
	if slices.Contains(timeUnits, u) {
		c.args[1], c.args[2] = asInstant(c.args[1]), asInstant(c.args[2])
	}
	a, b := value("$2"), value("$3")
	if first.Kind != KindDate && max(first.Precision, c.args[2].typ().Precision) > 3 {
		a, b = "date_trunc('millisecond', "+a+")", "date_trunc('millisecond', "+b+")"
	}
	c.over = &Overload{SQL: "date_sub($1, " + a + ", " + b + ")"}
	return nil
}
