package journal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
)

// recover reads what is on the disk. The order matters: the listing says what was deleted and released, the segments what
// is settled; what the WAL has beyond that is the rest.
func (l *Log) recover(ctx context.Context) error {
	for _, dir := range []string{l.walDir, l.segDir, l.ansDir} {
		if err := l.makeDir(dir); err != nil {
			return err
		}
	}
	if err := l.readListing(); err != nil {
		return err
	}
	if err := l.readSegments(ctx); err != nil {
		return err
	}
	l.placeRuns()
	if err := l.readSpools(); err != nil {
		return err
	}
	if err := l.readAnswers(); err != nil {
		return err
	}
	if err := l.readWAL(ctx); err != nil {
		return err
	}
	l.checkHeads()
	return nil
}

// makeDir makes dir, and makes durable what an earlier life did in it: what recovery sees, it builds upon.
func (l *Log) makeDir(dir string) error {
	var err error
	if l.cfg.Sync == SyncNone {
		err = l.fs.MkdirAll(dir)
	} else {
		err = disk.MkdirAllDurable(l.fs, dir)
	}
	if err == nil {
		err = l.syncDir(dir)
	}
	if err != nil {
		return fmt.Errorf("make directory of the journal: %w", err)
	}
	return nil
}

func (l *Log) report(err *CorruptError) {
	l.cfg.OnEvent(Event{Kind: EventDamaged, File: err.File, Offset: err.Offset, Err: err})
}

// numbered lists dir's files that are named by a number and suffix, in order, and removes temporary ones.
func (l *Log) numbered(dir, suffix string) ([]uint64, error) {
	list, err := l.fs.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", dir, err)
	}
	var seqs []uint64
	for _, e := range list {
		if strings.HasSuffix(e.Name(), tempSuffix) {
			l.fs.Remove(filepath.Join(dir, e.Name()))
		}
		if seq, ok := parseSeq(e.Name(), suffix); ok {
			seqs = append(seqs, seq)
		}
	}
	slices.Sort(seqs)
	return seqs, nil
}

const openersMax = 8 // goroutines that read segment indexes

func (l *Log) readSegments(ctx context.Context) error {
	numbers, err := l.numbered(l.segDir, segmentSuffix)
	if err != nil {
		return err
	}
	found := make([]*segment, len(numbers))
	errs := make([]error, len(numbers))
	var wg sync.WaitGroup
	for k := range openersMax {
		wg.Go(func() {
			for i := k; i < len(numbers) && ctx.Err() == nil; i += openersMax {
				path := filepath.Join(l.segDir, walName(numbers[i], segmentSuffix))
				found[i], errs[i] = openSegment(l.fs, path, numbers[i])
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	for i, s := range found {
		l.nextSeg = max(l.nextSeg, numbers[i])
		var damage *CorruptError
		if errors.As(errs[i], &damage) {
			l.report(damage) // its events are missing; readers are told when they come there
			continue
		}
		if errs[i] != nil {
			return errs[i]
		}
		if s.flaw != nil {
			l.report(s.flaw)
		}
		l.segments[s] = struct{}{}
		l.bytes += s.bytes
	}
	return nil
}

// placeRuns gives each journal its runs. A crash between writing segments and removing what they replace leaves events
// twice: of two runs of which one holds all events of the other, the other is dead.
func (l *Log) placeRuns() {
	var runs []*run
	for s := range l.segments {
		runs = append(runs, s.runs...)
	}
	slices.SortFunc(runs, func(a, b *run) int {
		return cmp.Or(cmp.Compare(a.journal, b.journal), cmp.Compare(a.first, b.first), cmp.Compare(b.end, a.end), cmp.Compare(a.seg.number, b.seg.number))
	})
	for _, r := range runs {
		if _, gone := l.deleted[r.journal]; gone {
			r.dead = true
			continue
		}
		j := l.journals[r.journal]
		if j == nil {
			j = newJournal(r.journal)
			j.listed = true
			l.journals[r.journal] = j
		}
		if n := len(j.runs); r.end <= j.first || n > 0 && r.end <= j.runs[n-1].end {
			r.dead = true
			continue
		}
		j.runs = append(j.runs, r)
		j.head = max(j.head, r.end)
	}
}

func (l *Log) readAnswers() error {
	seqs, err := l.numbered(l.ansDir, answersSuffix)
	if err != nil {
		return err
	}
	now := loglake.At(l.cfg.Clock())
	for _, seq := range seqs {
		path := filepath.Join(l.ansDir, walName(seq, answersSuffix))
		b, err := disk.ReadFile(l.fs, path)
		if err != nil {
			return fmt.Errorf("read answers: %w", err)
		}
		as, ok := decodeAnswers(b)
		if !ok {
			l.report(&CorruptError{File: path, What: "the kept answers can't be read: repeats of their puts would be appended again"})
			continue
		}
		f := answersFile{path: path}
		for _, a := range as {
			a.file = seq
			l.answers.add(a, now)
			f.last = max(f.last, a.at)
		}
		l.kept = append(l.kept, f)
	}
	return nil
}

// readWAL reads the WAL files, oldest first. All of them are sealed then: the first put begins another, whose header
// seals the last.
func (l *Log) readWAL(ctx context.Context) error {
	spares, err := l.numbered(l.walDir, spareSuffix)
	if err != nil {
		return err
	}
	for _, seq := range spares {
		l.nextSeq = max(l.nextSeq, seq)
		l.recycleSpare(filepath.Join(l.walDir, walName(seq, spareSuffix)))
	}
	aside, err := l.numbered(l.walDir, damagedSuffix)
	if err != nil {
		return err
	}
	l.aside = len(aside)
	seqs, err := l.numbered(l.walDir, walSuffix)
	if err != nil {
		return err
	}
	ends := map[uint64]int64{}
	for _, seq := range seqs {
		w, h, err := l.openWAL(seq)
		if err != nil {
			return err
		}
		l.nextSeq = max(l.nextSeq, seq)
		l.sealed = append(l.sealed, w)
		if h.seq == seq && h.prev != 0 {
			ends[h.prev] = h.prevEnd
		}
	}
	for i, w := range l.sealed {
		if err := ctx.Err(); err != nil {
			return err
		}
		end, known := ends[w.seq]
		if !known {
			end = -1
		}
		if err := l.replay(w, end, i == len(l.sealed)-1); err != nil {
			return err
		}
	}
	return nil
}

// recycleSpare keeps a spare from an earlier life, if it is whole and wanted.
func (l *Log) recycleSpare(path string) {
	st, err := l.fs.Stat(path)
	if err == nil && st.Size() >= l.cfg.WALBytes && len(l.spares) < sparesMax {
		l.spares = append(l.spares, path)
		return
	}
	l.fs.Remove(path) // if it stays, the next Open tries again
}

func (l *Log) openWAL(seq uint64) (*walFile, walHeader, error) {
	w := &walFile{seq: seq, seed: fileSeed(seq), path: filepath.Join(l.walDir, walName(seq, walSuffix)), end: walHeaderSize}
	f, err := l.fs.OpenFile(w.path, os.O_RDWR, 0)
	if err != nil {
		return nil, walHeader{}, fmt.Errorf("open WAL file: %w", err)
	}
	w.file = f
	st, err := f.Stat()
	if err != nil {
		return nil, walHeader{}, fmt.Errorf("open WAL file: %w", err)
	}
	w.size = st.Size()
	var p [walHeaderSize]byte
	if w.size < walHeaderSize {
		return w, walHeader{}, nil
	}
	if _, err := f.ReadAt(p[:], 0); err != nil {
		return nil, walHeader{}, fmt.Errorf("read %s: %w", w.path, err)
	}
	h, ok := parseWALHeader(p[:])
	w.noHeader = !ok || h.seq != seq
	return w, h, nil
}

// replay takes the records of w that count into the index.
func (l *Log) replay(w *walFile, end int64, last bool) error {
	now := loglake.At(l.cfg.Clock())
	scan, err := scanWAL(w.file, w, end, func(pos int64, size int, r *record) error {
		l.apply(w, pos, size, r, now)
		return nil
	})
	if err != nil {
		return err
	}
	w.end, w.bad = scan.end, len(scan.damage) > 0
	if w.noHeader && scan.end > walHeaderSize { // its records were written behind one that was synced
		l.report(&CorruptError{File: w.path, What: "the file's header can't be read: the end of the file before is not known from it"})
	}
	l.bytes += w.end - walHeaderSize
	for _, d := range scan.damage {
		l.report(d)
	}
	if scan.torn {
		l.cfg.OnEvent(Event{Kind: EventTailCut, File: w.path, Offset: scan.end})
	}
	if !last {
		return nil
	}
	l.last = walHeader{seq: w.seq, prevEnd: w.end}
	return l.resync(w, scan)
}

// resync makes the last group commit of the last file durable before anybody sees it: it may have been written and not
// synced. It is written again, because after a sync that failed the system may take pages for clean that are not on the
// disk.
func (l *Log) resync(w *walFile, scan walScan) error {
	from := max(scan.lastBatch, walHeaderSize)
	if l.cfg.Sync == SyncNone || scan.end <= from {
		return nil
	}
	buf := make([]byte, scan.end-from)
	_, err := w.file.ReadAt(buf, from)
	if err == nil {
		_, err = w.file.WriteAt(buf, from)
	}
	if err == nil {
		err = w.file.Sync()
	}
	if err != nil {
		return fmt.Errorf("make the end of %s durable: %w", w.path, err)
	}
	return nil
}

// apply takes one record into the index, unless its events are settled, released or deleted.
func (l *Log) apply(w *walFile, pos int64, size int, r *record, now loglake.Millis) {
	if _, gone := l.deleted[r.journal]; gone {
		return
	}
	j := l.journals[r.journal]
	if j == nil {
		if r.kind == recordDelete {
			l.deleted[r.journal] = w.seq
			return
		}
		j = newJournal(r.journal)
		l.journals[r.journal] = j
	}
	j.listed = true
	switch r.kind {
	case recordDelete:
		l.forget(j, w.seq)
		return
	case recordCreate:
		return
	}
	if r.dedup != "" {
		l.answers.add(&answer{key: keyOf(r.journal, r.dedup), first: r.first, count: r.count, at: r.ingested, reply: slices.Clone(r.reply), file: w.seq}, now)
	}
	if r.spool != "" {
		l.noteSpool(j, r)
	}
	end := r.first + loglake.Offset(r.count)
	if end <= j.settled() {
		return
	}
	if n := len(j.wal); n > 0 && r.first < j.wal[n-1].end() {
		l.report(&CorruptError{File: w.path, Offset: pos, Journal: j.id, From: r.first, To: end, What: "events with offsets that are taken"})
		return
	}
	if r.first > j.head { // those between were acknowledged, and their records can't be read
		j.counted.Accepted += int64(r.first - j.head)
	}
	j.recount(r)
	r.journal = j.id // let go of the scan's buffer
	j.pieceOf(w).put(pos, size, r, nil)
	j.head = max(j.head, end)
}

// settled gives the offset up to which j's events are in segments or released.
func (j *journal) settled() loglake.Offset {
	if n := len(j.runs); n > 0 {
		return max(j.first, j.runs[n-1].end)
	}
	return j.first
}

// checkHeads reports what is missing of each journal.
func (l *Log) checkHeads() {
	for _, j := range l.journals {
		next := j.first
		missing := func(to loglake.Offset) {
			if to > next {
				l.report(&CorruptError{File: l.cfg.Dir, Journal: j.id, From: next, To: to, What: "events are missing"})
			}
		}
		for _, r := range j.runs {
			missing(r.first)
			next = max(next, r.end)
		}
		for _, p := range j.wal {
			for i := range p.entries {
				missing(p.entries[i].first)
				next = max(next, p.entries[i].end())
			}
		}
		missing(j.head)
	}
}
