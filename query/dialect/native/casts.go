package native

import (
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

func castFunctions() []Function {
	return []Function{
		{Name: "loglake_text_double", Params: []string{"VARCHAR", "VARCHAR", "BOOLEAN"}, Result: "DOUBLE", Call: func(args []any) (any, error) {
			bits := 64
			if args[1] == "REAL" {
				bits = 32
			}
			if v, ok := ParseFloat(args[0].(string), bits); ok {
				return v, nil
			}
			return refused(args[2], "Cannot cast '%s' to %s", args[0], args[1])
		}},
		{Name: "loglake_text_ip", Params: []string{"VARCHAR", "BOOLEAN"}, Result: "BLOB", Call: func(args []any) (any, error) {
			if ip, ok := ParseIP(args[0].(string)); ok {
				return ip, nil
			}
			return refused(args[1], "Cannot cast value to IPADDRESS: %s", args[0])
		}},
		{Name: "loglake_ip_text", Params: []string{"BLOB"}, Result: "VARCHAR", Call: func(args []any) (any, error) {
			return IPText(args[0].([]byte)), nil
		}},
	}
}

// refused is what becomes of a value that can't be converted: NULL where that is asked for.
func refused(null any, format string, args ...any) (any, error) {
	if null.(bool) {
		return nil, nil
	}
	return nil, &Error{Code: codeCast, Message: fmt.Sprintf(format, args...)}
}

var floatText = regexp.MustCompile(`^[+-]?(?:NaN|Infinity|(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?\d+)[dDfF]?)$`)

// ParseFloat reads a floating-point number as Java does.
func ParseFloat(text string, bits int) (float64, bool) {
	text = strings.TrimFunc(text, func(r rune) bool { return r <= ' ' })
	if !floatText.MatchString(text) {
		return 0, false
	}
	if strings.HasSuffix(text, "NaN") {
		return math.NaN(), true
	}
	v, err := strconv.ParseFloat(strings.TrimRight(strings.TrimSuffix(text, "inity"), "dDfF")+map[bool]string{true: "f"}[strings.HasSuffix(text, "Infinity")], bits)
	return v, err == nil || math.IsInf(v, 0)
}

// ParseIP reads an address as 16 bytes; one of four parts is mapped.
func ParseIP(text string) ([]byte, bool) {
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return nil, false
	}
	b := a.As16()
	return b[:], true
}

// IPText writes an address of 16 bytes.
func IPText(b []byte) string {
	if len(b) != 16 {
		return ""
	}
	return netip.AddrFrom16([16]byte(b)).Unmap().String()
}
