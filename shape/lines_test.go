package shape_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/loglake/loglake/shape"
)

func TestLines(t *testing.T) {
	long := strings.Repeat("x", shape.LineBytesMax)
	f := func(text string, want ...string) {
		t.Helper()
		for _, r := range []io.Reader{strings.NewReader(text), iotest.HalfReader(strings.NewReader(text))} {
			lines := shape.NewLines(r)
			for i, w := range want {
				line, whole, err := lines.Next()
				if last := i == len(want)-1; lines.Open() != (last && !strings.HasSuffix(text, "\n")) {
					t.Fatalf("line %d of %.20q is open: %t", i+1, text, lines.Open())
				}
				cut := strings.HasSuffix(w, "…")
				if err != nil || whole == cut || string(line) != strings.TrimSuffix(w, "…") {
					t.Fatalf("line %d of %.20q: %.20q (%d bytes), whole %v, %v", i+1, text, line, len(line), whole, err)
				}
			}
			if line, _, err := lines.Next(); !errors.Is(err, io.EOF) {
				t.Fatalf("%.20q: one line more, %.20q, %v", text, line, err)
			}
		}
	}
	f("")
	f("\n", "")
	f("a\nb", "a", "b")
	f("a\r\n\r\n\rb\r\n", "a", "", "\rb")
	f(long+"\r\nb\n", long, "b")
	f(long+"y\nb\n", long+"…", "b")
	f(long+long+long+"\nb", long+"…", "b")
	f(long+long, long+"…")
	if _, _, err := shape.NewLines(iotest.ErrReader(io.ErrUnexpectedEOF)).Next(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}
