package pattern

import (
	"bytes"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"unicode/utf8"
)

// oracle is the slow and plain way: the message as a tree of values, the selectors walked over it.
func oracle(p *jsonPattern, message []byte) bool {
	decoder := json.NewDecoder(bytes.NewReader(message))
	decoder.UseNumber()
	var document map[string]any
	if !json.Valid(message) || !bytes.HasPrefix(bytes.TrimLeft(message, " \t\r\n"), []byte("{")) || decoder.Decode(&document) != nil {
		return false
	}
	var holds func(e *expression) bool
	holds = func(e *expression) bool {
		if e.kind == 'c' {
			return oracleCondition(&p.conditions[e.condition], document)
		}
		for i := range e.parts {
			if holds(&e.parts[i]) == (e.kind == '|') {
				return e.kind == '|'
			}
		}
		return e.kind == '&'
	}
	return holds(&p.root)
}

func oracleCondition(k *condition, document any) bool {
	found := oracleValues(document, k.path)
	if k.op == opNotExists {
		return len(found) == 0
	}
	for _, v := range found {
		if oracleHolds(k, v) {
			return true
		}
	}
	return false
}

func oracleValues(value any, path []step) []any {
	if len(path) == 0 {
		return []any{value}
	}
	var found []any
	object, _ := value.(map[string]any)
	array, _ := value.([]any)
	switch s := path[0]; s.kind {
	case stepName:
		if v, ok := object[s.name]; ok {
			found = oracleValues(v, path[1:])
		}
	case stepAnyMember:
		for _, v := range object {
			found = append(found, oracleValues(v, path[1:])...)
		}
	case stepIndex:
		if s.index < len(array) {
			found = oracleValues(array[s.index], path[1:])
		}
	case stepAnyElement:
		for _, v := range array {
			found = append(found, oracleValues(v, path[1:])...)
		}
	}
	return found
}

func oracleHolds(k *condition, value any) bool {
	switch v := value.(type) {
	case nil:
		return k.op == opIsNull
	case bool:
		return k.op == opIsTrue && v || k.op == opIsFalse && !v || k.op == opEqual && k.value.re == nil && (k.value.text == "*" || k.value.text == "**")
	case string:
		return (k.op == opEqual || k.op == opUnequal) && oracleText(&k.value, v) == (k.op == opEqual)
	case json.Number:
		if k.op >= opIsNull {
			return false
		}
		if k.value.number == nil {
			return oracleText(&k.value, v.String()) == (k.op == opEqual)
		}
		left, ok1 := new(big.Rat).SetString(v.String())
		right, ok2 := new(big.Rat).SetString(k.value.text)
		if !ok1 || !ok2 {
			panic("number too big for the oracle: " + v.String() + " " + k.value.text)
		}
		order := left.Cmp(right)
		return map[op]bool{opEqual: order == 0, opUnequal: order != 0, opLess: order < 0, opLessEqual: order <= 0,
			opGreater: order > 0, opGreaterEqual: order >= 0}[k.op]
	}
	return false
}

func oracleText(v *operand, text string) bool {
	if v.re != nil {
		return v.re.MatchString(text)
	}
	want := v.text
	before := strings.HasPrefix(want, "*")
	want = strings.TrimPrefix(want, "*")
	after := strings.HasSuffix(want, "*")
	want = strings.TrimSuffix(want, "*")
	i := strings.Index(text, want)
	j := strings.LastIndex(text, want)
	switch {
	case before && after:
		return i >= 0
	case before:
		return j >= 0 && j+len(want) == len(text)
	case after:
		return i == 0
	}
	return text == want
}

// bigNumber tells whether a text may hold a number that big.Rat takes ages for.
func bigNumber(text string) bool {
	digits, exponent := 0, false
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9':
			if digits++; exponent && digits > 3 {
				return true
			}
		case c == 'e' || c == 'E':
			exponent, digits = true, 0
		case c == '+' || c == '-':
		default:
			exponent, digits = false, 0
		}
	}
	return false
}

func FuzzJSONMatch(f *testing.F) {
	patterns := []string{`{ $.a = 1 }`, `{ $.a.b[0] != "x*" && $.* = "*y" }`, `{ $.l[*].a IS NULL || $.b NOT EXISTS }`,
		`{ ($.a > -1.5e2 || $.a[*] = %x+%) && $.c IS TRUE }`, `{ $.*.a = * || $.a.* = 3 || $.a.b != 4 }`}
	messages := []string{`{"a":1,"a":2}`, `{"a":{"b":["xy","y"],"a":3},"c":true,"\u0061":"x\n"}`, `{"l":[{"a":null},{"a":1.50,"a":[]}]}`, `{"a":[1e2,"\ud83d\ude00xx"]}`, `x`}
	for _, p := range patterns {
		for _, m := range messages {
			f.Add(p, []byte(m))
		}
	}
	f.Fuzz(func(t *testing.T, text string, message []byte) {
		p, err := Parse(text)
		if err != nil || !utf8.Valid(message) || bigNumber(text) || bigNumber(string(message)) {
			return
		}
		j, ok := p.match.(*jsonPattern)
		if !ok {
			return
		}
		if got, want := p.Match(message), oracle(j, message); got != want {
			t.Errorf("%s on %s: %t, the oracle says %t", p, message, got, want)
		}
	})
}

func FuzzParsePrint(f *testing.F) {
	for _, text := range []string{`a "b c" -d ?%e%`, `{ ($.a = 1 || $['b c'] != x*) && $.c[*] IS NULL }`, `[a, ..., b=1 || b="x" && b!=%y%, , ]`, `{ $["a'b"] = "\"\\" }`} {
		f.Add(text, "some message { } 1 2")
	}
	f.Fuzz(func(t *testing.T, text, message string) {
		p, err := Parse(text)
		if err != nil {
			return
		}
		printed := p.String()
		if utf8.RuneCountInString(printed) > TextMax {
			return
		}
		again, err := Parse(printed)
		if err != nil {
			t.Fatalf("%q prints as %q, which is refused: %v", text, printed, err)
		}
		if again.String() != printed {
			t.Fatalf("%q prints as %q, and that as %q", text, printed, again)
		}
		if p.Match([]byte(message)) != again.Match([]byte(message)) || p.MatchesAll() != again.MatchesAll() {
			t.Fatalf("%q and %q differ on %q", text, printed, message)
		}
	})
}
