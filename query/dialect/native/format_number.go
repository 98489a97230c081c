package native

import (
	"fmt"
	"strconv"
	"strings"
)

// signed puts the sign, and zeros up to the width, around the digits of a number.
func (d *directive) signed(negative bool, body string) string {
	sign, end := "", ""
	switch {
	case negative && d.has('('):
		sign, end = "(", ")"
	case negative:
		sign = "-"
	case d.has('+'):
		sign = "+"
	case d.has(' '):
		sign = " "
	}
	if fill := d.width - len(sign) - len(body) - len(end); d.has('0') && fill > 0 {
		body = strings.Repeat("0", fill) + body
	}
	return d.cased(sign + body + end)
}

// grouped puts commas between thousands.
func (d *directive) grouped(digits string) string {
	if !d.has(',') {
		return digits
	}
	whole, rest := cut(digits, ".e")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return whole + rest
}

func (d *directive) integer(s string) (string, error) {
	if d.conversion == 'd' {
		digits, negative := strings.CutPrefix(s, "-")
		return d.signed(negative, d.grouped(digits)), nil
	}
	for _, flag := range "( +" {
		if d.has(byte(flag)) {
			return "", &formatError{"FormatFlagsConversionMismatch", fmt.Sprintf("Conversion = %c, Flags = %c", d.conversion, flag)}
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return "", err
	}
	prefix, base := "0", 8
	if d.conversion == 'x' {
		prefix, base = "0x", 16
	}
	if !d.has('#') {
		prefix = ""
	}
	digits := strconv.FormatUint(uint64(n), base)
	if fill := d.width - len(prefix) - len(digits); d.has('0') && fill > 0 {
		digits = strings.Repeat("0", fill) + digits
	}
	return d.cased(prefix + digits), nil
}

// decimal is 0.digits times ten to the power of point.
type decimal struct {
	digits string
	point  int
}

// readMagnitude reads digits with a point, perhaps with an exponent.
func readMagnitude(s string) decimal {
	mantissa, exponent, _ := strings.Cut(s, "e")
	n, _ := strconv.Atoi(exponent) // "" is 0
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	return decimal{digits, n + len(whole) - (len(whole) + len(fraction) - len(digits))}
}

// rounded keeps a number of digits, halves up.
func (x decimal) rounded(digits int) decimal {
	if digits >= len(x.digits) {
		return x
	}
	if digits < 0 || x.digits[digits] < '5' {
		return decimal{x.digits[:max(digits, 0)], x.point}
	}
	kept := []byte(x.digits[:digits])
	for i := len(kept) - 1; i >= 0; i-- {
		if kept[i]++; kept[i] <= '9' {
			return decimal{string(kept), x.point}
		}
		kept[i] = '0'
	}
	return decimal{"1" + string(kept), x.point + 1}
}

// fixed writes the number with so many digits after the point.
func (x decimal) fixed(precision int) string {
	x = x.rounded(x.point + precision)
	padded := strings.Repeat("0", max(-x.point, 0)) + x.digits
	point := max(x.point, 0)
	padded += strings.Repeat("0", max(point+precision-len(padded), 0))
	whole, fraction := padded[:point], padded[point:point+precision]
	if whole == "" {
		whole = "0"
	}
	if precision == 0 {
		return whole
	}
	return whole + "." + fraction
}

// scientific writes one digit, so many after the point, and the exponent; that of nothing is given.
func (x decimal) scientific(precision, ofZero int) string {
	x = x.rounded(precision + 1)
	exponent := x.point - 1
	if x.digits == "" {
		exponent = ofZero
	}
	sign := "+"
	if exponent < 0 {
		sign, exponent = "-", -exponent
	}
	return decimal{x.digits, 1}.fixed(precision) + "e" + sign + fmt.Sprintf("%02d", exponent)
}

// float writes a double, real or decimal.
func (d *directive) float(kind byte, s string) (string, error) {
	size, precision := 64, d.precision
	if kind == 'r' {
		size = 32
	}
	if precision < 0 {
		precision = 6
	}
	if err := tooLong("format", precision); err != nil {
		return "", err
	}
	magnitude, negative := strings.CutPrefix(s, "-")
	if magnitude == "NaN" || magnitude == "Infinity" {
		plain := *d
		plain.flags = strings.ReplaceAll(d.flags, "0", "")
		if magnitude == "NaN" {
			return d.cased(magnitude), nil
		}
		return plain.signed(negative, magnitude), nil
	}
	ofZero := 0
	if kind == 'n' {
		_, fraction, _ := strings.Cut(magnitude, ".")
		ofZero = -len(fraction)
	} else {
		v, err := strconv.ParseFloat(magnitude, size)
		if err != nil {
			return "", err
		}
		magnitude = strconv.FormatFloat(v, 'e', -1, 64)
		if two := strconv.FormatFloat(v, 'e', 1, 64); magnitude[1] == 'e' {
			if same, err := strconv.ParseFloat(two, 64); err == nil && same == v {
				magnitude = two // Java has two digits, one of which may be nearer: 4.9e-324
			}
		}
	}
	x := readMagnitude(magnitude)
	var body string
	switch d.conversion {
	case 'f':
		body = x.fixed(precision)
	case 'e':
		body = x.scientific(precision, ofZero)
	default:
		body = x.general(max(precision, 1), ofZero)
	}
	return d.signed(negative, d.grouped(body)), nil
}

// general writes so many digits, plainly if that is not long.
func (x decimal) general(digits, ofZero int) string {
	if x.digits == "" && ofZero == 0 {
		return x.fixed(digits - 1)
	}
	x = x.rounded(digits)
	if x.digits != "" && x.point-1 >= -4 && x.point-1 < digits {
		return x.fixed(digits - x.point)
	}
	return x.scientific(digits-1, ofZero)
}
