package delivery

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/convert"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/pattern"
	"github.com/loglake/loglake/unpack"
)

// chunk is a converted range of one source. While it is open the worker adds to it; sealed it is immutable, and may be
// evicted: its rows go, and come again from the journal when somebody needs them, by the same recipe.
type chunk struct {
	recipe  *recipe
	feed    feed
	rng     loglake.Range
	counts  ledger.Counts
	minutes ledger.Minutes // the counts by minute of arrival
	bytes   int64          // of the messages, before compression: what buffer hints count
	oldest  loglake.Millis // arrival of the oldest record; 0 where there is none
	first   loglake.Millis // arrival of the oldest record that is in a data object; 0 where there is none
	taken   int64          // memory counted in Streams.hotBytes while the chunk is open
	began   time.Time      // when the worker opened it
	wrong   wrongShapes
	extra   []string // keys that fill no column
	refusal string   // why the first reject is one; "" where there is none
	pieces  []piece  // sealed: its rows by folder
	lost    []lost   // ranges that could not be read

	builder     *convert.ChunkBuilder // open and converting
	rejectBytes int64
	unweighed   int64 // bytes taken since full was asked last
	whole       bool  // it is read again: its end is known, however much is in it
	weight      int64 // sealed: the memory that its rows take, or took before it was evicted

	mu      sync.Mutex // guards what follows once the chunk is sealed
	yield   *yield     // nil: evicted
	memory  int64      // counted in Streams.hotBytes
	pins    int        // the worker's own, and one per query and piece
	exports []export   // by piece
}

// yield is what the events of a chunk became.
type yield struct {
	parts   []*convert.Chunk // converting: the rows of each piece
	plain   []byte           // not converting: the output as it will be, before compression
	rejects []reject
}

// feed says how the events of a source become records.
type feed struct {
	pattern      *pattern.Pattern // nil: every event is a record that was put directly
	group        loglake.GroupName
	filter       string
	account      string
	controlFrom  loglake.Offset // the offset before which the control message goes; -1: none
	sourceID     loglake.SourceID
	journalID    loglake.JournalID
	messagesOnly bool
}

func newChunk(r *recipe, f feed, from loglake.Offset) *chunk {
	f.messagesOnly = f.pattern != nil && r.messagesOnly()
	c := &chunk{recipe: r, feed: f, rng: loglake.Range{Source: f.sourceID, Journal: f.journalID, From: from, To: from}, pins: 1, yield: &yield{}}
	if r.converter != nil {
		c.builder = r.builder()
	}
	return c
}

// weighBytes is how much a chunk may take before it is asked whether it is full.
const weighBytes = 256 << 10

// overfull tells whether the chunk is to be sealed in the middle of a block, which may be of many records that each
// unpack or convert to much.
func (c *chunk) overfull() bool {
	if c.unweighed < weighBytes || c.whole {
		return false
	}
	c.unweighed = 0
	return c.full()
}

// weight is the memory that the batch's rows take once they are all loaded.
func (b *batch) weight() (sum int64) {
	for _, c := range b.chunks {
		sum += c.weight
	}
	return sum
}

// full tells whether the chunk is to be sealed.
func (c *chunk) full() bool {
	if c.builder != nil && (c.builder.Rows() >= convert.ChunkRowsMax || c.builder.Bytes() >= convert.ChunkBytesMax) {
		return true
	}
	return c.bytes >= convert.ChunkBytesMax || len(c.yield.rejects) >= convert.ChunkRowsMax
}

// size is the memory that an open chunk takes.
func (c *chunk) size() int64 {
	size := int64(len(c.yield.plain)) + c.rejectBytes
	if c.builder != nil {
		size += int64(c.builder.Bytes())
	}
	return size
}

// take adds the events of a block from the chunk's end up to (not including) until; -1 is the block's end. It stops before
// where the chunk is full. Only blocks whose events go into envelopes are taken whole, so that an envelope holds the
// events of one put. A block that begins behind the chunk's end tells of events that the journal has lost: nothing is taken.
func (c *chunk) take(b *journal.Block, until loglake.Offset) error {
	if b.First > c.rng.To {
		return &journal.CorruptError{File: "the journal", Journal: c.rng.Journal, From: c.rng.To, To: b.First, What: "events are missing"}
	}
	before := c.counts
	if c.feed.controlFrom == c.rng.To && !c.feed.messagesOnly {
		c.control(b.Ingested)
	}
	late := loglake.Late(b.MinTime, b.Ingested) // one of its events is
	end := b.End()
	if until >= 0 && until < end {
		end = until
	}
	var matched []loglake.Event
	for _, e := range b.Events() {
		if e.Offset < c.rng.To || until >= 0 && e.Offset >= until {
			continue
		}
		c.counts.Events++
		c.counts.Bytes += int64(len(e.Message))
		if late && loglake.Late(e.Timestamp, e.Ingested) {
			c.counts.Late++
		}
		switch {
		case c.feed.pattern == nil:
			c.record(e.Message, e.Ingested)
		case b.Stream == journal.LostStream || !c.feed.pattern.Match(e.Message):
			c.counts.Unmatched++
		case c.feed.messagesOnly:
			c.counts.Consumed++
			c.counts.Records++
			c.counts.Unpacked++
			c.arrived(e.Ingested)
			c.message(e.Message, func() []byte { return c.envelope([]loglake.Event{e}, true) }, e.Ingested)
		default:
			c.counts.Consumed++
			matched = append(matched, e)
			continue
		}
		if c.overfull() {
			end = e.Offset + 1
			break
		}
	}
	c.envelopes(matched)
	c.rng.To = end
	c.minutes.Add(c.rng.Source, b.Ingested, c.counts.Minus(before))
	return nil
}

func (c *chunk) arrived(at loglake.Millis) {
	if c.oldest == 0 || at < c.oldest {
		c.oldest = at
	}
}

// landed notes the arrival of a record that is in a data object.
func (c *chunk) landed(at loglake.Millis) {
	if c.first == 0 || at < c.first {
		c.first = at
	}
}

// envelopes builds the records that a subscription sends for events of one put: as few as fit a record's size.
func (c *chunk) envelopes(events []loglake.Event) {
	for len(events) > 0 {
		n, bytes := 0, 0
		for n < len(events) && (n == 0 || bytes+len(events[n].Message) <= envelopeBytes) {
			bytes += len(events[n].Message)
			n++
		}
		// What the stream would decompress at once is never compressed.
		c.unpacked(c.envelope(events[:n], !c.recipe.unpack.Decompress), events[0].Ingested, c.recipe.unpack.Decompress)
		events = events[n:]
	}
}

// envelope gives the subscription record of some events of one put, compressed as the service sends it or not.
func (c *chunk) envelope(events []loglake.Event, compress bool) []byte {
	head := unpack.EnvelopeHead{
		MessageType: unpack.DataMessage, Owner: c.feed.account, LogGroup: string(c.feed.group), LogStream: string(events[0].Stream),
		SubscriptionFilters: []string{c.feed.filter},
	}
	inner := make([]unpack.EnvelopeEvent, len(events))
	for i, e := range events {
		inner[i] = unpack.EnvelopeEvent{
			ID: unpack.EventID(e.Timestamp, c.rng.Journal, e.Offset), Timestamp: e.Timestamp, Message: e.Message,
		}
	}
	doc := unpack.BuildEnvelope(nil, &head, inner)
	if compress {
		return unpack.Gzip(nil, doc)
	}
	return doc
}

// control adds the record by which the service tries a new subscription. It carries no event.
func (c *chunk) control(at loglake.Millis) {
	head := unpack.EnvelopeHead{MessageType: unpack.ControlMessage, Owner: "CloudwatchLogs"}
	doc := unpack.BuildEnvelope(nil, &head, []unpack.EnvelopeEvent{{
		Timestamp: at, Message: []byte("CWL CONTROL MESSAGE: Checking health of destination Firehose."),
	}})
	if c.recipe.unpack.Decompress {
		c.unpacked(doc, at, true)
		return
	}
	c.unpacked(unpack.Gzip(nil, doc), at, false)
}

// unpacked adds a record that this stream itself made: an envelope, already decompressed or not to be.
func (c *chunk) unpacked(doc []byte, at loglake.Millis, decompressed bool) {
	c.counts.Records++
	c.counts.Unpacked++
	c.arrived(at)
	c.message(doc, func() []byte {
		if decompressed {
			return unpack.Gzip(nil, doc)
		}
		return doc
	}, at)
}

// record adds a record that was put directly.
func (c *chunk) record(data []byte, at loglake.Millis) {
	c.arrived(at)
	if !c.recipe.unpack.Decompress && !c.recipe.unpack.ExtractMessages {
		c.counts.Consumed++
		c.counts.Records++
		c.counts.Unpacked++
		c.message(data, func() []byte { return data }, at)
		return
	}
	config := c.recipe.unpack
	config.AppendDelimiter = false // added where bytes are written
	messages, control, err := unpack.Record(config, data)
	if control && len(messages) == 0 {
		c.counts.Control++
		return
	}
	c.counts.Consumed++
	c.counts.Records++
	if err != nil {
		c.counts.Undecodable++
		c.reject(reject{kind: rejectDecompression, err: err, raw: data, arrival: at})
		return
	}
	c.counts.Unpacked++
	for i, m := range messages {
		c.message(m, func() []byte { return original(data, i, len(messages)) }, at)
	}
}

// message adds what unpacking gave. original gives the record to keep where conversion refuses it.
func (c *chunk) message(m []byte, original func() []byte, at loglake.Millis) {
	c.counts.Messages++
	c.bytes += int64(len(m))
	c.unweighed += int64(len(m))
	if c.builder == nil {
		c.counts.Delivered++
		c.landed(at)
		c.yield.plain = append(c.yield.plain, m...)
		if c.recipe.unpack.AppendDelimiter {
			c.yield.plain = append(c.yield.plain, '\n')
		}
		return
	}
	rows, refused := c.builder.Add(m)
	if refused == nil {
		c.counts.Delivered++
		c.counts.Rows += int64(rows)
		c.unweighed += int64(rows) * c.recipe.rowBytes
		c.wrong.landed(m)
		c.landed(at)
		return
	}
	c.counts.Rejected++
	shape := c.wrong.refused(m)
	c.reject(reject{
		kind: rejectConversion, code: refused.Code, message: refused.Message, raw: original(), arrival: at, hint: shape.text(),
	})
}

// rejectOverhead is what a reject takes beside its bytes: texts, mostly shared.
const rejectOverhead = 200

func (c *chunk) reject(r reject) {
	r.raw = bytes.Clone(r.raw) // it may lie in a journal block, which should be free to go
	c.bytes += int64(len(r.raw))
	c.rejectBytes += int64(len(r.raw)) + rejectOverhead
	if c.refusal == "" {
		c.refusal = r.reason()
	}
	c.yield.rejects = append(c.yield.rejects, r)
}

// seal ends the building of the chunk.
func (c *chunk) seal() {
	c.memory = int64(len(c.yield.plain)) + c.rejectBytes
	if c.builder != nil {
		full := c.full()
		rows := c.builder.Finish()
		c.pieces, c.yield.parts = c.recipe.split(rows)
		c.exports = make([]export, len(c.pieces))
		c.memory += int64(rows.Bytes())
		if len(c.pieces) > 1 {
			c.memory += 4 * int64(rows.Rows()) // which is whose
		}
		c.wrong.sealed(rows.Stats().NullRows, c.counts.Rows)
		c.extra = rows.Stats().ExtraNames
		if full { // a stream that fills chunks soon needs the next one; of a slow one the memory is wanted back
			c.recipe.release(c.builder)
		}
		c.builder = nil
	}
	c.weight = c.memory
}

// evict lets the rows of a sealed chunk go, and tells how much memory that frees. They are exported first, for queries;
// a flush reads them from the journal. Where the export fails, as on a full disk, they go all the same: a query that wants
// them tries again.
func (c *chunk) evict(s *Streams) (freed int64) {
	for i := range c.pieces {
		if _, _, err := c.exported(context.Background(), s, i); err != nil {
			s.cfg.OnEvent(Notice{Stream: c.recipe.def.Name, Kind: NoticeRetry, Text: "hot rows could not be exported: queries read them from the journal", Err: err})
			break
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	freed, c.memory, c.yield = c.memory, 0, nil
	return freed
}

// load gives what the chunk holds, from memory or again from the journal. Where it comes from the journal it is the
// caller's alone.
func (c *chunk) load(ctx context.Context, log *journal.Log) (*yield, error) {
	c.mu.Lock()
	y := c.yield
	c.mu.Unlock()
	if y != nil {
		return y, nil
	}
	again := newChunk(c.recipe, c.feed, c.rng.From)
	again.whole = true
	for again.rng.To < c.rng.To {
		if again.loseAgain(c.lost) {
			continue
		}
		blocks, err := log.Read(ctx, c.rng.Journal, again.rng.To, readBytes)
		if err != nil {
			return nil, err
		}
		if len(blocks) == 0 {
			return nil, fmt.Errorf("read %s again: the journal ends at %d", c.rng, again.rng.To)
		}
		for _, b := range blocks {
			if again.rng.To >= c.rng.To || b.First > again.rng.To { // what is between was lost
				break
			}
			if err := again.take(b, c.rng.To); err != nil {
				return nil, fmt.Errorf("read %s again: %w", c.rng, err)
			}
		}
	}
	again.seal()
	if again.counts != c.counts || !slices.Equal(again.minutes, c.minutes) || !slices.Equal(again.pieces, c.pieces) {
		return nil, fmt.Errorf("read %s again: it gave %+v in %d folders, and %+v in %d at first",
			c.rng, again.counts, len(again.pieces), c.counts, len(c.pieces))
	}
	return again.yield, nil
}
