package dialect

import (
	"slices"
	"strconv"
	"strings"
)

func (p *printer) query(q *queryPlan) {
	p.withList(q.with)
	if q.ties {
		p.tied(q)
		return
	}
	if slices.ContainsFunc(q.order, sortPlan.nanFirst) {
		order := p.inner(q)
		p.write(") AS q ")
		p.orderBy(order)
	} else {
		p.body(q, nil)
		p.outerOrder(q)
	}
	if q.limit >= 0 {
		p.write(" LIMIT ", strconv.FormatInt(q.limit, 10))
	}
	p.offset(q)
}

// outerOrder prints the ORDER BY of a query behind its body.
func (p *printer) outerOrder(q *queryPlan) {
	if len(q.order) == 0 {
		return
	}
	if s, ok := q.body.(*selectPlan); ok {
		defer p.group(s.groups, s.grouped)()
	}
	p.write(" ")
	p.orderBy(q.order)
}

func (p *printer) offset(q *queryPlan) {
	if q.skip > 0 {
		p.write(" OFFSET ", strconv.FormatInt(q.skip, 10))
	}
}

// body prints what a query is made of, with more columns k1, k2, … for the keys that are not among its own.
func (p *printer) body(q *queryPlan, keys []expr) {
	switch body := q.body.(type) {
	case *selectPlan:
		p.selectBody(body, keys)
	case *setPlan:
		p.set(body)
	case *valuesPlan:
		p.values(body, len(q.columns))
	case *queryPlan:
		p.write("SELECT * FROM (")
		p.query(body)
		p.write(") AS q")
	}
}

// inner prints a query up to its ORDER BY as the inner one of another, and gives the order by what it has.
func (p *printer) inner(q *queryPlan) []sortPlan {
	var keys []expr
	order := make([]sortPlan, len(q.order))
	for i, o := range q.order {
		name := outputName(o.ordinal - 1)
		if o.ordinal == 0 {
			keys = append(keys, o.key)
			name = "k" + strconv.Itoa(len(keys))
		}
		order[i] = sortPlan{key: &printedExpr{"q." + name, o.key.typ()}, descending: o.descending, nullsFirst: o.nullsFirst}
	}
	p.write("SELECT ")
	for i := range q.columns {
		if i > 0 {
			p.write(", ")
		}
		p.write("q.", outputName(i))
	}
	p.write(" FROM (")
	p.body(q, keys)
	return order
}

// tied prints a query with FETCH FIRST n ROWS WITH TIES: the rows that sort among the first n of those that OFFSET leaves.
func (p *printer) tied(q *queryPlan) {
	order := p.inner(q)
	if q.skip > 0 {
		p.write(" ")
		p.orderBy(q.order)
		p.offset(q)
	}
	p.write(") AS q")
	if len(order) > 0 { // without: sorted by constants, all rows are tied
		p.write(" QUALIFY rank() OVER (")
		p.orderBy(order)
		p.write(") <= ", strconv.FormatInt(q.limit, 10), " ")
		p.orderBy(order)
	}
}

func (p *printer) withList(list []*withPlan) {
	recursive := false
	for _, w := range list {
		recursive = recursive || w.step != nil
	}
	for i, w := range list {
		switch {
		case i > 0:
			p.write(", ")
		case recursive:
			p.write("WITH RECURSIVE ")
		default:
			p.write("WITH ")
		}
		if w.step != nil {
			p.recursive(w)
			continue
		}
		p.write(w.alias, " AS (")
		p.query(w.query)
		p.write(")")
	}
	if len(list) > 0 {
		p.write(" ")
	}
}

// recursionMax is Trino's limit of steps.
const recursionMax = 10

// recursive prints a recursive query: rows of base and steps with the number of their step, which may not exceed
// recursionMax. What it gives is materialized, so that a reader that stops early does not hide that the recursion would not end.
func (p *printer) recursive(w *withPlan) {
	columns, n := p.columnList(w.query), strconv.Itoa(recursionMax)
	p.write(w.alias, "r(", columns, ", step) AS (SELECT ", columns, ", 0 FROM (")
	p.query(w.query)
	p.write(") AS s UNION ALL SELECT ", columns, ", p.step + CASE WHEN p.step >= ", n, " THEN ")
	p.fail(simple(KindInteger), CodeNotSupported+": Recursion depth limit exceeded ("+n+"). Use 'max_recursion_depth' session property to modify the limit.")
	p.write(" ELSE 1 END FROM (WITH ", w.alias, " AS (SELECT ", columns, " FROM ", w.alias, "r) ")
	p.query(w.step)
	p.write(") AS s, (SELECT coalesce(max(step), 0) AS step FROM ", w.alias, "r) AS p), ", w.alias, " AS MATERIALIZED (SELECT ")
	if w.distinct {
		p.write("DISTINCT ")
	}
	p.write(columns, " FROM ", w.alias, "r)")
}

func (p *printer) columnList(q *queryPlan) string {
	names := make([]string, len(q.columns))
	for i := range names {
		names[i] = outputName(i)
	}
	return strings.Join(names, ", ")
}

// nanFirst tells whether NaN comes at another place than DuckDB's: it goes with NULL where NULL is first in an ascending order,
// and to the other end in a descending one.
func (o sortPlan) nanFirst() bool { return o.nullsFirst && o.key != nil && floating(o.key.typ()) }

func (p *printer) orderBy(order []sortPlan) {
	p.write("ORDER BY ")
	for i, o := range order {
		if i > 0 {
			p.write(", ")
		}
		if o.nanFirst() {
			p.write("isnan(")
			p.expr(o.key)
			p.write(map[bool]string{true: ") ASC", false: ") DESC"}[o.descending], " NULLS FIRST, ")
		}
		if o.ordinal > 0 {
			p.write(strconv.Itoa(o.ordinal))
		} else {
			p.expr(o.key)
		}
		if o.descending {
			p.write(" DESC")
		} else {
			p.write(" ASC")
		}
		if o.nullsFirst {
			p.write(" NULLS FIRST")
		} else {
			p.write(" NULLS LAST")
		}
	}
}

func (p *printer) selectBody(s *selectPlan, keys []expr) {
	defer p.group(s.groups, s.grouped)()
	outer := p.having
	p.having = s.having != nil
	defer func() { p.having = outer }()
	p.write("SELECT ")
	if s.distinct {
		p.write("DISTINCT ")
	}
	for i, e := range s.items {
		if i > 0 {
			p.write(", ")
		}
		p.expr(e)
		p.write(" AS ", outputName(i))
	}
	for i, e := range keys {
		p.write(", ")
		p.expr(e)
		p.write(" AS k", strconv.Itoa(i+1))
	}
	p.keys, p.grouping = nil, false
	if s.from != nil {
		p.write(" FROM ")
		p.relation(s.from)
	}
	if len(s.where) > 0 {
		p.write(" WHERE ")
		p.list(" AND ", s.where)
	}
	switch {
	case s.sets != nil:
		p.groupingSets(s)
	case len(s.groups) > 0:
		p.write(" GROUP BY ")
		p.list(", ", s.groups)
	case s.grouped && !slices.ContainsFunc(s.items, printsAggregation):
		p.write(" GROUP BY ()")
	}
	if s.having != nil {
		defer p.group(s.groups, s.grouped)()
		p.write(" HAVING ")
		p.expr(s.having)
	}
}

// printsAggregation tells whether e surely prints an aggregation, which makes one group of all rows. One that is an argument
// may be lost, as in typeof(max(x)).
func printsAggregation(e expr) bool {
	if c, ok := e.(*castExpr); ok {
		return printsAggregation(c.operand)
	}
	return isAggregation(e)
}

func (p *printer) groupingSets(s *selectPlan) {
	p.write(" GROUP BY GROUPING SETS (")
	for i, set := range s.sets {
		if i > 0 {
			p.write(", ")
		}
		p.write("(")
		for j, index := range set {
			if j > 0 {
				p.write(", ")
			}
			p.expr(s.groups[index])
		}
		p.write(")")
	}
	p.write(")")
}

func (p *printer) relation(r any) {
	if rel := relationOf(r); rel != nil && p.computed[rel] != nil {
		columns := p.computed[rel]
		delete(p.computed, rel)
		p.write("(SELECT ", rel.alias, ".*, ", strings.Join(columns, ", "), " FROM ")
		p.relation(r)
		p.write(") AS ", rel.alias)
		return
	}
	switch r := r.(type) {
	case *relation:
		if r.scan != nil {
			p.b.WriteString(p.scan(r.scan))
		} else {
			if r.lateral {
				p.write("LATERAL ")
			}
			p.write("(")
			p.query(r.query)
			p.write(")")
		}
		p.write(" AS ", r.alias)
	case *withRef:
		p.write(r.with.alias, " AS ", r.rel.alias)
	case *joinPlan:
		p.join(r)
	case *unnestPlan:
		p.unnest(r, unnesting{u: r})
	case *samplePlan:
		p.sample(r)
	case *sequencePlan:
		p.write("(SELECT generate_series AS c1 FROM generate_series(CAST(", strconv.FormatInt(r.start, 10), " AS BIGINT), CAST(", strconv.FormatInt(r.stop, 10),
			" AS BIGINT), CAST(", strconv.FormatInt(r.step, 10), " AS BIGINT))) AS ", r.rel.alias)
	}
}

// sample prints TABLESAMPLE. Rows are chosen one by one for SYSTEM too, which leaves open how large the parts are that it
// takes or leaves.
func (p *printer) sample(s *samplePlan) {
	if _, unnested := s.relation.(*unnestPlan); unnested {
		p.write("LATERAL ")
	}
	p.write("(SELECT * FROM ")
	p.relation(s.relation)
	p.write(" WHERE random() * 100 < ", strconv.FormatFloat(s.percent, 'f', -1, 64), ") AS ", relationOf(s.relation).alias)
}

// join prints a join. DuckDB takes no subqueries in ON of outer joins; there the side that may be filled with NULLs becomes
// a subquery of the other, with ON as its WHERE.
func (p *printer) join(j *joinPlan) {
	left, right, kind := j.left, j.right, j.kind
	optional := j.optional()
	if kind != "LEFT" && kind != "RIGHT" || !hasSubqueries(j.on) {
		optional = nil
	}
	if u, ok := right.(*unnestPlan); ok {
		p.joinUnnest(j, u)
		return
	}
	p.write("(")
	if optional != nil && kind == "RIGHT" {
		left, right = right, left
	}
	p.relation(left)
	if optional != nil {
		p.write(" LEFT JOIN LATERAL (SELECT * FROM ")
		p.relation(right)
		p.write(" WHERE ")
		p.list(" AND ", j.on)
		p.write(") AS ", optional.alias, " ON true)")
		return
	}
	if kind == "INNER" && len(j.on) == 0 {
		kind = "CROSS"
	}
	p.write(" ", kind, " JOIN ")
	p.relation(right)
	switch {
	case len(j.on) > 0:
		p.write(" ON ")
		p.list(" AND ", j.on)
	case kind != "CROSS":
		p.write(" ON true")
	}
	p.write(")")
}

func hasSubqueries(list []expr) bool {
	for _, e := range list {
		if hasSubquery(e) {
			return true
		}
	}
	return false
}

func (p *printer) set(s *setPlan) {
	operation := " " + s.op + " "
	if s.all {
		operation += "ALL "
	}
	p.write("(")
	p.query(s.left)
	p.write(")", operation, "(")
	p.query(s.right)
	p.write(")")
}

// values prints VALUES as a query whose columns have the names that outputs have.
func (p *printer) values(v *valuesPlan, columns int) {
	p.write("SELECT * FROM (VALUES ")
	for i, row := range v.rows {
		if i > 0 {
			p.write(", ")
		}
		p.write("(")
		p.list(", ", row)
		p.write(")")
	}
	p.write(") AS v(")
	for i := range columns {
		if i > 0 {
			p.write(", ")
		}
		p.write(outputName(i))
	}
	p.write(")")
}
