package native

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// ofText makes a function of one text.
func ofText(name, result string, call func(s string) (any, error)) Function {
	return Function{Name: name, Params: []string{"VARCHAR"}, Result: result, Call: func(args []any) (any, error) { return call(args[0].(string)) }}
}

func stringFunctions() []Function {
	return []Function{
		ofText("loglake_upper", "VARCHAR", func(s string) (any, error) { return strings.Map(unicode.ToUpper, s), nil }),
		ofText("loglake_reverse", "VARCHAR", func(s string) (any, error) {
			runes := []rune(s)
			slices.Reverse(runes)
			return string(runes), nil
		}),
		ofText("loglake_luhn_check", "BOOLEAN", luhn),
		ofText("loglake_soundex", "VARCHAR", soundex),
		ofText("loglake_char2hexint", "VARCHAR", func(s string) (any, error) {
			var b strings.Builder
			for _, unit := range utf16.Encode([]rune(s)) {
				b.WriteString(strings.ToUpper(strconv.FormatUint(0x10000|uint64(unit), 16)[1:]))
			}
			return b.String(), nil
		}),
		{Name: "loglake_normalize", Params: []string{"VARCHAR", "VARCHAR"}, Result: "VARCHAR", Call: func(args []any) (any, error) {
			form := map[string]norm.Form{"NFC": norm.NFC, "NFD": norm.NFD, "NFKC": norm.NFKC, "NFKD": norm.NFKD}[args[1].(string)]
			return form.String(args[0].(string)), nil
		}},
		{Name: "loglake_levenshtein", Params: []string{"VARCHAR", "VARCHAR"}, Result: "BIGINT", Call: func(args []any) (any, error) {
			return levenshtein([]rune(args[0].(string)), []rune(args[1].(string)))
		}},
		{Name: "loglake_hamming", Params: []string{"VARCHAR", "VARCHAR"}, Result: "BIGINT", Call: func(args []any) (any, error) {
			return hamming([]rune(args[0].(string)), []rune(args[1].(string)))
		}},
		{Name: "loglake_replace_empty", Params: []string{"VARCHAR", "VARCHAR"}, Result: "VARCHAR", Call: func(args []any) (any, error) {
			s, with := args[0].(string), args[1].(string)
			if err := tooLong("replace", (utf8.RuneCountInString(s)+1)*len(with)); err != nil {
				return nil, err
			}
			return strings.ReplaceAll(s, "", with), nil
		}},
		{Name: "loglake_strpos", Params: []string{"VARCHAR", "VARCHAR", "BIGINT"}, Result: "BIGINT", Call: func(args []any) (any, error) {
			return position(args[0].(string), args[1].(string), args[2].(int64))
		}},
		{Name: "loglake_split", Params: []string{"VARCHAR", "VARCHAR", "BIGINT"}, Result: "VARCHAR[]", Call: func(args []any) (any, error) {
			return split(args[0].(string), args[1].(string), args[2].(int64))
		}},
		{Name: "loglake_concat_ws", Params: []string{"VARCHAR", "VARCHAR[]"}, Result: "VARCHAR", Call: func(args []any) (any, error) {
			var parts []string
			for _, part := range args[1].([]any) {
				if part != nil {
					parts = append(parts, part.(string))
				}
			}
			if err := tooLong("concat_ws", len(args[0].(string))*len(parts)); err != nil {
				return nil, err
			}
			return strings.Join(parts, args[0].(string)), nil
		}},
	}
}

// luhn tells whether a number's last digit checks the others.
func luhn(s string) (any, error) {
	sum := 0
	for i := len(s) - 1; i >= 0; i-- {
		d := int(s[i]) - '0'
		if d < 0 || d > 9 {
			return nil, invalid("Input contains non-digit character")
		}
		if (len(s)-i)%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return s != "" && sum%10 == 0, nil
}

var upperCase = cases.Upper(language.Und)

// soundex is the American Soundex of the letters: H and W do not part equal codes, vowels do.
func soundex(s string) (any, error) {
	const codes = "01230120022455012623010202"
	var code []byte
	last := byte(0)
	for _, r := range upperCase.String(strings.Map(func(r rune) rune {
		if r > 0xFFFF || !unicode.IsLetter(r) {
			return -1
		}
		return r
	}, s)) {
		if len(code) == 4 {
			break
		}
		if (r == 'H' || r == 'W') && len(code) > 0 {
			continue
		}
		if r < 'A' || r > 'Z' {
			return nil, invalid("The character is not mapped: %c (index=%d)", r, r-'A')
		}
		digit := codes[r-'A']
		switch {
		case len(code) == 0:
			code = append(code, byte(r))
		case digit != '0' && digit != last:
			code = append(code, digit)
		}
		last = digit
	}
	if len(code) == 0 {
		return "", nil
	}
	return (string(code) + "000")[:4], nil
}

// levenshtein counts the insertions, deletions and substitutions of characters between two texts.
func levenshtein(a, b []rune) (any, error) {
	if len(a) == 0 || len(b) == 0 {
		return int64(len(a) + len(b)), nil
	}
	if len(a)*(len(b)-1) > 1_000_000 {
		return nil, invalid("The combined inputs for Levenshtein distance are too large")
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			distance := diagonal
			if x != y {
				distance = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], distance
		}
	}
	return int64(row[len(b)]), nil
}

func hamming(a, b []rune) (any, error) {
	if len(a) != len(b) {
		return nil, invalid("The input strings to hamming_distance function must have the same length")
	}
	n := int64(0)
	for i := range a {
		if a[i] != b[i] {
			n++
		}
	}
	return n, nil
}

// position gives the place of the n-th occurrence of a text, which may overlap the one before; from the end where n is
// negative.
func position(s, part string, n int64) (any, error) {
	if n == 0 {
		return nil, invalid("'instance' must be a positive or negative number.")
	}
	if part == "" {
		return int64(1), nil
	}
	at := -1
	for ; n > 0; n-- {
		_, size := utf8.DecodeRuneInString(s[max(at, 0):])
		from := at + size
		if at < 0 {
			from = 0
		}
		next := strings.Index(s[from:], part)
		if next < 0 {
			return int64(0), nil
		}
		at = from + next
	}
	for end := len(s); n < 0; n++ {
		if at = strings.LastIndex(s[:end], part); at < 0 {
			return int64(0), nil
		}
		end = at + len(part) - 1 // the next one begins before
	}
	return int64(utf8.RuneCountInString(s[:at]) + 1), nil
}

// split cuts a text into at most n parts, the last with what is left.
func split(s, delimiter string, n int64) (any, error) {
	switch {
	case n <= 0:
		return nil, invalid("Limit must be positive")
	case n > math.MaxInt32:
		return nil, invalid("Limit is too large")
	case delimiter == "":
		return nil, invalid("The delimiter may not be the empty string")
	}
	var list []any
	for part := range slices.Values(strings.SplitN(s, delimiter, int(n))) {
		list = append(list, part)
	}
	return list, nil
}
