package dialect

import (
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
	case *aliasNode:
		return a.aliased(n, outer, owner)
	case *joinNode:
		return a.join(n, outer, owner)
	}
	return nil, nil, a.unsupported(n, nameOfRelation(n))
}

// nameOfRelation names a relation that is read but not analysed.
func nameOfRelation(n relationNode) string {
	switch n.(type) {
	case *unnestNode:
		return "UNNEST relations"
	case *lateralNode:
		return "LATERAL relations"
	case *sampleNode:
		return "TABLESAMPLE clauses"
	case *functionNode:
		return "table functions"
	}
	return "such relations"
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
		return nil, nil, a.src.errorf(CodeMismatchedColumns, n.alias.off, "Column alias list has %d entries but '%s' has %d columns available",
			len(n.columns), strings.ToLower(n.alias.text), visible)
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
		return nil, a.errorf(CodeSyntax, n, "Invalid table name %s", dottedText(n.parts))
	}
	full := []string{strings.ToLower(a.session.Catalog), strings.ToLower(a.session.Database), ""}
	for i, part := range n.parts {
		full[3-len(n.parts)+i] = strings.ToLower(part.text)
	}
	return full, nil
}

func (a *analyzer) join(n *joinNode, outer *scope, owner *selectPlan) (any, []field, error) {
	if n.natural {
		return nil, nil, a.unsupported(n, "NATURAL joins")
	}
	left, leftFields, err := a.relation(n.left, outer, owner)
	if err != nil {
		return nil, nil, err
	}
	right, rightFields, err := a.relation(n.right, outer, owner)
	if err != nil {
		return nil, nil, err
	}
	for _, side := range []any{left, right} {
		if rel := relationOf(side); rel != nil {
			rel.joined = true
		}
	}
	j := &joinPlan{kind: n.kind, left: left, right: right}
	fields := append(append([]field{}, leftFields...), rightFields...)
	switch {
	case n.on != nil:
		s := &scope{outer: outer, fields: fields, owner: owner}
		on, err := a.predicate(s, n.on, "JOIN clause")
		if err != nil {
			return nil, nil, err
		}
		j.on = conjuncts(on)
	case len(n.using) > 0:
		fields, err = a.using(n, j, leftFields, rightFields)
	}
	return j, fields, err
}

// using joins on columns of the same name. Each of them is one column of the join, first, and belongs to neither side.
func (a *analyzer) using(n *joinNode, j *joinPlan, left, right []field) ([]field, error) {
	var shared []field
	used := map[string]bool{}
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
			return nil, a.src.errorf(CodeTypeMismatch, u.off, "Column types %s and %s of join column %s are not comparable", l.typ(), r.typ(), u.text)
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
