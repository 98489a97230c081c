package query

import (
	"strings"

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

// text names a file's column type, for signatures and messages.
func (e schemaElement) text() string {
	return e.physicalName() + " " + string(e.note)
}

// group tells whether a column has columns below it.
func (e schemaElement) group() bool { return e.children > 0 || e.physical == physicalNone }

var physicalNames = [...]string{"BOOLEAN", "INT32", "INT64", "INT96", "FLOAT", "DOUBLE", "BINARY", "FIXED_LEN_BYTE_ARRAY"}

// physicalName is the physical type as Trino spells it.
func (e schemaElement) physicalName() string {
	if e.group() || e.physical < 0 || int(e.physical) >= len(physicalNames) {
		return "group"
	}
	return physicalNames[e.physical]
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
func fits(t dialect.Type, c schemaElement) fit {
	nested := t.Kind == dialect.KindArray || t.Kind == dialect.KindMap || t.Kind == dialect.KindRow
	if nested != c.group() {
		return fitNot
	}
	if nested {
		return fitYes
	}
	switch t.Kind {
	case dialect.KindBoolean:
		return when(c.physical == physicalBoolean)
	case dialect.KindTinyInt, dialect.KindSmallInt, dialect.KindInteger, dialect.KindBigInt:
		return fitsInteger(t, c)
	case dialect.KindReal:
		return when(c.physical == physicalFloat)
	case dialect.KindDouble:
		return when(c.physical == physicalDouble || c.physical == physicalFloat)
	case dialect.KindDecimal:
		if c.note == annotDecimal || c.physical == physicalInt32 && (c.note == annotNone || c.note == annotInteger) {
			return fitYes
		}
		return fitNot
	case dialect.KindDate:
		return when(c.physical == physicalInt32 && (c.note == annotDate || c.note == annotNone))
	case dialect.KindTimestamp:
		return when(c.physical == physicalInt96 || c.physical == physicalInt64 && strings.HasPrefix(string(c.note), "TIMESTAMP"))
	case dialect.KindVarchar, dialect.KindChar, dialect.KindVarbinary:
		return fitsBytes(t, c)
	}
	return fitUnsupported
}

func when(ok bool) fit {
	if ok {
		return fitYes
	}
	return fitNot
}

func fitsInteger(t dialect.Type, c schemaElement) fit {
	switch {
	case c.note == annotDecimal:
		return when(c.scale == 0)
	case c.physical != physicalInt32 && c.physical != physicalInt64:
		return fitNot
	case c.note == annotNone || c.note == annotInteger:
		return fitYes
	case t.Kind == dialect.KindBigInt && c.physical == physicalInt64 && c.note != annotOther:
		return fitUnsupported // the raw value of a timestamp
	}
	return fitAnnotation
}

func fitsBytes(t dialect.Type, c schemaElement) fit {
	switch {
	case c.physical != physicalBinary && c.physical != physicalFixed:
		return fitNot
	case t.Kind == dialect.KindVarbinary:
		if c.note == annotText {
			return fitUnsupported
		}
		return when(c.note == annotNone)
	case c.note == annotText || c.note == annotNone:
		return fitYes
	}
	return fitAnnotation
}
