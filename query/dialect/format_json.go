package dialect

// This file prints the SQL/JSON functions.

func (f *formatter) jsonPath(n *jsonPathNode) doc {
	word := map[string]string{"json_exists": "JSON_EXISTS(", "json_value": "JSON_VALUE(", "json_query": "JSON_QUERY("}[n.form]
	parts := []doc{cat(f.jsonValue(n.input, n.format), str(","), brk, f.expr(n.path))}
	if len(n.passing) > 0 {
		items := make([]doc, len(n.passing))
		for i, p := range n.passing {
			items[i] = cat(f.jsonValue(p.value, p.format), str(" AS "+nameSQL(p.name)))
		}
		parts = append(parts, f.clause("PASSING", items))
	}
	if n.returning != nil {
		parts = append(parts, str(returningText(n.returning, n.output)))
	}
	switch n.wrapper {
	case "":
	case "WITHOUT":
		parts = append(parts, str("WITHOUT WRAPPER"))
	default:
		parts = append(parts, str("WITH "+n.wrapper+" WRAPPER"))
	}
	if n.quotes != "" {
		parts = append(parts, str(n.quotes+" QUOTES"))
	}
	if n.onEmpty != nil {
		parts = append(parts, f.jsonElse(n.onEmpty, "EMPTY"))
	}
	if n.onError != nil {
		parts = append(parts, f.jsonElse(n.onError, "ERROR"))
	}
	return cat(str(word), indent(soft, lines(parts)), soft, str(")")).group()
}

func (f *formatter) jsonValue(n node, format string) doc {
	if format == "" {
		return f.expr(n)
	}
	return cat(f.expr(n), str(" FORMAT "+format))
}

func returningText(t *typeText, output string) string {
	s := "RETURNING " + t.sql(false)
	if output != "" {
		s += " FORMAT " + output
	}
	return s
}

func (f *formatter) jsonElse(e *jsonElse, when string) doc {
	if e.value != nil {
		return cat(str("DEFAULT "), f.expr(e.value), str(" ON "+when))
	}
	return str(e.kind + " ON " + when)
}

func (f *formatter) jsonObject(n *jsonObjectNode) doc {
	var parts []doc
	if len(n.members) > 0 {
		items := make([]doc, len(n.members))
		for i, m := range n.members {
			items[i] = cat(str("KEY "), f.expr(m.key), str(" VALUE "), f.jsonValue(m.value, m.format))
		}
		parts = append(parts, listed(items))
	}
	parts = f.jsonNulls(parts, n.nullGiven, n.absent)
	if n.unique {
		parts = append(parts, str("WITH UNIQUE KEYS"))
	}
	if n.returning != nil {
		parts = append(parts, str(returningText(n.returning, n.output)))
	}
	return cat(str("JSON_OBJECT("), indent(soft, lines(parts)), soft, str(")")).group()
}

func (f *formatter) jsonNulls(parts []doc, given, absent bool) []doc {
	switch {
	case !given:
		return parts
	case absent:
		return append(parts, str("ABSENT ON NULL"))
	}
	return append(parts, str("NULL ON NULL"))
}

func (f *formatter) jsonArray(n *jsonArrayNode) doc {
	var parts []doc
	if len(n.items) > 0 {
		items := make([]doc, len(n.items))
		for i, m := range n.items {
			items[i] = f.jsonValue(m.value, m.format)
		}
		parts = append(parts, listed(items))
	}
	parts = f.jsonNulls(parts, n.nullGiven, n.absent)
	if n.returning != nil {
		parts = append(parts, str(returningText(n.returning, n.output)))
	}
	return cat(str("JSON_ARRAY("), indent(soft, lines(parts)), soft, str(")")).group()
}
