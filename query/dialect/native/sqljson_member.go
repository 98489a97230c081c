package native

// keys gives the members that a path goes along where it is nothing but lax $.a.b, else nil.
func (p *sqlPath) keys() []string {
	var keys []string
	n := p.root
	for ; n.op == "member"; n = n.args[0] {
		keys = append([]string{n.text}, keys...)
	}
	if !p.lax || n.op != "root" {
		return nil
	}
	return keys
}

// jsonMember evaluates such a path without making items of what it goes by. done is false where arrays are on the way: they
// are for the walker.
func jsonMember(text string, keys []string) (items []any, done bool, err error) {
	r := newJSON(text)
	r.bounded = true
	k := r.next()
	if k == jsonEnd && !r.failed {
		return nil, true, nil
	}
	if k == jsonArray {
		return nil, false, nil
	}
	items, done = r.member(k, keys)
	if r.failed && done {
		err = errPathInput
	}
	return items, done, err
}

// member goes along the keys from the value of which the token is read, to its end. Of equal keys the last counts.
func (r *jsonReader) member(k jsonKind, keys []string) (items []any, done bool) {
	if len(keys) == 0 {
		return []any{r.readItem(k)}, true
	}
	if k != jsonObject {
		return nil, k != jsonArray
	}
	for {
		key, ok := r.key()
		if !ok {
			return items, true
		}
		k := r.next()
		if key != keys[0] {
			r.skip(k)
			continue
		}
		if items, done = r.member(k, keys[1:]); !done {
			return nil, false
		}
	}
}
