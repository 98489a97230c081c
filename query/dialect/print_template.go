package dialect

import (
	"slices"
	"strconv"
	"strings"
)

// A template is a function's translation. Its marks:
//
//	$1 … $9        the arguments; a lambda prints as DuckDB's: lambda l1: body
//	$2($v, $w.f)   of a lambda: its body, with these texts for its parameters: names of the template, fields of them, arguments
//	$v $w …        names that the translation binds itself, such as parameters of its own lambdas: each use of the template
//	               has others, so that none hides a name that an argument speaks of
//	$*  $|         all arguments with commas, or with || between them
//	$T             the DuckDB type of the result; $T1 … $T9 those of the arguments, $E1 … $E9 those of the elements of arrays
//	$D $O $F       in aggregates, where DISTINCT, ORDER BY, and FILTER and OVER go
//	${CODE: text}  fails; between two ~ the text may have a piece of template, whose value becomes part of it
//
// An argument that stands in a template several times is printed once and its text repeated, which DuckDB computes once
// where it can. One that may give another value each time, or whose text is long, is bound to a name instead: see let.

// letBytes is the length of text that is bound to a name rather than repeated. Binding has a price for each row, and
// repeating short expressions hardly any, since DuckDB knows the same expression again.
const letBytes = 400

// printedExpr is an expression whose text is there.
type printedExpr struct {
	text string
	t    Type
}

func (e *printedExpr) typ() Type { return e.t }

// let prints what body prints, to which it gives an expression with the value of e that may be printed any number of
// times. It is the text of e where that is short and not to be bound anyway; otherwise e's value is bound: list_transform([{'v': e}], lambda x: body)[1]. The
// struct matters: DuckDB runs a lambda over plain values once for each value of a file's dictionary, so that a value of no
// row would fail the query.
func (p *printer) let(e expr, anyway bool, body func(e expr)) {
	p.locals++
	defer func() { p.locals-- }()
	name := p.localName(p.locals)
	text := p.textOf(e)
	if !anyway && !volatile(e) && len(text) <= letBytes {
		body(&printedExpr{text, e.typ()})
		return
	}
	p.write("list_transform([{'v': ", text, "}], lambda ", name, ": ")
	body(&printedExpr{p.field(name, "v"), e.typ()})
	p.write(")[1]")
}

// field is a field of a name that a translation binds. DuckDB takes l.f for a table's column in HAVING; but with brackets it
// does not take l for a NULL whose type it has forgotten.
func (p *printer) field(name, field string) string { return p.whole(name) + "." + field }

// whole is a name whose fields are spoken of.
func (p *printer) whole(name string) string {
	if p.having {
		return "(" + name + ")"
	}
	return name
}

func (p *printer) textOf(e expr) string { return p.captured(func() { p.expr(e) }) }

// captured gives what print writes, without writing it.
func (p *printer) captured(print func()) string {
	outer, size := p.b, p.size
	p.b = strings.Builder{}
	print()
	text := p.b.String()
	p.b, p.size = outer, size
	return text
}

// lambda prints a lambda as DuckDB has it.
func (p *printer) lambda(e *lambdaExpr) {
	texts := make([]string, len(e.params))
	for i := range e.params {
		p.locals++
		texts[i] = p.localName(p.locals)
	}
	p.write("lambda ", strings.Join(texts, ", "), ": ")
	p.applied(e, texts)
}

// applied prints the body of a lambda with these texts for its parameters.
func (p *printer) applied(e *lambdaExpr, texts []string) {
	if p.names == nil {
		p.names = map[*variable]string{}
	}
	for i, v := range e.params {
		if i < len(texts) {
			p.names[v] = texts[i]
		}
	}
	p.write("(")
	p.expr(e.body)
	p.write(")")
	for _, v := range e.params {
		delete(p.names, v)
	}
}

// uses counts how often the template prints an argument.
func (o *Overload) uses(i int) int {
	n := strings.Count(o.SQL, "$"+strconv.Itoa(i+1))
	if strings.Contains(o.SQL, "$*") || strings.Contains(o.SQL, "$|") {
		n++
	}
	return n
}

// binds tells whether an argument that the template prints several times can be bound to a name: lambdas and what stands
// in aggregates can't.
func (o *Overload) binds(e expr) bool {
	_, lambda := e.(*lambdaExpr)
	return !lambda && !strings.Contains(o.SQL, "$F")
}

// template prints a function of the registry by its translation.
func (p *printer) template(c *callExpr) {
	t := templatePrinter{p: p, call: c, args: slices.Clone(c.args), base: p.locals + 1}
	p.locals += 1 + localNames
	defer func() { p.locals -= 1 + localNames }()
	t.bind(0)
}

// localNames is how many names of its own a template may have: $a … $z.
const localNames = 26

// templatePrinter prints one use of a template.
type templatePrinter struct {
	p    *printer
	call *callExpr
	args []expr
	base int // of the names of its own
}

// bind makes the arguments from the i-th on fit to be printed as often as the template does, then prints it. The array that
// a lambda goes over is bound too where the lambda can fail: see let.
func (t *templatePrinter) bind(i int) {
	for ; i < len(t.args); i++ {
		e := t.args[i]
		if e == nil || !t.call.over.binds(e) {
			continue
		}
		if anyway := i == 0 && !present(e) && t.call.over != boundSQL && slices.ContainsFunc(t.args, riskyLambda); anyway || t.call.over.uses(i) > 1 {
			t.p.let(e, anyway, func(e expr) {
				t.args[i] = e
				t.bind(i + 1)
			})
			return
		}
	}
	t.print(t.call.over.SQL)
}

func (t *templatePrinter) print(sql string) {
	for sql != "" {
		i := strings.IndexByte(sql, '$')
		if i < 0 || i+1 >= len(sql) {
			t.p.write(sql)
			return
		}
		t.p.write(sql[:i])
		sql = t.mark(sql[i+1:])
	}
}

// mark prints what a mark stands for and gives the rest of the template.
func (t *templatePrinter) mark(sql string) string {
	p, c := t.p, t.call
	rest := sql[1:]
	switch mark := sql[0]; {
	case mark == '{':
		message, rest, _ := strings.Cut(rest, "}")
		t.fail(message)
		return rest
	case mark == '*':
		p.list(", ", t.args)
	case mark == '|':
		p.list(" || ", t.args)
	case mark == '$':
		p.write("$")
	case mark == 'T' || mark == 'E':
		return t.typeMark(mark == 'E', rest)
	case mark == 'D':
		if c.distinct {
			p.write("DISTINCT ")
		}
	case mark == 'O':
		if len(c.order) > 0 {
			p.write(" ")
			p.orderBy(c.order)
		}
		if c.ignore {
			p.write(" IGNORE NULLS")
		}
	case mark == 'F':
		p.filterAndWindow(c)
	case mark >= 'a' && mark <= 'z':
		name := p.localName(t.base + int(mark-'a'))
		if len(rest) > 1 && rest[0] == '.' && rest[1] >= 'a' && rest[1] <= 'z' {
			name = p.whole(name)
		}
		p.write(name)
	default:
		return t.argument(int(mark-'1'), rest)
	}
	return rest
}

func (t *templatePrinter) fail(message string) {
	parts := strings.Split(message, "~")
	var pieces []any
	for i, part := range parts[1:] {
		if i%2 == 0 {
			text := t.p.captured(func() { t.print(part) })
			pieces = append(pieces, &printedExpr{text: text, t: varchar()})
		} else {
			pieces = append(pieces, part)
		}
	}
	t.p.fail(t.call.t, parts[0], pieces...)
}

func (t *templatePrinter) typeMark(element bool, rest string) string {
	of := t.call.t
	if rest != "" && rest[0] >= '1' && rest[0] <= '9' {
		if n := int(rest[0] - '1'); n < len(t.args) {
			of = t.args[n].typ()
		}
		rest = rest[1:]
	}
	if element && of.Kind == KindArray {
		of = of.Fields[0].Type
	}
	t.p.write(of.DuckDB())
	return rest
}

// argument prints an argument; a lambda that is followed by brackets is applied to what is in them.
func (t *templatePrinter) argument(n int, rest string) string {
	if n < 0 || n >= len(t.args) {
		return rest
	}
	e, ok := t.args[n].(*lambdaExpr)
	if !ok || !strings.HasPrefix(rest, "(") {
		t.p.expr(t.args[n])
		return rest
	}
	inside, rest, _ := strings.Cut(rest[1:], ")")
	texts := strings.Split(inside, ",")
	for i, text := range texts {
		texts[i] = t.named(strings.TrimSpace(text))
	}
	t.p.applied(e, texts)
	return rest
}

// named puts the template's own names into the text of a lambda's argument.
func (t *templatePrinter) named(text string) string {
	if len(text) < 2 || text[0] != '$' {
		return text
	}
	if n := int(text[1] - '1'); n >= 0 && n < len(t.args) {
		return t.p.textOf(t.args[n])
	}
	name := t.p.localName(t.base + int(text[1]-'a'))
	if field, ok := strings.CutPrefix(text[2:], "."); ok {
		return t.p.field(name, field)
	}
	return name + text[2:]
}
