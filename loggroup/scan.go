package loggroup

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/journal"
)

// place is a cut between events in reading order: by timestamp, then ingestion time, then offset. It lies before the
// event that has the same three.
type place struct {
	time, ingested loglake.Millis
	offset         loglake.Offset
}

func (p place) compare(q place) int {
	return cmp.Or(cmp.Compare(p.time, q.time), cmp.Compare(p.ingested, q.ingested), cmp.Compare(p.offset, q.offset))
}

func placeOf(e *loglake.Event) place { return place{e.Timestamp, e.Ingested, e.Offset} }

// after gives the cut behind the event that p lies before.
func (p place) after() place { return place{p.time, p.ingested, p.offset + 1} }

// search is a page of events to read: the first ones of [from, to), or the last ones where backward is set.
type search struct {
	journal  loglake.JournalID
	from, to place
	backward bool
	streams  []loglake.LogStreamName // nil: all
	since    func(loglake.LogStreamName) (loglake.Offset, bool)
	match    func(message []byte) bool // nil: every event
	expiry   expiry
	limit    int
	scanMax  int64 // bytes of messages to look at, about; 0: no bound
}

// found is the answer to a search: events in reading order. Unless done is set there may be more beyond stop.
type found struct {
	events []loglake.Event
	done   bool
	stop   place
}

// search looks at one window of time after the other, so that a page of a long stream does not read all of it: the
// journal skips what lies outside a window by its index. A window is made wider while there is little in it.
func (g *Groups) search(ctx context.Context, s *search) (found, error) {
	p := page{search: s}
	width := g.firstWindow(s)
	left := s.to.time - s.from.time // of the time, the last instant included
	for left >= 0 && s.from.compare(s.to) < 0 {
		width = min(width, left)
		low := s.from.time + (s.to.time - s.from.time - left)
		if s.backward {
			low = s.from.time + left - width
		}
		before := p.scanned
		looked, err := g.scanWindow(ctx, &p, low, low+width)
		if err != nil {
			return found{}, err
		}
		left -= width + 1
		if p.trim(); p.full {
			return p.found(), nil
		}
		if s.scanMax > 0 && p.scanned >= s.scanMax && left >= 0 {
			out := p.found()
			out.stop = place{time: low + width + 1}
			if s.backward {
				out.stop = place{time: low}
			}
			return out, nil
		}
		if looked < windowEvents/4 && p.scanned-before < windowBytes/4 {
			width = (width + 1) * 4
		}
	}
	out := p.found()
	out.done = true
	return out, nil
}

// firstWindow guesses a width that holds some windowEvents events and windowBytes bytes.
func (g *Groups) firstWindow(s *search) loglake.Millis {
	var count, bytes int64
	var first, last loglake.Millis
	add := func(stat journal.StreamStat) {
		if stat.Count > 0 && (count == 0 || stat.FirstTime < first) {
			first = stat.FirstTime
		}
		last = max(last, stat.LastTime)
		count += stat.Count
		bytes += stat.Bytes
	}
	stats := g.cfg.Journal.Streams(s.journal)
	if s.streams == nil {
		for _, stat := range stats {
			add(stat)
		}
	}
	for _, name := range s.streams {
		add(stats[name])
	}
	if count == 0 {
		s.to = s.from
		return 0
	}
	// What lies outside [first, last] holds nothing and need not be stepped through.
	if s.from.time < first {
		s.from = place{time: first}
	}
	if s.to.time > last {
		s.to = place{time: last + 1}
	}
	return min((last-first)/loglake.Millis(max(count/windowEvents, bytes/windowBytes)+1), firstWindowMax)
}

// scanWindow adds the events with times in [low, high] to the page and tells how many it looked at.
func (g *Groups) scanWindow(ctx context.Context, p *page, low, high loglake.Millis) (looked int, err error) {
	s := p.search
	blocks := g.cfg.Journal.Scan(ctx, s.journal, journal.ScanRange{From: 0, To: g.cfg.Journal.Head(s.journal),
		MinTime: low, MaxTime: high, Streams: s.streams, AroundDamage: true})
	for block, err := range blocks {
		if err != nil {
			return 0, fmt.Errorf("read log events: %w", err)
		}
		since, ok := s.since(block.Stream)
		if !ok || block.First < since || block.MinTime > high || block.MaxTime < low {
			continue
		}
		for _, e := range block.Events() {
			looked++
			p.scanned += int64(len(e.Message))
			if e.Timestamp >= low && e.Timestamp <= high {
				p.add(&e)
			}
		}
	}
	return looked, nil
}

// page gathers the events of a search. It holds little more than a page, whatever it is shown.
type page struct {
	*search
	events  []loglake.Event
	bytes   int   // of events, with EventOverhead
	scanned int64 // bytes of messages
	full    bool  // events are left out because the page is full
	last    place // of the last event kept, once full
}

func (p *page) add(e *loglake.Event) {
	at := placeOf(e)
	if at.compare(p.from) < 0 || at.compare(p.to) >= 0 || p.full && p.beyond(at) {
		return
	}
	if p.expiry.over(e) || p.match != nil && !p.match(e.Message) {
		return
	}
	p.events = append(p.events, *e)
	kept := &p.events[len(p.events)-1]
	kept.Message = slices.Clone(e.Message) // the block is not to be held for one event of it
	p.bytes += len(e.Message) + EventOverhead
	if len(p.events) > 2*p.limit+64 || p.bytes > 4*readBytesMax {
		p.trim()
	}
}

// beyond tells whether an event at this place would be left out of a full page.
func (p *page) beyond(at place) bool { return at.compare(p.last) > 0 != p.backward }

// order sorts the events that a page prefers first.
func (p *page) order(a, b *loglake.Event) int {
	order := placeOf(a).compare(placeOf(b))
	if p.backward {
		return -order
	}
	return order
}

// trim drops what is beyond a page.
func (p *page) trim() {
	slices.SortFunc(p.events, func(a, b loglake.Event) int { return p.order(&a, &b) })
	bytes := 0
	for i := range p.events {
		size := len(p.events[i].Message) + EventOverhead
		if i == p.limit || i > 0 && bytes+size > readBytesMax {
			clear(p.events[i:])
			p.events, p.full, p.last = p.events[:i], true, placeOf(&p.events[i-1])
			break
		}
		bytes += size
	}
	p.bytes = bytes
}

func (p *page) found() found {
	out := found{events: p.events}
	if p.backward {
		slices.Reverse(out.events)
	}
	if n := len(out.events); n > 0 {
		out.stop = placeOf(&out.events[n-1]).after()
		if p.backward {
			out.stop = placeOf(&out.events[0])
		}
	}
	return out
}
