package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
)

// ScanRange chooses blocks. The zero value is all there is.
type ScanRange struct {
	From, To         loglake.Offset // To: the first offset not wanted; 0: the head when the scan begins
	MinTime, MaxTime loglake.Millis // both wanted; 0: no bound
	Streams          []loglake.LogStreamName

	// AroundDamage leaves damaged places out, and has each told to Config.OnEvent once. Otherwise one ends the scan.
	AroundDamage bool
}

// wanted is what a reader asks for.
type wanted struct {
	minT, maxT loglake.Millis
	streams    map[loglake.LogStreamName]bool // nil: all
}

var all = wanted{minT: math.MinInt64, maxT: math.MaxInt64}

func (r ScanRange) wanted() wanted {
	w := all
	if r.MinTime != 0 {
		w.minT = r.MinTime
	}
	if r.MaxTime != 0 {
		w.maxT = r.MaxTime
	}
	if len(r.Streams) > 0 {
		w.streams = map[loglake.LogStreamName]bool{}
		for _, s := range r.Streams {
			w.streams[s] = true
		}
	}
	return w
}

func (w *wanted) time(minT, maxT loglake.Millis) bool { return maxT >= w.minT && minT <= w.maxT }

func (w *wanted) stream(s loglake.LogStreamName) bool { return w.streams == nil || w.streams[s] }

func (w *wanted) page(r *run, p *page) bool {
	if !w.time(p.minT, p.maxT) {
		return false
	}
	if w.streams == nil {
		return true
	}
	if p.streams == nil {
		for i := range r.streams {
			if w.streams[r.streams[i].name] {
				return true
			}
		}
		return false
	}
	for _, i := range p.streams {
		if w.streams[r.streams[i].name] {
			return true
		}
	}
	return false
}

// item is one thing to read: a page, a put in a WAL file, or a hole where there should have been one.
type item struct {
	run   *run
	page  *page
	file  *walFile // holds a reference that load gives back
	entry entry
	hole  error
}

const scanBytes = 4 << 20 // raw bytes that Scan reads in one go

// Read gives blocks of id from the one that holds from on, in order, until they hold about maxBytes of messages; at
// least one, unless there is none, and none at the head. The first may begin before from. Where events before from's are
// released already, it begins with the oldest kept. A damaged place gives a *CorruptError once it is the next to read.
//
// The blocks last appended come from memory and are shared by all readers; others are read from the disk, their
// checksums verified.
func (l *Log) Read(ctx context.Context, id loglake.JournalID, from loglake.Offset, maxBytes int) ([]*Block, error) {
	blocks, _, err := l.read(ctx, id, from, math.MaxInt64, maxBytes, &all)
	return blocks, err
}

// Scan gives the blocks of id that overlap r, in order. Whole pages, blocks and segments without an event in r are not
// read; a block given may hold events out of r. An error ends the scan.
func (l *Log) Scan(ctx context.Context, id loglake.JournalID, r ScanRange) iter.Seq2[*Block, error] {
	return func(yield func(*Block, error) bool) {
		to, want := r.To, r.wanted()
		if to == 0 {
			to = l.Head(id)
		}
		for from := r.From; from < to; {
			blocks, next, err := l.read(ctx, id, from, to, scanBytes, &want)
			for _, b := range blocks {
				if !yield(b, nil) {
					return
				}
			}
			var damage *CorruptError
			if r.AroundDamage && errors.As(err, &damage) && damage.To > from {
				l.meet(damage)
				from = damage.To
				continue
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if next <= from {
				return // the head
			}
			from = next
		}
	}
}

// metMax bounds the damaged places of which it is known that they were told.
const metMax = 1000

// meet tells of a damaged place that a reader went around, once.
func (l *Log) meet(damage *CorruptError) {
	place := damage.Error()
	l.mu.Lock()
	told := l.met[place] || len(l.met) >= metMax
	if !told {
		l.met[place] = true
	}
	l.mu.Unlock()
	if !told {
		l.report(damage)
	}
}

// read gives the wanted blocks in [from, to) up to about maxBytes, and where to go on.
func (l *Log) read(ctx context.Context, id loglake.JournalID, from, to loglake.Offset, maxBytes int, want *wanted) ([]*Block, loglake.Offset, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, from, err
		}
		items, next := l.choose(id, from, to, int64(maxBytes), want)
		blocks, err := l.load(items, from, to, want)
		if errors.Is(err, errGone) && len(blocks) == 0 {
			continue // it is in another place now
		}
		if err != nil {
			if len(blocks) > 0 { // what came before is good; the next read begins at the failure
				return blocks, blocks[len(blocks)-1].End(), nil
			}
			return nil, from, err
		}
		return blocks, next, nil
	}
}

// choose gives what to read for the wanted blocks in [from, to), up to about maxBytes raw bytes.
func (l *Log) choose(id loglake.JournalID, start, to loglake.Offset, maxBytes int64, want *wanted) (items []item, next loglake.Offset) {
	l.mu.Lock()
	defer l.mu.Unlock()
	j := l.journals[id]
	if j == nil {
		return nil, start
	}
	c := chooser{want: want, id: id, next: max(start, j.first), to: min(to, j.head), left: max(maxBytes, 1)}
	for _, r := range j.runs[from(j.runs, c.next, func(r *run) loglake.Offset { return r.end }):] {
		c.run(r)
	}
	for _, p := range j.wal {
		if p.dead < len(p.entries) && p.end() > c.next {
			c.piece(p)
		}
	}
	if c.wants() { // nothing is left of what should be there
		c.hole(c.to)
	}
	return c.items, c.next
}

// chooser walks the parts of a journal in order. next is the first offset not dealt with.
type chooser struct {
	want     *wanted
	id       loglake.JournalID
	items    []item
	next, to loglake.Offset
	left     int64
}

func (c *chooser) wants() bool { return c.next < c.to && c.left > 0 }

// hole notes that events from next to end are lost.
func (c *chooser) hole(end loglake.Offset) {
	err := &CorruptError{File: "the journal", Journal: c.id, From: c.next, To: end, What: "events are missing"}
	c.items = append(c.items, item{hole: err})
	c.left = 0
}

func (c *chooser) run(r *run) {
	for i := from(r.pages, c.next, func(p page) loglake.Offset { return p.end() }); i < len(r.pages) && c.wants(); i++ {
		p := &r.pages[i]
		if p.first > c.next {
			c.hole(p.first)
			return
		}
		c.next = p.end()
		if c.want.page(r, p) {
			c.items = append(c.items, item{run: r, page: p})
			c.left -= int64(p.raw)
		}
	}
}

func (c *chooser) piece(p *piece) {
	live := p.entries[p.dead:]
	for i := from(live, c.next, func(e entry) loglake.Offset { return e.end() }); i < len(live) && c.wants(); i++ {
		e := &live[i]
		if e.first > c.next {
			c.hole(e.first)
			return
		}
		c.next = e.end()
		if !c.want.time(e.minT, e.maxT) || !c.want.stream(p.streams[e.stream].name) {
			continue
		}
		it := item{file: p.file, entry: *e}
		c.left -= int64(e.size)
		if e.block != nil {
			c.left -= int64(len(e.block.payload)) - int64(e.size)
		}
		p.file.refs++
		c.items = append(c.items, it)
	}
}

// load reads items and gives the wanted blocks among them that overlap [from, to). With an error come the blocks before
// the failure.
func (l *Log) load(items []item, from, to loglake.Offset, want *wanted) (blocks []*Block, err error) {
	defer l.unref(items)
	r := loader{log: l}
	defer r.close()
	for i := 0; i < len(items); i++ {
		it := &items[i]
		var got []*Block
		switch {
		case it.hole != nil:
			err = it.hole
		case it.page != nil:
			got, err = r.page(it.run, it.page)
		case it.entry.block != nil:
			got = append(got, it.entry.block)
		default:
			var b *Block
			b, err = r.entry(items[i:])
			got = append(got, b)
		}
		if err != nil {
			return blocks, err
		}
		for _, b := range got {
			if b.End() > from && b.First < to && want.time(b.MinTime, b.MaxTime) && want.stream(b.Stream) {
				blocks = append(blocks, b)
			}
		}
	}
	return blocks, nil
}

func (l *Log) unref(items []item) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range items {
		if w := items[i].file; w != nil {
			if w.refs--; w.gone {
				l.retire(w)
			}
		}
	}
}

// loader keeps what neighbouring items share.
type loader struct {
	log  *Log
	path string    // of file
	file disk.File // the segment read last
	buf  []byte    // records read ahead
	wal  *walFile  // that buf is from
	at   int64     // of buf in it
}

func (r *loader) close() {
	if r.file != nil {
		r.file.Close()
	}
}

func (r *loader) page(run *run, p *page) ([]*Block, error) {
	if r.path != run.seg.path {
		r.close()
		r.file, r.path = nil, ""
		f, err := disk.Open(r.log.fs, run.seg.path)
		if errors.Is(err, fs.ErrNotExist) && r.log.replaced(run.seg) {
			return nil, errGone
		}
		if err != nil {
			return nil, fmt.Errorf("open segment: %w", err)
		}
		r.file, r.path = f, run.seg.path
	}
	data := make([]byte, p.size)
	if _, err := r.file.ReadAt(data, p.pos); err != nil {
		return nil, fmt.Errorf("read %s at %d: %w", r.path, p.pos, err)
	}
	return run.unpack(r.log.unzstd, p, data)
}

// replaced tells whether s is no longer in use.
func (l *Log) replaced(s *segment) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, there := l.segments[s]
	return !there
}

const readAheadBytes = 1 << 20

// entry reads the first of items, and into the buffer as many of the following as lie close by in the file.
func (r *loader) entry(items []item) (*Block, error) {
	w, e := items[0].file, &items[0].entry
	pos, end := int64(e.pos), int64(e.pos)+int64(e.size)
	if r.wal != w || pos < r.at || end > r.at+int64(len(r.buf)) {
		useful := int64(e.size)
		for _, it := range items[1:] {
			itEnd := int64(it.entry.pos) + int64(it.entry.size)
			if it.file != w || it.entry.block != nil || itEnd-pos > readAheadBytes || itEnd-pos > 4*(useful+int64(it.entry.size)) {
				break
			}
			end, useful = itEnd, useful+int64(it.entry.size)
		}
		r.wal, r.at, r.buf = w, pos, make([]byte, end-pos)
		if _, err := w.file.ReadAt(r.buf, pos); err != nil {
			r.wal = nil
			return nil, fmt.Errorf("read %s at %d: %w", w.path, pos, err)
		}
	}
	return w.block(e, r.buf[pos-r.at:][:e.size])
}

// block unpacks the record of e.
func (w *walFile) block(e *entry, p []byte) (*Block, error) {
	rec, _, err := parseRecord(p, w.seed)
	var b *Block
	if err == nil && (rec.kind != recordPut || rec.first != e.first || rec.count != int(e.count)) {
		err = errNoRecord
	}
	if err == nil {
		b, err = rec.block()
	}
	if err != nil {
		return nil, &CorruptError{File: w.path, Offset: int64(e.pos), Journal: rec.journal, From: e.first, To: e.end(), What: err.Error()}
	}
	return b, nil
}
