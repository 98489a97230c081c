package journal

import (
	"fmt"
	"path/filepath"

	"github.com/loglake/loglake"
)

// commit writes batch, syncs, and makes it known. It is called by the leader.
func (l *Log) commit(batch []*waiter) error {
	var size int64
	for _, w := range batch {
		size += int64(len(w.bytes))
	}
	if l.active != nil && l.active.end+size > l.cfg.WALBytes && l.active.end > walHeaderSize {
		l.seal()
	}
	if l.active == nil {
		if err := l.begin(); err != nil {
			return l.writeFailed(err)
		}
	}
	w := l.active
	buf := l.arrange(batch)
	if n := l.forgotten; n > 0 {
		l.forgotten = 0
		l.cfg.OnEvent(Event{Kind: EventSpoolsForgotten, Count: n})
	}
	_, err := w.file.WriteAt(buf, w.end)
	if err == nil {
		err = l.sync(w.file)
	}
	if err != nil {
		l.cfg.OnEvent(Event{Kind: EventFileFailed, File: w.path, Offset: w.end, Err: err})
		l.seal()
		return l.writeFailed(fmt.Errorf("write %s: %w", w.path, err))
	}
	l.publish(batch)
	return nil
}

// seal ends the active file where the last good sync left it. The next file's header says so; nothing more is written.
func (l *Log) seal() {
	w := l.active
	l.last = walHeader{seq: w.seq, prevEnd: w.end}
	l.mu.Lock()
	l.active = nil // with the next line: the settler must find the file in one place or the other
	l.sealed = append(l.sealed, w)
	l.mu.Unlock()
	l.wakeSettler()
}

// begin opens the next WAL file.
func (l *Log) begin() error {
	l.mu.Lock()
	l.nextSeq++
	seq := l.nextSeq
	l.mu.Unlock()
	w, err := l.walStart(walHeader{seq: seq, prev: l.last.seq, prevEnd: l.last.prevEnd}, l.takeSpare())
	if err != nil {
		return err
	}
	l.mu.Lock()
	l.active = w
	l.mu.Unlock()
	return nil
}

// writeFailed says what a failed write means to those who waited, and turns to refusing puts when the disk is full.
func (l *Log) writeFailed(err error) error {
	if !diskFull(err) {
		return &loglake.Error{
			Code: loglake.CodeUnavailable, Err: err,
			Message: "The journal could not be written: the put was not acknowledged and may be tried again.",
		}
	}
	l.dropSpares()
	if !l.full.Swap(true) {
		l.cfg.OnEvent(Event{Kind: EventDiskFull, File: filepath.Dir(l.walDir), Err: err})
	}
	return errFull(err)
}

// arrange gives the batch its offsets and its bytes in one piece, and refuses puts to deleted journals, those of spools
// that are beyond them, and those that depend on a put that was not stored.
func (l *Log) arrange(batch []*waiter) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, b := range batch {
		if j := l.journals[b.rec.journal]; j != nil {
			j.next = j.head
		} else if _, ok := l.deleted[b.rec.journal]; !ok {
			l.journals[b.rec.journal] = newJournal(b.rec.journal)
		}
	}
	w, buf := l.active, l.batch[:0]
	var spools advances
	for _, b := range batch {
		j := l.journals[b.rec.journal]
		switch {
		case j == nil:
			b.refused = errDeleted(b.rec.journal)
		case b.prev != nil && (b.prev.refused != nil || b.prev.err != nil):
			b.refused = errBefore
		case b.rec.spool != "":
			b.refused = l.advance(&spools, j, b)
		}
		if b.refused != nil {
			continue
		}
		b.rec.first = j.next
		j.next += loglake.Offset(b.rec.count)
		sealRecord(b.bytes, w.seed, b.rec.first, uint32(w.end))
		buf = append(buf, b.bytes...)
	}
	l.batch = buf[:0]
	if cap(buf) > 2*batchBytesMax {
		l.batch = nil
	}
	return buf
}

// publish makes a batch that is on the disk known to readers.
func (l *Log) publish(batch []*waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w, now := l.active, loglake.At(l.cfg.Clock())
	before := w.end
	for _, b := range batch {
		if b.refused != nil {
			continue
		}
		pos := w.end
		w.end += int64(len(b.bytes))
		j := l.journals[b.rec.journal]
		j.listed = true
		switch b.rec.kind {
		case recordDelete:
			l.forget(j, w.seq)
		case recordPut:
			b.block.First = b.rec.first
			p := j.pieceOf(w)
			p.put(pos, len(b.bytes), &b.rec, b.block)
			j.counted.accept(&b.rec, b.late)
			j.head = b.rec.first + loglake.Offset(b.rec.count)
			l.recent.add(p)
			if b.rec.spool != "" {
				l.noteSpool(j, &b.rec)
			}
			if b.once {
				l.answers.add(&answer{key: b.key, first: b.rec.first, count: b.rec.count, at: b.rec.ingested, reply: b.rec.reply, file: w.seq}, now)
			}
			l.notify(j.id)
		}
	}
	l.bytes += w.end - before
	if half := l.cfg.WALBytes / 2; before < half && w.end >= half {
		l.wakeSettler() // a spare will be wanted
	}
}

// notify wakes those who wait for id. The caller holds mu.
func (l *Log) notify(id loglake.JournalID) {
	if ch := l.watch[id]; ch != nil {
		close(ch)
		delete(l.watch, id)
	}
}

// forget lets go of all of j, of which files up to WAL file seq may hold records. The caller holds mu.
func (l *Log) forget(j *journal, seq uint64) {
	for _, r := range j.runs {
		r.dead = true
	}
	l.bury(j)
	l.dropSpools(j)
	delete(l.journals, j.id)
	l.deleted[j.id] = seq
	l.notify(j.id)
	l.wakeSettler()
}
