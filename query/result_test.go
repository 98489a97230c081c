package query_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/loglake/loglake/query"
)

// FuzzResultFile holds that any file reads as rows or fails, and that rows read are rows written.
func FuzzResultFile(f *testing.F) {
	f.Add("\"a\",\"b\"\n\"1\",\n\"x\"\"y\",\"\"\n", true)
	f.Add("a\tb\n\nc", false)
	f.Add("\"open", true)
	f.Fuzz(func(t *testing.T, file string, csv bool) {
		rows, err := query.ReadRows(file, csv)
		if err != nil || !csv {
			return
		}
		again, err := query.ReadRows(query.WriteRows(rows), true)
		if err != nil || cmp.Diff(rows, again) != "" {
			t.Errorf("%q: %v\n%s", file, err, cmp.Diff(rows, again))
		}
	})
}

// FuzzFooter holds that a footer of foreign bytes costs its query, not the server.
func FuzzFooter(f *testing.F) {
	var b bytes.Buffer
	w := parquet.NewGenericWriter[event](&b)
	if _, err := w.Write(events(1, 3)); err != nil {
		f.Fatal(err)
	}
	if err := w.Close(); err != nil {
		f.Fatal(err)
	}
	file := b.Bytes()
	n := int(binary.LittleEndian.Uint32(file[len(file)-8:]))
	footer := file[len(file)-8-n : len(file)-8]
	if err := query.Footer(footer); err != nil {
		f.Fatal(err)
	}
	f.Add(footer)
	f.Fuzz(func(_ *testing.T, text []byte) { _ = query.Footer(text) })
}
