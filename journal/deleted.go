package journal

import "github.com/loglake/loglake"

// LostStream is the log stream of events that stand for others which the journal has lost. Clients can't name it, no filter
// matches them, and reads of a group leave them out.
const LostStream loglake.LogStreamName = ":lost"

// Deleted tells whether id was deleted and bytes of it may still be on the disk: nothing may be appended to it.
func (l *Log) Deleted(id loglake.JournalID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, gone := l.deleted[id]
	return gone
}
