package dialect

import "strings"

// scope is the columns that names can mean at one place, and the scope around it (for correlated subqueries).
// The parameters of a lambda are a scope of their own.
type scope struct {
	outer  *scope
	fields []field
	owner  *selectPlan
	joined string       // RIGHT or FULL: the left side of such a join, which its right side must not use
	output bool         // the columns that SELECT gives, as ORDER BY sees them
	lambda *lambdaScope // nil but for parameters of a lambda
	items  []itemNode   // of the SELECT whose FROM this is: for hints, their names are not seen here
}

// lambdaScope notes the calls in the body of a lambda that can't be there: aggregations and window functions.
type lambdaScope struct{ aggregations []node }

// inLambda gives the innermost lambda around a place, nil for none.
func (s *scope) inLambda() *lambdaScope {
	for ; s != nil; s = s.outer {
		if s.lambda != nil {
			return s.lambda
		}
	}
	return nil
}

// field is a column in scope. Qualifier is how its relation is called: the alias, or catalog, database and table.
type field struct {
	name      string
	qualifier []string
	value     expr
	hidden    bool
}

// matches tells whether the written qualifier, such as db.t, means this field's relation.
func (f field) matches(written []name) bool {
	if len(written) > len(f.qualifier) {
		return false
	}
	tail := f.qualifier[len(f.qualifier)-len(written):]
	for i, w := range written {
		if !strings.EqualFold(w.text, tail[i]) {
			return false
		}
	}
	return true
}

// lookup finds the fields that a qualified name means in this scope alone.
func (s *scope) lookup(qualifier []name, column string) []field {
	var found []field
	for _, f := range s.fields {
		if strings.EqualFold(f.name, column) && f.matches(qualifier) {
			found = append(found, f)
		}
	}
	return found
}

// resolve gives the expression that a dotted name means: a column, or a field of a row that a column holds.
func (a *analyzer) resolve(s *scope, n *nameNode) (expr, error) {
	for at := s; at != nil; at = at.outer {
		for cut := len(n.parts) - 1; cut >= 0; cut-- { // the whole name as a column first, then as a column and row fields
			found := at.lookup(n.parts[:cut], n.parts[cut].text)
			if len(found) > 1 {
				return nil, a.errorf(CodeAmbiguousName, n, "Column '%s' is ambiguous", dottedText(n.parts))
			}
			if len(found) == 1 {
				if err := a.usable(s, at, n, found[0]); err != nil {
					return nil, err
				}
				value := found[0].value
				if at.output && a.aggregating+a.grouping > 0 {
					value = &constExpr{t: value.typ()} // it can't be there; see misuse
				}
				return a.fieldsIn(n, a.use(value), n.parts[cut+1:])
			}
		}
	}
	e := a.errorf(CodeColumnNotFound, n,
		"Column '%s' cannot be resolved or requester is not authorized to access requested resources", dottedText(n.parts))
	if len(n.parts) == 1 && s != nil {
		e.Hint = hintForColumn(s, string(a.src), n.parts[0])
	}
	return nil, e
}

// usable holds a column that was found at one scope against the place from where it is used, and notes the uses of columns
// of outer queries.
func (a *analyzer) usable(from, at *scope, n *nameNode, f field) error {
	switch {
	case at.output && a.grouping > 0:
		at.owner.misuse = &Error{Code: CodeArguments, Message: "Invalid reference to output of SELECT clause from grouping() expression in ORDER BY"}
	case at.output && a.aggregating > 0:
		at.owner.misuse = a.errorf(CodeColumnNotFound, n, "Invalid reference to output projection attribute from ORDER BY aggregation")
	case at.joined != "":
		return a.errorf(CodeColumnReference, n, "LATERAL reference not allowed in %s JOIN", at.joined)
	case at.owner != nil && at.owner != from.owner:
		walk(f.value, func(e expr) {
			if c, ok := e.(*columnExpr); ok {
				c.rel.joined = true
			}
		})
		a.outer = append(a.outer, outerColumn{at: n.at, text: dottedText(n.parts), value: f.value, owner: at.owner})
	}
	return nil
}

// fieldsIn goes down into a row by the names of its fields.
func (a *analyzer) fieldsIn(n *nameNode, e expr, parts []name) (expr, error) {
	for i, part := range parts {
		var err error
		if e, err = a.fieldOf(n, e, dottedText(n.parts[:len(n.parts)-len(parts)+i]), part); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// hintForColumn helps with the two usual mistakes: a text in double quotes, and a name that is nearly right.
func hintForColumn(s *scope, text string, n name) string {
	if int(n.off) < len(text) && text[n.off] == '"' {
		return "double quotes make a name; write a text as '" + n.text + "'"
	}
	for ; s != nil; s = s.outer {
		for _, item := range s.items {
			if item.alias != nil && strings.EqualFold(item.alias.text, n.text) {
				return "only ORDER BY sees the names that SELECT gives; write the expression again, or select from a query in WITH"
			}
		}
	}
	return ""
}

// use notes that the query needs the columns of e.
func (a *analyzer) use(e expr) expr {
	walk(e, func(e expr) {
		if c, ok := e.(*columnExpr); ok && c.rel.scan != nil {
			c.rel.scan.needed[c.column] = true
		}
	})
	return e
}

func dottedText(parts []name) string {
	texts := make([]string, len(parts))
	for i, p := range parts {
		texts[i] = strings.ToLower(p.text)
	}
	return strings.Join(texts, ".")
}

// walk visits e and the expressions in it, not those inside subqueries.
func walk(e expr, visit func(expr)) {
	if e == nil {
		return
	}
	visit(e)
	switch e := e.(type) {
	case *castExpr:
		walk(e.operand, visit)
	case *subqueryExpr:
		walk(e.value, visit)
	case *lambdaExpr:
		walk(e.body, visit)
	case *callExpr:
		for _, arg := range e.args {
			walk(arg, visit)
		}
		walk(e.filter, visit)
		walkSort(e.order, visit)
		if e.window != nil {
			walkWindow(e.window, visit)
		}
	}
}

func walkWindow(w *windowPlan, visit func(expr)) {
	for _, p := range w.partition {
		walk(p, visit)
	}
	walkSort(w.order, visit)
	if w.frame != nil {
		walk(w.frame.startAt, visit)
		walk(w.frame.endAt, visit)
	}
}

func walkSort(order []sortPlan, visit func(expr)) {
	for _, o := range order {
		walk(o.key, visit)
	}
}

// same tells whether two expressions are the same expression, as GROUP BY understands it.
func same(a, b expr) bool {
	switch a := a.(type) {
	case *columnExpr:
		b, ok := b.(*columnExpr)
		return ok && a.rel == b.rel && a.column == b.column
	case *constExpr:
		b, ok := b.(*constExpr)
		return ok && a.t.Equal(b.t) && sameValue(a.value, b.value)
	case *castExpr:
		b, ok := b.(*castExpr)
		return ok && a.try == b.try && a.t.Equal(b.t) && same(a.operand, b.operand)
	case *callExpr:
		b, ok := b.(*callExpr)
		return ok && sameCall(a, b)
	case *lambdaExpr:
		b, ok := b.(*lambdaExpr)
		return ok && sameLambda(a, b)
	case *variableExpr: // in the same place of two lambdas that are the same so far
		b, ok := b.(*variableExpr)
		return ok && a.variable.name == b.variable.name && a.variable.t.Equal(b.variable.t)
	case *subqueryExpr:
		return expr(a) == b
	}
	return false
}

// sameLambda compares lambdas; as for Trino, their parameters must have the same names too.
func sameLambda(a, b *lambdaExpr) bool {
	if !a.t.Equal(b.t) || len(a.params) != len(b.params) {
		return false
	}
	for i, v := range a.params {
		if v.name != b.params[i].name {
			return false
		}
	}
	return same(a.body, b.body)
}

func sameCall(a, b *callExpr) bool {
	if a.op != b.op || !a.t.Equal(b.t) || len(a.args) != len(b.args) || a.template() != b.template() || a.volatile || a.distinct != b.distinct {
		return false
	}
	if a.window != nil || b.window != nil || a.filter != nil || b.filter != nil || len(a.order)+len(b.order) > 0 {
		return a == b
	}
	for i := range a.args {
		if (a.args[i] == nil) != (b.args[i] == nil) || a.args[i] != nil && !same(a.args[i], b.args[i]) {
			return false
		}
	}
	return true
}

// template is the translation of a function, "" of anything else.
func (c *callExpr) template() string {
	if c.over == nil {
		return ""
	}
	return c.over.SQL
}

func sameValue(a, b any) bool {
	x, ok := a.([]byte)
	y, ok2 := b.([]byte)
	if ok || ok2 {
		return ok && ok2 && string(x) == string(y)
	}
	return a == b
}
