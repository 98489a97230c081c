package capture

import (
	"bytes"
	"fmt"
	"regexp"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/loglake/loglake/shape"
)

// Shape says what becomes of lines on their way into the spool. The zero value sends them as they are.
type Shape struct {
	Parser *shape.Parser  // nil: lines are not parsed
	Noise  *shape.Noise   // nil: nothing is noise
	Join   bool           // the lines of a stack trace are one event
	Start  *regexp.Regexp // with Join: an event begins with a line that matches, and no other; nil: Join knows stack traces
}

// joinPause is how long the lines of a stack trace may be apart.
const joinPause = 300 * time.Millisecond

// partBytes is how much of a line that is too long for an event goes into each of several. Its JSON string, at most six
// times as long, fits.
const partBytes = 128 << 10

// counts is what shaping met.
type counts struct {
	lines    int64   // read, blank ones included
	bytes    int64   // of them
	events   int64   // that went into the spool
	noise    []int64 // events dropped, by rule
	unparsed int64   // events kept as {"message": …}
	blank    int64   // lines without a character, which the wire does not take
	repaired int64   // lines with bytes that are not UTF-8
	parted   int64   // lines that were too long for one event
}

// shaper makes the events of one source. It belongs to one goroutine.
type shaper struct {
	name  string // of the source
	shape Shape
	spool *spool
	ring  *ring

	carry   []byte // the beginning of a line
	parts   int    // of the line in carry, that are sent already; 0: it is not too long
	partAt  int64
	joiner  shape.Joiner
	holding bool  // joiner has something
	heldAt  int64 // when its first line was read

	out    []Event // not yet in the spool
	arena  []byte  // what their messages lie in
	counts counts

	mu   sync.Mutex // guards what follows
	told counts     // counts, a moment ago
}

const (
	outBytesMax = 256 << 10
	takeBytes   = 256 << 10
)

func newShaper(t *tap, shaped Shape, into *spool) *shaper {
	return &shaper{name: t.source.Name, shape: shaped, spool: into, ring: t.lines, joiner: shape.Joiner{Start: shaped.Start}}
}

// run shapes what the ring gives, until it is closed and empty.
func (s *shaper) run() {
	buf := make([]byte, takeBytes)
	late := time.NewTimer(joinPause)
	defer late.Stop()
	for {
		t := s.ring.take(buf)
		if t.cut && len(s.carry) > 0 {
			s.line(nil, s.partAt)
		}
		if t.n > 0 {
			s.feed(buf[:t.n], t.at)
			continue
		}
		if t.last {
			s.finish()
			return
		}
		if s.holding && s.joiner.Complete() {
			s.endEvent()
		}
		s.store()
		s.publish()
		if s.holding {
			late.Reset(joinPause)
		}
		select {
		case <-s.ring.ready:
		case <-late.C:
			s.endEvent()
			s.store()
			s.publish()
		}
	}
}

// finish ends what is open.
func (s *shaper) finish() {
	if len(s.carry) > 0 || s.parts > 0 {
		s.line(nil, s.partAt)
	}
	s.endEvent()
	s.store()
	s.publish()
}

// publish has others see the counts.
func (s *shaper) publish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	noise := append(s.told.noise[:0], s.counts.noise...)
	s.told = s.counts
	s.told.noise = noise
}

// addTo adds what was published to a summary.
func (s *shaper) addTo(sum *Summary) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := &s.told
	sum.Lines += n.lines
	sum.Bytes += n.bytes
	sum.Events += n.events
	sum.Unparsed += n.unparsed
	sum.Blank += n.blank
	sum.Repaired += n.repaired
	sum.Parted += n.parted
	for rule, dropped := range n.noise {
		for rule >= len(sum.Noise) {
			sum.Noise = append(sum.Noise, 0)
		}
		sum.Noise[rule] += dropped
	}
}

// feed takes bytes that were read at one time.
func (s *shaper) feed(b []byte, at int64) {
	for len(b) > 0 {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			s.carry = append(s.carry, b...)
			s.partAt = at
			s.sendParts(at)
			return
		}
		s.line(b[:i], at)
		b = b[i+1:]
	}
}

// line takes the rest of a line, behind what is carried.
func (s *shaper) line(rest []byte, at int64) {
	line := rest
	if len(s.carry) > 0 {
		s.carry = append(s.carry, rest...)
		line = s.carry
	}
	s.counts.lines++
	s.counts.bytes += int64(len(line)) + 1
	if s.parts > 0 || len(line) > EventBytesMax {
		if len(s.carry) == 0 {
			s.carry = append(s.carry, line...)
		}
		s.sendParts(at)
		s.part(s.carry, at, true)
		s.carry, s.parts = s.carry[:0], 0
		s.counts.parted++
		return
	}
	s.whole(bytes.TrimSuffix(line, []byte{'\r'}), at)
	s.carry = s.carry[:0]
}

// whole takes a whole line that one event can hold.
func (s *shaper) whole(line []byte, at int64) {
	if !utf8.Valid(line) {
		line = bytes.ToValidUTF8(line, []byte("\uFFFD"))
		s.counts.repaired++
	}
	if !s.shape.Join || len(line) > shape.JoinBytesMax {
		s.endEvent()
		s.event(line, at)
		return
	}
	event, ok := s.joiner.Add(line)
	if ok {
		s.event(event, s.heldAt)
	}
	if ok || !s.holding {
		s.heldAt = at
	}
	s.holding = true
}

// endEvent ends the event that might have gone on.
func (s *shaper) endEvent() {
	if !s.holding {
		return
	}
	s.holding = false
	if event, ok := s.joiner.Flush(); ok {
		s.event(event, s.heldAt)
	}
}

// event parses an event, and keeps it unless it is noise.
func (s *shaper) event(text []byte, at int64) {
	if len(bytes.TrimSpace(text)) == 0 {
		s.counts.blank++
		return
	}
	start, unparsed := len(s.arena), false
	if s.shape.Parser != nil {
		var ok bool
		s.arena, ok = s.shape.Parser.Parse(s.arena, text)
		unparsed = !ok
	} else {
		s.arena = append(s.arena, text...)
	}
	message := s.arena[start:len(s.arena):len(s.arena)]
	if s.shape.Noise != nil {
		if rule, drop := s.shape.Noise.Drop(message); drop {
			for rule >= len(s.counts.noise) {
				s.counts.noise = append(s.counts.noise, 0)
			}
			s.counts.noise[rule]++
			s.arena = s.arena[:start]
			return
		}
	}
	if unparsed {
		s.counts.unparsed++
	}
	if len(message) > EventBytesMax {
		s.arena = s.arena[:start]
		s.splitEvent(text, at)
		return
	}
	s.emit(message, at)
}

// splitEvent sends an event whose JSON has become too long in parts.
func (s *shaper) splitEvent(text []byte, at int64) {
	rest := s.sendPieces(text, at)
	s.part(rest, at, true)
	s.parts = 0
	s.counts.parted++
}

// sendParts sends what is carried of a line that is too long for an event, but for a last part.
func (s *shaper) sendParts(at int64) {
	if s.parts == 0 {
		if len(s.carry) <= EventBytesMax {
			return
		}
		s.endEvent()
	}
	s.carry = append(s.carry[:0], s.sendPieces(s.carry, at)...)
}

// sendPieces sends all of text but what fits a last part, which it gives. It does not cut through a character.
func (s *shaper) sendPieces(text []byte, at int64) (rest []byte) {
	for len(text) > partBytes {
		n := partBytes
		for back := 1; back < utf8.UTFMax && !utf8.RuneStart(text[n]); back++ {
			n--
		}
		s.part(text[:n], at, false)
		text = text[n:]
	}
	return text
}

// part sends one part of a line as {"loglake":"part", …}. docs/capture.md documents it.
func (s *shaper) part(text []byte, at int64, last bool) {
	s.parts++
	start := len(s.arena)
	s.arena = fmt.Appendf(s.arena, `{"loglake":"part","line":"%s-%s-%d","part":%d,"last":%t,`,
		s.spool.id, s.name, s.counts.parted+1, s.parts, last)
	object := shape.AppendMessage(nil, bytes.ToValidUTF8(text, []byte("\uFFFD")))
	s.arena = append(s.arena, object[1:]...)
	s.emit(s.arena[start:len(s.arena):len(s.arena)], at)
}

func (s *shaper) emit(message []byte, at int64) {
	s.out = append(s.out, Event{Time: at, Message: message})
	s.counts.events++
	if len(s.arena) > outBytesMax {
		s.store()
	}
}

// store hands what there is to the spool.
func (s *shaper) store() {
	if len(s.out) == 0 {
		return
	}
	s.spool.append(s.out)
	s.out, s.arena = s.out[:0], s.arena[:0]
	s.publish()
}
