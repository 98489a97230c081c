package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/loglake/loglake"
)

// Problem is something that Check found wrong.
type Problem struct {
	Journal loglake.JournalID // "" where it concerns none or many
	Err     error             // a *CorruptError for damage
}

func (p Problem) String() string { return p.Err.Error() }

// Check reads all that is kept and calls found for each thing that is wrong: checksums, offsets that are not dense,
// records in WAL files that can't be read, books that have other events than the blocks. It returns an error when it could not
// finish.
func (l *Log) Check(ctx context.Context, found func(Problem)) error {
	for _, id := range l.Journals() {
		if err := l.checkJournal(ctx, id, found); err != nil {
			return err
		}
	}
	if err := l.checkSegments(ctx, found); err != nil {
		return err
	}
	return l.checkWAL(ctx, found)
}

// Whole tells whether every event of a range can be read again as it was put. Otherwise the error is a *CorruptError: one is
// damaged or gone, or is one of LostStream.
func (l *Log) Whole(ctx context.Context, r loglake.Range) error {
	for at := r.From; at < r.To; {
		blocks, err := l.Read(ctx, r.Journal, at, scanBytes)
		if err != nil {
			return err
		}
		if len(blocks) == 0 {
			return &CorruptError{File: "the journal", Journal: r.Journal, From: at, To: r.To, What: "events are missing"}
		}
		for _, b := range blocks {
			if b.First > at || b.Stream == LostStream {
				return &CorruptError{File: "the journal", Journal: r.Journal, From: at, To: min(max(b.First, at+1), r.To), What: "events are missing"}
			}
			if at = b.End(); at >= r.To {
				break
			}
		}
	}
	return nil
}

// checkSegments reads what segments have more than once, of which readers look at the first that is whole.
func (l *Log) checkSegments(ctx context.Context, found func(Problem)) error {
	l.mu.Lock()
	all := slices.Collect(maps.Keys(l.segments))
	l.mu.Unlock()
	for _, s := range all {
		flaws, err := s.flaws(l.fs)
		if errors.Is(err, fs.ErrNotExist) && l.replaced(s) {
			continue
		}
		if err != nil {
			return fmt.Errorf("check segments: %w", err)
		}
		for _, flaw := range flaws {
			found(Problem{Err: flaw})
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

func (l *Log) checkJournal(ctx context.Context, id loglake.JournalID, found func(Problem)) error {
	before, first := l.Books(id), l.First(id)
	head, held, damaged := before.Head, int64(0), false
	for at := first; at < head; {
		blocks, err := l.Read(ctx, id, at, scanBytes)
		var damage *CorruptError
		if errors.As(err, &damage) && damage.To > at {
			found(Problem{Journal: id, Err: damage})
			at, damaged = damage.To, true
			continue
		}
		if err != nil {
			return fmt.Errorf("check journal %s: %w", id, err)
		}
		if len(blocks) == 0 {
			return nil // released or deleted meanwhile
		}
		for _, b := range blocks {
			if b.First > at && b.First > l.First(id) {
				found(Problem{Journal: id, Err: &CorruptError{File: "the journal", Journal: id, From: at, To: b.First, What: "events are missing"}})
			}
			for _, e := range b.Events() {
				if e.Offset >= first && e.Offset < head {
					held++
				}
			}
			at = b.End()
		}
	}
	if quiet := l.Books(id) == before; quiet && !damaged && held != before.Retained {
		found(Problem{Journal: id, Err: fmt.Errorf("journal %s: its books have %d events and its blocks hold %d", id, before.Retained, held)})
	}
	return nil
}

// checkWAL reads the WAL files from the disk: blocks in memory say nothing about what is there.
func (l *Log) checkWAL(ctx context.Context, found func(Problem)) error {
	l.mu.Lock()
	files := slices.DeleteFunc(slices.Clone(l.sealed), func(w *walFile) bool { return w.empty })
	if l.active != nil {
		files = append(files, l.active)
	}
	ends := make([]int64, len(files))
	for i, w := range files {
		w.refs++
		ends[i] = w.end
	}
	l.mu.Unlock()
	defer func() {
		items := make([]item, len(files))
		for i, w := range files {
			items[i].file = w
		}
		l.unref(items)
	}()
	for i, w := range files {
		scan, err := scanWAL(w.file, w, ends[i], func(pos int64, _ int, r *record) error {
			if r.kind == recordPut {
				if _, err := r.block(); err != nil {
					found(Problem{Journal: r.journal, Err: &CorruptError{
						File: w.path, Offset: pos, Journal: r.journal, From: r.first, To: r.first + loglake.Offset(r.count), What: err.Error()}})
				}
			}
			return ctx.Err()
		})
		if err != nil {
			return fmt.Errorf("check %s: %w", w.path, err)
		}
		for _, d := range scan.damage {
			found(Problem{Err: d})
		}
	}
	return nil
}
