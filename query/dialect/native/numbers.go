package native

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
	"unicode"
)

func numberFunctions() []Function {
	return []Function{
		{Name: "loglake_truncate", Params: []string{"VARCHAR", "BIGINT"}, Result: "VARCHAR", Call: func(args []any) (any, error) {
			return truncateDecimal(args[0].(string), args[1].(int64)), nil
		}},
		{Name: "loglake_round_decimal", Params: []string{"VARCHAR", "BIGINT"}, Result: "VARCHAR", Call: func(args []any) (any, error) {
			return roundDecimal(args[0].(string), args[1].(int64))
		}},
		{Name: "loglake_round", Params: []string{"BIGINT", "BIGINT", "BIGINT"}, Result: "BIGINT", Call: func(args []any) (any, error) {
			return roundInteger(args[0].(int64), args[1].(int64), args[2].(int64))
		}},
		{Name: "loglake_to_base", Params: []string{"BIGINT", "BIGINT"}, Result: "VARCHAR", Call: func(args []any) (any, error) {
			return toBase(args[0].(int64), args[1].(int64))
		}},
		{Name: "loglake_from_base", Params: []string{"VARCHAR", "BIGINT"}, Result: "BIGINT", Call: func(args []any) (any, error) {
			return fromBase(args[0].(string), args[1].(int64))
		}},
		{Name: "loglake_bit_count", Params: []string{"BIGINT", "BIGINT"}, Result: "BIGINT", Call: func(args []any) (any, error) {
			return bitCount(args[0].(int64), args[1].(int64))
		}},
		{Name: "loglake_shift_left", Params: []string{"BIGINT", "BIGINT", "BIGINT"}, Result: "BIGINT", Call: shift(func(v int64, by uint, _ int64) int64 { return v << by }, 0)},
		{Name: "loglake_shift_right", Params: []string{"BIGINT", "BIGINT", "BIGINT"}, Result: "BIGINT", Call: shift(func(v int64, by uint, width int64) int64 {
			return int64(uint64(v) & (math.MaxUint64 >> (64 - width)) >> by)
		}, 0)},
		{Name: "loglake_shift_arithmetic", Params: []string{"BIGINT", "BIGINT", "BIGINT"}, Result: "BIGINT", Call: shift(func(v int64, by uint, _ int64) int64 { return v >> by }, 1)},
		{Name: "loglake_width_bucket", Params: []string{"DOUBLE", "DOUBLE[]"}, Result: "BIGINT", Call: func(args []any) (any, error) {
			return widthBucket(args[0].(float64), args[1].([]any))
		}},
	}
}

// truncateDecimal makes zeros of a decimal's digits behind the n-th after the point, or before it where n is negative.
func truncateDecimal(text string, n int64) string {
	point := strings.IndexByte(text, '.')
	if point < 0 {
		point = len(text)
	}
	b := []byte(text)
	for i := range b {
		place := int64(i - point) // 1 is the first digit after the point
		if i < point {
			place = int64(i - point + 1)
		}
		if b[i] >= '0' && b[i] <= '9' && place > n {
			b[i] = '0'
		}
	}
	return string(b)
}

// roundDecimal rounds half away from zero and keeps the number of digits after the point.
func roundDecimal(text string, n int64) (any, error) {
	digits, fraction, _ := strings.Cut(text, ".")
	scale := int64(len(fraction))
	if n >= scale {
		return text, nil
	}
	unscaled, ok := new(big.Int).SetString(digits+fraction, 10)
	if !ok {
		return nil, invalid("not a decimal: %s", text)
	}
	if n < -40 {
		unscaled, n = new(big.Int), -40
	}
	factor := new(big.Int).Exp(big.NewInt(10), big.NewInt(scale-n), nil)
	half := new(big.Int).Rsh(factor, 1)
	magnitude := new(big.Int).Abs(unscaled)
	magnitude.Quo(magnitude.Add(magnitude, half), factor).Mul(magnitude, factor)
	if len(magnitude.String()) > 38 {
		return nil, &Error{Code: codeRange, Message: "decimal overflow: " + text}
	}
	result := magnitude.String()
	if pad := int(scale) + 1 - len(result); pad > 0 {
		result = strings.Repeat("0", pad) + result
	}
	if scale > 0 {
		result = result[:len(result)-int(scale)] + "." + result[len(result)-int(scale):]
	}
	if unscaled.Sign() < 0 {
		result = "-" + result
	}
	return result, nil
}

// roundInteger rounds an integer of so many bits to a power of ten; n is negative.
func roundInteger(v, n, width int64) (any, error) {
	if n < -18 {
		return nil, &Error{Code: codeRange, Message: "numerical overflow: " + strconv.FormatInt(v, 10)}
	}
	factor := new(big.Int).Exp(big.NewInt(10), big.NewInt(-n), nil)
	magnitude := new(big.Int).Abs(big.NewInt(v))
	magnitude.Quo(magnitude.Add(magnitude, new(big.Int).Rsh(factor, 1)), factor).Mul(magnitude, factor)
	if v < 0 {
		magnitude.Neg(magnitude)
	}
	if magnitude.IsInt64() && bits.Len64(uint64(magnitude.Int64()^magnitude.Int64()>>63)) < int(width) {
		return magnitude.Int64(), nil
	}
	switch width {
	case 64:
		return nil, &Error{Code: codeRange, Message: "numerical overflow: " + strconv.FormatInt(v, 10)}
	case 32:
		return nil, &Error{Code: codeInternal, Message: "integer overflow"}
	}
	name := map[int64]string{8: "tinyint", 16: "smallint"}[width]
	return nil, &Error{Code: codeRange, Message: "Out of range for " + name + ": " + magnitude.String()}
}

func checkRadix(radix int64) error {
	if radix < 2 || radix > 36 {
		return invalid("Radix must be between 2 and 36")
	}
	return nil
}

func toBase(v, radix int64) (any, error) {
	if err := checkRadix(radix); err != nil {
		return nil, err
	}
	return strconv.FormatInt(v, int(radix)), nil
}

// fromBase reads digits of any script, as Java does.
func fromBase(text string, radix int64) (any, error) {
	if err := checkRadix(radix); err != nil {
		return nil, err
	}
	ascii := strings.Map(func(r rune) rune {
		switch {
		case r == '_':
			return '!' // no digit; Go would skip it
		case r < 0x80:
			return r
		case unicode.Is(unicode.Nd, r):
			return '0' + decimalDigit(r)
		case r >= 'Ａ' && r <= 'Ｚ':
			return r - 'Ａ' + 'A'
		case r >= 'ａ' && r <= 'ｚ':
			return r - 'ａ' + 'a'
		}
		return '!'
	}, text)
	v, err := strconv.ParseInt(ascii, int(radix), 64)
	if err != nil {
		return nil, invalid("Not a valid base-%d number: %s", radix, text)
	}
	return v, nil
}

// decimalDigit gives the value of a digit; those of a script stand in tens.
func decimalDigit(r rune) rune {
	n := rune(0)
	for n < 10 && unicode.Is(unicode.Nd, r-n-1) {
		n++
	}
	return n % 10
}

func bitCount(v, width int64) (any, error) {
	if width < 2 || width > 64 {
		return nil, invalid("Bits specified in bit_count must be between 2 and 64, got %d", width)
	}
	if lowest := int64(math.MinInt64) >> (64 - width); v < lowest || v > ^lowest {
		return nil, invalid("Number must be representable with the bits specified. %d cannot be represented with %d bits", v, width)
	}
	return int64(bits.OnesCount64(uint64(v) & (math.MaxUint64 >> (64 - width)))), nil
}

// shift makes a shift of an integer of a width, which looks at the lowest six bits of the distance as Java does. What is
// shifted by the width or more is 0, or only the sign where it is kept.
func shift(by func(v int64, distance uint, width int64) int64, keepSign int64) func([]any) (any, error) {
	return func(args []any) (any, error) {
		v, distance, width := args[0].(int64), args[1].(int64), args[2].(int64)
		if distance >= width {
			return v >> 63 * keepSign, nil
		}
		unused := 64 - width
		return by(v, uint(distance&63), width) << unused >> unused, nil
	}
}

// widthBucket finds where a number stands among sorted bins. Only the bins that the search meets are checked, and a NULL is 0.
func widthBucket(operand float64, bins []any) (any, error) {
	at := func(i int) float64 {
		f, _ := bins[i].(float64)
		return f
	}
	if len(bins) == 0 {
		return nil, invalid("Bins cannot be an empty array")
	}
	if math.IsNaN(operand) {
		return nil, invalid("Operand cannot be NaN")
	}
	lower, upper := 0, len(bins)
	for lower < upper {
		if at(lower) > at(upper-1) {
			return nil, invalid("Bin values are not sorted in ascending order")
		}
		middle := (lower + upper) / 2
		bin := at(middle)
		if math.IsNaN(bin) || math.IsInf(bin, 0) {
			return nil, invalid("Bin value must be finite, got %s", javaDouble(bin))
		}
		if operand < bin {
			upper = middle
		} else {
			lower = middle + 1
		}
	}
	return int64(lower), nil
}

// javaDouble writes a double as Java's Double.toString does.
func javaDouble(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	return javaFloat(f, 64)
}

func javaFloat(f float64, size int) string {
	if a := math.Abs(f); f == 0 || a >= 1e-3 && a < 1e7 {
		text := strconv.FormatFloat(f, 'f', -1, size)
		if !strings.Contains(text, ".") {
			text += ".0"
		}
		return text
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, size), "e")
	if !strings.Contains(mantissa, ".") { // two digits at least, the nearest ones: 4.9E-324
		mantissa += ".0"
		text := strconv.FormatFloat(f, 'e', 1, size)
		if two, err := strconv.ParseFloat(text, size); err == nil && two == f {
			mantissa, exponent, _ = strings.Cut(text, "e")
		}
	}
	n, _ := strconv.Atoi(exponent) // FormatFloat's own
	return mantissa + "E" + strconv.Itoa(n)
}
