package capture

import (
	"bytes"
	"sync"
	"time"
)

// ring is a bounded buffer of bytes between the goroutine that reads from the application and one that is slower. One
// goroutine writes, one takes. When it is full the writer waits; when the taker has taken nothing for some time, the
// oldest whole lines go, counted, and the writer waits no more until something is taken.
type ring struct {
	patience time.Duration // how long write waits for a taker that takes nothing; negative: for ever
	byLines  bool          // take gives lines whose end is there, not the beginning of one

	ready chan struct{} // has a value when there may be something to take, or the ring was closed
	room  chan struct{} // has a value when a writer that waits may try again

	mu       sync.Mutex // guards what follows
	buf      []byte
	tail     int64  // of all bytes ever written, where take goes on
	head     int64  // where write goes on
	lineEnd  int64  // behind the last line end
	headAt   int64  // when the bytes before head were read
	marks    []mark // when lines were read, oldest first; all end above tail
	begun    bool   // the last byte taken was not a line's end
	cut      bool   // what was begun has lost its rest
	skipping bool   // the rest of a line whose beginning was dropped goes too
	closed   bool
	dead     bool // nobody takes any more
	stalled  bool // nothing was taken while the writer had patience
	lost     Loss
	late     int64 // lines that came when the ring was closed
}

// mark says that the lines which end at or below end, and above the mark before, were read at one time.
type mark struct {
	end int64
	at  int64 // milliseconds of the Unix epoch
}

// marksMax bounds the marks. Beyond it, lines take the time of the ones before them.
const marksMax = 8192

// forEver is the patience of a writer that loses nothing.
const forEver time.Duration = -1

func newRing(bytes int, patience time.Duration) *ring {
	return &ring{patience: patience, byLines: patience != forEver, buf: make([]byte, bytes), ready: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// write takes all of p over, which was read at the time at.
func (r *ring) write(p []byte, at int64) {
	for len(p) > 0 {
		n := r.writeSome(p, at)
		p = p[n:]
		if n == 0 && !r.awaitRoom() {
			r.dropOldest(int64(min(len(p), len(r.buf)/2)), at)
		}
	}
}

// writeSome takes a beginning of p over and says how much; 0: there is no room.
func (r *ring) writeSome(p []byte, at int64) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dead || r.closed {
		r.late += int64(bytes.Count(p, []byte{'\n'}))
		return len(p)
	}
	if r.skipping {
		return r.skip(p)
	}
	p = p[:min(len(p), len(r.buf)-int(r.head-r.tail))]
	if len(p) == 0 {
		return 0
	}
	copied := copy(r.buf[r.head%int64(len(r.buf)):], p)
	copy(r.buf, p[copied:])
	if i := bytes.LastIndexByte(p, '\n'); i >= 0 {
		r.lineEnd = r.head + int64(i) + 1
		r.mark(at)
	}
	r.head += int64(len(p))
	r.headAt = at
	wake(r.ready)
	return len(p)
}

// awaitRoom waits until the taker has made room; false: it does not, and the oldest have to go.
func (r *ring) awaitRoom() bool {
	if r.patience < 0 {
		<-r.room
		return true
	}
	r.mu.Lock()
	stalled := r.stalled
	r.mu.Unlock()
	if stalled {
		return false
	}
	late := time.NewTimer(r.patience)
	defer late.Stop()
	select {
	case <-r.room:
		return true
	case <-late.C:
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stalled = int(r.head-r.tail) == len(r.buf)
	return !r.stalled
}

func (r *ring) mark(at int64) {
	if n := len(r.marks); n > 0 && (r.marks[n-1].at == at || n == marksMax) {
		r.marks[n-1].end = r.lineEnd
		return
	}
	r.marks = append(r.marks, mark{end: r.lineEnd, at: at})
}

// skip passes over the rest of a line.
func (r *ring) skip(p []byte) int {
	n := len(p)
	if i := bytes.IndexByte(p, '\n'); i >= 0 {
		n = i + 1
		r.skipping = false
	}
	r.lost.Bytes += int64(n)
	return n
}

// dropOldest makes room for at least need bytes by dropping whole lines.
func (r *ring) dropOldest(need, now int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if int(r.head-r.tail) < len(r.buf) || r.dead {
		return // there is room now
	}
	from := r.tail
	if len(r.marks) > 0 {
		r.lost.span(r.marks[0].at)
	} else {
		r.lost.span(now)
	}
	r.cut = r.cut || r.begun
	r.begun = false
	for r.tail < r.head && r.tail-from < need {
		line := r.head - r.tail
		if i := r.indexLineEnd(); i >= 0 {
			line = i + 1
		} else {
			r.skipping = true
		}
		r.tail += line
		r.lost.Lines++
	}
	r.lost.Bytes += r.tail - from
	for len(r.marks) > 0 && r.marks[0].end <= r.tail {
		r.lost.span(r.marks[0].at)
		r.marks = r.marks[1:]
	}
}

// indexLineEnd gives the distance from tail to the first line end, -1 where there is none.
func (r *ring) indexLineEnd() int64 {
	if r.lineEnd <= r.tail {
		return -1
	}
	first, second := r.parts(r.lineEnd)
	if i := bytes.IndexByte(first, '\n'); i >= 0 {
		return int64(i)
	}
	return int64(len(first) + bytes.IndexByte(second, '\n'))
}

// parts gives the bytes from tail to end, which may be in two pieces.
func (r *ring) parts(end int64) (first, second []byte) {
	size := int64(len(r.buf))
	from, n := r.tail%size, end-r.tail
	if from+n <= size {
		return r.buf[from : from+n], nil
	}
	return r.buf[from:], r.buf[:from+n-size]
}

// taken is what take gives.
type taken struct {
	n    int
	at   int64 // when the lines that end in it were read, or the beginning of one that has no end yet
	cut  bool  // what was taken before, if it had no line end, never gets one
	last bool  // the ring is closed and empty
}

// take moves what there is, up to len(dst) bytes of one time, into dst. When n is 0 and it is not the last, the taker
// waits for ready.
func (r *ring) take(dst []byte) taken {
	r.mu.Lock()
	defer r.mu.Unlock()
	end := r.head
	t := taken{at: r.headAt, cut: r.cut}
	r.cut = false
	switch {
	case len(r.marks) > 0:
		end, t.at = r.marks[0].end, r.marks[0].at
	case r.byLines && !r.closed && int(r.head-r.tail) < len(r.buf)/4:
		end = r.tail // a line that is not whole yet, and not one that never will be
	}
	first, second := r.parts(min(end, r.tail+int64(len(dst))))
	t.n = copy(dst, first)
	t.n += copy(dst[t.n:], second)
	if t.n > 0 {
		r.stalled = false
		r.begun = dst[t.n-1] != '\n'
	}
	r.tail += int64(t.n)
	if len(r.marks) > 0 && r.marks[0].end <= r.tail {
		r.marks = r.marks[1:]
	}
	t.last = r.closed && r.tail == r.head
	wake(r.room)
	return t
}

// close tells the taker that nothing more comes.
func (r *ring) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	wake(r.ready)
}

// abandon tells the writer that nobody takes any more: what is written from now on is forgotten.
func (r *ring) abandon() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dead = true
	wake(r.room)
}

// tooLate gives how many lines came when the ring was closed.
func (r *ring) tooLate() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.late
}

// losses gives what was dropped since the last call.
func (r *ring) losses() Loss {
	r.mu.Lock()
	defer r.mu.Unlock()
	lost := r.lost
	r.lost = Loss{}
	return lost
}
