package journal

import (
	"context"

	"github.com/loglake/loglake"
)

// AppendAll stores puts in their order, each only if the one before it was stored, and returns when all are on the disk:
// they wait for one sync together, as far as they fit into one group commit. stored is how many of the first are, the
// rest failed with err; as with Append, some of the rest may be stored when ctx ended. Puts with a Dedup id are refused, as
// is, with CodeConflict, one that begins below its spool's position.
func (l *Log) AppendAll(ctx context.Context, puts []Put) (stored int, err error) {
	for i := range puts {
		if err := puts[i].check(); err != nil {
			return 0, err
		}
		if puts[i].Dedup != "" {
			return 0, loglake.Errorf(loglake.CodeInvalid, "Puts that are appended together have no id of a call.")
		}
	}
	if err := l.admit(); err != nil {
		return 0, err
	}
	queued := make([]*waiter, len(puts))
	for i := range puts {
		queued[i] = &waiter{ready: make(chan struct{}, 1)}
		queued[i].encode(&puts[i], l.buffer(&puts[i]))
		if i > 0 {
			queued[i].prev = queued[i-1]
		}
	}
	if err := l.enqueueAll(queued); err != nil {
		return 0, err
	}
	// Each is waited for, even after a failure: one of them may have to lead.
	for i, w := range queued {
		e := l.await(ctx, w)
		if e == errStale { //nolint:errorlint // it is given as it is
			e = loglake.Errorf(loglake.CodeConflict, "The put begins at position %d of its spool, which is at %d.", w.from, l.Position(puts[i].Journal, puts[i].Spool.ID))
		}
		if e == nil && err == nil {
			stored++
		} else if err == nil {
			err = e
		}
	}
	return stored, err
}

// enqueueAll queues all or none, next to each other. Where nobody leads, the first is to.
func (l *Log) enqueueAll(ws []*waiter) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, w := range ws {
		if err := l.enqueue(w); err != nil {
			for _, q := range ws[:i] {
				l.queued -= int64(len(q.bytes))
			}
			l.queue = l.queue[:len(l.queue)-i]
			return err
		}
	}
	if len(ws) > 0 && !l.leading {
		l.leading, ws[0].leads = true, true
		ws[0].ready <- struct{}{}
	}
	return nil
}
