package dialect

import (
	"slices"
	"strings"
)

// aggregateFunctions are the aggregates. DISTINCT, ORDER BY and FILTER go where $D, $O and $F stand. What a NULL key or value
// does is Trino's: all of them but count(*), array_agg, checksum and the values of maps pass NULLs over.
func aggregateFunctions() []Function {
	list := slices.Concat(countFunctions(), sumFunctions(), extremeFunctions(), logicFunctions(), statisticFunctions(), mapAggregates(), approximateFunctions(),
		[]Function{listaggFunction(), checksumFunction(), reduceFunction()})
	for i := range list {
		list[i].Aggregate = true
	}
	return list
}

// over makes an example of an aggregate over the rows of VALUES, named x and y.
func over(aggregate, rows, want, kind string) Example {
	return Example{SQL: "SELECT " + aggregate + " FROM (VALUES " + rows + ")" + columnsOf(rows), Want: want, Type: kind}
}

// overNone makes an example of an aggregate over no row at all.
func overNone(aggregate, row, want, kind string) Example {
	e := over(aggregate, row, want, kind)
	e.SQL += " WHERE false"
	return e
}

func failingOver(aggregate, rows, code string) Example {
	return Example{SQL: over(aggregate, rows, "", "").SQL, Error: code}
}

func columnsOf(rows string) string {
	row, _, _ := strings.Cut(rows, ")")
	switch {
	case !strings.HasPrefix(row, "("):
		return " AS t (x)"
	case strings.Count(row, ",") > 1:
		return " AS t (x, y, z)"
	}
	return " AS t (x, y)"
}

func countFunctions() []Function {
	return []Function{
		{Name: "count", Overloads: []Overload{
			{Signature: "-> bigint", SQL: "count(*)$F"},
			{Signature: "t -> bigint", SQL: "count($D$1)$F"},
		}, Examples: []Example{
			over("count(*)", "1, NULL", "2", "bigint"), over("count(x)", "1, NULL", "1", "bigint"), over("count(DISTINCT x)", "1, 1, 2, NULL", "2", "bigint"),
			over("count(*) FILTER (WHERE x > 1)", "1, 2, 3", "2", "bigint"), overNone("count(*)", "1", "0", "bigint"), overNone("count(x)", "1", "0", "bigint"),
			over("count()", "1, NULL", "2", "bigint"), over("count(DISTINCT x)", "nan(), nan(), 0e0, -0e0", "2", "bigint"), over("count(*) FILTER (WHERE NULL)", "1, 2", "0", "bigint"),
			over("count(DISTINCT ARRAY[x])", "1, 1, NULL", "2", "bigint"),
		}},
		{Name: "count_if", Overloads: []Overload{{Signature: "boolean -> bigint", SQL: "count($DCASE WHEN $1 THEN true END)$F"}},
			Examples: []Example{over("count_if(x > 1)", "1, 2, NULL", "1", "bigint"), over("count_if(x)", "CAST(NULL AS boolean)", "0", "bigint"),
				overNone("count_if(x)", "true", "0", "bigint"), over("count_if(DISTINCT x)", "true, true", "1", "bigint")}},
	}
}

// nested closes the brackets of an example whose aggregate opens a query of its own.
func (e Example) nested() Example {
	e.SQL += ")"
	return e
}

// idempotent says that an aggregate gives the same however often a row is there.
func idempotent(o Overload) Overload {
	o.idempotent = true
	return o
}

func logicFunctions() []Function {
	list := []Function{
		{Name: "arbitrary any_value", Overloads: []Overload{idempotent(Overload{Signature: "t -> t", SQL: "any_value($1)$F"})},
			Differs: "any of the values, and not always the one that Trino takes",
			Examples: []Example{over("arbitrary(x)", "NULL, 7", "7", "integer"), over("any_value(x)", "'a', NULL", "a", "varchar(1)"), overNone("any_value(x)", "1", "NULL", "integer"),
				over("arbitrary(x)", "CAST(NULL AS date)", "NULL", "date"), over("any_value(x)", "ARRAY[1]", "[1]", "array(integer)")}},
		{Name: "bool_and every", Overloads: []Overload{idempotent(Overload{Signature: "boolean -> boolean", SQL: "bool_and($1)$F"})},
			Examples: []Example{over("bool_and(x > 1)", "1, 2", "false", "boolean"), over("every(x)", "true, NULL", "true", "boolean"), overNone("bool_and(x)", "true", "NULL", "boolean"),
				over("bool_and(x)", "NULL", "NULL", "boolean")}},
		{Name: "bool_or", Overloads: []Overload{idempotent(Overload{Signature: "boolean -> boolean", SQL: "bool_or($1)$F"})},
			Examples: []Example{over("bool_or(x > 1)", "1, 2", "true", "boolean"), over("bool_or(x)", "false, NULL", "false", "boolean"), overNone("bool_or(x)", "true", "NULL", "boolean")}},
		{Name: "array_agg", Overloads: []Overload{{Signature: "t -> array(t)", SQL: "list($D$1$O)$F"}},
			Examples: []Example{over("array_agg(x ORDER BY x DESC)", "1, 3, 2", "[3, 2, 1]", "array(integer)"), over("array_agg(x ORDER BY x)", "1, NULL, 2", "[1, 2, null]", "array(integer)"),
				over("array_agg(DISTINCT x ORDER BY x)", "1, NULL, 2, 2, NULL", "[1, 2, null]", "array(integer)"), over("array_agg(x) FILTER (WHERE x > 5)", "1", "NULL", "array(integer)"),
				overNone("array_agg(x)", "1", "NULL", "array(integer)"), over("array_agg(x ORDER BY x DESC NULLS FIRST)", "1, NULL, 2", "[null, 2, 1]", "array(integer)"),
				over("array_agg(x ORDER BY y)", "('a', 2), ('b', 1)", "[b, a]", "array(varchar(1))"), failingOver("array_agg(DISTINCT x ORDER BY y)", "(1, 2)", CodeNotDistinctOrderBy)}},
	}
	for _, b := range [...][4]string{{"bitwise_and_agg", "bit_and", "5", "5"}, {"bitwise_or_agg", "bit_or", "7", "7"}, {"bitwise_xor_agg", "bit_xor", "2", "5"}} {
		list = append(list, Function{Name: b[0], Overloads: []Overload{{Signature: "bigint -> bigint", SQL: b[1] + "($D$1)$F"}},
			Examples: []Example{over(b[0]+"(x)", "7, 5, NULL", b[2], "bigint"), over(b[0]+"(x)", "CAST(NULL AS integer)", "NULL", "bigint"), overNone(b[0]+"(x)", "7", "NULL", "bigint"),
				over(b[0]+"(DISTINCT x)", map[string]string{"5": "5, 5, 7", "7": "3, 4, 4", "2": "7, 7, 5"}[b[2]], b[2], "bigint")}})
	}
	return list
}

// listaggFunction is LISTAGG: its arguments are the value, the separator, whether an overflow is an error, and else what stands
// for the rest and whether the rest is counted.
func listaggFunction() Function {
	const order = " WITHIN GROUP (ORDER BY x)"
	return Function{Name: "listagg", Overloads: []Overload{{Signature: "varchar, varchar, boolean, varchar, boolean -> varchar",
		SQL: "loglake_listagg(list($D$1$O)$F, $2, CASE WHEN NOT $3 THEN $4 END, $5)"}},
		Examples: []Example{over("listagg(x, ',')"+order, "'b', 'a', NULL", "a,b", "varchar"), over("listagg(x)"+order, "'b', 'a'", "ab", "varchar"),
			over("listagg(x, ',') WITHIN GROUP (ORDER BY y DESC)", "('a', 1), ('b', 2)", "b,a", "varchar"), over("listagg(DISTINCT x, ',')"+order, "'b', 'a', 'b'", "a,b", "varchar"),
			over("listagg(x, ',')"+order+" FILTER (WHERE x > 'a')", "'b', 'a', 'b'", "b,b", "varchar"), overNone("listagg(x, ',')"+order, "'b'", "NULL", "varchar"),
			over("listagg(x, ',')"+order, "CAST(NULL AS varchar)", "NULL", "varchar"), over("listagg(x, ',')"+order, "'', '', 'a'", ",,a", "varchar"),
			over("listagg(x, ',' ON OVERFLOW TRUNCATE '#' WITH COUNT)"+order, "rpad('', 1048577, 'a'), rpad('', 1048577, 'b')", "#(2)", "varchar"),
			over("listagg(x, ',' ON OVERFLOW TRUNCATE WITHOUT COUNT)"+order, "rpad('', 1048577, 'a')", "...", "varchar"),
			over("length(listagg(x, ',' ON OVERFLOW TRUNCATE '#' WITH COUNT) WITHIN GROUP (ORDER BY length(x)))", "'a', rpad('', 1048576, 'a'), rpad('', 1048577, 'b')", "6", "bigint"),
			failingOver("length(listagg(x, ',' ON OVERFLOW ERROR)"+order+")", "rpad('', 1048577, 'a')", codeFunctionMemory), failingOver("listagg(x, ',')"+order, "1", CodeTypeMismatch)}}
}

// listaggCall gives LISTAGG as the function that Trino makes of it; see listaggFunction.
func listaggCall(n *callNode) *callNode {
	call := *n
	call.args = slices.Clone(n.args)
	if len(call.args) == 1 {
		call.args = append(call.args, &stringNode{at: n.at})
	}
	filler, overflow := node(&stringNode{n.at, "..."}), n.overflow
	if overflow == nil {
		overflow = &overflowNode{}
	}
	if overflow.filler != nil {
		filler = overflow.filler
	}
	call.args = append(call.args, &boolNode{n.at, !overflow.truncate}, filler, &boolNode{n.at, overflow.count})
	call.order, call.within = n.within, nil
	return &call
}

// checksumFunction adds up hashes of the values, as Trino's does bit by bit.
func checksumFunction() Function {
	sum := func(kind, value string) string { return "loglake_checksum_" + kind + "(list($D" + value + ")$F)" }
	return Function{Name: "checksum", Overloads: []Overload{
		{Signature: "t -> varbinary", rewrite: func(c *rewriting) error {
			switch t := c.args[0].typ(); {
			case t.Kind == KindUnknown, t.Kind == KindBoolean, t.integral():
				c.over = &Overload{SQL: sum("bigint", "CAST($1 AS BIGINT)")}
			case t.Kind == KindDate:
				c.over = &Overload{SQL: sum("bigint", "date_diff('day', DATE '1970-01-01', $1)")}
			case t.Kind == KindTimestamp:
				c.over = &Overload{SQL: sum("bigint", "epoch_us($1)")}
			case t.Kind == KindDecimal && t.Precision <= 18:
				c.over = &Overload{SQL: sum("bigint", "CAST(replace(CAST($1 AS VARCHAR), '.', '') AS BIGINT)")}
			case t.Kind == KindReal:
				c.over = &Overload{SQL: sum("real", "$1")}
			case t.Kind == KindDouble:
				c.over = &Overload{SQL: sum("double", "$1")}
			case t.Kind == KindVarbinary:
				c.over = &Overload{SQL: sum("bytes", "$1")}
			case t.Kind == KindVarchar, t.Kind == KindChar:
				c.over = &Overload{SQL: sum("text", "$1")}
			default:
				e := c.a.unsupported(c.node, "checksums of "+t.String())
				e.Hint = "checksum(cast(x AS varchar)), where that is possible, tells the same differences"
				return e
			}
			return nil
		}}},
		Differs: "not over nested values, times of a zone, decimals of more than 18 digits, uuid and json: these are refused",
		Examples: []Example{over("checksum(x)", "1, 2", "63 87 d0 f5 86 5f d1 36", "varbinary"), over("checksum(x)", "2, 1", "63 87 d0 f5 86 5f d1 36", "varbinary"),
			over("checksum(x)", "CAST(NULL AS integer)", "87 ca eb 85 b1 79 37 9e", "varbinary"), overNone("checksum(x)", "1", "NULL", "varbinary"), over("checksum(DISTINCT x)", "1, 1", "93 8f c3 0a b5 2d e5 d4", "varbinary"),
			example("checksum('a')", "fd ff aa cc 62 74 ab df", "varbinary"), example("checksum(true)", "93 8f c3 0a b5 2d e5 d4", "varbinary"), example("checksum(1e0)", "93 d5 17 38 a3 1f 49 d0", "varbinary"),
			example("checksum(real '1')", "b4 25 b8 3c a8 eb e0 f9", "varbinary"), example("checksum(date '1970-01-02')", "93 8f c3 0a b5 2d e5 d4", "varbinary"),
			example("checksum(timestamp '1970-01-01 00:00:00.001')", "7f f6 05 aa 63 f6 ad 47", "varbinary"), example("checksum(decimal '1.5')", "58 5f 84 f8 83 2c fa c8", "varbinary"),
			example("checksum(nan())", "b4 38 24 69 f5 1d 24 05", "varbinary"), failing("checksum(ARRAY[1])", CodeNotSupported)}}
}

// reduceFunction is reduce_agg. The function that joins two states is not needed: there is one state for a group. The values
// and the state travel in one struct, since DuckDB's list_reduce has one type for both.
func reduceFunction() Function {
	return Function{Name: "reduce_agg", Overloads: []Overload{{Signature: "T, S, function(S,T,S), function(S,S,S) -> S",
		SQL: "list_reduce(list_transform(list_filter(list($1$O)$F, lambda $e: $e IS NOT NULL), lambda $e: {'s': CAST(NULL AS $T), 'v': $e}), lambda $a, $b: " +
			"{'s': CAST($3($a.s, $b.v) AS $T), 'v': CAST(NULL AS $T1)}, CASE WHEN count($1)$F > 0 THEN {'s': CAST($2 AS $T), 'v': CAST(NULL AS $T1)} END).s",
		rewrite: func(c *rewriting) error {
			if !constant(c.args[1]) {
				return c.a.unsupported(c.node.args[1], "initial states of reduce_agg that differ from row to row")
			}
			for _, i := range [...]int{2, 3} {
				l := c.args[i].(*lambdaExpr)
				captured := captures(l)
				found := false
				walk(l.body, func(e expr) { found = found || captured(e) })
				if found {
					return c.a.unsupported(c.node.args[i], "columns in the lambdas of reduce_agg")
				}
			}
			if c.node.distinct {
				return c.errorf(CodeTypeMismatch, "DISTINCT can only be applied to comparable types (actual: %s)", functionText(c.args[2].typ()))
			}
			switch t := c.result; t.Kind {
			case KindArray, KindMap, KindRow:
				return &Error{Code: CodeNotSupported, Message: "State type not supported for reduce_agg: " + t.String()}
			}
			return nil
		}}},
		Examples: []Example{over("reduce_agg(x, 0, (a, b) -> a + b, (a, b) -> a + b)", "1, 2, NULL, 3", "6", "integer"), over("reduce_agg(x, 0, (a, b) -> a + b, (a, b) -> a + b)", "CAST(NULL AS integer)", "NULL", "integer"),
			overNone("reduce_agg(x, 0, (a, b) -> a + b, (a, b) -> a + b)", "1", "NULL", "integer"), over("reduce_agg(x, bigint '0', (a, b) -> a + length(b), (a, b) -> a + b)", "'a', 'bc'", "3", "bigint"),
			over("reduce_agg(x, 1e0, (a, b) -> a * b, (a, b) -> a * b)", "2, 3", "6.0", "double"), over("reduce_agg(x, true, (a, b) -> a AND b > 1, (a, b) -> a AND b)", "2, 3", "true", "boolean"),
			over("reduce_agg(x, 0, (a, b) -> a + b, (a, b) -> a + b) FILTER (WHERE x > 1)", "1, 2, 3", "5", "integer"),
			failingOver("reduce_agg(x, 0, (a, b) -> a + b + y, (a, b) -> a + b)", "(1, 2)", CodeNotSupported+": line 1:25: columns in the lambdas of reduce_agg"), failingOver("reduce_agg(x, ARRAY[1], (a, b) -> a, (a, b) -> a)", "1", CodeNotSupported+": State type not supported for reduce_agg: array(integer)")}}
}

// functionText gives a lambda's type as Trino writes it: (integer, integer) -> integer.
func functionText(t Type) string {
	last := len(t.Fields) - 1
	params := make([]string, last)
	for i := range params {
		params[i] = t.Fields[i].Type.String()
	}
	return "(" + strings.Join(params, ", ") + ") -> " + t.Fields[last].Type.String()
}

// constant tells whether an expression has the same value in every row.
func constant(e expr) bool {
	found := !volatile(e)
	walk(e, func(e expr) {
		switch e.(type) {
		case *columnExpr, *variableExpr, *subqueryExpr:
			found = false
		}
	})
	return found
}
