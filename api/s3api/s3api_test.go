package s3api_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"
	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/front"
	"github.com/loglake/loglake/api/s3api"
	"github.com/loglake/loglake/api/sigv4"
	"github.com/loglake/loglake/store"
)

const bucket = "the-bucket"

// fixture is a server with one bucket, and the SDK's client for it.
type fixture struct {
	*testing.T
	*s3.Client
	ctx   context.Context
	url   string
	store store.Store
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	dir, err := store.OpenDir(store.DirConfig{Root: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	handler := s3api.New(s3api.Config{Store: dir, Home: loglake.Home{Account: "123456789012", Region: "us-east-1"},
		OnError: func(r *http.Request, err error) { t.Errorf("%s %s: %v", r.Method, r.URL, err) }})
	verifier := sigv4.New(sigv4.Config{Keys: map[string]string{"AKID": "SECRET"}, Region: "us-east-1"})
	server := httptest.NewServer(front.New(front.Config{S3: handler, Verifier: verifier}))
	t.Cleanup(server.Close)
	f := &fixture{T: t, ctx: t.Context(), url: server.URL, store: dir, Client: s3.New(s3.Options{Region: "us-east-1", BaseEndpoint: &server.URL, UsePathStyle: true,
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported, ResponseChecksumValidation: aws.ResponseChecksumValidationWhenSupported, // as LoadDefaultConfig has it
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""), RetryMaxAttempts: 1})}
	_, err = f.CreateBucket(f.ctx, &s3.CreateBucketInput{Bucket: aws.String(bucket)})
	f.ok(err)
	return f
}

func (f *fixture) ok(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// fails wants err to have a code and a status.
func (f *fixture) fails(err error, code string, status int) {
	f.Helper()
	var api smithy.APIError
	var response *smithyhttp.ResponseError
	if !errors.As(err, &api) || api.ErrorCode() != code || !errors.As(err, &response) || response.HTTPStatusCode() != status {
		f.Errorf("error is %v, want %s with status %d", err, code, status)
	}
}

func (f *fixture) put(key, text string) *s3.PutObjectOutput {
	f.Helper()
	out, err := f.PutObject(f.ctx, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: &key, Body: strings.NewReader(text)})
	f.ok(err)
	return out
}

func (f *fixture) get(in *s3.GetObjectInput) (string, *s3.GetObjectOutput) {
	f.Helper()
	in.Bucket = aws.String(bucket)
	out, err := f.GetObject(f.ctx, in)
	f.ok(err)
	defer out.Body.Close() //nolint:errcheck // only read
	text, err := io.ReadAll(out.Body)
	f.ok(err)
	return string(text), out
}

func (f *fixture) equal(what string, got, want any) {
	f.Helper()
	if d := cmp.Diff(want, got); d != "" {
		f.Errorf("%s: %s", what, d)
	}
}

func TestBuckets(t *testing.T) {
	f := newFixture(t)
	_, err := f.CreateBucket(f.ctx, &s3.CreateBucketInput{Bucket: aws.String(bucket)})
	f.ok(err) // as in us-east-1
	_, err = f.CreateBucket(f.ctx, &s3.CreateBucketInput{Bucket: aws.String("other"), CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: "eu-west-1"}})
	f.fails(err, "IllegalLocationConstraintException", 400)
	_, err = f.CreateBucket(f.ctx, &s3.CreateBucketInput{Bucket: aws.String("Bad_Name")})
	f.fails(err, "InvalidBucketName", 400)
	_, err = f.CreateBucket(f.ctx, &s3.CreateBucketInput{Bucket: aws.String("another")})
	f.ok(err)
	all, err := f.ListBuckets(f.ctx, &s3.ListBucketsInput{})
	f.ok(err)
	var names []string
	for _, b := range all.Buckets {
		names = append(names, *b.Name)
		if time.Since(*b.CreationDate) > time.Minute {
			t.Errorf("%s was made at %s", *b.Name, b.CreationDate)
		}
	}
	f.equal("buckets", names, []string{"another", bucket})
	names = nil
	pages := s3.NewListBucketsPaginator(f.Client, &s3.ListBucketsInput{MaxBuckets: aws.Int32(1)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(f.ctx)
		f.ok(err)
		names = append(names, *page.Buckets[0].Name)
	}
	f.equal("buckets by page", names, []string{"another", bucket})

	head, err := f.HeadBucket(f.ctx, &s3.HeadBucketInput{Bucket: aws.String(bucket)})
	f.ok(err)
	f.equal("region", *head.BucketRegion, "us-east-1")
	_, err = f.HeadBucket(f.ctx, &s3.HeadBucketInput{Bucket: aws.String("missing")})
	f.fails(err, "NotFound", 404)
	_, err = f.HeadBucket(f.ctx, &s3.HeadBucketInput{Bucket: aws.String(bucket), ExpectedBucketOwner: aws.String("999999999999")})
	f.fails(err, "Forbidden", 403)
	location, err := f.GetBucketLocation(f.ctx, &s3.GetBucketLocationInput{Bucket: aws.String(bucket)})
	f.ok(err)
	f.equal("location", string(location.LocationConstraint), "")
	versioning, err := f.GetBucketVersioning(f.ctx, &s3.GetBucketVersioningInput{Bucket: aws.String(bucket)})
	f.ok(err)
	f.equal("versioning", string(versioning.Status), "")
	acl, err := f.GetBucketAcl(f.ctx, &s3.GetBucketAclInput{Bucket: aws.String(bucket)})
	f.ok(err)
	f.equal("grants", []any{len(acl.Grants), acl.Grants[0].Permission, acl.Grants[0].Grantee.Type}, []any{1, types.PermissionFullControl, types.TypeCanonicalUser})
	_, err = f.GetBucketPolicy(f.ctx, &s3.GetBucketPolicyInput{Bucket: aws.String(bucket)})
	f.fails(err, "NoSuchBucketPolicy", 404)
	_, err = f.GetBucketCors(f.ctx, &s3.GetBucketCorsInput{Bucket: aws.String("missing")})
	f.fails(err, "NoSuchBucket", 404)

	f.put("k", "x")
	_, err = f.DeleteBucket(f.ctx, &s3.DeleteBucketInput{Bucket: aws.String(bucket)})
	f.fails(err, "BucketNotEmpty", 409)
	_, err = f.DeleteBucket(f.ctx, &s3.DeleteBucketInput{Bucket: aws.String("another")})
	f.ok(err)
	_, err = f.DeleteBucket(f.ctx, &s3.DeleteBucketInput{Bucket: aws.String("another")})
	f.fails(err, "NoSuchBucket", 404)
}

func TestPutGetHead(t *testing.T) {
	f := newFixture(t)
	out, err := f.PutObject(f.ctx, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String("d/a b+é?.txt"), Body: strings.NewReader("hello world"), ContentType: aws.String("text/plain"),
		ContentEncoding: aws.String("identity"), CacheControl: aws.String("no-cache"), ContentDisposition: aws.String("inline"), ContentLanguage: aws.String("en"), Metadata: map[string]string{"Some-Key": "value"},
		ContentMD5: aws.String(base64.StdEncoding.EncodeToString(func() []byte { s := md5.Sum([]byte("hello world")); return s[:] }()))})
	f.ok(err)
	f.equal("ETag", *out.ETag, `"5eb63bbbe01eeed093cb22bb8f5acdc3"`)
	f.equal("checksum", aws.ToString(out.ChecksumCRC32), "DUoRhQ==") // what this SDK sends where it is not told otherwise
	f.equal("checksum type", out.ChecksumType, types.ChecksumTypeFullObject)

	text, got := f.get(&s3.GetObjectInput{Key: aws.String("d/a b+é?.txt")})
	f.equal("bytes", text, "hello world")
	head, err := f.HeadObject(f.ctx, &s3.HeadObjectInput{Bucket: aws.String(bucket), Key: aws.String("d/a b+é?.txt"), ChecksumMode: types.ChecksumModeEnabled})
	f.ok(err)
	f.equal("head", []any{*head.ETag, *head.ContentLength, *head.ContentType, *head.ContentEncoding, *head.CacheControl, *head.ContentDisposition, *head.ContentLanguage, head.Metadata, *head.ChecksumCRC32, *head.AcceptRanges},
		[]any{*out.ETag, int64(11), "text/plain", "identity", "no-cache", "inline", "en", map[string]string{"some-key": "value"}, "DUoRhQ==", "bytes"})
	f.equal("get", []any{*got.ETag, *got.ContentType, got.Metadata, *got.ChecksumCRC32, *got.LastModified}, []any{*out.ETag, "text/plain", head.Metadata, "DUoRhQ==", *head.LastModified})

	_, got = f.get(&s3.GetObjectInput{Key: aws.String("d/a b+é?.txt"), ResponseContentType: aws.String("x/y"), ResponseContentDisposition: aws.String("attachment")})
	f.equal("overridden", []any{*got.ContentType, *got.ContentDisposition}, []any{"x/y", "attachment"})

	f.put("plain", "")
	text, got = f.get(&s3.GetObjectInput{Key: aws.String("plain")})
	f.equal("empty", []any{text, *got.ContentLength}, []any{"", int64(0)})

	_, err = f.GetObject(f.ctx, &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String("missing")})
	f.fails(err, "NoSuchKey", 404)
	_, err = f.HeadObject(f.ctx, &s3.HeadObjectInput{Bucket: aws.String(bucket), Key: aws.String("d")})
	f.fails(err, "NotFound", 404)
	_, err = f.GetObject(f.ctx, &s3.GetObjectInput{Bucket: aws.String("missing"), Key: aws.String("missing")})
	f.fails(err, "NoSuchBucket", 404)
	_, err = f.PutObject(f.ctx, &s3.PutObjectInput{Bucket: aws.String("missing"), Key: aws.String("k"), Body: strings.NewReader("x")})
	f.fails(err, "NoSuchBucket", 404)
	_, err = f.PutObject(f.ctx, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String(strings.Repeat("k", 1025)), Body: strings.NewReader("x")})
	f.fails(err, "KeyTooLongError", 400)
	_, err = f.PutObject(f.ctx, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String("k"), Body: strings.NewReader("x"), Metadata: map[string]string{"a": strings.Repeat("v", 2048)}})
	f.fails(err, "MetadataTooLarge", 400)
	_, err = f.GetObject(f.ctx, &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String("plain"), VersionId: aws.String("x")})
	f.fails(err, "NoSuchVersion", 404)
}

// Every key that the SDK can send comes back as it is.
func TestKeys(t *testing.T) {
	f := newFixture(t)
	keys := []string{"a", "a/b", "a/", "a//b", "//", ".", "..", "../up", "a/../b", "%41", "a+b", "a b", "é/ü", "a=b&c", "a#b", "a?b", "'(!*)", "\t\x01", "<&>\"", "\U0001f600"}
	for _, key := range keys {
		f.put(key, "at "+key)
	}
	for _, key := range keys {
		text, _ := f.get(&s3.GetObjectInput{Key: &key})
		f.equal("bytes of "+key, text, "at "+key)
	}
	out, err := f.ListObjectsV2(f.ctx, &s3.ListObjectsV2Input{Bucket: aws.String(bucket), EncodingType: types.EncodingTypeUrl})
	f.ok(err)
	var listed []string
	for _, o := range out.Contents {
		listed = append(listed, *o.Key)
	}
	encoded := map[string]bool{}
	for _, key := range listed {
		encoded[key] = true
	}
	f.equal("listed", len(encoded), len(keys))
	for _, want := range []string{"a%20b", "a%2Bb", "%C3%A9/%C3%BC", "%09%01", "a//b", "%2541"} {
		if !encoded[want] {
			t.Errorf("%s is not among the listed %q", want, listed)
		}
	}
}

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

// raw sends a request past the SDK, without a signature, to a server that lets everybody pass, and wants a status
// and an error code.
func (f *fixture) raw(method, target, body string, status int, code string, header ...string) *http.Response {
	f.Helper()
	handler := front.New(front.Config{S3: s3api.New(s3api.Config{Store: f.store, Home: loglake.Home{Account: "123456789012", Region: "us-east-1"}})})
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if w.Code != status || code != "" && !strings.Contains(w.Body.String(), "<Code>"+code+"</Code>") {
		f.Errorf("%s %s: %d %s, want %d %s", method, target, w.Code, w.Body, status, code)
	}
	return w.Result()
}

// Trailing checksums are held against the bytes.
func TestTrailer(t *testing.T) {
	f := newFixture(t)
	header := []string{"X-Amz-Content-Sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "X-Amz-Decoded-Content-Length", "9", "X-Amz-Trailer", "x-amz-checksum-crc32", "Content-Encoding", "aws-chunked"}
	put := func(trailer string, status int, code string) {
		t.Helper()
		f.raw(http.MethodPut, "/"+bucket+"/k", "9\r\n123456789\r\n0\r\n"+trailer+"\r\n", status, code, header...)
	}
	put("x-amz-checksum-crc32:AAAAAA==\r\n", 400, "BadDigest")
	put("", 400, "IncompleteBody")
	f.raw(http.MethodGet, "/"+bucket+"/k", "", 404, "NoSuchKey")
	put("x-amz-checksum-crc32:y/Q5Jg==\r\n", 200, "")
	head := f.raw(http.MethodHead, "/"+bucket+"/k", "", 200, "", "X-Amz-Checksum-Mode", "ENABLED")
	f.equal("kept", []string{head.Header.Get("X-Amz-Checksum-Crc32"), head.Header.Get("Content-Encoding"), head.Header.Get("Content-Length")}, []string{"y/Q5Jg==", "", "9"})
}

func TestRefusals(t *testing.T) {
	f := newFixture(t)
	f.put("k", "x")
	for _, target := range []string{"PUT /the-bucket?versioning", "PUT /the-bucket?policy", "PUT /the-bucket?tagging", "PUT /the-bucket?acl", "PUT /the-bucket/k?tagging", "PUT /the-bucket/k?acl", "GET /the-bucket/k?attributes",
		"POST /the-bucket/k?restore", "POST /the-bucket/k?select&select-type=2", "POST /the-bucket", "GET /the-bucket?inventory", "POST /the-bucket/k", "DELETE /the-bucket?website", "PUT /", "GET /the-bucket/k?torrent", "GET /the-bucket/k?partNumber=1"} {
		method, path, _ := strings.Cut(target, " ")
		f.raw(method, path, "", 501, "NotImplemented")
	}
	for _, header := range []string{"X-Amz-Server-Side-Encryption: AES256", "X-Amz-Tagging: a=b", "X-Amz-Storage-Class: GLACIER", "X-Amz-Acl: public-read", "X-Amz-Grant-Read: x", "X-Amz-Object-Lock-Mode: GOVERNANCE", "X-Amz-Checksum-Md5: x"} {
		name, value, _ := strings.Cut(header, ": ")
		f.raw(http.MethodPut, "/the-bucket/k", "y", 501, "NotImplemented", name, value)
	}
	f.raw(http.MethodPut, "/the-bucket/k", "x", 200, "", "X-Amz-Storage-Class", "STANDARD", "X-Amz-Acl", "private")
	f.raw(http.MethodPatch, "/the-bucket/k", "", 405, "MethodNotAllowed")
	f.raw(http.MethodPut, "/the-bucket/k", "y", 400, "InvalidRequest", "X-Amz-Checksum-Crc32", "xx")
	f.raw(http.MethodPut, "/the-bucket/k", "y", 400, "InvalidRequest", "X-Amz-Checksum-Crc32", "AAAAAA==", "X-Amz-Checksum-Sha1", "AAAAAA==")
	text, _ := f.get(&s3.GetObjectInput{Key: aws.String("k")})
	f.equal("untouched", text, "x")
	tags, err := f.GetObjectTagging(f.ctx, &s3.GetObjectTaggingInput{Bucket: aws.String(bucket), Key: aws.String("k")})
	f.ok(err)
	f.equal("tags", len(tags.TagSet), 0)

	other := s3.New(s3.Options{Region: "us-east-1", BaseEndpoint: &f.url, UsePathStyle: true, RetryMaxAttempts: 1, Credentials: credentials.NewStaticCredentialsProvider("AKID", "WRONG", "")})
	_, err = other.ListBuckets(f.ctx, &s3.ListBucketsInput{})
	f.fails(err, "SignatureDoesNotMatch", 403)
	other = s3.New(s3.Options{Region: "us-east-1", BaseEndpoint: &f.url, UsePathStyle: true, RetryMaxAttempts: 1, Credentials: credentials.NewStaticCredentialsProvider("WHO", "SECRET", "")})
	_, err = other.ListBuckets(f.ctx, &s3.ListBucketsInput{})
	f.fails(err, "InvalidAccessKeyId", 403)
	other = s3.New(s3.Options{Region: "us-east-1", BaseEndpoint: &f.url, UsePathStyle: true, RetryMaxAttempts: 1, Credentials: aws.AnonymousCredentials{}})
	_, err = other.ListBuckets(f.ctx, &s3.ListBucketsInput{})
	f.fails(err, "AccessDenied", 403)
}

func TestList(t *testing.T) {
	f := newFixture(t)
	var want []string
	for i := range 12 {
		for _, form := range []string{"dt=%02d/a", "dt=%02d/b", "top%02d"} {
			want = append(want, fmt.Sprintf(form, i))
			f.put(want[len(want)-1], "x")
		}
	}
	slices.Sort(want)
	var got []string
	pages := s3.NewListObjectsV2Paginator(f.Client, &s3.ListObjectsV2Input{Bucket: aws.String(bucket), MaxKeys: aws.Int32(7), FetchOwner: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(f.ctx)
		f.ok(err)
		for _, o := range page.Contents {
			got = append(got, *o.Key)
			if *o.Size != 1 || *o.ETag != `"9dd4e461268c8034f5c8564e155c67a6"` || o.Owner == nil || o.StorageClass != "STANDARD" || time.Since(*o.LastModified) > time.Minute {
				t.Errorf("described as %+v", o)
			}
		}
		f.equal("key count", int(*page.KeyCount), len(page.Contents))
	}
	f.equal("v2", got, want)

	folded := func(in s3.ListObjectsV2Input) (all []string) {
		in.Bucket = aws.String(bucket)
		pages := s3.NewListObjectsV2Paginator(f.Client, &in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(f.ctx)
			f.ok(err)
			for _, p := range page.CommonPrefixes {
				all = append(all, *p.Prefix+"*")
			}
			for _, o := range page.Contents {
				all = append(all, *o.Key)
			}
		}
		return all
	}
	var roots []string
	for i := range 12 {
		roots = append(roots, fmt.Sprintf("dt=%02d/*", i))
	}
	for i := range 12 {
		roots = append(roots, fmt.Sprintf("top%02d", i))
	}
	for _, size := range []int32{1, 5, 1000} {
		f.equal("folded", folded(s3.ListObjectsV2Input{Delimiter: aws.String("/"), MaxKeys: &size}), roots)
	}
	f.equal("prefix", folded(s3.ListObjectsV2Input{Delimiter: aws.String("/"), Prefix: aws.String("dt=03/")}), []string{"dt=03/a", "dt=03/b"})
	f.equal("start after", folded(s3.ListObjectsV2Input{StartAfter: aws.String("top09")}), []string{"top10", "top11"})
	f.equal("nothing", folded(s3.ListObjectsV2Input{Prefix: aws.String("x")}), []string(nil))

	got = nil
	in := &s3.ListObjectsInput{Bucket: aws.String(bucket), MaxKeys: aws.Int32(5), Delimiter: aws.String("/")}
	for more := true; more; {
		page, err := f.ListObjects(f.ctx, in)
		f.ok(err)
		for _, p := range page.CommonPrefixes {
			got = append(got, *p.Prefix+"*")
		}
		for _, o := range page.Contents {
			got = append(got, *o.Key)
		}
		more, in.Marker = *page.IsTruncated, page.NextMarker
	}
	f.equal("v1", got, roots)

	versions, err := f.ListObjectVersions(f.ctx, &s3.ListObjectVersionsInput{Bucket: aws.String(bucket), Prefix: aws.String("dt=00/")})
	f.ok(err)
	f.equal("versions", []any{len(versions.Versions), *versions.Versions[0].Key, *versions.Versions[0].VersionId, *versions.Versions[0].IsLatest}, []any{2, "dt=00/a", "null", true})
	page, err := f.ListObjectsV2(f.ctx, &s3.ListObjectsV2Input{Bucket: aws.String(bucket), MaxKeys: aws.Int32(0)})
	f.ok(err)
	f.equal("a page of none", []any{*page.KeyCount, *page.IsTruncated}, []any{int32(0), false})
	_, err = f.ListObjectsV2(f.ctx, &s3.ListObjectsV2Input{Bucket: aws.String(bucket), ContinuationToken: aws.String("?!")})
	f.fails(err, "InvalidArgument", 400)
	_, err = f.ListObjectsV2(f.ctx, &s3.ListObjectsV2Input{Bucket: aws.String("missing")})
	f.fails(err, "NoSuchBucket", 404)
	f.raw(http.MethodGet, "/the-bucket?max-keys=-1", "", 400, "InvalidArgument")
	f.raw(http.MethodGet, "/the-bucket?encoding-type=x", "", 400, "InvalidArgument")
}

func TestDelete(t *testing.T) {
	f := newFixture(t)
	for _, key := range []string{"a", "b/c", "b/d", "e"} {
		f.put(key, key)
	}
	for range 2 {
		_, err := f.DeleteObject(f.ctx, &s3.DeleteObjectInput{Bucket: aws.String(bucket), Key: aws.String("a")})
		f.ok(err)
	}
	ids := func(keys ...string) *types.Delete {
		d := &types.Delete{}
		for _, key := range keys {
			d.Objects = append(d.Objects, types.ObjectIdentifier{Key: &key})
		}
		return d
	}
	out, err := f.DeleteObjects(f.ctx, &s3.DeleteObjectsInput{Bucket: aws.String(bucket), Delete: ids("b/c", "missing", strings.Repeat("k", 1025))})
	f.ok(err)
	f.equal("deleted", []any{len(out.Deleted), *out.Deleted[1].Key, len(out.Errors), *out.Errors[0].Code}, []any{2, "missing", 1, "KeyTooLongError"})
	quiet := ids("b/d")
	quiet.Quiet = aws.Bool(true)
	out, err = f.DeleteObjects(f.ctx, &s3.DeleteObjectsInput{Bucket: aws.String(bucket), Delete: quiet})
	f.ok(err)
	f.equal("quiet", len(out.Deleted), 0)
	list, err := f.ListObjectsV2(f.ctx, &s3.ListObjectsV2Input{Bucket: aws.String(bucket)})
	f.ok(err)
	f.equal("left", []any{len(list.Contents), *list.Contents[0].Key}, []any{1, "e"})
	_, err = f.DeleteObjects(f.ctx, &s3.DeleteObjectsInput{Bucket: aws.String("missing"), Delete: ids("k")})
	f.fails(err, "NoSuchBucket", 404)
	f.raw(http.MethodPost, "/the-bucket?delete", "<Delete>", 400, "MalformedXML")
	f.raw(http.MethodPost, "/the-bucket?delete", "<Delete></Delete>", 400, "MalformedXML")
	f.raw(http.MethodPost, "/the-bucket?delete", "<Delete><Object><Key>e</Key></Object></Delete>", 400, "BadDigest", "Content-Md5", "XrY7u+Ae7tCTyyK7j1rNww==")
	f.raw(http.MethodHead, "/the-bucket/e", "", 200, "")
}

func TestCopy(t *testing.T) {
	f := newFixture(t)
	_, err := f.CreateBucket(f.ctx, &s3.CreateBucketInput{Bucket: aws.String("second")})
	f.ok(err)
	_, err = f.PutObject(f.ctx, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String("from é+"), Body: strings.NewReader("text"), ContentType: aws.String("text/plain"), CacheControl: aws.String("no-cache"), Metadata: map[string]string{"k": "v"}})
	f.ok(err)
	source := aws.String(bucket + "/from%20%C3%A9%2B")
	out, err := f.CopyObject(f.ctx, &s3.CopyObjectInput{Bucket: aws.String("second"), Key: aws.String("to"), CopySource: source, Metadata: map[string]string{"not": "taken"}})
	f.ok(err)
	f.equal("copy", *out.CopyObjectResult.ETag, `"1cb251ec0d568de6a929b520c4aed8d1"`)
	if out.CopyObjectResult.ChecksumCRC32 == nil || out.CopyObjectResult.LastModified == nil {
		t.Errorf("copied as %+v", out.CopyObjectResult)
	}
	head := func(b, key string) []any {
		t.Helper()
		o, err := f.HeadObject(f.ctx, &s3.HeadObjectInput{Bucket: &b, Key: &key})
		f.ok(err)
		return []any{*o.ContentLength, *o.ContentType, aws.ToString(o.CacheControl), o.Metadata}
	}
	f.equal("description", head("second", "to"), []any{int64(4), "text/plain", "no-cache", map[string]string{"k": "v"}})
	_, err = f.CopyObject(f.ctx, &s3.CopyObjectInput{Bucket: aws.String(bucket), Key: aws.String("from é+"), CopySource: source})
	f.fails(err, "InvalidRequest", 400)
	_, err = f.CopyObject(f.ctx, &s3.CopyObjectInput{Bucket: aws.String(bucket), Key: aws.String("from é+"), CopySource: source, MetadataDirective: types.MetadataDirectiveReplace, ContentType: aws.String("x/y"), Metadata: map[string]string{"new": "1"}})
	f.ok(err)
	f.equal("replaced", head(bucket, "from é+"), []any{int64(4), "x/y", "", map[string]string{"new": "1"}})

	copyTo := func(in s3.CopyObjectInput) error {
		in.Bucket, in.Key = aws.String(bucket), aws.String("to")
		if in.CopySource == nil {
			in.CopySource = source
		}
		_, err := f.CopyObject(f.ctx, &in)
		return err
	}
	f.fails(copyTo(s3.CopyObjectInput{CopySource: aws.String(bucket + "/missing")}), "NoSuchKey", 404)
	f.fails(copyTo(s3.CopyObjectInput{CopySource: aws.String("missing/k")}), "NoSuchBucket", 404)
	f.fails(copyTo(s3.CopyObjectInput{CopySource: aws.String("nothing")}), "InvalidArgument", 400)
	f.fails(copyTo(s3.CopyObjectInput{CopySourceIfMatch: aws.String(`"x"`)}), "PreconditionFailed", 412)
	f.fails(copyTo(s3.CopyObjectInput{CopySourceIfNoneMatch: out.CopyObjectResult.ETag}), "PreconditionFailed", 412)
	f.fails(copyTo(s3.CopyObjectInput{CopySourceIfUnmodifiedSince: aws.Time(time.Now().Add(-time.Hour))}), "PreconditionFailed", 412)
	f.ok(copyTo(s3.CopyObjectInput{CopySourceIfMatch: out.CopyObjectResult.ETag}))
	text, _ := f.get(&s3.GetObjectInput{Key: aws.String("to")})
	f.equal("bytes", text, "text")
}

func noise(seed uint64, n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(seed)})
	_, _ = r.Read(b)
	return b
}

func TestMultipart(t *testing.T) {
	f := newFixture(t)
	big := noise(1, 5<<20+1000)
	f.put("source", string(big))
	for _, c := range []struct {
		algorithm types.ChecksumAlgorithm
		kind      types.ChecksumType
	}{{"", ""}, {types.ChecksumAlgorithmCrc32, ""}, {types.ChecksumAlgorithmCrc32, types.ChecksumTypeFullObject}, {types.ChecksumAlgorithmCrc64nvme, ""}, {types.ChecksumAlgorithmSha256, types.ChecksumTypeComposite}} {
		begun, err := f.CreateMultipartUpload(f.ctx, &s3.CreateMultipartUploadInput{Bucket: aws.String(bucket), Key: aws.String("d/big"), ContentType: aws.String("x/y"), Metadata: map[string]string{"k": "v"}, ChecksumAlgorithm: c.algorithm, ChecksumType: c.kind})
		f.ok(err)
		one, err := f.UploadPart(f.ctx, &s3.UploadPartInput{Bucket: aws.String(bucket), Key: aws.String("d/big"), UploadId: begun.UploadId, PartNumber: aws.Int32(1), Body: bytes.NewReader(big), ChecksumAlgorithm: c.algorithm})
		f.ok(err)
		two, err := f.UploadPartCopy(f.ctx, &s3.UploadPartCopyInput{Bucket: aws.String(bucket), Key: aws.String("d/big"), UploadId: begun.UploadId, PartNumber: aws.Int32(2), CopySource: aws.String(bucket + "/source"), CopySourceRange: aws.String("bytes=10-5242889")})
		f.ok(err)
		three, err := f.UploadPart(f.ctx, &s3.UploadPartInput{Bucket: aws.String(bucket), Key: aws.String("d/big"), UploadId: begun.UploadId, PartNumber: aws.Int32(7), Body: strings.NewReader("end"), ChecksumAlgorithm: c.algorithm})
		f.ok(err)
		parts, err := f.ListParts(f.ctx, &s3.ListPartsInput{Bucket: aws.String(bucket), Key: aws.String("d/big"), UploadId: begun.UploadId, MaxParts: aws.Int32(2)})
		f.ok(err)
		f.equal("parts", []any{len(parts.Parts), *parts.Parts[1].Size, *parts.Parts[0].ETag, *parts.IsTruncated, *parts.NextPartNumberMarker}, []any{2, int64(5 << 20), *one.ETag, true, "2"})
		uploads, err := f.ListMultipartUploads(f.ctx, &s3.ListMultipartUploadsInput{Bucket: aws.String(bucket), Prefix: aws.String("d/")})
		f.ok(err)
		f.equal("uploads", []any{len(uploads.Uploads), *uploads.Uploads[0].UploadId}, []any{1, *begun.UploadId})

		done := []types.CompletedPart{
			{PartNumber: aws.Int32(1), ETag: one.ETag, ChecksumCRC32: one.ChecksumCRC32, ChecksumSHA256: one.ChecksumSHA256, ChecksumCRC64NVME: one.ChecksumCRC64NVME},
			{PartNumber: aws.Int32(2), ETag: two.CopyPartResult.ETag}, {PartNumber: aws.Int32(7), ETag: three.ETag}}
		complete := func(in s3.CompleteMultipartUploadInput) (*s3.CompleteMultipartUploadOutput, error) {
			in.Bucket, in.Key, in.UploadId = aws.String(bucket), aws.String("d/big"), begun.UploadId
			in.MultipartUpload = &types.CompletedMultipartUpload{Parts: done}
			return f.CompleteMultipartUpload(f.ctx, &in)
		}
		_, err = complete(s3.CompleteMultipartUploadInput{MpuObjectSize: aws.Int64(1)})
		f.fails(err, "InvalidRequest", 400)
		if c.algorithm == types.ChecksumAlgorithmCrc32 {
			done[2].ChecksumCRC32 = aws.String("AAAAAA==")
			_, err = complete(s3.CompleteMultipartUploadInput{})
			f.fails(err, "InvalidPart", 400)
			done[2].ChecksumCRC32 = nil
			_, err = complete(s3.CompleteMultipartUploadInput{ChecksumCRC32: aws.String("AAAAAA==")})
			f.fails(err, "BadDigest", 400)
		}
		out, err := complete(s3.CompleteMultipartUploadInput{})
		f.ok(err)
		want := string(big) + string(big[10:5242890]) + "end"
		got, o := f.get(&s3.GetObjectInput{Key: aws.String("d/big"), ChecksumMode: types.ChecksumModeEnabled}) // the SDK checks full-object sums
		f.equal("bytes", got == want, true)
		f.equal("description", []any{*o.ETag, *o.ContentType, o.Metadata, strings.HasSuffix(*o.ETag, `-3"`)}, []any{*out.ETag, "x/y", map[string]string{"k": "v"}, true})
		if sum := aws.ToString(o.ChecksumCRC32) + aws.ToString(o.ChecksumCRC64NVME) + aws.ToString(o.ChecksumSHA256); sum == "" || strings.HasSuffix(sum, "-3") != (o.ChecksumType == types.ChecksumTypeComposite) {
			t.Errorf("%+v: checksum %q of type %s", c, sum, o.ChecksumType)
		}
		if text, _ := f.get(&s3.GetObjectInput{Key: aws.String("d/big"), Range: aws.String("bytes=5243870-5243889")}); text != want[5243870:5243890] {
			t.Error("a range over two parts is wrong")
		}
	}
}

func TestMultipartFails(t *testing.T) {
	f := newFixture(t)
	begun, err := f.CreateMultipartUpload(f.ctx, &s3.CreateMultipartUploadInput{Bucket: aws.String(bucket), Key: aws.String("k")})
	f.ok(err)
	upload := func(number int32, text, id string) (*s3.UploadPartOutput, error) {
		return f.UploadPart(f.ctx, &s3.UploadPartInput{Bucket: aws.String(bucket), Key: aws.String("k"), UploadId: &id, PartNumber: &number, Body: strings.NewReader(text)})
	}
	one, err := upload(1, "one", *begun.UploadId)
	f.ok(err)
	two, err := upload(2, "two", *begun.UploadId)
	f.ok(err)
	_, err = upload(10001, "x", *begun.UploadId)
	f.fails(err, "InvalidArgument", 400)
	_, err = upload(1, "x", "no-such-upload")
	f.fails(err, "NoSuchUpload", 404)
	complete := func(parts ...types.CompletedPart) error {
		_, err := f.CompleteMultipartUpload(f.ctx, &s3.CompleteMultipartUploadInput{Bucket: aws.String(bucket), Key: aws.String("k"), UploadId: begun.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts}})
		return err
	}
	part := func(number int32, etag *string) types.CompletedPart {
		return types.CompletedPart{PartNumber: &number, ETag: etag}
	}
	f.fails(complete(part(1, one.ETag), part(2, two.ETag)), "EntityTooSmall", 400)
	f.fails(complete(part(2, two.ETag), part(1, one.ETag)), "InvalidPartOrder", 400)
	f.fails(complete(part(3, two.ETag)), "InvalidPart", 400)
	f.fails(complete(), "MalformedXML", 400)
	_, err = f.CreateMultipartUpload(f.ctx, &s3.CreateMultipartUploadInput{Bucket: aws.String(bucket), Key: aws.String("k"), ChecksumAlgorithm: types.ChecksumAlgorithmSha1, ChecksumType: types.ChecksumTypeFullObject})
	f.fails(err, "InvalidRequest", 400)
	abort := &s3.AbortMultipartUploadInput{Bucket: aws.String(bucket), Key: aws.String("k"), UploadId: begun.UploadId}
	_, err = f.AbortMultipartUpload(f.ctx, abort)
	f.ok(err)
	_, err = f.AbortMultipartUpload(f.ctx, abort)
	f.fails(err, "NoSuchUpload", 404)
	_, err = f.HeadObject(f.ctx, &s3.HeadObjectInput{Bucket: aws.String(bucket), Key: aws.String("k")})
	f.fails(err, "NotFound", 404)
}

func TestLifecycle(t *testing.T) {
	f := newFixture(t)
	get := func() (*s3.GetBucketLifecycleConfigurationOutput, error) {
		return f.GetBucketLifecycleConfiguration(f.ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: aws.String(bucket)})
	}
	_, err := get()
	f.fails(err, "NoSuchLifecycleConfiguration", 404)
	rules := []types.LifecycleRule{{ID: aws.String("old"), Status: types.ExpirationStatusEnabled, Filter: &types.LifecycleRuleFilter{Prefix: aws.String("data/")}, Expiration: &types.LifecycleExpiration{Days: aws.Int32(30)}}}
	_, err = f.PutBucketLifecycleConfiguration(f.ctx, &s3.PutBucketLifecycleConfigurationInput{Bucket: aws.String(bucket), LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: rules}})
	f.ok(err)
	got, err := get()
	f.ok(err)
	f.equal("rules", []any{len(got.Rules), *got.Rules[0].ID, *got.Rules[0].Expiration.Days, *got.Rules[0].Filter.Prefix, got.TransitionDefaultMinimumObjectSize},
		[]any{1, "old", int32(30), "data/", types.TransitionDefaultMinimumObjectSizeAllStorageClasses128k})
	_, err = f.DeleteBucketLifecycle(f.ctx, &s3.DeleteBucketLifecycleInput{Bucket: aws.String(bucket)})
	f.ok(err)
	_, err = get()
	f.fails(err, "NoSuchLifecycleConfiguration", 404)
	f.raw(http.MethodPut, "/the-bucket?lifecycle", "<LifecycleConfiguration><Rule><Status>Maybe</Status></Rule></LifecycleConfiguration>", 400, "MalformedXML")
}

func TestPresigned(t *testing.T) {
	f := newFixture(t)
	presign := s3.NewPresignClient(f.Client)
	put, err := presign.PresignPutObject(f.ctx, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String("a b")})
	f.ok(err)
	r, err := http.NewRequest(put.Method, put.URL, strings.NewReader("by link"))
	f.ok(err)
	for name, values := range put.SignedHeader {
		r.Header[name] = values
	}
	response, err := http.DefaultClient.Do(r)
	f.ok(err)
	_ = response.Body.Close()
	f.equal("put", response.StatusCode, 200)
	get, err := presign.PresignGetObject(f.ctx, &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String("a b")})
	f.ok(err)
	for url, want := range map[string]string{get.URL: "by link", strings.Replace(get.URL, "a%20b", "other", 1): "SignatureDoesNotMatch"} {
		response, err := http.Get(url)
		f.ok(err)
		text, err := io.ReadAll(response.Body)
		f.ok(err)
		_ = response.Body.Close()
		if !strings.Contains(string(text), want) {
			t.Errorf("%s gives %s", url, text)
		}
	}
}

// A body that breaks off stores nothing.
func TestBrokenBody(t *testing.T) {
	f := newFixture(t)
	handler := s3api.New(s3api.Config{Store: f.store})
	r := httptest.NewRequest(http.MethodPut, "/the-bucket/k", io.MultiReader(strings.NewReader("half"), &brokenReader{}))
	r.ContentLength = 8
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if w.Code != 400 || !strings.Contains(w.Body.String(), "<Code>IncompleteBody</Code>") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	f.raw(http.MethodGet, "/the-bucket/k", "", 404, "NoSuchKey")
}

type brokenReader struct{}

func (*brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
