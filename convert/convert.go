// Package convert turns JSON records into typed columns by the schema of a catalog table, and columns into Parquet, as
// Amazon Data Firehose's record format conversion does with its OpenX JSON deserializer.
//
// A Converter is what is known before the first record: the columns, and which JSON keys fill them. Its ChunkBuilder
// takes records one by one (Add), each in one pass from the record's bytes into column buffers, and gives a Chunk, which
// is immutable. WriteParquet makes one file of chunks, sorted by a column. A record that does not convert is a Reject
// with Firehose's code and text, and leaves nothing behind.
//
//	record ─► scan.go (JSON, Jackson's refusals) ─► fields.go (key → column) ─► value.go (coercions) ─► chunk ─► parquet.go
//
// The rules rest on AWS's page "Convert input data format in Amazon Data Firehose" and on what the service was seen to
// do; docs/benchmarks/convert.md has the speed. Where the service was never seen, the choice made here is in this file's
// and value.go's comments:
//
//   - A key that comes twice in an object: the last one wins, as in Jackson's trees.
//   - Text that is not UTF-8 is malformed JSON, as it is for Jackson reading bytes; half a surrogate pair written as \u
//     escapes becomes U+FFFD.
//   - A top-level array is one row by position, as an array in a struct column is; an array of objects is refused.
//   - Of a record that holds a good and a bad object nothing is kept.
//   - Nested column types (array, map, struct) are refused when the Converter is made.
package convert

import (
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/convert/internal/parquet"
)

// The size that callers close a chunk at: a chunk is what hot rows are held in, so it is small enough to be dropped and
// exported alone. ChunkBuilder itself takes what it is given.
const (
	ChunkRowsMax  = 16384
	ChunkBytesMax = 4 << 20
)

// RecordRowBytesMax bounds the memory of the rows of one record, without their text: a record may be many objects, each
// of two bytes, and a row of a wide table takes far more. A record beyond it does not convert.
const RecordRowBytesMax = 32 << 20

// RowBytes is the memory that a row of a schema takes at least.
func RowBytes(s loglake.Schema) int64 { return cellBytes * int64(len(s.Columns)) }

// cellBytes is the memory of a value without its text.
const cellBytes = 9

// Config says what to convert to.
type Config struct {
	Schema loglake.Schema // the table's columns without partition keys; at least one
	SerDe  SerDe          // zero: Firehose's defaults
}

// SerDe holds the options of Firehose's OpenXJsonSerDe. The zero value is what Firehose does when none is given.
// https://docs.aws.amazon.com/firehose/latest/APIReference/API_OpenXJsonSerDe.html
type SerDe struct {
	// CaseSensitive is CaseInsensitive=false: keys must equal column names exactly. Otherwise keys are lower-cased, at
	// every depth of what is kept as JSON text too.
	CaseSensitive bool
	// ConvertDots is ConvertDotsInJsonKeysToUnderscores: the key "a.b" fills the column a_b.
	ConvertDots bool
	// Mappings is ColumnToJsonKeyMappings: a column that is listed takes the value of this key instead of its own name's.
	Mappings map[string]string
}

// Converter converts records to one schema. It is immutable: any number of chunks can be built from it at once.
type Converter struct {
	schema  loglake.Schema
	serde   SerDe
	columns []target
	byKey   map[string][]int32 // normalized key → columns that it fills
}

// target is a column to fill.
type target struct {
	name  string
	hive  loglake.HiveType
	field parquet.Field
}

// New makes a Converter. The error is CodeUnsupported for a nested column, naming it and its type, and CodeInvalid for a
// schema that no file could have: no columns, a type that is none, two columns whose names differ in case only.
func New(config Config) (*Converter, error) {
	table := config.Schema.Database + "." + config.Schema.Table
	if len(config.Schema.Columns) == 0 {
		return nil, loglake.Errorf(loglake.CodeInvalid, "The table %s has no columns, so there is nothing to convert records to.", table)
	}
	c := &Converter{schema: config.Schema, serde: config.SerDe, byKey: make(map[string][]int32)}
	mapped := make(map[string]string, len(config.SerDe.Mappings))
	for column, key := range config.SerDe.Mappings {
		mapped[strings.ToLower(column)] = key
	}
	seen := make(map[string]bool)
	for i, column := range config.Schema.Columns {
		t, err := newTarget(column, table)
		if err != nil {
			return nil, err
		}
		if seen[t.name] {
			return nil, loglake.Errorf(loglake.CodeInvalid, "The table %s has two columns named %q (names are compared without case).", table, t.name)
		}
		seen[t.name] = true
		c.columns = append(c.columns, t)
		key, ok := mapped[t.name]
		if !ok {
			key = column.Name
		}
		key = c.normalize(key)
		c.byKey[key] = append(c.byKey[key], int32(i))
	}
	return c, nil
}

// Schema gives the schema that c was made with.
func (c *Converter) Schema() loglake.Schema { return c.schema }

// normalize gives key as keys and column names are compared.
func (c *Converter) normalize(key string) string {
	if !c.serde.CaseSensitive {
		key = strings.ToLower(key)
	}
	if c.serde.ConvertDots {
		key = strings.ReplaceAll(key, ".", "_")
	}
	return key
}

func newTarget(column loglake.Column, table string) (target, error) {
	t, err := loglake.ParseHiveType(column.Type)
	if err != nil {
		return target{}, err
	}
	if t.Nested() {
		return target{}, loglake.Errorf(loglake.CodeUnsupported,
			"Column %q of table %s has the type %s. Conversion to nested types (array, map, struct) is not there yet: a column of type string takes the value as JSON text.",
			column.Name, table, t)
	}
	name := strings.ToLower(column.Name)
	return target{name: name, hive: t, field: fieldOf(name, t)}, nil
}

// fieldOf gives the Parquet column of a scalar Hive type. Timestamps are INT64 microseconds that are not "adjusted to
// UTC": a Hive timestamp has no zone, Athena and Trino read either form as it stands, but DuckDB, Arrow and Spark make a
// zoned type of an adjusted one, which compares and prints otherwise.
func fieldOf(name string, t loglake.HiveType) parquet.Field {
	f := parquet.Field{Name: name}
	switch t.Kind {
	case loglake.KindBoolean:
		f.Physical = parquet.Boolean
	case loglake.KindTinyInt:
		f.Physical, f.Logical = parquet.Int32, parquet.Int8
	case loglake.KindSmallInt:
		f.Physical, f.Logical = parquet.Int32, parquet.Int16
	case loglake.KindInt:
		f.Physical = parquet.Int32
	case loglake.KindBigInt:
		f.Physical = parquet.Int64
	case loglake.KindFloat:
		f.Physical = parquet.Float
	case loglake.KindDouble:
		f.Physical = parquet.Double
	case loglake.KindDecimal:
		f.Physical, f.Logical = parquet.Fixed, parquet.Decimal
		f.Precision, f.Scale, f.Length = t.Precision, t.Scale, decimalBytes(t.Precision)
	case loglake.KindString, loglake.KindVarchar, loglake.KindChar:
		f.Physical, f.Logical = parquet.ByteArray, parquet.String
	case loglake.KindBinary:
		f.Physical = parquet.ByteArray
	case loglake.KindDate:
		f.Physical, f.Logical = parquet.Int32, parquet.Date
	case loglake.KindTimestamp:
		f.Physical, f.Logical = parquet.Int64, parquet.Timestamp
	}
	return f
}
