package journal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/loglake/loglake"
)

// tidy does all that waits to be done behind the appends: it keeps a spare, settles WAL files, removes what is dead and
// merges small segments. After an error it may be called again.
func (l *Log) tidy(ctx context.Context) error {
	for due := true; due && ctx.Err() == nil; { // one by one: under a heavy load there is always another
		var err error
		if due, err = l.settleDue(ctx); err != nil {
			return err
		}
	}
	l.settleM.Lock()
	defer l.settleM.Unlock()
	l.dropAnswers()
	if err := l.removeDead(); err != nil {
		return err
	}
	if err := l.merge(ctx); err != nil {
		return err
	}
	return l.removeDead()
}

// settleDue settles one WAL file, if one is due.
func (l *Log) settleDue(ctx context.Context) (due bool, err error) {
	l.settleM.Lock()
	defer l.settleM.Unlock()
	if err := l.keepSpare(); err != nil {
		return false, err
	}
	w := l.dueWAL()
	if w == nil {
		return false, nil
	}
	return true, l.settle(ctx, w)
}

// keepSpare makes a spare WAL file once the log is in use and the disk has room.
func (l *Log) keepSpare() error {
	l.mu.Lock()
	used := l.active != nil && l.active.end >= l.cfg.WALBytes/2
	wanted := used && len(l.spares) == 0 && !l.full.Load()
	l.mu.Unlock()
	if !wanted {
		return nil
	}
	err := l.makeSpare()
	if diskFull(err) {
		return nil // the next put that finds no space says so
	}
	return err
}

// dueWAL gives the oldest sealed WAL file when there is more in the sealed ones than the WAL should hold.
func (l *Log) dueWAL() *walFile {
	l.mu.Lock()
	defer l.mu.Unlock()
	var bytes int64
	for _, w := range l.sealed {
		bytes += w.end
	}
	if len(l.sealed) > 0 && (bytes > 2*l.cfg.WALBytes || len(l.sealed) > sealedFilesMax) {
		return l.sealed[0]
	}
	return nil
}

// settle moves what w holds into segments and gives w up. Each step is durable before the next begins:
//
//  1. the listing, which says where each journal begins and ends, the answers of w's puts that still count, and the
//     positions of spools;
//  2. the segments, under temporary names, then under their own;
//  3. readers are sent to the segments;
//  4. w becomes a spare or is removed.
//
// A crash before 4 leaves events in w and in segments: recovery drops a record whose offsets a segment covers.
func (l *Log) settle(ctx context.Context, w *walFile) error {
	l.mu.Lock()
	parts := l.partsOf(w)
	rows := l.listingRows()
	spools, moves := l.spoolRows() // with the listing: it names their journals
	l.mu.Unlock()
	if err := l.writeListing(rows); err != nil {
		return err
	}
	if err := l.keepAnswers(w); err != nil {
		return err
	}
	if err := l.keepSpools(spools, moves); err != nil {
		return err
	}
	out := outlet{log: l}
	for i := range parts {
		if err := l.settlePart(ctx, &parts[i], &out); err != nil {
			out.abort()
			return err
		}
	}
	segments, err := out.finish()
	if err != nil {
		return err
	}
	l.mu.Lock()
	for i := range parts {
		if j := l.journals[parts[i].journal]; j != nil && len(j.wal) > 0 && j.wal[0] == parts[i].piece {
			j.wal = slices.Clone(j.wal[1:])
		}
	}
	l.adopt(segments)
	w.empty = true
	l.mu.Unlock()
	if err := l.giveUp(w); err != nil {
		return err // w stays the oldest of the sealed ones, and is settled again, with nothing in it
	}
	l.cfg.OnEvent(Event{Kind: EventSettled, File: w.path, Bytes: w.end})
	return nil
}

// part is the live puts of one journal in a WAL file.
type part struct {
	piece   *piece
	journal loglake.JournalID
	entries []entry
	bytes   int64
}

// partsOf gives w's live puts by journal. The caller holds mu.
func (l *Log) partsOf(w *walFile) (parts []part) {
	for id, j := range l.journals {
		for _, p := range j.wal {
			if p.file != w {
				continue
			}
			part := part{piece: p, journal: id, entries: slices.Clone(p.entries[p.dead:])}
			for i := range part.entries {
				part.bytes += int64(part.entries[i].size)
			}
			parts = append(parts, part)
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.journal, b.journal) })
	return parts
}

const settleStepEntries = 256

// settlePart writes one journal's puts to the segment that is theirs. A put that can't be read is reported and left out;
// w is kept aside then.
func (l *Log) settlePart(ctx context.Context, p *part, out *outlet) error {
	if len(p.entries) == 0 {
		return nil
	}
	seg, err := out.segmentFor(p.bytes)
	if err != nil {
		return err
	}
	r := loader{log: l}
	items := make([]item, len(p.entries))
	for i := range p.entries {
		items[i] = item{file: p.piece.file, entry: p.entries[i]}
	}
	for i := range items {
		if i%settleStepEntries == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		b := items[i].entry.block
		if b == nil {
			b, err = r.entry(items[i:])
		}
		var damage *CorruptError
		if errors.As(err, &damage) {
			l.report(damage)
			l.mu.Lock()
			p.piece.file.bad = true
			l.mu.Unlock()
			continue
		}
		if err != nil {
			return err
		}
		if err := seg.add(b); err != nil {
			return err
		}
	}
	return nil
}

// adopt makes new segments the place of their runs' events. The caller holds mu.
func (l *Log) adopt(segments []*segment) {
	for _, s := range segments {
		l.segments[s] = struct{}{}
		l.bytes += s.bytes
		for _, r := range s.runs {
			j := l.journals[r.journal]
			if j == nil {
				r.dead = true // deleted meanwhile
				continue
			}
			i, _ := slices.BinarySearchFunc(j.runs, r.first, func(o *run, first loglake.Offset) int { return cmp.Compare(o.first, first) })
			j.runs = slices.Insert(slices.Clone(j.runs), i, r)
		}
		for _, r := range s.runs {
			if j := l.journals[r.journal]; j != nil {
				for _, d := range j.release() {
					d.dead = true
				}
			}
		}
	}
}

// giveUp makes w, which nothing points to any more, a spare, or removes it. It may be done again after an error, and has
// to be before a later file is given up: recovery takes the positions of spools in the files that it finds for the last.
func (l *Log) giveUp(w *walFile) error {
	if !w.away {
		if err := l.putAway(w); err != nil {
			return fmt.Errorf("give up settled WAL file: %w", err)
		}
		w.away = true
	}
	if err := l.syncDir(l.walDir); err != nil {
		return fmt.Errorf("give up settled WAL file: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sealed = slices.DeleteFunc(l.sealed, func(o *walFile) bool { return o == w })
	l.bytes -= w.end - walHeaderSize
	if w.bad {
		l.aside++
	}
	l.retire(w)
	return nil
}

// putAway takes w's name away.
func (l *Log) putAway(w *walFile) error {
	l.mu.Lock()
	spare := w.refs == 0 && !w.bad && w.size >= l.cfg.WALBytes && len(l.spares) < sparesMax && !l.full.Load()
	l.mu.Unlock()
	base := strings.TrimSuffix(w.path, walSuffix)
	var err error
	switch {
	case w.bad:
		err = l.fs.Rename(w.path, base+damagedSuffix)
	case spare:
		if err = l.fs.Rename(w.path, base+spareSuffix); err == nil {
			l.mu.Lock()
			l.spares = append(l.spares, base+spareSuffix)
			l.mu.Unlock()
		}
	default:
		err = l.fs.Remove(w.path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil // an earlier try was done and reported failed
	}
	return err
}

// removeDead removes segments whose runs are all released or deleted. The listing goes first: it says where their
// journals go on.
func (l *Log) removeDead() error {
	l.mu.Lock()
	var dead []*segment
	for s := range l.segments {
		if !slices.ContainsFunc(s.runs, func(r *run) bool { return !r.dead }) {
			dead = append(dead, s)
		}
	}
	rows := l.listingRows()
	l.mu.Unlock()
	if len(dead) == 0 {
		return nil
	}
	if err := l.writeListing(rows); err != nil {
		return err
	}
	for _, s := range dead {
		if err := l.removeSegment(s); err != nil {
			return err
		}
	}
	if err := l.syncDir(l.segDir); err != nil {
		l.untidy = true
		return fmt.Errorf("remove segments: %w", err)
	}
	return nil
}

// outlet is the segments that one settling or merging writes: one for each journal that has much, one for all others.
type outlet struct {
	log    *Log
	shared *segmentWriter
	own    *segmentWriter
	done   []*segment
}

// segmentFor gives the segment for a journal of which bytes are to be written.
func (o *outlet) segmentFor(bytes int64) (w *segmentWriter, err error) {
	if bytes >= ownSegmentBytes {
		if err := o.closeOwn(); err != nil {
			return nil, err
		}
		o.own, err = o.create()
		return o.own, err
	}
	if o.shared == nil {
		o.shared, err = o.create()
	}
	return o.shared, err
}

func (o *outlet) create() (*segmentWriter, error) {
	o.log.nextSeg++
	return newSegmentWriter(o.log, filepath.Join(o.log.segDir, walName(o.log.nextSeg, segmentSuffix)), o.log.nextSeg)
}

func (o *outlet) closeOwn() error {
	w := o.own
	o.own = nil
	return o.close(w)
}

func (o *outlet) close(w *segmentWriter) error {
	if w == nil {
		return nil
	}
	s, err := w.finish()
	if err == nil {
		o.done = append(o.done, s)
	}
	return err
}

// finish makes all segments durable, or none: after an error what was written is removed. What can't be removed then is
// found twice, and one of the two ignored, by the next Open.
func (o *outlet) finish() ([]*segment, error) {
	err := o.closeOwn()
	if err == nil {
		w := o.shared
		o.shared = nil
		err = o.close(w)
	}
	if err == nil && len(o.done) > 0 {
		err = o.log.syncDir(o.log.segDir)
	}
	if err != nil {
		o.abort()
		return nil, fmt.Errorf("write segments: %w", err)
	}
	return o.done, nil
}

func (o *outlet) abort() {
	o.log.untidy = true
	for _, w := range []*segmentWriter{o.own, o.shared} {
		if w != nil {
			w.abort()
		}
	}
	for _, s := range o.done {
		o.log.fs.Remove(s.path)
	}
}
