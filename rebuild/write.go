package rebuild

import (
	"cmp"
	"slices"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/commit"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/state"
)

// write makes all of it known in one transaction.
func (r *run) write() error {
	for _, c := range r.chains {
		for _, e := range c.entries {
			if err := r.complete(c, e); err != nil {
				return err
			}
		}
	}
	return r.cfg.State.Update(r.ctx, "rebuild.write", func(tx *state.Tx) error {
		for _, step := range []func(*state.Tx) error{r.writeLedger, r.writeManifest, r.writePartitions, r.writePositions, r.writePending, r.define, r.count} {
			if err := step(tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// complete gives a batch of which not all is known the counts that can be: those of its objects, and those of the events that
// the journal still has.
func (r *run) complete(c *chain, e *entry) error {
	if e.gap == "" || len(e.filled) == 0 && len(e.Ranges) > 0 {
		return nil
	}
	e.Ranges, e.Minutes, e.Counts = e.filled, nil, ledger.Counts{}
	if len(e.filled) == 0 {
		return nil
	}
	var minutes ledger.Minutes
	for _, x := range e.filled {
		p, err := r.patternOf(x.Source)
		if err != nil {
			return err
		}
		some, err := r.recount(x, p)
		if err != nil {
			return err
		}
		minutes = append(minutes, some...)
	}
	minutes[0].Counts.Add(rowsOf(e.objects))
	for _, m := range minutes {
		e.Counts.Add(m.Counts)
	}
	if e.Number >= c.detailed {
		e.Minutes = minutes
	}
	if e.lost && e.Counts.Consumed == 0 {
		e.gap = "no event of it was wanted by the filters: it had no objects"
	}
	return nil
}

func (r *run) writeLedger(tx *state.Tx) error {
	routed := func(id loglake.ProducerID) bool { _, ok := loggroup.TargetOf(id); return ok }
	if err := ledger.Clear(tx, routed); err != nil {
		return err
	}
	if err := r.writeRoutes(tx); err != nil {
		return err
	}
	for _, c := range r.chains {
		for _, e := range c.entries {
			r.r.Rows, r.r.Rejects = r.r.Rows+e.Counts.Rows, r.r.Rejects+e.Counts.Rejects()
			if e.gap == "" || e.lost && e.Counts.Consumed == 0 && e.first == e.Number && len(e.Ranges) > 0 {
				r.r.Batches++
				if err := ledger.Insert(tx, e.Batch); err != nil {
					return err
				}
				continue
			}
			r.r.Gaps++
			r.tellGap(e)
			err := ledger.InsertGap(tx, e.Batch, ledger.Gap{First: e.first, Parts: e.parts, Reason: e.gap})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) tellGap(e *entry) {
	if e.lost && e.Counts.Consumed == 0 {
		return // nothing of it is missing
	}
	which := "batch"
	if e.first < e.Number {
		which = "batches up to"
	}
	r.r.note("gap", "%s %s/%d: %s; of its %d events it is not known what became of %d", which, e.Producer, e.Number, e.gap, e.Counts.Events,
		e.Counts.Consumed-e.Counts.Rows-e.Counts.Rejects())
}

// writeRoutes gives the books of routes, which the record has, their minutes again.
func (r *run) writeRoutes(tx *state.Tx) error {
	sources, err := ledger.Sources(tx, "")
	if err != nil {
		return err
	}
	for _, s := range sources {
		minutes, err := r.routeMinutes(tx, s)
		if err != nil {
			return err
		}
		if err := ledger.Spread(tx, s, minutes); err != nil {
			return err
		}
	}
	return nil
}

// routeMinutes counts the events of a route again. Of a matching event a route knows but one fate, so its other counts
// follow; where they don't add up to its books, the day is not known.
func (r *run) routeMinutes(tx *state.Tx, s ledger.Source) (ledger.Minutes, error) {
	p, err := r.routePattern(tx, s.Source)
	if err != nil {
		return nil, err
	}
	minutes, err := r.recount(loglake.Range{Source: s.Source, Journal: s.Journal, From: s.Began, To: s.At}, p)
	if err != nil {
		return nil, err
	}
	for i := range minutes {
		m := &minutes[i]
		for _, field := range []struct{ of, to *int64 }{
			{&s.Counts.Records, &m.Records}, {&s.Counts.Unpacked, &m.Unpacked}, {&s.Counts.Messages, &m.Messages},
			{&s.Counts.Delivered, &m.Delivered}, {&s.Counts.Rows, &m.Rows},
		} {
			if *field.of == s.Counts.Consumed {
				*field.to = m.Consumed
			}
		}
	}
	if minutes.Of(s.Source) != s.Counts {
		return ledger.Minutes{{Source: s.Source, Span: ledger.SpanDay, Counts: s.Counts}}, nil
	}
	return minutes, nil
}

// writeManifest adds the objects in the order of their batches' times.
func (r *run) writeManifest(tx *state.Tx) error {
	var all []*entry
	for _, c := range r.chains {
		all = append(all, c.entries...)
	}
	slices.SortStableFunc(all, func(a, b *entry) int { return cmp.Compare(a.Committed, b.Committed) })
	for _, e := range all {
		objects := make([]loglake.Object, 0, len(e.objects))
		for _, f := range e.objects {
			f.Rows = max(0, f.Rows)
			objects = append(objects, f.Object)
		}
		slices.SortFunc(objects, func(a, b loglake.Object) int { return cmp.Compare(a.Part, b.Part) })
		if err := catalog.AddObjects(tx, objects); err != nil {
			return err
		}
		r.r.Objects += len(objects)
	}
	return nil
}

func (r *run) writePartitions(tx *state.Tx) error {
	keys := map[string][]string{}
	for _, c := range r.chains {
		for _, e := range c.entries {
			for _, f := range e.objects {
				if f.Kind == loglake.ObjectParquet {
					keys[f.Bucket] = append(keys[f.Bucket], f.Key)
				}
			}
		}
	}
	for bucket, keys := range keys {
		if err := catalog.RegisterPartitions(tx, r.cfg.Home, loglake.At(r.cfg.Clock()), bucket, keys); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) writePositions(tx *state.Tx) error {
	for _, c := range r.chains {
		for source, at := range c.at {
			moved, err := position.Restore(tx, c.producer, source, at.To)
			if err != nil {
				return err
			}
			if moved {
				r.r.Positions++
			}
			r.beyond(at)
		}
	}
	return nil
}

// beyond takes note of a journal that ends before what was delivered of it.
func (r *run) beyond(at loglake.Range) {
	head := r.cfg.Journal.Head(at.Journal)
	if !r.before.journals[at.Journal] || at.To <= max(head, r.r.Beyond[at.Journal]) {
		return
	}
	if r.r.Beyond == nil {
		r.r.Beyond = map[loglake.JournalID]loglake.Offset{}
	}
	r.r.Beyond[at.Journal] = at.To
	r.r.note("journal", "the journal %s ends at event %d and was delivered up to %d: it was restored from an older copy, or lost its end. "+
		"What it lacks is in the objects and not in the log group; it goes on behind it", at.Journal, head, at.To)
}

func (r *run) writePending(tx *state.Tx) error {
	for _, c := range r.chains {
		if c.pending == nil {
			continue
		}
		if err := commit.Restore(tx, *c.pending); err != nil {
			return err
		}
		if c.pending.Voiding {
			r.r.Voiding++
			r.r.note("intent", "batch %s/%d was put half when the state was lost, and its staged bytes are not whole: the next start removes its %d objects "+
				"and delivers its events again", c.producer, c.pending.Number, len(c.pending.Objects))
			continue
		}
		r.r.Finishing++
	}
	return nil
}

// count counts the rows of the new state.
func (r *run) count(tx *state.Tx) error {
	names, err := tx.Tables()
	if err != nil {
		return err
	}
	r.r.Tables = map[string]int{}
	for _, name := range names {
		n := 0
		if err := tx.QueryRow(`SELECT COUNT(*) FROM "` + name + `"`).Scan(&n); err != nil {
			return err
		}
		r.r.Tables[name] = n
	}
	r.r.Partitions = r.r.Tables["catalog_partitions"] - r.before.partitions
	return nil
}
