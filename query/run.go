package query

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/loglake/loglake/query/dialect"
	"github.com/loglake/loglake/store"
)

// outcome is what a statement gave.
type outcome struct {
	columns     []ColumnInfo
	text        []byte // the result file where it is text; SELECT writes its own
	metadata    bool   // whether a .metadata file goes beside it
	updateCount *int64
	notices     []string
}

// run takes an execution from QUEUED to its end.
func (e *Executions) run(ctx context.Context, a *active, p program) {
	defer a.cancel(nil)
	slots := e.dml
	if p.hive != nil {
		slots = e.ddl
	}
	var out outcome
	var err error
	select {
	case slots <- struct{}{}:
		out, err = e.attempt(ctx, a, p)
		<-slots
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	e.finish(ctx, a, out, err)
}

// attempt runs the statement within the time limit. Only errors come out of it, also of a defect that panics: one
// query must not end the server.
func (e *Executions) attempt(ctx context.Context, a *active, p program) (out outcome, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = failTrino("GENERIC_INTERNAL_ERROR", "a defect of this server: %v", r)
		}
	}()
	ctx, cancel := context.WithTimeoutCause(ctx, e.config.TimeMax,
		failTrino("EXCEEDED_TIME_LIMIT", "Query exceeded the maximum run time limit of %.2fm", e.config.TimeMax.Minutes()))
	defer cancel()
	x := e.update(a, func(x *Execution) {
		x.State = Running
		x.Statistics.Queue = e.config.Clock().Sub(x.Submitted)
	})
	switch {
	case p.hive != nil:
		out, err = e.runHive(ctx, x, p.hive.Body)
		err = denied(err)
	case p.trino.Kind() == dialect.KindExplain:
		out, err = e.runExplain(ctx, x, p)
	default:
		out, err = e.runSelect(ctx, a, x, p)
	}
	if f := (*Failure)(nil); err != nil && errors.As(context.Cause(ctx), &f) {
		err = f
	}
	return out, err
}

// update changes an active execution and gives a copy.
func (e *Executions) update(a *active, change func(x *Execution)) Execution {
	e.mu.Lock()
	defer e.mu.Unlock()
	change(&a.execution)
	return a.execution
}

// finish publishes the outcome's files, records the end and lets go of the execution. ctx may have ended.
func (e *Executions) finish(ctx context.Context, a *active, out outcome, err error) {
	if err == nil {
		began := e.config.Clock()
		err = e.publish(context.WithoutCancel(ctx), a, out) // what has succeeded stays so
		e.update(a, func(x *Execution) { x.Statistics.Publishing += e.config.Clock().Sub(began) })
	}
	x := e.update(a, func(*Execution) {})
	x.end(ctx, e.config.Clock().UTC(), out, err)
	ctx = context.WithoutCancel(ctx)
	if x.State == Failed && x.hive() {
		// Best effort, as the reason is in the execution too: Athena leaves it as the result file.
		_ = e.putText(ctx, x, []byte(x.Reason))
	}
	saved := e.record(ctx, &x)
	if x.Failure != nil {
		e.tell(x.ID, x.Failure)
	}
	e.mu.Lock()
	a.execution = x
	if saved {
		delete(e.active, x.ID)
	}
	e.mu.Unlock()
	close(a.done)
}

// tell has the server's log say what the client is not told of a failure.
func (e *Executions) tell(id string, f *Failure) {
	if f.cause != nil && e.config.OnFailure != nil {
		e.config.OnFailure(id, f.cause)
	}
}

// How often, and after what pauses, the end of an execution is recorded.
const (
	recordAttempts = 5
	recordPause    = 100 * time.Millisecond
)

// record makes the end of an execution durable, before anybody is told of it: a query that was told to have succeeded
// would have failed after a restart. Where it can't be recorded the query has failed.
func (e *Executions) record(ctx context.Context, x *Execution) (saved bool) {
	var err error
	for n := range recordAttempts {
		if n > 0 {
			time.Sleep(recordPause)
		}
		if err = e.save(ctx, *x); err == nil {
			return true
		}
	}
	f := failInternal("the end of the query can't be recorded; the server's log says more", err)
	x.State, x.Reason, x.Failure, x.Statistics.ScannedBytes = Failed, f.Reason, f, 0
	return false
}

// end gives x its last state.
func (x *Execution) end(ctx context.Context, now time.Time, out outcome, err error) {
	x.Completed = now
	x.Statistics.Total = now.Sub(x.Submitted)
	x.Statistics.Engine = max(0, x.Statistics.Total-x.Statistics.Queue-x.Statistics.Publishing)
	x.Notices = append(x.Notices, out.notices...)
	cause := context.Cause(ctx)
	var scanned *errScanned
	switch {
	case err == nil:
		x.State, x.Columns, x.UpdateCount = Succeeded, out.columns, out.updateCount
	case errors.Is(cause, errCancelled):
		x.State, x.Reason = Cancelled, errCancelled.Reason
	case errors.As(err, &scanned):
		x.State, x.Reason, x.Statistics.ScannedBytes = Cancelled, scanned.Error(), 0
	default:
		if errors.Is(cause, errStopping) {
			err = errStopping
		}
		f := failureOf(err)
		x.State, x.Reason, x.Failure = Failed, f.Reason, f
		x.Statistics.ScannedBytes = 0 // a failed query is not billed
	}
}

func (e *Executions) publish(ctx context.Context, a *active, out outcome) error {
	x := e.update(a, func(x *Execution) { x.Columns = out.columns })
	if x.hive() || out.text != nil {
		if err := e.putText(ctx, x, out.text); err != nil {
			return err
		}
	}
	if !out.metadata {
		return nil
	}
	return e.putMetadata(ctx, x)
}

func (e *Executions) putText(ctx context.Context, x Execution, text []byte) error {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(x.Output, "s3://"), "/")
	if _, err := e.config.Store.Put(ctx, bucket, key, bytes.NewReader(text), store.PutOptions{}); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}
