package dialect

import (
	"slices"
	"strings"
)

// relation analyses what stands in FROM: the plan and the columns it brings into scope.
func (a *analyzer) relation(n relationNode, outer *scope, owner *selectPlan) (any, []field, error) {
	switch n := n.(type) {
	case *tableNode:
		return a.table(n, owner)
	case *derivedNode:
		q, err := a.query(n.query, outer)
		if err != nil {
			return nil, nil, err
		}
		rel := &relation{alias: a.alias("r"), query: q, owner: owner}
		return rel, fieldsOf(rel, nil), nil
	case *lateralNode:
		q, err := a.query(n.query, outer)
		if err != nil {
			return nil, nil, err
		}
		rel := &relation{alias: a.alias("r"), query: q, owner: owner, lateral: true}
		return rel, fieldsOf(rel, nil), nil
	case *aliasNode:
		return a.aliased(n, outer, owner)
	case *joinNode:
		return a.join(n, outer, owner)
	case *unnestNode:
		return a.unnest(n, outer, owner)
	case *sampleNode:
		return a.sample(n, outer, owner)
	case *functionNode:
		return a.tableFunction(n, owner)
	}
	return nil, nil, a.unsupported(n, "such relations")
}

// fieldsOf gives the columns of a relation that is a query.
func fieldsOf(rel *relation, qualifier []string) []field {
	fields := make([]field, len(rel.query.columns))
	for i, c := range rel.query.columns {
		fields[i] = field{name: c.Name, qualifier: qualifier, value: &columnExpr{rel: rel, column: outputName(i), t: c.Type}}
	}
	return fields
}

func (a *analyzer) aliased(n *aliasNode, outer *scope, owner *selectPlan) (any, []field, error) {
	plan, fields, err := a.relation(n.relation, outer, owner)
	if err != nil {
		return nil, nil, err
	}
	if rel := relationOf(plan); rel != nil {
		rel.name = strings.ToLower(n.alias.text)
	}
	named := make([]field, 0, len(fields))
	visible := 0
	for _, f := range fields {
		f.qualifier = []string{strings.ToLower(n.alias.text)}
		if len(n.columns) > 0 {
			if f.hidden {
				continue // a relation whose columns are named has these columns only
			}
			if visible < len(n.columns) {
				f.name = strings.ToLower(n.columns[visible].text)
			}
		}
		if !f.hidden {
			visible++
		}
		named = append(named, f)
	}
	if len(n.columns) > 0 && len(n.columns) != visible {
		return nil, nil, a.errorf(CodeMismatchedColumns, n, "Column alias list has %d entries but '%s' has %d columns available",
			len(n.columns), strings.ToLower(n.alias.text), visible)
	}
	if rel := relationOf(plan); rel != nil && (rel.labels != nil || rel.scan == nil && len(n.columns) > 0) {
		rel.label(named)
	}
	return plan, named, nil
}

// relationOf gives the relation that a part of FROM is, nil for a join.
func relationOf(plan any) *relation {
	switch plan := plan.(type) {
	case *relation:
		return plan
	case *withRef:
		return plan.rel
	case *unnestPlan:
		return plan.rel
	case *sequencePlan:
		return plan.rel
	case *samplePlan:
		return relationOf(plan.relation)
	}
	return nil
}

// table analyses a name in FROM: a WITH query, or a table of the catalog.
func (a *analyzer) table(n *tableNode, owner *selectPlan) (any, []field, error) {
	if len(n.parts) == 1 {
		for i := len(a.withs) - 1; i >= 0; i-- {
			w := a.withs[i]
			if strings.EqualFold(w.name, n.parts[0].text) {
				w.plan.uses++
				if w.recursion != nil {
					if err := a.recursiveUse(n, w.recursion); err != nil {
						return nil, nil, err
					}
				}
				rel := &relation{name: w.name, alias: a.alias("r"), query: w.plan.query, owner: owner}
				return &withRef{rel: rel, with: w.plan}, fieldsOf(rel, []string{w.name}), nil
			}
		}
	}
	qualifier, err := a.qualify(n)
	if err != nil {
		return nil, nil, err
	}
	t, err := a.tables.Table(qualifier[0], qualifier[1], qualifier[2])
	if err != nil {
		if e, ok := err.(*Error); ok && e.Line == 0 {
			placed := *e
			placed.Line, placed.Column = a.src.position(n.offset())
			return nil, nil, &placed
		}
		return nil, nil, err
	}
	if t == nil {
		return nil, nil, a.errorf(CodeTableNotFound, n, "Table '%s' does not exist", strings.Join(qualifier, "."))
	}
	scan := &Scan{ID: len(a.scans), Table: t, needed: map[string]bool{}}
	rel := &relation{name: qualifier[2], alias: a.alias("r"), scan: scan, owner: owner}
	scan.rel = rel
	a.scans = append(a.scans, scan)
	fields := make([]field, len(t.Columns))
	for i, c := range t.Columns {
		fields[i] = field{name: c.Name, qualifier: qualifier, hidden: c.Hidden,
			value: &columnExpr{rel: rel, column: c.Name, t: c.Type, hive: c.Partition}}
	}
	return rel, fields, nil
}

// qualify completes a table's name to catalog, database, table, in lower case.
func (a *analyzer) qualify(n *tableNode) ([]string, error) {
	if len(n.parts) > 3 {
		return nil, &Error{Code: CodeSyntax, Message: "Too many dots in table name: " + dottedText(n.parts)}
	}
	full := []string{strings.ToLower(a.session.Catalog), strings.ToLower(a.session.Database), ""}
	for i, part := range n.parts {
		full[3-len(n.parts)+i] = strings.ToLower(part.text)
	}
	return full, nil
}

// lateral tells whether a relation sees the columns of those before it.
func lateral(n relationNode) bool {
	switch n := n.(type) {
	case *aliasNode:
		return lateral(n.relation)
	case *unnestNode, *lateralNode:
		return true
	}
	return false
}

func unnests(n relationNode) bool {
	if alias, ok := n.(*aliasNode); ok {
		return unnests(alias.relation)
	}
	_, ok := n.(*unnestNode)
	return ok
}

func (a *analyzer) join(n *joinNode, outer *scope, owner *selectPlan) (any, []field, error) {
	if n.natural {
		return nil, nil, a.errorf(CodeNotSupported, n, "Natural join not supported")
	}
	left, leftFields, err := a.side(n, n.left, "RIGHT", "left", outer, owner)
	if err != nil {
		return nil, nil, err
	}
	within := outer
	if lateral(n.right) {
		within = &scope{outer: outer, fields: leftFields, owner: owner}
		if n.kind == "RIGHT" || n.kind == "FULL" {
			within.joined = n.kind
		}
	}
	mark := len(a.outer)
	right, rightFields, err := a.side(n, n.right, "LEFT", "right", within, owner)
	if err != nil {
		return nil, nil, err
	}
	if rel := relationOf(right); rel != nil && rel.lateral {
		rel.lateral = slices.ContainsFunc(a.outer[mark:], func(use outerColumn) bool { return use.owner == owner })
		if on, ok := n.on.(*boolNode); rel.lateral && n.kind != "CROSS" && (!ok || !on.value) {
			return nil, nil, a.errorf(CodeNotSupported, queryIn(n.right), "Given correlated subquery is not supported")
		}
	}
	for _, side := range []any{left, right} {
		if rel := relationOf(side); rel != nil {
			rel.joined = true
		}
	}
	j := &joinPlan{kind: n.kind, left: left, right: right}
	fields := append(append([]field{}, leftFields...), rightFields...)
	switch {
	case unnests(n.right) && n.kind != "CROSS":
		err = a.joinUnnest(n, j)
	case n.on != nil:
		err = a.joinOn(n, j, &scope{outer: outer, fields: fields, owner: owner})
	case len(n.using) > 0:
		fields, err = a.using(n, j, leftFields, rightFields)
	}
	return j, fields, err
}

// queryIn gives the query of LATERAL.
func queryIn(n relationNode) *queryNode {
	if alias, ok := n.(*aliasNode); ok {
		return queryIn(alias.relation)
	}
	return n.(*lateralNode).query
}

// side analyses one side of a join, which an outer join of the given kind, or a full one, may fill with NULLs.
func (a *analyzer) side(n *joinNode, r relationNode, kind, name string, outer *scope, owner *selectPlan) (any, []field, error) {
	before := a.outerSide
	defer func() { a.outerSide = before }()
	if n.kind == kind || n.kind == "FULL" {
		a.outerSide = name + " source of " + n.kind + " join"
	}
	return a.relation(r, outer, owner)
}

// joinUnnest takes ON true alone. Where no row of the left side is there the rows of UNNEST are none either, so a full join
// is a left one and a right join an inner one.
func (a *analyzer) joinUnnest(n *joinNode, j *joinPlan) error {
	on, ok := n.on.(*boolNode)
	switch {
	case n.on == nil:
		return a.errorf(CodeNotSupported, n, "%s JOIN involving UNNEST is only supported with condition ON TRUE", n.kind)
	case !ok || !on.value:
		return a.errorf(CodeNotSupported, n.on, "%s JOIN involving UNNEST is only supported with condition ON TRUE", n.kind)
	case n.kind == "FULL" || n.kind == "LEFT":
		j.kind = "LEFT"
	default:
		j.kind = "CROSS"
	}
	return nil
}

func (a *analyzer) joinOn(n *joinNode, j *joinPlan, s *scope) error {
	on, err := a.predicate(s, n.on, "JOIN clause")
	if err != nil {
		return err
	}
	j.on = conjuncts(on)
	if n.kind == "INNER" || n.kind == "CROSS" || !hasSubquery(on) {
		return nil
	}
	if j.optional() == nil {
		return a.unsupported(n.on, "subqueries in ON of FULL joins, and of LEFT and RIGHT joins of more than one table,")
	}
	return nil
}

// optional gives the side of a LEFT or RIGHT join that may be filled with NULLs, if it is one relation.
func (j *joinPlan) optional() *relation {
	side := j.right
	switch j.kind {
	case "RIGHT":
		side = j.left
	case "FULL":
		return nil
	}
	switch r := side.(type) {
	case *relation:
		return r
	case *withRef:
		return r.rel
	}
	return nil
}

func hasSubquery(e expr) bool {
	found := false
	walk(e, func(e expr) {
		if _, ok := e.(*subqueryExpr); ok {
			found = true
		}
	})
	return found
}

// using joins on columns of the same name. Each of them is one column of the join, first, and belongs to neither side.
func (a *analyzer) using(n *joinNode, j *joinPlan, left, right []field) ([]field, error) {
	var shared []field
	used := map[string]bool{}
	if err := a.distinctNames(n.using, "Column '%s' appears multiple times in USING clause"); err != nil {
		return nil, err
	}
	for _, u := range n.using {
		l, err := a.usingColumn(left, u, "left")
		if err != nil {
			return nil, err
		}
		r, err := a.usingColumn(right, u, "right")
		if err != nil {
			return nil, err
		}
		t, ok := common(l.typ(), r.typ())
		if !ok || !t.comparable() {
			return nil, a.src.errorf(CodeTypeMismatch, u.off, "Cannot apply operator: %s = %s", l.typ(), r.typ())
		}
		l, r = cast(l, t), cast(r, t)
		j.on = append(j.on, &callExpr{op: opEqual, args: []expr{l, r}, t: simple(KindBoolean)})
		value := l
		switch n.kind {
		case "RIGHT":
			value = r
		case "FULL":
			value = &callExpr{op: opCoalesce, args: []expr{l, r}, t: t}
		}
		used[strings.ToLower(u.text)] = true
		shared = append(shared, field{name: strings.ToLower(u.text), value: value})
	}
	for _, f := range append(append([]field{}, left...), right...) {
		if !used[strings.ToLower(f.name)] {
			shared = append(shared, f)
		}
	}
	return shared, nil
}

func (a *analyzer) usingColumn(fields []field, u name, side string) (expr, error) {
	found := (&scope{fields: fields}).lookup(nil, u.text)
	switch len(found) {
	case 1:
		return a.use(found[0].value), nil
	case 0:
		return nil, a.src.errorf(CodeColumnNotFound, u.off, "Column '%s' is missing from %s side of join", strings.ToLower(u.text), side)
	}
	return nil, a.src.errorf(CodeAmbiguousName, u.off, "Column '%s' is ambiguous", strings.ToLower(u.text))
}
