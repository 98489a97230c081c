package dialect

import (
	"slices"
	"strings"
)

// call analyses a call: the special forms that look like one, then the functions of the registry.
func (a *analyzer) call(s *scope, n *callNode) (expr, error) {
	if err := a.refuseCall(n); err != nil {
		return nil, err
	}
	if n.name == "grouping" {
		return a.groupingCall(s, n)
	}
	if n.window == nil && aggregates(n.name) {
		a.aggregating++
		defer func() { a.aggregating-- }()
	}
	if n.star && n.name == "count" {
		return a.decorate(s, n, a.countRows())
	}
	plain := !n.distinct && n.filter == nil && n.window == nil && len(n.order) == 0
	if form := specialForm(n.name); form != nil && plain {
		args, err := a.exprs(s, n.args)
		if err != nil {
			return nil, err
		}
		return form(&rewriting{a: a, node: n, args: args})
	}
	if n.name == "listagg" {
		n = listaggCall(n)
	}
	args, err := a.arguments(s, n.args)
	if err != nil {
		return nil, err
	}
	if n.name == "listagg" && args[0].typ().Kind != KindVarchar && args[0].typ().Kind != KindUnknown {
		return nil, a.errorf(CodeTypeMismatch, n, "Expected expression of varchar, but '%s' has %s type", render((&formatter{}).expr(n.args[0]), 0), args[0].typ())
	}
	result, ok := charFunctions[n.name]
	if ok = ok && len(args) > 0 && args[0].typ().Kind == KindChar; ok {
		if result.Precision = args[0].typ().Precision; result.Kind == KindUnknown {
			ok = false
		}
		args[0] = cast(args[0], Type{Kind: KindVarchar, Precision: args[0].typ().Precision})
	}
	call, err := a.function(n, args)
	if err != nil {
		return nil, err
	}
	e, err := a.decorate(s, n, call)
	if err == nil && ok {
		e = cast(e, result)
	}
	return e, err
}

// charFunctions are the functions of texts that take char too, with its blanks, and the kind of their result where it is
// as long as the argument. No other function does: char is not taken where varchar is wanted.
var charFunctions = map[string]Type{"lower": {Kind: KindChar}, "upper": {Kind: KindChar}, "reverse": {Kind: KindChar}, "length": {}, "lpad": {}, "substr": {},
	"substring": {}, "to_utf8": {}}

// TakesChar tells whether a function of varchar takes char as well.
func TakesChar(name string) bool {
	_, ok := charFunctions[name]
	return ok
}

// refuseCall names what is read but not analysed, and functions of other catalogs: there are none.
func (a *analyzer) refuseCall(n *callNode) error {
	if q := n.qualifier; len(q) > 0 && !(len(q) == 2 && strings.EqualFold(q[0].text, "system") && strings.EqualFold(q[1].text, "builtin")) {
		return a.errorf(CodeFunctionNotFound, n, "Function '%s.%s' not registered", strings.ToLower(dottedText(q)), n.name)
	}
	switch {
	case n.bare && specialForm(n.name) == nil:
		return a.unsupported(n, strings.ToUpper(n.name)+" expressions")
	}
	return nil
}

// aggregates tells whether a function is an aggregate.
func aggregates(name string) bool {
	f := functions()[name]
	return f != nil && f.Aggregate
}

func (a *analyzer) countRows() *callExpr {
	f := functions()["count"]
	return &callExpr{op: "count", over: &f.Overloads[0], t: simple(KindBigInt), aggregate: true}
}

// arguments analyses the arguments of a function; lambdas wait until the function's signature tells their parameters.
func (a *analyzer) arguments(s *scope, nodes []node) ([]expr, error) {
	list := make([]expr, len(nodes))
	for i, n := range nodes {
		if l, ok := n.(*lambdaNode); ok {
			list[i] = &lambdaArgument{a: a, scope: s, node: l, done: map[string]*lambdaExpr{}}
			continue
		}
		e, err := a.expr(s, n)
		if err != nil {
			return nil, err
		}
		list[i] = e
	}
	return list, nil
}

// function finds the overload that takes the arguments and makes the call.
func (a *analyzer) function(n *callNode, args []expr) (*callExpr, error) {
	f, ok := functions()[n.name]
	if !ok {
		return nil, a.unknownFunction(n)
	}
	chosen, err := a.choose(n, f, args)
	if err != nil {
		return nil, err
	}
	best := chosen.over
	call := &rewriting{a: a, node: n, args: slices.Clone(args), result: chosen.result, over: best}
	for i, t := range chosen.params {
		if l, ok := args[i].(*lambdaArgument); ok {
			if call.args[i], err = l.bound(t); err != nil {
				return nil, err
			}
			continue
		}
		call.args[i] = cast(args[i], t)
		if t.Zone == zoneOfValue && best.instant {
			if !instantAlone[n.name] {
				return nil, a.unsupported(n, n.name+" of times that have zones of their own: such calls").withHint("write AT TIME ZONE behind the time")
			}
			call.args[i] = cast(call.args[i], withoutZone(t))
			continue
		}
		if t.Zone != "" && best.param(i).kind == KindTimestampTZ && !best.instant {
			if chosen.result.Kind == KindTimestampTZ {
				return nil, a.unsupported(n, n.name+" of times that are shown in another zone than UTC: such calls")
			}
			call.args[i] = &castExpr{operand: call.args[i], t: Type{Kind: KindTimestamp, Precision: t.Precision}}
		}
	}
	if best.rewrite != nil {
		if err := best.rewrite(call); err != nil && (f.Aggregate || f.Window || !call.later(err)) {
			return nil, err
		}
	}
	for i, e := range call.args {
		if volatile(e) && !call.over.binds(e) && call.over.uses(i) > 1 {
			return nil, a.unsupported(n.args[i], "random values as such arguments")
		}
	}
	made := &callExpr{op: n.name, over: call.over, args: call.args, t: call.result, aggregate: f.Aggregate, volatile: f.Volatile}
	if i := slices.IndexFunc(args, isLambda); i >= 0 && !f.Aggregate && args[i].(*lambdaArgument).scope.inSubquery() {
		return a.withoutColumns(made), nil
	}
	return made, nil
}

// instantAlone are the functions of instants to which the zone of a time means nothing.
var instantAlone = map[string]bool{"to_unixtime": true, "at_timezone": true}

// volatile tells whether e may give another value each time. Such an expression must not be printed twice.
func volatile(e expr) bool {
	found := false
	walk(e, func(e expr) {
		if c, ok := e.(*callExpr); ok && c.volatile {
			found = true
		}
	})
	return found
}

// unknownFunction tells functions that Trino has, and that are not built, from names that are nothing.
func (a *analyzer) unknownFunction(n *callNode) error {
	if r, ok := Refused()[n.name]; ok {
		e := a.errorf(CodeNotSupported, n, "Function '%s' is not supported", n.name)
		if e.Hint = r.Why; r.Instead != "" {
			e.Hint += "; the nearest is " + r.Instead
		}
		return e
	}
	e := a.errorf(CodeFunctionNotFound, n, "Function '%s' not registered", n.name)
	if other, ok := foreignFunctions[n.name]; ok {
		e.Hint = "write " + other
	}
	return e
}

// unexpectedParameters is Trino's error for a known function with arguments that no signature takes.
func (a *analyzer) unexpectedParameters(n *callNode, f *Function, args []expr) error {
	var expected []string
	for i := range f.Overloads {
		expected = append(expected, f.Overloads[i].text(f.Name))
	}
	slices.Sort(expected)
	given := make([]string, len(args))
	for i, e := range args {
		if given[i] = e.typ().signature(); isLambda(e) {
			given[i] = "<function>"
		}
	}
	return a.errorf(CodeFunctionNotFound, n, "Unexpected parameters (%s) for function %s. Expected: %s",
		strings.Join(given, ", "), n.name, strings.Join(slices.Compact(expected), ", "))
}

// ambiguousCall is Trino's error for a call that several signatures take alike.
func (a *analyzer) ambiguousCall(n *callNode, found []*candidate) error {
	text := "Could not choose a best candidate operator. Explicit type casts must be added.\nCandidates are:\n"
	for _, c := range found {
		params := make([]string, len(c.params))
		for i, t := range c.params {
			params[i] = t.signature()
		}
		text += "\t * (" + strings.Join(params, ",") + "):" + c.result.signature() + "\n"
	}
	return a.errorf(CodeAmbiguousCall, n, "%s", text)
}

// aggregation notes an aggregation for the query that it makes groups of. The call may be lost later: typeof(max(x)) is a
// constant, and yet one row of all.
func (a *analyzer) aggregation(s *scope, n *callNode, c *callExpr) error {
	for _, arg := range c.args {
		switch {
		case hasWindow(arg):
			return a.errorf(CodeNestedWindow, n, "Cannot nest window functions or row pattern measures inside aggregation '%s': %s", n.name, aggregationsIn(arg))
		case hasAggregate(arg):
			return a.errorf(CodeNestedAggregation, n, "Cannot nest aggregations inside aggregation '%s': %s", n.name, aggregationsIn(arg))
		}
	}
	if s != nil && s.owner != nil {
		s.owner.aggregate = true
	}
	return nil
}

// decorate adds DISTINCT, ORDER BY, FILTER and OVER to a call.
func (a *analyzer) decorate(s *scope, n *callNode, c *callExpr) (expr, error) {
	f := functions()[c.op]
	if l := s.inLambda(); l != nil && (c.aggregate || n.window != nil) {
		l.aggregations = append(l.aggregations, n)
		return c, nil
	}
	if !c.aggregate && n.window == nil {
		switch {
		case f.Window:
			return nil, a.errorf("MISSING_OVER", n, "Window function system.builtin.%s requires an OVER clause", n.name)
		case n.distinct:
			return nil, a.errorf("FUNCTION_NOT_AGGREGATE", n, "DISTINCT is not supported for non-aggregation functions")
		case n.filter != nil:
			return nil, a.errorf("FUNCTION_NOT_AGGREGATE", n, "Filter is only valid for aggregation functions")
		case len(n.order) > 0:
			return nil, a.errorf("FUNCTION_NOT_AGGREGATE", n, "ORDER BY is only valid for aggregation functions")
		}
		return c, nil
	}
	if n.window != nil && !c.aggregate && !f.Window {
		return nil, a.errorf("FUNCTION_NOT_WINDOW", selectOf(s, n), "Not a window function: %s", n.name)
	}
	if n.window == nil {
		if err := a.aggregation(s, n, c); err != nil {
			return nil, err
		}
	}
	c.distinct, c.ignore, c.written = n.distinct, n.ignore, n
	for _, o := range n.order {
		item, err := a.sortKey(s, n, o)
		if err != nil {
			return nil, err
		}
		if n.distinct && !isArgument(c, item.key) {
			return nil, a.errorf(CodeNotDistinctOrderBy, o.key, "For aggregate function with DISTINCT, ORDER BY expressions must appear in arguments")
		}
		c.order = append(c.order, item)
	}
	if n.filter != nil {
		var err error
		if c.filter, err = a.boolean(s, n.filter, "Filter expression must evaluate to a boolean (actual: %s)"); err != nil {
			return nil, err
		}
	}
	for _, e := range append([]expr{c.filter}, keysOf(c.order)...) {
		if hasAggregate(e) || hasWindow(e) {
			return nil, a.unsupported(n, "aggregations and window functions in FILTER and ORDER BY of aggregations")
		}
	}
	if c.distinct && !strings.Contains(c.over.SQL, "$D") {
		if !c.over.idempotent {
			return nil, a.unsupported(n, "DISTINCT in "+n.name)
		}
		c.distinct = false
	}
	if (c.distinct || len(c.order) > 0 || c.filter != nil) && !strings.Contains(c.over.SQL, "$F") {
		return nil, a.unsupported(n, "DISTINCT, ORDER BY and FILTER in "+n.name)
	}
	if n.window != nil {
		return c, a.window(s, n, c)
	}
	return c, nil
}

// isArgument tells whether an aggregate takes e, be it as another type.
func isArgument(c *callExpr, e expr) bool {
	return slices.ContainsFunc(c.args, func(arg expr) bool {
		if t, ok := arg.(*castExpr); ok && same(t.operand, e) {
			return true
		}
		return same(arg, e)
	})
}

func (a *analyzer) sortKey(s *scope, n *callNode, o sortNode) (sortPlan, error) {
	e, err := a.expr(s, o.key)
	if err == nil && !e.typ().orderable() {
		err = a.errorf(CodeTypeMismatch, n, "ORDER BY can only be applied to orderable types (actual: %s)", e.typ())
	}
	if err == nil {
		err = a.knownOrder(o, e)
	}
	item := sortPlan{key: e, descending: o.descending, nullsFirst: o.nulls == "FIRST"}
	if err == nil && n.distinct && item.nanFirst() {
		err = a.unsupported(o.key, "NULLS FIRST of floating-point numbers in an aggregate with DISTINCT")
	}
	return item, err
}

// knownOrder refuses the one order that can't be printed: that of NaN within arrays and rows, which moves with NULLS FIRST.
func (a *analyzer) knownOrder(o sortNode, key expr) error {
	if t := key.typ(); o.nulls == "FIRST" && len(t.Fields) > 0 && t.has(floating) {
		return a.unsupported(o.key, "NULLS FIRST of arrays and rows with floating-point numbers")
	}
	return nil
}

func keysOf(order []sortPlan) []expr {
	list := make([]expr, len(order))
	for i, o := range order {
		list[i] = o.key
	}
	return list
}
