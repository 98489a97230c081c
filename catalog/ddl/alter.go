package ddl

import (
	"fmt"
	"strings"

	"github.com/loglake/loglake"
)

func (p *parser) alter() (Statement, *Error) {
	switch {
	case p.take("DATABASE"), p.take("SCHEMA"):
		return p.alterDatabase()
	case p.take("TABLE"):
		return p.alterTable()
	}
	return Statement{}, p.unknown("ALTER", "'DATABASE'", "'SCHEMA'", "'TABLE'")
}

func (p *parser) alterDatabase() (Statement, *Error) {
	name, err := p.identifier("database")
	if err == nil {
		err = p.expect("SET", "DBPROPERTIES")
	}
	if err != nil {
		return Statement{}, err
	}
	properties, err := p.properties()
	body := &AlterDatabase{Name: name, Properties: properties}
	return Statement{Body: body, Type: "DDL", Substatement: "ALTER_DATABASE_PROPERTIES"}, err
}

func (p *parser) alterTable() (Statement, *Error) {
	table, err := p.name("table")
	if err != nil {
		return Statement{}, err
	}
	switch {
	case p.peek(0).is("ADD") && !p.peek(1).is("COLUMNS"):
		p.pos++
		return p.addPartitions(table)
	case p.peek(0).is("DROP"):
		return p.dropPartitions(table)
	case p.take("RENAME"):
		return p.renameTable()
	}
	var partition PartitionSpec
	if p.peek(0).is("PARTITION") {
		if partition, err = p.partition(equalOnly); err != nil {
			return Statement{}, err
		}
	}
	switch {
	case partition != nil && p.take("RENAME"):
		return p.renamePartition(table, partition)
	case p.take("ADD"), p.peek(0).is("REPLACE"):
		return p.alterColumns(table, partition)
	case p.take("SET", "LOCATION"):
		location, err := p.text()
		body := &SetLocation{Table: table, Partition: partition, Location: location}
		return Statement{Body: body, Type: "DDL", Substatement: "ALTER_TABLE_SET_LOCATION"}, err
	case partition == nil && p.take("SET", "TBLPROPERTIES"):
		properties, err := p.properties()
		body := &SetTableProperties{Table: table, Properties: properties}
		return Statement{Body: body, Type: "DDL", Substatement: "ALTER_TABLE_PROPERTIES"}, err
	}
	return Statement{}, p.alterRefused()
}

// alterRefused names the forms of ALTER TABLE that Athena has and we do not, and those that Athena does not have.
func (p *parser) alterRefused() *Error {
	t := p.peek(0)
	if t.is("CHANGE") {
		err := errorAt(p.sql, t.start, "ALTER TABLE CHANGE COLUMN is not supported")
		err.Code, err.Hint = loglake.CodeUnsupported, "use ALTER TABLE REPLACE COLUMNS with all columns of the table"
		return err
	}
	what := "ALTER TABLE " + strings.ToUpper(t.text)
	if t.is("SET") {
		what += " " + strings.ToUpper(p.peek(1).text)
	}
	if t.kind != tokenWord {
		return p.mismatch("'ADD'", "'DROP'", "'PARTITION'", "'RENAME'", "'REPLACE'", "'SET'")
	}
	return refused(what)
}

func (p *parser) alterColumns(table Name, partition PartitionSpec) (Statement, *Error) {
	replace := p.take("REPLACE")
	if err := p.expect("COLUMNS"); err != nil {
		return Statement{}, err
	}
	columns, err := p.columns("column")
	if replace {
		body := &ReplaceColumns{Table: table, Partition: partition, Columns: columns}
		return Statement{Body: body, Type: "DDL", Substatement: "ALTER_TABLE_REPLACE_COLUMN"}, err
	}
	body := &AddColumns{Table: table, Partition: partition, Columns: columns}
	return Statement{Body: body, Type: "DDL", Substatement: "ALTER_TABLE_ADD_COLUMN"}, err
}

func (p *parser) addPartitions(table Name) (Statement, *Error) {
	body := &AddPartitions{Table: table, IfNotExists: p.take("IF", "NOT", "EXISTS")}
	if !p.peek(0).is("PARTITION") {
		return Statement{}, p.mismatch("'COLUMNS'", "'IF'", "'PARTITION'")
	}
	for p.peek(0).is("PARTITION") {
		spec, err := p.partition(equalOnly)
		if err != nil {
			return Statement{}, err
		}
		location, err := p.optionalText("LOCATION")
		if err != nil {
			return Statement{}, err
		}
		body.Partitions = append(body.Partitions, NewPartition{Spec: spec, Location: location})
	}
	return Statement{Body: body, Type: "DDL", Substatement: "ALTER_TABLE_ADD_PARTITION"}, nil
}

func (p *parser) dropPartitions(table Name) (Statement, *Error) {
	drop := p.advance()
	if t := p.peek(0); t.is("COLUMN") {
		return p.dropColumn(drop, t)
	}
	body := &DropPartitions{Table: table, IfExists: p.take("IF", "EXISTS")}
	for {
		spec, err := p.partition(anyComparison)
		if err != nil {
			return Statement{}, err
		}
		body.Specs = append(body.Specs, spec)
		if !p.takeSymbol(",") {
			break
		}
	}
	p.take("PURGE")
	return Statement{Body: body, Type: "DDL", Substatement: "ALTER_TABLE_DROP_PARTITION"}, nil
}

// dropColumn is what Athena starts and fails on tables that are not Iceberg's. Hive counts columns from 0.
func (p *parser) dropColumn(drop, column token) (Statement, *Error) {
	line, at := position(p.sql, column.start)
	reason := fmt.Sprintf("FAILED: ParseException line %d:%d mismatched input '%s' expecting PARTITION near '%s' in drop partition statement",
		line, at-1, column.text, drop.text)
	p.pos = len(p.tokens) - 1
	body := &Refused{Reason: reason, Message: "Query type not supported by DDL engine.", Category: 1, ErrorType: 1003}
	return Statement{Body: body, Type: "DDL", Substatement: "ALTER_TABLE_DROP_COLUMN"}, nil
}

func (p *parser) renameTable() (Statement, *Error) {
	if p.peek(0).is("COLUMN") {
		return Statement{}, refused("ALTER TABLE RENAME COLUMN")
	}
	if err := p.expect("TO"); err != nil {
		return Statement{}, err
	}
	if _, err := p.name("table"); err != nil {
		return Statement{}, err
	}
	const text = "Query type not supported by DDL engine."
	body := &Refused{Reason: "FAILED: " + text, Message: text, Category: 2, ErrorType: 1006}
	return Statement{Body: body, Type: "DDL", Substatement: "ALTER_TABLE_RENAME"}, nil
}

func (p *parser) renamePartition(table Name, from PartitionSpec) (Statement, *Error) {
	if err := p.expect("TO"); err != nil {
		return Statement{}, err
	}
	to, err := p.partition(equalOnly)
	body := &RenamePartition{Table: table, From: from, To: to}
	return Statement{Body: body, Type: "DDL", Substatement: "ALTER_TABLE_RENAME_PARTITION"}, err
}

// comparisons tells which operators a partition spec may hold.
type comparisons bool

const (
	equalOnly     comparisons = false
	anyComparison comparisons = true
)

// partition reads PARTITION (key = constant, …).
func (p *parser) partition(allowed comparisons) (PartitionSpec, *Error) {
	if err := p.expect("PARTITION"); err != nil {
		return nil, err
	}
	var spec PartitionSpec
	err := p.list(func() *Error {
		term, err := p.partitionTerm(allowed)
		spec = append(spec, term)
		return err
	})
	return spec, err
}

func (p *parser) partitionTerm(allowed comparisons) (PartitionTerm, *Error) {
	key, err := p.identifier("partition key")
	if err != nil {
		return PartitionTerm{}, err
	}
	op := p.peek(0)
	switch {
	case op.kind != tokenSymbol || !strings.Contains(" = == != <> < <= > >= ", " "+op.text+" "),
		allowed == equalOnly && op.text != "=" && op.text != "==":
		return PartitionTerm{}, p.mismatch("'='")
	case op.text == "<>":
		op.text = "!="
	case op.text == "==":
		op.text = "="
	}
	p.pos++
	if t := p.peek(0); (t.is("DATE") || t.is("TIMESTAMP")) && p.peek(1).kind != tokenSymbol {
		p.pos++ // a typed literal: its text is the value
	}
	value, err := p.constant()
	return PartitionTerm{Key: key, Op: op.text, Value: value}, err
}
