package dialecttest

import (
	"fmt"
	"strings"

	"github.com/loglake/loglake/query/dialect"
)

// Expression gives an expression of a kind like t; lengths and precisions may be others.
func (g *Generator) Expression(t dialect.Type) string { return g.expression(t, depthMax) }

func (g *Generator) expression(t dialect.Type, depth int) string {
	if depth <= 0 || g.chance(15) {
		return g.leaf(t)
	}
	depth--
	switch g.Random(10) {
	case 0:
		return fmt.Sprintf("CASE WHEN %s THEN %s ELSE %s END", g.expression(of(dialect.KindBoolean), depth), g.expression(t, depth), g.expression(t, depth))
	case 1:
		return g.conditional(t, depth)
	case 2:
		return g.conversion(t, depth)
	case 3, 4, 5:
		if s := g.anyCall(t, depth); s != "" {
			return s
		}
	}
	return g.operation(t, depth)
}

func (g *Generator) leaf(t dialect.Type) string {
	var fit []string
	for _, c := range g.columns {
		if c.Type.Equal(t) {
			fit = append(fit, c.Name)
		}
	}
	if len(fit) > 0 && g.chance(75) {
		return pick(g, fit)
	}
	return g.Value(t)
}

// conditional gives one of the forms that take values of any type and give one of them.
func (g *Generator) conditional(t dialect.Type, depth int) string {
	a, b := g.expression(t, depth), g.expression(t, depth)
	switch g.Random(5) {
	case 0:
		return fmt.Sprintf("coalesce(%s, %s)", a, b)
	case 1:
		return fmt.Sprintf("nullif(%s, %s)", a, b)
	case 2:
		return fmt.Sprintf("IF(%s, %s)", g.expression(of(dialect.KindBoolean), depth), a)
	case 3:
		u := pick(g, scalars)
		return fmt.Sprintf("CASE %s WHEN %s THEN %s WHEN %s THEN %s END", g.expression(u, depth-1), g.Value(u), a, g.Value(u), b) // Trino takes x for equal to x, NULL or NaN
	}
	return fmt.Sprintf("TRY(%s)", a)
}

// castable are the types from which each kind is cast; varchar casts to all, and takes all.
var castable = map[dialect.Kind][]dialect.Kind{
	dialect.KindBoolean: {dialect.KindInteger, dialect.KindDouble, dialect.KindVarchar, dialect.KindBigInt}, dialect.KindTinyInt: numbers, dialect.KindSmallInt: numbers,
	dialect.KindInteger: numbers, dialect.KindBigInt: numbers, dialect.KindReal: numbers, dialect.KindDouble: numbers, dialect.KindDecimal: numbers,
	dialect.KindVarchar: {dialect.KindInteger, dialect.KindBigInt, dialect.KindDouble, dialect.KindReal, dialect.KindDecimal, dialect.KindBoolean, dialect.KindDate, dialect.KindTimestamp,
		dialect.KindTimestampTZ, dialect.KindIntervalDay, dialect.KindIntervalYear, dialect.KindVarchar},
	dialect.KindDate:        {dialect.KindVarchar, dialect.KindTimestamp, dialect.KindTimestampTZ},
	dialect.KindTimestamp:   {dialect.KindVarchar, dialect.KindDate, dialect.KindTimestampTZ, dialect.KindTimestamp},
	dialect.KindTimestampTZ: {dialect.KindVarchar, dialect.KindDate, dialect.KindTimestamp, dialect.KindTimestampTZ},
	dialect.KindVarbinary:   {dialect.KindVarchar},
	dialect.KindJSON:        {dialect.KindInteger, dialect.KindVarchar, dialect.KindDouble, dialect.KindBoolean, dialect.KindDate},
}

var numbers = []dialect.Kind{dialect.KindTinyInt, dialect.KindInteger, dialect.KindBigInt, dialect.KindReal, dialect.KindDouble, dialect.KindDecimal, dialect.KindVarchar, dialect.KindBoolean}

// kindType gives a type of a kind.
func (g *Generator) kindType(k dialect.Kind) dialect.Type {
	for {
		if t := pick(g, scalars); t.Kind == k {
			return t
		}
	}
}

func (g *Generator) conversion(t dialect.Type, depth int) string {
	from, ok := castable[t.Kind]
	if !ok {
		return fmt.Sprintf("CAST(%s AS %s)", g.expression(t, depth), t)
	}
	word := "CAST"
	if g.Total || g.chance(60) {
		word = "TRY_CAST"
	}
	return fmt.Sprintf("%s(%s AS %s)", word, g.expression(g.kindType(pick(g, from)), depth), t)
}

// operation gives an operator's use whose result is of a kind like t.
func (g *Generator) operation(t dialect.Type, depth int) string {
	switch t.Kind {
	case dialect.KindBoolean:
		return g.predicate(depth)
	case dialect.KindTinyInt, dialect.KindSmallInt, dialect.KindInteger, dialect.KindBigInt, dialect.KindReal, dialect.KindDouble, dialect.KindDecimal:
		if g.chance(15) {
			return g.guarded(fmt.Sprintf("- (%s)", strings.TrimLeft(g.expression(t, depth), "- "))) // no - (- x): see the page of SQL
		}
		return g.guarded(fmt.Sprintf("(%s %s %s)", g.expression(t, depth), pick(g, []string{"+", "-", "*", "/", "%"}), g.expression(t, depth)))
	case dialect.KindVarchar, dialect.KindArray, dialect.KindVarbinary:
		return fmt.Sprintf("(%s || %s)", g.expression(t, depth), g.expression(t, depth))
	case dialect.KindDate, dialect.KindTimestamp, dialect.KindTimestampTZ:
		interval := dialect.KindIntervalYear
		if t.Kind != dialect.KindDate && g.chance(50) {
			interval = dialect.KindIntervalDay
		}
		return g.guarded(fmt.Sprintf("(%s %s %s)", g.expression(t, depth), pick(g, []string{"+", "-"}), g.Value(of(interval))))
	case dialect.KindIntervalDay:
		if g.chance(50) {
			u := g.kindType(pick(g, []dialect.Kind{dialect.KindDate, dialect.KindTimestamp, dialect.KindTimestampTZ}))
			return fmt.Sprintf("(%s - %s)", g.expression(u, depth), g.expression(u, depth))
		}
		return g.guarded(fmt.Sprintf("(%s %s %s)", g.Value(t), pick(g, []string{"*", "/"}), pick(g, []string{"2", "3", "-1", "BIGINT '7'", "1.5"})))
	case dialect.KindIntervalYear:
		return g.guarded(fmt.Sprintf("(%s %s %s)", g.Value(t), pick(g, []string{"+", "-"}), g.Value(t)))
	case dialect.KindRow:
		return g.Value(t)
	}
	return g.leaf(t)
}

// guarded puts what can fail into a TRY, where nothing may.
func (g *Generator) guarded(s string) string {
	if g.Total {
		return "TRY(" + s + ")"
	}
	return s
}

// predicate gives a boolean expression.
func (g *Generator) predicate(depth int) string {
	b, t := of(dialect.KindBoolean), pick(g, scalars)
	switch g.Random(11) {
	case 0, 1: // what fails on one side of AND may or may not be reached
		total := g.Total
		g.Total = true
		s := fmt.Sprintf("(%s %s %s)", g.expression(b, depth), pick(g, []string{"AND", "OR"}), g.expression(b, depth))
		g.Total = total
		return s
	case 2:
		return fmt.Sprintf("(NOT (%s))", g.expression(b, depth))
	case 3:
		return fmt.Sprintf("(%s IS %sNULL)", g.expression(g.Type(), depth), pick(g, []string{"", "NOT "}))
	case 4:
		return fmt.Sprintf("(%s IS %sDISTINCT FROM %s)", g.expression(t, depth), pick(g, []string{"", "NOT "}), g.expression(t, depth))
	case 5:
		return fmt.Sprintf("(%s %sBETWEEN %s AND %s)", g.expression(t, depth), pick(g, []string{"", "NOT "}), g.expression(t, depth-1), g.expression(t, depth-1))
	case 6:
		return fmt.Sprintf("(%s %sIN (%s, %s))", g.expression(t, depth), pick(g, []string{"", "NOT "}), g.leaf(t), g.expression(t, depth-1))
	case 7:
		return fmt.Sprintf("(%s %sLIKE %s)", g.expression(text, depth), pick(g, []string{"", "NOT "}), pick(g, []string{"'a%'", "'%b%'", "'_'", "''", "'a$%%' ESCAPE '$'", "'%_c'", "'Ü%'"}))
	case 8:
		if t = g.Type(); t.Kind == dialect.KindMap {
			return fmt.Sprintf("(%s %s %s)", g.expression(t, depth), pick(g, []string{"=", "<>"}), g.expression(t, depth))
		}
	}
	return fmt.Sprintf("(%s %s %s)", g.expression(t, depth), pick(g, []string{"=", "<>", "<", "<=", ">", ">="}), g.expression(t, depth))
}

// lambda gives a lambda for a parameter type function(T, U).
func (g *Generator) lambda(params []dialect.Type, result dialect.Type, depth int) string {
	outer := g.columns
	names := make([]string, len(params))
	for i, t := range params {
		g.aliases++
		names[i] = fmt.Sprintf("v%d", g.aliases)
		g.columns = append(g.columns[:len(g.columns):len(g.columns)], Column{Name: names[i], Type: t})
	}
	body := g.expression(result, min(depth, 2))
	g.columns = outer
	return fmt.Sprintf("(%s) -> %s", strings.Join(names, ", "), body)
}
