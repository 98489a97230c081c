package loggroup

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/state"
)

// Stream is a stream as it is described. The last three are 0 while HasEvents is false.
type Stream struct {
	Name         loglake.LogStreamName
	Created      loglake.Millis
	HasEvents    bool
	FirstEvent   loglake.Millis // timestamp of the oldest event that is kept
	LastEvent    loglake.Millis
	LastIngested loglake.Millis
	Token        string // the uploadSequenceToken, which nobody needs since 2023
}

// streamsLen is the number of log streams of all groups. The caller holds change.
func (g *Groups) streamsLen() (n int) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	for _, grp := range g.groups {
		n += len(grp.streams)
	}
	return n
}

// CreateStream makes a stream in a group.
func (g *Groups) CreateStream(ctx context.Context, name loglake.GroupName, streamName loglake.LogStreamName) error {
	if err := checkGroupName(name); err != nil {
		return err
	}
	if err := checkStreamName(streamName); err != nil {
		return err
	}
	defer g.change.Unlock()
	if err := g.begin(ctx); err != nil {
		return err
	}
	grp, st, err := g.find(name, streamName)
	if st != nil {
		return loglake.Errorf(loglake.CodeExists, "The specified log stream already exists")
	}
	if grp == nil {
		return err
	}
	if g.streamsLen() >= StreamsMax {
		return errLimit()
	}
	reused := g.cfg.Journal.HasStream(grp.journal, streamName)
	st = &stream{name: streamName, created: g.now(), since: g.cfg.Journal.Head(grp.journal), reused: reused}
	return g.update(ctx, "create-stream", func(tx *state.Tx) error {
		_, err := tx.Exec(`INSERT INTO log_streams (account, region, log_group, name, created, since, reused) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			g.cfg.Home.Account, g.cfg.Home.Region, name, streamName, st.created, st.since, st.reused)
		if err != nil {
			return fmt.Errorf("create log stream: %w", err)
		}
		return nil
	}, func() {
		i, _ := slices.BinarySearch(grp.streamNames, streamName)
		grp.streamNames = slices.Insert(grp.streamNames, i, streamName)
		grp.streams[streamName] = st
	})
}

// DeleteStream deletes a stream; its events are not returned any more. Subscriptions still deliver them.
func (g *Groups) DeleteStream(ctx context.Context, name loglake.GroupName, streamName loglake.LogStreamName) error {
	defer g.change.Unlock()
	if err := g.begin(ctx); err != nil {
		return err
	}
	grp, _, err := g.find(name, streamName)
	if err != nil {
		return err
	}
	return g.update(ctx, "delete-stream", func(tx *state.Tx) error {
		_, err := tx.Exec(`DELETE FROM log_streams WHERE account = ? AND region = ? AND log_group = ? AND name = ?`,
			g.cfg.Home.Account, g.cfg.Home.Region, name, streamName)
		return err
	}, func() {
		if i, ok := slices.BinarySearch(grp.streamNames, streamName); ok {
			grp.streamNames = slices.Delete(grp.streamNames, i, i+1)
		}
		delete(grp.streams, streamName)
	})
}

// StreamOrder is the order of described streams.
type StreamOrder string

// The two orders.
const (
	ByName          StreamOrder = "LogStreamName"
	ByLastEventTime StreamOrder = "LastEventTime"
)

// StreamQuery chooses streams of a group to describe.
type StreamQuery struct {
	Group      loglake.GroupName
	Prefix     string      // not with ByLastEventTime
	Order      StreamOrder // "": ByName
	Descending bool
	Limit      int    // 1 to DescribeMax; 0: DescribeMax
	Token      string // of the page before; "": the first page
}

// DescribeStreams gives streams in the wanted order, and the token of the next page, "" where there is none.
func (g *Groups) DescribeStreams(ctx context.Context, q StreamQuery) ([]Stream, string, error) {
	if q.Order == ByLastEventTime && q.Prefix != "" {
		return nil, "", invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
	}
	grp, _, err := g.find(q.Group, "")
	if err != nil {
		return nil, "", err
	}
	request := []any{"streams", grp.journal, q.Prefix, q.Order, q.Descending}
	after, err := readToken(q.Token, request...)
	if err != nil {
		return nil, "", err
	}
	if q.Order != "" && q.Order != ByName && q.Order != ByLastEventTime {
		return nil, "", invalid("1 validation error detected: Value '%s' at 'orderBy' failed to satisfy constraint: "+
			"Member must satisfy enum value set: [LogStreamName, LastEventTime]", q.Order)
	}
	stats := g.cfg.Journal.Streams(grp.journal)
	page, err := g.streamsAfter(q, grp, stats, after)
	if err != nil {
		return nil, "", err
	}
	limit := pageLimit(q.Limit)
	next := ""
	if len(page) > limit {
		page = page[:limit]
		last := page[limit-1].name
		next = makeToken(streamPlace{stats[last].LastTime, last}.String(), request...)
	}
	out := make([]Stream, len(page))
	for i, st := range page {
		if out[i], err = g.describeStream(ctx, grp, st, stats); err != nil {
			return nil, "", err
		}
	}
	return out, next, nil
}

// streamsAfter gives the streams that q chooses, in order, that come after the place of a token.
func (g *Groups) streamsAfter(q StreamQuery, grp *group, stats map[loglake.LogStreamName]journal.StreamStat, token string) ([]*stream, error) {
	var after streamPlace
	if token != "" {
		var err error
		if after, err = parseStreamPlace(token); err != nil {
			return nil, err
		}
	}
	place := func(st *stream) streamPlace { return streamPlace{stats[st.name].LastTime, st.name} }
	var streams []*stream
	g.mu.RLock()
	for _, name := range grp.streamNames {
		st := grp.streams[name]
		if strings.HasPrefix(string(name), q.Prefix) && (token == "" || q.compare(place(st), after) > 0) {
			streams = append(streams, st)
		}
	}
	g.mu.RUnlock()
	slices.SortFunc(streams, func(a, b *stream) int { return q.compare(place(a), place(b)) })
	return streams, nil
}

// streamPlace is the place of a stream in a list. A stream that gets events between two pages may move in a list by time.
type streamPlace struct {
	last loglake.Millis
	name loglake.LogStreamName
}

func (q *StreamQuery) compare(a, b streamPlace) int {
	order := 0
	if q.Order == ByLastEventTime {
		order = cmp.Compare(a.last, b.last)
	}
	order = cmp.Or(order, cmp.Compare(a.name, b.name))
	if q.Descending {
		return -order
	}
	return order
}

func (p streamPlace) String() string {
	return strconv.FormatInt(int64(p.last), 10) + " " + string(p.name)
}

func parseStreamPlace(text string) (streamPlace, error) {
	time, name, ok := strings.Cut(text, " ")
	n, err := strconv.ParseInt(time, 10, 64)
	if !ok || err != nil {
		return streamPlace{}, errToken()
	}
	return streamPlace{loglake.Millis(n), loglake.LogStreamName(name)}, nil
}

func (g *Groups) describeStream(ctx context.Context, grp *group, st *stream, stats map[loglake.LogStreamName]journal.StreamStat) (Stream, error) {
	d := Stream{Name: st.name, Created: st.created}
	stat, ok := stats[st.name]
	if ok && st.reused {
		// The journal's figures cover the deleted stream too.
		var err error
		if stat, ok, err = g.measureStream(ctx, grp, st); err != nil {
			return d, err
		}
	}
	if ok {
		d.HasEvents = true
		d.FirstEvent, d.LastEvent, d.LastIngested = stat.FirstTime, stat.LastTime, stat.LastIngested
		d.Token = sequenceToken(g.cfg.Journal.Head(grp.journal))
	}
	return d, nil
}

// measureStream finds the figures of a stream whose name was used before.
func (g *Groups) measureStream(ctx context.Context, grp *group, st *stream) (stat journal.StreamStat, ok bool, err error) {
	stat.FirstTime, stat.LastTime = math.MaxInt64, math.MinInt64
	blocks := g.cfg.Journal.Scan(ctx, grp.journal, journal.ScanRange{From: st.since, To: g.cfg.Journal.Head(grp.journal),
		MinTime: 0, MaxTime: math.MaxInt64, Streams: []loglake.LogStreamName{st.name}})
	for block, err := range blocks {
		if err != nil {
			return stat, false, fmt.Errorf("read log stream: %w", err)
		}
		if block.Stream != st.name || block.First < st.since {
			continue
		}
		ok = true
		stat.FirstTime, stat.LastTime = min(stat.FirstTime, block.MinTime), max(stat.LastTime, block.MaxTime)
		stat.LastIngested = max(stat.LastIngested, block.Ingested)
	}
	return stat, ok, nil
}
