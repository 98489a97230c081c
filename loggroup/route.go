package loggroup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/state"
)

// groupResource begins the resource of a log group's ARN.
const groupResource = "log-group:"

// routeProducers begins the ids under which routes have their positions; the rest is their target's journal.
const routeProducers = "r-"

// IsRoute tells whether a producer is routes, and not a delivery stream.
func IsRoute(producer loglake.ProducerID) bool {
	return strings.HasPrefix(string(producer), routeProducers)
}

// TargetOf gives the journal into which a producer copies; false where it is a delivery stream.
func TargetOf(producer loglake.ProducerID) (loglake.JournalID, bool) {
	target, ok := strings.CutPrefix(string(producer), routeProducers)
	return loglake.JournalID(target), ok
}

// routeTarget gives the group that an ARN names, "" where it names something else.
func routeTarget(destination string, home loglake.Home) (loglake.GroupName, error) {
	parts := strings.SplitN(destination, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "logs" || !strings.HasPrefix(parts[5], groupResource) {
		return "", nil
	}
	name := loglake.GroupName(strings.TrimSuffix(strings.TrimPrefix(parts[5], groupResource), ":*"))
	if parts[3] != home.Region || parts[4] != home.Account {
		return "", invalid("A filter routes to log groups of its own account and region (%s, %s), not to %s.", home.Account, home.Region, destination)
	}
	return name, checkGroupName(name)
}

// aim completes the subscription of a route. The caller holds change.
func (g *Groups) aim(s *Subscription) error {
	if s.Into == "" {
		return nil
	}
	into, _, err := g.find(s.Into, "")
	if err != nil {
		return invalid("The log group %s, into which the filter is to route, does not exist: create it first.", s.Into)
	}
	s.Target, s.Producer = into.journal, loglake.ProducerID(routeProducers+into.journal)
	return nil
}

// checkRoute refuses a route that is one too many, of which others are there, and one that leads back to where it begins.
func (g *Groups) checkRoute(tx *state.Tx, f *Filter, s *Subscription, others int) error {
	if others >= RoutesMax {
		return loglake.Errorf(loglake.CodeLimit, "A log group has at most %d filters that route to log groups.", RoutesMax)
	}
	routes, err := RoutesOf(tx)
	if err != nil {
		return err
	}
	if len(routes) >= RoutesTotalMax {
		return loglake.Errorf(loglake.CodeLimit, "There are at most %d filters that route to log groups.", RoutesTotalMax)
	}
	if s.Target == s.Journal {
		return invalid("The log group %s can't be routed into itself: each event would go round for ever.", f.Group)
	}
	routes = slices.DeleteFunc(routes, func(r Route) bool {
		return r.Until != Open || r.Group == f.Group && r.Filter == f.Name // what is closed ends, and this one is replaced
	})
	if way := wayBack(routes, s); way != nil {
		return invalid("The log group %s can't be routed into %s, which is routed back (%s): each event would go round for ever.",
			f.Group, s.Into, strings.Join(way, " → "))
	}
	return nil
}

// wayBack gives the groups on a way from the target of a route to its source, nil where there is none.
func wayBack(routes []Route, s *Subscription) []string {
	type place struct {
		journal loglake.JournalID
		way     []string
	}
	seen := map[loglake.JournalID]bool{s.Target: true}
	for todo := []place{{s.Target, []string{string(s.Into)}}}; len(todo) > 0; todo = todo[1:] {
		at := todo[0]
		if at.journal == s.Journal {
			return at.way
		}
		for _, r := range routes {
			if r.Journal == at.journal && !seen[r.Target] {
				seen[r.Target] = true
				todo = append(todo, place{r.Target, append(slices.Clone(at.way), string(r.Into))})
			}
		}
	}
	return nil
}

// endRoutes drops the routes into a group that is deleted.
func (g *Groups) endRoutes(tx *state.Tx, target loglake.JournalID) error {
	routes, err := RoutesOf(tx)
	if err != nil {
		return err
	}
	for _, r := range routes {
		if r.Target != target {
			continue
		}
		if err := DropSubscription(tx, r.ID); err != nil {
			return err
		}
		tx.OnCommit(func() { g.cfg.OnSubscriptions(r.Producer) })
	}
	return nil
}

// Route is the subscription of a filter whose destination is a log group.
type Route struct {
	Subscription
	Saved loglake.Offset // as of SaveCopied
}

// Routes gives the routes of all groups, also closed ones that have not drained, in the order of their ids.
func (g *Groups) Routes(ctx context.Context) (routes []Route, err error) {
	err = g.cfg.DB.View(ctx, func(tx *state.Tx) error {
		routes, err = RoutesOf(tx)
		return err
	})
	return routes, err
}

// RoutesOf is Groups.Routes within a transaction.
func RoutesOf(tx *state.Tx) ([]Route, error) {
	rows, err := tx.Query(`SELECT s.id, s.log_group, s.filter, s.pattern, s.producer, s.journal, s.from_offset, s.until_offset, s.target,
		s.destination, s.account, s.region, p.at
		FROM log_subscriptions s JOIN positions p ON p.producer = s.producer AND p.source = s.id WHERE s.target <> '' ORDER BY s.id`)
	if err != nil {
		return nil, fmt.Errorf("list routes: %w", err)
	}
	defer rows.Close()
	var all []Route
	for rows.Next() {
		var s Route
		var destination string
		var home loglake.Home
		if err := rows.Scan(&s.ID, &s.Group, &s.Filter, &s.Pattern, &s.Producer, &s.Journal, &s.From, &s.Until, &s.Target,
			&destination, &home.Account, &home.Region, &s.Saved); err != nil {
			return nil, fmt.Errorf("list routes: %w", err)
		}
		if s.Into, err = routeTarget(destination, home); err != nil {
			return nil, fmt.Errorf("list routes: %w", err)
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

// Copied is events that a route takes from its source into one log stream of its target: all that match in [From, To).
type Copied struct {
	Stream   loglake.LogStreamName // made where it is missing
	From, To loglake.Offset        // in the source
	Events   *journal.Builder
}

// spoolOf is the spool of a route in its target: its positions are offsets of the source. Clients can't name it.
func spoolOf(route loglake.SourceID) string { return ":" + string(route) }

// CopiedUntil gives the offset of a route's source below which its target has everything that matches.
func (g *Groups) CopiedUntil(s *Subscription) loglake.Offset { return CopiedUntil(g.cfg.Journal, s) }

// CopiedUntil is Groups.CopiedUntil where there are only journals.
func CopiedUntil(log *journal.Log, s *Subscription) loglake.Offset {
	return loglake.Offset(log.Position(s.Target, spoolOf(s.ID)))
}

// Copy stores what a route copies, in order, and returns when it is on the disk; after a failure CopiedUntil tells how much
// is. CodeNotFound: the route has ended. CodeConflict: it ends before the last of parts; read the routes again.
func (g *Groups) Copy(ctx context.Context, s *Subscription, parts []Copied) error {
	for i := range parts {
		if err := g.haveStream(ctx, s, parts[i].Stream); err != nil {
			return err
		}
	}
	g.routing.RLock()
	defer g.routing.RUnlock()
	if err := g.checkOpen(ctx, s.ID, parts[len(parts)-1].To); err != nil {
		return err
	}
	puts, now := make([]journal.Put, len(parts)), g.now()
	for i, part := range parts {
		puts[i] = journal.Put{Journal: s.Target, Stream: part.Stream, Ingested: now, Events: part.Events,
			Spool: journal.Spool{ID: spoolOf(s.ID), From: int64(part.From), To: int64(part.To)}}
	}
	if _, err := g.cfg.Journal.AppendAll(ctx, puts); err != nil {
		return fmt.Errorf("store routed events: %w", err)
	}
	return nil
}

// haveStream makes a log stream of a route's target that is missing.
func (g *Groups) haveStream(ctx context.Context, s *Subscription, name loglake.LogStreamName) error {
	grp, st, _ := g.find(s.Into, name)
	if grp == nil || grp.journal != s.Target {
		return errNoGroup()
	}
	if st != nil {
		return nil
	}
	err := g.CreateStream(ctx, s.Into, name)
	if loglake.CodeOf(err) == loglake.CodeExists {
		return nil
	}
	return err
}

// checkOpen tells whether a route may still copy events up to an offset. The caller holds routing, so that this stays so.
func (g *Groups) checkOpen(ctx context.Context, id loglake.SourceID, to loglake.Offset) error {
	return g.cfg.DB.View(ctx, func(tx *state.Tx) error {
		var until loglake.Offset
		err := tx.QueryRow(`SELECT until_offset FROM log_subscriptions WHERE id = ?`, id).Scan(&until)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return loglake.Errorf(loglake.CodeNotFound, "The route has ended.")
		case err != nil:
			return fmt.Errorf("read route: %w", err)
		case until != Open && to > until:
			return loglake.Errorf(loglake.CodeConflict, "The route was closed at %d.", until)
		}
		return nil
	})
}

// SaveCopied makes durable how far routes have come, so that their sources can let go of what is copied, and what they
// counted on the way. It may be done again with the same: what is not beyond the offset known, or of a route that has
// ended, changes nothing.
func (g *Groups) SaveCopied(ctx context.Context, all []Progress) error {
	return g.cfg.DB.Update(ctx, "loggroup.save-copied", func(tx *state.Tx) error {
		for _, p := range all {
			if err := p.save(tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// Progress is what a route has done: it looked at all events of Range, and copied those that match.
type Progress struct {
	Producer loglake.ProducerID
	loglake.Range
	Minutes ledger.Minutes // of the events in Range
}

func (p Progress) save(tx *state.Tx) error {
	at, ok, err := position.Get(tx, p.Producer, p.Source)
	if err != nil || !ok || at >= p.To {
		return err
	}
	if err := position.Advance(tx, p.Producer, p.Range); err != nil {
		return err
	}
	return ledger.Take(tx, p.Producer, []loglake.Range{p.Range}, p.Minutes)
}

// EndRoute forgets a closed route that has come to its end, with what it did last, in order.
func (g *Groups) EndRoute(ctx context.Context, id loglake.SourceID, last []Progress) error {
	return g.cfg.DB.Update(ctx, "loggroup.end-route", func(tx *state.Tx) error {
		for _, p := range last {
			if err := p.save(tx); err != nil {
				return err
			}
		}
		return DropSubscription(tx, id)
	})
}
