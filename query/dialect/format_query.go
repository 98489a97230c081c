package dialect

// This file prints queries and relations.

// query prints a query, a clause a line where it is broken.
func (f *formatter) query(q *queryNode, broken bool) doc {
	var clauses []doc
	if len(q.with) > 0 {
		clauses = append(clauses, f.with(q))
	}
	clauses = append(clauses, f.body(q.body)...)
	if len(q.order) > 0 {
		clauses = append(clauses, f.orderBy(q.order))
	}
	if q.skip != nil {
		clauses = append(clauses, cat(str("OFFSET "), f.expr(q.skip)))
	}
	switch {
	case q.limit != nil && q.ties:
		clauses = append(clauses, cat(str("FETCH FIRST "), f.expr(q.limit), str(" ROWS WITH TIES")))
	case q.limit != nil && q.fetch:
		clauses = append(clauses, cat(str("FETCH FIRST "), f.expr(q.limit), str(" ROWS ONLY")))
	case q.limit != nil:
		clauses = append(clauses, cat(str("LIMIT "), f.expr(q.limit)))
	}
	return lines(clauses).broken(broken || len(q.with) > 0 || f.commented(int32(q.at), int32(q.end)))
}

// lines joins docs with breaks.
func lines(parts []doc) doc {
	var list []doc
	for i, p := range parts {
		if i > 0 {
			list = append(list, brk)
		}
		list = append(list, p)
	}
	return cat(list...)
}

func (f *formatter) with(q *queryNode) doc {
	word := "WITH"
	if q.recursive {
		word += " RECURSIVE"
	}
	items := make([]doc, len(q.with))
	for i, w := range q.with {
		items[i] = cat(str(nameSQL(w.name)+namesSQL(w.columns)+" AS "), f.inBrackets(w.query, true))
	}
	return cat(str(word), indent(brk, listed(items)))
}

// body gives the clauses of a body.
func (f *formatter) body(n bodyNode) []doc {
	switch n := n.(type) {
	case *selectNode:
		return f.selectClauses(n)
	case *queryNode:
		return []doc{f.inBrackets(n, false)}
	case *valuesNode:
		items := make([]doc, len(n.rows))
		for i, row := range n.rows {
			items[i] = f.valuesRow(row, n.lone[i])
		}
		return []doc{f.clause("VALUES", items)}
	case *setNode:
		word := n.op
		if n.all {
			word += " ALL"
		}
		list := append(f.body(n.left), str(word))
		return append(list, f.body(n.right)...)
	}
	return nil
}

func (f *formatter) valuesRow(row []node, lone bool) doc {
	switch {
	case lone:
		return f.expr(row[0])
	case len(row) == 1:
		return f.brackets("ROW(", f.exprs(row), ")", false)
	}
	return f.brackets("(", f.exprs(row), ")", false)
}

func (f *formatter) selectClauses(n *selectNode) []doc {
	word := "SELECT"
	if n.distinct {
		word += " DISTINCT"
	}
	items := make([]doc, len(n.items))
	for i, item := range n.items {
		items[i] = f.item(item)
	}
	list := cat(str(word), indent(brk, listed(items)))
	clauses := []doc{list.broken(f.commented(int32(n.items[0].at), int32(n.items[len(n.items)-1].at)))}
	if n.from != nil {
		clauses = append(clauses, f.from(n.from))
	}
	if n.where != nil {
		clauses = append(clauses, f.condition("WHERE", n.where))
	}
	if n.grouped {
		clauses = append(clauses, f.groupBy(n))
	}
	if n.having != nil {
		clauses = append(clauses, f.condition("HAVING", n.having))
	}
	if len(n.windows) > 0 {
		windows := make([]doc, len(n.windows))
		for i, w := range n.windows {
			windows[i] = cat(str(nameSQL(w.name)+" AS "), f.window(w.window))
		}
		clauses = append(clauses, f.clause("WINDOW", windows))
	}
	return clauses
}

func (f *formatter) item(n itemNode) doc {
	switch {
	case n.base != nil:
		base := f.operand(n.base, levelPrimary)
		if _, number := n.base.(*numberNode); number { // "1." is a number
			base = cat(str("("), base, str(")"))
		}
		return cat(base, str(".*"+asColumns(n.names)))
	case n.star && len(n.qualifier) > 0:
		return str(dottedNames(n.qualifier) + ".*" + asColumns(n.names))
	case n.star:
		return str("*")
	case n.alias != nil:
		return cat(f.expr(n.expr), str(" AS "+nameSQL(*n.alias)))
	}
	return f.expr(n.expr)
}

func asColumns(names []name) string {
	if len(names) == 0 {
		return ""
	}
	return " AS" + namesSQL(names)
}

// condition prints WHERE or HAVING; what AND joins is broken together with it.
func (f *formatter) condition(word string, n node) doc {
	terms, broken := f.expr(n), false
	if l, ok := n.(*logicalNode); ok {
		terms, broken = f.terms(l), f.commentedTerms(l)
	}
	return cat(str(word), indent(brk, terms)).broken(broken)
}

func (f *formatter) commentedTerms(n *logicalNode) bool {
	return f.commented(n.terms[0].offset(), n.terms[len(n.terms)-1].offset())
}

func (f *formatter) groupBy(n *selectNode) doc {
	word := "GROUP BY"
	if n.groupOnce {
		word += " DISTINCT"
	}
	items := make([]doc, len(n.group))
	for i, g := range n.group {
		switch sets := f.groupSets(g.sets); g.kind {
		case "ROLLUP", "CUBE":
			items[i] = f.brackets(g.kind+" (", sets, ")", false)
		case "SETS":
			items[i] = f.brackets("GROUPING SETS (", sets, ")", false)
		default:
			items[i] = sets[0]
		}
	}
	return f.clause(word, items)
}

func (f *formatter) groupSets(sets [][]node) []doc {
	list := make([]doc, len(sets))
	for i, set := range sets {
		if len(set) == 1 {
			list[i] = f.expr(set[0])
			continue
		}
		list[i] = f.brackets("(", f.exprs(set), ")", false)
	}
	return list
}

func (f *formatter) orderBy(order []sortNode) doc {
	return f.clause("ORDER BY", f.sortItems(order))
}

func (f *formatter) sortItems(order []sortNode) []doc {
	items := make([]doc, len(order))
	for i, o := range order {
		suffix := ""
		switch {
		case o.descending:
			suffix = " DESC"
		case f.message:
			suffix = " ASC"
		}
		if o.nulls != "" {
			suffix += " NULLS " + o.nulls
		}
		items[i] = cat(f.expr(o.key), str(suffix))
	}
	return items
}

// from prints FROM; each join is on a line of its own.
func (f *formatter) from(n relationNode) doc {
	j, ok := n.(*joinNode)
	if !ok {
		return cat(str("FROM "), f.relation(n))
	}
	return cat(str("FROM "), indent(f.relation(n))).broken(!j.implicit || hasJoin(j))
}

// hasJoin tells whether relations separated by commas hold an explicit join.
func hasJoin(n relationNode) bool {
	j, ok := n.(*joinNode)
	return ok && (!j.implicit || hasJoin(j.left) || hasJoin(j.right))
}

func (f *formatter) relation(n relationNode) doc {
	switch n := n.(type) {
	case *tableNode:
		return str(dottedNames(n.parts))
	case *derivedNode:
		return f.inBrackets(n.query, false)
	case *lateralNode:
		return cat(str("LATERAL "), f.inBrackets(n.query, false))
	case *aliasNode:
		_, bare := n.relation.(*aliasNode)
		return cat(f.operandOf(n.relation, bare), str(" AS "+nameSQL(n.alias)+namesSQL(n.columns)))
	case *sampleNode:
		d := cat(f.operandOf(n.relation, false), str(" TABLESAMPLE "+n.method+" ("), f.expr(n.percentage))
		return cat(d, str(")"))
	case *unnestNode:
		d := f.brackets("UNNEST(", f.exprs(n.items), ")", false)
		if n.ordinality {
			return cat(d, str(" WITH ORDINALITY"))
		}
		return d
	case *functionNode:
		return f.tableFunction(n)
	case *joinNode:
		return f.join(n)
	}
	return str("")
}

// operandOf prints a relation that something stands behind: joins, samples, and what bracket says, get brackets.
func (f *formatter) operandOf(n relationNode, bracket bool) doc {
	switch n.(type) {
	case *joinNode, *sampleNode:
		bracket = true
	}
	d := f.relation(n)
	if bracket {
		return cat(str("("), indent(soft, d), soft, str(")")).group()
	}
	return d
}

func (f *formatter) join(n *joinNode) doc {
	left := f.relation(n.left)
	if n.implicit {
		return cat(left, str(","), brk, f.relation(n.right))
	}
	word := n.kind + " JOIN "
	if n.kind == "INNER" {
		word = "JOIN "
	}
	if n.natural {
		word = "NATURAL " + word
	}
	right := f.relation(n.right)
	if _, ok := n.right.(*joinNode); ok {
		right = f.operandOf(n.right, true)
	}
	d := cat(left, brk, str(word), right)
	switch {
	case n.on != nil:
		return cat(d, f.condition(" ON", n.on))
	case len(n.using) > 0:
		return cat(d, str(" USING"+namesSQL(n.using)))
	}
	return d
}

func (f *formatter) tableFunction(n *functionNode) doc {
	items := make([]doc, len(n.args))
	for i, a := range n.args {
		items[i] = f.expr(a.value)
		if a.key != nil {
			items[i] = cat(str(nameSQL(*a.key)+" => "), items[i])
		}
	}
	return cat(str("TABLE("+dottedNames(n.name)), f.brackets("(", items, ")", false), str(")"))
}

// window prints what OVER or WINDOW holds.
func (f *formatter) window(w *windowNode) doc {
	if w.alone {
		return str(nameSQL(*w.name))
	}
	var parts []doc
	if w.name != nil {
		parts = append(parts, str(nameSQL(*w.name)))
	}
	if len(w.partition) > 0 {
		parts = append(parts, f.clause("PARTITION BY", f.exprs(w.partition)))
	}
	if len(w.order) > 0 {
		parts = append(parts, f.orderBy(w.order))
	}
	if w.frame != nil {
		parts = append(parts, f.frame(w.frame))
	}
	if len(parts) == 0 {
		return str("()")
	}
	return cat(str("("), indent(soft, lines(parts)), soft, str(")")).group()
}

func (f *formatter) frame(n *frameNode) doc {
	if n.lone {
		return cat(str(n.unit+" "), f.bound(n.start))
	}
	return cat(str(n.unit+" BETWEEN "), f.bound(n.start), str(" AND "), f.bound(n.end))
}

func (f *formatter) bound(b boundNode) doc {
	if b.value == nil {
		return str(b.kind)
	}
	// Parentheses keep AND, and words such as UNBOUNDED, within the offset.
	return cat(f.operand(b.value, levelConcat), str(" "+b.kind))
}
