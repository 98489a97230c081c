package loggroup

import (
	"context"
	"fmt"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/pattern"
)

// FilterQuery searches the streams of a group. Streams and Prefix exclude each other; without both all are searched.
type FilterQuery struct {
	Group   loglake.GroupName
	Streams []loglake.LogStreamName // at most FilterStreamsMax; each must exist
	Prefix  string
	Start   loglake.Millis // inclusive
	End     loglake.Millis // inclusive; 0: no end
	Pattern string         // "": every event
	Limit   int            // 1 to ReadEventsMax; 0: ReadEventsMax
	Newest  bool           // newest events first
	Token   string         // of the page before; "": the first page
}

// filterNewestFrom is the earliest start of a search for the newest events: 2024-01-01T00:00:00Z.
const filterNewestFrom = loglake.Millis(1704067200000)

// FilterEvents reads one page: events that match, by timestamp, then ingestion time, then in the order they were put,
// and the token of the next page, "" where there is none. A page may be empty and have a token: then the search has
// looked at much and found nothing yet.
func (g *Groups) FilterEvents(ctx context.Context, q FilterQuery) ([]loglake.Event, string, error) {
	parsed, err := pattern.Parse(q.Pattern)
	if err != nil {
		return nil, "", err
	}
	grp, _, err := g.find(q.Group, "")
	if err != nil {
		return nil, "", err
	}
	if err := grp.standard(); err != nil {
		return nil, "", err
	}
	if q.Newest && q.Start < filterNewestFrom {
		return nil, "", invalid("startFromHead can be false only when startTime is 2024-01-01T00:00:00Z or later.")
	}
	s := search{journal: grp.journal, limit: readLimit(q.Limit), backward: q.Newest, scanMax: scanBytesMax,
		expiry: g.expiry(grp), from: place{time: max(q.Start, 0)}, to: place{time: timeEnd(q.End)}}
	if q.End > 0 {
		s.to.time++
	}
	if !parsed.MatchesAll() {
		s.match = parsed.Match
	}
	if s.streams, s.since, err = g.chooseStreams(grp, q); err != nil {
		return nil, "", err
	}
	request := []any{"events", grp.journal, q.Streams, q.Prefix, q.Start, q.End, q.Pattern, q.Newest}
	if err := s.resume(q.Token, request); err != nil {
		return nil, "", err
	}
	if len(s.streams) == 0 && s.streams != nil {
		return nil, "", nil // a prefix that no stream has
	}
	found, err := g.search(ctx, &s)
	if err != nil {
		return nil, "", err
	}
	next := ""
	if !found.done {
		next = makeToken(eventToken('f', found.stop), request...)
	}
	return found.events, next, nil
}

// resume begins a search where the page before it stopped.
func (s *search) resume(token string, request []any) error {
	at, err := readToken(token, request...)
	if err != nil || at == "" {
		return err
	}
	_, cut, err := parseEventToken(at)
	if s.backward {
		s.to = cut
	} else if cut.compare(s.from) > 0 {
		s.from = cut
	}
	return err
}

// chooseStreams gives the names to search, nil for all, and a function that gives a stream's first own offset and
// whether it is to be searched.
func (g *Groups) chooseStreams(grp *group, q FilterQuery) ([]loglake.LogStreamName, func(loglake.LogStreamName) (loglake.Offset, bool), error) {
	if len(q.Streams) > 0 && q.Prefix != "" {
		return nil, nil, invalid("Cannot specify both logStreamNames and logStreamNamePrefix.")
	}
	if len(q.Streams) > FilterStreamsMax {
		return nil, nil, invalid("1 validation error detected: Value '%s' at 'logStreamNames' failed to satisfy constraint: "+
			"Member must have length less than or equal to %d", fmt.Sprint(q.Streams), FilterStreamsMax)
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	since := map[loglake.LogStreamName]loglake.Offset{}
	for _, name := range q.Streams {
		st := grp.streams[name]
		if st == nil {
			return nil, nil, errNoStream()
		}
		since[name] = st.since
	}
	if len(q.Streams) == 0 {
		for name, st := range grp.streams {
			if strings.HasPrefix(string(name), q.Prefix) {
				since[name] = st.since
			}
		}
	}
	lookup := func(name loglake.LogStreamName) (loglake.Offset, bool) {
		offset, ok := since[name]
		return offset, ok
	}
	if len(q.Streams) == 0 && q.Prefix == "" {
		return nil, lookup, nil
	}
	names := make([]loglake.LogStreamName, 0, len(since))
	for name := range since {
		names = append(names, name)
	}
	return names, lookup, nil
}
