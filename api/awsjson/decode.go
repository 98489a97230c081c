package awsjson

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math"
	"reflect"
	"strings"
)

// Decode reads a JSON object into the struct that out points to, as AWS services read their input:
//
//   - a member is found by its exact name, that of the json tag or else of the field; unknown members are ignored;
//   - null is the same as absence, and null elements of lists are dropped;
//   - []byte is base64; a fraction given for an integer is cut;
//   - a value of the wrong type is a SerializationException in the services' words.
//
// Fields may be of any type that encoding/json knows; one with its own UnmarshalJSON is given its text.
func Decode(body []byte, out any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var tree any
	if err := dec.Decode(&tree); err != nil {
		return serialization(notOneObject)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return serialization(notOneObject)
	}
	switch tree.(type) {
	case map[string]any:
		return assign(reflect.ValueOf(out).Elem(), tree)
	case []any:
		return serialization(startOfList)
	default:
		return serialization(notOneObject)
	}
}

const (
	startOfList   = "Start of list found where not expected"
	startOfObject = "Start of structure or map found where not expected."
	notOneObject  = "The body has to be one JSON object" // the services say nothing here, so no client waits for their words
	outOfRange    = "A number is out of range"           // likewise
)

func serialization(message string) error {
	return &Fault{Type: "SerializationException", Message: message}
}

var rawMessage = reflect.TypeFor[json.RawMessage]()

// assign sets v from a value of encoding/json's generic tree.
func assign(v reflect.Value, tree any) error {
	if tree == nil {
		return nil
	}
	if v.Type() == rawMessage {
		return assignText(v, tree)
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		return assign(v.Elem(), tree)
	}
	if _, ok := v.Addr().Interface().(json.Unmarshaler); ok {
		return assignText(v, tree)
	}
	switch v.Kind() {
	case reflect.Interface:
		v.Set(reflect.ValueOf(tree))
		return nil
	case reflect.Struct, reflect.Map:
		return assignObject(v, tree)
	case reflect.Slice:
		return assignSlice(v, tree)
	}
	return assignScalar(v, tree)
}

// assignText hands the value's text to a type that reads JSON itself.
func assignText(v reflect.Value, tree any) error {
	text, err := json.Marshal(tree)
	if err != nil {
		return serialization(notOneObject)
	}
	if err := json.Unmarshal(text, v.Addr().Interface()); err != nil {
		var fault *Fault
		if errors.As(err, &fault) {
			return fault
		}
		return serialization(err.Error())
	}
	return nil
}

func assignObject(v reflect.Value, tree any) error {
	members, ok := tree.(map[string]any)
	if !ok {
		if _, list := tree.([]any); list {
			return serialization(startOfList)
		}
		return serialization("Expected null")
	}
	if v.Kind() == reflect.Struct {
		return assignStruct(v, members)
	}
	m := reflect.MakeMapWithSize(v.Type(), len(members))
	for name, value := range members {
		if value == nil {
			continue
		}
		elem := reflect.New(v.Type().Elem()).Elem()
		if err := assign(elem, value); err != nil {
			return err
		}
		m.SetMapIndex(reflect.ValueOf(name).Convert(v.Type().Key()), elem)
	}
	v.Set(m)
	return nil
}

func assignStruct(v reflect.Value, members map[string]any) error {
	t := v.Type()
	for i := range t.NumField() {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous && name == "" && field.Type.Kind() == reflect.Struct {
			if err := assignStruct(v.Field(i), members); err != nil {
				return err
			}
			continue
		}
		if !field.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			name = field.Name
		}
		if value, ok := members[name]; ok {
			if err := assign(v.Field(i), value); err != nil {
				return err
			}
		}
	}
	return nil
}

func assignSlice(v reflect.Value, tree any) error {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return assignBlob(v, tree)
	}
	list, ok := tree.([]any)
	if !ok {
		if _, object := tree.(map[string]any); object {
			return serialization(startOfObject)
		}
		return serialization("Expected list or null")
	}
	s := reflect.MakeSlice(v.Type(), 0, len(list))
	for _, value := range list {
		if value == nil {
			continue
		}
		elem := reflect.New(v.Type().Elem()).Elem()
		if err := assign(elem, value); err != nil {
			return err
		}
		s = reflect.Append(s, elem)
	}
	v.Set(s)
	return nil
}

func assignBlob(v reflect.Value, tree any) error {
	text, ok := tree.(string)
	if !ok {
		return mismatch(tree, "a Blob")
	}
	blob, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return serialization("A blob is not valid base64")
	}
	v.SetBytes(blob)
	return nil
}

// javaNames are the words in which the services name the wanted type.
var javaNames = map[reflect.Kind]string{
	reflect.String: "a String", reflect.Bool: "a Boolean", reflect.Float64: "a Double", reflect.Float32: "a Float",
	reflect.Int: "an Integer", reflect.Int32: "an Integer", reflect.Int64: "a Long", reflect.Int16: "a Short",
}

func assignScalar(v reflect.Value, tree any) error {
	switch v.Kind() {
	case reflect.String:
		if s, ok := tree.(string); ok {
			v.SetString(s)
			return nil
		}
	case reflect.Bool:
		if b, ok := tree.(bool); ok {
			v.SetBool(b)
			return nil
		}
	case reflect.Float32, reflect.Float64:
		if n, ok := tree.(json.Number); ok {
			f, err := n.Float64()
			if err != nil || v.OverflowFloat(f) {
				return serialization(outOfRange)
			}
			v.SetFloat(f)
			return nil
		}
	default:
		if n, ok := tree.(json.Number); ok {
			return assignInteger(v, n)
		}
	}
	return mismatch(tree, javaNames[v.Kind()])
}

func assignInteger(v reflect.Value, n json.Number) error {
	i, err := n.Int64()
	if err != nil {
		f, ferr := n.Float64()
		if ferr != nil || math.Abs(f) >= 1<<63 {
			return serialization(outOfRange)
		}
		i = int64(f)
	}
	if !v.CanInt() {
		return &Fault{Type: "InternalFailure", Status: 500}
	}
	if v.OverflowInt(i) {
		return serialization(outOfRange)
	}
	v.SetInt(i)
	return nil
}

// mismatch words a value of the wrong type, as Athena was seen to.
func mismatch(tree any, want string) error {
	var got string
	switch tree := tree.(type) {
	case []any:
		return serialization(startOfList)
	case map[string]any:
		return serialization(startOfObject)
	case string:
		got = "STRING_VALUE"
	case json.Number:
		got = "NUMBER_VALUE"
	case bool:
		got = "FALSE_VALUE"
		if tree {
			got = "TRUE_VALUE"
		}
	}
	return serialization(got + " can not be converted to " + want)
}
