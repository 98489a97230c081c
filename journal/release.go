package journal

import (
	"context"
	"slices"

	"github.com/loglake/loglake"
)

// Create makes id known, durably, without events. Doing it again changes nothing.
func (l *Log) Create(id loglake.JournalID) error {
	if id == "" || len(id) > JournalIDBytesMax {
		return loglake.Errorf(loglake.CodeInvalid, "A journal's name has 1 to %d bytes, not %d.", JournalIDBytesMax, len(id))
	}
	l.mu.Lock()
	j := l.journals[id]
	known := j != nil && j.listed
	l.mu.Unlock()
	if known {
		return nil
	}
	return l.control(recordCreate, id)
}

// Delete forgets id and all its events, durably. It may be done again, and with an id that never was. An id that was
// deleted is not to be used again. It works while the disk is full.
func (l *Log) Delete(id loglake.JournalID) error {
	for try := 0; ; try++ {
		l.mu.Lock()
		j := l.journals[id]
		l.mu.Unlock()
		if j == nil {
			return nil
		}
		err := l.control(recordDelete, id)
		if loglake.CodeOf(err) == loglake.CodeNotFound {
			return nil // somebody else's Delete came first
		}
		// When the disk turns out to be full, the spare is given up, and there is space for this.
		if try == 1 || loglake.CodeOf(err) != loglake.CodeThrottled {
			return err
		}
	}
}

// Release says that blocks wholly below floor with all timestamps and ingestion times below cutoff are no longer needed;
// a timestamp counts as AheadMax after the ingestion at most, and cutoff math.MaxInt64 means that time does not matter. Blocks go oldest first, and none goes before the one ahead of it; those
// in segments by whole runs. The space is given back by Run. Floor and cutoff are not kept over a restart: until Release
// is called again, First may show some events that were released.
func (l *Log) Release(id loglake.JournalID, floor loglake.Offset, cutoff loglake.Millis) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	j := l.journals[id]
	if j == nil {
		return nil
	}
	if floor > j.head {
		return loglake.Errorf(loglake.CodeInternal, "journal %s: release of events up to %d, its head is %d", id, floor, j.head)
	}
	j.floor, j.cutoff = floor, cutoff
	for _, r := range j.release() {
		r.dead = true
		l.wakeSettler()
	}
	return nil
}

// Head gives the next offset of id: all events below it are on the disk. 0 for an unknown journal.
func (l *Log) Head(id loglake.JournalID) loglake.Offset {
	l.mu.Lock()
	defer l.mu.Unlock()
	if j := l.journals[id]; j != nil {
		return j.head
	}
	return 0
}

// First gives the offset of the oldest event kept; equal to Head when there is none.
func (l *Log) First(id loglake.JournalID) loglake.Offset {
	l.mu.Lock()
	defer l.mu.Unlock()
	if j := l.journals[id]; j != nil {
		return j.first
	}
	return 0
}

// Journals gives the known journals, sorted.
func (l *Log) Journals() []loglake.JournalID {
	l.mu.Lock()
	ids := make([]loglake.JournalID, 0, len(l.journals))
	for id, j := range l.journals {
		if j.listed {
			ids = append(ids, id)
		}
	}
	l.mu.Unlock()
	slices.Sort(ids)
	return ids
}

// Size gives the bytes that id's events take on the disk.
func (l *Log) Size(id loglake.JournalID) (bytes int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if j := l.journals[id]; j != nil {
		for _, r := range j.runs {
			bytes += r.bytes()
		}
		for _, p := range j.wal {
			bytes += p.bytes()
		}
	}
	return bytes
}

// LastIngested gives when the newest of id's events came in, 0 where none is kept. It looks at the newest file only.
func (l *Log) LastIngested(id loglake.JournalID) (at loglake.Millis) {
	l.mu.Lock()
	defer l.mu.Unlock()
	j := l.journals[id]
	if j == nil {
		return 0
	}
	var newest []streamCount
	if n := len(j.runs); n > 0 {
		newest = j.runs[n-1].streams
	}
	if n := len(j.wal); n > 0 {
		newest = j.wal[n-1].streams
	}
	for i := range newest {
		at = max(at, newest[i].stat.LastIngested)
	}
	return at
}

// Streams gives what is kept of each log stream of id that has events.
func (l *Log) Streams(id loglake.JournalID) map[loglake.LogStreamName]StreamStat {
	l.mu.Lock()
	defer l.mu.Unlock()
	stats := map[loglake.LogStreamName]StreamStat{}
	add := func(counts []streamCount) {
		for i := range counts {
			s := stats[counts[i].name]
			s.add(counts[i].stat)
			stats[counts[i].name] = s
		}
	}
	if j := l.journals[id]; j != nil {
		for _, r := range j.runs {
			add(r.streams)
		}
		for _, p := range j.wal {
			if p.dead < len(p.entries) {
				add(p.streams)
			}
		}
	}
	return stats
}

// HasStream tells whether Streams has a log stream, at far less cost where there are many.
func (l *Log) HasStream(id loglake.JournalID, name loglake.LogStreamName) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	j := l.journals[id]
	if j == nil {
		return false
	}
	named := func(c streamCount) bool { return c.name == name }
	return slices.ContainsFunc(j.runs, func(r *run) bool { return slices.ContainsFunc(r.streams, named) }) ||
		slices.ContainsFunc(j.wal, func(p *piece) bool {
			_, there := p.byName[name]
			return there && p.dead < len(p.entries)
		})
}

// Notify gives a channel that is closed at the next append to id, at its deletion, or when l stops.
func (l *Log) Notify(id loglake.JournalID) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.notice(id)
}

// notice is Notify for a caller that holds mu.
func (l *Log) notice(id loglake.JournalID) <-chan struct{} {
	ch := l.watch[id]
	if ch == nil {
		ch = make(chan struct{})
		if l.closed != nil {
			close(ch)
			return ch
		}
		l.watch[id] = ch
	}
	return ch
}

// Wait returns nil when Head(id) is beyond after. It fails when ctx ends, l stops, or id is deleted.
func (l *Log) Wait(ctx context.Context, id loglake.JournalID, after loglake.Offset) error {
	for {
		l.mu.Lock()
		j := l.journals[id]
		_, gone := l.deleted[id]
		closed := l.closed
		var ch <-chan struct{}
		if reached := j != nil && j.head > after; reached {
			l.mu.Unlock()
			return nil
		}
		if closed == nil && !gone {
			ch = l.notice(id)
		}
		l.mu.Unlock()
		if gone {
			return errDeleted(id)
		}
		if closed != nil {
			return closed
		}
		select {
		case <-ch:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
