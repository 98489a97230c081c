package query_test

import (
	"testing"

	"github.com/loglake/loglake/query"
	"github.com/loglake/loglake/query/dialect"
	"github.com/loglake/loglake/query/engine"
)

// TestValueTexts holds the texts against spec §3.4, from values as the engine gives them.
func TestValueTexts(t *testing.T) {
	e := newEngine(t)
	f := func(sql string, kind dialect.Type, want string) {
		t.Helper()
		rows, err := e.Query(t.Context(), engine.Request{SQL: "SELECT " + sql})
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			return
		}
		defer rows.Close()
		b, err := rows.Next()
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			return
		}
		if got := query.Text(&b.Columns[0], 0, kind); got != want {
			t.Errorf("%s: %q, want %q", sql, got, want)
		}
	}
	k := func(kind dialect.Kind) dialect.Type { return dialect.Type{Kind: kind} }
	ts := func(digits int) dialect.Type { return dialect.Type{Kind: dialect.KindTimestamp, Precision: digits} }
	double, real4 := k(dialect.KindDouble), k(dialect.KindReal)
	varchar := dialect.Type{Kind: dialect.KindVarchar, Precision: dialect.VarcharMax}
	array := func(of dialect.Type) dialect.Type {
		return dialect.Type{Kind: dialect.KindArray, Fields: []dialect.Field{{Type: of}}}
	}
	mapping := func(key, value dialect.Type) dialect.Type {
		return dialect.Type{Kind: dialect.KindMap, Fields: []dialect.Field{{Type: key}, {Type: value}}}
	}
	f("(-128)::TINYINT", k(dialect.KindTinyInt), "-128")
	f("9223372036854775807", k(dialect.KindBigInt), "9223372036854775807")
	f("1.5::DOUBLE", double, "1.5")
	f("0.1::DOUBLE + 0.2::DOUBLE", double, "0.30000000000000004")
	f("1e20::DOUBLE", double, "1.0E20")
	f("1e-7::DOUBLE", double, "1.0E-7")
	f("0.001::DOUBLE", double, "0.001")
	f("0.00099::DOUBLE", double, "9.9E-4")
	f("9999999::DOUBLE", double, "9999999.0")
	f("10000000::DOUBLE", double, "1.0E7")
	f("-0.0::DOUBLE", double, "-0.0")
	f("'NaN'::DOUBLE", double, "NaN")
	f("'-inf'::DOUBLE", double, "-Infinity")
	f("0.1::FLOAT", real4, "0.1")
	f("1.50::DECIMAL(5,2)", dialect.Type{Kind: dialect.KindDecimal, Precision: 5, Scale: 2}, "1.50")
	f("-0.05::DECIMAL(5,2)", dialect.Type{Kind: dialect.KindDecimal, Precision: 5, Scale: 2}, "-0.05")
	f("'12345678901234567890.12'::DECIMAL(30,2)", dialect.Type{Kind: dialect.KindDecimal, Precision: 30, Scale: 2}, "12345678901234567890.12")
	f("'ab'", dialect.Type{Kind: dialect.KindChar, Precision: 4}, "ab  ")
	f("DATE '2020-01-31'", k(dialect.KindDate), "2020-01-31")
	f("DATE '0009-01-31'", k(dialect.KindDate), "0009-01-31")
	f("TIMESTAMP '2020-01-31 12:34:56'", ts(3), "2020-01-31 12:34:56.000")
	f("TIMESTAMP '1960-01-31 12:34:56.789'", ts(3), "1960-01-31 12:34:56.789")
	f("TIMESTAMP '2020-01-31 12:34:56'", ts(0), "2020-01-31 12:34:56")
	f("TIMESTAMP '2020-01-31 12:34:56.123456'", ts(6), "2020-01-31 12:34:56.123456")
	f("TIMESTAMP '2020-01-31 12:34:56'", dialect.Type{Kind: dialect.KindTimestampTZ, Precision: 3, Zone: "+05:30"}, "2020-01-31 18:04:56.000 +05:30")
	f("TIMESTAMP '2020-07-31 12:34:56'", dialect.Type{Kind: dialect.KindTimestampTZ, Precision: 3, Zone: "America/New_York"}, "2020-07-31 08:34:56.000 America/New_York")
	f("TIMESTAMP '2020-01-31 12:34:56'", dialect.Type{Kind: dialect.KindTimestampTZ, Precision: 3}, "2020-01-31 12:34:56.000 UTC")
	f("TIME '12:34:56.789'", dialect.Type{Kind: dialect.KindTime, Precision: 3}, "12:34:56.789")
	f("INTERVAL '1 day'", k(dialect.KindIntervalDay), "1 00:00:00.000")
	f("INTERVAL '-90 seconds'", k(dialect.KindIntervalDay), "-0 00:01:30.000")
	f("INTERVAL '14 months'", k(dialect.KindIntervalYear), "1-2")
	f(`'\x01\xAB'::BLOB`, k(dialect.KindVarbinary), "01 ab")
	f("'0a1b2c3d-0000-4000-8000-0123456789ab'::UUID", k(dialect.KindUUID), "0a1b2c3d-0000-4000-8000-0123456789ab")
	f("[1, 2, NULL]", array(k(dialect.KindInteger)), "[1, 2, null]")
	f("[[1], [2, 3]]", array(array(k(dialect.KindInteger))), "[[1], [2, 3]]")
	f("map([10, 9, 100], ['a', NULL, 'b'])", mapping(k(dialect.KindInteger), varchar), "{9=null, 10=a, 100=b}")
	f("map([3000000000, -9223372036854775808], ['a', 'b'])", mapping(k(dialect.KindBigInt), varchar), "{-9223372036854775808=b, 3000000000=a}")
	f("map(['k', 'j'], [1, NULL])", mapping(varchar, k(dialect.KindInteger)), "{j=null, k=1}")
	f("{'id': 1, 'name': 'x'}", dialect.Type{Kind: dialect.KindRow, Fields: []dialect.Field{{Name: "id", Type: k(dialect.KindInteger)}, {Name: "name", Type: varchar}}}, "{id=1, name=x}")
	f("{'field0': 1, 'field1': 'x'}", dialect.Type{Kind: dialect.KindRow, Fields: []dialect.Field{{Type: k(dialect.KindInteger)}, {Type: varchar}}}, "{1, x}")
}
