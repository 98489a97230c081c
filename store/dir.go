package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
)

// DirConfig says where a Dir is.
type DirConfig struct {
	FS    disk.FS       // nil: the real one
	Root  string        // made where it is missing
	Clock loglake.Clock // for when buckets and uploads began; nil: time.Now
}

// Dir is a Store in a directory:
//
//	Root/bucket/key                           objects (key.go)
//	Root/.loglake/tmp/                        what is being written; emptied by OpenDir
//	Root/.loglake/buckets/B/bucket.json       when it was made
//	Root/.loglake/buckets/B/documents/        bucket documents
//	Root/.loglake/buckets/B/descriptions/     what Put was told of an object (description.go)
//	Root/.loglake/buckets/B/uploads/ID/       multi-part uploads (upload.go)
//
// Any directory below Root with a legal name is a bucket, whoever made it. Only one Dir may be open on a Root; other
// programs may read, and add whole files (write elsewhere on the volume, then rename). Symbolic links are followed but
// not listed.
type Dir struct {
	fs    disk.FS
	root  string
	clock loglake.Clock

	temps   atomic.Uint64
	buffers sync.Pool // of *[]byte, copyBytes long

	uploads [64]sync.Mutex  // held while an upload ends, by its id's hash; before keys
	keys    [256]sync.Mutex // held by the one writer of a key, by the key's hash

	tree    sync.RWMutex    // to read: while a file is put in its place; to write: while directories come and go
	durable map[string]bool // guarded by tree: directories that are known to outlive a power cut
}

var _ Store = (*Dir)(nil)

// durableMax bounds Dir.durable; beyond, it is begun anew and directories are synced once more.
const durableMax = 1 << 16

// OpenDir opens the buckets in a directory, and clears away what an earlier process was writing.
func OpenDir(c DirConfig) (*Dir, error) {
	d := &Dir{fs: c.FS, root: filepath.Clean(c.Root), clock: c.Clock, durable: map[string]bool{}}
	if d.fs == nil {
		d.fs = disk.Real()
	}
	if d.clock == nil {
		d.clock = time.Now
	}
	for _, dir := range []string{d.own("tmp"), d.own("buckets")} {
		if err := disk.MkdirAllDurable(d.fs, dir); err != nil {
			return nil, fmt.Errorf("open buckets in %s: %w", d.root, err)
		}
	}
	left, err := d.fs.ReadDir(d.own("tmp"))
	if err != nil {
		return nil, fmt.Errorf("open buckets in %s: %w", d.root, err)
	}
	for _, entry := range left {
		if err := d.fs.RemoveAll(d.own("tmp", entry.Name())); err != nil {
			return nil, fmt.Errorf("remove an unfinished file: %w", err)
		}
	}
	return d, nil
}

// own gives a path in our own part of the root.
func (d *Dir) own(elem ...string) string {
	return filepath.Join(append([]string{d.root, ownPrefix}, elem...)...)
}

func (d *Dir) ownOf(bucket string, elem ...string) string {
	return d.own(append([]string{"buckets", bucket}, elem...)...)
}

func (d *Dir) bucketDir(bucket string) string { return filepath.Join(d.root, bucket) }

func (d *Dir) tempPath() string { return d.own("tmp", fmt.Sprint(d.temps.Add(1))) }

// lockKey makes the caller the only writer of a key until it calls the function returned.
func (d *Dir) lockKey(bucket, key string) (unlock func()) {
	return lockOne(d.keys[:], bucket+"/"+key)
}

func lockOne(locks []sync.Mutex, name string) (unlock func()) {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	m := &locks[h.Sum32()%uint32(len(locks))]
	m.Lock()
	return m.Unlock
}

// check tells whether bucket is there and key can be one of its keys.
func (d *Dir) check(ctx context.Context, bucket, key string) error {
	if err := d.checkBucket(ctx, bucket); err != nil {
		return err
	}
	return CheckKey(key)
}

func (d *Dir) checkBucket(ctx context.Context, bucket string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := CheckBucketName(bucket); err != nil {
		return err
	}
	ok, err := d.isDir(d.bucketDir(bucket))
	if err != nil {
		return fmt.Errorf("look for bucket %s: %w", bucket, err)
	}
	if !ok {
		return noBucket(bucket)
	}
	return nil
}

func (d *Dir) isDir(path string) (bool, error) {
	info, err := d.fs.Stat(path)
	if notFound(err) {
		return false, nil
	}
	return err == nil && info.IsDir(), err
}

// notFound tells whether err means that there is nothing at a path.
func notFound(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ENAMETOOLONG)
}

type bucketFile struct{ Created time.Time }

// CreateBucket makes the bucket's directory.
func (d *Dir) CreateBucket(ctx context.Context, bucket string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := CheckBucketName(bucket); err != nil {
		return err
	}
	d.tree.Lock()
	defer d.tree.Unlock()
	exists, err := d.isDir(d.bucketDir(bucket))
	if err == nil && !exists {
		err = d.makeBucket(bucket)
	}
	if err == nil {
		err = d.fs.SyncDir(d.root) // also one that is there: the call that made it may have failed here
	}
	if err != nil {
		return fmt.Errorf("create bucket %s: %w", bucket, err)
	}
	if exists {
		return loglake.Errorf(loglake.CodeExists, "bucket %q exists already", bucket)
	}
	return nil
}

func (d *Dir) makeBucket(bucket string) error {
	clear(d.durable)
	if err := d.fs.RemoveAll(d.ownOf(bucket)); err != nil { // of a bucket of that name in an earlier life
		return err
	}
	if err := disk.MkdirAllDurable(d.fs, d.ownOf(bucket)); err != nil {
		return err
	}
	text, err := json.Marshal(bucketFile{d.clock().UTC()})
	if err != nil {
		return err
	}
	if err := disk.WriteFile(d.fs, d.ownOf(bucket, "bucket.json"), text); err != nil {
		return err
	}
	return d.fs.MkdirAll(d.bucketDir(bucket))
}

// DeleteBucket removes a bucket without objects; files that are no objects keep it from being removed too.
func (d *Dir) DeleteBucket(ctx context.Context, bucket string) error {
	if err := d.checkBucket(ctx, bucket); err != nil {
		return err
	}
	d.tree.Lock()
	defer d.tree.Unlock()
	objects, _, err := d.keysOf(ctx, bucket, Fold{Max: 1})
	if err != nil {
		return err
	}
	if len(objects) > 0 {
		return fail(loglake.CodeConflict, ErrNotEmpty, "bucket %q is not empty: it holds %q", bucket, objects[0].Key)
	}
	clear(d.durable)
	if err := d.removeEmpty(d.bucketDir(bucket)); err != nil {
		return fail(loglake.CodeConflict, errors.Join(ErrNotEmpty, err), "bucket %q has no objects, but its directory has files that are none", bucket)
	}
	if err := d.fs.SyncDir(d.root); err != nil {
		return fmt.Errorf("delete bucket %s: %w", bucket, err)
	}
	if err := d.fs.RemoveAll(d.ownOf(bucket)); err != nil {
		return fmt.Errorf("delete what belonged to bucket %s: %w", bucket, err)
	}
	return nil
}

// removeEmpty removes a tree of directories; a file in it makes it fail.
func (d *Dir) removeEmpty(dir string) error {
	entries, err := d.fs.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !entry.IsDir() {
			return fmt.Errorf("%s is in the way", filepath.Join(dir, entry.Name()))
		}
		if err := d.removeEmpty(filepath.Join(dir, entry.Name())); err != nil {
			return err
		}
	}
	return d.fs.Remove(dir)
}

// HasBucket tells whether there is such a bucket; no error for a name that can't be one.
func (d *Dir) HasBucket(ctx context.Context, bucket string) (bool, error) {
	err := d.checkBucket(ctx, bucket)
	if errors.Is(err, ErrNoBucket) || errors.Is(err, ErrBucketName) {
		return false, nil
	}
	return err == nil, err
}

// ListBuckets gives the buckets by name.
func (d *Dir) ListBuckets(ctx context.Context) ([]Bucket, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	entries, err := d.fs.ReadDir(d.root)
	if err != nil {
		return nil, fmt.Errorf("list buckets: %w", err)
	}
	var buckets []Bucket
	for _, entry := range entries {
		if !entry.IsDir() || CheckBucketName(entry.Name()) != nil {
			continue
		}
		buckets = append(buckets, Bucket{Name: entry.Name(), Created: d.created(entry)})
	}
	return buckets, nil
}

// created gives when a bucket was made: as CreateBucket noted, or else as its directory looks.
func (d *Dir) created(entry fs.DirEntry) time.Time {
	var b bucketFile
	if text, err := disk.ReadFile(d.fs, d.ownOf(entry.Name(), "bucket.json")); err == nil && json.Unmarshal(text, &b) == nil {
		return b.Created
	}
	info, err := entry.Info()
	if err != nil {
		return time.Time{}
	}
	return info.ModTime().UTC()
}
