package store

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
	"golang.org/x/sync/errgroup"
)

// How files are put.
const (
	s3SingleMax  = 64 << 20 // with one request; larger ones in parts
	s3PartBytes  = 32 << 20
	s3PartsAside = 4 // parts of one file that are under way at the same time
)

// PutFile publishes a file under a key that has no object: one request, or parts where it is large. The object that is
// there already, because somebody put it or because an attempt's reply was lost, is held against the file by its length
// and checksum; only where the service keeps none it is read.
func (s *S3) PutFile(ctx context.Context, bucket, key, path string, o PutFileOptions) error {
	if err := s.checkKey(ctx, bucket, key); err != nil {
		return err
	}
	f, err := disk.Open(s.fs, path)
	if err != nil {
		return fmt.Errorf("put file %s as %s to bucket %s: %w", path, key, bucket, err)
	}
	defer f.Close() //nolint:errcheck // only read
	info, err := f.Stat()
	if err == nil && info.Size() != o.Bytes {
		err = fmt.Errorf("it has %d bytes, not %d", info.Size(), o.Bytes)
	}
	if err != nil {
		return fmt.Errorf("put file %s as %s to bucket %s: %w", path, key, bucket, err)
	}
	if err := s.needCondition(ctx, bucket); err != nil {
		return err
	}
	p := filePut{bucket, key, path, o}
	if o.Bytes > s3SingleMax {
		err = s.putParts(ctx, p, f)
	} else {
		err = s.putWhole(ctx, p, f)
	}
	if code, _ := s3Code(err); code == s3Precondition || code == s3Conflict {
		return s.sameFile(ctx, p, f)
	}
	var known *loglake.Error
	if errors.As(err, &known) {
		return err
	}
	if err = s.failed(ctx, "put", bucket, key, err); errors.Is(err, ErrNoObject) {
		err = noBucket(bucket)
	}
	return err
}

// putWhole gives the SDK's own error.
func (s *S3) putWhole(ctx context.Context, p filePut, f disk.File) error {
	in, err := putInput(p.bucket, Object{Key: p.key, ContentType: p.ContentType, ContentEncoding: p.ContentEncoding, Metadata: p.Metadata})
	if err != nil {
		return err
	}
	in.ContentLength, in.ChecksumCRC32C, in.IfNoneMatch = &p.Bytes, aws.String(crcText(p.CRC32C)), aws.String("*")
	for range conflictAttempts {
		in.Body = io.NewSectionReader(f, 0, p.Bytes)
		_, err = s.client.PutObject(ctx, in)
		if code, _ := s3Code(err); code != s3Conflict {
			return err
		}
	}
	return err
}

// putParts puts a large file. What earlier calls of it left behind is aborted first.
func (s *S3) putParts(ctx context.Context, p filePut, f disk.File) error {
	sums, err := partSums(f, p)
	if err != nil {
		return err
	}
	if _, err := s.head(ctx, p.bucket, p.key); err == nil {
		return s.sameFile(ctx, p, f) // before all of it is sent for nothing
	} else if !errors.Is(err, ErrNoObject) {
		return err
	}
	if err := s.abortOwn(ctx, p.bucket, p.key); err != nil {
		return err
	}
	m, err := s.beginMultipart(ctx, p.bucket, Object{Key: p.key, ContentType: p.ContentType, ContentEncoding: p.ContentEncoding, Metadata: p.Metadata})
	if err != nil {
		return err
	}
	m.grow(len(sums))
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(s3PartsAside)
	for i, sum := range sums {
		off := int64(i) * s3PartBytes
		part := io.NewSectionReader(f, off, min(s3PartBytes, p.Bytes-off))
		group.Go(func() error { return m.put(within, i+1, part, sum) })
	}
	if err = group.Wait(); err == nil {
		_, err = m.complete(ctx, condition{ifNoneMatch: true})
	}
	if err != nil {
		return m.abandon(ctx, err)
	}
	return nil
}

// partSums gives the MD5 of each part, and sees that all of them are the file that was meant.
func partSums(f disk.File, p filePut) ([][]byte, error) {
	var sums [][]byte
	whole := crc32.New(castagnoli)
	buffer := make([]byte, copyBytes)
	for off := int64(0); off < p.Bytes; off += s3PartBytes {
		sum := md5.New()
		if _, err := io.CopyBuffer(io.MultiWriter(sum, whole), io.NewSectionReader(f, off, s3PartBytes), buffer); err != nil {
			return nil, fmt.Errorf("read %s: %w", p.path, err)
		}
		sums = append(sums, sum.Sum(nil))
	}
	if whole.Sum32() != p.CRC32C {
		return nil, fmt.Errorf("put file %s as %s to bucket %s: the file has the CRC-32C %08x, not %08x: it was damaged or changed", p.path, p.key, p.bucket, whole.Sum32(), p.CRC32C)
	}
	return sums, nil
}

// sameFile tells whether the object that is there is the one to be put: nil, or CodeExists.
func (s *S3) sameFile(ctx context.Context, p filePut, f disk.File) error {
	out, err := s.head(ctx, p.bucket, p.key)
	if errors.Is(err, ErrNoObject) {
		return unavailable(err, "object %q of bucket %q was there a moment ago and is not now", p.key, p.bucket).WithHint("try again")
	}
	if err != nil {
		return err
	}
	other := loglake.Errorf(loglake.CodeExists, "there is an object %q already, of %d bytes, and it is another than the one to put (%d bytes with the CRC-32C %08x)",
		p.key, aws.ToInt64(out.ContentLength), p.Bytes, p.CRC32C)
	if aws.ToInt64(out.ContentLength) != p.Bytes {
		return other
	}
	same := false
	if sum, want := fullChecksum(out); sum != nil {
		same, err = hashesTo(sum, want, io.NewSectionReader(f, 0, p.Bytes))
	} else {
		same, err = s.readsAs(ctx, p)
	}
	if err == nil && !same {
		err = other
	}
	return err
}

func hashesTo(sum hash.Hash, want string, r io.Reader) (bool, error) {
	_, err := io.CopyBuffer(sum, r, make([]byte, copyBytes))
	return base64.StdEncoding.EncodeToString(sum.Sum(nil)) == want, err
}

func (s *S3) readsAs(ctx context.Context, p filePut) (bool, error) {
	content, _, err := s.open(ctx, p.bucket, p.key)
	if err != nil {
		return false, err
	}
	defer content.Close() //nolint:errcheck // only read
	return hashesTo(crc32.New(castagnoli), crcText(p.CRC32C), content)
}

// AbortStale aborts the multi-part uploads of a bucket that PutFile began and never ended, because the process died:
// those of keys of our own grammar that are older than age. Uploads of others stay. It tells how many there were.
func (s *S3) AbortStale(ctx context.Context, bucket string, age StaleAge) (aborted int, err error) {
	begun := s.config.Clock().Add(-age.orDefault())
	err = s.eachUpload(ctx, bucket, "", func(u upload) error {
		if !ownKey(u.key) || u.begun.After(begun) {
			return nil
		}
		aborted++
		return s.abort(ctx, bucket, u)
	})
	return aborted, err
}

// abortOwn aborts the uploads of a key of our own grammar, which nobody but PutFile makes. It runs before another one.
func (s *S3) abortOwn(ctx context.Context, bucket, key string) error {
	if !ownKey(key) {
		return nil
	}
	return s.eachUpload(ctx, bucket, key, func(u upload) error {
		if u.key != key {
			return nil
		}
		return s.abort(ctx, bucket, u)
	})
}

func (s *S3) abort(ctx context.Context, bucket string, u upload) error {
	_, err := s.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &bucket, Key: &u.key, UploadId: &u.id})
	if code, _ := s3Code(err); code == s3NoUpload {
		return nil
	}
	return s.failed(ctx, "abort an upload of", bucket, u.key, err)
}
