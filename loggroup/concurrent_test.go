package loggroup_test

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/loggroup"
)

// TestConcurrentPuts puts from many sides while names change and readers page: each answered event is there once, and
// a reader never sees an event before its put could have stored it, twice, or out of order.
func TestConcurrentPuts(t *testing.T) {
	const writers, puts = 6, 40
	l := newLake(t)
	l.group("g")
	at := loglake.At(start)
	var wg, readers sync.WaitGroup
	stop := make(chan struct{})
	for w := range writers {
		wg.Go(func() {
			name := loglake.LogStreamName(fmt.Sprint("s", w))
			if err := l.CreateStream(t.Context(), "g", name); err != nil {
				t.Error(err)
				return
			}
			var b loggroup.Batch
			for i := range puts {
				b.Reset()
				b.Add(at+loglake.Millis(i), fmt.Appendf(nil, "%d/%d", w, i))
				if _, err := l.PutEvents(t.Context(), loggroup.Put{Group: "g", Stream: name, Batch: &b}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 2 {
		readers.Go(func() {
			for {
				checkOrder(t, l)
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	readers.Go(func() {
		for i := 0; ; i++ {
			f := loggroup.Filter{Group: "g", Name: "f", Pattern: fmt.Sprint("p", i%3), Destination: streamARN, Role: "r"}
			if err := l.PutFilter(t.Context(), f); err != nil {
				t.Error(err)
			}
			if err := l.PutRetention(t.Context(), "g", 7); err != nil {
				t.Error(err)
			}
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	wg.Wait()
	close(stop)
	readers.Wait()
	if got := checkOrder(t, l); got != writers*puts {
		t.Errorf("%d events, want %d", got, writers*puts)
	}
	// The subscriptions cover the journal without gap or overlap, whatever was put meanwhile.
	subs := l.subscriptions("p-d")
	slices.SortFunc(subs, func(a, b loggroup.Subscription) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(uint64(a.Until), uint64(b.Until))) // Open is last
	})
	for i := 1; i < len(subs); i++ {
		if subs[i].From != subs[i-1].Until {
			t.Errorf("a subscription ends at %d and the next begins at %d", subs[i-1].Until, subs[i].From)
		}
	}
	if last := subs[len(subs)-1]; last.Until != loggroup.Open {
		t.Errorf("no subscription is open: %+v", last)
	}
}

// checkOrder reads all events in pages and gives their number.
func checkOrder(t *testing.T, l *lake) int {
	q := loggroup.FilterQuery{Group: "g", Limit: 50}
	seen := map[string]bool{}
	var last loglake.Event
	for {
		events, next, err := l.FilterEvents(t.Context(), q)
		if err != nil {
			t.Error(err)
			return 0
		}
		for _, e := range events {
			if seen[string(e.Message)] {
				t.Errorf("%s is there twice", e.Message)
			}
			seen[string(e.Message)] = true
			if e.Timestamp < last.Timestamp || e.Timestamp == last.Timestamp && e.Offset < last.Offset && len(seen) > 1 {
				t.Errorf("%s at %d comes after %s at %d", e.Message, e.Timestamp, last.Message, last.Timestamp)
			}
			last = e
		}
		if q.Token = next; next == "" {
			return len(seen)
		}
	}
}
