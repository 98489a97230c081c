package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// Rows is the result of a query as it arrives. It belongs to one goroutine.
type Rows struct {
	// Columns are the result's columns, known before the first row.
	Columns []Field

	ctx    context.Context
	engine *Engine
	child  *child
	stop   func() bool   // detaches from ctx; false: the cancel is sent or on its way
	told   chan struct{} // closed when the cancel of ctx has been sent
	buf    []byte

	ended bool // the child has said its last word on this query
	err   error

	killing sync.Mutex
	killer  *time.Timer // set once the query is cancelled
}

// startRows waits for the query's schema. On failure the child is given back here, the engine's slot is not.
func startRows(ctx context.Context, e *Engine, c *child) (*Rows, error) {
	r := &Rows{ctx: ctx, engine: e, child: c, told: make(chan struct{})}
	r.stop = context.AfterFunc(ctx, func() {
		r.cancel()
		close(r.told)
	})
	payload, err := r.read(frameSchema)
	if err == nil {
		err = json.Unmarshal(payload, &r.Columns)
	}
	if err != nil {
		r.finish()
		return nil, err
	}
	return r, nil
}

// Next gives the next rows, nil at the end.
func (r *Rows) Next() (*Batch, error) {
	if r.ended || r.err != nil {
		return nil, r.err
	}
	payload, err := r.read(frameBatch)
	if err != nil || payload == nil {
		return nil, err
	}
	b, err := decodeBatch(payload, r.Columns)
	if err != nil {
		r.err = &Fault{Kind: FaultCrashed, Message: err.Error(), Err: err}
		return nil, r.err
	}
	return &b, nil
}

// read gives the payload of the next frame, which is of the wanted kind; nil at the query's good end.
func (r *Rows) read(want frameKind) ([]byte, error) {
	kind, payload, err := readFrame(r.child.out, r.buf)
	r.buf = payload
	switch {
	case err != nil:
		r.err = r.broken(err)
		return nil, r.err
	case kind == want:
		return payload, nil
	case kind == frameDone:
		r.ended = true
		return nil, nil
	case kind == frameFault:
		r.ended = true
		fault := &Fault{}
		if err := json.Unmarshal(payload, fault); err != nil {
			r.err = &Fault{Kind: FaultCrashed, Message: "unreadable failure", Err: err}
			return nil, r.err
		}
		if r.ctx.Err() != nil {
			fault = &Fault{Kind: FaultInterrupted, Message: fault.Message, Err: context.Cause(r.ctx)}
		}
		r.err = fault
		return nil, fault
	}
	r.err = &Fault{Kind: FaultCrashed, Message: fmt.Sprintf("unexpected frame %q", kind)}
	return nil, r.err
}

// broken tells a child that was killed on purpose from one that died.
func (r *Rows) broken(err error) error {
	if r.ctx.Err() != nil {
		return &Fault{Kind: FaultInterrupted, Message: "cancelled", Err: context.Cause(r.ctx)}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return r.child.crashed(err)
	}
	return &Fault{Kind: FaultCrashed, Message: err.Error(), Err: err}
}

// cancel asks the child to stop, and kills it if it has not stopped in time. It runs beside the reader.
func (r *Rows) cancel() {
	r.killing.Lock()
	defer r.killing.Unlock()
	if r.killer == nil {
		r.killer = time.AfterFunc(r.engine.config.Grace, r.child.kill)
		_ = r.child.send(frameCancel, nil) // a child that does not take it is killed
	}
}

// Close ends the query, stops it if it still runs, and frees its child. It gives no error for a query that was
// stopped before its end.
func (r *Rows) Close() error {
	if r.child == nil {
		return nil
	}
	r.finish()
	<-r.engine.slots
	return nil
}

func (r *Rows) finish() {
	if !r.stop() {
		<-r.told // a cancel still in flight would hit the child's next query
	}
	if !r.ended && r.err == nil {
		r.cancel()
		r.drain()
	}
	healthy := r.ended
	r.killing.Lock()
	if r.killer != nil && !r.killer.Stop() {
		healthy = false
	}
	r.killing.Unlock()
	r.engine.giveBack(r.child, healthy)
	r.child = nil
}

// drain reads what the child still sends of a cancelled query, up to its end.
func (r *Rows) drain() {
	for {
		kind, payload, err := readFrame(r.child.out, r.buf)
		r.buf = payload
		if err != nil {
			return
		}
		if kind == frameDone || kind == frameFault {
			r.ended = true
			return
		}
	}
}
