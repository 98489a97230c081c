package query

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/loglake/loglake/query/dialect"
)

// pathColumn is the hidden column with the file that a row is from.
const pathColumn = "$path"

// unionMax is up to how many partitions a scan is printed as one SELECT per partition. That keeps partition columns
// constants, which DuckDB computes with for nothing; beyond it they are joined by file name, which costs a look-up per
// row but keeps planning fast.
const unionMax = 512

// scanPlan is one use of a table in a query: what it reads.
type scanPlan struct {
	scan    *dialect.Scan
	view    *tableView
	parts   []*partition
	columns []dialect.Column // that the query needs, in the order of scan.Columns
	exact   map[string]bool  // timestamp columns that no file holds finer than milliseconds
	textual bool             // whether unannotated binary columns are read as text
}

func newScanPlan(scan *dialect.Scan, view *tableView) *scanPlan {
	p := &scanPlan{scan: scan, view: view, parts: view.matching(scan), exact: map[string]bool{}, textual: true}
	for _, name := range scan.Columns {
		i := slices.IndexFunc(scan.Table.Columns, func(c dialect.Column) bool { return c.Name == name })
		p.columns = append(p.columns, scan.Table.Columns[i])
	}
	return p
}

func (p *scanPlan) files() []*tableFile {
	var all []*tableFile
	for _, part := range p.parts {
		all = append(all, part.files...)
	}
	return all
}

// stored gives the needed columns that come out of files.
func (p *scanPlan) stored() []dialect.Column {
	return slices.DeleteFunc(slices.Clone(p.columns), func(c dialect.Column) bool { return c.Partition || c.Hidden })
}

// check holds the files' columns against the table's, and gives the compressed bytes of those that are read. Row
// groups that DuckDB skips by their statistics are counted too.
func (p *scanPlan) check() (scanned int64, err error) {
	for _, c := range p.stored() {
		p.exact[c.Name] = c.Type.Kind == dialect.KindTimestamp
		if c.Type.Kind == dialect.KindVarbinary {
			p.textual = false
		}
	}
	verdicts := map[*fileSchema]error{}
	for _, f := range p.files() {
		schema := f.footer.schema
		if _, known := verdicts[schema]; !known {
			verdicts[schema] = p.checkFile(f)
		}
		if err := verdicts[schema]; err != nil {
			return 0, err
		}
		for _, c := range p.stored() {
			if i, ok := schema.byName[c.Name]; ok {
				scanned += f.footer.bytes[i]
			}
		}
	}
	return scanned, nil
}

func (p *scanPlan) checkFile(f *tableFile) error {
	for _, c := range p.stored() {
		i, ok := f.footer.schema.byName[c.Name]
		if !ok {
			continue
		}
		column := f.footer.schema.columns[i]
		verdict := fits(c.Type, column)
		if verdict == fitYes && column.note == annotNone && !p.textual && (c.Type.Kind == dialect.KindVarchar || c.Type.Kind == dialect.KindChar) {
			verdict = fitUnsupported // DuckDB reads either all unannotated columns as text or none
		}
		switch verdict {
		case fitNot:
			return failTrino("HIVE_BAD_DATA", "Field %s's type %s in parquet file %s is incompatible with type %s defined in table schema", c.Name, column.physicalName(), f.uri, c.Type)
		case fitAnnotation:
			return failTrino("NOT_SUPPORTED", "Unsupported Trino column type (%s) for Parquet column ([%s] optional %s %s (%s))", c.Type, c.Name, strings.ToLower(column.physicalName()), c.Name, column.note)
		case fitUnsupported:
			return failTrino("NOT_SUPPORTED", "column %s of type %s in a Parquet file whose column is %s is not supported by this server: %s", c.Name, c.Type, column.text(), f.uri)
		}
		if column.note != annotMillis || column.physical == physicalInt96 {
			p.exact[c.Name] = false
		}
	}
	return nil
}

// sql prints the scan as a subquery that yields the needed columns in the types that dialect relies on.
func (p *scanPlan) sql() (string, error) {
	byFile := slices.ContainsFunc(p.columns, func(c dialect.Column) bool { return c.Hidden })
	byPartition := slices.ContainsFunc(p.columns, func(c dialect.Column) bool { return c.Partition })
	parts := slices.DeleteFunc(slices.Clone(p.parts), func(part *partition) bool { return len(part.files) == 0 })
	switch {
	case len(parts) == 0:
		return p.emptySQL(), nil
	case byFile || byPartition && len(parts) > unionMax:
		return p.joinSQL(parts)
	case !byPartition:
		return "(SELECT " + p.list(func(dialect.Column) string { return "" }) + " FROM " + p.read(p.files(), "") + ")", nil
	}
	selects := make([]string, len(parts))
	for i, part := range parts {
		literals, err := p.literals(part)
		if err != nil {
			return "", err
		}
		selects[i] = "SELECT " + p.list(func(c dialect.Column) string { return literals[c.Name] }) + " FROM " + p.read(part.files, "")
	}
	return "(" + strings.Join(selects, " UNION ALL ") + ")", nil
}

// list prints the select list; given yields the expression of a column that is not in the files.
func (p *scanPlan) list(given func(c dialect.Column) string) string {
	if len(p.columns) == 0 {
		return "1 AS one"
	}
	items := make([]string, len(p.columns))
	for i, c := range p.columns {
		expr := p.expr(c)
		if c.Partition || c.Hidden {
			expr = given(c)
		}
		items[i] = expr + " AS " + quoteName(c.Name)
	}
	return strings.Join(items, ", ")
}

// expr gives a stored column in exactly the type that the plan gives it.
func (p *scanPlan) expr(c dialect.Column) string {
	name := quoteName(c.Name)
	switch {
	case c.Type.Kind == dialect.KindTimestamp && !p.exact[c.Name]:
		return "CAST(" + name + " AS TIMESTAMP)" // read as TIMESTAMP_MS, which rounds
	case (c.Type.Kind == dialect.KindVarchar || c.Type.Kind == dialect.KindChar) && c.Type.Precision != dialect.VarcharMax:
		return "left(" + name + ", " + strconv.Itoa(c.Type.Precision) + ")"
	}
	return name
}

// read prints the reading of files by the table's columns: by name, whatever their case; what a file lacks is NULL.
// fileName is the name of a column for the file's path, "" for none.
func (p *scanPlan) read(files []*tableFile, fileName string) string {
	var b strings.Builder
	b.WriteString("read_parquet([")
	for i, f := range files {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(quoteText(f.path))
	}
	b.WriteString("], schema=map{")
	for i, c := range p.stored() {
		kind := c.Type.DuckDB()
		if c.Type.Kind == dialect.KindTimestamp && !p.exact[c.Name] {
			kind = "TIMESTAMP_MS"
		}
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%s:{name:%s,type:%s,default_value:NULL}", quoteText(c.Name), quoteText(c.Name), quoteText(kind))
	}
	if len(p.stored()) == 0 { // the map can't be empty; a column that no file has costs nothing
		b.WriteString("'':{name:'',type:'BOOLEAN',default_value:NULL}")
	}
	b.WriteString("}")
	if p.textual {
		b.WriteString(", binary_as_string=true")
	}
	if fileName != "" {
		b.WriteString(", filename=" + quoteText(fileName))
	}
	b.WriteString(")")
	return b.String()
}

func (p *scanPlan) emptySQL() string {
	items := []string{"1 AS one"}
	for _, c := range p.columns {
		items = append(items, "CAST(NULL AS "+c.Type.DuckDB()+") AS "+quoteName(c.Name))
	}
	if len(p.columns) > 0 {
		items = items[1:]
	}
	return "(SELECT " + strings.Join(items, ", ") + " WHERE false)"
}

// joinSQL prints one reading of all files and looks the partition's values up by the file's path.
func (p *scanPlan) joinSQL(parts []*partition) (string, error) {
	const file = "\x01file" // no column of a table is named so
	var given []string
	var rows []string
	for _, c := range p.columns {
		if c.Partition || c.Hidden {
			given = append(given, c.Name)
		}
	}
	var files []*tableFile
	for _, part := range parts {
		literals, err := p.literals(part)
		if err != nil {
			return "", err
		}
		for _, f := range part.files {
			row := quoteText(f.path)
			literals[pathColumn] = quoteText(f.uri)
			for _, name := range given {
				row += "," + literals[name]
			}
			rows = append(rows, "("+row+")")
		}
		files = append(files, part.files...)
	}
	names := quoteName(file)
	for i := range given {
		names += ", k" + strconv.Itoa(i)
	}
	list := p.list(func(c dialect.Column) string { return "part.k" + strconv.Itoa(slices.Index(given, c.Name)) })
	return "(SELECT " + list + " FROM " + p.read(files, file) + " AS f JOIN (VALUES " + strings.Join(rows, ",") + ") AS part(" + names +
		") ON f." + quoteName(file) + " = part." + quoteName(file) + ")", nil
}

// literals prints the values of the partition columns that the scan needs, by column.
func (p *scanPlan) literals(part *partition) (map[string]string, error) {
	values := p.view.valueMap(part)
	m := map[string]string{}
	for _, c := range p.columns {
		if !c.Partition {
			continue
		}
		value, ok := values[c.Name]
		if !ok {
			m[c.Name] = "CAST(NULL AS " + c.Type.DuckDB() + ")"
			continue
		}
		if !validPartitionValue(c.Type, value) {
			return nil, failTrino("HIVE_INVALID_PARTITION_VALUE", "Invalid partition value '%s' for %s partition key: %s", value, strings.ToUpper(c.Type.String()), c.Name)
		}
		m[c.Name] = "CAST(" + quoteText(value) + " AS " + c.Type.DuckDB() + ")"
	}
	return m, nil
}

// validPartitionValue tells whether the text of a partition value is one of its key's type.
func validPartitionValue(t dialect.Type, value string) bool {
	integer := func(bits int) bool {
		_, err := strconv.ParseInt(value, 10, bits)
		return err == nil
	}
	switch t.Kind {
	case dialect.KindTinyInt:
		return integer(8)
	case dialect.KindSmallInt:
		return integer(16)
	case dialect.KindInteger:
		return integer(32)
	case dialect.KindBigInt:
		return integer(64)
	case dialect.KindReal, dialect.KindDouble, dialect.KindDecimal:
		_, err := strconv.ParseFloat(value, 64)
		return err == nil
	case dialect.KindBoolean:
		return strings.EqualFold(value, "true") || strings.EqualFold(value, "false")
	case dialect.KindDate:
		_, err := time.Parse(time.DateOnly, value)
		return err == nil
	case dialect.KindTimestamp:
		_, err := time.Parse(time.DateTime, value)
		return err == nil
	}
	return t.Kind == dialect.KindVarchar || t.Kind == dialect.KindChar
}

func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
