package ddl

import (
	"strings"

	"github.com/loglake/loglake"
)

// The classes of Parquet tables, the format that loglake reads and writes.
const (
	ParquetInputFormat  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
	ParquetOutputFormat = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
	ParquetSerDe        = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
)

const (
	textInputFormat  = "org.apache.hadoop.mapred.TextInputFormat"
	textOutputFormat = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
	lazySerDe        = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
)

// formatNamed gives the classes behind STORED AS name.
func formatNamed(name string) (Format, bool) {
	switch strings.ToUpper(name) {
	case "PARQUET":
		return Format{InputFormat: ParquetInputFormat, OutputFormat: ParquetOutputFormat, SerDe: ParquetSerDe}, true
	case "ORC":
		return Format{
			InputFormat:  "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
			OutputFormat: "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
			SerDe:        "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
		}, true
	case "AVRO":
		return Format{
			InputFormat:  "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
			OutputFormat: "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
			SerDe:        "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
		}, true
	case "TEXTFILE":
		return Format{InputFormat: textInputFormat, OutputFormat: textOutputFormat, SerDe: lazySerDe}, true
	case "SEQUENCEFILE":
		return Format{
			InputFormat:  "org.apache.hadoop.mapred.SequenceFileInputFormat",
			OutputFormat: "org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat",
			SerDe:        lazySerDe,
		}, true
	case "RCFILE":
		return Format{
			InputFormat:  "org.apache.hadoop.hive.ql.io.RCFileInputFormat",
			OutputFormat: "org.apache.hadoop.hive.ql.io.RCFileOutputFormat",
			SerDe:        "org.apache.hadoop.hive.serde2.columnar.LazyBinaryColumnarSerDe",
		}, true
	case "JSONFILE":
		return Format{InputFormat: textInputFormat, OutputFormat: textOutputFormat, SerDe: "org.apache.hive.hcatalog.data.JsonSerDe"}, true
	}
	return Format{}, false
}

// format reads ROW FORMAT, STORED AS and WITH SERDEPROPERTIES, each of which may be absent.
func (p *parser) format(body *CreateTable) *Error {
	serde, properties, err := p.rowFormat()
	if err != nil {
		return err
	}
	stored, written, err := p.storedAs()
	if err != nil {
		return err
	}
	if p.peek(0).is("WITH") && p.peek(1).is("SERDEPROPERTIES") && properties == nil {
		if properties, err = p.serdeProperties(); err != nil {
			return err
		}
	}
	switch {
	case serde == ParquetSerDe && !written:
		stored, _ = formatNamed("PARQUET")
	case serde != "":
		stored.SerDe = serde
	}
	stored.SerDeProperties = properties
	body.Format = stored
	return nil
}

// rowFormat gives the SerDe's class and properties; "" and nil where the text leaves them open.
func (p *parser) rowFormat() (serde string, properties map[string]string, err *Error) {
	if !p.take("ROW") {
		return "", nil, nil
	}
	if err = p.expect("FORMAT"); err != nil {
		return "", nil, err
	}
	if p.take("DELIMITED") {
		properties, err = p.delimited()
		return lazySerDe, properties, err
	}
	if !p.take("SERDE") {
		return "", nil, p.mismatch("'DELIMITED'", "'SERDE'")
	}
	if serde, err = p.text(); err == nil && p.peek(0).is("WITH") {
		properties, err = p.serdeProperties()
	}
	return serde, properties, err
}

func (p *parser) serdeProperties() (map[string]string, *Error) {
	if err := p.expect("WITH", "SERDEPROPERTIES"); err != nil {
		return nil, p.noViable()
	}
	return p.properties()
}

// delimited reads the clauses of ROW FORMAT DELIMITED into the properties of LazySimpleSerDe. The misspelt
// colelction.delim is Hive's own.
func (p *parser) delimited() (map[string]string, *Error) {
	properties := make(map[string]string)
	for _, clause := range []struct {
		words    []string
		property string
	}{
		{[]string{"FIELDS", "TERMINATED", "BY"}, "field.delim"},
		{[]string{"ESCAPED", "BY"}, "escape.delim"},
		{[]string{"COLLECTION", "ITEMS", "TERMINATED", "BY"}, "colelction.delim"},
		{[]string{"MAP", "KEYS", "TERMINATED", "BY"}, "mapkey.delim"},
		{[]string{"LINES", "TERMINATED", "BY"}, "line.delim"},
		{[]string{"NULL", "DEFINED", "AS"}, "serialization.null.format"},
	} {
		if !p.take(clause.words...) {
			continue
		}
		text, err := p.text()
		if err != nil {
			return nil, err
		}
		properties[clause.property] = text
		if clause.property == "field.delim" {
			properties["serialization.format"] = text
		}
	}
	return properties, nil
}

// storedAs reads STORED AS; written is false where the clause is absent, which means text files.
func (p *parser) storedAs() (f Format, written bool, err *Error) {
	if !p.take("STORED") {
		f, _ = formatNamed("TEXTFILE")
		return f, false, nil
	}
	if p.peek(0).is("BY") {
		return f, true, refused("STORED BY")
	}
	if err = p.expect("AS"); err != nil {
		return f, true, err
	}
	if p.take("INPUTFORMAT") {
		f.SerDe = lazySerDe
		if f.InputFormat, err = p.text(); err == nil {
			err = p.expect("OUTPUTFORMAT")
		}
		if err == nil {
			f.OutputFormat, err = p.text()
		}
		if f.InputFormat == ParquetInputFormat {
			f.SerDe = ParquetSerDe
		}
		return f, true, err
	}
	t := p.peek(0)
	f, ok := formatNamed(t.text)
	if !ok || t.kind != tokenWord {
		err := errorAt(p.sql, t.start, "Unrecognized file format in STORED AS clause: '%s'", p.source(t))
		err.Code = loglake.CodeUnsupported
		return f, true, err
	}
	p.pos++
	return f, true, nil
}
