package jsontext_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/loglake/loglake/internal/jsontext"
)

// FuzzAppendUnescaped holds it against encoding/json.
func FuzzAppendUnescaped(f *testing.F) {
	for _, s := range []string{
		"", "plain é", `\"\\\/\b\f\n\r\t`, `\u0041\u00e9\u2028`, `\ud83d\ude00`, `\ud83d`, `\ud83dx`, `\ud83d\u0041`, `\ude00\ud83d`, `\ud83d\n`,
		`\uD83D\uDE00\uFFFF`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, content string) {
		var want string
		if strings.ToValidUTF8(content, "") != content || json.Unmarshal([]byte(`"`+content+`"`), &want) != nil {
			return // not the content of a string
		}
		if got := string(jsontext.AppendUnescaped(nil, []byte(content))); got != want {
			t.Errorf("%q stands for %q, want %q", content, got, want)
		}
	})
}

func TestHex4(t *testing.T) {
	for text, want := range map[string]rune{"0041": 'A', "fFfFx": 0xffff, "00": -1, "00g0": -1, "": -1, "-001": -1} {
		if got := jsontext.Hex4([]byte(text)); got != want {
			t.Errorf("%q: got %x, want %x", text, got, want)
		}
	}
}
