package dialect

// This file reads the SQL/JSON functions: JSON_EXISTS, JSON_VALUE, JSON_QUERY, JSON_OBJECT and JSON_ARRAY.

// jsonPath reads JSON_EXISTS, JSON_VALUE and JSON_QUERY: an input, a path, PASSING, and what each of them has.
func (p *parser) jsonPath() (node, error) {
	word := p.advance()
	n := &jsonPathNode{at: at(word.off), form: map[string]string{"JSON_EXISTS": "json_exists", "JSON_VALUE": "json_value",
		"JSON_QUERY": "json_query"}[word.value]}
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	if err := p.jsonInvocation(n); err != nil {
		return nil, err
	}
	if n.form != "json_exists" {
		var err error
		if n.returning, n.output, err = p.returning(n.form == "json_query"); err != nil {
			return nil, err
		}
	}
	if n.form == "json_query" {
		if err := p.jsonWrapping(n); err != nil {
			return nil, err
		}
	}
	if err := p.jsonBehaviour(n); err != nil {
		return nil, err
	}
	return n, p.needSymbol(")")
}

// jsonInvocation reads "input [FORMAT …], path [AS name] [PASSING value AS name, …]".
func (p *parser) jsonInvocation(n *jsonPathNode) (err error) {
	if n.input, n.format, err = p.jsonValue(); err != nil {
		return err
	}
	if err := p.needSymbol(","); err != nil {
		return err
	}
	path := &stringNode{at: p.offset()}
	if path.value, err = p.stringText(); err != nil {
		return err
	}
	n.path = path
	if p.accept("AS") { // the name of a path means nothing outside of JSON_TABLE
		if _, err := p.identifier(); err != nil {
			return err
		}
	}
	if !p.accept("PASSING") {
		return nil
	}
	for {
		var a jsonPassingNode
		if a.value, a.format, err = p.jsonValue(); err != nil {
			return err
		}
		if err := p.need("AS"); err != nil {
			return err
		}
		if a.name, err = p.identifier(); err != nil {
			return err
		}
		n.passing = append(n.passing, a)
		if !p.acceptSymbol(",") {
			return nil
		}
	}
}

// jsonValue reads an expression and its FORMAT.
func (p *parser) jsonValue() (node, string, error) {
	e, err := p.expression()
	if err != nil {
		return nil, "", err
	}
	format, err := p.jsonFormat()
	return e, format, err
}

// jsonFormat reads FORMAT JSON [ENCODING UTF8|UTF16|UTF32] if it stands here.
func (p *parser) jsonFormat() (string, error) {
	if !p.accept("FORMAT") {
		return "", nil
	}
	if err := p.need("JSON"); err != nil {
		return "", err
	}
	if !p.accept("ENCODING") {
		return "JSON", nil
	}
	for _, e := range [...]string{"UTF8", "UTF16", "UTF32"} {
		if p.accept(e) {
			return "JSON ENCODING " + e, nil
		}
	}
	return "", p.mismatch()
}

// returning reads RETURNING type [FORMAT …] if it stands here.
func (p *parser) returning(formatted bool) (*typeText, string, error) {
	if !p.accept("RETURNING") {
		return nil, "", nil
	}
	t, err := p.typeText()
	if err != nil || !formatted {
		return &t, "", err
	}
	format, err := p.jsonFormat()
	return &t, format, err
}

// jsonWrapping reads [WITHOUT|WITH … [ARRAY] WRAPPER] [KEEP|OMIT QUOTES [ON SCALAR STRING]].
func (p *parser) jsonWrapping(n *jsonPathNode) error {
	switch {
	case p.accept("WITHOUT"):
		n.wrapper = "WITHOUT"
	case p.accept("WITH"):
		if n.wrapper = "UNCONDITIONAL"; p.accept("CONDITIONAL") {
			n.wrapper = "CONDITIONAL"
		} else {
			p.accept("UNCONDITIONAL")
		}
	}
	if n.wrapper != "" {
		p.accept("ARRAY")
		if err := p.need("WRAPPER"); err != nil {
			return err
		}
	}
	for _, q := range [...]string{"KEEP", "OMIT"} {
		if p.accept(q) {
			n.quotes = q
			if err := p.need("QUOTES"); err != nil {
				return err
			}
			if p.is("ON") && p.wordAt(1, "SCALAR") {
				p.pos += 2
				return p.need("STRING")
			}
			return nil
		}
	}
	return nil
}

// jsonElses are what each function can give ON EMPTY and ON ERROR.
var jsonElses = map[string][][]string{
	"json_exists": {{"TRUE"}, {"FALSE"}, {"UNKNOWN"}, {"ERROR"}},
	"json_value":  {{"ERROR"}, {"NULL"}, {"DEFAULT"}},
	"json_query":  {{"ERROR"}, {"NULL"}, {"EMPTY", "ARRAY"}, {"EMPTY", "OBJECT"}},
}

// jsonBehaviour reads [… ON EMPTY] [… ON ERROR]; JSON_EXISTS has the second only.
func (p *parser) jsonBehaviour(n *jsonPathNode) error {
	for n.onError == nil {
		e, err := p.jsonElse(n.form)
		if err != nil || e == nil {
			return err
		}
		if err := p.need("ON"); err != nil {
			return err
		}
		if n.onEmpty == nil && n.form != "json_exists" && p.accept("EMPTY") {
			n.onEmpty = e
			continue
		}
		if n.onError = e; !p.accept("ERROR") {
			return p.mismatch()
		}
	}
	return nil
}

func (p *parser) jsonElse(form string) (*jsonElse, error) {
	for _, words := range jsonElses[form] {
		if !p.accept(words...) {
			continue
		}
		e := &jsonElse{kind: words[0]}
		if len(words) > 1 {
			e.kind += " " + words[1]
		}
		var err error
		if e.kind == "DEFAULT" {
			e.value, err = p.expression()
		}
		return e, err
	}
	return nil, nil
}

// jsonObject reads JSON_OBJECT(KEY a VALUE b, 'c' : d … ON NULL … UNIQUE KEYS RETURNING …).
func (p *parser) jsonObject() (node, error) {
	o := &jsonObjectNode{at: p.offset()}
	p.advance()
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	var err error
	if !p.isSymbol(")") && !p.returningAhead() {
		for len(o.members) == 0 || p.acceptSymbol(",") {
			m, err := p.jsonMember()
			if err != nil {
				return nil, err
			}
			o.members = append(o.members, m)
		}
		o.absent, o.nullGiven = p.onNull()
		with := p.accept("WITH")
		if with || p.accept("WITHOUT") {
			if err := p.need("UNIQUE"); err != nil {
				return nil, err
			}
			p.accept("KEYS")
			o.unique = with
		}
	}
	if o.returning, o.output, err = p.returning(true); err != nil {
		return nil, err
	}
	return o, p.needSymbol(")")
}

// returningAhead tells whether RETURNING stands here as a clause, not as a name.
func (p *parser) returningAhead() bool { return p.is("RETURNING") && p.isName(1) }

// onNull reads NULL ON NULL or ABSENT ON NULL.
func (p *parser) onNull() (absent, given bool) {
	if p.accept("ABSENT", "ON", "NULL") {
		return true, true
	}
	return false, p.accept("NULL", "ON", "NULL")
}

// jsonMember reads [KEY] key VALUE value, or key : value.
func (p *parser) jsonMember() (m jsonMemberNode, err error) {
	keyed := p.is("KEY") && p.keyFollows()
	if keyed {
		p.advance()
	}
	if m.key, err = p.expression(); err != nil {
		return m, err
	}
	if keyed || !p.acceptSymbol(":") {
		if err := p.need("VALUE"); err != nil {
			return m, err
		}
	}
	m.value, m.format, err = p.jsonValue()
	return m, err
}

// keyFollows tells whether what follows KEY is an expression, so that KEY is no name.
func (p *parser) keyFollows() bool {
	switch t := p.peekAt(1); t.kind {
	case tokSymbol:
		return t.value == "(" || t.value == "-" || t.value == "+" || t.value == "?"
	case tokEOF:
		return false
	}
	for _, word := range [...]string{"VALUE", "AND", "OR", "NOT", "IS", "IN", "LIKE", "BETWEEN", "AT"} {
		if p.wordAt(1, word) {
			return false
		}
	}
	return true
}

// jsonArray reads JSON_ARRAY(a, b … ON NULL RETURNING …).
func (p *parser) jsonArray() (node, error) {
	a := &jsonArrayNode{at: p.offset(), absent: true}
	p.advance()
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	var err error
	if !p.isSymbol(")") && !p.returningAhead() {
		for len(a.items) == 0 || p.acceptSymbol(",") {
			var m jsonMemberNode
			if m.value, m.format, err = p.jsonValue(); err != nil {
				return nil, err
			}
			a.items = append(a.items, m)
		}
		if absent, given := p.onNull(); given {
			a.absent, a.nullGiven = absent, true
		}
	}
	if a.returning, a.output, err = p.returning(true); err != nil {
		return nil, err
	}
	return a, p.needSymbol(")")
}
