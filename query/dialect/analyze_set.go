package dialect

// This file analyses VALUES, the set operations and WITH RECURSIVE.

// values analyses VALUES. A row that is one expression of a row type gives as many columns as it has fields.
func (a *analyzer) values(n *valuesNode, outer *scope) (any, []OutputColumn, error) {
	s := &scope{outer: outer}
	plan := &valuesPlan{}
	types, err := a.valueRows(s, n, plan)
	if err != nil {
		return nil, nil, err
	}
	columns := make([]OutputColumn, len(types))
	for j, t := range types {
		columns[j] = OutputColumn{Type: t}
		for _, row := range plan.rows {
			row[j] = cast(row[j], t)
		}
	}
	if len(types) == 1 && types[0].Kind == KindRow && n.lone[0] {
		return a.spread(plan, columns)
	}
	return plan, columns, nil
}

func (a *analyzer) valueRows(s *scope, n *valuesNode, plan *valuesPlan) ([]Type, error) {
	var types []Type
	for i, row := range n.rows {
		if i > 0 && len(row) != len(types) {
			return nil, a.errorf(CodeTypeMismatch, n, "Values rows have mismatched sizes: %d vs %d", len(types), len(row))
		}
		exprs, err := a.exprs(s, row)
		if err != nil {
			return nil, err
		}
		first := types
		for j, e := range exprs {
			if i == 0 {
				types = append(types, e.typ())
				continue
			}
			t, ok := common(types[j], e.typ())
			if !ok {
				return nil, a.errorf(CodeTypeMismatch, n, "Values rows have mismatched types: %s vs %s", rowOfTypes(first), rowOfTypes(typesOf(exprs)))
			}
			types[j] = t
		}
		plan.rows = append(plan.rows, exprs)
	}
	return types, nil
}

func typesOf(list []expr) []Type {
	types := make([]Type, len(list))
	for i, e := range list {
		types[i] = e.typ()
	}
	return types
}

func rowOfTypes(types []Type) Type {
	t := Type{Kind: KindRow, Fields: make([]Field, len(types))}
	for i := range types {
		t.Fields[i].Type = types[i]
	}
	return t
}

// spread makes a column of each field of the only column.
func (a *analyzer) spread(plan *valuesPlan, columns []OutputColumn) (any, []OutputColumn, error) {
	rel := &relation{alias: a.alias("r"), query: &queryPlan{body: plan, columns: columns, limit: -1}}
	s := &selectPlan{from: rel}
	rel.owner = s
	var fields []OutputColumn
	for i, f := range columns[0].Type.Fields {
		s.items = append(s.items, fieldExpr(&columnExpr{rel: rel, column: outputName(0), t: columns[0].Type}, i))
		fields = append(fields, OutputColumn{Type: f.Type})
	}
	return s, fields, nil
}

func (a *analyzer) setOperation(n *setNode, outer *scope) (any, []OutputColumn, error) {
	left, err := a.branch(n.left, outer)
	if err != nil {
		return nil, nil, err
	}
	right, err := a.branch(n.right, outer)
	if err != nil {
		return nil, nil, err
	}
	return a.combined(n, left, right)
}

func (a *analyzer) branch(body bodyNode, outer *scope) (*queryPlan, error) {
	return a.query(&queryNode{at: at(body.offset()), body: body}, outer)
}

// combined joins two analysed queries to a set operation, in the types that both have in common.
func (a *analyzer) combined(n *setNode, left, right *queryPlan) (any, []OutputColumn, error) {
	if len(left.columns) != len(right.columns) {
		return nil, nil, a.errorf(CodeTypeMismatch, n, "%s query has different number of fields: %d, %d", n.op, len(left.columns), len(right.columns))
	}
	columns := make([]OutputColumn, len(left.columns))
	for i, c := range left.columns {
		t, ok := common(c.Type, right.columns[i].Type)
		if !ok {
			return nil, nil, a.errorf(CodeTypeMismatch, n, "column %d in %s query has incompatible types: %s, %s", i+1, n.op, c.Type, right.columns[i].Type)
		}
		if mixesTimes(t) {
			return nil, nil, a.unsupported(n, mixedTimes)
		}
		if !t.comparable() && !(n.op == "UNION" && n.all) {
			what := n.op
			if what == "UNION" {
				what += " DISTINCT"
			}
			return nil, nil, a.errorf(CodeTypeMismatch, n, "Type %s is not comparable and therefore cannot be used in %s", t, what)
		}
		columns[i] = OutputColumn{Name: c.Name, Type: t}
	}
	return &setPlan{op: n.op, all: n.all, left: a.widened(left, columns), right: a.widened(right, columns)}, columns, nil
}

// recursion is what is known of a query of WITH RECURSIVE while it is analysed.
type recursion struct {
	refusal    string // why it can't be used here; "" in its step
	subqueries int    // subqueries around the step

	uses    int
	first   *tableNode // the first use
	outside error      // why it must not be there, if it is the only one
}

// recursive analyses a query of WITH RECURSIVE: base UNION [ALL] step, where only the step reads the query itself; or a
// query that does not.
func (a *analyzer) recursive(w withNode, entry *namedQuery, outer *scope) error {
	entry.recursion = &recursion{refusal: "recursive reference not allowed in this context"}
	entry.plan.alias, entry.plan.query = a.alias("w"), &queryPlan{limit: -1}
	a.withs = append(a.withs, entry)
	mark := len(a.withs)
	defer func() { a.withs, entry.recursion = a.withs[:mark-1], nil }()
	union, ok := w.query.body.(*setNode)
	if !ok || union.op != "UNION" {
		q, err := a.query(w.query, outer)
		if err == nil {
			entry.plan.query, err = a.renamed(q, w.columns)
		}
		return err
	}
	q := &queryPlan{limit: -1}
	if err := a.withList(q, w.query, outer); err != nil {
		return err
	}
	entry.recursion.refusal = "WITH table name is referenced in the base relation of recursion"
	base, err := a.branch(union.left, outer)
	if err != nil {
		return err
	}
	if entry.plan.query, err = a.renamed(base, w.columns); err != nil {
		return err
	}
	entry.recursion.refusal, entry.recursion.subqueries = "", a.subqueries
	if !isSelect(union.right) {
		entry.recursion.subqueries = -1 // nothing is in the FROM of the step
	}
	step, err := a.branch(union.right, outer)
	if err == nil {
		err = entry.recursion.outside
	}
	if err != nil {
		return err
	}
	if entry.recursion.uses == 0 {
		return a.notRecursive(q, w, union, entry, base, step)
	}
	return a.recursionStep(w, union, entry, step)
}

// notRecursive finishes a query of WITH RECURSIVE that does not read itself.
func (a *analyzer) notRecursive(q *queryPlan, w withNode, union *setNode, entry *namedQuery, base, step *queryPlan) error {
	var err error
	if q.body, q.columns, err = a.combined(union, base, step); err != nil {
		return err
	}
	if len(w.query.order) > 0 {
		if err := a.orderOfColumns(q, w.query); err != nil {
			return err
		}
	}
	if err := a.limits(q, w.query); err != nil {
		return err
	}
	entry.plan.query, err = a.renamed(q, w.columns)
	return err
}

func (a *analyzer) recursionStep(w withNode, union *setNode, entry *namedQuery, step *queryPlan) error {
	n := w.query
	switch {
	case len(n.with) > 0:
		return a.errorf(CodeNotSupported, n, "immediate WITH clause in recursive query")
	case len(n.order) > 0:
		return a.errorf(CodeNotSupported, n.orderAt, "immediate ORDER BY clause in recursive query")
	case n.skip != nil:
		return a.errorf(CodeNotSupported, n.skipAt, "immediate OFFSET clause in recursive query")
	case n.limit != nil:
		return a.errorf(CodeLimitClause, n.limitAt, "immediate FETCH FIRST / LIMIT clause in recursive query")
	}
	columns := entry.plan.query.columns
	if len(step.columns) != len(columns) {
		return a.errorf(CodeTypeMismatch, union, "UNION query has different number of fields: %d, %d", len(columns), len(step.columns))
	}
	for i, c := range step.columns {
		if !coercible(c.Type, columns[i].Type) {
			return a.errorf(CodeTypeMismatch, union.right, "recursion step relation output type (%s) is not coercible to recursion base relation output type (%s) at column %d",
				c.Type, columns[i].Type, i+1)
		}
	}
	entry.plan.step, entry.plan.distinct = a.widened(step, columns), !union.all
	return nil
}

// isSelect tells whether the body of a query is a SELECT, with brackets or without.
func isSelect(body bodyNode) bool {
	for {
		q, ok := body.(*queryNode)
		if !ok {
			_, ok = body.(*selectNode)
			return ok
		}
		body = q.body
	}
}

// recursiveUse holds a use of a query of WITH RECURSIVE inside itself against the places where Trino takes it.
func (a *analyzer) recursiveUse(n *tableNode, r *recursion) error {
	r.uses++
	switch {
	case r.refusal != "":
		return a.errorf(CodeRecursion, n, "%s", r.refusal)
	case r.uses > 1:
		if r.first.at > n.at { // FROM is analysed before what stands before it
			n = r.first
		}
		return a.errorf(CodeRecursion, n, "multiple recursive references in the step relation of recursion")
	case a.subqueries > r.subqueries:
		r.outside = a.errorf(CodeRecursion, n, "recursive reference outside of FROM clause of the step relation of recursion")
	case a.outerSide != "":
		return a.errorf(CodeRecursion, n, "recursive reference in %s", a.outerSide)
	}
	r.first = n
	return nil
}
