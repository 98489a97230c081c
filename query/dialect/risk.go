package dialect

// What can't fail may be evaluated for values that the query does not ask for; what can fail may not.

// present tells whether an expression is a value that is there already.
func present(e expr) bool {
	switch e := e.(type) {
	case *columnExpr, *constExpr, *variableExpr, *printedExpr:
		return true
	case *callExpr:
		return e.op == opField && present(e.args[0])
	}
	return false
}

func riskyLambda(e expr) bool {
	l, ok := e.(*lambdaExpr)
	return ok && !safe(l.body)
}

// safeOperators never fail on arguments that did not. Comparisons of nested values may.
var safeOperators = map[string]bool{opAnd: true, opOr: true, opNot: true, opEqual: true, opNotEqual: true, opLess: true, opLessEq: true,
	opGreater: true, opGreaterEq: true, opIsNull: true, opDistinct: true, opIn: true, opBetween: true, opCase: true, opSwitch: true,
	opNullIf: true, opCoalesce: true, opConcat: true, opArray: true, opField: true, opTry: true}

var safeFunctions = map[string]bool{"length": true, "lower": true, "upper": true, "trim": true, "ltrim": true, "rtrim": true, "strpos": true,
	"starts_with": true, "cardinality": true, "is_nan": true, "is_finite": true, "is_infinite": true, "reverse": true}

// safe tells whether an expression never fails, as far as is known here.
func safe(e expr) bool {
	switch e := e.(type) {
	case *castExpr:
		return safe(e.operand) && (e.try || widens(e.operand.typ(), e.t))
	case *callExpr:
		if e.op == opTry {
			return true
		}
		if !safeOperators[e.op] && !safeFunctions[e.op] {
			return false
		}
		for _, arg := range e.args {
			if arg != nil && (!safe(arg) || len(arg.typ().Fields) > 0 && e.op != opField && e.op != opIsNull) {
				return false
			}
		}
		return true
	}
	return present(e)
}

// widens tells whether each value of a type is one of the other.
func widens(from, to Type) bool {
	switch {
	case from.integral() && to.integral():
		return to.Kind >= from.Kind
	case from.Kind == KindUnknown, from.integral() && (to.Kind == KindDouble || to.Kind == KindReal), from.Kind == KindReal && to.Kind == KindDouble:
		return true
	case from.Kind == KindVarchar && to.Kind == KindVarchar:
		return true
	case from.integral() && to.Kind == KindVarchar:
		return to.Precision == VarcharMax
	}
	return false
}
