package journal

import (
	"crypto/sha256"

	"github.com/loglake/loglake"
)

// dedupKey stands for a journal and a Dedup id. It is a hash that nobody can make collide, so that ids of any length cost
// the same.
type dedupKey [16]byte

func keyOf(id loglake.JournalID, dedup string) dedupKey {
	var buf [JournalIDBytesMax + 1 + DedupBytesMax]byte
	b := append(buf[:0], id...)
	b = append(b, 0)
	b = append(b, dedup...)
	sum := sha256.Sum256(b)
	return dedupKey(sum[:16])
}

// answer is what an earlier put with the key was told.
type answer struct {
	key   dedupKey
	first loglake.Offset
	count int
	at    loglake.Millis // ingestion time of the put
	reply []byte
	file  uint64 // the WAL file of the put
}

const answerMemory = 160 // of an answer without its reply, with its place in map and ring

// answers remembers answers for DedupWindow, or until most is used: then the oldest go first.
type answers struct {
	byKey map[dedupKey]*answer
	ring  []*answer // in the order they were given
	head  int
	bytes int64
	most  int64
}

func (a *answers) get(key dedupKey, now loglake.Millis) *answer {
	e := a.byKey[key]
	if e == nil || e.expired(now) {
		return nil
	}
	return e
}

func (e *answer) memory() int64 { return answerMemory + int64(len(e.reply)) }

func (e *answer) expired(now loglake.Millis) bool {
	return e.at+loglake.Millis(DedupWindow.Milliseconds()) < now
}

func (a *answers) add(e *answer, now loglake.Millis) {
	if e.expired(now) {
		return
	}
	a.byKey[e.key] = e
	a.ring = append(a.ring, e)
	a.bytes += e.memory()
	for a.head < len(a.ring) && (a.bytes > a.most || a.ring[a.head].expired(now)) {
		old := a.ring[a.head]
		if a.byKey[old.key] == old {
			delete(a.byKey, old.key)
		}
		a.bytes -= old.memory()
		a.ring[a.head] = nil
		a.head++
	}
	if a.head > 1024 && a.head > len(a.ring)/2 {
		n := copy(a.ring, a.ring[a.head:])
		clear(a.ring[n:])
		a.ring, a.head = a.ring[:n], 0
	}
}
