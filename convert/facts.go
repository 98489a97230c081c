package convert

import (
	"io"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/convert/internal/parquet"
)

// FileFacts is what a Parquet file says of itself.
type FileFacts struct {
	FileStats                   // as WriteParquet gave it
	Metadata  map[string]string // its key-value metadata
}

// ErrNotOurs is in the chain of errors about a file that WriteParquet can't have written.
var ErrNotOurs = parquet.ErrNotOurs

// ReadFacts reads from a file what WriteParquet gave when it wrote it, without its rows. The bytes may be anybody's.
func ReadFacts(r io.ReaderAt, size int64) (FileFacts, error) {
	f, err := parquet.ReadFacts(r, size)
	if err != nil {
		return FileFacts{}, err
	}
	facts := FileFacts{FileStats: FileStats{Rows: f.Rows, Bytes: size}, Metadata: f.Metadata}
	for i, c := range f.Columns {
		facts.Columns = append(facts.Columns, loglake.ColumnBounds{Name: f.Names[i], Bytes: c.Bytes, NullCount: c.NullCount, Min: c.Min, Max: c.Max})
	}
	return facts, nil
}
