package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	fh "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// demoRole is what AWS wants to know where services act for each other; loglake takes any.
const demoRole = "arn:aws:iam::000000000000:role/demo"

// branch is one way from the log group to a table: filter, delivery stream, folder of the bucket.
type branch struct {
	stream  string
	filter  string // pattern
	columns []column
}

func (b branch) table() string  { return strings.ReplaceAll(b.stream, "-", "_") }
func (b branch) prefix() string { return b.stream + "/" }

// branchesFor gives the ways that the lines of a source go: all of them to one table, and the failures to another where
// the lines have a status.
func branchesFor(from source) []branch {
	branches := []branch{{stream: "server-logs", columns: from.columns}}
	if hasColumns(from.columns, "status_code") {
		branches = append(branches, branch{
			stream: "error-logs", filter: "{ $.status_code >= 500 }", columns: slices.Concat(from.columns, from.more),
		})
	}
	return branches
}

func hasColumns(columns []column, names ...string) bool {
	for _, name := range names {
		if !slices.ContainsFunc(columns, func(c column) bool { return c.name == name }) {
			return false
		}
	}
	return true
}

// setUp makes bucket, log group, tables, delivery streams and filters, as anybody would on AWS.
func (s *story) setUp(ctx context.Context, from source) error {
	s.branches = branchesFor(from)
	if _, err := s.s3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(demoBucket)}); err != nil {
		return err
	}
	if _, err := s.logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(demoGroup)}); err != nil {
		return err
	}
	_, err := s.logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{
		LogGroupName: aws.String(demoGroup), LogStreamName: aws.String(demoStream),
	})
	if err != nil {
		return err
	}
	for _, b := range s.branches {
		if err := s.lay(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// lay makes a branch from its end to its beginning.
func (s *story) lay(ctx context.Context, b branch) error {
	if _, err := s.execute(ctx, b.ddl()); err != nil {
		return err
	}
	made, err := s.firehose.CreateDeliveryStream(ctx, b.declaration())
	if err != nil {
		return err
	}
	_, err = s.logs.PutSubscriptionFilter(ctx, &cloudwatchlogs.PutSubscriptionFilterInput{
		LogGroupName: aws.String(demoGroup), FilterName: aws.String("to-" + b.stream), FilterPattern: aws.String(b.filter),
		DestinationArn: made.DeliveryStreamARN, RoleArn: aws.String(demoRole),
	})
	return err
}

// ddl declares the branch's table.
func (b branch) ddl() string {
	columns := make([]string, len(b.columns))
	for i, c := range b.columns {
		columns[i] = "`" + c.name + "` " + c.kind
	}
	return fmt.Sprintf("CREATE EXTERNAL TABLE %s (\n  %s\n)\nPARTITIONED BY (%s STRING)\nSTORED AS PARQUET\nLOCATION 's3://%s/%s'",
		b.table(), strings.Join(columns, ",\n  "), partitionKey, demoBucket, b.prefix())
}

// declaration declares the branch's delivery stream: what a subscription sends is unzipped, taken apart into messages,
// and converted by the table's schema.
func (b branch) declaration() *firehose.CreateDeliveryStreamInput {
	set := func(name fh.ProcessorParameterName, value string) []fh.ProcessorParameter {
		return []fh.ProcessorParameter{{ParameterName: name, ParameterValue: aws.String(value)}}
	}
	return &firehose.CreateDeliveryStreamInput{
		DeliveryStreamName: aws.String(b.stream),
		ExtendedS3DestinationConfiguration: &fh.ExtendedS3DestinationConfiguration{
			RoleARN: aws.String(demoRole), BucketARN: aws.String("arn:aws:s3:::" + demoBucket),
			Prefix:            aws.String(b.prefix() + partitionKey + "=!{timestamp:yyyy-MM-dd}/"),
			ErrorOutputPrefix: aws.String("rejects/" + b.prefix() + "!{firehose:error-output-type}/"),
			BufferingHints:    &fh.BufferingHints{SizeInMBs: aws.Int32(128), IntervalInSeconds: aws.Int32(300)},
			ProcessingConfiguration: &fh.ProcessingConfiguration{Enabled: aws.Bool(true), Processors: []fh.Processor{
				{Type: fh.ProcessorTypeDecompression, Parameters: set(fh.ProcessorParameterNameCompressionFormat, "GZIP")},
				{Type: fh.ProcessorTypeCloudWatchLogProcessing, Parameters: set(fh.ProcessorParameterNameDataMessageExtraction, "true")},
			}},
			DataFormatConversionConfiguration: &fh.DataFormatConversionConfiguration{
				Enabled: aws.Bool(true),
				SchemaConfiguration: &fh.SchemaConfiguration{
					RoleARN: aws.String(demoRole), DatabaseName: aws.String("default"), TableName: aws.String(b.table()),
				},
				InputFormatConfiguration: &fh.InputFormatConfiguration{Deserializer: &fh.Deserializer{OpenXJsonSerDe: &fh.OpenXJsonSerDe{}}},
				OutputFormatConfiguration: &fh.OutputFormatConfiguration{Serializer: &fh.Serializer{
					ParquetSerDe: &fh.ParquetSerDe{Compression: "ZSTD"}, // AWS has SNAPPY and GZIP only
				}},
			},
		},
	}
}
