package dialect

import (
	"strconv"
	"strings"

	"github.com/loglake/loglake/query/dialect/native"
)

// Trino keeps an instant's milliseconds in 52 bits.
const beyondInstants = "($1 * 1000 >= 2251799813685247.5 OR $1 * 1000 < -2251799813685248.5)"

// unixMillis rounds Unix seconds to milliseconds as Java does: half up. A text of an instant beyond the bounds fails.
const unixMillis = "CASE WHEN $1 IS NULL THEN NULL WHEN isnan($1) THEN TIMESTAMP '1970-01-01' WHEN " + beyondInstants +
	" THEN ${INVALID_FUNCTION_ARGUMENT: Millis overflow: ~coalesce(TRY_CAST(round($1 * 1000) AS BIGINT), CASE WHEN $1 > 0 THEN 9223372036854775807 " +
	"ELSE CAST('-9223372036854775808' AS BIGINT) END)~} WHEN $1 < 0 THEN make_timestamp(CAST(floor($1 * 1000 + 0.5) AS BIGINT) * 1000) " +
	"ELSE make_timestamp(CAST(round($1 * 1000) AS BIGINT) * 1000) END"

// instants are the functions between times and Unix time.
func instants() []Function {
	const nanos = "CASE WHEN $1 IS NULL THEN NULL WHEN $1 % 1000 <> 0 THEN ${NOT_SUPPORTED: from_unixtime_nanos with digits below the microsecond is not supported} " +
		"ELSE make_timestamp(CAST($1 // 1000 AS BIGINT)) END"
	const zoned = "timestamp(3) with time zone"
	return []Function{
		{Name: "from_unixtime", Overloads: []Overload{
			{Signature: "double -> timestamp(3) with time zone", SQL: unixMillis},
			{Signature: "double, varchar(x) -> timestamp(3) with time zone", SQL: unixMillis, rewrite: zoneOf(1, unixZone)},
			{Signature: "double, bigint, bigint -> timestamp(3) with time zone", SQL: unixMillis, rewrite: offsetOf},
		}, Examples: []Example{example("from_unixtime(1.5)", "1970-01-01 00:00:01.500 UTC", zoned), example("from_unixtime(1700000000)", "2023-11-14 22:13:20.000 UTC", zoned),
			example("from_unixtime(1.0005)", "1970-01-01 00:00:01.001 UTC", zoned), example("from_unixtime(-1.0005)", "1969-12-31 23:59:59.000 UTC", zoned),
			example("from_unixtime(-0.0005)", "1970-01-01 00:00:00.000 UTC", zoned), example("from_unixtime(0.00049)", "1970-01-01 00:00:00.000 UTC", zoned),
			example("from_unixtime(nan())", "1970-01-01 00:00:00.000 UTC", zoned), failing("from_unixtime(infinity())", CodeFunctionArgument), failing("from_unixtime(9e12)", "INVALID_FUNCTION_ARGUMENT: Millis overflow: 9000000000000000"), example("from_unixtime(-2251799813685.248)", "-69387-04-22 03:45:14.752 UTC", zoned),
			example("from_unixtime(cast(NULL AS double))", "NULL", zoned), example("from_unixtime(0, 'Asia/Tokyo')", "1970-01-01 09:00:00.000 Asia/Tokyo", zoned),
			example("hour(from_unixtime(0, 'Asia/Tokyo'))", "9", "bigint"), failing("from_unixtime(0, 'Nowhere/X')", CodeNotSupported), example("from_unixtime(0, 0, 0)", "1970-01-01 00:00:00.000 UTC", zoned),
			example("from_unixtime(0, 5, 30)", "1970-01-01 05:30:00.000 +05:30", zoned), example("from_unixtime(0, -5, 30)", "1969-12-31 19:30:00.000 -04:30", zoned),
			failing("from_unixtime(0, 15, 0)", CodeFunctionArgument)}},
		{Name: "from_unixtime_nanos", Overloads: []Overload{{Signature: "bigint -> timestamp(9) with time zone", SQL: nanos}},
			Differs: "digits below the microsecond fail; decimals are not taken",
			Examples: []Example{example("from_unixtime_nanos(1500000000)", "1970-01-01 00:00:01.500000000 UTC", "timestamp(9) with time zone"),
				example("from_unixtime_nanos(-1000)", "1969-12-31 23:59:59.999999000 UTC", "timestamp(9) with time zone"),
				failing("from_unixtime_nanos(1)", CodeNotSupported), example("from_unixtime_nanos(cast(NULL AS bigint))", "NULL", "timestamp(9) with time zone")}},
		{Name: "to_unixtime", Overloads: []Overload{{Signature: "timestamp(p) -> double", SQL: "epoch($1)"},
			{Signature: "timestamp(p) with time zone -> double", SQL: "epoch($1)", instant: true, rewrite: instantOnly}},
			Examples: []Example{example("to_unixtime(timestamp '1970-01-01 00:00:01.500')", "1.5", "double"), example("to_unixtime(timestamp '2020-05-10 12:34:56.789123')", "1.589114096789123E9", "double"),
				example("to_unixtime(timestamp '1969-12-31 23:59:59.5')", "-0.5", "double"), example("to_unixtime(date '2020-01-01')", "1.5778368E9", "double"),
				example("to_unixtime(cast(NULL AS timestamp))", "NULL", "double")}},
	}
}

// unixZone is the error of from_unixtime for a zone that is none.
func unixZone(c *rewriting, text string) error {
	if text == "" {
		return c.errorf(CodeFunctionArgument, "Zone id is an empty string")
	}
	return c.errorf(CodeNotSupported, "Time zone not supported: %s", text)
}

// zoneOf makes the result be shown in the zone that a constant argument names.
func zoneOf(i int, wrong func(*rewriting, string) error) func(*rewriting) error {
	return func(c *rewriting) error {
		if c.isNull(i) {
			return nothing(c)
		}
		e, err := c.a.inZone(c.node, &constExpr{t: Type{Kind: KindTimestampTZ, Precision: c.result.Precision}}, c.args[i])
		if err == nil {
			c.args[0], c.result = asInstant(c.args[0]), e.typ()
			return nil
		}
		if text, ok := c.constant(i); ok && wrong != nil {
			return wrong(c, text)
		}
		return err
	}
}

// offsetOf makes the result be shown at the offset of two constant arguments, hours and minutes.
func offsetOf(c *rewriting) error {
	if c.isNull(1) || c.isNull(2) {
		return nothing(c)
	}
	hours, ok := integerOf(c.args[1])
	minutes, ok2 := integerOf(c.args[2])
	if !ok || !ok2 {
		return c.errorf(CodeNotSupported, "offsets that are not constant are not supported in %s", c.node.name)
	}
	total := hours*60 + minutes
	if hours > 1000 || hours < -1000 || minutes > 1000 || minutes < -1000 || total > 840 || total < -840 {
		return c.errorf(CodeFunctionArgument, "Invalid offset minutes %d", total)
	}
	sign := "+"
	if total < 0 {
		sign, total = "-", -total
	}
	if total != 0 {
		c.result.Zone = sign + padded2(total/60) + ":" + padded2(total%60)
	}
	return nil
}

func padded2(n int64) string {
	if n < 10 {
		return "0" + strconv.FormatInt(n, 10)
	}
	return strconv.FormatInt(n, 10)
}

// integerOf gives a constant integer, whatever it is cast to and with any sign.
func integerOf(e expr) (int64, bool) {
	switch e := e.(type) {
	case *castExpr:
		return integerOf(e.operand)
	case *constExpr:
		n, ok := e.value.(int64)
		return n, ok
	case *callExpr:
		if e.op == opNegate {
			n, ok := integerOf(e.args[0])
			return -n, ok
		}
	}
	return 0, false
}

// isoFunctions read and write ISO 8601's texts.
func isoFunctions() []Function {
	const zoned = "timestamp(3) with time zone"
	return []Function{
		{Name: "from_iso8601_timestamp", Overloads: []Overload{{Signature: "varchar(x) -> timestamp(3) with time zone", rewrite: isoText,
			SQL: isoFast + "loglake_from_iso8601_timestamp($1, false))", lenient: isoFast + "loglake_from_iso8601_timestamp($1, true))"}},
			Differs: "a text of another zone than UTC fails where it is not constant, unless the instant alone matters, as in comparisons and before AT TIME ZONE",
			Examples: []Example{example("from_iso8601_timestamp('2025-12-03T10:15:30Z')", "2025-12-03 10:15:30.000 UTC", zoned), example("from_iso8601_timestamp('2025-12-03T10:15:30.1239')", "2025-12-03 10:15:30.123 UTC", zoned),
				example("from_iso8601_timestamp(x) FROM (VALUES '2025-12-03T10:15:30.1239Z') AS t (x)", "2025-12-03 10:15:30.123 UTC", zoned),
				example("from_iso8601_timestamp(x) FROM (VALUES '1905-12-03T10:15:30.7+00:00') AS t (x)", "1905-12-03 10:15:30.700 UTC", zoned),
				example("from_iso8601_timestamp('2020-05-11T11:15:05.055+01:00')", "2020-05-11 11:15:05.055 +01:00", zoned),
				example("to_unixtime(from_iso8601_timestamp(x)) FROM (VALUES '1970-01-01T01:00:00+01:00') AS t (x)", "0.0", "double"),
				example("from_iso8601_timestamp(x) AT TIME ZONE 'Asia/Tokyo' FROM (VALUES '1970-01-01T01:00:00+01:00') AS t (x)", "1970-01-01 09:00:00.000 Asia/Tokyo", zoned),
				example("from_iso8601_timestamp(x) > timestamp '1970-01-01 00:30:00' FROM (VALUES '1970-01-01T01:00:00+01:00') AS t (x)", "false", "boolean"),
				failing("from_iso8601_timestamp(x) FROM (VALUES '1970-01-01T01:00:00+01:00') AS t (x)", CodeNotSupported),
				example("from_iso8601_timestamp('2025-12-03')", "2025-12-03 00:00:00.000 UTC", zoned), example("from_iso8601_timestamp('2020-W10-2T10:20')", "2020-03-03 10:20:00.000 UTC", zoned),
				example("from_iso8601_timestamp(x) FROM (VALUES '2020-123T10') AS t (x)", "2020-05-02 10:00:00.000 UTC", zoned), example("from_iso8601_timestamp('2020-05-11T11,5')", "2020-05-11 11:30:00.000 UTC", zoned),
				example("from_iso8601_timestamp('T10:20')", "1970-01-01 10:20:00.000 UTC", zoned), example("from_iso8601_timestamp(cast(NULL AS varchar))", "NULL", zoned),
				failing("from_iso8601_timestamp('yesterday')", CodeFunctionArgument), failing("from_iso8601_timestamp(x) FROM (VALUES '2020-02-30T00:00:00Z') AS t (x)", CodeFunctionArgument),
				failing("from_iso8601_timestamp('2020-05-11 11:15:05')", CodeFunctionArgument), example("try(from_iso8601_timestamp(x)) FROM (VALUES 'x') AS t (x)", "NULL", zoned)}},
		{Name: "from_iso8601_timestamp_nanos", Overloads: []Overload{{Signature: "varchar(x) -> timestamp(9) with time zone", rewrite: isoText,
			SQL: "loglake_from_iso8601_timestamp_nanos($1, false)", lenient: "loglake_from_iso8601_timestamp_nanos($1, true)"}},
			Differs: "digits below the microsecond fail; a text of another zone than UTC fails where it is not constant, unless the instant alone matters",
			Examples: []Example{example("from_iso8601_timestamp_nanos('2020-05-11T11:15:05.123456Z')", "2020-05-11 11:15:05.123456000 UTC", "timestamp(9) with time zone"),
				example("from_iso8601_timestamp_nanos('2020-05-11T11:15')", "2020-05-11 11:15:00.000000000 UTC", "timestamp(9) with time zone"),
				failing("from_iso8601_timestamp_nanos('2020-05-11T11:15:05.123456789Z')", CodeNotSupported), failing("from_iso8601_timestamp_nanos('2020-05-11')", CodeFunctionArgument),
				example("from_iso8601_timestamp_nanos(cast(NULL AS varchar))", "NULL", "timestamp(9) with time zone")}},
		{Name: "from_iso8601_date", Overloads: []Overload{{Signature: "varchar(x) -> date",
			SQL: "coalesce(CASE WHEN regexp_full_match($1, '[0-9]{4}-[0-9]{2}-[0-9]{2}') THEN TRY_CAST($1 AS DATE) END, loglake_from_iso8601_date($1))"}},
			Examples: []Example{example("from_iso8601_date('2020-05-11')", "2020-05-11", "date"), example("from_iso8601_date('2020-W10')", "2020-03-02", "date"),
				example("from_iso8601_date('2020-123')", "2020-05-02", "date"), example("from_iso8601_date('2020-5')", "2020-05-01", "date"), example("from_iso8601_date('2020')", "2020-01-01", "date"),
				failing("from_iso8601_date('2020-02-30')", CodeFunctionArgument), failing("from_iso8601_date('2020-05-11T10:00')", CodeFunctionArgument), example("from_iso8601_date(cast(NULL AS varchar))", "NULL", "date")}},
		{Name: "to_iso8601", Overloads: []Overload{{Signature: "date -> varchar(16)", SQL: ranged("strftime($1, '%Y-%m-%d')", "${NOT_SUPPORTED: to_iso8601 of a year beyond 1 to 9999 is not supported}")},
			{Signature: "timestamp(p) -> varchar", rewrite: isoWritten}, {Signature: "timestamp(p) with time zone -> varchar", rewrite: isoWritten, instant: true}},
			Limit: "years beyond 1 to 9999 fail",
			Examples: []Example{example("to_iso8601(date '2020-05-11')", "2020-05-11", "varchar(16)"), example("to_iso8601(date '0001-05-11')", "0001-05-11", "varchar(16)"),
				example("to_iso8601(timestamp '2020-05-11 11:15:05')", "2020-05-11T11:15:05", "varchar(22)"), example("to_iso8601(timestamp '2020-05-11 11:15:05.1')", "2020-05-11T11:15:05.1", "varchar(24)"),
				example("to_iso8601(timestamp '2020-05-11 11:15:05.123456')", "2020-05-11T11:15:05.123456", "varchar(29)"), example("to_iso8601(from_unixtime(0))", "1970-01-01T00:00:00.000Z", "varchar(32)"),
				example("to_iso8601(timestamp '2020-05-11 11:15:05 Europe/Rome')", "2020-05-11T11:15:05+02:00", "varchar(28)"),
				example("to_iso8601(from_unixtime(0, -5, -30))", "1969-12-31T18:30:00.000-05:30", "varchar(32)"),
				example("to_iso8601(cast(NULL AS date))", "NULL", "varchar(16)"), failing("to_iso8601(5)", CodeFunctionNotFound)}},
	}
}

// isoFast reads the usual form of ISO 8601 in UTC without a call. The digits of the fraction are cut to three.
const isoFast = `coalesce(CASE WHEN regexp_full_match($1, '[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z?') ` +
	`THEN date_trunc('millisecond', TRY_CAST(rtrim(left($1, 23), 'Z') AS TIMESTAMP)) END, `

// isoText reads a constant text at once: then the zone is known.
func isoText(c *rewriting) error {
	text, ok := c.constant(0)
	if !ok {
		return nil
	}
	micros, zone, err := native.ISONanos(text)
	if c.node.name == "from_iso8601_timestamp" {
		micros, zone, err = native.ISOTimestamp(text)
		micros *= 1000
	}
	if err != nil {
		return nil // it fails when it is evaluated, if it is
	}
	if zone != "UTC" {
		c.result.Zone = zone
	}
	c.over = &Overload{SQL: "$1", instant: true}
	c.args = []expr{&constExpr{value: micros, t: c.result}}
	return nil
}

// ranged guards a format that DuckDB writes like Trino for years of four digits only.
func ranged(sql, beyond string) string {
	return "CASE WHEN $1 IS NULL THEN NULL WHEN $1 >= TIMESTAMP '0001-01-01' AND $1 < TIMESTAMP '10000-01-01' THEN " + sql + " ELSE " + beyond + " END"
}

// isoWritten prints a time with its own digits, and with its offset.
func isoWritten(c *rewriting) error {
	t := c.args[0].typ()
	c.result = Type{Kind: KindVarchar, Precision: 22 + t.Precision}
	if t.Precision > 0 {
		c.result.Precision++
	}
	if volatile(c.args[0]) {
		return c.errorf(CodeNotSupported, "random values as such arguments are not supported")
	}
	suffix := ""
	if t.Kind == KindTimestampTZ {
		c.result.Precision += 6
		suffix = " || 'Z'"
		if t.Zone != "" {
			c.args = append(c.args, c.args[0])
			c.args[0] = cast(c.args[1], Type{Kind: KindTimestamp, Precision: t.Precision})
			suffix = " || " + offsetText("(epoch_ms($1) - epoch_ms($2)) // 1000")
		}
	}
	format := "'%Y-%m-%dT%H:%M:%S'"
	if t.Precision > 0 {
		format = "'%Y-%m-%dT%H:%M:%S.%f'"
	}
	sql := "strftime($1, " + format + ")"
	if t.Precision > 0 {
		sql = "left(" + sql + ", " + strconv.Itoa(20+min(t.Precision, 6)) + ")" + strings.Repeat(" || '0'", max(0, t.Precision-6))
	}
	c.over = &Overload{SQL: ranged(sql+suffix, "${NOT_SUPPORTED: to_iso8601 of a year beyond 1 to 9999 is not supported}"), instant: true}
	return nil
}

// offsetText writes seconds as +05:30; what has seconds left has no such text.
func offsetText(seconds string) string {
	return "list_transform([{'s': " + seconds + "}], lambda $v: CASE WHEN $v.s % 60 <> 0 THEN ${INVALID_ARGUMENTS: Timezone with non-zero seconds offset cannot be rendered as ISO8601} " +
		"ELSE format('{}{:02d}:{:02d}', CASE WHEN $v.s < 0 THEN '-' ELSE '+' END, abs($v.s) // 3600, abs($v.s) // 60 % 60) END)[1]"
}

// zoneFunctions change the zone of times, or tell it.
func zoneFunctions() []Function {
	const zoned = "timestamp(p) with time zone"
	invalid := func(_ *rewriting, text string) error { return noZone(text) }
	return []Function{
		{Name: "at_timezone", Overloads: []Overload{{Signature: zoned + ", varchar(x) -> " + zoned, SQL: "$1", rewrite: zoneOf(1, invalid), instant: true},
			{Signature: zoned + ", interval day to second -> " + zoned, SQL: "$1", rewrite: intervalZone, instant: true}},
			Examples: []Example{example("hour(at_timezone(from_unixtime(0), 'Asia/Tokyo'))", "9", "bigint"), example("at_timezone(timestamp '2020-05-11 11:15:05 UTC', 'Asia/Tokyo')", "2020-05-11 20:15:05 Asia/Tokyo", "timestamp(0) with time zone"),
				example("at_timezone(from_unixtime(0), interval '2' hour)", "1970-01-01 02:00:00.000 +02:00", "timestamp(3) with time zone"),
				failing("at_timezone(now(), 'Nope')", CodeFunctionArgument), failing("at_timezone(now(), '')", CodeInternal), example("at_timezone(now(), cast(NULL AS varchar))", "NULL", "timestamp(3) with time zone")}},
		{Name: "with_timezone", Overloads: []Overload{{Signature: "timestamp(p), varchar(x) -> " + zoned, SQL: "$1", rewrite: localIn}},
			Examples: []Example{example("to_unixtime(with_timezone(timestamp '1970-01-01 09:00:00', 'Asia/Tokyo'))", "0.0", "double"), example("with_timezone(timestamp '2020-03-29 02:30:00', 'Europe/Rome')", "2020-03-29 03:30:00 Europe/Rome", "timestamp(0) with time zone"),
				example("to_unixtime(with_timezone(timestamp '2020-10-25 02:30:00', 'Europe/Rome'))", "1.6035894E9", "double"), example("with_timezone(date '2020-05-11', 'Asia/Tokyo')", "2020-05-11 00:00:00 Asia/Tokyo", "timestamp(0) with time zone"),
				failing("with_timezone(now(), 'Asia/Tokyo')", CodeFunctionNotFound), failing("with_timezone(timestamp '2020-01-01 00:00:00', 'Mars')", CodeFunctionArgument)}},
		{Name: "timezone", Overloads: []Overload{{Signature: zoned + " -> varchar", rewrite: zoneText, instant: true}, {Signature: "time(p) with time zone -> varchar", rewrite: zoneText}},
			Examples: []Example{example("timezone(timestamp '2020-07-01 00:00:00 Europe/Rome')", "Europe/Rome", "varchar"), example("timezone(now())", "UTC", "varchar"),
				example("timezone(timestamp '2020-07-01 00:00:00')", "UTC", "varchar"), example("timezone(cast(NULL AS timestamp with time zone))", "NULL", "varchar")}},
		{Name: "timezone_hour", Overloads: []Overload{{Signature: zoned + " -> bigint", SQL: "((epoch_ms($1) - epoch_ms($2)) // 3600000)", rewrite: offsetParts, instant: true}, {Signature: "time(p) with time zone -> bigint", rewrite: timeOffset}},
			Examples: []Example{example("timezone_hour(timestamp '2020-07-01 00:00:00 Europe/Rome')", "2", "bigint"),
				example("timezone_hour(now())", "0", "bigint"), example("timezone_hour(from_unixtime(0, -5, -30))", "-5", "bigint"), example("timezone_hour(time '10:20:30.456-05:30')", "-5", "bigint"),
				example("EXTRACT(TIMEZONE_HOUR FROM timestamp '2020-07-01 00:00:00 Europe/Rome')", "2", "bigint")}},
		{Name: "timezone_minute", Overloads: []Overload{{Signature: zoned + " -> bigint", SQL: "((epoch_ms($1) - epoch_ms($2)) // 60000 % 60)", rewrite: offsetParts, instant: true}, {Signature: "time(p) with time zone -> bigint", rewrite: timeOffset}},
			Examples: []Example{example("timezone_minute(from_unixtime(0, 5, 30))", "30", "bigint"), example("timezone_minute(from_unixtime(0, -5, -30))", "-30", "bigint"),
				example("timezone_minute(time '10:20:30.456-05:30')", "-30", "bigint"), example("EXTRACT(TIMEZONE_MINUTE FROM time '10:20+05:30')", "30", "bigint"), example("timezone(time '10:20:30-05:30')", "-05:30", "varchar"),
				example("EXTRACT(TIMEZONE_MINUTE FROM now())", "0", "bigint")}},
	}
}

// localIn takes a local time as one of the zone that a constant argument names.
func localIn(c *rewriting) error {
	err := zoneOf(1, func(_ *rewriting, text string) error { return noZone(text) })(c)
	if err == nil {
		c.args[0] = cast(c.args[0], c.result)
	}
	return err
}

func intervalZone(c *rewriting) error {
	millis, ok := integerOf(c.args[1])
	if !ok || millis%60_000 != 0 || millis > 14*3_600_000 || millis < -14*3_600_000 {
		return c.errorf(CodeNotSupported, "this interval as a time zone is not supported")
	}
	c.args[1] = &constExpr{value: int64(0), t: simple(KindBigInt)}
	c.args = append(c.args, &constExpr{value: millis / 60_000, t: simple(KindBigInt)})
	return offsetOf(c)
}

func dateOfText(c *rewriting) error {
	c.args[0] = &castExpr{operand: c.args[0], t: simple(KindDate)}
	return nil
}

// instantOnly is for functions to which the zone of their argument means nothing.
func instantOnly(c *rewriting) error {
	c.args[0] = asInstant(c.args[0])
	return nil
}

func zoneText(c *rewriting) error {
	zone := c.args[0].typ().Zone
	switch {
	case zone == "" && c.args[0].typ().Kind == KindTimeTZ:
		zone = "+00:00"
	case zone == "":
		zone = "UTC"
	}
	c.args = append(c.args, textConst(zone))
	c.over = &Overload{SQL: "CASE WHEN $1 IS NOT NULL THEN $2 END", instant: true}
	return nil
}

// timeOffset gives the hours or minutes of a time of day's offset, which its type knows.
func timeOffset(c *rewriting) error {
	seconds, _ := fixedOffset(c.args[0].typ().Zone)
	part := seconds / 3600
	if c.node.name == "timezone_minute" {
		part = seconds / 60 % 60
	}
	c.over = &Overload{SQL: "CASE WHEN $1 IS NOT NULL THEN CAST(" + strconv.Itoa(part) + " AS BIGINT) END"}
	return nil
}

// offsetParts adds the local time before the instant, so that the difference is the offset.
func offsetParts(c *rewriting) error {
	t := c.args[0].typ()
	if volatile(c.args[0]) {
		return c.errorf(CodeNotSupported, "random values as such arguments are not supported")
	}
	c.args = []expr{cast(c.args[0], Type{Kind: KindTimestamp, Precision: t.Precision}), c.args[0]}
	return nil
}

// durations are the functions of intervals and numbers of seconds.
func durations() []Function {
	return []Function{
		{Name: "date", Overloads: []Overload{{Signature: "date -> date", SQL: "$1"}, {Signature: "timestamp(p) -> date", SQL: "CAST($1 AS DATE)"},
			{Signature: "timestamp(p) with time zone -> date", SQL: "CAST($1 AS DATE)"}, {Signature: "varchar(x) -> date", SQL: "$1", rewrite: dateOfText}},
			Examples: []Example{example("date('2020-05-03')", "2020-05-03", "date"), example("date(timestamp '2020-05-03 23:59:59.9')", "2020-05-03", "date"), example("date(' 2020-05-03 ')", "2020-05-03", "date"),
				example("date(timestamp '2020-05-03 23:30:00 UTC' AT TIME ZONE 'Asia/Tokyo')", "2020-05-04", "date"), failing("date('x')", CodeCastArgument), example("date(cast(NULL AS date))", "NULL", "date")}},
		{Name: "to_milliseconds", Overloads: []Overload{{Signature: "interval day to second -> bigint", SQL: "epoch_ms($1)"}},
			Examples: []Example{example("to_milliseconds(interval '1' minute)", "60000", "bigint"), example("to_milliseconds(interval '-1.5' second)", "-1500", "bigint"),
				failing("to_milliseconds(interval '1' month)", CodeFunctionNotFound)}},
		{Name: "human_readable_seconds", Overloads: []Overload{{Signature: "double -> varchar", SQL: "loglake_human_readable_seconds($1)"}},
			Examples: []Example{example("human_readable_seconds(96)", "1 minute, 36 seconds", "varchar"), example("human_readable_seconds(56363463)", "93 weeks, 1 day, 8 hours, 31 minutes, 3 seconds", "varchar"),
				example("human_readable_seconds(0.4)", "0 seconds", "varchar"), example("human_readable_seconds(59.5)", "1 minute", "varchar"), example("human_readable_seconds(-3600)", "1 hour", "varchar"),
				failing("human_readable_seconds(nan())", CodeFunctionArgument), example("human_readable_seconds(cast(NULL AS double))", "NULL", "varchar")}},
		{Name: "parse_duration", Overloads: []Overload{{Signature: "varchar(x) -> interval day to second", SQL: "to_microseconds(loglake_parse_duration($1) * 1000)"}},
			Limit: "durations beyond 292471 years fail",
			Examples: []Example{example("parse_duration('42.8ms')", "0 00:00:00.043", "interval day to second"), example("parse_duration('3.81 d')", "3 19:26:24.000", "interval day to second"),
				example("parse_duration('1499us')", "0 00:00:00.001", "interval day to second"), example("parse_duration('5m')", "0 00:05:00.000", "interval day to second"), failing("parse_duration('5')", CodeFunctionArgument),
				failing("parse_duration('-5s')", CodeFunctionArgument), failing("parse_duration('5w')", CodeFunctionArgument), example("parse_duration(cast(NULL AS varchar))", "NULL", "interval day to second")}},
	}
}
