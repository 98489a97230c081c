package native

import (
	"strconv"
	"strings"
)

func jsonFunctions() []Function {
	const text = "VARCHAR"
	at := func(name, result string, give func(r *jsonReader, k jsonKind) (any, error)) Function {
		return Function{Name: name, Params: []string{text, text}, Result: result, Call: func(a []any) (any, error) {
			steps, err := readJSONPath(a[1].(string))
			if err != nil {
				return nil, err
			}
			r := newJSON(a[0].(string))
			k, ok := r.find(steps)
			if !ok {
				return nil, nil
			}
			return give(r, k)
		}}
	}
	list := []Function{
		at("loglake_json_extract_scalar", text, func(r *jsonReader, k jsonKind) (any, error) {
			if !k.scalar() || k == jsonNull {
				return nil, nil
			}
			return r.scalarText(k), nil
		}),
		at("loglake_json_extract", text, func(r *jsonReader, k jsonKind) (any, error) {
			var w jsonWriter
			return w.whole(r, k)
		}),
		at("loglake_json_size", "BIGINT", func(r *jsonReader, k jsonKind) (any, error) { return r.size(k), nil }),
		{Name: "loglake_json_array_length", Params: []string{text}, Result: "BIGINT", Call: func(a []any) (any, error) {
			r := newJSON(a[0].(string))
			if k := r.next(); k == jsonArray {
				return r.size(k), nil
			}
			return nil, nil
		}},
		{Name: "loglake_json_array_get", Params: []string{text, "BIGINT"}, Result: text, Call: jsonArrayGet},
		{Name: "loglake_is_json_scalar", Params: []string{text}, Result: "BOOLEAN", Call: func(a []any) (any, error) {
			r := newJSON(a[0].(string))
			k := r.next()
			r.skip(k)
			if k == jsonEnd || r.failed || r.next() != jsonEnd || r.failed {
				return nil, invalid("Invalid JSON value: %s", a[0])
			}
			return k.scalar(), nil
		}},
		{Name: "loglake_json_parse", Params: []string{text}, Result: text, Call: func(a []any) (any, error) {
			parsed, ok, err := canonicalJSON(a[0].(string))
			if err == nil && !ok {
				err = invalid("Cannot convert value to JSON: '%s'", a[0])
			}
			return parsed, err
		}},
	}
	list = append(list, Function{Name: "loglake_json_parse_for", Params: []string{text, text, text}, Result: text, Call: func(a []any) (any, error) {
		return jsonParseFor(a[0].(string), a[1].(string), a[2].(string))
	}})
	for _, typ := range [...]string{"BIGINT", "DOUBLE", "BOOLEAN", text} {
		list = append(list, Function{Name: "loglake_json_array_contains_" + map[string]string{"BIGINT": "bigint", "DOUBLE": "double", "BOOLEAN": "boolean", text: "varchar"}[typ],
			Params: []string{text, typ}, Result: "BOOLEAN", Call: jsonArrayContains})
	}
	return list
}

// canonicalJSON writes a text as a value of type json: keys in order, the last of equal ones, no blanks.
func canonicalJSON(text string) (string, bool, error) {
	r, w := newJSON(text), jsonWriter{sorted: true}
	k := r.next()
	if k == jsonEnd {
		return "", false, nil
	}
	w.value(r, k)
	if w.limit {
		return "", false, errJSONDepth
	}
	if r.failed || r.next() != jsonEnd || r.failed {
		return "", false, nil
	}
	return string(w.dst), true, nil
}

// jsonParseFor is json_parse in a cast to a type with parts, which Trino does in one step: the cast is what fails. wanted is
// what the text should begin with.
func jsonParseFor(text, typ, wanted string) (any, error) {
	parsed, ok, err := canonicalJSON(text)
	if err != nil || ok {
		return parsed, err
	}
	r := newJSON(text)
	found := map[jsonKind]string{jsonEnd: "null", jsonObject: "{", jsonArray: "[", jsonNull: "null"}[r.next()]
	message := "Cannot cast to " + typ + "."
	if !r.failed && found != "" && (found == "null" || !strings.Contains(wanted, map[string]string{"{": "object", "[": "array"}[found])) {
		message += " Expected a json " + wanted + ", but got " + found
	}
	return nil, &Error{Code: codeCast, Message: message + "\n" + text}
}

// CanonicalJSON is canonicalJSON for literals.
func CanonicalJSON(text string) (string, bool) {
	s, ok, err := canonicalJSON(text)
	return s, ok && err == nil
}

var errJSONDepth = &Error{Code: codeLimit, Message: "JSON that is nested more than " + strconv.Itoa(jsonWriteDepthMax) + " levels deep is not supported"}

// whole writes a value as it is; NULL where it is malformed.
func (w *jsonWriter) whole(r *jsonReader, k jsonKind) (any, error) {
	w.value(r, k)
	switch {
	case w.limit:
		return nil, errJSONDepth
	case r.failed:
		return nil, nil
	}
	return string(w.dst), nil
}

// size counts the members or elements of a value; a scalar has none.
func (r *jsonReader) size(k jsonKind) any {
	n := int64(0)
	switch k {
	case jsonObject:
		for {
			if _, ok := r.key(); !ok {
				break
			}
			r.skip(r.next())
			n++
		}
	case jsonArray:
		for {
			k := r.next()
			if k == jsonClose || r.failed {
				break
			}
			r.skip(k)
			n++
		}
	}
	if r.failed {
		return nil
	}
	return n
}

// jsonArrayGet gives an element, counted from the end where the index is negative: scalars as their text, without quotes.
func jsonArrayGet(a []any) (any, error) {
	r, index := newJSON(a[0].(string)), a[1].(int64)
	if r.next() != jsonArray {
		return nil, nil
	}
	if index < 0 {
		n, ok := newJSON(a[0].(string)).arraySize()
		if index += n; !ok || index < 0 {
			return nil, nil
		}
	}
	for i := int64(0); ; i++ {
		k := r.next()
		switch {
		case k == jsonClose || r.failed:
			return nil, nil
		case i < index:
			r.skip(k)
		case k == jsonNull:
			return nil, nil
		case k.scalar():
			return r.scalarText(k), nil
		default:
			w := jsonWriter{raw: true}
			return w.whole(r, k)
		}
	}
}

func (r *jsonReader) arraySize() (int64, bool) {
	n, ok := r.size(r.next()).(int64)
	return n, ok
}

// jsonArrayContains looks for a value of the same kind: 1.0 is not the integer 1, nor 1 the double.
func jsonArrayContains(a []any) (any, error) {
	r := newJSON(a[0].(string))
	if r.next() != jsonArray {
		return nil, nil
	}
	for {
		k := r.next()
		if r.failed {
			return nil, nil
		}
		if k == jsonClose {
			return false, nil
		}
		if r.equals(k, a[1]) {
			return true, nil
		}
		r.skip(k)
	}
}

func (r *jsonReader) equals(k jsonKind, v any) bool {
	switch v := v.(type) {
	case int64:
		n, err := strconv.ParseInt(r.raw, 10, 64)
		return k == jsonInteger && err == nil && n == v
	case float64:
		f, err := strconv.ParseFloat(r.raw, 64)
		return k == jsonReal && err == nil && f == v
	case bool:
		return v && k == jsonTrue || !v && k == jsonFalse
	case string:
		return k == jsonString && r.decoded() == v
	}
	return false
}
