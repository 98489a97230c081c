package dialect

import "strconv"

// UNNEST is printed as a subquery that sees the relations before it. DuckDB's unnest of several lists goes through them side by
// side; a map is the list of its entries. With ordinality the lists are zipped and numbered first.
//
// DuckDB keeps the order of rows, and works fast, where what is unnested is a column; an expression over columns costs a join
// with their distinct values. So expressions are computed beside the columns of the relation that they speak of, its host,
// where that is possible: (SELECT r1.*, e AS r2u1 FROM t AS r1) AS r1. Then LEFT JOIN UNNEST can be a cross join too, with one
// element that is NULL for lists without any.

// unnesting is an UNNEST and where its lists are computed.
type unnesting struct {
	u      *unnestPlan
	host   *relation // nil: in the subquery itself
	filled bool      // a list without elements gives a row of NULLs
}

// zipped tells whether the lists are made one before they are unnested.
func (n unnesting) zipped() bool { return n.u.ordinality || n.filled }

func (p *printer) joinUnnest(j *joinPlan, u *unnestPlan) {
	n := unnesting{u: u, host: j.host(u)}
	kind := j.kind
	if n.host != nil {
		n.filled, kind = kind == "LEFT", "CROSS"
		p.compute(n)
	}
	p.write("(")
	p.relation(j.left)
	p.write(" ", kind, " JOIN ")
	p.unnest(u, n)
	if kind != "CROSS" {
		p.write(" ON true")
	}
	p.write(")")
}

// host gives the relation on the left side that can compute what u unnests: one whose rows all come to u, or from which the
// values are had without a computation that could fail, unless rows that an outer join has filled with NULLs must be kept. It is
// nil for none.
func (j *joinPlan) host(u *unnestPlan) *relation {
	used, safe := map[*relation]bool{}, true
	for _, e := range u.args {
		if hasSubquery(e) || volatile(e) {
			return nil
		}
		safe = safe && isPart(e)
		walk(e, func(e expr) {
			if c, ok := e.(*columnExpr); ok {
				used[c.rel] = true
			}
		})
	}
	var found []*relation
	fits := true
	eachRelation(j.left, true, true, func(rel *relation, whole, movable bool) {
		if used[rel] || len(used) == 0 && found == nil {
			found = append(found, rel)
			fits = fits && movable && (whole || safe && j.kind == "CROSS")
		}
	})
	if fits && len(found) == 1 && len(used) <= 1 {
		return found[0]
	}
	return nil
}

// isPart tells whether e is a column, or a field of one.
func isPart(e expr) bool {
	if c, ok := e.(*callExpr); ok && c.op == opField {
		return isPart(c.args[0])
	}
	_, ok := e.(*columnExpr)
	return ok
}

// eachRelation visits the relations of a part of FROM from the left. Whole says that all of a relation's rows are in the rows
// of the part, movable that the relation sees none before it.
func eachRelation(r any, whole, first bool, visit func(rel *relation, whole, movable bool)) {
	if j, ok := r.(*joinPlan); ok {
		eachRelation(j.left, whole && j.kind == "LEFT", first, visit)
		eachRelation(j.right, false, false, visit)
		return
	}
	rel := relationOf(r)
	_, unnested := r.(*unnestPlan)
	_, sampled := r.(*samplePlan)
	visit(rel, whole, !sampled && (first || !rel.lateral && !unnested))
}

// compute notes what the host computes.
func (p *printer) compute(n unnesting) {
	if p.computed == nil {
		p.computed = map[*relation][]string{}
	}
	add := func(i int, text string) {
		p.computed[n.host] = append(p.computed[n.host], text+" AS "+n.column(i))
	}
	if n.zipped() {
		add(0, p.captured(func() { p.zip(n) }))
		return
	}
	for i, e := range n.u.args {
		if _, plain := e.(*columnExpr); !plain || e.typ().Kind == KindMap {
			add(i+1, p.captured(func() { p.unnestedList(e) }))
		}
	}
}

// column is how the i-th computed list is called.
func (n unnesting) column(i int) string { return n.u.rel.alias + "u" + strconv.Itoa(i) }

// zip prints the lists of n as one.
func (p *printer) zip(n unnesting) {
	if n.filled {
		p.write("list_transform([{'z': ")
	}
	if n.u.ordinality {
		p.write("list_transform(")
	}
	p.write("list_zip(")
	for i, e := range n.u.args {
		if i > 0 {
			p.write(", ")
		}
		p.unnestedList(e)
	}
	p.write(")")
	if n.u.ordinality {
		p.write(", lambda z, i: {'v': z, 'o': i})")
	}
	if n.filled {
		p.write("}], lambda l: CASE WHEN len(l.z) > 0 THEN l.z ELSE [NULL] END)[1]")
	}
}

func (p *printer) unnest(u *unnestPlan, n unnesting) {
	p.write("LATERAL (SELECT ")
	column := 0
	for i, e := range u.args {
		list := "u.u" + strconv.Itoa(i+1)
		switch {
		case u.ordinality:
			list = "struct_extract(u.z.v, " + strconv.Itoa(i+1) + ")"
		case n.zipped():
			list = "struct_extract(u.z, " + strconv.Itoa(i+1) + ")"
		}
		for j := range unnested(e.typ()) {
			if column > 0 {
				p.write(", ")
			}
			p.write(p.unnestedField(e.typ(), list, j), " AS ", outputName(column))
			column++
		}
	}
	if u.ordinality {
		p.write(", u.z.o AS ", outputName(column))
	}
	p.write(" FROM (SELECT ")
	p.unnestedLists(n)
	p.write(") AS u) AS ", u.rel.alias)
}

func (p *printer) unnestedLists(n unnesting) {
	switch {
	case n.zipped() && n.host != nil:
		p.write("unnest(", n.host.alias, ".", n.column(0), ") AS z")
		return
	case n.zipped():
		p.write("unnest(")
		p.zip(n)
		p.write(") AS z")
		return
	}
	for i, e := range n.u.args {
		if i > 0 {
			p.write(", ")
		}
		p.write("unnest(")
		_, plain := e.(*columnExpr)
		if n.host == nil || plain && e.typ().Kind != KindMap {
			p.unnestedList(e)
		} else {
			p.write(n.host.alias, ".", n.column(i+1))
		}
		p.write(") AS u", strconv.Itoa(i+1))
	}
}

// unnestedField gives column j of what an element of an array or map is unnested to. Fields are read only of elements that are
// there: where list_zip makes up for a shorter list, DuckDB's NULL row has fields that are not NULL.
func (p *printer) unnestedField(t Type, element string, j int) string {
	field := ""
	switch {
	case t.Kind == KindMap && j == 0:
		field = "key"
	case t.Kind == KindMap:
		field = "value"
	case t.Fields[0].Type.Kind == KindRow:
		field = t.Fields[0].Type.fieldName(j)
	default:
		return element
	}
	return "CASE WHEN " + element + " IS NOT NULL THEN struct_extract(" + element + ", " + quoteText(field) + ") END"
}

func (p *printer) unnestedList(e expr) {
	if e.typ().Kind != KindMap {
		p.expr(e)
		return
	}
	p.write("map_entries(")
	p.expr(e)
	p.write(")")
}
