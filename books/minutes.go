package books

import (
	"fmt"
	"strings"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/state"
)

// Minute is what became of the events of a source that arrived in a minute, or in a day of long ago.
type Minute struct {
	Start     time.Time `json:"start_time" about:"when the minute, or the day, began; UTC"`
	Seconds   int64     `json:"seconds" about:"60, or 86400 of a day whose minutes were added up"`
	Kind      string    `json:"kind" about:"subscription, direct or route"`
	Group     string    `json:"log_group,omitempty" about:"the log group whose events they are"`
	Filter    string    `json:"filter,omitempty" about:"the subscription filter"`
	Stream    string    `json:"stream,omitempty" about:"the delivery stream"`
	Target    string    `json:"target_group,omitempty" about:"the log group that a route copies into"`
	Events    int64     `json:"events" about:"events that arrived and were taken or left out since"`
	Unmatched int64     `json:"unmatched" about:"of these, left out by the filter's pattern"`
	Control   int64     `json:"control" about:"of these, control documents"`
	Consumed  int64     `json:"consumed" about:"of these, taken"`
	Messages  int64     `json:"messages" about:"messages that unpacking gave"`
	Delivered int64     `json:"delivered" about:"of these, in data objects, or copied by a route"`
	Rows      int64     `json:"delivered_rows" about:"rows in Parquet objects"`
	Rejects   int64     `json:"rejects" about:"lines in reject objects"`
	Bytes     int64     `json:"bytes" about:"of the events, as they were put"`
	Late      int64     `json:"late" about:"events with a timestamp more than an hour older than their arrival"`
	Producer  string    `json:"producer" about:"the id of this life of the delivery stream"`
	Source    string    `json:"source" about:"the id of the subscription; direct for records put to the stream"`
}

// MinutesQuery chooses minutes by when they began, From and To in [From, To). Limit bounds how many are given, the newest;
// 0: RowsMax, beyond which the answer is CodeLimit.
type MinutesQuery struct {
	Query
	From, To loglake.Millis // To: 0: no end
	Limit    int
}

// Minutes gives the sums by minute, newest first.
func (b *Books) Minutes(tx *state.Tx, q MinutesQuery) ([]Minute, error) {
	n, err := b.names(tx)
	if err != nil {
		return nil, err
	}
	if q.To == 0 {
		q.To = 1 << 62
	}
	read := b.cfg.RowsMax + 1
	if q.Limit > 0 && q.Group == "" && q.Stream == "" {
		read = q.Limit
	}
	all, err := ledger.ByMinute(tx, "", q.From, q.To, read)
	if err != nil {
		return nil, err
	}
	sources, err := ledger.Sources(tx, "")
	if err != nil {
		return nil, err
	}
	of := map[ledger.Source]ledger.Source{}
	for _, s := range sources {
		of[ledger.Source{Producer: s.Producer, Source: s.Source}] = s
	}
	var rows []Minute
	for _, a := range all {
		m := minute(n, of[ledger.Source{Producer: a.Producer, Source: a.Source}], a)
		if wanted := (Row{Group: m.Group, Target: m.Target, Stream: m.Stream}); q.wants(&wanted) {
			rows = append(rows, m)
		}
		if q.Limit > 0 && len(rows) == q.Limit {
			return rows, nil
		}
	}
	if len(all) > b.cfg.RowsMax {
		return nil, loglake.Errorf(loglake.CodeLimit, "there are more than %d minutes", b.cfg.RowsMax).WithHint("ask for a shorter time")
	}
	return rows, nil
}

func minute(n *names, s ledger.Source, a ledger.Arrived) Minute {
	r := n.source(s)
	c := a.Counts
	return Minute{
		Start: a.Start.Time(), Seconds: int64(a.Span / 1000), Kind: r.Kind, Group: r.Group, Filter: r.Filter, Stream: r.Stream, Target: r.Target,
		Events: c.Events, Unmatched: c.Unmatched, Control: c.Control, Consumed: c.Consumed, Messages: c.Messages, Delivered: c.Delivered,
		Rows: c.Rows, Rejects: c.Rejects(), Bytes: c.Bytes, Late: c.Late, Producer: string(a.Producer), Source: string(a.Source),
	}
}

// Batch is a committed batch.
type Batch struct {
	Stream     string    `json:"stream,omitempty" about:"the delivery stream"`
	Producer   string    `json:"producer" about:"the id of this life of the delivery stream"`
	Number     int64     `json:"batch" about:"from 1, without gaps per producer"`
	Generation int64     `json:"generation" about:"how often a batch of this number was voided before"`
	Committed  time.Time `json:"committed" about:"when it was"`
	Ranges     string    `json:"ranges" about:"what it took of each source: source:journal[from,to)"`
	Events     int64     `json:"events" about:"events in the ranges"`
	Unmatched  int64     `json:"unmatched" about:"of these, left out by a filter's pattern"`
	Control    int64     `json:"control" about:"of these, control documents"`
	Consumed   int64     `json:"consumed" about:"of these, taken"`
	Messages   int64     `json:"messages" about:"messages that unpacking gave"`
	Delivered  int64     `json:"delivered" about:"of these, in data objects"`
	Rows       int64     `json:"delivered_rows" about:"rows in Parquet objects"`
	Rejects    int64     `json:"rejects" about:"lines in reject objects"`
	Bytes      int64     `json:"bytes" about:"of the events, as they were put; 0 of a batch of an earlier version"`
	Late       int64     `json:"late" about:"events with a timestamp more than an hour older than their arrival"`
}

// Batches gives the batches committed last, newest first, RowsMax at most.
func (b *Books) Batches(tx *state.Tx) ([]Batch, error) {
	streams, err := b.cfg.Streams(tx)
	if err != nil {
		return nil, err
	}
	all, err := ledger.Newest(tx, b.cfg.RowsMax)
	rows := make([]Batch, len(all))
	for i, a := range all {
		c := a.Counts
		rows[i] = Batch{
			Stream: string(streams[a.Producer]), Producer: string(a.Producer), Number: a.Number, Generation: int64(a.Generation), Committed: a.Committed.Time(),
			Ranges: strings.Trim(fmt.Sprint(a.Ranges), "[]"), Events: c.Events, Unmatched: c.Unmatched, Control: c.Control, Consumed: c.Consumed,
			Messages: c.Messages, Delivered: c.Delivered, Rows: c.Rows, Rejects: c.Rejects(), Bytes: c.Bytes, Late: c.Late,
		}
	}
	return rows, err
}
