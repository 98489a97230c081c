package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
)

// Spool is the part of a client's spool that a put holds (D15). A spool is a sequence of events with positions; of each
// the journal keeps the position after the last one that it has, with the events themselves: the record of a put has
// both, so there is no instant at which one is durable and the other is not. Whether a put is a repeat is decided by the
// writer, in the order of the WAL. So however often and however cut a client sends its events, over its own crashes and
// those of the server, each is stored once.
//
// The positions outlive their WAL files in a file that is written before one is given up. A spool is remembered as
// long as its journal, unless there are more than Config.SpoolsMax: then those unused for SpoolIdle are forgotten, and
// a put of a new spool is refused with CodeLimit when there are none. A put of a spool that is not known, in a journal
// that has forgotten some, is refused with CodeConflict unless it begins at position 0: which of its events are there can't
// be told. (One that begins at 0 can't be told from a new one: a client that comes back after SpoolIdle with a first put
// that it never saw answered may have it stored again. The event about forgotten spools says that this is possible.)
type Spool struct {
	ID       string // at most SpoolBytesMax bytes. One that begins with ':' is the server's own: it is never forgotten
	From, To int64  // the positions of the put's events, and of those between them that are not to be stored; From < To
	Sum      uint64 // what the client wants to be told with the position To: a checksum of what it has sent. 0: nothing
}

// mark is where a spool stands.
type mark struct {
	next int64
	sum  uint64         // of its last put
	used loglake.Millis // ingestion time of its last put
}

const spoolIdleDays = int(SpoolIdle / (24 * time.Hour))

// own tells whether a spool is the server's.
func own(id string) bool { return strings.HasPrefix(id, ":") }

var (
	errStale  = errors.New("the put begins below its spool's position")
	errBefore = loglake.Errorf(loglake.CodeUnavailable, "A put before this one was not stored, so this one is not either.")
)

// Position gives the position that a spool is expected to go on at; 0 where it is not known. All below it is on the disk
// or was left out on purpose.
func (l *Log) Position(id loglake.JournalID, spool string) int64 {
	next, _ := l.Standing(id, spool)
	return next
}

// Standing gives the position of a spool as Position does, with the Sum of the put that brought it there.
func (l *Log) Standing(id loglake.JournalID, spool string) (next int64, sum uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if j := l.journals[id]; j != nil {
		m := j.spools[spool]
		return m.next, m.sum
	}
	return 0, 0
}

// advances are the positions that spools will have when a group commit is on the disk.
type advances map[advanced]int64

type advanced struct {
	journal *journal
	spool   string
}

// advance moves the spool of b's put within a group commit, or says why the put is not to be stored. The caller holds mu
// and is the writer.
func (l *Log) advance(in *advances, j *journal, b *waiter) error {
	at := advanced{j, b.rec.spool}
	next, known := (*in)[at]
	if !known {
		var m mark
		m, known = j.spools[at.spool]
		next = m.next
	}
	if b.from < next {
		return errStale
	}
	if !known && !own(at.spool) {
		if err := l.admitSpool(j, b.from); err != nil {
			return err
		}
	}
	if *in == nil {
		*in = advances{}
	}
	(*in)[at] = b.rec.position
	return nil
}

// admitSpool says why a spool that is not known can't begin at a position.
func (l *Log) admitSpool(j *journal, from int64) error {
	if j.forgot && from > 0 {
		return loglake.Errorf(loglake.CodeConflict, "The spool is not known, and spools unused for %d days were forgotten: "+
			"whether events before position %d are stored can't be told. Nothing was stored.", spoolIdleDays, from).
			WithHint("a new spool begins at position 0; send what is left under another spool id from position 0")
	}
	if l.spools >= l.cfg.SpoolsMax {
		l.forgetSpools()
	}
	if l.spools >= l.cfg.SpoolsMax {
		return loglake.Errorf(loglake.CodeLimit, "The positions of %d spools are remembered, the limit, and each was used within %d days: nothing was stored.",
			l.spools, spoolIdleDays).WithHint("delete log groups that are not needed, or put without a spool")
	}
	return nil
}

// forgetSpools forgets the spools that were not used for SpoolIdle. The caller holds mu and is the writer.
func (l *Log) forgetSpools() {
	now := loglake.At(l.cfg.Clock())
	if now-l.swept < loglake.Millis(spoolSweepEvery.Milliseconds()) && now >= l.swept {
		return
	}
	l.swept = now
	for _, j := range l.journals {
		for id, m := range j.spools {
			if !own(id) && m.used+loglake.Millis(SpoolIdle.Milliseconds()) < now {
				delete(j.spools, id)
				j.forgot = true
				l.moves++
				l.spools--
				l.forgotten++
			}
		}
	}
}

// noteSpool takes the position in a record that is on the disk. Records come in the order of the WAL, and the last one
// counts, also where it is lower: then the spool was forgotten and began again. The caller holds mu.
func (l *Log) noteSpool(j *journal, r *record) {
	l.placeSpool(j, r.spool, mark{r.position, r.sum, r.ingested})
	l.moves++
}

func (l *Log) placeSpool(j *journal, id string, m mark) {
	if j.spools == nil {
		j.spools = map[string]mark{}
	}
	if _, known := j.spools[id]; !known && !own(id) {
		l.spools++
	}
	j.spools[id] = m
}

// dropSpools forgets the spools of a journal that is deleted. The caller holds mu.
func (l *Log) dropSpools(j *journal) {
	for id := range j.spools {
		if !own(id) {
			l.spools--
		}
	}
	if j.spools != nil || j.forgot {
		l.moves++
	}
	j.spools = nil
}

// The spools file says where spools stood when it was written: each WAL file given up since held positions below.
const spoolsMagic = "LLSPL001"

type spoolRow struct {
	journal loglake.JournalID
	forgot  bool
	ids     []string
	marks   []mark
}

// spoolRows gives the content of the spools file, nil where it is right already. The caller holds mu.
func (l *Log) spoolRows() (rows []spoolRow, moves int64) {
	if l.moves == l.keptMoves {
		return nil, l.moves
	}
	rows = []spoolRow{}
	for id, j := range l.journals {
		if len(j.spools) == 0 && !j.forgot {
			continue
		}
		row := spoolRow{journal: id, forgot: j.forgot, ids: make([]string, 0, len(j.spools)), marks: make([]mark, 0, len(j.spools))}
		for spool, m := range j.spools {
			row.ids, row.marks = append(row.ids, spool), append(row.marks, m)
		}
		rows = append(rows, row)
	}
	return rows, l.moves
}

// keepSpools makes rows outlive the WAL files that they are from. The caller holds settleM.
func (l *Log) keepSpools(rows []spoolRow, moves int64) error {
	if rows == nil {
		return nil
	}
	if err := l.replaceFile(l.spoolFile, encodeSpools(rows)); err != nil {
		return fmt.Errorf("keep the positions of spools: %w", err)
	}
	l.mu.Lock()
	l.keptMoves = moves
	l.mu.Unlock()
	return nil
}

func encodeSpools(rows []spoolRow) []byte {
	b := binary.AppendUvarint([]byte(spoolsMagic), uint64(len(rows)))
	for _, r := range rows {
		b = appendText(b, r.journal)
		forgot := uint64(0)
		if r.forgot {
			forgot = 1
		}
		b = binary.AppendUvarint(b, forgot)
		b = binary.AppendUvarint(b, uint64(len(r.ids)))
		for i, id := range r.ids {
			b = appendText(b, id)
			b = binary.AppendUvarint(b, uint64(r.marks[i].next))
			b = binary.AppendUvarint(b, r.marks[i].sum)
			b = binary.AppendVarint(b, int64(r.marks[i].used))
		}
	}
	return seal(b)
}

func decodeSpools(b []byte) ([]spoolRow, bool) {
	c, ok := unseal(b, spoolsMagic)
	if !ok {
		return nil, false
	}
	rows := make([]spoolRow, c.count(3))
	for i := range rows {
		r := &rows[i]
		r.journal = loglake.JournalID(c.text())
		r.forgot = c.uvarint() != 0
		r.ids = make([]string, c.count(4))
		r.marks = make([]mark, len(r.ids))
		for k := range r.ids {
			r.ids[k] = c.text()
			r.marks[k] = mark{next: int64(c.uvarint()), sum: c.uvarint(), used: loglake.Millis(c.varint())}
		}
	}
	return rows, !c.bad && len(c.b) == 0
}

// readSpools takes up the positions of WAL files that are given up. The listing was written before them, so a journal that
// is not known was deleted since.
func (l *Log) readSpools() error {
	b, err := disk.ReadFile(l.fs, l.spoolFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the positions of spools: %w", err)
	}
	rows, ok := decodeSpools(b)
	if !ok {
		if newer(b, spoolsMagic) {
			return errNewer(l.spoolFile)
		}
		return &CorruptError{File: l.spoolFile, What: "the positions of spools can't be read; without them, clients could store events again"}
	}
	for _, r := range rows {
		j := l.journals[r.journal]
		if j == nil {
			continue
		}
		j.forgot = r.forgot
		for i, id := range r.ids {
			l.placeSpool(j, id, r.marks[i])
		}
	}
	return nil
}
