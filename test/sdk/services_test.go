package sdk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	athenatypes "github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	firehosetypes "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"
)

func TestLogs(t *testing.T) {
	ctx := t.Context()
	c := cloudwatchlogs.NewFromConfig(serve(t).config())
	group, now := aws.String("/sdk/api"), time.Now().UnixMilli()
	must(c.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group, Tags: map[string]string{"team": "a"}}))(t)
	const streams, perStream = 3, 25
	for s := range streams {
		name := aws.String(fmt.Sprintf("i-%d", s))
		must(c.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: name}))(t)
		var events []logstypes.InputLogEvent
		for i := range perStream {
			events = append(events, logstypes.InputLogEvent{Timestamp: aws.Int64(now + int64(i)), Message: aws.String(fmt.Sprintf(`{"s":%d,"i":%d}`, s, i))})
		}
		must(c.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: name, LogEvents: events}))(t)
	}
	must(c.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("/sdk/other")}))(t)

	var groups, names, filtered, got []string
	for p := cloudwatchlogs.NewDescribeLogGroupsPaginator(c, &cloudwatchlogs.DescribeLogGroupsInput{Limit: aws.Int32(1)}); p.HasMorePages(); {
		for _, g := range must(p.NextPage(ctx))(t).LogGroups {
			groups = append(groups, *g.LogGroupName)
		}
	}
	for p := cloudwatchlogs.NewDescribeLogStreamsPaginator(c, &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: group, Limit: aws.Int32(2)}); p.HasMorePages(); {
		for _, s := range must(p.NextPage(ctx))(t).LogStreams {
			names = append(names, *s.LogStreamName)
		}
	}
	for p := cloudwatchlogs.NewFilterLogEventsPaginator(c, &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: group, FilterPattern: aws.String(`{ $.i = 7 }`), Limit: aws.Int32(1),
	}); p.HasMorePages(); {
		for _, e := range must(p.NextPage(ctx))(t).Events {
			filtered = append(filtered, *e.LogStreamName+" "+*e.Message)
		}
	}
	for p := cloudwatchlogs.NewGetLogEventsPaginator(c, &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: group, LogStreamName: aws.String("i-1"), StartFromHead: aws.Bool(true), Limit: aws.Int32(10),
	}, func(o *cloudwatchlogs.GetLogEventsPaginatorOptions) { o.StopOnDuplicateToken = true }); p.HasMorePages(); {
		for _, e := range must(p.NextPage(ctx))(t).Events {
			got = append(got, *e.Message)
		}
	}
	slices.Sort(filtered)
	var want []string
	for i := range perStream {
		want = append(want, fmt.Sprintf(`{"s":1,"i":%d}`, i))
	}
	for _, d := range []string{
		cmp.Diff([]string{"/sdk/api", "/sdk/other"}, groups), cmp.Diff([]string{"i-0", "i-1", "i-2"}, names),
		cmp.Diff([]string{`i-0 {"s":0,"i":7}`, `i-1 {"s":1,"i":7}`, `i-2 {"s":2,"i":7}`}, filtered), cmp.Diff(want, got),
	} {
		if d != "" {
			t.Error(d)
		}
	}

	_, err := c.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group})
	wantCode(t, err, "ResourceAlreadyExistsException")
	_, err = c.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: aws.String("none"),
		LogEvents: []logstypes.InputLogEvent{{Timestamp: &now, Message: aws.String("m")}}})
	wantCode(t, err, "ResourceNotFoundException")
	_, err = c.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: aws.String("i-0"),
		LogEvents: []logstypes.InputLogEvent{{Timestamp: aws.Int64(now + 1), Message: aws.String("m")}, {Timestamp: &now, Message: aws.String("m")}}})
	wantCode(t, err, "InvalidParameterException")
	tags := must(c.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: aws.String("arn:aws:logs:us-east-1:000000000000:log-group:/sdk/api")}))(t)
	if tags.Tags["team"] != "a" {
		t.Errorf("tags are %v", tags.Tags)
	}
}

const role = "arn:aws:iam::000000000000:role/firehose"

// story makes a bucket, a table and a stream that delivers into it.
func (l *lake) story(ctx context.Context, t *testing.T) *firehose.Client {
	t.Helper()
	must(l.s3().CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("lake")}))(t)
	must(glue.NewFromConfig(l.config()).CreateTable(ctx, &glue.CreateTableInput{DatabaseName: aws.String("default"), TableInput: table("logs", "s3://lake/data/")}))(t)
	f := firehose.NewFromConfig(l.config())
	made := must(f.CreateDeliveryStream(ctx, &firehose.CreateDeliveryStreamInput{
		DeliveryStreamName: aws.String("direct"),
		ExtendedS3DestinationConfiguration: &firehosetypes.ExtendedS3DestinationConfiguration{
			RoleARN: aws.String(role), BucketARN: aws.String("arn:aws:s3:::lake"), Prefix: aws.String("data/dt=!{timestamp:yyyy-MM-dd}/"),
			ErrorOutputPrefix: aws.String("errors/!{firehose:error-output-type}/"),
			DataFormatConversionConfiguration: &firehosetypes.DataFormatConversionConfiguration{
				Enabled:             aws.Bool(true),
				SchemaConfiguration: &firehosetypes.SchemaConfiguration{RoleARN: aws.String(role), DatabaseName: aws.String("default"), TableName: aws.String("logs")},
				InputFormatConfiguration: &firehosetypes.InputFormatConfiguration{
					Deserializer: &firehosetypes.Deserializer{OpenXJsonSerDe: &firehosetypes.OpenXJsonSerDe{}}},
				OutputFormatConfiguration: &firehosetypes.OutputFormatConfiguration{
					Serializer: &firehosetypes.Serializer{ParquetSerDe: &firehosetypes.ParquetSerDe{Compression: firehosetypes.ParquetCompressionSnappy}}},
			},
		},
	}))(t)
	if want := "arn:aws:firehose:us-east-1:000000000000:deliverystream/direct"; *made.DeliveryStreamARN != want {
		t.Errorf("the stream is %s, want %s", *made.DeliveryStreamARN, want)
	}
	return f
}

func table(name, location string) *gluetypes.TableInput {
	return &gluetypes.TableInput{
		Name: &name, TableType: aws.String("EXTERNAL_TABLE"),
		PartitionKeys: []gluetypes.Column{{Name: aws.String("dt"), Type: aws.String("string")}},
		StorageDescriptor: &gluetypes.StorageDescriptor{
			Columns:      []gluetypes.Column{{Name: aws.String("id"), Type: aws.String("string")}, {Name: aws.String("n"), Type: aws.String("bigint")}},
			Location:     &location,
			InputFormat:  aws.String("org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"),
			OutputFormat: aws.String("org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"),
			SerdeInfo:    &gluetypes.SerDeInfo{SerializationLibrary: aws.String("org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe")},
		},
	}
}

// flush closes a stream's batch and gives the keys written.
func (l *lake) flush(t *testing.T, stream string) (keys []string) {
	t.Helper()
	response, err := http.Post(l.HTTP+"/v1/streams/"+stream+"/flush", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var out struct{ Objects []struct{ Key string } }
	if err := json.NewDecoder(response.Body).Decode(&out); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("flush: %s %v", response.Status, err)
	}
	for _, o := range out.Objects {
		keys = append(keys, o.Key)
	}
	return keys
}

// sql runs a statement and gives its rows without the header, and the execution.
func (l *lake) sql(t *testing.T, text string) ([][]string, *athenatypes.QueryExecution) {
	t.Helper()
	ctx, c := t.Context(), athena.NewFromConfig(l.config())
	id := must(c.StartQueryExecution(ctx, &athena.StartQueryExecutionInput{QueryString: &text,
		ResultConfiguration: &athenatypes.ResultConfiguration{OutputLocation: aws.String("s3://lake/results/")}}))(t).QueryExecutionId
	var x *athenatypes.QueryExecution
	eventually(t, text, func(ctx context.Context) bool {
		x = must(c.GetQueryExecution(ctx, &athena.GetQueryExecutionInput{QueryExecutionId: id}))(t).QueryExecution
		return x.Status.State != athenatypes.QueryExecutionStateQueued && x.Status.State != athenatypes.QueryExecutionStateRunning
	})
	if x.Status.State != athenatypes.QueryExecutionStateSucceeded {
		return nil, x
	}
	var rows [][]string
	for p := athena.NewGetQueryResultsPaginator(c, &athena.GetQueryResultsInput{QueryExecutionId: id, MaxResults: aws.Int32(500)}); p.HasMorePages(); {
		for _, r := range must(p.NextPage(ctx))(t).ResultSet.Rows {
			var row []string
			for _, d := range r.Data {
				row = append(row, aws.ToString(d.VarCharValue))
			}
			rows = append(rows, row)
		}
	}
	if x.StatementType == athenatypes.StatementTypeDml {
		rows = rows[1:]
	}
	return rows, x
}

func TestFirehoseToAthena(t *testing.T) {
	ctx, l := t.Context(), serve(t)
	f := l.story(ctx, t)
	const records = 1200 // three pages of results
	for from := 0; from < records; from += 400 {
		var batch []firehosetypes.Record
		for i := from; i < from+400; i++ {
			batch = append(batch, firehosetypes.Record{Data: []byte(fmt.Sprintf(`{"id":"r-%04d","n":%d}`, i, i))})
		}
		out := must(f.PutRecordBatch(ctx, &firehose.PutRecordBatchInput{DeliveryStreamName: aws.String("direct"), Records: batch}))(t)
		if *out.FailedPutCount != 0 || len(out.RequestResponses) != 400 || out.RequestResponses[0].RecordId == nil {
			t.Fatalf("the batch was answered with %d failures, %d responses", *out.FailedPutCount, len(out.RequestResponses))
		}
	}
	hot, _ := l.sql(t, "SELECT count(*), sum(n) FROM logs")
	if keys := l.flush(t, "direct"); len(keys) != 1 {
		t.Errorf("flush wrote %v", keys)
	}
	cold, _ := l.sql(t, "SELECT count(*), sum(n) FROM logs")
	if want := [][]string{{"1200", "719400"}}; cmp.Diff(want, hot) != "" || cmp.Diff(want, cold) != "" {
		t.Errorf("before the flush %v, after it %v, want %v", hot, cold, want)
	}
	rows, x := l.sql(t, "SELECT id FROM logs ORDER BY id")
	if len(rows) != records || rows[0][0] != "r-0000" || rows[records-1][0] != "r-1199" {
		t.Errorf("%d rows", len(rows))
	}
	if *x.Statistics.DataScannedInBytes <= 0 || *x.Statistics.TotalExecutionTimeInMillis < 0 || x.Status.CompletionDateTime == nil {
		t.Errorf("statistics %+v", x.Statistics)
	}
	_, x = l.sql(t, "SELECT id FROM logs WHERE n = 'one'")
	if x.Status.State != athenatypes.QueryExecutionStateFailed || !strings.Contains(*x.Status.StateChangeReason, "TYPE_MISMATCH") {
		t.Errorf("a mistake gives %s, %s", x.Status.State, aws.ToString(x.Status.StateChangeReason))
	}

	described := must(f.DescribeDeliveryStream(ctx, &firehose.DescribeDeliveryStreamInput{DeliveryStreamName: aws.String("direct")}))(t).DeliveryStreamDescription
	update := &firehose.UpdateDestinationInput{DeliveryStreamName: aws.String("direct"), CurrentDeliveryStreamVersionId: described.VersionId,
		DestinationId:               described.Destinations[0].DestinationId,
		ExtendedS3DestinationUpdate: &firehosetypes.ExtendedS3DestinationUpdate{BufferingHints: &firehosetypes.BufferingHints{SizeInMBs: aws.Int32(128), IntervalInSeconds: aws.Int32(120)}}}
	must(f.UpdateDestination(ctx, update))(t)
	_, err := f.UpdateDestination(ctx, update)
	wantCode(t, err, "ConcurrentModificationException")
	_, err = f.PutRecord(ctx, &firehose.PutRecordInput{DeliveryStreamName: aws.String("none"), Record: &firehosetypes.Record{Data: []byte("x")}})
	wantCode(t, err, "ResourceNotFoundException")
	_, err = f.PutRecord(ctx, &firehose.PutRecordInput{DeliveryStreamName: aws.String("direct"), Record: &firehosetypes.Record{Data: make([]byte, 1000<<10+1)}})
	wantCode(t, err, "ValidationException")
	must(f.DeleteDeliveryStream(ctx, &firehose.DeleteDeliveryStreamInput{DeliveryStreamName: aws.String("direct")}))(t)
	_, err = f.DescribeDeliveryStream(ctx, &firehose.DescribeDeliveryStreamInput{DeliveryStreamName: aws.String("direct")})
	wantCode(t, err, "ResourceNotFoundException")
}

func TestGlue(t *testing.T) {
	ctx := t.Context()
	c := glue.NewFromConfig(serve(t).config())
	must(c.CreateDatabase(ctx, &glue.CreateDatabaseInput{DatabaseInput: &gluetypes.DatabaseInput{Name: aws.String("shop")}}))(t)
	for i := range 5 {
		must(c.CreateTable(ctx, &glue.CreateTableInput{DatabaseName: aws.String("shop"), TableInput: table(fmt.Sprintf("t%d", i), "s3://lake/t/")}))(t)
	}
	var names []string
	for p := glue.NewGetTablesPaginator(c, &glue.GetTablesInput{DatabaseName: aws.String("shop"), MaxResults: aws.Int32(2)}); p.HasMorePages(); {
		for _, tb := range must(p.NextPage(ctx))(t).TableList {
			names = append(names, *tb.Name)
		}
	}
	var inputs []gluetypes.PartitionInput
	for day := range 30 {
		inputs = append(inputs, gluetypes.PartitionInput{Values: []string{fmt.Sprintf("2025-01-%02d", day+1)}, StorageDescriptor: table("", "s3://lake/t/p/").StorageDescriptor})
	}
	if out := must(c.BatchCreatePartition(ctx, &glue.BatchCreatePartitionInput{DatabaseName: aws.String("shop"), TableName: aws.String("t0"), PartitionInputList: inputs}))(t); len(out.Errors) > 0 {
		t.Errorf("partitions: %v", out.Errors)
	}
	var values []string
	for p := glue.NewGetPartitionsPaginator(c, &glue.GetPartitionsInput{DatabaseName: aws.String("shop"), TableName: aws.String("t0"),
		Expression: aws.String("dt between '2025-01-05' and '2025-01-15'"), MaxResults: aws.Int32(4)}); p.HasMorePages(); {
		for _, partition := range must(p.NextPage(ctx))(t).Partitions {
			values = append(values, partition.Values[0])
		}
	}
	slices.Sort(values)
	if d := cmp.Diff([]string{"t0", "t1", "t2", "t3", "t4"}, names); d != "" || len(values) != 11 || values[0] != "2025-01-05" {
		t.Errorf("tables %v, partitions %v", names, values)
	}
	_, err := c.CreateTable(ctx, &glue.CreateTableInput{DatabaseName: aws.String("shop"), TableInput: table("t0", "s3://lake/t/")})
	wantCode(t, err, "AlreadyExistsException")
	_, err = c.GetTable(ctx, &glue.GetTableInput{DatabaseName: aws.String("shop"), Name: aws.String("none")})
	wantCode(t, err, "EntityNotFoundException")
}

// A multipart upload by hand, its parts out of order and one of them twice; then ranges, conditions and a presigned link.
func TestS3(t *testing.T) {
	ctx, l := t.Context(), serve(t)
	c, bucket, key := l.s3(), aws.String("objects"), aws.String("deep/er/big file+ü")
	must(c.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket}))(t)
	parts := [][]byte{bytes.Repeat([]byte("a"), 5<<20), bytes.Repeat([]byte("b"), 5<<20), []byte("end")}
	upload := must(c.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: bucket, Key: key, ContentType: aws.String("text/x")}))(t).UploadId
	done := make([]s3types.CompletedPart, len(parts))
	for _, i := range []int{2, 1, 0, 1} {
		out := must(c.UploadPart(ctx, &s3.UploadPartInput{Bucket: bucket, Key: key, UploadId: upload, PartNumber: aws.Int32(int32(i + 1)), Body: bytes.NewReader(parts[i])}))(t)
		done[i] = s3types.CompletedPart{PartNumber: aws.Int32(int32(i + 1)), ETag: out.ETag, ChecksumCRC32: out.ChecksumCRC32}
	}
	if _, err := c.HeadObject(ctx, &s3.HeadObjectInput{Bucket: bucket, Key: key}); err == nil {
		t.Error("the object is there before the upload is completed")
	}
	must(c.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: bucket, Key: key, UploadId: upload, MultipartUpload: &s3types.CompletedMultipartUpload{Parts: done}}))(t)
	whole := bytes.Join(parts, nil)
	get := func(in *s3.GetObjectInput) ([]byte, *s3.GetObjectOutput) {
		in.Bucket, in.Key = bucket, key
		out := must(c.GetObject(ctx, in))(t)
		defer out.Body.Close()
		return must(io.ReadAll(out.Body))(t), out
	}
	if body, out := get(&s3.GetObjectInput{}); !bytes.Equal(body, whole) || *out.ContentType != "text/x" || !strings.HasSuffix(*out.ETag, `-3"`) {
		t.Errorf("the object has %d bytes, type %s, ETag %s", len(body), *out.ContentType, *out.ETag)
	}
	for header, want := range map[string]string{"bytes=5242878-5242881": "aabb", "bytes=-5": "bbend", "bytes=10485760-": "end"} {
		if body, _ := get(&s3.GetObjectInput{Range: &header}); string(body) != want {
			t.Errorf("%s gives %q, want %q", header, body, want)
		}
	}
	_, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key, Range: aws.String("bytes=99999999-")})
	wantCode(t, err, "InvalidRange")
	_, err = c.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: key, IfNoneMatch: aws.String("*"), Body: strings.NewReader("other")})
	wantCode(t, err, "PreconditionFailed")
	_, err = c.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: aws.String("none")})
	wantCode(t, err, "NoSuchKey")
	_, err = c.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: bucket, Key: key, UploadId: aws.String("none"), MultipartUpload: &s3types.CompletedMultipartUpload{Parts: done}})
	wantCode(t, err, "NoSuchUpload")

	link := must(s3.NewPresignClient(c).PresignGetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key}))(t)
	response := must(http.Get(link.URL))(t)
	defer response.Body.Close()
	if body := must(io.ReadAll(response.Body))(t); !bytes.Equal(body, whole) {
		t.Errorf("the link gives %d bytes, %s", len(body), response.Status)
	}
	for i := range 7 {
		must(c.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String(fmt.Sprintf("p/%d", i)), Body: strings.NewReader("x")}))(t)
	}
	var keys []string
	for p := s3.NewListObjectsV2Paginator(c, &s3.ListObjectsV2Input{Bucket: bucket, Prefix: aws.String("p/"), MaxKeys: aws.Int32(3)}); p.HasMorePages(); {
		for _, o := range must(p.NextPage(ctx))(t).Contents {
			keys = append(keys, *o.Key)
		}
	}
	if d := cmp.Diff([]string{"p/0", "p/1", "p/2", "p/3", "p/4", "p/5", "p/6"}, keys); d != "" {
		t.Error(d)
	}
}

func TestSTS(t *testing.T) {
	l := serve(t, "--account", "123456789012", "--region", "eu-central-1")
	who := must(sts.NewFromConfig(l.config()).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}))(t)
	if *who.Account != "123456789012" || *who.Arn != "arn:aws:iam::123456789012:root" {
		t.Errorf("I am %s in %s", *who.Arn, *who.Account)
	}
}
