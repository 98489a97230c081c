package server_test

import (
	"context"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/route"
	"github.com/loglake/loglake/server"
)

// routed is the group into which the rows of the group /app are routed that all lives put there.
const routed loglake.GroupName = "/app/rows"

func (c *client) route(ctx context.Context, r *running) error {
	return r.Groups.PutFilter(ctx, loggroup.Filter{Group: "/app", Name: "rows", Pattern: "{ $.n = 1 }", Destination: home.ARN("logs", "log-group:"+string(routed))})
}

// routed waits until the route has come to the end of its source, and counts what is in its target.
func (c *client) routed(ctx context.Context, r *running) map[string]int {
	var all []route.Status
	for all = r.Routes.Statuses(); ctx.Err() == nil && (len(all) != 1 || all[0].Lag > 0); all = r.Routes.Statuses() {
		poll, cancel := context.WithTimeout(ctx, time.Millisecond)
		<-poll.Done()
		cancel()
	}
	if ctx.Err() != nil {
		c.t.Errorf("the route does not come to its end: %+v", all)
	}
	events, _, err := r.Groups.FilterEvents(ctx, loggroup.FilterQuery{Group: routed})
	if err != nil {
		c.t.Error(err)
	}
	count := map[string]int{}
	for _, e := range events {
		count[idOf(c.t, e.Message)]++
		if e.Stream != "i-1" || e.Timestamp != c.now {
			c.t.Errorf("routed event %+v: the stream or the time is another", e)
		}
	}
	return count
}

// TestCheckOfRoutes finds a route whose target knows more than its source has, as after a source was restored from an
// older copy: what the source takes next would be held to be copied.
func TestCheckOfRoutes(t *testing.T) {
	r, err := run(t.Context(), server.Config{Dir: t.TempDir(), Home: home})
	if err != nil {
		t.Fatal(err)
	}
	defer r.close() //nolint:errcheck // the test says what it has to before
	c := &client{t: t}
	for _, step := range []func() error{
		func() error { return r.Groups.CreateGroup(t.Context(), loggroup.NewGroup{Name: "/app"}) },
		func() error { return r.Groups.CreateGroup(t.Context(), loggroup.NewGroup{Name: routed}) },
		func() error { return c.route(t.Context(), r) },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	c.check(t.Context(), r.Server, "a route that is right")
	routes, err := r.Groups.Routes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var b journal.Builder
	b.Add(1, []byte("m"))
	_, err = r.Journal.Append(t.Context(), journal.Put{Journal: routes[0].Target, Stream: "s", Events: &b,
		Spool: journal.Spool{ID: ":" + string(routes[0].ID), From: 6, To: 7}})
	if err != nil {
		t.Fatal(err)
	}
	report, err := r.Check(t.Context())
	if err != nil || len(report.Problems) != 1 || report.Problems[0].Kind != "route" {
		t.Errorf("%+v, %v", report, err)
	}
}
