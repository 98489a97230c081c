package dialect

import "strings"

// formatSQL calls the function in Go with the format, the kinds of the values, and their texts.
var formatSQL = &Overload{SQL: "loglake_format($1, $2, $3)"}

// formatKinds are the letters by which package native knows what Java makes of a value.
var formatKinds = map[Kind]string{KindTinyInt: "i", KindSmallInt: "i", KindInteger: "i", KindBigInt: "i", KindDouble: "d", KindReal: "r", KindDecimal: "n",
	KindBoolean: "b", KindDate: "D", KindTimestamp: "T", KindTime: "t"}

// formatForm is format(pattern, values…): values of any types, each as its text.
func formatForm(c *rewriting) (expr, error) {
	if t := c.args[0].typ(); t.Kind != KindVarchar {
		return nil, c.a.errorf(CodeTypeMismatch, c.node.args[0], "Type of first argument to format() must be VARCHAR (actual: %s)", t)
	}
	var kinds strings.Builder
	var texts []expr
	for i, arg := range c.args[1:] {
		t := arg.typ()
		switch t.Kind {
		case KindVarbinary, KindArray, KindMap, KindRow:
			return nil, c.a.errorf(CodeNotSupported, c.node.args[i+1], "Type not supported for formatting: %s", t)
		case KindTimestampTZ, KindTimeTZ:
			return nil, c.a.errorf(CodeNotSupported, c.node.args[i+1], "format of %s is not supported", t)
		}
		kind := formatKinds[t.Kind]
		if kind == "" {
			kind = "s"
		}
		kinds.WriteString(kind)
		if t.Kind == KindJSON {
			texts = append(texts, &callExpr{op: "json_format", over: &functions()["json_format"].Overloads[0], args: []expr{arg}, t: varchar()})
			continue
		}
		texts = append(texts, cast(arg, varchar()))
	}
	values := &callExpr{op: opArray, args: texts, t: arrayOf(varchar())}
	return &callExpr{op: "format", over: formatSQL, args: []expr{c.args[0], textConst(kinds.String()), values}, t: varchar()}, nil
}

var formatExamples = func() []Example {
	ok := func(sql, want string) Example { return example("format("+sql+")", want, "varchar") }
	return []Example{ok("'%s is %d years', 'Ann', 42", "Ann is 42 years"), ok("'%5d|%-5d|%05d|%+d|% d|%(d|%,d', 1, 2, 3, 4, 5, -6, 1234567", "    1|2    |00003|+4| 5|(6)|1,234,567"),
		ok("'%x %X %o %#x %08x', 255, 255, 8, 255, 255", "ff FF 10 0xff 000000ff"), ok("'%x', tinyint '-1'", "ffffffffffffffff"), ok("'%.2f %.0f %,.2f', 2.675e0, 2.5e0, 1234567.891e0", "2.68 3 1,234,567.89"),
		ok("'%e %.3E', 12345.678e0, 0.00012345e0", "1.234568e+04 1.235E-04"), ok("'%g %g %G', 12345.678e0, 0.00001234e0, 1e20", "12345.7 1.23400e-05 1.00000E+20"), ok("'%f|%08.2f', infinity(), nan()", "Infinity|     NaN"),
		ok("'%.1f %e %g', decimal '123.45', decimal '123.456', decimal '0.00001'", "123.5 1.234560e+02 1.00000e-05"), ok("'%.1f %.10f', real '0.35', real '1.1'", "0.3 1.1000000238"), ok("'%2$s %1$s %<S %s', 'a', 'b'", "b a A a"),
		ok("'%10s|%-5.1s|%S', 'abc', 'abc', 'straße'", "       abc|a    |STRASSE"), ok("'%s %s %s', 1e10, date '2020-01-02', timestamp '2020-01-02 03:04:00'", "1.0E10 2020-01-02 2020-01-02T03:04"), ok("'%b %B %b', true, false, 'x'", "true FALSE true"),
		ok("'%s %d %.2f %b', NULL, NULL, NULL, NULL", "null null nu false"), ok("'%d%%', 50", "50%"), ok("'', 1", ""), ok("cast(NULL AS varchar), 1", "NULL"), ok("v, 1) FROM (VALUES '%d') AS t (v) WHERE ('' = ''", "1"),
		failing("format('%d', 'a')", CodeFunctionArgument), failing("format('%s %s', 1)", CodeFunctionArgument), failing("format('%q', 1)", CodeFunctionArgument), failing("format('%-d', 1)", CodeFunctionArgument), failing("format('%,x', 1)", CodeFunctionArgument),
		failing("format('%.2d', 1)", CodeFunctionArgument), failing("format('%s', ARRAY[1])", CodeNotSupported), failing("format(NULL, 1)", CodeTypeMismatch), example("try(format('%d', 'a'))", "NULL", "varchar")}
}()
