package dialect

import "strconv"

// time converts between dates, times and timestamps.
func (c caster) time(v string, from, to Type) string {
	switch to.Kind {
	case KindDate:
		return "CAST(" + local(v, from) + " AS DATE)"
	case KindTime:
		if from.Kind == KindTime || from.Kind == KindTimeTZ {
			return roundedTime(local(v, from), from, to)
		}
		return "CAST(" + rounded(local(v, from), from, to) + " AS TIME)"
	case KindTimeTZ:
		if from.Kind == KindTime || from.Kind == KindTimeTZ {
			return roundedTime(v, from, to)
		}
		return "CAST(" + rounded(v, from, to) + " AS TIME)"
	case KindTimestamp:
		return rounded(local(v, from), from, to)
	}
	switch {
	case from.Kind == KindTime:
		return "CAST(NULL AS TIMESTAMP)"
	case to.Zone == zoneOfValue && from.Zone != zoneOfValue:
		zone := from.Zone
		if zone == "" {
			zone = "UTC"
		}
		return "CASE WHEN " + v + " IS NOT NULL THEN {'at': " + rounded(timestampOf(v, from), from, to) + ", 'zone': " + quoteText(zone) + "} END"
	case to.Zone == zoneOfValue:
		return "CASE WHEN " + v + " IS NOT NULL THEN {'at': " + rounded(v+".at", from, to) + ", 'zone': " + v + ".zone} END"
	case from.Zone == zoneOfValue:
		return rounded(structField(v, "at"), from, to)
	case from.Kind != KindTimestampTZ && to.Zone != "": // the local time there
		return rounded(instantSQL(to.Zone, timestampOf(v, from)), from, to)
	}
	return rounded(timestampOf(v, from), from, to)
}

func timestampOf(v string, from Type) string {
	if from.Kind == KindDate {
		return "CAST(" + v + " AS TIMESTAMP)"
	}
	return v
}

// local gives a time with a zone as the local time there, anything else as a timestamp or time that it is.
func local(v string, t Type) string {
	switch {
	case t.Kind == KindDate:
		return timestampOf(v, t)
	case t.Zone == "":
		return v
	case t.Zone == zoneOfValue:
		return "loglake_local(" + structField(v, "at") + ", " + structField(v, "zone") + ")"
	}
	return localSQL(t.Zone, v)
}

// rounded gives a timestamp with the digits of to, half up. It goes by an epoch in microseconds.
func rounded(v string, from, to Type) string {
	if from.Kind == KindDate || from.Precision <= to.Precision {
		return v
	}
	unit := int64(1)
	for range timestampPrecisionMax - to.Precision {
		unit *= 10
	}
	size := strconv.FormatInt(unit, 10)
	return "make_timestamp(CAST(floor((epoch_us(" + v + ") + " + strconv.FormatInt(unit/2, 10) + ") / " + size + ") AS BIGINT) * " + size + ")"
}

// roundedTime is rounded for a time of day, which begins anew after midnight.
func roundedTime(v string, from, to Type) string {
	if from.Precision <= to.Precision {
		return v
	}
	return "CAST(" + rounded("(DATE '1970-01-01' + "+v+")", from, to) + " AS TIME)"
}

// clockText writes a time by a format that ends at its seconds, digits characters, and then its fraction.
func clockText(v, format string, digits, precision int) string {
	if precision == 0 {
		return "strftime(" + v + ", " + quoteText(format) + ")"
	}
	text := "left(strftime(" + v + ", " + quoteText(format+".%f") + "), " + strconv.Itoa(digits+1+precision) + ")"
	if precision > timestampPrecisionMax {
		return "rpad(" + text + ", " + strconv.Itoa(digits+1+precision) + ", '0')"
	}
	return text
}

// timeText gives a date, a time or an interval as text.
func (c caster) timeText(v string, t Type) string {
	at := local(v, t)
	switch t.Kind {
	case KindDate:
		return dateText(v, "")
	case KindTime:
		return clockText("DATE '1970-01-01' + "+v, "%H:%M:%S", 8, t.Precision)
	case KindTimeTZ:
		zone := t.Zone
		if zone == "" {
			zone = "+00:00"
		}
		return c.timeText(at, Type{Kind: KindTime, Precision: t.Precision}) + " || " + quoteText(zone)
	case KindTimestamp, KindTimestampTZ:
		text := "CASE WHEN year(" + at + ") BETWEEN 1000 AND 9999 THEN " + clockText(at, "%Y-%m-%d %H:%M:%S", 19, t.Precision) + " ELSE " +
			dateText("CAST("+at+" AS DATE)", "+") + " || " + clockText(at, " %H:%M:%S", 9, t.Precision) + " END"
		switch {
		case t.Kind == KindTimestamp:
			return text
		case t.Zone == zoneOfValue:
			return text + " || ' ' || " + structField(v, "zone")
		case t.Zone == "":
			return text + " || ' UTC'"
		}
		return text + " || " + quoteText(" "+t.Zone)
	case KindIntervalYear:
		n := "(12 * year(" + v + ") + month(" + v + "))"
		return "format('{}{}-{}', CASE WHEN " + n + " < 0 THEN '-' ELSE '' END, abs(" + n + ") // 12, abs(" + n + ") % 12)"
	}
	n := "CAST(epoch_ms(" + v + ") AS BIGINT)"
	return "format('{}{} {:02d}:{:02d}:{:02d}.{:03d}', CASE WHEN " + n + " < 0 THEN '-' ELSE '' END, abs(" + n + ") // 86400000, abs(" + n +
		") // 3600000 % 24, abs(" + n + ") // 60000 % 60, abs(" + n + ") // 1000 % 60, abs(" + n + ") % 1000)"
}

// dateText gives a date with a year of at least four digits, and the sign before those of more.
func dateText(v, sign string) string {
	return "CASE WHEN year(" + v + ") BETWEEN 1 AND 9999 THEN CAST(" + v + " AS VARCHAR) WHEN " + v + " IS NOT NULL THEN format('{}{:04d}-{:02d}-{:02d}', CASE WHEN year(" + v +
		") < 0 THEN '-' WHEN year(" + v + ") > 9999 THEN " + quoteText(sign) + " ELSE '' END, abs(year(" + v + ")), month(" + v + "), day(" + v + ")) END"
}
