package crash

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	firehosetypes "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// What there is. The streams of the same names as tables write into them; grouped and direct both into logs.
const (
	bucket   = "crash-bucket"
	database = "crash"

	group      = "/crash/api"     // subscribed by grouped, routed into copies
	copies     = "/crash/copies"  //
	aging      = "/crash/aging"   // some of its events expire
	counted    = "/crash/counted" // subscribed by ordered
	capturing  = "/crash/captured"
	backfilled = "/crash/put"

	grouped = "grouped"
	direct  = "direct"
	days    = "days" // rows by their own time
	ordered = "ordered"

	role = "arn:aws:iam::000000000000:role/loglake"
)

var streams = []string{grouped, direct, days, ordered}

// setUp makes what the load works on.
func (l *load) setUp() {
	l.t.Helper()
	l.connect()
	ctx, cancel := context.WithTimeout(context.Background(), 2*callMax)
	defer cancel()
	must := func(_ any, err error) {
		l.t.Helper()
		if err != nil {
			l.t.Fatal(err)
		}
	}
	must(l.s3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(bucket)}))
	must(l.glue.CreateDatabase(ctx, &glue.CreateDatabaseInput{DatabaseInput: &gluetypes.DatabaseInput{Name: aws.String(database)}}))
	for _, name := range []string{"logs", days, ordered} {
		must(l.glue.CreateTable(ctx, &glue.CreateTableInput{DatabaseName: aws.String(database), TableInput: table(name, 0)}))
	}
	for _, stream := range streams {
		in := &firehose.CreateDeliveryStreamInput{DeliveryStreamName: aws.String(stream), ExtendedS3DestinationConfiguration: destination(stream)}
		if stream == days {
			in.Tags = []firehosetypes.Tag{{Key: aws.String("loglake:partition-by"), Value: aws.String("timestamp")}}
		}
		must(l.firehose.CreateDeliveryStream(ctx, in))
	}
	for name, writers := range map[string]int{group: logWriters, copies: 0, aging: 1, counted: 1, capturing: 0, backfilled: 0} {
		must(l.logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &name}))
		for i := range writers {
			stream := fmt.Sprint("w", i)
			if writers == 1 {
				stream = "w"
			}
			must(l.logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &name, LogStreamName: &stream}))
		}
	}
	must(nil, l.subscribe(ctx, 0))
	must(nil, l.route(ctx, 0))
	must(nil, l.filter(ctx, counted, "all", "", streamARN(ordered)))
	for _, name := range []string{"columns logs", "columns " + days, "compression " + grouped, "compression " + direct, "compression " + days, "compression " + ordered} {
		value, err := l.setting(ctx, name)
		must(nil, err)
		l.settings.may[name] = []string{value}
	}
}

func streamARN(name string) string {
	return "arn:aws:firehose:us-east-1:000000000000:deliverystream/" + name
}

// location is where the rows of a table lie.
func location(table string) string {
	return map[string]string{"logs": "data/"}[table] + map[string]string{days: "days/", ordered: "ordered/"}[table]
}

// table is a table, in one of two versions.
func table(name string, version int) *gluetypes.TableInput {
	columns := []gluetypes.Column{
		{Name: aws.String("timestamp"), Type: aws.String("timestamp")}, {Name: aws.String("id"), Type: aws.String("string")},
		{Name: aws.String("level"), Type: aws.String("string")}, {Name: aws.String("n"), Type: aws.String("int")},
	}
	if version%2 == 1 {
		columns = append(columns, gluetypes.Column{Name: aws.String("extra"), Type: aws.String("string")})
	}
	return &gluetypes.TableInput{
		Name: &name, TableType: aws.String("EXTERNAL_TABLE"),
		PartitionKeys: []gluetypes.Column{{Name: aws.String("dt"), Type: aws.String("string")}},
		StorageDescriptor: &gluetypes.StorageDescriptor{
			Location: aws.String("s3://" + bucket + "/" + location(name)), Columns: columns,
			InputFormat:  aws.String("org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"),
			OutputFormat: aws.String("org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"),
			SerdeInfo:    &gluetypes.SerDeInfo{SerializationLibrary: aws.String("org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe")},
		},
	}
}

// destination converts by the stream's table.
func destination(stream string) *firehosetypes.ExtendedS3DestinationConfiguration {
	to := stream
	if stream == grouped || stream == direct {
		to = "logs"
	}
	d := &firehosetypes.ExtendedS3DestinationConfiguration{
		RoleARN: aws.String(role), BucketARN: aws.String("arn:aws:s3:::" + bucket),
		Prefix:            aws.String(location(to) + "dt=!{timestamp:yyyy-MM-dd}/"),
		ErrorOutputPrefix: aws.String("errors/!{firehose:error-output-type}/"),
		BufferingHints:    &firehosetypes.BufferingHints{SizeInMBs: aws.Int32(64), IntervalInSeconds: aws.Int32(1)},
		DataFormatConversionConfiguration: &firehosetypes.DataFormatConversionConfiguration{
			Enabled:                  aws.Bool(true),
			SchemaConfiguration:      &firehosetypes.SchemaConfiguration{RoleARN: aws.String(role), DatabaseName: aws.String(database), TableName: &to},
			InputFormatConfiguration: &firehosetypes.InputFormatConfiguration{Deserializer: &firehosetypes.Deserializer{OpenXJsonSerDe: &firehosetypes.OpenXJsonSerDe{}}},
			OutputFormatConfiguration: &firehosetypes.OutputFormatConfiguration{
				Serializer: &firehosetypes.Serializer{ParquetSerDe: &firehosetypes.ParquetSerDe{}},
			},
		},
	}
	if stream == grouped || stream == ordered {
		d.ProcessingConfiguration = &firehosetypes.ProcessingConfiguration{Enabled: aws.Bool(true), Processors: []firehosetypes.Processor{
			{Type: firehosetypes.ProcessorTypeDecompression, Parameters: []firehosetypes.ProcessorParameter{
				{ParameterName: firehosetypes.ProcessorParameterNameCompressionFormat, ParameterValue: aws.String("GZIP")}}},
			{Type: firehosetypes.ProcessorTypeCloudWatchLogProcessing, Parameters: []firehosetypes.ProcessorParameter{
				{ParameterName: firehosetypes.ProcessorParameterNameDataMessageExtraction, ParameterValue: aws.String("true")}}},
		}}
	}
	return d
}
