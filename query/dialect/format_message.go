package dialect

import "strings"

// quotedText is an expression as Trino quotes it in messages: with brackets around everything that is no name, literal or
// call.
func quotedText(n node) string { return render((&formatter{message: true}).expr(n), 0) }

func (f *formatter) quoted(n node) doc {
	bracketed := func(n node) doc { return cat(str("("), f.plain(n), str(")")) }
	negated := func(n node) doc { return cat(str("(NOT "), f.expr(n), str(")")) }
	switch n := n.(type) {
	case *operatorNode:
		if n.op == "||" {
			return f.list("concat(", []node{n.left, n.right}, ")")
		}
		return bracketed(n)
	case *logicalNode, *notNode, *caseNode:
		return bracketed(n)
	case *isNullNode, *distinctFromNode:
		return bracketed(n)
	case *betweenNode:
		if positive := *n; n.not {
			positive.not = false
			return negated(&positive)
		}
		return bracketed(n)
	case *inNode:
		if positive := *n; n.not {
			positive.not = false
			return negated(&positive)
		}
		return bracketed(n)
	case *likeNode:
		if positive := *n; n.not {
			positive.not = false
			return negated(&positive)
		}
		return bracketed(n)
	case *negateNode:
		return cat(str("-("), f.expr(n.operand), str(")"))
	case *rowNode:
		return f.list("ROW (", n.items, ")")
	case *lambdaNode:
		params := "()"
		if len(n.params) > 0 {
			params = strings.TrimPrefix(namesSQL(n.params), " ")
		}
		return cat(str(params+" -> "), f.expr(n.body))
	case *callNode:
		if n.name == "grouping" {
			return f.list("GROUPING (", n.args, ")")
		}
	}
	return f.plain(n)
}
