package route

import (
	"context"
	"fmt"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/pattern"
)

// worker copies along one route.
type worker struct {
	routes  *Routes
	sub     loggroup.Subscription // but for its Until, see below
	pattern *pattern.Pattern
	stop    context.CancelFunc
	woken   chan struct{} // until may have changed

	// Guarded by Routes.mu; next is changed by the worker alone.
	until   loglake.Offset // loggroup.Open, or where the route ends
	next    loglake.Offset // of the source: all below is counted, and what matches is in the target
	saved   loglake.Offset
	saving  *loggroup.Progress // from saved on: what is being saved, or is tried again as it is
	minutes ledger.Minutes     // what was counted behind that
	failure string
	damage  *journal.CorruptError // what it does not get behind; nil: nothing
	skipTo  loglake.Offset        // damaged events below are skipped
	ended   bool                  // came to its end and is forgotten in state
}

// run copies until ctx ends or the route has.
func (w *worker) run(ctx context.Context) {
	retry := retryMin
	for ctx.Err() == nil {
		grown := w.routes.cfg.Journal.Notify(w.sub.Journal) // before looking: the other order sleeps through an append
		more, err := w.step(ctx)
		var again <-chan time.Time
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			w.failed(err)
			again, grown = time.After(retry), nil
			retry = min(2*retry, retryMax)
		case w.over():
			return
		default:
			w.failed(nil)
			retry = retryMin
			if more {
				continue
			}
		}
		select {
		case <-ctx.Done():
		case <-grown:
		case <-w.woken:
		case <-again:
		}
	}
}

func (w *worker) over() bool {
	w.routes.mu.Lock()
	defer w.routes.mu.Unlock()
	return w.ended
}

// failed keeps in mind why the route does not go on, nil where it does, and tells of each reason once. That its end has
// moved, or that it is gone, is no failure: the routes are read again.
func (w *worker) failed(err error) {
	text := ""
	switch loglake.CodeOf(err) {
	case loglake.CodeConflict, loglake.CodeNotFound:
		w.routes.Wake()
	default:
		if err != nil {
			text = err.Error()
		}
	}
	w.routes.mu.Lock()
	said := w.failure == text
	w.failure = text
	w.routes.mu.Unlock()
	if text != "" && !said {
		w.routes.cfg.OnNotice(notice(&w.sub, "the route can't go on and is tried again", err))
	}
}

// step copies a piece, or ends the route where it is closed and there is none left. It tells whether there may be more.
func (w *worker) step(ctx context.Context) (more bool, err error) {
	w.routes.mu.Lock()
	next, until, end := w.next, w.until, w.routes.end(w)
	w.routes.mu.Unlock()
	if until != loggroup.Open && next >= until {
		return false, w.finish(ctx)
	}
	copied := w.routes.cfg.Groups.CopiedUntil(&w.sub)
	if head := w.routes.cfg.Journal.Head(w.sub.Journal); max(next, copied) > head {
		return false, fmt.Errorf("the route into %s has copied up to %d and the journal of %s ends at %d: it was restored from an older copy, or damaged; `loglake check` tells more",
			w.sub.Into, max(next, copied), w.sub.Group, head)
	}
	if next >= end {
		return false, nil
	}
	select {
	case w.routes.slots <- struct{}{}:
		defer func() { <-w.routes.slots }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	blocks, err := w.routes.cfg.Journal.Read(ctx, w.sub.Journal, next, readBytes)
	if err != nil {
		err = w.skip(err, end)
		return err == nil, err
	}
	if len(blocks) == 0 {
		return false, nil
	}
	g := gathering{source: w.sub.ID, match: w.pattern.Match, next: next, end: end, copied: copied}
	if err := g.take(blocks); err != nil {
		return false, fmt.Errorf("log group %s: %w", w.sub.Group, err)
	}
	if len(g.parts) > 0 {
		if err := w.routes.cfg.Groups.Copy(ctx, &w.sub, g.parts); err != nil {
			return false, err // some of it may be stored, which the next step sees
		}
	}
	w.routes.mu.Lock()
	w.next, w.minutes = g.next, ledger.Join([]ledger.Minutes{w.minutes, g.minutes}).Bounded()
	w.routes.mu.Unlock()
	nudge(w.routes.moved)
	return true, nil
}

// progress gives what is to be saved next, nil where there is nothing, or something before it is not saved yet. The caller
// holds mu.
func (w *worker) progress() *loggroup.Progress {
	if w.saving != nil || w.next <= w.saved {
		return nil
	}
	return &loggroup.Progress{Producer: w.sub.Producer, Minutes: w.minutes,
		Range: loglake.Range{Source: w.sub.ID, Journal: w.sub.Journal, From: w.saved, To: w.next}}
}

// last gives all that is not saved, in order.
func (w *worker) last() (all []loggroup.Progress) {
	w.routes.mu.Lock()
	defer w.routes.mu.Unlock()
	rest := worker{sub: w.sub, saved: w.saved, next: w.next, minutes: w.minutes}
	if w.saving != nil {
		all = append(all, *w.saving)
		rest.saved = w.saving.To
	}
	if p := rest.progress(); p != nil {
		all = append(all, *p)
	}
	return all
}

// finish forgets the route: all that is its is in the target.
func (w *worker) finish(ctx context.Context) error {
	set := func(ended bool) {
		w.routes.mu.Lock()
		defer w.routes.mu.Unlock()
		w.ended = ended
	}
	set(true) // before it is gone: who misses it then knows why
	err := w.routes.cfg.Groups.EndRoute(ctx, w.sub.ID, w.last())
	if err != nil {
		set(false)
		return err
	}
	w.routes.Wake()
	return nil
}

// gathering makes of blocks what is to be copied: parts of one log stream each that are no larger than a put.
type gathering struct {
	source    loglake.SourceID
	match     func(message []byte) bool
	next, end loglake.Offset // what is to be looked at; next moves
	copied    loglake.Offset // what is below is in the target, and is counted only
	minutes   ledger.Minutes
	parts     []loggroup.Copied
	bytes     int // of the last part, with EventOverhead
}

func (g *gathering) take(blocks []*journal.Block) error {
	for _, b := range blocks {
		if b.First > g.next {
			return &journal.CorruptError{File: "the journal", Journal: b.Journal, From: g.next, To: b.First, What: "events are missing that a route has not copied"}
		}
		var c ledger.Counts
		for _, e := range b.Events() {
			if e.Offset < g.next || e.Offset >= g.end {
				continue
			}
			c.Events++
			c.Bytes += int64(len(e.Message))
			if loglake.Late(e.Timestamp, e.Ingested) {
				c.Late++
			}
			if b.Stream == journal.LostStream || !g.match(e.Message) {
				c.Unmatched++
				continue
			}
			c.Consumed++
			if e.Offset >= g.copied {
				g.add(&e)
			}
		}
		c.Records, c.Unpacked, c.Messages, c.Delivered = c.Consumed, c.Consumed, c.Consumed, c.Consumed
		g.minutes.Add(g.source, b.Ingested, c)
		g.next = min(b.End(), g.end)
		if g.next == g.end {
			break
		}
	}
	return nil
}

func (g *gathering) add(e *loglake.Event) {
	size := len(e.Message) + loggroup.EventOverhead
	n := len(g.parts)
	if n == 0 || g.parts[n-1].Stream != e.Stream || g.bytes+size > loggroup.PutBytesMax || g.parts[n-1].Events.Count() == loggroup.PutEventsMax {
		g.parts = append(g.parts, loggroup.Copied{Stream: e.Stream, From: e.Offset, Events: &journal.Builder{}})
		g.bytes = 0
		n++
	}
	g.bytes += size
	g.parts[n-1].Events.Add(e.Timestamp, e.Message)
	g.parts[n-1].To = e.Offset + 1
}
