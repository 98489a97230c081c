package record

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/store"
)

// Candidate is a place where a record lies.
type Candidate struct {
	Bucket   string // "": the data folder
	Key      string // or the path
	Lake     string
	Sequence int64
}

func (c Candidate) String() string {
	if c.Bucket == "" {
		return c.Key
	}
	return "s3://" + c.Bucket + "/" + c.Key
}

// Places are where records are looked for.
type Places struct {
	FS    disk.FS
	Dir   string // the data folder
	Store interface {
		store.Buckets
		store.Lister
		store.Getter
	}
}

// Newest gives the records of every lake that left some, the newest of each first. Where the data folder has one that can be
// read, only those of its lake are given.
func (p Places) Newest(ctx context.Context) (map[string][]Candidate, error) {
	own, err := p.folder()
	if err != nil {
		return nil, err
	}
	lakes := map[string][]Candidate{}
	var buckets []string
	if own != nil {
		lakes[own.Lake] = []Candidate{{Key: filepath.Join(p.Dir, FileName), Lake: own.Lake, Sequence: own.Sequence}}
		buckets = own.Buckets
	}
	all, err := p.Store.ListBuckets(ctx)
	if err != nil && len(buckets) == 0 {
		return nil, fmt.Errorf("list buckets: %w", err)
	}
	for _, b := range all {
		buckets = append(buckets, b.Name)
	}
	slices.Sort(buckets)
	for _, bucket := range slices.Compact(buckets) {
		err := p.bucket(ctx, bucket, lakes)
		if errors.Is(err, store.ErrForbidden) && (own == nil || !slices.Contains(own.Buckets, bucket)) {
			continue // others' buckets may be listed too
		}
		if err != nil {
			return nil, err
		}
	}
	for lake := range lakes {
		if own != nil && lake != own.Lake {
			delete(lakes, lake)
			continue
		}
		slices.SortStableFunc(lakes[lake], func(a, b Candidate) int { return cmp.Compare(b.Sequence, a.Sequence) })
	}
	return lakes, nil
}

// folder reads the first line of the record of the data folder, and sees that the rest is whole; nil where there is none that can be used.
func (p Places) folder() (*Header, error) {
	text, err := disk.ReadFile(p.FS, filepath.Join(p.Dir, FileName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the record of the data folder: %w", err)
	}
	h, err := DecodeHeader(bytes.NewReader(text))
	if loglake.CodeOf(err) == loglake.CodeInvalid {
		return nil, nil // damaged: the buckets have others
	}
	return &h, err
}

// Header gives the first line of the record of the data folder; ok is false where there is none that can be used.
func (p Places) Header() (h Header, ok bool, err error) {
	own, err := p.folder()
	if err != nil || own == nil {
		return h, false, err
	}
	return *own, true, nil
}

func (p Places) bucket(ctx context.Context, bucket string, lakes map[string][]Candidate) error {
	there, err := p.Store.HasBucket(ctx, bucket)
	if err != nil || !there {
		return err
	}
	const page = 1000
	for after, more := "", true; more; {
		objects, next, err := p.Store.List(ctx, bucket, Prefix, after, page)
		if err != nil {
			return fmt.Errorf("look for records in bucket %s: %w", bucket, err)
		}
		more = next && len(objects) > 0
		for _, o := range objects {
			after = o.Key
			if lake, sequence, ok := ParseKey(o.Key); ok {
				lakes[lake] = append(lakes[lake], Candidate{bucket, o.Key, lake, sequence})
			}
		}
	}
	return nil
}

// Read reads the record at a place.
func (p Places) Read(ctx context.Context, c Candidate) (rec *Record, err error) {
	if c.Bucket == "" {
		text, err := disk.ReadFile(p.FS, c.Key)
		if err != nil {
			return nil, fmt.Errorf("read record %s: %w", c, err)
		}
		return Decode(bytes.NewReader(text))
	}
	content, _, err := p.Store.Get(ctx, c.Bucket, c.Key)
	if err != nil {
		return nil, fmt.Errorf("read record %s: %w", c, err)
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	text, err := io.ReadAll(content) // or a bucket that breaks off looks like a record that is damaged
	if err != nil {
		return nil, fmt.Errorf("read record %s: %w", c, err)
	}
	return Decode(bytes.NewReader(text))
}

// ParsePlace reads what a person names a record by: s3://bucket/key, or a file.
func ParsePlace(text string) Candidate {
	if bucket, key, ok := strings.Cut(strings.TrimPrefix(text, "s3://"), "/"); ok && strings.HasPrefix(text, "s3://") {
		lake, sequence, _ := ParseKey(key)
		return Candidate{bucket, key, lake, sequence}
	}
	return Candidate{Key: text}
}
