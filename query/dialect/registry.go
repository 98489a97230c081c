package dialect

import (
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
	// Signature is Trino's, as "varchar(x), array(T:orderable) -> varchar(x)". A word that is no type is a variable that
	// stands for any type, or one that is comparable or orderable where it says so; as the size of a type it stands for a
	// number, and a result's size may be a sum such as x+y. "..." after the last argument type lets it repeat, or be left
	// out. A lambda is function(T, U): the types of its parameters, and then of its result; a variable that its result binds
	// may be used anywhere. "; K1, K2, V" at the end gives Trino's order of the variables where it is another one.
	Signature string
	// SQL is the translation, a template: see print_template.go.
	SQL string
	// rewrite, where there is one, checks and changes the arguments and the result before printing.
	rewrite func(c *rewriting) error
	// idempotent: an aggregate that gives the same however often a row is there, so that DISTINCT means nothing.
	idempotent bool
	// instant: a zoned timestamp is taken as an instant; otherwise as the local time of its zone.
	instant bool
	// lenient is the translation for where the instant of a zoned time alone matters; "" where it is the same.
	lenient string

	params    []pattern
	variadic  bool
	result    pattern
	variables []typeVariable
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

// functions is the registry by name, made once.
var functions = sync.OnceValue(func() map[string]*Function {
	m := map[string]*Function{}
	for _, list := range [][]Function{aggregateFunctions(), windowFunctions(), mathFunctions(), stringFunctions(),
		regexpFunctions(), urlFunctions(), dateFunctions(), dateFormatFunctions(), jsonFunctions(), arrayFunctions(), mapFunctions(), concatFunctions(), conditionalFunctions(), displayFunctions()} {
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
