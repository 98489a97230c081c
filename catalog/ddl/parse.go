package ddl

import (
	"fmt"
	"strings"

	"github.com/loglake/loglake"
)

// StatementBytesMax is the longest statement that Athena takes.
const StatementBytesMax = 262144

// Parse reads one statement of the Hive grammar, with or without a semicolon at its end. Errors are *Error.
func Parse(sql string) (Statement, error) {
	if len(sql) > StatementBytesMax {
		return Statement{}, invalid("the statement has %d bytes; at most %d are allowed", len(sql), StatementBytesMax)
	}
	tokens, err := lex(sql)
	if err != nil {
		return Statement{}, err
	}
	p := &parser{sql: sql, tokens: tokens}
	st, err := p.statement()
	if err == nil {
		err = p.end()
	}
	if err != nil {
		return Statement{}, err
	}
	st.Notices = p.notices
	return st, nil
}

// parser walks over the tokens of one statement. It never recurses, so hostile texts cost time linear in their length.
type parser struct {
	sql     string
	tokens  []token
	pos     int
	notices []string
}

// statement reads the first words and hands on to the one function that knows the rest.
func (p *parser) statement() (Statement, *Error) {
	switch {
	case p.take("CREATE"):
		return p.create()
	case p.take("DROP"):
		return p.drop()
	case p.take("ALTER"):
		return p.alter()
	case p.take("MSCK"):
		return p.repair()
	case p.take("SHOW"):
		return p.show()
	case p.take("DESCRIBE"), p.take("DESC"):
		return p.describe()
	}
	return Statement{}, p.mismatch("'ALTER'", "'CREATE'", "'DESC'", "'DESCRIBE'", "'DROP'", "'MSCK'", "'SHOW'")
}

func (p *parser) drop() (Statement, *Error) {
	switch {
	case p.take("DATABASE"), p.take("SCHEMA"):
		return p.dropDatabase()
	case p.take("TABLE"):
		body := &DropTable{IfExists: p.take("IF", "EXISTS")}
		var err *Error
		body.Name, err = p.name("table")
		p.take("PURGE")
		return Statement{Body: body, Type: "DDL", Substatement: "DROP_TABLE"}, err
	}
	return Statement{}, p.unknown("DROP", "'DATABASE'", "'SCHEMA'", "'TABLE'")
}

func (p *parser) repair() (Statement, *Error) {
	if err := p.expect("REPAIR", "TABLE"); err != nil {
		return Statement{}, err
	}
	table, err := p.name("table")
	return Statement{Body: &RepairTable{Table: table}, Type: "DDL", Substatement: "MSCK_REPAIR"}, err
}

// peek gives the token n places ahead; behind the end it is the end.
func (p *parser) peek(n int) token {
	return p.tokens[min(p.pos+n, len(p.tokens)-1)]
}

func (p *parser) advance() token {
	t := p.peek(0)
	if t.kind != tokenEnd {
		p.pos++
	}
	return t
}

// take moves over the keywords if all of them stand here.
func (p *parser) take(keywords ...string) bool {
	for i, k := range keywords {
		if !p.peek(i).is(k) {
			return false
		}
	}
	p.pos += len(keywords)
	return true
}

// expect moves over the keywords, which have to stand here.
func (p *parser) expect(keywords ...string) *Error {
	for _, k := range keywords {
		if !p.take(k) {
			return p.mismatch("'" + k + "'")
		}
	}
	return nil
}

func (p *parser) takeSymbol(symbol string) bool {
	if t := p.peek(0); t.kind != tokenSymbol || t.text != symbol {
		return false
	}
	p.pos++
	return true
}

func (p *parser) expectSymbol(symbol string) *Error {
	if !p.takeSymbol(symbol) {
		return p.mismatch("'" + symbol + "'")
	}
	return nil
}

// end expects the end of the statement, at most one semicolon before it.
func (p *parser) end() *Error {
	p.takeSymbol(";")
	if p.peek(0).kind != tokenEnd {
		return p.mismatch("<EOF>")
	}
	return nil
}

// source gives a token as it was written.
func (p *parser) source(t token) string {
	if t.kind == tokenEnd {
		return "<EOF>"
	}
	return p.sql[t.start:t.end]
}

// mismatch is the error for a token that is not one of those expected, in the words of Athena's parser.
func (p *parser) mismatch(expected ...string) *Error {
	t := p.peek(0)
	want := expected[0]
	if len(expected) > 1 {
		want = "{" + strings.Join(expected, ", ") + "}"
	}
	return errorAt(p.sql, t.start, "mismatched input '%s' expecting %s", p.source(t), want)
}

// noViable is the error for a place from which the grammar has no way on.
func (p *parser) noViable() *Error {
	t := p.peek(0)
	return errorAt(p.sql, t.start, "no viable alternative at input '%s'", p.sql[p.tokens[0].start:t.end])
}

// unknown is the error behind a first keyword: a word there names a statement that Athena does not have.
func (p *parser) unknown(first string, expected ...string) *Error {
	if t := p.peek(0); t.kind == tokenWord {
		return refused(first + " " + strings.ToUpper(t.text))
	}
	return p.mismatch(expected...)
}

func (p *parser) notice(format string, args ...any) {
	p.notices = append(p.notices, fmt.Sprintf(format, args...))
}

// identifier reads one name and lower-cases it. What says what is named, for notices and errors.
func (p *parser) identifier(what string) (string, *Error) {
	t := p.peek(0)
	switch {
	case t.kind == tokenWord:
		if isReserved(t.text) {
			p.notice("%s is a reserved word: AWS takes it as the name of a %s in backticks only; write `%s`",
				strings.ToUpper(t.text), what, strings.ToLower(t.text))
		}
	case t.kind == tokenDouble && t.text != "":
		p.notice("AWS refuses double quotes around names in DDL; write `%s`", t.text)
	case t.kind != tokenBackquoted || t.text == "":
		return "", p.mismatch("identifier")
	}
	p.pos++
	return strings.ToLower(t.text), nil
}

// name reads [[catalog.]database.]table. One pair of backticks may hold database and table, as SHOW CREATE TABLE prints.
func (p *parser) name(what string) (Name, *Error) {
	start := p.pos
	var parts []string
	for {
		part, err := p.identifier(what)
		if err != nil {
			return Name{}, err
		}
		parts = append(parts, part)
		if !p.takeSymbol(".") {
			break
		}
	}
	if len(parts) == 1 && p.tokens[start].kind == tokenBackquoted {
		if database, table, ok := strings.Cut(parts[0], "."); ok && database != "" && table != "" {
			parts = []string{database, table}
		}
	}
	switch len(parts) {
	case 1:
		return Name{Table: parts[0]}, nil
	case 2:
		return Name{Database: parts[0], Table: parts[1]}, nil
	case 3:
		return Name{Catalog: parts[0], Database: parts[1], Table: parts[2]}, nil
	}
	return Name{}, invalid("Invalid table name %s", strings.Join(parts, "."))
}

// text reads a string in either kind of quotes.
func (p *parser) text() (string, *Error) {
	if t := p.peek(0); t.kind != tokenString && t.kind != tokenDouble {
		return "", p.mismatch("STRING")
	}
	return p.advance().text, nil
}

// optionalText reads KEYWORD 'text' where the keyword stands.
func (p *parser) optionalText(keyword string) (string, *Error) {
	if !p.take(keyword) {
		return "", nil
	}
	return p.text()
}

// properties reads ('k'='v', …). Numbers and booleans are taken as values too; of a repeated key the last counts.
func (p *parser) properties() (map[string]string, *Error) {
	if err := p.expectSymbol("("); err != nil {
		return nil, err
	}
	properties := make(map[string]string)
	for {
		key, err := p.text()
		if err == nil {
			err = p.expectSymbol("=")
		}
		if err != nil {
			return nil, err
		}
		if properties[key], err = p.constant(); err != nil {
			return nil, err
		}
		if p.takeSymbol(",") {
			continue
		}
		if !p.takeSymbol(")") {
			return nil, p.mismatch("')'", "','")
		}
		return properties, nil
	}
}

// constant reads a string, a number with or without sign, or true or false, and gives its text.
func (p *parser) constant() (string, *Error) {
	sign := ""
	if t := p.peek(0); p.peek(1).kind == tokenNumber && (p.takeSymbol("-") || p.takeSymbol("+")) && t.text == "-" {
		sign = "-"
	}
	switch t := p.peek(0); {
	case t.kind == tokenString, t.kind == tokenDouble, t.kind == tokenNumber, t.is("TRUE"), t.is("FALSE"):
		p.pos++
		return sign + t.text, nil
	}
	return "", p.mismatch("STRING", "NUMBER")
}

// columns reads (name type [COMMENT 'text'], …).
func (p *parser) columns(what string) ([]loglake.Column, *Error) {
	if err := p.expectSymbol("("); err != nil {
		return nil, err
	}
	var columns []loglake.Column
	for {
		column, err := p.column(what)
		if err != nil {
			return nil, err
		}
		columns = append(columns, column)
		if p.takeSymbol(",") {
			continue
		}
		if !p.takeSymbol(")") {
			return nil, p.noViable()
		}
		return columns, nil
	}
}

func (p *parser) column(what string) (loglake.Column, *Error) {
	if t := p.peek(0); t.is("CONSTRAINT") || (t.is("PRIMARY") || t.is("FOREIGN")) && p.peek(1).is("KEY") {
		return loglake.Column{}, p.noViable()
	}
	name, err := p.identifier(what)
	if err != nil {
		return loglake.Column{}, p.noViable()
	}
	typ, err := p.hiveType()
	if err != nil {
		return loglake.Column{}, err
	}
	comment, err := p.optionalText("COMMENT")
	return loglake.Column{Name: name, Type: typ, Comment: comment}, err
}

// hiveType reads a type and gives Hive's spelling of it. Names of types are not checked here, as on Athena: see Check.
func (p *parser) hiveType() (string, *Error) {
	if p.peek(0).kind != tokenWord || p.peek(0).is("COMMENT") {
		return "", p.noViable()
	}
	if p.peek(0).is("ROW") && p.peek(1).text == "(" {
		p.pos++
		return "", p.noViable() // Trino's spelling of a struct
	}
	var text strings.Builder
	angles, rounds := 0, 0
	for {
		t := p.peek(0)
		switch {
		case t.kind == tokenEnd:
			return "", p.noViable()
		case angles > 0 && t.is("COMMENT") && p.peek(1).kind >= tokenString && p.peek(1).kind <= tokenDouble:
			p.pos += 2
			continue
		case t.kind == tokenSymbol && t.text == "<":
			angles++
		case t.kind == tokenSymbol && t.text == ">":
			angles--
		case t.kind == tokenSymbol && t.text == "(":
			rounds++
		case t.kind == tokenSymbol && t.text == ")":
			rounds--
		case angles == 0 && rounds == 0 && text.Len() > 0, t.kind == tokenString, t.kind == tokenDouble:
			return "", p.noViable()
		}
		if angles < 0 || rounds < 0 {
			return "", p.noViable()
		}
		text.WriteString(strings.ToLower(t.text))
		p.pos++
		if next := p.peek(0); angles == 0 && rounds == 0 && (next.kind != tokenSymbol || next.text != "<" && next.text != "(") {
			break
		}
	}
	if t, err := loglake.ParseHiveType(text.String()); err == nil {
		return t.String(), nil
	}
	return text.String(), nil
}
