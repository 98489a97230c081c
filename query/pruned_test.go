package query_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/loglake/loglake/query"
	"github.com/loglake/loglake/query/dialect"
	"github.com/loglake/loglake/query/engine"
)

// partitioned is a table with rows in partitions of dt, hour and day, and the columns that queries of the test may speak of.
type partitioned struct {
	table *dialect.Table
	rows  []partitionedRow
}

type partitionedRow struct {
	partition map[string]string
	values    map[string]string // of columns, as DuckDB literals
}

type partitionedTables map[string]*partitioned

func (p partitionedTables) Table(_, _, name string) (*dialect.Table, error) {
	return p[name].table, nil
}

func newPartitionedTables() partitionedTables {
	varchar := dialect.Type{Kind: dialect.KindVarchar, Precision: dialect.VarcharMax}
	integer := dialect.Type{Kind: dialect.KindInteger}
	tables := partitionedTables{}
	for _, name := range []string{"t", "u"} {
		p := &partitioned{table: &dialect.Table{Database: "default", Name: name, Columns: []dialect.Column{
			{Name: "id", Type: integer}, {Name: "v", Type: varchar}, {Name: "dt", Type: varchar, Partition: true}, {Name: "hour", Type: integer, Partition: true},
			{Name: "day", Type: dialect.Type{Kind: dialect.KindDate}, Partition: true},
		}}}
		for i := range 14 {
			dt, hour := []string{"a", "b", "ab", "c", "__HIVE_DEFAULT_PARTITION__"}[i%5], []string{"1", "2", "10", "__HIVE_DEFAULT_PARTITION__"}[i%4]
			day := []string{"2020-01-31", "2020-02-29", "__HIVE_DEFAULT_PARTITION__"}[i%3]
			p.rows = append(p.rows, partitionedRow{partition: map[string]string{"dt": dt, "hour": hour, "day": day}, values: map[string]string{
				"id": fmt.Sprint(i % 6), "v": []string{"'a'", "'b'", "NULL"}[i%3], "dt": partitionLiteral(dt, "'"), "hour": partitionLiteral(hour, ""), "day": partitionLiteral(day, "'"),
			}})
		}
		tables[name] = p
	}
	return tables
}

func partitionLiteral(text, quote string) string {
	if text == "__HIVE_DEFAULT_PARTITION__" {
		return "NULL"
	}
	return quote + text + quote
}

// scan gives the rows of a scan as a query; with prune those alone whose partition the scan says may match.
func (p partitionedTables) scan(s *dialect.Scan, prune bool) string {
	types := map[string]string{"id": "INTEGER", "v": "VARCHAR", "dt": "VARCHAR", "hour": "INTEGER", "day": "DATE"}
	columns := s.Columns
	if len(columns) == 0 {
		columns = []string{"id"}
	}
	selects := func(row map[string]string) string {
		items := make([]string, len(columns))
		for i, c := range columns {
			items[i] = fmt.Sprintf(`CAST(%s AS %s) AS "%s"`, row[c], types[c], c)
		}
		return "SELECT " + strings.Join(items, ", ")
	}
	list := []string{selects(p[s.Table.Name].rows[0].values) + " WHERE false"}
	for _, row := range p[s.Table.Name].rows {
		if !prune || s.MayMatch(row.partition) {
			list = append(list, selects(row.values))
		}
	}
	return "(" + strings.Join(list, " UNION ALL ") + ")"
}

// predicates makes conditions over the columns of aliases.
type predicates struct{ *rand.Rand }

func (p predicates) one(list ...string) string { return list[p.IntN(len(list))] }

func (p predicates) condition(depth int, aliases ...string) string {
	if depth > 0 && p.IntN(3) > 0 {
		return p.one("(%s AND %s)", "(%s OR %s)", "(NOT %s OR %s)", "(%s AND NOT %s)", "(%s AND (%s) IS NOT NULL)", "(%s OR (%s) IS NULL)") + "\x00" +
			p.condition(depth-1, aliases...) + "\x00" + p.condition(depth-1, aliases...)
	}
	a, b := p.one(aliases...), p.one(aliases...)
	return p.one(
		a+".dt = '"+p.one("a", "b", "z")+"'", a+".dt <> 'a'", a+".dt > 'a'", "'b' >= "+a+".dt", a+".dt LIKE 'a%'", a+".dt NOT LIKE '_'", a+".dt IN ('a', 'c')",
		a+".dt NOT IN ('a', NULL)", a+".dt IS NULL", a+".dt IS NOT NULL", a+".dt BETWEEN 'a' AND 'b'", a+".hour = 1", a+".hour > 1", a+".hour NOT BETWEEN 2 AND 9", a+".hour IS NULL",
		"cast("+a+".hour AS varchar) = '10'", a+".dt || cast("+a+".hour AS varchar) = 'a1'", a+".dt IS DISTINCT FROM 'a'", "coalesce("+a+".dt, 'z') = 'z'", a+".dt = "+b+".dt", a+".hour < "+b+".id",
		a+".v = 'a'", a+".id > 2", "NULL", "false", a+".dt IN (SELECT v FROM u WHERE hour = 1)", "EXISTS (SELECT 1 FROM u WHERE u.dt = "+a+".dt AND u.hour = 2)",
		"any_match(ARRAY["+a+".dt, 'b'], x -> x = "+a+".dt AND x <> 'c')", "CASE WHEN "+a+".dt = 'a' THEN "+a+".hour = 1 ELSE "+a+".hour IS NULL END",
		"substr("+a+".dt, 1, 1) = 'a'", "upper("+a+".dt) IN ('A', 'C')", "length("+a+".dt) > 1", "nullif("+a+".dt, 'a') IS NULL", "CAST("+a+".dt AS char(2)) = CAST('a ' AS char(2))", "CAST("+a+".dt AS varchar(1)) = 'a'",
		"TRY_CAST("+a+".dt AS integer) IS NULL", "CAST("+a+".hour AS decimal(5,2)) > DECIMAL '9.5'", a+".hour IN (DECIMAL '10.0', DECIMAL '9')", a+".hour > 9.5", a+".hour % 2 = 0", "-"+a+".hour < -1",
		a+".day = DATE '2020-01-31'", a+".day > DATE '2020-02-01'", "DATE '2020-02-01' NOT BETWEEN "+a+".day AND DATE '2021-01-01'", "CAST("+a+".day AS varchar) LIKE '2020-01%'", "date(CAST("+a+".day AS varchar)) = DATE '2020-02-29'",
		"date_trunc('month', "+a+".day) = DATE '2020-01-01'", a+".day + INTERVAL '1' DAY > DATE '2020-02-01'", "year("+a+".day) = 2020", "CAST("+a+".day AS timestamp) >= TIMESTAMP '2020-02-01 00:00:00'", a+".day NOT IN (DATE '2020-01-31', NULL)",
		a+".dt NOT IN (SELECT dt FROM u WHERE dt IS NOT NULL AND hour = 2)", a+".hour > ALL (SELECT hour FROM u WHERE dt = 'c')", "("+a+".dt, "+a+".hour) IN (('a', 1), ('b', 2))", a+".day = (SELECT max(day) FROM u WHERE dt = 'a')",
	)
}

// text fills the pieces of a condition in.
func (p predicates) text(depth int, aliases ...string) string {
	parts := strings.Split(p.condition(depth, aliases...), "\x00")
	var fill func() string
	fill = func() string {
		head := parts[0]
		parts = parts[1:]
		if !strings.Contains(head, "%s") {
			return head
		}
		left := fill()
		return strings.Replace(strings.Replace(head, "%s", left, 1), "%s", fill(), 1)
	}
	return fill()
}

func (p predicates) query() string {
	where, on := p.text(2, "r"), p.text(1, "r", "s")
	switch p.IntN(17) {
	case 0:
		return "SELECT id, v, dt, hour FROM t AS r WHERE " + where
	case 1:
		return "SELECT r.id, s.id, r.dt, s.dt FROM t AS r " + p.one("LEFT", "RIGHT", "FULL", "INNER") + " JOIN u AS s ON r.id = s.id AND r.hour = s.hour WHERE " + p.text(2, "r", "s")
	case 2:
		return "SELECT r.id, s.id FROM t AS r " + p.one("LEFT", "RIGHT", "INNER") + " JOIN u AS s ON r.id = s.id AND " + on + " WHERE " + p.text(1, "r", "s")
	case 3:
		return "SELECT r.dt, r.hour, r.n FROM (SELECT dt, hour, count(*) AS n, 1 AS id, 'a' AS v, DATE '2020-01-31' AS day FROM t GROUP BY " + p.one("ROLLUP (dt, hour)", "CUBE (dt, hour)", "dt, hour", "GROUPING SETS ((dt), (dt, hour))") + ") AS r WHERE " + where
	case 4:
		return "SELECT r.id, r.e FROM (SELECT id, v, dt, hour, day, e FROM t CROSS JOIN UNNEST(ARRAY[dt, v]) AS x (e)) AS r WHERE " + where
	case 5:
		return "SELECT r.id, x.e FROM t AS r LEFT JOIN UNNEST(CASE WHEN " + where + " THEN ARRAY[r.dt] END) AS x (e) ON true WHERE " + p.text(1, "r")
	case 6:
		return "SELECT r.id, s.n FROM t AS r CROSS JOIN LATERAL (SELECT count(*) AS n FROM u WHERE u.dt = r.dt AND u.hour = 2) AS s WHERE " + where
	case 7:
		return "WITH w AS (SELECT * FROM t AS r WHERE " + where + ") SELECT r.id, s.dt FROM w AS r JOIN w AS s ON r.id = s.id WHERE " + p.text(1, "r", "s")
	case 8:
		return "WITH RECURSIVE r (id, dt, hour, day, v, n) AS (SELECT id, dt, hour, day, v, 1 FROM t UNION ALL SELECT s.id, s.dt, s.hour, s.day, s.v, r.n + 1 FROM r JOIN u AS s ON s.id = r.id AND s.dt = 'a' WHERE r.n < 3) SELECT id, dt, n FROM r WHERE " + where
	case 9:
		return "SELECT r.id, r.dt, r.hour FROM (SELECT * FROM t " + p.one("UNION", "UNION ALL", "EXCEPT", "INTERSECT") + " SELECT * FROM u WHERE dt = 'a') AS r WHERE " + where
	case 10:
		return "SELECT r.id, r.n FROM (SELECT id, v, dt, hour, day, count(*) OVER (PARTITION BY dt) AS n FROM t) AS r WHERE " + where
	case 11:
		return "SELECT r.id, r.dt FROM (SELECT * FROM t ORDER BY id, dt, hour, v, day FETCH FIRST 5 ROWS WITH TIES) AS r WHERE " + where
	case 14:
		return "SELECT r.id, r.dt FROM (SELECT * FROM t WHERE " + p.text(1, "t") + " UNION ALL SELECT * FROM u WHERE " + p.text(1, "u") + ") AS r WHERE " + where
	case 15:
		return "SELECT dt, hour, r.id, s.id FROM t AS r " + p.one("LEFT", "RIGHT", "FULL", "INNER") + " JOIN u AS s USING (dt, hour) WHERE " + p.one("dt = 'a'", "dt IS NULL", "hour > 1", "dt <> 'a' OR hour IS NULL")
	case 16:
		return "SELECT r.id, s.day FROM t AS r " + p.one("LEFT", "INNER") + " JOIN LATERAL (SELECT * FROM u WHERE u.day = r.day AND " + p.text(1, "u") + ") AS s ON true WHERE " + p.text(1, "r")
	case 12:
		return "SELECT dt, max(hour) FROM t AS r WHERE " + where + " GROUP BY GROUPING SETS ((dt), ()) HAVING dt = 'a' OR count(*) > 2"
	}
	return "SELECT DISTINCT r.dt, " + p.text(1, "r") + " FROM t AS r WHERE r.dt IN (SELECT s.dt FROM u AS s WHERE " + p.text(1, "s") + " AND s.id = r.id) OR " + where
}

// TestPrunedPartitions runs queries twice: over all rows, and over those of the partitions that the query says it may need.
func TestPrunedPartitions(t *testing.T) {
	e := newEngine(t)
	tables := newPartitionedTables()
	seed := rand.Uint64()
	p := predicates{rand.New(rand.NewPCG(seed, 0))}
	dropped := 0
	for range 150 {
		sql := p.query()
		s, err := dialect.Parse(sql)
		if err != nil {
			t.Fatalf("seed %d: %s: %v", seed, sql, err)
		}
		q, err := dialect.Analyze(s, dialect.Session{}, tables)
		if err != nil {
			t.Fatalf("seed %d: %s: %v", seed, sql, err)
		}
		all := rowsOf(t, e, q.DuckDB(func(s *dialect.Scan) string { return tables.scan(s, false) }), q)
		few := rowsOf(t, e, q.DuckDB(func(s *dialect.Scan) string { return tables.scan(s, true) }), q)
		if !slices.Equal(all, few) {
			t.Errorf("seed %d: %s:\n%d rows %q\npruned %d rows %q", seed, sql, len(all), all, len(few), few)
		}
		for _, scan := range q.Scans {
			for _, row := range tables[scan.Table.Name].rows {
				if !scan.MayMatch(row.partition) {
					dropped++
				}
			}
		}
	}
	if dropped == 0 {
		t.Errorf("seed %d: nothing was pruned", seed)
	}
}

// rowsOf runs a printed query and gives its rows as texts, in order.
func rowsOf(t *testing.T, e *engine.Engine, sql string, q *dialect.Query) []string {
	t.Helper()
	rows, err := e.Query(t.Context(), engine.Request{SQL: sql})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer rows.Close()
	var list []string
	for {
		b, err := rows.Next()
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		if b == nil {
			slices.Sort(list)
			return list
		}
		for i := range b.Rows {
			cells := make([]string, len(b.Columns))
			for j := range b.Columns {
				if cells[j] = "NULL"; !b.Columns[j].IsNull(i) {
					cells[j] = query.Text(&b.Columns[j], i, q.Output[j].Type)
				}
			}
			list = append(list, strings.Join(cells, "|"))
		}
	}
}
