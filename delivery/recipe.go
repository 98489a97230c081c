package delivery

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/convert"
	"github.com/loglake/loglake/layout"
	"github.com/loglake/loglake/unpack"
)

// recipe is all that decides what becomes of a record: one version of a stream's definition and one of its table. It is
// immutable; chunks and batches point to theirs.
type recipe struct {
	def         *Definition
	schema      loglake.Schema
	converter   *convert.Converter // nil: records are written as they are
	rowBytes    int64              // that a row takes at least; 0 without a converter
	builders    sync.Pool          // of *convert.ChunkBuilder, which keep their memory and what they learned of the keys
	unpack      unpack.Config
	prefix      *layout.Prefix
	errorPrefix *layout.Prefix
	zone        *time.Location

	partitioning *partitioning // nil: rows go by arrival
	unplaced     string        // why they do although a column is named for it; "" where they need not
}

// recipe gives the recipe of the stream as it is now: old itself where nothing has changed.
func (s *Streams) recipe(ctx context.Context, def *Definition, old *recipe) (*recipe, error) {
	d := def.Destination
	if !d.Converts() {
		if old != nil && old.def == def {
			return old, nil
		}
		r, err := newRecipe(def)
		if err == nil {
			r.partition()
		}
		return r, err
	}
	schema, err := s.schema(ctx, d)
	if err != nil {
		return nil, err
	}
	if old != nil && old.def == def && sameColumns(old.schema, schema) {
		return old, nil
	}
	r, err := newRecipe(def)
	if err != nil {
		return nil, err
	}
	r.schema = schema
	r.partition()
	r.converter, err = d.converter(schema)
	r.rowBytes = convert.RowBytes(schema)
	return r, err
}

// partition has rows find their folder by the column that the stream's tag names. A table that has changed since the tag
// was set may lack it: nothing is lost then, and nothing stops.
func (r *recipe) partition() {
	column := r.def.PartitionBy()
	if column == "" {
		return
	}
	var err error
	if r.partitioning, err = partitioningOf(r.def.Destination, column, r.schema); err != nil {
		r.partitioning, r.unplaced = nil, "rows lie in the folders of their arrival. "+err.Error()
	}
}

// sameColumns tells whether rows of a and b may lie in one file. A table made again starts its versions anew, so the
// columns decide, and the version beside them.
func sameColumns(a, b loglake.Schema) bool {
	return a.Version == b.Version && slices.Equal(a.Columns, b.Columns)
}

func newRecipe(def *Definition) (*recipe, error) {
	d := def.Destination
	r := &recipe{def: def, zone: time.UTC}
	_, r.unpack.Decompress = d.Processor(procDecompression)
	_, r.unpack.AppendDelimiter = d.Processor(procDelimiter)
	if extraction, ok := d.Processor(procExtraction); ok {
		r.unpack.ExtractMessages = strings.EqualFold(extraction["DataMessageExtraction"], "true")
	}
	if d.Converts() {
		r.unpack.AppendDelimiter = false // the delimiter is for bytes that stay bytes
	}
	var err error
	if r.prefix, err = layout.ParsePrefix(text(d.Prefix)); err != nil {
		return nil, err
	}
	if r.errorPrefix, err = layout.ParsePrefix(text(d.ErrorOutputPrefix)); err != nil {
		return nil, err
	}
	if d.CustomTimeZone != nil {
		if r.zone, err = time.LoadLocation(*d.CustomTimeZone); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// builder gives an empty builder of chunks; release takes it back.
func (r *recipe) builder() *convert.ChunkBuilder {
	if b, ok := r.builders.Get().(*convert.ChunkBuilder); ok {
		return b
	}
	return r.converter.NewChunk()
}

func (r *recipe) release(b *convert.ChunkBuilder) { r.builders.Put(b) }

// messagesOnly tells whether a subscribed group's messages go straight to conversion or output: the envelope that the
// service would build is taken apart again by the stream's own processors, so neither happens.
func (r *recipe) messagesOnly() bool { return r.unpack.Decompress && r.unpack.ExtractMessages }

// values gives what a prefix is evaluated with.
func (r *recipe) values(arrival loglake.Millis, errorType string) layout.Values {
	return layout.Values{Instant: arrival.Time(), Zone: r.zone, ErrorType: errorType, Random: randomString}
}
