package query

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"hash/fnv"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/loglake/loglake/query/dialect"
	"github.com/loglake/loglake/query/dialect/native"
	"github.com/loglake/loglake/query/engine"
)

// appendText adds value i of v as Athena writes it; v must not be NULL there.
func appendText(dst []byte, v *engine.Vector, i int, t dialect.Type) []byte {
	switch t.Kind {
	case dialect.KindBoolean:
		return strconv.AppendBool(dst, v.Bool(i))
	case dialect.KindDouble:
		return appendJavaFloat(dst, v.Float(i), 64)
	case dialect.KindReal:
		return appendJavaFloat(dst, v.Float(i), 32)
	case dialect.KindDecimal:
		return appendDecimal(dst, v.Big(i), t.Scale)
	case dialect.KindChar:
		dst = append(dst, v.Bytes(i)...)
		return append(dst, bytes.Repeat([]byte{' '}, max(0, t.Precision-len([]rune(string(v.Bytes(i))))))...)
	case dialect.KindDate:
		return appendDate(dst, time.Unix(v.Int(i)*86400, 0).UTC())
	case dialect.KindTimestampTZ:
		if v.Type.Kind == engine.Struct { // the instant and the zone
			t.Zone = string(v.Child(1).Bytes(i))
			v = v.Child(0)
		}
		return appendInstant(dst, v, i, t)
	case dialect.KindTime, dialect.KindTimeTZ, dialect.KindTimestamp:
		return appendInstant(dst, v, i, t)
	case dialect.KindIntervalDay, dialect.KindIntervalYear:
		return appendInterval(dst, v, i, t)
	case dialect.KindVarbinary:
		return appendSpacedHex(dst, v.Bytes(i))
	case dialect.KindUUID:
		return appendUUID(dst, v.UUIDBytes(i))
	case dialect.KindIPAddress:
		return append(dst, native.IPText(v.Bytes(i))...)
	case dialect.KindArray, dialect.KindMap, dialect.KindRow:
		return appendNested(dst, v, i, t)
	case dialect.KindTinyInt, dialect.KindSmallInt, dialect.KindInteger, dialect.KindBigInt:
		return strconv.AppendInt(dst, v.Int(i), 10)
	}
	return append(dst, v.Bytes(i)...)
}

// appendJavaFloat writes x as Java's Double.toString and Float.toString do: plain between 1e-3 and 1e7, else with an
// exponent, and always with a digit after the point.
func appendJavaFloat(dst []byte, x float64, bits int) []byte {
	text := strconv.FormatFloat(x, 'e', -1, bits) // d.ddde±xx
	mantissa, exponent, found := strings.Cut(text, "e")
	if !found { // NaN, +Inf, -Inf
		return append(dst, strings.NewReplacer("+Inf", "Infinity", "-Inf", "-Infinity").Replace(text)...)
	}
	e, _ := strconv.Atoi(exponent)
	if x == 0 || e >= -3 && e < 7 {
		plain := strconv.FormatFloat(x, 'f', -1, bits)
		dst = append(dst, plain...)
		if !strings.Contains(plain, ".") {
			dst = append(dst, ".0"...)
		}
		return dst
	}
	dst = append(dst, mantissa...)
	if !strings.Contains(mantissa, ".") {
		dst = append(dst, ".0"...)
	}
	return strconv.AppendInt(append(dst, 'E'), int64(e), 10)
}

func appendDecimal(dst []byte, unscaled *big.Int, scale int) []byte {
	digits := unscaled.Text(10)
	if rest, negative := strings.CutPrefix(digits, "-"); negative {
		dst, digits = append(dst, '-'), rest
	}
	if missing := scale + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	dst = append(dst, digits[:len(digits)-scale]...)
	if scale > 0 {
		dst = append(append(dst, '.'), digits[len(digits)-scale:]...)
	}
	return dst
}

func appendPadded(dst []byte, n int64, width int) []byte {
	if n < 0 {
		dst, n = append(dst, '-'), -n
	}
	text := strconv.FormatInt(n, 10)
	for range max(0, width-len(text)) {
		dst = append(dst, '0')
	}
	return append(dst, text...)
}

func appendDate(dst []byte, t time.Time) []byte {
	if t.Year() > 9999 {
		dst = append(dst, '+')
	}
	dst = append(appendPadded(dst, int64(t.Year()), 4), '-')
	dst = append(appendPadded(dst, int64(t.Month()), 2), '-')
	return appendPadded(dst, int64(t.Day()), 2)
}

// unitsPerSecond of the engine's kinds of instants.
var unitsPerSecond = map[engine.Kind]int64{
	engine.TimestampS: 1, engine.TimestampMS: 1e3, engine.Timestamp: 1e6, engine.TimestampNS: 1e9, engine.TimestampTZ: 1e6,
	engine.Time: 1e6,
}

// appendInstant writes a time or timestamp with exactly t.Precision digits of fraction, and the zone where there is one.
func appendInstant(dst []byte, v *engine.Vector, i int, t dialect.Type) []byte {
	units := unitsPerSecond[v.Type.Kind]
	seconds, fraction := v.Int(i)/units, v.Int(i)%units
	if fraction < 0 {
		seconds, fraction = seconds-1, fraction+units
	}
	at := time.Unix(seconds, fraction*(1e9/units)).In(zoneOf(t.Zone))
	if t.Kind != dialect.KindTime && t.Kind != dialect.KindTimeTZ {
		dst = append(appendDate(dst, at), ' ')
	}
	dst = append(appendPadded(dst, int64(at.Hour()), 2), ':')
	dst = append(appendPadded(dst, int64(at.Minute()), 2), ':')
	dst = appendPadded(dst, int64(at.Second()), 2)
	if t.Precision > 0 {
		nanos := string(appendPadded(nil, int64(at.Nanosecond()), 9)) + "000"
		dst = append(append(dst, '.'), nanos[:t.Precision]...)
	}
	switch t.Kind {
	case dialect.KindTimestampTZ:
		return append(append(dst, ' '), cmp.Or(t.Zone, "UTC")...)
	case dialect.KindTimeTZ:
		return append(dst, cmp.Or(t.Zone, "+00:00")...)
	}
	return dst
}

// zoneOf gives the location of a zone id or an offset such as +05:30; UTC for "" and for what is not known.
func zoneOf(name string) *time.Location {
	if len(name) == 6 && (name[0] == '+' || name[0] == '-') {
		if at, err := time.Parse("-07:00", name); err == nil {
			return at.Location()
		}
	}
	if location, err := time.LoadLocation(name); err == nil {
		return location
	}
	return time.UTC
}

func appendInterval(dst []byte, v *engine.Vector, i int, t dialect.Type) []byte {
	months, days, micros := v.Interval(i)
	if t.Kind == dialect.KindIntervalYear {
		n := int64(months)
		if n < 0 {
			dst, n = append(dst, '-'), -n
		}
		return strconv.AppendInt(append(strconv.AppendInt(dst, n/12, 10), '-'), n%12, 10)
	}
	ms := int64(days)*86_400_000 + micros/1000
	if ms < 0 {
		dst, ms = append(dst, '-'), -ms
	}
	dst = append(strconv.AppendInt(dst, ms/86_400_000, 10), ' ')
	dst = append(appendPadded(dst, ms/3_600_000%24, 2), ':')
	dst = append(appendPadded(dst, ms/60_000%60, 2), ':')
	dst = append(appendPadded(dst, ms/1000%60, 2), '.')
	return appendPadded(dst, ms%1000, 3)
}

func appendSpacedHex(dst, value []byte) []byte {
	for k, b := range value {
		if k > 0 {
			dst = append(dst, ' ')
		}
		dst = hex.AppendEncode(dst, []byte{b})
	}
	return dst
}

func appendUUID(dst []byte, id [16]byte) []byte {
	for k, b := range id {
		if k == 4 || k == 6 || k == 8 || k == 10 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, []byte{b})
	}
	return dst
}

func appendNested(dst []byte, v *engine.Vector, i int, t dialect.Type) []byte {
	switch t.Kind {
	case dialect.KindArray:
		from, to := v.Span(i)
		dst = append(dst, '[')
		for k := from; k < to; k++ {
			if k > from {
				dst = append(dst, ", "...)
			}
			dst = appendInner(dst, v.Child(0), k, t.Fields[0].Type)
		}
		return append(dst, ']')
	case dialect.KindMap:
		return appendMap(dst, v, i, t)
	}
	dst = append(dst, '{')
	for k, f := range t.Fields {
		if k > 0 {
			dst = append(dst, ", "...)
		}
		if f.Name != "" {
			dst = append(append(dst, f.Name...), '=')
		}
		dst = appendInner(dst, v.Child(k), i, f.Type)
	}
	return append(dst, '}')
}

// appendMap writes the entries in the order of their keys: numbers by value, all else by text.
func appendMap(dst []byte, v *engine.Vector, i int, t dialect.Type) []byte {
	entries := v.Child(0)
	keys, values := entries.Child(0), entries.Child(1)
	from, to := v.Span(i)
	order := make([]int, 0, to-from)
	texts := make(map[int]string, to-from)
	for k := from; k < to; k++ {
		order = append(order, k)
		texts[k] = string(appendInner(nil, keys, k, t.Fields[0].Type))
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch t.Fields[0].Type.Kind {
		case dialect.KindTinyInt, dialect.KindSmallInt, dialect.KindInteger, dialect.KindBigInt:
			return cmp.Compare(keys.Int(a), keys.Int(b))
		case dialect.KindReal, dialect.KindDouble:
			if x, y := keys.Float(a), keys.Float(b); x != y {
				if x < y {
					return -1
				}
				return 1
			}
			return 0
		}
		return strings.Compare(texts[a], texts[b])
	})
	dst = append(dst, '{')
	for n, k := range order {
		if n > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(append(dst, texts[k]...), '=')
		dst = appendInner(dst, values, k, t.Fields[1].Type)
	}
	return append(dst, '}')
}

// appendInner writes a value inside another. Athena shows binary ones there as Java prints a byte array, by its address;
// here the address is a hash of the bytes.
func appendInner(dst []byte, v *engine.Vector, i int, t dialect.Type) []byte {
	if v.IsNull(i) {
		return append(dst, "null"...)
	}
	if t.Kind == dialect.KindVarbinary {
		h := fnv.New32a()
		_, _ = h.Write(v.Bytes(i)) // never fails
		return strconv.AppendUint(append(dst, "[B@"...), uint64(h.Sum32()), 16)
	}
	return appendText(dst, v, i, t)
}

// ColumnInfo describes a column of a result as GetQueryResults does.
type ColumnInfo struct {
	Name          string
	Type          string
	Precision     int
	Scale         int
	CaseSensitive bool
}

// columnInfo gives the description of a column of type t.
func columnInfo(name string, t dialect.Type) ColumnInfo {
	c := t.ColumnInfo()
	return ColumnInfo{Name: name, Type: c.Type, Precision: c.Precision, Scale: c.Scale, CaseSensitive: c.CaseSensitive}
}
