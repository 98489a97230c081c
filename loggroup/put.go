package loggroup

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/journal"
)

// Put is one PutLogEvents.
type Put struct {
	Group  loglake.GroupName
	Stream loglake.LogStreamName
	Call   string // id that all attempts of one call carry; "": none, each attempt counts
	Batch  *Batch // left alone until PutEvents returns, may be used again afterwards

	Spool    string // of a client that is exactly once for ever; Call does not count then. "": none
	Position int64  // in Spool: of the first event of Batch
	Sum      uint64 // given back by SpoolPosition: a checksum of what Spool has held so far, by the client's own rule. 0: none
	AnyTime  bool   // events of any order, span and age up to the year 9999: back-fill, and spools that come late
}

// PutResult is the answer to a Put.
type PutResult struct {
	Accepted int // events that are stored, by this attempt or an earlier one of the same call
	Rejected Rejected
	Repeat   bool   // an earlier attempt has stored them
	Token    string // nextSequenceToken, which nobody needs since 2023
	Position int64  // where Put.Spool goes on
}

// PutEvents stores the events of a put that are neither too new nor too old nor expired, and returns when they are on
// the disk. A put that breaks a rule is refused as a whole (CodeInvalid); where every event is dropped the put is
// answered all the same. Two attempts of one call are stored once (D15): they have the same id, stream and events. Of a
// spool, what is stored already is left out, however the spool is cut into puts.
func (g *Groups) PutEvents(ctx context.Context, p Put) (PutResult, error) {
	g.mu.RLock()
	grp := g.groups[p.Group]
	var st *stream
	var retentionDays int
	if grp != nil {
		st, retentionDays = grp.streams[p.Stream], grp.retentionDays
	}
	g.mu.RUnlock()
	switch {
	case grp == nil:
		return PutResult{}, errNoGroup()
	case st == nil:
		return PutResult{}, errNoStream()
	}
	if err := p.Batch.check(p.AnyTime); err != nil {
		return PutResult{}, err
	}
	if p.Spool != "" {
		return g.putSpool(ctx, &p, grp, retentionDays)
	}
	now := g.now()
	rejected, from, to, err := p.classify(0, now, retentionDays)
	if err != nil {
		return PutResult{}, err
	}
	if from >= to {
		g.cfg.Journal.Turn(grp.journal, rejected.turned(0, p.Batch.Count()))
		return PutResult{Rejected: rejected, Token: sequenceToken(g.cfg.Journal.Head(grp.journal))}, nil
	}
	put := journal.Put{Journal: grp.journal, Stream: p.Stream, Ingested: now, Dedup: p.dedup(), Events: p.Batch.slice(from, to)}
	if rejected.Any() {
		put.Reply = []byte(rejected.String())
	}
	done, err := g.append(ctx, put)
	if err != nil {
		return PutResult{}, err
	}
	if !done.Repeat { // the journal counts repeats
		g.cfg.Journal.Turn(grp.journal, rejected.turned(0, p.Batch.Count()))
	} else {
		rejected = Rejected{TooNewStart: None, TooOldEnd: None, ExpiredEnd: None}
		if len(done.Reply) > 0 {
			if rejected, err = parseRejected(done.Reply); err != nil {
				return PutResult{}, fmt.Errorf("read the answer of an earlier attempt: %w", err)
			}
		}
	}
	return PutResult{Accepted: done.Count, Rejected: rejected, Repeat: done.Repeat,
		Token: sequenceToken(done.First + loglake.Offset(done.Count))}, nil
}

func (g *Groups) append(ctx context.Context, put journal.Put) (journal.Appended, error) {
	done, err := g.cfg.Journal.Append(ctx, put)
	if loglake.CodeOf(err) == loglake.CodeNotFound {
		return done, errNoGroup() // the group was deleted meanwhile
	}
	if err != nil {
		return done, fmt.Errorf("store events: %w", err)
	}
	return done, nil
}

// classify sorts the events from index skip on by the clock, see the function.
func (p *Put) classify(skip int, now loglake.Millis, retentionDays int) (r Rejected, from, to int, err error) {
	if p.AnyTime {
		return Rejected{TooNewStart: None, TooOldEnd: None, ExpiredEnd: None}, skip, p.Batch.Count(), nil
	}
	r, from, to, err = classify(p.Batch.times[skip:], now, retentionDays)
	for _, index := range [...]*int{&r.TooNewStart, &r.TooOldEnd, &r.ExpiredEnd} {
		if *index != None {
			*index += skip
		}
	}
	return r, from + skip, to + skip, err
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// dedup gives the id under which the journal knows the call. The stream and the events are part of it, so that a client
// that uses an id twice for different things loses nothing.
func (p *Put) dedup() string {
	if p.Call == "" {
		return ""
	}
	hash := sha256.New()
	fmt.Fprintf(hash, "%d %d %s%s", len(p.Stream), len(p.Call), p.Stream, p.Call)
	var word [8]byte
	binary.LittleEndian.PutUint32(word[:], crc32.Checksum(p.Batch.Buffer(), castagnoli))
	hash.Write(word[:4])
	for _, n := range [...]loglake.Millis{loglake.Millis(p.Batch.Count()), p.Batch.times[0], p.Batch.times[len(p.Batch.times)-1]} {
		binary.LittleEndian.PutUint64(word[:], uint64(n))
		hash.Write(word[:])
	}
	return base64.RawStdEncoding.EncodeToString(hash.Sum(nil)[:24])
}

// sequenceToken gives the decimal that stands for a place in a journal.
func sequenceToken(at loglake.Offset) string { return fmt.Sprintf("%056d", at) }
