package dialect

import (
	"fmt"
	"slices"
	"strings"
)

// Matching finds the overload that a call means, as Trino does: one that takes the arguments as they are, else one that
// takes them coerced; of several, the most specific. Type variables are bound from the plain arguments first and then from
// the lambdas, whose bodies are analysed with the types that their parameters have by then.

// candidate is an overload that takes the arguments of a call.
type candidate struct {
	over   *Overload
	params []Type // what the arguments are taken as
	result Type
}

// lambdaArgument is a lambda that waits for the types of its parameters. It stands in the arguments of a call until an
// overload is chosen.
type lambdaArgument struct {
	a     *analyzer
	scope *scope
	node  *lambdaNode
	done  map[string]*lambdaExpr // by the types of the parameters
}

func (l *lambdaArgument) typ() Type { return simple(KindFunction) }

// lambdasMax bounds how often bodies of lambdas are analysed in a statement: once for each choice of parameter types, and so
// for the lambdas in them.
const lambdasMax = 5000

// with analyses the lambda for types of its parameters.
func (l *lambdaArgument) with(types []Type) (*lambdaExpr, error) {
	if len(types) != len(l.node.params) {
		return nil, l.a.errorf(CodeParameterUsage, l.node, "Expected a lambda that takes %d argument(s) but got %d", len(types), len(l.node.params))
	}
	var key strings.Builder
	for _, t := range types {
		key.WriteString(t.String() + t.Zone + ";")
	}
	if known, ok := l.done[key.String()]; ok {
		return known, nil
	}
	if l.a.lambdas++; l.a.lambdas > lambdasMax {
		return nil, l.a.unsupported(l.node, "so many lambdas in one another")
	}
	e := &lambdaExpr{t: simple(KindFunction)}
	inner := &scope{outer: l.scope, lambda: &lambdaScope{}}
	if l.scope != nil {
		inner.owner = l.scope.owner
	}
	for i, p := range l.node.params {
		name := strings.ToLower(p.text)
		for _, before := range l.node.params[:i] {
			if strings.EqualFold(before.text, name) {
				return nil, l.a.src.errorf(CodeAmbiguousName, before.off, "Column '%s' is ambiguous", name)
			}
		}
		v := &variable{name: name, t: types[i]}
		e.params = append(e.params, v)
		inner.fields = append(inner.fields, field{name: name, value: &variableExpr{v}})
	}
	var err error
	if e.body, err = l.a.expr(inner, l.node.body); err != nil {
		return nil, err
	}
	if list := inner.lambda.aggregations; len(list) > 0 {
		texts := make([]string, len(list))
		for i, n := range list {
			texts[i] = render((&formatter{}).expr(n), 0)
		}
		return nil, l.a.errorf(CodeNotScalar, l.node.body, "Lambda expression cannot contain aggregations, window functions or grouping operations: [%s]", strings.Join(texts, ", "))
	}
	e.t.Fields = functionFields(types, e.body.typ())
	l.done[key.String()] = e
	return e, nil
}

// gives tells whether the result of the lambda is of the type that the signature has bound: only variables are moved to it.
func (l *lambdaArgument) gives(t Type) (bool, error) {
	last := len(t.Fields) - 1
	e, err := l.analysed(t)
	return err == nil && e.body.typ().Equal(t.Fields[last].Type), err
}

// bound gives the lambda for the types that the signature has bound, its result of the very type.
func (l *lambdaArgument) bound(t Type) (*lambdaExpr, error) {
	e, err := l.analysed(t)
	if err != nil {
		return nil, err
	}
	return &lambdaExpr{params: e.params, body: cast(e.body, t.Fields[len(t.Fields)-1].Type), t: t}, nil
}

func (l *lambdaArgument) analysed(t Type) (*lambdaExpr, error) {
	params := make([]Type, len(t.Fields)-1)
	for i := range params {
		params[i] = t.Fields[i].Type
	}
	return l.with(params)
}

func functionFields(params []Type, result Type) []Field {
	fields := make([]Field, 0, len(params)+1)
	for _, t := range params {
		fields = append(fields, Field{Type: t})
	}
	return append(fields, Field{Type: result})
}

// typeArgument stands for an argument of which only the type is known.
type typeArgument struct{ t Type }

func (e typeArgument) typ() Type { return e.t }

// binding is what the variables of a signature stand for in one call.
type binding struct {
	coerce bool
	types  map[string]Type
	sizes  map[string]int
	over   *Overload
	moved  bool // a variable got another value
}

// choose finds the overload that the call means.
func (a *analyzer) choose(n *callNode, f *Function, args []expr) (*candidate, error) {
	for _, generic := range [...]bool{false, true} {
		for i := range f.Overloads {
			if o := &f.Overloads[i]; generic == (len(o.variables) > 0) {
				if c, err := o.match(args, false); err != nil || c != nil {
					return c, err
				}
			}
		}
	}
	var found []*candidate
	for i := range f.Overloads {
		c, err := f.Overloads[i].match(args, true)
		if err != nil {
			return nil, err
		}
		if c != nil {
			found = append(found, c)
		}
	}
	found = mostSpecific(found, args)
	switch {
	case len(found) == 0:
		return nil, a.unexpectedParameters(n, f, args)
	case len(found) > 1:
		return nil, a.ambiguousCall(n, found)
	}
	return found[0], nil
}

// mostSpecific keeps the candidates whose parameters no other candidate's could take. Where they are several, and there are no
// lambdas in the call, those win of all candidates that only coerce NULLs, and of candidates with one result type any will do.
func mostSpecific(found []*candidate, args []expr) []*candidate {
	var best []*candidate
	for _, c := range found {
		best = slices.DeleteFunc(best, func(other *candidate) bool { return c.moreSpecific(other) })
		if !slices.ContainsFunc(best, func(other *candidate) bool { return other.moreSpecific(c) }) {
			best = append(best, c)
		}
	}
	if len(best) <= 1 || slices.ContainsFunc(args, isLambda) {
		return best
	}
	nullsOnly := slices.DeleteFunc(slices.Clone(found), func(c *candidate) bool { return !c.coercesNullsOnly(args) })
	if len(nullsOnly) == 1 {
		return nullsOnly
	}
	if len(nullsOnly) > 1 {
		best = nullsOnly
	}
	if !slices.ContainsFunc(best, func(c *candidate) bool { return !c.result.Equal(best[0].result) }) {
		return best[:1]
	}
	return best
}

func isLambda(e expr) bool {
	_, ok := e.(*lambdaArgument)
	return ok
}

// moreSpecific tells whether other takes whatever c takes.
func (c *candidate) moreSpecific(other *candidate) bool {
	args := make([]expr, len(c.params))
	for i, t := range c.params {
		args[i] = typeArgument{t}
	}
	taken, _ := other.over.match(args, true) // without lambdas nothing fails
	return taken != nil
}

func (c *candidate) coercesNullsOnly(args []expr) bool {
	for i, e := range args {
		if t := e.typ(); t.Kind != KindUnknown && !t.Equal(c.params[i]) {
			return false
		}
	}
	return true
}

// match holds the arguments against the signature; it gives nil where it does not take them. The error is one in the body
// of a lambda.
func (o *Overload) match(args []expr, coerce bool) (*candidate, error) {
	if !o.takes(len(args)) {
		return nil, nil
	}
	b := &binding{coerce: coerce, over: o, types: map[string]Type{}, sizes: map[string]int{}}
	for rounds := 0; b.moved || rounds == 0; rounds++ {
		if b.moved = false; rounds > len(args) {
			return nil, &Error{Code: CodeInternal, Message: fmt.Sprintf("SignatureBinder.iterativeSolve does not converge after %d iterations.", len(args))}
		}
		for i, e := range args {
			if l, ok := e.(*lambdaArgument); ok {
				if ok, err := b.bindLambda(o.param(i), l); err != nil || !ok {
					return nil, err
				}
			} else if !b.bind(o.param(i), e.typ()) {
				return nil, nil
			}
		}
	}
	for _, v := range o.variables {
		if _, ok := b.types[v.name]; !ok {
			return nil, nil
		}
	}
	c := &candidate{over: o, result: b.result(o.result)}
	for i, e := range args {
		t := b.result(o.param(i))
		if (t.Kind == KindTimeTZ || t.Kind == KindTimestampTZ) && o.param(i).variable == "" {
			t.Zone = e.typ().Zone
		}
		if l, ok := e.(*lambdaArgument); ok {
			if ok, err := l.gives(t); err != nil || !ok {
				return nil, err
			}
		} else if !coercible(e.typ(), t) {
			return nil, nil
		}
		c.params = append(c.params, t)
	}
	return c, nil
}

// bindLambda binds what the result of the lambda tells, once the types of its parameters are known. The result of a lambda
// is not coerced but to a variable.
func (b *binding) bindLambda(p pattern, l *lambdaArgument) (bool, error) {
	if p.kind != KindFunction || p.variable != "" {
		return false, nil
	}
	last := len(p.fields) - 1
	var params []Type
	for _, f := range p.fields[:last] {
		if _, ok := b.types[f.variable]; f.variable != "" && !ok {
			return true, nil // later
		}
		params = append(params, b.result(f))
	}
	e, err := l.with(params)
	if err != nil {
		return false, err
	}
	exact := *b
	exact.coerce = b.coerce && p.fields[last].variable != ""
	ok := exact.bind(p.fields[last], e.body.typ())
	b.moved = exact.moved
	return ok, nil
}

// bind makes the pattern fit a type.
func (b *binding) bind(p pattern, t Type) bool {
	switch {
	case p.variable != "":
		return b.bindVariable(p.variable, t)
	case p.kind == KindFunction && t.Kind != KindFunction:
		return false
	case len(p.fields) > 0:
		return b.bindFields(p, t)
	case len(p.sizes) > 0:
		return b.bindSizes(p, t)
	}
	want := b.result(p)
	return t.Equal(want) || b.coerce && coercible(t, want)
}

func (b *binding) bindVariable(name string, t Type) bool {
	u, ok := b.types[name]
	switch {
	case !ok:
		u = t
	case u.identical(t):
		return true
	case !b.coerce:
		return false
	default:
		if u, ok = common(u, t); !ok {
			return false
		}
	}
	if !b.over.allows(name, u) {
		return false
	}
	if old, known := b.types[name]; !known || !old.identical(u) {
		b.types[name], b.moved = u, true
	}
	return true
}

// allows holds a type against the constraint of a variable.
func (o *Overload) allows(name string, t Type) bool {
	for _, v := range o.variables {
		if v.name == name {
			return (v.constraint != "comparable" || t.comparable()) && (v.constraint != "orderable" || t.orderable())
		}
	}
	return true
}

func (b *binding) bindFields(p pattern, t Type) bool {
	unknown := t.Kind == KindUnknown && b.coerce
	if !unknown && (t.Kind != p.kind || len(t.Fields) != len(p.fields)) {
		return false
	}
	for i, f := range p.fields {
		inner := simple(KindUnknown)
		if !unknown {
			inner = t.Fields[i].Type
		}
		if !b.bind(f, inner) {
			return false
		}
	}
	return true
}

// bindSizes binds the sizes of a varchar, char, decimal or time; of several arguments that share them, to what holds all.
func (b *binding) bindSizes(p pattern, t Type) bool {
	if _, ok := b.sizes[p.sizes[0]]; ok && t.Kind == KindUnknown {
		return b.coerce // NULL fits whatever the others need
	}
	if t.Kind != p.kind {
		if !b.coerce {
			return false
		}
		base, ok := common(t, smallest(p.kind, t))
		if !ok || base.Kind != p.kind {
			return false
		}
		t = base
	}
	bound := b.result(p)
	for _, size := range p.sizes {
		if _, ok := b.sizes[size]; !ok && isVariable(size) {
			bound = t
		}
	}
	if bound.Kind == t.Kind && !bound.Equal(t) {
		u, ok := common(bound, t)
		if !ok || !b.coerce && !u.Equal(bound) {
			return false
		}
		bound = u
	}
	for i, size := range p.sizes {
		n := bound.Precision
		if i > 0 {
			n = bound.Scale
		}
		if !isVariable(size) {
			if b.sizeOf(size) != n {
				return false
			}
			continue
		}
		if old, ok := b.sizes[size]; !ok || old != n {
			b.sizes[size], b.moved = n, true
		}
	}
	return true
}

func isVariable(size string) bool { return size != "" && size[0] >= 'a' && size[0] <= 'z' }

// smallest is the least type of a kind with sizes that a value of another type becomes; NULL becomes a time in milliseconds.
func smallest(k Kind, from Type) Type {
	switch {
	case k == KindDecimal:
		return decimal(1, 0)
	case from.Kind == KindUnknown && k >= KindTime && k <= KindTimestampTZ:
		return Type{Kind: k, Precision: 3}
	}
	return Type{Kind: k}
}

// result gives the type that a pattern stands for once the variables are bound.
func (b *binding) result(p pattern) Type {
	if p.variable != "" {
		return b.types[p.variable]
	}
	t := Type{Kind: p.kind}
	for _, f := range p.fields {
		t.Fields = append(t.Fields, Field{Type: b.result(f)})
	}
	switch {
	case len(p.sizes) > 0:
		t.Precision = b.sizeOf(p.sizes[0])
		if len(p.sizes) > 1 {
			t.Scale = b.sizeOf(p.sizes[1])
		}
	case p.kind == KindVarchar:
		t.Precision = VarcharMax
	}
	if p.kind == KindDecimal && t.Precision == 0 {
		t.Precision = 1
	}
	return t
}
