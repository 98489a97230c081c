package dialect

import (
	"fmt"
	"strings"
)

// fresh gives a name for the parameter of a lambda, and what to call behind its body. Equal expressions print alike, so that
// DuckDB finds an expression of GROUP BY again: names count the lambdas around, not those before.
func (p *printer) fresh() (name string, done func()) {
	p.locals++
	return p.localName(p.locals), func() { p.locals-- }
}

// bind writes what body makes of the texts of expressions, which it may repeat. One that is worth being computed once, or
// must be, is bound to a name: as the element of a list that a lambda takes.
func (p *printer) bind(list []expr, body func(texts []string) string) {
	p.bindAlso(list, func(expr) bool { return true }, body)
}

// bindAlso does the same, and binds what is not lazy in any case, so that it is computed even where body does not come to it.
func (p *printer) bindAlso(list []expr, lazy func(expr) bool, body func(texts []string) string) {
	x, done := p.fresh()
	defer done()
	marks := make([]string, len(list))
	for i := range list {
		marks[i] = fmt.Sprintf("\x01%d\x01", i)
	}
	text := body(marks)
	var fields, replace []string
	for i, e := range list {
		operand := p.textOf(e)
		if strings.Count(text, marks[i]) > 1 && !plain(e, operand) || !lazy(e) {
			fields = append(fields, nameOfBound(i)+": "+operand)
			operand = p.field(x, nameOfBound(i))
		}
		replace = append(replace, marks[i], operand)
	}
	text = strings.NewReplacer(replace...).Replace(text)
	if len(fields) > 0 {
		text = "list_transform([{" + strings.Join(fields, ", ") + "}], lambda " + x + ": " + text + ")[1]"
	}
	p.write(text)
}

// made counts texts that will stand in others many times, of types with parts in one another. It tells whether there are more
// of them than may be printed; then what is made no longer matters.
func (p *printer) made(texts ...string) bool {
	for _, text := range texts {
		p.parts += len(text)
	}
	p.tooLong = p.tooLong || p.parts > printBytesMax
	return p.tooLong
}

func nameOfBound(i int) string { return fmt.Sprintf("a%d", i) }

// plain tells whether an expression, which prints as text, costs nothing when it is repeated.
func plain(e expr, text string) bool {
	if len(text) > 100 {
		return false
	}
	switch e := e.(type) {
	case *columnExpr, *constExpr, *variableExpr, *printedExpr:
		return true
	case *callExpr:
		return e.op == opField && plain(e.args[0], text)
	case *castExpr:
		return plain(e.operand, text)
	}
	return false
}

// failure gives an expression of a type that fails with an error of Athena's name; RuntimeError reads it back. The message
// is made of texts and of pieces of SQL.
func (p *printer) failure(t Type, pieces ...any) string {
	if p.trying > 0 { // TRY takes no error(), which is volatile
		if message := fmt.Sprint(pieces[0]); !caught(message) {
			p.refused = "TRY around what may fail with " + message + ": this is not supported"
		}
		return "CAST(CAST(CAST('' AS INTEGER) AS VARCHAR) AS " + t.DuckDB() + ")"
	}
	list := make([]string, len(pieces))
	for i, piece := range pieces {
		switch piece := piece.(type) {
		case string:
			list[i] = quoteText(piece)
		case sql:
			list[i] = "CAST(" + string(piece) + " AS VARCHAR)"
		case expr:
			list[i] = "CAST(" + p.textOf(piece) + " AS VARCHAR)"
		}
	}
	return "error(" + strings.Join(list, " || ") + ")"
}
