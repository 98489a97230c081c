package native

import (
	"math/big"
	"strconv"
	"strings"
)

// The paths of SQL/JSON: lax $.a[*] ? (@.b > 1). A path is read into a tree once and walked for each value.

// pathNode is a node of a path or of a predicate. What op means for the others is told where it is evaluated.
type pathNode struct {
	op         string
	text       string // of names
	value      any    // of literals
	args       []*pathNode
	subscripts [][2]*pathNode // from and to, which is nil for a single one
}

// sqlPath is a path that is read.
type sqlPath struct {
	lax  bool
	root *pathNode
}

// PathError is where a path is not one. Kind is Trino's name of the error.
type PathError struct {
	At      int // byte offset; -1 where the error is one of the whole path
	Kind    string
	Message string
}

func (e *PathError) Error() string { return e.Message }

const pathDepthMax = 100

// CheckSQLPath reads a path and tells the names of the values that it takes from PASSING.
func CheckSQLPath(path string) (names []string, err error) {
	p, err := sqlPathOf(path)
	if err != nil {
		return nil, err
	}
	return p.root.variables(nil), nil
}

func (n *pathNode) variables(names []string) []string {
	if n == nil {
		return names
	}
	if n.op == "variable" {
		names = append(names, n.text)
	}
	for _, a := range n.args {
		names = a.variables(names)
	}
	for _, s := range n.subscripts {
		names = s[1].variables(s[0].variables(names))
	}
	return names
}

var sqlPaths remembered[*sqlPath]

func sqlPathOf(path string) (*sqlPath, error) { return sqlPaths.of(path, readSQLPath) }

func readSQLPath(text string) (*sqlPath, error) {
	r := &pathReader{text: text, reads: new(int)}
	r.advance()
	path := r.path()
	if r.err == nil {
		r.types(path.root)
	}
	if r.err != nil {
		return nil, r.err
	}
	return path, nil
}

func (r *pathReader) path() *sqlPath {
	path := &sqlPath{lax: r.token == "lax"}
	if !path.lax && r.token != "strict" {
		if next := r.following(); next.token == "lax" || next.token == "strict" {
			r.fail("extraneous input %s expecting {'lax', 'strict'}", r.shown())
		} else if r.startsPath() {
			r.fail("missing {'lax', 'strict'} at %s", r.shown())
		}
		r.fail("mismatched input %s expecting {'lax', 'strict'}", r.shown())
		return path
	}
	r.advance()
	path.root = r.sum()
	if r.token != "" {
		if next := r.following(); next.token == "" {
			r.fail("extraneous input %s expecting <EOF>", r.shown())
		}
		r.fail("mismatched input %s expecting {<EOF>, '+', '*', '/', '%%', '.', '..', '[', '?', '-'}", r.shown())
	}
	return path
}

// need takes a token. Where it is missing and the rest would do, Trino says that it is missing.
func (r *pathReader) need(token, expected string, missing bool) {
	if r.accept(token) {
		return
	}
	if next := r.following(); r.token != "" && next.token == token && next.kind != 's' {
		r.fail("extraneous input %s expecting %s", r.shown(), expected)
	} else if missing {
		r.fail("missing '%s' at %s", token, r.shown())
	}
	r.fail("mismatched input %s expecting %s", r.shown(), expected)
}

const (
	pathGoesOn      = "'+', '*', '/', '%', '.', '..', '[', '?', "
	predicateGoesOn = "{" + pathGoesOn + "')', '&&', '||', '-'}"
)

// closing takes the bracket behind a predicate.
func (r *pathReader) closing() { r.need(")", predicateGoesOn, r.token == "") }

func (r *pathReader) opening() { r.need("(", "'('", r.startsPath() || r.token == "!") }

func (r *pathReader) deeper() func() {
	if r.depth++; r.depth > pathDepthMax {
		r.limit()
	}
	return func() { r.depth-- }
}

func (r *pathReader) limit() {
	r.failWith(r.start, codeLimit, "a JSON path that is so long is not supported")
}

func (r *pathReader) sum() *pathNode { return r.binary(r.product, "+", "-") }

func (r *pathReader) product() *pathNode { return r.binary(r.signed, "*", "/", "%") }

func (r *pathReader) binary(operand func() *pathNode, ops ...string) *pathNode {
	left := operand()
	for n := 0; ; n++ {
		found := ""
		for _, op := range ops {
			if r.token == op && r.kind == 'o' {
				found = op
			}
		}
		if found == "" {
			return left
		}
		if n > 10*pathDepthMax {
			r.limit()
		}
		r.advance()
		left = &pathNode{op: found, args: []*pathNode{left, operand()}}
	}
}

func (r *pathReader) signed() *pathNode {
	defer r.deeper()()
	switch {
	case r.accept("-"):
		return &pathNode{op: "negate", args: []*pathNode{r.signed()}}
	case r.accept("+"):
		return &pathNode{op: "plus", args: []*pathNode{r.signed()}}
	}
	return r.accessor()
}

func (r *pathReader) accessor() *pathNode {
	e := r.primary()
	for n := 0; ; n++ {
		if n > 10*pathDepthMax {
			r.limit()
		}
		switch {
		case r.accept("."):
			e = r.member(e)
		case r.accept(".."):
			e = &pathNode{op: "descendants", text: r.name(".."), args: []*pathNode{e}}
		case r.accept("["):
			e = r.elements(e)
		case r.accept("?"):
			r.opening()
			e = &pathNode{op: "filter", args: []*pathNode{e, r.predicate()}}
			r.closing()
		default:
			return e
		}
	}
}

func (r *pathReader) name(before string) string {
	text := r.token
	switch r.kind {
	case 's':
		text = unquoted(text)
	case 'w':
	default:
		r.fail("no viable alternative at input '%s%s'", before, text)
	}
	r.advance()
	return text
}

func unquoted(text string) string { return strings.ReplaceAll(text[1:len(text)-1], `""`, `"`) }

var pathMethods = map[string]bool{"type": true, "size": true, "double": true, "ceiling": true, "floor": true, "abs": true, "keyvalue": true}

func (r *pathReader) member(e *pathNode) *pathNode {
	if r.accept("*") {
		return &pathNode{op: "members", args: []*pathNode{e}}
	}
	word := r.kind == 'w'
	name := r.name(".")
	if word && r.token == "(" && name == "datetime" {
		r.failWith(-1, codeLimit, "datetime method in JSON path is not yet supported")
	}
	if !word || r.token != "(" || !pathMethods[name] {
		return &pathNode{op: "member", text: name, args: []*pathNode{e}}
	}
	r.advance()
	r.need(")", "')'", r.token == "")
	return &pathNode{op: name, args: []*pathNode{e}}
}

func (r *pathReader) elements(e *pathNode) *pathNode {
	if r.accept("*") {
		r.need("]", "']'", r.token == "")
		return &pathNode{op: "elements", args: []*pathNode{e}}
	}
	if !r.startsPath() {
		r.fail("no viable alternative at input '[%s'", r.token)
	}
	n := &pathNode{op: "subscript", args: []*pathNode{e}}
	for {
		s := [2]*pathNode{r.sum()}
		if r.accept("to") {
			s[1] = r.sum()
		}
		if n.subscripts = append(n.subscripts, s); !r.accept(",") {
			r.need("]", "{',', ']'}", false)
			return n
		}
	}
}

func (r *pathReader) primary() *pathNode {
	defer r.deeper()()
	r.needPath(pathStarts)
	token := r.token
	switch {
	case r.kind == 'n':
		r.advance()
		return &pathNode{op: "literal", value: r.number(token)}
	case r.kind == 's':
		r.advance()
		return &pathNode{op: "literal", value: unquoted(token)}
	case r.accept("null"):
		return &pathNode{op: "literal"}
	case r.accept("true"), r.accept("false"):
		return &pathNode{op: "literal", value: token == "true"}
	case r.accept("$"):
		return &pathNode{op: "root"}
	case r.accept("@"):
		return &pathNode{op: "item"}
	case r.accept("last"):
		return &pathNode{op: "last"}
	case r.accept("("):
		e := r.sum()
		r.need(")", "{"+pathGoesOn+"')', '-'}", r.token == "")
		return e
	}
	r.advance()
	return &pathNode{op: "variable", text: strings.TrimPrefix(token, "$")}
}

// predicate reads a condition: || over && over the others.
func (r *pathReader) predicate() *pathNode {
	defer r.deeper()()
	return r.binary(func() *pathNode { return r.binary(r.condition, "&&") }, "||")
}

func (r *pathReader) condition() *pathNode {
	defer r.deeper()()
	switch {
	case r.accept("!"):
		if r.token != "(" && r.token != "exists" {
			r.fail("mismatched input %s expecting {'(', 'exists'}", r.shown())
		}
		return &pathNode{op: "not", args: []*pathNode{r.delimited()}}
	case r.token == "exists" && r.kind == 'w':
		return r.delimited()
	case r.token == "(":
		return r.bracket()
	}
	return r.comparison()
}

// delimited reads exists(path) or a condition in brackets.
func (r *pathReader) delimited() *pathNode {
	var n *pathNode
	if r.accept("exists") {
		r.opening()
		n = &pathNode{op: "exists", args: []*pathNode{r.sum()}}
	} else {
		r.opening()
		n = r.predicate()
	}
	r.closing()
	return n
}

// bracket reads what begins with a bracket: a condition, or a comparison that begins with a path in brackets. Where it is
// neither, the error is the one of the reading that came further.
func (r *pathReader) bracket() *pathNode {
	before := *r
	n := r.group()
	if r.err == nil || r.err.Kind != "SYNTAX_ERROR" {
		return n
	}
	failure := r.err
	*r = before
	if n = r.comparison(); r.err != nil && r.err.Kind == "SYNTAX_ERROR" && r.err.At < failure.At {
		r.err = failure
	}
	return n
}

// group reads a condition in brackets.
func (r *pathReader) group() *pathNode {
	n := r.delimited()
	if r.accept("is") {
		r.need("unknown", predicateGoesOn, false)
		return &pathNode{op: "unknown", args: []*pathNode{n}}
	}
	switch r.token {
	case "", ")", "&&", "||":
		return n
	}
	r.fail("mismatched input %s expecting %s", r.shown(), predicateGoesOn)
	return n
}

var pathComparisons = map[string]bool{"==": true, "<>": true, "!=": true, "<": true, ">": true, "<=": true, ">=": true}

func (r *pathReader) comparison() *pathNode {
	start := r.start
	r.needPath("{'+', '(', '$', '@', '!', 'exists', 'false', 'last', '-', 'null', 'true', DECIMAL_VALUE, DOUBLE_VALUE, INTEGER_VALUE, STRING, NAMED_VARIABLE}")
	left := r.sum()
	op := r.token
	switch {
	case r.kind == 'o' && pathComparisons[op]:
		r.advance()
		return &pathNode{op: op, args: []*pathNode{left, r.sum()}}
	case r.accept("starts"):
		r.need("with", "{"+pathGoesOn+"'-', 'starts'}", false)
		if r.kind != 's' && (r.kind != 'o' || len(r.token) < 2 || r.token[0] != '$') {
			r.fail("mismatched input %s expecting {STRING, NAMED_VARIABLE}", r.shown())
		}
		right := r.primary()
		return &pathNode{op: "starts", args: []*pathNode{left, right}}
	case r.token == "like_regex":
		r.failWith(-1, codeLimit, "like_regex predicate in JSON path is not yet supported")
	}
	r.fail("no viable alternative at input '%s'", r.text[start:r.pos])
	return left
}

// number is a number as a literal: an integer, a decimal or, with an exponent, a double.
func (r *pathReader) number(text string) any {
	if strings.ContainsAny(text, "eE") {
		f, _ := strconv.ParseFloat(text, 64) // digits
		return f
	}
	if strings.Contains(text, ".") {
		d, _ := decimalOf(text) // digits
		if len(new(big.Int).Abs(d.digits).String()) > 38 || d.scale > 38 {
			r.failWith(-1, "INVALID_LITERAL", "'"+text+"' is not a valid DECIMAL literal")
		}
		return d
	}
	n := jsonIntegerOf(text)
	if _, huge := n.(*big.Int); huge {
		r.failWith(-1, "SYNTAX_ERROR", "Invalid numeric literal: "+text)
	}
	return n
}
