package dialect

import (
	"slices"
	"strings"
)

func dateFunctions() []Function {
	var list []Function
	for _, f := range [...][3]string{
		{"year", "year($1)", "2020"}, {"quarter", "quarter($1)", "2"}, {"month", "month($1)", "5"}, {"day day_of_month", "day($1)", "3"},
		{"week week_of_year", "week($1)", "18"}, {"day_of_week dow", "isodow($1)", "7"}, {"day_of_year doy", "dayofyear($1)", "124"},
		{"year_of_week yow", "isoyear($1)", "2020"},
	} {
		name, _, _ := strings.Cut(f[0], " ")
		list = append(list, Function{Name: f[0], Overloads: []Overload{{Signature: "date -> bigint", SQL: f[1]},
			{Signature: "timestamp(p) -> bigint", SQL: f[1]}, {Signature: "timestamp(p) with time zone -> bigint", SQL: f[1]}},
			Examples: []Example{example(name+"(date '2020-05-03')", f[2], "bigint"), example(name+"(timestamp '2020-05-03 10:00:00')", f[2], "bigint")}})
	}
	for _, f := range [...][3]string{{"hour", "hour($1)", "14"}, {"minute", "minute($1)", "5"}, {"second", "second($1)", "6"}, {"millisecond", "(millisecond($1) % 1000)", "789"}} {
		list = append(list, Function{Name: f[0], Overloads: []Overload{
			{Signature: "timestamp(p) -> bigint", SQL: f[1]}, {Signature: "timestamp(p) with time zone -> bigint", SQL: f[1]}},
			Examples: []Example{example(f[0]+"(timestamp '2020-05-03 14:05:06.789')", f[2], "bigint")}})
	}
	list[len(list)-4].Examples = append(list[len(list)-4].Examples, example("hour(timestamp '2020-07-01 00:00:00 UTC' AT TIME ZONE 'Europe/Rome')", "2", "bigint"),
		example("EXTRACT(HOUR FROM timestamp '2020-07-01 07:00:00')", "7", "bigint"))
	return append(append(list, calendar()...), instants()...)
}

// calendar are the functions that move and cut times by units.
func calendar() []Function {
	return []Function{
		{Name: "date_trunc", Overloads: []Overload{
			{Signature: "varchar(x), date -> date", SQL: "CAST(date_trunc($1, $2) AS DATE)", rewrite: truncation},
			{Signature: "varchar(x), timestamp(p) -> timestamp(p)", SQL: "date_trunc($1, $2)", rewrite: truncation},
			{Signature: "varchar(x), timestamp(p) with time zone -> timestamp(p) with time zone", SQL: "date_trunc($1, $2)", rewrite: truncation},
		}, Examples: []Example{example("date_trunc('month', date '2020-05-17')", "2020-05-01", "date"),
			example("date_trunc('hour', timestamp '2020-05-17 10:20:30')", "2020-05-17 10:00:00", "timestamp(0)"),
			example("date_trunc('week', date '2020-05-17')", "2020-05-11", "date")}},
		{Name: "date_add", Overloads: []Overload{
			{Signature: "varchar(x), bigint, date -> date", rewrite: addition}, {Signature: "varchar(x), bigint, timestamp(p) -> timestamp(p)", rewrite: addition},
			{Signature: "varchar(x), bigint, timestamp(p) with time zone -> timestamp(p) with time zone", rewrite: addition},
		}, Examples: []Example{example("date_add('month', 1, date '2020-01-31')", "2020-02-29", "date"),
			example("date_add('hour', -1, timestamp '2020-01-01 00:30:00')", "2019-12-31 23:30:00", "timestamp(0)"),
			failing("date_add('hour', 1, date '2020-01-01')", CodeFunctionArgument)}},
		{Name: "date_diff", Overloads: []Overload{
			{Signature: "varchar(x), date, date -> bigint", SQL: "date_sub($1, $2, $3)", rewrite: difference},
			{Signature: "varchar(x), timestamp(p), timestamp(p) -> bigint", SQL: "date_sub($1, $2, $3)", rewrite: difference},
			{Signature: "varchar(x), timestamp(p) with time zone, timestamp(p) with time zone -> bigint", SQL: "date_sub($1, $2, $3)", rewrite: difference},
		}, Examples: []Example{example("date_diff('day', date '2020-02-28', date '2020-03-01')", "2", "bigint"),
			example("date_diff('day', timestamp '2020-01-01 10:00:00', timestamp '2020-01-02 09:00:00')", "0", "bigint"),
			example("date_diff('second', timestamp '2020-01-01 00:00:10', timestamp '2020-01-01 00:00:00')", "-10", "bigint")}},
		{Name: "last_day_of_month", Overloads: []Overload{{Signature: "date -> date", SQL: "last_day($1)"}, {Signature: "timestamp(p) -> date", SQL: "last_day($1)"},
			{Signature: "timestamp(p) with time zone -> date", SQL: "last_day($1)"}}, Examples: []Example{example("last_day_of_month(date '2020-02-03')", "2020-02-29", "date")}},
	}
}

var (
	dateUnits = []string{"day", "week", "month", "quarter", "year"}
	timeUnits = []string{"millisecond", "second", "minute", "hour"}
)

// unit reads the constant unit that is the first argument of c; of is the type of the value.
func unit(c *rewriting, of Type) (string, error) {
	text, ok := c.constant(0)
	if !ok {
		return "", c.errorf(CodeNotSupported, "units that are not constant are not supported in %s", c.node.name)
	}
	u := strings.ToLower(text)
	switch {
	case slices.Contains(dateUnits, u), of.Kind != KindDate && slices.Contains(timeUnits, u):
		c.args[0] = textConst(u)
		return u, nil
	case of.Kind == KindDate:
		return "", c.errorf(CodeFunctionArgument, "'%s' is not a valid DATE field", text)
	}
	return "", c.errorf(CodeFunctionArgument, "'%s' is not a valid TIMESTAMP field", text)
}

func truncation(c *rewriting) error {
	_, err := unit(c, c.args[1].typ())
	return err
}

func difference(c *rewriting) error {
	_, err := unit(c, c.args[1].typ())
	return err
}

// unitIntervals give the interval of n units.
var unitIntervals = map[string]string{"millisecond": "to_microseconds($2 * 1000)", "second": "to_microseconds($2 * 1000000)", "minute": "to_minutes($2)",
	"hour": "to_hours($2)", "day": "to_days(CAST($2 AS INTEGER))", "week": "to_weeks(CAST($2 AS INTEGER))", "month": "to_months(CAST($2 AS INTEGER))",
	"quarter": "to_quarters(CAST($2 AS INTEGER))", "year": "to_years(CAST($2 AS INTEGER))"}

func addition(c *rewriting) error {
	u, err := unit(c, c.args[2].typ())
	if err != nil {
		return err
	}
	if u == "millisecond" && c.result.Kind != KindDate {
		c.result.Precision = max(3, c.result.Precision)
	}
	c.over = &Overload{SQL: "CAST($3 + " + unitIntervals[u] + " AS $T)"}
	return nil
}

// instants are the functions between times, Unix seconds and ISO 8601 texts.
func instants() []Function {
	const isoTime = `'[0-9]{4}-[0-9]{2}-[0-9]{2}(T([0-9]{2}(:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?)?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?'`
	const isoHour = `regexp_replace(replace($1, ',', '.'), 'T([0-9]{2})(Z|[+-]|$$)', 'T\1:00\2')`
	return []Function{
		{Name: "from_unixtime", Overloads: []Overload{
			{Signature: "double -> timestamp(3) with time zone", SQL: "make_timestamp(CAST(round($1 * 1000) AS BIGINT) * 1000)"},
			{Signature: "double, varchar(x) -> timestamp(3) with time zone", SQL: "make_timestamp(CAST(round($1 * 1000) AS BIGINT) * 1000)", rewrite: zoneOf(1)},
		}, Examples: []Example{example("from_unixtime(1.5)", "1970-01-01 00:00:01.500 UTC", "timestamp(3) with time zone"),
			example("hour(from_unixtime(0, 'Asia/Tokyo'))", "9", "bigint")}},
		{Name: "to_unixtime", Overloads: []Overload{{Signature: "timestamp(p) -> double", SQL: "epoch($1)"}, {Signature: "timestamp(p) with time zone -> double", SQL: "epoch($1)", instant: true}},
			Examples: []Example{example("to_unixtime(timestamp '1970-01-01 00:00:01.500')", "1.5", "double")}},
		{Name: "from_iso8601_timestamp", Overloads: []Overload{{Signature: "varchar(x) -> timestamp(3) with time zone",
			SQL: "CASE WHEN $1 IS NULL THEN NULL WHEN regexp_full_match($1, " + isoTime + ") THEN date_trunc('millisecond', timezone('UTC', CAST(" +
				"CASE WHEN NOT contains($1, 'T') THEN $1 || 'T00:00:00Z' WHEN regexp_matches($1, 'T.*(Z|[+-])') THEN " + isoHour + " ELSE " + isoHour + " || 'Z' END AS TIMESTAMPTZ))) " +
				"ELSE ${INVALID_FUNCTION_ARGUMENT: Invalid format: the text is no ISO 8601 timestamp} END"}},
			Differs: "shown in UTC where Trino keeps the text's offset; week dates, ordinal dates and bare years or months fail",
			Examples: []Example{example("from_iso8601_timestamp('2025-12-03T10:15:30Z')", "2025-12-03 10:15:30.000 UTC", "timestamp(3) with time zone"),
				example("from_iso8601_timestamp('2025-12-03T10:15:30.1234')", "2025-12-03 10:15:30.123 UTC", "timestamp(3) with time zone"),
				example("to_unixtime(from_iso8601_timestamp('1970-01-01T01:00:00+01:00'))", "0.0", "double"), example("from_iso8601_timestamp('2025-12-03')", "2025-12-03 00:00:00.000 UTC", "timestamp(3) with time zone"),
				failing("from_iso8601_timestamp('yesterday')", CodeFunctionArgument)}},
		{Name: "from_iso8601_date", Overloads: []Overload{{Signature: "varchar(x) -> date",
			SQL: "CASE WHEN $1 IS NULL THEN NULL WHEN regexp_full_match($1, '[0-9]{4}-[0-9]{2}-[0-9]{2}') THEN CAST($1 AS DATE) ELSE ${INVALID_FUNCTION_ARGUMENT: Invalid format: the text is no ISO 8601 date} END"}},
			Differs: "week and ordinal dates fail", Examples: []Example{example("from_iso8601_date('2020-05-11')", "2020-05-11", "date")}},
		{Name: "to_iso8601", Overloads: []Overload{{Signature: "date -> varchar(16)", SQL: "strftime($1, '%Y-%m-%d')"},
			{Signature: "timestamp(3) -> varchar(26)", SQL: "strftime($1, '%Y-%m-%dT%H:%M:%S.%g')"},
			{Signature: "timestamp(3) with time zone -> varchar(32)", SQL: "strftime($1, '%Y-%m-%dT%H:%M:%S.%gZ')", rewrite: utcOnly, instant: true}},
			Examples: []Example{example("to_iso8601(date '2020-05-11')", "2020-05-11", "varchar(16)"), example("to_iso8601(from_unixtime(0))", "1970-01-01T00:00:00.000Z", "varchar(32)")}},
		{Name: "at_timezone", Overloads: []Overload{{Signature: "timestamp(p) with time zone, varchar(x) -> timestamp(p) with time zone", SQL: "$1", rewrite: zoneOf(1), instant: true}},
			Examples: []Example{example("hour(at_timezone(from_unixtime(0), 'Asia/Tokyo'))", "9", "bigint")}},
		{Name: "with_timezone", Overloads: []Overload{{Signature: "timestamp(p), varchar(x) -> timestamp(p) with time zone", SQL: "$1", rewrite: localIn}},
			Examples: []Example{example("to_unixtime(with_timezone(timestamp '1970-01-01 09:00:00', 'Asia/Tokyo'))", "0.0", "double")}},
		{Name: "to_milliseconds", Overloads: []Overload{{Signature: "interval day to second -> bigint", SQL: "CAST(round(epoch($1) * 1000) AS BIGINT)"}},
			Examples: []Example{example("to_milliseconds(interval '1' minute)", "60000", "bigint")}},
	}
}

func utcOnly(c *rewriting) error {
	if c.args[0].typ().Zone != "" {
		return c.errorf(CodeNotSupported, "%s of times that are shown in another zone than UTC is not supported", c.node.name)
	}
	return nil
}

// zoneOf makes the result be shown in the zone that a constant argument names.
func zoneOf(i int) func(*rewriting) error {
	return func(c *rewriting) error {
		e, err := c.a.inZone(c.node, &constExpr{t: Type{Kind: KindTimestampTZ, Precision: c.result.Precision}}, c.args[i])
		if err == nil {
			c.result = e.typ()
		}
		return err
	}
}

// localIn takes a local time as one of the zone that a constant argument names.
func localIn(c *rewriting) error {
	if err := zoneOf(1)(c); err != nil {
		return err
	}
	c.args[0] = cast(c.args[0], c.result)
	return nil
}
