package server

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// MetricNamesMax is how many names there are at most.
const MetricNamesMax = metricNamesMax

// BoundedNames gives what is left of n names, of which each has as many events as its number, with their sums.
func BoundedNames(n int) map[string]int64 {
	var rows []metricRow
	for i := range n {
		rows = append(rows, metricRow{labels: []string{fmt.Sprint("g", i)}, size: int64(i), values: []metricValue{{descAccepted, prometheus.CounterValue, int64(i), nil}}})
	}
	names := map[string]int64{}
	for _, r := range bounded(rows) {
		names[r.labels[0]] = r.values[0].n
	}
	return names
}
