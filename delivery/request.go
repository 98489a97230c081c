package delivery

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/loglake/loglake"
)

// request asks a worker to take what was acknowledged before it was made to a certain stage: sealed into chunks, which
// queries see, or flushed into committed objects.
type request struct {
	flush bool
	heads map[loglake.SourceID]loglake.Offset // set by the worker when it first sees the request
	keys  []Key                               // committed since
	done  chan error
	ctx   context.Context //nolint:containedctx // of the one who waits: nobody does once it has ended
}

// Key names an object that a flush wrote.
type Key struct {
	Bucket string
	Key    string
	Kind   loglake.ObjectKind
}

func (r *request) end(err error) {
	r.done <- err // buffered: nobody need be waiting
}

// ask hands a request to a worker and waits for its end.
func (w *worker) ask(ctx context.Context, r *request) error {
	r.done, r.ctx = make(chan error, 1), ctx
	select {
	case w.asked <- r:
	case <-w.stopped:
		return loglake.Errorf(loglake.CodeUnavailable, "the delivery stream is stopping")
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-r.done:
		return err
	case <-w.stopped:
		return loglake.Errorf(loglake.CodeUnavailable, "the delivery stream is stopping")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// take adds a request. A flush that failed so far is tried at once, and not when its time comes: whoever asks may have
// mended what kept it.
func (w *worker) take(r *request) {
	w.requests = append(w.requests, r)
	if !r.flush {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hopeless = nil
	if w.inflight != nil {
		select {
		case w.inflight.again <- struct{}{}:
		default:
		}
	}
}

// poll takes what has come in without waiting.
func (w *worker) poll() {
	w.mu.Lock()
	if w.flushSoon {
		w.flushSoon = false
		w.requests = append(w.requests, &request{flush: true, done: make(chan error, 1), ctx: context.Background()})
	}
	w.mu.Unlock()
	for {
		select {
		case r := <-w.asked:
			w.take(r)
		case b := <-w.done:
			w.ended(b)
		default:
			return
		}
	}
}

// serve answers the requests that are fulfilled.
func (w *worker) serve() {
	w.requests = slices.DeleteFunc(w.requests, func(r *request) bool {
		w.heads(r)
		fulfilled := w.fulfilled(r)
		if !fulfilled && r.ctx.Err() == nil && w.mayFulfil(r) {
			return false
		}
		if !r.flush {
			w.sealAll() // all that is read, also where the time is up or the worker may not read on
			w.mu.Lock()
			w.thin = w.thin && !fulfilled
			w.mu.Unlock()
		}
		r.end(w.unread(r))
		return true
	})
}

// mayFulfil tells whether waiting for a request makes sense: for a flush until its bucket is known not to be there, for a
// query until the worker may not read on.
func (w *worker) mayFulfil(r *request) bool {
	if !r.flush {
		return !w.behind()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.hopeless == nil
}

// unread is why a flush ends before everything is committed: its bucket is not there, or a source can't be read.
func (w *worker) unread(r *request) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.hopeless != nil && r.flush {
		return w.hopeless
	}
	for id := range r.heads {
		if trouble, ok := w.troubles[id]; ok && r.flush {
			return loglake.Errorf(loglake.CodeUnavailable, "what could be read is delivered; %s", trouble)
		}
	}
	return nil
}

// answer ends the requests of queries while the worker can't go on: they see what is read.
func (w *worker) answer() {
	w.requests = slices.DeleteFunc(w.requests, func(r *request) bool {
		if r.flush && r.ctx.Err() == nil {
			return false
		}
		w.sealAll()
		r.end(nil)
		return true
	})
}

func (w *worker) heads(r *request) {
	if r.heads != nil {
		return
	}
	r.heads = map[loglake.SourceID]loglake.Offset{}
	for id, src := range w.sources {
		r.heads[id] = w.streams.cfg.Journal.Head(src.feed.journalID)
		if src.until >= 0 {
			r.heads[id] = min(r.heads[id], src.until)
		}
	}
}

func (w *worker) fulfilled(r *request) bool {
	for id, head := range r.heads {
		src, ok := w.sources[id]
		if !ok {
			continue // drained and gone
		}
		if src.until >= 0 {
			head = min(head, src.until) // closed since
		}
		if w.streams.cfg.Clock().Before(src.blocked) { // it can't be read now: what was read counts
			head = min(head, src.next)
		}
		if at := src.next; !r.flush && at < head || r.flush && src.committed < head {
			return false
		}
	}
	return true
}

// flushAsked tells whether somebody waits for a flush of what is read already.
func (w *worker) flushAsked() bool {
	for _, r := range w.requests {
		if r.flush {
			return true
		}
	}
	return false
}

// refuse answers requests while the stream is held.
func (w *worker) refuse() {
	w.mu.Lock()
	held := w.held
	w.mu.Unlock()
	for _, r := range w.requests {
		if r.flush {
			r.end(loglake.Errorf(loglake.CodeConflict, "the stream is held: %s", held).
				WithHint("mend the setting, or `loglake resume` with --as-is delivers it as it is"))
			continue
		}
		r.end(nil)
	}
	w.requests = nil
}

// Flush closes the stream's batch now and waits until everything that was acknowledged before the call is committed. It
// gives the objects written since, rejects included. A stream that is held answers CodeConflict.
func (s *Streams) Flush(ctx context.Context, name loglake.StreamName) ([]Key, error) {
	_, w, err := s.lookup(name)
	if err != nil {
		return nil, err
	}
	r := &request{flush: true}
	if err := w.ask(ctx, r); err != nil {
		return nil, err
	}
	return r.keys, nil
}

// FlushSoon is Flush without the wait: the worker closes the batch when it comes to it.
func (s *Streams) FlushSoon(name loglake.StreamName) error {
	_, w, err := s.lookup(name)
	if err != nil {
		return err
	}
	w.mu.Lock()
	w.flushSoon = true
	w.mu.Unlock()
	w.nudge()
	return nil
}

// ResumeAsIs makes a held stream deliver what it holds as it is.
func (s *Streams) ResumeAsIs(name loglake.StreamName) error {
	_, w, err := s.lookup(name)
	if err != nil {
		return err
	}
	w.mu.Lock()
	w.held, w.asIs = "", true
	w.mu.Unlock()
	w.nudge()
	return nil
}

// catchUpMax bounds how long a query waits for rows to become visible.
const catchUpMax = time.Second

// CatchUp waits, a second at most, until the streams that feed tables in any of the places have converted what was
// acknowledged before the call.
func (s *Streams) CatchUp(ctx context.Context, places []loglake.Place) {
	ctx, cancel := context.WithTimeout(ctx, catchUpMax)
	defer cancel()
	var group sync.WaitGroup
	for _, w := range s.feeding(places) {
		group.Go(func() {
			_ = w.ask(ctx, &request{}) // the time is up, or the stream is going: the query sees what is there
		})
	}
	group.Wait()
}

// feeding gives the workers whose rows may lie in one of the places.
func (s *Streams) feeding(places []loglake.Place) (feeding []*worker) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for name, def := range s.defs {
		d := def.Destination
		static, _, _ := strings.Cut(text(d.Prefix), "!{")
		may := func(p loglake.Place) bool {
			return p.Bucket == d.Bucket() && (strings.HasPrefix(static, p.Prefix) || strings.HasPrefix(p.Prefix, static))
		}
		if d.Converts() && slices.ContainsFunc(places, may) {
			feeding = append(feeding, s.workers[name])
		}
	}
	return feeding
}
