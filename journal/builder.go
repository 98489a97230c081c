package journal

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/loglake/loglake"
)

// Builder collects the events of one put. The zero value is ready. It owns its buffers and keeps them over Reset, so a
// caller that takes builders from a pool allocates nothing for an event. It is not safe for concurrent use, and must be
// left alone while an Append that was given it runs; afterwards it may be reset and used again at once.
//
// A decoder that has to unescape a message does so straight into the builder:
//
//	buf := b.Buffer()
//	buf = appendUnescaped(buf, quoted)   // append to it as often as needed
//	b.Commit(ts, buf)                    // or drop buf: nothing was added
type Builder struct {
	messages []byte // the messages, back to back
	index    []byte // per event: zigzag varint of the timestamp's step, uvarint of the message's length
	count    int
	last     loglake.Millis
	min, max loglake.Millis
}

// Reset empties b and keeps its buffers.
func (b *Builder) Reset() {
	*b = Builder{messages: b.messages[:0], index: b.index[:0]}
}

// Grow makes room for n more bytes of messages.
func (b *Builder) Grow(n int) { b.messages = slices.Grow(b.messages, n) }

// Add copies message into b as the next event.
func (b *Builder) Add(ts loglake.Millis, message []byte) {
	b.Commit(ts, append(b.messages, message...))
}

// Buffer gives b's buffer for appending the next message to. Until Commit, b is unchanged.
func (b *Builder) Buffer() []byte { return b.messages }

// Commit makes what was appended to Buffer's result the message of the next event. buf must be that result, appended to.
func (b *Builder) Commit(ts loglake.Millis, buf []byte) {
	n := len(buf) - len(b.messages)
	if b.count == 0 {
		b.min, b.max = ts, ts
	}
	b.min, b.max = min(b.min, ts), max(b.max, ts)
	b.index = binary.AppendVarint(b.index, int64(ts-b.last))
	b.index = binary.AppendUvarint(b.index, uint64(n))
	b.messages, b.last = buf, ts
	b.count++
}

// Count is the number of events.
func (b *Builder) Count() int { return b.count }

// Bytes is the length of all messages together.
func (b *Builder) Bytes() int { return len(b.messages) }

// payload gives a copy of b's events in the form blocks have: messages, then index. They are put together in b's buffer
// first, so that the copy is of memory that nobody had to clear.
func (b *Builder) payload() []byte {
	n := len(b.messages)
	both := append(b.messages, b.index...)
	b.messages = both[:n]
	return bytes.Clone(both)
}
