package journal

import "github.com/loglake/loglake"

// Deleted tells whether id was deleted and bytes of it may still be on the disk: nothing may be appended to it.
func (l *Log) Deleted(id loglake.JournalID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, gone := l.deleted[id]
	return gone
}
