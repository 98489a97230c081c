package pipeline

import (
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog/ddl"
	"github.com/loglake/loglake/internal/spelling"
)

const mappingKind = yaml.MappingNode

func (d *decoder) table(m member) Table {
	t := Table{Name: m.name}
	var given map[string]member
	d.object(m.node, m.path, tableKeys(), func(m member) {
		if given == nil {
			given = map[string]member{}
		}
		given[m.name] = m
		switch m.name {
		case "columns":
			d.names(m, "COLUMN", func(m member) { t.Columns = append(t.Columns, d.column(m)) })
		case "partition_by":
			t.PartitionBy, _ = d.text(m)
		case "location":
			t.Location, _ = d.text(m)
		case "comment":
			t.Comment, _ = d.text(m)
		}
	})
	statement, isDDL := given["ddl"]
	if !isDDL {
		t.PartitionKeys = []loglake.Column{{Name: dayKey, Type: "string"}}
		return t
	}
	for _, name := range []string{"columns", "comment", "location"} {
		if other, both := given[name]; both {
			d.wrong(other.node, "%s: the DDL says it already; a table has ddl, or columns, comment and location", other.path)
			d.broken[t.Name] = true
			return t
		}
	}
	before := len(d.problems)
	if d.ddl(statement, &t); len(d.problems) > before {
		d.broken[t.Name] = true
	}
	return t
}

func (d *decoder) column(m member) Column {
	c := Column{Name: m.name}
	if m.kind == mappingKind {
		d.object(m.node, m.path, columnKeys(), func(m member) {
			switch m.name {
			case "type":
				c.Type, _ = d.text(m)
			case "key":
				c.Key, _ = d.text(m)
			case "comment":
				c.Comment, _ = d.text(m)
			}
		})
	} else if m.null() {
		d.wrong(m.node, "%s has no type; write %s: string", m.path, m.name)
	} else {
		c.Type, _ = d.text(m)
	}
	if c.Type == "" {
		return c
	}
	kind, err := loglake.ParseHiveType(c.Type)
	if err != nil {
		d.columnType(m, c, err)
	} else {
		c.Type = kind.String()
	}
	return c
}

// likely are types that people write and Hive does not have, with Hive's.
var likely = map[string]string{
	"text": "string", "str": "string", "varchar": "string", "char": "string", "json": "string", "uuid": "string", "number": "double", "float64": "double", "numeric": "decimal(18,2)",
	"long": "bigint", "int64": "bigint", "int32": "int", "short": "smallint", "bool": "boolean", "datetime": "timestamp", "time": "timestamp",
	"timestamptz": "timestamp", "bytes": "binary", "list": "string", "object": "string",
}

func (d *decoder) columnType(m member, c Column, err error) {
	kinds := []string{"boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "decimal", "string", "varchar", "char", "binary", "date", "timestamp"}
	if n := strings.Count(c.Type, "(") + strings.Count(c.Type, "<"); n > strings.Count(c.Type, ")")+strings.Count(c.Type, ">") {
		d.wrong(m.node, "%s: %q ends at a comma; between { and } write the type in quotes: %s: '%s,…'", m.path, c.Type, m.name, c.Type)
		return
	}
	wanted, ok := likely[strings.ToLower(c.Type)]
	if !ok {
		wanted, ok = spelling.Nearest(c.Type, kinds)
	}
	if ok && !strings.EqualFold(wanted, c.Type) {
		d.wrong(m.node, "%s: %q is not a type; did you mean %s?", m.path, c.Type, wanted)
		return
	}
	d.wrong(m.node, "%s: %s", m.path, said(err))
}

// parquetSerDe is how Hive reads Parquet, which is what streams write.
const parquetSerDe = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"

func (d *decoder) ddl(m member, t *Table) {
	text, ok := d.text(m)
	if !ok {
		return
	}
	statement, err := ddl.Parse(text)
	if err != nil {
		d.wrong(m.node, "%s: %s", m.path, said(err))
		return
	}
	create, isTable := statement.Body.(*ddl.CreateTable)
	if !isTable {
		d.wrong(m.node, "%s: the statement has to be CREATE EXTERNAL TABLE", m.path)
		return
	}
	if err := create.Check(); err != nil {
		d.wrong(m.node, "%s: %s", m.path, said(err))
		return
	}
	if name := create.Name.Table; name != t.Name {
		d.wrong(m.node, "%s: the statement makes the table %s, and the file calls it %s", m.path, name, t.Name)
	}
	if create.Name.Database != "" {
		d.wrong(m.node, "%s: leave %s. out of the statement; the database is the file's", m.path, create.Name.Database)
	}
	if create.Format.SerDe != parquetSerDe {
		d.wrong(m.node, "%s: the table has to be STORED AS PARQUET, which is what streams write", m.path)
	}
	if len(create.Columns) == 0 {
		d.wrong(m.node, "%s: the table has no columns", m.path)
	}
	if create.Buckets > 0 {
		d.wrong(m.node, "%s: streams write no buckets; leave CLUSTERED BY out", m.path)
	}
	for _, c := range create.Columns {
		t.Columns = append(t.Columns, Column{Name: c.Name, Type: c.Type, Comment: c.Comment})
	}
	t.Comment, t.PartitionKeys, t.Location, t.Properties = create.Comment, create.PartitionKeys, create.Location, create.Properties
}
