package engine

// Kind is the physical kind of a result column.
type Kind string

// The kinds, named as DuckDB names its types. Anything else can't be a result.
const (
	Boolean     Kind = "BOOLEAN"
	TinyInt     Kind = "TINYINT"
	SmallInt    Kind = "SMALLINT"
	Integer     Kind = "INTEGER"
	BigInt      Kind = "BIGINT"
	HugeInt     Kind = "HUGEINT"
	Float       Kind = "FLOAT"
	Double      Kind = "DOUBLE"
	Decimal     Kind = "DECIMAL" // Width, Scale; carried as its unscaled integer
	Varchar     Kind = "VARCHAR"
	Blob        Kind = "BLOB"
	Date        Kind = "DATE"         // days since 1970-01-01
	Time        Kind = "TIME"         // microseconds of the day
	TimestampS  Kind = "TIMESTAMP_S"  // seconds since 1970-01-01T00:00:00
	TimestampMS Kind = "TIMESTAMP_MS" // milliseconds
	Timestamp   Kind = "TIMESTAMP"    // microseconds
	TimestampNS Kind = "TIMESTAMP_NS" // nanoseconds
	TimestampTZ Kind = "TIMESTAMPTZ"  // microseconds, UTC
	Interval    Kind = "INTERVAL"     // months, days and microseconds
	UUID        Kind = "UUID"
	Null        Kind = "NULL"
	List        Kind = "LIST"   // Fields[0] is the element
	Map         Kind = "MAP"    // Fields[0] is the entry, a struct of key and value
	Struct      Kind = "STRUCT" // Fields are the members
)

// Type is a result column's type.
type Type struct {
	Kind   Kind
	Width  int     `json:",omitempty"` // Decimal: digits in all
	Scale  int     `json:",omitempty"` // Decimal: digits after the point
	Fields []Field `json:",omitempty"`
}

// Field is a column of a result or a part of a nested type.
type Field struct {
	Name string
	Type Type
}

// bytesPer is the size of one value of a kind with a fixed size, 0 for the others.
func (t Type) bytesPer() int {
	switch t.Kind {
	case Boolean, TinyInt, Null:
		return 1
	case SmallInt:
		return 2
	case Integer, Float, Date:
		return 4
	case BigInt, Double, Time, TimestampS, TimestampMS, Timestamp, TimestampNS, TimestampTZ:
		return 8
	case HugeInt, Interval, UUID:
		return 16
	case Decimal:
		switch {
		case t.Width <= 4:
			return 2
		case t.Width <= 9:
			return 4
		case t.Width <= 18:
			return 8
		}
		return 16
	}
	return 0
}

func (t Type) variable() bool { return t.Kind == Varchar || t.Kind == Blob }
