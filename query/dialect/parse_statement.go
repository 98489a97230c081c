package dialect

// This file reads the statements around a query.

// statement reads a whole text: one statement and the end.
func (p *parser) statement() (*Statement, error) {
	root, err := p.statementBody()
	if err != nil {
		return nil, err
	}
	if p.peek().kind != tokEOF {
		return nil, p.mismatch()
	}
	if p.faulty != nil {
		return nil, p.faulty
	}
	s := &Statement{text: string(p.src), root: root, query: queryOf(root), ended: p.ended, Parameters: p.parameters}
	if _, ok := root.(*prepareNode); ok {
		s.Parameters = 0 // they are the prepared statement's
	}
	return s, nil
}

// queryOf gives the query that a statement runs or explains, nil where there is none.
func queryOf(n statementNode) *queryNode {
	switch n := n.(type) {
	case *queryNode:
		return n
	case *explainNode:
		return queryOf(n.statement)
	case *createTableAsNode:
		return n.query
	case *insertNode:
		return n.query
	case *unloadNode:
		return n.query
	case *showFunctionsNode:
		return n.query
	}
	return nil
}

func (p *parser) statementBody() (statementNode, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	t := p.peek()
	if t.kind != tokName {
		return p.query()
	}
	switch t.value {
	case "EXPLAIN":
		return p.explain()
	case "PREPARE":
		return p.prepare()
	case "EXECUTE":
		return p.execute()
	case "DEALLOCATE":
		d := &deallocateNode{at: p.offset()}
		p.advance()
		err := p.need("PREPARE")
		if err == nil {
			d.name, err = p.identifier()
		}
		return d, err
	case "CREATE":
		if p.wordAt(1, "TABLE") {
			return p.createTableAs()
		}
	case "INSERT":
		return p.insert()
	case "UNLOAD":
		return p.unload()
	case "SHOW":
		if p.wordAt(1, "FUNCTIONS") {
			return p.show()
		}
	}
	if refusedStatements[t.value] {
		return nil, p.unsupported(t.off, t.value+" statements")
	}
	return p.query()
}

// refusedStatements are the statements of Trino's grammar that are not read, by their first word.
var refusedStatements = map[string]bool{"UPDATE": true, "DELETE": true, "MERGE": true, "CREATE": true, "ALTER": true,
	"DROP": true, "SHOW": true, "DESCRIBE": true, "DESC": true, "CALL": true, "GRANT": true, "REVOKE": true, "ANALYZE": true,
	"USE": true, "SET": true, "RESET": true, "TRUNCATE": true, "COMMENT": true, "START": true, "COMMIT": true,
	"ROLLBACK": true, "REFRESH": true, "DENY": true}

// explain reads EXPLAIN [ANALYZE [VERBOSE]] [(FORMAT …, TYPE …)] statement.
func (p *parser) explain() (statementNode, error) {
	e := &explainNode{at: p.offset()}
	p.advance()
	if e.analyze = p.accept("ANALYZE"); e.analyze {
		e.verbose = p.accept("VERBOSE")
	}
	if p.isSymbol("(") && (p.wordAt(1, "FORMAT") || p.wordAt(1, "TYPE")) {
		if err := p.explainOptions(e); err != nil {
			return nil, err
		}
	}
	first := p.pos
	var err error
	e.statement, err = p.statementBody()
	e.text = p.text(first)
	return e, err
}

var explainValues = map[string][]string{"FORMAT": {"TEXT", "GRAPHVIZ", "JSON"}, "TYPE": {"LOGICAL", "DISTRIBUTED", "VALIDATE", "IO"}}

func (p *parser) explainOptions(e *explainNode) error {
	p.advance()
	for {
		option := &e.format
		values := explainValues["FORMAT"]
		if !p.accept("FORMAT") {
			if err := p.need("TYPE"); err != nil {
				return err
			}
			option, values = &e.kind, explainValues["TYPE"]
		}
		found := false
		for _, v := range values {
			if !found && p.accept(v) {
				*option, found = v, true
			}
		}
		if !found {
			return p.mismatch()
		}
		if !p.acceptSymbol(",") {
			return p.needSymbol(")")
		}
	}
}

// prepare reads PREPARE name FROM statement.
func (p *parser) prepare() (statementNode, error) {
	n := &prepareNode{at: p.offset()}
	p.advance()
	var err error
	if n.name, err = p.identifier(); err != nil {
		return nil, err
	}
	if err := p.need("FROM"); err != nil {
		return nil, err
	}
	first := p.pos
	n.statement, err = p.statementBody()
	n.text = p.text(first)
	return n, err
}

// execute reads EXECUTE name [USING value, …].
func (p *parser) execute() (statementNode, error) {
	e := &executeNode{at: p.offset()}
	p.advance()
	if p.is("IMMEDIATE") && isString(p.peekAt(1)) {
		return nil, p.unsupported(int32(e.at), "EXECUTE IMMEDIATE statements")
	}
	var err error
	if e.name, err = p.identifier(); err != nil || !p.accept("USING") {
		return e, err
	}
	for {
		first := p.pos
		arg, err := p.expression()
		if err != nil {
			return nil, err
		}
		e.args = append(e.args, arg)
		e.texts = append(e.texts, p.text(first))
		if !p.acceptSymbol(",") {
			return e, nil
		}
	}
}

// createTableAs reads CREATE TABLE [IF NOT EXISTS] name [(columns)] [COMMENT …] [WITH (…)] AS query [WITH [NO] DATA].
func (p *parser) createTableAs() (statementNode, error) {
	c := &createTableAsNode{at: p.offset()}
	p.pos += 2
	if c.ifNotExists = p.accept("IF"); c.ifNotExists {
		if err := p.need("NOT", "EXISTS"); err != nil {
			return nil, err
		}
	}
	var err error
	if c.table, err = p.qualified(); err != nil {
		return nil, err
	}
	if p.isSymbol("(") {
		if !p.symbolAt(2, ",") && !p.symbolAt(2, ")") {
			return nil, p.unsupported(int32(c.at), "CREATE TABLE statements with column types")
		}
		if c.columns, err = p.nameList(); err != nil {
			return nil, err
		}
	}
	if p.accept("COMMENT") {
		text, err := p.stringText()
		if c.comment = &text; err != nil {
			return nil, err
		}
	}
	if c.properties, err = p.properties(); err != nil {
		return nil, err
	}
	if err := p.need("AS"); err != nil {
		return nil, err
	}
	if p.isSymbol("(") && p.wordAt(1, "WITH") {
		c.bracketed = true
		c.query, err = p.parenthesizedQuery()
	} else {
		c.query, err = p.query()
	}
	if err != nil {
		return nil, err
	}
	if p.accept("WITH") {
		c.withoutData = p.accept("NO")
		c.withData = !c.withoutData
		return c, p.need("DATA")
	}
	return c, nil
}

// properties reads WITH (name = value, …) if it stands here.
func (p *parser) properties() ([]propertyNode, error) {
	if !p.accept("WITH") {
		return nil, nil
	}
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	var list []propertyNode
	for {
		var n propertyNode
		var err error
		if n.name, err = p.identifier(); err != nil {
			return nil, err
		}
		if err := p.needSymbol("="); err != nil {
			return nil, err
		}
		first := p.pos
		if p.is("DEFAULT") && (p.symbolAt(1, ",") || p.symbolAt(1, ")")) {
			return nil, p.unsupported(p.peek().off, "DEFAULT properties")
		}
		if n.value, err = p.expression(); err != nil {
			return nil, err
		}
		n.text = p.text(first)
		if list = append(list, n); !p.acceptSymbol(",") {
			return list, p.needSymbol(")")
		}
	}
}

// insert reads INSERT INTO name [(columns)] query.
func (p *parser) insert() (statementNode, error) {
	n := &insertNode{at: p.offset()}
	p.advance()
	if err := p.need("INTO"); err != nil {
		return nil, err
	}
	var err error
	if n.table, err = p.qualified(); err != nil {
		return nil, err
	}
	if p.isSymbol("(") && p.isName(1) {
		if n.columns, err = p.nameList(); err != nil {
			return nil, err
		}
	}
	n.query, err = p.query()
	return n, err
}

// unload reads Athena's UNLOAD (query) TO '…' [WITH (…)].
func (p *parser) unload() (statementNode, error) {
	u := &unloadNode{at: p.offset()}
	p.advance()
	var err error
	if u.query, err = p.parenthesizedQuery(); err != nil {
		return nil, err
	}
	if err := p.need("TO"); err != nil {
		return nil, err
	}
	if u.location, err = p.stringText(); err != nil {
		return nil, err
	}
	u.properties, err = p.properties()
	return u, err
}
