package native

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// jsonStep is a step of json_extract's paths: a key, which is an index, too, where it is a number.
type jsonStep struct {
	key   string
	index int // -1: none
}

var jsonPaths remembered[[]jsonStep]

// JSONPath reads a path of json_extract: $.a.b[0]["c d"], and nothing more than keys and indexes.
func JSONPath(path string) (keys []string, err error) {
	steps, err := readJSONPath(path)
	for _, s := range steps {
		keys = append(keys, s.key)
	}
	return keys, err
}

func readJSONPath(path string) ([]jsonStep, error) {
	return jsonPaths.of(path, func(string) ([]jsonStep, error) {
		var steps []jsonStep
		rest, ok := strings.CutPrefix(path, "$")
		for ok && rest != "" {
			var key string
			if key, rest, ok = jsonPathStep(rest); ok {
				index, err := strconv.ParseInt(key, 10, 32)
				if err != nil || index < 0 {
					index = -1
				}
				steps = append(steps, jsonStep{key, int(index)})
			}
		}
		if !ok {
			return nil, invalid("Invalid JSON path: '%s'", path)
		}
		return steps, nil
	})
}

func jsonPathStep(text string) (key, rest string, ok bool) {
	if text[0] == '.' {
		key, rest = pathWord(text[1:], ":_")
		return key, rest, key != ""
	}
	if text[0] != '[' {
		return "", "", false
	}
	if strings.HasPrefix(text, `["`) {
		key, rest, ok = quotedKey(text[2:])
	} else {
		key, rest = pathWord(text[1:], "_")
		ok = key != ""
	}
	rest, closed := strings.CutPrefix(rest, "]")
	return key, rest, ok && closed
}

// pathWord reads letters, digits and the other characters.
func pathWord(text, other string) (word, rest string) {
	end := strings.IndexFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && (r >= utf8.RuneSelf || strings.IndexByte(other, byte(r)) < 0)
	})
	if end < 0 {
		end = len(text)
	}
	return text[:end], text[end:]
}

// quotedKey reads up to the closing quote; a backslash takes a quote or a backslash.
func quotedKey(text string) (key, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '"':
			return b.String(), text[i+1:], true
		case '\\':
			if i++; i == len(text) || text[i] != '"' && text[i] != '\\' {
				return "", "", false
			}
			b.WriteByte(text[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", "", false
}

// find goes to the value that the steps lead to, and reads its token. Of equal keys it takes the first.
func (r *jsonReader) find(steps []jsonStep) (jsonKind, bool) {
	k := r.next()
	for _, s := range steps {
		switch k {
		case jsonObject:
			for {
				key, ok := r.key()
				if !ok {
					return 0, false
				}
				if k = r.next(); key == s.key {
					break
				}
				r.skip(k)
			}
		case jsonArray:
			if s.index < 0 {
				return 0, false
			}
			for i := 0; ; i++ {
				if k = r.next(); k == jsonClose || r.failed {
					return 0, false
				}
				if i == s.index {
					break
				}
				r.skip(k)
			}
		default:
			return 0, false
		}
	}
	return k, !r.failed && k != jsonEnd
}
