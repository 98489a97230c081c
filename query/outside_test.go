package query_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/loglake/loglake/query"
	"github.com/loglake/loglake/store"
)

// TestManyRemoved: a lifecycle rule has taken most objects of a table away. They are marked with one transaction, and a few
// of them stand for all.
func TestManyRemoved(t *testing.T) {
	l := newLake(t, nil)
	l.rows(eventsDDL)
	const objects = 40
	for i := range objects {
		key := l.commit("data/dt=a/", events(200+i, 1))
		if i > 0 {
			l.must(l.store.Delete(t.Context(), bucket, key))
		}
	}
	var marked atomic.Int64
	count := func(name string) (bool, error) {
		if name == "query.removed-outside" {
			marked.Add(1)
		}
		return false, nil
	}
	l.fault.Store(&count)
	t.Cleanup(func() { l.fault.Store(nil) })
	x := l.run("SELECT status_code FROM events")
	if rows := l.page(x); len(rows) != 2 || rows[1] != "200" {
		t.Errorf("rows %v", rows)
	}
	if n := marked.Load(); n != 1 {
		t.Errorf("%d transactions", n)
	}
	if n := len(x.Notices); n != 11 || x.Notices[10] != "and so of 29 more objects" {
		t.Errorf("%d notices: %q", n, x.Notices)
	}
	if x := l.run("SELECT status_code FROM events"); len(x.Notices) > 0 || len(l.page(x)) != 2 {
		t.Errorf("the next query tells %q", x.Notices)
	}
}

// vanishing is a bucket from which an object goes when another is looked for the second time.
type vanishing struct {
	query.Store
	looks  atomic.Int64
	second func()
}

func (v *vanishing) Stat(ctx context.Context, bucket, key string) (store.Object, error) {
	o, err := v.Store.Stat(ctx, bucket, key)
	if v.looks.Add(1) == 2 {
		v.second()
	}
	return o, err
}

// TestRemovedWhileLooking: a query that has to look again, as a file went in between, still tells what its first look has
// marked as removed.
func TestRemovedWhileLooking(t *testing.T) {
	bucketThat := &vanishing{}
	l := newLake(t, func(c *query.Config) {
		bucketThat.Store = c.Store
		c.Store = bucketThat
	})
	l.rows(eventsDDL)
	first := l.commit("data/dt=a/", events(200, 1))
	second := l.commit("data/dt=a/", events(300, 1))
	l.commit("data/dt=a/", events(400, 1))
	l.must(l.store.Delete(t.Context(), bucket, first))
	bucketThat.second = func() { l.must(l.store.Delete(t.Context(), bucket, second)) }
	x := l.run("SELECT status_code FROM events")
	if x.State != query.Succeeded {
		t.Fatal(x.Reason)
	}
	if rows := l.page(x); len(rows) != 2 || rows[1] != "400" {
		t.Errorf("rows %v", rows)
	}
	for _, key := range []string{first, second} {
		if !strings.Contains(strings.Join(x.Notices, " "), key+" was deleted") {
			t.Errorf("nobody is told of %s: %q", key, x.Notices)
		}
	}
}
