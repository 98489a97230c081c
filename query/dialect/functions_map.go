package dialect

import (
	"strconv"
	"strings"
)

// Functions of maps. A map's keys keep the order in which they came; Trino's order is that of its hash table only where it
// counts them.

// byKey chooses another translation where the keys are real or double: NaN is no key that can be found.
func byKey(floating string) func(*rewriting) error {
	return func(c *rewriting) error {
		if hasFloat(c.args[0].typ().Fields[0].Type) {
			c.over = &Overload{SQL: floating}
		}
		return nil
	}
}

// duplicateSQL is a condition that a list of keys, which is SQL of few bytes, has one twice, with the failure for it.
func duplicateSQL(list, what string) string {
	second := "list_filter(" + list + ", lambda $v, $i: list_position(" + list + ", $v) < $i)"
	return "len(list_distinct(" + list + ")) < len(" + list + ") THEN ${INVALID_FUNCTION_ARGUMENT: Duplicate " + what + " (~" + second + "[1]~) are not allowed}"
}

const nullKeySQL = "${INVALID_FUNCTION_ARGUMENT: map key cannot be null}"

// mapSQL makes a map of lists of keys and values that are there; the keys are checked.
func mapSQL(keys, values string) string {
	return "WHEN list_count(" + keys + ") < len(" + keys + ") THEN " + nullKeySQL + " WHEN " + duplicateSQL(keys, "map keys") + " ELSE map(" + keys + ", " + values + ")"
}

func mapFunctions() []Function {
	const keyed = "CASE WHEN $1 IS NOT NULL THEN "
	return []Function{
		{Name: "map", Overloads: []Overload{
			{Signature: "-> map(unknown,unknown)", SQL: "CAST(MAP{} AS $T)"},
			{Signature: "array(K:comparable), array(V) -> map(K,V)", SQL: "CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN len($1) <> len($2) THEN ${INVALID_FUNCTION_ARGUMENT: Key and value arrays must be the same length} " +
				mapSQL("$1", "$2") + " END", rewrite: definiteKeys},
		}, Examples: mapExamples},
		{Name: "map_keys", Overloads: []Overload{{Signature: "map(k,v) -> array(k)", SQL: "map_keys($1)"}}, Examples: mapKeysExamples},
		{Name: "map_values", Overloads: []Overload{{Signature: "map(k,v) -> array(v)", SQL: "map_values($1)"}}, Examples: mapValuesExamples},
		{Name: "map_entries", Overloads: []Overload{{Signature: "map(k,v) -> array(row(k,v))", SQL: "CAST(list_transform(map_entries($1), lambda $e: row($e.key, $e.value)) AS $T)"}}, Examples: mapEntriesExamples},
		{Name: "map_concat", Overloads: []Overload{{Signature: "map(K,V)... -> map(K,V)", SQL: "$1", rewrite: concatenatedMaps}}, Examples: mapConcatExamples},
		{Name: "map_filter", Overloads: []Overload{{Signature: "map(K,V), function(K,V,boolean) -> map(K,V)",
			SQL: "map_from_entries(list_filter(map_entries($1), lambda $e: $2($e.key, $e.value)))"}}, Examples: mapFilterExamples},
		{Name: "transform_keys", Overloads: []Overload{{Signature: "map(K1,V), function(K1,V,K2) -> map(K2,V); K1, K2, V",
			SQL: keyed + "list_transform([{'k': list_transform(map_entries($1), lambda $e: $2($e.key, $e.value))}], lambda $r: CASE " + mapSQL("$r.k", "map_values($1)") + " END)[1] END"}},
			Examples: transformKeysExamples},
		{Name: "transform_values", Overloads: []Overload{{Signature: "map(K,V1), function(K,V1,V2) -> map(K,V2); K, V1, V2",
			SQL: "map(map_keys($1), list_transform(map_entries($1), lambda $e: $2($e.key, $e.value)))"}}, Examples: transformValuesExamples},
		{Name: "map_zip_with", Overloads: []Overload{{Signature: "map(K,V1), map(K,V2), function(K,V1,V2,V3) -> map(K,V3)",
			SQL: "CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN list_transform([{'k': list_concat(map_keys($1), list_filter(map_keys($2), lambda $q: NOT list_contains(map_keys($1), $q)))}], " +
				"lambda $r: map($r.k, list_transform(list_transform($r.k, lambda $w: {'k': $w, 'a': map_extract_value($1, $w), 'b': map_extract_value($2, $w)}), lambda $e: $3($e.k, $e.a, $e.b))))[1] END"}},
			Examples: mapZipWithExamples},
		{Name: "map_from_entries", Overloads: []Overload{{Signature: "array(row(k:comparable,v)) -> map(k,v)",
			SQL: entriesSQL(mapSQL("$r.k", "list_transform($1, lambda $e: struct_extract_at($e, 2))"))}}, Examples: mapFromEntriesExamples},
		{Name: "multimap_from_entries", Overloads: []Overload{{Signature: "array(row(k:comparable,v)) -> map(k,array(v))",
			SQL: entriesSQL("WHEN list_count($r.k) < len($r.k) THEN " + nullKeySQL + " ELSE " + multimapSQL("$r.k", "list_transform($1, lambda $e: struct_extract_at($e, 2))"))}}, Examples: multimapFromEntriesExamples},
		{Name: "split_to_map", Overloads: []Overload{{Signature: "varchar, varchar, varchar -> map(varchar,varchar)",
			SQL: splitSQL("'~~'", "WHEN "+duplicateSQL("$r.k", "keys")+" ELSE map($r.k, $r.v)")}}, Examples: splitToMapExamples},
		{Name: "split_to_multimap", Overloads: []Overload{{Signature: "varchar, varchar, varchar -> map(varchar,array(varchar))",
			SQL: splitSQL("~~", "WHEN true THEN "+multimapSQL("$r.k", "$r.v"))}}, Examples: splitToMultimapExamples},
	}
}

// definiteKeys refuses keys of map() that are arrays or rows with NULLs in them.
func definiteKeys(c *rewriting) error {
	if t := elementOf(c.args[0]); len(t.Fields) > 0 {
		unknown := "list_filter($1, lambda n0: " + hasNull(t, "n0", 1) + ")"
		c.over = &Overload{SQL: "CASE WHEN len($1) = len($2) AND len(" + unknown + ") > 0 THEN ${INVALID_FUNCTION_ARGUMENT: map key cannot be indeterminate: ~" + unknown + "[1]~} ELSE " + c.over.SQL + " END"}
	}
	return nil
}

// entriesSQL binds the keys of an array of entries to $r.k.
func entriesSQL(body string) string {
	return "CASE WHEN list_count($1) < len($1) THEN ${INVALID_FUNCTION_ARGUMENT: map entry cannot be null} WHEN $1 IS NOT NULL THEN " +
		"list_transform([{'k': list_transform($1, lambda $e: struct_extract_at($e, 1))}], lambda $r: CASE " + body + " END)[1] END"
}

// multimapSQL gives each key once, in the order in which they come, with the list of its values: the keys are sorted with
// their places, $m.s; $t are the places in there where another key begins.
func multimapSQL(keys, values string) string {
	return "list_transform([{'v': " + values + ", 's': list_sort(list_transform(" + keys + ", lambda $k, $j: {'k': $k, 'i': $j}))}], lambda $m: list_transform([list_filter(" +
		"list_transform($m.s, lambda $k, $j: CASE WHEN $j = 1 OR $k.k IS DISTINCT FROM ($m.s[$j - 1]).k THEN $j END), lambda $j: $j IS NOT NULL)], lambda $t: " +
		"map_from_entries(list_transform(list_sort(list_transform($t, lambda $j, $n: {'i': ($m.s[$j]).i, 'from': $j, 'to': coalesce($t[$n + 1], len($m.s) + 1)})), lambda $g: " +
		"{'k': ($m.s[$g.from]).k, 'v': list_transform(range($g.from, $g.to), lambda $j: $m.v[($m.s[$j]).i])})))[1])[1]"
}

// splitSQL takes entries apart; $r has the lists of keys and values. quoted is how a wrong entry is told.
func splitSQL(quoted, body string) string {
	wrong := "list_filter($p.e, lambda $q: len(string_split($q, $3)) <> 2)"
	return "CASE WHEN $1 IS NULL OR $2 IS NULL OR $3 IS NULL THEN NULL WHEN $2 = '' THEN ${INVALID_FUNCTION_ARGUMENT: entryDelimiter is empty} " +
		"WHEN $3 = '' THEN ${INVALID_FUNCTION_ARGUMENT: keyValueDelimiter is empty} WHEN $2 = $3 THEN ${INVALID_FUNCTION_ARGUMENT: entryDelimiter and keyValueDelimiter must not be the same} ELSE " +
		"list_transform([{'a': string_split($1, $2)}], lambda $a: list_transform([{'e': CASE WHEN $a.a[-1] = '' THEN $a.a[1:-2] ELSE $a.a END}], lambda $p: CASE WHEN len(" + wrong + ") > 0 THEN " +
		"${INVALID_FUNCTION_ARGUMENT: Key-value delimiter must appear exactly once in each entry. Bad input: " + strings.Replace(quoted, "~~", "~"+wrong+"[1]~", 1) + "} ELSE " +
		"list_transform([{'k': list_transform($p.e, lambda $q: string_split($q, $3)[1]), 'v': list_transform($p.e, lambda $q: string_split($q, $3)[2])}], lambda $r: CASE " +
		body + " END)[1] END)[1])[1] END"
}

// concatenatedMaps prints map_concat: of a key in several maps the last one counts, and the keys of later maps come first.
func concatenatedMaps(c *rewriting) error {
	n := len(c.args)
	if n < 2 {
		return &Error{Code: CodeFunctionArgument, Message: "There must be two or more concatenation arguments to map_concat"}
	}
	if n > 9 {
		return c.errorf(CodeNotSupported, "map_concat of more than nine maps is not supported")
	}
	var tests, entries []string
	for i := range n {
		tests = append(tests, "$"+strconv.Itoa(i+1)+" IS NOT NULL")
		entries = append(entries, "map_entries($"+strconv.Itoa(n-i)+")")
	}
	list := entries[0]
	for _, e := range entries[1:] {
		list = "list_concat(" + list + ", " + e + ")"
	}
	c.over = &Overload{SQL: "CASE WHEN " + strings.Join(tests, " AND ") + " THEN list_transform([{'e': " + list + "}], lambda $r: list_transform([{'k': list_transform($r.e, lambda $w: $w.key)}], " +
		"lambda $s: map_from_entries(list_filter($r.e, lambda $q, $i: list_position($s.k, $q.key) = $i)))[1])[1] END"}
	return nil
}
