package dialect

// jsonScalar analyses JSON_VALUE. Where it gives text, and nothing by DEFAULT, package native does all of it; otherwise this
// gives the type of what it found in front of its text, which is cast then.
func (a *analyzer) jsonScalar(s *scope, n *jsonPathNode, args, names, values []expr) (expr, error) {
	t := varchar()
	if n.returning != nil {
		var err error
		if t, err = a.typeNamed(n, *n.returning); err != nil {
			return nil, err
		}
	}
	switch t.Kind {
	case KindBoolean, KindVarchar, KindChar, KindDate, KindTime, KindTimeTZ, KindTimestamp, KindTimestampTZ:
	default:
		if !t.numeric() {
			return nil, a.errorf(CodeTypeMismatch, n, "Invalid return type of function JSON_VALUE: %s", t)
		}
	}
	t = zoned(varchar(), t)
	if what := unbuiltCast(varchar(), t); what != "" {
		return nil, a.unsupported(n, what)
	}
	spec := []byte(n.spec())
	defaults := [2]expr{&constExpr{t: t}, &constExpr{t: t}}
	given := false
	for i, e := range [2]*jsonElse{n.onEmpty, n.onError} {
		if e == nil || e.value == nil {
			continue
		}
		value, err := a.expr(s, e.value)
		if err != nil {
			return nil, err
		}
		if !coercible(value.typ(), t) {
			return nil, a.errorf(CodeTypeMismatch, e.value, "Function JSON_VALUE default ON %s result must evaluate to a %s (actual: %s)", [2]string{"EMPTY", "ERROR"}[i], t, value.typ())
		}
		if t.Zone != "" && value.typ().Kind != KindUnknown {
			return nil, a.unsupported(e.value, "defaults of JSON_VALUE with a time zone")
		}
		defaults[i], given = cast(value, t), true
	}
	if t.Equal(varchar()) && !given {
		return pathExpr("loglake_sqljson", t, args[0], string(spec), names, values), nil
	}
	spec[0] = 't'
	switch {
	case t.integral():
		spec[5] = 'i'
	case t.Kind == KindBoolean:
		spec[5] = 'b'
	}
	call := pathExpr("loglake_sqljson", varchar(), args[0], string(spec), names, values)
	return &callExpr{op: opJSONValue, args: []expr{call, textConst(string(spec[2])), defaults[0], defaults[1]}, t: t}, nil
}
