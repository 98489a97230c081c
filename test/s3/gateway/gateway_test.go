package gateway_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/loglake/loglake/test/s3/gateway"
)

func client(url string) *s3.Client {
	return s3.New(s3.Options{
		BaseEndpoint: &url, UsePathStyle: true, Region: "us-east-1", RetryMaxAttempts: 1,
		HTTPClient:  &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, // or it repeats by itself what meets a reset
		Credentials: credentials.NewStaticCredentialsProvider(gateway.AccessKey, gateway.SecretKey, ""),
	})
}

// TestFaultsOfProxy has a put and a get meet each fault: what the client sees and what the server did are as the fault says.
func TestFaultsOfProxy(t *testing.T) {
	g := gateway.Start(t)
	p := g.Proxy(t)
	p.Delay = time.Millisecond
	ctx, direct, through := t.Context(), client(g.URL), client(p.URL)
	if _, err := direct.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("b-1")}); err != nil {
		t.Fatal(err)
	}
	text := bytes.Repeat([]byte("0123456789abcdef"), 1<<13)
	for _, f := range gateway.Faults() {
		ctx, cancel := context.WithTimeout(ctx, time.Second) // for the one that never answers
		done := f == gateway.Delayed || f == gateway.CutAnswer || f == gateway.Truncated || f == gateway.Lost || f == gateway.Silent
		p.Fail(gateway.Rule{Class: "PutObject", Fault: f})
		_, err := through.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("b-1"), Key: aws.String(string(f)), Body: bytes.NewReader(text)})
		if (err == nil) != (f == gateway.Delayed) {
			t.Errorf("put, %s: %v", f, err)
		}
		cancel()
		head, err := direct.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("b-1"), Key: aws.String(string(f))})
		if (err == nil) != done {
			t.Errorf("put, %s: on the server: %v", f, err)
		}
		if err == nil && *head.ContentLength != int64(len(text)) {
			t.Errorf("put, %s: %d bytes are on the server", f, *head.ContentLength)
		}
	}
	for _, f := range gateway.Faults() {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		p.Fail(gateway.Rule{Class: "GetObject", Fault: f})
		var got []byte
		out, err := through.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("b-1"), Key: aws.String(string(gateway.Lost))})
		if err == nil {
			got, err = io.ReadAll(out.Body)
		}
		if (err == nil) != (f == gateway.Delayed) || err == nil && !bytes.Equal(got, text) {
			t.Errorf("get, %s: %d bytes, %v", f, len(got), err)
		}
		cancel()
	}
	if n := p.Heal(); n != 2*len(gateway.Faults()) {
		t.Errorf("%d requests met a fault", n)
	}
	p.Down()
	if _, err := through.ListBuckets(t.Context(), &s3.ListBucketsInput{}); err == nil {
		t.Error("a proxy that is down answers")
	}
	if err := p.Up(); err != nil {
		t.Fatal(err)
	}
	if _, err := through.ListBuckets(t.Context(), &s3.ListBucketsInput{}); err != nil {
		t.Error("up again: ", err)
	}
	if n := p.Counts()["ListBuckets"]; n != 1 {
		t.Errorf("%d requests of ListBuckets were counted", n)
	}
}
