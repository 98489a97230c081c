package dialect

import (
	"slices"
	"strings"
)

// This file prints expressions, with brackets only where the tree needs them.

// The levels of Trino's grammar, loosest first: an operand whose level is lower than where it stands gets brackets.
const (
	levelAny = iota
	levelOr
	levelAnd
	levelNot
	levelPredicate
	levelConcat
	levelSum
	levelProduct
	levelSign
	levelZone
	levelPrimary
)

func levelOf(n node) int {
	switch n := n.(type) {
	case *lambdaNode:
		return levelAny
	case *logicalNode:
		if n.op == "OR" {
			return levelOr
		}
		return levelAnd
	case *notNode:
		return levelNot
	case *isNullNode, *distinctFromNode, *betweenNode, *inNode, *likeNode, *quantifiedNode:
		return levelPredicate
	case *operatorNode:
		return operatorLevel(n.op)
	case *negateNode, *plusNode:
		return levelSign
	case *zoneNode:
		return levelZone
	}
	return levelPrimary
}

func operatorLevel(op string) int {
	switch op {
	case "||":
		return levelConcat
	case "+", "-":
		return levelSum
	case "*", "/", "%":
		return levelProduct
	}
	return levelPredicate
}

// operand prints n where only expressions of a level or above may stand.
func (f *formatter) operand(n node, level int) doc {
	if levelOf(n) >= level || f.message {
		return f.expr(n)
	}
	inner := f.expr(n)
	if l, ok := n.(*logicalNode); ok {
		inner = f.terms(l)
	}
	return cat(str("("), indent(soft, inner), soft, str(")")).group()
}

func (f *formatter) exprs(list []node) []doc {
	docs := make([]doc, len(list))
	for i, n := range list {
		docs[i] = f.expr(n)
	}
	return docs
}

func (f *formatter) expr(n node) doc {
	if f.message {
		return f.quoted(n)
	}
	return f.plain(n)
}

func (f *formatter) plain(n node) doc {
	switch n := n.(type) {
	case *operatorNode:
		return f.operator(n).group()
	case *logicalNode:
		return indent(f.terms(n)).broken(f.commentedTerms(n))
	case *notNode:
		return cat(str("NOT "), f.operand(n.operand, levelNot))
	case *negateNode:
		if _, sign := n.operand.(*negateNode); sign { // -- would begin a comment
			return cat(str("-("), f.expr(n.operand), str(")"))
		}
		return cat(str("-"), f.operand(n.operand, levelSign))
	case *plusNode:
		return cat(str("+"), f.operand(n.operand, levelSign))
	case *callNode:
		return f.call(n)
	case *caseNode:
		return f.caseForm(n)
	case *castNode:
		word := "CAST("
		if n.try {
			word = "TRY_CAST("
		}
		return cat(str(word), f.expr(n.operand), str(" AS "+n.target.sql(f.message)+")"))
	case *subqueryNode:
		return f.inBrackets(n.query, false)
	case *existsNode:
		return cat(str("EXISTS "), f.inBrackets(n.query, false))
	case *arrayNode:
		return f.list("ARRAY[", n.items, "]")
	case *rowNode:
		return f.list("ROW(", n.items, ")")
	case *subscriptNode:
		return cat(f.operand(n.base, levelPrimary), str("["), f.operand(n.index, levelConcat), str("]"))
	case *fieldNode:
		return f.field(n)
	case *lambdaNode:
		return f.lambda(n)
	case *zoneNode:
		return cat(f.operand(n.operand, levelZone), str(" AT TIME ZONE "), f.expr(n.zone))
	case *extractNode:
		return cat(str("EXTRACT("+n.fieldText()+" FROM "), f.operand(n.operand, levelConcat), str(")"))
	case *jsonPathNode:
		return f.jsonPath(n)
	case *jsonObjectNode:
		return f.jsonObject(n)
	case *jsonArrayNode:
		return f.jsonArray(n)
	}
	if levelOf(n) == levelPredicate {
		return f.predicate(n)
	}
	return str(literalText(n))
}

func (n *extractNode) fieldText() string {
	if plainName(n.field) {
		return n.field
	}
	return quoteName(n.field)
}

// list prints items in brackets, broken where comments stand between them.
func (f *formatter) list(open string, items []node, shut string) doc {
	broken := len(items) > 1 && f.commented(items[0].offset(), items[len(items)-1].offset())
	return f.brackets(open, f.exprs(items), shut, broken)
}

// literalText prints the nodes that are one word or a few.
func literalText(n node) string {
	switch n := n.(type) {
	case *nameNode:
		return dottedNames(n.parts)
	case *numberNode:
		return n.text
	case *stringNode:
		return quoteText(n.value)
	case *binaryNode:
		return "X" + quoteText(n.value)
	case *boolNode:
		if n.value {
			return "TRUE"
		}
		return "FALSE"
	case *typedNode:
		if plainName(n.typeName) && n.typeName != "interval" {
			return strings.ToUpper(n.typeName) + " " + quoteText(n.value)
		}
		return quoteName(n.typeName) + " " + quoteText(n.value)
	case *intervalNode:
		s := "INTERVAL "
		if n.negative {
			s += "-"
		}
		s += quoteText(n.value) + " " + n.from
		if n.to != "" {
			s += " TO " + n.to
		}
		return s
	case *parameterNode:
		return "?"
	}
	return "NULL"
}

// operator prints a binary operator and, ungrouped, the chain on its left, so that a chain is broken as a whole.
func (f *formatter) operator(n *operatorNode) doc {
	level := operatorLevel(n.op)
	if level == levelPredicate {
		return cat(f.operand(n.left, levelConcat), str(" "+n.op+" "), f.operand(n.right, levelConcat))
	}
	left := f.operand(n.left, level)
	if l, ok := n.left.(*operatorNode); ok && operatorLevel(l.op) == level {
		left = f.operator(l)
	}
	return cat(left, indent(brk, str(n.op+" "), f.operand(n.right, level+1)))
}

// terms prints what AND or OR joins.
func (f *formatter) terms(n *logicalNode) doc {
	level := levelNot
	if n.op == "OR" {
		level = levelAnd
	}
	var parts []doc
	for i, term := range n.terms {
		if i > 0 {
			parts = append(parts, brk, str(n.op+" "))
		}
		parts = append(parts, f.operand(term, level))
	}
	return cat(parts...)
}

func (f *formatter) predicate(n node) doc {
	not := func(is bool) string {
		if is {
			return " NOT"
		}
		return ""
	}
	value := func(n node) doc { return f.operand(n, levelConcat) }
	switch n := n.(type) {
	case *isNullNode:
		return cat(value(n.operand), str(" IS"+not(n.not)+" NULL"))
	case *distinctFromNode:
		return cat(value(n.left), str(" IS"+not(n.not)+" DISTINCT FROM "), value(n.right))
	case *betweenNode:
		return cat(value(n.operand), str(not(n.not)+" BETWEEN "), value(n.low), str(" AND "), value(n.high))
	case *likeNode:
		d := cat(value(n.operand), str(not(n.not)+" LIKE "), value(n.pattern))
		if n.escape != nil {
			return cat(d, str(" ESCAPE "), value(n.escape))
		}
		return d
	case *quantifiedNode:
		return cat(value(n.operand), str(" "+n.op+" "+n.quantifier+" "), f.inBrackets(n.query, false))
	case *inNode:
		d := cat(value(n.operand), str(not(n.not)+" IN "))
		if n.query != nil {
			return cat(d, f.inBrackets(n.query, false))
		}
		return cat(d, f.list("(", n.list, ")"))
	}
	return str("")
}

func (f *formatter) caseForm(n *caseNode) doc {
	d := str("CASE")
	if n.operand != nil {
		d = cat(str("CASE "), f.expr(n.operand))
	}
	var parts []doc
	for _, w := range n.whens {
		parts = append(parts, brk, str("WHEN "), f.expr(w.condition), str(" THEN "), f.expr(w.result))
	}
	if n.fallback != nil {
		parts = append(parts, brk, str("ELSE "), f.expr(n.fallback))
	}
	last := n.whens[len(n.whens)-1].condition
	return cat(d, indent(parts...), brk, str("END")).broken(f.commented(int32(n.at), last.offset()))
}

func (f *formatter) field(n *fieldNode) doc {
	base := f.operand(n.base, levelPrimary)
	switch n.base.(type) {
	case *nameNode, *numberNode: // a.b would be one name, 1.b no number
		base = cat(str("("), base, str(")"))
	}
	return cat(base, str("."+nameSQL(n.field)))
}

func (f *formatter) lambda(n *lambdaNode) doc {
	params := strings.TrimPrefix(namesSQL(n.params), " ")
	switch len(n.params) {
	case 0:
		params = "()"
	case 1:
		params = nameSQL(n.params[0])
	}
	return cat(str(params+" -> "), f.expr(n.body))
}

// quotedCalls are names of functions that mean something else without quotes.
var quotedCalls = []string{"all", "any", "some", "row", "position", "try_cast"}

// form tells whether a call is one of the forms whose name is a reserved word.
func (n *callNode) form() bool {
	if n.bare {
		return true
	}
	plain := !n.star && !n.distinct && n.order == nil && n.filter == nil && n.window == nil && len(n.qualifier) == 0
	switch n.name {
	case "listagg":
		return n.within != nil
	case "trim":
		return plain && (len(n.args) == 1 || len(n.args) == 2) && !slices.ContainsFunc(n.args, func(a node) bool { return levelOf(a) < levelConcat })
	case "grouping":
		return plain && !slices.ContainsFunc(n.args, func(a node) bool { _, ok := a.(*nameNode); return !ok })
	case "normalize":
		if plain && len(n.args) == 2 && levelOf(n.args[0]) >= levelConcat {
			s, ok := n.args[1].(*stringNode)
			return ok && normalForms[s.value]
		}
	}
	return false
}

func (f *formatter) call(n *callNode) doc {
	head := n.name
	switch {
	case n.bare && len(n.args) == 0:
		return str(strings.ToUpper(n.name))
	case n.form() && n.name == "normalize":
		return cat(str("NORMALIZE("), f.expr(n.args[0]), str(", "+n.args[1].(*stringNode).value+")"))
	case n.form():
		head = strings.ToUpper(n.name)
		if n.name == "trim" {
			head = n.name
		}
	case !plainName(n.name) || len(n.qualifier) == 0 && slices.Contains(quotedCalls, n.name):
		head = quoteName(n.name)
	}
	if len(n.qualifier) > 0 {
		head = dottedNames(n.qualifier) + "." + head
	}
	d := cat(str(head), f.arguments(n))
	if n.within != nil {
		d = cat(d, str(" WITHIN GROUP ("), f.orderBy(n.within), str(")"))
	}
	if n.filter != nil {
		d = cat(d, str(" FILTER (WHERE "), f.expr(n.filter), str(")"))
	}
	switch {
	case n.ignore:
		d = cat(d, str(" IGNORE NULLS"))
	case n.respect:
		d = cat(d, str(" RESPECT NULLS"))
	}
	if n.window != nil {
		d = cat(d, str(" OVER "), f.window(n.window))
	}
	return d
}

func (f *formatter) arguments(n *callNode) doc {
	if n.star {
		return str("(*)")
	}
	open := "("
	if n.distinct {
		open = "(DISTINCT "
	}
	if len(n.order) == 0 && n.overflow == nil {
		return f.list(open, n.args, ")")
	}
	inner := listed(f.exprs(n.args))
	if len(n.order) > 0 {
		if len(n.args) > 0 {
			inner = cat(inner, brk)
		}
		inner = cat(inner, f.orderBy(n.order))
	}
	if o := n.overflow; o != nil {
		inner = cat(inner, brk, str("ON OVERFLOW "+overflowText(o)))
	}
	return cat(str(open), indent(soft, inner), soft, str(")")).group()
}

func overflowText(o *overflowNode) string {
	if !o.truncate {
		return "ERROR"
	}
	s := "TRUNCATE "
	if o.filler != nil {
		s += literalText(o.filler) + " "
	}
	if o.count {
		return s + "WITH COUNT"
	}
	return s + "WITHOUT COUNT"
}
