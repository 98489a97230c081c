package dialect

import (
	"maps"
	"slices"
	"strings"
)

// showColumns are the columns of SHOW FUNCTIONS.
var showColumns = []string{"Function", "Return Type", "Argument Types", "Function Type", "Deterministic", "Description"}

// show reads SHOW FUNCTIONS [LIKE 'pattern' [ESCAPE 'e']], a query over what the registry holds.
func (p *parser) show() (statementNode, error) {
	n := &showFunctionsNode{at: p.offset()}
	p.pos += 2
	if p.wordAt(0, "FROM") || p.wordAt(0, "IN") {
		return nil, p.unsupported(p.peek().off, "SHOW FUNCTIONS of a schema: such statements")
	}
	var err error
	if p.accept("LIKE") {
		if n.pattern, err = p.showText(); err != nil {
			return nil, err
		}
		if p.accept("ESCAPE") {
			if n.escape, err = p.showText(); err != nil {
				return nil, err
			}
		}
	}
	n.query = functionsQuery(n)
	return n, nil
}

func (p *parser) showText() (*stringNode, error) {
	n := &stringNode{at: p.offset()}
	if !isString(p.peek()) {
		return nil, p.mismatch()
	}
	var err error
	n.value, err = p.stringText()
	return n, err
}

// functionsQuery is SELECT * FROM (VALUES …) AS t ("Function", …) WHERE "Function" LIKE 'pattern'.
func functionsQuery(n *showFunctionsNode) *queryNode {
	values := &valuesNode{at: n.at}
	for _, row := range functionRows() {
		var items []node
		for _, text := range row[:4] {
			items = append(items, &stringNode{n.at, text})
		}
		values.rows = append(values.rows, append(items, &boolNode{n.at, row[4] == "yes"}, &stringNode{n.at, row[5]}))
	}
	from := &aliasNode{at: n.at, relation: &derivedNode{at: n.at, query: &queryNode{at: n.at, body: values}}, alias: name{text: "t"}}
	for _, c := range showColumns {
		from.columns = append(from.columns, name{text: c})
	}
	s := &selectNode{at: n.at, items: []itemNode{{at: n.at, star: true}}, from: from}
	if n.pattern != nil {
		like := &likeNode{at: n.at, operand: &nameNode{n.at, []name{{text: showColumns[0]}}}, pattern: n.pattern}
		if n.escape != nil {
			like.escape = n.escape
		}
		s.where = like
	}
	return &queryNode{at: n.at, body: s}
}

// functionRows gives a row for each signature, in order.
func functionRows() [][6]string {
	var rows [][6]string
	all := functions()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		f, first := all[name], len(rows)
		for i := range f.Overloads {
			o := &f.Overloads[i]
			rows = append(rows, [6]string{name, o.Result(), o.Parameters(), f.kind(), deterministic(f), description(f)})
		}
		slices.SortFunc(rows[first:], func(a, b [6]string) int { return strings.Compare(a[1]+"\x00"+a[2], b[1]+"\x00"+b[2]) })
	}
	return slices.Compact(rows)
}

func (f *Function) kind() string {
	switch {
	case f.Aggregate:
		return "aggregate"
	case f.Window:
		return "window"
	}
	return "scalar"
}

func deterministic(f *Function) string {
	if f.Volatile {
		return "no"
	}
	return "yes"
}

func description(f *Function) string {
	if f.Differs == "" {
		return ""
	}
	return "Differs from Trino: " + f.Differs
}

// showNames names the columns as they are shown, whatever their letters.
func showNames(columns []OutputColumn) {
	for i := range columns {
		columns[i].Name = showColumns[i]
	}
}
