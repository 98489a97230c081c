package delivery

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/commit"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/pattern"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/state"
)

// source is one input of a stream, as its worker reads it. Only the worker's goroutine touches it.
type source struct {
	feed      feed
	committed loglake.Offset // the position
	next      loglake.Offset // read up to here
	until     loglake.Offset // the end of a closed subscription; -1: open
	open      *chunk         // being filled; nil between chunks
	blocked   time.Time      // after a failure: not to be read before
}

// ended tells whether a closed subscription has nothing left to deliver.
func (src *source) ended() bool { return src.until >= 0 && src.committed >= src.until }

// readable tells whether the journal holds events that the source has not read.
func (w *worker) readable(src *source) bool {
	head := w.streams.cfg.Journal.Head(src.feed.journalID)
	return !w.streams.cfg.Clock().Before(src.blocked) && src.next < head && (src.until < 0 || src.next < src.until)
}

// loadSources reads the stream's sources and positions. Sources that are there keep what they have read.
func (w *worker) loadSources(ctx context.Context) error {
	s := w.streams
	subscriptions, err := s.cfg.Groups.Subscriptions(ctx, w.def().Producer)
	if err != nil {
		return err
	}
	switch w.overrun(subscriptions) {
	case overrunFlushing:
		w.mu.Lock()
		w.resourced = true // once the guard of that batch has refused it
		w.mu.Unlock()
		return nil
	case overrunRead:
		w.rewind()
	}
	at := map[loglake.SourceID]loglake.Offset{}
	err = s.cfg.State.View(ctx, func(tx *state.Tx) error {
		all, err := position.All(tx, w.def().Producer)
		for _, p := range all {
			at[p.Source] = p.At
		}
		return err
	})
	if err != nil {
		return err
	}
	w.addSource(feed{sourceID: loglake.DirectSource, journalID: w.def().Journal(), controlFrom: -1}, at, -1)
	for _, sub := range subscriptions {
		p, err := pattern.Parse(sub.Pattern)
		if err != nil {
			return fmt.Errorf("pattern of filter %s of %s: %w", sub.Filter, sub.Group, err)
		}
		w.addSource(feed{
			pattern: p, group: sub.Group, filter: sub.Filter, account: s.cfg.Home.Account,
			controlFrom: sub.From, sourceID: sub.ID, journalID: sub.Journal,
		}, at, sub.Until)
	}
	return nil
}

// overrun tells how far the worker has read beyond the end of a subscription, closed since: what follows its end is
// another's, or nobody's.
type overrun int

const (
	overrunNone     overrun = iota
	overrunRead             // into chunks, which are read again
	overrunFlushing         // into the batch that is being flushed, which its guard is going to refuse
)

func (w *worker) overrun(subscriptions []loggroup.Subscription) (far overrun) {
	w.mu.Lock()
	inflight := w.inflight
	w.mu.Unlock()
	for _, sub := range subscriptions {
		src, ok := w.sources[sub.ID]
		if !ok || sub.Until < 0 || src.next <= sub.Until {
			continue
		}
		far = max(far, overrunRead)
		if inflight != nil && beyond(inflight.ranges(), sub) {
			far = overrunFlushing
		}
	}
	return far
}

// beyond tells whether ranges reach beyond the end of a subscription.
func beyond(ranges []loglake.Range, sub loggroup.Subscription) bool {
	return sub.Until >= 0 && slices.ContainsFunc(ranges, func(r loglake.Range) bool { return r.Source == sub.ID && r.To > sub.Until })
}

// errClosed is why a batch is refused that reaches beyond the end of a subscription.
var errClosed = errors.New("a subscription was closed within the batch")

// guard is asked when a batch is to be staged, in the transaction itself: a subscription may have been closed since the
// batch was read.
func guard(p commit.Plan, tx *state.Tx) error {
	subscriptions, err := loggroup.SubscriptionsOf(tx, p.Producer)
	if err != nil {
		return err
	}
	for _, sub := range subscriptions {
		if beyond(p.Ranges, sub) {
			return errClosed
		}
	}
	return nil
}

func (w *worker) addSource(f feed, at map[loglake.SourceID]loglake.Offset, until loglake.Offset) {
	src, ok := w.sources[f.sourceID]
	if !ok {
		position, ok := at[f.sourceID]
		if !ok {
			return // its position was dropped: it is drained
		}
		src = &source{feed: f, committed: position, next: position}
		w.sources[f.sourceID] = src
	}
	src.until = until
}

// retire forgets the closed subscriptions that are drained.
func (w *worker) retire(ctx context.Context) error {
	for id, src := range w.sources {
		if !src.ended() {
			continue
		}
		err := w.streams.cfg.State.Update(ctx, "delivery.retire", func(tx *state.Tx) error {
			return loggroup.DropSubscription(tx, id)
		})
		if err != nil {
			return err
		}
		delete(w.sources, id)
		w.trouble(src, nil)
		w.mu.Lock()
		delete(w.skips, id)
		w.mu.Unlock()
	}
	return nil
}

// fill reads a piece of every source into chunks, and tells whether there was anything. A source that can't be read
// holds up no other.
func (w *worker) fill(ctx context.Context) (progress bool) {
	w.unblock()
	for _, src := range w.sources {
		if !w.readable(src) || w.behind() {
			continue
		}
		select { // what is being read and converted lies in memory too: not all streams at once
		case w.streams.reads <- struct{}{}:
		case <-ctx.Done():
			return progress
		}
		more, err := w.read(ctx, src)
		<-w.streams.reads
		progress = progress || more
		if err != nil && ctx.Err() == nil {
			src.blocked = w.streams.cfg.Clock().Add(retryMax)
			w.failed("a source can't be read and is tried again", fmt.Errorf("source %s: %w", src.feed.name(), err))
		}
		w.trouble(src, err)
	}
	return progress
}

// trouble keeps in mind which sources can't be read, and why.
func (w *worker) trouble(src *source, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.troubles, src.feed.sourceID)
	hint := w.damagedAt(src, err)
	if err != nil {
		w.troubles[src.feed.sourceID] = fmt.Sprintf("%s can't be read: %v%s", src.feed.name(), err, hint)
	}
}

// name says what a source is to whoever runs the server.
func (f feed) name() string {
	if f.pattern == nil {
		return "records put to the stream"
	}
	return fmt.Sprintf("log group %s, filter %s", f.group, f.filter)
}

// read reads a piece of one source.
func (w *worker) read(ctx context.Context, src *source) (progress bool, err error) {
	if head := w.streams.cfg.Journal.Head(src.feed.journalID); src.committed > head {
		return false, fmt.Errorf("the position is %d and the journal ends at %d: it was restored from an older copy, or damaged; `loglake check` tells more", src.committed, head)
	}
	blocks, err := w.streams.cfg.Journal.Read(ctx, src.feed.journalID, src.next, readBytes)
	if err != nil && w.skip(src, err) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	for _, b := range blocks {
		for src.next < b.End() { // a block may fill more than one chunk
			if src.until >= 0 && src.next >= src.until {
				return progress, nil
			}
			if src.open == nil {
				src.open = newChunk(w.recipe, src.feed, src.next)
				src.open.began = w.streams.cfg.Clock()
			}
			if err := src.open.take(b, src.until); err != nil {
				if w.skip(src, err) {
					progress = true
					continue
				}
				return progress, err
			}
			src.next = src.open.rng.To
			progress = true
			if crowded := w.count(src.open); crowded || src.open.full() {
				w.seal(src)
			}
		}
	}
	return progress, nil
}

// count counts what an open chunk takes, and tells whether all chunks together take more than they may.
func (w *worker) count(c *chunk) (crowded bool) {
	size := c.size()
	total := w.streams.hotBytes.Add(size - c.taken)
	c.taken = size
	return total > w.streams.cfg.HotBytesMax
}

// seal ends the open chunk of a source and adds it to the batch of its recipe.
func (w *worker) seal(src *source) {
	c := src.open
	if c == nil {
		return
	}
	src.open = nil
	c.seal()
	if w.streams.hotBytes.Add(c.memory-c.taken) > w.streams.cfg.HotBytesMax {
		w.streams.hotBytes.Add(-c.evict(w.streams))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := len(w.pending); n == 0 || w.pending[n-1].recipe != c.recipe {
		w.pending = append(w.pending, &batch{recipe: c.recipe, again: make(chan struct{}, 1)})
	}
	w.pending[len(w.pending)-1].add(c)
	if m, _ := c.recognised(); m.text() != "" {
		w.notice(m)
	}
	w.noteExtra(c)
	if c.refusal != "" {
		w.refusal = c.refusal
	}
}

func (w *worker) sealAll() {
	for _, src := range w.sources {
		w.seal(src)
	}
}

// randomString is what !{firehose:random-string} gives: 11 letters and digits. Once a batch is staged it is frozen with
// everything else.
func randomString() string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	b := make([]byte, 11)
	for i := range b {
		b[i] = alphabet[rand.IntN(len(alphabet))]
	}
	return string(b)
}
