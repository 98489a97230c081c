package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	hose "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	glued "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

const (
	region   = "us-east-1"
	role     = "arn:aws:iam::000000000000:role/firehose"
	table    = "web"
	interval = 900 // seconds: flushes come by size, and at the end
)

// lake is the server under load and what the load made in it.
type lake struct {
	o    options
	keys aws.Credentials
	logs *logs.Client
	hose *firehose.Client
	glue *glue.Client
	s3   *s3.Client
	sql  *athena.Client
}

func newLake(o options) *lake {
	keys := aws.Credentials{AccessKeyID: env("LOGLAKE_ACCESS_KEY_ID"), SecretAccessKey: env("LOGLAKE_SECRET_ACCESS_KEY")}
	config := aws.Config{
		Region: region, BaseEndpoint: &o.endpoint,
		Credentials: credentials.NewStaticCredentialsProvider(keys.AccessKeyID, keys.SecretAccessKey, ""),
	}
	return &lake{
		o: o, keys: keys, logs: logs.NewFromConfig(config), hose: firehose.NewFromConfig(config), glue: glue.NewFromConfig(config),
		s3: s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true }), sql: athena.NewFromConfig(config),
	}
}

// env gives the half of a key pair that the server has too; one without key pairs takes any.
func env(name string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return "load"
}

func (l *lake) group(i int) string { return fmt.Sprintf("%s/%d", l.o.name, i) }
func (l *lake) hosed(i int) string { return fmt.Sprintf("%s-%d", l.o.name, i) }

// create makes the groups, and with -stream a table, and for each group a delivery stream to it.
func (l *lake) create(ctx context.Context) error {
	if l.o.stream {
		if err := l.createTable(ctx); err != nil {
			return err
		}
	}
	for i := range l.o.groups {
		group := aws.String(l.group(i))
		if _, err := l.logs.CreateLogGroup(ctx, &logs.CreateLogGroupInput{LogGroupName: group}); err != nil {
			return err
		}
		for w := range l.o.writers {
			if !l.o.writes(w, i) {
				continue
			}
			_, err := l.logs.CreateLogStream(ctx, &logs.CreateLogStreamInput{LogGroupName: group, LogStreamName: aws.String(streamName(w))})
			if err != nil {
				return err
			}
		}
		if !l.o.stream {
			continue
		}
		if err := l.createStream(ctx, i); err != nil {
			return err
		}
		if err := l.createFilter(ctx, i); err != nil {
			return err
		}
	}
	if l.o.soak > 0 {
		return l.createStream(ctx, l.o.groups) // for records that are put directly
	}
	return nil
}

func (l *lake) createTable(ctx context.Context) error {
	if _, err := l.s3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &l.o.name}); err != nil {
		return err
	}
	if _, err := l.glue.CreateDatabase(ctx, &glue.CreateDatabaseInput{DatabaseInput: &glued.DatabaseInput{Name: &l.o.name}}); err != nil {
		return err
	}
	of := make([]glued.Column, len(columns))
	for i, c := range columns {
		of[i] = glued.Column{Name: aws.String(c[0]), Type: aws.String(c[1])}
	}
	_, err := l.glue.CreateTable(ctx, &glue.CreateTableInput{DatabaseName: &l.o.name, TableInput: &glued.TableInput{
		Name: aws.String(table), TableType: aws.String("EXTERNAL_TABLE"),
		PartitionKeys: []glued.Column{{Name: aws.String("dt"), Type: aws.String("string")}},
		StorageDescriptor: &glued.StorageDescriptor{
			Columns: of, Location: aws.String("s3://" + l.o.name + "/data/"),
			InputFormat:  aws.String("org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"),
			OutputFormat: aws.String("org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"),
			SerdeInfo:    &glued.SerDeInfo{SerializationLibrary: aws.String("org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe")},
		},
	}})
	return err
}

// createStream makes delivery stream i: decompression and message extraction where a group is to feed it, zstd Parquet.
func (l *lake) createStream(ctx context.Context, i int) error {
	_, err := l.hose.CreateDeliveryStream(ctx, &firehose.CreateDeliveryStreamInput{
		DeliveryStreamName: aws.String(l.hosed(i)),
		ExtendedS3DestinationConfiguration: &hose.ExtendedS3DestinationConfiguration{
			RoleARN: aws.String(role), BucketARN: aws.String("arn:aws:s3:::" + l.o.name),
			Prefix:            aws.String("data/dt=!{timestamp:yyyy-MM-dd}/"),
			ErrorOutputPrefix: aws.String("errors/!{firehose:error-output-type}/"),
			BufferingHints:    &hose.BufferingHints{SizeInMBs: aws.Int32(int32(l.o.bufferMB)), IntervalInSeconds: aws.Int32(interval)},
			ProcessingConfiguration: &hose.ProcessingConfiguration{Enabled: aws.Bool(i < l.o.groups), Processors: []hose.Processor{
				{Type: hose.ProcessorTypeDecompression, Parameters: []hose.ProcessorParameter{
					{ParameterName: hose.ProcessorParameterNameCompressionFormat, ParameterValue: aws.String("GZIP")}}},
				{Type: hose.ProcessorTypeCloudWatchLogProcessing, Parameters: []hose.ProcessorParameter{
					{ParameterName: hose.ProcessorParameterNameDataMessageExtraction, ParameterValue: aws.String("true")}}},
			}},
			DataFormatConversionConfiguration: &hose.DataFormatConversionConfiguration{
				Enabled:                  aws.Bool(true),
				SchemaConfiguration:      &hose.SchemaConfiguration{RoleARN: aws.String(role), DatabaseName: &l.o.name, TableName: aws.String(table)},
				InputFormatConfiguration: &hose.InputFormatConfiguration{Deserializer: &hose.Deserializer{OpenXJsonSerDe: &hose.OpenXJsonSerDe{}}},
				OutputFormatConfiguration: &hose.OutputFormatConfiguration{Serializer: &hose.Serializer{
					ParquetSerDe: &hose.ParquetSerDe{Compression: hose.ParquetCompression("ZSTD")}}},
			},
		},
	})
	return err
}

// createFilter has group i feed delivery stream i.
func (l *lake) createFilter(ctx context.Context, i int) error {
	_, err := l.logs.PutSubscriptionFilter(ctx, &logs.PutSubscriptionFilterInput{
		LogGroupName: aws.String(l.group(i)), FilterName: aws.String("all"), FilterPattern: aws.String(""),
		DestinationArn: aws.String("arn:aws:firehose:" + region + ":000000000000:deliverystream/" + l.hosed(i)), RoleArn: aws.String(role),
	})
	return err
}

// flush has every delivery stream commit what was put to it.
func (l *lake) flush(ctx context.Context) error {
	for i := range l.o.groups {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, l.o.native+"/v1/streams/"+l.hosed(i)+"/flush", nil)
		if err != nil {
			return err
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		said, err := io.ReadAll(answer.Body)
		if err = errors.Join(err, answer.Body.Close()); err != nil {
			return err
		}
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("flush was answered %s: %s", answer.Status, said)
		}
	}
	return nil
}

// report prints what the load became.
func (l *lake) report(ctx context.Context, out io.Writer, f *fleet, took time.Duration) error {
	var objects, bytes int64
	pages := s3.NewListObjectsV2Paginator(l.s3, &s3.ListObjectsV2Input{Bucket: &l.o.name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, o := range page.Contents {
			objects++
			bytes += *o.Size
		}
	}
	events := float64(f.sent.Load())
	fmt.Fprintf(out, "committed: %d objects, %.1f bytes per row beside %.1f raw, after %.2f s = %.0f events/s\n",
		objects, float64(bytes)/events, float64(f.raw.Load())/events, took.Seconds(), events/took.Seconds())
	return nil
}
