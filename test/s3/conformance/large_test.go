package conformance_test

import (
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/layout"
	"github.com/loglake/loglake/store"
	"github.com/loglake/loglake/test/s3/gateway"
)

// TestLargeFile puts a file that goes up in parts, twice, over what an earlier try of it and somebody else left half-way.
func TestLargeFile(t *testing.T) {
	for name, start := range map[string]func(*testing.T) string{"own face": face, "real server": func(t *testing.T) string { return gateway.Start(t).URL }} {
		t.Run(name, func(t *testing.T) { largeFile(t, start(t)) })
	}
}

func largeFile(t *testing.T, endpoint string) {
	const bytes = 70<<20 + 5
	text := make([]byte, bytes)
	random := rand.NewChaCha8([32]byte{3})
	_, _ = random.Read(text) // it does not fail
	path := filepath.Join(t.TempDir(), "staged")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.WriteFile(path, text, 0o600))
	o := store.PutFileOptions{Bytes: bytes, CRC32C: crc32.Checksum(text, crc32.MakeTable(crc32.Castagnoli)), ContentType: "text/plain", Metadata: map[string]string{"k": "v"}}
	key := layout.FormatKey("data/", layout.Name{Stream: "s", Version: "1", Arrival: time.Unix(0, 0).UTC(),
		Provenance: layout.Provenance{Producer: 1, Batch: 1, Part: 1, Parts: 1}, Extension: ".parquet"})

	st := open(t, endpoint)
	must(st.CreateBucket(t.Context(), "bucket"))
	client := s3.New(s3.Options{Region: "us-east-1", BaseEndpoint: &endpoint, UsePathStyle: true, Credentials: credentials.NewStaticCredentialsProvider(gateway.AccessKey, gateway.SecretKey, "")})
	for _, k := range []string{key, "data/another"} {
		_, err := client.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: aws.String("bucket"), Key: &k})
		must(err)
	}
	for range 2 { // the second time it is there
		must(st.PutFile(t.Context(), "bucket", key, path, o))
	}
	uploads, err := client.ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: aws.String("bucket")})
	must(err)
	left := []string{}
	for _, u := range uploads.Uploads {
		left = append(left, aws.ToString(u.Key))
	}
	if d := cmp.Diff([]string{"data/another"}, left); d != "" {
		t.Errorf("uploads that are left: %s", d)
	}
	got, err := st.Stat(t.Context(), "bucket", key)
	must(err)
	if got.Bytes != bytes || got.ContentType != "text/plain" || got.Metadata["k"] != "v" {
		t.Errorf("described as %+v", got)
	}
	local, err := st.Local(t.Context(), "bucket", got)
	must(err)
	defer local.Release()
	must(local.Fetch(t.Context(), store.Span{From: 0, To: bytes}))
	there, err := os.ReadFile(local.Path)
	must(err)
	if crc32.Checksum(there, crc32.MakeTable(crc32.Castagnoli)) != o.CRC32C {
		t.Error("other bytes are there")
	}
	text[1<<20] ^= 1
	must(os.WriteFile(path, text, 0o600))
	if err := st.PutFile(t.Context(), "bucket", key, path, o); err == nil {
		t.Error("a file that is not what it should be was put")
	}
	o.CRC32C = crc32.Checksum(text, crc32.MakeTable(crc32.Castagnoli))
	if err := st.PutFile(t.Context(), "bucket", key, path, o); loglake.CodeOf(err) != loglake.CodeExists {
		t.Errorf("another file under the key gives %v", err)
	}
}
