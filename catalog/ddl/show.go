package ddl

import (
	"strings"

	"github.com/loglake/loglake"
)

func utility(body Body, substatement string) Statement {
	return Statement{Body: body, Type: "UTILITY", Substatement: substatement}
}

func (p *parser) show() (Statement, *Error) {
	switch {
	case p.take("DATABASES"), p.take("SCHEMAS"):
		pattern, err := p.pattern(needsLike)
		return utility(&ShowDatabases{Pattern: pattern}, "SHOW_DATABASES"), err
	case p.take("TABLES"):
		database, pattern, err := p.inDatabase(likeOptional)
		return utility(&ShowTables{Database: database, Pattern: pattern}, "SHOW_TABLES"), err
	case p.take("VIEWS"):
		database, pattern, err := p.inDatabase(needsLike)
		return utility(&ShowViews{Database: database, Pattern: pattern}, "SHOW_VIEWS"), err
	case p.take("COLUMNS"):
		return p.showColumns()
	case p.take("PARTITIONS"):
		table, err := p.name("table")
		if err == nil && p.peek(0).is("PARTITION") {
			err = errorAt(p.sql, p.peek(0).start, "SHOW PARTITIONS with a partition spec is not supported")
			err.Code = loglake.CodeUnsupported
		}
		return utility(&ShowPartitions{Table: table}, "SHOW_PARTITIONS"), err
	case p.take("CREATE", "TABLE"):
		table, err := p.name("table")
		return utility(&ShowCreateTable{Table: table}, "SHOW_CREATE_TABLE"), err
	case p.take("TBLPROPERTIES"):
		return p.showTableProperties()
	}
	return Statement{}, p.unknown("SHOW", "'COLUMNS'", "'CREATE'", "'DATABASES'", "'PARTITIONS'", "'SCHEMAS'", "'TABLES'", "'TBLPROPERTIES'", "'VIEWS'")
}

// likeRule tells whether a pattern may stand without LIKE.
type likeRule bool

const (
	needsLike    likeRule = false
	likeOptional likeRule = true
)

func (p *parser) pattern(rule likeRule) (string, *Error) {
	if p.take("LIKE") {
		return p.text()
	}
	if k := p.peek(0).kind; rule == likeOptional && (k == tokenString || k == tokenDouble) {
		return p.text()
	}
	return "", nil
}

// inDatabase reads [{FROM|IN} database] [[LIKE] 'pattern'].
func (p *parser) inDatabase(rule likeRule) (database, pattern string, err *Error) {
	if p.take("FROM") || p.take("IN") {
		n, err := p.name("database")
		if err != nil {
			return "", "", err
		}
		if n.Catalog != "" {
			return "", "", invalid("Invalid database name %s", n)
		}
		database = n.Table
	}
	pattern, err = p.pattern(rule)
	return database, pattern, err
}

func (p *parser) showColumns() (Statement, *Error) {
	if !p.take("FROM") && !p.take("IN") {
		return Statement{}, p.mismatch("'FROM'", "'IN'")
	}
	table, err := p.name("table")
	if err == nil && (p.take("FROM") || p.take("IN")) {
		table.Database, err = p.identifier("database")
	}
	return utility(&ShowColumns{Table: table}, "SHOW_COLUMNS"), err
}

func (p *parser) showTableProperties() (Statement, *Error) {
	table, err := p.name("table")
	body := &ShowTableProperties{Table: table}
	if err == nil && p.takeSymbol("(") {
		if body.Key, err = p.text(); err == nil {
			err = p.expectSymbol(")")
		}
	}
	return utility(body, "SHOW_TABLE_PROPERTIES"), err
}

// describe reads DESCRIBE [EXTENDED|FORMATTED] table [PARTITION (…)] [column].
func (p *parser) describe() (Statement, *Error) {
	body := &Describe{}
	for _, style := range []DescribeStyle{DescribeExtended, DescribeFormatted} {
		if p.peek(0).is(string(style)) && p.peek(1).kind != tokenEnd && p.peek(1).text != "." {
			p.pos++
			body.Style = style
		}
	}
	if t, next := p.peek(0), p.peek(1); (t.is("DATABASE") || t.is("SCHEMA") || t.is("FUNCTION")) && next.kind == tokenWord {
		return Statement{}, refused("DESCRIBE " + strings.ToUpper(t.text))
	}
	var err *Error
	if body.Table, err = p.name("table"); err != nil {
		return Statement{}, err
	}
	if p.peek(0).is("PARTITION") && p.peek(1).text == "(" {
		if body.Partition, err = p.partition(equalOnly); err != nil {
			return Statement{}, err
		}
	}
	if t := p.peek(0); t.kind != tokenEnd && t.kind != tokenSymbol {
		body.Column, err = p.identifier("column")
	}
	return utility(body, "DESCRIBE_TABLE"), err
}
