package engine_test

import (
	"testing"

	"github.com/loglake/loglake/query/engine"
)

// FuzzDecodeBatch holds that bytes from a damaged child never do more than fail, and that what decodes can be read.
func FuzzDecodeBatch(f *testing.F) {
	columns := []engine.Field{
		{Name: "a", Type: engine.Type{Kind: engine.Varchar}},
		{Name: "b", Type: engine.Type{Kind: engine.List, Fields: []engine.Field{{Type: engine.Type{Kind: engine.TinyInt}}}}},
	}
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 'x', 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 7})
	f.Fuzz(func(t *testing.T, payload []byte) {
		b, err := engine.DecodeBatch(payload, columns)
		if err != nil {
			return
		}
		for i := range b.Rows {
			b.Columns[0].IsNull(i)
			b.Columns[0].Bytes(i)
			from, to := b.Columns[1].Span(i)
			for k := from; k < to; k++ {
				b.Columns[1].Child(0).Int(k)
			}
		}
	})
}
