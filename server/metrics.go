package server

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// scrapeTimeout bounds how long one scrape may read the state.
const scrapeTimeout = 5 * time.Second

// metrics is the handler of /metrics. The numbers are read when they are asked for: they are those of the ledger and of
// the streams, and there is no second set of counters to disagree with them.
func (s *Server) metrics() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &collector{server: s})
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{Timeout: scrapeTimeout})
}

type collector struct{ server *Server }

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("loglake_"+name, help, labels, nil)
}

var (
	descEvents    = describe("delivered_events_total", "Journal events that are in committed batches.", "stream")
	descRows      = describe("delivered_rows_total", "Rows in committed Parquet objects.", "stream")
	descRejects   = describe("rejected_records_total", "Records kept under an error prefix.", "stream")
	descUnmatched = describe("unmatched_events_total", "Events that a subscription's pattern left out.", "stream")
	descBacklog   = describe("backlog_events", "Events acknowledged and not yet in a committed object.", "stream")
	descHotBytes  = describe("hot_bytes", "Bytes of messages converted and not yet committed.", "stream")
	descHeld      = describe("stream_held", "1 while a stream is held.", "stream")
	descFailing   = describe("stream_failing_seconds", "For how long a step of a stream has failed and been tried again; 0 while none does.", "stream")
	descOldest    = describe("oldest_record_age_seconds", "Age of the oldest record that is not yet committed.", "stream")
	descJournal   = describe("journal_bytes", "Bytes of all journals.")
)

// Describe implements prometheus.Collector.
func (c *collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		descEvents, descRows, descRejects, descUnmatched, descBacklog, descHotBytes, descHeld, descFailing, descOldest, descJournal,
	} {
		out <- d
	}
	describeAccount(out)
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	if err := c.collect(ctx, out); err != nil {
		out <- prometheus.NewInvalidMetric(descEvents, err)
	}
}

func (c *collector) collect(ctx context.Context, out chan<- prometheus.Metric) error {
	statuses, err := c.server.Streams.Statuses(ctx)
	if err != nil {
		return err
	}
	account, err := c.server.readAccount(ctx)
	if err != nil {
		return err
	}
	account.collect(out)
	for _, s := range statuses {
		name := string(s.Name)
		gauge := func(d *prometheus.Desc, v float64) {
			out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, name)
		}
		counter := func(d *prometheus.Desc, v int64) {
			out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), name)
		}
		total := account.stream(name)
		counter(descEvents, total.events)
		counter(descRows, total.rows)
		counter(descRejects, total.rejects)
		counter(descUnmatched, total.unmatched)
		gauge(descBacklog, float64(s.Backlog))
		gauge(descHotBytes, float64(s.HotBytes))
		held, age := 0.0, 0.0
		if s.Held != "" {
			held = 1
		}
		if s.Oldest != 0 {
			age = c.server.cfg.Clock().Sub(s.Oldest.Time()).Seconds()
		}
		gauge(descHeld, held)
		failing := 0.0
		if s.Failing != 0 {
			failing = max(c.server.cfg.Clock().Sub(s.Failing.Time()).Seconds(), 0)
		}
		gauge(descFailing, failing)
		gauge(descOldest, age)
	}
	var bytes int64
	for _, id := range c.server.Journal.Journals() {
		bytes += c.server.Journal.Size(id)
	}
	out <- prometheus.MustNewConstMetric(descJournal, prometheus.GaugeValue, float64(bytes))
	return nil
}
