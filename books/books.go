// Package books puts together what is counted of every event, in one list: the counts of the journals (what became of the
// events that were put), and those of the ledger (what became of the events that delivery streams and routes took). Each
// row is held against its equations when it is read, and says by how much it is out. `loglake ledger`, /v1/ledger, /metrics,
// the page, the SQL relations of the database loglake, and the checker all show these rows: there is no other account.
//
//	Read        the rows of one instant: a state transaction, then the journals
//	row.go      what a row is, and its equations
//	names.go    what people call the journals, producers and sources that are counted
//	minutes.go  sums by the minute of arrival, and batches
//	tables.go   all of these as relations
//
// The journals are read after the state, so a head is never below a position of the same list; what was put in between
// is buffered.
package books

import (
	"cmp"
	"slices"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/state"
)

// RowsMax bounds the rows of a list; one that would have more is refused with CodeLimit.
const RowsMax = 200_000

// Config is what Books are made of. All but RowsMax is required.
type Config struct {
	Journal *journal.Log
	Home    loglake.Home
	// Streams gives the names of the delivery streams that are there.
	Streams func(tx *state.Tx) (map[loglake.ProducerID]loglake.StreamName, error)
	// Direct tells whose records lie in a journal; false where it is a log group's.
	Direct  func(id loglake.JournalID) (loglake.ProducerID, bool)
	RowsMax int // 0: RowsMax
}

// Books reads rows. It may be used from many goroutines.
type Books struct{ cfg Config }

// New makes Books.
func New(cfg Config) *Books {
	if cfg.RowsMax == 0 {
		cfg.RowsMax = RowsMax
	}
	return &Books{cfg}
}

// Query chooses rows. The zero value is all that is there.
type Query struct {
	Group  loglake.GroupName  // of a log group: its own, and those of what reads it or copies into it. "": any
	Stream loglake.StreamName // of a delivery stream and its sources. "": any
	Ended  bool               // also sources that have ended and producers that are deleted
}

func (q Query) wants(r *Row) bool {
	if r.Ended && r.Balanced && !q.Ended {
		return false
	}
	switch {
	case q.Group == "" && q.Stream == "", r.Kind == KindLog: // the log may have lost events of any
		return true
	case q.Group != "" && (r.Group == string(q.Group) || r.Target == string(q.Group)):
		return true
	}
	return q.Stream != "" && r.Stream == string(q.Stream)
}

// Read gives the rows as of a transaction, in the order of kinds and names. What is out of balance is always among them
// unless group or stream exclude it.
func (b *Books) Read(tx *state.Tx, q Query) ([]Row, error) {
	rows, err := b.All(tx)
	if err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(r Row) bool { return !q.wants(&r) })
	if len(rows) > b.cfg.RowsMax {
		return nil, tooMany("accounts", len(rows), b.cfg.RowsMax)
	}
	slices.SortStableFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(order[a.Kind], order[b.Kind]), cmp.Compare(a.Group, b.Group), cmp.Compare(a.Stream, b.Stream), cmp.Compare(a.Filter, b.Filter),
			cmp.Compare(a.Source, b.Source))
	})
	return rows, nil
}

// All gives every row, however many there are, in no order: for those who only look through them.
func (b *Books) All(tx *state.Tx) ([]Row, error) {
	n, err := b.names(tx)
	if err != nil {
		return nil, err
	}
	producers, err := ledger.Producers(tx)
	if err != nil {
		return nil, err
	}
	sources, err := ledger.Sources(tx, "")
	if err != nil {
		return nil, err
	}
	positions, err := position.All(tx, "")
	if err != nil {
		return nil, err
	}
	all, gone, deleted := b.cfg.Journal.AllBooks()
	rows := b.journalRows(n, all)
	if deleted > 0 {
		rows = append(rows, deletedRow(gone, deleted))
	}
	if n := b.cfg.Journal.Unread(); n > 0 {
		rows = append(rows, logRow(n))
	}
	rows = append(rows, streamRows(n, producers, sources)...)
	return append(rows, b.sourceRows(n, sources, positions, all)...), nil
}

func tooMany(what string, n, most int) error {
	return loglake.Errorf(loglake.CodeLimit, "there are %d %s, more than the %d that are shown at once", n, what, most).
		WithHint("ask for one log group or one delivery stream")
}

// journalRows gives a row for each log group and for the records put to each delivery stream, and for each journal of a
// deleted one that is still there.
func (b *Books) journalRows(n *names, all map[loglake.JournalID]journal.Books) (rows []Row) {
	for id, its := range all {
		name, there := n.groups[id]
		r := Row{Kind: KindGroup, Group: string(name), Journal: string(id), Ended: !there}
		if producer, direct := b.cfg.Direct(id); direct {
			r.Kind, r.Stream = KindRecords, string(n.streams[producer])
			r.Ended = r.Stream == ""
		}
		r.journal(its)
		rows = append(rows, r)
	}
	return rows
}

func deletedRow(gone journal.Books, journals int64) Row {
	r := Row{Kind: KindDeleted, Journals: &journals}
	r.journal(gone)
	return r
}

// logRow is that of a write-ahead log of which files hold records that can't be read.
func logRow(files int) (r Row) {
	r.Kind = KindLog
	r.out(1, "records can't be read in %d of the write-ahead log's files, and nobody knows whose events they were. The files are named by the server's log "+
		"and `loglake check`, or lie in journal/wal as *.damaged: put them back from a backup, or move those aside away and start the server again", files)
	return r
}

// streamRows gives a row for each producer that has batches. Routes have none.
func streamRows(n *names, producers []ledger.Producer, sources []ledger.Source) (rows []Row) {
	taken := map[loglake.ProducerID]ledger.Counts{}
	for _, s := range sources {
		sum := taken[s.Producer]
		sum.Add(s.Counts)
		taken[s.Producer] = sum
	}
	for _, p := range producers {
		name, there := n.streams[p.Producer]
		committed := p.Committed.Time()
		r := Row{Kind: KindStream, Stream: string(name), Producer: string(p.Producer), Ended: !there, Batches: &p.Batches, LastCommit: &committed}
		r.counts(p.Counts)
		if p.Detailed == 1 && taken[p.Producer] != p.Counts { // else the books of sources began later
			r.out(p.Counts.Events-taken[p.Producer].Events, "its batches have %s, as its sources have", p.Counts.Against(taken[p.Producer]))
		}
		rows = append(rows, r)
	}
	return rows
}

// sourceRows gives a row for each source that has a position, and for each that had one.
func (b *Books) sourceRows(n *names, sources []ledger.Source, positions []position.Position, all map[loglake.JournalID]journal.Books) (rows []Row) {
	type key struct {
		producer loglake.ProducerID
		source   loglake.SourceID
	}
	at := map[key]position.Position{}
	for _, p := range positions {
		at[key{p.Producer, p.Source}] = p
	}
	add := func(s ledger.Source, p *position.Position) {
		r := n.source(s)
		r.counts(s.Counts)
		r.span(s)
		r.Ended = p == nil
		if p != nil {
			if p.At != s.At {
				r.out(int64(p.At-s.At), "its position is %d and its books end at %d", p.At, s.At)
			}
			its, there := all[s.Journal]
			end := its.Head
			if f, known := n.filters[s.Source]; known && f.Until != loggroup.Open {
				end = min(end, f.Until)
			}
			switch {
			case there || s.At == 0: // nothing may have been put yet
				r.buffered(s.At, end)
			case b.cfg.Journal.Deleted(s.Journal): // after the state was read: a journal goes when nobody reads it
				r.Ended = true
			default:
				r.out(int64(s.At), "it has taken events up to %d, and the journal %s is gone", s.At, s.Journal)
			}
		}
		rows = append(rows, r)
	}
	for _, s := range sources {
		k := key{s.Producer, s.Source}
		if p, there := at[k]; there {
			add(s, &p)
			delete(at, k)
			continue
		}
		add(s, nil)
	}
	for _, p := range at { // nothing was taken yet
		add(ledger.Source{Producer: p.Producer, Source: p.Source, Journal: p.Journal, Began: p.At, At: p.At}, &p)
	}
	return rows
}
