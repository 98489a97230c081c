// Command latency measures what capture costs an application: how long its write(2) takes, with the server up, slow and
// stopped, with a full spool and with a disk that stalls; beside no capture at all, and beside what capture replaces, a
// PutRecord within each request. It writes a table, a file of percentiles and a plot.
//
//	make latency
//	go run ./test/latency -bin bin/loglake -lines 100000 -out /tmp/latency
//
// The application is this program itself (-app), so that it can time each write.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"time"

	"github.com/google/uuid"

	"github.com/loglake/loglake/internal/disk"
)

// goal is what a write may take at p99.
const goal = 20 * time.Microsecond

func main() {
	var l load
	var b bench
	flag.IntVar(&l.Lines, "lines", 1_000_000, "lines of each scenario")
	flag.IntVar(&l.Rate, "rate", 10_000, "lines a second")
	flag.IntVar(&l.Bytes, "bytes", 400, "bytes of a line, 100 at least")
	requests := flag.Int("requests", 800, "requests with a PutRecord")
	flag.StringVar(&b.binary, "bin", "bin/loglake", "the program to measure")
	out := flag.String("out", "docs/benchmarks", "folder for capture-latency.md, .csv and .svg")
	result := flag.String("app", "", "be the application, and write its histogram to this file")
	stall := flag.String("stalled", "", "capture the arguments for the server at this address, on a disk that stalls")
	flag.StringVar(&b.dir, "dir", "", "folder of -stalled")
	flag.Parse()
	b.load = l
	var err error
	switch {
	case l.Bytes < 100:
		err = errors.New("-bytes: a line has 100 at least")
	case *result != "":
		err = app(l, *result)
	case *stall != "":
		err = stalled(*stall, b.dir, flag.Args())
	default:
		err = b.all(*requests, *out)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "latency:", err)
		os.Exit(1)
	}
}

// all runs every scenario and writes what came out.
func (b *bench) all(requests int, out string) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	fsys := disk.Real()
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	if b.binary, err = filepath.Abs(b.binary); err != nil {
		return err
	}
	b.dir = filepath.Join(os.TempDir(), "loglake-latency-"+uuid.NewString())
	if err := errors.Join(fsys.MkdirAll(b.dir), fsys.MkdirAll(out)); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, fsys.RemoveAll(b.dir)) }()
	end, err := b.serve()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()

	var outcome []measured
	for _, s := range scenarios() {
		m, err := b.run(ctx, s)
		if err != nil {
			return err
		}
		fmt.Fprintln(os.Stderr, row(m))
		outcome = append(outcome, m)
	}
	m, err := b.direct(ctx, requests)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, row(m))
	outcome = append(outcome, m)
	return errors.Join(
		disk.WriteFile(fsys, filepath.Join(out, "capture-latency.md"), b.page(outcome)),
		disk.WriteFile(fsys, filepath.Join(out, "capture-latency.csv"), table(outcome)),
		disk.WriteFile(fsys, filepath.Join(out, "capture-latency.svg"), []byte(plot(outcome))))
}

func row(m measured) string {
	h := &m.histogram
	us := func(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d)/float64(time.Microsecond)) }
	return fmt.Sprintf("| %s | %d | %s | %s | %s | %s |", m.name, h.N, us(h.at(0.5)), us(h.at(0.99)), us(h.at(0.999)), us(h.Max))
}

// page is the result for people.
func (b *bench) page(all []measured) []byte {
	var p bytes.Buffer
	fmt.Fprintf(&p, `# What capture costs an application

How long write(2) of a line takes in the application, in microseconds: %d lines of %d bytes at %d a second in each
scenario, on %d cores of %s/%s, where the server and everything else ran too. The goal is a p99 of %d µs, whatever the
server and the disk do.

| | writes | p50 | p99 | p99.9 | max |
|---|---|---|---|---|---|
`, b.load.Lines, b.load.Bytes, b.load.Rate, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, goal.Microseconds())
	for _, m := range all {
		fmt.Fprintln(&p, row(m))
	}
	fmt.Fprint(&p, `
![percentiles of write(2)](capture-latency.svg)

The last row is what capture replaces: an application that calls PutRecord within each request, against an endpoint that
takes 200 to 800 ms to answer. `+"`make latency`"+` measures all of it again (LINES and RATE may be given) and writes this page, the
plot and [the percentiles](capture-latency.csv). It wants a machine that does nothing else.
`)
	return p.Bytes()
}

// table is the result for programs.
func table(all []measured) []byte {
	var p bytes.Buffer
	fmt.Fprintln(&p, "scenario,writes,percentile,microseconds")
	for _, m := range all {
		for nines := 0.0; nines <= plotNinesMax; nines += 0.25 {
			share := 1 - math.Pow(10, -nines)
			fmt.Fprintf(&p, "%q,%d,%.4f,%.3f\n", m.name, m.histogram.N, 100*share, float64(m.histogram.at(share))/float64(time.Microsecond))
		}
		fmt.Fprintf(&p, "%q,%d,100,%.3f\n", m.name, m.histogram.N, float64(m.histogram.Max)/float64(time.Microsecond))
	}
	return p.Bytes()
}
