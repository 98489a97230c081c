package store

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/loglake/loglake"
)

// CreateBucket makes a bucket of the service. The service may refuse a name that somebody else has.
func (s *S3) CreateBucket(ctx context.Context, bucket string) error {
	if err := CheckBucketName(bucket); err != nil {
		return err
	}
	exists, err := s.HasBucket(ctx, bucket) // AWS answers a bucket of our own in us-east-1 with success
	if err != nil {
		return err
	}
	if !exists {
		in := &s3.CreateBucketInput{Bucket: &bucket}
		if s.config.Region != "us-east-1" {
			in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(s.config.Region)}
		}
		_, err = s.client.CreateBucket(ctx, in)
		code, _ := s3Code(err)
		exists = code == "BucketAlreadyOwnedByYou" || code == "BucketAlreadyExists"
	}
	if exists {
		return loglake.Errorf(loglake.CodeExists, "bucket %q exists already", bucket)
	}
	return s.failed(ctx, "create", bucket, "", err)
}

// DeleteBucket removes a bucket without objects, and what we keep in it beside them.
func (s *S3) DeleteBucket(ctx context.Context, bucket string) error {
	objects, _, err := s.List(ctx, bucket, "", "", 1)
	if err != nil {
		return err
	}
	notEmpty := fail(loglake.CodeConflict, ErrNotEmpty, "bucket %q is not empty", bucket)
	if len(objects) > 0 {
		return notEmpty
	}
	for more := true; more; {
		var own []Entry
		if own, more, err = s.page(ctx, bucket, Fold{Prefix: s3Reserved, Max: s3PageMax}); err != nil {
			return err
		}
		for _, o := range own {
			if err := s.remove(ctx, bucket, o.Key); err != nil {
				return err
			}
		}
	}
	_, err = s.client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &bucket})
	if code, _ := s3Code(err); code == "BucketNotEmpty" {
		return notEmpty
	}
	return s.failed(ctx, "delete", bucket, "", err)
}

// ListBuckets gives all buckets of the account that its credentials may list.
func (s *S3) ListBuckets(ctx context.Context) ([]Bucket, error) {
	var buckets []Bucket
	for token := (*string)(nil); ; {
		out, err := s.client.ListBuckets(ctx, &s3.ListBucketsInput{ContinuationToken: token})
		if err != nil {
			return nil, s.failed(ctx, "list buckets", "", "", err)
		}
		for _, b := range out.Buckets {
			buckets = append(buckets, Bucket{Name: aws.ToString(b.Name), Created: aws.ToTime(b.CreationDate).UTC()})
		}
		if token = out.ContinuationToken; aws.ToString(token) == "" {
			break
		}
	}
	slices.SortFunc(buckets, func(a, b Bucket) int { return strings.Compare(a.Name, b.Name) })
	return buckets, nil
}

// HasBucket tells whether there is such a bucket that the credentials may use.
func (s *S3) HasBucket(ctx context.Context, bucket string) (bool, error) {
	if err := CheckBucketName(bucket); err != nil {
		return false, ctx.Err()
	}
	_, err := s.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &bucket})
	if _, status := s3Code(err); status == http.StatusNotFound {
		return false, nil
	}
	if err = s.failed(ctx, "look for", bucket, "", err); errors.Is(err, ErrNoBucket) {
		return false, nil
	}
	return err == nil, err
}

// missing tells what it is that a HEAD request did not find: the object or all of the bucket.
func (s *S3) missing(ctx context.Context, bucket, key string) error {
	there, err := s.HasBucket(ctx, bucket)
	if err == nil && !there {
		err = noBucket(bucket)
	}
	if err == nil {
		err = noObject(bucket, key)
	}
	return err
}

// Delete removes an object. S3 answers with success whether it was there or not.
func (s *S3) Delete(ctx context.Context, bucket, key string) error {
	if err := s.checkKey(ctx, bucket, key); err != nil {
		return err
	}
	return s.remove(ctx, bucket, key)
}

func (s *S3) remove(ctx context.Context, bucket, key string) error {
	_, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &bucket, Key: &key})
	if code, _ := s3Code(err); code == s3NoKey { // some services tell
		return nil
	}
	return s.failed(ctx, "delete", bucket, key, err)
}
