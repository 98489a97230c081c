package pattern

import (
	"bytes"
	"encoding/json"
)

// extract gives the texts and numbers that the pattern's selectors lead to. Selectors with a wildcard have no one value
// and are left out.
func (p *jsonPattern) extract(message []byte) map[string]string {
	values := map[string]string{}
	decoder := json.NewDecoder(bytes.NewReader(message))
	decoder.UseNumber()
	var document any
	if decoder.Decode(&document) != nil {
		return values
	}
	for i := range p.conditions {
		path := p.conditions[i].path
		if wildcard(path) {
			continue
		}
		if text, ok := scalarText(follow(document, path)); ok {
			values[selectorString(path)] = text
		}
	}
	return values
}

// follow walks a path without wildcards; nil where it leads nowhere.
func follow(value any, path []step) any {
	for _, s := range path {
		switch v := value.(type) {
		case map[string]any:
			if s.kind != stepName {
				return nil
			}
			value = v[s.name]
		case []any:
			if s.kind != stepIndex || s.index >= len(v) {
				return nil
			}
			value = v[s.index]
		default:
			return nil
		}
	}
	return value
}

func scalarText(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		if v {
			return "true", true
		}
		return "false", true
	}
	return "", false
}
