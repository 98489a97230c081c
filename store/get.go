package store

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/loglake/loglake/internal/disk"
)

// readAttempts bounds how often a reader looks again at a key that is overwritten under its eyes.
const readAttempts = 16

// Get opens an object.
func (d *Dir) Get(ctx context.Context, bucket, key string) (Content, Object, error) {
	if err := d.check(ctx, bucket, key); err != nil {
		return nil, Object{}, err
	}
	for range readAttempts {
		f, info, err := d.open(bucket, key)
		if err != nil {
			return nil, Object{}, err
		}
		o, settled, err := d.describeSettled(bucket, key, info)
		if err == nil && settled {
			return f, o, nil
		}
		_ = f.Close()
		if err != nil {
			return nil, Object{}, err
		}
	}
	return nil, Object{}, fmt.Errorf("get %s from bucket %s: it was overwritten %d times while it was opened", key, bucket, readAttempts)
}

// Stat describes an object.
func (d *Dir) Stat(ctx context.Context, bucket, key string) (Object, error) {
	if err := d.check(ctx, bucket, key); err != nil {
		return Object{}, err
	}
	o, _, err := d.stat(bucket, key)
	return o, err
}

// Local gives the object's own file.
func (d *Dir) Local(ctx context.Context, bucket string, o Object) (Local, error) {
	if err := d.check(ctx, bucket, o.Key); err != nil {
		return Local{}, err
	}
	path, _, err := d.locate(bucket, o.Key)
	return Local{Path: path}, err
}

func (d *Dir) stat(bucket, key string) (Object, fs.FileInfo, error) {
	for range readAttempts {
		_, info, err := d.locate(bucket, key)
		if err != nil {
			return Object{}, nil, err
		}
		if o, settled, err := d.describeSettled(bucket, key, info); err != nil || settled {
			return o, info, err
		}
	}
	return Object{}, nil, fmt.Errorf("stat %s in bucket %s: it was overwritten %d times meanwhile", key, bucket, readAttempts)
}

// describeSettled is describe, but says no where the description may only be missing because the file was replaced
// since info was taken: then the caller has to look again.
func (d *Dir) describeSettled(bucket, key string, info fs.FileInfo) (o Object, settled bool, err error) {
	o, found, err := d.describe(bucket, key, info)
	if err != nil {
		return o, false, fmt.Errorf("read the description of %s in bucket %s: %w", key, bucket, err)
	}
	if found {
		return o, true, nil
	}
	_, now, err := d.locate(bucket, key)
	if notFound(err) {
		return o, false, nil
	}
	return o, err == nil && sameFile(info, now), err
}

// locate finds the file of a key: at its own path or, where that is a directory, aside.
func (d *Dir) locate(bucket, key string) (path string, info fs.FileInfo, err error) {
	plain, shadow := keyPath(key)
	for _, path := range []string{plain, shadow} {
		path = filepath.Join(d.bucketDir(bucket), path)
		info, err := d.fs.Stat(path)
		if err == nil && info.Mode().IsRegular() {
			return path, info, nil
		}
		if err != nil && !notFound(err) {
			return "", nil, fmt.Errorf("look for %s in bucket %s: %w", key, bucket, err)
		}
	}
	return "", nil, noObject(bucket, key)
}

func (d *Dir) open(bucket, key string) (disk.File, fs.FileInfo, error) {
	for attempt := range readAttempts {
		path, _, err := d.locate(bucket, key)
		if err != nil {
			return nil, nil, err
		}
		f, err := d.fs.OpenFile(path, os.O_RDONLY, 0)
		if notFound(err) && attempt < readAttempts-1 { // it was moved aside or replaced since
			continue
		}
		if err != nil {
			return nil, nil, fmt.Errorf("open %s of bucket %s: %w", key, bucket, err)
		}
		info, err := f.Stat()
		if err != nil {
			_ = f.Close()
			return nil, nil, fmt.Errorf("stat %s of bucket %s: %w", key, bucket, err)
		}
		if info.Mode().IsRegular() {
			return f, info, nil
		}
		_ = f.Close()
	}
	return nil, nil, noObject(bucket, key)
}
