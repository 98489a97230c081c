package dialect

import (
	"slices"
	"strings"
)

// Read is what a query reads of a table, all its uses of the table taken together.
type Read struct {
	Database, Table string
	Columns         []string // in the table's order, partition keys included; empty where only rows are counted
	Partitions      []PartitionPredicate
	Every           bool // the table has partition keys, and some use of it has no condition on any of them
}

// PartitionPredicate is what a query asks of one partition key. Where a table is used more than once there is one for each
// use and key. A condition over several keys stands with each of them.
type PartitionPredicate struct {
	Column     string
	Conditions []string // SQL, all of which hold for every row that matters; never empty
}

// Reads tells which tables, columns and partitions the query reads, in the order of the text.
func (q *Query) Reads() []Read {
	var list []Read
	for _, s := range q.Scans {
		i := slices.IndexFunc(list, func(r Read) bool { return r.Database == s.Table.Database && r.Table == s.Table.Name })
		if i < 0 {
			i = len(list)
			list = append(list, Read{Database: s.Table.Database, Table: s.Table.Name})
		}
		r := &list[i]
		for _, c := range s.Table.Columns {
			used := slices.Contains(s.Columns, c.Name) || slices.Contains(r.Columns, c.Name)
			r.Columns = slices.DeleteFunc(r.Columns, func(name string) bool { return name == c.Name })
			if used {
				r.Columns = append(r.Columns, c.Name)
			}
		}
		predicates := s.Partitions()
		r.Partitions = append(r.Partitions, predicates...)
		r.Every = r.Every || len(predicates) == 0 && s.Table.partitioned()
	}
	return list
}

func (t *Table) partitioned() bool {
	return slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Partition })
}

// Partitions tells what the query asks of the scan's partition keys, in the table's order.
func (s *Scan) Partitions() []PartitionPredicate {
	var list []PartitionPredicate
	for _, c := range s.Table.Columns {
		if !c.Partition {
			continue
		}
		var conditions []string
		for _, f := range s.filters {
			if text := (words{}).condition(f); s.speaksOf(f, c.Name) && !contains(conditions, text) {
				conditions = append(conditions, text)
			}
		}
		if len(conditions) > 0 {
			list = append(list, PartitionPredicate{Column: c.Name, Conditions: conditions})
		}
	}
	return list
}

// PartitionConditions are the conditions of all partition keys of the scan, each once.
func (s *Scan) PartitionConditions() []string {
	var list []string
	for _, p := range s.Partitions() {
		for _, c := range p.Conditions {
			if !contains(list, c) {
				list = append(list, c)
			}
		}
	}
	return list
}

// speaksOf tells whether a condition needs the partition key and nothing but partition keys.
func (s *Scan) speaksOf(f expr, key string) bool {
	found, alone := false, true
	walk(f, func(e expr) {
		switch e := e.(type) {
		case *columnExpr:
			alone = alone && e.rel == s.rel && e.hive
			found = found || e.rel == s.rel && e.column == key
		case *subqueryExpr:
			alone = false
		}
	})
	return found && alone
}

// Work counts what the engine has to do, whatever the tables hold: a first measure of a query's cost. What it costs in
// bytes is known once the files are.
type Work struct {
	Scans, Columns           int // uses of tables, and columns read by them
	Joins, CrossJoins        int
	Groupings, Sorts         int
	Windows, Subqueries      int // window functions; subqueries in expressions
	SetOperations, Recursion int
}

// Work counts what the query does.
func (q *Query) Work() Work {
	w := Work{Scans: len(q.Scans)}
	for _, s := range q.Scans {
		w.Columns += len(s.Columns)
	}
	q.visit(func(p any) {
		switch p := p.(type) {
		case *queryPlan:
			if len(p.order) > 0 {
				w.Sorts++
			}
			for _, with := range p.with {
				if with.step != nil {
					w.Recursion++
				}
			}
		case *selectPlan:
			if p.grouped || p.distinct {
				w.Groupings++
			}
			w.CrossJoins += max(0, unconditional(p.from)-p.joinsInWhere())
		case *joinPlan:
			w.Joins++
		case *setPlan:
			w.SetOperations++
		case *subqueryExpr:
			w.Subqueries++
		case *callExpr:
			if p.window != nil {
				w.Windows++
			}
		}
	})
	return w
}

// unconditional counts the joins in r that have no condition.
func unconditional(r any) int {
	j, ok := r.(*joinPlan)
	if !ok {
		return 0
	}
	n := unconditional(j.left) + unconditional(j.right)
	_, made := j.right.(*unnestPlan)
	if r, ok := j.right.(*relation); ok {
		made = r.lateral
	}
	if len(j.on) == 0 && !made {
		n++
	}
	return n
}

// joinsInWhere counts the equalities of WHERE that join: FROM a, b WHERE a.x = b.x.
func (s *selectPlan) joinsInWhere() int {
	n := 0
	for _, e := range s.where {
		relations := map[*relation]bool{}
		walk(e, func(e expr) {
			if c, ok := e.(*columnExpr); ok {
				relations[c.rel] = true
			}
		})
		if c, ok := e.(*callExpr); ok && c.op == opEqual && len(relations) > 1 {
			n++
		}
	}
	return n
}

// Unstable tells why the query may give another answer when it runs again over the same rows; empty: it gives the same.
func (q *Query) Unstable() []string {
	var reasons []string
	add := func(reason string) {
		if !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	q.visit(func(p any) {
		switch p := p.(type) {
		case *queryPlan:
			if (p.limit >= 0 || p.skip > 0) && len(p.order) == 0 && !p.oneRow() {
				add("LIMIT without ORDER BY: which rows come is left to chance")
			}
		case *samplePlan:
			add("TABLESAMPLE takes rows by chance")
		case *callExpr:
			name := strings.TrimSpace(p.op)
			switch {
			case p.volatile:
				add(name + "() gives another value each time")
			case p.window != nil && len(p.window.order) == 0 && ordinal[name]:
				add(name + "() over a window without ORDER BY")
			case p.window == nil && chosen[name] && len(p.order) == 0:
				add(name + "() without ORDER BY takes the rows as they come")
			case p.window == nil && tied[name]:
				add(name + "() takes any of the rows that tie")
			}
		}
	})
	return append(reasons, q.depends...)
}

// oneRow tells whether a query has one row whatever it reads.
func (q *queryPlan) oneRow() bool {
	s, ok := q.body.(*selectPlan)
	return ok && (s.from == nil || s.grouped && len(s.groups) == 0)
}

// ordinal are the window functions whose value depends on the order of rows, chosen the aggregates, and tied those that
// order the rows themselves.
var (
	ordinal = map[string]bool{"row_number": true, "rank": true, "dense_rank": true, "ntile": true, "lag": true, "lead": true,
		"first_value": true, "last_value": true, "nth_value": true, "percent_rank": true, "cume_dist": true}
	chosen = map[string]bool{"array_agg": true, "arbitrary": true, "any_value": true, "map_agg": true, "multimap_agg": true,
		"map_union": true}
	tied = map[string]bool{"min_by": true, "max_by": true}
)

// visit calls f for each query, body, join and expression of the plan, outer ones first; a WITH query once.
func (q *Query) visit(f func(any)) { visitQuery(q.root, f) }

func visitQuery(q *queryPlan, f func(any)) {
	f(q)
	for _, w := range q.with {
		visitQuery(w.query, f)
		if w.step != nil {
			visitQuery(w.step, f)
		}
	}
	switch body := q.body.(type) {
	case *selectPlan:
		f(body)
		visitRelation(body.from, f)
		for _, e := range body.expressions() {
			visitExpr(e, f)
		}
	case *setPlan:
		f(body)
		visitQuery(body.left, f)
		visitQuery(body.right, f)
	case *valuesPlan:
		for _, row := range body.rows {
			for _, e := range row {
				visitExpr(e, f)
			}
		}
	case *queryPlan:
		visitQuery(body, f)
	}
	for _, o := range q.order {
		if o.key != nil && o.ordinal == 0 {
			visitExpr(o.key, f)
		}
	}
}

func visitRelation(r any, f func(any)) {
	switch r := r.(type) {
	case *relation:
		if r.query != nil {
			visitQuery(r.query, f)
		}
	case *joinPlan:
		f(r)
		visitRelation(r.left, f)
		visitRelation(r.right, f)
		for _, e := range r.on {
			visitExpr(e, f)
		}
	case *unnestPlan:
		for _, e := range r.args {
			visitExpr(e, f)
		}
	case *samplePlan:
		f(r)
		visitRelation(r.relation, f)
	}
}

func visitExpr(e expr, f func(any)) {
	walk(e, func(e expr) {
		f(e)
		if sub, ok := e.(*subqueryExpr); ok {
			visitQuery(sub.query, f)
		}
	})
}
