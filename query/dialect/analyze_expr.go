package dialect

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

func (a *analyzer) exprs(s *scope, nodes []node) ([]expr, error) {
	list := make([]expr, len(nodes))
	for i, n := range nodes {
		e, err := a.expr(s, n)
		if err != nil {
			return nil, err
		}
		list[i] = e
	}
	return list, nil
}

// expr analyses one expression.
func (a *analyzer) expr(s *scope, n node) (expr, error) {
	switch n := n.(type) {
	case *nameNode:
		return a.resolve(s, n)
	case *numberNode, *stringNode, *binaryNode, *boolNode, *nullNode, *typedNode, *intervalNode:
		return a.literal(n)
	case *parameterNode:
		return a.parameter(n)
	case *operatorNode:
		return a.operator(s, n)
	case *negateNode:
		return a.negate(s, n)
	case *logicalNode:
		return a.logical(s, n)
	case *notNode:
		e, err := a.boolean(s, n.operand, "Value of logical NOT expression must evaluate to a boolean (actual: %s)")
		return not(e), err
	case *isNullNode:
		e, err := a.expr(s, n.operand)
		return inverted(n.not, test(opIsNull, e)), err
	case *distinctFromNode:
		return a.distinctFrom(s, n)
	case *betweenNode:
		return a.between(s, n)
	case *inNode:
		return a.in(s, n)
	case *likeNode:
		return a.like(s, n)
	case *callNode:
		return a.call(s, n)
	case *castNode:
		return a.cast(s, n)
	case *caseNode:
		return a.caseForm(s, n)
	}
	return a.otherExpr(s, n)
}

func (a *analyzer) otherExpr(s *scope, n node) (expr, error) {
	switch n := n.(type) {
	case *lambdaNode:
		return nil, a.errorf(CodeTypeMismatch, n, "Lambda expression should always be used inside a function")
	case *existsNode:
		return a.exists(s, n)
	case *quantifiedNode:
		return a.quantified(s, n)
	case *subqueryNode:
		return a.subquery(s, n)
	case *plusNode:
		e, err := a.expr(s, n.operand)
		if err == nil && !e.typ().numeric() {
			err = a.errorf(CodeTypeMismatch, n, "Unary '+' operator cannot by applied to %s type", e.typ())
		}
		return e, err
	case *extractNode:
		return a.extract(s, n)
	case *zoneNode:
		return a.atTimeZone(s, n)
	case *fieldNode:
		base, err := a.expr(s, n.base)
		if err != nil {
			return nil, err
		}
		return a.fieldOf(n, base, render((&formatter{}).expr(n.base), 0), n.field)
	case *rowNode:
		return a.row(s, n)
	case *subscriptNode:
		return a.subscript(s, n)
	case *jsonPathNode:
		return a.jsonPath(s, n)
	case *jsonObjectNode:
		return a.jsonObject(s, n)
	case *jsonArrayNode:
		return a.jsonArray(s, n)
	case *arrayNode:
		items, err := a.exprs(s, n.items)
		if err != nil {
			return nil, err
		}
		t, err := a.unify(items, n.items, "All ARRAY elements")
		return &callExpr{op: opArray, args: items, t: arrayOf(t)}, err
	}
	return nil, a.unsupported(n, nameOfNode(n))
}

// nameOfNode names an expression that is read but not analysed.
func nameOfNode(n node) string {
	switch n.(type) {
	case *lambdaNode:
		return "lambda expressions"
	case *quantifiedNode:
		return "quantified comparisons"
	}
	return "such expressions"
}

// test makes a boolean expression.
func test(op string, args ...expr) expr {
	for i, e := range args { // no predicate asks for a zone
		args[i] = asInstant(e)
	}
	return &callExpr{op: op, args: args, t: simple(KindBoolean)}
}

func not(e expr) expr { return test(opNot, e) }

func inverted(invert bool, e expr) expr {
	if invert {
		return not(e)
	}
	return e
}

// boolean analyses an expression that must be true, false or NULL; text has one verb for the type found.
func (a *analyzer) boolean(s *scope, n node, text string) (expr, error) {
	e, err := a.expr(s, n)
	if err != nil {
		return nil, err
	}
	if k := e.typ().Kind; k != KindBoolean && k != KindUnknown {
		return nil, a.errorf(CodeTypeMismatch, n, text, e.typ())
	}
	return cast(e, simple(KindBoolean)), nil
}

// predicate analyses the condition of a clause that comes before grouping.
func (a *analyzer) predicate(s *scope, n node, clause string) (expr, error) {
	what := clause
	if clause == "JOIN clause" {
		what = "JOIN ON clause"
	}
	e, err := a.boolean(s, n, what+" must evaluate to a boolean: actual type %s")
	if err == nil && (hasAggregate(e) || hasWindow(e)) {
		err = a.notScalar(n, e, clause)
	}
	return e, err
}

func (a *analyzer) logical(s *scope, n *logicalNode) (expr, error) {
	op := opAnd
	if n.op == "OR" {
		op = opOr
	}
	c := &callExpr{op: op, t: simple(KindBoolean)}
	for _, term := range n.terms {
		e, err := a.boolean(s, term, "Logical expression term must evaluate to a boolean (actual: %s)")
		if err != nil {
			return nil, err
		}
		c.args = append(c.args, e)
	}
	return c, nil
}

var comparisons = map[string]string{"=": opEqual, "<>": opNotEqual, "<": opLess, "<=": opLessEq, ">": opGreater, ">=": opGreaterEq}

func (a *analyzer) operator(s *scope, n *operatorNode) (expr, error) {
	left, err := a.expr(s, n.left)
	if err != nil {
		return nil, err
	}
	right, err := a.expr(s, n.right)
	if err != nil {
		return nil, err
	}
	if op, ok := comparisons[n.op]; ok {
		t, ok := comparison(left.typ(), right.typ())
		if !ok || n.op != "=" && n.op != "<>" && !t.orderable() {
			return nil, a.mismatch(n, left, right)
		}
		return test(op, cast(left, t), cast(right, t)), nil
	}
	if n.op == "||" {
		return a.concatenation(n, left, right)
	}
	return a.arithmetic(n, left, right)
}

// mismatch is the error for an operator between types that it does not take, with what to write instead.
func (a *analyzer) mismatch(n *operatorNode, left, right expr) error {
	l, r := left.typ(), right.typ()
	e := a.errorf(CodeTypeMismatch, n, "Cannot apply operator: %s %s %s", l, n.op, r)
	if k, ok := right.(*constExpr); ok && comparisons[n.op] != "" && l.Kind == KindVarchar && r.integral() && k.value != nil {
		e.Hint = fmt.Sprintf("write the text in quotes: '%d'", k.value)
	} else if r.Kind == KindVarchar {
		e.Hint = correction(l, right)
	} else if l.Kind == KindVarchar {
		e.Hint = correction(r, left)
	}
	return e
}

// correction says how to write a text that is compared with a value of type t.
func correction(t Type, text expr) string {
	c, ok := text.(*constExpr)
	if !ok {
		return "cast one side to the type of the other"
	}
	v, _ := c.value.(string)
	switch {
	case t.Kind == KindTimestamp || t.Kind == KindTimestampTZ:
		return "write timestamp " + quoteText(strings.TrimSuffix(strings.Replace(v, "T", " ", 1), "Z"))
	case t.Kind == KindDate:
		return "write date " + quoteText(v)
	case t.numeric() && numberLike(v):
		return "write the number without quotes: " + v
	case t.Kind == KindBoolean:
		return "write true or false without quotes"
	}
	return "cast one side to the type of the other"
}

func numberLike(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) && s[i] != '.' && !(i == 0 && s[i] == '-') {
			return false
		}
	}
	return s != ""
}

func (a *analyzer) distinctFrom(s *scope, n *distinctFromNode) (expr, error) {
	list, err := a.exprs(s, []node{n.left, n.right})
	if err != nil {
		return nil, err
	}
	t, ok := comparison(list[0].typ(), list[1].typ())
	if !ok {
		return nil, a.errorf(CodeTypeMismatch, n, "Cannot apply operator: %s IS DISTINCT FROM %s", list[0].typ(), list[1].typ())
	}
	return inverted(n.not, test(opDistinct, cast(list[0], t), cast(list[1], t))), nil
}

func (a *analyzer) between(s *scope, n *betweenNode) (expr, error) {
	list, err := a.exprs(s, []node{n.operand, n.low, n.high})
	if err != nil {
		return nil, err
	}
	t, ok := comparison(list[0].typ(), list[1].typ())
	if ok {
		t, ok = comparison(t, list[2].typ())
	}
	if !ok || !t.orderable() {
		e := a.errorf(CodeTypeMismatch, n, "Cannot check if %s is BETWEEN %s and %s", list[0].typ(), list[1].typ(), list[2].typ())
		if list[1].typ().Kind == KindVarchar {
			e.Hint = correction(list[0].typ(), list[1])
		}
		return nil, e
	}
	return inverted(n.not, test(opBetween, cast(list[0], t), cast(list[1], t), cast(list[2], t))), nil
}

func (a *analyzer) in(s *scope, n *inNode) (expr, error) {
	operand, err := a.expr(s, n.operand)
	if err != nil {
		return nil, err
	}
	if n.query != nil {
		return a.inQuery(s, n, operand)
	}
	items, err := a.exprs(s, n.list)
	if err != nil {
		return nil, err
	}
	list := append([]expr{operand}, items...)
	t, err := a.unify(list, append([]node{n.operand}, n.list...), "IN value and list items")
	if err != nil {
		return nil, err
	}
	if !t.comparable() {
		return nil, a.errorf(CodeTypeMismatch, n, "Type %s is not comparable, and therefore cannot be used in IN", t)
	}
	return inverted(n.not, test(opIn, list...)), nil
}

func (a *analyzer) like(s *scope, n *likeNode) (expr, error) {
	nodes := []node{n.operand, n.pattern}
	roles := [...]string{"Left side of LIKE expression", "Pattern for LIKE expression", "Escape for LIKE expression"}
	if n.escape != nil {
		nodes = append(nodes, n.escape)
	}
	list, err := a.exprs(s, nodes)
	if err != nil {
		return nil, err
	}
	for i, e := range list {
		if !coercible(e.typ(), varchar()) && (i > 0 || e.typ().Kind != KindChar) {
			return nil, a.errorf(CodeTypeMismatch, nodes[i], "%s must evaluate to a varchar (actual: %s)", roles[i], e.typ())
		}
		list[i] = cast(e, varchar())
	}
	if n.escape != nil {
		if c, ok := list[2].(*constExpr); ok {
			if err := escapes(c, list[1]); err != nil {
				return nil, err
			}
		}
	}
	return inverted(n.not, test(opLike, list...)), nil
}

// escapes holds the escape of LIKE to one character, and a constant pattern to escaping only what can be escaped.
func escapes(escape *constExpr, pattern expr) error {
	text, ok := escape.value.(string)
	if !ok {
		return nil
	}
	if utf8.RuneCountInString(text) != 1 {
		return &Error{Code: CodeFunctionArgument, Message: "Escape string must be a single character"}
	}
	c, ok := pattern.(*constExpr)
	if !ok {
		return nil
	}
	rest, _ := c.value.(string)
	for {
		_, after, found := strings.Cut(rest, text)
		if !found {
			return nil
		}
		if !strings.HasPrefix(after, "%") && !strings.HasPrefix(after, "_") && !strings.HasPrefix(after, text) {
			return &Error{Code: CodeFunctionArgument, Message: "Escape character must be followed by '%', '_' or the escape character itself"}
		}
		_, size := utf8.DecodeRuneInString(after)
		rest = after[size:]
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func (a *analyzer) caseForm(s *scope, n *caseNode) (expr, error) {
	c := &callExpr{op: opCase}
	var operand expr
	var err error
	first := 0
	if n.operand != nil {
		if operand, err = a.expr(s, n.operand); err != nil {
			return nil, err
		}
		if volatile(operand) {
			return nil, a.unsupported(n.operand, "random values as the operand of CASE")
		}
		c.op, c.args, first = opSwitch, []expr{operand}, 1
	}
	var results []expr
	var nodes []node
	for _, w := range n.whens {
		var condition expr
		if operand == nil {
			condition, err = a.boolean(s, w.condition, "CASE WHEN clause must evaluate to a boolean (actual: %s)")
		} else {
			condition, err = a.caseTest(s, operand, w.condition)
		}
		if err != nil {
			return nil, err
		}
		result, err := a.expr(s, w.result)
		if err != nil {
			return nil, err
		}
		c.args = append(c.args, condition, nil)
		results, nodes = append(results, result), append(nodes, w.result)
	}
	if n.fallback != nil {
		e, err := a.expr(s, n.fallback)
		if err != nil {
			return nil, err
		}
		results, nodes = append(results, e), append(nodes, n.fallback)
		c.args = append(c.args, nil)
	}
	if c.t, err = a.unify(results, nodes, "All CASE results"); err != nil {
		return nil, err
	}
	for i := range n.whens {
		c.args[first+2*i+1] = results[i]
	}
	if n.fallback != nil {
		c.args[len(c.args)-1] = results[len(results)-1]
	}
	return c, nil
}

func (a *analyzer) caseTest(s *scope, operand expr, n node) (expr, error) {
	value, err := a.expr(s, n)
	if err != nil {
		return nil, err
	}
	if _, ok := comparison(operand.typ(), value.typ()); !ok {
		e := a.errorf(CodeTypeMismatch, n, "CASE operand type does not match WHEN clause operand type: %s vs %s", operand.typ(), value.typ())
		e.Hint = correction(operand.typ(), value)
		return nil, e
	}
	return value, nil
}

// equality is a = b in the type that both are compared in.
func equality(a, b expr) expr {
	t, _ := comparison(a.typ(), b.typ())
	return test(opEqual, cast(a, t), cast(b, t))
}

func (a *analyzer) subqueryInLambda(n node) error {
	return a.errorf(CodeNotSupported, n, "Lambda expression cannot contain subqueries")
}
