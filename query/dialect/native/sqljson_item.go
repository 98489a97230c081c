package native

import (
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// The items that a path gives: nil, bool, string, int32, int64, float64, decimalItem, *big.Int (an integer beyond 64 bits,
// which nothing can be done with), []any, *jsonMembers and missingItem. JSON_OBJECT and JSON_ARRAY have float32, too.

// missingItem is what a text of blanks is read as.
type missingItem struct{}

// jsonMembers is an object, in the order of its text; of equal keys the last counts.
type jsonMembers struct {
	keys   []string
	values map[string]any
}

// decimalItem is a decimal: digits with scale of them behind the point.
type decimalItem struct {
	digits *big.Int
	scale  int
}

func decimalOf(text string) (decimalItem, bool) {
	whole, fraction, _ := strings.Cut(text, ".")
	digits, ok := new(big.Int).SetString(whole+fraction, 10)
	return decimalItem{digits, len(fraction)}, ok
}

func (d decimalItem) String() string {
	text := new(big.Int).Abs(d.digits).String()
	if pad := d.scale + 1 - len(text); pad > 0 {
		text = strings.Repeat("0", pad) + text
	}
	if d.scale > 0 {
		text = text[:len(text)-d.scale] + "." + text[len(text)-d.scale:]
	}
	if d.digits.Sign() < 0 {
		return "-" + text
	}
	return text
}

// javaText is the decimal as JSON has it, small ones with an exponent: 1E-7.
func (d decimalItem) javaText() string {
	digits := new(big.Int).Abs(d.digits).String()
	exponent := len(digits) - 1 - d.scale
	if exponent >= -6 {
		return d.String()
	}
	text := digits[:1]
	if len(digits) > 1 {
		text += "." + digits[1:]
	}
	if d.digits.Sign() < 0 {
		text = "-" + text
	}
	return text + "E" + strconv.Itoa(exponent)
}

func (d decimalItem) float() float64 {
	f, _ := strconv.ParseFloat(d.String(), 64)
	return f
}

func jsonIntegerOf(text string) any {
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil:
		b, _ := new(big.Int).SetString(text, 10)
		return b
	case n >= math.MinInt32 && n <= math.MaxInt32:
		return int32(n)
	}
	return n
}

// readItem reads the value of which the token is read.
func (r *jsonReader) readItem(k jsonKind) any {
	switch k {
	case jsonObject:
		m := &jsonMembers{values: map[string]any{}}
		for {
			key, ok := r.key()
			if !ok {
				return m
			}
			if _, seen := m.values[key]; !seen {
				m.keys = append(m.keys, key)
			}
			m.values[key] = r.readItem(r.next())
		}
	case jsonArray:
		list := []any{}
		for {
			k := r.next()
			if k == jsonClose || r.failed {
				return list
			}
			list = append(list, r.readItem(k))
		}
	case jsonString:
		return r.decoded()
	case jsonInteger:
		return jsonIntegerOf(r.raw)
	case jsonReal:
		f, _ := strconv.ParseFloat(r.raw, 64)
		return f
	case jsonTrue, jsonFalse:
		return k == jsonTrue
	}
	return nil
}

// jsonItem reads a text as JSON; what follows the value does not matter.
func jsonItem(text string) (any, bool) {
	r := newJSON(text)
	r.bounded = true
	k := r.next()
	if k == jsonEnd && !r.failed {
		return missingItem{}, true
	}
	item := r.readItem(k)
	return item, !r.failed
}

// item writes an item. What is longer than a result can be is not written to its end.
func (w *jsonWriter) item(v any) {
	if len(w.dst) > BytesMax {
		return
	}
	switch v := v.(type) {
	case nil, missingItem:
		w.dst = append(w.dst, "null"...)
	case bool:
		w.dst = strconv.AppendBool(w.dst, v)
	case string:
		w.string(v)
	case int32:
		w.dst = strconv.AppendInt(w.dst, int64(v), 10)
	case int64:
		w.dst = strconv.AppendInt(w.dst, v, 10)
	case float64:
		w.float(v, 64)
	case float32:
		w.float(float64(v), 32)
	case decimalItem:
		w.dst = append(w.dst, v.javaText()...)
	case *big.Int:
		w.dst = v.Append(w.dst, 10)
	case []any:
		w.dst = append(w.dst, '[')
		for i, e := range v {
			if i > 0 {
				w.dst = append(w.dst, ',')
			}
			w.item(e)
		}
		w.dst = append(w.dst, ']')
	case *jsonMembers:
		w.dst = append(w.dst, '{')
		for i, key := range v.keys {
			if i > 0 {
				w.dst = append(w.dst, ',')
			}
			w.string(key)
			w.dst = append(w.dst, ':')
			w.item(v.values[key])
		}
		w.dst = append(w.dst, '}')
	}
}

// float writes a number, or the name of one that JSON does not have.
func (w *jsonWriter) float(v float64, size int) {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		w.string(javaDouble(v))
		return
	}
	w.dst = append(w.dst, javaFloat(v, size)...)
}

// itemKind is what messages call an item.
func itemKind(v any) string {
	switch v.(type) {
	case nil, missingItem:
		return "NULL"
	case bool:
		return "BOOLEAN"
	case string:
		return "STRING"
	case []any:
		return "ARRAY"
	case *jsonMembers:
		return "OBJECT"
	}
	return "NUMBER"
}

func numberItem(v any) bool { return itemKind(v) == "NUMBER" }

// arithmetic gives a op b as SQL does for their types; ok is false where it fails.
func arithmetic(op string, a, b any) (any, bool) {
	_, hugeA := a.(*big.Int)
	_, hugeB := b.(*big.Int)
	if hugeA || hugeB {
		return nil, false
	}
	_, doubleA := a.(float64)
	_, doubleB := b.(float64)
	if doubleA || doubleB {
		return doubleArithmetic(op, toFloat(a), toFloat(b)), true
	}
	_, decimalA := a.(decimalItem)
	_, decimalB := b.(decimalItem)
	if decimalA || decimalB {
		return decimalArithmetic(op, toDecimal(a), toDecimal(b))
	}
	x, y := toDecimal(a).digits, toDecimal(b).digits
	z := new(big.Int)
	switch op {
	case "+":
		z.Add(x, y)
	case "-":
		z.Sub(x, y)
	case "*":
		z.Mul(x, y)
	default:
		if y.Sign() == 0 {
			return nil, false
		}
		if op == "/" {
			z.Quo(x, y)
		} else {
			z.Rem(x, y)
		}
	}
	_, smallA := a.(int32)
	_, smallB := b.(int32)
	if !z.IsInt64() || smallA && smallB && int64(int32(z.Int64())) != z.Int64() {
		return nil, false
	}
	if smallA && smallB {
		return int32(z.Int64()), true
	}
	return z.Int64(), true
}

func doubleArithmetic(op string, a, b float64) float64 {
	switch op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		return a / b
	}
	return math.Mod(a, b)
}

// decimalArithmetic follows the scales of SQL's decimals; more than 38 digits fail.
func decimalArithmetic(op string, a, b decimalItem) (any, bool) {
	scale := max(a.scale, b.scale)
	x, y := scaled(a, scale), scaled(b, scale)
	z := new(big.Int)
	switch op {
	case "+":
		z.Add(x, y)
	case "-":
		z.Sub(x, y)
	case "*":
		z, scale = z.Mul(a.digits, b.digits), a.scale+b.scale
	default:
		if y.Sign() == 0 {
			return nil, false
		}
		if op == "%" {
			z.Rem(x, y)
			break
		}
		x.Mul(x, pow10(scale))
		z = quotient(x, y)
	}
	return decimalItem{z, scale}, len(new(big.Int).Abs(z).String()) <= 38
}

// quotient divides, half away from zero.
func quotient(x, y *big.Int) *big.Int {
	z, rest := new(big.Int).QuoRem(x, y, new(big.Int))
	if rest.Lsh(rest, 1).CmpAbs(y) >= 0 {
		z.Add(z, big.NewInt(int64(x.Sign()*y.Sign())))
	}
	return z
}

func scaled(d decimalItem, scale int) *big.Int {
	return new(big.Int).Mul(d.digits, pow10(scale-d.scale))
}

func toFloat(v any) float64 {
	switch v := v.(type) {
	case float64:
		return v
	case decimalItem:
		return v.float()
	}
	f, _ := new(big.Float).SetInt(toDecimal(v).digits).Float64()
	return f
}

func toDecimal(v any) decimalItem {
	switch v := v.(type) {
	case int32:
		return decimalItem{big.NewInt(int64(v)), 0}
	case int64:
		return decimalItem{big.NewInt(v), 0}
	case *big.Int:
		return decimalItem{v, 0}
	case decimalItem:
		return v
	}
	return decimalItem{new(big.Int), 0}
}

// compareItems compares two scalars; known is false where they can't be.
func compareItems(op string, a, b any) (result, known bool) {
	if a == (missingItem{}) || b == (missingItem{}) {
		return false, a == nil || b == nil
	}
	if a == nil || b == nil {
		switch op {
		case "==":
			return a == nil && b == nil, true
		case "<>", "!=":
			return a != nil || b != nil, true
		}
		return false, true
	}
	order := 0
	switch x := a.(type) {
	case string:
		y, ok := b.(string)
		if !ok {
			return false, false
		}
		order = strings.Compare(plain(x), plain(y))
	case bool:
		y, ok := b.(bool)
		if !ok {
			return false, false
		}
		order = slices.Index([]bool{false, true}, x) - slices.Index([]bool{false, true}, y)
	default:
		_, hugeA := a.(*big.Int)
		_, hugeB := b.(*big.Int)
		if !numberItem(a) || !numberItem(b) || hugeA || hugeB {
			return false, false
		}
		order = compareNumbers(a, b)
	}
	switch op {
	case "==":
		return order == 0, true
	case "<>", "!=":
		return order != 0, true
	case "<":
		return order < 0, true
	case "<=":
		return order <= 0, true
	case ">":
		return order > 0, true
	}
	return order >= 0, true
}

func smallItem(v any) (int64, bool) {
	switch v := v.(type) {
	case int32:
		return int64(v), true
	case int64:
		return v, true
	}
	return 0, false
}

func compareNumbers(a, b any) int {
	if x, ok := smallItem(a); ok {
		if y, ok := smallItem(b); ok {
			return compare(x, y)
		}
	}
	_, doubleA := a.(float64)
	_, doubleB := b.(float64)
	if doubleA || doubleB {
		x, y := toFloat(a), toFloat(b)
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	}
	x, y := toDecimal(a), toDecimal(b)
	scale := max(x.scale, y.scale)
	return scaled(x, scale).Cmp(scaled(y, scale))
}
