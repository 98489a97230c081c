package catalog

import (
	"maps"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog/ddl"
)

// InputOf gives the definition that Athena makes of a CREATE EXTERNAL TABLE at an instant.
func InputOf(c *ddl.CreateTable, now time.Time) TableInput {
	in := TableInput{
		Name: c.Name.Table, Description: c.Comment, Owner: "hadoop", TableType: "EXTERNAL_TABLE",
		PartitionKeys: GlueColumns(c.PartitionKeys),
		StorageDescriptor: &StorageDescriptor{
			Columns: GlueColumns(c.Columns), Location: c.Location,
			InputFormat: c.Format.InputFormat, OutputFormat: c.Format.OutputFormat,
			NumberOfBuckets: int32(c.Buckets), BucketColumns: c.BucketColumns, SortColumns: []Order{},
			SerdeInfo: &SerDeInfo{SerializationLibrary: c.Format.SerDe, Parameters: map[string]string{"serialization.format": "1"}},
		},
		Parameters: map[string]string{},
	}
	maps.Copy(in.StorageDescriptor.SerdeInfo.Parameters, c.Format.SerDeProperties)
	for _, column := range c.SortColumns {
		order := Order{Column: column.Name, SortOrder: 1}
		if column.Descending {
			order.SortOrder = 0
		}
		in.StorageDescriptor.SortColumns = append(in.StorageDescriptor.SortColumns, order)
	}
	maps.Copy(in.Parameters, c.Properties)
	in.Parameters["EXTERNAL"] = "TRUE"
	in.Parameters["transient_lastDdlTime"] = strconv.FormatInt(now.Unix(), 10)
	if c.Comment != "" {
		in.Parameters["comment"] = c.Comment
	}
	return in
}

// StatementOf gives the CREATE EXTERNAL TABLE that makes a table, for SHOW CREATE TABLE.
func StatementOf(t Table) *ddl.CreateTable {
	c := &ddl.CreateTable{
		Name: ddl.Name{Database: t.DatabaseName, Table: t.Name}, Comment: t.Parameters["comment"], Buckets: -1,
		PartitionKeys: PlainColumns(t.PartitionKeys), Properties: maps.Clone(t.Parameters),
	}
	if c.Comment == "" {
		c.Comment = t.Description
	}
	sd := t.StorageDescriptor
	if sd == nil {
		return c
	}
	c.Columns, c.Location, c.BucketColumns, c.Buckets = PlainColumns(sd.Columns), sd.Location, sd.BucketColumns, int(sd.NumberOfBuckets)
	c.Format = ddl.Format{InputFormat: sd.InputFormat, OutputFormat: sd.OutputFormat}
	if sd.SerdeInfo != nil {
		c.Format.SerDe, c.Format.SerDeProperties = sd.SerdeInfo.SerializationLibrary, sd.SerdeInfo.Parameters
	}
	for _, order := range sd.SortColumns {
		c.SortColumns = append(c.SortColumns, ddl.SortColumn{Name: order.Column, Descending: order.SortOrder == 0})
	}
	return c
}

// GlueColumns gives columns as Glue has them.
func GlueColumns(columns []loglake.Column) []Column {
	out := make([]Column, len(columns))
	for i, c := range columns {
		out[i] = Column{Name: c.Name, Type: c.Type, Comment: c.Comment}
	}
	return out
}

// NamePattern reads the patterns by which Glue and Hive filter names: a regular expression for the whole name, in which
// a * that follows nothing it could repeat means .*, so that "a*|*b" works too. Case does not matter. An empty pattern
// gives nil, which stands for all names. CodeInvalid where the pattern is none.
func NamePattern(pattern string) (match func(name string) bool, err error) {
	if pattern == "" {
		return nil, nil
	}
	var b strings.Builder
	for i, r := range pattern {
		if r == '*' && (i == 0 || !strings.ContainsRune(".)]", rune(pattern[i-1]))) {
			b.WriteByte('.')
		}
		b.WriteRune(r)
	}
	re, err := regexp.Compile("(?is)^(?:" + b.String() + ")$")
	if err != nil {
		return nil, &loglake.Error{Code: loglake.CodeInvalid, Message: "Invalid expression: " + pattern + " is not a regular expression", Err: err}
	}
	return re.MatchString, nil
}
