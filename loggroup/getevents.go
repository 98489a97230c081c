package loggroup

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/loglake/loglake"
)

// GetQuery asks for events of one stream.
type GetQuery struct {
	Group    loglake.GroupName
	Stream   loglake.LogStreamName
	Start    loglake.Millis // inclusive
	End      loglake.Millis // exclusive; 0: no end
	Limit    int            // 1 to ReadEventsMax; 0: ReadEventsMax
	FromHead bool           // without a token: the oldest events, not the newest
	Token    string         // of an answer; it says the direction
}

// GetPage is the answer: events by time, and the tokens of the pages after and before it. A page may be empty. At the
// end of the events a token is given back as it came; the same token gives events that came in the meantime, except
// such as are older than what was given before.
type GetPage struct {
	Events            []loglake.Event
	Forward, Backward string
}

// GetEvents reads one page.
func (g *Groups) GetEvents(ctx context.Context, q GetQuery) (GetPage, error) {
	grp, st, err := g.find(q.Group, q.Stream)
	if err != nil {
		return GetPage{}, err
	}
	if err := grp.standard(); err != nil {
		return GetPage{}, err
	}
	s := search{journal: grp.journal, streams: []loglake.LogStreamName{st.name}, limit: readLimit(q.Limit), backward: !q.FromHead,
		expiry: g.expiry(grp),
		from:   place{time: max(q.Start, 0)},
		to:     place{time: timeEnd(q.End)},
		since:  func(name loglake.LogStreamName) (loglake.Offset, bool) { return st.since, name == st.name }}
	cut := s.from
	if q.Token != "" {
		if s.backward, cut, err = parseEventToken(q.Token); err != nil {
			return GetPage{}, err
		}
		if s.backward && cut.compare(s.to) < 0 {
			s.to = cut
		}
		if !s.backward && cut.compare(s.from) > 0 {
			s.from = cut
		}
	}
	found, err := g.search(ctx, &s)
	if err != nil {
		return GetPage{}, err
	}
	first, last := cut, cut
	if n := len(found.events); n > 0 {
		first, last = placeOf(&found.events[0]), placeOf(&found.events[n-1]).after()
	}
	return GetPage{Events: found.events, Forward: eventToken('f', last), Backward: eventToken('b', first)}, nil
}

func readLimit(limit int) int {
	if limit <= 0 {
		return ReadEventsMax
	}
	return min(limit, ReadEventsMax)
}

// timeEnd gives the exclusive end of a range, where 0 is none.
func timeEnd(end loglake.Millis) loglake.Millis {
	if end <= 0 {
		return math.MaxInt64 / 2
	}
	return min(end, math.MaxInt64/2)
}

// The digits of a token: 18 of each time and 20 of the offset, 56 in all.
const timeDigits, offsetDigits = 18, 20

func eventToken(direction byte, at place) string {
	return fmt.Sprintf("%c/%0*d%0*d%0*d/s", direction, timeDigits, at.time, timeDigits, at.ingested, offsetDigits, at.offset)
}

// parseEventToken reads a token with or without the /s at its end.
func parseEventToken(token string) (backward bool, at place, err error) {
	digits, forward := strings.CutPrefix(token, "f/")
	if !forward {
		if digits, backward = strings.CutPrefix(token, "b/"); !backward {
			return false, place{}, errToken()
		}
	}
	digits = strings.TrimSuffix(digits, "/s")
	if len(digits) != 2*timeDigits+offsetDigits || strings.Trim(digits, "0123456789") != "" {
		return false, place{}, errToken()
	}
	number := func(text string) int64 {
		n, parseErr := strconv.ParseInt(text, 10, 64)
		if parseErr != nil {
			err = errToken()
		}
		return n
	}
	at = place{time: loglake.Millis(number(digits[:timeDigits])), ingested: loglake.Millis(number(digits[timeDigits : 2*timeDigits])),
		offset: loglake.Offset(number(digits[2*timeDigits:]))}
	return backward, at, err
}
