// Package ledger keeps the books: what became of every event that a producer took from a journal, in the transaction that
// commits it, under constraints that make the sums prove themselves. A batch whose numbers do not add up can't be
// committed, and what two tables say of the same events can be held against each other at any time.
//
// The equations, over the journal ranges of one batch, of one source, and of one minute of arrival alike:
//
//	events   = unmatched + control + consumed     what lies in the ranges
//	records  = unpacked + undecodable             what the stream carried
//	messages = delivered + rejected               what unpacking gave
//	rejects  = undecodable + rejected             lines in reject objects
//
// The tables:
//
//	ledger_batches     a row per batch, written once
//	ledger_producers   running totals of the batches of a producer
//	ledger_sources     running totals per producer and source, with the offsets between which they were counted:
//	                   at − began = events. A source is a subscription, a route, or the records put to a stream
//	ledger_minutes     the same by the minute in which the events arrived; after KeepMinutes by the day (Fold)
//
// A batch adds its row and to one row of each of the others for each source, and for each minute that it holds events of.
// Nothing here is written per put, sampled, or summed from all batches. Routes have no batches: Take keeps their books.
//
// What the tables can't say is what was there before them. A lake that was made by an earlier version has totals per
// producer from its first batch on, and the books of its sources and minutes begin with the first batch after that:
// Producer.Detailed is its number.
package ledger

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/loglake/loglake"
)

// The spans of time that rows of ledger_minutes are for, in milliseconds.
const (
	SpanMinute = loglake.Millis(time.Minute / time.Millisecond)
	SpanDay    = loglake.Millis(24 * time.Hour / time.Millisecond)
)

// KeepMinutes is how long sums are kept by the minute; older ones are folded to days by Fold, and kept for ever.
const KeepMinutes = 31 * 24 * time.Hour

// MinutesMax bounds the minutes of one source in one batch: of a batch that holds more, those before its last day are
// days from the start.
const MinutesMax = 1440

// Counts is what became of some events.
type Counts struct {
	Events      int64 `json:",omitempty"` // offsets in the ranges
	Unmatched   int64 `json:",omitempty"` // events that the subscription's pattern leaves out
	Control     int64 `json:",omitempty"` // control documents, which carry no event
	Consumed    int64 `json:",omitempty"` // events and records that went on
	Records     int64 `json:",omitempty"` // records as the stream carried them
	Unpacked    int64 `json:",omitempty"` // records that unpacking understood
	Undecodable int64 `json:",omitempty"` // records that it did not: rejected whole
	Messages    int64 `json:",omitempty"` // what unpacking gave
	Delivered   int64 `json:",omitempty"` // messages that are in data objects; of a route events that are in its target
	Rejected    int64 `json:",omitempty"` // messages that conversion refused
	Rows        int64 `json:",omitempty"` // rows in data objects: a message may hold several JSON objects
	Bytes       int64 `json:",omitempty"` // of the events, as they were put
	Late        int64 `json:",omitempty"` // events with a timestamp older than their arrival by more than loglake.LateAfter
}

// columns names what fields gives.
var columns = [...]string{
	"events", "unmatched", "control", "consumed", "records", "unpacked", "undecodable", "messages", "delivered", "rejected",
	"row_count", "bytes", "late",
}

func (c *Counts) fields() [len(columns)]*int64 {
	return [...]*int64{
		&c.Events, &c.Unmatched, &c.Control, &c.Consumed, &c.Records, &c.Unpacked, &c.Undecodable, &c.Messages, &c.Delivered, &c.Rejected,
		&c.Rows, &c.Bytes, &c.Late,
	}
}

// Rejects is the number of lines in reject objects.
func (c Counts) Rejects() int64 { return c.Undecodable + c.Rejected }

// Add adds other to c.
func (c *Counts) Add(other Counts) {
	from := other.fields()
	for i, f := range c.fields() {
		*f += *from[i]
	}
}

// Minus gives c without other.
func (c Counts) Minus(other Counts) Counts {
	from := other.fields()
	for i, f := range c.fields() {
		*f -= *from[i]
	}
	return c
}

// Against says where c is not other: "5 events and not 4, 3 unmatched and not 2".
func (c Counts) Against(other Counts) string {
	var all []string
	from := other.fields()
	for i, f := range c.fields() {
		if *f != *from[i] {
			all = append(all, fmt.Sprintf("%d %s and not %d", *f, columns[i], *from[i]))
		}
	}
	return strings.Join(all, ", ")
}

// Balance tells which equation does not hold.
func (c Counts) Balance() error {
	switch {
	case c.Events != c.Unmatched+c.Control+c.Consumed:
		return fmt.Errorf("%d events are not %d unmatched, %d control and %d consumed", c.Events, c.Unmatched, c.Control, c.Consumed)
	case c.Records != c.Unpacked+c.Undecodable:
		return fmt.Errorf("%d records are not %d unpacked and %d undecodable", c.Records, c.Unpacked, c.Undecodable)
	case c.Messages != c.Delivered+c.Rejected:
		return fmt.Errorf("%d messages are not %d delivered and %d rejected", c.Messages, c.Delivered, c.Rejected)
	case c.Late > c.Events:
		return fmt.Errorf("%d of %d events are late", c.Late, c.Events)
	}
	for i, f := range c.fields() {
		if *f < 0 {
			return fmt.Errorf("%s is %d, less than nothing", columns[i], *f)
		}
	}
	return nil
}

// Check tells which equation does not hold for counts over ranges.
func (c Counts) Check(ranges []loglake.Range) error {
	var events int64
	for _, r := range ranges {
		events += r.Len()
	}
	if events != c.Events {
		return fmt.Errorf("the ranges have %d events, counted were %d", events, c.Events)
	}
	return c.Balance()
}

// Minute is what became of the events of one source that arrived in one minute, or one day, as far as a batch took them.
type Minute struct {
	Source loglake.SourceID
	Start  loglake.Millis // a multiple of Span
	Span   loglake.Millis // SpanMinute or SpanDay
	Counts
}

// Minutes are those of a batch: no two with one source, start and span.
type Minutes []Minute

// Add adds counts of events of a source that arrived at an instant. Events arrive in about their order, so they belong to
// the last minute nearly always.
func (m *Minutes) Add(source loglake.SourceID, at loglake.Millis, c Counts) {
	if c == (Counts{}) {
		return
	}
	one := Minute{Source: source, Start: at - at%SpanMinute, Span: SpanMinute, Counts: c}
	for i := len(*m) - 1; i >= 0; i-- {
		if at := &(*m)[i]; at.Source == one.Source && at.Start == one.Start && at.Span == one.Span {
			at.Counts.Add(one.Counts)
			return
		}
	}
	*m = append(*m, one)
}

// Join gives the sum of several.
func Join(parts []Minutes) (all Minutes) {
	place := map[Minute]int{}
	for _, part := range parts {
		for _, one := range part {
			id := Minute{Source: one.Source, Start: one.Start, Span: one.Span}
			i, known := place[id]
			if !known {
				i = len(all)
				place[id] = i
				all = append(all, id)
			}
			all[i].Counts.Add(one.Counts)
		}
	}
	return all
}

// Bounded gives m with at most about MinutesMax for each source: of a source that has more, those before its last day are
// added up by the day.
func (m Minutes) Bounded() Minutes {
	count, last := map[loglake.SourceID]int{}, map[loglake.SourceID]loglake.Millis{}
	many := false
	for _, one := range m {
		count[one.Source]++
		last[one.Source] = max(last[one.Source], one.Start-one.Start%SpanDay)
		many = many || count[one.Source] > MinutesMax
	}
	if !many {
		return m
	}
	out := slices.Clone(m)
	for i, one := range out {
		if day := one.Start - one.Start%SpanDay; count[one.Source] > MinutesMax && day < last[one.Source] {
			out[i].Start, out[i].Span = day, SpanDay
		}
	}
	return Join([]Minutes{out})
}

// Of gives the sum of a source.
func (m Minutes) Of(source loglake.SourceID) (sum Counts) {
	for _, one := range m {
		if one.Source == source {
			sum.Add(one.Counts)
		}
	}
	return sum
}

// check tells what is wrong with minutes that are to hold the events of ranges.
func (m Minutes) check(ranges []loglake.Range) (sum Counts, err error) {
	of := map[loglake.SourceID]int64{}
	for _, one := range m {
		if one.Span != SpanMinute && one.Span != SpanDay || one.Start%one.Span != 0 {
			return sum, fmt.Errorf("%d ms from %d on are neither a minute nor a day", one.Span, one.Start)
		}
		if err := one.Balance(); err != nil {
			return sum, fmt.Errorf("source %s, arrived from %s on: %w", one.Source, one.Start.Time().Format(time.RFC3339), err)
		}
		of[one.Source] += one.Events
		sum.Add(one.Counts)
	}
	for _, r := range ranges {
		of[r.Source] -= r.Len()
	}
	for source, n := range of {
		if n != 0 {
			return sum, fmt.Errorf("source %s: its minutes have %d events more than its ranges", source, n)
		}
	}
	return sum, nil
}

// Batch is one committed batch of a producer. As JSON it is what an object can carry of where it comes from: Insert of
// every batch, in the order of their numbers, makes all tables again.
type Batch struct {
	Producer   loglake.ProducerID
	Number     int64 // from 1, without gaps per producer
	Generation int   `json:",omitempty"` // how often a batch of this number was voided before
	Committed  loglake.Millis
	Ranges     []loglake.Range
	Counts     Counts
	// Minutes are the counts again by source and minute of arrival. Nil of a batch that an earlier version staged.
	Minutes Minutes `json:",omitempty"`
}

// Check tells which equation does not hold.
func (b Batch) Check() error {
	if err := b.Counts.Check(b.Ranges); err != nil {
		return err
	}
	if b.Minutes == nil {
		return nil
	}
	sum, err := b.Minutes.check(b.Ranges)
	if err != nil {
		return err
	}
	if sum != b.Counts {
		return fmt.Errorf("its minutes add up to %s", sum.Against(b.Counts))
	}
	return nil
}

// joined gives the first and last offset of each source in ranges, which may hold several of one that follow each other.
func joined(ranges []loglake.Range) (of []loglake.Range) {
	for _, r := range ranges {
		i := slices.IndexFunc(of, func(o loglake.Range) bool { return o.Source == r.Source })
		if i < 0 {
			of = append(of, r)
			continue
		}
		of[i].From, of[i].To = min(of[i].From, r.From), max(of[i].To, r.To)
	}
	return of
}
