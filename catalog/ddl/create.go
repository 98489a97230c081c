package ddl

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/loglake/loglake"
)

func (p *parser) create() (Statement, *Error) {
	switch {
	case p.take("DATABASE"), p.take("SCHEMA"):
		return p.createDatabase()
	case p.take("EXTERNAL"):
		if err := p.expect("TABLE"); err != nil {
			return Statement{}, err
		}
		return p.createTable(external)
	case p.take("TABLE"):
		return p.createTable(notExternal)
	case p.take("OR", "REPLACE"):
		err := p.mismatch("'VIEW'")
		err.Message = fmt.Sprintf("mismatched input '%s'. Expecting: 'MATERIALIZED', 'MULTI', 'PROTECTED', 'VIEW'", p.source(p.peek(0)))
		return Statement{}, err
	}
	return Statement{}, p.unknown("CREATE", "'DATABASE'", "'EXTERNAL'", "'SCHEMA'", "'TABLE'")
}

func (p *parser) createDatabase() (Statement, *Error) {
	body := &CreateDatabase{IfNotExists: p.take("IF", "NOT", "EXISTS")}
	var err *Error
	if body.Name, err = p.identifier("database"); err != nil {
		return Statement{}, err
	}
	if body.Comment, err = p.optionalText("COMMENT"); err != nil {
		return Statement{}, err
	}
	if body.Location, err = p.optionalText("LOCATION"); err != nil {
		return Statement{}, err
	}
	if p.take("WITH") {
		if err = p.expect("DBPROPERTIES"); err == nil {
			body.Properties, err = p.properties()
		}
	}
	return Statement{Body: body, Type: "DDL", Substatement: "CREATE_DATABASE"}, err
}

func (p *parser) dropDatabase() (Statement, *Error) {
	body := &DropDatabase{IfExists: p.take("IF", "EXISTS")}
	var err *Error
	body.Name, err = p.identifier("database")
	if !p.take("RESTRICT") {
		body.Cascade = p.take("CASCADE")
	}
	return Statement{Body: body, Type: "DDL", Substatement: "DROP_DATABASE"}, err
}

// externality tells whether the word EXTERNAL was there.
type externality bool

const (
	external    externality = true
	notExternal externality = false
)

func (p *parser) createTable(ext externality) (Statement, *Error) {
	body := &CreateTable{IfNotExists: p.take("IF", "NOT", "EXISTS"), Buckets: -1}
	var err *Error
	if body.Name, err = p.name("table"); err != nil {
		return Statement{}, err
	}
	if p.peek(0).is("LIKE") {
		return Statement{}, refused("CREATE TABLE LIKE")
	}
	if t := p.peek(0); t.kind == tokenSymbol && t.text == "(" {
		if body.Columns, err = p.columns("column"); err != nil {
			return Statement{}, err
		}
	}
	for _, clause := range []func(*CreateTable) *Error{p.tableComment, p.partitionedBy, p.clusteredBy, p.format, p.tableLocation, p.tableProperties} {
		if err = clause(body); err != nil {
			return Statement{}, err
		}
	}
	if p.peek(0).kind != tokenEnd && p.peek(0).text != ";" {
		return Statement{}, p.misplaced()
	}
	if err = body.refuse(ext); err != nil {
		return Statement{}, err
	}
	return Statement{Body: body, Type: "DDL", Substatement: "CREATE_TABLE"}, nil
}

// clauses are the words that begin the clauses of CREATE TABLE, in their order.
const clauses = " COMMENT PARTITIONED CLUSTERED ROW STORED WITH LOCATION TBLPROPERTIES "

// misplaced is the error for what follows the clauses. A clause that comes too late is told as such.
func (p *parser) misplaced() *Error {
	t := p.peek(0)
	if t.kind != tokenWord || t.is("WITH") && !p.peek(1).is("SERDEPROPERTIES") || !strings.Contains(clauses, " "+strings.ToUpper(t.text)+" ") {
		return p.noViable()
	}
	err := p.mismatch("<EOF>")
	err.Hint = "the clauses of CREATE TABLE come once each, in the order COMMENT, PARTITIONED BY, CLUSTERED BY, ROW FORMAT, " +
		"STORED AS, WITH SERDEPROPERTIES, LOCATION, TBLPROPERTIES"
	return err
}

// refuse checks what Athena checks of a whole CREATE TABLE before it starts.
func (c *CreateTable) refuse(ext externality) *Error {
	if strings.EqualFold(c.Properties["table_type"], "ICEBERG") {
		err := invalid("Query type not supported: Iceberg tables are not built")
		err.Code = loglake.CodeUnsupported
		return err
	}
	if c.Location == "" {
		return invalid("No location was specified for table. An S3 location must be specified")
	}
	if ext == notExternal {
		return invalid("External keyword required for table type HIVE")
	}
	return nil
}

func (p *parser) tableComment(body *CreateTable) (err *Error) {
	body.Comment, err = p.optionalText("COMMENT")
	return err
}

func (p *parser) tableLocation(body *CreateTable) (err *Error) {
	body.Location, err = p.optionalText("LOCATION")
	return err
}

func (p *parser) tableProperties(body *CreateTable) (err *Error) {
	if p.take("TBLPROPERTIES") {
		body.Properties, err = p.properties()
	}
	return err
}

func (p *parser) partitionedBy(body *CreateTable) (err *Error) {
	if !p.take("PARTITIONED") {
		return nil
	}
	if err = p.expect("BY"); err == nil {
		body.PartitionKeys, err = p.columns("partition key")
	}
	return err
}

func (p *parser) clusteredBy(body *CreateTable) *Error {
	if !p.take("CLUSTERED") {
		return nil
	}
	err := p.expect("BY")
	if err == nil {
		err = p.list(func() (err *Error) {
			var name string
			name, err = p.identifier("column")
			body.BucketColumns = append(body.BucketColumns, name)
			return err
		})
	}
	if err == nil && p.take("SORTED") {
		if err = p.expect("BY"); err == nil {
			err = p.list(func() *Error { return p.sortColumn(body) })
		}
	}
	if err == nil {
		err = p.expect("INTO")
	}
	if err != nil {
		return err
	}
	n, problem := strconv.Atoi(p.peek(0).text)
	if p.peek(0).kind != tokenNumber || problem != nil || n < 1 {
		return p.mismatch("INTEGER_VALUE")
	}
	p.pos++
	body.Buckets = n
	return p.expect("BUCKETS")
}

func (p *parser) sortColumn(body *CreateTable) *Error {
	name, err := p.identifier("column")
	column := SortColumn{Name: name}
	if !p.take("ASC") {
		column.Descending = p.take("DESC")
	}
	body.SortColumns = append(body.SortColumns, column)
	return err
}

// list reads (element, …).
func (p *parser) list(element func() *Error) *Error {
	err := p.expectSymbol("(")
	for err == nil {
		if err = element(); err != nil || p.takeSymbol(",") {
			continue
		}
		if !p.takeSymbol(")") {
			return p.mismatch("')'", "','")
		}
		return nil
	}
	return err
}

// Check tells what Athena finds wrong with the columns when the statement runs. The error's text is the reason of the
// failed query without its "FAILED: " at the front. *loglake.Error, CodeInvalid.
func (c *CreateTable) Check() error {
	if err := CheckColumns(c.Columns); err != nil {
		return err
	}
	if err := CheckColumns(c.PartitionKeys); err != nil {
		return err
	}
	names := make(map[string]struct{}, len(c.Columns))
	for _, column := range c.Columns {
		names[column.Name] = struct{}{}
	}
	for _, key := range c.PartitionKeys {
		if _, ok := names[key.Name]; ok {
			return loglake.Errorf(loglake.CodeInvalid, "SemanticException [Error 10035]: Column repeated in partitioning columns")
		}
	}
	return nil
}

// CheckColumns tells whether the types are Hive's and no name comes twice, as CreateTable.Check does.
func CheckColumns(columns []loglake.Column) error {
	names := make(map[string]struct{}, len(columns))
	for _, column := range columns {
		if _, ok := names[column.Name]; ok {
			return loglake.Errorf(loglake.CodeInvalid, "SemanticException [Error 10036]: Duplicate column name: %s", column.Name)
		}
		names[column.Name] = struct{}{}
		if _, err := loglake.ParseHiveType(column.Type); err != nil {
			return &loglake.Error{Code: loglake.CodeInvalid, Err: err, Message: fmt.Sprintf("Execution Error, return code 1 from "+
				"org.apache.hadoop.hive.ql.exec.DDLTask. Error: type expected at the position 0 of '%s' but '%s' is found", column.Type, typeName(column.Type))}
		}
	}
	return nil
}

func typeName(text string) string {
	if i := strings.IndexAny(text, "(<"); i >= 0 {
		return text[:i]
	}
	return text
}
