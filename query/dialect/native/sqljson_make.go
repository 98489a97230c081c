package native

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON_OBJECT and JSON_ARRAY, and the encodings of JSON as bytes.

// madeItem reads a value of JSON_OBJECT or JSON_ARRAY: a letter, and a text.
func madeItem(v string) (any, error) {
	text := v[1:]
	switch v[0] {
	case 'j':
		item, ok := jsonItem(text)
		if !ok {
			return nil, errPathInput
		}
		return item, nil
	case 'n':
		if d, ok := decimalOf(text); ok {
			return d, nil
		}
	case 'b':
		return text == "true", nil
	case 'd':
		f, err := strconv.ParseFloat(text, 64)
		return f, err
	case 'f':
		f, err := strconv.ParseFloat(text, 32)
		return float32(f), err
	}
	return text, nil
}

// jsonArrayOf makes an array of values; absent leaves out those that are NULL.
func jsonArrayOf(values []any, absent bool) (any, error) {
	list := []any{}
	for _, v := range values {
		if v == nil {
			if !absent {
				list = append(list, nil)
			}
			continue
		}
		item, err := madeItem(v.(string))
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	return made("JSON_ARRAY", list)
}

// jsonObjectOf makes an object. Keys that repeat are an error in any case.
func jsonObjectOf(keys, values []any, absent, unique bool) (any, error) {
	m := &jsonMembers{values: map[string]any{}}
	for i, key := range keys {
		if key == nil {
			return nil, invalid("null value passed for JSON object key to JSON_OBJECT function")
		}
		var item any
		if v, ok := values[i].(string); ok {
			var err error
			if item, err = madeItem(v); err != nil {
				return nil, err
			}
		} else if absent {
			continue
		}
		key := key.(string)
		if _, seen := m.values[key]; seen {
			if unique {
				return nil, invalid("duplicate key passed to JSON_OBJECT function")
			}
			return nil, &Error{Code: codeLimit, Message: "cannot construct a JSON object with duplicate key"}
		}
		m.keys, m.values[key] = append(m.keys, key), item
	}
	hashOrder(m.keys)
	return made("JSON_OBJECT", m)
}

func made(name string, item any) (any, error) {
	var w jsonWriter
	w.item(item)
	return string(w.dst), tooLong(name, len(w.dst))
}

// hashOrder sorts keys as a hash map of Java gives them, which is the order of Trino's objects: by the hash's bits that the
// table's size takes, and within them in the order in which they came.
func hashOrder(keys []string) {
	size := uint32(16)
	for uint32(len(keys))*4 > size*3 {
		size *= 2
	}
	slices.SortStableFunc(keys, func(a, b string) int {
		return int(javaHash(a)&(size-1)) - int(javaHash(b)&(size-1))
	})
}

func javaHash(s string) uint32 {
	h := uint32(0)
	for _, c := range utf16.Encode([]rune(s)) {
		h = h*31 + uint32(c)
	}
	return h ^ h>>16
}

// decodedText reads bytes in an encoding; what is malformed becomes U+FFFD.
func decodedText(b []byte, encoding string) string {
	switch encoding {
	case "UTF16":
		return decodeUTF16(b)
	case "UTF32":
		return decodeUTF32(b)
	}
	return javaUTF8(b)
}

func decodeUTF16(b []byte) string {
	var text strings.Builder
	for len(b) > 1 {
		r := rune(binary.LittleEndian.Uint16(b))
		b = b[2:]
		if utf16.IsSurrogate(r) {
			pair := rune(utf8.RuneError)
			if r < 0xDC00 && len(b) > 1 { // what follows a high one is taken with it
				pair = utf16.DecodeRune(r, rune(binary.LittleEndian.Uint16(b)))
				b = b[2:]
			}
			r = pair
		}
		text.WriteRune(r)
	}
	if len(b) > 0 {
		text.WriteRune(utf8.RuneError)
	}
	return text.String()
}

func decodeUTF32(b []byte) string {
	var text strings.Builder
	for ; len(b) > 3; b = b[4:] {
		if n := binary.LittleEndian.Uint32(b); n <= utf8.MaxRune {
			text.WriteRune(rune(n))
		} else {
			text.WriteRune(utf8.RuneError)
		}
	}
	if len(b) > 0 {
		text.WriteRune(utf8.RuneError)
	}
	return text.String()
}

func encodedText(s, encoding string) []byte {
	var b []byte
	if encoding == "UTF16" {
		for _, c := range utf16.Encode([]rune(s)) {
			b = binary.LittleEndian.AppendUint16(b, c)
		}
		return b
	}
	for _, r := range s {
		b = binary.LittleEndian.AppendUint32(b, uint32(r))
	}
	return b
}
