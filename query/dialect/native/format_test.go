package native

import (
	"strings"
	"testing"
)

func TestFormat(t *testing.T) {
	for _, c := range []struct {
		format, kinds string
		values        []any
		want          string
	}{
		{"%,(+08d|", "i", []any{"1234"}, "+001,234|"},
		{"%(,015.2f|", "d", []any{"-1234.5"}, "(000001,234.50)|"},
		{"%g %.0g %,g", "ddd", []any{"4.9E-324", "1.5", "8.41e21"}, "4.90000e-324 2 8.41000e+21"},
		{"%.3e %.2f %e", "nnn", []any{"9.9996", "-0.005", "0.00"}, "1.000e+01 -0.01 0.000000e-02"},
		{"%g", "d", []any{"999999.5"}, "1.00000e+06"},
		{"%3s|%-3s|%.1s", "sss", []any{"😀", "é", "ab"}, " 😀|é  |a"},
		{"%s %s", "DT", []any{"12020-01-01", "2020-01-02 00:00:00.500000"}, "+12020-01-01 2020-01-02T00:00:00.500"},
		{"%01$s%1$s", "s", []any{"a"}, "aa"},
		{"%.1s", "s", []any{"😀"}, "NOT_SUPPORTED: half a character in format is not supported"},
		{"%tY", "D", []any{"2020-01-01"}, "NOT_SUPPORTED: the conversion %t of format is not supported"},
		{"%2147483647s", "s", []any{"a"}, "NOT_SUPPORTED: the result of format exceeds 67108864 bytes"},
		{"%", "s", []any{"a"}, "UnknownFormatConversion: Conversion = '%'"},
		{"%-1$s", "s", []any{"a"}, "UnknownFormatConversion: Conversion = '-'"},
		{"%--5d", "i", []any{"1"}, "DuplicateFormatFlags: Flags = '-'"},
		{"%-05X", "i", []any{"1"}, "IllegalFormatFlags: Flags = '-^0'"},
		{"%05s", "s", []any{"a"}, "FormatFlagsConversionMismatch: Conversion = s, Flags = 0"},
		{"%0$s", "s", []any{"a"}, "IllegalFormatArgumentIndex: Illegal format argument index = 0"},
		{"%99999999999s", "s", []any{"a"}, "IllegalFormatWidth: -2147483648"},
		{"%#<20s", "s", []any{"a"}, "MissingFormatArgument: Format specifier '%#<20s'"},
		{"%c", "i", []any{"65"}, "IllegalFormatConversion: c != java.lang.Long"},
	} {
		got, err := formatted(c.format, c.kinds, c.values)
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%q of %q: %q, want %q", c.format, c.values, got, c.want)
		}
	}
}

func FuzzFormat(f *testing.F) {
	f.Add("%1$-5.2f|%,d", "1.5", "id")
	f.Fuzz(func(t *testing.T, format, value, kinds string) {
		if strings.Trim(kinds, "idrnbDTts") != "" || len(format) > 100 {
			return
		}
		values := make([]any, len(kinds))
		for i := range values {
			values[i] = value
		}
		_, _ = formatted(format, kinds, values) // it must not panic
	})
}
