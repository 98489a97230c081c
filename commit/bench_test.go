package commit_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/commit"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/ledger"
	"github.com/loglake/loglake/position"
	"github.com/loglake/loglake/state"
)

// BenchmarkCommit commits batches without objects, which is what the state has to do for each: both transactions. Of
// minutes a batch has one, or as many as an outage of an hour leaves.
func BenchmarkCommit(b *testing.B) {
	for name, minutes := range map[string]int64{"minute": 1, "hour": 60} {
		b.Run(name, func(b *testing.B) { benchmarkCommit(b, minutes) })
	}
}

func benchmarkCommit(b *testing.B, minutes int64) {
	var migrations []state.Migration
	for _, of := range [][]state.Migration{position.Migrations(), ledger.Migrations(), catalog.Migrations(), commit.Migrations()} {
		migrations = append(migrations, of...)
	}
	db, err := state.Open(b.Context(), state.Config{Path: filepath.Join(b.TempDir(), "state.db"), Migrations: migrations})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // of a benchmark
	c := commit.New(commit.Config{FS: disk.NewCrashable(), Dir: staging, State: db, Clock: time.Now})
	if err := c.Sweep(b.Context()); err != nil {
		b.Fatal(err)
	}
	err = db.Update(b.Context(), "start", func(tx *state.Tx) error {
		return position.Start(tx, position.Position{Producer: producer, Source: source, Journal: journal})
	})
	if err != nil {
		b.Fatal(err)
	}
	at := loglake.Offset(0)
	for n := int64(1); b.Loop(); n++ {
		p := commit.Plan{Producer: producer, Number: n, Ranges: []loglake.Range{{Source: source, Journal: journal, From: at, To: at + loglake.Offset(minutes)}}}
		for i := range minutes {
			p.Minutes.Add(source, loglake.Millis(n/1000+i)*ledger.SpanMinute, ledger.Counts{Events: 1, Unmatched: 1})
		}
		p.Counts = p.Minutes.Of(source)
		if _, err := c.Commit(b.Context(), p); err != nil {
			b.Fatal(err)
		}
		at += loglake.Offset(minutes)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
}
