package delivery_test

import (
	"strings"
	"sync/atomic"
	"testing"
)

// TestFilterReplacedWhileRead replaces a filter while the worker reads beyond the end that the old subscription is about
// to get: the events after that end come through the new one, once.
func TestFilterReplacedWhileRead(t *testing.T) {
	for name, meanwhile := range map[string]func(l *lake){
		"into chunks": func(l *lake) { l.streams.CatchUp(l.t.Context(), in("data/")) },
		"into a flush": func(l *lake) { // which waits for the transaction that replaces the filter
			l.streams.CatchUp(l.t.Context(), in("data/"))
			if err := l.streams.FlushSoon("all"); err != nil {
				l.t.Error(err)
			}
			l.streams.CatchUp(l.t.Context(), in("data/"))
		},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			l := &lake{}
			var armed atomic.Bool
			l.fault = func(tx string) (bool, error) {
				if tx == "loggroup.put-subscription-filter" && armed.CompareAndSwap(true, false) {
					l.log("/app", event("b", 2))
					meanwhile(l)
				}
				return false, nil
			}
			open(t, l)
			defer l.close()
			l.setUp()
			l.stream("all", l.destination(processing(gunzip, extract)))
			l.subscribe("/app", "all", "")
			l.log("/app", event("a", 1))
			armed.Store(true)
			l.filter("/app", "all", "{ $.n > 0 }")
			l.log("/app", event("c", 3))
			l.flush("all")
			want(t, "rows", l.rows("data/"), "a", "b", "c")
			l.check()
		})
	}
}
