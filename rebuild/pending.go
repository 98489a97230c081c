package rebuild

import (
	"errors"
	"fmt"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/commit"
	"github.com/loglake/loglake/journal"
)

// The last batch of a producer may have been staged and not committed when the state was lost: its objects are all in the
// bucket, or some, or none. All: then it counts as committed, since that is what the next start would have made of it.
// Otherwise the staging folder has its intent and the bytes that are missing, and it is put back as staged; or, where they
// are damaged, it is put back as one that is being voided: what is in the bucket goes, and its events, which the journal still
// has, are delivered again by the next generation. Where the journal has let go of them it was committed, and what is missing
// was removed by somebody; and where some of them can't be read there any more, what is in the bucket is the last copy, and stays.

// unfinished tells whether the last batch of which there are objects was not committed, and as what it is to be put back.
func (b *builder) unfinished(last *batch) (pending commit.Batch, ok bool, err error) {
	if last.number <= b.known.Last || last.whole() {
		return pending, false, nil
	}
	intent, left := b.run.left[b.producer]
	if left && intent.Number > last.number {
		return pending, false, nil // another came after it
	}
	pending = commit.Batch{Producer: last.producer, Number: last.number, Generation: last.generation, Ranges: last.ranges, Voiding: true}
	if left && intent.Number == last.number && intent.Generation == last.generation {
		pending.Ranges = intent.Ranges
	}
	for _, r := range pending.Ranges {
		if b.run.cfg.Journal.First(r.Journal) > r.From || b.run.cfg.Journal.Head(r.Journal) < r.To {
			return pending, false, nil
		}
	}
	if left && intent.Number == last.number && intent.Generation == last.generation && b.run.cfg.Commit.Verify(b.run.ctx, intent) == nil {
		return intent, true, nil
	}
	for _, r := range pending.Ranges { // its objects are removed only where each of its events can be delivered again
		err := b.run.cfg.Journal.Whole(b.run.ctx, r)
		if errors.As(err, new(*journal.CorruptError)) {
			return pending, false, nil
		}
		if err != nil {
			return pending, false, fmt.Errorf("read the events %s again: %w", r, err)
		}
	}
	if last.said != nil {
		pending.Staged, pending.Counts, pending.Minutes = last.said.Committed, last.said.Counts, last.said.Minutes
	}
	for _, f := range last.objects {
		pending.Objects = append(pending.Objects, commit.StagedObject{Object: f.Object, File: pending.File(f.Part)})
	}
	return pending, true, nil
}

// leftover gives the batch of which the staging folder has the intent and the bucket has nothing yet, where it can be
// finished. Where it can't, its events are delivered again from the journal, and the next start removes what is left of it.
func (b *builder) leftover() (commit.Batch, bool) {
	intent, left := b.run.left[b.producer]
	if !left || intent.Number <= b.number {
		return intent, false
	}
	for _, r := range intent.Ranges {
		at, ok := b.at[r.Source]
		if ok && (r.From < at.To || r.From > at.To && intent.Number == b.number+1) {
			return intent, false // of an earlier life
		}
		if s, closed := b.run.before.byID[r.Source]; closed && s.Until >= 0 && r.To > s.Until {
			return intent, false // it was built and refused
		}
		if b.run.cfg.Journal.Head(r.Journal) < r.To {
			return intent, false
		}
	}
	return intent, b.run.cfg.Commit.Verify(b.run.ctx, intent) == nil
}

// stage puts a batch back as staged. Everything before it was committed, or it would not be there.
func (b *builder) stage(pending commit.Batch) error {
	b.advance(pending.Number)
	b.number = pending.Number - 1
	for _, r := range pending.Ranges {
		if err := b.take(loglake.Range{Source: r.Source, Journal: r.Journal, From: r.From, To: r.From}); err != nil {
			return err
		}
	}
	b.pending = &pending
	return nil
}
