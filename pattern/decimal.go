package pattern

import "bytes"

// decimal is a number exactly as its text says: ± 0.digits × 10^exponent. Zero has no digits. Float64 would take
// 9007199254740993 for 9007199254740992.
type decimal struct {
	negative bool
	digits   []byte // without leading and trailing zeros
	exponent int64
}

// exponentMax bounds what a written exponent counts for; beyond it all exponents are alike.
const exponentMax = 1 << 40

// parseDecimal reads [+-] digits [. digits] [e [+-] digits] with at least one digit before the e, keeping the digits in
// dst's memory.
func parseDecimal(dst, text []byte) (decimal, bool) {
	d := decimal{digits: dst[:0]}
	i := 0
	if i < len(text) && (text[i] == '-' || text[i] == '+') {
		d.negative = text[i] == '-'
		i++
	}
	point, seen := false, false
	for ; i < len(text); i++ {
		c := text[i]
		if c == '.' && !point {
			point = true
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		seen = true
		switch {
		case len(d.digits) > 0 || c != '0':
			d.digits = append(d.digits, c)
			if !point {
				d.exponent++
			}
		case point: // a zero right after the point
			d.exponent--
		}
	}
	if !seen {
		return d, false
	}
	shift, ok := parseExponent(text[i:])
	d.exponent += shift
	d.digits = bytes.TrimRight(d.digits, "0")
	if len(d.digits) == 0 {
		d.negative, d.exponent = false, 0
	}
	return d, ok
}

// parseExponent reads what follows the digits: nothing, or e and a whole number.
func parseExponent(text []byte) (int64, bool) {
	if len(text) == 0 {
		return 0, true
	}
	if text[0] != 'e' && text[0] != 'E' {
		return 0, false
	}
	text = text[1:]
	negative := len(text) > 0 && text[0] == '-'
	if negative || len(text) > 0 && text[0] == '+' {
		text = text[1:]
	}
	var n int64
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = min(n*10+int64(c-'0'), exponentMax)
	}
	if negative {
		n = -n
	}
	return n, len(text) > 0
}

// compare gives -1, 0 or 1 as d is less than, equal to or greater than other.
func (d *decimal) compare(other *decimal) int {
	if s, t := d.sign(), other.sign(); s != t || s == 0 {
		return cmpInt(s, t)
	}
	order := cmpInt(d.exponent, other.exponent)
	if order == 0 {
		order = bytes.Compare(d.digits, other.digits)
	}
	if d.negative {
		return -order
	}
	return order
}

func (d *decimal) sign() int {
	switch {
	case len(d.digits) == 0:
		return 0
	case d.negative:
		return -1
	}
	return 1
}

func cmpInt[T int | int64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
