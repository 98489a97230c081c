package dialect

import (
	"strconv"
	"strings"
)

// selectBody analyses SELECT … with the ORDER BY that follows it. The order is Trino's: FROM, WHERE, GROUP BY, HAVING, the
// items, ORDER BY; only ORDER BY sees the items' names.
func (a *analyzer) selectBody(q *queryPlan, n *selectNode, order []sortNode, outer *scope) error {
	s := &selectPlan{distinct: n.distinct}
	if len(n.group) > keysMax || len(order) > keysMax {
		return a.unsupported(n, "more than 500 expressions in GROUP BY or ORDER BY")
	}
	if err := a.refuseSelect(n); err != nil {
		return err
	}
	if outer != nil {
		s.outer = outer.owner
	}
	q.body = s
	from := &scope{outer: outer, owner: s}
	if n.from != nil {
		plan, fields, err := a.relation(n.from, outer, s)
		if err != nil {
			return err
		}
		s.from, from.fields = plan, fields
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
	if err := a.groups(s, n, from); err != nil {
		return err
	}
	if n.having != nil {
		if s.having, err = a.boolean(from, n.having, "HAVING clause must evaluate to a boolean: actual type %s"); err != nil {
			return err
		}
		s.aggregate = s.aggregate || hasAggregate(s.having)
	}
	if err := a.order(q, s, order, from); err != nil {
		return err
	}
	if s.distinct {
		for i, c := range q.columns {
			if !c.Type.comparable() {
				return a.errorf(CodeTypeMismatch, n.items[min(i, len(n.items)-1)], "DISTINCT can only be applied to comparable types (actual: %s)", c.Type)
			}
		}
	}
	return a.checkGrouping(q, s, n, texts)
}

// refuseSelect names what is read but not analysed.
func (a *analyzer) refuseSelect(n *selectNode) error {
	if n.groupOnce || n.groupAuto {
		return a.unsupported(n.group[0], "GROUP BY DISTINCT and GROUP BY AUTO clauses")
	}
	if len(n.windows) > 0 {
		return a.unsupported(n.windows[0].window, "WINDOW clauses")
	}
	for _, g := range n.group {
		if g.kind != "" && !(g.kind == "SET" && len(g.sets[0]) == 0 && len(n.group) == 1) {
			return a.unsupported(g, "grouping sets")
		}
	}
	for _, item := range n.items {
		if item.base != nil || item.names != nil {
			return a.unsupported(item, "stars over expressions and with names")
		}
	}
	return nil
}

// itemText is where an output column was written, for messages.
type itemText struct {
	at
	text string
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
				texts = append(texts, itemText{item.at, f.name})
			}
			continue
		}
		e, err := a.expr(from, item.expr)
		if err != nil {
			return nil, err
		}
		s.aggregate = s.aggregate || hasAggregate(e)
		s.items = append(s.items, e)
		q.columns = append(q.columns, OutputColumn{Name: itemName(item, len(q.columns)), Type: e.typ()})
		texts = append(texts, itemText{at(item.expr.offset()), item.text})
	}
	return texts, nil
}

// itemName names an output column: its alias, the column's or field's own name, or _col and its number from 0.
func itemName(item itemNode, i int) string {
	if item.alias != nil {
		return strings.ToLower(item.alias.text)
	}
	switch e := item.expr.(type) {
	case *nameNode:
		return strings.ToLower(e.parts[len(e.parts)-1].text)
	case *fieldNode:
		return strings.ToLower(e.field.text)
	}
	return "_col" + strconv.Itoa(i)
}

func (a *analyzer) star(item itemNode, from *scope) ([]field, error) {
	var fields []field
	for _, f := range from.fields {
		if !f.hidden && f.matches(item.qualifier) {
			fields = append(fields, f)
		}
	}
	switch {
	case len(fields) > 0:
		return fields, nil
	case len(item.qualifier) > 0:
		return nil, a.errorf(CodeTableNotFound, item, "Unable to resolve reference %s", dottedText(item.qualifier))
	}
	return nil, a.errorf(CodeColumnNotFound, item, "SELECT * not allowed in queries without FROM clause")
}

// groups analyses GROUP BY: an integer literal is an output column, anything else sees the columns of FROM only.
func (a *analyzer) groups(s *selectPlan, n *selectNode, from *scope) error {
	s.grouped = n.grouped
	for _, g := range n.group {
		if g.kind != "" {
			continue // (): all rows
		}
		key := g.sets[0][0]
		i, ok, err := a.ordinal(key, len(s.items), "GROUP BY")
		if err != nil {
			return err
		}
		var e expr
		if ok {
			e = s.items[i-1]
		} else if e, err = a.expr(from, key); err != nil {
			return hintAlias(err, n, key)
		}
		if hasAggregate(e) {
			return a.errorf(CodeNotScalar, key, "GROUP BY clause cannot contain aggregations, window functions or grouping operations: [%s]", g.text)
		}
		if !e.typ().comparable() {
			return a.errorf(CodeTypeMismatch, key, "%s is not comparable, and therefore cannot be used in GROUP BY", e.typ())
		}
		s.groups = append(s.groups, e)
	}
	return nil
}

// hintAlias says that an alias can't be used where only columns of FROM are seen.
func hintAlias(err error, n *selectNode, key node) error {
	e, ok := err.(*Error)
	k, isName := key.(*nameNode)
	if !ok || !isName || e.Code != CodeColumnNotFound {
		return err
	}
	for i, item := range n.items {
		if item.alias != nil && strings.EqualFold(item.alias.text, k.parts[0].text) {
			e.Hint = "GROUP BY does not see aliases; write GROUP BY " + strconv.Itoa(i+1) + " or repeat the expression"
		}
	}
	return e
}

// order analyses ORDER BY: integer literals and names of output columns first, then the columns of FROM.
func (a *analyzer) order(q *queryPlan, s *selectPlan, order []sortNode, from *scope) error {
	if len(order) == 0 {
		return nil
	}
	outputs := &scope{outer: from, owner: s}
	for i, c := range q.columns {
		outputs.fields = append(outputs.fields, field{name: c.Name, value: s.items[i]})
	}
	for _, o := range order {
		item := sortPlan{descending: o.descending, nullsFirst: o.nulls == "FIRST", at: at(o.key.offset()), text: o.text}
		ordinal, ok, err := a.ordinal(o.key, len(s.items), "ORDER BY")
		if err != nil {
			return err
		}
		if ok {
			item.key = s.items[ordinal-1]
		} else if item.key, err = a.expr(a.orderScope(outputs, o.key), o.key); err != nil {
			return err
		}
		s.aggregate = s.aggregate || hasAggregate(item.key)
		if err := a.needOrderable(o.key, item.key.typ()); err != nil {
			return err
		}
		for i, e := range s.items {
			if item.ordinal == 0 && (ok && ordinal == i+1 || !ok && same(e, item.key)) {
				item.ordinal = i + 1
			}
		}
		if s.distinct && item.ordinal == 0 {
			return a.errorf(CodeNotDistinctOrderBy, o.key, "For SELECT DISTINCT, ORDER BY expressions must appear in select list")
		}
		if _, constant := item.key.(*constExpr); !constant || item.ordinal > 0 {
			q.order = append(q.order, item)
		}
	}
	return nil
}

// orderScope gives the scope of an ORDER BY key. Output columns of the same name that are the same expression (SELECT a,
// a) are no ambiguity.
func (a *analyzer) orderScope(outputs *scope, key node) *scope {
	n, ok := key.(*nameNode)
	if !ok || len(n.parts) != 1 {
		return outputs
	}
	found := outputs.lookup(nil, n.parts[0].text)
	for _, f := range found[min(1, len(found)):] {
		if !same(f.value, found[0].value) {
			return outputs
		}
	}
	if len(found) > 1 {
		return &scope{outer: outputs.outer, owner: outputs.owner, fields: found[:1]}
	}
	return outputs
}

// checkGrouping holds what is selected against GROUP BY: in a grouped query every column must be grouped or aggregated.
func (a *analyzer) checkGrouping(q *queryPlan, s *selectPlan, n *selectNode, texts []itemText) error {
	s.grouped = s.grouped || s.aggregate || s.having != nil
	if !s.grouped {
		return nil
	}
	for i, e := range s.items {
		if !s.derivable(e) {
			return a.notAggregate(texts[i], texts[i].text)
		}
	}
	if s.having != nil && !s.derivable(s.having) {
		return a.notAggregate(n.having, n.havingText)
	}
	for _, o := range q.order {
		if !s.derivable(o.key) {
			return a.notAggregate(o.at, o.text)
		}
	}
	return nil
}

func (a *analyzer) notAggregate(n interface{ offset() int32 }, text string) error {
	return a.errorf(CodeNotAggregate, n, "'%s' must be an aggregate expression or appear in GROUP BY clause", text)
}

// derivable tells whether e can be had from the groups: made of grouping expressions, aggregates, constants and columns of
// outer queries.
func (s *selectPlan) derivable(e expr) bool {
	for _, g := range s.groups {
		if same(g, e) {
			return true
		}
	}
	switch e := e.(type) {
	case *columnExpr:
		return e.rel.owner != s
	case *castExpr:
		return s.derivable(e.operand)
	case *lambdaExpr:
		return s.derivable(e.body)
	case *subqueryExpr:
		return e.value == nil || s.derivable(e.value)
	case *callExpr:
		if e.aggregate && e.window == nil {
			return true
		}
		for _, arg := range e.args {
			if arg != nil && !s.derivable(arg) {
				return false
			}
		}
		if e.window != nil {
			for _, p := range e.window.partition {
				if !s.derivable(p) {
					return false
				}
			}
			for _, o := range e.window.order {
				if !s.derivable(o.key) {
					return false
				}
			}
		}
	}
	return true
}

// hasAggregate tells whether e has an aggregate function of its own level, not one over a window.
func hasAggregate(e expr) bool {
	found := false
	walk(e, func(e expr) {
		if c, ok := e.(*callExpr); ok && c.aggregate && c.window == nil {
			found = true
		}
	})
	return found
}

func hasWindow(e expr) bool {
	found := false
	walk(e, func(e expr) {
		if c, ok := e.(*callExpr); ok && c.window != nil {
			found = true
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
