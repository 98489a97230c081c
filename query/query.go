// Package query runs SQL over the lake as Athena does: executions with a state and a history, results as files in the
// bucket, statements of two grammars.
//
// The way of a statement:
//
//	Start ─► one statement? which grammar? parse ─► recorded as QUEUED ─► a slot ─► RUNNING ─► SUCCEEDED, FAILED, CANCELLED
//	                                                                         │
//	             SELECT: dialect.Analyze ─► snapshot ─► DuckDB text ─► engine ─► CSV in the output location
//	             Hive:   catalog/ddl ─► catalog ─► text in the output location
//
// The snapshot (snapshot.go) is what makes a query see each event exactly once while batches commit: hot rows are
// pinned first, then objects, partitions and positions are read in one transaction, then the hot rows that the
// positions say are committed are left out (design D13). Partitions are pruned before any file is opened; footers are
// read to refuse files that don't fit the table as Athena does, and to count the bytes scanned.
//
// Where to start: Executions and its Start (start.go), then run.go, then select.go.
package query

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/query/engine"
	"github.com/loglake/loglake/state"
	"github.com/loglake/loglake/store"
)

// Limits of executions.
const (
	QueryBytesMax    = 262144
	QueueMax         = 1000 // executions that wait; more are refused as Athena does beyond its quota
	concurrentDDLMax = 20
)

// Store is what results are written to and table files are read from.
type Store interface {
	store.Getter
	store.Putter
	store.Lister
	HasBucket(ctx context.Context, bucket string) (bool, error)
}

// Config is what Executions need. DB, Home, Clock, Catalog and Store are required.
type Config struct {
	DB      *state.DB
	Home    loglake.Home
	Clock   loglake.Clock
	Catalog *catalog.Catalog
	Store   Store
	// Engine runs the SQL of SELECT; nil: such queries fail and say that this build has no engine.
	Engine *engine.Engine
	// Hot gives the rows in any of the places that are not in the bucket yet, each once and pinned; nil: there are none.
	Hot func(ctx context.Context, places []loglake.Place) ([]loglake.Hot, error)
	// CatchUp returns when what was acknowledged before its call is converted, or when ctx ends, which is after one
	// second at most; nil: nothing to wait for.
	CatchUp func(ctx context.Context, places []loglake.Place)
	// System has the rows of the server's own tables; nil: there are none.
	System *System
	// Output is the output location of the workgroup primary, such as s3://lake/results/; empty: each request has to
	// give one.
	Output string
	// Concurrent is how many SELECTs run at the same time; 0: 2. More wait as QUEUED.
	Concurrent int
	// TimeMax is how long a statement may run; 0: 30 minutes.
	TimeMax time.Duration
	// ResultRowsMax bounds the rows of a result; 0: no limit.
	ResultRowsMax int64
	// OnFailure is told the cause of a failure that its client is not told, with the query's id; nil: nobody is. It may be
	// called from many goroutines.
	OnFailure func(id string, cause error)
	// ResultBytesMax bounds the bytes of a result's file; 0: ResultBytesDefault. A query beyond it fails.
	ResultBytesMax int64
}

// ResultBytesDefault is the longest file of a result, where nobody says otherwise: a query that forgets a condition must not
// fill the disk.
const ResultBytesDefault = 10 << 30

// Executions are the query executions of one home. Its methods may be called from many goroutines.
type Executions struct {
	config  Config
	began   time.Time // when the server was opened
	footers footerCache

	dml, ddl chan struct{} // a token per running statement
	base     context.Context
	stop     context.CancelCauseFunc
	work     sync.WaitGroup

	mu      sync.Mutex // guards what follows
	active  map[string]*active
	stopped bool
	forgot  time.Time // when what is too old was deleted last
}

// forgetEvery is how often what is too old to be asked for is deleted.
const forgetEvery = time.Hour

// New gives the executions of a home. What an earlier server left unfinished becomes FAILED.
func New(ctx context.Context, config Config) (*Executions, error) {
	if config.Concurrent == 0 {
		config.Concurrent = 2
	}
	if config.ResultBytesMax == 0 {
		config.ResultBytesMax = ResultBytesDefault
	}
	if config.TimeMax == 0 {
		config.TimeMax = 30 * time.Minute
	}
	e := &Executions{config: config, began: config.Clock().UTC(), active: map[string]*active{},
		dml: make(chan struct{}, config.Concurrent), ddl: make(chan struct{}, concurrentDDLMax)}
	e.base, e.stop = context.WithCancelCause(context.WithoutCancel(ctx))
	if err := e.recover(ctx); err != nil {
		return nil, fmt.Errorf("recover executions: %w", err)
	}
	return e, nil
}

// Run blocks until ctx ends; then it stops all executions, waits for their ends to be recorded, and returns.
func (e *Executions) Run(ctx context.Context) error {
	<-ctx.Done()
	e.mu.Lock()
	e.stopped = true
	e.mu.Unlock()
	e.stop(errStopping)
	e.work.Wait()
	return nil
}

// Drain waits until no execution runs, or until ctx ends. The caller takes care that none starts meanwhile.
func (e *Executions) Drain(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		e.work.Wait() // ends with the last execution, at the latest when Run stops them
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

var errStopping = fmt.Errorf("the server stops: %w", context.Canceled)

// active is an execution that has not finished. Its fields are guarded by Executions.mu.
type active struct {
	execution Execution
	cancel    context.CancelCauseFunc
	done      chan struct{}
}

// running gives a copy of an execution that has not finished.
func (e *Executions) running(id string) (Execution, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	a, ok := e.active[id]
	if !ok {
		return Execution{}, false
	}
	return a.execution, true
}

// Wait gives an execution once it has finished.
func (e *Executions) Wait(ctx context.Context, id string) (Execution, error) {
	e.mu.Lock()
	a := e.active[id]
	e.mu.Unlock()
	if a != nil {
		select {
		case <-a.done:
		case <-ctx.Done():
			return Execution{}, ctx.Err()
		}
	}
	return e.Get(ctx, id)
}
