package dialect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loglake/loglake"
)

// Kind is the outermost kind of a Type.
type Kind uint8

// The kinds of Trino types that are known here.
const (
	KindUnknown Kind = iota // the type of NULL
	KindBoolean
	KindTinyInt
	KindSmallInt
	KindInteger
	KindBigInt
	KindReal
	KindDouble
	KindDecimal
	KindVarchar
	KindChar
	KindVarbinary
	KindDate
	KindTime
	KindTimeTZ
	KindTimestamp
	KindTimestampTZ
	KindIntervalDay  // interval day to second
	KindIntervalYear // interval year to month
	KindJSON
	KindUUID
	KindIPAddress
	KindColor // of a terminal
	KindArray
	KindMap
	KindRow
	KindFunction // of a lambda in a signature: the parameters and then the result
)

// VarcharMax is the length of an unbounded varchar, as Athena reports it.
const VarcharMax = 2147483647

// timestampPrecisionMax is the finest timestamp that the engine's type holds: microseconds.
const timestampPrecisionMax = 6

// Type is a Trino type. Precision holds a decimal's digits (1-38), a varchar's or char's length in characters, and the
// fraction digits of a time or timestamp (0-6). Fields are an array's element, a map's key and value, or a row's fields.
// Zone is the time zone that a time or timestamp with time zone is shown in: "" for UTC, +05:30 for an offset, a name, or
// zoneOfValue where each value has its own; it does not take part in Equal.
type Type struct {
	Kind      Kind
	Precision int
	Scale     int // decimal
	Fields    []Field
	Zone      string
}

// Field is a part of a nested type; Name is "" but for fields of rows that have names.
type Field struct {
	Name string
	Type Type
}

var kindNames = [...]string{"unknown", "boolean", "tinyint", "smallint", "integer", "bigint", "real", "double", "decimal",
	"varchar", "char", "varbinary", "date", "time", "time", "timestamp", "timestamp", "interval day to second",
	"interval year to month", "json", "uuid", "ipaddress", "color", "array", "map", "row", "function"}

func simple(k Kind) Type { return Type{Kind: k} }

func varchar() Type { return Type{Kind: KindVarchar, Precision: VarcharMax} }

func arrayOf(t Type) Type { return Type{Kind: KindArray, Fields: []Field{{Type: t}}} }

func decimal(precision, scale int) Type {
	return Type{Kind: KindDecimal, Precision: precision, Scale: scale}
}

// String gives the type as Trino writes it in messages, such as "timestamp(3) with time zone".
func (t Type) String() string {
	name := kindNames[t.Kind]
	switch t.Kind {
	case KindDecimal:
		return fmt.Sprintf("decimal(%d,%d)", t.Precision, t.Scale)
	case KindVarchar:
		if t.Precision == VarcharMax {
			return name
		}
		return fmt.Sprintf("%s(%d)", name, t.Precision)
	case KindChar, KindTime, KindTimestamp:
		return fmt.Sprintf("%s(%d)", name, t.Precision)
	case KindTimeTZ, KindTimestampTZ:
		return fmt.Sprintf("%s(%d) with time zone", name, t.Precision)
	case KindArray, KindMap, KindRow, KindFunction:
		parts := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			if parts[i] = f.Type.String(); f.Name != "" {
				parts[i] = f.Name + " " + parts[i]
			}
		}
		return name + "(" + strings.Join(parts, ", ") + ")"
	}
	return name
}

// Equal tells whether two types are the same type.
func (t Type) Equal(u Type) bool {
	if t.Kind != u.Kind || t.Precision != u.Precision || t.Scale != u.Scale || len(t.Fields) != len(u.Fields) {
		return false
	}
	for i, f := range t.Fields {
		if f.Name != u.Fields[i].Name || !f.Type.Equal(u.Fields[i].Type) {
			return false
		}
	}
	return true
}

// identical tells whether two types are the same, zones included.
func (t Type) identical(u Type) bool {
	if !t.Equal(u) || t.Zone != u.Zone {
		return false
	}
	for i, f := range t.Fields {
		if !f.Type.identical(u.Fields[i].Type) {
			return false
		}
	}
	return true
}

// zoneOfValue is the Zone of a timestamp whose zone is part of its value.
const zoneOfValue = "*"

// DuckDB gives the DuckDB type that carries values of t in printed queries; scans must yield exactly this type.
// Timestamps of every precision travel as TIMESTAMP, already cut to their precision: milliseconds for Hive tables. A
// timestamp with time zone is a TIMESTAMP that holds the UTC instant, or a STRUCT of it and the name of the zone where the
// zone is not known before. An interval's value is its months (year to month) or
// its days and microseconds together (day to second). A time travels as TIME (in UTC where it has a zone), json as VARCHAR
// with its text, a color as VARCHAR too, an ipaddress as its 16 bytes,
// char as VARCHAR without the blanks at its end (so that texts that differ in them only are equal).
func (t Type) DuckDB() string {
	switch t.Kind {
	case KindUnknown:
		return "INTEGER"
	case KindReal:
		return "FLOAT"
	case KindDecimal:
		return fmt.Sprintf("DECIMAL(%d,%d)", t.Precision, t.Scale)
	case KindVarchar, KindChar, KindJSON, KindColor:
		return "VARCHAR"
	case KindVarbinary, KindIPAddress:
		return "BLOB"
	case KindTimestamp, KindTimestampTZ:
		if t.Zone == zoneOfValue {
			return `STRUCT("at" TIMESTAMP, "zone" VARCHAR)`
		}
		return "TIMESTAMP"
	case KindIntervalDay, KindIntervalYear:
		return "INTERVAL"
	case KindArray:
		return t.Fields[0].Type.DuckDB() + "[]"
	case KindMap:
		return "MAP(" + t.Fields[0].Type.DuckDB() + ", " + t.Fields[1].Type.DuckDB() + ")"
	case KindRow:
		parts := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			parts[i] = quoteName(t.fieldName(i)) + " " + f.Type.DuckDB()
		}
		return "STRUCT(" + strings.Join(parts, ", ") + ")"
	}
	return strings.ToUpper(kindNames[t.Kind])
}

// fieldName gives the name of a row's field i in the DuckDB type: its own, or its place where it has none or one that an
// earlier field has.
func (t Type) fieldName(i int) string {
	name := t.Fields[i].Name
	for _, f := range t.Fields[:i] {
		if name == "" || strings.EqualFold(f.Name, name) {
			name = ""
			break
		}
	}
	if name == "" {
		return fmt.Sprintf("field%d", i)
	}
	return name
}

// ColumnInfo is how Athena's GetQueryResults describes a column of a type.
type ColumnInfo struct {
	Type          string
	Precision     int
	Scale         int
	CaseSensitive bool
}

// ColumnInfo gives Athena's description of t.
func (t Type) ColumnInfo() ColumnInfo {
	c := ColumnInfo{Type: kindNames[t.Kind]}
	switch t.Kind {
	case KindTinyInt:
		c.Precision = 3
	case KindSmallInt:
		c.Precision = 5
	case KindInteger:
		c.Precision = 10
	case KindBigInt:
		c.Precision = 19
	case KindReal:
		c.Type, c.Precision = "float", 17
	case KindDouble:
		c.Precision = 17
	case KindDecimal:
		c.Precision, c.Scale = t.Precision, t.Scale
	case KindVarchar, KindChar:
		c.Precision, c.CaseSensitive = t.Precision, true
	case KindVarbinary:
		c.Precision = 1073741824
	case KindTime, KindTimestamp:
		c.Precision = 3
	case KindTimeTZ, KindTimestampTZ:
		c.Type, c.Precision = c.Type+" with time zone", 3
	}
	return c
}

var hiveKinds = map[loglake.Kind]Type{
	loglake.KindBoolean: simple(KindBoolean), loglake.KindTinyInt: simple(KindTinyInt),
	loglake.KindSmallInt: simple(KindSmallInt), loglake.KindInt: simple(KindInteger), loglake.KindBigInt: simple(KindBigInt),
	loglake.KindFloat: simple(KindReal), loglake.KindDouble: simple(KindDouble), loglake.KindString: varchar(),
	loglake.KindBinary: simple(KindVarbinary), loglake.KindDate: simple(KindDate),
	loglake.KindTimestamp: {Kind: KindTimestamp, Precision: 3},
}

// TypeOfHive gives the type that Athena reads a column of a Hive type as.
func TypeOfHive(h loglake.HiveType) (Type, error) {
	switch h.Kind {
	case loglake.KindDecimal:
		return decimal(h.Precision, h.Scale), nil
	case loglake.KindVarchar:
		return Type{Kind: KindVarchar, Precision: h.Length}, nil
	case loglake.KindChar:
		return Type{Kind: KindChar, Precision: h.Length}, nil
	case loglake.KindArray, loglake.KindMap, loglake.KindStruct:
		t := Type{Kind: map[loglake.Kind]Kind{loglake.KindArray: KindArray, loglake.KindMap: KindMap, loglake.KindStruct: KindRow}[h.Kind]}
		for _, f := range h.Fields {
			ft, err := TypeOfHive(f.Type)
			if err != nil {
				return Type{}, err
			}
			t.Fields = append(t.Fields, Field{Name: strings.ToLower(f.Name), Type: ft})
		}
		return t, nil
	}
	t, ok := hiveKinds[h.Kind]
	if !ok {
		return Type{}, &Error{Code: CodeNotSupported, Message: "Unsupported Hive type: " + h.String()}
	}
	return t, nil
}

func (t Type) integral() bool { return t.Kind >= KindTinyInt && t.Kind <= KindBigInt }

func (t Type) numeric() bool { return t.Kind >= KindTinyInt && t.Kind <= KindDecimal }

// comparable tells whether = works on t; orderable whether < does too.
func (t Type) comparable() bool {
	for _, f := range t.Fields {
		if !f.Type.comparable() {
			return false
		}
	}
	return t.Kind != KindFunction
}

func (t Type) orderable() bool {
	for _, f := range t.Fields {
		if !f.Type.orderable() {
			return false
		}
	}
	return t.Kind != KindMap && t.Kind != KindJSON
}

func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// has tells whether the type, or one within it, is such a one.
func (t Type) has(such func(Type) bool) bool {
	return such(t) || slices.ContainsFunc(t.Fields, func(f Field) bool { return f.Type.has(such) })
}
