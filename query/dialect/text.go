package dialect

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// This file writes expressions of the plan as people read them: in Trino's SQL, with columns by the names they have in
// their tables and without the conversions that nobody asked for.

// words writes expressions. Columns of relations that a join knows get the relation's name in front where qualified is
// set.
type words struct{ qualified bool }

// expr gives e as SQL. It is for reading: a subquery is three dots, and the text may leave out what goes without
// saying.
func (w words) expr(e expr) string {
	switch e := e.(type) {
	case *columnExpr:
		return w.column(e)
	case *constExpr:
		return constText(e.value, e.t)
	case *castExpr:
		return w.cast(e)
	case *variableExpr:
		return e.variable.name
	case *lambdaExpr:
		names := make([]string, len(e.params))
		for i, p := range e.params {
			names[i] = p.name
		}
		if len(names) == 1 {
			return names[0] + " -> " + w.expr(e.body)
		}
		return "(" + strings.Join(names, ", ") + ") -> " + w.expr(e.body)
	case *subqueryExpr:
		return w.subquery(e)
	case *callExpr:
		return w.call(e)
	}
	return "…"
}

// column is the name that a column has where it comes from.
func (w words) column(e *columnExpr) string {
	if w.qualified && e.rel.joined && e.rel.name != "" {
		return nameText(e.rel.name) + "." + words{}.column(e)
	}
	i, err := strconv.Atoi(strings.TrimPrefix(e.column, "c"))
	switch {
	case err != nil || e.rel.scan != nil:
	case i >= 1 && i <= len(e.rel.labels):
		return nameText(e.rel.labels[i-1])
	case e.rel.query != nil && i >= 1 && i <= len(e.rel.query.columns):
		return nameText(named(e.rel.query.columns)[i-1].Name)
	}
	return nameText(e.column)
}

// nameText quotes a name that can't stand without quotes.
func nameText(name string) string {
	plain := name != "" && !reserved[strings.ToUpper(name)] && !isDigit(name[0])
	for i := range len(name) {
		c := name[i]
		plain = plain && (c == '_' || isDigit(c) || c >= 'a' && c <= 'z')
	}
	if plain {
		return name
	}
	return quoteName(name)
}

func (w words) cast(e *castExpr) string {
	text := w.expr(e.operand)
	switch {
	case e.try:
		return "TRY_CAST(" + text + " AS " + e.t.String() + ")"
	case coercible(e.operand.typ(), e.t):
		return text
	}
	return "CAST(" + text + " AS " + e.t.String() + ")"
}

func (w words) subquery(e *subqueryExpr) string {
	switch {
	case e.kind == "exists":
		return "EXISTS (…)"
	case e.op != "":
		return w.expr(e.value) + e.op + " " + strings.ToUpper(e.kind) + " (…)"
	case e.value != nil:
		return w.expr(e.value) + " " + strings.ToUpper(e.kind) + " (…)"
	}
	return "(…)"
}

func constText(v any, t Type) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		if t.Kind == KindDecimal {
			return "DECIMAL " + quoteText(v)
		}
		return quoteText(v)
	case []byte:
		return fmt.Sprintf("X'%X'", v)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case int64:
		return integerText(v, t)
	}
	return fmt.Sprint(v)
}

func integerText(v int64, t Type) string {
	switch t.Kind {
	case KindDate:
		return "DATE '" + time.Unix(v*86400, 0).UTC().Format("2006-01-02") + "'"
	case KindTimestamp:
		return "TIMESTAMP '" + time.UnixMicro(v).UTC().Format("2006-01-02 15:04:05.999999") + "'"
	case KindTimestampTZ:
		return "TIMESTAMP '" + time.UnixMicro(v).UTC().Format("2006-01-02 15:04:05.999999") + " UTC'"
	case KindIntervalDay:
		return "INTERVAL '" + strconv.FormatFloat(float64(v)/1000, 'f', -1, 64) + "' SECOND"
	case KindIntervalYear:
		return "INTERVAL '" + strconv.FormatInt(v, 10) + "' MONTH"
	}
	return strconv.FormatInt(v, 10)
}

func (w words) list(list []expr, separator string) string {
	texts := make([]string, len(list))
	for i, e := range list {
		texts[i] = w.expr(e)
	}
	return strings.Join(texts, separator)
}

// loose are the operators that bind looser than a comparison, so that they get brackets inside other operators.
var loose = map[string]bool{opAnd: true, opOr: true, opNot: true, opIn: true, opBetween: true, opLike: true, opIsNull: true, opDistinct: true}

// operand is exprText with brackets where the operand is an operator itself.
func (w words) operand(e expr) string {
	text := w.expr(e)
	for {
		c, ok := e.(*castExpr)
		if !ok || c.try || !coercible(c.operand.typ(), c.t) {
			break
		}
		e = c.operand
	}
	if c, ok := e.(*callExpr); ok && (loose[c.op] || len(c.args) == 2 && c.over == nil && strings.ContainsAny(c.op, "=<>+-*/%|")) {
		return "(" + text + ")"
	}
	return text
}

// conditions joins conditions with AND or OR.
func (w words) conditions(list []expr, separator string) string {
	texts := make([]string, len(list))
	for i, e := range list {
		if texts[i] = w.expr(e); len(list) > 1 {
			texts[i] = w.condition(e)
		}
	}
	return strings.Join(texts, separator)
}

// condition is expr with brackets where AND or OR is outermost.
func (w words) condition(e expr) string {
	if c, ok := e.(*callExpr); ok && (c.op == opAnd || c.op == opOr) {
		return "(" + w.expr(e) + ")"
	}
	return w.expr(e)
}

func (w words) call(c *callExpr) string {
	if c.over != nil || !strings.HasPrefix(c.op, " ") {
		return w.function(c)
	}
	word := strings.ToUpper(c.op[1:])
	switch c.op {
	case opAnd, opOr:
		return w.conditions(c.args, " "+word+" ")
	case opNot:
		return w.not(c.args[0])
	case opIsNull:
		return w.operand(c.args[0]) + " IS NULL"
	case opIn:
		return w.operand(c.args[0]) + " IN (" + w.list(c.args[1:], ", ") + ")"
	case opBetween:
		return w.operand(c.args[0]) + " BETWEEN " + w.operand(c.args[1]) + " AND " + w.operand(c.args[2])
	case opLike:
		text := w.operand(c.args[0]) + " LIKE " + w.operand(c.args[1])
		if len(c.args) > 2 {
			text += " ESCAPE " + w.operand(c.args[2])
		}
		return text
	case opDistinct:
		return w.operands(c.args, " IS DISTINCT FROM ")
	case opCase, opSwitch:
		return w.caseForm(c)
	case opAtTimeZone:
		return w.operand(c.args[0]) + " AT TIME ZONE " + quoteText(c.t.Zone)
	case opNegate:
		return "-" + w.operand(c.args[0])
	case opArray:
		return "ARRAY[" + w.list(c.args, ", ") + "]"
	case opSubscript:
		return w.operand(c.args[0]) + "[" + w.expr(c.args[1]) + "]"
	case opField:
		name, _ := c.args[1].(*constExpr).value.(string)
		return w.operand(c.args[0]) + "." + nameText(name)
	}
	if len(c.args) == 2 && !isLetter(c.op[1]) {
		return w.operands(c.args, " "+word+" ")
	}
	return strings.ToLower(word) + "(" + w.list(c.args, ", ") + ")"
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func (w words) operands(list []expr, separator string) string {
	texts := make([]string, len(list))
	for i, e := range list {
		texts[i] = w.operand(e)
	}
	return strings.Join(texts, separator)
}

// not writes the usual negations the way they are written.
func (w words) not(e expr) string {
	c, ok := e.(*callExpr)
	if ok && c.over == nil {
		switch c.op {
		case opIsNull:
			return w.operand(c.args[0]) + " IS NOT NULL"
		case opIn:
			return w.operand(c.args[0]) + " NOT IN (" + w.list(c.args[1:], ", ") + ")"
		case opLike, opBetween:
			return strings.Replace(w.call(c), " "+strings.ToUpper(c.op[1:])+" ", " NOT "+strings.ToUpper(c.op[1:])+" ", 1)
		}
	}
	return "NOT " + w.operand(e)
}

func (w words) caseForm(c *callExpr) string {
	var b strings.Builder
	b.WriteString("CASE")
	args := c.args
	if c.op == opSwitch {
		b.WriteString(" " + w.expr(args[0]))
		args = args[1:]
	}
	for ; len(args) > 1; args = args[2:] {
		b.WriteString(" WHEN " + w.expr(args[0]) + " THEN " + w.expr(args[1]))
	}
	if len(args) == 1 {
		b.WriteString(" ELSE " + w.expr(args[0]))
	}
	return b.String() + " END"
}

// function writes a function with what is said about its rows.
func (w words) function(c *callExpr) string {
	var b strings.Builder
	b.WriteString(strings.TrimSpace(c.op) + "(")
	if c.distinct {
		b.WriteString("DISTINCT ")
	}
	args := c.args
	if made, ok := args0(c).(*castExpr); ok && c.over != nil && c.over.SQL == "$1" && made.t.Equal(c.t) {
		args = []expr{made.operand} // such as date(x), which is the cast alone
	}
	if b.WriteString(w.list(args, ", ")); len(c.args) == 0 && c.op == "count" {
		b.WriteString("*")
	}
	if len(c.order) > 0 {
		b.WriteString(" ORDER BY " + w.sort(c.order))
	}
	b.WriteString(")")
	if c.filter != nil {
		b.WriteString(" FILTER (WHERE " + w.expr(c.filter) + ")")
	}
	if c.ignore {
		b.WriteString(" IGNORE NULLS")
	}
	if c.window != nil {
		b.WriteString(" OVER (" + w.window(c.window) + ")")
	}
	return b.String()
}

func args0(c *callExpr) expr {
	if len(c.args) == 0 {
		return nil
	}
	return c.args[0]
}

func (w words) window(p *windowPlan) string {
	var parts []string
	if len(p.partition) > 0 {
		parts = append(parts, "PARTITION BY "+w.list(p.partition, ", "))
	}
	if len(p.order) > 0 {
		parts = append(parts, "ORDER BY "+w.sort(p.order))
	}
	if f := p.frame; f != nil {
		parts = append(parts, f.unit+" BETWEEN "+w.bound(f.start, f.startAt)+" AND "+w.bound(f.end, f.endAt))
	}
	return strings.Join(parts, " ")
}

func (w words) bound(kind string, value expr) string {
	if value == nil {
		return kind
	}
	return w.expr(value) + " " + kind
}

func (w words) sort(order []sortPlan) string {
	texts := make([]string, len(order))
	for i, o := range order {
		if texts[i] = w.expr(o.key); o.descending {
			texts[i] += " DESC"
		}
		if o.nullsFirst {
			texts[i] += " NULLS FIRST"
		}
	}
	return strings.Join(texts, ", ")
}
