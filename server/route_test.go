package server_test

import (
	"context"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/route"
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
