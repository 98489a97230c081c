package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/store"
)

// openStore opens the buckets. Nothing is asked of an S3 service yet: a server starts, and takes puts, while it is away.
func (s *Server) openStore() error {
	if s.cfg.S3 == nil {
		dir, err := store.OpenDir(store.DirConfig{FS: s.cfg.FS, Root: s.path("buckets"), Clock: s.cfg.Clock})
		if err == nil {
			s.Store = dir
		}
		return err
	}
	cfg := *s.cfg.S3
	cfg.Dir, cfg.FS = s.path("s3"), s.cfg.FS
	if cfg.Clock == nil {
		cfg.Clock = s.cfg.Clock
	}
	service, err := store.NewS3(cfg)
	if err == nil {
		s.Store, s.s3 = service, service
	}
	return err
}

// storeName says for people where the buckets are.
func (s *Server) storeName() string {
	switch {
	case s.s3 == nil:
		return s.path("buckets")
	case s.cfg.S3.Endpoint == "":
		return "Amazon S3"
	}
	return "S3 at " + s.cfg.S3.Endpoint
}

// What is asked of an S3 service beside the deliveries.
const (
	tidyEvery = time.Hour
	lookMax   = 30 * time.Second // until a service that does not answer is told of
)

// tend asks an S3 service at start for the buckets that streams deliver to, so that who operates the server learns at once
// what would fail with the first delivery; and every hour has it abort the multi-part uploads of processes that died.
func (s *Server) tend(ctx context.Context) error {
	if s.s3 == nil {
		return nil
	}
	ticker := time.NewTicker(sweepInterval)
	defer ticker.Stop()
	for {
		s.look(ctx)
		last := s.cfg.Clock()
		s.abortStale(ctx)
		for s.cfg.Clock().Before(last.Add(tidyEvery)) {
			select {
			case <-ctx.Done():
				return nil
			case <-ticker.C:
			}
		}
	}
}

// destinations gives the buckets that streams deliver to.
func (s *Server) destinations() []string {
	var buckets []string
	for _, name := range s.Streams.List() {
		if def, err := s.Streams.Describe(name); err == nil { // or it was deleted since
			buckets = append(buckets, def.Destination.Bucket())
		}
	}
	slices.Sort(buckets)
	return slices.Compact(buckets)
}

// look tells of the service, and of buckets that are not there. A failure is no reason to stop.
func (s *Server) look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lookMax)
	defer cancel()
	err := s.s3.CheckCredentials(ctx)
	buckets := s.destinations()
	if err == nil && len(buckets) == 0 {
		_, err = s.Store.ListBuckets(ctx)
	}
	for _, bucket := range buckets {
		if err != nil {
			break
		}
		var there bool
		if there, err = s.Store.HasBucket(ctx, bucket); err == nil && !there {
			s.cfg.OnEvent(Event{Level: LevelWarn, Part: "store", Text: fmt.Sprintf("the bucket %s, which streams deliver to, does not exist: what is put is kept in the journal, "+
				"and delivered once somebody makes it, for example by `loglake serve` with a loglake.yaml that names it", bucket)})
		}
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		s.cfg.OnEvent(Event{Level: LevelWarn, Part: "store", Text: s.storeName() + " can't be used: puts are taken and kept in the journal, and delivered once it can; queries fail until then", Err: err})
	}
}

func (s *Server) abortStale(ctx context.Context) {
	for _, bucket := range s.destinations() {
		n, err := s.s3.AbortStale(ctx, bucket, 0)
		if n > 0 {
			s.cfg.OnEvent(Event{Level: LevelInfo, Part: "store", Text: fmt.Sprintf("%d unfinished uploads in bucket %s, which nobody would have ended, are aborted", n, bucket)})
		}
		if err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrNoBucket) && loglake.CodeOf(err) != loglake.CodeUnavailable {
			s.cfg.OnEvent(Event{Level: LevelWarn, Part: "store", Text: "unfinished uploads in bucket " + bucket + " could not be aborted; the next try is in an hour", Err: err})
		}
	}
}
