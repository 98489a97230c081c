package store

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
	"github.com/google/uuid"
	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
)

// spoolMemory is up to how many bytes a body is held in memory before it is sent.
const spoolMemory = 1 << 20

// spool is a body that was read to its end. S3 is told its length, checksum and description before its bytes, and a
// body that fails must leave nothing behind; and only so an attempt can be repeated.
type spool struct {
	s      *S3
	memory bytes.Buffer
	file   disk.File // nil: all is in memory
	bytes  int64
	md5    hash.Hash
	crc32c hash.Hash32
}

// spool reads all of r, at most PutBytesMax. The caller discards what it gives.
func (s *S3) spool(ctx context.Context, r io.Reader) (*spool, error) {
	b := &spool{s: s, md5: md5.New(), crc32c: crc32.New(castagnoli)}
	buffer := make([]byte, copyBytes)
	for {
		if err := ctx.Err(); err != nil {
			b.discard()
			return nil, err
		}
		n, err := readFull(r, buffer)
		if b.bytes += int64(n); b.bytes > PutBytesMax {
			b.discard()
			return nil, fail(loglake.CodeLimit, ErrTooLarge, "more than %d bytes in one put: send it in parts", int64(PutBytesMax))
		}
		if keepErr := b.keep(buffer[:n]); keepErr != nil {
			b.discard()
			return nil, keepErr
		}
		if err == io.EOF { //nolint:errorlint // a reader's end is io.EOF itself; one that wraps it tells of a failure
			return b, nil
		}
		if err != nil {
			b.discard()
			return nil, err
		}
	}
}

func (b *spool) keep(p []byte) error {
	_, _ = b.md5.Write(p) // a hash does not fail
	_, _ = b.crc32c.Write(p)
	if b.file == nil && b.bytes <= spoolMemory {
		_, err := b.memory.Write(p)
		return err
	}
	if b.file == nil {
		path := filepath.Join(b.s.spoolDir(), fmt.Sprint(b.s.temps.Add(1)))
		f, err := b.s.fs.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return fmt.Errorf("make a file for what is to be put: %w", err)
		}
		b.file = f
		if _, err := f.Write(b.memory.Bytes()); err != nil {
			return fmt.Errorf("write down what is to be put: %w", err)
		}
		b.memory = bytes.Buffer{}
	}
	if _, err := b.file.Write(p); err != nil {
		return fmt.Errorf("write down what is to be put: %w", err)
	}
	return nil
}

// reader gives all bytes from the beginning.
func (b *spool) reader() io.ReadSeeker {
	if b.file == nil {
		return bytes.NewReader(b.memory.Bytes())
	}
	return io.NewSectionReader(b.file, 0, b.bytes)
}

func (b *spool) discard() {
	if b.file == nil {
		return
	}
	_ = b.file.Close()
	_ = b.s.fs.Remove(b.file.Name()) // else the next NewS3 does
}

// Put reads all of r, and puts it with one request.
func (s *S3) Put(ctx context.Context, bucket, key string, r io.Reader, o PutOptions) (Object, error) {
	if err := s.checkKey(ctx, bucket, key); err != nil {
		return Object{}, err
	}
	b, err := s.spool(ctx, r)
	if err != nil {
		return Object{}, fmt.Errorf("put %s to bucket %s: %w", key, bucket, err)
	}
	defer b.discard()
	if err := checkMD5(o.MD5, b.md5); err != nil {
		return Object{}, err
	}
	object := Object{Key: key, Bytes: b.bytes, ContentType: o.ContentType, ContentEncoding: o.ContentEncoding, Metadata: o.Metadata}
	if o.Attributes != nil {
		if object.Attributes, err = o.Attributes(); err != nil {
			return Object{}, err
		}
	}
	return s.putSpool(ctx, bucket, object, b, condition{o.IfNoneMatch, o.IfMatch})
}

// putSpool sends a body that was read.
func (s *S3) putSpool(ctx context.Context, bucket string, object Object, b *spool, c condition) (Object, error) {
	in, err := putInput(bucket, object)
	if err != nil {
		return Object{}, err
	}
	in.ContentLength, in.ChecksumCRC32C = &b.bytes, aws.String(crcText(b.crc32c.Sum32()))
	id := ""
	if c != (condition{}) {
		id = uuid.NewString()
		in.Metadata[s3PutMeta] = id
	}
	if err := s.condition(ctx, in, c); err != nil {
		return Object{}, err
	}
	for range conflictAttempts {
		in.Body = b.reader()
		var out *s3.PutObjectOutput
		out, err = s.client.PutObject(ctx, in)
		if err == nil {
			object.ETag, object.Modified = bareETag(out.ETag), s.answered(out.ResultMetadata)
			return object, nil
		}
		code, _ := s3Code(err)
		if code == s3Conflict {
			continue
		}
		if code == s3Precondition {
			return s.refusedPut(ctx, bucket, object, id, c)
		}
		break
	}
	err = s.failed(ctx, "put", bucket, object.Key, err)
	if errors.Is(err, ErrNoObject) && c.ifMatch == "" {
		err = noBucket(bucket)
	}
	return Object{}, err
}

// conflictAttempts bounds how often a conditional write that met another one is sent again.
const conflictAttempts = 8

// condition asks the service for what c says.
func (s *S3) condition(ctx context.Context, in *s3.PutObjectInput, c condition) error {
	switch {
	case c.ifNoneMatch:
		in.IfNoneMatch = aws.String("*")
		return s.needCondition(ctx, *in.Bucket)
	case c.ifMatch == "*": // S3 wants to know which one
		o, err := s.Stat(ctx, *in.Bucket, *in.Key)
		if err != nil {
			return err
		}
		in.IfMatch = aws.String(`"` + o.ETag + `"`)
	case c.ifMatch != "":
		in.IfMatch = aws.String(`"` + c.ifMatch + `"`)
	}
	return nil
}

// refusedPut tells what the refusal of a conditional put means. It may be the echo of an attempt that was done and
// whose reply was lost: then what is there bears its id, and it has succeeded.
func (s *S3) refusedPut(ctx context.Context, bucket string, object Object, id string, c condition) (Object, error) {
	out, err := s.head(ctx, bucket, object.Key)
	if errors.Is(err, ErrNoObject) {
		return Object{}, c.check(bucket, object.Key, Object{}, !c.ifNoneMatch && c.ifMatch == "")
	}
	if err != nil {
		return Object{}, err
	}
	there, err := described(object.Key, out)
	if err == nil && out.Metadata[s3PutMeta] == id {
		object.ETag, object.Modified = there.ETag, there.Modified
		return object, nil
	}
	if err == nil {
		err = c.check(bucket, object.Key, there, true)
	}
	if err == nil { // it is again what it was: somebody else was here meanwhile
		err = fail(loglake.CodeConflict, ErrPrecondition, "object %q was written by somebody else meanwhile", object.Key)
	}
	return Object{}, err
}

func putInput(bucket string, o Object) (*s3.PutObjectInput, error) {
	metadata, err := headerMetadata(o.Metadata, o.Attributes)
	if err != nil {
		return nil, err
	}
	in := &s3.PutObjectInput{Bucket: &bucket, Key: aws.String(o.Key), Metadata: metadata, ContentType: aws.String(contentType(o.ContentType))}
	if o.ContentEncoding != "" {
		in.ContentEncoding = aws.String(o.ContentEncoding)
	}
	return in, nil
}

func contentType(given string) string {
	if given == "" {
		return s3Unknown
	}
	return given
}

// answered gives when the service says that it answered: S3 does not tell the time of an object that it takes.
func (s *S3) answered(m middleware.Metadata) time.Time {
	if t, ok := awsmiddleware.GetServerTime(m); ok {
		return t.UTC().Truncate(time.Second)
	}
	return s.config.Clock().UTC().Truncate(time.Second)
}

func crcText(sum uint32) string {
	return base64.StdEncoding.EncodeToString([]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})
}

func isMD5(etag string) bool {
	raw, err := hex.DecodeString(etag)
	return err == nil && len(raw) == md5.Size && !strings.Contains(etag, "-")
}
