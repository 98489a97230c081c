package dialect

import (
	"strconv"
	"strings"
	"sync"
)

// Function is one function of Trino: what it takes, how it is written in DuckDB, and proof by example.
type Function struct {
	Name      string
	Overloads []Overload
	Aggregate bool
	Window    bool   // only with OVER
	Volatile  bool   // each evaluation may give another value
	Differs   string // how the result differs from Trino's in rare cases; "" where it does not
	Examples  []Example
}

// Overload is one signature of a function and its translation.
type Overload struct {
	// Signature is Trino's, as "varchar(x), bigint -> varchar(x)". T and E stand for any type, x p s for any number; "..."
	// after the last argument type lets it repeat.
	Signature string
	// SQL is the translation: $1 … $9 are the arguments, $* all of them, $| joined by ||, $T the DuckDB type of the result. In aggregates
	// $D is where DISTINCT goes, $O where ORDER BY goes, $F where FILTER and OVER go. ${CODE: message} fails.
	// A value is computed once by list_transform([{'v': x}], lambda b: … b.v …)[1]. The struct matters: DuckDB runs a lambda over
	// plain values once for each value of a file's dictionary, so a value of no row fails the query, and TRY gives NULL for all.
	SQL string
	// rewrite, where there is one, checks and changes the arguments and the result before printing.
	rewrite func(c *rewriting) error
	// instant: a zoned timestamp is taken as an instant; otherwise as the local time of its zone.
	instant bool

	params   []pattern
	variadic bool
	result   pattern
}

// Example is a query without tables and its result in Athena's text form; where Error is set the query fails with it.
type Example struct {
	SQL   string
	Want  string // NULL is "NULL"
	Type  string // as Type.String tells it
	Error string // the beginning of Athena's text: "DIVISION_BY_ZERO"
}

// rewriting is a call on its way into the plan.
type rewriting struct {
	a      *analyzer
	node   *callNode
	args   []expr
	result Type
	over   *Overload // what will be printed; a rewrite may put another translation in its place
}

func (r *rewriting) errorf(code, format string, args ...any) error {
	return r.a.errorf(code, r.node, format, args...)
}

// constant gives the text of a constant argument.
func (r *rewriting) constant(i int) (string, bool) {
	c, ok := r.args[i].(*constExpr)
	if !ok {
		return "", false
	}
	s, ok := c.value.(string)
	return s, ok
}

// pattern is a parameter of a signature.
type pattern struct {
	kind     Kind
	variable string // T, E: any type
	size     string // the length or precision: a number, a variable, or "" for unbounded
	scale    string
	fields   []pattern
}

// functions is the registry by name, made once.
var functions = sync.OnceValue(func() map[string]*Function {
	m := map[string]*Function{}
	for _, list := range [][]Function{aggregateFunctions(), windowFunctions(), mathFunctions(), stringFunctions(),
		regexpFunctions(), urlFunctions(), dateFunctions(), dateFormatFunctions(), jsonFunctions(), arrayFunctions(), conditionalFunctions()} {
		for _, f := range list {
			for i := range f.Overloads {
				f.Overloads[i].parse()
			}
			for _, name := range strings.Split(f.Name, " ") { // "ceil ceiling": a function and its alias
				named := f
				named.Name = name
				m[name] = &named
			}
		}
	}
	return m
})

// Functions gives the registry: every function that is translated, by name. It must not be changed.
func Functions() map[string]*Function { return functions() }

func (o *Overload) parse() {
	args, result, _ := strings.Cut(o.Signature, "->")
	rest := strings.TrimSpace(args)
	for rest != "" {
		var p pattern
		p, rest = parsePattern(rest)
		if strings.HasPrefix(rest, "...") {
			o.variadic, rest = true, rest[3:]
		}
		o.params = append(o.params, p)
		rest = strings.TrimLeft(rest, ", ")
	}
	o.result, _ = parsePattern(strings.TrimSpace(result))
}

// parsePattern reads one type of a signature and gives what follows it.
func parsePattern(text string) (pattern, string) {
	for _, long := range [...]struct {
		text string
		kind Kind
	}{{"interval day to second", KindIntervalDay}, {"interval year to month", KindIntervalYear}} {
		if strings.HasPrefix(text, long.text) {
			return pattern{kind: long.kind}, text[len(long.text):]
		}
	}
	end := strings.IndexAny(text, "(),. ")
	if end < 0 {
		end = len(text)
	}
	word, rest := text[:end], text[end:]
	p := pattern{}
	if kind, ok := patternKinds[word]; ok {
		p.kind = kind
	} else {
		p.variable = word
	}
	if strings.HasPrefix(rest, "(") {
		rest = p.arguments(rest[1:])
	}
	if p.kind == KindTimestamp && strings.HasPrefix(rest, " with time zone") {
		p.kind, rest = KindTimestampTZ, rest[len(" with time zone"):]
	}
	return p, rest
}

func (p *pattern) arguments(rest string) string {
	if p.kind == KindArray || p.kind == KindMap {
		for {
			var f pattern
			f, rest = parsePattern(rest)
			p.fields = append(p.fields, f)
			if rest = strings.TrimLeft(rest, " "); rest[0] != ',' {
				return rest[1:]
			}
			rest = strings.TrimLeft(rest[1:], " ")
		}
	}
	inside, rest, _ := strings.Cut(rest, ")")
	p.size, p.scale, _ = strings.Cut(inside, ",")
	return rest
}

var patternKinds = func() map[string]Kind {
	m := map[string]Kind{}
	for k, name := range kindNames {
		if _, ok := m[name]; !ok {
			m[name] = Kind(k)
		}
	}
	return m
}()

// binding is what the variables of a signature stand for in one call.
type binding struct {
	types map[string]Type
	sizes map[string]int
}

// match holds argument types against the signature. It gives the types that the arguments are to be cast to, the type of
// the result, and how far the arguments are from the parameters (0: exact).
func (o *Overload) match(args []Type) (params []Type, result Type, cost int, ok bool) {
	if len(args) < len(o.params) && !(o.variadic && len(args) == len(o.params)-1) || len(args) > len(o.params) && !o.variadic {
		return nil, Type{}, 0, false
	}
	b := &binding{types: map[string]Type{}, sizes: map[string]int{}}
	for i, t := range args {
		if !b.bind(o.param(i), t) {
			return nil, Type{}, 0, false
		}
	}
	params = make([]Type, len(args))
	for i, t := range args {
		p := o.param(i)
		params[i] = b.param(p, t)
		if !coercible(t, params[i]) {
			return nil, Type{}, 0, false
		}
		if params[i].Kind == KindTimestampTZ {
			params[i].Zone = t.Zone
		}
		cost += distance(t, params[i], p)
	}
	return params, b.result(o.result), cost, true
}

func (o *Overload) param(i int) pattern { return o.params[min(i, len(o.params)-1)] }

// distance counts how far a conversion goes, so that the nearest overload wins.
func distance(from, to Type, p pattern) int {
	switch {
	case from.Equal(to), from.Kind == to.Kind && from.Kind != KindDecimal && p.variable == "":
		return 0
	case from.Kind == KindUnknown:
		return 1
	case p.variable != "":
		return 1
	}
	return 1 + max(int(to.Kind)-int(from.Kind), int(from.Kind)-int(to.Kind))
}

func (b *binding) bind(p pattern, t Type) bool {
	if p.variable != "" {
		u, ok := common(b.types[p.variable], t)
		if ok {
			b.types[p.variable] = u
		}
		return ok
	}
	if t.Kind == KindUnknown {
		return true
	}
	switch p.kind {
	case KindArray, KindMap:
		if t.Kind != p.kind {
			return false
		}
		for i, f := range p.fields {
			if !b.bind(f, t.Fields[i].Type) {
				return false
			}
		}
		return true
	case KindVarchar, KindTimestamp, KindTimestampTZ:
		if _, err := strconv.Atoi(p.size); err != nil && p.size != "" && (t.Kind == p.kind || p.kind != KindVarchar) {
			b.sizes[p.size] = max(b.sizes[p.size], t.Precision)
		} else if t.Kind == KindChar {
			b.sizes[p.size] = max(b.sizes[p.size], t.Precision)
		}
	case KindDecimal:
		if t.integral() {
			t = decimal(decimalDigits[t.Kind], 0)
		}
		b.sizes[p.size], b.sizes[p.scale] = t.Precision, t.Scale
	}
	return true
}

// param gives the type that an argument of type t is taken as.
func (b *binding) param(p pattern, t Type) Type {
	if p.variable != "" {
		return b.types[p.variable]
	}
	if p.kind == KindVarchar {
		if t.Kind == KindVarchar && p.size != "" {
			return t
		}
		return varchar()
	}
	if (p.kind == KindTimestamp || p.kind == KindTimestampTZ) && t.Kind == p.kind && p.size != "" {
		if n, err := strconv.Atoi(p.size); err != nil || n >= t.Precision {
			return t
		}
	}
	if p.kind == KindArray && t.Kind == KindArray {
		return arrayOf(b.param(p.fields[0], t.Fields[0].Type))
	}
	return b.result(p)
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
	size := func(s string) int {
		if n, err := strconv.Atoi(s); err == nil {
			return n
		}
		return b.sizes[s]
	}
	switch p.kind {
	case KindVarchar:
		t.Precision = VarcharMax
		if n := size(p.size); p.size != "" && n > 0 {
			t.Precision = n
		}
	case KindTimestamp, KindTimestampTZ:
		t.Precision = size(p.size)
	case KindDecimal:
		t.Precision, t.Scale = size(p.size), size(p.scale)
		if t.Precision == 0 {
			t.Precision = 38
		}
	}
	return t
}
