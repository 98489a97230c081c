package crash

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	athenatypes "github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	firehosetypes "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// setUp makes what the load works on.
func (l *load) setUp() {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), callMax)
	defer cancel()
	must := func(_ any, err error) {
		l.t.Helper()
		if err != nil {
			l.t.Fatal(err)
		}
	}
	must(l.s3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(bucket)}))
	must(l.glue.CreateDatabase(ctx, &glue.CreateDatabaseInput{DatabaseInput: &gluetypes.DatabaseInput{Name: aws.String(database)}}))
	must(l.glue.CreateTable(ctx, &glue.CreateTableInput{DatabaseName: aws.String(database), TableInput: table(0)}))
	for _, stream := range []string{grouped, direct} {
		must(l.firehose.CreateDeliveryStream(ctx, &firehose.CreateDeliveryStreamInput{
			DeliveryStreamName: aws.String(stream), ExtendedS3DestinationConfiguration: destination(stream),
		}))
	}
	must(l.logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(group)}))
	for i := range logWriters {
		must(l.logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: aws.String(group), LogStreamName: aws.String(fmt.Sprint("w", i))}))
	}
	must(nil, l.subscribe(ctx, 0))
}

// table is the table, in one of two versions.
func table(version int) *gluetypes.TableInput {
	columns := []gluetypes.Column{
		{Name: aws.String("timestamp"), Type: aws.String("timestamp")}, {Name: aws.String("id"), Type: aws.String("string")},
		{Name: aws.String("level"), Type: aws.String("string")}, {Name: aws.String("n"), Type: aws.String("int")},
	}
	if version%2 == 1 {
		columns = append(columns, gluetypes.Column{Name: aws.String("extra"), Type: aws.String("string")})
	}
	return &gluetypes.TableInput{
		Name: aws.String("logs"), TableType: aws.String("EXTERNAL_TABLE"),
		PartitionKeys: []gluetypes.Column{{Name: aws.String("dt"), Type: aws.String("string")}},
		StorageDescriptor: &gluetypes.StorageDescriptor{
			Location: aws.String("s3://" + bucket + "/data/"), Columns: columns,
			InputFormat:  aws.String("org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"),
			OutputFormat: aws.String("org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"),
			SerdeInfo:    &gluetypes.SerDeInfo{SerializationLibrary: aws.String("org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe")},
		},
	}
}

// destination converts by the table. Both streams write under its location.
func destination(stream string) *firehosetypes.ExtendedS3DestinationConfiguration {
	d := &firehosetypes.ExtendedS3DestinationConfiguration{
		RoleARN: aws.String(role), BucketARN: aws.String("arn:aws:s3:::" + bucket),
		Prefix:            aws.String("data/dt=!{timestamp:yyyy-MM-dd}/"),
		ErrorOutputPrefix: aws.String("errors/!{firehose:error-output-type}/"),
		BufferingHints:    &firehosetypes.BufferingHints{SizeInMBs: aws.Int32(64), IntervalInSeconds: aws.Int32(1)},
		DataFormatConversionConfiguration: &firehosetypes.DataFormatConversionConfiguration{
			Enabled:                  aws.Bool(true),
			SchemaConfiguration:      &firehosetypes.SchemaConfiguration{RoleARN: aws.String(role), DatabaseName: aws.String(database), TableName: aws.String("logs")},
			InputFormatConfiguration: &firehosetypes.InputFormatConfiguration{Deserializer: &firehosetypes.Deserializer{OpenXJsonSerDe: &firehosetypes.OpenXJsonSerDe{}}},
			OutputFormatConfiguration: &firehosetypes.OutputFormatConfiguration{
				Serializer: &firehosetypes.Serializer{ParquetSerDe: &firehosetypes.ParquetSerDe{}},
			},
		},
	}
	if stream == grouped {
		d.ProcessingConfiguration = &firehosetypes.ProcessingConfiguration{Enabled: aws.Bool(true), Processors: []firehosetypes.Processor{
			{Type: firehosetypes.ProcessorTypeDecompression, Parameters: []firehosetypes.ProcessorParameter{
				{ParameterName: firehosetypes.ProcessorParameterNameCompressionFormat, ParameterValue: aws.String("GZIP")}}},
			{Type: firehosetypes.ProcessorTypeCloudWatchLogProcessing, Parameters: []firehosetypes.ProcessorParameter{
				{ParameterName: firehosetypes.ProcessorParameterNameDataMessageExtraction, ParameterValue: aws.String("true")}}},
		}}
	}
	return d
}

// subscribe makes or replaces the filter; all its patterns mean the same to the load's events.
func (l *load) subscribe(ctx context.Context, i int) error {
	pattern := []string{`{ $.level = "INFO" }`, `{ $.level != "DEBUG" }`}[i%2]
	_, err := l.logs.PutSubscriptionFilter(ctx, &cloudwatchlogs.PutSubscriptionFilterInput{
		LogGroupName: aws.String(group), FilterName: aws.String(filterName), FilterPattern: aws.String(pattern), RoleArn: aws.String(role),
		DestinationArn: aws.String("arn:aws:firehose:us-east-1:000000000000:deliverystream/" + grouped),
	})
	return err
}

// change changes a setting, each time another.
func (l *load) change(ctx context.Context, i int) error {
	switch i % 4 {
	case 0:
		return l.updateDestination(ctx, []string{direct, grouped}[i/4%2], i)
	case 1:
		_, err := l.glue.UpdateTable(ctx, &glue.UpdateTableInput{DatabaseName: aws.String(database), TableInput: table(i/4 + 1)})
		return err
	case 2:
		_, err := l.logs.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{
			LogGroupName: aws.String(group), RetentionInDays: aws.Int32([]int32{1, 3, 7}[i/4%3]),
		})
		return err
	default:
		return l.subscribe(ctx, i/4+1)
	}
}

func (l *load) updateDestination(ctx context.Context, stream string, i int) error {
	is, err := l.firehose.DescribeDeliveryStream(ctx, &firehose.DescribeDeliveryStreamInput{DeliveryStreamName: &stream})
	if err != nil {
		return err
	}
	d := destination(stream)
	d.DataFormatConversionConfiguration.OutputFormatConfiguration.Serializer.ParquetSerDe.Compression =
		[]firehosetypes.ParquetCompression{firehosetypes.ParquetCompressionGzip, firehosetypes.ParquetCompressionSnappy}[i/8%2]
	_, err = l.firehose.UpdateDestination(ctx, &firehose.UpdateDestinationInput{
		DeliveryStreamName: &stream, CurrentDeliveryStreamVersionId: is.DeliveryStreamDescription.VersionId,
		DestinationId: is.DeliveryStreamDescription.Destinations[0].DestinationId,
		ExtendedS3DestinationUpdate: &firehosetypes.ExtendedS3DestinationUpdate{
			DataFormatConversionConfiguration: d.DataFormatConversionConfiguration,
		},
	})
	return err
}

// result is what a query gave.
type result struct {
	failure string     // why it failed; "" where it did not
	values  [][]string // of the first page, without the header
	output  string     // key of the CSV
}

// sql runs a query over Athena's wire to its end.
func (l *load) sql(ctx context.Context, text string) (r result, err error) {
	started, err := l.athena.StartQueryExecution(ctx, &athena.StartQueryExecutionInput{
		QueryString: &text, QueryExecutionContext: &athenatypes.QueryExecutionContext{Database: aws.String(database)},
		ResultConfiguration: &athenatypes.ResultConfiguration{OutputLocation: aws.String("s3://" + bucket + "/results/")},
	})
	if err != nil {
		return r, err
	}
	ask := time.NewTicker(10 * time.Millisecond)
	defer ask.Stop()
	for {
		out, err := l.athena.GetQueryExecution(ctx, &athena.GetQueryExecutionInput{QueryExecutionId: started.QueryExecutionId})
		if err != nil {
			return r, err
		}
		switch status := out.QueryExecution.Status; status.State {
		case athenatypes.QueryExecutionStateFailed, athenatypes.QueryExecutionStateCancelled:
			r.failure = string(status.State) + " " + aws.ToString(status.StateChangeReason)
			return r, nil
		case athenatypes.QueryExecutionStateSucceeded:
			r.output = "results/" + *started.QueryExecutionId + ".csv"
			r.values, err = l.values(ctx, *started.QueryExecutionId)
			return r, err
		}
		<-ask.C
	}
}

func (l *load) values(ctx context.Context, id string) (values [][]string, err error) {
	page, err := l.athena.GetQueryResults(ctx, &athena.GetQueryResultsInput{QueryExecutionId: &id})
	if err != nil {
		return nil, err
	}
	for _, row := range page.ResultSet.Rows[1:] {
		var v []string
		for _, d := range row.Data {
			v = append(v, aws.ToString(d.VarCharValue))
		}
		values = append(values, v)
	}
	return values, nil
}
