package dialect

import (
	"strconv"
	"strings"
)

// This file tells what a parsed statement is and what it holds besides a query.

// StatementKind says what a statement does.
type StatementKind string

// The kinds of statements that are parsed.
const (
	KindSelect        StatementKind = "SELECT" // also VALUES, TABLE and set operations
	KindExplain       StatementKind = "EXPLAIN"
	KindPrepare       StatementKind = "PREPARE"
	KindExecute       StatementKind = "EXECUTE"
	KindDeallocate    StatementKind = "DEALLOCATE"
	KindCreateTableAs StatementKind = "CREATE TABLE AS"
	KindInsert        StatementKind = "INSERT"
	KindUnload        StatementKind = "UNLOAD"
)

// Statement is a parsed statement. It is immutable and may be analysed any number of times, concurrently.
type Statement struct {
	text  string
	root  statementNode
	query *queryNode // that it runs or explains, nil without
	ended bool       // a semicolon ends the text
	// Parameters is the number of `?` markers; those of a statement that is being prepared do not count.
	Parameters int
}

// Kind gives what the statement does.
func (s *Statement) Kind() StatementKind { return kindOf(s.root) }

func kindOf(n statementNode) StatementKind {
	switch n.(type) {
	case *explainNode:
		return KindExplain
	case *prepareNode:
		return KindPrepare
	case *executeNode:
		return KindExecute
	case *deallocateNode:
		return KindDeallocate
	case *createTableAsNode:
		return KindCreateTableAs
	case *insertNode:
		return KindInsert
	case *unloadNode:
		return KindUnload
	}
	return KindSelect
}

// HasQuery tells whether the statement runs or explains a query, which Analyze analyses.
func (s *Statement) HasQuery() bool { return s.query != nil }

// Unsupported is the error with which somebody who does not run statements of this kind refuses it.
func (s *Statement) Unsupported() *Error {
	return source(s.text).errorf(CodeNotSupported, s.root.offset(), "%s statements are not supported", s.Kind())
}

// Name gives the name of a prepared statement: what PREPARE, EXECUTE or DEALLOCATE PREPARE is about; "" for others.
func (s *Statement) Name() string {
	switch n := s.root.(type) {
	case *prepareNode:
		return n.name.text
	case *executeNode:
		return n.name.text
	case *deallocateNode:
		return n.name.text
	}
	return ""
}

// Prepared gives the text of the statement that PREPARE prepares, as written.
func (s *Statement) Prepared() string {
	if n, ok := s.root.(*prepareNode); ok {
		return n.text
	}
	return ""
}

// Arguments gives the values of EXECUTE … USING as SQL text.
func (s *Statement) Arguments() []string {
	if n, ok := s.root.(*executeNode); ok {
		return n.texts
	}
	return nil
}

// Explain is what EXPLAIN is asked for. Type is LOGICAL, DISTRIBUTED, VALIDATE or IO, Format is TEXT, GRAPHVIZ or JSON; both
// are "" where they were not given.
type Explain struct {
	Analyze, Verbose bool
	Type, Format     string
	Kind             StatementKind // of the explained statement
	Text             string        // of the explained statement, as written
}

// Explained gives what EXPLAIN is asked for; ok is false for other statements.
func (s *Statement) Explained() (e Explain, ok bool) {
	n, ok := s.root.(*explainNode)
	if !ok {
		return e, false
	}
	return Explain{Analyze: n.analyze, Verbose: n.verbose, Type: n.kind, Format: n.format, Kind: kindOf(n.statement), Text: n.text}, true
}

// Target is where a statement writes: a table of CREATE TABLE AS and INSERT, a location of UNLOAD.
type Target struct {
	Table       []string // the parts of the table's name, in lower case
	Columns     []string // in lower case, nil where none were given
	IfNotExists bool
	WithoutData bool // WITH NO DATA
	Comment     string
	Location    string // UNLOAD
	Properties  []Property
}

// Property is "name = value" in WITH (…). Value is a string, bool, int64, float64 or []any of them, nil where what was
// written is no literal. Text is the value as written.
type Property struct {
	Name         string // in lower case
	Value        any
	Text         string
	Line, Column int
}

// Target gives where the statement writes; ok is false for statements that write nothing.
func (s *Statement) Target() (t Target, ok bool) {
	switch n := s.root.(type) {
	case *createTableAsNode:
		t = Target{Table: lowerNames(n.table), Columns: lowerNames(n.columns), IfNotExists: n.ifNotExists, WithoutData: n.withoutData,
			Properties: s.propertiesOf(n.properties)}
		if n.comment != nil {
			t.Comment = *n.comment
		}
	case *insertNode:
		t = Target{Table: lowerNames(n.table), Columns: lowerNames(n.columns)}
	case *unloadNode:
		t = Target{Location: n.location, Properties: s.propertiesOf(n.properties)}
	default:
		return t, false
	}
	return t, true
}

func lowerNames(names []name) []string {
	var list []string
	for _, n := range names {
		list = append(list, strings.ToLower(n.text))
	}
	return list
}

func (s *Statement) propertiesOf(nodes []propertyNode) []Property {
	var list []Property
	for _, n := range nodes {
		p := Property{Name: strings.ToLower(n.name.text), Value: literalValue(n.value), Text: n.text}
		p.Line, p.Column = source(s.text).position(n.name.off)
		list = append(list, p)
	}
	return list
}

// literalValue gives what a literal, or an array of literals, is; nil for others.
func literalValue(n node) any {
	switch n := n.(type) {
	case *stringNode:
		return n.value
	case *boolNode:
		return n.value
	case *numberNode:
		if i, err := strconv.ParseInt(n.text, 0, 64); err == nil {
			return i
		}
		if f, err := strconv.ParseFloat(n.text, 64); err == nil {
			return f
		}
	case *negateNode:
		switch v := literalValue(n.operand).(type) {
		case int64:
			return -v
		case float64:
			return -v
		}
	case *arrayNode:
		list := []any{}
		for _, item := range n.items {
			v := literalValue(item)
			if v == nil {
				return nil
			}
			list = append(list, v)
		}
		return list
	}
	return nil
}
