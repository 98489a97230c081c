package dialect

import (
	"fmt"
	"strconv"
	"strings"
)

// analyzer turns the tree into a plan.
type analyzer struct {
	src     source
	session Session
	tables  Resolver
	scans   []*Scan
	aliases int // relations and variables named so far
	lambdas int // bodies of lambdas analysed so far
	withs   []*namedQuery
	depends []string // what the result depends on besides rows, once each
}

// namedQuery is a WITH query in scope; a later one hides an earlier one of the same name.
type namedQuery struct {
	name string
	plan *withPlan
}

// Analyze resolves the names and types of the query that the statement runs or explains. Errors are *Error with Trino's
// codes, texts and positions, or what the Resolver failed with.
func Analyze(stmt *Statement, session Session, tables Resolver) (*Query, error) {
	if stmt.query == nil {
		return nil, stmt.Unsupported()
	}
	if len(session.Parameters) < stmt.Parameters {
		return nil, &Error{Code: CodeParameterUsage, Message: fmt.Sprintf("Incorrect number of parameters: expected %d but found %d",
			stmt.Parameters, len(session.Parameters))}
	}
	if session.Catalog == "" {
		session.Catalog = "awsdatacatalog"
	}
	if session.Database == "" {
		session.Database = "default"
	}
	a := &analyzer{src: source(stmt.text), session: session, tables: tables}
	root, err := a.query(stmt.query, nil)
	if err != nil {
		return nil, err
	}
	pushFilters(root, nil)
	for _, s := range a.scans {
		for _, c := range s.Table.Columns {
			if s.needed[c.Name] {
				s.Columns = append(s.Columns, c.Name)
			}
		}
	}
	q := &Query{Output: root.columns, Scans: a.scans, Kind: stmt.Kind(), root: root, depends: a.depends}
	if !q.printable() {
		return nil, &Error{Code: CodeNotSupported, Message: "the query is too large: functions that need their arguments more than once nest too deeply",
			Hint: "compute the inner values in a WITH query"}
	}
	return q, nil
}

func (a *analyzer) errorf(code string, n interface{ offset() int32 }, format string, args ...any) *Error {
	return a.src.errorf(code, n.offset(), format, args...)
}

func (a *analyzer) unsupported(n interface{ offset() int32 }, what string) *Error {
	return a.errorf(CodeNotSupported, n, "%s are not supported", what)
}

func (a *analyzer) alias(prefix string) string {
	a.aliases++
	return prefix + strconv.Itoa(a.aliases)
}

// query analyses a query; outer is the scope around it, for correlated subqueries.
func (a *analyzer) query(n *queryNode, outer *scope) (*queryPlan, error) {
	mark := len(a.withs)
	defer func() { a.withs = a.withs[:mark] }()
	switch {
	case n.recursive:
		return nil, a.unsupported(n, "WITH RECURSIVE queries")
	case n.ties:
		return nil, a.unsupported(n.limit, "FETCH … WITH TIES clauses")
	}
	q := &queryPlan{limit: -1}
	for _, w := range n.with {
		plan, err := a.with(w, outer, mark)
		if err != nil {
			return nil, err
		}
		q.with = append(q.with, plan)
	}
	if err := a.body(q, n, outer); err != nil {
		return nil, err
	}
	var err error
	if q.skip, err = a.rowCount(n.skip, 0); err != nil {
		return nil, err
	}
	q.limit, err = a.rowCount(n.limit, -1)
	return q, err
}

func (a *analyzer) with(w withNode, outer *scope, mark int) (*withPlan, error) {
	name := strings.ToLower(w.name.text)
	for _, known := range a.withs[mark:] {
		if known.name == name {
			return nil, a.src.errorf(CodeDuplicateNames, w.name.off, "WITH query name '%s' specified more than once", name)
		}
	}
	q, err := a.query(w.query, outer)
	if err != nil {
		return nil, err
	}
	if q, err = a.renamed(q, w.columns, w.name.off); err != nil {
		return nil, err
	}
	plan := &withPlan{name: name, alias: a.alias("w"), query: q}
	a.withs = append(a.withs, &namedQuery{name: name, plan: plan})
	return plan, nil
}

// renamed gives q with its columns named as in "t (a, b)".
func (a *analyzer) renamed(q *queryPlan, columns []name, off int32) (*queryPlan, error) {
	if len(columns) == 0 {
		return q, nil
	}
	if len(columns) != len(q.columns) {
		return nil, a.src.errorf(CodeMismatchedColumns, off, "Column alias list has %d entries but relation has %d columns",
			len(columns), len(q.columns))
	}
	named := make([]OutputColumn, len(columns))
	for i, c := range columns {
		named[i] = OutputColumn{Name: strings.ToLower(c.text), Type: q.columns[i].Type}
	}
	r := *q
	r.columns = named
	return &r, nil
}

// body analyses the body of a query together with its ORDER BY, which may see what the body sees.
func (a *analyzer) body(q *queryPlan, n *queryNode, outer *scope) error {
	if s, ok := n.body.(*selectNode); ok {
		return a.selectBody(q, s, n.order, outer)
	}
	var err error
	switch body := n.body.(type) {
	case *valuesNode:
		q.body, q.columns, err = a.values(body, outer)
	case *setNode:
		q.body, q.columns, err = a.setOperation(body, outer)
	case *queryNode:
		var inner *queryPlan
		if inner, err = a.query(body, outer); err == nil {
			q.body, q.columns = inner, inner.columns
		}
	}
	if err != nil || len(n.order) == 0 {
		return err
	}
	return a.orderOfColumns(q, n.order)
}

// orderOfColumns analyses ORDER BY over a body whose columns are all that it sees.
func (a *analyzer) orderOfColumns(q *queryPlan, order []sortNode) error {
	for _, o := range order {
		item := sortPlan{descending: o.descending, nullsFirst: o.nulls == "FIRST"}
		ordinal, ok, err := a.ordinal(o.key, len(q.columns), "ORDER BY")
		if err != nil {
			return err
		}
		if !ok {
			if ordinal, err = a.columnNamed(q, o.key); err != nil {
				return err
			}
		}
		item.ordinal = ordinal
		if err := a.needOrderable(o.key, q.columns[ordinal-1].Type); err != nil {
			return err
		}
		q.order = append(q.order, item)
	}
	return nil
}

func (a *analyzer) columnNamed(q *queryPlan, key node) (int, error) {
	n, ok := key.(*nameNode)
	if !ok || len(n.parts) != 1 {
		return 0, a.unsupported(key, "expressions in ORDER BY over UNION, INTERSECT, EXCEPT or VALUES")
	}
	found := 0
	for i, c := range q.columns {
		if strings.EqualFold(c.Name, n.parts[0].text) {
			if found > 0 {
				return 0, a.errorf(CodeAmbiguousName, n, "Column '%s' is ambiguous", dottedText(n.parts))
			}
			found = i + 1
		}
	}
	if found == 0 {
		_, err := a.resolve(nil, n)
		return 0, err
	}
	return found, nil
}

// ordinal reads an integer literal as the number of an output column.
func (a *analyzer) ordinal(n node, columns int, clause string) (int, bool, error) {
	number, ok := n.(*numberNode)
	if !ok || number.kind != tokInteger {
		return 0, false, nil
	}
	i, err := strconv.Atoi(number.text)
	if err != nil || i < 1 || i > columns {
		return 0, false, a.errorf(CodeColumnReference, n, "%s position %s is not in select list", clause, number.text)
	}
	return i, true, nil
}

func (a *analyzer) needOrderable(n node, t Type) error {
	if t.orderable() {
		return nil
	}
	return a.errorf(CodeTypeMismatch, n, "Type %s is not orderable, and therefore cannot be used in ORDER BY", t)
}

// rowCount reads the number of LIMIT, OFFSET or FETCH.
func (a *analyzer) rowCount(n node, none int64) (int64, error) {
	switch n := n.(type) {
	case *numberNode:
		v, err := strconv.ParseInt(n.text, 0, 64)
		if err != nil {
			return 0, a.errorf(CodeInvalidLiteral, n, "Invalid numeric literal: %s", n.text)
		}
		return v, nil
	case *parameterNode:
		v, err := strconv.ParseInt(strings.TrimSpace(a.session.Parameters[n.index]), 10, 64)
		if err != nil || v < 0 {
			return 0, a.errorf(CodeTypeMismatch, n, "Non constant parameter value for row count: %s", a.session.Parameters[n.index])
		}
		return v, nil
	}
	return none, nil
}

func (a *analyzer) values(n *valuesNode, outer *scope) (any, []OutputColumn, error) {
	s := &scope{outer: outer}
	plan := &valuesPlan{}
	var types []Type
	for i, row := range n.rows {
		if i > 0 && len(row) != len(types) {
			return nil, nil, a.errorf(CodeTypeMismatch, n, "Values rows have mismatched sizes: %d vs %d", len(types), len(row))
		}
		exprs, err := a.exprs(s, row)
		if err != nil {
			return nil, nil, err
		}
		for j, e := range exprs {
			if i == 0 {
				types = append(types, e.typ())
				continue
			}
			t, ok := common(types[j], e.typ())
			if !ok {
				return nil, nil, a.errorf(CodeTypeMismatch, row[j], "Values rows have mismatched types: %s vs %s", types[j], e.typ())
			}
			types[j] = t
		}
		plan.rows = append(plan.rows, exprs)
	}
	columns := make([]OutputColumn, len(types))
	for j, t := range types {
		columns[j] = OutputColumn{Name: "_col" + strconv.Itoa(j), Type: t}
		for _, row := range plan.rows {
			row[j] = cast(row[j], t)
		}
	}
	return plan, columns, nil
}

func (a *analyzer) setOperation(n *setNode, outer *scope) (any, []OutputColumn, error) {
	left, err := a.query(&queryNode{at: at(n.left.offset()), body: n.left}, outer)
	if err != nil {
		return nil, nil, err
	}
	right, err := a.query(&queryNode{at: at(n.right.offset()), body: n.right}, outer)
	if err != nil {
		return nil, nil, err
	}
	if len(left.columns) != len(right.columns) {
		return nil, nil, a.errorf(CodeTypeMismatch, n, "%s query has different number of fields: %d, %d", n.op, len(left.columns), len(right.columns))
	}
	columns := make([]OutputColumn, len(left.columns))
	for i, c := range left.columns {
		t, ok := common(c.Type, right.columns[i].Type)
		if !ok {
			return nil, nil, a.errorf(CodeTypeMismatch, n, "column %d in %s query has incompatible types: %s, %s", i+1, n.op, c.Type, right.columns[i].Type)
		}
		if !t.comparable() && !(n.op == "UNION" && n.all) {
			return nil, nil, a.errorf(CodeTypeMismatch, n, "Type %s is not comparable and therefore cannot be used in %s DISTINCT", t, n.op)
		}
		columns[i] = OutputColumn{Name: c.Name, Type: t}
	}
	return &setPlan{op: n.op, all: n.all, left: a.widened(left, columns), right: a.widened(right, columns)}, columns, nil
}

// widened gives q with its columns cast to the given types, itself when they are of these types already.
func (a *analyzer) widened(q *queryPlan, columns []OutputColumn) *queryPlan {
	fits := true
	for i, c := range q.columns {
		fits = fits && c.Type.DuckDB() == columns[i].Type.DuckDB()
	}
	if fits {
		return q
	}
	rel := &relation{alias: a.alias("r"), query: q}
	s := &selectPlan{from: rel}
	for i, c := range q.columns {
		s.items = append(s.items, cast(&columnExpr{rel: rel, column: outputName(i), t: c.Type}, columns[i].Type))
	}
	return &queryPlan{body: s, columns: columns, limit: -1}
}

// outputName is the name that the i-th column of a query is printed with.
func outputName(i int) string { return "c" + strconv.Itoa(i+1) }
