package native

import (
	"math/big"
	"strings"
)

// Decimal arithmetic that needs more digits on the way than the engine's decimals have. Decimals come and go as texts, all
// digits of their scale included.

func decimalFunctions() []Function {
	operation := func(name string, call func(a, b unscaled, scale int) (*big.Int, error)) Function {
		return Function{Name: name, Params: []string{"VARCHAR", "VARCHAR", "BIGINT"}, Result: "VARCHAR", Call: func(args []any) (any, error) {
			a, b, scale := readDecimal(args[0].(string)), readDecimal(args[1].(string)), int(args[2].(int64))
			v, err := call(a, b, scale)
			if err != nil {
				return nil, err
			}
			if new(big.Int).Abs(v).Cmp(pow10(38)) >= 0 {
				return nil, &Error{Code: codeRange, Message: "Decimal overflow"}
			}
			return new(big.Rat).SetFrac(v, pow10(scale)).FloatString(scale), nil
		}}
	}
	return []Function{
		operation("loglake_decimal_divide", func(a, b unscaled, scale int) (*big.Int, error) {
			if b.value.Sign() == 0 {
				return nil, &Error{Code: codeDivision, Message: "Division by zero"}
			}
			quotient := new(big.Rat).SetFrac(a.value, b.value)
			quotient.Mul(quotient, new(big.Rat).SetFrac(pow10(b.scale+scale), pow10(a.scale)))
			return roundHalfUp(quotient), nil
		}),
		operation("loglake_decimal_add", func(a, b unscaled, scale int) (*big.Int, error) {
			return new(big.Int).Add(a.at(scale), b.at(scale)), nil
		}),
		operation("loglake_decimal_subtract", func(a, b unscaled, scale int) (*big.Int, error) {
			return new(big.Int).Sub(a.at(scale), b.at(scale)), nil
		}),
		operation("loglake_decimal_multiply", func(a, b unscaled, _ int) (*big.Int, error) {
			return new(big.Int).Mul(a.value, b.value), nil
		}),
		operation("loglake_decimal_modulus", func(a, b unscaled, scale int) (*big.Int, error) {
			if b.value.Sign() == 0 {
				return nil, &Error{Code: codeDivision, Message: "Division by zero"}
			}
			return new(big.Int).Rem(a.at(scale), b.at(scale)), nil
		}),
	}
}

// unscaled is a decimal as its digits and how many of them are behind the point.
type unscaled struct {
	value *big.Int
	scale int
}

func readDecimal(text string) unscaled {
	whole, digits, _ := strings.Cut(text, ".")
	v, ok := new(big.Int).SetString(whole+digits, 10)
	if !ok {
		v = new(big.Int)
	}
	return unscaled{v, len(digits)}
}

// at gives the digits for a scale that is not smaller.
func (d unscaled) at(scale int) *big.Int {
	return new(big.Int).Mul(d.value, pow10(scale-d.scale))
}
