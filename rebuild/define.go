package rebuild

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/delivery"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/pattern"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/state"
)

// What was declared after the record is not in it. Some of it shows in the journal and in the objects: journals that no
// group has, journals that are gone, sources that no filter names.

// RecoveredPrefix begins the names of groups whose own names are lost; the rest is the id of their journal.
const RecoveredPrefix = "/loglake/recovered/"

// define brings the definitions of the record up to what journal and objects say.
func (r *run) define(tx *state.Tx) error {
	for _, step := range []func(*state.Tx) error{r.missingJournals, r.successors, r.unknownJournals, r.logStreams} {
		if err := step(tx); err != nil {
			return err
		}
	}
	return nil
}

// missingJournals removes the streams and groups that were deleted after the record.
func (r *run) missingJournals(tx *state.Tx) error {
	gone := map[loglake.ProducerID]loglake.StreamName{}
	for producer, name := range r.before.streams {
		if !r.before.journals[delivery.JournalOf(producer)] {
			gone[producer] = name
		}
	}
	if len(gone) > 0 && len(r.before.journals) == 0 {
		return loglake.Errorf(loglake.CodeConflict, "the record has %d streams and the folder's journal has nothing of them: the journal is gone too", len(gone)).
			WithHint("name the data folder with --data; a lake whose journal is lost can't be made again: its tables can be declared again over the objects")
	}
	for producer, name := range gone {
		r.r.note("stream", "the stream %s was deleted after the record: its journal is gone", name)
		if err := delivery.RestoreNone(tx, r.cfg.Home, name, producer); err != nil {
			return err
		}
	}
	for id, name := range r.before.groups {
		if r.before.journals[id] || !r.used(id) && !r.cfg.Journal.Deleted(id) {
			continue // a group that was never put to has no journal
		}
		r.r.note("group", "the log group %s was deleted after the record: its journal is gone", name)
		if err := loggroup.RestoreNone(tx, r.cfg.Home, name, id); err != nil {
			return err
		}
	}
	return nil
}

// used tells whether the record knows of events in a journal.
func (r *run) used(id loglake.JournalID) bool {
	for _, of := range r.before.positions {
		for _, p := range of {
			if p.Journal == id && p.At > 0 {
				return true
			}
		}
	}
	return slices.ContainsFunc(r.before.subscriptions, func(s loggroup.Subscription) bool { return s.Journal == id && s.From > 0 })
}

// successors takes up the sources that objects name and the record does not: filters that were changed or made after it.
func (r *run) successors(tx *state.Tx) error {
	for _, c := range r.chains {
		stream, live := r.before.streams[c.producer]
		if !live {
			continue
		}
		inOrder := slices.SortedFunc(maps.Keys(c.since), func(a, b loglake.SourceID) int { // a filter may have been changed twice
			return cmp.Or(cmp.Compare(c.since[a].From, c.since[b].From), cmp.Compare(a, b))
		})
		for _, id := range inOrder {
			x := c.since[id]
			old, ok := r.replaced(c, x)
			if !ok {
				r.r.note("filter", "a filter of the journal %s, of which the record knows nothing, delivered its events %d to %d to the stream %s: put the filter again",
					x.Journal, x.From, x.To, stream)
				continue
			}
			r.r.note("filter", "the filter %s of log group %s was changed at event %d, after the record: what it was changed to is not known, "+
				"and it goes on as it was before. Put the filter again", old.Filter, old.Group, x.From)
			next := loggroup.Subscription{ID: id, Producer: c.producer, Journal: x.Journal, From: x.From}
			if err := loggroup.RestoreSuccessor(tx, old.ID, next, x.To); err != nil {
				return err
			}
			next.Filter, next.Group, next.Until = old.Filter, old.Group, loggroup.Open
			r.before.subscriptions = append(r.before.subscriptions, next) // which may have been changed too
		}
	}
	return nil
}

// replaced gives the open subscription that a source took the place of: of the same group and stream, and not read beyond where
// the source begins.
func (r *run) replaced(c *chain, x loglake.Range) (old loggroup.Subscription, ok bool) {
	best, which := loglake.Offset(-1), -1
	for i, s := range r.before.subscriptions {
		if s.Producer != c.producer || s.Journal != x.Journal || s.Until != loggroup.Open || s.ID == x.Source {
			continue
		}
		end := s.From
		if at, taken := c.at[s.ID]; taken {
			end = at.To
		}
		if end <= x.From && end > best {
			best, which = end, i
		}
	}
	if which < 0 {
		return old, false
	}
	r.before.subscriptions[which].Until = x.From
	return r.before.subscriptions[which], true
}

// unknownJournals makes groups of the journals that no group of the record has.
func (r *run) unknownJournals(tx *state.Tx) error {
	known, err := loggroup.Dropped(tx)
	if err != nil {
		return err
	}
	for id := range r.before.groups {
		known[id] = true
	}
	positions, err := position.All(tx, "")
	if err != nil {
		return err
	}
	for _, p := range positions {
		known[p.Journal] = true
	}
	for _, id := range slices.Sorted(maps.Keys(r.before.journals)) {
		if known[id] {
			continue
		}
		if _, direct := delivery.DirectOf(id); direct {
			r.r.note("journal", "the journal %s is that of a stream that the record does not know: its %d events are kept, and nothing delivers them. "+
				"Declare the stream again; what it delivered is in the manifest", id, r.cfg.Journal.Head(id)-r.cfg.Journal.First(id))
			continue
		}
		if !strings.HasPrefix(string(id), "g-") {
			continue
		}
		name := loglake.GroupName(RecoveredPrefix + string(id))
		r.r.note("group", "the journal %s has %d events of a log group whose name is lost: they are in the log group %s", id,
			r.cfg.Journal.Head(id)-r.cfg.Journal.First(id), name)
		if err := loggroup.RestoreGroup(tx, r.cfg.Home, loggroup.Group{Name: name, Journal: id, Created: loglake.At(r.cfg.Clock())}); err != nil {
			return err
		}
		r.before.groups[id] = name
		r.r.Groups++
	}
	return nil
}

// logStreams makes the log streams that got events after the record and are not in it.
func (r *run) logStreams(tx *state.Tx) error {
	written := loglake.Millis(0)
	if r.cfg.Record != nil {
		written = r.cfg.Record.Written
	}
	for id, name := range r.before.groups {
		for stream, stat := range r.cfg.Journal.Streams(id) {
			if stream == journal.LostStream || stat.LastIngested < written && !strings.HasPrefix(string(name), RecoveredPrefix) {
				continue // it was deleted before
			}
			added, err := loggroup.RestoreStream(tx, r.cfg.Home, name, loggroup.Stream{Name: stream, Created: stat.LastIngested})
			if err != nil {
				return err
			}
			if added && !strings.HasPrefix(string(name), RecoveredPrefix) {
				r.r.note("log-stream", "the log stream %s of %s was made after the record", stream, name)
			}
		}
	}
	return nil
}

// routePattern gives the pattern of a route.
func (r *run) routePattern(tx *state.Tx, id loglake.SourceID) (*pattern.Pattern, error) {
	routes, err := loggroup.RoutesOf(tx)
	if err != nil {
		return nil, err
	}
	for _, route := range routes {
		if route.ID == id {
			return pattern.Parse(route.Pattern)
		}
	}
	return nil, nil
}
