package rebuild

import (
	"github.com/loglake/loglake"
	"github.com/loglake/loglake/commit"
	"github.com/loglake/loglake/delivery"
	"github.com/loglake/loglake/layout"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/state"
)

// before is what the record says.
type before struct {
	streams       map[loglake.ProducerID]loglake.StreamName
	subscriptions []loggroup.Subscription // also closed ones; routes apart
	byID          map[loglake.SourceID]loggroup.Subscription
	groups        map[loglake.JournalID]loglake.GroupName
	positions     map[loglake.ProducerID]map[loglake.SourceID]position.Position // routes apart
	totals        map[loglake.ProducerID]ledger.Producer
	partitions    int
	known         map[uint32][]loglake.ProducerID // by their mark in keys
	voided        map[batchID]bool
	journals      map[loglake.JournalID]bool // that the journal has
}

func (r *run) readBefore() error {
	b := &r.before
	b.byID, b.known = map[loglake.SourceID]loggroup.Subscription{}, map[uint32][]loglake.ProducerID{}
	b.positions, b.totals = map[loglake.ProducerID]map[loglake.SourceID]position.Position{}, map[loglake.ProducerID]ledger.Producer{}
	b.journals, b.voided = map[loglake.JournalID]bool{}, map[batchID]bool{}
	for _, id := range r.cfg.Journal.Journals() {
		b.journals[id] = true
	}
	err := r.cfg.State.View(r.ctx, func(tx *state.Tx) error { return b.read(tx, r.cfg.Home) })
	if err != nil {
		return err
	}
	know := func(id loglake.ProducerID) { // the same one twice is no harm
		h := layout.ProducerHash(id)
		b.known[h] = append(b.known[h], id)
	}
	for id := range b.totals {
		know(id)
	}
	for id := range b.journals {
		if producer, direct := delivery.DirectOf(id); direct {
			know(producer)
		}
	}
	return nil
}

func (b *before) read(tx *state.Tx, home loglake.Home) (err error) {
	if b.streams, err = delivery.ProducersOf(tx, home); err != nil {
		return err
	}
	if b.groups, err = loggroup.JournalsOf(tx, home); err != nil {
		return err
	}
	all, err := loggroup.AllSubscriptions(tx)
	if err != nil {
		return err
	}
	for _, s := range all {
		if _, route := loggroup.TargetOf(s.Producer); route {
			continue
		}
		b.subscriptions = append(b.subscriptions, s)
		b.byID[s.ID] = s
	}
	positions, err := position.All(tx, "")
	if err != nil {
		return err
	}
	for _, p := range positions {
		if _, route := loggroup.TargetOf(p.Producer); route {
			continue
		}
		if b.positions[p.Producer] == nil {
			b.positions[p.Producer] = map[loglake.SourceID]position.Position{}
		}
		b.positions[p.Producer][p.Source] = p
	}
	voided, err := commit.VoidsTx(tx)
	if err != nil {
		return err
	}
	for _, v := range voided {
		b.voided[batchID{v.Producer, v.Number, v.Generation}] = true
	}
	producers, err := ledger.Producers(tx)
	if err != nil {
		return err
	}
	for _, p := range producers {
		b.totals[p.Producer] = p
	}
	return tx.QueryRow(`SELECT COUNT(*) FROM catalog_partitions`).Scan(&b.partitions)
}

// begin gives where a source began, as far as the record knows.
func (b *before) begin(producer loglake.ProducerID, source loglake.SourceID) (at loglake.Offset, ok bool) {
	if source == loglake.DirectSource {
		_, ok = b.streams[producer]
		return 0, ok
	}
	s, ok := b.byID[source]
	return s.From, ok && s.Producer == producer
}
