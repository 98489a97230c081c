package query_test

import (
	"flag"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/loglake/loglake/query/dialect"
	"github.com/loglake/loglake/query/dialect/dialecttest"
	"github.com/loglake/loglake/query/engine"
)

var (
	lawSeed  = flag.Uint64("law-seed", 1, "the first seed of TestLaws; each case has the next one")
	lawCases = flag.Int("law-cases", 10, "how many cases of each law TestLaws tries")
)

// laws hold on any engine. Each gives a query over t in several forms, which have the same rows; $x stands for an
// expression and $p for a predicate. What comes after the WITH that makes t.
var laws = []struct {
	name  string
	forms []string
}{
	{"a row satisfies p, or not p, or p is NULL", []string{" SELECT t.a, $x FROM t WHERE coalesce($p, true) OR true",
		" SELECT t.a, $x FROM t WHERE $p UNION ALL SELECT t.a, $x FROM t WHERE NOT ($p) UNION ALL SELECT t.a, $x FROM t WHERE ($p) IS NULL"}},
	{"aggregates of parts make those of all", []string{" SELECT count(*), count(x), sum(y), min(x), max(x), bool_or(p), bool_and(p), count_if(p) FROM (SELECT $x AS x, t.a AS y, $p AS p FROM t)",
		" SELECT sum(n), sum(m), CAST(sum(s) AS bigint), min(l), max(h), bool_or(o), bool_and(e), sum(c) FROM (SELECT y, count(*) AS n, count(x) AS m, sum(y) AS s, min(x) AS l, max(x) AS h, " +
			"bool_or(p) AS o, bool_and(p) AS e, count_if(p) AS c FROM (SELECT $x AS x, t.a AS y, $p AS p FROM t) GROUP BY y)"}},
	{"DISTINCT, UNION, INTERSECT and GROUP BY find the same values", []string{" SELECT DISTINCT $x FROM t WHERE $p", " SELECT $x FROM t WHERE $p UNION SELECT $x FROM t WHERE $p",
		" SELECT $x FROM t WHERE $p GROUP BY 1", " SELECT $x FROM t WHERE $p INTERSECT SELECT $x FROM t",
		" SELECT x FROM (SELECT $x AS x FROM t WHERE $p EXCEPT SELECT $x FROM t WHERE false)"}},
	{"a condition of FILTER is one of WHERE, and of CASE", []string{" SELECT count($x), max($x) FROM t WHERE $p", " SELECT count($x) FILTER (WHERE $p), max($x) FILTER (WHERE $p) FROM t",
		" SELECT count(CASE WHEN $p THEN $x END), max(CASE WHEN $p THEN $x END) FROM t"}},
	{"a subquery changes nothing", []string{" SELECT $x FROM t WHERE $p", " SELECT x FROM (SELECT $x AS x, $p AS p FROM t) WHERE p",
		", s AS (SELECT $x AS x, $p AS p FROM t) SELECT x FROM s WHERE p", " SELECT $x FROM t JOIN (SELECT 1 AS one) AS o ON $p",
		" SELECT IF($p, x) FROM (SELECT t.*, $x AS x FROM t) AS t WHERE $p"}},
	{"IN, BETWEEN and NULLIF are comparisons", []string{" SELECT x IN (y, z), x BETWEEN y AND z, x <> y, nullif(x, y), x IS DISTINCT FROM y FROM (SELECT $x AS x, min($x) OVER () AS y, max($x) OVER () AS z FROM t)",
		" SELECT x = y OR x = z, x >= y AND x <= z, NOT (x = y), CASE WHEN x = y THEN NULL ELSE x END, NOT (x = y OR x IS NULL AND y IS NULL) OR (x IS NULL) <> (y IS NULL) " +
			"FROM (SELECT $x AS x, min($x) OVER () AS y, max($x) OVER () AS z FROM t)"}},
}

// TestLaws tries laws that hold whatever the values are, over generated tables and expressions.
func TestLaws(t *testing.T) {
	e := newEngine(t)
	for i, law := range laws {
		t.Run(law.name, func(t *testing.T) {
			for n := range *lawCases {
				seed := *lawSeed + uint64(n)
				g := &dialecttest.Generator{Random: rand.New(rand.NewPCG(seed, uint64(i))).IntN, Total: true}
				table := g.Table("t")
				x, p := g.Over(table, g.Ordered()), g.Over(table, dialect.Type{Kind: dialect.KindBoolean})
				var forms []string
				for _, form := range law.forms {
					forms = append(forms, strings.TrimSpace(dialecttest.With(table))+strings.NewReplacer("$x", x, "$p", p).Replace(form))
				}
				agree(t, e, seed, forms)
			}
		})
	}
}

// TestLawOfConstants has an expression of constants give what it gives over a column of them.
func TestLawOfConstants(t *testing.T) {
	e := newEngine(t)
	column := regexp.MustCompile(`\bt\.[a-e]\b`)
	for n := range 3 * *lawCases {
		seed := *lawSeed + uint64(n)
		g := &dialecttest.Generator{Random: rand.New(rand.NewPCG(seed, 99)).IntN}
		table := g.Table("t")
		table.Rows = table.Rows[:1]
		over := "SELECT " + g.Over(table, g.Type())
		inline := column.ReplaceAllStringFunc(over, func(name string) string { return table.Rows[0][name[2]-'a'] })
		agree(t, e, seed, []string{dialecttest.With(table) + over + " FROM t", inline})
	}
}

// agree runs queries that must give the same, and none of which may meet a fault of our own.
func agree(t *testing.T, e *engine.Engine, seed uint64, queries []string) {
	t.Helper()
	var first dialecttest.Answer
	for i, sql := range queries {
		a := outcome(t, e, sql)
		if a.Error != "" && !slices.Contains(codes, a.Code()) {
			t.Errorf("seed %d: %s\n\tfails with %s", seed, sql, a.Error)
			return
		}
		if a.Code() == dialect.CodeNotSupported || strings.Contains(a.Error, ": line ") { // refused before it runs
			return
		}
		if i == 0 {
			first = a
		} else if !dialecttest.Same(first, a) && !dialecttest.Folded(first, a) && !dialecttest.Folded(a, first) {
			t.Errorf("seed %d: %s\n\tgives %s, but\n%s\n\tgives %s", seed, queries[0], first.Result(), sql, a.Result())
		}
	}
}

// codes are Trino's names of errors that a generated query may have.
var codes = []string{dialect.CodeNotSupported, dialect.CodeTypeMismatch, dialect.CodeFunctionNotFound, dialect.CodeFunctionArgument, dialect.CodeCastArgument, dialect.CodeDivisionByZero,
	dialect.CodeOutOfRange, dialect.CodeInvalidLiteral}
