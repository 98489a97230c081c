package delivery

import (
	"github.com/loglake/loglake"
	"github.com/loglake/loglake/convert"
)

// Part is some rows of a chunk and their folder.
type Part struct {
	Folder string // "": by arrival
	Beyond bool   // by arrival because of PartitionsMax
	Rows   *convert.Chunk
}

// Splitter gives what takes chunks apart for a stream whose rows find their folder by a column of the table.
func Splitter(d Destination, column string, schema loglake.Schema) (func(rows *convert.Chunk) []Part, error) {
	p, err := partitioningOf(d, column, schema)
	if err != nil {
		return nil, err
	}
	r := &recipe{partitioning: p}
	return func(rows *convert.Chunk) []Part {
		pieces, chunks := r.split(rows)
		parts := make([]Part, len(pieces))
		for i, p := range pieces {
			parts[i] = Part{Folder: p.folder, Beyond: p.kind == pieceBeyond, Rows: chunks[i]}
			if int64(chunks[i].Rows()) != p.rows {
				parts[i].Folder = "a piece with another number of rows"
			}
		}
		return parts
	}, nil
}
