package s3api_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/internal/disk/faulttest"
	"github.com/loglake/loglake/store"
	"github.com/loglake/loglake/store/storetest"
)

// show gives all that a client sees of the buckets, by name.
func (f *fixture) show() map[string]string {
	f.Helper()
	s := map[string]string{}
	buckets, err := f.ListBuckets(f.ctx, &s3.ListBucketsInput{})
	f.ok(err)
	for _, b := range buckets.Buckets {
		s["bucket "+*b.Name] = ""
	}
	objects, err := f.ListObjectsV2(f.ctx, &s3.ListObjectsV2Input{Bucket: aws.String(bucket)})
	f.ok(err)
	for _, o := range objects.Contents {
		text, got := f.get(&s3.GetObjectInput{Key: o.Key})
		s["object "+*o.Key] = text + " " + *got.ETag
	}
	uploads, err := f.ListMultipartUploads(f.ctx, &s3.ListMultipartUploadsInput{Bucket: aws.String(bucket)})
	f.ok(err)
	for _, u := range uploads.Uploads {
		parts, err := f.ListParts(f.ctx, &s3.ListPartsInput{Bucket: aws.String(bucket), Key: u.Key, UploadId: u.UploadId})
		f.ok(err)
		s["upload "+*u.Key] += "begun"
		for _, p := range parts.Parts {
			s["upload "+*u.Key] += fmt.Sprint(*p.PartNumber, *p.ETag)
		}
	}
	if out, err := f.GetBucketLifecycleConfiguration(f.ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: aws.String(bucket)}); err == nil {
		s["lifecycle"] = *out.Rules[0].ID + string(out.TransitionDefaultMinimumObjectSize)
	}
	if out, err := f.GetBucketTagging(f.ctx, &s3.GetBucketTaggingInput{Bucket: aws.String(bucket)}); err == nil {
		s["tags"] = *out.TagSet[0].Key
	}
	if _, err := f.GetPublicAccessBlock(f.ctx, &s3.GetPublicAccessBlockInput{Bucket: aws.String(bucket)}); err != nil {
		s["public access"] = "not blocked"
	}
	return s
}

func (f *fixture) lifecycle(id string) error {
	_, err := f.PutBucketLifecycleConfiguration(f.ctx, &s3.PutBucketLifecycleConfigurationInput{Bucket: aws.String(bucket),
		TransitionDefaultMinimumObjectSize: types.TransitionDefaultMinimumObjectSizeVariesByStorageClass,
		LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: []types.LifecycleRule{{ID: &id, Status: types.ExpirationStatusEnabled,
			Filter: &types.LifecycleRuleFilter{Prefix: aws.String("")}, Expiration: &types.LifecycleExpiration{Days: aws.Int32(1)}}}}})
	return err
}

func (f *fixture) tag(key string) error {
	_, err := f.PutBucketTagging(f.ctx, &s3.PutBucketTaggingInput{Bucket: aws.String(bucket),
		Tagging: &types.Tagging{TagSet: []types.Tag{{Key: &key, Value: aws.String("v")}}}})
	return err
}

// upload gives the one that is under way; nil where there is none.
func (f *fixture) upload() *string {
	f.Helper()
	list, err := f.ListMultipartUploads(f.ctx, &s3.ListMultipartUploadsInput{Bucket: aws.String(bucket)})
	f.ok(err)
	if len(list.Uploads) == 0 {
		return aws.String("gone")
	}
	return list.Uploads[0].UploadId
}

const oldETag = `"149603e6c03516362a8da23f624db945"` // of "old"

// Every call that changes the store fails, undone and done. That is never answered as a success; undone, nothing has
// changed; done, what the client asked for is there; and a repeat makes it so, or says that there is nothing left to do.
func TestFaults(t *testing.T) {
	rec := faulttest.New(t)
	b := aws.String(bucket)
	for _, c := range []struct {
		name, method string
		nth          int32
		do           func(f *fixture) error
	}{
		{"put", "Put", 1, func(f *fixture) error {
			_, err := f.PutObject(f.ctx, &s3.PutObjectInput{Bucket: b, Key: aws.String("new"), Body: http.NoBody})
			return err
		}},
		{"copy", "Put", 1, func(f *fixture) error {
			_, err := f.CopyObject(f.ctx, &s3.CopyObjectInput{Bucket: b, Key: aws.String("new"), CopySource: aws.String(bucket + "/old")})
			return err
		}},
		{"delete", "Delete", 1, func(f *fixture) error {
			_, err := f.DeleteObject(f.ctx, &s3.DeleteObjectInput{Bucket: b, Key: aws.String("old")})
			return err
		}},
		{"delete several", "Delete", 1, func(f *fixture) error {
			out, err := f.DeleteObjects(f.ctx, &s3.DeleteObjectsInput{Bucket: b, Delete: &types.Delete{Objects: []types.ObjectIdentifier{{Key: aws.String("old")}}}})
			if err == nil && len(out.Errors) > 0 {
				return &smithy.GenericAPIError{Code: *out.Errors[0].Code}
			}
			return err
		}},
		{"create a bucket", "CreateBucket", 1, func(f *fixture) error {
			_, err := f.CreateBucket(f.ctx, &s3.CreateBucketInput{Bucket: aws.String("another")})
			return err
		}},
		{"delete a bucket", "DeleteBucket", 1, func(f *fixture) error {
			_, err := f.DeleteBucket(f.ctx, &s3.DeleteBucketInput{Bucket: aws.String("empty")})
			return err
		}},
		{"begin an upload", "CreateUpload", 1, func(f *fixture) error {
			_, err := f.CreateMultipartUpload(f.ctx, &s3.CreateMultipartUploadInput{Bucket: b, Key: aws.String("new")})
			return err
		}},
		{"a part", "PutPart", 1, func(f *fixture) error {
			_, err := f.UploadPart(f.ctx, &s3.UploadPartInput{Bucket: b, Key: aws.String("big"), UploadId: f.upload(), PartNumber: aws.Int32(2), Body: http.NoBody})
			return err
		}},
		{"a part that is copied", "PutPart", 1, func(f *fixture) error {
			_, err := f.UploadPartCopy(f.ctx, &s3.UploadPartCopyInput{Bucket: b, Key: aws.String("big"), UploadId: f.upload(), PartNumber: aws.Int32(2), CopySource: aws.String(bucket + "/old")})
			return err
		}},
		{"complete", "CompleteUpload", 1, func(f *fixture) error {
			_, err := f.CompleteMultipartUpload(f.ctx, &s3.CompleteMultipartUploadInput{Bucket: b, Key: aws.String("big"), UploadId: f.upload(),
				MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{PartNumber: aws.Int32(1), ETag: aws.String(oldETag)}}}})
			return err
		}},
		{"abort", "AbortUpload", 1, func(f *fixture) error {
			_, err := f.AbortMultipartUpload(f.ctx, &s3.AbortMultipartUploadInput{Bucket: b, Key: aws.String("big"), UploadId: f.upload()})
			return err
		}},
		{"put lifecycle, first half", "PutDocument", 1, func(f *fixture) error { return f.lifecycle("new") }},
		{"put lifecycle", "PutDocument", 2, func(f *fixture) error { return f.lifecycle("new") }},
		{"delete lifecycle", "DeleteDocument", 1, func(f *fixture) error {
			_, err := f.DeleteBucketLifecycle(f.ctx, &s3.DeleteBucketLifecycleInput{Bucket: b})
			return err
		}},
		{"put tags", "PutDocument", 1, func(f *fixture) error { return f.tag("new") }},
		{"delete tags", "DeleteDocument", 1, func(f *fixture) error {
			_, err := f.DeleteBucketTagging(f.ctx, &s3.DeleteBucketTaggingInput{Bucket: b})
			return err
		}},
		{"delete public access block", "PutDocument", 1, func(f *fixture) error {
			_, err := f.DeletePublicAccessBlock(f.ctx, &s3.DeletePublicAccessBlockInput{Bucket: b})
			return err
		}},
	} {
		for _, apply := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, done %v", c.name, apply), func(t *testing.T) {
				dir, err := store.OpenDir(store.DirConfig{FS: disk.NewCrashable(), Root: "/lake"})
				if err != nil {
					t.Fatal(err)
				}
				faulty := &storetest.Faulty{Store: dir}
				told := atomic.Int32{}
				f := fixtureOf(t, faulty, func(*http.Request, error) { told.Add(1) })
				f.fill()
				before := f.show()
				var seen atomic.Int32
				faulty.Fault = func(method, _ string) (bool, error) {
					if method != c.method || seen.Add(1) != c.nth {
						return false, nil
					}
					rec.Call(apply)
					return apply, errors.New("injected")
				}
				err = c.do(f)
				var api smithy.APIError
				if !errors.As(err, &api) || api.ErrorCode() != "InternalError" || told.Load() == 0 {
					t.Errorf("answered %v, told %d times", err, told.Load())
				}
				faulty.Fault = nil
				after := f.show()
				if changed := !cmp.Equal(before, after); changed != apply && !strings.HasPrefix(c.name, "put lifecycle") { // two documents
					t.Errorf("changed: %v\n%s", changed, cmp.Diff(before, after))
				}
				if err := c.do(f); err != nil && !(apply && errors.As(err, &api) && (api.ErrorCode() == "NoSuchUpload" || api.ErrorCode() == "NoSuchBucket")) {
					t.Errorf("the repeat: %v", err)
				}
				if cmp.Equal(before, f.show()) {
					t.Error("after the repeat all is as before")
				}
			})
		}
	}
}

// fill makes what the changes are about.
func (f *fixture) fill() {
	f.Helper()
	f.put("old", "old")
	_, err := f.CreateBucket(f.ctx, &s3.CreateBucketInput{Bucket: aws.String("empty")})
	f.ok(err)
	u, err := f.CreateMultipartUpload(f.ctx, &s3.CreateMultipartUploadInput{Bucket: aws.String(bucket), Key: aws.String("big")})
	f.ok(err)
	_, err = f.UploadPartCopy(f.ctx, &s3.UploadPartCopyInput{Bucket: aws.String(bucket), Key: aws.String("big"), UploadId: u.UploadId, PartNumber: aws.Int32(1), CopySource: aws.String(bucket + "/old")})
	f.ok(err)
	f.ok(f.lifecycle("old"))
	f.ok(f.tag("old"))
}
