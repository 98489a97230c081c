package dialect

import (
	"strings"

	"github.com/loglake/loglake/query/dialect/native"
)

func (a *analyzer) cast(s *scope, n *castNode) (expr, error) {
	to, err := a.typeNamed(n, n.target)
	if err != nil {
		return nil, err
	}
	e, err := a.expr(s, n.operand)
	if err != nil {
		return nil, err
	}
	return a.castTo(n, e, to, n.try)
}

// castTo is CAST or TRY_CAST. A time that has a zone keeps it.
func (a *analyzer) castTo(n node, e expr, to Type, try bool) (expr, error) {
	from := e.typ()
	if !castable(from, to) {
		return nil, a.errorf(CodeTypeMismatch, n, "Cannot cast %s to %s", from, to)
	}
	if t, ok := jsonKeys(from, to); !ok {
		return nil, &Error{Code: CodeCastArgument, Message: "Cannot cast " + t}
	}
	to = zoned(from, to)
	if from.identical(to) {
		return e, nil
	}
	if c, ok := e.(*constExpr); ok && c.value != nil {
		if folded, ok := foldCast(c, to); ok {
			return folded, nil
		}
	}
	if what := unbuiltCast(from, to); what != "" {
		return nil, a.unsupported(n, what)
	}
	if !try {
		e = parsedFor(e, to)
	}
	return &castExpr{operand: e, t: to, try: try}, nil
}

// parsedFor has json_parse in a cast to a type with parts fail like the cast.
func parsedFor(e expr, to Type) expr {
	wanted := map[Kind]string{KindArray: "array", KindMap: "object", KindRow: "array or object"}[to.Kind]
	c, ok := e.(*callExpr)
	if !ok || wanted == "" || c.op != "json_parse" {
		return e
	}
	return templated("loglake_json_parse_for($1, $2, $3)", c.t, c.args[0], textConst(to.String()), textConst(wanted))
}

// zoned gives the target of a cast the zones that its value has: those of the source, or one of each value's own where it is
// read from text.
func zoned(from, to Type) Type {
	hasZone := func(t Type) bool { return t.Kind == KindTimeTZ || t.Kind == KindTimestampTZ }
	if hasZone(to) {
		if hasZone(from) {
			to.Zone = from.Zone
		} else if from.Kind == KindVarchar && to.Kind == KindTimestampTZ {
			to.Zone = zoneOfValue
		}
	}
	if len(to.Fields) > 0 && len(from.Fields) == len(to.Fields) {
		fields := make([]Field, len(to.Fields))
		for i, f := range to.Fields {
			fields[i] = Field{Name: f.Name, Type: zoned(from.Fields[i].Type, f.Type)}
		}
		to.Fields = fields
	}
	return to
}

// jsonKeys holds the keys of maps in casts from and to json to types whose values are names.
func jsonKeys(from, to Type) (failure string, ok bool) {
	t := from
	if from.Kind == KindJSON {
		t = to
	} else if to.Kind != KindJSON {
		return "", true
	}
	if t.Kind == KindMap {
		if k := t.Fields[0].Type.Kind; k != KindUnknown && k > KindVarchar {
			if from.Kind == KindJSON {
				return "JSON to " + to.String(), false
			}
			return from.String() + " to JSON", false
		}
	}
	for _, f := range t.Fields {
		if failure, ok = jsonKeys(f.Type, simple(KindJSON)); !ok {
			return failure, false
		}
	}
	return "", true
}

// unbuiltCast names the casts that Trino has and that are not built.
func unbuiltCast(from, to Type) string {
	for i := range from.Fields {
		if i < len(to.Fields) {
			if what := unbuiltCast(from.Fields[i].Type, to.Fields[i].Type); what != "" {
				return what
			}
		}
	}
	_, fixed := native.OffsetMicros(from.Zone)
	switch {
	case to.Kind == KindTimeTZ && from.Kind == KindVarchar:
		return "casts of varchar to time with time zone"
	case to.Kind == KindTimeTZ && from.Kind == KindTimestampTZ && !fixed:
		return "casts of timestamp with time zone to time with time zone in zones that are no offset"
	case (to.Kind == KindTimestamp || to.Kind == KindTimestampTZ) && (from.Kind == KindTime || from.Kind == KindTimeTZ):
		return "casts of time to timestamp"
	}
	return ""
}

// foldCast casts a constant text whose result has a zone, which belongs to the type.
func foldCast(c *constExpr, to Type) (*constExpr, bool) {
	text, ok := c.value.(string)
	if !ok || c.t.Kind != KindVarchar {
		return nil, false
	}
	switch to.Kind {
	case KindTimestampTZ:
		at, zone, ok := native.ParseInstant(text, to.Precision)
		to.Zone = zone
		return &constExpr{value: at, t: to}, ok
	case KindTimeTZ:
		at, zone, ok := native.ParseTimeTZ(text, to.Precision)
		to.Zone = zone
		return &constExpr{value: at, t: to}, ok
	}
	return nil, false
}

// cast converts e to t without being asked; it does nothing where the types are the same. Constants are converted here.
func cast(e expr, t Type) expr {
	if from := e.typ(); from.identical(t) || from.Equal(t) && from.DuckDB() == t.DuckDB() && len(t.Fields) == 0 {
		if from.identical(t) {
			return e
		}
		if c, ok := e.(*constExpr); ok {
			return &constExpr{value: c.value, t: t}
		}
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
