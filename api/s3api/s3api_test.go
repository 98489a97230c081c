package s3api_test

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
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
	"github.com/loglake/loglake/internal/disk"
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
	dir, err := store.OpenDir(store.DirConfig{FS: disk.NewCrashable(), Root: "/lake"}) // in memory: these tests are not about the disk
	if err != nil {
		t.Fatal(err)
	}
	return fixtureOf(t, dir, func(r *http.Request, err error) { t.Errorf("%s %s: %v", r.Method, r.URL, err) })
}

func fixtureOf(t *testing.T, on store.Store, onError func(*http.Request, error)) *fixture {
	t.Helper()
	handler := s3api.New(s3api.Config{Store: on, Home: loglake.Home{Account: "123456789012", Region: "us-east-1"}, OnError: onError})
	verifier := sigv4.New(sigv4.Config{Keys: map[string]string{"AKID": "SECRET"}, Region: "us-east-1"})
	server := httptest.NewServer(front.New(front.Config{S3: handler, Verifier: verifier}))
	t.Cleanup(server.Close)
	f := &fixture{T: t, ctx: t.Context(), url: server.URL, store: on, Client: s3.New(s3.Options{Region: "us-east-1", BaseEndpoint: &server.URL, UsePathStyle: true,
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported, ResponseChecksumValidation: aws.ResponseChecksumValidationWhenSupported, // as LoadDefaultConfig has it
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""), RetryMaxAttempts: 1})}
	_, err := f.CreateBucket(f.ctx, &s3.CreateBucketInput{Bucket: aws.String(bucket)})
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
	for _, target := range []string{"PUT /the-bucket?versioning", "PUT /the-bucket?policy", "PUT /the-bucket?acl", "PUT /the-bucket/k?tagging", "PUT /the-bucket/k?acl", "GET /the-bucket/k?attributes",
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
