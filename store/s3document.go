package store

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/loglake/loglake"
)

// documentKey gives where a document is kept. Names are the code's, not the client's: letters only.
func documentKey(bucket, name string) (string, error) {
	for _, c := range name {
		if c < 'a' || c > 'z' {
			return "", loglake.Errorf(loglake.CodeInvalid, "a bucket document is named by the letters a-z, not %q", name)
		}
	}
	return s3Reserved + "documents/" + name, CheckBucketName(bucket)
}

// PutDocument stores a small text that belongs to a bucket.
func (s *S3) PutDocument(ctx context.Context, bucket, name string, text []byte) error {
	key, err := documentKey(bucket, name)
	if err != nil {
		return err
	}
	if len(text) > DocumentBytes {
		return fail(loglake.CodeLimit, ErrTooLarge, "a bucket document has at most %d bytes", DocumentBytes)
	}
	b, err := s.spool(ctx, bytes.NewReader(text))
	if err != nil {
		return err
	}
	defer b.discard()
	_, err = s.putSpool(ctx, bucket, Object{Key: key}, b, condition{})
	return err
}

// Document gives what PutDocument stored.
func (s *S3) Document(ctx context.Context, bucket, name string) ([]byte, error) {
	key, err := documentKey(bucket, name)
	if err != nil {
		return nil, err
	}
	content, o, err := s.open(ctx, bucket, key)
	if errors.Is(err, ErrNoObject) {
		return nil, fail(loglake.CodeNotFound, ErrNoDocument, "bucket %q has no %s document", bucket, name)
	}
	if err != nil {
		return nil, err
	}
	defer content.Close() //nolint:errcheck // only read
	if o.Bytes > DocumentBytes {
		return nil, fail(loglake.CodeLimit, ErrTooLarge, "the document %s of bucket %q has %d bytes, and is none of loglake's", name, bucket, o.Bytes)
	}
	return io.ReadAll(content)
}

// DeleteDocument removes what PutDocument stored.
func (s *S3) DeleteDocument(ctx context.Context, bucket, name string) error {
	key, err := documentKey(bucket, name)
	if err != nil {
		return err
	}
	return s.remove(ctx, bucket, key)
}
