package thrift_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/loglake/loglake/internal/thrift"
)

// dump writes what a structure holds.
func dump(b *strings.Builder, r *thrift.Reader) {
	r.Structure(func(id int64, kind thrift.Kind) {
		fmt.Fprintf(b, "%d:", id)
		value(b, r, kind)
		b.WriteByte(' ')
	})
}

func value(b *strings.Builder, r *thrift.Reader, kind thrift.Kind) {
	switch kind {
	case thrift.True, thrift.False:
		fmt.Fprint(b, kind == thrift.True)
	case thrift.I16, thrift.I32, thrift.I64:
		fmt.Fprint(b, r.Integer())
	case thrift.Binary:
		fmt.Fprintf(b, "%q", r.Bytes())
	case thrift.List, thrift.Set:
		b.WriteByte('[')
		r.List(func(kind thrift.Kind) { value(b, r, kind); b.WriteByte(',') })
		b.WriteByte(']')
	case thrift.Struct:
		b.WriteByte('{')
		dump(b, r)
		b.WriteByte('}')
	default:
		r.Skip(kind)
		fmt.Fprintf(b, "kind %d", kind)
	}
}

func TestReader(t *testing.T) {
	deep := append(bytes.Repeat([]byte{0x1c}, 40), make([]byte, 40)...)
	for _, x := range []struct{ name, text, want string }{
		{"empty", "\x00", ""},
		{"numbers", "\x15\x02\x16\x01\x14\x80\x01\x00", "1:1 2:-1 3:64 "},
		{"a far field", "\x05\xc8\x01\x02\x00", "100:1 "},
		{"truths", "\x11\x12\x00", "1:true 2:false "},
		{"text", "\x18\x02ab\x00", `1:"ab" `},
		{"a list", "\x19\x35\x02\x04\x06\x00", "1:[1,2,3,] "},
		{"a list of truths, a byte each", "\x19\x21\x01\x02\x15\x02\x00", "1:[kind 3,kind 3,] 2:1 "},
		{"a structure", "\x1c\x15\x02\x00\x15\x04\x00", "1:{1:1 } 2:2 "},
		{"a map, a double and a byte are passed over", "\x1b\x01\x85\x01a\x02\x17abcdefgh\x13x\x15\x02\x00", "1:kind 11 2:kind 7 3:kind 3 4:1 "},
		{"an empty map", "\x1b\x00\x15\x02\x00", "1:kind 11 2:1 "},
		{"cut", "\x15", "error"},
		{"a text that is longer than what is left", "\x18\xff\xff\xff\xff\x0fab", "error"},
		{"a list that claims more than there is", "\x19\xf5\xff\xff\xff\xff\x0f\x00", "error"},
		{"an unknown kind", "\x1d\x00", "error"},
		{"deep", string(deep), "error"},
	} {
		r := thrift.NewReader([]byte(x.text))
		var b strings.Builder
		dump(&b, r)
		got := b.String()
		if r.Err() != nil {
			got = "error"
		}
		if got != x.want || got == "error" && !errors.Is(r.Err(), thrift.ErrMalformed) {
			t.Errorf("%s: %s, %v, want %s", x.name, got, r.Err(), x.want)
		}
		if r.Left() != 0 {
			t.Errorf("%s: %d bytes left", x.name, r.Left())
		}
	}
}

// FuzzReader: any bytes end in a value or an error, and what is read is bounded by them.
func FuzzReader(f *testing.F) {
	f.Add([]byte("\x15\x02\x16\x01\x18\x02ab\x19\x35\x02\x04\x06\x1c\x15\x02\x00\x00"))
	f.Fuzz(func(_ *testing.T, text []byte) {
		var b strings.Builder
		dump(&b, thrift.NewReader(text))
	})
}
