package main

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/loglake/loglake/client"
)

// direct times what capture replaces: an application that calls PutRecord within each request.
func (b *bench) direct(ctx context.Context, requests int) (measured, error) {
	m := measured{name: "PutRecord in the request, 200-800 ms away"}
	near, err := client.New(client.Config{Endpoint: b.server})
	if err != nil {
		return m, err
	}
	if _, err := near.S3().CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("latency")}); err != nil {
		return m, err
	}
	if _, err := near.Firehose().CreateDeliveryStream(ctx, &firehose.CreateDeliveryStreamInput{DeliveryStreamName: aws.String("latency"),
		ExtendedS3DestinationConfiguration: &types.ExtendedS3DestinationConfiguration{
			RoleARN: aws.String("arn:aws:iam::000000000000:role/firehose"), BucketARN: aws.String("arn:aws:s3:::latency")}}); err != nil {
		return m, err
	}
	far, err := client.New(client.Config{Endpoint: b.slow})
	if err != nil {
		return m, err
	}
	c, record := far.Firehose(), &types.Record{Data: []byte(strings.Repeat("x", b.load.Bytes-1) + "\n")}
	const threads = 16
	var mu sync.Mutex // guards m and problems
	var problems []error
	var all sync.WaitGroup
	for range threads {
		all.Go(func() {
			for range requests / threads {
				begin := time.Now()
				_, err := c.PutRecord(ctx, &firehose.PutRecordInput{DeliveryStreamName: aws.String("latency"), Record: record})
				took := time.Since(begin)
				mu.Lock()
				m.histogram.add(took)
				if err != nil {
					problems = append(problems, err)
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return m, errors.Join(problems...)
}
