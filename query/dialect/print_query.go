package dialect

import "strconv"

func (p *printer) query(q *queryPlan) {
	if len(q.with) > 0 {
		p.write("WITH ")
		for i, w := range q.with {
			if i > 0 {
				p.write(", ")
			}
			p.write(w.alias, " AS (")
			p.query(w.query)
			p.write(")")
		}
		p.write(" ")
	}
	switch body := q.body.(type) {
	case *selectPlan:
		p.selectBody(body)
	case *setPlan:
		p.set(body)
	case *valuesPlan:
		p.values(body, len(q.columns))
	case *queryPlan:
		p.write("SELECT * FROM (")
		p.query(body)
		p.write(") AS q")
	}
	if len(q.order) > 0 {
		p.write(" ")
		p.orderBy(q.order)
	}
	if q.limit >= 0 {
		p.write(" LIMIT ", strconv.FormatInt(q.limit, 10))
	}
	if q.skip > 0 {
		p.write(" OFFSET ", strconv.FormatInt(q.skip, 10))
	}
}

func (p *printer) orderBy(order []sortPlan) {
	p.write("ORDER BY ")
	for i, o := range order {
		if i > 0 {
			p.write(", ")
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

func (p *printer) selectBody(s *selectPlan) {
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
	if s.from != nil {
		p.write(" FROM ")
		p.relation(s.from)
	}
	if len(s.where) > 0 {
		p.write(" WHERE ")
		p.list(" AND ", s.where)
	}
	switch {
	case len(s.groups) > 0:
		p.write(" GROUP BY ")
		p.list(", ", s.groups)
	case s.grouped && !s.aggregate:
		p.write(" GROUP BY ()")
	}
	if s.having != nil {
		p.write(" HAVING ")
		p.expr(s.having)
	}
}

func (p *printer) relation(r any) {
	switch r := r.(type) {
	case *relation:
		if r.scan != nil {
			p.b.WriteString(p.scan(r.scan))
		} else {
			p.write("(")
			p.query(r.query)
			p.write(")")
		}
		p.write(" AS ", r.alias)
	case *withRef:
		p.write(r.with.alias, " AS ", r.rel.alias)
	case *joinPlan:
		p.join(r)
	}
}

func (p *printer) join(j *joinPlan) {
	p.write("(")
	p.relation(j.left)
	p.write(" ", j.kind, " JOIN ")
	p.relation(j.right)
	if len(j.on) > 0 {
		p.write(" ON ")
		p.list(" AND ", j.on)
	}
	p.write(")")
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
