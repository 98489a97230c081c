package loggroup

import (
	"context"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/journal"
)

// CheckSpool tells what is wrong with the id of a client's spool.
func CheckSpool(id string) error {
	if id == "" || len(id) > journal.SpoolBytesMax || strings.IndexFunc(id, notInSpool) >= 0 {
		return invalid("%q is not the id of a spool: use 1 to %d of A-Z, a-z, 0-9, _ and -.", id, journal.SpoolBytesMax)
	}
	return nil
}

func notInSpool(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-')
}

// SpoolPosition gives the position that a spool of a group goes on at, and the Sum of the put that brought it there; 0
// where it is not known.
func (g *Groups) SpoolPosition(name loglake.GroupName, spool string) (at int64, sum uint64, err error) {
	if err := CheckSpool(spool); err != nil {
		return 0, 0, err
	}
	grp, _, err := g.find(name, "")
	if err != nil {
		return 0, 0, err
	}
	at, sum = g.cfg.Journal.Standing(grp.journal, spool)
	return at, sum, nil
}

// putSpool stores the events of a put that its spool has not brought before. What the clock drops at the beginning and
// the end of a put counts as brought: its repeat is left out too, where something of the put was stored.
func (g *Groups) putSpool(ctx context.Context, p *Put, grp *group, retentionDays int) (PutResult, error) {
	if err := CheckSpool(p.Spool); err != nil {
		return PutResult{}, err
	}
	end := p.Position + int64(p.Batch.Count())
	if p.Position < 0 || end < 0 || end > journal.SpoolPositionMax {
		return PutResult{}, invalid("The position %d is not one of a spool: they are from 0 to %d, with the last event of the put.",
			p.Position, int64(journal.SpoolPositionMax))
	}
	for {
		at := g.cfg.Journal.Position(grp.journal, p.Spool) // all below it is on the disk
		if at >= end {
			g.cfg.Journal.Turn(grp.journal, journal.Turned{Repeated: int64(p.Batch.Count())})
			return PutResult{Accepted: p.Batch.Count(), Rejected: Rejected{TooNewStart: None, TooOldEnd: None, ExpiredEnd: None}, Repeat: true,
				Token: sequenceToken(g.cfg.Journal.Head(grp.journal)), Position: at}, nil
		}
		skip := int(max(0, at-p.Position))
		now := g.now()
		rejected, from, to, err := p.classify(skip, now, retentionDays)
		if err != nil {
			return PutResult{}, err
		}
		turned := rejected.turned(skip, p.Batch.Count())
		turned.Repeated = int64(skip)
		if from >= to {
			g.cfg.Journal.Turn(grp.journal, turned)
			return PutResult{Accepted: skip, Rejected: rejected, Token: sequenceToken(g.cfg.Journal.Head(grp.journal)), Position: end}, nil
		}
		done, err := g.append(ctx, journal.Put{Journal: grp.journal, Stream: p.Stream, Ingested: now, Events: p.Batch.slice(from, to),
			Spool: journal.Spool{ID: p.Spool, From: p.Position + int64(skip), To: end, Sum: p.Sum}})
		if err != nil {
			return PutResult{}, err
		}
		if !done.Stale { // else the same events came by another call meanwhile, or some of them
			g.cfg.Journal.Turn(grp.journal, turned)
			return PutResult{Accepted: skip + done.Count, Rejected: rejected, Token: sequenceToken(done.First + loglake.Offset(done.Count)),
				Position: end}, nil
		}
	}
}
