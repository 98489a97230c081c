package journal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// merge rewrites shared segments when there are many, smallest first, so that a quiet journal's events come together;
// a journal that has enough then gets a segment of its own. A shared segment that is mostly dead is rewritten too, so
// that one journal kept for long does not hold the space of many that were released.
//
// The new segments are durable before the old ones go. A crash between leaves runs twice; recovery keeps the longer.
func (l *Log) merge(ctx context.Context) error {
	victims := l.mergeable()
	if len(victims) == 0 {
		return nil
	}
	l.mu.Lock()
	runs := l.liveRuns(victims)
	l.mu.Unlock()
	out := outlet{log: l}
	r := loader{log: l}
	defer func() { r.close() }()
	for len(runs) > 0 {
		n, raw := sameJournal(runs)
		seg, err := out.segmentFor(raw)
		if err == nil {
			err = l.copyRuns(ctx, runs[:n], &r, seg)
		}
		if err != nil {
			out.abort()
			return fmt.Errorf("merge segments: %w", err)
		}
		runs = runs[n:]
	}
	segments, err := out.finish()
	if err != nil {
		return err
	}
	l.mu.Lock()
	for _, s := range victims {
		for _, r := range s.runs {
			if j := l.journals[r.journal]; j != nil {
				j.runs = slices.DeleteFunc(slices.Clone(j.runs), func(o *run) bool { return o == r })
			}
			r.dead = true
		}
	}
	l.adopt(segments)
	l.mu.Unlock()
	for _, s := range segments {
		l.cfg.OnEvent(Event{Kind: EventMerged, File: s.path, Bytes: s.bytes})
	}
	return nil
}

// mergeable gives the segments to merge now.
func (l *Log) mergeable() (victims []*segment) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var shared []*segment
	for s := range l.segments {
		if !s.shared() || s.unreadable {
			continue
		}
		shared = append(shared, s)
		var live, dead int64
		for _, r := range s.runs {
			if r.dead {
				dead += r.bytes()
			} else {
				live += r.bytes()
			}
		}
		if live < dead {
			return []*segment{s}
		}
	}
	if len(shared) <= sharedRunsMax {
		return nil
	}
	slices.SortFunc(shared, func(a, b *segment) int { return cmp.Or(cmp.Compare(a.bytes, b.bytes), cmp.Compare(a.number, b.number)) })
	return shared[:sharedRunsMax]
}

// liveRuns gives the runs of segments that are not dead, by journal and offset. The caller holds mu.
func (l *Log) liveRuns(segments []*segment) (runs []*run) {
	for _, s := range segments {
		for _, r := range s.runs {
			if !r.dead {
				runs = append(runs, r)
			}
		}
	}
	slices.SortFunc(runs, func(a, b *run) int { return cmp.Or(cmp.Compare(a.journal, b.journal), cmp.Compare(a.first, b.first)) })
	return runs
}

// sameJournal gives how many of the first runs are of one journal, and what they hold unpacked.
func sameJournal(runs []*run) (n int, raw int64) {
	for n < len(runs) && runs[n].journal == runs[0].journal {
		for i := range runs[n].pages {
			raw += int64(runs[n].pages[i].raw)
		}
		n++
	}
	return n, raw
}

func (l *Log) copyRuns(ctx context.Context, runs []*run, from *loader, to *segmentWriter) error {
	for _, r := range runs {
		for i := range r.pages {
			if err := ctx.Err(); err != nil {
				return err
			}
			blocks, err := from.page(r, &r.pages[i])
			var damage *CorruptError
			if errors.As(err, &damage) {
				l.report(damage)
				l.mu.Lock()
				r.seg.unreadable = true // stays as it is: what can be read of it still is
				l.mu.Unlock()
			}
			if err != nil {
				return err
			}
			for _, b := range blocks {
				if err := to.add(b); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// removeSegment removes a segment that nothing points to.
func (l *Log) removeSegment(s *segment) error {
	l.mu.Lock()
	delete(l.segments, s)
	l.bytes -= s.bytes
	l.mu.Unlock()
	if err := l.fs.Remove(s.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.untidy = true
		return fmt.Errorf("remove segment: %w", err)
	}
	return nil
}
