package dialecttest

import (
	"fmt"
	"strings"

	"github.com/loglake/loglake/query/dialect"
)

// Table is a small table, written as a WITH query; its columns are a, b, c, ….
type Table struct {
	Name    string
	Columns []Column
	Rows    [][]string // expressions
}

// With gives the tables as the beginning of a query.
func With(tables ...Table) string {
	parts := make([]string, len(tables))
	for i, t := range tables {
		names := make([]string, len(t.Columns))
		for k, c := range t.Columns {
			names[k] = c.Name
		}
		rows := make([]string, len(t.Rows))
		for k, row := range t.Rows {
			rows[k] = "(" + strings.Join(row, ", ") + ")"
		}
		parts[i] = fmt.Sprintf("%s (%s) AS (VALUES %s)", t.Name, strings.Join(names, ", "), strings.Join(rows, ", "))
	}
	return "WITH " + strings.Join(parts, ", ") + " "
}

// Table gives a table of one to six rows. The first columns are an integer, which is often the same or NULL, and a text; so
// that there is something to join and to group by.
func (g *Generator) Table(name string) Table {
	t := Table{Name: name, Columns: []Column{{"a", of(dialect.KindInteger)}, {"b", text}}}
	for i := range 1 + g.Random(3) {
		t.Columns = append(t.Columns, Column{string(rune('c' + i)), pick(g, scalars)})
	}
	for n := range 1 + g.Random(6) {
		row := []string{pick(g, []string{"1", "2", "2", "3", "NULL"}), pick(g, []string{"'x'", "'y'", "'x y'", "''", "NULL"})}
		for _, c := range t.Columns[2:] {
			row = append(row, g.Value(c.Type))
		}
		if n == 0 { // the first row says the types
			for i, c := range t.Columns {
				row[i] = fmt.Sprintf("TRY_CAST(%s AS %s)", row[i], c.Type)
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// in makes the columns of a table visible under an alias.
func (t Table) in(alias string) []Column {
	columns := make([]Column, len(t.Columns))
	for i, c := range t.Columns {
		columns[i] = Column{alias + "." + c.Name, c.Type}
	}
	return columns
}

// Over gives an expression over the columns of a table, named t.a and so on.
func (g *Generator) Over(t Table, kind dialect.Type) string {
	g.columns = t.in(t.Name)
	defer func() { g.columns = nil }()
	return g.expression(kind, 3)
}

// Query gives a query over two tables of its own. What can fail is left out: whether a row is looked at is the engine's
// matter.
func (g *Generator) Query() string {
	total := g.Total
	g.Total = true
	defer func() { g.Total, g.columns = total, nil }()
	t, u := g.Table("t"), g.Table("u")
	with := With(t, u)
	switch g.Random(6) {
	case 0:
		return with + g.grouped(t)
	case 1:
		return with + g.windowed(t)
	case 2:
		return with + g.set(t, u)
	case 3:
		return with + g.subquery(t, u)
	}
	return with + g.joined(t, u)
}

// selection gives items, and an order over all of them with a limit now and then: so that it is one order.
func (g *Generator) selection(n int, rest string) string {
	items, ordinals := make([]string, n), make([]string, n)
	for i := range items {
		items[i] = g.expression(pick(g, scalars), 2)
		ordinals[i] = fmt.Sprint(i+1) + pick(g, []string{"", " DESC", " NULLS FIRST", " DESC NULLS LAST", " ASC"})
	}
	s := "SELECT " + pick(g, []string{"", "", "DISTINCT "}) + strings.Join(items, ", ") + " " + rest
	if g.chance(40) {
		s += " ORDER BY " + strings.Join(ordinals, ", ") + pick(g, []string{"", " LIMIT 3", " OFFSET 1", " FETCH FIRST 2 ROWS ONLY", " FETCH FIRST 1 ROW WITH TIES"})
	}
	return s
}

func (g *Generator) where() string {
	if g.chance(50) {
		return ""
	}
	return " WHERE " + g.expression(of(dialect.KindBoolean), 2)
}

func (g *Generator) joined(t, u Table) string {
	if g.chance(25) {
		g.columns = t.in("t")
		return g.selection(1+g.Random(3), "FROM t"+g.where())
	}
	on := pick(g, []string{"t.a = u.a", "t.a = u.a AND t.b = u.b", "t.a < u.a", "t.b = u.b OR t.a = u.a"})
	join := fmt.Sprintf("FROM t %s JOIN u ON %s", pick(g, []string{"INNER", "LEFT", "RIGHT", "FULL"}), on)
	if g.chance(20) {
		join = "FROM t CROSS JOIN u"
	}
	g.columns = append(t.in("t"), u.in("u")...)
	return g.selection(1+g.Random(3), join+g.where())
}

// aggregates do not depend on the order of the rows; %s is an argument of the kind. Sums are of integers only: those of
// floating point numbers depend on the order.
var aggregates = []struct{ form, kind string }{
	{"count(%s)", "any"}, {"count(DISTINCT %s)", "any"}, {"min(%s)", "any"}, {"max(%s)", "any"}, {"sum(CAST(%s AS bigint))", "integer"}, {"avg(%s)", "integer"}, {"count_if(%s)", "boolean"},
	{"bool_and(%s)", "boolean"}, {"bool_or(%s)", "boolean"}, {"every(%s)", "boolean"}, {"approx_distinct(%s)", "integer"}, {"sum(DISTINCT CAST(%s AS bigint))", "integer"},
	{"array_agg(%s ORDER BY 1)", "none"}, {"checksum(%s)", "any"}, {"bitwise_and_agg(%s)", "integer"}, {"bitwise_or_agg(%s)", "integer"},
	{"array_sort(array_agg(%s))", "integer"}, {"max(%s, 2)", "integer"}, {"min(%s, 3)", "text"}, {"histogram(%s)", "text"},
}

func (g *Generator) aggregate() string {
	a := pick(g, aggregates)
	argument := ""
	switch a.kind {
	case "none":
		return "count(*)"
	case "any":
		argument = g.expression(pick(g, scalars), 1)
	case "integer":
		argument = g.expression(of(dialect.KindInteger), 1)
	case "text":
		argument = g.expression(text, 1)
	case "boolean":
		argument = g.expression(of(dialect.KindBoolean), 2)
	}
	s := fmt.Sprintf(a.form, argument)
	if g.chance(20) && !strings.HasPrefix(s, "array_sort") {
		s += " FILTER (WHERE " + g.expression(of(dialect.KindBoolean), 1) + ")"
	}
	return s
}

func (g *Generator) grouped(t Table) string {
	g.columns = t.in("t")
	n := g.Random(3)
	keys := []string{g.expression(pick(g, scalars), 1), "t.b"}[:n]
	sets := n > 0 && g.chance(30)
	if sets { // of columns only
		keys = []string{"t.a", "t.b"}[:n]
	}
	items := append([]string{}, keys...)
	for range 1 + g.Random(3) {
		items = append(items, g.aggregate())
	}
	s := "SELECT " + strings.Join(items, ", ") + " FROM t" + g.where()
	switch {
	case sets:
		s += fmt.Sprintf(" GROUP BY %s (%s)", pick(g, []string{"ROLLUP", "CUBE"}), strings.Join(keys, ", "))
	case n > 0 && g.chance(50):
		s += " GROUP BY " + strings.Join([]string{"1", "2"}[:n], ", ")
	case n > 0:
		s += " GROUP BY " + strings.Join(keys, ", ")
	}
	if g.chance(30) {
		s += pick(g, []string{" HAVING count(*) > 1", " HAVING max(t.a) IS NOT NULL", " HAVING min(t.a) < 3"})
	}
	return s
}

// windowed orders by all columns, so that rows in a tie are equal.
func (g *Generator) windowed(t Table) string {
	g.columns = t.in("t")
	var names []string
	for _, c := range g.columns {
		names = append(names, c.Name+pick(g, []string{"", " DESC", " NULLS FIRST"}))
	}
	items := []string{"t.a"}
	for range 1 + g.Random(2) {
		x := g.expression(of(dialect.KindInteger), 1)
		f := pick(g, []string{"row_number()", "rank()", "dense_rank()", "ntile(2)", "percent_rank()", "cume_dist()", "lag(%s)", "lead(%s, 2)", "first_value(%s)", "last_value(%s)", "count(%s)", "max(%s)",
			"min(%s)", "sum(CAST(%s AS bigint))", "nth_value(%s, 2)", "lag(%s, 1, 0)", "first_value(%s) IGNORE NULLS", "count(*)"})
		if strings.Contains(f, "%s") {
			f = fmt.Sprintf(f, x)
		}
		frame := ""
		if strings.Contains(f, "value(") || strings.HasPrefix(f, "count") || strings.HasPrefix(f, "max") || strings.HasPrefix(f, "min") || strings.HasPrefix(f, "sum") {
			frame = pick(g, []string{"", " ROWS BETWEEN 1 PRECEDING AND CURRENT ROW", " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING", " ROWS 2 PRECEDING",
				" RANGE UNBOUNDED PRECEDING", " GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING", " ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING"})
		}
		items = append(items, fmt.Sprintf("%s OVER (%sORDER BY %s%s)", f, pick(g, []string{"", "PARTITION BY t.a ", "PARTITION BY t.b "}), strings.Join(names, ", "), frame))
	}
	return "SELECT " + strings.Join(items, ", ") + " FROM t" + g.where()
}

func (g *Generator) set(t, u Table) string {
	kinds := []dialect.Type{pick(g, scalars), of(dialect.KindInteger)}[:1+g.Random(2)]
	side := func(table Table, name string) string {
		g.columns = table.in(name)
		items := make([]string, len(kinds))
		for i, k := range kinds {
			items[i] = g.expression(k, 1)
		}
		return "SELECT " + strings.Join(items, ", ") + " FROM " + name + g.where()
	}
	s := side(t, "t") + pick(g, []string{" UNION ", " UNION ALL ", " INTERSECT ", " EXCEPT ", " INTERSECT ALL ", " EXCEPT ALL "}) + side(u, "u")
	if g.chance(30) {
		s += pick(g, []string{" UNION ", " UNION ALL ", " INTERSECT ", " EXCEPT "}) + side(t, "t")
	}
	return s
}

func (g *Generator) subquery(t, u Table) string {
	g.columns = u.in("u")
	inner := g.expression(of(dialect.KindInteger), 1)
	condition := g.where()
	g.columns = t.in("t")
	outer := g.expression(of(dialect.KindInteger), 1)
	switch g.Random(7) {
	case 0:
		return fmt.Sprintf("SELECT t.a, t.b FROM t WHERE %s %sIN (SELECT %s FROM u%s)", outer, pick(g, []string{"", "NOT "}), inner, condition)
	case 1:
		return fmt.Sprintf("SELECT t.a, (%s) IN (SELECT %s FROM u%s) FROM t", outer, inner, condition)
	case 2:
		return fmt.Sprintf("SELECT t.b FROM t WHERE %sEXISTS (SELECT 1 FROM u WHERE u.a = t.a)", pick(g, []string{"", "NOT "}))
	case 3:
		return fmt.Sprintf("SELECT %s, (SELECT max(%s) FROM u%s) FROM t", outer, inner, condition)
	case 4:
		return fmt.Sprintf("SELECT t.a, (SELECT count(*) FROM u WHERE u.a = t.a) FROM t%s", g.where())
	case 5:
		return fmt.Sprintf("SELECT s.k, count(*) FROM (SELECT %s AS k FROM u%s) AS s GROUP BY s.k", inner, condition)
	}
	return fmt.Sprintf("SELECT t.a, %s %s (SELECT %s FROM u%s) FROM t", outer, pick(g, []string{"= ANY", "< ALL", "<> ALL", ">= SOME"}), inner, condition)
}
