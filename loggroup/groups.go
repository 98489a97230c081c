// Package loggroup is log groups and their log streams: what CloudWatch Logs keeps and answers, without its wire.
//
// A group is a journal with a name. What is put lands in the journal and nowhere else; names, retentions, tags and
// subscription filters lie in state. Groups keeps all names in memory, so that a put touches no database:
//
//	Put             batch.go, put.go        checks a batch by the service's rules, appends it, answers after the sync
//	GetEvents       getevents.go            pages through one stream by time, forwards, backwards, and at the tail
//	FilterEvents    filterevents.go         searches streams by time and pattern; both read with scan.go
//	Spools          spool.go                a put that says where it stands in its client's spool is stored once for ever
//	Subscriptions   subscription.go         filter + destination: a reader of the journal from an offset on
//	Routes          route.go                a filter whose destination is another group; package route moves the events
//	Sweep           sweep.go                tells the journal what nobody needs any more
//
// A stream that is deleted takes its events out of sight: a stream knows the offset from which the journal's events of
// its name are its own. A group that is deleted closes its subscriptions; its journal goes when they have drained.
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/
package loggroup

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/state"
)

// Config of Groups. DB and Journal must be set.
type Config struct {
	DB      *state.DB // with Migrations applied, and position's
	Journal *journal.Log
	Home    loglake.Home
	Clock   loglake.Clock // nil: time.Now

	// CheckDestination tells which delivery stream an ARN names and that it takes records now. An error that a client
	// may see means that it doesn't. Nil: there are no delivery streams, and every subscription filter is refused.
	CheckDestination func(ctx context.Context, arn string) (loglake.StreamName, loglake.ProducerID, error)

	// OnSubscriptions is called after each change of a producer's subscriptions has been committed, with "" where it is not
	// known whose changed. Nil: nobody listens.
	OnSubscriptions func(loglake.ProducerID)
}

// Groups is all log groups of one home. Its methods are safe for concurrent use.
type Groups struct {
	cfg Config

	// routing is held for reading while a route checks its subscription and stores what it copies, and for writing while
	// subscriptions are closed: what is stored afterwards lies below the end.
	routing sync.RWMutex

	change sync.Mutex // held over each change of names: check, transaction, then memory
	stale  bool       // guarded by change: a transaction ended nobody knows how, and reading again failed

	mu     sync.RWMutex // guards what is below, and the groups' fields
	groups map[loglake.GroupName]*group
	names  []loglake.GroupName // sorted
}

// group is what memory holds of a group. Name, journal, created and class never change.
type group struct {
	name    loglake.GroupName
	journal loglake.JournalID
	created loglake.Millis
	class   string

	retentionDays int // 0: for ever
	retained      []retained
	protected     bool
	streams       map[loglake.LogStreamName]*stream
	streamNames   []loglake.LogStreamName // sorted
}

// stream is what memory holds of a stream. It never changes.
type stream struct {
	name    loglake.LogStreamName
	created loglake.Millis
	since   loglake.Offset // events of this name below it were another stream's
	reused  bool           // there are such events, or were
}

// New reads the names from state.
func New(ctx context.Context, cfg Config) (*Groups, error) {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.OnSubscriptions == nil {
		cfg.OnSubscriptions = func(loglake.ProducerID) {}
	}
	g := &Groups{cfg: cfg}
	if err := g.load(ctx); err != nil {
		return nil, err
	}
	return g, nil
}

func (g *Groups) now() loglake.Millis { return loglake.At(g.cfg.Clock()) }

// load reads all names into memory.
func (g *Groups) load(ctx context.Context) error {
	groups := map[loglake.GroupName]*group{}
	err := g.cfg.DB.View(ctx, func(tx *state.Tx) error {
		if err := g.loadGroups(tx, groups); err != nil {
			return err
		}
		if err := g.loadRetained(tx, groups); err != nil {
			return err
		}
		return g.loadStreams(tx, groups)
	})
	if err != nil {
		return fmt.Errorf("read log groups: %w", err)
	}
	names := make([]loglake.GroupName, 0, len(groups))
	for name, grp := range groups {
		names = append(names, name)
		slices.Sort(grp.streamNames)
	}
	slices.Sort(names)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.groups, g.names = groups, names
	return nil
}

func (g *Groups) loadGroups(tx *state.Tx, groups map[loglake.GroupName]*group) error {
	rows, err := tx.Query(`SELECT name, journal, created, class, retention_days, protected FROM log_groups
		WHERE account = ? AND region = ?`, g.cfg.Home.Account, g.cfg.Home.Region)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		grp := &group{streams: map[loglake.LogStreamName]*stream{}}
		if err := rows.Scan(&grp.name, &grp.journal, &grp.created, &grp.class, &grp.retentionDays, &grp.protected); err != nil {
			return err
		}
		groups[grp.name] = grp
	}
	return rows.Err()
}

func (g *Groups) loadStreams(tx *state.Tx, groups map[loglake.GroupName]*group) error {
	rows, err := tx.Query(`SELECT log_group, name, created, since, reused FROM log_streams
		WHERE account = ? AND region = ?`, g.cfg.Home.Account, g.cfg.Home.Region)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name loglake.GroupName
		st := &stream{}
		if err := rows.Scan(&name, &st.name, &st.created, &st.since, &st.reused); err != nil {
			return err
		}
		if grp := groups[name]; grp != nil {
			grp.streams[st.name] = st
			grp.streamNames = append(grp.streamNames, st.name)
		}
	}
	return rows.Err()
}

// begin starts a change. Whoever called it unlocks g.change, also when it fails.
func (g *Groups) begin(ctx context.Context) error {
	g.change.Lock()
	if !g.stale {
		return nil
	}
	if err := g.load(ctx); err != nil {
		return err
	}
	g.stale = false
	return nil
}

// update runs the transaction of a change and then apply, under mu. A transaction that fails may have been committed
// all the same, so memory is read again then. The caller holds change.
func (g *Groups) update(ctx context.Context, name string, fn func(*state.Tx) error, apply func()) error {
	if err := g.cfg.DB.Update(ctx, "loggroup."+name, fn); err != nil {
		g.stale = g.load(context.WithoutCancel(ctx)) != nil
		g.cfg.OnSubscriptions("")
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	apply()
	return nil
}

// find gives a group and, where the name is not empty, its stream.
func (g *Groups) find(name loglake.GroupName, streamName loglake.LogStreamName) (*group, *stream, error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	grp := g.groups[name]
	if grp == nil {
		return nil, nil, errNoGroup()
	}
	if streamName == "" {
		return grp, nil, nil
	}
	st := grp.streams[streamName]
	if st == nil {
		return grp, nil, errNoStream()
	}
	return grp, st, nil
}

// oldest must be called with Groups.mu held.
func (grp *group) oldest(now loglake.Millis) loglake.Millis {
	if grp.retentionDays == 0 {
		return 0
	}
	return now - days(grp.retentionDays)
}

func days(n int) loglake.Millis { return loglake.Millis(n) * 24 * 60 * 60 * 1000 }

func errNoGroup() error {
	return loglake.Errorf(loglake.CodeNotFound, "The specified log group does not exist.")
}

func errNoStream() error {
	return loglake.Errorf(loglake.CodeNotFound, "The specified log stream does not exist.")
}

func errLimit() error { return loglake.Errorf(loglake.CodeLimit, "Resource limit exceeded.") }

func invalid(format string, args ...any) error {
	return loglake.Errorf(loglake.CodeInvalid, format, args...)
}
