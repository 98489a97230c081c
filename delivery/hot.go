package delivery

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/convert"
	"github.com/loglake/loglake/layout"
)

// Hot gives the rows in any of the places that are converted and not yet known to be committed, each once and pinned: the
// caller unpins each. A batch that is just being committed is among them, so a caller reads the positions after this
// call and leaves out what lies at or below them. Two calls may see the events of a stream cut into other ranges.
func (s *Streams) Hot(ctx context.Context, places []loglake.Place) ([]loglake.Hot, error) {
	var all []loglake.Hot
	s.mu.RLock()
	workers := slices.Collect(maps.Values(s.workers)) // all: a batch lies where its own recipe said, not where the stream writes now
	s.mu.RUnlock()
	for _, w := range workers {
		all = append(all, w.whole(ctx, places)...)
	}
	return all, nil
}

// thinTries bounds how often a query waits for rows that a worker reads again.
const thinTries = 3

// whole is hot at a moment when no row is missing that a query has seen before: a worker that reads again, because its
// definition or its sources changed, is waited for as CatchUp does.
func (w *worker) whole(ctx context.Context, places []loglake.Place) []loglake.Hot {
	waiting, cancel := context.WithTimeout(ctx, catchUpMax)
	defer cancel()
	for try := 0; ; try++ {
		all, thin := w.hot(ctx, places)
		if !thin || try == thinTries || w.ask(waiting, &request{}) != nil {
			return all
		}
		for _, h := range all {
			h.Unpin()
		}
	}
}

func (w *worker) hot(ctx context.Context, places []loglake.Place) (all []loglake.Hot, thin bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	batches := w.pending
	if w.inflight != nil {
		batches = append([]*batch{w.inflight}, batches...)
	}
	for _, b := range batches {
		if b.recipe.converter == nil {
			continue
		}
		if strings.HasPrefix(string(b.recipe.def.Name), "_") || strings.HasPrefix(string(b.recipe.def.Name), ".") {
			continue // in files that tables hide
		}
		bucket, first := b.recipe.def.Destination.Bucket(), b.first()
		arrival := layout.DeliveryPrefix(b.recipe.prefix, b.recipe.values(first, ""))
		for _, c := range b.chunks {
			for i, p := range c.pieces {
				where := arrival
				if b.timed(p) {
					where = layout.DeliveryPrefix(b.recipe.prefix, b.values(p, first))
				}
				in := func(p loglake.Place) bool { return p.Holds(bucket, where) }
				if !slices.ContainsFunc(places, in) || !c.pin() {
					continue
				}
				all = append(all, loglake.Hot{
					Bucket: bucket, Prefix: where, Producer: b.recipe.def.Producer, Range: c.rng, Rows: p.rows, Schema: b.recipe.schema,
					Export: func() (string, int64, error) { return c.exported(ctx, w.streams, i) },
					Unpin:  func() { c.unpin(w.streams) },
				})
			}
		}
	}
	return all, w.thin
}

// export is a piece of a chunk as a file in the scratch folder; the zero value is none.
type export struct {
	path  string
	bytes int64
}

// pin takes a hold on a chunk; false where nobody else has one any more.
func (c *chunk) pin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pins == 0 {
		return false
	}
	c.pins++
	return true
}

// unpin lets go of a hold. The last one takes the chunk's memory and exported file with it.
func (c *chunk) unpin(s *Streams) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pins--
	if c.pins > 0 {
		return
	}
	s.hotBytes.Add(-c.memory)
	c.memory, c.yield = 0, nil
	for i, e := range c.exports {
		if e.path != "" {
			_ = s.cfg.FS.Remove(e.path) // a scratch file: the next start wipes what stays
			c.exports[i] = export{}
		}
	}
}

// exported writes a piece of the chunk as a Parquet file in the scratch folder, once, and gives its path. Nothing is
// synced: the rows are safe in the journal.
func (c *chunk) exported(ctx context.Context, s *Streams, piece int) (path string, bytes int64, err error) {
	c.mu.Lock()
	e := c.exports[piece]
	c.mu.Unlock()
	if e.path != "" {
		return e.path, e.bytes, nil
	}
	y, err := c.load(ctx, s.cfg.Journal)
	if err != nil {
		return "", 0, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.exports[piece]; e.path != "" {
		return e.path, e.bytes, nil
	}
	path = filepath.Join(s.cfg.Scratch, fmt.Sprintf("hot-%d.parquet", s.exports.Add(1)))
	f, err := s.cfg.FS.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return "", 0, fmt.Errorf("export hot rows: %w", err)
	}
	out := bufio.NewWriterSize(f, 256<<10)
	stats, err := convert.WriteParquet(out, []*convert.Chunk{y.parts[piece]}, convert.ParquetOptions{Codec: "SNAPPY"})
	if err = errors.Join(err, out.Flush(), f.Close()); err != nil {
		return "", 0, fmt.Errorf("export hot rows: %w", errors.Join(err, s.cfg.FS.Remove(path)))
	}
	c.exports[piece] = export{path, stats.Bytes}
	return path, stats.Bytes, nil
}
