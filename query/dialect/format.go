package dialect

import "strings"

// This file prints a tree as Trino SQL again: the same tree gives the same text, and the text gives the same tree. See
// format_doc.go for how lines are broken and format_comment.go for what becomes of comments.

// String gives the statement on one line in canonical form, without its comments.
func (s *Statement) String() string {
	f := formatter{}
	return render(f.statement(s.root, false), 0)
}

// formatWidth is how long lines may get where they can be broken.
const formatWidth = 100

// Format gives the statement in a readable layout: a clause a line, keywords in upper case, lists that are longer than a
// line one item a line. Comments are kept: those on lines of their own before the line that they stood before, others at
// the end of the line that they stood in. A list with comments between its items is broken. A semicolon at the end stays.
func (s *Statement) Format() string {
	first := s.layout(true)
	text := first
	for range 3 {
		again, err := Parse(text)
		if err != nil {
			break
		}
		next := again.layout(true)
		if next == text {
			return text
		}
		text = next
	}
	if again, err := Parse(first); err == nil {
		// Comments that move would move again: lines are broken as if there were none.
		if plain, err := Parse(again.layout(false)); err == nil {
			return plain.layout(false)
		}
	}
	return s.layout(false)
}

// layout prints the statement once. With heed, comments between the items of lists break these lists.
func (s *Statement) layout(heed bool) string {
	list := commentsOf(s.text)
	f := formatter{}
	if heed {
		for _, c := range list {
			f.comments = append(f.comments, c.off)
		}
	}
	text := render(f.statement(s.root, true), formatWidth)
	if s.ended {
		text += ";"
	}
	return withComments(s.text, text, list)
}

// formatter makes docs of nodes.
type formatter struct {
	message  bool    // as Trino quotes expressions in messages
	comments []int32 // offsets of comments, in order
}

// commented tells whether a comment stands between two offsets.
func (f *formatter) commented(from, to int32) bool {
	for _, c := range f.comments {
		if c > from && c < to {
			return true
		}
	}
	return false
}

func (f *formatter) statement(n statementNode, top bool) doc {
	switch n := n.(type) {
	case *queryNode:
		return f.query(n, top)
	case *explainNode:
		return cat(str("EXPLAIN"+explainText(n)), brk, f.statement(n.statement, top)).broken(top)
	case *prepareNode:
		return cat(str("PREPARE "+nameSQL(n.name)+" FROM"), brk, f.statement(n.statement, top)).broken(top)
	case *executeNode:
		head := "EXECUTE " + nameSQL(n.name)
		if len(n.args) == 0 {
			return str(head)
		}
		return f.clause(head+" USING", f.exprs(n.args))
	case *deallocateNode:
		return str("DEALLOCATE PREPARE " + nameSQL(n.name))
	case *createTableAsNode:
		return f.createTableAs(n, top)
	case *insertNode:
		return cat(str("INSERT INTO "+dottedNames(n.table)+namesSQL(n.columns)), brk, f.query(n.query, top)).broken(top)
	case *showFunctionsNode:
		return str(showText(n))
	case *unloadNode:
		d := cat(str("UNLOAD "), f.inBrackets(n.query, top), brk, str("TO "+quoteText(n.location)))
		return cat(d, f.properties(n.properties)).broken(top)
	}
	return str("")
}

func showText(n *showFunctionsNode) string {
	s := "SHOW FUNCTIONS"
	if n.pattern != nil {
		s += " LIKE " + quoteText(n.pattern.value)
	}
	if n.escape != nil {
		s += " ESCAPE " + quoteText(n.escape.value)
	}
	return s
}

func explainText(n *explainNode) string {
	s := ""
	if n.analyze {
		s = " ANALYZE"
	}
	if n.verbose {
		s += " VERBOSE"
	}
	var options []string
	if n.kind != "" {
		options = append(options, "TYPE "+n.kind)
	}
	if n.format != "" {
		options = append(options, "FORMAT "+n.format)
	}
	if len(options) > 0 {
		s += " (" + strings.Join(options, ", ") + ")"
	}
	return s
}

func (f *formatter) createTableAs(n *createTableAsNode, top bool) doc {
	head := "CREATE TABLE "
	if n.ifNotExists {
		head += "IF NOT EXISTS "
	}
	head += dottedNames(n.table) + namesSQL(n.columns)
	if n.comment != nil {
		head += " COMMENT " + quoteText(*n.comment)
	}
	d := cat(str(head), f.properties(n.properties), str(" AS"), brk)
	if len(n.query.with) > 0 && n.bracketed {
		d = cat(d, f.inBrackets(n.query, top))
	} else {
		d = cat(d, f.query(n.query, top))
	}
	switch {
	case n.withoutData:
		d = cat(d, brk, str("WITH NO DATA"))
	case n.withData:
		d = cat(d, brk, str("WITH DATA"))
	}
	return d.broken(top)
}

func (f *formatter) properties(list []propertyNode) doc {
	if len(list) == 0 {
		return str("")
	}
	items := make([]doc, len(list))
	for i, p := range list {
		items[i] = cat(str(nameSQL(p.name)+" = "), f.expr(p.value))
	}
	return cat(brk, str("WITH "), f.brackets("(", items, ")", false))
}

// clause gives a word and a list: on one line, or each item on a line of its own.
func (f *formatter) clause(word string, items []doc) doc {
	return cat(str(word), indent(brk, listed(items))).group()
}

// brackets gives a list in brackets.
func (f *formatter) brackets(open string, items []doc, shut string, broken bool) doc {
	if len(items) == 0 {
		return str(open + shut)
	}
	return cat(str(open), indent(soft, listed(items)), soft, str(shut)).broken(broken)
}

// inBrackets gives a query in brackets.
func (f *formatter) inBrackets(q *queryNode, broken bool) doc {
	inner := f.query(q, false)
	return cat(str("("), indent(soft, inner), soft, str(")")).broken(broken || f.commented(int32(q.at), int32(q.end)))
}

// listed joins items with commas.
func listed(items []doc) doc {
	var parts []doc
	for i, item := range items {
		if i > 0 {
			parts = append(parts, str(","), brk)
		}
		parts = append(parts, item)
	}
	return cat(parts...)
}

// nameSQL gives an identifier: in quotes where they were written or are needed.
func nameSQL(n name) string {
	if n.quoted || !plainName(n.text) {
		return quoteName(n.text)
	}
	return n.text
}

func plainName(s string) bool {
	if s == "" || !isNameStart(s[0]) || reserved[strings.ToUpper(s)] {
		return false
	}
	for i := range len(s) {
		if !isNameStart(s[i]) && !isDigit(s[i]) {
			return false
		}
	}
	return true
}

func dottedNames(parts []name) string {
	texts := make([]string, len(parts))
	for i, p := range parts {
		texts[i] = nameSQL(p)
	}
	return strings.Join(texts, ".")
}

// namesSQL gives " (a, b)", "" for no columns.
func namesSQL(columns []name) string {
	if len(columns) == 0 {
		return ""
	}
	texts := make([]string, len(columns))
	for i, c := range columns {
		texts[i] = nameSQL(c)
	}
	return " (" + strings.Join(texts, ", ") + ")"
}
