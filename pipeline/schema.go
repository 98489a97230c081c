package pipeline

import (
	"bytes"
	"encoding/json"
	"strings"
)

// schemaForm is a JSON schema, as far as loglake.yaml needs it. The order of the members is that of the printed text.
type schemaForm struct {
	Schema      string          `json:"$schema,omitempty"`
	Title       string          `json:"title,omitempty"`
	Description string          `json:"description,omitempty"`
	Ref         string          `json:"$ref,omitempty"`
	Type        any             `json:"type,omitempty"` // a name, or several
	Enum        []string        `json:"enum,omitempty"`
	Pattern     string          `json:"pattern,omitempty"`
	Minimum     *int            `json:"minimum,omitempty"`
	Maximum     *int            `json:"maximum,omitempty"`
	Items       *schemaForm     `json:"items,omitempty"`
	AnyOf       []*schemaForm   `json:"anyOf,omitempty"`
	Properties  *schemaKeys     `json:"properties,omitempty"`
	Required    []string        `json:"required,omitempty"`
	Additional  json.RawMessage `json:"additionalProperties,omitempty"` // false, or a schema
	Defs        *schemaKeys     `json:"$defs,omitempty"`
}

// schemaKeys is an object whose members keep their order.
type schemaKeys struct {
	names []string
	forms []*schemaForm
}

func (k *schemaKeys) add(name string, form *schemaForm) {
	k.names, k.forms = append(k.names, name), append(k.forms, form)
}

func (k *schemaKeys) has(name string) bool {
	for _, n := range k.names {
		if n == name {
			return true
		}
	}
	return false
}

// MarshalJSON gives the object.
func (k *schemaKeys) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, name := range k.names {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		value, err := plainJSON(k.forms[i])
		if err != nil {
			return nil, err
		}
		b.Write(append(append(key, ':'), value...))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// plainJSON is json.Marshal without escapes for HTML.
func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}

// JSONSchema gives the JSON schema (draft 2020-12) of the file, for editors. It knows keys and forms; what one part of a
// file says of another, only Parse checks.
func JSONSchema() []byte {
	s := schemaWriter{defs: &schemaKeys{}}
	root := s.object(topKeys())
	root.Schema, root.Title = "https://json-schema.org/draft/2020-12/schema", FileName
	root.Description, root.Defs = "A pipeline of loglake, and settings of its server.", s.defs
	root.Type = []string{"object", "null"}
	text, err := plainJSON(root)
	var out bytes.Buffer
	if err == nil {
		err = json.Indent(&out, text, "", "  ")
	}
	if err != nil {
		return nil // strings and numbers always have a JSON form
	}
	out.WriteByte('\n')
	return out.Bytes()
}

type schemaWriter struct{ defs *schemaKeys }

func (s schemaWriter) object(keys []key) *schemaForm {
	form := &schemaForm{Type: []string{"object", "null"}, Properties: &schemaKeys{}, Additional: json.RawMessage("false")}
	for _, k := range keys {
		one := s.form(k)
		one.Description = strings.ReplaceAll(k.doc, "`", "")
		if k.preset != "" {
			one.Description += " Default: " + strings.ReplaceAll(k.preset, "`", "") + "."
		}
		form.Properties.add(k.name, one)
		if k.required {
			form.Required = append(form.Required, k.name)
			form.Type = "object"
		}
	}
	return form
}

func (s schemaWriter) form(k key) *schemaForm {
	switch k.form {
	case formChoice:
		return &schemaForm{Type: "string", Enum: k.choices}
	case formNumber:
		return &schemaForm{Type: "integer", Minimum: &k.least, Maximum: &k.most}
	case formTruth:
		return &schemaForm{Type: "boolean"}
	case formObject:
		return s.shared(k)
	case formNames:
		element, err := plainJSON(s.form(*k.element))
		if err != nil {
			element = nil // strings and numbers always have a JSON form
		}
		return &schemaForm{Type: []string{"object", "null"}, Additional: element}
	case formList:
		return &schemaForm{Type: "array", Items: s.form(*k.element)}
	case formSome:
		return &schemaForm{AnyOf: []*schemaForm{s.form(*k.element), {Type: "array", Items: s.form(*k.element)}}}
	case formEither:
		out := &schemaForm{}
		for _, one := range k.either {
			out.AnyOf = append(out.AnyOf, s.form(one))
		}
		return out
	}
	if k.match != "" {
		return &schemaForm{Type: "string", Pattern: k.match}
	}
	return &schemaForm{Type: []string{"string", "number", "boolean"}} // YAML takes 200, yes and 1.5 for what they look like
}

// shared gives an object, or the reference to one that others use too, or that contains itself.
func (s schemaWriter) shared(k key) *schemaForm {
	if k.def == "" {
		return s.object(k.keys())
	}
	if !s.defs.has(k.def) {
		place := &schemaForm{}
		s.defs.add(k.def, place) // before its keys, one of which may be itself
		*place = *s.object(k.keys())
	}
	return &schemaForm{Ref: "#/$defs/" + k.def}
}
