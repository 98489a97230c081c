package check

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/books"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/pattern"
	"github.com/loglake/loglake/state"
)

// account is what the ledger says, of the snapshot that the other steps see.
type account struct {
	rows      []books.Row
	producers []ledger.Producer
	sources   []ledger.Source
	sums      []ledger.Arrived // of all minutes, by source
	minutes   map[sourceOf][]ledger.Arrived
	patterns  map[loglake.SourceID]string // of the subscriptions that are there
}

func (c *checker) readAccount(tx *state.Tx) (err error) {
	a := &c.account
	if a.rows, err = c.cfg.Books.Read(tx, books.Query{Ended: true}); err != nil {
		return err
	}
	if a.producers, err = ledger.Producers(tx); err != nil {
		return err
	}
	if a.sources, err = ledger.Sources(tx, ""); err != nil {
		return err
	}
	if a.sums, err = ledger.MinuteSums(tx); err != nil {
		return err
	}
	all, err := ledger.ByMinute(tx, "", 0, math.MaxInt64, math.MaxInt)
	if err != nil {
		return err
	}
	a.minutes = map[sourceOf][]ledger.Arrived{}
	for _, m := range all {
		at := sourceOf{m.Producer, m.Source}
		a.minutes[at] = append(a.minutes[at], m)
	}
	subscriptions, err := loggroup.AllSubscriptions(tx)
	a.patterns = map[loglake.SourceID]string{}
	for _, s := range subscriptions {
		a.patterns[s.ID] = s.Pattern
	}
	return err
}

// ledger holds the books against themselves, against the batches, and against the events that the journals still have.
func (c *checker) ledger() error {
	for _, r := range c.account.rows {
		if !r.Balanced {
			c.problem("ledger", "%s: %s", title(&r), r.Problem)
		}
	}
	c.totals()
	c.sums()
	for _, s := range c.account.sources {
		if err := c.recount(s); err != nil {
			return err
		}
	}
	return nil
}

// title says what a row is about.
func title(r *books.Row) string {
	text := r.Kind
	for _, part := range [...]struct{ before, name string }{
		{"log group ", r.Group}, {"filter ", r.Filter}, {"stream ", r.Stream}, {"into ", r.Target}, {"producer ", r.Producer}, {"source ", r.Source},
	} {
		if part.name != "" {
			text += ", " + part.before + part.name
		}
	}
	return text
}

// totals holds the totals of producers and sources against the batches.
func (c *checker) totals() {
	was, detailed := map[loglake.ProducerID]ledger.Producer{}, map[loglake.ProducerID]ledger.Counts{}
	first := map[loglake.ProducerID]int64{}
	for _, p := range c.account.producers {
		first[p.Producer] = p.Detailed
	}
	for _, b := range c.batches {
		p, sum := was[b.Producer], detailed[b.Producer]
		p.Producer, p.Batches, p.Last, p.Committed, p.Detailed = b.Producer, p.Batches+1, b.Number, b.Committed, first[b.Producer]
		p.Counts.Add(b.Counts)
		was[b.Producer] = p
		if from := first[b.Producer]; from > 0 && b.Number >= from {
			sum.Add(b.Counts)
			detailed[b.Producer] = sum
		}
	}
	for _, p := range c.account.producers {
		if p != was[p.Producer] {
			c.problem("totals", "producer %s: its totals (%d batches up to %d) are not what its %d batches up to %d add up to: %s", p.Producer, p.Batches, p.Last,
				was[p.Producer].Batches, was[p.Producer].Last, p.Counts.Against(was[p.Producer].Counts))
		}
		delete(was, p.Producer)
	}
	for id := range was {
		c.problem("totals", "producer %s has batches and no totals", id)
	}
	for _, s := range c.account.sources {
		sum := detailed[s.Producer]
		if _, routed := loggroup.TargetOf(s.Producer); !routed {
			detailed[s.Producer] = sum.Minus(s.Counts)
		}
	}
	for id, left := range detailed {
		if left != (ledger.Counts{}) {
			c.problem("totals", "producer %s: its batches have more than its sources: %s", id, left.Against(ledger.Counts{}))
		}
	}
}

// sums holds the minutes of every source against its totals.
func (c *checker) sums() {
	of := map[sourceOf]ledger.Counts{}
	for _, m := range c.account.sums {
		of[sourceOf{m.Producer, m.Source}] = m.Counts
	}
	for _, s := range c.account.sources {
		at := sourceOf{s.Producer, s.Source}
		if of[at] != s.Counts {
			c.problem("minutes", "producer %s, source %s: its minutes add up to %s, as its totals have", s.Producer, s.Source, of[at].Against(s.Counts))
		}
		delete(of, at)
	}
	for at := range of {
		c.problem("minutes", "producer %s, source %s has minutes and no totals", at.producer, at.source)
	}
}

// recount counts the events of a source again, where the journal has all of them still, and holds them against its minutes.
func (c *checker) recount(s ledger.Source) error {
	if s.Began < c.cfg.Journal.First(s.Journal) || s.At > c.cfg.Journal.Head(s.Journal) {
		return nil
	}
	if c.cfg.Journal.HasStream(s.Journal, journal.LostStream) {
		return nil // what stands for lost events can't be counted
	}
	again, err := c.count(s)
	var damage *journal.CorruptError
	if errors.As(err, &damage) {
		return nil // the step that reads every block tells of it
	}
	if err != nil {
		return err
	}
	minutes := c.account.minutes[sourceOf{s.Producer, s.Source}]
	slices.SortFunc(minutes, func(a, b ledger.Arrived) int { return cmp.Compare(a.Span, b.Span) }) // minutes, then days
	for i, m := range minutes {
		if m.Span == ledger.SpanDay && (i == 0 || minutes[i-1].Span != ledger.SpanDay) {
			again = byDay(again)
		}
		c.compare(s, m, again[m.Start])
		delete(again, m.Start)
	}
	for start, left := range byDay(again) {
		c.problem("recount", "producer %s, source %s: the journal has %d events that arrived on %s, and the books have none of them",
			s.Producer, s.Source, left.Events, start.Time().Format(time.DateOnly))
	}
	return nil
}

// byDay adds up minutes by the day.
func byDay(minutes map[loglake.Millis]ledger.Counts) map[loglake.Millis]ledger.Counts {
	days := map[loglake.Millis]ledger.Counts{}
	for start, c := range minutes {
		day := start - start%ledger.SpanDay
		sum := days[day]
		sum.Add(c)
		days[day] = sum
	}
	return days
}

// compare holds a minute or a day of the books against what the journal has.
func (c *checker) compare(s ledger.Source, m ledger.Arrived, again ledger.Counts) {
	want := ledger.Counts{Events: m.Events, Bytes: m.Bytes, Late: m.Late}
	if _, filtered := c.account.patterns[s.Source]; filtered { // not what was put directly, nor subscriptions that are gone
		want.Unmatched = m.Unmatched
	}
	if want != again {
		c.problem("recount", "producer %s, source %s, %d s from %s on: the books have %d events (%d unmatched, %d bytes, %d late), the journal has %d (%d, %d, %d)",
			s.Producer, s.Source, m.Span/1000, m.Start.Time(), want.Events, want.Unmatched, want.Bytes, want.Late, again.Events, again.Unmatched, again.Bytes, again.Late)
	}
}

// count reads the events of a source between where its books began and where they are.
func (c *checker) count(s ledger.Source) (map[loglake.Millis]ledger.Counts, error) {
	matches := func([]byte) bool { return true }
	if text, filtered := c.account.patterns[s.Source]; filtered {
		p, err := pattern.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("pattern of source %s: %w", s.Source, err)
		}
		matches = p.Match
	}
	minutes := map[loglake.Millis]ledger.Counts{}
	for at := s.Began; at < s.At; {
		blocks, err := c.cfg.Journal.Read(c.ctx, s.Journal, at, recountBytes)
		if err != nil {
			return nil, err
		}
		if len(blocks) == 0 {
			return minutes, context.Cause(c.ctx)
		}
		for _, b := range blocks {
			var n ledger.Counts
			for _, e := range b.Events() {
				if e.Offset < at || e.Offset >= s.At {
					continue
				}
				n.Events++
				n.Bytes += int64(len(e.Message))
				if loglake.Late(e.Timestamp, e.Ingested) {
					n.Late++
				}
				if !matches(e.Message) {
					n.Unmatched++
				}
			}
			if n.Events > 0 { // else the block lies before the range
				start := b.Ingested - b.Ingested%ledger.SpanMinute
				n.Add(minutes[start])
				minutes[start] = n
			}
			at = max(at, b.End())
		}
	}
	return minutes, nil
}

// recountBytes is how much of a journal is read in one go.
const recountBytes = 4 << 20
