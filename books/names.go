package books

import (
	"github.com/loglake/loglake"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/state"
)

// names is what the journals, producers and sources of one transaction are called.
type names struct {
	groups  map[loglake.JournalID]loglake.GroupName
	streams map[loglake.ProducerID]loglake.StreamName
	filters map[loglake.SourceID]loggroup.Subscription
}

func (b *Books) names(tx *state.Tx) (*names, error) {
	n := &names{filters: map[loglake.SourceID]loggroup.Subscription{}}
	var err error
	if n.groups, err = loggroup.JournalsOf(tx, b.cfg.Home); err != nil {
		return nil, err
	}
	if n.streams, err = b.cfg.Streams(tx); err != nil {
		return nil, err
	}
	all, err := loggroup.AllSubscriptions(tx)
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		n.filters[s.ID] = s
	}
	return n, nil
}

// source begins the row of a source.
func (n *names) source(s ledger.Source) Row {
	r := Row{Kind: KindSubscription, Producer: string(s.Producer), Source: string(s.Source), Journal: string(s.Journal),
		Group: string(n.groups[s.Journal]), Filter: n.filters[s.Source].Filter, Stream: string(n.streams[s.Producer])}
	switch target, routed := loggroup.TargetOf(s.Producer); {
	case s.Source == loglake.DirectSource:
		r.Kind = KindDirect
	case routed:
		r.Kind, r.Target = KindRoute, string(n.groups[target])
	}
	return r
}
