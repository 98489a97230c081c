package door

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/loglake/loglake"
)

// A body may take paceGrace and, for each paceRate bytes of it that have come, a second more. So a big upload may take
// hours, and one that a byte comes of now and then ends.
const (
	paceGrace = 30 * time.Second
	paceRate  = 16 << 10 // bytes per second
)

// Paced ends requests whose body comes too slowly: reading it fails with os.ErrDeadlineExceeded, and the connection is
// closed behind the answer.
func Paced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.Body != http.NoBody {
			r.Body = pace(r.Body, http.NewResponseController(w))
		}
		next.ServeHTTP(w, r)
	})
}

// pacedBody is a body with a time by which the next piece of it has to be there.
type pacedBody struct {
	io.ReadCloser
	control *http.ResponseController
	began   time.Time
	read    int64
	granted int64 // bytes up to which the deadline is set
}

func pace(body io.ReadCloser, control *http.ResponseController) *pacedBody {
	b := &pacedBody{ReadCloser: body, control: control, began: time.Now()}
	b.grant()
	return b
}

// grant sets the time for the bytes to come. A connection without deadlines, as in tests of handlers, has none.
func (b *pacedBody) grant() {
	_ = b.control.SetReadDeadline(b.began.Add(paceGrace + time.Duration(b.read)*time.Second/paceRate))
	b.granted = b.read + paceRate
}

// Read reads a piece.
func (b *pacedBody) Read(p []byte) (int, error) {
	if b.read >= b.granted {
		b.grant()
	}
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	if errors.Is(err, io.EOF) { // net/http goes on reading for the next request, which has a time of its own
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

// BodiesDefault is how many bytes of bodies may be in memory at a time, where nobody says otherwise.
const BodiesDefault = 128 << 20

// bodyWait is how long a body waits for room before it is refused.
const bodyWait = 10 * time.Second

// Bodies bounds the bytes of request bodies that are in memory at a time. The zero value is not usable; see NewBodies.
type Bodies struct {
	most    int64
	room    *semaphore.Weighted
	taken   atomic.Int64
	refused atomic.Int64
}

// NewBodies makes a Bodies of most bytes; 0: BodiesDefault.
func NewBodies(most int64) *Bodies {
	if most == 0 {
		most = BodiesDefault
	}
	return &Bodies{most: most, room: semaphore.NewWeighted(most)}
}

// Counts tells how many bytes are taken, and how many requests were refused so far.
func (b *Bodies) Counts() (taken, refused int64) { return b.taken.Load(), b.refused.Load() }

// Take takes room for the body of r before it is read: as much as its Content-Length says, and most, what the service
// has in memory of one body at the most, where it says nothing or more. It waits a while for others to give theirs back; the error is
// CodeThrottled. release gives the room back. A nil Bodies has room without end.
func (b *Bodies) Take(r *http.Request, most int64) (release func(), err error) {
	size := r.ContentLength
	if size < 0 {
		size = most
	}
	size = min(size, most)
	if size > 0 && r.Header.Get("Content-Encoding") == "gzip" { // unpacked it lies beside what was sent
		size += most
	}
	if b == nil || size == 0 {
		return func() {}, nil
	}
	size = min(size, b.most)
	ctx, cancel := context.WithTimeout(r.Context(), bodyWait)
	defer cancel()
	if err := b.room.Acquire(ctx, size); err != nil {
		b.refused.Add(1)
		return nil, loglake.Errorf(loglake.CodeThrottled, "Rate exceeded: the server holds %d bytes of requests, its limit. Nothing was done; try again.", b.most)
	}
	b.taken.Add(size)
	return func() {
		b.taken.Add(-size)
		b.room.Release(size)
	}, nil
}
