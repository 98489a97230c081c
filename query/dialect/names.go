package dialect

import "strconv"

// The names that printed expressions bind, such as the parameters of DuckDB's lambdas, are x and a number. They must not hide
// each other where one expression is in another; and equal expressions must print alike wherever they are, since DuckDB knows
// an expression of GROUP BY by its text. So a name is numbered by how high the expression is that binds it, counted from
// below.

// namesOfNode is how many names one node of an expression may bind.
const namesOfNode = 100

func (p *printer) localName(i int) string { return "x" + strconv.Itoa(i) }

// height gives how many nodes are above one another in e.
func (p *printer) height(e expr) int {
	if h, ok := p.heights[e]; ok {
		return h
	}
	h := 0
	below := func(e expr) {
		if e != nil {
			h = max(h, 1+p.height(e))
		}
	}
	switch e := e.(type) {
	case *printedExpr:
		h = highest(e.text) / namesOfNode
	case *castExpr:
		below(e.operand)
	case *lambdaExpr:
		below(e.body)
	case *subqueryExpr:
		below(e.value)
	case *callExpr:
		for _, arg := range e.args {
			below(arg)
		}
		below(e.filter)
		for _, o := range e.order {
			below(o.key)
		}
	}
	if p.heights == nil {
		p.heights = map[expr]int{}
	}
	p.heights[e] = h
	return h
}

// highest gives the greatest number of a name in a text.
func highest(text string) int {
	most := 0
	for i := 0; i < len(text); i++ {
		if text[i] != 'x' {
			continue
		}
		n := 0
		for i+1 < len(text) && isDigit(text[i+1]) && n < 1<<20 {
			i++
			n = 10*n + int(text[i]-'0')
		}
		most = max(most, n)
	}
	return most
}
