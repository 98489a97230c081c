package nethttp

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// queue takes lines without blocking, and has a goroutine write them.
type queue struct {
	out     io.Writer
	lines   chan []byte
	dropped atomic.Int64
	start   sync.Once
	stop    sync.Once
	closing chan struct{}
	done    chan struct{}
}

func newQueue(out io.Writer) *queue {
	return &queue{out: out, lines: make(chan []byte, QueueLinesMax), closing: make(chan struct{}), done: make(chan struct{})}
}

// Write takes one line. It never fails and never waits.
func (q *queue) Write(line []byte) (int, error) {
	q.start.Do(func() { go q.work() }) // ends with close
	select {
	case q.lines <- bytes.Clone(line):
	default:
		q.dropped.Add(1)
	}
	return len(line), nil
}

// close writes what is there and ends the goroutine, or gives up when ctx ends.
func (q *queue) close(ctx context.Context) error {
	q.start.Do(func() { go q.work() })
	q.stop.Do(func() { close(q.closing) })
	select {
	case <-q.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("write %d lines: %w", len(q.lines), ctx.Err())
	}
}

func (q *queue) work() {
	defer close(q.done)
	for {
		select {
		case line := <-q.lines:
			q.put(line)
			continue
		default:
		}
		select {
		case line := <-q.lines:
			q.put(line)
		case <-q.closing:
			if len(q.lines) == 0 {
				return
			}
		}
	}
}

// put writes a line, and behind it, once half of the queue is free, how many were dropped. What can't be written is lost:
// nobody reads stdout any more, and the application goes on.
func (q *queue) put(line []byte) {
	_, _ = q.out.Write(line)
	if len(q.lines) > QueueLinesMax/2 {
		return
	}
	n := q.dropped.Swap(0)
	if n == 0 {
		return
	}
	text, err := json.Marshal(map[string]string{
		"timestamp": time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), "level": "WARN",
		"message": fmt.Sprintf("request log: %d lines were dropped: stdout was not read in time", n),
	})
	if err == nil { // strings always can be
		_, _ = q.out.Write(append(text, '\n'))
	}
}
