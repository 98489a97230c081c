package native

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// walker evaluates a path over a value.
type walker struct {
	lax    bool
	root   any
	params map[string][]any // of PASSING
	steps  int              // what is left of what a path may do
	ids    int64            // of keyvalue()
}

// scope is what @ and last stand for.
type scopeItem struct {
	item any
	has  bool
	last int // the last index of the array, noArray outside of subscripts
}

const noArray = -2

// pathFailure is why a path fails: text is Trino's, "" where Trino says nothing.
type pathFailure struct{ text string }

func (e *pathFailure) Error() string { return "path evaluation failed: " + e.text }

func pathFail(text string) error { return &pathFailure{text} }

func wrongItem(want string, item any) error {
	return pathFail("invalid item type. Expected: " + want + ", actual: " + itemKind(item))
}

func structural(text string) error { return pathFail("structural error: " + text) }

// walkMax bounds the work of one evaluation.
const walkMax = 2_000_000

func (w *walker) visit(n int) error {
	if w.steps -= n; w.steps < 0 {
		return &Error{Code: codeLimit, Message: "a JSON path that visits so many values is not supported"}
	}
	return nil
}

// unwrap opens arrays by one level, as lax paths do.
func unwrap(items []any) []any {
	var list []any
	for _, v := range items {
		if a, ok := v.([]any); ok {
			list = append(list, a...)
		} else {
			list = append(list, v)
		}
	}
	return list
}

func (w *walker) eval(n *pathNode, s scopeItem) ([]any, error) {
	if err := w.visit(1); err != nil {
		return nil, err
	}
	switch n.op {
	case "literal":
		return []any{n.value}, nil
	case "root":
		return []any{w.root}, nil
	case "item":
		if !s.has {
			return nil, pathFail("accessing current filter item with no enclosing filter")
		}
		return []any{s.item}, nil
	case "last":
		if s.last == noArray {
			return nil, pathFail("accessing the last array index with no enclosing array")
		}
		return []any{int32(s.last)}, nil
	case "variable":
		return w.params[n.text], nil
	case "+", "-", "*", "/", "%":
		return w.binary(n, s)
	}
	items, err := w.eval(n.args[0], s)
	if err != nil {
		return nil, err
	}
	if w.lax && n.op != "type" && n.op != "size" && n.op != "descendants" && n.op != "subscript" && n.op != "elements" {
		items = unwrap(items)
	}
	var list []any
	for _, v := range items {
		before := len(list)
		if list, err = w.step(n, v, s, list); err == nil {
			err = w.visit(1 + len(list) - before)
		}
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (w *walker) binary(n *pathNode, s scopeItem) ([]any, error) {
	var sides [2]any
	for i, a := range n.args {
		items, err := w.eval(a, s)
		if err != nil {
			return nil, err
		}
		if w.lax {
			items = unwrap(items)
		}
		if len(items) != 1 {
			return nil, pathFail("arithmetic binary expression requires singleton operands")
		}
		if sides[i] = items[0]; !numberItem(items[0]) {
			return nil, wrongItem("NUMBER", items[0])
		}
	}
	v, ok := arithmetic(n.op, sides[0], sides[1])
	if !ok {
		return nil, pathFail("")
	}
	return []any{v}, nil
}

// step adds what one item gives to the list.
func (w *walker) step(n *pathNode, v any, s scopeItem, list []any) ([]any, error) {
	switch n.op {
	case "member", "members":
		return w.member(n, v, list)
	case "descendants":
		return w.descendants(n.text, v, list)
	case "elements":
		a, ok := v.([]any)
		switch {
		case ok:
			return append(list, a...), nil
		case w.lax:
			return append(list, v), nil
		}
		return nil, wrongItem("ARRAY", v)
	case "subscript":
		return w.subscript(n, v, s, list)
	case "filter":
		keep, _, err := w.test(n.args[1], scopeItem{item: v, has: true, last: s.last})
		if keep && err == nil {
			list = append(list, v)
		}
		return list, err
	case "type":
		if v == (missingItem{}) {
			return nil, &Error{Code: codeInternal, Message: "unexpected Json node type: MISSING"}
		}
		return append(list, strings.ToLower(itemKind(v))), nil
	case "size":
		a, ok := v.([]any)
		switch {
		case ok:
			return append(list, int32(len(a))), nil
		case w.lax:
			return append(list, int32(1)), nil
		}
		return nil, wrongItem("ARRAY", v)
	case "keyvalue":
		return w.keyValues(v, list)
	}
	return w.number(n.op, v, list)
}

func (w *walker) member(n *pathNode, v any, list []any) ([]any, error) {
	m, ok := v.(*jsonMembers)
	if !ok {
		if w.lax {
			return list, nil
		}
		return nil, wrongItem("OBJECT", v)
	}
	if n.op == "members" {
		for _, key := range m.keys {
			list = append(list, m.values[key])
		}
		return list, nil
	}
	value, ok := m.values[n.text]
	switch {
	case ok:
		return append(list, value), nil
	case w.lax:
		return list, nil
	}
	return nil, structural("missing member '" + n.text + "' in JSON object")
}

func (w *walker) descendants(name string, v any, list []any) ([]any, error) {
	err := w.visit(1)
	switch v := v.(type) {
	case *jsonMembers:
		if value, ok := v.values[name]; ok {
			list = append(list, value)
		}
		for i := 0; i < len(v.keys) && err == nil; i++ {
			list, err = w.descendants(name, v.values[v.keys[i]], list)
		}
	case []any:
		for i := 0; i < len(v) && err == nil; i++ {
			list, err = w.descendants(name, v[i], list)
		}
	}
	return list, err
}

func (w *walker) subscript(n *pathNode, v any, s scopeItem, list []any) ([]any, error) {
	a, ok := v.([]any)
	if !ok {
		if !w.lax {
			return nil, wrongItem("ARRAY", v)
		}
		a = []any{v}
	}
	s.last = len(a) - 1
	for _, sub := range n.subscripts {
		from, err := w.index(sub[0], "from", s)
		to := from
		if err == nil && sub[1] != nil {
			to, err = w.index(sub[1], "to", s)
		}
		if err != nil {
			return nil, err
		}
		if !w.lax && (from < 0 || from >= int64(len(a)) || to < 0 || to >= int64(len(a)) || from > to) {
			return nil, structural("invalid array subscript: [" + strconv.FormatInt(from, 10) + ", " + strconv.FormatInt(to, 10) + "] for array of size " + strconv.Itoa(len(a)))
		}
		first, behind := max(from, 0), min(to, int64(len(a)-1))+1
		if first < behind {
			if err := w.visit(int(behind - first)); err != nil {
				return nil, err
			}
			list = append(list, a[first:behind]...)
		}
	}
	return list, nil
}

// index evaluates a subscript: one number, rounded to an integer.
func (w *walker) index(n *pathNode, side string, s scopeItem) (int64, error) {
	items, err := w.eval(n, s)
	if err != nil {
		return 0, err
	}
	if len(items) != 1 {
		return 0, pathFail("array subscript '" + side + "' value must be singleton numeric")
	}
	switch v := items[0].(type) {
	case int32:
		return int64(v), nil
	case int64:
		return v, nil
	case decimalItem:
		if z := quotient(v.digits, pow10(v.scale)); z.IsInt64() {
			return z.Int64(), nil
		}
	case float64:
		if r := math.Round(v); math.Abs(r) < 1<<31 {
			return int64(r), nil
		}
	default:
		return 0, wrongItem("NUMBER", v)
	}
	return 0, pathFail("")
}

func (w *walker) keyValues(v any, list []any) ([]any, error) {
	m, ok := v.(*jsonMembers)
	if !ok {
		return nil, wrongItem("OBJECT", v)
	}
	if err := w.visit(10 * len(m.keys)); err != nil { // each makes an object
		return nil, err
	}
	id := w.ids
	w.ids++
	for _, key := range m.keys {
		list = append(list, &jsonMembers{keys: []string{"name", "value", "id"}, values: map[string]any{"name": key, "value": m.values[key], "id": id}})
	}
	return list, nil
}

// number does what takes one number.
func (w *walker) number(op string, v any, list []any) ([]any, error) {
	if text, ok := v.(string); ok && op == "double" {
		f, ok := ParseFloat(plain(text), 64)
		if !ok {
			return nil, pathFail("")
		}
		return append(list, f), nil
	}
	if !numberItem(v) {
		return nil, wrongItem("NUMBER", v)
	}
	if _, huge := v.(*big.Int); huge {
		return nil, pathFail("")
	}
	switch op {
	case "plus":
	case "double":
		v = toFloat(v)
	case "negate":
		negative, ok := arithmetic("*", v, int32(-1))
		if !ok {
			return nil, pathFail("")
		}
		v = negative
	case "abs":
		if compareNumbers(v, int32(0)) < 0 {
			return w.number("negate", v, list)
		}
	default: // floor, ceiling
		v = roundedItem(op, v)
	}
	return append(list, v), nil
}

func roundedItem(op string, v any) any {
	switch v := v.(type) {
	case float64:
		if op == "floor" {
			return math.Floor(v)
		}
		return math.Ceil(v)
	case decimalItem:
		z := new(big.Int)
		if op == "floor" {
			return decimalItem{z.Div(v.digits, pow10(v.scale)), 0}
		}
		z.Div(z.Neg(v.digits), pow10(v.scale))
		return decimalItem{z.Neg(z), 0}
	}
	return v
}

// test evaluates a condition; known is false where Trino says unknown. Only the limit is an error.
func (w *walker) test(n *pathNode, s scopeItem) (result, known bool, err error) {
	switch n.op {
	case "&&", "||":
		a, knownA, err := w.test(n.args[0], s)
		if err != nil {
			return false, false, err
		}
		b, knownB, err := w.test(n.args[1], s)
		stop := n.op == "||" // the value that decides alone
		switch {
		case knownA && a == stop || knownB && b == stop:
			return stop, true, err
		case knownA && knownB:
			return !stop, true, err
		}
		return false, false, err
	case "not":
		v, known, err := w.test(n.args[0], s)
		return known && !v, known, err
	case "unknown":
		_, known, err := w.test(n.args[0], s)
		return !known, true, err
	}
	var sides [2][]any
	for i, a := range n.args {
		items, err := w.eval(a, s)
		if _, fails := err.(*pathFailure); fails {
			return false, false, nil
		}
		if err != nil {
			return false, false, err
		}
		if sides[i] = items; w.lax && n.op != "exists" {
			sides[i] = unwrap(items)
		}
	}
	switch n.op {
	case "exists":
		return len(sides[0]) > 0, true, nil
	case "starts":
		return w.each(sides[0], sides[1], func(a, b any) (bool, bool) {
			x, ok := a.(string)
			y, ok2 := b.(string)
			return ok && ok2 && strings.HasPrefix(x, y), ok && ok2
		})
	}
	return w.each(sides[0], sides[1], func(a, b any) (bool, bool) { return compareItems(n.op, a, b) })
}

// each holds all pairs against each other. A lax path stops at the first that is true or unknown.
func (w *walker) each(left, right []any, test func(a, b any) (result, known bool)) (result, known bool, err error) {
	for _, a := range left {
		for _, b := range right {
			if err := w.visit(1); err != nil {
				return false, false, err
			}
			v, known := test(a, b)
			if !known {
				return false, false, nil
			}
			if result = result || v; result && w.lax {
				return true, true, nil
			}
		}
	}
	return result, true, nil
}
