package dialect

import "strings"

func (a *analyzer) cast(s *scope, n *castNode) (expr, error) {
	e, err := a.expr(s, n.operand)
	if err != nil {
		return nil, err
	}
	if !castable(e.typ(), n.target) {
		code, text := CodeTypeMismatch, "Cannot cast %s to %s"
		if trinoCasts(e.typ(), n.target) {
			code, text = CodeNotSupported, "casts from %s to %s are not supported"
		}
		return nil, a.errorf(code, n, text, e.typ(), n.target)
	}
	if e.typ().Equal(n.target) {
		return e, nil
	}
	return &castExpr{operand: e, t: n.target, try: n.try}, nil
}

// trinoCasts tells whether Trino knows a cast that is not built here.
func trinoCasts(from, to Type) bool {
	switch to.Kind {
	case KindChar, KindTime, KindIntervalDay, KindIntervalYear, KindRow, KindMap, KindUUID:
		return true
	}
	return to.Kind == KindJSON || from.Kind == KindJSON || to.Kind == from.Kind && from.Kind >= KindArray ||
		to.Kind == KindUUID && from.Kind == KindVarchar || from.Kind == KindTime ||
		to.Kind == KindVarchar && (from.Kind == KindIntervalDay || from.Kind == KindIntervalYear)
}

// cast converts e to t without being asked; it does nothing where the types are the same. Constants are converted here.
func cast(e expr, t Type) expr {
	if e.typ().Equal(t) {
		return e
	}
	if c, ok := e.(*constExpr); ok {
		if v, ok := convertConst(c.value, c.t, t); ok {
			return &constExpr{value: v, t: t}
		}
	}
	return &castExpr{operand: e, t: t}
}

// convertConst converts a constant where nothing can go wrong.
func convertConst(v any, from, to Type) (any, bool) {
	switch {
	case v == nil:
		return nil, true
	case from.integral() && to.integral() && to.Kind > from.Kind:
		return v, true
	case from.integral() && to.Kind == KindDouble:
		n := v.(int64)
		return float64(n), int64(float64(n)) == n && n > -(1<<53) && n < 1<<53
	case from.Kind == KindVarchar && to.Kind == KindVarchar && to.Precision >= from.Precision:
		return v, true
	case from.Kind == KindDate && (to.Kind == KindTimestamp || to.Kind == KindTimestampTZ) && to.Zone == "":
		return v.(int64) * microsPerDay, true
	case from.Kind == KindTimestamp && (to.Kind == KindTimestamp || to.Kind == KindTimestampTZ) && to.Precision >= from.Precision && to.Zone == "":
		return v, true
	}
	return nil, false
}

// unify casts all of list to their common type in place.
func (a *analyzer) unify(list []expr, nodes []node, what string) (Type, error) {
	t := Type{}
	var types []string
	for i, e := range list {
		if text := e.typ().String(); !contains(types, text) {
			types = append(types, text)
		}
		c, ok := common(t, e.typ())
		if !ok && t.Equal(e.typ()) {
			return t, a.unsupported(nodes[i], "times that are shown in different zones, in one place,")
		}
		if !ok {
			for _, rest := range list[i:] {
				if text := rest.typ().String(); !contains(types, text) {
					types = append(types, text)
				}
			}
			err := a.errorf(CodeTypeMismatch, nodes[i], "%s must be the same type or coercible to a common type. Cannot find common type between %s and %s, all types (without duplicates): [%s]",
				what, t, e.typ(), strings.Join(types, ", "))
			if e.typ().Kind == KindVarchar {
				err.Hint = correction(t, e)
			}
			return t, err
		}
		t = c
	}
	for i, e := range list {
		list[i] = cast(e, t)
	}
	return t, nil
}
