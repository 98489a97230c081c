package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"slices"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
)

// The listing is the file that says which journals there are and where each begins and ends, so that a journal whose
// events are all released or in a WAL file that is used again goes on at the right offset. It also names deleted
// journals while there are still bytes of them.
//
// It holds the books up to those heads, too. The first form had none: what it lists began at offset 0 and is taken as counted.
const (
	listingMagic      = "LLJRN002"
	listingMagicFirst = "LLJRN001"
)

type listing struct {
	rows         []listed
	gone         Books // of deleted journals
	goneJournals int64
	turns        int64 // not in the file: what of Log.turns it holds
}

type listed struct {
	id          loglake.JournalID
	first, head loglake.Offset
	deletedIn   uint64 // WAL file; 0: not deleted
	books       Books
}

func encodeListing(l listing) []byte {
	b := binary.AppendUvarint([]byte(listingMagic), uint64(l.goneJournals))
	b = binary.AppendUvarint(appendBooks(b, &l.gone), uint64(l.gone.Head))
	b = binary.AppendUvarint(b, uint64(len(l.rows)))
	for _, r := range l.rows {
		b = appendText(b, r.id)
		b = binary.AppendUvarint(b, uint64(r.first))
		b = binary.AppendUvarint(b, uint64(r.head))
		b = binary.AppendUvarint(b, r.deletedIn)
		b = appendBooks(b, &r.books)
	}
	return seal(b)
}

func decodeListing(b []byte) (l listing, ok bool) {
	c, ok := unseal(b, listingMagic)
	if !ok {
		return decodeFirstListing(b)
	}
	l.goneJournals, l.gone = int64(c.uvarint()), c.books()
	l.gone.Head = loglake.Offset(c.uvarint())
	l.rows = make([]listed, c.count(13))
	for i := range l.rows {
		r := &l.rows[i]
		r.id, r.first, r.head, r.deletedIn = loglake.JournalID(c.text()), loglake.Offset(c.uvarint()), loglake.Offset(c.uvarint()), c.uvarint()
		r.books = c.books()
	}
	return l, !c.bad && len(c.b) == 0
}

func decodeFirstListing(b []byte) (l listing, ok bool) {
	c, ok := unseal(b, listingMagicFirst)
	if !ok {
		return l, false
	}
	l.rows = make([]listed, c.count(4))
	for i := range l.rows {
		r := &l.rows[i]
		r.id, r.first, r.head, r.deletedIn = loglake.JournalID(c.text()), loglake.Offset(c.uvarint()), loglake.Offset(c.uvarint()), c.uvarint()
		r.books = Books{Accepted: int64(r.head), Released: int64(r.first)}
	}
	return l, !c.bad && len(c.b) == 0
}

// seal appends the checksum that unseal verifies.
func seal(b []byte) []byte {
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

func unseal(b []byte, magic string) (*cursor, bool) {
	n := len(b) - 4
	if n < len(magic) || string(b[:len(magic)]) != magic || crc32.Checksum(b[:n], castagnoli) != binary.LittleEndian.Uint32(b[n:]) {
		return nil, false
	}
	return &cursor{b: b[len(magic):n]}, true
}

// listingRows gives where the journals stand. The caller holds mu.
func (l *Log) listingRows() listing {
	rows := make([]listed, 0, len(l.journals)+len(l.deleted))
	for id, j := range l.journals {
		if j.listed {
			rows = append(rows, listed{id: id, first: j.first, head: j.head, books: j.counted})
		}
	}
	l.dropTombstones()
	for id, seq := range l.deleted {
		rows = append(rows, listed{id: id, deletedIn: seq})
	}
	return listing{rows: rows, gone: l.gone, goneJournals: l.goneJournals, turns: l.turns}
}

// writeListing makes rows durable. The caller holds settleM.
func (l *Log) writeListing(rows listing) error {
	if err := l.replaceFile(l.listing, encodeListing(rows)); err != nil {
		return fmt.Errorf("write the list of journals: %w", err)
	}
	l.mu.Lock()
	l.keptTurns = rows.turns
	l.mu.Unlock()
	return nil
}

// dropTombstones forgets deleted journals of which nothing is left that recovery could find. The caller holds
// settleM and mu.
func (l *Log) dropTombstones() {
	if len(l.deleted) == 0 || l.untidy {
		return
	}
	oldest := l.nextSeq + 1
	if l.active != nil {
		oldest = l.active.seq
	}
	if len(l.sealed) > 0 {
		oldest = l.sealed[0].seq
	}
	left := map[loglake.JournalID]bool{}
	for s := range l.segments {
		for _, r := range s.runs {
			left[r.journal] = true
		}
	}
	for id, seq := range l.deleted {
		if seq < oldest && !left[id] {
			delete(l.deleted, id)
		}
	}
}

func (l *Log) replaceFile(path string, b []byte) error {
	if l.cfg.Sync == SyncNone {
		f, err := disk.Create(l.fs, path+tempSuffix)
		if err != nil {
			return err
		}
		_, err = f.Write(b)
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return err
		}
		return l.fs.Rename(path+tempSuffix, path)
	}
	return disk.WriteFile(l.fs, path, b)
}

func (l *Log) readListing() error {
	b, err := disk.ReadFile(l.fs, l.listing)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the list of journals: %w", err)
	}
	list, ok := decodeListing(b)
	if !ok {
		if newer(b, listingMagic) {
			return errNewer(l.listing)
		}
		return &CorruptError{File: l.listing, What: "the list of journals can't be read; without it, journals could go on at a wrong offset"}
	}
	l.gone, l.goneJournals = list.gone, list.goneJournals
	for _, r := range list.rows {
		if r.deletedIn != 0 {
			l.deleted[r.id] = r.deletedIn
			continue
		}
		j := newJournal(r.id)
		j.first, j.head, j.listed = r.first, r.head, true
		j.counted, j.listedTo = r.books, r.head
		l.journals[r.id] = j
	}
	return nil
}

// Answers files keep the answers to puts with a Dedup id (D15) of WAL files that were settled within DedupWindow.
const (
	answersMagic  = "LLANS001"
	answersSuffix = ".answers"
)

func encodeAnswers(as []*answer) []byte {
	b := binary.AppendUvarint([]byte(answersMagic), uint64(len(as)))
	for _, a := range as {
		b = append(b, a.key[:]...)
		b = binary.AppendUvarint(b, uint64(a.first))
		b = binary.AppendUvarint(b, uint64(a.count))
		b = binary.AppendVarint(b, int64(a.at))
		b = appendText(b, string(a.reply))
	}
	return seal(b)
}

func decodeAnswers(b []byte) ([]*answer, bool) {
	c, ok := unseal(b, answersMagic)
	if !ok {
		return nil, false
	}
	as := make([]*answer, c.count(20))
	for i := range as {
		a := &answer{}
		copy(a.key[:], c.bytes(16))
		a.first, a.count, a.at = loglake.Offset(c.uvarint()), int(c.uvarint()), loglake.Millis(c.varint())
		a.reply = c.bytes(c.uvarint())
		as[i] = a
	}
	return as, !c.bad && len(c.b) == 0
}

// of gives the answers of puts in WAL file seq that still count.
func (a *answers) of(seq uint64, now loglake.Millis) (as []*answer) {
	for _, e := range a.ring[a.head:] {
		if e.file == seq && !e.expired(now) {
			as = append(as, e)
		}
	}
	return as
}

// keepAnswers makes the answers of w's puts outlive w.
func (l *Log) keepAnswers(w *walFile) error {
	l.mu.Lock()
	as := l.answers.of(w.seq, loglake.At(l.cfg.Clock()))
	l.mu.Unlock()
	if len(as) == 0 {
		return nil
	}
	f := &answersFile{path: l.ansDir + string(os.PathSeparator) + walName(w.seq, answersSuffix)}
	for _, a := range as {
		f.last = max(f.last, a.at)
	}
	if err := l.replaceFile(f.path, encodeAnswers(as)); err != nil {
		return fmt.Errorf("keep answers of %s: %w", w.path, err)
	}
	l.kept = append(slices.DeleteFunc(l.kept, func(o answersFile) bool { return o.path == f.path }), *f)
	return nil
}

type answersFile struct {
	path string
	last loglake.Millis // of the newest answer in it
}

// dropAnswers removes the files whose answers don't count any more. The caller holds settleM.
func (l *Log) dropAnswers() {
	now := loglake.At(l.cfg.Clock())
	l.kept = slices.DeleteFunc(l.kept, func(f answersFile) bool {
		old := answer{at: f.last}
		if !old.expired(now) {
			return false
		}
		err := l.fs.Remove(f.path)
		return err == nil || errors.Is(err, fs.ErrNotExist) // else it is tried again
	})
}
