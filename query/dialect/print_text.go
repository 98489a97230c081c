package dialect

import (
	"strconv"
	"strings"

	"github.com/loglake/loglake/query/dialect/native"
)

// ofText converts a varchar or a char.
func (c caster) ofText(v string, from, to Type) string {
	switch to.Kind {
	case KindVarchar, KindChar:
		return c.shortened(v, from, to)
	case KindBoolean:
		return "CASE lower(" + v + ") WHEN 't' THEN true WHEN 'true' THEN true WHEN '1' THEN true WHEN 'f' THEN false WHEN 'false' THEN false WHEN '0' THEN false " +
			"ELSE CASE WHEN " + v + " IS NOT NULL THEN " + c.badText(v, to) + " END END"
	case KindTinyInt, KindSmallInt, KindInteger, KindBigInt:
		tried := "TRY_CAST(trim(" + v + ") AS " + to.DuckDB() + ")"
		if !c.null {
			tried = "coalesce(" + tried + ", " + c.badText(v, to) + ")"
		}
		return c.matched(v, `\s*[+-]?[0-9]+\s*`, tried, c.badText(v, to))
	case KindReal, KindDouble:
		return c.matched(v, `[+-]?[0-9]+(\.[0-9]+)?`, "CAST("+v+" AS "+to.DuckDB()+")",
			"CAST("+c.native("text_double", v, quoteText(castWords[to.Kind]))+" AS "+to.DuckDB()+")")
	case KindDecimal:
		before := CodeCastArgument + ": Cannot cast VARCHAR '"
		after := "' to " + decimalWords(to)
		tried := "TRY_CAST(" + v + " AS " + to.DuckDB() + ")"
		if !c.null {
			tried = "coalesce(" + tried + ", " + c.fail(to, before, sql(v), after+". Value too large.") + ")"
		}
		return c.matched(v, `[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?`, tried, c.fail(to, before, sql(v), after+". Value is not a number."))
	case KindDate:
		return c.matched(v, `[0-9]{4}-(0?[1-9]|1[0-2])-(0?[1-9]|1[0-9]|2[0-8])`, "CAST("+v+" AS DATE)", c.native("text_date", v))
	case KindTime:
		return "CAST(" + c.native("text_time", v, strconv.Itoa(to.Precision)) + " AS TIME)"
	case KindTimestamp:
		fraction := ""
		if to.Precision > 0 {
			fraction = `(\.[0-9]{1,` + strconv.Itoa(to.Precision) + `})?`
		}
		return c.matched(v, `[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8]) ([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]`+fraction,
			"CAST("+v+" AS TIMESTAMP)", c.native("text_timestamp", v, strconv.Itoa(to.Precision)))
	case KindTimestampTZ:
		at, zone := c.native("text_instant", v, strconv.Itoa(to.Precision)), "loglake_text_zone("+v+")"
		if to.Zone != zoneOfValue {
			return at
		}
		return "CASE WHEN " + at + " IS NOT NULL THEN {'at': " + at + ", 'zone': " + zone + "} END"
	case KindVarbinary:
		return "encode(" + v + ")"
	case KindUUID:
		return c.matched(v, `[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}`, "CAST("+v+" AS UUID)",
			c.fail(to, CodeCastArgument+": Cannot cast value to UUID: ", sql(v)))
	}
	return c.native("text_ip", v)
}

// matched gives value where v matches the RE2 pattern as a whole, and else the other.
func (c caster) matched(v, pattern, value, other string) string {
	return "CASE WHEN regexp_full_match(" + v + ", " + quoteText(pattern) + ") THEN " + value + " WHEN " + v + " IS NOT NULL THEN " + other + " END"
}

func (c caster) badText(v string, to Type) string {
	return c.fail(to, CodeCastArgument+": Cannot cast '", sql(v), "' to "+castWords[to.Kind])
}

// shortened gives a text as varchar(n): cut to n characters. Of a char the blanks at the end come back, and one that is
// made of a text loses them.
func (c caster) shortened(v string, from, to Type) string {
	n := strconv.Itoa(to.Precision)
	switch {
	case from.Kind == KindChar && to.Kind == KindVarchar:
		padded := "rpad(" + v + ", " + strconv.Itoa(from.Precision) + ", ' ')"
		if to.Precision >= from.Precision {
			return padded
		}
		return "left(" + padded + ", " + n + ")"
	case from.Kind == KindVarchar && to.Kind == KindChar:
		return "rtrim(left(" + v + ", " + n + "), ' ')"
	case to.Precision >= from.Precision:
		return v
	case to.Kind == KindChar:
		return "rtrim(left(" + v + ", " + n + "), ' ')"
	}
	return "left(" + v + ", " + n + ")"
}

// sizedText gives a value that is no text as varchar(n); one that does not fit fails.
func (c caster) sizedText(v string, from, to Type) string {
	text := c.text(v, from)
	if to.Precision == VarcharMax {
		return text
	}
	n := strconv.Itoa(to.Precision)
	var failure string
	switch {
	case from.Kind == KindDouble || from.Kind == KindReal:
		failure = c.fail(to, CodeCastArgument+": Value ", sql(c.javaText(v)), " (", sql(text), ") cannot be represented as varchar("+n+")")
	case from.numeric() || from.Kind == KindDate:
		failure = c.fail(to, CodeCastArgument+": Value ", sql(text), " cannot be represented as varchar("+n+")")
	default:
		failure = c.fail(to, CodeInternal+": Character count exceeds length limit "+n+": base64:", sql("to_base64(encode("+text+"))"))
	}
	return "CASE WHEN length(" + text + ") > " + n + " THEN " + failure + " ELSE " + text + " END"
}

// text gives a value as an unbounded varchar.
func (c caster) text(v string, from Type) string {
	switch from.Kind {
	case KindReal, KindDouble:
		return c.exponentText(v)
	case KindDate, KindTime, KindTimeTZ, KindTimestamp, KindTimestampTZ, KindIntervalDay, KindIntervalYear:
		return c.timeText(v, from)
	case KindIPAddress:
		return "loglake_ip_text(" + v + ")"
	case KindJSON:
		return c.ofJSON(v, varchar())
	case KindDecimal:
		if from.Precision == from.Scale { // DuckDB writes .5
			return "regexp_replace(CAST(" + v + " AS VARCHAR), '^(-?)[.]', '\\10.')"
		}
	}
	return "CAST(" + v + " AS VARCHAR)"
}

// exponentText turns DuckDB's text of a floating-point number into that of Trino's cast, such as 1.5E0: the sign, the
// digits with a point after the first, and the exponent. The steps bind their results to names.
func (c caster) exponentText(v string) string {
	t, done := c.p.fresh()
	defer done()
	x, done := c.p.fresh()
	defer done()
	w := c.p.whole(x)
	return "list_transform(list_transform([CAST(" + v + " AS VARCHAR)], lambda " + t + ": {'t': " + t + ", 's': regexp_extract(" + t + ", '^-'), " +
		"'i': regexp_extract(" + t + ", '^-?([0-9]+)', 1), 'f': regexp_extract(" + t + ", '[.]([0-9]+)', 1), " +
		"'e': coalesce(TRY_CAST(regexp_extract(" + t + ", 'e(.*)', 1) AS INTEGER), 0)}), " +
		"lambda " + x + ": CASE WHEN " + w + ".t = 'nan' THEN 'NaN' WHEN " + w + ".t = 'inf' THEN 'Infinity' WHEN " + w + ".t = '-inf' THEN '-Infinity' " +
		"WHEN " + w + ".t IN ('0.0', '-0.0') THEN replace(" + w + ".t, '.0', 'E0') ELSE " + w + ".s || ltrim(" + w + ".i || " + w + ".f, '0')[1] || '.' || " +
		"coalesce(nullif(rtrim(ltrim(" + w + ".i || " + w + ".f, '0')[2:], '0'), ''), '0') || 'E' || CAST(" + w + ".e + " +
		"CASE WHEN " + w + ".i = '0' THEN -1 - (length(" + w + ".f) - length(ltrim(" + w + ".f, '0'))) ELSE length(" + w + ".i) - 1 END AS VARCHAR) END)[1]"
}

// javaText gives a floating-point number as Java prints it: with an exponent only where it is small or large.
func (c caster) javaText(v string) string {
	return "CASE WHEN abs(" + v + ") >= 1e-3 AND abs(" + v + ") < 1e7 OR " + v + " = 0 THEN CAST(" + v + " AS VARCHAR) ELSE " + c.exponentText(v) + " END"
}

// toJSON gives a value as the text of a JSON value.
func (c caster) toJSON(v string, from Type) string {
	if c.p.made(v) {
		return "NULL"
	}
	switch from.Kind {
	case KindReal, KindDouble:
		return "CASE WHEN isnan(" + v + ") OR isinf(" + v + ") THEN '\"' || " + c.javaText(v) + " || '\"' ELSE " + c.javaText(v) + " END"
	case KindVarchar:
		return jsonString(v)
	case KindDecimal:
		return c.javaDecimal(v, from)
	case KindDate, KindTimestamp:
		return "'\"' || " + c.text(v, from) + " || '\"'"
	case KindArray:
		return "('[' || array_to_string(" + c.each(v, func(x string) string { return c.jsonOrNull(x, from.Fields[0].Type) }) + ", ',') || ']')"
	case KindMap:
		entries := c.each("map_entries("+v+")", func(x string) string {
			return "{'k': " + c.jsonKey(c.p.field(x, "key"), from.Fields[0].Type) + ", 'v': " + c.jsonOrNull(c.p.field(x, "value"), from.Fields[1].Type) + "}"
		})
		return "('{' || array_to_string(" + c.each("list_sort("+entries+")", func(x string) string {
			return jsonString(c.p.field(x, "k")) + " || ':' || " + c.p.field(x, "v")
		}) + ", ',') || '}')"
	case KindRow:
		parts := make([]string, len(from.Fields))
		for i, f := range from.Fields {
			parts[i] = quoteText(native.JSONText(f.Name)+":") + " || " + c.jsonOrNull(structField(v, from.fieldName(i)), f.Type)
		}
		return "CASE WHEN " + v + " IS NOT NULL THEN '{' || " + strings.Join(parts, " || ',' || ") + " || '}' END"
	}
	return "CAST(" + v + " AS VARCHAR)"
}

// javaDecimal gives a decimal as Java's BigDecimal does: with an exponent where more than five zeros follow the point.
func (c caster) javaDecimal(v string, from Type) string {
	text := c.text(v, from)
	if from.Scale <= 6 {
		return text
	}
	x, done := c.p.fresh()
	defer done()
	return strings.NewReplacer("$v", v, "$text", text, "$x", x, "$t", c.p.field(x, "t"), "$d", c.p.field(x, "d"), "$scale", strconv.Itoa(from.Scale)).Replace(
		"list_transform([{'t': $text, 'd': regexp_replace($text, '^-?0[.]0*', '')}], lambda $x: CASE WHEN NOT regexp_matches($t, '^-?0[.]000000') THEN $t " +
			"WHEN $d = '' THEN '0E-$scale' ELSE CASE WHEN $v < 0 THEN '-' ELSE '' END || $d[1] || CASE WHEN len($d) > 1 THEN '.' ELSE '' END || $d[2:] || " +
			"'E-' || CAST(1 + $scale - len($d) AS VARCHAR) END)[1]")
}

// jsonString quotes a text as JSON. Trino escapes characters beyond 16 bits, as two halves, and DuckDB does not.
func jsonString(v string) string {
	return "CASE WHEN regexp_matches(" + v + ", '[\\x{10000}-\\x{10FFFF}]') THEN loglake_json_text(" + v + ") ELSE CAST(to_json(" + v + ") AS VARCHAR) END"
}

func (c caster) jsonOrNull(v string, from Type) string {
	return "coalesce(" + c.toJSON(v, from) + ", 'null')"
}

// jsonKey gives a key of a map as the name of a member.
func (c caster) jsonKey(v string, from Type) string {
	if from.Kind == KindReal || from.Kind == KindDouble {
		return c.javaText(v)
	}
	return c.text(v, from)
}

// ofJSON converts json, in Go: the value as text that DuckDB casts to the type, nested ones as JSON whose scalars are texts.
func (c caster) ofJSON(v string, to Type) string {
	text := c.native("json_cast", v, quoteText(jsonType(to).Spec()))
	switch {
	case to.Kind == KindVarchar:
		return text
	case len(to.Fields) > 0:
		text = "CAST(" + text + " AS JSON)"
	}
	return "CAST(" + text + " AS " + to.DuckDB() + ")"
}

func jsonType(t Type) *native.JSONType {
	j := &native.JSONType{Kind: kindNames[t.Kind], Text: t.String(), Precision: t.Precision, Scale: t.Scale}
	if t.Precision == VarcharMax {
		j.Precision = 0
	}
	for i, f := range t.Fields {
		j.Fields = append(j.Fields, jsonType(f.Type))
		if t.Kind == KindRow {
			j.Names, j.Members = append(j.Names, f.Name), append(j.Members, t.fieldName(i))
		}
	}
	return j
}
