package dialect

import "slices"

// windowFunctions need OVER; aggregates may have it.
func windowFunctions() []Function {
	list := slices.Concat(rankingFunctions(), valueFunctions())
	for i := range list {
		list[i].Window = true
	}
	return list
}

// overWindow makes an example of a window function: its values in the order of the rows, which are x, or x and y with y for
// their order.
func overWindow(call, window, rows, want, kind string) Example {
	columns := columnsOf(rows)
	key := columns[len(columns)-2 : len(columns)-1]
	return Example{SQL: "SELECT array_agg(w ORDER BY o) FROM (SELECT " + call + " OVER (" + window + ") AS w, " + key + " AS o FROM (VALUES " + rows + ")" + columns + ")", Want: want, Type: kind}
}

func failingWindow(call, window, rows, code string) Example {
	return Example{SQL: overWindow(call, window, rows, "", "").SQL, Error: code}
}

func rankingFunctions() []Function {
	list := []Function{
		{Name: "ntile", Overloads: []Overload{{Signature: "bigint -> bigint", SQL: "ntile(CASE WHEN $1 <= 0 THEN ${INVALID_FUNCTION_ARGUMENT: Buckets must be greater than 0} ELSE $1 END)$F"}},
			Examples: []Example{overWindow("ntile(2)", "ORDER BY x", "1, 2, 3", "[1, 1, 2]", "array(bigint)"), overWindow("ntile(5)", "ORDER BY x", "1, 2, 3", "[1, 2, 3]", "array(bigint)"), overWindow("ntile(NULL)", "ORDER BY x", "1, 2", "[null, null]", "array(bigint)"),
				overWindow("ntile(x)", "ORDER BY x", "1, 2, 3", "[1, 1, 3]", "array(bigint)"), failingWindow("ntile(0)", "ORDER BY x", "1, 2", CodeFunctionArgument+": Buckets must be greater than 0"),
				failingWindow("ntile(-1)", "ORDER BY x", "1, 2", CodeFunctionArgument+": Buckets must be greater than 0")}},
	}
	for _, w := range [...][4]string{{"row_number", "bigint", "[1, 2, 3]", "[1]"}, {"rank", "bigint", "[1, 1, 3]", "[1]"}, {"dense_rank", "bigint", "[1, 1, 2]", "[1]"},
		{"percent_rank", "double", "[0.0, 0.0, 1.0]", "[0.0]"}, {"cume_dist", "double", "[0.6666666666666666, 0.6666666666666666, 1.0]", "[1.0]"}} {
		list = append(list, Function{Name: w[0], Overloads: []Overload{{Signature: "-> " + w[1], SQL: w[0] + "()$F"}},
			Examples: []Example{overWindow(w[0]+"()", "ORDER BY x", "1, 1, 2", w[2], "array("+w[1]+")"), overWindow(w[0]+"()", "ORDER BY x", "NULL", w[3], "array("+w[1]+")"), overWindow(w[0]+"()", "", "1", w[3], "array("+w[1]+")"),
				failing(w[0]+"()", "MISSING_OVER")}})
	}
	return list
}

// valueFunctions give a value of another row. The offsets are looked at for each row.
func valueFunctions() []Function {
	const order = "ORDER BY y"
	const holes = "(1, 1), (NULL, 2), (NULL, 3), (4, 4)"
	list := []Function{
		{Name: "nth_value", Differs: "a wrong offset may fail where the frame is empty, and Trino does not look at it", Overloads: []Overload{{Signature: "t, bigint -> t", SQL: "nth_value($1, CASE WHEN $2 < 1 THEN ${INVALID_FUNCTION_ARGUMENT: Offset must be at least 1} ELSE $2 END$O)$F"}},
			Examples: []Example{overWindow("nth_value(x, 2)", "ORDER BY x", "1, 2, 3", "[null, 2, 2]", "array(integer)"), overWindow("nth_value(x, NULL)", "ORDER BY x", "1, 2", "[null, null]", "array(integer)"),
				overWindow("nth_value(x, x)", "ORDER BY x", "1, 2, 3", "[1, 2, 3]", "array(integer)"), overWindow("nth_value(x, 2) IGNORE NULLS", order+" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING", holes, "[4, 4, 4, 4]", "array(integer)"),
				failingWindow("nth_value(x, 0)", "ORDER BY x", "1, 2", CodeFunctionArgument+": Offset must be at least 1")}},
	}
	for _, w := range [...][4]string{{"first_value", "[1, 1, 1, 1]", "[1, 1, 1, 1]", "[1, 1]"}, {"last_value", "[1, null, null, 4]", "[1, 1, 1, 4]", "[1, 2]"}} {
		list = append(list, Function{Name: w[0], Overloads: []Overload{{Signature: "t -> t", SQL: w[0] + "($1$O)$F"}},
			Examples: []Example{overWindow(w[0]+"(x)", order, holes, w[1], "array(integer)"), overWindow(w[0]+"(x) IGNORE NULLS", order, holes, w[2], "array(integer)"), overWindow(w[0]+"(x) RESPECT NULLS", order, holes, w[1], "array(integer)"),
				overWindow(w[0]+"(x)", "ORDER BY x ROWS BETWEEN 1 PRECEDING AND CURRENT ROW", "1, 2", w[3], "array(integer)"), failing(w[0]+"(1)", "MISSING_OVER")}})
	}
	const offset = "CASE WHEN $2 IS NULL THEN ${INVALID_FUNCTION_ARGUMENT: Offset must not be null} WHEN $2 < 0 THEN ${INVALID_FUNCTION_ARGUMENT: Offset must be at least 0} ELSE $2 END"
	for _, w := range [...][5]string{{"lag", "[null, 1, 2]", "[0, 0, 1]", "[null, 1, 1, 1]", "[1.5, 1.0, 2.0]"}, {"lead", "[2, 3, null]", "[3, 0, 0]", "[4, 4, 4, null]", "[2.0, 3.0, 1.5]"}} {
		call := w[0]
		list = append(list, Function{Name: call, Overloads: []Overload{
			{Signature: "t -> t", SQL: call + "($1$O)$F"}, {Signature: "t, bigint -> t", SQL: call + "($1, " + offset + "$O)$F"}, {Signature: "t, bigint, t -> t", SQL: call + "($1, " + offset + ", $3$O)$F"},
		}, Examples: []Example{overWindow(call+"(x)", "ORDER BY x", "1, 2, 3", w[1], "array(integer)"), overWindow(call+"(x, 2, 0)", "ORDER BY x", "1, 2, 3", w[2], "array(integer)"), overWindow(call+"(x) IGNORE NULLS", order, holes, w[3], "array(integer)"),
			overWindow(call+"(x, 0)", "ORDER BY x", "1, 2", "[1, 2]", "array(integer)"), overWindow(call+"(x, 1, 1.5)", "ORDER BY x", "1, 2, 3", w[4], "array(double)"), overWindow(call+"(x, 5000000000)", "ORDER BY x", "1, 2", "[null, null]", "array(integer)"),
			overWindow(call+"(x, 0) IGNORE NULLS", order, holes, "[1, null, null, 4]", "array(integer)"), failingWindow(call+"(x, -1)", "ORDER BY x", "1, 2", CodeFunctionArgument+": Offset must be at least 0"),
			failingWindow(call+"(x, NULL)", "ORDER BY x", "1, 2", CodeFunctionArgument+": Offset must not be null"), failing(call+"(1)", "MISSING_OVER")}})
	}
	return list
}
