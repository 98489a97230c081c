package ddl

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/loglake/loglake"
)

// String gives the statement as SHOW CREATE TABLE prints it, trailing blanks included. Parse reads it back.
func (c *CreateTable) String() string {
	var b strings.Builder
	b.WriteString("CREATE EXTERNAL TABLE " + backquoted(c.Name.String()) + "(\n" + columnLines(c.Columns) + ")")
	if c.Comment != "" {
		b.WriteString("\nCOMMENT " + quoted(c.Comment))
	}
	if len(c.PartitionKeys) > 0 {
		b.WriteString("\nPARTITIONED BY ( \n" + columnLines(c.PartitionKeys) + ")")
	}
	if c.Buckets > 0 && len(c.BucketColumns) > 0 {
		b.WriteString("\nCLUSTERED BY ( \n  " + strings.Join(c.bucketNames(), ", \n  ") + ") \n")
		if len(c.SortColumns) > 0 {
			b.WriteString("SORTED BY ( \n  " + strings.Join(c.sortNames(), ", \n  ") + ") \n")
		}
		fmt.Fprintf(&b, "INTO %d BUCKETS", c.Buckets)
	}
	b.WriteString("\nROW FORMAT SERDE \n  " + quoted(c.Format.SerDe) + " ")
	if properties := withoutDefaultFormat(c.Format.SerDeProperties); len(properties) > 0 {
		b.WriteString("\nWITH SERDEPROPERTIES ( \n" + propertyLines(properties) + ") ")
	}
	b.WriteString("\nSTORED AS INPUTFORMAT \n  " + quoted(c.Format.InputFormat) + " \nOUTPUTFORMAT \n  " + quoted(c.Format.OutputFormat))
	b.WriteString("\nLOCATION\n  " + quoted(c.Location))
	if properties := shownProperties(c.Properties); len(properties) > 0 {
		b.WriteString("\nTBLPROPERTIES (\n" + propertyLines(properties) + ")")
	}
	return b.String()
}

func (c *CreateTable) bucketNames() []string {
	names := make([]string, len(c.BucketColumns))
	for i, name := range c.BucketColumns {
		names[i] = plainName(name)
	}
	return names
}

func (c *CreateTable) sortNames() []string {
	names := make([]string, len(c.SortColumns))
	for i, column := range c.SortColumns {
		names[i] = plainName(column.Name) + " ASC"
		if column.Descending {
			names[i] = plainName(column.Name) + " DESC"
		}
	}
	return names
}

func columnLines(columns []loglake.Column) string {
	lines := make([]string, len(columns))
	for i, column := range columns {
		lines[i] = "  " + backquoted(column.Name) + " " + column.Type
		if column.Comment != "" {
			lines[i] += " COMMENT " + quoted(column.Comment)
		}
	}
	return strings.Join(lines, ", \n")
}

func propertyLines(properties map[string]string) string {
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(properties)) {
		lines = append(lines, "  "+quoted(key)+"="+quoted(properties[key]))
	}
	return strings.Join(lines, ", \n")
}

// withoutDefaultFormat leaves out the property that every SerDe has.
func withoutDefaultFormat(properties map[string]string) map[string]string {
	if properties["serialization.format"] != "1" {
		return properties
	}
	rest := maps.Clone(properties)
	delete(rest, "serialization.format")
	return rest
}

// shownProperties leaves out the properties that other clauses say.
func shownProperties(properties map[string]string) map[string]string {
	rest := maps.Clone(properties)
	delete(rest, "EXTERNAL")
	delete(rest, "comment")
	return rest
}

func backquoted(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// plainName gives a name bare, as the CLUSTERED BY of SHOW CREATE TABLE does, where Parse would read it back.
func plainName(name string) string {
	tokens, err := lex(name)
	if err != nil || len(tokens) != 2 || tokens[0].kind != tokenWord || tokens[0].text != name || isReserved(name) {
		return backquoted(name)
	}
	return name
}

var quoting = strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`, "\x00", `\000`)

func quoted(text string) string { return "'" + quoting.Replace(text) + "'" }
