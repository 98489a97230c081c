package store

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
)

// Put stores an object: bytes to a temporary file, synced; description; rename; directory synced.
func (d *Dir) Put(ctx context.Context, bucket, key string, r io.Reader, o PutOptions) (Object, error) {
	if err := d.check(ctx, bucket, key); err != nil {
		return Object{}, err
	}
	s, err := d.newStaged()
	if err != nil {
		return Object{}, fmt.Errorf("put %s to bucket %s: %w", key, bucket, err)
	}
	defer s.discard()
	sum := md5.New()
	if err := s.fill(ctx, r, sum); err != nil {
		return Object{}, fmt.Errorf("put %s to bucket %s: %w", key, bucket, err)
	}
	if err := checkMD5(o.MD5, sum); err != nil {
		return Object{}, err
	}
	object := Object{Key: key, ETag: hex.EncodeToString(sum.Sum(nil)), ContentType: o.ContentType, ContentEncoding: o.ContentEncoding, Metadata: o.Metadata}
	if o.Attributes != nil {
		if object.Attributes, err = o.Attributes(); err != nil {
			return Object{}, err
		}
	}
	return d.publish(bucket, object, s, condition{o.IfNoneMatch, o.IfMatch})
}

func checkMD5(want []byte, sum hash.Hash) error {
	if want != nil && !bytes.Equal(want, sum.Sum(nil)) {
		return fail(loglake.CodeInvalid, ErrDigest, "the bytes do not have the MD5 that they were sent with")
	}
	return nil
}

// staged is a file on its way to its key.
type staged struct {
	d    *Dir
	path string
	file disk.File
	info fs.FileInfo // after fill
}

func (d *Dir) newStaged() (*staged, error) {
	path := d.tempPath()
	f, err := d.fs.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	return &staged{d: d, path: path, file: f}, nil
}

// discard closes the file and removes its temporary name, if it has that still.
func (s *staged) discard() {
	_ = s.file.Close()
	_ = s.d.fs.Remove(s.path) // what stays is removed by the next OpenDir
}

// fill writes all of r to the file and syncs it; sum sees the bytes.
func (s *staged) fill(ctx context.Context, r io.Reader, sum io.Writer) error {
	if err := s.write(ctx, r, sum); err != nil {
		return err
	}
	return s.finish()
}

// write writes all of r, at most PutBytesMax, and syncs now and then.
func (s *staged) write(ctx context.Context, r io.Reader, sum io.Writer) error {
	buffer, ok := s.d.buffers.Get().(*[]byte)
	if !ok {
		b := make([]byte, copyBytes)
		buffer = &b
	}
	defer s.d.buffers.Put(buffer)
	total, unsynced := 0, 0
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := readFull(r, *buffer)
		if total += n; total > PutBytesMax {
			return fail(loglake.CodeLimit, ErrTooLarge, "more than %d bytes in one put: send it in parts", int64(PutBytesMax))
		}
		_, _ = sum.Write((*buffer)[:n]) // a hash does not fail
		if _, err := s.file.Write((*buffer)[:n]); err != nil {
			return err
		}
		if err == io.EOF { //nolint:errorlint // a reader's end is io.EOF itself; one that wraps it tells of a failure
			return nil
		}
		if err != nil {
			return err
		}
		if unsynced += n; unsynced >= syncBytes {
			if err := s.file.Sync(); err != nil {
				return err
			}
			unsynced = 0
		}
	}
}

// readFull reads until b is full or r ends or fails. Unlike io.ReadFull's, its errors are r's own: a body that was cut
// short says io.ErrUnexpectedEOF, and that is not an end.
func readFull(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = r.Read(b[n:])
		n += m
	}
	return n, err
}

func (s *staged) finish() error {
	if err := s.file.Sync(); err != nil {
		return err
	}
	info, err := s.file.Stat()
	s.info = info
	return err
}

// touchAttempts bounds how often a file is written again until its modification time is another.
const touchAttempts = 100

// unlike sees that the file differs from the one it replaces in size or modification time, which is by what
// descriptions are found. Two puts within one tick of the kernel's clock would not.
func (s *staged) unlike(old fs.FileInfo) error {
	for range touchAttempts {
		if !sameFile(s.info, old) || s.info.Size() == 0 {
			return nil
		}
		last, end := make([]byte, 1), s.info.Size()-1
		if _, err := s.file.ReadAt(last, end); err != nil {
			return err
		}
		if err := s.file.Truncate(end); err != nil { // a change of size, so that the new time is synced with it
			return err
		}
		if _, err := s.file.WriteAt(last, end); err != nil {
			return err
		}
		if err := s.finish(); err != nil {
			return err
		}
	}
	return nil // a clock that stands still; the description is then replaced just before the file is
}

type condition struct {
	ifNoneMatch bool
	ifMatch     string
}

func (c condition) check(bucket, key string, old Object, exists bool) error {
	switch {
	case c.ifNoneMatch && exists:
		return fail(loglake.CodeExists, ErrPrecondition, "bucket %q has an object %q already", bucket, key)
	case c.ifMatch != "" && !exists:
		return noObject(bucket, key)
	case c.ifMatch != "" && c.ifMatch != "*" && c.ifMatch != old.ETag:
		return fail(loglake.CodeConflict, ErrPrecondition, "object %q has the ETag %q, not %q", key, old.ETag, c.ifMatch)
	}
	return nil
}

// publish makes a filled file the object. After an error it may be so nonetheless (the last sync failed), so the
// description stays.
func (d *Dir) publish(bucket string, object Object, s *staged, c condition) (Object, error) {
	defer d.lockKey(bucket, object.Key)()
	old, oldInfo, err := d.stat(bucket, object.Key)
	exists := err == nil
	if err != nil && !errors.Is(err, ErrNoObject) {
		return Object{}, err
	}
	if err := c.check(bucket, object.Key, old, exists); err != nil {
		return Object{}, err
	}
	if exists {
		if err := s.unlike(oldInfo); err != nil {
			return Object{}, fmt.Errorf("put %s to bucket %s: %w", object.Key, bucket, err)
		}
	}
	if err := d.writeDescription(bucket, object, s.info); err != nil {
		return Object{}, fmt.Errorf("describe %s in bucket %s: %w", object.Key, bucket, err)
	}
	err = d.place(bucket, object.Key, func(target string) error {
		if c.ifNoneMatch {
			return d.putNew(s.path, target)
		}
		return d.fs.Rename(s.path, target)
	})
	if errors.Is(err, fs.ErrExist) && c.ifNoneMatch {
		return Object{}, c.check(bucket, object.Key, old, true)
	}
	if err != nil {
		return Object{}, fmt.Errorf("put %s to bucket %s: %w", object.Key, bucket, err)
	}
	if exists && !sameFile(oldInfo, s.info) {
		d.dropDescription(bucket, object.Key, oldInfo)
	}
	object.Bytes, object.Modified = s.info.Size(), s.info.ModTime().UTC()
	return object, nil
}

// Delete removes an object, its description, and the directories that it leaves empty.
func (d *Dir) Delete(ctx context.Context, bucket, key string) error {
	if err := d.check(ctx, bucket, key); err != nil {
		return err
	}
	defer d.lockKey(bucket, key)()
	_, info, err := d.locate(bucket, key)
	if err != nil && !errors.Is(err, ErrNoObject) {
		return err
	}
	dirs, err := d.unlink(bucket, key)
	if err != nil {
		return fmt.Errorf("delete %s from bucket %s: %w", key, bucket, err)
	}
	if info != nil {
		d.dropDescription(bucket, key, info)
	}
	for _, dir := range dirs {
		d.prune(bucket, dir)
	}
	return nil
}

// unlink removes both files that a key may have, and gives the directories they were in. The hidden one goes first,
// for good, so that it never comes to light. It syncs also where there was nothing to remove: the call that removed
// it may have failed to.
func (d *Dir) unlink(bucket, key string) (dirs []string, err error) {
	d.tree.RLock()
	defer d.tree.RUnlock()
	plain, shadow := keyPath(key)
	plain, shadow = filepath.Join(d.bucketDir(bucket), plain), filepath.Join(d.bucketDir(bucket), shadow)
	taken, err := d.isDir(plain)
	if err != nil {
		return nil, err
	}
	removed, err := d.removeFile(shadow)
	if err != nil {
		return nil, err
	}
	if removed || taken || filepath.Dir(shadow) != filepath.Dir(plain) {
		if err := d.fs.SyncDir(filepath.Dir(shadow)); err != nil && !notFound(err) {
			return nil, err
		}
	}
	if dirs = append(dirs, filepath.Dir(shadow)); taken {
		return dirs, nil
	}
	if _, err := d.removeFile(plain); err != nil {
		return nil, err
	}
	if err := d.fs.SyncDir(filepath.Dir(plain)); err != nil && !notFound(err) {
		return nil, err
	}
	return append(dirs, filepath.Dir(plain)), nil
}

func (d *Dir) removeFile(path string) (removed bool, err error) {
	err = d.fs.Remove(path)
	if notFound(err) {
		return false, nil
	}
	return err == nil, err
}
