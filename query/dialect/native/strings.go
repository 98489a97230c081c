package native

import "strings"

func stringFunctions() []Function {
	return []Function{
		{Name: "loglake_from_utf8", Params: []string{"BLOB", "VARCHAR"}, Result: "VARCHAR", Call: func(args []any) (any, error) {
			return fromUTF8(args[0].([]byte), args[1].(string)), nil
		}},
	}
}

// fromUTF8 reads bytes as text, with the replacement for each part that is no UTF-8.
func fromUTF8(b []byte, replacement string) string {
	return strings.ToValidUTF8(string(b), replacement)
}
