// Command load puts events into a running loglake as fast as it takes them, or at a given rate, and says what that cost:
// acknowledged events, latencies, and the server's CPU time, memory and objects. docs/benchmarks.md holds its figures
// and says how to repeat them.
//
//	LOGLAKE_ACCESS_KEY_ID=load LOGLAKE_SECRET_ACCESS_KEY=load loglake serve --data /tmp/lake &
//	go run ./test/load -pid $! -events 1000000 -writers 8        what 1,000 events per put cost, up to committed Parquet
//	go run ./test/load -pid $! -small -rate 1000 -events 20000   latency of puts of one event beside fdatasync's
//	go run ./test/load -pid $! -small -writers 64 -events 500000 such puts as fast as they are acknowledged
//	go run ./test/load -fresh 200                                how soon a row is visible to SQL
//	go run ./test/load -pid $! -dir /tmp/lake -soak 10m          everything at once, for long: does anything grow?
//
// Requests are what an SDK sends: PutLogEvents over HTTP, signed (SigV4), an invocation id each. The generator costs
// little: bodies are assembled from ready pieces into buffers that are used again, and answers are read without a
// client library. Both programs share the machine, so the generator's own CPU time is printed too.
//
// Start here: run in this file, then fleet.go (the writers), wire.go (one connection), lake.go (what is created first);
// soak.go is a load of its own, with sample.go and timeline.go for what it sees.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

// options are the command's flags.
type options struct {
	endpoint, native string
	writers          int
	events           int
	bytes            int
	batch            int
	small            bool
	rate             float64
	stream           bool
	groups           int
	bufferMB         int
	pid              int
	dir              string
	fresh            int
	name             string
	soak             time.Duration
	out              string
}

func main() {
	var o options
	flag.StringVar(&o.endpoint, "endpoint", "http://127.0.0.1:4566", "the server's address of the AWS services")
	flag.StringVar(&o.native, "http", "http://127.0.0.1:4580", "its address of native HTTP, to flush")
	flag.IntVar(&o.writers, "writers", 8, "connections that put at the same time")
	flag.IntVar(&o.events, "events", 1_000_000, "events to put, over all writers")
	flag.IntVar(&o.bytes, "bytes", 400, "mean size of an event; less than 400 is 400")
	flag.IntVar(&o.batch, "batch", 1000, "events of one put")
	flag.BoolVar(&o.small, "small", false, "one event per put")
	flag.Float64Var(&o.rate, "rate", 0, "puts per second, over all writers; 0: as fast as they are acknowledged")
	flag.BoolVar(&o.stream, "stream", true, "deliver what is put: filter, converting delivery stream, Parquet")
	flag.IntVar(&o.groups, "groups", 1, "log groups, each with a delivery stream of its own")
	flag.IntVar(&o.bufferMB, "buffer", 128, "the delivery streams' SizeInMBs")
	flag.IntVar(&o.pid, "pid", 0, "the server's process, to read its CPU time and memory (Linux); 0: not read")
	flag.StringVar(&o.dir, "dir", "", "a folder on the server's disk: how long fdatasync takes there is measured before and after")
	flag.IntVar(&o.fresh, "fresh", 0, "instead of a load: put this many events one by one, each followed by SELECTs until it is seen")
	flag.StringVar(&o.name, "name", fmt.Sprintf("load-%d", time.Now().Unix()), "of what is created: table, groups, delivery streams, bucket")
	flag.DurationVar(&o.soak, "soak", 0, "instead of a load: keep everything going for so long, and look at what could grow; needs -pid and -dir, the server's folder")
	flag.StringVar(&o.out, "out", "", "with -soak: a folder for the samples and their plot")
	flag.Parse()
	if o.small {
		o.batch = 1
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

// run makes what the load needs, loads, and reports.
func run(ctx context.Context, o options, out io.Writer) error {
	if o.writers < 1 || o.groups < 1 || o.batch < 1 || o.events < 1 {
		return errors.New("-writers, -groups, -batch and -events have to be at least 1")
	}
	if o.soak > 0 && (o.pid == 0 || o.dir == "" || !o.stream) {
		return errors.New("-soak needs -pid, -dir and -stream")
	}
	l := newLake(o)
	if err := l.create(ctx); err != nil {
		return err
	}
	if o.soak > 0 {
		return soakLoad(ctx, l, out)
	}
	if o.fresh > 0 {
		return freshness(ctx, l, out)
	}
	if err := reportSync(o.dir, "before", out); err != nil {
		return err
	}
	f := newFleet(l)
	before, err := readUsage(o.pid)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := f.put(ctx); err != nil {
		return err
	}
	f.report(out, time.Since(began))
	acknowledged, err := readUsage(o.pid)
	if err != nil {
		return err
	}
	if o.stream {
		if err := l.flush(ctx); err != nil {
			return err
		}
		if err := l.report(ctx, out, f, time.Since(began)); err != nil {
			return err
		}
	}
	after, err := readUsage(o.pid)
	if err != nil {
		return err
	}
	if o.pid != 0 {
		fmt.Fprintf(out, "server: %.2f CPU-s while putting, %.2f until committed = %.2f per million events; most memory %d MiB\n",
			acknowledged.cpu-before.cpu, after.cpu-before.cpu, (after.cpu-before.cpu)/float64(f.sent.Load())*1e6, after.peak>>20)
	}
	fmt.Fprintf(out, "generator: %.2f CPU-s\n", ownCPU())
	return reportSync(o.dir, "after", out)
}
