package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// fleet is the writers of a load.
type fleet struct {
	lake      *lake
	pieces    []piece
	left      atomic.Int64 // events that no writer has taken yet
	sent      atomic.Int64 // events acknowledged
	raw       atomic.Int64 // bytes of their messages
	latencies [][]time.Duration
}

func newFleet(l *lake) *fleet {
	f := &fleet{lake: l, pieces: pieces(l.o.bytes), latencies: make([][]time.Duration, l.o.writers)}
	f.left.Store(int64(l.o.events))
	return f
}

// writes tells whether a writer puts to a group: every group has a writer, and every writer a group.
func (o options) writes(writer, group int) bool {
	if o.writers >= o.groups {
		return writer%o.groups == group
	}
	return group%o.writers == writer
}

// put has all writers put until every event is acknowledged.
func (f *fleet) put(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for i := range f.lake.o.writers {
		group.Go(func() error { return f.write(ctx, i) })
	}
	return group.Wait()
}

// write is the life of one writer. With a rate it puts by a timetable, and a latency counts from when the put was due, so
// that a server that stalls is not asked less.
func (f *fleet) write(ctx context.Context, writer int) error {
	o := f.lake.o
	w, err := dial(ctx, o.endpoint, f.lake.keys, region)
	if err != nil {
		return err
	}
	defer w.conn.Close()
	var period time.Duration
	due := time.Now()
	if o.rate > 0 {
		period = time.Duration(float64(o.writers) / o.rate * float64(time.Second))
		due = due.Add(period * time.Duration(writer) / time.Duration(o.writers))
	}
	var sources []*bodies
	for g := range o.groups {
		if o.writes(writer, g) {
			sources = append(sources, newBodies(f.pieces, uint64(writer*o.groups+g+1), f.lake.group(g), streamName(writer)))
		}
	}
	for turn := 0; ctx.Err() == nil; turn++ {
		n := int(min(int64(o.batch), f.left.Add(-int64(o.batch))+int64(o.batch)))
		if n <= 0 {
			return nil
		}
		if period > 0 {
			time.Sleep(time.Until(due))
		}
		began := time.Now()
		body, raw := sources[turn%len(sources)].next(n, began)
		if period > 0 {
			began, due = due, due.Add(period)
		}
		if err := w.put(ctx, body); err != nil {
			return err
		}
		f.latencies[writer] = append(f.latencies[writer], time.Since(began))
		f.sent.Add(int64(n))
		f.raw.Add(int64(raw))
	}
	return ctx.Err()
}

func streamName(writer int) string { return fmt.Sprintf("writer-%d", writer) }

// report prints what the writers saw.
func (f *fleet) report(out io.Writer, took time.Duration) {
	all := slices.Concat(f.latencies...)
	fmt.Fprintf(out, "acknowledged: %d events in %d puts in %.2f s = %.0f events/s, %.0f puts/s\n",
		f.sent.Load(), len(all), took.Seconds(), float64(f.sent.Load())/took.Seconds(), float64(len(all))/took.Seconds())
	fmt.Fprintf(out, "put latency: %s\n", spread(all))
}

// spread words the distribution of some durations.
func spread(all []time.Duration) string {
	if len(all) == 0 {
		return "nothing measured"
	}
	slices.Sort(all)
	at := func(part float64) time.Duration {
		return all[min(len(all)-1, int(part*float64(len(all))))].Round(time.Microsecond)
	}
	return fmt.Sprintf("p50 %v, p90 %v, p99 %v, max %v", at(0.5), at(0.9), at(0.99), at(1))
}
