package dialect

import "strconv"

// cast prints a conversion. Trino's casts of texts are strict, DuckDB's are not, so the text is held against a pattern
// first. What can't be converted fails, or is NULL with TRY_CAST.
func (p *printer) cast(e *castExpr) {
	from, to := e.operand.typ(), e.t
	switch {
	case from.Kind == KindUnknown: // NULL, wherever it comes from
		p.constant(nil, to)
	case from.Kind == KindVarchar || from.Kind == KindChar:
		p.castText(e)
	case to.Kind == KindVarchar:
		p.castToText(e)
	case to.Kind == KindTimestamp || to.Kind == KindTimestampTZ:
		p.rounded(from, to, func() { p.castToTime(e) })
	case to.Kind == KindDate:
		p.write("CAST(")
		p.local(e.operand)
		p.write(" AS DATE)")
	case (from.Kind == KindDouble || from.Kind == KindReal) && to.integral():
		p.castTo(e, "round")
	default:
		p.castTo(e, "")
	}
}

// castTo prints DuckDB's own cast, of function(operand) where a function is given.
func (p *printer) castTo(e *castExpr, function string) {
	if e.try {
		p.write("TRY_")
	}
	p.write("CAST(", function, "(")
	p.expr(e.operand)
	p.write(") AS ", e.t.DuckDB(), ")")
}

// rounded prints a time, rounded half up where the target has fewer digits. Precisions other than 0, 3 and 6 keep their
// digits through an epoch in microseconds.
func (p *printer) rounded(from, to Type, value func()) {
	if from.Kind == KindDate || from.Precision <= to.Precision {
		value()
		return
	}
	unit := int64(1)
	for range timestampPrecisionMax - to.Precision {
		unit *= 10
	}
	size := strconv.FormatInt(unit, 10)
	p.write("make_timestamp(CAST(floor((epoch_us(")
	value()
	p.write(") + ", strconv.FormatInt(unit/2, 10), ") / ", size, ") AS BIGINT) * ", size, ")")
}

// castToTime prints a date or time as a timestamp: a zoned one is its UTC instant.
func (p *printer) castToTime(e *castExpr) {
	from, to := e.operand.typ(), e.t
	switch {
	case from.Kind == KindTimestampTZ && to.Kind == KindTimestampTZ:
		p.expr(e.operand)
	case from.Kind == KindTimestampTZ:
		p.local(e.operand)
	case to.Zone != "":
		p.write("timezone('UTC', timezone(", quoteText(to.Zone), ", CAST(")
		p.expr(e.operand)
		p.write(" AS TIMESTAMP)))")
	case from.Kind == KindDate:
		p.write("CAST(")
		p.expr(e.operand)
		p.write(" AS TIMESTAMP)")
	default:
		p.expr(e.operand)
	}
}

// local prints a zoned time as the local time of its zone, anything else as it is.
func (p *printer) local(e expr) {
	t := e.typ()
	if t.Kind != KindTimestampTZ || t.Zone == "" {
		p.expr(e)
		return
	}
	p.write("timezone(", quoteText(t.Zone), ", timezone('UTC', ")
	p.expr(e)
	p.write("))")
}

// The texts that Trino casts, as RE2 patterns over the whole text.
const (
	integerPattern   = `\s*[+-]?[0-9]+\s*`
	doublePattern    = `\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*|NaN|[+-]?Infinity`
	decimalPattern   = `[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?`
	datePattern      = `\s*[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}\s*`
	timestampPattern = `\s*[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}( [0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}(\.[0-9]{1,12})?)?)?`
	utcPattern       = `\s*(UTC|Z|[+-]00(:?00)?)?\s*`
	offsetPattern    = `\s*(UTC|Z|[+-][0-9]{2}(:?[0-9]{2})?)`
)

// castText prints the conversion of a text.
func (p *printer) castText(e *castExpr) {
	switch k := e.t.Kind; k {
	case KindVarchar, KindChar:
		p.shortened(e)
	case KindBoolean:
		p.castTextToBoolean(e)
	case KindReal, KindDouble:
		p.checked(e, doublePattern, func() { p.castTo(e, "trim") })
	case KindDecimal:
		p.checked(e, decimalPattern, func() { p.castTo(e, "") })
	case KindDate:
		p.checked(e, datePattern, func() { p.castTo(e, "trim") })
	case KindTimestamp:
		p.checked(e, timestampPattern+utcPattern, func() { p.castTextToTime(e) })
	case KindTimestampTZ:
		p.checked(e, timestampPattern+"("+offsetPattern+`)?\s*`, func() { p.castTextToTime(e) })
	case KindUUID:
		p.castTo(e, "")
	default:
		p.checked(e, integerPattern, func() { p.castTo(e, "trim") })
	}
}

// checked prints value guarded by the pattern.
func (p *printer) checked(e *castExpr, pattern string, value func()) {
	p.write("CASE WHEN ")
	p.expr(e.operand)
	p.write(" IS NULL THEN NULL WHEN regexp_full_match(")
	p.expr(e.operand)
	p.write(", ", quoteText(pattern), ") THEN ")
	value()
	p.write(" ELSE ")
	p.badText(e)
	p.write(" END")
}

// castWords are the names of types in Athena's "Cannot cast" texts.
var castWords = map[Kind]string{KindBoolean: "BOOLEAN", KindTinyInt: "TINYINT", KindSmallInt: "SMALLINT", KindInteger: "INT",
	KindBigInt: "BIGINT", KindReal: "REAL", KindDouble: "DOUBLE", KindDecimal: "DECIMAL"}

func (p *printer) badText(e *castExpr) {
	switch {
	case e.try:
		p.write("NULL")
	case e.t.Kind == KindDate, e.t.Kind == KindTimestamp, e.t.Kind == KindTimestampTZ:
		p.fail(e.t, CodeCastArgument+": Value cannot be cast to "+kindNames[e.t.Kind]+": ", e.operand)
	case e.t.Kind == KindDecimal:
		p.fail(e.t, CodeCastArgument+": Cannot cast VARCHAR '", e.operand, "' to DECIMAL("+strconv.Itoa(e.t.Precision)+", "+
			strconv.Itoa(e.t.Scale)+"). Value is not a number.")
	default:
		p.fail(e.t, CodeCastArgument+": Cannot cast '", e.operand, "' to "+castWords[e.t.Kind])
	}
}

func (p *printer) castTextToBoolean(e *castExpr) {
	p.write("CASE lower(")
	p.expr(e.operand)
	p.write(") WHEN 't' THEN true WHEN 'true' THEN true WHEN '1' THEN true WHEN 'f' THEN false WHEN 'false' THEN false WHEN '0' THEN false ELSE CASE WHEN ")
	p.expr(e.operand)
	p.write(" IS NULL THEN NULL ELSE ")
	p.badText(e)
	p.write(" END END")
}

// castTextToTime prints a text that has the form of a timestamp; one without an offset is UTC.
func (p *printer) castTextToTime(e *castExpr) {
	p.rounded(Type{Kind: KindTimestamp, Precision: timestampPrecisionMax}, e.t, func() {
		try := ""
		if e.try {
			try = "TRY_"
		}
		if e.t.Kind == KindTimestamp {
			p.write(try, "CAST(regexp_replace(trim(")
			p.expr(e.operand)
			p.write("), ", quoteText(`\s*(UTC|Z|[+-]00(:?00)?)$`), ", '') AS TIMESTAMP)")
			return
		}
		p.write("timezone('UTC', ", try, "CAST(CASE WHEN regexp_matches(")
		p.expr(e.operand)
		p.write(", ", quoteText(`:[0-9.]+`+offsetPattern+`\s*$`), ") THEN regexp_replace(replace(trim(")
		p.expr(e.operand)
		p.write("), 'UTC', 'Z'), '\\s+(Z|[+-])', '\\1') ELSE regexp_replace(trim(")
		p.expr(e.operand)
		p.write("), '\\s*(UTC|Z)$', '') || '+00' END AS TIMESTAMPTZ))")
	})
}

// shortened prints a text as varchar(n): cut to n characters. Of a char the blanks at the end come back, and one that is
// made of a text loses them.
func (p *printer) shortened(e *castExpr) {
	from, to := e.operand.typ(), e.t
	switch {
	case from.Kind == KindChar && to.Kind == KindVarchar:
		p.write("left(rpad(")
		p.expr(e.operand)
		p.write(", ", strconv.Itoa(from.Precision), ", ' '), ", strconv.Itoa(to.Precision), ")")
	case from.Kind == KindVarchar && to.Kind == KindChar:
		p.write("rtrim(left(")
		p.expr(e.operand)
		p.write(", ", strconv.Itoa(to.Precision), "), ' ')")
	case to.Precision < from.Precision:
		p.write("left(")
		p.expr(e.operand)
		p.write(", ", strconv.Itoa(to.Precision), ")")
	default:
		p.expr(e.operand)
	}
}

// castToText prints a value as text; one that does not fit varchar(n) fails, other than a text, which is cut.
func (p *printer) castToText(e *castExpr) {
	if e.t.Precision == VarcharMax {
		p.text(e.operand)
		return
	}
	n := strconv.Itoa(e.t.Precision)
	p.write("CASE WHEN length(")
	p.text(e.operand)
	p.write(") > ", n, " THEN ")
	if e.try {
		p.write("NULL")
	} else {
		whole := &castExpr{operand: e.operand, t: varchar()}
		p.fail(e.t, CodeCastArgument+": Value ", whole, " cannot be represented as varchar("+n+")")
	}
	p.write(" ELSE ")
	p.text(e.operand)
	p.write(" END")
}

// doubleTextSQL turns DuckDB's text of a double into Trino's, such as 1.5E0: the sign, the digits with a point after the
// first, and the exponent. The steps bind their results to names through lists of one element.
const doubleTextSQL = `list_transform(list_transform([CAST($1 AS VARCHAR)], lambda t: {'t': t, 's': regexp_extract(t, '^-'), ` +
	`'i': regexp_extract(t, '^-?([0-9]+)', 1), 'f': regexp_extract(t, '[.]([0-9]+)', 1), ` +
	`'e': coalesce(TRY_CAST(regexp_extract(t, 'e(.*)', 1) AS INTEGER), 0)}), ` +
	`lambda v: CASE WHEN v.t = 'nan' THEN 'NaN' WHEN v.t = 'inf' THEN 'Infinity' WHEN v.t = '-inf' THEN '-Infinity' ` +
	`WHEN v.t IN ('0.0', '-0.0') THEN v.t || 'E0' ELSE v.s || ltrim(v.i || v.f, '0')[1] || '.' || ` +
	`coalesce(nullif(rtrim(ltrim(v.i || v.f, '0')[2:], '0'), ''), '0') || 'E' || CAST(v.e + ` +
	`CASE WHEN v.i = '0' THEN -1 - (length(v.f) - length(ltrim(v.f, '0'))) ELSE length(v.i) - 1 END AS VARCHAR) END)[1]`

// text prints a value as an unbounded text.
func (p *printer) text(e expr) {
	t := e.typ()
	switch t.Kind {
	case KindReal, KindDouble:
		p.template(&callExpr{over: &Overload{SQL: doubleTextSQL}, args: []expr{e}, t: varchar()})
	case KindTimestamp, KindTimestampTZ:
		p.timeText(e)
	default:
		p.write("CAST(")
		p.expr(e)
		p.write(" AS VARCHAR)")
	}
}

func (p *printer) timeText(e expr) {
	t := e.typ()
	format, cut := "%Y-%m-%d %H:%M:%S.%f", 20+t.Precision
	if t.Precision == 0 {
		format, cut = "%Y-%m-%d %H:%M:%S", 19
	}
	p.write("left(strftime(")
	p.local(e)
	p.write(", '", format, "'), ", strconv.Itoa(cut), ")")
	if t.Kind == KindTimestampTZ {
		zone := t.Zone
		if zone == "" {
			zone = "UTC"
		}
		p.write(" || ", quoteText(" "+zone))
	}
}
