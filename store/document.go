package store

import (
	"context"
	"fmt"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
)

// documentPath gives where a document is kept. Names are the code's, not the client's: letters only.
func (d *Dir) documentPath(ctx context.Context, bucket, name string) (string, error) {
	for _, c := range name {
		if c < 'a' || c > 'z' {
			return "", loglake.Errorf(loglake.CodeInvalid, "a bucket document is named by the letters a-z, not %q", name)
		}
	}
	return d.ownOf(bucket, "documents", name), d.checkBucket(ctx, bucket)
}

// PutDocument stores a small text that belongs to a bucket.
func (d *Dir) PutDocument(ctx context.Context, bucket, name string, text []byte) error {
	path, err := d.documentPath(ctx, bucket, name)
	if err != nil {
		return err
	}
	if len(text) > DocumentBytes {
		return fail(loglake.CodeLimit, ErrTooLarge, "a bucket document has at most %d bytes", DocumentBytes)
	}
	defer d.lockKey(bucket, "document "+name)()
	if err = disk.MkdirAllDurable(d.fs, d.ownOf(bucket, "documents")); err == nil {
		err = disk.WriteFile(d.fs, path, text)
	}
	if err != nil {
		return fmt.Errorf("put document %s of bucket %s: %w", name, bucket, err)
	}
	return nil
}

// Document gives what PutDocument stored.
func (d *Dir) Document(ctx context.Context, bucket, name string) ([]byte, error) {
	path, err := d.documentPath(ctx, bucket, name)
	if err != nil {
		return nil, err
	}
	text, err := disk.ReadFile(d.fs, path)
	if notFound(err) {
		return nil, fail(loglake.CodeNotFound, ErrNoDocument, "bucket %q has no %s document", bucket, name)
	}
	if err != nil {
		return nil, fmt.Errorf("read document %s of bucket %s: %w", name, bucket, err)
	}
	return text, nil
}

// DeleteDocument removes what PutDocument stored.
func (d *Dir) DeleteDocument(ctx context.Context, bucket, name string) error {
	path, err := d.documentPath(ctx, bucket, name)
	if err != nil {
		return err
	}
	defer d.lockKey(bucket, "document "+name)()
	if err = d.fs.Remove(path); err == nil || notFound(err) {
		err = d.fs.SyncDir(d.ownOf(bucket, "documents"))
	}
	if err != nil && !notFound(err) {
		return fmt.Errorf("delete document %s of bucket %s: %w", name, bucket, err)
	}
	return nil
}
