package capture

import "time"

// Ring is a ring.
type Ring = ring

// Taken is what Take gives.
type Taken struct {
	N         int
	At        int64
	Cut, Last bool
}

// ForEver is the patience of a ring that loses nothing.
const ForEver = forEver

// NewRing makes a ring.
func NewRing(bytes int, patience time.Duration) *Ring { return newRing(bytes, patience) }

// Write writes.
func (r *ring) Write(p []byte, at int64) { r.write(p, at) }

// Take takes.
func (r *ring) Take(dst []byte) Taken {
	t := r.take(dst)
	return Taken{t.n, t.at, t.cut, t.last}
}

// Ready is the channel of the taker.
func (r *ring) Ready() <-chan struct{} { return r.ready }

// Close ends the ring.
func (r *ring) Close() { r.close() }

// Losses gives what was dropped.
func (r *ring) Losses() Loss { return r.losses() }

// AppendSegment gives the bytes of a segment.
func AppendSegment(dst []byte, first int64, events ...Event) []byte {
	dst = appendHeader(dst, first)
	for _, e := range events {
		dst = appendRecord(dst, e)
	}
	return dst
}

// ReadSegment reads a segment's bytes to the last whole record.
func ReadSegment(b []byte) (first int64, events []Event, ok bool) {
	if first, ok = parseHeader(b); !ok {
		return 0, nil, false
	}
	s := &segment{first: first, next: -1, size: int64(len(b)), file: &memory{b}}
	r := reader{at: headerBytes}
	for {
		e, err := r.next(s)
		if err != nil {
			return first, events, true
		}
		events = append(events, Event{Time: e.Time, Message: append([]byte(nil), e.Message...)})
	}
}
