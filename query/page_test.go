package query_test

import (
	"testing"

	"github.com/loglake/loglake/query"
)

// FuzzPage reads hostile bytes as the header of a Parquet page: no panic, and none that is longer than its bytes.
func FuzzPage(f *testing.F) {
	f.Add([]byte{0x15, 0x00, 0x15, 0x20, 0x15, 0x20, 0x2c, 0x15, 0x08, 0x15, 0x00, 0x15, 0x06, 0x15, 0x06, 0x00, 0x00})
	f.Add([]byte{0x15, 0x04, 0x15, 0x20, 0x15, 0x20, 0x4c, 0x15, 0x08, 0x00, 0x00})
	f.Add([]byte{0x00})
	f.Fuzz(func(t *testing.T, text []byte) {
		if n, err := query.PageHeader(text); err == nil && (n <= 0 || n > int64(len(text))) {
			t.Errorf("a header of %d bytes in %d", n, len(text))
		}
	})
}
