package server_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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
	for name, change := range map[string]bool{"commits": false, "commits and new definitions": true} {
		t.Run(name, func(t *testing.T) { snapshots(t, change) })
	}
}

const (
	snapshotQueries = 12 // of each reader
	snapshotReaders = 2
	batchRecords    = 7
)

func snapshots(t *testing.T, change bool) {
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
			records = append(records, fmt.Appendf(nil, `{"id":"%d","n":%d}`, n, n))
		}
		begun.Store(first + batchRecords - 1)
		_, err := r.Streams.Put(ctx, "direct", "", records)
		acked.Store(begun.Load())
		return err
	})
	repeat("flush", func() error {
		flushes.Add(1)
		_, err := r.Streams.Flush(loading, "direct")
		return err
	})
	if change {
		ticker := time.NewTicker(2 * time.Millisecond)
		defer ticker.Stop()
		repeat("update", func() error {
			<-ticker.C
			is, err := r.Streams.Describe("direct")
			if err != nil {
				return err
			}
			d := destination(t, fmt.Sprintf(`{"ErrorOutputPrefix":"errors/%d/!{firehose:error-output-type}/"}`, changes.Add(1)))
			return r.Streams.Update(ctx, "direct", is.VersionID(), delivery.DestinationID, d)
		})
	}
	for range snapshotReaders {
		readers.Go(func() {
			for range snapshotQueries {
				if !snapshot(ctx, t, r, &begun, &acked) {
					return
				}
			}
		})
	}
	readers.Wait()
	stop()
	load.Wait()
	t.Logf("%d numbers put, %d flushes, %d changes, %d queries", acked.Load(), flushes.Load(), changes.Load(), snapshotReaders*snapshotQueries)
}

// snapshot is one query.
func snapshot(ctx context.Context, t *testing.T, r *running, begun, acked *atomic.Int64) bool {
	least := acked.Load()
	output := "s3://" + bucket + "/results/"
	id, err := r.Queries.Start(ctx, executions.StartRequest{QueryString: "SELECT count(*), coalesce(sum(n), 0) FROM logs", Output: &output})
	if err != nil {
		t.Error(err)
		return false
	}
	x, err := r.Queries.Wait(ctx, id)
	if err != nil || x.State != executions.Succeeded {
		t.Errorf("query: %v %s %s", err, x.State, x.Reason)
		return false
	}
	most := begun.Load()
	results, err := r.Queries.Results(ctx, id, "", 0)
	if err != nil {
		t.Error(err)
		return false
	}
	row := results.Rows[1]
	var n, sum int64
	if _, err := fmt.Sscan(*row[0]+" "+*row[1], &n, &sum); err != nil {
		t.Error(err)
		return false
	}
	if n < least || n > most || sum != n*(n+1)/2 {
		t.Errorf("a query saw %d rows with the sum %d; want at least %d, at most %d, each once", n, sum, least, most)
		return false
	}
	return true
}
