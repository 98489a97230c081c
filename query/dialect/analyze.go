package dialect

import (
	"slices"
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
	depends []string      // what the result depends on besides rows, once each
	outer   []outerColumn // uses of columns of outer queries, in the order of the text

	subqueries  int    // subqueries in expressions around this place
	aggregating int    // arguments of aggregates around this place
	grouping    int    // arguments of grouping() around this place
	outerSide   string // what a recursive reference here would be: the side of an outer join that may be filled with NULLs
}

// namedQuery is a WITH query in scope; a later one hides an earlier one of the same name.
type namedQuery struct {
	name      string
	plan      *withPlan
	recursion *recursion // inside the recursive query itself
}

// Analyze resolves the names and types of the query that the statement runs or explains. Errors are *Error with Trino's
// codes, texts and positions, or what the Resolver failed with.
func Analyze(stmt *Statement, session Session, tables Resolver) (*Query, error) {
	if stmt.query == nil {
		return nil, stmt.Unsupported()
	}
	if len(session.Parameters) < stmt.Parameters {
		return nil, source(stmt.text).errorf(CodeParameterUsage, stmt.query.offset(), "Incorrect number of parameters: expected %d but found %d",
			stmt.Parameters, len(session.Parameters))
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
	output := named(root.columns)
	if _, ok := stmt.root.(*showFunctionsNode); ok {
		showNames(output)
	}
	q := &Query{Output: output, Scans: a.scans, Kind: stmt.Kind(), root: root, depends: a.depends}
	if err := q.printable(); err != nil {
		return nil, err
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
	q := &queryPlan{limit: -1}
	if err := a.withList(q, n, outer); err != nil {
		return nil, err
	}
	if err := a.body(q, n, outer); err != nil {
		return nil, err
	}
	return q, a.limits(q, n)
}

// withList analyses the queries of WITH, which stay in scope.
func (a *analyzer) withList(q *queryPlan, n *queryNode, outer *scope) error {
	mark := len(a.withs)
	for _, w := range n.with {
		plan, err := a.with(n, w, outer, mark)
		if err != nil {
			return err
		}
		q.with = append(q.with, plan)
	}
	return nil
}

// named gives the columns of the result. One without a name is called by its place; no name inside the statement means it.
func named(columns []OutputColumn) []OutputColumn {
	list := slices.Clone(columns)
	for i := range list {
		if list[i].Name == "" {
			list[i].Name = "_col" + strconv.Itoa(i)
		}
	}
	return list
}

func (a *analyzer) limits(q *queryPlan, n *queryNode) (err error) {
	if q.skip, err = a.rowCount(n.skip, 0); err != nil {
		return err
	}
	if q.limit, err = a.rowCount(n.limit, -1); err != nil {
		return err
	}
	if q.ties = n.ties; n.fetch && q.limit <= 0 {
		return a.errorf(CodeOutOfRange, n.limitAt, "FETCH FIRST row count must be positive (actual value: %d)", q.limit)
	}
	if n.ties && len(n.order) == 0 {
		return a.errorf(CodeMissingOrderBy, n.limitAt, "FETCH FIRST WITH TIES clause requires ORDER BY")
	}
	return nil
}

func (a *analyzer) with(n *queryNode, w withNode, outer *scope, mark int) (*withPlan, error) {
	name := strings.ToLower(w.name.text)
	for _, known := range a.withs[mark:] {
		if known.name == name {
			return nil, a.src.errorf(CodeDuplicateNames, w.name.off, "WITH query name '%s' specified more than once", name)
		}
	}
	if n.recursive && len(w.columns) == 0 {
		return nil, a.src.errorf(CodeMissingColumns, w.name.off, "missing column aliases in recursive WITH query")
	}
	if err := a.distinctNames(w.columns, "Column name '%s' specified more than once"); err != nil {
		return nil, err
	}
	plan := &withPlan{name: name}
	entry := &namedQuery{name: name, plan: plan}
	if n.recursive {
		if err := a.recursive(w, entry, outer); err != nil {
			return nil, err
		}
	} else {
		q, err := a.query(w.query, outer)
		if err != nil {
			return nil, err
		}
		if plan.query, err = a.renamed(q, w.columns); err != nil {
			return nil, err
		}
		plan.alias = a.alias("w")
	}
	a.withs = append(a.withs, entry)
	return plan, nil
}

// distinctNames holds a list of names to different ones; text has one verb for the name.
func (a *analyzer) distinctNames(list []name, text string) error {
	seen := map[string]bool{}
	for _, n := range list {
		key := strings.ToLower(n.text)
		if seen[key] {
			return a.src.errorf(CodeDuplicateColumn, n.off, text, key)
		}
		seen[key] = true
	}
	return nil
}

// renamed gives q with its columns named as in "t (a, b)".
func (a *analyzer) renamed(q *queryPlan, columns []name) (*queryPlan, error) {
	if len(columns) == 0 {
		return q, nil
	}
	if len(columns) != len(q.columns) {
		return nil, a.src.errorf(CodeMismatchedColumns, columns[0].off, "Column alias list has %d entries but relation has %d columns",
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
	return a.orderOfColumns(q, n)
}

// orderOfColumns analyses ORDER BY over a body whose columns are all that it sees: as that of a SELECT of these columns.
func (a *analyzer) orderOfColumns(q *queryPlan, n *queryNode) error {
	rel := &relation{alias: a.alias("r"), query: &queryPlan{body: q.body, columns: q.columns, limit: -1}}
	s := &selectPlan{at: n.at, from: rel}
	rel.owner = s
	for _, f := range fieldsOf(rel, nil) {
		s.items = append(s.items, f.value)
	}
	q.body = s
	if err := a.order(q, s, n.order, &scope{owner: s}); err != nil {
		return err
	}
	for _, o := range q.order {
		if hasAggregate(o.key) || hasWindow(o.key) {
			return a.unsupported(o.written, "aggregations and window functions in ORDER BY over UNION, INTERSECT, EXCEPT or VALUES")
		}
	}
	return nil
}

// ordinal reads an integer literal as the number of an output column.
func (a *analyzer) ordinal(n node, columns int, clause string) (int, bool, error) {
	sign := ""
	number, ok := n.(*numberNode)
	if minus, negative := n.(*negateNode); negative {
		sign = "-"
		number, ok = minus.operand.(*numberNode)
	}
	if !ok || number.kind != tokInteger {
		return 0, false, nil
	}
	i, err := strconv.ParseInt(strings.ReplaceAll(number.text, "_", ""), 0, 64)
	if err != nil || sign != "" || i < 1 || i > int64(columns) {
		return 0, false, a.errorf(CodeColumnReference, n, "%s position %s%s is not in select list", clause, sign, number.text)
	}
	return int(i), true, nil
}

// rowCount reads the number of LIMIT, OFFSET or FETCH.
func (a *analyzer) rowCount(n node, none int64) (int64, error) {
	switch n := n.(type) {
	case *numberNode:
		return bigint(n.text, false)
	case *parameterNode:
		v, err := strconv.ParseInt(strings.TrimSpace(a.session.Parameters[n.index]), 10, 64)
		if err != nil || v < 0 {
			return 0, a.errorf(CodeTypeMismatch, n, "Non constant parameter value for row count: %s", a.session.Parameters[n.index])
		}
		return v, nil
	}
	return none, nil
}

// widened gives q with its columns cast to the given types, itself when they are of these types already.
func (a *analyzer) widened(q *queryPlan, columns []OutputColumn) *queryPlan {
	fits := true
	for i, c := range q.columns {
		fits = fits && c.Type.Kind == columns[i].Type.Kind && c.Type.DuckDB() == columns[i].Type.DuckDB()
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
