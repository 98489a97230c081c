package dialecttest

import (
	"fmt"
	"strings"

	"github.com/loglake/loglake/query/dialect"
)

// Generator makes expressions and queries that are valid in Athena's dialect, mostly: some fail when they run, a few are
// refused for their types. What it makes depends on Random alone. Results are the same on each run, up to the order of
// rows.
type Generator struct {
	Random func(n int) int // in [0, n)

	// Total leaves out what can fail for some values, as far as it is known.
	Total bool

	columns []Column // visible to expressions
	calls   []call   // of the registry's functions
	aliases int
}

// Column is something that an expression can name.
type Column struct {
	Name string
	Type dialect.Type
}

// depthMax is how deep expressions are nested, at most.
const depthMax = 4

func (g *Generator) chance(percent int) bool { return g.Random(100) < percent }

func pick[T any](g *Generator, list []T) T { return list[g.Random(len(list))] }

func of(k dialect.Kind) dialect.Type { return dialect.Type{Kind: k} }

// scalars are the types without parts that are made.
var scalars = []dialect.Type{
	of(dialect.KindBoolean), of(dialect.KindTinyInt), of(dialect.KindSmallInt), of(dialect.KindInteger), of(dialect.KindInteger), of(dialect.KindBigInt), of(dialect.KindBigInt),
	of(dialect.KindReal), of(dialect.KindDouble), of(dialect.KindDouble), {Kind: dialect.KindDecimal, Precision: 5, Scale: 2}, {Kind: dialect.KindDecimal, Precision: 18},
	{Kind: dialect.KindDecimal, Precision: 38, Scale: 10}, text, text, text, of(dialect.KindVarbinary), of(dialect.KindDate),
	{Kind: dialect.KindTimestamp}, {Kind: dialect.KindTimestamp, Precision: 3}, {Kind: dialect.KindTimestamp, Precision: 6},
	{Kind: dialect.KindTimestampTZ, Precision: 3}, of(dialect.KindIntervalDay), of(dialect.KindIntervalYear),
}

var text = dialect.Type{Kind: dialect.KindVarchar, Precision: dialect.VarcharMax}

// Type gives a random type.
func (g *Generator) Type() dialect.Type {
	switch g.Random(12) {
	case 0:
		return dialect.Type{Kind: dialect.KindArray, Fields: []dialect.Field{{Type: pick(g, scalars)}}}
	case 1:
		return dialect.Type{Kind: dialect.KindMap, Fields: []dialect.Field{{Type: pick(g, keys)}, {Type: pick(g, scalars)}}}
	case 2:
		return dialect.Type{Kind: dialect.KindRow, Fields: []dialect.Field{{Name: "a", Type: pick(g, scalars)}, {Name: "b", Type: pick(g, scalars)}}}
	}
	return pick(g, scalars)
}

// keys are the types of maps' keys.
var keys = []dialect.Type{of(dialect.KindInteger), of(dialect.KindBigInt), text, of(dialect.KindDate), of(dialect.KindBoolean)}

// values are literals of each type, the edges among them.
var values = map[dialect.Kind][]string{
	dialect.KindBoolean:  {"true", "false"},
	dialect.KindTinyInt:  {"TINYINT '0'", "TINYINT '1'", "TINYINT '-1'", "TINYINT '127'", "TINYINT '-128'", "TINYINT '7'"},
	dialect.KindSmallInt: {"SMALLINT '0'", "SMALLINT '1'", "SMALLINT '-1'", "SMALLINT '32767'", "SMALLINT '-32768'", "SMALLINT '300'"},
	dialect.KindInteger:  {"0", "1", "-1", "2", "3", "5", "-7", "10", "2147483647", "INTEGER '-2147483648'", "1000000"},
	dialect.KindBigInt: {"BIGINT '0'", "BIGINT '1'", "BIGINT '-1'", "BIGINT '2'", "BIGINT '3'", "9223372036854775807", "BIGINT '-9223372036854775808'", "3000000000",
		"BIGINT '60'", "BIGINT '1583020800'"},
	dialect.KindReal: {"REAL '0'", "REAL '1.5'", "REAL '-2.25'", "REAL '3.4e38'", "REAL '0.1'", "CAST(nan() AS real)", "CAST(infinity() AS real)"},
	dialect.KindDouble: {"0e0", "1e0", "1.5", "-2.5", "0.1", "1e20", "1.5e-7", "123456789.125e0", "-1e0", "nan()", "infinity()", "-infinity()", "100.0", "3e0",
		"0.5", "2.5"},
	dialect.KindDecimal: {"DECIMAL '0.00'", "DECIMAL '1.50'", "DECIMAL '-999.99'", "DECIMAL '2'", "DECIMAL '0.1'", "DECIMAL '999999999999999999'",
		"DECIMAL '12345678901234567890.123'", "DECIMAL '-0.005'"},
	dialect.KindVarchar: {"''", "'a'", "'abc'", "'B'", "'Ünïcødé'", "'日本語'", "'😀'", "' pad '", "'12'", "'-7'", "'1.5'", "'1e3'", "'2020-02-29'", "'2020-02-29 23:59:59.123'", "'a,b,,c'", "'a%b_c'",
		"'it''s'", `'{"a": [1, {"b": null}]}'`, "'https://example.com:8080/p/q?x=1&y=%20a#frag'", "'true'", "'2024-12-31T10:00:00Z'", "'Hello World'", "'aaa'"},
	dialect.KindVarbinary: {"X''", "X'00'", "X'0a0bff'", "to_utf8('é')", "X'68656c6c6f'"},
	dialect.KindDate: {"DATE '1970-01-01'", "DATE '2020-02-29'", "DATE '2019-12-31'", "DATE '2021-01-31'", "DATE '1969-12-31'", "DATE '0001-01-01'", "DATE '9999-12-31'",
		"DATE '2024-06-15'"},
	dialect.KindIntervalDay: {"INTERVAL '1' DAY", "INTERVAL '-90' MINUTE", "INTERVAL '0' SECOND", "INTERVAL '1 02:03:04.005' DAY TO SECOND", "INTERVAL '36' HOUR",
		"INTERVAL '1' SECOND"},
	dialect.KindIntervalYear: {"INTERVAL '1' MONTH", "INTERVAL '-1' YEAR", "INTERVAL '0' MONTH", "INTERVAL '1-2' YEAR TO MONTH", "INTERVAL '25' MONTH"},
	dialect.KindJSON:         {`JSON '{"a": [1, {"b": null}], "c": "x"}'`, "JSON 'null'", "JSON '[1, 2.5, \"s\"]'", "JSON '\"text\"'", "JSON '7'", "JSON '{}'"},
	dialect.KindColor:        {"color('#f0c')", "rgb(1, 2, 3)", "color('#123')"},
	dialect.KindUUID:         {"UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59'", "UUID '00000000-0000-0000-0000-000000000000'"},
	dialect.KindChar:         {"CAST('ab' AS char(3))", "CAST('' AS char(2))", "CAST('xyz' AS char(3))"},
	dialect.KindTime:         {"TIME '00:00:00'", "TIME '23:59:59.999'", "TIME '10:15'"},
	dialect.KindTimeTZ:       {"TIME '00:00:00+00:00'", "TIME '23:59:59.999+05:30'", "TIME '10:15-08:00'"},
}

var (
	days    = []string{"1970-01-01", "2020-02-29", "2019-12-31", "2021-01-31", "1969-12-31", "0001-01-01", "9999-12-31", "2024-06-15", "2021-03-28"}
	seconds = []string{"00:00:00", "23:59:59", "10:15:30", "02:30:00", "12:00:01"}
	digits  = []string{"", "9", "12", "999", "5004", "00001", "999999"}
	zones   = []string{"UTC", "Europe/Rome", "America/New_York", "+05:30", "Asia/Kolkata"}
)

// Value gives a constant of a type; now and then NULL.
func (g *Generator) Value(t dialect.Type) string {
	if g.chance(8) {
		return fmt.Sprintf("CAST(NULL AS %s)", t)
	}
	switch t.Kind {
	case dialect.KindUnknown:
		return "NULL"
	case dialect.KindTimestamp, dialect.KindTimestampTZ:
		return g.instant(t)
	case dialect.KindArray:
		if n := g.Random(4); n > 0 {
			return "ARRAY[" + g.repeat(n, t.Fields[0].Type) + "]"
		}
		return fmt.Sprintf("CAST(ARRAY[] AS %s)", t)
	case dialect.KindMap:
		return g.mapValue(t)
	case dialect.KindRow:
		items := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			items[i] = g.Value(f.Type)
		}
		return fmt.Sprintf("CAST(ROW(%s) AS %s)", strings.Join(items, ", "), t)
	}
	return pick(g, values[t.Kind])
}

func (g *Generator) repeat(n int, t dialect.Type) string {
	items := make([]string, n)
	for i := range items {
		items[i] = g.Value(t)
	}
	return strings.Join(items, ", ")
}

func (g *Generator) instant(t dialect.Type) string {
	s := pick(g, days) + " " + pick(g, seconds)
	fraction := pick(g, digits)
	if t.Kind == dialect.KindTimestampTZ {
		fraction = pick(g, []string{"", "001", "999"})
	}
	if fraction != "" {
		s += "." + fraction
	}
	if t.Kind == dialect.KindTimestampTZ {
		s += " " + pick(g, zones)
	}
	return "TIMESTAMP '" + s + "'"
}

// mapValue gives a map without NULL or equal keys.
func (g *Generator) mapValue(t dialect.Type) string {
	all := values[t.Fields[0].Type.Kind]
	if t.Fields[0].Type.Kind == dialect.KindInteger {
		all = []string{"1", "2", "10", "-1"}
	}
	n := g.Random(min(3, len(all)+1))
	if n == 0 {
		return fmt.Sprintf("CAST(MAP() AS %s)", t)
	}
	var list []string
	from := g.Random(len(all))
	for i := range n {
		list = append(list, all[(from+i)%len(all)])
	}
	return fmt.Sprintf("MAP(ARRAY[%s], ARRAY[%s])", strings.Join(list, ", "), g.repeat(n, t.Fields[1].Type))
}

// Ordered gives a random type without parts, whose values are ordered and equal to themselves.
func (g *Generator) Ordered() dialect.Type {
	for {
		if t := pick(g, scalars); t.Kind != dialect.KindDouble && t.Kind != dialect.KindReal {
			return t
		}
	}
}
