package dialect

import (
	"fmt"
	"strconv"
	"strings"
)

// caster writes conversions as DuckDB text over a value that is a text as well, and may be repeated. Trino's casts are
// strict, DuckDB's are not, so the value is held against what Trino takes first. What is common is plain SQL; rare forms,
// such as years of five digits, go to functions of package native.
type caster struct {
	p    *printer
	null bool // what can't be converted is NULL, as with TRY_CAST
}

// cast prints a conversion.
func (p *printer) cast(e *castExpr) {
	if e.operand.typ().Kind == KindUnknown && volatile(e.operand) { // fail() has to be evaluated
		p.write("CAST(CAST(", p.textOf(e.operand), " AS VARCHAR) AS ", e.t.DuckDB(), ")")
		return
	}
	from := e.operand.typ()
	if e.try && (len(from.Fields) > 0 || len(e.t.Fields) > 0) {
		p.triedCast(e)
		return
	}
	p.bind([]expr{e.operand}, func(v []string) string { return caster{p: p, null: e.try}.convert(v[0], from, e.t) })
}

// triedCast prints a TRY_CAST where one element that can't be converted makes NULL of the whole. What fails before the cast
// is no matter of TRY_CAST.
func (p *printer) triedCast(e *castExpr) {
	x, done := p.fresh()
	defer done()
	p.write("list_transform([{'v': ", p.textOf(e.operand), "}], lambda ", x, ": ")
	p.tried(x, func() { p.write(caster{p: p}.convert(p.field(x, "v"), e.operand.typ(), e.t)) })
	p.write(")[1]")
}

// convert gives v as a value of another type.
func (c caster) convert(v string, from, to Type) string {
	switch {
	case c.p.made(v):
		return "NULL"
	case from.Kind == KindUnknown: // NULL, wherever it comes from
		return "CAST(NULL AS " + to.DuckDB() + ")"
	case from.identical(to):
		return v
	case to.Kind == KindJSON:
		return c.toJSON(v, from)
	case from.Kind == KindVarchar, from.Kind == KindChar:
		return c.ofText(v, from, to)
	case from.Kind == KindJSON && to.Kind != KindVarchar:
		return c.ofJSON(v, to)
	case to.Kind == KindVarchar:
		return c.sizedText(v, from, to)
	case len(to.Fields) > 0:
		return c.nested(v, from, to)
	case to.numeric() || to.Kind == KindBoolean:
		return c.number(v, from, to)
	case to.Kind == KindUUID, to.Kind == KindVarbinary, to.Kind == KindIPAddress:
		return c.bytes(v, from, to)
	}
	return c.time(v, from, to)
}

// sql is a piece of a message that is computed.
type sql string

// fail gives an expression that fails with a message, or what stands for it with TRY_CAST and in TRY.
func (c caster) fail(to Type, pieces ...any) string {
	if c.null {
		return "NULL"
	}
	return c.p.failure(to, pieces...)
}

// orFail gives tried, or the failure where it is NULL and the value is not.
func (c caster) orFail(v, tried string, to Type, pieces ...any) string {
	if c.null {
		return whereThere(v, tried)
	}
	return "CASE WHEN " + v + " IS NULL THEN NULL ELSE coalesce(" + tried + ", " + c.fail(to, pieces...) + ") END"
}

// native gives a call of a function of package native that takes as its last argument whether to give NULL for what it
// can't convert.
func (c caster) native(name string, args ...string) string {
	return "loglake_" + name + "(" + strings.Join(args, ", ") + ", " + strconv.FormatBool(c.null) + ")"
}

// castWords are the names of types in Athena's "Cannot cast" texts.
var castWords = map[Kind]string{KindBoolean: "BOOLEAN", KindTinyInt: "TINYINT", KindSmallInt: "SMALLINT", KindInteger: "INT",
	KindBigInt: "BIGINT", KindReal: "REAL", KindDouble: "DOUBLE"}

// number converts between numbers and booleans.
func (c caster) number(v string, from, to Type) string {
	plain := "CAST(" + v + " AS " + to.DuckDB() + ")"
	tried := "TRY_" + plain
	switch {
	case to.Kind == KindBoolean:
		return "(" + v + " <> 0)"
	case to.Kind == KindDecimal:
		return c.decimal(v, from, to)
	case (from.Kind == KindDouble || from.Kind == KindReal) && to.integral():
		return c.whole(v, from, to)
	case from.Kind == KindDecimal && to.integral():
		if from.Precision-from.Scale < decimalDigits[to.Kind]-1 {
			return plain
		}
		return c.orFail(v, tried, to, CodeCastArgument+": Cannot cast '", sql("CAST("+v+" AS DECIMAL(38,0))"), "' to "+strings.ToUpper(to.String()))
	case from.Kind == KindDecimal: // through its digits, so that it is rounded once
		return "CAST(CAST(" + v + " AS VARCHAR) AS " + to.DuckDB() + ")"
	case from.Kind == KindDouble && to.Kind == KindReal:
		return "CASE WHEN abs(" + v + ") >= 3.4028235677973366e38 AND NOT isnan(" + v + ") THEN CAST(CASE WHEN " + v +
			" > 0 THEN 'inf' ELSE '-inf' END AS FLOAT) ELSE " + plain + " END"
	case to.integral() && decimalDigits[from.Kind] > decimalDigits[to.Kind]:
		if c.null {
			plain = tried
		}
		return whereThere(v, plain)
	}
	return plain
}

// whereThere gives text where v is not NULL. DuckDB takes such casts for ones that can be undone, and would compare v itself with
// what the cast is compared with, so that a value that can't be converted would pass a filter.
func whereThere(v, text string) string {
	return "CASE WHEN " + v + " IS NOT NULL THEN " + text + " END"
}

// decimal converts a number to a decimal.
func (c caster) decimal(v string, from, to Type) string {
	name, digits, value := strings.ToUpper(from.String()), v, v
	switch {
	case from.Kind == KindBoolean:
		v = "CAST(" + v + " AS INTEGER)"
		digits, name = v, "BOOLEAN"
	case from.integral():
		if decimalDigits[from.Kind] <= to.Precision-to.Scale {
			return "CAST(" + v + " AS " + to.DuckDB() + ")"
		}
	case from.Kind == KindDecimal:
		name = decimalWords(from)
		if from.Precision-from.Scale < to.Precision-to.Scale || from.Precision-from.Scale == to.Precision-to.Scale && from.Scale <= to.Scale {
			return "CAST(" + v + " AS " + to.DuckDB() + ")"
		}
	default:
		digits = "CAST(" + v + " AS VARCHAR)"
		value = c.javaText(v)
	}
	return c.orFail(v, "TRY_CAST("+digits+" AS "+to.DuckDB()+")", to, CodeCastArgument+": Cannot cast "+name+" '", sql(value), "' to "+decimalWords(to))
}

func decimalWords(t Type) string { return fmt.Sprintf("DECIMAL(%d, %d)", t.Precision, t.Scale) }

// whole rounds a floating-point number, half away from zero.
func (c caster) whole(v string, from, to Type) string {
	tried := "TRY_CAST(round(" + v + ") AS " + to.DuckDB() + ")"
	if c.null && !(from.Kind == KindReal && to.Kind == KindBigInt) {
		return tried
	}
	code, before, after := CodeOutOfRange, "Out of range for "+to.String()+": ", ""
	if to.Kind == KindBigInt {
		code, before, after = CodeCastArgument, "Unable to cast ", " to bigint"
	}
	far := c.fail(to, code+": "+before, sql(c.javaText(v)), after)
	if from.Kind == KindReal && to.Kind == KindBigInt { // the nearest bigint
		far = "CASE WHEN " + v + " > 0 THEN 9223372036854775807 ELSE CAST('-9223372036854775808' AS BIGINT) END"
	}
	return "CASE WHEN isnan(" + v + ") THEN " + c.fail(to, CodeCastArgument+": Cannot cast "+from.String()+" NaN to "+to.String()) +
		" WHEN " + v + " IS NOT NULL THEN coalesce(" + tried + ", " + far + ") END"
}

// bytes converts between varbinary, uuid and ipaddress.
func (c caster) bytes(v string, from, to Type) string {
	switch {
	case from.Kind == KindUUID:
		return "unhex(replace(CAST(" + v + " AS VARCHAR), '-', ''))"
	case from.Kind == KindIPAddress:
		return v
	case to.Kind == KindUUID:
		return "CASE WHEN octet_length(" + v + ") = 16 THEN CAST(hex(" + v + ") AS UUID) WHEN " + v + " IS NOT NULL THEN " +
			c.fail(to, CodeCastArgument+": Invalid UUID binary length: ", sql("octet_length("+v+")")) + " END"
	}
	return "CASE WHEN octet_length(" + v + ") = 16 THEN " + v + " WHEN octet_length(" + v + ") = 4 THEN unhex('00000000000000000000FFFF' || hex(" + v +
		")) WHEN " + v + " IS NOT NULL THEN " + c.fail(to, CodeCastArgument+": Invalid IP address binary length: ", sql("octet_length("+v+")")) + " END"
}

// each gives a list_transform of list, or list where body changes nothing.
func (c caster) each(list string, body func(x string) string) string {
	x, done := c.p.fresh()
	defer done()
	inner := body(x)
	if inner == x {
		return list
	}
	return "list_transform(" + list + ", lambda " + x + ": " + inner + ")"
}

// nested converts arrays, maps and rows element by element.
func (c caster) nested(v string, from, to Type) string {
	switch to.Kind {
	case KindArray:
		return c.each(v, func(x string) string { return c.convert(x, from.Fields[0].Type, to.Fields[0].Type) })
	case KindMap:
		entries := "map_entries(" + v + ")"
		made := c.each(entries, func(x string) string {
			e := c.p.whole(x)
			key := c.convert(e+".key", from.Fields[0].Type, to.Fields[0].Type)
			value := c.convert(e+".value", from.Fields[1].Type, to.Fields[1].Type)
			if key == e+".key" && value == e+".value" {
				return x
			}
			return "{'key': " + key + ", 'value': " + value + "}"
		})
		if made == entries {
			return v
		}
		return "map_from_entries(" + made + ")"
	}
	changes := from.DuckDB() != to.DuckDB()
	parts := make([]string, len(to.Fields))
	for i := range to.Fields {
		part := structField(v, from.fieldName(i))
		parts[i] = c.convert(part, from.Fields[i].Type, to.Fields[i].Type)
		changes = changes || parts[i] != part
		parts[i] = quoteText(to.fieldName(i)) + ": " + parts[i]
	}
	if !changes {
		return v
	}
	return "CASE WHEN " + v + " IS NULL THEN NULL ELSE {" + strings.Join(parts, ", ") + "} END"
}

func structField(v, name string) string { return "struct_extract(" + v + ", " + quoteText(name) + ")" }
