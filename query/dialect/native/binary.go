package native

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	gohash "hash"
	"hash/crc32"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"
)

// ofBytes makes a function of bytes.
func ofBytes(name, result string, call func(b []byte) (any, error)) Function {
	return Function{Name: name, Params: []string{"BLOB"}, Result: result, Call: func(args []any) (any, error) { return call(args[0].([]byte)) }}
}

// appended gives bytes as the result of an append to nothing.
func appended(b []byte) any { return b }

func binaryFunctions() []Function { //nolint:funlen // a table
	list := []Function{
		ofBytes("loglake_sha512", "BLOB", func(b []byte) (any, error) {
			sum := sha512.Sum512(b)
			return sum[:], nil
		}),
		ofBytes("loglake_crc32", "BIGINT", func(b []byte) (any, error) { return int64(crc32.ChecksumIEEE(b)), nil }),
		ofBytes("loglake_xxhash64", "BLOB", func(b []byte) (any, error) { return appended(binary.BigEndian.AppendUint64(nil, xxhash.Sum64(b))), nil }),
		ofBytes("loglake_murmur3", "BLOB", func(b []byte) (any, error) { return murmur3(b), nil }),
		ofBytes("loglake_spooky_hash_v2_32", "BLOB", func(b []byte) (any, error) {
			h, _ := spooky(b)
			return appended(binary.BigEndian.AppendUint32(nil, uint32(h))), nil
		}),
		ofBytes("loglake_spooky_hash_v2_64", "BLOB", func(b []byte) (any, error) {
			h, _ := spooky(b)
			return appended(binary.BigEndian.AppendUint64(nil, h)), nil
		}),
		ofBytes("loglake_from_hex", "BLOB", fromHex),
		ofBytes("loglake_to_base32", "VARCHAR", func(b []byte) (any, error) { return base32.StdEncoding.EncodeToString(b), nil }),
		ofBytes("loglake_from_base32", "BLOB", fromBase32),
		ofBytes("loglake_from_base64", "BLOB", func(b []byte) (any, error) { return fromBase64(b, base64.RawStdEncoding) }),
		ofBytes("loglake_from_base64url", "BLOB", func(b []byte) (any, error) { return fromBase64(b, base64.RawURLEncoding) }),
		ofBytes("loglake_reverse_bytes", "BLOB", func(b []byte) (any, error) {
			b = slices.Clone(b)
			slices.Reverse(b)
			return b, nil
		}),
		ofBytes("loglake_from_big_endian_32", "INTEGER", func(b []byte) (any, error) {
			if len(b) != 4 {
				return nil, invalid("expected 4-byte input, but got instead: %d", len(b))
			}
			return int64(int32(binary.BigEndian.Uint32(b))), nil
		}),
		ofBytes("loglake_from_big_endian_64", "BIGINT", func(b []byte) (any, error) {
			if len(b) != 8 {
				return nil, invalid("expected 8-byte input, but got instead: %d", len(b))
			}
			return int64(binary.BigEndian.Uint64(b)), nil
		}),
		ofBytes("loglake_from_ieee754_32", "FLOAT", func(b []byte) (any, error) {
			if len(b) != 4 {
				return nil, invalid("Input floating-point value must be exactly 4 bytes long")
			}
			return float64(math.Float32frombits(binary.BigEndian.Uint32(b))), nil
		}),
		ofBytes("loglake_from_ieee754_64", "DOUBLE", func(b []byte) (any, error) {
			if len(b) != 8 {
				return nil, invalid("Input floating-point value must be exactly 8 bytes long")
			}
			return math.Float64frombits(binary.BigEndian.Uint64(b)), nil
		}),
		{Name: "loglake_to_big_endian_32", Params: []string{"INTEGER"}, Result: "BLOB", Call: func(args []any) (any, error) {
			return appended(binary.BigEndian.AppendUint32(nil, uint32(args[0].(int64)))), nil
		}},
		{Name: "loglake_to_big_endian_64", Params: []string{"BIGINT"}, Result: "BLOB", Call: func(args []any) (any, error) {
			return appended(binary.BigEndian.AppendUint64(nil, uint64(args[0].(int64)))), nil
		}},
		{Name: "loglake_to_ieee754_32", Params: []string{"FLOAT"}, Result: "BLOB", Call: func(args []any) (any, error) {
			bits := math.Float32bits(float32(args[0].(float64)))
			if math.IsNaN(args[0].(float64)) {
				bits = 0x7FC00000
			}
			return appended(binary.BigEndian.AppendUint32(nil, bits)), nil
		}},
		{Name: "loglake_to_ieee754_64", Params: []string{"DOUBLE"}, Result: "BLOB", Call: func(args []any) (any, error) {
			bits := math.Float64bits(args[0].(float64))
			if math.IsNaN(args[0].(float64)) {
				bits = 0x7FF8000000000000
			}
			return appended(binary.BigEndian.AppendUint64(nil, bits)), nil
		}},
		{Name: "loglake_substr_bytes", Params: []string{"BLOB", "BIGINT", "BIGINT"}, Result: "BLOB", Call: func(args []any) (any, error) {
			return substrBytes(args[0].([]byte), args[1].(int64), args[2].(int64)), nil
		}},
		{Name: "loglake_pad_bytes", Params: []string{"BLOB", "BIGINT", "BLOB", "BOOLEAN"}, Result: "BLOB", Call: func(args []any) (any, error) {
			return padBytes(args[0].([]byte), args[1].(int64), args[2].([]byte), args[3].(bool))
		}},
		{Name: "loglake_from_utf8", Params: []string{"BLOB", "VARCHAR"}, Result: "VARCHAR", Call: func(args []any) (any, error) {
			if err := replacementOf(args[1].(string)); err != nil {
				return nil, err
			}
			return fromUTF8(args[0].([]byte), args[1].(string)), nil
		}},
		{Name: "loglake_from_utf8_code", Params: []string{"BLOB", "BIGINT"}, Result: "VARCHAR", Call: func(args []any) (any, error) {
			code := args[1].(int64)
			switch {
			case code > 0x10FFFF || code >= 0xD800 && code < 0xE000:
				return nil, invalid("Invalid replacement character")
			case code < 0 && !utf8.Valid(args[0].([]byte)):
				return nil, &Error{Code: codeInternal, Message: fmt.Sprintf("Invalid code point 0x%X", uint32(code))}
			}
			return fromUTF8(args[0].([]byte), string(rune(code))), nil
		}},
	}
	for name, sum := range map[string]func() gohash.Hash{"md5": md5.New, "sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New} {
		list = append(list, Function{Name: "loglake_hmac_" + name, Params: []string{"BLOB", "BLOB"}, Result: "BLOB", Call: func(args []any) (any, error) {
			key := args[1].([]byte)
			if len(key) == 0 {
				return nil, &Error{Code: codeInternal, Message: "Empty key"}
			}
			mac := hmac.New(sum, key)
			mac.Write(args[0].([]byte))
			return mac.Sum(nil), nil
		}})
	}
	return list
}

func fromHex(b []byte) (any, error) {
	if len(b)%2 != 0 {
		return nil, invalid("invalid input length %d", len(b))
	}
	out := make([]byte, len(b)/2)
	for i, c := range b {
		d, ok := hexDigit(c)
		if !ok {
			return nil, invalid("not a hexadecimal digit: %s", javaDigit(c))
		}
		out[i/2] = out[i/2]<<4 | d
	}
	return out, nil
}

// javaDigit shows a byte as a Java program does that takes it for a character: its text and its signed value.
func javaDigit(c byte) string {
	return fmt.Sprintf("\"%c\" = %d", rune(uint16(int8(c))), int8(c))
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// fromBase32 takes any number of = at the end, and ignores the bits that make no whole byte.
func fromBase32(b []byte) (any, error) {
	text := b
	for len(text) > 0 && text[len(text)-1] == '=' {
		text = text[:len(text)-1]
	}
	switch len([]rune(string(text))) % 8 {
	case 1, 3, 6:
		return nil, invalid("Invalid input length %d", len([]rune(string(text))))
	}
	var out []byte
	var held, bits uint
	for _, r := range string(text) {
		var d uint
		switch {
		case r >= 'A' && r <= 'Z':
			d = uint(r - 'A')
		case r >= '2' && r <= '7':
			d = uint(r-'2') + 26
		case r <= ' ' || r >= 0x7F:
			return nil, invalid("Unrecognized character: 0x%x", r)
		default:
			return nil, invalid("Unrecognized character: %c", r)
		}
		held, bits = held<<5|d, bits+5
		if bits >= 8 {
			bits -= 8
			out = append(out, byte(held>>bits))
			held &= 1<<bits - 1
		}
	}
	return slices.Concat([]byte{}, out), nil
}

// fromBase64 reads base64 as Java's strict decoder does: padding may miss, nothing may follow it.
func fromBase64(b []byte, encoding *base64.Encoding) (any, error) {
	if len(b) == 0 {
		return []byte{}, nil
	}
	if len(b) < 2 {
		return nil, invalid("Input byte[] should at least have 2 bytes for base64 bytes")
	}
	end := slices.Index(b, '=')
	if end < 0 {
		end = len(b)
	}
	for _, c := range b[:end] {
		if _, err := encoding.DecodeString("AAA" + string(rune(c))); c >= 0x80 || err != nil {
			return nil, invalid("Illegal base64 character %s", signedHex(c))
		}
	}
	after := 0
	switch rest := b[end:]; {
	case len(rest) == 0:
	case end%4 == 0, end%4 == 2 && (len(rest) < 2 || rest[1] != '='):
		return nil, invalid("Input byte array has wrong 4-byte ending unit")
	case end%4 == 2:
		after = 2
	case end%4 == 3:
		after = 1
	}
	if end%4 == 1 {
		return nil, invalid("Last unit does not have enough valid bits")
	}
	if end+after < len(b) {
		return nil, invalid("Input byte array has incorrect ending byte at %d", end+after)
	}
	out := make([]byte, encoding.DecodedLen(end))
	n, err := encoding.Decode(out, b[:end])
	if err != nil {
		return nil, invalid("%v", err)
	}
	return out[:n], nil
}

func signedHex(c byte) string {
	if c >= 0x80 {
		return fmt.Sprintf("-%x", -int(int8(c)))
	}
	return fmt.Sprintf("%x", c)
}

// substrBytes gives length bytes from a place counted from 1, or from the end where it is negative.
func substrBytes(b []byte, start, length int64) []byte {
	n := int64(len(b))
	if start < 0 {
		start += n + 1
		if start < 1 {
			return []byte{}
		}
	}
	if start == 0 || start > n || length <= 0 {
		return []byte{}
	}
	return b[start-1 : start-1+min(length, n-start+1)]
}

func padBytes(b []byte, size int64, padding []byte, left bool) (any, error) {
	if size < 0 || size > math.MaxInt32 {
		return nil, invalid("Target length must be in the range [0..2147483647]")
	}
	if len(padding) == 0 {
		return nil, invalid("Padding bytes must not be empty")
	}
	if err := tooLong("a padding", int(size)); err != nil {
		return nil, err
	}
	missing := int(size) - len(b)
	if missing <= 0 {
		return b[:size], nil
	}
	pad := make([]byte, missing)
	for i := range pad {
		pad[i] = padding[i%len(padding)]
	}
	if left {
		return append(pad, b...), nil
	}
	return slices.Concat(b, pad), nil
}
