package rebuild

import (
	"context"
	"fmt"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/pattern"
)

// recountBytes is how much of a journal is read in one go.
const recountBytes = 4 << 20

// recount gives what the journal says of the events of a range: when they arrived, and which of them a pattern leaves out
// (nil: none). What the journal does not have any more arrived at a time that is not known: the day is 1970-01-01.
func (r *run) recount(x loglake.Range, p *pattern.Pattern) (ledger.Minutes, error) {
	var minutes ledger.Minutes
	from := min(max(x.From, r.cfg.Journal.First(x.Journal)), x.To)
	if r.cfg.Journal.Head(x.Journal) < x.To {
		from = x.To
	}
	if gone := int64(from - x.From); gone > 0 {
		minutes = append(minutes, ledger.Minute{Source: x.Source, Span: ledger.SpanDay, Counts: ledger.Counts{Events: gone, Consumed: gone}})
	}
	for at := from; at < x.To; {
		blocks, err := r.cfg.Journal.Read(r.ctx, x.Journal, at, recountBytes)
		if err != nil {
			return nil, fmt.Errorf("count the events %s: %w", x, err)
		}
		if len(blocks) == 0 {
			if err := context.Cause(r.ctx); err != nil {
				return nil, err
			}
			return nil, fmt.Errorf("count the events %s: the journal ends at %d", x, at)
		}
		for _, b := range blocks {
			var n ledger.Counts
			for _, e := range b.Events() {
				if e.Offset >= at && e.Offset < x.To {
					count(&n, &e, p, b.Stream == journal.LostStream)
				}
			}
			minutes.Add(x.Source, b.Ingested, n)
			at = max(at, b.End())
		}
	}
	return minutes.Bounded(), nil
}

func count(n *ledger.Counts, e *loglake.Event, p *pattern.Pattern, lost bool) {
	n.Events++
	n.Bytes += int64(len(e.Message))
	if loglake.Late(e.Timestamp, e.Ingested) {
		n.Late++
	}
	if p != nil && (lost || !p.Match(e.Message)) {
		n.Unmatched++
		return
	}
	n.Consumed++
}

// patternOf gives the pattern of a source, nil where it has none or where it is not known.
func (r *run) patternOf(source loglake.SourceID) (*pattern.Pattern, error) {
	s, ok := r.before.byID[source]
	if !ok {
		return nil, nil
	}
	p, err := pattern.Parse(s.Pattern)
	if err != nil {
		return nil, fmt.Errorf("pattern of filter %s of %s: %w", s.Filter, s.Group, err)
	}
	return p, nil
}
