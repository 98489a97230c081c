package journal

import (
	"encoding/binary"

	"github.com/loglake/loglake"
)

// Books is what became of the events put to a journal. Each number is counted where it happens, by adding what was
// appended, what is there and what went, so that an event that got lost or came twice shows:
//
//	Accepted = Head                              each offset was given to one event
//	Accepted = Retained + Released + Deleted     each event is somewhere
//
// Accepted, Bytes and Late are counted from the records of the WAL, when they are on the disk and again when a start reads
// them; Released when Release lets blocks go, Deleted when the journal is deleted, Retained is what the index of segments
// and WAL files holds (and what Check finds in their blocks). Before a WAL file is given up the counts of its records are in the
// listing, with the offsets up to which they were counted. So nothing is written per put, and a crash forgets nothing of
// these: what the listing does not have is in the WAL. Released alone goes back by a crash to where it was when the listing
// was written, as First does, and with it the events are retained again.
//
// Turned holds no event that is in a journal, so no equation has it. It is kept in memory and written with the listing: when
// a WAL file is settled, when segments are removed, and by Keep. A crash forgets what was turned away since.
type Books struct {
	Accepted int64 // events that were acknowledged
	Bytes    int64 // of their messages
	Late     int64 // of Accepted: older than their arrival by more than loglake.LateAfter
	Retained int64 // events that are kept
	Released int64 // events that Release let go
	Deleted  int64 // events that went with their journal
	Head     loglake.Offset
	Turned   Turned
}

// Difference is how many of the accepted events the books can't account for: more than 0 where some are missing, less
// where there are more than were put.
func (b Books) Difference() int64 {
	if d := int64(b.Head) - b.Accepted; d != 0 {
		return d
	}
	return b.Accepted - b.Retained - b.Released - b.Deleted
}

// Turned counts events that were offered and not stored.
type Turned struct {
	Repeated int64 // they are there already: a call was repeated (D15), or a spool brought what it had brought before
	TooNew   int64 // too far in the future
	TooOld   int64 // too far in the past
	Expired  int64 // older than the group's retention
}

func (t *Turned) add(o Turned) {
	t.Repeated += o.Repeated
	t.TooNew += o.TooNew
	t.TooOld += o.TooOld
	t.Expired += o.Expired
}

func (b *Books) add(o Books) {
	b.Accepted += o.Accepted
	b.Bytes += o.Bytes
	b.Late += o.Late
	b.Retained += o.Retained
	b.Released += o.Released
	b.Deleted += o.Deleted
	b.Head += o.Head
	b.Turned.add(o.Turned)
}

// accept counts a put.
func (b *Books) accept(r *record, late int64) {
	b.Accepted += int64(r.count)
	b.Bytes += int64(r.split)
	b.Late += late
}

// books gives j's books as they are now. The caller holds Log.mu.
func (j *journal) books() Books {
	b := j.counted
	b.Head = j.head
	for _, r := range j.runs {
		b.Retained += max(0, int64(r.end-max(r.first, j.first)))
	}
	for _, p := range j.wal {
		b.Retained += p.live
	}
	return b
}

// Books gives the books of a journal; all zero for an unknown one.
func (l *Log) Books(id loglake.JournalID) Books {
	l.mu.Lock()
	defer l.mu.Unlock()
	if j := l.journals[id]; j != nil {
		return j.books()
	}
	return Books{}
}

// AllBooks gives the books of all journals at one instant, and those of the deleted ones together with how many they are.
func (l *Log) AllBooks() (all map[loglake.JournalID]Books, gone Books, deleted int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	all = make(map[loglake.JournalID]Books, len(l.journals))
	for id, j := range l.journals {
		if j.listed {
			all[id] = j.books()
		}
	}
	return all, l.gone, l.goneJournals
}

// Unread gives how many files of the WAL hold records that can't be read, those put aside among them. Where no later record of
// the same journal tells of a gap, nobody knows whose events those were, and no journal's books lack them.
func (l *Log) Unread() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.aside
	for _, w := range l.sealed {
		if w.bad {
			n++
		}
	}
	return n
}

// bury adds the books of a journal that is deleted to those of the deleted. The caller holds mu.
func (l *Log) bury(j *journal) {
	b := j.books()
	b.Deleted, b.Retained = b.Retained, 0
	l.gone.add(b)
	l.goneJournals++
}

// Turn counts events that were offered to a journal and turned away.
func (l *Log) Turn(id loglake.JournalID, t Turned) {
	if t == (Turned{}) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if j := l.journals[id]; j != nil {
		j.counted.Turned.add(t)
		l.turns++
	}
}

// Keep writes down what was turned away, if anything was since the last time. It is to be called now and then, and
// before Close.
func (l *Log) Keep() error {
	l.settleM.Lock()
	defer l.settleM.Unlock()
	l.mu.Lock()
	if l.turns == l.keptTurns {
		l.mu.Unlock()
		return nil
	}
	rows := l.listingRows()
	l.mu.Unlock()
	return l.writeListing(rows)
}

// lateOf counts the late events of a block.
func lateOf(b *Block) (late int64) {
	if !loglake.Late(b.MinTime, b.Ingested) {
		return 0
	}
	for _, e := range b.Events() {
		if loglake.Late(e.Timestamp, e.Ingested) {
			late++
		}
	}
	return late
}

// recount counts a record that a start found in the WAL, unless the listing has it.
func (j *journal) recount(r *record) {
	if r.first < j.listedTo {
		return
	}
	late := int64(0)
	if loglake.Late(r.minT, r.ingested) {
		if b, err := r.block(); err == nil { // one that can't be read is met by whoever reads it
			late = lateOf(b)
		}
	}
	j.counted.accept(r, late)
}

// appendBooks and cursor.books are the counts in the listing; what is retained follows from the files.
func appendBooks(dst []byte, b *Books) []byte {
	t := &b.Turned
	for _, n := range [...]int64{b.Accepted, b.Bytes, b.Late, b.Released, b.Deleted, t.Repeated, t.TooNew, t.TooOld, t.Expired} {
		dst = binary.AppendUvarint(dst, uint64(n))
	}
	return dst
}

func (c *cursor) books() (b Books) {
	t := &b.Turned
	for _, n := range [...]*int64{&b.Accepted, &b.Bytes, &b.Late, &b.Released, &b.Deleted, &t.Repeated, &t.TooNew, &t.TooOld, &t.Expired} {
		*n = int64(c.uvarint())
	}
	return b
}
