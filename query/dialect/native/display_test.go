package native

import (
	"strings"
	"testing"
)

func TestDisplayFunctions(t *testing.T) {
	for _, x := range []struct {
		name string
		args []any
		want string
	}{
		{"loglake_color", []any{"#ABC"}, "#aabbcc"},
		{"loglake_color", []any{"#12"}, "INVALID_FUNCTION_ARGUMENT: Invalid color: '#12'"},
		{"loglake_color_between", []any{0.7, "#010203", "#ff00ff"}, "#6b12b3"},
		{"loglake_color_between", []any{0.3, "#000000", "#ffffff"}, "#4d4d4d"},
		{"loglake_color_between", []any{0.5, "#ff0000", "#0000ff"}, "#00ff00"},
		{"loglake_color_between", []any{0.5, "#ff0000", "red"}, "INVALID_FUNCTION_ARGUMENT: highColor not a valid RGB color"},
		{"loglake_bar", []any{0.5, int64(1e9), "#ff0000", "#00ff00"}, "NOT_SUPPORTED: bars wider than 100000 are not supported"},
		{"loglake_format_number", []any{int64(1125)}, "1.13K"},
		{"loglake_format_number", []any{int64(1055)}, "1.05K"},
		{"loglake_format_number", []any{int64(1e18)}, "1000Q"},
		{"loglake_format_number", []any{int64(-999)}, "-999"},
		{"loglake_data_size", []any{"82718061255302YB"}, "99999999999999072164979181005572145152"},
		{"loglake_data_size", []any{"1..5B"}, "INVALID_FUNCTION_ARGUMENT: Invalid data size: '1..5B'"},
	} {
		if got := answer(t, x.name, x.args...); got != x.want {
			t.Errorf("%s%v: %q, want %q", x.name, x.args, got, x.want)
		}
	}
}

func FuzzDataSize(f *testing.F) {
	for _, s := range []string{"1.5kB", ".5MB", "1.", "99999999999999999999999999999999999999B", "0.1YB"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := dataSize(text)
		if err == nil && (v == "" || strings.Trim(v.(string), "0123456789") != "") {
			t.Errorf("%q: %v", text, v)
		}
	})
}
