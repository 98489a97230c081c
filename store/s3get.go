package store

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/loglake/loglake"
)

// Stat describes an object: one HEAD request, and one more where it is not there.
func (s *S3) Stat(ctx context.Context, bucket, key string) (Object, error) {
	if err := s.checkKey(ctx, bucket, key); err != nil {
		return Object{}, err
	}
	out, err := s.head(ctx, bucket, key)
	if err != nil {
		return Object{}, err
	}
	return described(key, out)
}

// head asks for an object's description, its checksum included.
func (s *S3) head(ctx context.Context, bucket, key string) (*s3.HeadObjectOutput, error) {
	out, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &bucket, Key: &key, ChecksumMode: types.ChecksumModeEnabled})
	if _, status := s3Code(err); status == http.StatusNotFound {
		return nil, s.missing(ctx, bucket, key)
	}
	return out, s.failed(ctx, "look for", bucket, key, err)
}

// Get opens an object: one GET request of all of it, which is read as the caller reads. A caller that seeks, or a
// connection that breaks, costs another one, for the rest, under the condition that the object is still the same.
func (s *S3) Get(ctx context.Context, bucket, key string) (Content, Object, error) {
	if err := s.checkKey(ctx, bucket, key); err != nil {
		return nil, Object{}, err
	}
	return s.open(ctx, bucket, key)
}

// open is Get without a look at the key.
func (s *S3) open(ctx context.Context, bucket, key string) (*s3Content, Object, error) {
	out, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key}, withChecksum)
	if err != nil {
		return nil, Object{}, s.failed(ctx, "get", bucket, key, err)
	}
	o, err := described(key, headOf(out))
	if err != nil {
		return nil, Object{}, errors.Join(err, out.Body.Close())
	}
	c := &s3Content{ctx: ctx, s: s, bucket: bucket, object: o, end: o.Bytes, body: out.Body}
	c.sum, c.want = fullChecksum(headOf(out))
	return c, o, nil
}

// withChecksum asks for the object's checksum without having the SDK check it: it would only do so for bodies that
// come in one piece.
func withChecksum(o *s3.Options) {
	o.APIOptions = append(o.APIOptions, smithyhttp.SetHeaderValue("X-Amz-Checksum-Mode", "ENABLED"))
}

var crc64NVME = crc64.MakeTable(0x9a6c9329ac4bc9b5)

// fullChecksum gives the sum over all bytes that the service keeps of an object, and how to take it; nil where it keeps
// none. A sum with a dash is one of the sums of parts.
func fullChecksum(out *s3.HeadObjectOutput) (hash.Hash, string) {
	if out.ChecksumType == types.ChecksumTypeComposite {
		return nil, ""
	}
	for _, known := range []struct {
		want *string
		make func() hash.Hash
	}{
		{out.ChecksumCRC32C, func() hash.Hash { return crc32.New(castagnoli) }},
		{out.ChecksumCRC64NVME, func() hash.Hash { return crc64.New(crc64NVME) }},
		{out.ChecksumCRC32, func() hash.Hash { return crc32.NewIEEE() }},
		{out.ChecksumSHA256, sha256.New},
		{out.ChecksumSHA1, sha1.New},
	} {
		if want := aws.ToString(known.want); want != "" && !strings.Contains(want, "-") {
			return known.make(), want
		}
	}
	return nil, ""
}

// s3Content reads an object of S3. Each piece of it is from the object that was opened, or is an error.
type s3Content struct {
	ctx    context.Context //nolint:containedctx // of the Get: whoever reads has it
	s      *S3
	bucket string
	object Object
	end    int64 // of the object's bytes, behind those that are asked for

	mu     sync.Mutex // guards what follows
	body   io.ReadCloser
	bodyAt int64 // of the object's bytes, where body is
	at     int64 // where Read is

	sum    hash.Hash // of the first summed bytes; nil: there is nothing to hold it against, or not any more
	want   string    // base64
	summed int64
}

// Read gives the next bytes.
func (c *s3Content) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, err := c.readAt(p, c.at)
	c.at += int64(n)
	return n, err
}

// ReadAt gives the bytes at off. Calls that follow each other in the object cost no request of their own.
func (c *s3Content) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, fmt.Errorf("read %s at %d: there is nothing before its beginning", c.object.Key, off)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for n < len(p) && err == nil {
		var m int
		m, err = c.readAt(p[n:], off+int64(n))
		n += m
	}
	return n, err
}

// Seek says where Read goes on.
func (c *s3Content) Seek(offset int64, whence int) (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch whence {
	case io.SeekCurrent:
		offset += c.at
	case io.SeekEnd:
		offset += c.object.Bytes
	}
	if offset < 0 {
		return c.at, fmt.Errorf("seek in %s to %d: there is nothing before its beginning", c.object.Key, offset)
	}
	c.at = offset
	return offset, nil
}

// Close lets the connection go.
func (c *s3Content) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.drop()
}

func (c *s3Content) drop() error {
	if c.body == nil {
		return nil
	}
	err := c.body.Close()
	c.body = nil
	return err
}

// readAt gives some bytes at off. A body that ends or breaks early is asked for again.
func (c *s3Content) readAt(p []byte, off int64) (int, error) {
	if off >= c.end {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	p = p[:min(int64(len(p)), c.end-off)]
	var cause error
	for range c.s.config.Attempts {
		if c.body == nil || c.bodyAt != off {
			_ = c.drop() // its rest is not wanted
			if err := c.reopen(off); err != nil {
				return 0, err
			}
		}
		n, err := c.body.Read(p)
		c.bodyAt += int64(n)
		if n > 0 {
			return n, c.check(p[:n], off)
		}
		if err == nil {
			continue
		}
		_ = c.drop() // it is broken
		if cause = err; err == io.EOF {
			cause = io.ErrUnexpectedEOF
		}
		if c.ctx.Err() != nil {
			break
		}
	}
	return 0, c.s.failed(c.ctx, "read", c.bucket, c.object.Key, fmt.Errorf("at byte %d of %d: %w", off, c.object.Bytes, cause))
}

func (c *s3Content) reopen(off int64) error {
	out, err := c.s.ranged(c.ctx, c.bucket, c.object, off, c.end-off)
	if err != nil {
		return err
	}
	c.body, c.bodyAt = out, off
	return nil
}

// check takes bytes into the sum where they follow on, and holds it against the service's at the end.
func (c *s3Content) check(p []byte, off int64) error {
	if c.sum == nil || off > c.summed {
		c.sum = nil
		return nil
	}
	if off < c.summed { // read again
		return nil
	}
	_, _ = c.sum.Write(p)
	if c.summed += int64(len(p)); c.summed < c.object.Bytes {
		return nil
	}
	got := base64.StdEncoding.EncodeToString(c.sum.Sum(nil))
	if got != c.want {
		return unavailable(nil, "%s gave other bytes of %s in bucket %s than it says it has: their checksum is %s, not %s", c.s.name, c.object.Key, c.bucket, got, c.want).
			WithHint("read it again; when this goes on, the object is damaged")
	}
	return nil
}

// ranged gives n bytes of an object from off, as long as it is the one described.
func (s *S3) ranged(ctx context.Context, bucket string, o Object, off, n int64) (io.ReadCloser, error) {
	in := &s3.GetObjectInput{Bucket: &bucket, Key: &o.Key, Range: aws.String(fmt.Sprintf("bytes=%d-%d", off, off+n-1))}
	if o.ETag != "" {
		in.IfMatch = aws.String(`"` + o.ETag + `"`)
	}
	out, err := s.client.GetObject(ctx, in)
	if code, _ := s3Code(err); code == s3Precondition || code == "InvalidRange" {
		return nil, changed(bucket, o.Key)
	}
	if err != nil {
		return nil, s.failed(ctx, "read", bucket, o.Key, err)
	}
	want := fmt.Sprintf("bytes %d-%d/%d", off, off+n-1, o.Bytes)
	whole := off == 0 && n == o.Bytes && aws.ToString(out.ContentRange) == "" && aws.ToInt64(out.ContentLength) == n
	if bareETag(out.ETag) != o.ETag && o.ETag != "" {
		return nil, errors.Join(changed(bucket, o.Key), out.Body.Close())
	}
	if got := aws.ToString(out.ContentRange); got != want && !whole {
		return nil, errors.Join(unavailable(nil, "%s was asked for %s of %s in bucket %s and gave %q", s.name, want, o.Key, bucket, got), out.Body.Close())
	}
	return out.Body, nil
}

// changed is the failure of a reader whose object was replaced.
func changed(bucket, key string) error {
	return fail(loglake.CodeConflict, ErrChanged, "object %q of bucket %q was replaced while it was read", key, bucket)
}
