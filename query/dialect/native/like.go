package native

import "unicode/utf8"

func likeFunctions() []Function {
	return []Function{{Name: "loglake_like", Params: []string{"VARCHAR", "VARCHAR", "VARCHAR"}, Result: "BOOLEAN", Call: func(args []any) (any, error) {
		escape := args[2].(string)
		if utf8.RuneCountInString(escape) != 1 {
			return nil, invalid("Escape string must be a single character")
		}
		r, _ := utf8.DecodeRuneInString(escape)
		pattern, err := readLike(args[1].(string), r)
		if err != nil {
			return nil, err
		}
		return like([]rune(args[0].(string)), pattern), nil
	}}}
}

// The wildcards of a pattern; all else in it is a character.
const (
	anyText rune = -1 - iota
	anyCharacter
)

// readLike reads a pattern of LIKE: its characters and wildcards.
func readLike(text string, escape rune) ([]rune, error) {
	var pattern []rune
	escaped := false
	for _, r := range text {
		switch {
		case escaped && r != '%' && r != '_' && r != escape:
			return nil, invalid("Escape character must be followed by '%%', '_' or the escape character itself")
		case escaped:
			escaped = false
			pattern = append(pattern, r)
		case r == escape:
			escaped = true
		case r == '%':
			pattern = append(pattern, anyText)
		case r == '_':
			pattern = append(pattern, anyCharacter)
		default:
			pattern = append(pattern, r)
		}
	}
	if escaped {
		return nil, invalid("Escape character must be followed by '%%', '_' or the escape character itself")
	}
	return pattern, nil
}

// like matches the whole text. After a mismatch it goes back to the last % only, which takes one character more.
func like(text, pattern []rune) bool {
	i, k, star, from := 0, 0, -1, 0
	for i < len(text) {
		switch {
		case k < len(pattern) && pattern[k] == anyText:
			star, from = k, i
			k++
		case k < len(pattern) && (pattern[k] == anyCharacter || pattern[k] == text[i]):
			i, k = i+1, k+1
		case star >= 0:
			from++
			i, k = from, star+1
		default:
			return false
		}
	}
	for k < len(pattern) && pattern[k] == anyText {
		k++
	}
	return k == len(pattern)
}
