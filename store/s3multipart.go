package store

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/uuid"
	"github.com/loglake/loglake/layout"
)

// StaleAge is after what time an upload that was not ended is taken for dead; 0: a day.
type StaleAge time.Duration

const staleAgeDefault = 24 * time.Hour

func (a StaleAge) orDefault() time.Duration {
	if a == 0 {
		return staleAgeDefault
	}
	return time.Duration(a)
}

// abandonMax is how long the abort of a failed upload may take after its caller has gone.
const abandonMax = 10 * time.Second

// multipart is a multi-part upload of S3's own.
type multipart struct {
	s      *S3
	bucket string
	object Object
	id     string // of the upload
	token  string // s3PutMeta
	parts  []types.CompletedPart
}

// ownKey tells whether a key is one that only we write.
func ownKey(key string) bool {
	_, ours := layout.ParseKey(key)
	return ours
}

func (s *S3) beginMultipart(ctx context.Context, bucket string, o Object) (*multipart, error) {
	metadata, err := headerMetadata(o.Metadata, o.Attributes)
	if err != nil {
		return nil, err
	}
	m := &multipart{s: s, bucket: bucket, object: o, token: uuid.NewString()}
	metadata[s3PutMeta] = m.token
	in := &s3.CreateMultipartUploadInput{Bucket: &bucket, Key: aws.String(o.Key), Metadata: metadata, ContentType: aws.String(contentType(o.ContentType))}
	if o.ContentEncoding != "" {
		in.ContentEncoding = aws.String(o.ContentEncoding)
	}
	out, err := s.client.CreateMultipartUpload(ctx, in)
	if err != nil {
		return nil, err
	}
	m.id = aws.ToString(out.UploadId)
	return m, nil
}

// grow makes room for the parts 1 to n, which may then be put side by side.
func (m *multipart) grow(n int) { m.parts = make([]types.CompletedPart, n) }

// put sends a part with its MD5, which every service checks.
func (m *multipart) put(ctx context.Context, number int, r *io.SectionReader, sum []byte) error {
	out, err := m.s.client.UploadPart(ctx, &s3.UploadPartInput{Bucket: &m.bucket, Key: &m.object.Key, UploadId: &m.id, PartNumber: aws.Int32(int32(number)),
		Body: r, ContentLength: aws.Int64(r.Size()), ContentMD5: aws.String(base64.StdEncoding.EncodeToString(sum))})
	if err != nil {
		return fmt.Errorf("part %d: %w", number, err)
	}
	m.parts[number-1] = types.CompletedPart{PartNumber: aws.Int32(int32(number)), ETag: out.ETag}
	return nil
}

// copy makes a part of an object of the same bucket, within the service.
func (m *multipart) copy(ctx context.Context, number int, from Object) error {
	out, err := m.s.client.UploadPartCopy(ctx, &s3.UploadPartCopyInput{Bucket: &m.bucket, Key: &m.object.Key, UploadId: &m.id, PartNumber: aws.Int32(int32(number)),
		CopySource: aws.String(m.bucket + "/" + url.PathEscape(from.Key)), CopySourceIfMatch: aws.String(`"` + from.ETag + `"`)})
	if err != nil {
		return fmt.Errorf("part %d: %w", number, err)
	}
	m.parts[number-1] = types.CompletedPart{PartNumber: aws.Int32(int32(number)), ETag: out.CopyPartResult.ETag}
	return nil
}

// complete makes the object of the parts. A completion whose reply was lost is known by the object's id. A refusal
// because of c is the service's own error.
func (m *multipart) complete(ctx context.Context, c condition) (Object, error) {
	in := &s3.CompleteMultipartUploadInput{Bucket: &m.bucket, Key: &m.object.Key, UploadId: &m.id, MultipartUpload: &types.CompletedMultipartUpload{Parts: m.parts}}
	if c.ifNoneMatch {
		in.IfNoneMatch = aws.String("*")
	}
	if c.ifMatch != "" {
		in.IfMatch = aws.String(`"` + c.ifMatch + `"`)
	}
	out, err := m.s.client.CompleteMultipartUpload(ctx, in)
	if err == nil {
		o := m.object
		o.ETag, o.Modified = bareETag(out.ETag), m.s.answered(out.ResultMetadata)
		return o, nil
	}
	if code, _ := s3Code(err); code != s3NoUpload && code != s3Precondition {
		return Object{}, err
	}
	there, headErr := m.s.head(ctx, m.bucket, m.object.Key)
	if headErr == nil && there.Metadata[s3PutMeta] == m.token {
		return described(m.object.Key, there)
	}
	return Object{}, err
}

// abandon aborts the upload because of err, which it gives. What it can't abort, because the service is away, is left
// to the next PutFile of the key and to AbortStale.
func (m *multipart) abandon(ctx context.Context, err error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abandonMax)
	defer cancel()
	if code, _ := s3Code(err); code == "" {
		return err // the service is away, and it may have completed the upload
	}
	abortErr := m.s.abort(ctx, m.bucket, upload{key: m.object.Key, id: m.id})
	if abortErr != nil && ctx.Err() == nil {
		return errors.Join(err, abortErr)
	}
	return err
}

// upload is a multi-part upload that the service knows of.
type upload struct {
	key, id string
	begun   time.Time
}

// eachUpload gives the uploads whose keys begin with prefix.
func (s *S3) eachUpload(ctx context.Context, bucket, prefix string, f func(upload) error) error {
	in := &s3.ListMultipartUploadsInput{Bucket: &bucket, EncodingType: types.EncodingTypeUrl}
	if prefix != "" {
		in.Prefix = &prefix
	}
	for {
		out, err := s.client.ListMultipartUploads(ctx, in)
		if err != nil {
			return s.failed(ctx, "list the uploads of", bucket, "", err)
		}
		for _, u := range out.Uploads {
			key := aws.ToString(u.Key)
			if out.EncodingType == types.EncodingTypeUrl {
				if key, err = url.QueryUnescape(key); err != nil {
					return unavailable(err, "%s lists an upload of %q, which is no key", s.name, key)
				}
			}
			if err := f(upload{key, aws.ToString(u.UploadId), aws.ToTime(u.Initiated)}); err != nil {
				return err
			}
		}
		if !aws.ToBool(out.IsTruncated) {
			return nil
		}
		in.KeyMarker, in.UploadIdMarker = out.NextKeyMarker, out.NextUploadIdMarker
		if aws.ToString(in.KeyMarker) == "" {
			return unavailable(nil, "%s says that bucket %q has more uploads, and not which", s.name, bucket)
		}
	}
}
