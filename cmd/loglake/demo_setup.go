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

// pipe is one way from the log group to a table: filter, delivery stream, folder of the bucket.
type pipe struct {
	stream  string
	filter  string // pattern
	columns []column
}

func (p pipe) table() string  { return strings.ReplaceAll(p.stream, "-", "_") }
func (p pipe) prefix() string { return p.stream + "/" }

// pipesFor gives the ways that the lines of a source go: all of them to one table, and the failures to another where
// the lines have a status.
func pipesFor(from source) []pipe {
	pipes := []pipe{{stream: "server-logs", columns: from.columns}}
	if hasColumns(from.columns, "status_code") {
		pipes = append(pipes, pipe{
			stream: "error-logs", filter: "{ $.status_code >= 500 }", columns: slices.Concat(from.columns, from.more),
		})
	}
	return pipes
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
	s.pipes = pipesFor(from)
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
	for _, p := range s.pipes {
		if err := s.lay(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// lay makes a pipe from its end to its beginning.
func (s *story) lay(ctx context.Context, p pipe) error {
	if _, err := s.execute(ctx, p.ddl()); err != nil {
		return err
	}
	made, err := s.firehose.CreateDeliveryStream(ctx, p.declaration())
	if err != nil {
		return err
	}
	_, err = s.logs.PutSubscriptionFilter(ctx, &cloudwatchlogs.PutSubscriptionFilterInput{
		LogGroupName: aws.String(demoGroup), FilterName: aws.String("to-" + p.stream), FilterPattern: aws.String(p.filter),
		DestinationArn: made.DeliveryStreamARN, RoleArn: aws.String(demoRole),
	})
	return err
}

// ddl declares the pipe's table.
func (p pipe) ddl() string {
	columns := make([]string, len(p.columns))
	for i, c := range p.columns {
		columns[i] = "`" + c.name + "` " + c.kind
	}
	return fmt.Sprintf("CREATE EXTERNAL TABLE %s (\n  %s\n)\nPARTITIONED BY (%s STRING)\nSTORED AS PARQUET\nLOCATION 's3://%s/%s'",
		p.table(), strings.Join(columns, ",\n  "), partitionKey, demoBucket, p.prefix())
}

// declaration declares the pipe's delivery stream: what a subscription sends is unzipped, taken apart into messages,
// and converted by the table's schema.
func (p pipe) declaration() *firehose.CreateDeliveryStreamInput {
	set := func(name fh.ProcessorParameterName, value string) []fh.ProcessorParameter {
		return []fh.ProcessorParameter{{ParameterName: name, ParameterValue: aws.String(value)}}
	}
	return &firehose.CreateDeliveryStreamInput{
		DeliveryStreamName: aws.String(p.stream),
		ExtendedS3DestinationConfiguration: &fh.ExtendedS3DestinationConfiguration{
			RoleARN: aws.String(demoRole), BucketARN: aws.String("arn:aws:s3:::" + demoBucket),
			Prefix:            aws.String(p.prefix() + partitionKey + "=!{timestamp:yyyy-MM-dd}/"),
			ErrorOutputPrefix: aws.String("rejects/" + p.prefix() + "!{firehose:error-output-type}/"),
			BufferingHints:    &fh.BufferingHints{SizeInMBs: aws.Int32(128), IntervalInSeconds: aws.Int32(300)},
			ProcessingConfiguration: &fh.ProcessingConfiguration{Enabled: aws.Bool(true), Processors: []fh.Processor{
				{Type: fh.ProcessorTypeDecompression, Parameters: set(fh.ProcessorParameterNameCompressionFormat, "GZIP")},
				{Type: fh.ProcessorTypeCloudWatchLogProcessing, Parameters: set(fh.ProcessorParameterNameDataMessageExtraction, "true")},
			}},
			DataFormatConversionConfiguration: &fh.DataFormatConversionConfiguration{
				Enabled: aws.Bool(true),
				SchemaConfiguration: &fh.SchemaConfiguration{
					RoleARN: aws.String(demoRole), DatabaseName: aws.String("default"), TableName: aws.String(p.table()),
				},
				InputFormatConfiguration: &fh.InputFormatConfiguration{Deserializer: &fh.Deserializer{OpenXJsonSerDe: &fh.OpenXJsonSerDe{}}},
				OutputFormatConfiguration: &fh.OutputFormatConfiguration{Serializer: &fh.Serializer{
					ParquetSerDe: &fh.ParquetSerDe{Compression: "ZSTD"}, // AWS has SNAPPY and GZIP only
				}},
			},
		},
	}
}
