package layout

import (
	"strings"
	"time"
)

// Where rows lie by the time of their own, a prefix is evaluated at each row's value. Few values of a batch give another
// text than the value before, and Span tells which without evaluating.

// HasTime tells whether the folders of data objects under the prefix depend on an instant.
func (p *Prefix) HasTime() bool { return !p.HasExpressions() || p.has("timestamp", "") }

// The units that time expressions may tell apart, the finest last.
const (
	unitDay    = 24 * time.Hour
	unitHour   = time.Hour
	unitMinute = time.Minute
	unitSecond = time.Second
	unitFinest = time.Microsecond // of a timestamp column
)

// unit gives the finest unit of the calendar that the prefix's time expressions tell apart.
func (p *Prefix) unit() time.Duration {
	if !p.HasExpressions() {
		return unitHour // what DeliveryPrefix appends
	}
	finest := unitDay
	for _, one := range p.parts {
		for _, f := range one.pattern {
			finest = min(finest, f.unit())
		}
	}
	return finest
}

func (f field) unit() time.Duration {
	switch {
	case f.letter == 0:
		return unitDay
	case strings.IndexByte("HkKha", f.letter) >= 0:
		return unitHour
	case f.letter == 'm':
		return unitMinute
	case f.letter == 's':
		return unitSecond
	case strings.IndexByte("SnNA", f.letter) >= 0:
		return unitFinest
	}
	return unitDay
}

// Span gives the instants around that of v, from on and before to, at which DeliveryPrefix gives the same text but for
// random strings: one unit of the finest calendar field in the prefix, in the zone of v, and no longer than the zone
// keeps its offset. Instants outside may give that text too: the second hour of a change to winter time does.
func Span(prefix *Prefix, v Values) (from, to time.Time) {
	at := v.instant()
	unit := prefix.unit()
	_, offset := at.Zone()
	second := at.Unix()
	if unit < time.Second {
		from = time.Unix(second, int64(at.Nanosecond())).Truncate(unit)
	} else {
		seconds := int64(unit / time.Second)
		since := (second + int64(offset)) % seconds // since the unit's beginning on the zone's clocks
		if since < 0 {
			since += seconds
		}
		from = time.Unix(second-since, 0)
	}
	to = from.Add(unit)
	start, end := at.ZoneBounds()
	if !start.IsZero() && start.After(from) {
		from = start
	}
	if !end.IsZero() && end.Before(to) {
		to = end
	}
	return from.UTC(), to.UTC()
}
