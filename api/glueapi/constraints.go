package glueapi

import (
	"fmt"
	"regexp"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
)

// Lengths of the model, in characters.
const (
	descriptionMax  = 2048
	commentMax      = 255
	typeMax         = 131072
	locationMax     = 2056
	formatMax       = 128
	parameterMax    = 512000
	partValueMax    = 1024
	viewTextMax     = 409600
	tableTypeMax    = 255
	locationURIMax  = 1024
	expressionMax   = 2048
	indexesMax      = 3
	tagKeyMax       = 128
	tagValueMax     = 256
	resourceARNMax  = 10240
	searchTextMax   = 1024
	untagMax        = 50
	batchDeleteMax  = 100
	batchCreateMax  = 100
	batchRemoveMax  = 25
	batchGetMax     = 1000
	statisticsMax   = 25
	statisticsNames = 100
)

// singleLine is what comments may hold: no line breaks, no control characters but the tab.
var singleLine = regexp.MustCompile(`^[\x{20}-\x{FFFD}\x{10000}-\x{10FFFF}\t]*$`)

const singleLineSpelling = `[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*`

func line(c *awsjson.Constraints, member, value string, most int) {
	c.Length(member, value, 0, most)
	c.Pattern(member, value, singleLine, singleLineSpelling)
}

func parameters(c *awsjson.Constraints, member string, p map[string]string) {
	for key, value := range p {
		c.Length(member+".key", key, 1, nameMax)
		c.Length(member+"."+key, value, 0, parameterMax)
	}
}

func columns(c *awsjson.Constraints, member string, list []catalog.Column) {
	for i, column := range list {
		at := fmt.Sprintf("%s.%d.member", member, i+1)
		c.Length(at+".name", column.Name, 1, nameMax)
		line(c, at+".type", column.Type, typeMax)
		line(c, at+".comment", column.Comment, commentMax)
		parameters(c, at+".parameters", column.Parameters)
	}
}

func storage(c *awsjson.Constraints, member string, sd *catalog.StorageDescriptor) {
	if sd == nil {
		return
	}
	columns(c, member+".columns", sd.Columns)
	c.Length(member+".location", sd.Location, 0, locationMax)
	c.Length(member+".inputFormat", sd.InputFormat, 0, formatMax)
	c.Length(member+".outputFormat", sd.OutputFormat, 0, formatMax)
	parameters(c, member+".parameters", sd.Parameters)
	if sd.SerdeInfo != nil {
		parameters(c, member+".serdeInfo.parameters", sd.SerdeInfo.Parameters)
	}
	for i, order := range sd.SortColumns {
		c.Range(fmt.Sprintf("%s.sortColumns.%d.member.sortOrder", member, i+1), int64(order.SortOrder), 0, 1)
	}
}

func tableInput(c *awsjson.Constraints, in *catalog.TableInput) {
	c.Required("tableInput", in)
	if in == nil {
		return
	}
	c.Length("tableInput.name", in.Name, 1, nameMax)
	c.Pattern("tableInput.name", in.Name, singleLine, singleLineSpelling)
	c.Length("tableInput.description", in.Description, 0, descriptionMax)
	c.Length("tableInput.owner", in.Owner, 0, nameMax)
	c.Range("tableInput.retention", int64(in.Retention), 0, 1<<31-1)
	c.Length("tableInput.viewOriginalText", in.ViewOriginalText, 0, viewTextMax)
	c.Length("tableInput.viewExpandedText", in.ViewExpandedText, 0, viewTextMax)
	c.Length("tableInput.tableType", in.TableType, 0, tableTypeMax)
	columns(c, "tableInput.partitionKeys", in.PartitionKeys)
	parameters(c, "tableInput.parameters", in.Parameters)
	storage(c, "tableInput.storageDescriptor", in.StorageDescriptor)
}

func databaseInput(c *awsjson.Constraints, in *catalog.DatabaseInput) {
	c.Required("databaseInput", in)
	if in == nil {
		return
	}
	c.Length("databaseInput.name", in.Name, 1, nameMax)
	c.Pattern("databaseInput.name", in.Name, singleLine, singleLineSpelling)
	c.Length("databaseInput.description", in.Description, 0, descriptionMax)
	c.Length("databaseInput.locationUri", in.LocationURI, 0, locationURIMax)
	parameters(c, "databaseInput.parameters", in.Parameters)
}

func partitionInput(c *awsjson.Constraints, member string, in *catalog.PartitionInput) {
	c.Required(member, in)
	if in == nil {
		return
	}
	partitionValues(c, member+".values", in.Values)
	parameters(c, member+".parameters", in.Parameters)
	storage(c, member+".storageDescriptor", in.StorageDescriptor)
}

func partitionValues(c *awsjson.Constraints, member string, values []string) {
	for i, value := range values {
		c.Length(fmt.Sprintf("%s.%d.member", member, i+1), value, 1, partValueMax)
	}
}

// list notes a required list that is missing or too long.
func list[T any](c *awsjson.Constraints, member string, values []T, most int) {
	c.Required(member, values)
	if values != nil {
		c.Length(member, values, 0, most)
	}
}
