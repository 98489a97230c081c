package dialect

// Aggregates that give maps. DuckDB's map() refuses a key that comes twice, so the pairs are sorted by their keys and by
// where they came from, and of equal keys, which are next to each other then, the first is kept.

// pairs is the list of a group's keys and values, without NULL keys, sorted.
func pairs(key, value string) string {
	return sortedPairs("list($D{'k': " + key + ", 'v': " + value + "}$O)$F")
}

func sortedPairs(list string) string {
	return "list_sort(list_transform(list_filter(" + list + ", lambda $e: $e.k IS NOT NULL), lambda $e, $i: {'k': $e.k, 'i': $i, 'v': $e.v}))"
}

// eachKey makes a map of sorted pairs: the keys, and a value of each, in which $s are all pairs, $i is the place of the key's
// first one, and $n the place behind its last one. It is NULL where there is no key.
func eachKey(pairs, value string) string {
	return "list_transform([" + pairs + "], lambda $s: list_transform([list_filter(list_transform($s, lambda $e, $i: CASE WHEN $i = 1 OR $e.k IS DISTINCT FROM ($s[$i - 1]).k THEN $i END), " +
		"lambda $i: $i IS NOT NULL)], lambda $b: CASE WHEN len($b) > 0 THEN CAST(map_from_entries(list_transform($b, lambda $i, $j: {'k': ($s[$i]).k, 'v': " + value + "})) AS $T) END)[1])[1]"
}

const (
	firstValue = "($s[$i]).v"
	nextKey    = "coalesce($b[$j + 1], len($s) + 1)"
)

func mapAggregates() []Function {
	const entries = "flatten(list(list_transform(map_entries($1), lambda $e: {'k': $e.key, 'v': $e.value})$O)$F)"
	return []Function{
		{Name: "map_agg", Overloads: []Overload{{Signature: "k:comparable, v -> map(k,v)", SQL: eachKey(sortedPairs("list({'k': $1, 'v': $2}$O)$F"), firstValue), idempotent: true}},
			Differs: "the keys come sorted; of several values of a key any may stay",
			Examples: []Example{over("map_agg(x, y)['a']", "('a', 1), (NULL, 3), ('b', NULL)", "1", "integer"), over("map_agg(x, y)", "(CAST(NULL AS varchar), 1)", "NULL", "map(varchar, integer)"),
				overNone("map_agg(x, y)", "('a', 1)", "NULL", "map(varchar(1), integer)"), over("map_agg(x, y)", "('a', 1), ('a', 1)", "{a=1}", "map(varchar(1), integer)"),
				over("map_agg(x, y ORDER BY y DESC)", "('a', 1), ('a', 2)", "{a=2}", "map(varchar(1), integer)"), over("map_agg(x, y)", "(nan(), 1), (nan(), 1)", "{NaN=1}", "map(double, integer)"),
				over("map_agg(DISTINCT x, y)", "('a', 1), ('a', 1)", "{a=1}", "map(varchar(1), integer)"), over("map_agg(x, y) FILTER (WHERE y > 1)", "('a', 1), ('b', 2)", "{b=2}", "map(varchar(1), integer)")}},
		{Name: "multimap_agg", Overloads: []Overload{{Signature: "k:comparable, v -> map(k,array(v))", SQL: eachKey(pairs("$1", "$2"), "list_transform(range($i, "+nextKey+"), lambda $e: ($s[$e]).v)")}},
			Differs: "the keys come sorted",
			Examples: []Example{over("multimap_agg(x, y)['a']", "('a', 1), ('b', 5), ('a', 2), (NULL, 3)", "[1, 2]", "array(integer)"), over("multimap_agg(x, y)", "('b', CAST(NULL AS integer))", "{b=[null]}", "map(varchar(1), array(integer))"),
				over("cardinality(multimap_agg(x, y))", "('a', 1), ('b', 5), ('a', 2), (NULL, 3)", "2", "bigint"), overNone("multimap_agg(x, y)", "('a', 1)", "NULL", "map(varchar(1), array(integer))"),
				over("multimap_agg(x, y)", "(CAST(NULL AS varchar), 1)", "NULL", "map(varchar, array(integer))"), over("multimap_agg(x, y ORDER BY y DESC)", "('a', 1), ('a', 2)", "{a=[2, 1]}", "map(varchar(1), array(integer))"),
				over("multimap_agg(DISTINCT x, y)", "('a', 1), ('a', 1)", "{a=[1]}", "map(varchar(1), array(integer))")}},
		{Name: "histogram", Overloads: []Overload{{Signature: "t:comparable -> map(t,bigint)", SQL: "CAST(histogram($D$1)$F AS $T)", rewrite: func(c *rewriting) error {
			if !counted(c.args[0].typ()) {
				c.over = &Overload{SQL: eachKey(pairs("$1", "0"), nextKey+" - $i")}
			}
			return nil
		}}}, Differs: "the keys come sorted",
			Examples: []Example{over("histogram(x)[3]", "3, 1, 3, NULL, 2", "2", "bigint"), over("cardinality(histogram(x))", "3, 1, 3, NULL, 2", "3", "bigint"), over("histogram(x)", "CAST(NULL AS integer)", "NULL", "map(integer, bigint)"),
				overNone("histogram(x)", "1", "NULL", "map(integer, bigint)"), over("histogram(x)", "nan(), nan()", "{NaN=2}", "map(double, bigint)"), over("histogram(x)[1e0]", "1e0, 2e0, 1e0", "2", "bigint"),
				over("histogram(x)", "ARRAY[1, 2], ARRAY[1, 2]", "{[1, 2]=2}", "map(array(integer), bigint)"), over("histogram(DISTINCT x)", "'a', 'a'", "{a=1}", "map(varchar(1), bigint)"), over("histogram(x)", "true, true", "{true=2}", "map(boolean, bigint)")}},
		{Name: "map_union", Overloads: []Overload{{Signature: "map(k,v) -> map(k,v)", SQL: eachKey(sortedPairs(entries), firstValue), idempotent: true}},
			Differs: "the keys come sorted; of several values of a key any may stay",
			Examples: []Example{over("map_union(x)['c']", "map(ARRAY['a', 'b'], ARRAY[1, 2]), map(ARRAY['b', 'c'], ARRAY[3, 4]), NULL", "4", "integer"), over("map_union(x)", "CAST(NULL AS map(varchar, integer))", "NULL", "map(varchar, integer)"),
				overNone("map_union(x)", "map(ARRAY['a'], ARRAY[1])", "NULL", "map(varchar(1), integer)"), over("map_union(x)", "map(ARRAY[1], ARRAY[2]), map(ARRAY[1], ARRAY[2])", "{1=2}", "map(integer, integer)"),
				over("map_union(x)", "map(CAST(ARRAY[] AS array(integer)), CAST(ARRAY[] AS array(integer)))", "NULL", "map(integer, integer)")}},
	}
}

// counted tells whether DuckDB's histogram counts values of a type rightly.
func counted(t Type) bool {
	return t.integral() || t.Kind == KindBoolean || t.Kind == KindVarchar || t.Kind == KindDate || t.Kind == KindTimestamp
}
