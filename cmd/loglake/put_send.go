package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cwl "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/client"
	"github.com/loglake/loglake/shape"
)

// The patience of put.
const (
	putCallTime  = time.Minute      // for an answer
	putPauseMin  = time.Second / 4  // before a call is made again; it doubles
	putPauseMax  = 10 * time.Second // but not beyond this
	putGiveUp    = 10 * time.Minute // without any success
	headBytes    = 2 << 10          // by which a file is known
	batchesAhead = 2                // read while one is sent
)

// putRun puts the events of one file.
type putRun struct {
	server    *client.Client
	shape     *lineShape
	group     string
	stream    string
	eventTime string // a field; "": events have the time of their putting
	final     bool   // a last line without an end is a whole one, in any file
	progress  *progress

	spool string
	start int64  // the position from which the server has nothing
	sum   uint64 // the mark of what it has, see markOf; 0: not known
	tally putTally
}

// putTally is what a put did, for its summary.
type putTally struct {
	File   string `json:"file"`
	Group  string `json:"group"`
	Stream string `json:"stream"`
	lineTally
	Sent    int64   `json:"sent"`
	Stored  int64   `json:"stored_before"` // events that the server had already
	NoTime  int64   `json:"without_time"`  // events whose time field says none
	Refused int64   `json:"refused"`       // events that the server left out because of their age
	Seconds float64 `json:"seconds"`
}

// batch is a call's worth of events.
type batch struct {
	position int64
	events   []cwl.InputLogEvent
	bytes    int
	spool    string // "": the file's
	sum      uint64 // the mark of the last event
}

// run puts all events of the file that the server does not have yet.
func (p *putRun) run(ctx context.Context, file *logFile) error {
	began := time.Now()
	defer func() { p.tally.Seconds = time.Since(began).Seconds() }()
	if err := p.findSpool(ctx, file); err != nil {
		return err
	}
	batches := make(chan batch, batchesAhead)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(batches)
		return p.read(ctx, file, batches)
	})
	g.Go(func() error {
		for b := range batches {
			if err := p.send(ctx, b); err != nil {
				return err
			}
			p.tally.Sent += int64(len(b.events))
			p.progress.show(file, b.position+int64(len(b.events)))
		}
		return nil
	})
	return g.Wait()
}

// findSpool chooses the spool of the file. It is named by the log stream, the settings that decide which events there are,
// and the file's first headBytes. A file that was put when it had only some of these lines is known by those it had, so
// that it goes on where it was although it has grown: each beginning that ends with a line is asked for, the longest first.
// stdin has a spool of its own each time.
func (p *putRun) findSpool(ctx context.Context, file *logFile) error {
	if file.name == "-" {
		p.spool = "put-" + uuid.NewString()
		return nil
	}
	head, _ := file.Peek(headBytes) // what can't be read is met again
	if file.grows && !p.final && len(head) < headBytes {
		head = head[:bytes.LastIndexByte(head, '\n')+1] // the rest is not sent
	}
	for i := len(head); i > 0; i-- {
		if i < len(head) && head[i-1] != '\n' {
			continue
		}
		id, err := p.spoolOf(bytes.TrimRight(head[:i], "\r\n"))
		if err != nil {
			return err
		}
		if p.spool == "" {
			p.spool = id
		}
		position, sum, err := p.server.SpoolPosition(ctx, p.group, id)
		if err != nil {
			return err
		}
		if position > 0 {
			p.spool, p.start, p.sum = id, position, sum
			return nil
		}
	}
	return nil
}

func (p *putRun) spoolOf(head []byte) (string, error) {
	s := p.shape.settings
	about, err := json.Marshal([]any{p.stream, s.Parse, s.Regex, s.Multiline, s.Noise})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(append(append(about, '\n'), head...))
	return "put-" + base64.RawURLEncoding.EncodeToString(sum[:]), nil
}

// read makes batches of the file's events, without those that the server has. Each batch goes with the mark
// of its last, which the server gives back with the position.
func (p *putRun) read(ctx context.Context, file *logFile, batches chan<- batch) error {
	var b batch
	flush := func() error {
		if len(b.events) == 0 {
			return nil
		}
		select {
		case batches <- b:
			b = batch{events: make([]cwl.InputLogEvent, 0, len(b.events))}
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	next, before := int64(0), uint64(fnvBasis)
	err := p.shape.read(lineSource{Reader: file, grows: file.grows && !p.final}, &p.tally.lineTally, func(event, text []byte) error {
		position, known, sum := next, before, markOf(before, text)
		next, before = next+1, fnv1a(fnv1a(before, text), []byte{0})
		if position < p.start {
			if p.tally.Stored++; next == p.start && p.sum != 0 {
				return p.compare(ctx, known, text, batches)
			}
			return ctx.Err()
		}
		size := len(event) + client.EventOverhead
		if len(b.events) == client.PutEventsMax || b.bytes+size > client.PutBytesMax {
			if err := flush(); err != nil {
				return err
			}
		}
		if len(b.events) == 0 {
			b.position = position
		}
		b.bytes += size
		b.sum = sum
		b.events = append(b.events, cwl.InputLogEvent{Timestamp: aws.Int64(p.timeOf(event)), Message: aws.String(string(event))})
		return nil
	})
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errCut
	case err != nil:
		return err
	}
	if held := p.tally.Open - 1; held > 0 && p.tally.Stored < p.start { // what the open line may belong to is there already
		p.tally.Stored, p.tally.Open = p.tally.Stored+held, p.tally.Open-held
	}
	return flush()
}

// errCut is the end of a compressed file in the middle of its content.
var errCut = errors.New("the compressed content has no end")

// timeOf gives the time of an event in milliseconds.
func (p *putRun) timeOf(event []byte) int64 {
	if p.eventTime != "" {
		var short [64]byte
		if at, _, ok := shape.ParseTime(shape.Field(short[:0], event, p.eventTime)); ok && at.UnixMilli() >= 0 {
			return at.UnixMilli()
		}
		p.tally.NoTime++
	}
	return time.Now().UnixMilli()
}

// send puts a batch, however often it takes.
func (p *putRun) send(ctx context.Context, b batch) error {
	began, pause := time.Now(), putPauseMin
	for {
		call, cancel := context.WithTimeout(ctx, putCallTime)
		accepted, err := p.server.PutSpool(call, client.Put{Group: p.group, Stream: p.stream, Spool: cmp.Or(b.spool, p.spool), Position: b.position, Sum: b.sum,
			AnyTime: p.eventTime != "", Events: b.events})
		cancel()
		switch {
		case err == nil:
			p.tally.Refused += int64(accepted.Refused)
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case !client.Temporary(err):
			return fmt.Errorf("put %d events: %w", len(b.events), err)
		case time.Since(began) > putGiveUp:
			return loglake.Errorf(loglake.CodeUnavailable, "%s has taken nothing for %s: %s", p.server.Endpoint(), putGiveUp, rootCause(err)).
				WithHint("the same command goes on from here")
		}
		p.progress.waiting(p.server.Endpoint(), err)
		select {
		case <-time.After(pause/2 + rand.N(pause/2)):
		case <-ctx.Done():
			return ctx.Err()
		}
		pause = min(2*pause, putPauseMax)
	}
}
