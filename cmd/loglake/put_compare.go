package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	cwl "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/loglake/loglake"
)

// markBits are the bits of a mark that say how long the text of its event is: more than any has.
const markBits = 21

// markOf is what the server keeps with a position: by it a file is known whose events end there. It holds a checksum of all
// text up to there, and the length of the last event's text, which may be the beginning of one that grows.
func markOf(before uint64, text []byte) uint64 {
	return fnv1a(before, text)<<markBits | uint64(len(text))
}

// fnvBasis is the checksum of nothing.
const fnvBasis = 14695981039346656037

// fnv1a goes on with a checksum (64-bit FNV-1a).
func fnv1a(sum uint64, b []byte) uint64 {
	for _, c := range b {
		sum = (sum ^ uint64(c)) * 1099511628211
	}
	return sum
}

// compare tells whether the file is the one that the server has events of, where it is at the last of these. A file that
// only begins as another did is refused. An event that has grown since, as by the rest of a stack trace, is sent what it
// has grown by as an event of its own, under a spool of its own.
func (p *putRun) compare(ctx context.Context, before uint64, text []byte, batches chan<- batch) error {
	n := int(p.sum & (1<<markBits - 1))
	if n > len(text) || markOf(before, text[:n]) != p.sum {
		return loglake.Errorf(loglake.CodeConflict, "a file that begins like it was put into log stream %s of %s before, and is another: "+
			"they differ in their first %s events. Nothing of this one was sent", p.stream, p.group, grouped(p.start)).
			WithHint("--stream gives it a log stream of its own")
	}
	rest := bytes.TrimLeft(text[n:], "\n")
	if len(rest) == 0 {
		return ctx.Err()
	}
	sum := sha256.Sum256(append(fmt.Appendf(nil, "%s %d\n", p.spool, p.start), text...))
	id := "put-" + base64.RawURLEncoding.EncodeToString(sum[:])
	if position, _, err := p.server.SpoolPosition(ctx, p.group, id); err != nil || position > 0 {
		return err
	}
	_, err := p.shape.event(nil, rest, &p.tally.lineTally, func(event, _ []byte) error {
		grown := batch{spool: id, events: []cwl.InputLogEvent{{Timestamp: aws.Int64(p.timeOf(event)), Message: aws.String(string(event))}}}
		select {
		case batches <- grown:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	return err
}
