package capture

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/loglake/loglake"
)

// Wire is the server, as capture sees it.
type Wire interface {
	// Put sends events. What the server has already it skips. refused is how many it did not take and never will, as one
	// that keeps the age rules of AWS. An error says that the same call is to be made again, for as long as it takes.
	Put(ctx context.Context, p Put) (refused int, err error)
}

// Put is what one call carries.
type Put struct {
	Group, Stream string
	Spool         string
	Position      int64 // of the first event
	Events        []Event
}

// sender brings the events of one spool to the server.
type sender struct {
	spool         *spool
	wire          Wire
	group, stream string
	linger        time.Duration   // how long a batch that is not full waits for more; 0: not at all
	hurry         <-chan struct{} // closed when the run ends: nothing more is appended, and nothing waits
	found         bool            // a spool that was left: nothing is appended to it
	failed        error           // of a spool that was left: why run gave it up, where another may be sent meanwhile
	link          *link

	sent    atomic.Int64
	refused atomic.Int64
}

// Pauses between attempts. Each is between half and the whole of a length that doubles.
const (
	pauseMin = 100 * time.Millisecond
	pauseMax = 30 * time.Second

	// pauseEnding is the longest when the run ends.
	pauseEnding = 500 * time.Millisecond

	// putTimeout is how long one attempt may take. A repeat of one that the server has taken costs nothing but its bytes.
	putTimeout = 60 * time.Second
)

// run sends until the spool is drained after hurry was closed, or ctx is done. It tells which. A spool that was found is
// given up, too, where it can't be read or the server refuses it for a reason that is its own.
func (s *sender) run(ctx context.Context) (drained bool) {
	var b batch
	for {
		if !s.await(ctx) {
			return false
		}
		if err := s.spool.take(&b); err != nil {
			if s.found {
				s.failed = err
				return false
			}
			s.spool.onNotice(Notice{Kind: DiskFailed, Text: err.Error(), Err: err})
			if !pause(ctx, pauseMax/10) {
				return false
			}
			continue
		}
		if len(b.events) == 0 {
			if s.hurrying() {
				return true
			}
			continue
		}
		if !s.put(ctx, &b) {
			return false
		}
	}
}

// hurrying tells whether all that is ever sent is in the spool.
func (s *sender) hurrying() bool {
	if s.found {
		return true
	}
	select {
	case <-s.hurry:
		return true
	default:
		return false
	}
}

// await waits until there is something to send; false: ctx is done.
func (s *sender) await(ctx context.Context) bool {
	for events, _ := s.spool.waiting(); events <= 0 && !s.hurrying(); events, _ = s.spool.waiting() {
		select {
		case <-s.spool.ready:
		case <-s.hurry:
		case <-ctx.Done():
			return false
		}
	}
	if s.linger == 0 {
		return ctx.Err() == nil
	}
	late := time.NewTimer(s.linger)
	defer late.Stop()
	for {
		if _, full := s.spool.waiting(); full || s.hurrying() {
			return ctx.Err() == nil
		}
		select {
		case <-s.spool.ready:
		case <-s.hurry:
		case <-late.C:
			return true
		case <-ctx.Done():
			return false
		}
	}
}

// put sends one batch until the server has it; false: ctx is done before.
func (s *sender) put(ctx context.Context, b *batch) bool {
	end := b.position + int64(len(b.events))
	for failures := 0; ; failures++ {
		attempt, cancel := context.WithTimeout(ctx, putTimeout)
		refused, err := s.wire.Put(attempt, Put{Group: s.group, Stream: s.stream, Spool: s.spool.id, Position: b.position, Events: b.events})
		cancel()
		if err == nil {
			s.link.up()
			s.spool.ack(end)
			s.sent.Add(int64(len(b.events) - refused))
			if refused > 0 {
				s.refused.Add(int64(refused))
				s.spool.onNotice(Notice{Kind: Refused, Text: fmt.Sprintf(
					"the server refused %d events of a put of %d because of their age; they are lost", refused, len(b.events))})
			}
			return true
		}
		if s.found && ctx.Err() == nil && !mayPass(err) {
			s.failed = err
			return false
		}
		s.link.down(err)
		if !s.pause(ctx, failures) {
			return false
		}
	}
}

// mayPass tells whether an error says something of the server, and not of what it was sent.
func mayPass(err error) bool {
	code := loglake.CodeOf(err)
	return code == loglake.CodeUnavailable || code == loglake.CodeThrottled
}

// pause waits before another attempt; false: ctx is done before. A run that ends has little time left, and does not wait
// long.
func (s *sender) pause(ctx context.Context, failures int) bool {
	select {
	case <-s.hurry:
		return pause(ctx, backoff(failures, pauseEnding))
	default:
	}
	t := time.NewTimer(backoff(failures, pauseMax))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-s.hurry:
		return true
	case <-ctx.Done():
		return false
	}
}

func backoff(failures int, longest time.Duration) time.Duration {
	d := min(longest, pauseMin<<min(failures, 20))
	return d/2 + rand.N(d/2+1)
}

// pause waits; false: ctx is done before.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// link tells a change of the server's state once. All senders of a run share it.
type link struct {
	notice func(Notice)
	clock  func() time.Time

	mu    sync.Mutex   // guards what follows
	code  loglake.Code // of what fails; "": nothing
	since time.Time
}

func (l *link) down(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	code := loglake.CodeOf(err)
	if code == l.code {
		return
	}
	if l.code == "" {
		l.since = l.clock()
	}
	l.code = code
	l.notice(Notice{Kind: ServerLost, Err: err, Text: "lines wait in the spool: " + plain(err)})
}

func (l *link) up() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.code == "" {
		return
	}
	l.code = ""
	l.notice(Notice{Kind: ServerBack, Text: fmt.Sprintf("the server takes lines again, after %s", l.clock().Sub(l.since).Round(time.Second))})
}

// plain is an error without its cause, which is for logs.
func plain(err error) string {
	var e *loglake.Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	if e.Hint == "" {
		return e.Message
	}
	return e.Message + " (" + e.Hint + ")"
}
