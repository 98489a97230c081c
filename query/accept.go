package query

import (
	"strings"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"

	"github.com/loglake/loglake/query/dialect"
)

// annotation is what a Parquet column says about its physical type, old and new spellings alike.
type annotation string

const (
	annotNone      annotation = ""
	annotText      annotation = "text" // STRING, ENUM, JSON
	annotDecimal   annotation = "DECIMAL"
	annotDate      annotation = "DATE"
	annotInteger   annotation = "INTEGER"
	annotTimeOfDay annotation = "TIME"
	annotMillis    annotation = "TIMESTAMP(MILLIS)"
	annotMicros    annotation = "TIMESTAMP(MICROS)"
	annotNanos     annotation = "TIMESTAMP(NANOS)"
	annotOther     annotation = "other"
)

func annotationOf(e format.SchemaElement) annotation {
	switch v := e.LogicalType.Value.(type) {
	case nil:
	case *format.StringType, *format.EnumType, *format.JsonType:
		return annotText
	case *format.DecimalType:
		return annotDecimal
	case *format.DateType:
		return annotDate
	case *format.IntType:
		return annotInteger
	case *format.TimeType:
		return annotTimeOfDay
	case *format.TimestampType:
		switch v.Unit.Value.(type) {
		case *format.MilliSeconds:
			return annotMillis
		case *format.MicroSeconds:
			return annotMicros
		}
		return annotNanos
	default:
		return annotOther
	}
	if !e.ConvertedType.Valid {
		return annotNone
	}
	switch t := e.ConvertedType.V; {
	case t == deprecated.UTF8 || t == deprecated.Enum || t == deprecated.Json:
		return annotText
	case t == deprecated.Decimal:
		return annotDecimal
	case t == deprecated.Date:
		return annotDate
	case t == deprecated.TimeMillis || t == deprecated.TimeMicros:
		return annotTimeOfDay
	case t == deprecated.TimestampMillis:
		return annotMillis
	case t == deprecated.TimestampMicros:
		return annotMicros
	case t >= deprecated.Uint8 && t <= deprecated.Int64:
		return annotInteger
	}
	return annotOther
}

// text names a file's column type, for signatures and messages.
func (c fileColumn) text() string {
	if c.group {
		return "group"
	}
	return physicalName(c.element) + " " + string(annotationOf(c.element))
}

// physicalName is the physical type as Trino spells it.
func physicalName(e format.SchemaElement) string {
	if !e.Type.Valid {
		return "group"
	}
	if e.Type.V == format.ByteArray {
		return "BINARY"
	}
	return e.Type.V.String()
}

// fit says how a file's column serves a table's column.
type fit int

const (
	fitYes         fit = iota
	fitNot             // the physical types do not go together: HIVE_BAD_DATA
	fitAnnotation      // they do, the annotation does not: NOT_SUPPORTED
	fitUnsupported     // Athena reads it, this server does not
)

// fits is the acceptance matrix of Trino's Parquet reader; DuckDB alone would cast anything. Nested types are compared
// by their outermost shape.
func fits(t dialect.Type, c fileColumn) fit {
	nested := t.Kind == dialect.KindArray || t.Kind == dialect.KindMap || t.Kind == dialect.KindRow
	if nested != c.group {
		return fitNot
	}
	if nested {
		return fitYes
	}
	physical, note := c.element.Type.V, annotationOf(c.element)
	switch t.Kind {
	case dialect.KindBoolean:
		return when(physical == format.Boolean)
	case dialect.KindTinyInt, dialect.KindSmallInt, dialect.KindInteger, dialect.KindBigInt:
		return fitsInteger(t, c.element, note)
	case dialect.KindReal:
		return when(physical == format.Float)
	case dialect.KindDouble:
		return when(physical == format.Double || physical == format.Float)
	case dialect.KindDecimal:
		if note == annotDecimal || physical == format.Int32 && (note == annotNone || note == annotInteger) {
			return fitYes
		}
		return fitNot
	case dialect.KindDate:
		return when(physical == format.Int32 && (note == annotDate || note == annotNone))
	case dialect.KindTimestamp:
		return when(physical == format.Int96 || physical == format.Int64 && strings.HasPrefix(string(note), "TIMESTAMP"))
	case dialect.KindVarchar, dialect.KindChar, dialect.KindVarbinary:
		return fitsBytes(t, physical, note)
	}
	return fitUnsupported
}

func when(ok bool) fit {
	if ok {
		return fitYes
	}
	return fitNot
}

func fitsInteger(t dialect.Type, e format.SchemaElement, note annotation) fit {
	physical := e.Type.V
	switch {
	case note == annotDecimal:
		return when(!e.Scale.Valid || e.Scale.V == 0)
	case physical != format.Int32 && physical != format.Int64:
		return fitNot
	case note == annotNone || note == annotInteger:
		return fitYes
	case t.Kind == dialect.KindBigInt && physical == format.Int64 && note != annotOther:
		return fitUnsupported // the raw value of a timestamp
	}
	return fitAnnotation
}

func fitsBytes(t dialect.Type, physical format.Type, note annotation) fit {
	switch {
	case physical != format.ByteArray && physical != format.FixedLenByteArray:
		return fitNot
	case t.Kind == dialect.KindVarbinary:
		if note == annotText {
			return fitUnsupported
		}
		return when(note == annotNone)
	case note == annotText || note == annotNone:
		return fitYes
	}
	return fitAnnotation
}
