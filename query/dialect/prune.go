package dialect

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// pushFilters gives each scan the conditions that its rows must satisfy to matter: WHERE's conjuncts, and ON's for inner
// joins and for the side that an outer join fills with NULLs. Conditions on the columns of a derived table or WITH query
// go into it, rewritten, where it neither limits nor aggregates. The rows of a recursive query come from all its steps, so
// no condition goes into it.
func pushFilters(q *queryPlan, filters []expr) {
	for _, w := range q.with {
		pushFilters(w.query, nil)
		if w.step != nil {
			pushFilters(w.step, nil)
		}
	}
	if q.limit >= 0 || q.skip > 0 {
		filters = nil
	}
	switch body := q.body.(type) {
	case *selectPlan:
		pushIntoSelect(body, filters)
	case *setPlan:
		pushFilters(body.left, nil)
		pushFilters(body.right, nil)
	case *queryPlan:
		pushFilters(body, filters)
	}
}

// pushIntoSelect takes filters over the columns that s gives out.
func pushIntoSelect(s *selectPlan, filters []expr) {
	down := append([]expr{}, s.where...)
	for _, f := range filters {
		if inner, ok := s.substituted(f); ok {
			down = append(down, inner)
		}
	}
	if s.from != nil {
		pushRelation(s.from, down)
	}
	for _, e := range s.expressions() {
		pushSubqueries(e)
	}
}

// pushSubqueries gives the scans of subqueries in e the conditions of these subqueries.
func pushSubqueries(e expr) {
	walk(e, func(e expr) {
		if sub, ok := e.(*subqueryExpr); ok {
			pushFilters(sub.query, nil)
		}
	})
}

func (s *selectPlan) expressions() []expr {
	list := append(append(append([]expr{}, s.items...), s.where...), s.groups...)
	if s.having != nil {
		list = append(list, s.having)
	}
	return list
}

// substituted rewrites a filter over the output columns c1, c2, … into one over the columns of FROM. In a grouped query
// only filters over grouping expressions go below the grouping, and none go below a window.
func (s *selectPlan) substituted(f expr) (expr, bool) {
	ok := true
	result := replaceColumns(f, func(c *columnExpr) expr {
		i, err := strconv.Atoi(strings.TrimPrefix(c.column, "c"))
		if err != nil || i < 1 || i > len(s.items) || c.rel.query == nil {
			ok = false
			return c
		}
		item := s.items[i-1]
		ok = ok && (!s.grouped || s.groupedAlways(item)) && !hasWindow(item) && !hasAggregate(item)
		return item
	})
	for _, item := range s.items {
		ok = ok && !hasWindow(item)
	}
	return result, ok && small(result)
}

// groupedAlways tells whether e is a grouping expression of every grouping set: where it is none of a set, the rows of that set
// have NULL in its place, whatever rows they come from.
func (s *selectPlan) groupedAlways(e expr) bool {
	for i, g := range s.groups {
		if !same(g, e) {
			continue
		}
		always := true
		for _, set := range s.sets {
			always = always && slices.Contains(set, i)
		}
		return always
	}
	return false
}

// filterNodesMax bounds the filters that go down into derived tables. A filter that uses a column twice grows with each
// level, so a larger one stays where it is.
const filterNodesMax = 1000

func small(e expr) bool {
	left := filterNodesMax
	return fits(e, &left)
}

// fits counts the nodes of e and gives up as soon as there are none left to count.
func fits(e expr, left *int) bool {
	if *left--; *left < 0 {
		return false
	}
	switch e := e.(type) {
	case *castExpr:
		return fits(e.operand, left)
	case *lambdaExpr:
		return fits(e.body, left)
	case *callExpr:
		for _, arg := range e.args {
			if !fits(arg, left) {
				return false
			}
		}
	}
	return true
}

// replaceColumns gives e with its columns replaced; subqueries keep theirs.
func replaceColumns(e expr, replace func(*columnExpr) expr) expr {
	return replaced(e, func(e expr) expr {
		if c, ok := e.(*columnExpr); ok {
			return replace(c)
		}
		return nil
	})
}

func pushRelation(r any, filters []expr) {
	switch r := r.(type) {
	case *relation:
		if r.scan != nil {
			r.scan.filters = append(r.scan.filters, filters...)
		} else {
			pushFilters(r.query, only(filters, r))
		}
	case *withRef:
		if r.with.uses == 1 && r.with.step == nil {
			pushFilters(r.with.query, only(filters, r.rel))
		}
	case *joinPlan:
		pushJoin(r, filters)
	case *samplePlan: // which rows are taken does not depend on what they hold
		pushRelation(r.relation, filters)
	case *unnestPlan:
		for _, e := range r.args {
			pushSubqueries(e)
		}
	}
}

// pushJoin splits filters between the sides. A filter of WHERE must not reach the side that is filled with NULLs: a
// condition such as IS NULL holds for the filled rows.
func pushJoin(j *joinPlan, filters []expr) {
	for _, e := range j.on {
		pushSubqueries(e)
	}
	both := append(append([]expr{}, filters...), j.on...)
	left, right := both, both
	switch j.kind {
	case "LEFT":
		left, right = filters, j.on
	case "RIGHT":
		left, right = j.on, filters
	case "FULL":
		left, right = nil, nil
	}
	pushRelation(j.left, left)
	pushRelation(j.right, right)
}

// only keeps the filters whose columns all belong to rel.
func only(filters []expr, rel *relation) []expr {
	var kept []expr
	for _, f := range filters {
		own, any := true, false
		walk(f, func(e expr) {
			switch e := e.(type) {
			case *columnExpr:
				own, any = own && e.rel == rel, true
			case *subqueryExpr:
				own = false
			}
		})
		if own && any {
			kept = append(kept, f)
		}
	}
	return kept
}

// MayMatch tells whether rows of a partition can matter to the query. It is false only when the query's conditions can't
// hold for any row with these values of the partition keys. A key that is missing is NULL; a value that is not of its
// column's type is unknown. It is safe for concurrent use.
func (s *Scan) MayMatch(partition map[string]string) bool {
	for _, f := range s.filters {
		v := s.evaluate(f, partition)
		if v.known && v.value != true {
			return false
		}
	}
	return true
}

// PartitionColumns gives the partition keys that the query's conditions speak of; without any, every partition matters.
func (s *Scan) PartitionColumns() []string {
	var names []string
	for _, f := range s.filters {
		walk(f, func(e expr) {
			if c, ok := e.(*columnExpr); ok && c.rel == s.rel && c.hive && !contains(names, c.column) {
				names = append(names, c.column)
			}
		})
	}
	return names
}

// partial is what is known of an expression before a row is read: its value (nil for NULL), or nothing.
type partial struct {
	known bool
	value any
}

var (
	unknown = partial{}
	null    = partial{known: true}
)

func known(v any) partial { return partial{known: true, value: v} }

func (s *Scan) evaluate(e expr, partition map[string]string) partial {
	switch e := e.(type) {
	case *constExpr:
		return known(e.value)
	case *columnExpr:
		if e.rel != s.rel || !e.hive {
			return unknown
		}
		text, ok := partition[e.column]
		if !ok {
			return null
		}
		return partitionValue(text, e.t)
	case *castExpr:
		return s.evaluateCast(e, partition)
	case *callExpr:
		return s.evaluateCall(e, partition)
	}
	return unknown
}

// partitionValue reads the text of a partition's value as the catalog has it.
func partitionValue(text string, t Type) partial {
	switch {
	case text == "__HIVE_DEFAULT_PARTITION__":
		return null
	case t.Kind == KindVarchar:
		return known(text)
	case t.integral():
		if v, err := strconv.ParseInt(text, 10, 64); err == nil {
			return known(v)
		}
	case t.Kind == KindDate:
		if d, err := time.Parse("2006-01-02", text); err == nil {
			return known(d.Unix() / 86400)
		}
	case t.Kind == KindBoolean && (text == "true" || text == "false"):
		return known(text == "true")
	}
	return unknown
}

// evaluateCast knows the conversions that keep the value, and casts of well-formed texts.
func (s *Scan) evaluateCast(e *castExpr, partition map[string]string) partial {
	v := s.evaluate(e.operand, partition)
	from := e.operand.typ()
	switch {
	case !v.known || v.value == nil:
		return v
	case from.Kind == KindVarchar && e.t.Kind == KindVarchar && e.t.Precision >= from.Precision:
		return v
	case from.integral() && e.t.Kind == KindVarchar && e.t.Precision == VarcharMax:
		return known(strconv.FormatInt(v.value.(int64), 10))
	case from.Kind == KindVarchar && (e.t.integral() || e.t.Kind == KindDate):
		text, _ := v.value.(string)
		return partitionValue(text, e.t)
	}
	if c, ok := convertConst(v.value, from, e.t); ok {
		return known(c)
	}
	return unknown
}

func (s *Scan) evaluateCall(c *callExpr, partition map[string]string) partial {
	switch c.op {
	case opAnd, opOr:
		return s.evaluateLogical(c, partition)
	case opNot:
		v := s.evaluate(c.args[0], partition)
		if b, ok := v.value.(bool); ok && v.known {
			return known(!b)
		}
		return v
	case opIsNull:
		v := s.evaluate(c.args[0], partition)
		return partial{known: v.known, value: v.value == nil}
	case opEqual, opNotEqual, opLess, opLessEq, opGreater, opGreaterEq:
		return compared(c.op, s.evaluate(c.args[0], partition), s.evaluate(c.args[1], partition))
	case opBetween:
		v := s.evaluate(c.args[0], partition)
		low := compared(opGreaterEq, v, s.evaluate(c.args[1], partition))
		return both(low, compared(opLessEq, v, s.evaluate(c.args[2], partition)))
	case opIn:
		return s.evaluateIn(c, partition)
	case opLike:
		return s.evaluateLike(c, partition)
	case opConcat:
		return s.evaluateConcat(c, partition)
	}
	if c.over != nil && c.over.SQL == "$1" { // such as date(x), which is a cast
		return s.evaluate(c.args[0], partition)
	}
	return unknown
}

func (s *Scan) evaluateConcat(c *callExpr, partition map[string]string) partial {
	text := ""
	for _, arg := range c.args {
		v := s.evaluate(arg, partition)
		part, ok := v.value.(string)
		if !ok {
			return partial{known: v.known && v.value == nil}
		}
		text += part
	}
	return known(text)
}

// both is AND in three-valued logic where either side may also be unknown.
func both(a, b partial) partial {
	switch {
	case a.known && a.value == false, b.known && b.value == false:
		return known(false)
	case !a.known || !b.known:
		return unknown
	case a.value == nil || b.value == nil:
		return null
	}
	return known(true)
}

func inverse(v partial) partial {
	if b, ok := v.value.(bool); ok && v.known {
		return known(!b)
	}
	return v
}

func (s *Scan) evaluateLogical(c *callExpr, partition map[string]string) partial {
	result := known(true)
	for _, arg := range c.args {
		v := s.evaluate(arg, partition)
		if c.op == opOr {
			v = inverse(v)
		}
		result = both(result, v)
	}
	if c.op == opOr {
		return inverse(result)
	}
	return result
}

func (s *Scan) evaluateIn(c *callExpr, partition map[string]string) partial {
	v := s.evaluate(c.args[0], partition)
	none := known(true)
	for _, item := range c.args[1:] {
		none = both(none, inverse(compared(opEqual, v, s.evaluate(item, partition))))
	}
	return inverse(none)
}

func compared(op string, a, b partial) partial {
	if a.known && a.value == nil || b.known && b.value == nil {
		return null
	}
	if !a.known || !b.known {
		return unknown
	}
	order, ok := ordered(a.value, b.value)
	if !ok {
		return unknown
	}
	switch op {
	case opEqual:
		return known(order == 0)
	case opNotEqual:
		return known(order != 0)
	case opLess:
		return known(order < 0)
	case opLessEq:
		return known(order <= 0)
	case opGreater:
		return known(order > 0)
	}
	return known(order >= 0)
}

// ordered compares two values of one type; doubles are left alone for the sake of NaN.
func ordered(a, b any) (int, bool) {
	switch a := a.(type) {
	case string:
		b, ok := b.(string)
		return strings.Compare(a, b), ok
	case int64:
		b, ok := b.(int64)
		return cmp.Compare(a, b), ok
	case bool:
		b, ok := b.(bool)
		if ok && a == b {
			return 0, true
		}
		if a {
			return 1, ok
		}
		return -1, ok
	}
	return 0, false
}
