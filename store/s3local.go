package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/store/internal/rangecache"
)

// openCache makes the cache of local copies, empty: what an earlier process has left may have holes that nobody knows.
func (s *S3) openCache() (err error) {
	s.cache, err = rangecache.Open(rangecache.Config{FS: s.fs, Dir: filepath.Join(s.config.Dir, "cache"), BytesMax: s.config.CacheBytes,
		Gone: func(err error) bool { return errors.Is(err, ErrNoObject) || errors.Is(err, ErrChanged) }})
	return err
}

// CacheBytes gives how many bytes of objects there are on the local disk now.
func (s *S3) CacheBytes() int64 { return s.cache.Used() }

// Local gives an object as a file of the cache. The service is asked by Fetch, and then for nothing that is there. The
// copy is of the ETag that o has: an object that was replaced since is ErrChanged.
func (s *S3) Local(ctx context.Context, bucket string, o Object) (Local, error) {
	if err := s.checkKey(ctx, bucket, o.Key); err != nil {
		return Local{}, err
	}
	if o.ETag == "" {
		return Local{}, fmt.Errorf("make a local copy of %s: it is not known which version of it is meant", o.Key)
	}
	source := func(ctx context.Context, off, n int64) (io.ReadCloser, error) {
		c := &s3Content{ctx: ctx, s: s, bucket: bucket, object: o, end: off + n, at: off}
		return c, c.reopen(off)
	}
	f := s.cache.Pin(strings.Join([]string{bucket, o.Key, o.ETag, fmt.Sprint(o.Bytes)}, "\x00"), o.Bytes, source)
	return Local{Path: f.Path(), release: f.Release, fetch: func(ctx context.Context, spans []Span) error {
		return s.localFailed(bucket, o.Key, f.Fetch(ctx, spans))
	}}, nil
}

// localFailed words what can happen to a fetch beside what happens to any request.
func (s *S3) localFailed(bucket, key string, err error) error {
	switch {
	case errors.Is(err, rangecache.ErrFull):
		return fail(loglake.CodeLimit, err, "the cache of S3 objects is full: it holds at most %d bytes, and the queries that run need more", s.cache.BytesMax()).
			WithHint("make it larger with --s3-cache, read fewer columns or partitions, or run fewer queries at a time")
	case errors.Is(err, syscall.ENOSPC):
		return fail(loglake.CodeLimit, err, "the disk with the cache of S3 objects (%s) is full", s.config.Dir).
			WithHint("free space there, or bound the cache with --s3-cache")
	case errors.Is(err, rangecache.ErrGone):
		return changed(bucket, key)
	case err != nil:
		return fmt.Errorf("read s3://%s/%s: %w", bucket, key, err)
	}
	return nil
}
