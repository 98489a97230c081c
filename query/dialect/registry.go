package dialect

import (
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Function is one function of Trino: what it takes, how it is written in DuckDB, and proof by example.
type Function struct {
	Name      string
	Family    string // what it is about, for people
	Overloads []Overload
	Aggregate bool
	Window    bool   // only with OVER
	Volatile  bool   // each evaluation may give another value
	Differs   string // how the result differs from Trino's in rare cases; "" where it does not
	Limit     string // what fails by name since it is too much: a bound on resources, not another result; "" where there is none
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

// later has the call fail where a row needs its value, and not before: Trino looks at arguments that are wrong only there, and
// nowhere where one of them is NULL.
func (r *rewriting) later(err error) bool {
	e, ok := err.(*Error)
	if !ok || e.Code != CodeFunctionArgument || len(r.args) > 9 || slices.ContainsFunc(r.args, func(e expr) bool { return e.typ().Kind == KindFunction }) {
		return false
	}
	text := strings.NewReplacer("}", "' || chr(125) || '", "~", "' || chr(126) || '").Replace(templateText(quoteText(e.Message)))
	condition := "true"
	for i := range r.args {
		condition += " AND $" + strconv.Itoa(i+1) + " IS NOT NULL"
	}
	r.over = &Overload{SQL: "CAST(CASE WHEN " + condition + " THEN ${" + e.Code + ": ~" + text + "~} END AS $T)", instant: true}
	return true
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

// families are the functions by what they are about, in the order in which people are told of them.
var families = []struct {
	name  string
	lists []func() []Function
}{
	{"Conditions and the session", []func() []Function{conditionalFunctions}},
	{"Mathematics", []func() []Function{mathFunctions}},
	{"Text and binary", []func() []Function{stringFunctions, concatFunctions}},
	{"Regular expressions", []func() []Function{regexpFunctions}},
	{"URLs", []func() []Function{urlFunctions}},
	{"Dates and times", []func() []Function{dateFunctions, dateFormatFunctions}},
	{"JSON", []func() []Function{jsonFunctions}},
	{"Arrays", []func() []Function{arrayFunctions}},
	{"Maps", []func() []Function{mapFunctions}},
	{"Aggregates", []func() []Function{aggregateFunctions}},
	{"Windows", []func() []Function{windowFunctions}},
	{"For people", []func() []Function{displayFunctions}},
}

// functions is the registry by name, made once.
var functions = sync.OnceValue(func() map[string]*Function {
	m := map[string]*Function{}
	for _, family := range families {
		for _, list := range family.lists {
			register(m, family.name, list())
		}
	}
	return m
})

func register(m map[string]*Function, family string, list []Function) {
	for _, f := range list {
		for i := range f.Overloads {
			f.Overloads[i].parse()
		}
		for _, name := range strings.Split(f.Name, " ") { // "ceil ceiling": a function and its alias
			named := f
			named.Name, named.Family = name, family
			m[name] = &named
		}
	}
}

// Functions gives the registry: every function that is translated, by name. It must not be changed.
func Functions() map[string]*Function { return functions() }

// Families gives the names of the families in their order.
func Families() []string {
	var names []string
	for _, f := range families {
		names = append(names, f.name)
	}
	return names
}

// Parameters gives the types of the arguments as Trino's SHOW FUNCTIONS does: varchar(x), array(t).
func (o *Overload) Parameters() string {
	var list []string
	for i, p := range o.params {
		text := p.String()
		if o.variadic && i == len(o.params)-1 {
			text += "..."
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

// Result gives the type of the result in the same way.
func (o *Overload) Result() string { return o.result.String() }
