package s3api_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

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
