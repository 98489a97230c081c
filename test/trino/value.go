package trino

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
)

// signature is a type as Trino's protocol tells it.
type signature struct {
	RawType   string
	Arguments []struct {
		Kind  string // LONG, TYPE, NAMED_TYPE
		Value json.RawMessage
	}
}

// part is a type within another, with a field's name for rows.
type part struct {
	name string
	signature
}

func (s signature) parts() []part {
	var parts []part
	for _, a := range s.Arguments {
		var named struct {
			FieldName     *struct{ Name string }
			TypeSignature signature
		}
		switch a.Kind {
		case "TYPE":
			var t signature
			if json.Unmarshal(a.Value, &t) == nil {
				parts = append(parts, part{"", t})
			}
		case "NAMED_TYPE":
			if json.Unmarshal(a.Value, &named) == nil {
				name := ""
				if named.FieldName != nil {
					name = named.FieldName.Name
				}
				parts = append(parts, part{name, named.TypeSignature})
			}
		}
	}
	return parts
}

// String gives the type as package dialect writes it.
func (s signature) String() string {
	var arguments []string
	for _, a := range s.Arguments {
		if a.Kind == "LONG" {
			arguments = append(arguments, string(a.Value))
		}
	}
	separator := ","
	for _, p := range s.parts() {
		arguments = append(arguments, strings.TrimLeft(p.name+" "+p.signature.String(), " "))
		separator = ", "
	}
	name, rest, _ := strings.Cut(s.RawType, " with ")
	switch {
	case len(arguments) == 0 || name == "varchar" && arguments[0] == "2147483647":
	default:
		name += "(" + strings.Join(arguments, separator) + ")"
	}
	if rest != "" {
		name += " with " + rest
	}
	return name
}

// text0 gives a value as Athena's GetQueryResults tells it; nil is NULL. Numbers come from Trino as Java writes them already.
func text0(v json.RawMessage, t signature) (*string, error) {
	if string(v) == "null" {
		return nil, nil
	}
	s, err := text(v, t, true)
	return &s, err
}

func text(v json.RawMessage, t signature, outermost bool) (string, error) {
	if string(v) == "null" {
		return "null", nil
	}
	switch t.RawType {
	case "array", "row":
		return list(v, t)
	case "map":
		return entries(v, t)
	case "varbinary":
		var b []byte
		if err := json.Unmarshal(v, &b); err != nil {
			return "", err
		}
		return binary(b, outermost), nil
	}
	if v[0] != '"' {
		return string(v), nil
	}
	var s string
	err := json.Unmarshal(v, &s)
	return s, err
}

// binary gives blank-separated hex, but within another value what stands for the address that Java prints.
func binary(b []byte, outermost bool) string {
	if !outermost {
		h := fnv.New32a()
		_, _ = h.Write(b) // never fails
		return "[B@" + strconv.FormatUint(uint64(h.Sum32()), 16)
	}
	digits := make([]string, len(b))
	for i := range b {
		digits[i] = hex.EncodeToString(b[i : i+1])
	}
	return strings.Join(digits, " ")
}

func list(v json.RawMessage, t signature) (string, error) {
	var items []json.RawMessage
	if err := json.Unmarshal(v, &items); err != nil {
		return "", err
	}
	parts, texts := t.parts(), make([]string, len(items))
	for i, item := range items {
		p := parts[0]
		if t.RawType == "row" {
			p = parts[i]
		}
		s, err := text(item, p.signature, false)
		if err != nil {
			return "", err
		}
		if texts[i] = s; p.name != "" {
			texts[i] = p.name + "=" + s
		}
	}
	if t.RawType == "row" {
		return "{" + strings.Join(texts, ", ") + "}", nil
	}
	return "[" + strings.Join(texts, ", ") + "]", nil
}

// entries writes a map in the order of its keys: numbers by value, all else by text. Keys come as Java's text of them.
func entries(v json.RawMessage, t signature) (string, error) {
	d := json.NewDecoder(bytes.NewReader(v))
	if _, err := d.Token(); err != nil {
		return "", err
	}
	type entry struct{ key, value string }
	var all []entry
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return "", err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return "", err
		}
		s, err := text(value, t.parts()[1].signature, false)
		if err != nil {
			return "", err
		}
		all = append(all, entry{mapKey(fmt.Sprint(key), t.parts()[0].signature), s})
	}
	slices.SortStableFunc(all, func(a, b entry) int {
		x, errX := strconv.ParseFloat(a.key, 64)
		y, errY := strconv.ParseFloat(b.key, 64)
		if numeric[t.parts()[0].RawType] && errX == nil && errY == nil && x != y {
			if x < y {
				return -1
			}
			return 1
		}
		return strings.Compare(a.key, b.key)
	})
	texts := make([]string, len(all))
	for i, e := range all {
		texts[i] = e.key + "=" + e.value
	}
	return "{" + strings.Join(texts, ", ") + "}", nil
}

var numeric = map[string]bool{"tinyint": true, "smallint": true, "integer": true, "bigint": true, "real": true, "double": true}

// mapKey gives a key's text: base64 for binary ones.
func mapKey(key string, t signature) string {
	if t.RawType != "varbinary" {
		return key
	}
	b, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		return key
	}
	return binary(b, false)
}
