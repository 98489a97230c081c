package dialect

func arrayFunctions() []Function {
	return []Function{
		{Name: "transform", Overloads: []Overload{{Signature: "array(T), function(T,U) -> array(U)", SQL: "list_transform($1, $2)"}},
			Examples: []Example{example("transform(ARRAY[1, NULL], x -> x + 1)", "[2, null]", "array(integer)"), example("transform(ARRAY[1], x -> transform(ARRAY[2.5], y -> x + y))", "[[3.5]]", "array(array(double))"),
				example("transform(ARRAY[], x -> 'a')", "[]", "array(varchar(1))"), example("transform(ARRAY[1], x -> x + y) FROM (VALUES 10) AS t (y)", "[11]", "array(integer)")}},
		{Name: "filter", Overloads: []Overload{{Signature: "array(t), function(t,boolean) -> array(t)", SQL: "list_filter($1, $2)"}},
			Examples: []Example{example("filter(ARRAY[1, NULL, 3], x -> x > 1)", "[3]", "array(integer)"), example("filter(ARRAY['a'], x -> false)", "[]", "array(varchar(1))"), example("filter(NULL, x -> true)", "NULL", "array(unknown)")}},
		{Name: "cardinality", Overloads: []Overload{{Signature: "array(T) -> bigint", SQL: "len($1)"}, {Signature: "map(T, E) -> bigint", SQL: "CAST(cardinality($1) AS BIGINT)"}},
			Examples: []Example{example("cardinality(ARRAY[1, 2])", "2", "bigint")}},
		{Name: "element_at", Overloads: []Overload{
			{Signature: "array(T), bigint -> T", SQL: "CASE WHEN $2 = 0 THEN ${INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1} ELSE ($1)[$2] END"},
			{Signature: "map(T, E), T -> E", SQL: "map_extract_value($1, $2)"},
		}, Examples: []Example{example("element_at(ARRAY[1, 2], -1)", "2", "integer"), example("element_at(ARRAY[1, 2], 5)", "NULL", "integer")}},
		{Name: "contains", Overloads: []Overload{{Signature: "array(T), T -> boolean", SQL: "CASE WHEN list_contains($1, $2) THEN true WHEN $2 IS NULL OR len(list_filter($1, lambda v: v IS NULL)) > 0 THEN NULL ELSE list_contains($1, $2) END"}},
			Examples: []Example{example("contains(ARRAY[1, 2], 2)", "true", "boolean"), example("contains(ARRAY[1, NULL], 2)", "NULL", "boolean")}},
		{Name: "array_join", Overloads: []Overload{
			{Signature: "array(T), varchar -> varchar", SQL: "array_to_string(list_filter(CAST($1 AS VARCHAR[]), lambda v: v IS NOT NULL), $2)", rewrite: textual},
			{Signature: "array(T), varchar, varchar -> varchar", SQL: "array_to_string(list_transform(CAST($1 AS VARCHAR[]), lambda v: coalesce(v, $3)), $2)", rewrite: textual},
		}, Examples: []Example{example("array_join(ARRAY[1, NULL, 3], ',')", "1,3", "varchar"), example("array_join(ARRAY['a', NULL], ',', '-')", "a,-", "varchar")}},
		{Name: "array_distinct", Overloads: []Overload{{Signature: "array(T) -> array(T)", SQL: "list_filter($1, lambda v, i: list_position($1, v) = i)"}},
			Examples: []Example{example("array_distinct(ARRAY[2, 1, 2])", "[2, 1]", "array(integer)")}},
		{Name: "array_max", Overloads: []Overload{{Signature: "array(T) -> T", SQL: "CASE WHEN len(list_filter($1, lambda v: v IS NULL)) > 0 THEN NULL ELSE list_max($1) END"}},
			Examples: []Example{example("array_max(ARRAY[1, 3, 2])", "3", "integer"), example("array_max(ARRAY[1, NULL])", "NULL", "integer")}},
		{Name: "array_min", Overloads: []Overload{{Signature: "array(T) -> T", SQL: "CASE WHEN len(list_filter($1, lambda v: v IS NULL)) > 0 THEN NULL ELSE list_min($1) END"}},
			Examples: []Example{example("array_min(ARRAY[3, 1, 2])", "1", "integer")}},
		{Name: "array_position", Overloads: []Overload{{Signature: "array(T), T -> bigint", SQL: "CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL ELSE CAST(coalesce(list_position($1, $2), 0) AS BIGINT) END"}},
			Examples: []Example{example("array_position(ARRAY['a', 'b'], 'b')", "2", "bigint"), example("array_position(ARRAY[1], 5)", "0", "bigint")}},
		{Name: "array_remove", Overloads: []Overload{{Signature: "array(T), T -> array(T)", SQL: "CASE WHEN $2 IS NOT NULL THEN list_filter($1, lambda v: v IS DISTINCT FROM $2) END"}},
			Examples: []Example{example("array_remove(ARRAY[1, 2, 1], 1)", "[2]", "array(integer)")}},
		{Name: "array_sort", Overloads: []Overload{{Signature: "array(T) -> array(T)", SQL: "list_sort($1, 'ASC', 'NULLS LAST')"}},
			Examples: []Example{example("array_sort(ARRAY[3, NULL, 1])", "[1, 3, null]", "array(integer)")}},
		{Name: "slice", Overloads: []Overload{{Signature: "array(T), bigint, bigint -> array(T)",
			SQL: "CASE WHEN $2 = 0 THEN ${INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1} WHEN $3 < 0 THEN ${INVALID_FUNCTION_ARGUMENT: length must be greater than or equal to 0} " +
				"WHEN $2 > 0 THEN ($1)[$2:$2 + $3 - 1] WHEN - $2 > len($1) THEN ($1)[1:0] ELSE ($1)[len($1) + $2 + 1:len($1) + $2 + $3] END"}},
			Examples: []Example{example("slice(ARRAY[1, 2, 3], 2, 2)", "[2, 3]", "array(integer)"), example("slice(ARRAY[1, 2, 3], -2, 1)", "[2]", "array(integer)")}},
		{Name: "sequence", Overloads: []Overload{{Signature: "bigint, bigint -> array(bigint)", SQL: "generate_series($1, $2, CASE WHEN $1 <= $2 THEN 1 ELSE -1 END)"},
			{Signature: "bigint, bigint, bigint -> array(bigint)", SQL: "CASE WHEN $3 = 0 OR ($2 - $1) * $3 < 0 THEN ${INVALID_FUNCTION_ARGUMENT: sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start} ELSE generate_series($1, $2, $3) END"}},
			Examples: []Example{example("sequence(1, 3)", "[1, 2, 3]", "array(bigint)"), example("sequence(5, 1, -2)", "[5, 3, 1]", "array(bigint)")}},
		{Name: "flatten", Overloads: []Overload{{Signature: "array(array(T)) -> array(T)", SQL: "flatten($1)"}},
			Examples: []Example{example("flatten(ARRAY[ARRAY[1], ARRAY[2, 3]])", "[1, 2, 3]", "array(integer)")}},
		{Name: "map", Overloads: []Overload{{Signature: "array(T), array(E) -> map(T, E)", SQL: "map($1, $2)"}},
			Examples: []Example{example("map(ARRAY['a', 'b'], ARRAY[1, 2])['b']", "2", "integer"), failing("map(ARRAY['a'], ARRAY[1])['z']", CodeFunctionArgument),
				example("element_at(map(ARRAY['a'], ARRAY[1]), 'z')", "NULL", "integer"), example("cardinality(map(ARRAY['a'], ARRAY[1]))", "1", "bigint")}},
		{Name: "map_keys", Overloads: []Overload{{Signature: "map(T, E) -> array(T)", SQL: "map_keys($1)"}},
			Examples: []Example{example("map_keys(map(ARRAY['a'], ARRAY[1]))", "[a]", "array(varchar(1))")}},
		{Name: "map_values", Overloads: []Overload{{Signature: "map(T, E) -> array(E)", SQL: "map_values($1)"}},
			Examples: []Example{example("map_values(map(ARRAY['a'], ARRAY[1]))", "[1]", "array(integer)")}},
	}
}

// textual holds the elements to types whose text is the same in both dialects.
func textual(c *rewriting) error {
	switch t := c.args[0].typ().Fields[0].Type; {
	case t.Kind == KindVarchar, t.Kind == KindBoolean, t.Kind == KindDate, t.integral(), t.Kind == KindDecimal, t.Kind == KindUnknown:
		return nil
	default:
		return c.errorf(CodeNotSupported, "array_join of %s elements is not supported", t)
	}
}
