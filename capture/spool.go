package capture

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// spool is what lies between the application and the server: the events of one run, by position, in segments on the disk.
// Where the disk fails, or there is none, segments are in memory. It is bounded; the oldest segment goes when it is full.
//
// A position is given once. That is why a run never goes on with a spool that it found: the tail of that one may have
// been lost by a power cut, and the server may have events of it that are not on the disk any more.
type spool struct {
	id       string
	folder   *folder // nil: in memory
	limits   spoolLimits
	clock    func() time.Time
	losses   *losses
	onNotice func(Notice) // called with mu held

	ready chan struct{} // has a value when events were appended

	mu        sync.Mutex // guards what follows
	segments  []*segment // oldest first; the last is appended to, unless the spool was found
	next      int64      // position of the next event
	acked     int64      // the server has what is below
	noted     int64      // of acked, in the folder
	cursor    int64      // position of the next event to be read
	reading   *segment   // the segment that reader reads
	reader    reader
	pending   int64     // bytes of events not yet read
	firstTime int64     // of the events in records
	lastTime  int64     // of the last event appended
	records   []byte    // scratch of append
	diskAfter time.Time // the disk failed, and is not tried again before
}

// spoolLimits bound a spool.
type spoolLimits struct {
	disk, memory int64 // bytes of all segments there
	segment      int64 // bytes of a segment on the disk
}

// Bounds of a segment. Segments are small beside the spool, so that little goes when the oldest does.
const (
	segmentBytesMax    = 8 << 20
	segmentBytesMin    = 64 << 10
	memorySegmentBytes = 1 << 20
)

func limitsOf(disk, memory int64) spoolLimits {
	return spoolLimits{disk: disk, memory: memory, segment: min(max(disk/16, segmentBytesMin), segmentBytesMax)}
}

// A clock that is set back by less than clockSlack, and lines of two sources that overtake each other, must not break
// batches: time stands still for as long.
const clockSlack = 5 * time.Second

// diskPause is how long a disk that failed is left alone.
const diskPause = time.Second

// append takes events over. It does not fail: where the disk does, they are kept in memory, and when that is full the
// oldest go.
func (s *spool) append(events []Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.appendLocked(events)
}

func (s *spool) appendLocked(events []Event) {
	s.records = s.records[:0]
	n := int64(0)
	for _, e := range events {
		if e.Time < s.lastTime && e.Time > s.lastTime-clockSlack.Milliseconds() {
			e.Time = s.lastTime
		}
		if n > 0 && len(s.records)+recordBytes+len(e.Message) > segmentBytesMin {
			s.store(n)
			s.records, n = s.records[:0], 0
		}
		if n == 0 {
			s.firstTime = e.Time
		}
		s.lastTime = e.Time
		s.records = appendRecord(s.records, e)
		n++
	}
	if n > 0 {
		s.store(n)
	}
	wake(s.ready)
}

// store appends the n records of s.records.
func (s *spool) store(n int64) {
	active := s.active(int64(len(s.records)))
	if err := active.append(s.records, n); err != nil {
		s.diskFailed(err)
		active = s.push(memorySegment(s.next))
		_ = active.append(s.records, n) // memory does not fail
	}
	s.next += n
	s.pending += int64(len(s.records))
	if active.next-active.first == n {
		active.from = s.firstTime
	}
	active.to = s.lastTime
	s.shrink()
}

// active gives the segment that takes n bytes more.
func (s *spool) active(n int64) *segment {
	if k := len(s.segments); k > 0 {
		last, limit := s.segments[k-1], s.limits.segment
		if last.inMemory() {
			limit = memorySegmentBytes
		}
		if !last.distrusted && (last.size+n <= limit || last.next == last.first) {
			return last
		}
	}
	if s.folder == nil || s.clock().Before(s.diskAfter) {
		return s.push(memorySegment(s.next))
	}
	created, err := createSegment(s.folder.fs, s.folder.dir, s.next)
	if err != nil {
		s.diskFailed(err)
		return s.push(memorySegment(s.next))
	}
	if !s.diskAfter.IsZero() {
		s.diskAfter = time.Time{}
		s.onNotice(Notice{Kind: DiskBack, Text: "the spool is on the disk again"})
	}
	return s.push(created)
}

func (s *spool) push(n *segment) *segment {
	s.segments = append(s.segments, n)
	return n
}

func (s *spool) diskFailed(err error) {
	if s.diskAfter.IsZero() {
		s.onNotice(Notice{Kind: DiskFailed, Err: err,
			Text: fmt.Sprintf("the spool can't be written (%v); lines are kept in memory, up to %d MiB", err, s.limits.memory>>20)})
	}
	s.diskAfter = s.clock().Add(diskPause)
}

// shrink drops the oldest segments of a spool that is full, but not those of the put that is on its way: nobody could tell
// whether its events are lost, when the process ends before it is answered.
func (s *spool) shrink() {
	var disk, memory int64
	for _, g := range s.segments {
		if g.inMemory() {
			memory += g.size
		} else {
			disk += g.size
		}
	}
	for i := 0; i < len(s.segments)-1 && (disk > s.limits.disk || memory > s.limits.memory); {
		g := s.segments[i]
		used, limit := &disk, s.limits.disk
		if g.inMemory() {
			used, limit = &memory, s.limits.memory
		}
		if *used <= limit || s.acked < s.cursor && g.first < s.cursor && g.next > s.acked {
			i++
			continue
		}
		*used -= g.size
		s.drop(i)
	}
}

// drop removes a segment that the server does not have, and counts what of it was never read.
func (s *spool) drop(i int) {
	g := s.segments[i]
	if g.next < 0 {
		return // found on the disk: nothing is appended to such a spool, so it never grows too large
	}
	first, bytes := max(g.first, s.cursor), g.size-headerBytes
	if s.reading == g {
		bytes = g.size - s.reader.at
	}
	if lines := g.next - first; lines > 0 {
		lost := Loss{Lines: lines, Bytes: bytes - lines*recordBytes, From: g.from, To: g.to}
		for _, t := range g.reports {
			if t.position >= first {
				lost.Lines--
				s.losses.again(t.loss, t.reason)
			}
		}
		s.losses.add(lost, reasonSpoolFull)
		s.pending -= bytes
		if first == s.cursor {
			s.cursor = g.next
		}
	}
	s.remove(i)
}

// remove takes a segment away. A file that can't be removed now is found by the next run, and what it holds is a repeat.
func (s *spool) remove(i int) {
	g := s.segments[i]
	if s.reading == g {
		s.reading = nil
	}
	s.segments = append(s.segments[:i:i], s.segments[i+1:]...)
	err := g.file.Close()
	if !g.inMemory() {
		err = errors.Join(err, s.folder.fs.Remove(g.path))
	}
	if err != nil {
		s.onNotice(Notice{Kind: DiskFailed, Err: err, Text: fmt.Sprintf("a segment of the spool can't be removed: %v", err)})
	}
}

// report appends the event that tells a loss.
func (s *spool) report(l Loss, reason string, now int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.appendLocked([]Event{{Time: now, Message: reportOf(l, reason)}})
	last := s.segments[len(s.segments)-1]
	last.reports = append(last.reports, told{position: last.next - 1, loss: l, reason: reason})
}

// batch is a run of events that one put can carry.
type batch struct {
	position int64
	events   []Event
	bytes    int // as the wire counts them
}

// What a put may hold.
const (
	batchEventsMax = 10_000
	batchBytesMax  = 1 << 20
	eventOverhead  = 26
	batchSpanMax   = 24 * time.Hour
)

// take reads the next batch into b. An empty batch: there is nothing to be read now. Each event's message is its own.
func (s *spool) take(b *batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b.events, b.bytes = b.events[:0], 0
	for len(b.events) < batchEventsMax {
		g, gap, err := s.seek()
		if g == nil || gap && len(b.events) > 0 {
			return nil
		}
		at := s.reader.at
		var e Event
		if err == nil {
			e, err = s.reader.next(g)
		}
		switch {
		case err == nil && !b.fits(e):
			s.reader.at = at
			return nil
		case err == nil:
			if len(b.events) == 0 {
				b.position = s.cursor
			}
			if g.next < 0 { // of one that was found nobody knows better
				g.from, g.to = cmp.Or(g.from, e.Time), e.Time
			}
			e.Message = append([]byte(nil), e.Message...)
			b.events = append(b.events, e)
			b.bytes += len(e.Message) + eventOverhead
			s.cursor++
			s.pending -= s.reader.at - at
		case errors.Is(err, errTorn) && len(b.events) > 0:
			return nil // positions follow each other in a batch
		case errors.Is(err, errTorn) && s.skip(g):
		case errors.Is(err, io.EOF), errors.Is(err, errTorn):
			s.endOf(g, err)
		case len(b.events) > 0:
			return nil // what was read counts; the error comes again
		default:
			return fmt.Errorf("read the spool: %w", err)
		}
	}
	return nil
}

// fits tells whether a put can carry e too. Positions follow each other in a batch, so times must do as well.
func (b *batch) fits(e Event) bool {
	if len(b.events) == 0 {
		return true
	}
	last := b.events[len(b.events)-1].Time
	return b.bytes+len(e.Message)+eventOverhead <= batchBytesMax && e.Time >= last &&
		e.Time-b.events[0].Time <= batchSpanMax.Milliseconds()
}

// seek has the reader at the cursor, and gives its segment; nil: there is no event at or above the cursor. gap: positions
// are missing before it.
func (s *spool) seek() (g *segment, gap bool, err error) {
	for i, candidate := range s.segments {
		end := candidate.next
		if end < 0 && i+1 < len(s.segments) {
			end = s.segments[i+1].first
		}
		if candidate.next == candidate.first || end >= 0 && end <= s.cursor {
			continue
		}
		g = candidate
		break
	}
	if g == nil {
		return nil, false, nil
	}
	if gap = g.first > s.cursor; gap {
		s.cursor = g.first
	}
	if s.reading != g {
		s.reading, s.reader = g, reader{at: headerBytes, window: s.reader.window[:0]}
		for p := g.first; p < s.cursor && err == nil; p++ {
			if _, err = s.reader.next(g); errors.Is(err, errTorn) && s.reader.skip(g) > 0 {
				err = nil // the server has it
			}
		}
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, errTorn) {
			s.reading = nil // it may be read another time, from its beginning
		}
	}
	return g, gap, err
}

// skip goes on behind a damaged record at the cursor, if that is where the next one begins: one line is lost.
func (s *spool) skip(g *segment) bool {
	at := s.reader.at
	n := s.reader.skip(g)
	if n == 0 {
		return false
	}
	s.losses.add(Loss{Lines: 1, Bytes: n - recordBytes, From: g.from, To: g.to}, reasonDamaged)
	s.damaged(g, at, 1)
	s.pending -= n
	s.cursor++
	return true
}

func (s *spool) damaged(g *segment, at, lines int64) {
	s.onNotice(Notice{Kind: DiskFailed, Err: errTorn, Text: fmt.Sprintf("%s is damaged at byte %d: %d lines are lost", cmp.Or(g.path, "the spool"), at, lines)})
}

// endOf is called when a segment has no record at the cursor.
func (s *spool) endOf(g *segment, err error) {
	if i := slices.Index(s.segments, g); g.next < 0 && errors.Is(err, errTorn) && i+1 < len(s.segments) {
		g.next = max(s.cursor+1, s.segments[i+1].first) // another was begun, so this one had been written whole
	}
	if g.next < 0 { // found: now it is known where it ends
		if rest := g.size - s.reader.at; rest > 0 {
			s.onNotice(Notice{Kind: SpoolTorn, Err: err,
				Text: fmt.Sprintf("the last %d bytes of %s were not written whole when its writer died, and are left out", rest, g.path)})
		}
		g.next = max(s.cursor, g.first)
		return
	}
	s.damaged(g, s.reader.at, g.next-s.cursor)
	s.losses.add(Loss{Lines: g.next - s.cursor, Bytes: max(0, g.size-s.reader.at-(g.next-s.cursor)*recordBytes), From: g.from, To: g.to}, reasonDamaged)
	s.pending -= g.size - s.reader.at
	s.cursor = g.next
}

// ack says that the server has all events below position. Segments that nobody needs any more go.
func (s *spool) ack(position int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.acked = max(s.acked, position)
	for len(s.segments) > 1 && s.segments[0].next >= 0 && s.segments[0].next <= s.acked {
		s.remove(0)
	}
}

// waiting tells how much is not yet read, and whether a put could be filled with it.
func (s *spool) waiting() (events int64, full bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	events = s.next - s.cursor
	return events, events >= batchEventsMax || s.pending >= batchBytesMax
}

// left gives how many events the server does not have. Of a spool that was found it is known only when it has been read.
func (s *spool) left() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var n int64
	for _, g := range s.segments {
		n += max(0, g.next-max(g.first, s.acked))
	}
	return n
}
