package server

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/record"
	"github.com/loglake/loglake/state"
)

// openRecord names the lake and prepares the keeping of its record. A state that knows less than the record in the folder is
// refused.
func (s *Server) openRecord(ctx context.Context) (err error) {
	if err := s.compareRecord(ctx, s.State); err != nil {
		return err
	}
	if s.lake, err = record.Lake(ctx, s.State); err != nil {
		return err
	}
	s.Record = record.New(record.Config{
		FS: s.cfg.FS, Dir: s.cfg.Dir, State: s.State, Store: s.Store, Home: s.cfg.Home, Clock: s.cfg.Clock, Steps: migrations(),
		Buckets: catalog.ManifestBuckets,
		OnFailure: func(place string, err error) {
			s.cfg.OnEvent(Event{Level: LevelWarn, Part: "record", Err: err,
				Text: fmt.Sprintf("the record of the lake was not written to %s and is tried again; nothing else waits for it", place)})
		},
	})
	return nil
}

// compareRecord holds a state against the record in the folder, which has a number that the state gave it.
func (s *Server) compareRecord(ctx context.Context, db *state.DB) error {
	header, ok, err := record.Places{FS: s.cfg.FS, Dir: s.cfg.Dir}.Header()
	if err != nil || !ok {
		return err // it may be of a newer program
	}
	lake, sequence, err := record.Standing(ctx, db)
	switch {
	case err != nil:
		return err
	case lake != "" && lake != header.Lake:
		return db.Behind(fmt.Sprintf("it is of lake %s, and the folder's record of lake %s", lake, header.Lake))
	case sequence < header.Sequence:
		return db.Behind(fmt.Sprintf("the folder has record %d of it, of %s, and the state is of before that", header.Sequence, header.Written.Time().Format(time.DateTime)))
	}
	return nil
}

// unrecorded begin the names of transactions after which the record of the lake says nothing new: objects, queries and sums.
var unrecorded = []string{"commit.", "record.", "ledger.", "query.start", "query.finish", "query.recover", "query.removed", "loggroup.save-copied"}

// updated is told the name of every transaction that changed the state.
func (s *Server) updated(name string) {
	if s.Record == nil {
		return // what New finds is due at once
	}
	switch name {
	case "commit.commit":
		s.Record.Committed()
	case "commit.voided": // or an object that was left would be taken for the batch's
		s.Record.Changed()
	}
	for _, prefix := range unrecorded {
		if strings.HasPrefix(name, prefix) {
			return
		}
	}
	s.Record.Changed()
}

// watchState ends when the state file is found damaged: a server must not go on from what it can't read.
func (s *Server) watchState(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-s.State.Lost():
		return s.State.Err()
	}
}
