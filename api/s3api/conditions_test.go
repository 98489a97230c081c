package s3api_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

func TestRange(t *testing.T) {
	f := newFixture(t)
	f.put("k", "0123456789")
	for _, c := range []struct{ ask, text, contentRange string }{
		{"bytes=0-3", "0123", "bytes 0-3/10"}, {"bytes=4-", "456789", "bytes 4-9/10"}, {"bytes=-3", "789", "bytes 7-9/10"}, {"bytes=8-99", "89", "bytes 8-9/10"},
		{"bytes=0-9", "0123456789", "bytes 0-9/10"}, {"bytes=-99", "0123456789", "bytes 0-9/10"}, {"bytes=0-1,3-4", "0123456789", ""}, {"bytes=5-2", "0123456789", ""}, {"lines=1", "0123456789", ""},
	} {
		text, out := f.get(&s3.GetObjectInput{Key: aws.String("k"), Range: &c.ask})
		f.equal(c.ask, []any{text, aws.ToString(out.ContentRange), *out.ContentLength}, []any{c.text, c.contentRange, int64(len(c.text))})
	}
	for _, ask := range []string{"bytes=10-", "bytes=99-100", "bytes=-0"} {
		_, err := f.GetObject(f.ctx, &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String("k"), Range: &ask})
		f.fails(err, "InvalidRange", 416)
	}
	head, err := f.HeadObject(f.ctx, &s3.HeadObjectInput{Bucket: aws.String(bucket), Key: aws.String("k"), Range: aws.String("bytes=2-4")})
	f.ok(err)
	f.equal("head of a range", []any{*head.ContentLength, *head.ContentRange}, []any{int64(3), "bytes 2-4/10"})
}

func TestConditions(t *testing.T) {
	f := newFixture(t)
	first := f.put("k", "1")
	modified := time.Now()
	read := func(in s3.GetObjectInput) error {
		in.Bucket, in.Key = aws.String(bucket), aws.String("k")
		out, err := f.GetObject(f.ctx, &in)
		if err == nil {
			_ = out.Body.Close()
		}
		return err
	}
	f.ok(read(s3.GetObjectInput{IfMatch: first.ETag}))
	f.ok(read(s3.GetObjectInput{IfMatch: first.ETag, IfUnmodifiedSince: aws.Time(modified.Add(-time.Hour))}))
	f.ok(read(s3.GetObjectInput{IfNoneMatch: aws.String(`"other"`)}))
	f.ok(read(s3.GetObjectInput{IfModifiedSince: aws.Time(modified.Add(-time.Hour))}))
	f.ok(read(s3.GetObjectInput{IfUnmodifiedSince: aws.Time(modified.Add(time.Hour))}))
	f.fails(read(s3.GetObjectInput{IfMatch: aws.String(`"other"`)}), "PreconditionFailed", 412)
	f.fails(read(s3.GetObjectInput{IfUnmodifiedSince: aws.Time(modified.Add(-time.Hour))}), "PreconditionFailed", 412)
	for _, in := range []s3.GetObjectInput{{IfNoneMatch: first.ETag}, {IfModifiedSince: aws.Time(modified.Add(time.Hour))}} {
		var response *smithyhttp.ResponseError
		if err := read(in); !errors.As(err, &response) || response.HTTPStatusCode() != http.StatusNotModified {
			t.Errorf("got %v, want 304", err)
		}
	}

	write := func(in s3.PutObjectInput) error {
		in.Bucket, in.Body = aws.String(bucket), strings.NewReader("2")
		_, err := f.PutObject(f.ctx, &in)
		return err
	}
	f.fails(write(s3.PutObjectInput{Key: aws.String("k"), IfNoneMatch: aws.String("*")}), "PreconditionFailed", 412)
	f.fails(write(s3.PutObjectInput{Key: aws.String("k"), IfNoneMatch: aws.String(`"x"`)}), "NotImplemented", 501)
	f.fails(write(s3.PutObjectInput{Key: aws.String("k"), IfMatch: aws.String(`"x"`)}), "PreconditionFailed", 412)
	f.fails(write(s3.PutObjectInput{Key: aws.String("missing"), IfMatch: aws.String(`"x"`)}), "NoSuchKey", 404)
	f.ok(write(s3.PutObjectInput{Key: aws.String("new"), IfNoneMatch: aws.String("*")}))
	f.ok(write(s3.PutObjectInput{Key: aws.String("k"), IfMatch: first.ETag}))
	text, _ := f.get(&s3.GetObjectInput{Key: aws.String("k")})
	f.equal("after a conditional put", text, "2")
}

func TestChecksums(t *testing.T) {
	f := newFixture(t)
	for _, algorithm := range []types.ChecksumAlgorithm{types.ChecksumAlgorithmCrc32, types.ChecksumAlgorithmCrc32c, types.ChecksumAlgorithmCrc64nvme, types.ChecksumAlgorithmSha1, types.ChecksumAlgorithmSha256} {
		// A body that can't be read twice makes the SDK send the sum behind it.
		_, err := f.PutObject(f.ctx, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String("k"), Body: strings.NewReader("123456789"), ChecksumAlgorithm: algorithm})
		f.ok(err)
		text, got := f.get(&s3.GetObjectInput{Key: aws.String("k"), ChecksumMode: types.ChecksumModeEnabled}) // the SDK checks it
		f.equal(string(algorithm), text, "123456789")
		sums := map[types.ChecksumAlgorithm]*string{types.ChecksumAlgorithmCrc32: got.ChecksumCRC32, types.ChecksumAlgorithmCrc32c: got.ChecksumCRC32C, types.ChecksumAlgorithmCrc64nvme: got.ChecksumCRC64NVME,
			types.ChecksumAlgorithmSha1: got.ChecksumSHA1, types.ChecksumAlgorithmSha256: got.ChecksumSHA256}
		want := map[types.ChecksumAlgorithm]string{types.ChecksumAlgorithmCrc32: "y/Q5Jg==", types.ChecksumAlgorithmCrc32c: "4waSgw==", types.ChecksumAlgorithmCrc64nvme: "rosUhgp5mIg=",
			types.ChecksumAlgorithmSha1: "98O8HYCOBHMq32eZZczDTKeuNEE=", types.ChecksumAlgorithmSha256: "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="}
		f.equal(string(algorithm), aws.ToString(sums[algorithm]), want[algorithm])
	}
	wrong := "AAAAAA=="
	_, err := f.PutObject(f.ctx, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String("bad"), Body: strings.NewReader("x"), ChecksumCRC32: &wrong})
	f.fails(err, "BadDigest", 400)
	_, err = f.PutObject(f.ctx, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String("bad"), Body: strings.NewReader("x"), ContentMD5: aws.String("XrY7u+Ae7tCTyyK7j1rNww==")})
	f.fails(err, "BadDigest", 400)
	_, err = f.PutObject(f.ctx, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String("bad"), Body: strings.NewReader("x"), ContentMD5: aws.String("?")})
	f.fails(err, "InvalidDigest", 400)
	_, err = f.HeadObject(f.ctx, &s3.HeadObjectInput{Bucket: aws.String(bucket), Key: aws.String("bad")})
	f.fails(err, "NotFound", 404)

	// Without any, S3 takes CRC64NVME itself.
	f.raw(http.MethodPut, "/"+bucket+"/k", "123456789", 200, "")
	_, got := f.get(&s3.GetObjectInput{Key: aws.String("k"), ChecksumMode: types.ChecksumModeEnabled})
	f.equal("default", aws.ToString(got.ChecksumCRC64NVME), "rosUhgp5mIg=")
}
