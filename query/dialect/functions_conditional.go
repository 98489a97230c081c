package dialect

import (
	"slices"
	"strconv"
	"strings"
)

// specialForm gives the analysis of what looks like a function and is not one: the arguments are typed, or evaluated, in
// their own way, or the value is a constant of the statement. It gives nil for any other name.
func specialForm(name string) func(*rewriting) (expr, error) {
	switch name {
	case "coalesce":
		return coalesceForm
	case "nullif":
		return nullifForm
	case "if":
		return ifForm
	case "try":
		return tryForm
	case "typeof":
		return typeofForm
	case "format":
		return formatForm
	case "current_date", "current_timestamp", "now", "localtimestamp", "localtime", "current_time":
		return clock
	case "current_user", "current_catalog", "current_schema", "current_timezone", "current_path":
		return identity
	}
	return nil
}

func coalesceForm(c *rewriting) (expr, error) {
	t, err := c.a.unify(c.args, c.node.args, "All COALESCE operands")
	return &callExpr{op: opCoalesce, args: c.args, t: t}, err
}

func nullifForm(c *rewriting) (expr, error) {
	first := c.args[0]
	if _, ok := comparison(first.typ(), c.args[1].typ()); !ok {
		return nil, c.errorf(CodeTypeMismatch, "Types are not comparable with NULLIF: %s vs %s", first.typ(), c.args[1].typ())
	}
	if volatile(first) {
		return nil, c.errorf(CodeNotSupported, "random values as such arguments are not supported")
	}
	return &callExpr{op: opNullIf, args: c.args, t: first.typ()}, nil
}

func ifForm(c *rewriting) (expr, error) {
	if k := c.args[0].typ().Kind; k != KindBoolean && k != KindUnknown {
		return nil, c.a.errorf(CodeTypeMismatch, c.node.args[0], "IF condition must evaluate to a boolean (actual: %s)", c.args[0].typ())
	}
	results := c.args[1:]
	t, ok := common(results[0].typ(), results[len(results)-1].typ())
	if !ok {
		return nil, c.errorf(CodeTypeMismatch, "Result types for IF must be the same: %s vs %s", results[0].typ(), results[1].typ())
	}
	call := &callExpr{op: opCase, args: []expr{cast(c.args[0], simple(KindBoolean))}, t: t}
	for _, r := range results {
		call.args = append(call.args, cast(r, t))
	}
	return call, nil
}

// tryForm is TRY: DuckDB's makes NULL of every error, Trino's of wrong values only, which are all that can go wrong here.
func tryForm(c *rewriting) (expr, error) {
	bad := volatile(c.args[0])
	walk(c.args[0], func(e expr) {
		if sub, ok := e.(*subqueryExpr); ok {
			bad = bad || sub.value != nil
		}
	})
	if bad {
		return nil, c.errorf(CodeNotSupported, "TRY of random values or of IN with a subquery is not supported")
	}
	return &callExpr{op: opTry, args: c.args, t: c.args[0].typ()}, nil
}

func typeofForm(c *rewriting) (expr, error) {
	if len(c.args) != 1 {
		return nil, c.errorf(CodeFunctionNotFound, "Unexpected parameters for function typeof. Expected: typeof(T)")
	}
	return &constExpr{value: c.args[0].typ().String(), t: varchar()}, nil
}

// clock gives the statement's time, in UTC and milliseconds.
func identity(c *rewriting) (expr, error) {
	if len(c.args) > 0 {
		return nil, c.errorf(CodeFunctionNotFound, "Unexpected parameters for function %s. Expected: %s()", c.node.name, c.node.name)
	}
	s := c.a.session
	value := map[string]string{"current_user": s.User, "current_catalog": s.Catalog, "current_schema": s.Database, "current_timezone": "UTC", "current_path": ""}[c.node.name]
	return &constExpr{value: value, t: varchar()}, nil
}

// conditionalFunctions have the registry's form; see specialForm for the others.
func conditionalFunctions() []Function {
	return append(extremeOfFunctions(),
		Function{Name: "version", Overloads: []Overload{{Signature: "-> varchar", SQL: "'476'"}}, Differs: "of the Trino whose dialect this is", Examples: []Example{example("version()", "476", "varchar"), failing("version(1)", CodeFunctionNotFound)}},
		Function{Name: "current_groups", Overloads: []Overload{{Signature: "-> array(varchar)", SQL: "CAST([] AS VARCHAR[])"}}, Examples: []Example{example("current_groups()", "[]", "array(varchar)"), failing("current_groups(1)", CodeFunctionNotFound)}},
		Function{Name: "index", Overloads: []Overload{{Signature: "varchar, varchar -> bigint", SQL: "CAST(strpos($1, $2) AS BIGINT)"}},
			Examples: []Example{example("index('abc', 'c')", "3", "bigint"), example("index('abc', '')", "1", "bigint"), example("index('abc', 'd')", "0", "bigint"), example("index('éa', 'a')", "2", "bigint"), example("index(NULL, 'a')", "NULL", "bigint")}},
		Function{Name: "fail", Volatile: true, Overloads: []Overload{{Signature: "varchar -> unknown", SQL: "CASE WHEN $1 IS NOT NULL THEN CAST(error('GENERIC_USER_ERROR: ' || $1) AS INTEGER) END"}},
			Examples: []Example{failing("fail('a')", "GENERIC_USER_ERROR: a"), failing("1 + fail('a' || x) FROM (VALUES 'b') AS t (x)", "GENERIC_USER_ERROR: ab"), example("fail(CAST(NULL AS varchar))", "NULL", "unknown"), example("if(true, 1, fail('x'))", "1", "integer"),
				example("count(*) FROM (VALUES 1) AS t (x) WHERE if(x = 2, CAST(fail('x') AS boolean), false)", "0", "bigint")}},
		Function{Name: "uuid", Volatile: true, Overloads: []Overload{{Signature: "-> uuid", SQL: "uuid()"}},
			Examples: []Example{example("length(cast(uuid() AS varchar))", "36", "bigint"), example("uuid() = uuid()", "false", "boolean")}},
	)
}

// extremeOfFunctions are greatest and least, which are NULL as soon as an argument is, and pass NaN over while there is another
// number. DuckDB's pass NULL over, and take NaN for the largest.
func extremeOfFunctions() []Function {
	var list []Function
	for _, name := range [...]string{"greatest", "least"} {
		list = append(list, Function{Name: name, Overloads: []Overload{{Signature: "e:orderable... -> e", SQL: name + "($*)", rewrite: func(c *rewriting) error {
			if len(c.args) == 0 {
				return c.errorf(CodeFunctionNotFound, "Unexpected parameters () for function %s. Expected: %s(E) E:orderable", name, name)
			}
			if len(c.args[0].typ().Fields) > 0 {
				return nestedExtreme(c)
			}
			c.over = extremeOf(name, c.args)
			return nil
		}}},
			Examples: extremeOfExamples(name)})
	}
	return list
}

// nestedExtreme compares arrays or rows as < does, which fails where a NULL in them decides. A NaN in them is the largest for
// least, and the smallest for greatest.
func nestedExtreme(c *rewriting) error {
	n, t := len(c.args), c.args[0].typ()
	if n > 8 {
		return c.errorf(CodeNotSupported, "%s of more than eight arrays or rows is not supported", c.node.name)
	}
	op, nan, list := opLess, "", make([]string, n)
	for i := range list {
		list[i] = "$" + strconv.Itoa(i+1)
	}
	if c.node.name == "greatest" {
		if op = opGreater; t.has(floating) {
			nan = "WHEN len(list_filter($l, lambda n0: " + hasNaN(t, "n0", 1) + ")) > 0 THEN ${NOT_SUPPORTED: greatest of arrays and rows with NaN in them is not supported} "
		}
	}
	a, b := &variable{name: "a", t: t}, &variable{name: "b", t: t}
	better := &callExpr{op: op, args: []expr{&variableExpr{b}, &variableExpr{a}}, t: simple(KindBoolean)}
	c.args = append(c.args, &lambdaExpr{params: []*variable{a, b}, body: better, t: Type{Kind: KindFunction, Fields: functionFields([]Type{t, t}, better.t)}})
	c.over = &Overload{SQL: "list_transform([[" + strings.Join(list, ", ") + "]], lambda $l: CASE WHEN list_count($l) < len($l) THEN NULL " + nan +
		"ELSE list_reduce($l, lambda $a, $b: CASE WHEN $" + strconv.Itoa(n+1) + "($a, $b) THEN $b ELSE $a END) END)[1]"}
	return nil
}

func extremeOf(name string, args []expr) *Overload {
	function := map[string]string{"greatest": "list_max", "least": "list_min"}[name]
	switch {
	case name == "greatest" && floating(args[0].typ()):
		return &Overload{SQL: "list_transform([[$*]], lambda $l: CASE WHEN list_count($l) = len($l) THEN coalesce(list_max(list_filter($l, lambda $e: NOT isnan($e))), CAST('nan' AS $T)) END)[1]"}
	case len(args) > 9 || slices.ContainsFunc(args, volatile):
		return &Overload{SQL: "list_transform([[$*]], lambda $l: CASE WHEN list_count($l) = len($l) THEN " + function + "($l) END)[1]"}
	}
	var tests []string
	for i := range args {
		tests = append(tests, "$"+strconv.Itoa(i+1)+" IS NULL")
	}
	return &Overload{SQL: "CASE WHEN " + strings.Join(tests, " OR ") + " THEN NULL ELSE " + name + "($*) END"}
}

func extremeOfExamples(name string) []Example {
	one, two, text, twelve, day := "3", "2.5", "bc", "12", "2020-01-01 00:00:01"
	if name == "least" {
		one, two, text, twelve, day = "1", "1.0", "a", "1", "2020-01-01 00:00:00"
	}
	return []Example{example(name+"(1, 3, 2)", one, "integer"), example(name+"(1, NULL)", "NULL", "integer"), example(name+"(NULL, 1)", "NULL", "integer"), example(name+"(1)", "1", "integer"), example(name+"('a', 'bc')", text, "varchar(2)"),
		example(name+"(1, 2.5)", two, "double"), example(name+"(1, nan())", "1.0", "double"), example(name+"(nan(), 1)", "1.0", "double"), example(name+"(nan(), nan())", "NaN", "double"), example(name+"(nan(), NULL)", "NULL", "double"),
		example(name+"(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)", twelve, "integer"), example(name+"(date '2020-01-01', timestamp '2020-01-01 00:00:01')", day, "timestamp(0)"), example(name+"(ARRAY[1], ARRAY[1])", "[1]", "array(integer)"),
		example(name+"(ARRAY[1, 2], ARRAY[1, 3])", "[1, "+map[string]string{"3": "3", "1": "2"}[one]+"]", "array(integer)"), failing(name+"(ARRAY[1, NULL], ARRAY[1, 2])", CodeNotSupported+": ARRAY comparison"), example(name+"(ARRAY[1, NULL], NULL)", "NULL", "array(integer)"),
		failing(name+"()", CodeFunctionNotFound), failing(name+"('a', 1)", CodeFunctionNotFound), failing(name+"(map(ARRAY[1], ARRAY[1]))", CodeFunctionNotFound)}
}
