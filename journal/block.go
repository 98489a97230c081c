package journal

import (
	"encoding/binary"
	"errors"
	"iter"

	"github.com/loglake/loglake"
)

// Block is the events of one put. It is immutable and shared by everyone who reads it; it lives as long as it, or a
// message of it, is referenced.
type Block struct {
	Journal          loglake.JournalID
	Stream           loglake.LogStreamName
	First            loglake.Offset // of the first event
	Ingested         loglake.Millis
	MinTime, MaxTime loglake.Millis // of the events

	count   int
	payload []byte // messages, then index, see Builder
	split   int    // where the index begins
}

// Count is the number of events, at least 1.
func (b *Block) Count() int { return b.count }

// End is the offset after the block's last event.
func (b *Block) End() loglake.Offset { return b.First + loglake.Offset(b.count) }

// Bytes is the length of all messages together.
func (b *Block) Bytes() int { return b.split }

// Events gives the events in order with their place in the block, from 0. Event.Message points into the block.
func (b *Block) Events() iter.Seq2[int, loglake.Event] {
	return func(yield func(int, loglake.Event) bool) {
		e := loglake.Event{Offset: b.First, Ingested: b.Ingested, Stream: b.Stream}
		messages, index := b.payload[:b.split], b.payload[b.split:]
		for i := range b.count {
			step, n := binary.Varint(index)
			length, m := binary.Uvarint(index[n:])
			index = index[n+m:]
			e.Timestamp += loglake.Millis(step)
			e.Message = messages[:length:length]
			messages = messages[length:]
			if !yield(i, e) {
				return
			}
			e.Offset++
		}
	}
}

var errPayload = errors.New("the block's event index does not fit its messages")

// checkPayload makes sure that Events can walk a payload that came from a disk: its index holds count entries whose
// lengths add up to the messages.
func checkPayload(payload []byte, split, count int) error {
	if split < 0 || split > len(payload) || count < 1 {
		return errPayload
	}
	index, left := payload[split:], uint64(split)
	for range count {
		_, n := binary.Varint(index)
		if n <= 0 {
			return errPayload
		}
		length, m := binary.Uvarint(index[n:])
		if m <= 0 || length > left {
			return errPayload
		}
		left -= length
		index = index[n+m:]
	}
	if left != 0 || len(index) != 0 {
		return errPayload
	}
	return nil
}

// memory is the memory a block holds, about.
func (b *Block) memory() int64 { return int64(cap(b.payload)) + 200 }
