package catalog_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
)

// FuzzBounds reads hostile bytes as column bounds: what is read is written the same.
func FuzzBounds(f *testing.F) {
	whole := catalog.EncodeBounds([]loglake.ColumnBounds{{Name: "id", Bytes: 30, NullCount: 1, Min: []byte("a"), Max: []byte{}}, {Name: "n", Bytes: -1}})
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add([]byte{2})
	f.Fuzz(func(t *testing.T, b []byte) {
		once, err := catalog.DecodeBounds(b)
		if err != nil {
			return
		}
		if twice, err := catalog.DecodeBounds(catalog.EncodeBounds(once)); err != nil || cmp.Diff(once, twice) != "" {
			t.Errorf("%+v became %+v, %v", once, twice, err)
		}
	})
}
