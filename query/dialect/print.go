package dialect

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// printer writes DuckDB SQL. It stops at printBytesMax: translations may print an argument several times, so deeply nested
// calls could grow without end.
type printer struct {
	b        strings.Builder
	scan     func(*Scan) string
	size     int // bytes written, without the scans' texts, which may be long lists of files
	trying   int // inside TRY, which takes no volatile function, so error() is not used
	tooLong  bool
	refused  string          // what can't be printed, if anything
	grouping bool            // in what is evaluated after grouping
	keys     []expr          // that the rows are grouped by, there
	replaced map[expr]string // what stands for expressions that are bound outside
	parts    int             // bytes of the texts of parts of values

	computed map[*relation][]string // what is computed of a relation's rows beside its columns: see host

	having bool // in a query with HAVING: see field

	locals  int                  // the number of the last name that was bound around this place: see names.go
	heights map[expr]int         // of expressions
	names   map[*variable]string // what stands for the parameters of lambdas
}

// DuckDB prints the query. scan gives the text of a relation that yields the scan's Columns with these names in the types
// of Type.DuckDB, such as a table's name or a query in parentheses; it is called once for each scan at its place. The
// result's columns are called c1, c2, … in the order of Output. The engine's session needs integer_division=false and
// default_null_order='nulls_last'; the time zone does not matter.
//
// It may be called concurrently.
func (q *Query) DuckDB(scan func(*Scan) string) string {
	p := &printer{scan: scan}
	p.query(q.root)
	return p.b.String()
}

// printable gives an error where the query can't be printed, or exceeds printBytesMax.
func (q *Query) printable() error {
	p := &printer{scan: func(*Scan) string { return "t" }}
	p.query(q.root)
	switch {
	case p.refused != "":
		return &Error{Code: CodeNotSupported, Message: p.refused}
	case p.tooLong:
		return &Error{Code: CodeNotSupported, Message: "the query is too large: functions that need their arguments more than once nest too deeply",
			Hint: "compute the inner values in a WITH query"}
	}
	return nil
}

func (p *printer) write(parts ...string) {
	for _, s := range parts {
		if p.tooLong = p.tooLong || p.size+len(s) > printBytesMax; p.tooLong {
			return
		}
		p.size += len(s)
		p.b.WriteString(s)
	}
}

func (p *printer) list(separator string, list []expr) {
	for i, e := range list {
		if i > 0 {
			p.write(separator)
		}
		p.expr(e)
	}
}

// expr prints an expression so that it can stand anywhere.
func (p *printer) expr(e expr) {
	if p.tooLong {
		return
	}
	if text, ok := p.replaced[e]; ok {
		p.write(text)
		return
	}
	if p.grouping && (isAggregation(e) || p.isKey(e)) { // a key prints as it does in GROUP BY
		defer p.group(nil, false)()
	}
	if mixesTimes(e.typ()) {
		p.refused = mixedTimes + " are not supported"
	}
	defer func(outer int) { p.locals = outer }(p.locals)
	p.locals = namesOfNode * p.height(e)
	switch e := e.(type) {
	case *columnExpr:
		p.write(e.rel.alias, ".", quoteName(e.column))
	case *constExpr:
		p.constant(e.value, e.t)
	case *castExpr:
		p.cast(e)
	case *subqueryExpr:
		p.subquery(e)
	case *callExpr:
		p.call(e)
	case *lambdaExpr:
		p.lambda(e)
	case *variableExpr:
		p.write(p.names[e.variable])
	case *printedExpr:
		p.write(e.text)
	}
}

func (p *printer) subquery(e *subqueryExpr) {
	switch e.kind {
	case "in":
		p.write("(")
		p.expr(e.value)
		p.write(" IN (")
		if e.value.typ().Kind == KindRow {
			p.rows(e)
		} else {
			p.query(e.query)
		}
		p.write("))")
	case "exists":
		p.write("EXISTS (")
		p.query(e.query)
		p.write(")")
	case "all", "any":
		p.quantified(e)
	default:
		p.scalar(e)
	}
}

// infix are the operators that DuckDB has alike.
var infix = map[string]string{opAnd: " AND ", opOr: " OR ", opEqual: " = ", opNotEqual: " <> ", opLess: " < ", opLessEq: " <= ",
	opGreater: " > ", opGreaterEq: " >= ", opDistinct: " IS DISTINCT FROM ", opConcat: " || "}

func (p *printer) call(c *callExpr) {
	if c.over != nil {
		p.template(c)
		return
	}
	switch c.op {
	case opEqual, opNotEqual, opLess, opLessEq, opGreater, opGreaterEq:
		p.comparison(c)
		return
	}
	if op, ok := infix[c.op]; ok {
		p.write("(")
		p.list(op, c.args)
		p.write(")")
		return
	}
	switch c.op {
	case opNot:
		p.write("(NOT ")
		p.expr(c.args[0])
		p.write(")")
	case opIsNull:
		p.write("(")
		p.expr(c.args[0])
		p.write(" IS NULL)")
	case opIn:
		p.in(c)
	case opBetween:
		p.between(c)
	case opCoalesce:
		p.write("coalesce(")
		p.list(", ", c.args)
		p.write(")")
	case opTry:
		p.try(c.args[0])
	case opArray, opRow, opField:
		p.structure(c)
	case opLike:
		p.like(c)
	case opCase, opSwitch:
		p.caseForm(c)
	case opGrouping:
		p.write("CAST(grouping(")
		p.list(", ", c.args)
		p.write(") AS ", c.t.DuckDB(), ")")
	case opFrameOffset:
		p.frameOffset(c.args[0])
	case opJSONValue:
		p.jsonValue(c)
	case opNullIf:
		p.write("CASE WHEN ")
		p.expr(equality(c.args[0], c.args[1]))
		p.write(" THEN NULL ELSE ")
		p.expr(c.args[0])
		p.write(" END")
	default:
		p.arithmetic(c)
	}
}

// structure prints what makes an array or a row, or takes a field of one.
func (p *printer) structure(c *callExpr) {
	switch c.op {
	case opArray:
		p.write("CAST([")
		p.list(", ", c.args)
		p.write("] AS ", c.t.DuckDB(), ")")
	case opRow:
		p.write("{")
		for i, e := range c.args {
			if i > 0 {
				p.write(", ")
			}
			p.write(quoteText(c.t.fieldName(i)), ": ")
			p.expr(e)
		}
		p.write("}")
	case opField:
		name, _ := c.args[1].(*constExpr).value.(string)
		p.write("struct_extract(")
		p.expr(c.args[0])
		p.write(", ", quoteText(name), ")")
	}
}

func (p *printer) caseForm(c *callExpr) {
	p.write("CASE")
	i := 0
	if c.op == opSwitch {
		i = 1
	}
	for ; i+1 < len(c.args); i += 2 {
		p.write(" WHEN ")
		if c.op == opSwitch {
			p.expr(equality(c.args[0], c.args[i]))
		} else {
			p.expr(c.args[i])
		}
		p.write(" THEN ")
		p.expr(c.args[i+1])
	}
	if i < len(c.args) {
		p.write(" ELSE ")
		p.expr(c.args[i])
	}
	p.write(" END")
}

// asciiConst tells whether e is a constant, and a text of ASCII if it is a text.
func asciiConst(e expr) bool {
	c, ok := e.(*constExpr)
	if !ok {
		return false
	}
	text, _ := c.value.(string)
	return strings.IndexFunc(text, func(r rune) bool { return r > '~' }) < 0
}

// like prints LIKE. Without ESCAPE a backslash means itself in both dialects. With one DuckDB takes patterns that Trino
// refuses, so only what is constant, and known to be right, goes to it.
func (p *printer) like(c *callExpr) {
	if len(c.args) > 2 && !(isConst(c.args[1]) && asciiConst(c.args[2])) {
		p.write("loglake_like(")
		p.list(", ", c.args)
		p.write(")")
		return
	}
	p.write("(")
	p.expr(c.args[0])
	p.write(" LIKE ")
	p.expr(c.args[1])
	if len(c.args) > 2 {
		p.write(" ESCAPE ")
		p.expr(c.args[2])
	}
	p.write(")")
}

// fail prints an expression of any type that fails with an error of Athena's name; RuntimeError reads it back. The message
// may be followed by pieces of SQL, which are appended to it.
func (p *printer) fail(t Type, message string, pieces ...any) {
	p.write(p.failure(t, append([]any{message}, pieces...)...))
}

// constant prints a value with its type pinned.
func (p *printer) constant(v any, t Type) {
	switch v := v.(type) {
	case nil:
		p.write("CAST(NULL AS ", t.DuckDB(), ")")
	case bool:
		p.write(strconv.FormatBool(v))
	case string:
		if t.Kind == KindDecimal || t.Kind == KindUUID {
			p.write("CAST(", quoteText(v), " AS ", t.DuckDB(), ")")
			return
		}
		p.write(quoteText(v))
	case []byte:
		p.write("'")
		for _, b := range v {
			p.write(fmt.Sprintf(`\x%02X`, b))
		}
		p.write("'::BLOB")
	case float64:
		p.float(v, t)
	case int64:
		p.integer(v, t)
	}
}

func (p *printer) float(v float64, t Type) {
	text := strconv.FormatFloat(v, 'e', -1, 64)
	if math.IsInf(v, 0) || math.IsNaN(v) {
		text = quoteText(strings.TrimPrefix(strings.ToLower(fmt.Sprint(v)), "+"))
	}
	p.write("CAST(", text, " AS ", t.DuckDB(), ")")
}

func (p *printer) integer(v int64, t Type) {
	n := strconv.FormatInt(v, 10)
	switch t.Kind {
	case KindDate:
		at := time.Unix(v*86400, 0).UTC()
		if y := at.Year(); y < 1 || y > 9999 {
			p.write("(DATE '1970-01-01' + CAST(", n, " AS INTEGER))")
			return
		}
		p.write("DATE '", at.Format("2006-01-02"), "'")
	case KindTime, KindTimeTZ:
		p.write("TIME '", time.UnixMicro(v).UTC().Format("15:04:05.999999"), "'")
	case KindTimestamp, KindTimestampTZ:
		p.timestamp(v, t)
	case KindIntervalDay:
		p.write("to_microseconds(", strconv.FormatInt(v*1000, 10), ")")
	case KindIntervalYear:
		p.write("to_months(", n, ")")
	default:
		if v == math.MinInt64 {
			n = "'" + n + "'"
		}
		p.write("CAST(", n, " AS ", t.DuckDB(), ")")
	}
}

// timestamp prints an instant, with the zone where that belongs to the value.
func (p *printer) timestamp(v int64, t Type) {
	at := time.UnixMicro(v).UTC()
	text := "TIMESTAMP '" + at.Format("2006-01-02 15:04:05.999999") + "'"
	if y := at.Year(); y < 1 || y > 9999 {
		text = "make_timestamp(" + strconv.FormatInt(v, 10) + ")"
	}
	p.write(text)
}
