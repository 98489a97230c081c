package store

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/loglake/loglake"
)

// A service that ignores If-None-Match without a word overwrites: what an older copy of the state puts once more, under keys
// of batches that were committed since, would take the place of committed objects. Amazon S3 honours it. Of another service
// it is seen before the first put into a bucket that rests on it: an object of our own, which is always the same, is put
// until it is refused because it is there.
const s3Probe = s3Reserved + "condition"

// needCondition tells why If-None-Match can't be relied on in a bucket. Where it can, it asks the service once: one request,
// and two in a bucket that was never asked before.
func (s *S3) needCondition(ctx context.Context, bucket string) error {
	if s.config.Endpoint == "" {
		return nil
	}
	if _, proven := s.proven.Load(bucket); proven {
		return nil
	}
	for range 2 {
		_, err := s.client.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: aws.String(s3Probe), IfNoneMatch: aws.String("*"),
			ContentLength: aws.Int64(0), Body: strings.NewReader("")})
		if code, _ := s3Code(err); code == s3Precondition || code == s3Conflict {
			s.proven.Store(bucket, nil)
			return nil
		}
		if err = s.failed(ctx, "put", bucket, s3Probe, err); errors.Is(err, ErrNoObject) {
			err = noBucket(bucket)
		}
		if err != nil {
			return err
		}
	}
	return loglake.Errorf(loglake.CodeUnsupported, "%s ignores If-None-Match: it has put %s in bucket %s twice, and loglake could overwrite what is there", s.name, s3Probe, bucket).
		WithHint("use a service, or a version of it, that honours conditional writes; docs/s3.md says what else it has to be able to do")
}
