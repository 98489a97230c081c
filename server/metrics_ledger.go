package server

import (
	"cmp"
	"context"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/loglake/loglake/books"
	"github.com/loglake/loglake/state"
)

// metricNamesMax bounds the label values of log groups, and those of subscribers: those with the most events have their
// names, and all others are summed up under metricOthers, which can't be the name of a group.
const (
	metricNamesMax = 1000
	metricOthers   = "(others)"
)

var (
	descBalanced   = describe("ledger_balanced", "1 where every account of the ledger balances, else 0.")
	descAccounts   = describe("ledger_accounts", "Accounts of the ledger.")
	descUnbalanced = describe("ledger_unbalanced_accounts", "Accounts of the ledger that do not balance; `loglake ledger` shows them.")

	descAccepted = describe("group_accepted_events_total", "Events that were acknowledged.", "group")
	descBytes    = describe("group_accepted_bytes_total", "Bytes of their messages.", "group")
	descLate     = describe("group_late_events_total", "Events with a timestamp more than an hour older than their arrival.", "group")
	descRetained = describe("group_retained_events", "Events in the journal.", "group")
	descExpired  = describe("group_expired_events_total", "Events gone from the journal by retention.", "group")
	descTurned   = describe("group_turned_away_events_total", "Events offered and not stored: there already, too new, too old, or past the group's retention.", "group", "reason")
	descDeleted  = describe("deleted_events_total", "Events that went with their log group or delivery stream.")

	subscriberLabels = []string{"group", "filter", "destination"}
	descTaken        = describe("subscriber_events_total", "Events that a subscription or a route has taken or left out.", subscriberLabels...)
	descLeftOut      = describe("subscriber_unmatched_events_total", "Events that its pattern left out.", subscriberLabels...)
	descBuffered     = describe("subscriber_buffered_events", "Events accepted and not yet taken.", subscriberLabels...)
)

func describeAccount(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		descBalanced, descAccounts, descUnbalanced, descAccepted, descBytes, descLate, descRetained, descExpired, descTurned, descDeleted,
		descTaken, descLeftOut, descBuffered,
	} {
		out <- d
	}
}

// account is the rows of the ledger at one scrape.
type account struct {
	rows    []books.Row
	streams map[string]streamTotal
}

// streamTotal is the running totals of a delivery stream.
type streamTotal struct{ events, rows, rejects, unmatched int64 }

func (s *Server) readAccount(ctx context.Context) (*account, error) {
	a := &account{streams: map[string]streamTotal{}}
	err := s.State.View(ctx, func(tx *state.Tx) (err error) {
		a.rows, err = s.Books.All(tx)
		return err
	})
	for _, r := range a.rows {
		if r.Kind == books.KindStream && !r.Ended {
			a.streams[r.Stream] = streamTotal{*r.Events, *r.Rows, *r.Rejects, *r.Unmatched}
		}
	}
	return a, err
}

// stream gives the totals of a delivery stream; zeros where it has no batch yet.
func (a *account) stream(name string) streamTotal { return a.streams[name] }

func (a *account) collect(out chan<- prometheus.Metric) {
	unbalanced := 0
	var groups, subscribers []metricRow
	for i := range a.rows {
		r := &a.rows[i]
		if !r.Balanced {
			unbalanced++
		}
		switch {
		case r.Kind == books.KindDeleted:
			out <- prometheus.MustNewConstMetric(descDeleted, prometheus.CounterValue, float64(*r.Deleted))
		case r.Ended:
		case r.Kind == books.KindGroup:
			groups = append(groups, groupMetrics(r))
		case r.Kind == books.KindSubscription || r.Kind == books.KindRoute:
			subscribers = append(subscribers, subscriberMetrics(r))
		}
	}
	balanced := 1.0
	if unbalanced > 0 {
		balanced = 0
	}
	out <- prometheus.MustNewConstMetric(descBalanced, prometheus.GaugeValue, balanced)
	out <- prometheus.MustNewConstMetric(descAccounts, prometheus.GaugeValue, float64(len(a.rows)))
	out <- prometheus.MustNewConstMetric(descUnbalanced, prometheus.GaugeValue, float64(unbalanced))
	for _, r := range slices.Concat(bounded(groups), bounded(subscribers)) {
		for _, v := range r.values {
			out <- prometheus.MustNewConstMetric(v.desc, v.kind, float64(v.n), append(slices.Clone(r.labels), v.more...)...)
		}
	}
}

// metricRow is the metrics of one group or subscriber. All rows of a list have the same values.
type metricRow struct {
	labels []string
	size   int64 // by which rows are chosen
	values []metricValue
}

type metricValue struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	n    int64
	more []string // labels behind the row's
}

func groupMetrics(r *books.Row) metricRow {
	const counter, gauge = prometheus.CounterValue, prometheus.GaugeValue
	turned := func(reason string, n *int64) metricValue {
		return metricValue{descTurned, counter, *n, []string{reason}}
	}
	return metricRow{labels: []string{r.Group}, size: *r.Accepted, values: []metricValue{
		{descAccepted, counter, *r.Accepted, nil}, {descBytes, counter, *r.AcceptedBytes, nil}, {descLate, counter, *r.Late, nil},
		{descRetained, gauge, *r.Retained, nil}, {descExpired, counter, *r.Expired, nil},
		turned("repeated", r.Repeated), turned("too_new", r.TooNew), turned("too_old", r.TooOld), turned("past_retention", r.PastRetention),
	}}
}

func subscriberMetrics(r *books.Row) metricRow {
	const counter, gauge = prometheus.CounterValue, prometheus.GaugeValue
	destination, buffered := r.Stream, int64(0)
	if r.Kind == books.KindRoute {
		destination = r.Target
	}
	if r.Buffered != nil { // else its journal is gone
		buffered = *r.Buffered
	}
	return metricRow{labels: []string{r.Group, r.Filter, destination}, size: *r.Events, values: []metricValue{
		{descTaken, counter, *r.Events, nil}, {descLeftOut, counter, *r.Unmatched, nil}, {descBuffered, gauge, buffered, nil},
	}}
}

// bounded gives at most metricNamesMax rows, the largest, and one more with the sum of all others. Rows with the same labels,
// such as a filter and the one it replaced, are one.
func bounded(rows []metricRow) (kept []metricRow) {
	slices.SortFunc(rows, func(a, b metricRow) int {
		return cmp.Or(cmp.Compare(b.size, a.size), slices.Compare(a.labels, b.labels))
	})
	place := map[[3]string]int{}
	for _, r := range rows {
		var id [3]string
		copy(id[:], r.labels)
		i, known := place[id]
		if !known && len(place) >= metricNamesMax {
			others := make([]string, len(r.labels))
			for k := range others {
				others[k] = metricOthers
			}
			r.labels = others
			copy(id[:], others)
			i, known = place[id]
		}
		if !known {
			place[id] = len(kept)
			kept = append(kept, r)
			continue
		}
		for k := range r.values {
			kept[i].values[k].n += r.values[k].n
		}
	}
	return kept
}
