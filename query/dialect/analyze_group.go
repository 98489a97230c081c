package dialect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// This file analyses GROUP BY, and holds what a grouped query selects against it.

// The most grouping sets that Trino takes, and the most arguments of grouping().
const (
	groupingSetsMax = 2048
	groupingArgsMax = 63
)

// groups analyses GROUP BY: an integer literal is an output column, anything else sees the columns of FROM only.
func (a *analyzer) groups(s *selectPlan, n *selectNode, from *scope, texts []itemText) error {
	s.grouped = n.grouped
	sets := [][]int{nil}
	var always []int // the expressions of items that stand for one set
	for _, g := range n.group {
		alternatives, err := a.groupItem(s, n, from, g, texts)
		if err != nil {
			return err
		}
		if len(alternatives) == 1 {
			always = union(always, alternatives[0])
			continue
		}
		if product := len(sets) * len(alternatives); product > groupingSetsMax {
			return a.errorf(CodeGroupingSets, n.group[0], "GROUP BY has %d grouping sets but can contain at most %d", product, groupingSetsMax)
		}
		sets = crossed(sets, alternatives)
	}
	if sets = crossed(sets, [][]int{always}); n.groupOnce {
		sets = distinctSets(sets)
	}
	if len(s.groups) > keysMax {
		return a.unsupported(n, "more than 500 expressions in GROUP BY or ORDER BY")
	}
	if len(sets) > 1 {
		s.sets = sets
	}
	return nil
}

// isAuto tells whether an item is AUTO: the name, where no column has it.
func isAuto(g groupNode, from *scope) bool {
	if g.kind != "" {
		return false
	}
	n, ok := g.sets[0][0].(*nameNode)
	return ok && len(n.parts) == 1 && !n.parts[0].quoted && strings.EqualFold(n.parts[0].text, "AUTO") && len(from.lookup(nil, "auto")) == 0
}

// groupAuto gives the set of every selected expression that is no call of an aggregate function.
func (a *analyzer) groupAuto(s *selectPlan, texts []itemText) ([]int, error) {
	var set []int
	for i, e := range s.items {
		if c, ok := e.(*callExpr); ok && c.aggregate {
			continue
		}
		index, err := a.group(s, texts[i], e)
		if err != nil {
			return nil, err
		}
		set = withIndex(set, index)
	}
	return set, nil
}

// group gives the index of a grouping expression.
func (a *analyzer) group(s *selectPlan, written itemText, e expr) (int, error) {
	switch {
	case hasAggregate(e) || hasWindow(e):
		return 0, a.notScalar(written, e, "GROUP BY clause")
	case !e.typ().comparable():
		return 0, a.errorf(CodeTypeMismatch, s, "%s is not comparable, and therefore cannot be used in GROUP BY", e.typ())
	}
	for i, g := range s.groups {
		if same(g, e) {
			return i, nil
		}
	}
	s.groups = append(s.groups, e)
	return len(s.groups) - 1, nil
}

// groupItem gives the sets that one item of GROUP BY stands for.
func (a *analyzer) groupItem(s *selectPlan, n *selectNode, from *scope, g groupNode, texts []itemText) ([][]int, error) {
	if isAuto(g, from) {
		set, err := a.groupAuto(s, texts)
		return [][]int{set}, err
	}
	sets := make([][]int, len(g.sets))
	for i, set := range g.sets {
		for _, key := range set {
			e, written, err := a.groupKey(s, n, from, g, key, texts)
			if err != nil {
				return nil, err
			}
			index, err := a.group(s, written, e)
			if err != nil {
				return nil, err
			}
			sets[i] = withIndex(sets[i], index)
		}
	}
	switch g.kind {
	case "ROLLUP", "CUBE":
		if len(sets) == 0 {
			return nil, a.unsupported(n.group[0], "ROLLUP and CUBE of nothing")
		}
	}
	switch g.kind {
	case "ROLLUP":
		return rollup(sets), nil
	case "CUBE":
		if sets = distinctSets(sets); len(sets) > 30 {
			return nil, a.errorf(CodeGroupingSets, n.group[0], "GROUP BY has more than %d grouping sets but can contain at most %d", 1<<30, groupingSetsMax)
		}
		if count := 1 << len(sets); count > groupingSetsMax {
			return nil, a.errorf(CodeGroupingSets, n.group[0], "GROUP BY has %d grouping sets but can contain at most %d", count, groupingSetsMax)
		}
		return cube(sets), nil
	}
	return sets, nil
}

// groupKey analyses an expression of GROUP BY, and tells where it is written; sets that are more than a list take columns only.
func (a *analyzer) groupKey(s *selectPlan, n *selectNode, from *scope, g groupNode, key node, texts []itemText) (expr, itemText, error) {
	written := itemText{at: at(key.offset()), node: key}
	list := g.kind == "" || g.kind == "SET"
	if list {
		i, ok, err := a.ordinal(key, len(s.items), "GROUP BY")
		if err != nil {
			return nil, written, err
		}
		if ok {
			return s.items[i-1], texts[i-1], nil
		}
	}
	e, err := a.expr(from, key)
	if err != nil {
		return nil, written, hintAlias(err, n, key)
	}
	_, isName := key.(*nameNode)
	if c, ok := e.(*callExpr); !list && (!isName || ok && c.op == opField) {
		err = a.errorf(CodeColumnReference, key, "GROUP BY expression must be a column reference: %s", quotedText(key))
	}
	return e, written, err
}

// withIndex adds an index to a set that is in ascending order.
func withIndex(set []int, index int) []int {
	for i, x := range set {
		if x == index {
			return set
		}
		if x > index {
			return append(append(append([]int{}, set[:i]...), index), set[i:]...)
		}
	}
	return append(set, index)
}

// union joins two sets that are in ascending order.
func union(a, b []int) []int {
	u := make([]int, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			u, a = append(u, a[0]), a[1:]
		case a[0] > b[0]:
			u, b = append(u, b[0]), b[1:]
		default:
			a = a[1:]
		}
	}
	return append(append(u, a...), b...)
}

func crossed(a, b [][]int) [][]int {
	var list [][]int
	for _, x := range a {
		for _, y := range b {
			list = append(list, union(x, y))
		}
	}
	return list
}

// rollup gives the sets joined from the first on: all of them, all but the last, …, none.
func rollup(sets [][]int) [][]int {
	list := [][]int{nil}
	for _, set := range sets {
		list = append(list, union(list[len(list)-1], set))
	}
	return list
}

// cube gives every choice of the sets, joined.
func cube(sets [][]int) [][]int {
	list := [][]int{nil}
	for _, set := range sets {
		for _, chosen := range list {
			list = append(list, union(chosen, set))
		}
	}
	return list
}

func distinctSets(sets [][]int) [][]int {
	var list [][]int
	seen := map[string]bool{}
	for _, set := range sets {
		if key := fmt.Sprint(set); !seen[key] {
			seen[key] = true
			list = append(list, set)
		}
	}
	return list
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

// groupingCall analyses grouping(a, b): a bit for each column, 1 where the row's grouping set has it not.
func (a *analyzer) groupingCall(s *scope, n *callNode) (expr, error) {
	if s == nil || s.owner == nil {
		return nil, a.errorf(CodeMissingGroupBy, n, "A GROUPING() operation can only be used with a corresponding GROUPING SET/CUBE/ROLLUP/GROUP BY clause")
	}
	if len(n.args) == 0 || len(n.args) > groupingArgsMax {
		return nil, a.errorf(CodeArguments, n, "GROUPING supports 1 to %d column arguments", groupingArgsMax)
	}
	a.grouping++
	args, err := a.exprs(s, n.args)
	a.grouping--
	if err != nil {
		return nil, err
	}
	for i, e := range args {
		s.owner.groupingArgs = append(s.owner.groupingArgs, outerColumn{at: at(n.args[i].offset()), text: quotedText(n.args[i]), value: e})
	}
	t := simple(KindInteger)
	if len(args) > 31 {
		t = simple(KindBigInt)
	}
	return &callExpr{op: opGrouping, args: args, t: t, written: n}, nil
}

// checkGrouping holds what is selected against GROUP BY: in a grouped query every column must be grouped or aggregated.
func (a *analyzer) checkGrouping(q *queryPlan, s *selectPlan, n *selectNode, texts []itemText) error {
	s.grouped = s.grouped || s.aggregate || s.having != nil
	if len(s.groupingArgs) > 0 && !n.grouped {
		return a.errorf(CodeMissingGroupBy, n, "A GROUPING() operation can only be used with a corresponding GROUPING SET/CUBE/ROLLUP/GROUP BY clause")
	}
	if !s.grouped {
		return nil
	}
	for i, e := range s.items {
		if err := a.needGrouped(s, e, texts[i]); err != nil {
			return err
		}
	}
	if s.having != nil {
		if err := a.needGrouped(s, s.having, itemText{at: at(n.having.offset()), node: n.having}); err != nil {
			return err
		}
	}
	if s.misuse != nil {
		return s.misuse
	}
	for _, arg := range s.groupingArgs {
		if !s.isGroup(arg.value) {
			return a.errorf(CodeArguments, arg, "The arguments to GROUPING() must be expressions referenced by the GROUP BY at the associated query level. "+
				"Mismatch due to %s.", arg.text)
		}
	}
	for _, o := range q.order {
		if err := a.needGrouped(s, o.key, o.written); err != nil {
			return err
		}
	}
	return nil
}

// needGrouped holds one expression, which was written as it says, against the groups of s.
func (a *analyzer) needGrouped(s *selectPlan, e expr, written itemText) error {
	err := a.partsGrouped(s, e)
	switch {
	case err != nil:
		return err
	case s.derivable(e):
		return nil
	case written.node == nil:
		return &Error{Code: CodeNotAggregate, Message: fmt.Sprintf("Column '%s' not in GROUP BY clause", written.star)}
	}
	return a.errorf(CodeNotAggregate, written, "'%s' must be an aggregate expression or appear in GROUP BY clause", written.text())
}

// partsGrouped holds the windows and subqueries of e, outside of aggregates, against the groups of s.
func (a *analyzer) partsGrouped(s *selectPlan, e expr) error {
	switch e := e.(type) {
	case *castExpr:
		return a.partsGrouped(s, e.operand)
	case *lambdaExpr:
		return a.partsGrouped(s, e.body)
	case *callExpr:
		if e.aggregate && e.window == nil {
			return nil
		}
		for _, arg := range e.args {
			if err := a.partsGrouped(s, arg); err != nil {
				return err
			}
		}
		if e.window != nil {
			return a.windowGrouped(s, e.window)
		}
	case *subqueryExpr:
		for _, use := range e.outer {
			if use.owner == s && !s.isGroup(use.value) {
				return a.errorf(CodeNotAggregate, use, "Subquery uses '%s' which must appear in GROUP BY clause", use.text)
			}
		}
		return a.partsGrouped(s, e.value)
	}
	return nil
}

// windowGrouped holds the keys of a window over a grouped query against its groups.
func (a *analyzer) windowGrouped(s *selectPlan, w *windowPlan) error {
	for i, key := range w.partition {
		if !s.derivable(key) {
			return a.errorf(CodeNotAggregate, w.partitionAt[i].at, "PARTITION BY expression '%s' must be an aggregate expression or appear in GROUP BY clause", w.partitionAt[i].text())
		}
	}
	for _, o := range w.order {
		if !s.derivable(o.key) {
			return a.errorf(CodeNotAggregate, o.written, "ORDER BY expression '%s' must be an aggregate expression or appear in GROUP BY clause", o.written.text())
		}
	}
	if f := w.frame; f != nil {
		if f.startAt != nil && !s.derivable(f.startAt) {
			return a.errorf(CodeNotAggregate, f.places[0], "Window frame start must be an aggregate expression or appear in GROUP BY clause")
		}
		if f.endAt != nil && !s.derivable(f.endAt) {
			return a.errorf(CodeNotAggregate, f.places[1], "Window frame end must be an aggregate expression or appear in GROUP BY clause")
		}
	}
	return nil
}

// derivable tells whether e can be had from the groups: made of grouping expressions, aggregates, constants and columns of
// outer queries.
func (s *selectPlan) derivable(e expr) bool {
	if s.isGroup(e) {
		return true
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
		if e.aggregate && e.window == nil || e.op == opGrouping {
			return true
		}
		for _, arg := range e.args {
			if arg != nil && !s.derivable(arg) {
				return false
			}
		}
	}
	return true
}

func (s *selectPlan) isGroup(e expr) bool {
	for _, g := range s.groups {
		if same(g, e) {
			return true
		}
	}
	return false
}

// notScalar is the error for an expression with aggregations or window functions in a clause that comes before grouping.
func (a *analyzer) notScalar(n interface{ offset() int32 }, e expr, clause string) error {
	return a.errorf(CodeNotScalar, n, "%s cannot contain aggregations, window functions or grouping operations: %s", clause, aggregationsIn(e))
}

// aggregationsIn quotes the aggregations, window functions and grouping operations in e: [max(x), count(*)].
func aggregationsIn(e expr) string {
	var aggregations, windows, groupings []string
	walk(e, func(e expr) {
		switch c, ok := e.(*callExpr); {
		case !ok || c.written == nil:
		case c.window != nil:
			windows = append(windows, quotedText(c.written))
		case c.aggregate:
			aggregations = append(aggregations, quotedText(c.written))
		case c.op == opGrouping:
			groupings = append(groupings, quotedText(c.written))
		}
	})
	return "[" + strings.Join(slices.Concat(aggregations, windows, groupings), ", ") + "]"
}
