// Package route moves events along the filters whose destination is a log group: what matches in the filter's group is
// copied into the other, with its log stream and timestamp, each event exactly once.
//
// A route is a reader of its source's journal, as a delivery stream is, and a client with a spool to its target: the
// offset in the source is the position in the spool. So the target itself says, in the very records that hold the events,
// how far the route has come, and nothing else has to be durable at once. What is kept in state (position) is only what
// the source's retention has to wait for, with the counts of what was looked at (package ledger); it is written at most once
// a second, for all routes together, and lags behind: after a crash a route looks again at what lies between the two, to
// count it, and copies from the higher one on.
//
//	Journal.Notify ─► worker: read ─► match ─► Groups.Copy ─► target's journal
//	                     └────────── how far ──► Run: SaveCopied, once a second at most
//
// Each route has a goroutine, which sleeps until its source grows; at most activeMax of them work at a time, each with
// about readBytes of events. A closed route (its filter was replaced or deleted, or its source was) runs to its end and is
// forgotten; Groups.Copy refuses what lies beyond the end, however far a worker has read. A route whose target was deleted
// ends at once, and a notice says so.
package route

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/pattern"
)

const (
	activeMax = 8                      // workers that copy at a time
	readBytes = 1 << 20                // of messages that a worker holds, about
	saveEvery = time.Second            // at most, for all routes together
	retryMin  = 100 * time.Millisecond // after a failure, doubled each time up to retryMax
	retryMax  = 10 * time.Second
)

// Config of Routes. Journal and Groups must be set.
type Config struct {
	Journal  *journal.Log
	Groups   *loggroup.Groups
	Clock    loglake.Clock // nil: time.Now
	OnNotice func(Notice)  // called from any goroutine; nil: nobody listens
}

// Notice is something that an operator should know of a route.
type Notice struct {
	Group  loglake.GroupName // its source
	Filter string
	Into   loglake.GroupName
	Text   string
	Err    error // nil where nothing failed
}

// Status is what a route is doing.
type Status struct {
	Group   loglake.GroupName
	Filter  string
	Into    loglake.GroupName
	Closed  bool   // it copies what came before its filter was replaced or deleted
	Lag     int64  // events of the source that it has not looked at
	Failure string // why it does not go on; it is tried again. "": it does
}

// Routes is the routes of all groups.
type Routes struct {
	cfg     Config
	slots   chan struct{} // held by workers that copy
	changed chan struct{} // look at the subscriptions again
	moved   chan struct{} // a worker has come further
	group   sync.WaitGroup

	mu      sync.Mutex // guards workers, and their fields of the second group
	workers map[loglake.SourceID]*worker
}

// New gives routes that move once Run runs.
func New(cfg Config) *Routes {
	if cfg.OnNotice == nil {
		cfg.OnNotice = func(Notice) {}
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	return &Routes{cfg: cfg, slots: make(chan struct{}, activeMax), changed: make(chan struct{}, 1), moved: make(chan struct{}, 1),
		workers: map[loglake.SourceID]*worker{}}
}

// Wake makes Run look at the filters again. It is to be called after each change of them.
func (r *Routes) Wake() { nudge(r.changed) }

func nudge(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// Run copies until ctx ends, and returns nil then, with what it copied saved. It is to be called once.
func (r *Routes) Run(ctx context.Context) error {
	var reload, save <-chan time.Time // set while there is something to try again, or to save
	look := func() {
		reload = nil
		if err := r.load(ctx); err != nil && ctx.Err() == nil {
			r.cfg.OnNotice(Notice{Text: "the routes can't be read and are tried again", Err: err})
			reload = time.After(retryMax)
		}
	}
	look()
	for {
		select {
		case <-ctx.Done():
			r.group.Wait()
			if last := context.WithoutCancel(ctx); !r.save(last) { // what failed before, and then what came after it
				r.save(last)
			}
			return nil
		case <-r.changed:
			look()
		case <-reload:
			look()
		case <-r.moved:
			if save == nil {
				save = time.After(saveEvery)
			}
		case <-save:
			save = nil
			if !r.save(ctx) {
				save = time.After(saveEvery)
			}
		}
	}
}

// load starts workers for routes that are new, tells the others where they end, and stops those whose routes are gone.
func (r *Routes) load(ctx context.Context) error {
	routes, err := r.cfg.Groups.Routes(ctx)
	if err != nil {
		return err
	}
	there := map[loglake.SourceID]bool{}
	var notices []Notice
	r.mu.Lock()
	for _, route := range routes {
		there[route.ID] = true
		if w := r.workers[route.ID]; w != nil {
			w.until = route.Until
			nudge(w.woken)
			continue
		}
		p, err := pattern.Parse(route.Pattern)
		if err != nil {
			notices = append(notices, notice(&route.Subscription, "the pattern can't be read", err))
			continue
		}
		w := &worker{routes: r, sub: route.Subscription, pattern: p, woken: make(chan struct{}, 1), until: route.Until,
			next: route.Saved, saved: route.Saved}
		r.workers[route.ID] = w
		var life context.Context
		life, w.stop = context.WithCancel(ctx)
		r.group.Go(func() { w.run(life) })
	}
	for id, w := range r.workers {
		if there[id] {
			continue
		}
		w.stop()
		delete(r.workers, id)
		if !w.ended {
			notices = append(notices, notice(&w.sub, fmt.Sprintf("the route ended: log group %s was deleted", w.sub.Into), nil))
		}
	}
	r.mu.Unlock()
	for _, n := range notices {
		r.cfg.OnNotice(n)
	}
	return nil
}

func notice(s *loggroup.Subscription, text string, err error) Notice {
	return Notice{Group: s.Group, Filter: s.Filter, Into: s.Into, Text: text, Err: err}
}

// save makes durable how far the workers have come, and tells whether nothing is left to save. What failed may have been
// done all the same, so it is tried again as it was, and what came after it is left for the next time.
func (r *Routes) save(ctx context.Context) bool {
	var all []loggroup.Progress
	r.mu.Lock()
	for _, w := range r.workers {
		if p := w.progress(); p != nil {
			w.saving = p
			w.minutes = nil
		}
		if w.saving != nil {
			all = append(all, *w.saving)
		}
	}
	r.mu.Unlock()
	if len(all) == 0 {
		return true
	}
	if err := r.cfg.Groups.SaveCopied(ctx, all); err != nil {
		if ctx.Err() == nil {
			r.cfg.OnNotice(Notice{Text: "how far routes have come could not be saved, and is tried again", Err: err})
		}
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	left := false
	for _, p := range all {
		if w := r.workers[p.Source]; w != nil {
			w.saved, w.saving = p.To, nil
			left = left || w.next > w.saved
		}
	}
	return !left
}

// Statuses tells what each route is doing, by group and filter. None are known before Run runs.
func (r *Routes) Statuses() []Status {
	r.mu.Lock()
	all := make([]Status, 0, len(r.workers))
	for _, w := range r.workers {
		all = append(all, Status{Group: w.sub.Group, Filter: w.sub.Filter, Into: w.sub.Into, Closed: w.until != loggroup.Open,
			Lag: max(0, int64(r.end(w)-w.next)), Failure: w.failure})
	}
	r.mu.Unlock()
	slices.SortFunc(all, func(a, b Status) int { return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Filter, b.Filter)) })
	return all
}

// end gives the offset up to which a worker is to copy now. The caller holds mu.
func (r *Routes) end(w *worker) loglake.Offset {
	head := r.cfg.Journal.Head(w.sub.Journal)
	if w.until == loggroup.Open {
		return head
	}
	return min(head, w.until)
}
