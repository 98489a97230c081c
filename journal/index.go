package journal

import (
	"cmp"
	"slices"

	"github.com/loglake/loglake"
)

// journal is where the events of one journal lie: runs in segments, then pieces of WAL files. Guarded by Log.mu; next is
// the writer's.
type journal struct {
	id    loglake.JournalID
	first loglake.Offset // the oldest kept
	head  loglake.Offset // after the newest durable
	next  loglake.Offset // after the newest that is being written
	runs  []*run         // in order of offsets, none below first
	wal   []*piece       // in order of files, after all runs

	spools map[string]mark // by id; nil: none
	forgot bool            // a spool was forgotten: one that is not known may be one of those

	counted  Books          // what was counted so far; without what is retained, see books
	listedTo loglake.Offset // below it the listing has counted what recovery finds in the WAL

	listed bool           // known to be on the disk: a put or a create was synced
	floor  loglake.Offset // as Release was told last
	cutoff loglake.Millis
}

func newJournal(id loglake.JournalID) *journal { return &journal{id: id} }

// piece is what one WAL file holds of a journal.
type piece struct {
	file    *walFile
	entries []entry // in order of offsets
	dead    int     // released entries at the beginning
	live    int64   // events of the other entries
	streams []streamCount
	byName  map[loglake.LogStreamName]uint32
}

// entry is one put in a WAL file.
type entry struct {
	first      loglake.Offset
	count      uint32
	pos, size  uint32 // of the record in the file
	stream     uint32 // in piece.streams
	minT, maxT loglake.Millis
	ingested   loglake.Millis
	block      *Block // while it is among the recent ones
}

func (e *entry) end() loglake.Offset { return e.first + loglake.Offset(e.count) }

// streamCount is one log stream's part of a run or a piece.
type streamCount struct {
	name loglake.LogStreamName
	stat StreamStat
}

// StreamStat is about the events of one log stream that are kept, counted by whole segments and WAL files.
type StreamStat struct {
	FirstTime, LastTime loglake.Millis // of the events' timestamps
	LastIngested        loglake.Millis
	Count               int64
	Bytes               int64 // of messages
}

func (s *StreamStat) add(o StreamStat) {
	if s.Count == 0 {
		s.FirstTime, s.LastTime = o.FirstTime, o.LastTime
	}
	s.FirstTime, s.LastTime = min(s.FirstTime, o.FirstTime), max(s.LastTime, o.LastTime)
	s.LastIngested = max(s.LastIngested, o.LastIngested)
	s.Count += o.Count
	s.Bytes += o.Bytes
}

// put notes a record of p's file.
func (p *piece) put(pos int64, size int, r *record, b *Block) {
	i, ok := p.byName[r.stream]
	if !ok {
		i = uint32(len(p.streams))
		p.streams = append(p.streams, streamCount{name: r.stream})
		if p.byName == nil {
			p.byName = map[loglake.LogStreamName]uint32{}
		}
		p.byName[r.stream] = i
	}
	p.streams[i].stat.add(StreamStat{FirstTime: r.minT, LastTime: r.maxT, LastIngested: r.ingested, Count: int64(r.count), Bytes: int64(r.split)})
	p.live += int64(r.count)
	p.entries = append(p.entries, entry{
		first: r.first, count: uint32(r.count), pos: uint32(pos), size: uint32(size),
		stream: i, minT: r.minT, maxT: r.maxT, ingested: r.ingested, block: b,
	})
}

func (p *piece) end() loglake.Offset { return p.entries[len(p.entries)-1].end() }

// bytes is what the live entries take in the file.
func (p *piece) bytes() (n int64) {
	for i := p.dead; i < len(p.entries); i++ {
		n += int64(p.entries[i].size)
	}
	return n
}

// pieceOf gives the piece of j in w, made if it is missing. w is the newest file that j is in.
func (j *journal) pieceOf(w *walFile) *piece {
	if n := len(j.wal); n > 0 && j.wal[n-1].file == w {
		return j.wal[n-1]
	}
	p := &piece{file: w}
	j.wal = append(j.wal, p)
	return p
}

// release lets go of the oldest blocks as far as floor and cutoff allow, and gives the runs that nobody needs any more.
func (j *journal) release() (dead []*run) {
	goes := func(end loglake.Offset, newest loglake.Millis) bool { return end <= j.floor && newest < j.cutoff }
	for len(j.runs) > 0 && goes(j.runs[0].end, j.runs[0].newest()) {
		j.counted.Released += max(0, int64(j.runs[0].end-max(j.runs[0].first, j.first))) // it may have been released while it was settled
		j.first = max(j.first, j.runs[0].end)
		dead = append(dead, j.runs[0])
		j.runs = j.runs[1:]
	}
	if len(j.runs) > 0 {
		return dead
	}
	for _, p := range j.wal {
		for p.dead < len(p.entries) {
			e := &p.entries[p.dead]
			if !goes(e.end(), newestOf(e.maxT, e.ingested)) {
				return dead
			}
			j.counted.Released += int64(e.count)
			p.live -= int64(e.count)
			j.first = max(j.first, e.end())
			e.block = nil
			p.dead++
		}
	}
	return dead
}

// newestOf gives the time that Release goes by, of events with a latest timestamp and a latest ingestion.
func newestOf(maxT, ingested loglake.Millis) loglake.Millis {
	return max(ingested, min(maxT, ingested+loglake.Millis(AheadMax.Milliseconds())))
}

// from gives the place of the first element of s whose end is after o.
func from[T any](s []T, o loglake.Offset, end func(T) loglake.Offset) int {
	i, _ := slices.BinarySearchFunc(s, o, func(e T, o loglake.Offset) int {
		return cmp.Or(cmp.Compare(end(e), o), -1) // equal is not after
	})
	return i
}

// recent bounds the memory of the blocks that entries hold: the oldest are let go first.
type recent struct {
	max   int64
	bytes int64
	ring  []recentBlock
	head  int
}

type recentBlock struct {
	piece *piece
	entry int
	bytes int64
}

// add notes that the last entry of p holds its block. The caller holds Log.mu.
func (r *recent) add(p *piece) {
	i := len(p.entries) - 1
	n := p.entries[i].block.memory()
	r.ring = append(r.ring, recentBlock{p, i, n})
	r.bytes += n
	for r.bytes > r.max && r.head < len(r.ring) {
		old := &r.ring[r.head]
		old.piece.entries[old.entry].block = nil
		r.bytes -= old.bytes
		*old = recentBlock{}
		r.head++
	}
	if r.head > 1024 && r.head > len(r.ring)/2 {
		r.ring = slices.Delete(r.ring, 0, r.head)
		r.head = 0
	}
}
