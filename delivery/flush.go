package delivery

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/commit"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/state"
)

// flushDue starts the flush of the oldest batch where it is due: by size, by age, because a newer recipe waits behind
// it, or because somebody asked.
func (w *worker) flushDue(ctx context.Context) {
	if w.inflight != nil {
		return
	}
	all := w.buffered()
	if len(all) == 0 || len(all) == 1 && !all[0].due(w.streams.cfg.Clock()) && all[0].weight() < w.streams.cfg.FlushBytesMax && !w.flushAsked() {
		return
	}
	if all[0].recipe == w.recipe {
		w.sealAll()
	}
	w.mu.Lock()
	b := w.pending[0]
	if m, ok := b.mistaken(); ok && b.recipe.def.Policy() == PolicyHold && !w.asIs {
		w.held = m.text()
		w.mu.Unlock()
		w.streams.cfg.OnEvent(Notice{Stream: w.def().Name, Kind: NoticeHeld, Text: "nothing is delivered and nothing is lost: " + m.text()})
		return
	}
	w.pending = w.pending[1:]
	w.inflight = b
	w.mu.Unlock()
	go func() {
		w.deliver(ctx, b)
		w.done <- b
	}()
}

// deliver takes a batch to its commit. It gives up only when ctx ends; the batch then waits in the journal, or staged.
func (w *worker) deliver(ctx context.Context, b *batch) {
	for attempt := 0; ; attempt++ {
		err := w.try(ctx, b)
		if err == nil {
			return
		}
		if commit.Refused(err) {
			b.failed = true
			w.wake()
			return
		}
		if ctx.Err() != nil || w.superseded(ctx, b) {
			b.failed = true
			return
		}
		var damage *journal.CorruptError
		if errors.As(err, &damage) { // found when rows were read again: the worker reads up to it, and says so
			b.failed = true
			w.wake()
			return
		}
		w.failed("the flush of a batch failed and is tried again", err)
		if loglake.CodeOf(err) == loglake.CodeNotFound { // the bucket: whoever waits for the flush had better know
			w.mu.Lock()
			w.hopeless = err
			w.mu.Unlock()
			w.nudge()
		}
		timer := time.NewTimer(min(retryMax, retryMin<<min(attempt, 10)))
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-b.again:
		}
		timer.Stop()
	}
}

// superseded tells whether the batch failed before it was staged and the definition has changed since: it is then read
// again and delivered by the new one. A staged batch is frozen.
func (w *worker) superseded(ctx context.Context, b *batch) bool {
	if w.def() == b.recipe.def {
		return false
	}
	if committed, err := w.committed(ctx, b); committed || err != nil {
		return false // the next try ends it well, or fails again
	}
	_, _, err := w.streams.cfg.Commit.Next(ctx, b.recipe.def.Producer)
	return err == nil
}

// try is one attempt. An earlier one may have got anywhere: Resume finishes what it staged, and the positions tell
// whether that was this batch.
func (w *worker) try(ctx context.Context, b *batch) error {
	producer := b.recipe.def.Producer
	if err := w.streams.cfg.Commit.Resume(ctx, producer); err != nil {
		return err
	}
	committed, err := w.committed(ctx, b)
	if committed || err != nil {
		return err
	}
	bucket := b.recipe.def.Destination.Bucket()
	if has, err := w.streams.cfg.Store.HasBucket(ctx, bucket); err != nil {
		return err
	} else if !has {
		return loglake.Errorf(loglake.CodeNotFound, "the bucket %s does not exist", bucket).WithHint("create it, and delivery goes on by itself")
	}
	number, generation, err := w.streams.cfg.Commit.Next(ctx, producer)
	if err != nil {
		return err
	}
	select { // what a flush builds lies in memory: not all streams at once
	case w.streams.builds <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	built := sync.OnceFunc(func() { <-w.streams.builds })
	defer built()
	p, err := w.plan(ctx, b, commit.Plan{Producer: producer, Number: number, Generation: generation})
	if err != nil {
		return err
	}
	p.Guard = func(tx *state.Tx) error {
		built() // what follows waits for the bucket, which others need not
		return guard(p, tx)
	}
	b.keys = b.keys[:0]
	for _, d := range p.Drafts {
		b.keys = append(b.keys, Key{Bucket: d.Bucket, Key: d.Key, Kind: d.Kind})
	}
	_, err = w.streams.cfg.Commit.Commit(ctx, p)
	return err
}

// committed tells whether the positions are at the end of the batch's ranges.
func (w *worker) committed(ctx context.Context, b *batch) (yes bool, err error) {
	r := b.ranges()[0]
	err = w.streams.cfg.State.View(ctx, func(tx *state.Tx) error {
		at, ok, err := position.Get(tx, b.recipe.def.Producer, r.Source)
		yes = ok && at >= r.To
		return err
	})
	return yes, err
}

// ended takes note that the flush of a batch is over.
func (w *worker) ended(b *batch) {
	w.mu.Lock()
	w.inflight, w.hopeless = nil, nil
	w.thin = w.thin || b.failed
	if !b.failed {
		w.flushed, w.failure, w.failing = loglake.At(w.streams.cfg.Clock()), "", 0
		w.beyond += b.beyond
	}
	w.mu.Unlock()
	if b.failed { // read it again, from wherever the positions are
		w.drop(b)
		w.rewind()
		clear(w.sources)
		w.wake()
		return
	}
	for _, r := range b.ranges() {
		if src, ok := w.sources[r.Source]; ok {
			src.committed = r.To
		}
		if r.Source == loglake.DirectSource {
			if err := w.streams.releaseJournal(b.recipe.def, r.To); err != nil {
				w.streams.cfg.OnEvent(Notice{Stream: b.recipe.def.Name, Kind: NoticeRetry, Text: "the journal was not released; the next batch does it", Err: err})
			}
		}
	}
	w.drop(b)
	for _, r := range w.requests {
		r.keys = append(r.keys, b.keys...)
	}
	w.streams.cfg.OnEvent(Notice{Stream: b.recipe.def.Name, Kind: NoticeBatch})
	if b.beyond > 0 {
		w.streams.cfg.OnEvent(Notice{Stream: b.recipe.def.Name, Kind: NoticePartitions, Text: fmt.Sprintf(
			"%d rows of a batch lie in the folder of their arrival, because the times in column %s ask for more than %d folders: a Prefix with coarser times mends it, unless the times themselves are wrong",
			b.beyond, b.recipe.def.PartitionBy(), PartitionsMax)})
	}
}

// drop lets go of the worker's hold on a batch's chunks.
func (w *worker) drop(b *batch) {
	for _, c := range b.chunks {
		c.unpin(w.streams)
	}
}
