package server

import (
	"context"
	"fmt"
	"strings"

	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/record"
)

// openRecord names the lake and prepares the keeping of its record.
func (s *Server) openRecord(ctx context.Context) (err error) {
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

// unrecorded begin the names of transactions after which the record of the lake says nothing new: objects, queries and sums.
var unrecorded = []string{"commit.", "record.", "ledger.", "query.start", "query.finish", "query.recover", "query.removed", "loggroup.save-copied"}

// updated is told the name of every transaction that changed the state.
func (s *Server) updated(name string) {
	if s.Record == nil {
		return // what New finds is due at once
	}
	if name == "commit.commit" {
		s.Record.Committed()
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
