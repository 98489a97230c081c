package dialect

import "strings"

// selectBody analyses SELECT … with the ORDER BY that follows it. The order is Trino's: FROM, WINDOW, WHERE, the items,
// GROUP BY, HAVING, ORDER BY; only ORDER BY sees the items' names.
func (a *analyzer) selectBody(q *queryPlan, n *selectNode, order []sortNode, outer *scope) error {
	s := &selectPlan{at: n.at, distinct: n.distinct}
	if len(n.group) > keysMax || len(order) > keysMax {
		return a.unsupported(n, "more than 500 expressions in GROUP BY or ORDER BY")
	}
	if outer != nil {
		s.outer = outer.owner
	}
	q.body = s
	from := &scope{outer: outer, owner: s, items: n.items}
	if n.from != nil {
		plan, fields, err := a.relation(n.from, outer, s)
		if err != nil {
			return err
		}
		s.from, from.fields = plan, fields
	}
	if err := a.namedWindows(from, n.windows); err != nil {
		return err
	}
	if n.where != nil {
		where, err := a.predicate(from, n.where, "WHERE clause")
		if err != nil {
			return err
		}
		s.where = conjuncts(where)
	}
	texts, err := a.items(q, s, n, from)
	if err != nil {
		return err
	}
	if err := a.groups(s, n, from, texts); err != nil {
		return err
	}
	if err := a.having(s, n, from); err != nil {
		return err
	}
	if err := a.order(q, s, order, from); err != nil {
		return err
	}
	if err := a.checkDistinct(q, s, texts); err != nil {
		return err
	}
	if err := a.checkGrouping(q, s, n, texts); err != nil {
		return err
	}
	return a.checkCorrelation(q, s)
}

func (a *analyzer) having(s *selectPlan, n *selectNode, from *scope) (err error) {
	if n.having == nil {
		return nil
	}
	if s.having, err = a.boolean(from, n.having, "HAVING clause must evaluate to a boolean: actual type %s"); err != nil {
		return err
	}
	if w := windowIn(s.having); w != nil {
		return a.errorf(CodeNestedWindow, w, "HAVING clause cannot contain window functions or row pattern measures")
	}
	return nil
}

func (a *analyzer) checkDistinct(q *queryPlan, s *selectPlan, texts []itemText) error {
	for i, c := range q.columns {
		if s.distinct && !c.Type.comparable() {
			return a.errorf(CodeTypeMismatch, s, "DISTINCT can only be applied to comparable types (actual: %s): %s", c.Type, texts[i].text())
		}
	}
	return nil
}

// checkCorrelation refuses aggregates over columns of outer queries alone, which by the standard would belong to the outer
// query, and window functions that use such columns; as Trino does.
func (a *analyzer) checkCorrelation(q *queryPlan, s *selectPlan) error {
	foreign := false
	check := func(e expr) {
		c, ok := e.(*callExpr)
		if !ok || !c.aggregate && c.window == nil {
			return
		}
		own, others := false, false
		walk(c, func(e expr) {
			if c, ok := e.(*columnExpr); ok {
				own, others = own || c.rel.owner == s, others || c.rel.owner != s
			}
		})
		foreign = foreign || others && (!own || c.window != nil)
	}
	for _, e := range s.expressions() {
		walk(e, check)
	}
	walkSort(q.order, check)
	if foreign {
		return a.errorf(CodeNotSupported, s, "Given correlated subquery is not supported")
	}
	return nil
}

// itemText is where an output column or a key was written, for messages.
type itemText struct {
	at
	node node
	star string // the column, for one of a star
}

// text quotes it as Trino does.
func (t itemText) text() string {
	if t.node == nil {
		return t.star
	}
	return quotedText(t.node)
}

// items analyses the SELECT list into s.items and q.columns.
func (a *analyzer) items(q *queryPlan, s *selectPlan, n *selectNode, from *scope) ([]itemText, error) {
	var texts []itemText
	for _, item := range n.items {
		if len(s.items) >= itemsMax {
			return nil, a.unsupported(item, "more than 10000 columns")
		}
		if item.star {
			fields, err := a.star(item, from)
			if err != nil {
				return nil, err
			}
			for _, f := range fields {
				s.items = append(s.items, a.use(f.value))
				q.columns = append(q.columns, OutputColumn{Name: f.name, Type: f.value.typ()})
				texts = append(texts, itemText{at: item.at, star: f.text()})
			}
			continue
		}
		e, err := a.expr(from, item.expr)
		if err != nil {
			return nil, err
		}
		s.items = append(s.items, e)
		q.columns = append(q.columns, OutputColumn{Name: itemName(item), Type: e.typ()})
		texts = append(texts, itemText{at: at(item.expr.offset()), node: item.expr})
	}
	return texts, nil
}

// text is the field as messages name it: with the last part of its qualifier.
func (f field) text() string {
	if len(f.qualifier) == 0 {
		return f.name
	}
	return f.qualifier[len(f.qualifier)-1] + "." + f.name
}

// itemName names an output column: its alias, or the column's or field's own name; "" for any other expression.
func itemName(item itemNode) string {
	if item.alias != nil {
		return strings.ToLower(item.alias.text)
	}
	switch e := item.expr.(type) {
	case *nameNode:
		return strings.ToLower(e.parts[len(e.parts)-1].text)
	case *fieldNode:
		if _, ok := e.base.(*nameNode); ok {
			return strings.ToLower(e.field.text)
		}
	}
	return ""
}

// star gives the columns of *, t.*, or the fields of a row: t.r.*, (expression).*.
func (a *analyzer) star(item itemNode, from *scope) ([]field, error) {
	var fields []field
	for _, f := range from.fields {
		if item.base == nil && !f.hidden && f.matches(item.qualifier) {
			fields = append(fields, f)
		}
	}
	if len(fields) == 0 && (item.base != nil || len(item.qualifier) > 1) {
		var err error
		if fields, err = a.rowFields(item, from); err != nil {
			return nil, err
		}
	}
	switch {
	case len(fields) > 0:
		return a.starNamed(item, fields)
	case len(item.qualifier) > 0:
		return nil, a.errorf(CodeTableNotFound, item, "Unable to resolve reference %s", dottedText(item.qualifier))
	}
	return nil, a.errorf(CodeColumnNotFound, item, "SELECT * not allowed in queries without FROM clause")
}

func (a *analyzer) rowFields(item itemNode, from *scope) ([]field, error) {
	base := item.base
	if base == nil {
		base = &nameNode{at: item.at, parts: item.qualifier}
	}
	e, err := a.expr(from, base)
	if err != nil {
		return nil, err
	}
	if e.typ().Kind != KindRow {
		return nil, a.errorf(CodeTypeMismatch, from.owner, "expected expression of type Row")
	}
	if volatile(e) {
		return nil, a.unsupported(item, "stars over random values")
	}
	nodes := 0
	walk(e, func(expr) { nodes++ })
	if nodes*len(e.typ().Fields) > sharedNodesMax {
		return nil, a.unsupported(item, "stars over rows of so many fields")
	}
	var fields []field
	for i, f := range e.typ().Fields {
		fields = append(fields, field{name: f.Name, value: fieldExpr(e, i)})
	}
	return fields, nil
}

// starNamed names the columns of a star: t.* AS (a, b).
func (a *analyzer) starNamed(item itemNode, fields []field) ([]field, error) {
	if item.names == nil {
		return fields, nil
	}
	if len(item.names) != len(fields) {
		return nil, a.src.errorf(CodeMismatchedColumns, item.names[0].off, "Column alias list has %d entries but relation has %d columns", len(item.names), len(fields))
	}
	list := make([]field, len(fields))
	for i, f := range fields {
		list[i] = f
		list[i].name = strings.ToLower(item.names[i].text)
	}
	return list, nil
}

// order analyses ORDER BY: integer literals and names of output columns first, then the columns of FROM.
func (a *analyzer) order(q *queryPlan, s *selectPlan, order []sortNode, from *scope) error {
	if len(order) == 0 {
		return nil
	}
	outputs := &scope{outer: from, owner: s, output: true}
	for i, c := range q.columns {
		outputs.fields = append(outputs.fields, field{name: c.Name, value: s.items[i]})
	}
	for _, o := range order {
		if err := a.orderKey(q, s, o, outputs); err != nil {
			return err
		}
	}
	return nil
}

func (a *analyzer) orderKey(q *queryPlan, s *selectPlan, o sortNode, outputs *scope) error {
	item := sortPlan{descending: o.descending, nullsFirst: o.nulls == "FIRST", written: itemText{at: at(o.key.offset()), node: o.key}}
	ordinal, ok, err := a.ordinal(o.key, len(s.items), "ORDER BY")
	if err != nil {
		return err
	}
	if ok {
		item.key = s.items[ordinal-1]
	} else if item.key, err = a.expr(outputs, o.key); err != nil {
		return err
	}
	if err := a.knownOrder(o, item.key); err != nil {
		return err
	}
	if !item.key.typ().orderable() {
		return a.errorf(CodeTypeMismatch, s, "Type %s is not orderable, and therefore cannot be used in ORDER BY: %s", item.key.typ(), item.written.text())
	}
	for i, e := range s.items {
		if item.ordinal == 0 && (ok && ordinal == i+1 || !ok && same(e, item.key)) {
			item.ordinal = i + 1
		}
	}
	if s.distinct && item.ordinal == 0 {
		return a.errorf(CodeNotDistinctOrderBy, s, "For SELECT DISTINCT, ORDER BY expressions must appear in select list")
	}
	if _, constant := item.key.(*constExpr); !constant || item.ordinal > 0 {
		q.order = append(q.order, item)
	}
	return nil
}

// hasAggregate tells whether e has an aggregate function of its own level, not one over a window, or grouping().
func hasAggregate(e expr) bool {
	found := false
	walk(e, func(e expr) {
		if c, ok := e.(*callExpr); ok && (c.aggregate && c.window == nil || c.op == opGrouping) {
			found = true
		}
	})
	return found
}

func hasWindow(e expr) bool { return windowIn(e) != nil }

// windowIn gives a window function in e as it was written, nil for none.
func windowIn(e expr) *callNode {
	var found *callNode
	walk(e, func(e expr) {
		if c, ok := e.(*callExpr); ok && c.window != nil && found == nil {
			found = c.written
		}
	})
	return found
}

// conjuncts takes a condition apart into what AND joins.
func conjuncts(e expr) []expr {
	c, ok := e.(*callExpr)
	if !ok || c.op != opAnd {
		return []expr{e}
	}
	var list []expr
	for _, arg := range c.args {
		list = append(list, conjuncts(arg)...)
	}
	return list
}
