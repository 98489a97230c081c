package journal

import (
	"context"
	"errors"
	"fmt"

	"github.com/loglake/loglake"
)

// Put is events of one log stream to append to one journal: all or none.
type Put struct {
	Journal  loglake.JournalID     // 1-255 bytes; made if it is not known
	Stream   loglake.LogStreamName // at most 512 bytes
	Ingested loglake.Millis        // a Dedup id is forgotten DedupWindow after it
	Dedup    string                // at most 128 bytes; a repeat within DedupWindow gets the first answer (D15). "" never is one
	Spool    Spool                 // the part of a spool that the put holds, instead of a Dedup; the zero value: of none
	Reply    []byte                // at most 4 KiB, kept with the events and given back to a repeat
	Events   *Builder              // at least one event
}

// Appended is the answer to a Put.
type Appended struct {
	First  loglake.Offset
	Count  int
	Repeat bool   // the put was a repeat: nothing was appended now
	Reply  []byte // of the first put, not to be changed; nil unless Repeat
	Stale  bool   // the put begins below its spool's position: nothing was appended. Ask Position, cut it, try again
}

func (p *Put) check() error {
	bad := func(format string, args ...any) error { return loglake.Errorf(loglake.CodeInvalid, format, args...) }
	switch {
	case p.Journal == "" || len(p.Journal) > JournalIDBytesMax:
		return bad("A journal's name has 1 to %d bytes, not %d.", JournalIDBytesMax, len(p.Journal))
	case len(p.Stream) > StreamBytesMax:
		return bad("A log stream's name has at most %d bytes, not %d.", StreamBytesMax, len(p.Stream))
	case len(p.Dedup) > DedupBytesMax:
		return bad("The id of a call has at most %d bytes, not %d.", DedupBytesMax, len(p.Dedup))
	case len(p.Reply) > ReplyBytesMax:
		return bad("The reply kept with a put has at most %d bytes, not %d.", ReplyBytesMax, len(p.Reply))
	case p.Spool.ID != "" && p.Dedup != "":
		return bad("A put has the id of a call or is of a spool, not both.")
	case len(p.Spool.ID) > SpoolBytesMax:
		return bad("The id of a spool has at most %d bytes, not %d.", SpoolBytesMax, len(p.Spool.ID))
	case p.Spool.ID != "" && (p.Spool.From < 0 || p.Spool.To <= p.Spool.From || p.Spool.To > SpoolPositionMax):
		return bad("Positions of a spool are from 0 to %d, not from %d to %d.", SpoolPositionMax, p.Spool.From, p.Spool.To)
	case p.Events == nil || p.Events.Count() == 0:
		return bad("A put without events.")
	case len(p.Events.messages)+len(p.Events.index) > PutBytesMax:
		return bad("A put has at most %d bytes, not %d.", PutBytesMax, len(p.Events.messages)+len(p.Events.index))
	}
	return nil
}

// waiter is a record that waits to be written, and the goroutine that waits for it.
type waiter struct {
	rec   record
	bytes []byte // encoded, but for what sealRecord sets
	block *Block // of a put
	key   dedupKey
	once  bool          // key counts
	late  int64         // events of a put
	from  int64         // of a put of a spool: its first position
	prev  *waiter       // nil, or one without which this one is not to be stored; nil again when finished
	ready chan struct{} // signalled when the record is finished, or its goroutine is to lead

	// Guarded by Log.mu.
	leads, finished, left bool
	repeats               chan struct{} // closed when finished; made by the first repeat that waits

	refused error // owned by the writer: this record alone is not written
	err     error // valid when finished
}

// Append stores p and returns when it is on the disk. When it fails, nothing was acknowledged, and p may at most have been
// stored by a write that failed late; an Error with CodeThrottled or CodeUnavailable says that it is worth trying again.
// When ctx ends while the put waits, it may or may not be stored.
func (l *Log) Append(ctx context.Context, p Put) (Appended, error) {
	if err := p.check(); err != nil {
		return Appended{}, err
	}
	w := &waiter{once: p.Dedup != ""}
	if w.once {
		w.key = keyOf(p.Journal, p.Dedup)
		if a, err := l.claim(ctx, w); a != nil || err != nil {
			if a != nil {
				l.Turn(p.Journal, Turned{Repeated: int64(a.count)})
			}
			return answered(a), err
		}
	}
	err := l.admit()
	if err == nil {
		w.encode(&p, l.buffer(&p))
		err = l.write(ctx, w)
	} else {
		l.unclaim(w)
	}
	if errors.Is(err, errStale) {
		return Appended{Stale: true}, nil
	}
	if err != nil {
		return Appended{}, err
	}
	return Appended{First: w.block.First, Count: w.block.count}, nil
}

func answered(a *answer) Appended {
	if a == nil {
		return Appended{}
	}
	return Appended{First: a.first, Count: a.count, Repeat: true, Reply: a.reply}
}

// claim makes w the put of its key, or gives the answer that an earlier one got. It waits for one that is under way.
func (l *Log) claim(ctx context.Context, w *waiter) (*answer, error) {
	for {
		l.mu.Lock()
		if a := l.answers.get(w.key, loglake.At(l.cfg.Clock())); a != nil {
			l.mu.Unlock()
			return a, nil
		}
		other := l.inflight[w.key]
		if other == nil {
			l.inflight[w.key] = w
			l.mu.Unlock()
			return nil, nil
		}
		if other.repeats == nil {
			other.repeats = make(chan struct{})
		}
		done := other.repeats
		l.mu.Unlock()
		select {
		case <-done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (l *Log) unclaim(w *waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.yieldKey(w)
}

// yieldKey ends w's claim of its key. The caller holds mu.
func (l *Log) yieldKey(w *waiter) {
	if w.once && l.inflight[w.key] == w {
		delete(l.inflight, w.key)
	}
	if w.repeats != nil {
		close(w.repeats)
	}
}

// admit refuses puts while the disk or the log is full.
func (l *Log) admit() error {
	if l.full.Load() {
		if err := l.tryRefill(); err != nil {
			return err
		}
	}
	return l.admitBytes()
}

// admitBytes refuses puts while the log holds as much as it may, or would once what waits is written, and tells when that
// begins and ends.
func (l *Log) admitBytes() error {
	if l.cfg.BytesMax <= 0 {
		return nil
	}
	l.mu.Lock()
	holds := l.bytes + l.queued
	beyond := holds >= l.cfg.BytesMax
	turned := beyond != l.beyond
	l.beyond = beyond
	l.mu.Unlock()
	if turned && beyond {
		l.cfg.OnEvent(Event{Kind: EventLimitReached, Bytes: holds})
	} else if turned {
		l.cfg.OnEvent(Event{Kind: EventSpaceBack, Bytes: holds})
	}
	if !beyond {
		return nil
	}
	return loglake.Errorf(loglake.CodeThrottled, "The journal holds %d bytes, its limit is %d: nothing was stored.", holds, l.cfg.BytesMax).
		WithHint("puts are taken again once deliveries have caught up; if they have, shorten the retention of groups or raise the limit")
}

// tryRefill takes puts again when a spare WAL file can be made, so that they never eat the space that commits and expiry
// need.
func (l *Log) tryRefill() error {
	if !l.refill.TryLock() {
		return errFull(nil)
	}
	defer l.refill.Unlock()
	if !l.full.Load() {
		return nil
	}
	// More than what the spares gave back when they were given up.
	if free, err := l.fs.Free(l.walDir); err == nil && free < (sparesMax+1)*l.cfg.WALBytes {
		return errFull(nil)
	}
	if err := l.makeSpare(); err != nil {
		return errFull(err)
	}
	l.full.Store(false)
	l.cfg.OnEvent(Event{Kind: EventSpaceBack})
	l.wakeSettler()
	return nil
}

// buffer gives a buffer with room for p's record.
func (l *Log) buffer(p *Put) []byte {
	need := recordRoom(p)
	if b, ok := l.buffers.Get().(*[]byte); ok && cap(*b) >= need {
		return (*b)[:0]
	}
	return make([]byte, 0, need)
}

// encode does the work that needs no order: copy, compress, checksum.
func (w *waiter) encode(p *Put, buf []byte) {
	b := p.Events
	raw := b.payload()
	w.rec = record{
		kind: recordPut, journal: p.Journal, stream: p.Stream, dedup: p.Dedup, reply: p.Reply,
		count: b.count, ingested: p.Ingested, minT: b.min, maxT: b.max, rawLen: len(raw), split: len(b.messages),
		spool: p.Spool.ID, position: p.Spool.To, sum: p.Spool.Sum,
	}
	w.from = p.Spool.From
	w.bytes = appendRecord(buf, &w.rec, raw)
	w.block = &Block{
		Journal: p.Journal, Stream: p.Stream, Ingested: p.Ingested, MinTime: b.min, MaxTime: b.max,
		count: b.count, payload: raw, split: len(b.messages),
	}
	w.late = lateOf(w.block)
	if p.Reply != nil {
		w.rec.reply = append([]byte(nil), p.Reply...)
	}
}

// control appends a record without events.
func (l *Log) control(kind recordKind, id loglake.JournalID) error {
	w := &waiter{rec: record{kind: kind, journal: id}}
	w.bytes = appendRecord(nil, &w.rec, nil)
	return l.write(context.Background(), w)
}

// write queues w and waits until it is written, or leads if nobody does.
func (l *Log) write(ctx context.Context, w *waiter) error {
	w.ready = make(chan struct{}, 1)
	l.mu.Lock()
	if err := l.enqueue(w); err != nil {
		l.yieldKey(w)
		l.mu.Unlock()
		return err
	}
	if !l.leading {
		l.leading, w.leads = true, true
		l.mu.Unlock()
		l.lead(w)
		return w.err
	}
	l.mu.Unlock()
	return l.await(ctx, w)
}

// await waits until w, which is queued, is written, and leads when it is w's turn.
func (l *Log) await(ctx context.Context, w *waiter) error {
	select {
	case <-w.ready:
	case <-ctx.Done():
		l.mu.Lock()
		w.left = true
		leads, finished := w.leads, w.finished
		l.mu.Unlock()
		if !leads && !finished {
			return fmt.Errorf("wait for the put to be stored: %w", ctx.Err())
		}
		<-w.ready
	}
	if w.leads {
		l.lead(w)
	}
	return w.err
}

// enqueue puts w at the end of the queue. The caller holds mu.
func (l *Log) enqueue(w *waiter) error {
	if l.closed != nil {
		return l.closed
	}
	if l.queued+int64(len(w.bytes)) > l.cfg.QueueBytes {
		return loglake.Errorf(loglake.CodeThrottled, "More puts wait than the disk can take: nothing was stored.")
	}
	if w.rec.kind == recordPut && l.unsettled() {
		return loglake.Errorf(loglake.CodeThrottled, "More is stored than the journal's segments can be written of: nothing was stored.")
	}
	l.queue = append(l.queue, w)
	l.queued += int64(len(w.bytes))
	return nil
}

// unsettled tells whether settling is so far behind that puts have to wait for it: what is not settled has an entry in
// memory for each put. The caller holds mu.
func (l *Log) unsettled() bool {
	if len(l.sealed) < 2 {
		return false
	}
	var bytes int64
	for _, w := range l.sealed {
		bytes += w.end
	}
	return bytes > unsettledBytesMax || len(l.sealed) > unsettledFilesMax
}

// lead writes group commits until w is finished, then lets the next waiter lead.
func (l *Log) lead(w *waiter) {
	for {
		batch := l.take()
		err := l.commit(batch)
		l.mu.Lock()
		for _, b := range batch {
			l.finish(b, err)
		}
		if l.closed != nil {
			l.failQueue(l.closed)
			l.leading = false
			close(l.idle)
			l.mu.Unlock()
			return
		}
		if w.finished && l.handOver() {
			l.mu.Unlock()
			return
		}
		l.mu.Unlock()
	}
}

// take takes the next group commit off the queue.
func (l *Log) take() []*waiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	most := min(batchBytesMax, l.cfg.WALBytes/4)
	var bytes int64
	n := 0
	for n < len(l.queue) && (n == 0 || bytes+int64(len(l.queue[n].bytes)) <= most) {
		if l.queue[n].rec.kind == recordDelete && n > 0 {
			break // a delete has a group commit of its own, so that what follows it knows
		}
		bytes += int64(len(l.queue[n].bytes))
		n++
		if l.queue[n-1].rec.kind == recordDelete {
			break
		}
	}
	batch := l.queue[:n:n]
	l.queue = l.queue[n:]
	if len(l.queue) == 0 {
		l.queue = nil
	}
	l.queued -= bytes
	return batch
}

// handOver gives the lead to the next waiter that is still there, and says whether the caller is free of it: not so when
// all that is queued was left by its goroutines. The caller holds mu.
func (l *Log) handOver() bool {
	if len(l.queue) == 0 {
		l.leading = false
		return true
	}
	for _, w := range l.queue {
		if !w.left {
			w.leads = true
			w.ready <- struct{}{}
			return true
		}
	}
	return false
}

// finish tells w how its record fared. The caller holds mu.
func (l *Log) finish(w *waiter, err error) {
	if w.refused != nil && err == nil { // a repeat is told so only when what it repeats is on the disk
		err = w.refused
	}
	w.err, w.finished, w.prev = err, true, nil
	if buf := w.bytes; cap(buf) <= pooledBytesMax {
		l.buffers.Put(&buf)
	}
	w.bytes = nil
	l.yieldKey(w)
	if !w.leads {
		w.ready <- struct{}{}
	}
}

func (l *Log) failQueue(err error) {
	for _, w := range l.queue {
		l.finish(w, err)
	}
	l.queue, l.queued = nil, 0
}
