package route

import (
	"errors"
	"fmt"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/ledger"
)

// Events that are damaged on the disk hold a route up until somebody says to go on without them (SkipDamaged), as they do a
// delivery stream. Then they count as consumed and undecodable, and are not copied. That somebody said so is not kept: after
// a crash before the route's position is saved it holds again.

// Skipped is what a route goes on without: the events of its group from From up to To, not included.
type Skipped struct {
	From, To loglake.Offset
	Damage   string // file, place and kind
}

// SkipDamaged has the routes of a filter go on behind the damaged events that hold them up, and behind any others that there
// are now. CodeConflict says that none is damaged, CodeNotFound that there is no such route.
func (r *Routes) SkipDamaged(group loglake.GroupName, filter string) (all []Skipped, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := false
	for _, w := range r.workers {
		if w.sub.Group != group || w.sub.Filter != filter {
			continue
		}
		known = true
		if w.damage == nil {
			continue
		}
		all = append(all, Skipped{w.next, w.damage.To, w.damage.Error()})
		w.skipTo = r.cfg.Journal.Head(w.sub.Journal)
		nudge(w.woken)
	}
	switch {
	case !known:
		return nil, loglake.Errorf(loglake.CodeNotFound, "no filter %s copies from the log group %s into another", filter, group)
	case len(all) == 0:
		return nil, loglake.Errorf(loglake.CodeConflict, "no events of the log group %s are damaged, as far as the filter %s has read", group, filter)
	}
	return all, nil
}

// skip goes on behind damaged events, where somebody said so. Otherwise it gives err with what to do; nil where the worker has
// gone on.
func (w *worker) skip(err error, end loglake.Offset) error {
	w.routes.mu.Lock()
	defer w.routes.mu.Unlock()
	w.damage = nil
	var d *journal.CorruptError
	if !errors.As(err, &d) || d.From > w.next || d.To <= w.next {
		return err
	}
	if w.next >= w.skipTo {
		w.damage = d
		return fmt.Errorf("%w; the events behind them wait, and `loglake resume --group %s --filter %s --skip-damaged` goes on with them", err, w.sub.Group, w.sub.Filter)
	}
	to := min(d.To, end)
	n := int64(to - w.next)
	var lost ledger.Minutes
	lost.Add(w.sub.ID, loglake.At(w.routes.cfg.Clock()), ledger.Counts{Events: n, Consumed: n, Records: n, Undecodable: n})
	w.next, w.minutes = to, ledger.Join([]ledger.Minutes{w.minutes, lost}).Bounded()
	nudge(w.routes.moved)
	return nil
}
