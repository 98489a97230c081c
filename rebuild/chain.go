package rebuild

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/commit"
	"github.com/loglake/loglake/ledger"
)

// batch is what the buckets have of one batch.
type batch struct {
	producer   loglake.ProducerID
	number     int64
	generation int
	parts      int
	objects    []found
	said       *ledger.Batch // nil: no object of it says more than its ranges
	ranges     []loglake.Range
}

// batchID names what was staged at one time.
type batchID struct {
	producer   loglake.ProducerID
	number     int64
	generation int
}

// whole tells whether all objects of a batch are there, and its ranges known.
func (b *batch) whole() bool { return len(b.objects) == b.parts && len(b.ranges) > 0 }

// group puts the objects together that are of one batch, by producer. Of a batch that was voided the last generation counts.
func (r *run) group() map[loglake.ProducerID][]*batch {
	all := map[batchID]*batch{}
	for _, f := range r.found {
		at := batchID{f.Producer, f.Batch, f.Generation}
		b := all[at]
		if b == nil {
			b = &batch{producer: f.Producer, number: f.Batch, generation: f.Generation, parts: f.Parts}
			all[at] = b
		}
		b.objects = append(b.objects, f)
		if f.label.Batch != nil {
			b.said, b.ranges = f.label.Batch, f.label.Batch.Ranges
		}
		if b.said == nil && len(f.ranges) > 0 {
			b.ranges = f.ranges
		}
	}
	producers := map[loglake.ProducerID][]*batch{}
	for id := range r.before.totals { // also those of which nothing is left
		producers[id] = nil
	}
	for id := range r.left {
		producers[id] = nil
	}
	for _, b := range all {
		producers[b.producer] = append(producers[b.producer], b)
	}
	for id, batches := range producers {
		slices.SortFunc(batches, func(a, b *batch) int {
			return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(b.generation, a.generation))
		})
		producers[id] = slices.CompactFunc(batches, func(a, b *batch) bool {
			if a.number == b.number {
				r.r.note("parts", "%d objects of batch %s/%d are of a generation that was voided, and left: they are not in the manifest",
					len(b.objects), b.producer, b.number)
			}
			return a.number == b.number
		})
	}
	return producers
}

// entry is a row of the ledger to be: a batch that was found, or one that stands for those from first on.
type entry struct {
	ledger.Batch
	first   int64
	parts   int    // objects that are missing
	gap     string // what is not known; "": all is
	lost    bool   // nothing of it is in the bucket
	objects []found
	filled  []loglake.Range // of a gap: what lies between the batches around it
}

// chain is a producer's batches in order.
type chain struct {
	producer loglake.ProducerID
	entries  []*entry
	at       map[loglake.SourceID]loglake.Range // To is where a source stands
	since    map[loglake.SourceID]loglake.Range // of sources that the record does not know: what was taken of them
	pending  *commit.Batch                      // its last batch, staged and not committed
	detailed int64                              // the first batch that says its minutes
}

// builder makes a chain.
type builder struct {
	*chain
	run      *run
	known    ledger.Producer          // what the record says of the producer
	number   int64                    // of the last entry
	seen     map[loglake.SourceID]int // the number of entries when a source was taken of last
	recorded bool                     // the record's last batch is behind
}

// chain puts a producer's batches in order. Numbers that the buckets have nothing of were batches without objects, or their
// objects are gone; what they took lies between the batches around them.
func (r *run) chain(producer loglake.ProducerID, batches []*batch) (*chain, error) {
	known := r.before.totals[producer]
	b := &builder{run: r, known: known, seen: map[loglake.SourceID]int{}, chain: &chain{producer: producer, detailed: known.Detailed,
		at: map[loglake.SourceID]loglake.Range{}, since: map[loglake.SourceID]loglake.Range{}}}
	for i, one := range batches {
		if err := b.pass(one.number); err != nil {
			return nil, err
		}
		if i == len(batches)-1 {
			if pending, ok, err := b.unfinished(one); ok || err != nil {
				if err != nil {
					return nil, err
				}
				return b.chain, b.stage(pending)
			}
		}
		b.advance(one.number)
		for _, x := range one.ranges {
			if err := b.take(x); err != nil {
				return nil, err
			}
		}
		b.entries = append(b.entries, one.entry())
	}
	if err := b.pass(known.Last + 1); err != nil {
		return nil, err
	}
	if pending, ok := b.leftover(); ok {
		return b.chain, b.stage(pending)
	}
	return b.chain, nil
}

// pass goes over the record's last batch, if a number is behind it: there the sources stood where the record says.
func (b *builder) pass(number int64) error {
	if b.recorded || number <= b.known.Last {
		return nil
	}
	b.recorded = true
	b.advance(b.known.Last + 1)
	b.number = b.known.Last
	for _, p := range b.run.before.positions[b.producer] {
		if last, ok := b.at[p.Source]; ok && last.To >= p.At {
			continue
		}
		if err := b.take(loglake.Range{Source: p.Source, Journal: p.Journal, From: p.At, To: p.At}); err != nil {
			return err
		}
		b.seen[p.Source] = len(b.entries)
	}
	return nil
}

// advance goes on to a number, over those of which nothing is there.
func (b *builder) advance(to int64) {
	if to > b.number+1 {
		b.entries = append(b.entries, &entry{lost: true, first: b.number + 1, gap: "its objects are gone, or it had none",
			Batch: ledger.Batch{Producer: b.producer, Number: to - 1, Committed: b.known.Committed}})
	}
	b.number = to
}

// take moves a source along a range, and fills what lies before it.
func (b *builder) take(r loglake.Range) error {
	last, ok := b.at[r.Source]
	at := last.To
	if !ok {
		if at, ok = b.run.before.begin(b.producer, r.Source); !ok {
			at = r.From
		}
	}
	switch {
	case r.From < at:
		return loglake.Errorf(loglake.CodeConflict, "batches of producer %s overlap: one takes %s, and the one before it ended at %d", b.producer, r, at)
	case r.From > at:
		if err := b.fill(loglake.Range{Source: r.Source, Journal: r.Journal, From: at, To: r.From}); err != nil {
			return err
		}
	}
	if _, old := b.run.before.positions[b.producer][r.Source]; b.recorded && !old {
		first, ok := b.since[r.Source]
		if !ok {
			first = r
		}
		first.To = r.To
		b.since[r.Source] = first
	}
	b.at[r.Source], b.seen[r.Source] = r, len(b.entries)+1
	return nil
}

// fill gives events between two batches to the last entry between them of which nothing is known.
func (b *builder) fill(r loglake.Range) error {
	for i := len(b.entries) - 1; i >= b.seen[r.Source]; i-- {
		if e := b.entries[i]; e.lost || len(e.Ranges) == 0 {
			e.filled = append(e.filled, r)
			return nil
		}
	}
	return loglake.Errorf(loglake.CodeConflict, "batches of producer %s follow each other and the events %s lie between them: "+
		"record and bucket are not of one lake, or one of them was restored from an older copy", b.producer, r)
}

// entry gives the row of a batch of which something is there.
func (b *batch) entry() *entry {
	e := &entry{first: b.number, objects: b.objects, parts: b.parts - len(b.objects)}
	if b.said != nil {
		e.Batch = *b.said
	} else {
		e.Batch = ledger.Batch{Producer: b.producer, Number: b.number, Generation: b.generation, Ranges: b.ranges, Counts: rowsOf(b.objects)}
		for _, r := range b.ranges {
			e.Counts.Events += r.Len()
		}
		e.Counts.Consumed = e.Counts.Events
		e.gap = "an earlier build wrote it: its counts are those of its objects"
	}
	if e.parts > 0 {
		e.gap = fmt.Sprintf("%d of its %d objects are gone", e.parts, b.parts)
	}
	return e
}
