package server_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/delivery"
	executions "github.com/loglake/loglake/query"
	"github.com/loglake/loglake/query/engine"
	"github.com/loglake/loglake/server"
)

// TestSnapshot queries while a writer puts the numbers 1, 2, 3 … in order and flushes run without pause: each result is
// a prefix of what was put, with everything that was acknowledged before the query began, each number once. That holds
// at every moment, also during a commit, and while the stream's definition changes.
func TestSnapshot(t *testing.T) {
	if !engine.Built {
		t.Skip("this build has no SQL engine")
	}
	plain := watched{
		stream: "direct", queries: 12,
		record: func(n int64) []byte { return fmt.Appendf(nil, `{"id":"%d","n":%d}`, n, n) },
		look:   snapshot,
	}
	for name, change := range map[string]bool{"commits": false, "commits and new definitions": true} {
		t.Run(name, func(t *testing.T) { snapshots(t, plain, change) })
		t.Run("by a column, "+name, func(t *testing.T) { snapshots(t, lateRows(), change) })
	}
}

// watched is a stream that numbers are put to, and how a query looks at them.
type watched struct {
	stream  loglake.StreamName
	queries int                                                       // of each reader
	setUp   func(ctx context.Context, t *testing.T, r *running) error // nil: the stream is there
	record  func(n int64) []byte
	// look runs a query and fails the test where it did not see the numbers from 1 to one between acked, read before it,
	// and begun, read after it, each once. It gives false where no more queries make sense.
	look func(ctx context.Context, t *testing.T, r *running, begun, acked *atomic.Int64) bool
}

const (
	snapshotReaders = 2
	batchRecords    = 7
)

func snapshots(t *testing.T, of watched, change bool) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r, err := run(ctx, server.Config{Dir: t.TempDir(), Home: home})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.close(); err != nil {
			t.Error(err)
		}
	}()
	if err := (&client{t: t}).setUp(ctx, r); err != nil {
		t.Fatal(err)
	}
	if of.setUp != nil {
		if err := of.setUp(ctx, t, r); err != nil {
			t.Fatal(err)
		}
	}
	var begun, acked, flushes, changes atomic.Int64
	loading, stop := context.WithCancel(ctx)
	defer stop()
	var load, readers sync.WaitGroup
	repeat := func(what string, do func() error) {
		load.Go(func() {
			for loading.Err() == nil {
				if err := do(); err != nil && loading.Err() == nil {
					t.Errorf("%s: %v", what, err)
					return
				}
			}
		})
	}
	repeat("put", func() error {
		first := acked.Load() + 1
		var records [][]byte
		for n := first; n < first+batchRecords; n++ {
			records = append(records, of.record(n))
		}
		begun.Store(first + batchRecords - 1)
		_, err := r.Streams.Put(ctx, of.stream, "", records)
		acked.Store(begun.Load())
		return err
	})
	repeat("flush", func() error {
		flushes.Add(1)
		_, err := r.Streams.Flush(loading, of.stream)
		return err
	})
	if change {
		ticker := time.NewTicker(2 * time.Millisecond)
		defer ticker.Stop()
		repeat("update", func() error {
			<-ticker.C
			is, err := r.Streams.Describe(of.stream)
			if err != nil {
				return err
			}
			prefix := fmt.Sprintf("errors/%d/!{firehose:error-output-type}/", changes.Add(1))
			return r.Streams.Update(ctx, of.stream, is.VersionID(), delivery.DestinationID, delivery.Destination{ErrorOutputPrefix: &prefix})
		})
	}
	for range snapshotReaders {
		readers.Go(func() {
			for range of.queries {
				if !of.look(ctx, t, r, &begun, &acked) {
					return
				}
			}
		})
	}
	readers.Wait()
	stop()
	load.Wait()
	t.Logf("%d numbers put, %d flushes, %d changes, %d queries", acked.Load(), flushes.Load(), changes.Load(), snapshotReaders*of.queries)
}

// snapshot is one query.
func snapshot(ctx context.Context, t *testing.T, r *running, begun, acked *atomic.Int64) bool {
	least := acked.Load()
	rows, ok := rowsOf(ctx, t, r, "SELECT count(*), coalesce(sum(n), 0) FROM logs")
	if !ok {
		return false
	}
	most := begun.Load()
	var n, sum int64
	if _, err := fmt.Sscan(*rows[0][0]+" "+*rows[0][1], &n, &sum); err != nil {
		t.Error(err)
		return false
	}
	if n < least || n > most || sum != n*(n+1)/2 {
		t.Errorf("a query saw %d rows with the sum %d; want at least %d, at most %d, each once", n, sum, least, most)
		return false
	}
	return true
}

// rowsOf gives the rows of a query's result, without its head.
func rowsOf(ctx context.Context, t *testing.T, r *running, sql string) (rows []executions.Row, ok bool) {
	t.Helper()
	output := "s3://" + bucket + "/results/"
	id, err := r.Queries.Start(ctx, executions.StartRequest{QueryString: sql, Output: &output})
	if err != nil {
		t.Error(err)
		return nil, false
	}
	x, err := r.Queries.Wait(ctx, id)
	if err != nil || x.State != executions.Succeeded {
		t.Errorf("query: %v %s %s", err, x.State, x.Reason)
		return nil, false
	}
	results, err := r.Queries.Results(ctx, id, "", 0)
	if err != nil {
		t.Error(err)
		return nil, false
	}
	return results.Rows[1:], true
}
