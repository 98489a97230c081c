package dialect

import (
	"fmt"
	"strconv"
	"strings"
)

// Explain tells in plain words what the query does, a step a line in the order in which it means to happen; what belongs to
// a query inside another is indented by two blanks. Notes follow, after a line "Note": what is expensive about the query
// and what makes its answer a matter of chance.
func (q *Query) Explain() []string {
	t := &teller{}
	t.query(q.root)
	t.line("Answer: %s.", columnsText(q.Output))
	for _, note := range q.notes() {
		t.line("Note: %s.", note)
	}
	return t.lines
}

// told is how expressions are written in the steps.
var told = words{qualified: true}

// teller writes the steps of a query.
type teller struct {
	lines  []string
	indent int
	step   int
}

func (t *teller) line(format string, args ...any) {
	t.lines = append(t.lines, strings.Repeat("  ", t.indent)+fmt.Sprintf(format, args...))
}

// say adds a numbered step.
func (t *teller) say(format string, args ...any) {
	t.step++
	t.line(strconv.Itoa(t.step)+". "+format, args...)
}

// inner tells a query that belongs to another, under a heading.
func (t *teller) inner(heading string, q *queryPlan) {
	t.line("%s:", heading)
	step := t.step
	t.indent, t.step = t.indent+1, 0
	t.query(q)
	t.indent, t.step = t.indent-1, step
}

func (t *teller) query(q *queryPlan) {
	for _, w := range q.with {
		t.inner("First, "+w.name, w.query)
		if w.step != nil {
			t.inner("Then, until no row comes any more, "+w.name+" from the rows that came last", w.step)
		}
	}
	switch body := q.body.(type) {
	case *selectPlan:
		t.selection(q, body)
	case *setPlan:
		t.set(body)
	case *valuesPlan:
		t.say("Take %s.", count(len(body.rows), "row that is written in the query", "rows that are written in the query"))
	case *queryPlan:
		t.query(body)
	}
	t.ending(q)
}

func (t *teller) selection(q *queryPlan, s *selectPlan) {
	if s.from == nil {
		t.say("Make one row.")
	} else {
		t.relation(s.from)
	}
	if len(s.where) > 0 {
		t.say("Keep the rows where %s.", told.conditions(s.where, " and "))
	}
	if s.grouped {
		t.grouping(s)
	}
	if s.having != nil {
		t.say("Keep the groups where %s.", told.expr(s.having))
	}
	if computed := t.computed(q, s); len(computed) > 0 {
		t.say("Compute %s.", strings.Join(computed, ", "))
	}
	if s.distinct {
		t.say("Keep each distinct row once.")
	}
	t.subqueries(s.expressions())
}

// subqueries tells the queries in expressions.
func (t *teller) subqueries(list []expr) {
	for _, e := range list {
		walk(e, func(e expr) {
			if sub, ok := e.(*subqueryExpr); ok {
				t.inner("The subquery in "+told.expr(sub), sub.query)
			}
		})
	}
}

// computed lists the output columns that are more than a column.
func (t *teller) computed(q *queryPlan, s *selectPlan) []string {
	var list []string
	for i, e := range s.items {
		if _, plain := e.(*columnExpr); plain || i >= len(q.columns) || s.isGroup(e) {
			continue
		}
		text := told.expr(e)
		if name := q.columns[i].Name; name != "" {
			text += " as " + nameText(name)
		}
		list = append(list, text)
	}
	return list
}

func (t *teller) grouping(s *selectPlan) {
	if len(s.groups) == 0 {
		t.say("Take all rows as one group.")
		return
	}
	if s.sets == nil {
		t.say("Group the rows by %s.", told.list(s.groups, ", "))
		return
	}
	sets := make([]string, len(s.sets))
	for i, set := range s.sets {
		var keys []expr
		for _, index := range set {
			keys = append(keys, s.groups[index])
		}
		sets[i] = "(" + told.list(keys, ", ") + ")"
	}
	t.say("Group the rows %d times, by %s.", len(sets), strings.Join(sets, ", "))
}

func (t *teller) set(s *setPlan) {
	t.inner("One side", s.left)
	t.inner("The other side", s.right)
	switch s.op {
	case "UNION":
		t.say("Put the rows of both sides together%s.", unlessAll(s.all, ", each distinct row once"))
	case "INTERSECT":
		t.say("Keep the rows that are on both sides%s.", unlessAll(s.all, ", each distinct row once"))
	default:
		t.say("Keep the rows of the one side that are not on the other%s.", unlessAll(s.all, ", each distinct row once"))
	}
}

func unlessAll(all bool, text string) string {
	if all {
		return ""
	}
	return text
}

func (t *teller) relation(r any) {
	switch r := r.(type) {
	case *relation:
		if r.scan != nil {
			t.scan(r.scan)
			return
		}
		t.query(r.query)
	case *withRef:
		t.say("Take the rows of %s.", r.with.name)
	case *joinPlan:
		t.join(r)
	case *unnestPlan:
		t.say("Make a row of each element of %s.", elements(r))
	case *samplePlan:
		t.relation(r.relation)
		t.say("Take each row with a chance of %g percent.", r.percent)
	case *sequencePlan:
		t.say("Make a row of each number from %d to %d by %d.", r.start, r.stop, r.step)
	}
}

// elements names what UNNEST makes rows of.
func elements(u *unnestPlan) string {
	text := told.list(u.args, ", and next to it of ")
	if u.ordinality {
		text += ", numbered"
	}
	return text
}

func (t *teller) join(j *joinPlan) {
	t.relation(j.left)
	switch r := j.right.(type) {
	case *unnestPlan:
		t.say("Put each row beside each element of %s%s.", elements(r), unlessAll(j.kind != "LEFT", "; a row without elements stays, with NULLs"))
		return
	case *relation:
		if r.lateral {
			t.inner("For each row", r.query)
			break
		}
		t.relation(r)
	default:
		t.relation(r)
	}
	how := map[string]string{
		"LEFT": "; a row of the former without partner stays, with NULLs", "RIGHT": "; a row of the latter without partner stays, with NULLs",
		"FULL": "; rows without partner stay, with NULLs",
	}[j.kind]
	if r, ok := j.right.(*relation); ok && r.lateral {
		t.say("Pair each row with those that came for it%s.", how)
		return
	}
	if len(j.on) == 0 {
		t.say("Pair every row of the former with every row of the latter%s.", how)
		return
	}
	t.say("Pair the rows where %s%s.", told.conditions(j.on, " and "), how)
	t.subqueries(j.on)
}

// scan tells what is read of a table.
func (t *teller) scan(s *Scan) {
	what := "only to count its rows"
	if len(s.Columns) > 0 {
		what = strings.Join(s.Columns, ", ")
	}
	total := 0
	for _, c := range s.Table.Columns {
		if !c.Hidden {
			total++
		}
	}
	text := fmt.Sprintf("Read %s.%s: %s (%d of %s)", s.Table.Database, s.Table.Name, what, len(s.Columns), count(total, "column", "columns"))
	conditions := s.PartitionConditions()
	switch {
	case len(conditions) > 0:
		text += "; only partitions where " + strings.Join(conditions, " and ")
	case s.Table.partitioned():
		text += "; every partition"
	}
	t.say("%s.", text)
}

func (t *teller) ending(q *queryPlan) {
	if len(q.order) > 0 {
		keys := make([]string, len(q.order))
		for i, o := range q.order {
			keys[i] = q.sortWords(o)
		}
		t.say("Sort by %s.", strings.Join(keys, ", then "))
		t.subqueries(keysOf(q.order))
	}
	ties := ""
	if q.ties {
		ties = " and those that sort like the last of them"
	}
	switch {
	case q.limit >= 0 && q.skip > 0:
		t.say("Leave out the first %d rows and give the next %d%s.", q.skip, q.limit, ties)
	case q.limit >= 0:
		t.say("Give the first %s%s.", count(int(q.limit), "row", "rows"), ties)
	case q.skip > 0:
		t.say("Leave out the first %s.", count(int(q.skip), "row", "rows"))
	}
}

// sortWords tells a key of ORDER BY, by its output column where it is one.
func (q *queryPlan) sortWords(o sortPlan) string {
	var text string
	switch {
	case o.ordinal > 0 && o.ordinal <= len(q.columns):
		text = nameText(named(q.columns)[o.ordinal-1].Name)
	case o.key != nil:
		text = told.expr(o.key)
	}
	if o.descending {
		text += ", largest first"
	}
	if o.nullsFirst {
		text += ", NULLs first"
	}
	return text
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

func columnsText(columns []OutputColumn) string {
	const most = 20
	texts := make([]string, 0, most)
	for i, c := range columns {
		if i == most {
			texts = append(texts, fmt.Sprintf("and %d more", len(columns)-most))
			break
		}
		texts = append(texts, nameText(c.Name)+" "+c.Type.String())
	}
	return strings.Join(texts, ", ")
}

// notes tells what is expensive about the query, and what makes its answer a matter of chance.
func (q *Query) notes() []string {
	var notes []string
	for _, r := range q.Reads() {
		if r.Every {
			notes = append(notes, fmt.Sprintf("no condition on the partition keys of %s.%s: every partition is read", r.Database, r.Table))
		}
	}
	for _, s := range q.Scans {
		if n := len(s.Columns); n >= wideScan && n >= len(s.Table.Columns)-1 {
			notes = append(notes, fmt.Sprintf("all %d columns of %s.%s are read: naming the ones that are needed reads less", n, s.Table.Database, s.Table.Name))
		}
	}
	if w := q.Work(); w.CrossJoins > 0 {
		notes = append(notes, "a join without a condition pairs every row with every row")
	}
	return append(notes, q.Unstable()...)
}

// wideScan is how many columns make a table whose reading whole is worth a note.
const wideScan = 5
