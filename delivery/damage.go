package delivery

import (
	"errors"
	"fmt"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/convert"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/unpack"
)

// Events that are damaged on the disk hold their source up until somebody says to go on without them (SkipDamaged). Then
// each of them is a record that could not be read: a reject without raw bytes, in the counts and under the error prefix, so
// that the books say what became of it.

// CodeDamaged is the code of such a reject.
const CodeDamaged = "Journal.Damaged"

// Skipped is what SkipDamaged goes on without: the events from From up to To, not included, of a source.
type Skipped struct {
	Source   string // log group and filter, or what is put to the stream
	From, To loglake.Offset
	Damage   string // file, place and kind
}

// lost is a range of a chunk that could not be read.
type lost struct {
	from, to loglake.Offset
	at       loglake.Millis // when it was skipped, which stands for the arrival that nobody knows
}

// SkipDamaged has a stream go on behind the damaged events that hold it up, and behind any others among those that its
// damaged sources have now. It gives what each of these sources stands at; CodeConflict says that none is damaged.
func (s *Streams) SkipDamaged(name loglake.StreamName) ([]Skipped, error) {
	_, w, err := s.lookup(name)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []Skipped
	for id, d := range w.damaged {
		w.skips[id] = s.cfg.Journal.Head(d.journal)
		all = append(all, d.Skipped)
	}
	if len(all) == 0 {
		return nil, loglake.Errorf(loglake.CodeConflict, "no events of the stream %s are damaged, as far as it has read", name).
			WithHint("`loglake status %s` says what holds it up", name)
	}
	w.nudge()
	return all, nil
}

// damage is a source's damaged place.
type damage struct {
	Skipped
	journal loglake.JournalID
}

// damagedAt notes where a source is damaged, if that is why it can't be read. The caller holds mu.
func (w *worker) damagedAt(src *source, err error) (hint string) {
	delete(w.damaged, src.feed.sourceID)
	var d *journal.CorruptError
	if !errors.As(err, &d) || d.From > src.next || d.To <= src.next {
		return ""
	}
	w.damaged[src.feed.sourceID] = damage{Skipped{src.feed.name(), src.next, d.To, d.Error()}, src.feed.journalID}
	return fmt.Sprintf("; the events before them and those of other sources are delivered, and `loglake resume %s --skip-damaged` goes on behind them and counts them as rejects", w.definition.Name)
}

// unblock has sources be read again that somebody said to go on with.
func (w *worker) unblock() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id := range w.skips {
		if src, ok := w.sources[id]; ok && w.damaged[id].journal != "" {
			src.blocked = w.streams.cfg.Clock()
		}
	}
}

// skip takes damaged events as lost, where somebody said so, as many as a chunk may hold.
func (w *worker) skip(src *source, err error) bool {
	var d *journal.CorruptError
	if !errors.As(err, &d) || d.From > src.next || d.To <= src.next {
		return false
	}
	w.mu.Lock()
	horizon := w.skips[src.feed.sourceID]
	w.mu.Unlock()
	if src.next >= horizon {
		return false
	}
	end := d.To
	if src.until >= 0 {
		end = min(end, src.until)
	}
	if src.open == nil {
		src.open = newChunk(w.recipe, src.feed, src.next)
		src.open.began = w.streams.cfg.Clock()
	}
	c := src.open
	end = min(end, src.next+loglake.Offset(max(1, convert.ChunkRowsMax-len(c.yield.rejects))))
	c.lose(lost{src.next, end, loglake.At(w.streams.cfg.Clock())})
	src.next = end
	if crowded := w.count(c); crowded || c.full() {
		w.seal(src)
	}
	return true
}

// lose adds events that can't be read, from the chunk's end on.
func (c *chunk) lose(l lost) {
	before := c.counts
	n := int64(l.to - l.from)
	c.counts.Events += n
	c.counts.Consumed += n
	c.counts.Records += n
	c.counts.Undecodable += n
	c.arrived(l.at)
	for offset := l.from; offset < l.to; offset++ {
		c.reject(reject{kind: rejectDamaged, arrival: l.at, err: &unpack.Failure{
			Code: CodeDamaged, Message: fmt.Sprintf("event %d of %s was damaged on the disk and was skipped", offset, c.feed.name()),
		}})
	}
	c.rng.To = l.to
	c.lost = append(c.lost, l)
	c.minutes.Add(c.rng.Source, l.at, c.counts.Minus(before))
}

// loseAgain does, where a chunk is read again, what was done at its place at first.
func (c *chunk) loseAgain(was []lost) bool {
	for _, l := range was {
		if l.from == c.rng.To {
			c.lose(l)
			return true
		}
	}
	return false
}
