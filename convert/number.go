package convert

import "math/bits"

// number is a decimal number: ±(hi·2^64 + lo) · 10^exponent.
type number struct {
	negative bool
	hi, lo   uint64
	exponent int
	half     bool // the first digit that found no place in hi and lo was 5 or more
	inexact  bool // one of those was not 0
}

// significantMax is how many digits of a number are kept; 10^38 is below 2^128, and a decimal has no more.
const significantMax = 38

// exponentMax bounds exponents: far beyond what any type holds, and sums of it don't overflow.
const exponentMax = 1 << 20

// parseNumber reads [+-]digits[.digits][e[+-]digits], at least one digit before or after the point.
func parseNumber(text []byte) (number, bool) {
	var n number
	i := 0
	if i < len(text) && (text[i] == '-' || text[i] == '+') {
		n.negative = text[i] == '-'
		i++
	}
	digits, kept, point := 0, 0, false
	for ; i < len(text); i++ {
		c := text[i]
		if c == '.' && !point {
			point = true
			continue
		}
		if !isDigit(c) {
			break
		}
		digits++
		switch {
		case kept < significantMax:
			n.times10(uint64(c - '0'))
			if n.hi|n.lo != 0 {
				kept++
			}
			if point {
				n.exponent--
			}
		default:
			n.inexact = n.inexact || c != '0'
			if kept == significantMax {
				n.half = c >= '5'
				kept++
			}
			if !point {
				n.exponent++
			}
		}
	}
	if digits == 0 {
		return n, false
	}
	if i < len(text) && text[i]|0x20 == 'e' {
		exponent, ok := parseInteger(text[i+1:])
		if !ok && len(text)-i < 20 {
			return n, false
		}
		if !ok || exponent > exponentMax || exponent < -exponentMax {
			return n, n.hi|n.lo == 0 // 0e999999999 is 0
		}
		n.exponent += int(exponent)
		i = len(text)
	}
	return n, i == len(text)
}

// times10 appends a digit; false: 128 bits don't hold it.
func (n *number) times10(digit uint64) bool {
	over, high := bits.Mul64(n.hi, 10)
	carry, low := bits.Mul64(n.lo, 10)
	low, c := bits.Add64(low, digit, 0)
	carry += c
	high, c = bits.Add64(high, carry, 0)
	n.hi, n.lo = high, low
	return over == 0 && c == 0
}

// by10 takes the last digit away and gives it.
func (n *number) by10() (digit uint64) {
	var rest uint64
	n.hi, rest = n.hi/10, n.hi%10
	n.lo, digit = bits.Div64(rest, n.lo, 10)
	return digit
}

// rescale makes the exponent -scale. dropped is the first digit that fell off; exact tells whether all that did were 0.
// ok is false where 128 bits don't hold the number.
func (n *number) rescale(scale int) (dropped uint64, exact, ok bool) {
	exact = !n.inexact
	if n.half {
		dropped = 5
	}
	if n.hi|n.lo == 0 {
		n.exponent = -scale
		return 0, true, true
	}
	for n.exponent > -scale {
		if !n.times10(0) {
			return 0, false, false
		}
		n.exponent--
	}
	for n.exponent < -scale {
		if n.hi|n.lo == 0 && dropped == 0 {
			n.exponent = -scale
			break
		}
		dropped = n.by10()
		exact = exact && dropped == 0
		n.exponent++
	}
	return dropped, exact, true
}

// unscaled stores the number times 10^scale in 16 bytes, big-endian two's complement, rounded half up (away from zero).
// false: it has more than precision digits.
func (n number) unscaled(out *[16]byte, precision, scale int) bool {
	dropped, _, ok := n.rescale(scale)
	if !ok {
		return false
	}
	if dropped >= 5 {
		var c uint64
		n.lo, c = bits.Add64(n.lo, 1, 0)
		n.hi += c
	}
	limit := number{lo: 1}
	for range precision {
		limit.times10(0)
	}
	if n.hi > limit.hi || n.hi == limit.hi && n.lo >= limit.lo {
		return false
	}
	hi, lo := n.hi, n.lo
	if n.negative {
		var c uint64
		lo, c = bits.Add64(^lo, 1, 0)
		hi = ^hi + c
	}
	for i := range 8 {
		out[i] = byte(hi >> (56 - 8*i))
		out[8+i] = byte(lo >> (56 - 8*i))
	}
	return true
}

// integer gives the number if it is a whole one that 64 bits hold.
func (n number) integer() (int64, bool) {
	_, exact, ok := n.rescale(0)
	if !ok || !exact || n.hi != 0 {
		return 0, false
	}
	if n.negative {
		return -int64(n.lo), n.lo <= 1<<63
	}
	return int64(n.lo), n.lo < 1<<63
}

// decimalBytes is the least number of bytes that hold a decimal of a precision, as Hive stores it.
func decimalBytes(precision int) int {
	limit := number{lo: 1}
	for range precision {
		limit.times10(0)
	}
	width := bits.Len64(limit.hi) + 64
	if limit.hi == 0 {
		width = bits.Len64(limit.lo)
	}
	// 10^p is no power of two, so 10^p-1 has the same length; one bit is the sign.
	return (width + 1 + 7) / 8
}
