package s3api_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// A client that puts the bucket into the host name, as SDKs do by themselves, finds it there.
func TestVirtualHosts(t *testing.T) {
	addr := strings.TrimPrefix(serve(t), "http://")
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	// *.localhost resolves to this machine on many systems; here on all.
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, addr)
	}}}
	for _, endpoint := range []string{"http://localhost:" + port, "http://s3.localhost:" + port} {
		for _, pathStyle := range []bool{true, false} {
			c := s3.New(s3.Options{
				Region: "us-east-1", BaseEndpoint: &endpoint, HTTPClient: client, UsePathStyle: pathStyle,
				Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""),
			})
			bucket := aws.String("my-bucket")
			if _, err := c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: bucket}); err != nil && !strings.Contains(err.Error(), "BucketAlreadyOwnedByYou") {
				t.Fatalf("%s, path style %v: %v", endpoint, pathStyle, err)
			}
			if _, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: aws.String("data"), Body: strings.NewReader("bytes")}); err != nil {
				t.Fatalf("%s, path style %v: %v", endpoint, pathStyle, err)
			}
			got, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: aws.String("data")})
			if err != nil {
				t.Fatal(err)
			}
			if b, err := io.ReadAll(got.Body); err != nil || string(b) != "bytes" {
				t.Errorf("got %q, %v", b, err)
			}
			buckets, err := c.ListBuckets(t.Context(), &s3.ListBucketsInput{})
			if err != nil || len(buckets.Buckets) != 1 || *buckets.Buckets[0].Name != "my-bucket" {
				t.Errorf("%s, path style %v: buckets are %v, %v", endpoint, pathStyle, buckets, err)
			}
		}
	}
}
