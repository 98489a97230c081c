package dialect

import (
	"strconv"
	"strings"
)

func arrayOrderFunctions() []Function {
	return []Function{
		{Name: "array_max", Differs: nestedNulls + " So does a NaN in there.", Overloads: []Overload{{Signature: "array(t:orderable) -> t", SQL: "CASE WHEN list_count($1) = len($1) THEN list_max($1) END",
			rewrite: inOrder(byElement("CASE WHEN list_count($1) = len($1) THEN coalesce(list_max(list_filter($1, lambda $v: NOT isnan($v))), list_max($1)) END", ""))}},
			Examples: arrayMaxExamples},
		{Name: "array_min", Differs: nestedNulls, Overloads: []Overload{{Signature: "array(t:orderable) -> t", SQL: "CASE WHEN list_count($1) = len($1) THEN list_min($1) END", rewrite: ordering}},
			Examples: arrayMinExamples},
		{Name: "array_sort", Differs: nestedNulls + " With a comparator that contradicts itself, such as one that does not tell the place of NULL, more than 31 elements fail, and with one that is more than a comparison of one key, more than 2000.", Overloads: []Overload{
			{Signature: "array(e:orderable) -> array(e)", SQL: "list_sort($1, 'ASC', 'NULLS LAST')", rewrite: ordering},
			{Signature: "array(t), function(t,t,integer) -> array(t)", SQL: comparedSortSQL, rewrite: comparator},
		}, Examples: arraySortExamples},
		{Name: "shuffle", Volatile: true, Overloads: []Overload{{Signature: "array(e) -> array(e)",
			SQL: "list_transform(list_sort(list_transform($1, lambda $v: {'r': random(), 'v': $v})), lambda $w: $w.v)"}}, Examples: shuffleExamples},
	}
}

// inOrder puts the check of the order around what a rewrite has chosen.
func inOrder(rewrite func(*rewriting) error) func(*rewriting) error {
	return func(c *rewriting) error {
		if err := rewrite(c); err != nil {
			return err
		}
		return ordering(c)
	}
}

// comparedSortSQL sorts by a comparator, which is asked about each two elements; the order is found in Go.
const comparedSortSQL = "CASE WHEN len($1) < 2 THEN $1 WHEN len($1) > 2000 THEN ${NOT_SUPPORTED: array_sort of more than 2000 elements with such a comparator is not supported} ELSE list_transform(" +
	"loglake_sort_order(list_transform($1, lambda $a: list_transform($1, lambda $b: $2($a, $b))), list_transform($1, lambda $a: CAST(coalesce(list_position($1, $a), 0) AS BIGINT))), lambda $i: ($1)[$i]) END"

// comparator prints the usual comparators, which compare the same key of both elements, as a sort by that key. It may be that
// keys are NULL; then the comparator itself is asked.
func comparator(c *rewriting) error {
	if isNull(c.args[0]) {
		return strict(c)
	}
	l := c.args[1].(*lambdaExpr)
	key, order, ok := sortKeyOf(l)
	if !ok || volatile(l.body) || hasFloat(key.typ()) || len(key.typ().Fields) > 0 {
		return nil
	}
	direction := "'ASC'"
	if order < 0 {
		direction = "'DESC'"
	}
	c.args = append(c.args, &lambdaExpr{params: l.params[:1], body: key, t: Type{Kind: KindFunction, Fields: functionFields([]Type{l.params[0].t}, key.typ())}})
	places := "list_transform($1, lambda $a, $n: {'k': $3($a), 'n': " + map[bool]string{true: "$n", false: "- $n"}[order > 0] + ", 'v': $a})"
	c.over = &Overload{SQL: "CASE WHEN len(list_filter($1, lambda $v: ($3($v)) IS NULL)) = 0 THEN list_transform(list_sort(" + places + ", " + direction + "), lambda $w: $w.v) ELSE " + comparedSortSQL + " END"}
	return nil
}

func hasFloat(t Type) bool { return t.Kind == KindReal || t.Kind == KindDouble }

// sortKeyOf reads a comparator such as CASE WHEN k(a) < k(b) THEN -1 WHEN k(a) > k(b) THEN 1 ELSE 0 END. It gives the key and
// 1 or -1 for ascending or descending order.
func sortKeyOf(l *lambdaExpr) (key expr, order int, ok bool) {
	var results [3]int64
	for i, sign := range [...]int{-1, 0, 1} { // k(a) is less than, equal to, greater than k(b)
		r, ok := comparatorResult(l, l.body, sign, &key)
		if !ok {
			return nil, 0, false
		}
		results[i] = r
	}
	switch {
	case key == nil:
		return nil, 0, false
	case results == [3]int64{-1, 0, 1}:
		return key, 1, true
	case results == [3]int64{1, 0, -1}:
		return key, -1, true
	}
	return nil, 0, false
}

// comparatorResult gives what a comparator comes to if the keys compare as sign says.
func comparatorResult(l *lambdaExpr, e expr, sign int, key *expr) (int64, bool) {
	switch e := e.(type) {
	case *constExpr:
		v, ok := e.value.(int64)
		return v, ok
	case *callExpr:
		if e.op != opCase {
			return 0, false
		}
		for i := 0; i+1 < len(e.args); i += 2 {
			holds, ok := comparatorTest(l, e.args[i], sign, key)
			if !ok {
				return 0, false
			}
			if holds {
				return comparatorResult(l, e.args[i+1], sign, key)
			}
		}
		if len(e.args)%2 == 1 {
			return comparatorResult(l, e.args[len(e.args)-1], sign, key)
		}
	}
	return 0, false
}

// comparatorTest gives what a comparison of the keys comes to; key is set by the first one.
func comparatorTest(l *lambdaExpr, e expr, sign int, key *expr) (holds, ok bool) {
	c, isCall := e.(*callExpr)
	if !isCall || len(c.args) != 2 {
		return false, false
	}
	left, right := c.args[0], c.args[1]
	swap := func(e expr) expr {
		if v, ok := e.(*variableExpr); ok && v.variable == l.params[0] {
			return &variableExpr{l.params[1]}
		}
		return nil
	}
	if !speaksOf(left, l.params[0]) { // k(b) < k(a)
		left, right, sign = right, left, -sign
	}
	if speaksOf(left, l.params[1]) || !same(right, replaced(left, swap)) || *key != nil && !same(*key, left) {
		return false, false
	}
	*key = left
	switch c.op {
	case opLess:
		return sign < 0, true
	case opLessEq:
		return sign <= 0, true
	case opGreater:
		return sign > 0, true
	case opGreaterEq:
		return sign >= 0, true
	case opEqual:
		return sign == 0, true
	case opNotEqual:
		return sign != 0, true
	}
	return false, false
}

func speaksOf(e expr, v *variable) bool {
	found := false
	walk(e, func(e expr) {
		if x, ok := e.(*variableExpr); ok && x.variable == v {
			found = true
		}
	})
	return found
}

func arrayShapeFunctions() []Function {
	return []Function{
		{Name: "slice", Overloads: []Overload{{Signature: "array(e), bigint, bigint -> array(e)", SQL: sliceSQL}}, Examples: sliceExamples},
		{Name: "trim_array", Overloads: []Overload{{Signature: "array(e), bigint -> array(e)",
			SQL: "CASE WHEN $1 IS NULL THEN NULL WHEN $2 < 0 THEN ${INVALID_FUNCTION_ARGUMENT: size must not be negative: ~$2~} WHEN $2 > len($1) THEN ${INVALID_FUNCTION_ARGUMENT: size must not exceed array cardinality ~len($1)~: ~$2~} " +
				"WHEN $2 IS NOT NULL THEN ($1)[1:len($1) - $2] END"}}, Examples: trimArrayExamples},
		{Name: "flatten", Overloads: []Overload{{Signature: "array(array(E)) -> array(E)", SQL: "flatten($1)"}}, Examples: flattenExamples},
		{Name: "ngrams", Overloads: []Overload{{Signature: "array(t), integer -> array(array(t))",
			SQL: "CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN $2 <= 0 THEN ${INVALID_FUNCTION_ARGUMENT: N must be positive} WHEN len($1) <= $2 THEN [$1] " +
				"ELSE list_transform(range(1, len($1) - $2 + 2), lambda $i: list_transform(range($i, $i + $2), lambda $j: ($1)[$j])) END"}}, Examples: ngramsExamples},
		{Name: "combinations", Overloads: []Overload{{Signature: "array(t), integer -> array(array(t))", SQL: combinationsSQL()}}, Examples: combinationsExamples},
		{Name: "zip", Overloads: zipOverloads(), Examples: zipExamples},
	}
}

// sliceSQL: an end beyond what a bigint holds gives nothing in Trino.
const sliceSQL = "CASE WHEN $1 IS NULL OR $2 IS NULL OR $3 IS NULL THEN NULL WHEN $2 = 0 THEN ${INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1} WHEN $3 < 0 THEN ${INVALID_FUNCTION_ARGUMENT: length must be greater than or equal to 0} " +
	"WHEN $2 > len($1) OR $2 < - len($1) THEN ($1)[1:0] WHEN $3 > 9223372036854775807 - (CASE WHEN $2 > 0 THEN $2 ELSE len($1) + $2 + 1 END) THEN ($1)[1:0] " +
	"WHEN $2 > 0 THEN ($1)[$2:$2 + $3 - 1] ELSE ($1)[len($1) + $2 + 1:len($1) + $2 + $3] END"

// combinationsSQL takes the last element of each combination first, then the one before it, and so on.
func combinationsSQL() string {
	sql := "CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN $2 < 0 THEN ${INVALID_FUNCTION_ARGUMENT: combination size must not be negative: ~$2~} WHEN $2 > 5 THEN ${INVALID_FUNCTION_ARGUMENT: combination size must not exceed 5: ~$2~} " +
		"WHEN $2 = 0 THEN [($1)[1:0]] WHEN $2 > len($1) THEN CAST([] AS $T) " +
		"WHEN round($2 * list_product(list_transform(range(1, $2 + 1), lambda $k: (len($1) - $2 + $k) / $k))) > 100000 THEN ${INVALID_FUNCTION_ARGUMENT: combinations exceed max size} CASE_SIZE END"
	sizes := ""
	for size := 1; size <= 5; size++ {
		sizes += " WHEN $2 = " + strconv.Itoa(size) + " THEN " + combinationsOf(size, "len($1)", nil)
	}
	return strings.Replace(sql, " CASE_SIZE", sizes, 1)
}

// combinationsOf gives the combinations of size places up to the last, each with the elements at the places chosen already.
func combinationsOf(size int, last string, chosen []string) string {
	place := "$" + string(rune('a'+size))
	list := append([]string{"($1)[" + place + "]"}, chosen...)
	places := "range(" + strconv.Itoa(size) + ", " + last + " + 1)"
	if size == 1 {
		return "list_transform(" + places + ", lambda " + place + ": [" + strings.Join(list, ", ") + "])"
	}
	return "flatten(list_transform(" + places + ", lambda " + place + ": " + combinationsOf(size-1, place+" - 1", list) + "))"
}

func zipOverloads() []Overload {
	var list []Overload
	for n := 2; n <= 5; n++ {
		var params, names, tests, args []string
		for i := 1; i <= n; i++ {
			k := strconv.Itoa(i)
			params, names = append(params, "array(T"+k+")"), append(names, "T"+k)
			tests, args = append(tests, "$"+k+" IS NOT NULL"), append(args, "$"+k)
		}
		list = append(list, Overload{Signature: strings.Join(params, ", ") + " -> array(row(" + strings.Join(names, ",") + "))",
			SQL: "CASE WHEN " + strings.Join(tests, " AND ") + " THEN CAST(list_zip(" + strings.Join(args, ", ") + ") AS $T) END"})
	}
	return list
}

func arrayMakingFunctions() []Function {
	return []Function{
		{Name: "repeat", Differs: "The limit of a million bytes is not held for rows, maps, and arrays of arrays.", Overloads: []Overload{{Signature: "t, bigint -> array(t)", SQL: "$1", rewrite: repetition}},
			Examples: repeatExamples},
		{Name: "sequence", Overloads: []Overload{
			{Signature: "bigint, bigint -> array(bigint)", SQL: "CASE WHEN abs(CAST($2 AS HUGEINT) - $1) >= 10000 THEN " + tooManySQL + " ELSE generate_series($1, $2, CASE WHEN $1 <= $2 THEN 1 ELSE -1 END) END"},
			{Signature: "bigint, bigint, bigint -> array(bigint)", SQL: stepsSQL("$1", "$2", "$3", "", "generate_series($x.a, $x.b, $x.s)")},
			{Signature: "date, date -> array(date)", SQL: "CASE WHEN abs($2 - $1) >= 10000 THEN " + tooManySQL +
				" ELSE list_transform(generate_series(0, abs($2 - $1)), lambda $i: $1 + CAST(CASE WHEN $1 <= $2 THEN $i ELSE - $i END AS INTEGER)) END"},
			{Signature: "date, date, interval day to second -> array(date)",
				SQL: stepsSQL(daysSQL("$1"), daysSQL("$2"), "epoch_us($3)", "", "list_transform(generate_series($x.a, $x.b, $x.s // 86400000000), lambda $i: DATE '1970-01-01' + CAST($i AS INTEGER))")},
			{Signature: "date, date, interval year to month -> array(date)", SQL: monthsSQL("DATE")},
			{Signature: "timestamp(p), timestamp(p), interval day to second -> array(timestamp(p))", SQL: "$1", rewrite: timeSteps},
			{Signature: "timestamp(p), timestamp(p), interval year to month -> array(timestamp(p))", SQL: monthsSQL("TIMESTAMP")},
		}, Examples: sequenceExamples},
	}
}

const (
	tooManySQL     = "${INVALID_FUNCTION_ARGUMENT: result of sequence function must not have more than 10000 entries}"
	zeroStepSQL    = "${INVALID_FUNCTION_ARGUMENT: step must not be zero}"
	wrongStepSQL   = "${INVALID_FUNCTION_ARGUMENT: sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start}"
	partOfDaySQL   = "${INVALID_FUNCTION_ARGUMENT: sequence step must be a day interval if start and end values are dates}"
	partOfTimeSQL  = "${NOT_SUPPORTED: sequence of times in steps that are finer than the times is not supported}"
	dayMicros      = "86400000000"
	monthsOfStep   = "(datepart('year', $3) * 12 + datepart('month', $3))"
	wrongDirection = "$x.s > 0 AND $x.b < $x.a OR $x.s < 0 AND $x.b > $x.a"
)

func daysSQL(date string) string { return "CAST(" + date + " - DATE '1970-01-01' AS BIGINT)" }

// stepsSQL counts from a to b in steps of s, which result prints; check comes after that of the direction. Steps of dates
// come in microseconds.
func stepsSQL(a, b, s, check, result string) string {
	count := "(CAST($x.b AS HUGEINT) - $x.a) // $x.s"
	if strings.Contains(result, dayMicros) {
		check, count = " WHEN $x.s % "+dayMicros+" <> 0 THEN "+partOfDaySQL, "(CAST($x.b AS HUGEINT) - $x.a) * "+dayMicros+" // $x.s"
	}
	return "list_transform([{'a': " + a + ", 'b': " + b + ", 's': " + s + "}], lambda $x: CASE WHEN $x.a IS NULL OR $x.b IS NULL THEN NULL WHEN $x.s = 0 THEN " + zeroStepSQL + check + " WHEN " + wrongDirection + " THEN " + wrongStepSQL +
		" WHEN " + count + " >= 10000 THEN " + tooManySQL + " ELSE " + result + " END)[1]"
}

func timeSteps(c *rewriting) error {
	unit := "1" + strings.Repeat("0", max(0, timestampPrecisionMax-elementOfType(c.result).Precision))
	c.over = &Overload{SQL: stepsSQL("epoch_us($1)", "epoch_us($2)", "epoch_us($3)", " WHEN $x.s % "+unit+" <> 0 THEN "+partOfTimeSQL,
		"list_transform(generate_series($x.a, $x.b, $x.s), lambda $i: make_timestamp($i))")}
	return nil
}

func elementOfType(t Type) Type { return t.Fields[0].Type }

// monthsSQL goes by months; each step is counted from the start, so that the 31st stays the 31st where there is one. Of the
// later and the earlier end, $x.h and $x.l, it counts the whole months between.
func monthsSQL(kind string) string {
	months := "(datediff('month', $x.l, $x.h) - CASE WHEN $x.l + to_months(CAST(datediff('month', $x.l, $x.h) AS INTEGER)) > $x.h THEN 1 ELSE 0 END) // abs($x.s)"
	return "list_transform([{'a': $1, 'b': $2, 'l': least($1, $2), 'h': greatest($1, $2), 's': " + monthsOfStep + "}], lambda $x: CASE WHEN $x.a IS NULL OR $x.b IS NULL OR $x.s IS NULL THEN NULL WHEN $x.s = 0 THEN " + zeroStepSQL + " WHEN " + wrongDirection +
		" THEN " + wrongStepSQL + " WHEN " + months + " >= 10000 THEN " + tooManySQL +
		" ELSE list_transform(range(0, " + months + " + 1), lambda $k: CAST($x.a + to_months(CAST($k * $x.s AS INTEGER)) AS " + kind + ")) END)[1]"
}

// repetition prints repeat. Trino holds what the elements take in its memory to a million bytes.
func repetition(c *rewriting) error {
	size := memoryOf(c.args[0].typ(), "$1")
	c.over = &Overload{SQL: "CASE WHEN $2 < 0 THEN ${INVALID_FUNCTION_ARGUMENT: count argument of repeat function must be greater than or equal to 0} " +
		"WHEN $2 > 10000 THEN ${INVALID_FUNCTION_ARGUMENT: count argument of repeat function must be less than or equal to 10000} " +
		"WHEN $1 IS NOT NULL AND $2 > 0 AND " + size + " > (1000000 + $2) // $2 THEN ${INVALID_FUNCTION_ARGUMENT: result of repeat function must not take more than 1000000 bytes} " +
		"WHEN $2 IS NOT NULL THEN list_transform(range($2), lambda $i: $1) END"}
	if size == "" {
		c.over.SQL = strings.Replace(c.over.SQL, "AND  > (1000000 + $2) // $2", "AND false", 1)
	}
	return nil
}

// memoryOf gives SQL for the bytes of a value in Trino, "" where they never matter or are not known.
func memoryOf(t Type, value string) string {
	switch {
	case t.Kind == KindVarchar || t.Kind == KindChar || t.Kind == KindJSON:
		return "(strlen(" + value + ") + 5)"
	case t.Kind == KindVarbinary:
		return "(octet_length(" + value + ") + 5)"
	case t.Kind == KindArray && len(elementOfType(t).Fields) == 0:
		element := elementOfType(t)
		if memoryOf(element, "") != "" {
			return "(5 + 5 * len(" + value + ") + coalesce(list_sum(list_transform(" + value + ", lambda $m: " + strings.TrimSuffix(memoryOf(element, "$m"), " + 5)") + "))), 0))"
		}
		width := map[Kind]int{KindBoolean: 2, KindTinyInt: 2, KindSmallInt: 3, KindInteger: 5, KindReal: 5, KindDate: 5, KindUUID: 17, KindUnknown: 2}[element.Kind]
		if width == 0 {
			width = 9
		}
		if element.Kind == KindDecimal && element.Precision > 18 {
			width = 17
		}
		return "(5 + " + strconv.Itoa(width) + " * len(" + value + "))"
	}
	return ""
}

// vectorFunctions read a NULL in a vector as 0, or give NULL for it.
func vectorFunctions() []Function {
	const (
		lengths    = "CASE WHEN len($1) <> len($2) THEN ${INVALID_FUNCTION_ARGUMENT: The arguments must have the same length} "
		zeros      = "(list_transform($1, lambda $v: coalesce($v, 0)), list_transform($2, lambda $v: coalesce($v, 0)))"
		similarity = "list_dot_product($1, $2) / (sqrt(list_dot_product($1, $1)) * sqrt(list_dot_product($2, $2)))"
		angle      = lengths + "WHEN list_count($1) < len($1) OR list_count($2) < len($2) THEN NULL " +
			"WHEN list_dot_product($1, $1) = 0 OR list_dot_product($2, $2) = 0 THEN ${INVALID_FUNCTION_ARGUMENT: Vector magnitude cannot be zero} ELSE "
	)
	return []Function{
		{Name: "cosine_similarity", Overloads: []Overload{{Signature: "array(double), array(double) -> double", SQL: angle + similarity + " END"},
			{Signature: "map(varchar,double), map(varchar,double) -> double", SQL: sparseSimilaritySQL}}, Examples: cosineSimilarityExamples},
		{Name: "cosine_distance", Overloads: []Overload{{Signature: "array(double), array(double) -> double", SQL: angle + "1 - " + similarity + " END"}}, Examples: cosineDistanceExamples},
		{Name: "dot_product", Overloads: []Overload{{Signature: "array(double), array(double) -> double", SQL: lengths + "ELSE list_dot_product" + zeros + " END"}}, Examples: dotProductExamples},
		{Name: "euclidean_distance", Overloads: []Overload{{Signature: "array(double), array(double) -> double", SQL: lengths + "ELSE list_distance" + zeros + " END"}}, Examples: euclideanDistanceExamples},
	}
}

const sparseSimilaritySQL = "CASE WHEN $1 IS NULL OR $2 IS NULL OR list_count(map_values($1)) < cardinality($1) OR list_count(map_values($2)) < cardinality($2) THEN NULL " +
	"ELSE coalesce(list_sum(list_transform(map_entries($1), lambda $e: $e.value * map_extract_value($2, $e.key))), 0) / " +
	"(sqrt(list_dot_product(map_values($1), map_values($1))) * sqrt(list_dot_product(map_values($2), map_values($2)))) END"
