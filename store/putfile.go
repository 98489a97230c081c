package store

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"

	"github.com/loglake/loglake"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// filePut is one call of PutFile.
type filePut struct {
	bucket, key, path string
	PutFileOptions
}

// PutFile gives the file at path a second name, that of its key: one link and one sync of the directory, and one
// description where there is something to describe. Where links can't be had it is copied.
func (d *Dir) PutFile(ctx context.Context, bucket, key, path string, o PutFileOptions) error {
	if err := d.check(ctx, bucket, key); err != nil {
		return err
	}
	info, err := d.fs.Stat(path)
	if err != nil {
		return fmt.Errorf("put file %s as %s to bucket %s: %w", path, key, bucket, err)
	}
	if info.Size() != o.Bytes {
		return fmt.Errorf("put file %s as %s to bucket %s: it has %d bytes, not %d", path, key, bucket, info.Size(), o.Bytes)
	}
	defer d.lockKey(bucket, key)()
	p := filePut{bucket, key, path, o}
	if err := d.describeFile(p, info); err != nil {
		return err
	}
	err = d.place(bucket, key, func(target string) error { return d.linkFile(p, target) })
	if noLinks(err) {
		err = d.copyFile(ctx, p)
	}
	if err != nil && loglake.CodeOf(err) == loglake.CodeInternal {
		return fmt.Errorf("put file %s as %s to bucket %s: %w", path, key, bucket, err)
	}
	return err
}

func (d *Dir) describeFile(p filePut, info fs.FileInfo) error {
	if p.ContentType == "" && p.ContentEncoding == "" && len(p.Metadata) == 0 {
		return nil
	}
	err := d.writeDescription(p.bucket, Object{Key: p.key, ContentType: p.ContentType, ContentEncoding: p.ContentEncoding, Metadata: p.Metadata}, info)
	if err != nil {
		return fmt.Errorf("describe %s in bucket %s: %w", p.key, p.bucket, err)
	}
	return nil
}

// linkFile makes path the file of a key that has none. One that is there has to have the same bytes: then an earlier
// call came this far, and what is left is the sync that follows.
func (d *Dir) linkFile(p filePut, target string) error {
	if there, _, err := d.locate(p.bucket, p.key); err == nil {
		return d.sameBytes(p, there)
	} else if !errors.Is(err, ErrNoObject) {
		return err
	}
	err := d.fs.Link(p.path, target)
	if errors.Is(err, fs.ErrExist) {
		return d.sameBytes(p, target)
	}
	return err
}

func (d *Dir) copyFile(ctx context.Context, p filePut) error {
	from, err := d.fs.OpenFile(p.path, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer from.Close() //nolint:errcheck // only read
	s, err := d.newStaged()
	if err != nil {
		return err
	}
	defer s.discard()
	sum := crc32.New(castagnoli)
	if err := s.fill(ctx, from, sum); err != nil {
		return err
	}
	if sum.Sum32() != p.CRC32C {
		return fmt.Errorf("the file has the CRC-32C %08x, not %08x: it was damaged or changed", sum.Sum32(), p.CRC32C)
	}
	if err := d.describeFile(p, s.info); err != nil {
		return err
	}
	return d.place(p.bucket, p.key, func(target string) error {
		err := d.putNew(s.path, target)
		if errors.Is(err, fs.ErrExist) {
			return d.sameBytes(p, target)
		}
		return err
	})
}

// sameBytes tells whether the file at path is the one to be put: nil, or CodeExists.
func (d *Dir) sameBytes(p filePut, path string) error {
	f, err := d.fs.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read
	sum := crc32.New(castagnoli)
	n, err := io.CopyBuffer(sum, f, make([]byte, copyBytes))
	if err != nil {
		return err
	}
	if n != p.Bytes || sum.Sum32() != p.CRC32C {
		return loglake.Errorf(loglake.CodeExists, "there is an object %q already, of %d bytes with the CRC-32C %08x, and it is another than the one to put (%d bytes, %08x)",
			p.key, n, sum.Sum32(), p.Bytes, p.CRC32C)
	}
	return nil
}
