package dialect

import (
	"slices"
	"strconv"
	"strings"
)

// Functions of arrays. Where Trino asks whether elements are distinct, NaN equals NaN and NULL equals NULL, as in DuckDB's
// list functions. Where it asks whether they are equal, NaN equals nothing, NULL is skipped, and arrays and rows with NULLs
// in them fail if the answer hangs on a NULL: such element types have a translation of their own.

func arrayFunctions() []Function {
	return slices.Concat(arrayLambdaFunctions(), arrayElementFunctions(), arraySetFunctions(), arrayOrderFunctions(), arrayShapeFunctions(),
		arrayMakingFunctions(), vectorFunctions())
}

// elementOf is the type of an array's elements.
func elementOf(e expr) Type { return e.typ().Fields[0].Type }

// byElement chooses the translation by the type of the elements: floating for real and double, nested for arrays, maps and
// rows. A nested one gets a lambda as its last argument that compares two elements.
func byElement(floating, nested string) func(*rewriting) error {
	return func(c *rewriting) error {
		switch t := elementOf(c.args[0]); {
		case floating != "" && (t.Kind == KindReal || t.Kind == KindDouble):
			c.over = &Overload{SQL: floating}
		case nested != "" && len(t.Fields) > 0:
			c.over = &Overload{SQL: nested}
			a, b := &variable{name: "a", t: t}, &variable{name: "b", t: t}
			body := equality(&variableExpr{a}, &variableExpr{b})
			c.args = append(c.args, &lambdaExpr{params: []*variable{a, b}, body: body, t: Type{Kind: KindFunction, Fields: functionFields([]Type{t, t}, body.typ())}})
		}
		return nil
	}
}

// hasNull gives a condition that is true where a value of a nested type has a NULL in it; value is SQL.
func hasNull(t Type, value string, depth int) string {
	var tests []string
	switch t.Kind {
	case KindArray:
		tests = append(tests, "list_count("+value+") < len("+value+")")
		if element := t.Fields[0].Type; len(element.Fields) > 0 {
			v := "n" + strconv.Itoa(depth)
			tests = append(tests, "len(list_filter("+value+", lambda "+v+": "+hasNull(element, v, depth+1)+")) > 0")
		}
	case KindRow:
		for i, f := range t.Fields {
			field := "struct_extract_at(" + value + ", " + strconv.Itoa(i+1) + ")"
			if tests = append(tests, field+" IS NULL"); len(f.Type.Fields) > 0 {
				tests = append(tests, hasNull(f.Type, field, depth))
			}
		}
	}
	if len(tests) == 0 {
		return "false"
	}
	return "(" + strings.Join(tests, " OR ") + ")"
}

// hasNaN is the like for NaN.
func hasNaN(t Type, value string, depth int) string {
	switch {
	case floating(t):
		return "coalesce(isnan(" + value + "), false)"
	case t.Kind == KindArray && t.has(floating):
		v := "n" + strconv.Itoa(depth)
		return "len(list_filter(" + value + ", lambda " + v + ": " + hasNaN(t.Fields[0].Type, v, depth+1) + ")) > 0"
	case t.Kind == KindRow:
		tests := []string{"false"}
		for i, f := range t.Fields {
			if f.Type.has(floating) {
				tests = append(tests, hasNaN(f.Type, "struct_extract_at("+value+", "+strconv.Itoa(i+1)+")", depth))
			}
		}
		return "(" + strings.Join(tests, " OR ") + ")"
	}
	return "false"
}

const nestedNulls = "Trino fails when it has to order two elements that have a NULL at the same place; here any NULL in an element that is an array or a row fails."

// ordering makes a translation fail where elements that are arrays or rows have NULLs in them.
func ordering(c *rewriting) error {
	t := elementOf(c.args[0])
	if len(t.Fields) == 0 {
		return nil
	}
	message := "ARRAY comparison not supported for arrays with null elements"
	if t.Kind == KindRow {
		message = "ROW comparison not supported for fields with null elements"
	}
	fault := func(test string) string {
		return "len($1) > 1 AND len(list_filter($1, lambda n0: " + test + ")) > 0 THEN ${NOT_SUPPORTED: "
	}
	nan := ""
	if c.node.name == "array_max" && t.has(floating) {
		nan = " WHEN " + fault(hasNaN(t, "n0", 1)) + "array_max of arrays and rows with NaN in them is not supported}"
	}
	c.over = &Overload{SQL: "CASE WHEN " + fault(hasNull(t, "n0", 1)) + message + "}" + nan + " ELSE " + c.over.SQL + " END"}
	return nil
}

func arrayLambdaFunctions() []Function {
	return []Function{
		{Name: "transform", Overloads: []Overload{{Signature: "array(T), function(T,U) -> array(U)", SQL: "list_transform($1, $2)", rewrite: strict}}, Examples: transformExamples},
		{Name: "filter", Overloads: []Overload{{Signature: "array(t), function(t,boolean) -> array(t)", SQL: "list_filter($1, $2)", rewrite: strict}}, Examples: filterExamples},
		{Name: "any_match", Overloads: []Overload{{Signature: "array(t), function(t,boolean) -> boolean", SQL: anySQL, rewrite: shortCircuit("", "false", anyStepSQL)}}, Examples: anyMatchExamples},
		{Name: "all_match", Overloads: []Overload{{Signature: "array(t), function(t,boolean) -> boolean", SQL: allSQL, rewrite: shortCircuit("", "true", allStepSQL)}}, Examples: allMatchExamples},
		{Name: "none_match", Overloads: []Overload{{Signature: "array(t), function(t,boolean) -> boolean", SQL: "NOT " + anySQL, rewrite: shortCircuit("NOT ", "false", anyStepSQL)}}, Examples: noneMatchExamples},
		{Name: "reduce", Overloads: []Overload{{Signature: "array(T), S, function(S,T,S), function(S,R) -> R", SQL: "$1", rewrite: reduction}}, Examples: reduceExamples},
		{Name: "zip_with", Overloads: []Overload{{Signature: "array(T), array(U), function(T,U,R) -> array(R)",
			SQL: "CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN list_transform(list_zip($1, $2), lambda $z: $3($z[1], $z[2])) END"}}, Examples: zipWithExamples},
	}
}

// What an array of truth values comes to: NULL where it is not decided. The steps go one by one, since Trino does not look
// at the elements after the one that decides, and these may be such as the lambda fails on.
const (
	anySQL = "list_transform([{'v': list_transform($1, $2)}], lambda $r: CASE WHEN list_contains($r.v, true) THEN true WHEN list_count($r.v) = len($r.v) THEN false END)[1]"
	allSQL = "list_transform([{'v': list_transform($1, $2)}], lambda $r: CASE WHEN list_contains($r.v, false) THEN false WHEN list_count($r.v) = len($r.v) THEN true END)[1]"

	anyStepSQL = "CASE WHEN $s.s THEN true ELSE $s.s OR $2($x.e, $x.c) END"
	allStepSQL = "CASE WHEN NOT $s.s THEN false ELSE $s.s AND $2($x.e, $x.c) END"
)

func shortCircuit(not, start, step string) func(*rewriting) error {
	return func(c *rewriting) error {
		if riskyLambda(c.args[1]) {
			c.over = &Overload{SQL: not + reduceSQL(c.stepped(1), start, "$3", "BOOLEAN", step)}
		}
		return nil
	}
}

// reduceSQL goes over the array $1 with a state, $s.s, that step computes from it and the element $x.e. DuckDB's list_reduce
// wants the state and the elements to be of one type, so that each is put into a struct of both; and the captured row, $x.c,
// too where there is one.
func reduceSQL(captured bool, start, row, state, step string) string {
	element, next, first := "{'s': CAST(NULL AS "+state+"), 'e': $a}", "{'s': "+step+", 'e': $x.e}", "{'s': "+start+", 'e': CAST(NULL AS $E1)}"
	if captured {
		element, next, first = strings.Replace(element, "}", ", 'c': "+row+"}", 1), strings.Replace(next, "'e': $x.e}", "'e': $x.e, 'c': $x.c}", 1), strings.Replace(first, "}", ", 'c': "+row+"}", 1)
	}
	return "struct_extract(list_reduce(list_transform($1, lambda $a: " + element + "), lambda $s, $x: " + next + ", " + first + "), 's')"
}

// reduction prints reduce.
func reduction(c *rewriting) error {
	sql := "list_reduce($1, lambda $s, $x: $3($s, $x), $2)"
	if captured := c.stepped(2); captured || elementOf(c.args[0]).DuckDB() != c.args[1].typ().DuckDB() {
		sql = reduceSQL(captured, "$2", "$5", "$T2", "$3($s.s, $x.e, $x.c)")
	}
	last := c.args[3].(*lambdaExpr)
	if v, ok := last.body.(*variableExpr); !ok || v.variable != last.params[0] {
		sql = "CASE WHEN $1 IS NOT NULL THEN list_transform([{'v': " + sql + "}], lambda $r: $4($r.v))[1] END"
	}
	c.over = &Overload{SQL: sql}
	return nil
}

func arrayElementFunctions() []Function {
	const indeterminate = " does not support arrays with elements that are null or contain null}"
	// what the comparisons of the elements that are not NULL gave, up to the first that is true or not known
	compared := func(body string) string {
		return "list_transform([{'v': list_transform(list_filter($1, lambda $a: $a IS NOT NULL), lambda $b: $3($b, $2))}], lambda $r: CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL " +
			"WHEN list_position($r.v, NULL) < coalesce(list_position($r.v, true), 2147483647) THEN ${NOT_SUPPORTED: " + body + " END)[1]"
	}
	return []Function{
		{Name: "cardinality", Overloads: []Overload{{Signature: "array(e) -> bigint", SQL: "len($1)"}, {Signature: "map(K,V) -> bigint", SQL: "CAST(cardinality($1) AS BIGINT)"}},
			Examples: cardinalityExamples},
		{Name: "element_at", Overloads: []Overload{
			{Signature: "array(e), bigint -> e", SQL: "CASE WHEN $2 = 0 AND $1 IS NOT NULL THEN ${INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1} ELSE ($1)[$2] END"},
			{Signature: "map(K,V), K -> V", SQL: "map_extract_value($1, $2)", rewrite: byKey("CASE WHEN NOT isnan($2) THEN map_extract_value($1, $2) END")},
		}, Examples: elementAtExamples},
		{Name: "contains", Overloads: []Overload{{Signature: "array(t:comparable), t -> boolean",
			SQL: "CASE WHEN list_contains($1, $2) THEN true WHEN $2 IS NOT NULL AND list_count($1) = len($1) THEN false END",
			rewrite: byElement("CASE WHEN list_contains($1, $2) AND NOT isnan($2) THEN true WHEN $2 IS NOT NULL AND list_count($1) = len($1) THEN false END",
				compared("contains"+indeterminate+" WHEN list_contains($r.v, true) THEN true WHEN len($r.v) = len($1) THEN false"))}},
			Examples: containsExamples},
		{Name: "array_position", Overloads: []Overload{{Signature: "array(t:comparable), t -> bigint",
			SQL: "CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN CAST(coalesce(list_position($1, $2), 0) AS BIGINT) END",
			rewrite: byElement("CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN isnan($2) THEN CAST(0 AS BIGINT) ELSE CAST(coalesce(list_position($1, $2), 0) AS BIGINT) END",
				strings.Replace(compared("array_position"+indeterminate+" ELSE CAST(coalesce(list_position($r.v, true), 0) AS BIGINT)"),
					"list_transform(list_filter($1, lambda $a: $a IS NOT NULL), lambda $b: $3($b, $2))", "list_transform($1, lambda $b: CASE WHEN $b IS NULL THEN false ELSE $3($b, $2) END)", 1))}},
			Examples: arrayPositionExamples},
		{Name: "array_remove", Overloads: []Overload{{Signature: "array(e:comparable), e -> array(e)",
			SQL: "CASE WHEN $2 IS NOT NULL THEN list_filter($1, lambda $v: $v IS DISTINCT FROM $2) END",
			rewrite: byElement("CASE WHEN $2 IS NOT NULL THEN list_filter($1, lambda $v: $v IS DISTINCT FROM $2 OR isnan($2)) END",
				"CASE WHEN $2 IS NOT NULL THEN list_filter($1, lambda $v: CASE WHEN $v IS NULL THEN true WHEN $3($v, $2) IS NULL THEN ${NOT_SUPPORTED: array_remove"+indeterminate+" ELSE NOT $3($v, $2) END) END")}},
			Examples: arrayRemoveExamples},
		{Name: "array_join", Overloads: []Overload{
			{Signature: "array(e), varchar -> varchar", SQL: "CASE WHEN $2 IS NOT NULL AND $1 IS NOT NULL THEN " + joined("list_filter(list_transform($1, $3), lambda $v: $v IS NOT NULL)") + " END", rewrite: textual},
			{Signature: "array(e), varchar, varchar -> varchar",
				SQL:     "CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL AND $3 IS NOT NULL THEN " + joined("list_transform(list_transform($1, $4), lambda $v: coalesce($v, $3))") + " END",
				rewrite: textual},
		}, Examples: arrayJoinExamples},
	}
}

// joined puts a list's texts together, with $2 between them; array_to_string takes no separator that isn't constant.
func joined(list string) string {
	return "array_to_string(list_transform(" + list + ", lambda $v, $i: CASE WHEN $i > 1 THEN $2 || $v ELSE $v END), '')"
}

// textual adds a lambda that makes a text of an element.
func textual(c *rewriting) error {
	t := elementOf(c.args[0])
	if !castable(t, varchar()) {
		return c.errorf(CodeOperatorNotFound, "Cannot cast %s to varchar", t)
	}
	v := &variable{name: "v", t: t}
	c.args = append(c.args, &lambdaExpr{params: []*variable{v}, body: cast(&variableExpr{v}, varchar()), t: Type{Kind: KindFunction, Fields: functionFields([]Type{t}, varchar())}})
	return nil
}

const typedNullSQL = "CAST(NULL AS $T)"

// surelyNull tells whether an expression is NULL as it is written.
func surelyNull(e expr) bool {
	switch e := e.(type) {
	case *castExpr:
		return e.operand.typ().Kind == KindUnknown || surelyNull(e.operand)
	case *callExpr:
		return e.over != nil && e.over.SQL == typedNullSQL
	}
	return isNull(e)
}

// strict prints NULL where an argument is NULL for sure: DuckDB forgets the type of a sorted NULL.
func strict(c *rewriting) error {
	for _, e := range c.args {
		if surelyNull(e) {
			c.over = &Overload{SQL: typedNullSQL}
		}
	}
	return nil
}

// Sets keep the order in which elements come first. A short array is searched for each element, a long one is sorted with
// the places of its elements, so that equal ones are neighbours.
const (
	shortArray = "64"

	distinctShortSQL = "list_filter(%, lambda $v, $i: list_position(%, $v) = $i)"
	// From structs of a value v, a side s and a place i: those that keep the condition on the element e and the one before
	// it, d, in the order of places.
	sortedSQL = "list_transform([{'v': list_sort(%)}], lambda $s: list_transform(list_sort(list_transform(list_filter($s.v, lambda $e, $i: " +
		"$e.s = 1 AND (&)), lambda $x: {'i': $x.i, 'v': $x.v})), lambda $y: $y.v))[1]"
	differsSQL  = "$i = 1 OR $s.v[$i - 1].v IS DISTINCT FROM $e.v"
	oneSideSQL  = "list_transform(%, lambda $w, $p: {'v': $w, 's': 1, 'i': $p})"
	bothSideSQL = "list_concat(list_transform(%b, lambda $q: {'v': $q, 's': 0, 'i': CAST(0 AS BIGINT)}), list_transform(%a, lambda $w, $p: {'v': $w, 's': 1, 'i': $p}))"
)

// distinctSQL gives the distinct elements of a list that is SQL of few bytes.
func distinctSQL(list string) string {
	return "CASE WHEN len(" + list + ") <= " + shortArray + " THEN " + strings.ReplaceAll(distinctShortSQL, "%", list) + " ELSE " +
		strings.ReplaceAll(strings.ReplaceAll(sortedSQL, "&", differsSQL), "%", strings.ReplaceAll(oneSideSQL, "%", list)) + " END"
}

// memberSQL gives the distinct elements of a that are in b, or those that are not.
func memberSQL(a, b string, in bool) string {
	test, neighbour := " IS NULL", differsSQL
	if in {
		test, neighbour = " IS NOT NULL", "$i > 1 AND $s.v[$i - 1].v IS NOT DISTINCT FROM $e.v AND $s.v[$i - 1].s = 0"
	}
	sides := strings.NewReplacer("%a", a, "%b", b).Replace(bothSideSQL)
	return "CASE WHEN len(" + a + ") <= " + shortArray + " AND len(" + b + ") <= " + shortArray + " THEN list_filter(" + a + ", lambda $v, $i: list_position(" + a + ", $v) = $i AND list_position(" + b +
		", $v)" + test + ") ELSE " + strings.ReplaceAll(strings.ReplaceAll(sortedSQL, "&", neighbour), "%", sides) + " END"
}

func arraySetFunctions() []Function {
	const bothThere = "CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN "
	return []Function{
		{Name: "array_distinct", Overloads: []Overload{{Signature: "array(e:comparable) -> array(e)", SQL: distinctSQL("$1"), rewrite: strict}}, Examples: arrayDistinctExamples},
		{Name: "array_union", Overloads: []Overload{{Signature: "array(e:comparable), array(e) -> array(e)",
			SQL: bothThere + "list_transform([{'v': list_concat($1, $2)}], lambda $u: " + distinctSQL("$u.v") + ")[1] END", rewrite: strict}}, Examples: arrayUnionExamples},
		{Name: "array_intersect", Overloads: []Overload{{Signature: "array(e:comparable), array(e) -> array(e)",
			SQL: bothThere + "CASE WHEN len($1) < len($2) THEN " + memberSQL("$2", "$1", true) + " ELSE " + memberSQL("$1", "$2", true) + " END END", rewrite: strict}}, Examples: arrayIntersectExamples},
		{Name: "array_except", Overloads: []Overload{{Signature: "array(e:comparable), array(e) -> array(e)", rewrite: strict,
			SQL: "CASE WHEN len($2) = 0 THEN $1 WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN " + memberSQL("$1", "$2", false) + " END"}}, // nothing taken away: as it is
			Examples: arrayExceptExamples},
		{Name: "arrays_overlap", Overloads: []Overload{{Signature: "array(e:comparable), array(e) -> boolean",
			SQL: "CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN len($1) = 0 OR len($2) = 0 THEN false WHEN list_has_any($1, $2) THEN true " +
				"WHEN list_count($1) = len($1) AND list_count($2) = len($2) THEN false END"}}, Examples: arraysOverlapExamples},
		{Name: "array_histogram", Overloads: []Overload{{Signature: "array(t:comparable) -> map(t,bigint)",
			SQL: "CASE WHEN $1 IS NOT NULL THEN coalesce(CAST(list_histogram($1) AS $T), CAST(MAP{} AS $T)) END", rewrite: func(c *rewriting) error {
				if t := elementOf(c.args[0]); !counted(t) && t.Kind != KindUnknown {
					c.over = &Overload{SQL: "CASE WHEN $1 IS NOT NULL THEN coalesce(" + eachKey(sortedPairs("list_transform($1, lambda $q: {'k': $q, 'v': 0})"), nextKey+" - $i") + ", CAST(MAP{} AS $T)) END"}
				}
				return strict(c)
			}}}, Examples: arrayHistogramExamples},
		{Name: "contains_sequence", Overloads: []Overload{{Signature: "array(t:comparable), array(t) -> boolean",
			SQL: bothThere + "len($2) = 0 OR len(list_filter(range(1, len($1) - len($2) + 2), lambda $i: CASE WHEN ($1)[$i] IS NOT DISTINCT FROM ($2)[1] " +
				"THEN len(list_filter(range(1, len($2)), lambda $j: ($1)[$i + $j] IS DISTINCT FROM ($2)[$j + 1])) = 0 ELSE false END)) > 0 END"}}, Examples: containsSequenceExamples},
	}
}
