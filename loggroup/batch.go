package loggroup

import (
	"fmt"
	"slices"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/journal"
)

// Batch is the events of one put on their way into the journal's form. The zero value is ready; it keeps its memory
// over Reset, so a caller takes batches from a pool. A decoder unescapes messages straight into it:
//
//	buf := b.Buffer()
//	buf = appendUnescaped(buf, quoted)
//	b.Commit(timestamp, buf)
type Batch struct {
	events journal.Builder
	times  []loglake.Millis
	ends   []int // of each message in events.Buffer()
	part   *Batch
}

// Reset empties b.
func (b *Batch) Reset() {
	b.events.Reset()
	b.times, b.ends = b.times[:0], b.ends[:0]
}

// Grow makes room for n more bytes of messages.
func (b *Batch) Grow(n int) { b.events.Grow(n) }

// Buffer gives the memory to append the next message to. It holds the messages before it.
func (b *Batch) Buffer() []byte { return b.events.Buffer() }

// Commit makes what was appended to Buffer's result the next event.
func (b *Batch) Commit(ts loglake.Millis, buf []byte) {
	b.events.Commit(ts, buf)
	b.times = append(b.times, ts)
	b.ends = append(b.ends, len(buf))
}

// Add appends an event.
func (b *Batch) Add(ts loglake.Millis, message []byte) { b.Commit(ts, append(b.Buffer(), message...)) }

// Count is the number of events.
func (b *Batch) Count() int { return len(b.times) }

// Event gives event i, counted from 0. The message is valid until b is changed.
func (b *Batch) Event(i int) (loglake.Millis, []byte) {
	start := 0
	if i > 0 {
		start = b.ends[i-1]
	}
	return b.times[i], b.events.Buffer()[start:b.ends[i]]
}

// Rejected says which events of a put were dropped, by their index in it. None means that none were.
type Rejected struct {
	TooNewStart int // the first that is more than 2 hours ahead, and all after it
	TooOldEnd   int // one past the last that is older than 14 days, and all before it
	ExpiredEnd  int // one past the last that is older than the group's retention
}

// None is the index that says that no event was dropped for a reason.
const None = -1

// Any tells whether an event was dropped.
func (r Rejected) Any() bool {
	return r.TooNewStart != None || r.TooOldEnd != None || r.ExpiredEnd != None
}

// turned counts the dropped events of a put of count events, of which those before index first were not looked at.
func (r Rejected) turned(first, count int) (t journal.Turned) {
	if r.TooOldEnd != None {
		t.TooOld = int64(r.TooOldEnd - first)
		first = r.TooOldEnd
	}
	if r.ExpiredEnd != None {
		t.Expired = int64(r.ExpiredEnd - first)
	}
	if r.TooNewStart != None {
		t.TooNew = int64(count - r.TooNewStart)
	}
	return t
}

// String and parseRejected keep a Rejected with the events, for a repeat of the call.
func (r Rejected) String() string {
	return fmt.Sprintf("%d %d %d", r.TooNewStart, r.TooOldEnd, r.ExpiredEnd)
}

func parseRejected(text []byte) (r Rejected, err error) {
	_, err = fmt.Sscanf(string(text), "%d %d %d", &r.TooNewStart, &r.TooOldEnd, &r.ExpiredEnd)
	return r, err
}

// check tests all that makes the service refuse a put as a whole before it looks at the clock. The order of the events does
// not count with anyTime.
func (b *Batch) check(anyTime bool) error {
	if n := b.Count(); n < 1 || n > PutEventsMax {
		bound := fmt.Sprintf("less than or equal to %d", PutEventsMax)
		if n < 1 {
			bound = "greater than or equal to 1"
		}
		return invalid("1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have length %s", bound)
	}
	start, last := 0, b.times[0]
	for i, end := range b.ends {
		switch n := end - start; {
		case n == 0:
			return invalid("1 validation error detected: Value '' at 'logEvents.%d.member.message' failed to satisfy constraint: "+
				"Member must have length greater than or equal to 1", i+1)
		case n+EventOverhead > EventBytesMax:
			return invalid("Log event too large: %d bytes exceeds limit of %d", n+EventOverhead, EventBytesMax)
		case b.times[i] < 0:
			return invalid("1 validation error detected: Value '%d' at 'logEvents.%d.member.timestamp' failed to satisfy constraint: "+
				"Member must have value greater than or equal to 0", b.times[i], i+1)
		case anyTime && b.times[i] > timestampMax:
			return invalid("The timestamp %d of event %d is beyond the year 9999: timestamps are milliseconds since 1970.", b.times[i], i)
		case !anyTime && b.times[i] < last:
			return invalid("Log events in a single PutLogEvents request must be in chronological order.")
		}
		start, last = end, b.times[i]
	}
	if total := start + b.Count()*EventOverhead; total > PutBytesMax {
		return invalid("Upload too large: %d bytes exceeds limit of %d", total, PutBytesMax)
	}
	return nil
}

// classify sorts the events of a put, whose times ascend, by the clock: those of [from, to) are accepted.
func classify(times []loglake.Millis, now loglake.Millis, retentionDays int) (r Rejected, from, to int, err error) {
	r = Rejected{TooNewStart: None, TooOldEnd: None, ExpiredEnd: None}
	older := func(than loglake.Millis) int {
		i, _ := slices.BinarySearch(times, than)
		return i
	}
	if from = older(now - days(tooOldInDays)); from > 0 {
		r.TooOldEnd = from
	}
	if retentionDays > 0 {
		if expired := older(now - days(retentionDays)); expired > from {
			r.ExpiredEnd, from = expired, expired
		}
	}
	if to = older(now + tooNewAfter + 1); to < len(times) {
		r.TooNewStart = to
	}
	if from < to && times[to-1]-times[from] > putSpanMax {
		return r, 0, 0, invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
	}
	return r, from, to, nil
}

// slice gives a builder with the events of [from, to), b's own where that is all of them.
func (b *Batch) slice(from, to int) *journal.Builder {
	if from == 0 && to == b.Count() {
		return &b.events
	}
	if b.part == nil {
		b.part = &Batch{}
	}
	b.part.Reset()
	for i := from; i < to; i++ {
		b.part.Add(b.Event(i))
	}
	return &b.part.events
}
