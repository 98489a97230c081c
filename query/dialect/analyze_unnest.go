package dialect

import (
	"math"
	"strconv"
	"strings"
)

// This file analyses the relations that are neither tables nor queries: UNNEST, TABLESAMPLE, TABLE(sequence(…)).

// unnest makes rows of arrays and maps, side by side. An array of rows gives a column for each field, a map its keys and
// values.
func (a *analyzer) unnest(n *unnestNode, outer *scope, owner *selectPlan) (any, []field, error) {
	s := &scope{outer: outer, owner: owner}
	u := &unnestPlan{rel: &relation{alias: a.alias("r"), owner: owner}, ordinality: n.ordinality}
	var fields []field
	add := func(name string, t Type) {
		fields = append(fields, field{name: name, value: &columnExpr{rel: u.rel, column: outputName(len(fields)), t: t}})
	}
	for _, item := range n.items {
		e, err := a.expr(s, item)
		if err != nil {
			return nil, nil, err
		}
		if hasAggregate(e) || hasWindow(e) {
			return nil, nil, a.notScalar(item, e, "UNNEST")
		}
		for _, f := range unnested(e.typ()) {
			add(f.Name, f.Type)
		}
		if k := e.typ().Kind; k != KindArray && k != KindMap {
			return nil, nil, &Error{Code: CodeFunctionArgument, Message: "Cannot unnest type: " + e.typ().String()}
		}
		u.args = append(u.args, e)
	}
	if n.ordinality {
		add("", simple(KindBigInt))
	}
	u.rel.label(fields)
	return u, fields, nil
}

// label notes what the text calls the columns of a relation that is no table.
func (r *relation) label(fields []field) {
	r.labels = nil
	for i, f := range fields {
		if r.labels = append(r.labels, f.name); f.name == "" {
			r.labels[i] = "_col" + strconv.Itoa(i)
		}
	}
}

// unnested gives the columns that an array or a map is unnested to.
func unnested(t Type) []Field {
	switch {
	case t.Kind == KindMap:
		return []Field{{Type: t.Fields[0].Type}, {Type: t.Fields[1].Type}}
	case t.Kind == KindArray && t.Fields[0].Type.Kind == KindRow:
		return t.Fields[0].Type.Fields
	case t.Kind == KindArray:
		return []Field{{Type: t.Fields[0].Type}}
	}
	return nil
}

// sample analyses TABLESAMPLE. The percentage is a number that is written there.
func (a *analyzer) sample(n *sampleNode, outer *scope, owner *selectPlan) (any, []field, error) {
	plan, fields, err := a.relation(n.relation, outer, owner)
	if err != nil {
		return nil, nil, err
	}
	percent, err := a.percentage(n.percentage)
	if err != nil {
		return nil, nil, err
	}
	if relationOf(plan) == nil {
		return nil, nil, a.unsupported(n, "samples of joins")
	}
	return &samplePlan{relation: plan, method: n.method, percent: percent}, fields, nil
}

func (a *analyzer) percentage(n node) (float64, error) {
	e, err := a.constantExpr(n, "Sample percentage cannot contain column references")
	if err != nil {
		return 0, err
	}
	switch {
	case e.t.Kind == KindUnknown || e.value == nil:
		return 0, a.errorf(CodeArguments, n, "Sample percentage cannot be NULL")
	case !e.t.numeric():
		return 0, a.errorf(CodeTypeMismatch, n, "Sample percentage should be a numeric expression")
	}
	var p float64
	switch v := e.value.(type) {
	case float64:
		p = v
	case int64:
		p = float64(v)
	case string: // a decimal
		if p, err = strconv.ParseFloat(v, 64); err != nil {
			return 0, a.unsupported(n, "such percentages")
		}
	}
	switch {
	case p < 0 || math.IsNaN(p):
		return 0, a.errorf(CodeOutOfRange, n, "Sample percentage must be greater than or equal to 0")
	case p > 100:
		return 0, a.errorf(CodeOutOfRange, n, "Sample percentage must be less than or equal to 100")
	}
	return p, nil
}

// constantExpr analyses a literal, or one with a minus; what else is constant is refused.
func (a *analyzer) constantExpr(n node, columns string) (*constExpr, error) {
	switch n.(type) {
	case *nameNode:
		return nil, a.errorf(CodeNotConstant, n, "%s", columns)
	case *subqueryNode:
		return nil, a.errorf(CodeNotConstant, n, "Constant expression cannot contain a subquery")
	}
	e, err := a.expr(nil, n)
	if err != nil {
		return nil, err
	}
	if c, ok := e.(*constExpr); ok {
		return c, nil
	}
	if c, ok := e.(*callExpr); ok && c.op == opNegate {
		if k, ok := c.args[0].(*constExpr); ok {
			switch v := k.value.(type) {
			case int64:
				return &constExpr{value: -v, t: c.t}, nil
			case float64:
				return &constExpr{value: -v, t: c.t}, nil
			}
		}
	}
	return nil, a.unsupported(n, "expressions other than a literal here")
}

// sequenceArguments are those of the table function sequence.
var sequenceArguments = []string{"START", "STOP", "STEP"}

// tableFunction analyses TABLE(sequence(start => 1, stop => 10, step => 3)), the only table function that is built.
func (a *analyzer) tableFunction(n *functionNode, owner *selectPlan) (any, []field, error) {
	called := dottedText(n.name)
	switch called {
	case "sequence", "builtin.sequence", "system.builtin.sequence":
	case "exclude_columns", "query", "system.builtin.exclude_columns":
		return nil, nil, a.unsupported(n, "table functions other than sequence")
	default:
		return nil, nil, a.src.errorf(CodeFunctionNotFound, n.name[0].off, "Table function '%s' not registered", called)
	}
	given, err := a.tableArguments(n)
	if err != nil {
		return nil, nil, err
	}
	p := &sequencePlan{rel: &relation{alias: a.alias("r"), owner: owner}, step: 1}
	for i, value := range []*int64{&p.start, &p.stop, &p.step} {
		if given[i] == nil {
			continue
		}
		if *value, err = a.sequenceArgument(given[i], i); err != nil {
			return nil, nil, err
		}
	}
	if given[1] == nil {
		at := n.at
		if len(n.args) > 0 {
			at = argumentAt(n.args[0])
		}
		return nil, nil, a.errorf(CodeMissingArgument, at, "Missing argument: STOP")
	}
	sign := ""
	switch {
	case p.start < p.stop && p.step <= 0:
		sign = "positive"
	case p.start > p.stop && p.step >= 0:
		sign = "negative"
	}
	if sign != "" {
		return nil, nil, &Error{Code: CodeFunctionArgument,
			Message: "Step must be " + sign + " for sequence [" + strconv.FormatInt(p.start, 10) + ", " + strconv.FormatInt(p.stop, 10) + "]"}
	}
	value := &columnExpr{rel: p.rel, column: outputName(0), t: simple(KindBigInt)}
	fields := []field{{name: "sequential_number", value: value}}
	p.rel.label(fields)
	return p, fields, nil
}

func argumentAt(arg argumentNode) at {
	if arg.key != nil {
		return at(arg.key.off)
	}
	return at(arg.value.offset())
}

// tableArguments puts the arguments in order; those not given are nil.
func (a *analyzer) tableArguments(n *functionNode) ([]node, error) {
	given := make([]node, len(sequenceArguments))
	for i, arg := range n.args {
		switch {
		case (arg.key == nil) != (n.args[0].key == nil):
			return nil, a.errorf(CodeArguments, argumentAt(n.args[0]), "All arguments must be passed by name or all must be passed positionally")
		case len(n.args) > len(given):
			return nil, a.errorf(CodeArguments, argumentAt(n.args[0]), "Too many arguments. Expected at most %d arguments, got %d arguments", len(given), len(n.args))
		case arg.key == nil:
			given[i] = arg.value
			continue
		}
		name, known := strings.ToUpper(arg.key.text), false
		for k, wanted := range sequenceArguments {
			if known = known || wanted == name; wanted == name && given[k] != nil {
				return nil, a.errorf(CodeFunctionArgument, argumentAt(arg), "Duplicate argument name: %s", name)
			} else if wanted == name {
				given[k] = arg.value
			}
		}
		if !known {
			return nil, a.errorf(CodeFunctionArgument, argumentAt(arg), "Unexpected argument name: %s", name)
		}
	}
	return given, nil
}

func (a *analyzer) sequenceArgument(n node, i int) (int64, error) {
	if name, ok := n.(*nameNode); ok {
		_, err := a.resolve(nil, name)
		return 0, err
	}
	c, err := a.constantExpr(n, "")
	if err != nil {
		return 0, err
	}
	if c.value == nil {
		name := sequenceArguments[i]
		return 0, &Error{Code: CodeFunctionArgument, Message: name[:1] + strings.ToLower(name[1:]) + " is null"}
	}
	v, ok := c.value.(int64)
	if !ok || !c.t.integral() {
		return 0, a.errorf(CodeTypeMismatch, n, "Cannot cast type %s to bigint", c.t)
	}
	return v, nil
}
