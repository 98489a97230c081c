package crash

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	firehosetypes "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// change changes a setting, each time another.
func (l *load) change(ctx context.Context, i int) error {
	n := i / 7
	switch i % 7 {
	case 0:
		return l.updateDestination(ctx, streams[n%len(streams)], n)
	case 1:
		return l.updateTable(ctx, []string{"logs", days}[n%2], n/2+1)
	case 2:
		return l.retain(ctx, group, []int32{1, 3, 7}[n%3])
	case 3:
		return l.retain(ctx, aging, []int32{1, 3}[n%2])
	case 4:
		return l.route(ctx, n)
	case 5:
		return l.tag(ctx, n)
	default:
		return l.subscribe(ctx, n)
	}
}

// subscribe makes or replaces the filter; all its patterns mean the same to the load's events.
func (l *load) subscribe(ctx context.Context, i int) error {
	return l.filter(ctx, group, "to-grouped", []string{`{ $.level = "INFO" }`, `{ $.level != "DEBUG" }`}[i%2], streamARN(grouped))
}

// route copies what the stream grouped gets into another group, by patterns that mean the same.
func (l *load) route(ctx context.Context, i int) error {
	return l.filter(ctx, group, "to-copies", []string{`{ $.level = "INFO" }`, `{ $.level = I* }`}[i%2],
		"arn:aws:logs:us-east-1:000000000000:log-group:"+copies)
}

func (l *load) filter(ctx context.Context, group, name, pattern, arn string) error {
	return l.settings.set("filter "+group+" "+name, pattern, func() error {
		in := &cloudwatchlogs.PutSubscriptionFilterInput{LogGroupName: &group, FilterName: &name, FilterPattern: &pattern, DestinationArn: &arn}
		if strings.Contains(arn, ":firehose:") {
			in.RoleArn = aws.String(role)
		}
		_, err := l.logs.PutSubscriptionFilter(ctx, in)
		return err
	})
}

func (l *load) retain(ctx context.Context, group string, days int32) error {
	return l.settings.set("retention "+group, fmt.Sprint(days), func() error {
		_, err := l.logs.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: &group, RetentionInDays: &days})
		return err
	})
}

func (l *load) updateTable(ctx context.Context, name string, version int) error {
	input := table(name, version)
	return l.settings.set("columns "+name, strconv.Itoa(len(input.StorageDescriptor.Columns)), func() error {
		_, err := l.glue.UpdateTable(ctx, &glue.UpdateTableInput{DatabaseName: aws.String(database), TableInput: input})
		return err
	})
}

func (l *load) tag(ctx context.Context, i int) error {
	value := strconv.Itoa(i)
	if i%2 == 0 {
		return l.settings.set("tag of the group", value, func() error {
			_, err := l.logs.TagResource(ctx, &cloudwatchlogs.TagResourceInput{ResourceArn: aws.String(groupARN), Tags: map[string]string{"n": value}})
			return err
		})
	}
	return l.settings.set("tag of the stream", value, func() error {
		_, err := l.firehose.TagDeliveryStream(ctx, &firehose.TagDeliveryStreamInput{
			DeliveryStreamName: aws.String(direct), Tags: []firehosetypes.Tag{{Key: aws.String("n"), Value: &value}}})
		return err
	})
}

const groupARN = "arn:aws:logs:us-east-1:000000000000:log-group:" + group

func (l *load) updateDestination(ctx context.Context, stream string, i int) error {
	is, err := l.firehose.DescribeDeliveryStream(ctx, &firehose.DescribeDeliveryStreamInput{DeliveryStreamName: &stream})
	if err != nil {
		return err
	}
	d := destination(stream)
	compression := []firehosetypes.ParquetCompression{firehosetypes.ParquetCompressionGzip, firehosetypes.ParquetCompressionSnappy}[i/len(streams)%2]
	d.DataFormatConversionConfiguration.OutputFormatConfiguration.Serializer.ParquetSerDe.Compression = compression
	return l.settings.set("compression "+stream, string(compression), func() error {
		_, err = l.firehose.UpdateDestination(ctx, &firehose.UpdateDestinationInput{
			DeliveryStreamName: &stream, CurrentDeliveryStreamVersionId: is.DeliveryStreamDescription.VersionId,
			DestinationId: is.DeliveryStreamDescription.Destinations[0].DestinationId,
			ExtendedS3DestinationUpdate: &firehosetypes.ExtendedS3DestinationUpdate{
				DataFormatConversionConfiguration: d.DataFormatConversionConfiguration,
			},
		})
		return err
	})
}

// objectKeys are how many objects putObject writes over and over.
const objectKeys = 8

// putObject puts an object, writes over one, or deletes one.
func (l *load) putObject(ctx context.Context, i int) error {
	key := fmt.Sprint("files/", i%objectKeys)
	if i%5 == 4 {
		return l.settings.set(key, "", func() error {
			_, err := l.s3.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String(bucket), Key: &key})
			return err
		})
	}
	content := strings.Repeat(fmt.Sprint("content ", i, "\n"), 1+i*37%3000)
	return l.settings.set(key, content, func() error {
		_, err := l.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: &key, Body: strings.NewReader(content)})
		return err
	})
}

// statement runs a Hive statement: tables and partitions come and go. The setting of a table is the list of its partitions,
// each with a comma behind it, in brackets.
func (l *load) statement(ctx context.Context, i int) error {
	name, part := fmt.Sprint("scratch", i/5%2), fmt.Sprint(i*i%7)
	var text string
	var to func(string) string
	switch i % 5 {
	case 0:
		text = "CREATE EXTERNAL TABLE IF NOT EXISTS " + name + " (id string) PARTITIONED BY (p string) STORED AS PARQUET LOCATION 's3://" + bucket + "/" + name + "/'"
		to = func(was string) string {
			if was == "" {
				return "[]"
			}
			return was
		}
	case 3:
		text, to = "ALTER TABLE "+name+" DROP IF EXISTS PARTITION (p = '"+part+"')", func(was string) string { return strings.ReplaceAll(was, part+",", "") }
	case 4:
		if i/10%3 != 0 {
			return nil
		}
		text, to = "DROP TABLE IF EXISTS "+name, func(string) string { return "" }
	default:
		text = "ALTER TABLE " + name + " ADD IF NOT EXISTS PARTITION (p = '" + part + "')"
		to = func(was string) string {
			if was == "" || strings.Contains(was, part+",") {
				return was
			}
			parts := append(strings.Split(strings.Trim(was, "[]"), ","), part)
			return partitions(parts)
		}
	}
	return l.settings.change(name, to, func() error {
		x, err := l.sql(ctx, text)
		if err == nil && x.failure != "" {
			return unanswered(nil, x)
		}
		return err
	})
}

// partitions gives the setting of a table with these.
func partitions(of []string) string {
	slices.Sort(of)
	text := "["
	for _, p := range of {
		if p != "" {
			text += p + ","
		}
	}
	return text + "]"
}

// set reads the settings.
func (l *load) set(ctx context.Context) map[string]string {
	is := map[string]string{}
	for name := range l.settings.may {
		value, err := l.setting(ctx, name)
		if err != nil {
			l.t.Errorf("read setting %s: %v", name, err)
		}
		is[name] = value
	}
	return is
}

func (l *load) setting(ctx context.Context, name string) (string, error) {
	kind, of, _ := strings.Cut(name, " ")
	switch {
	case kind == "filter":
		group, filter, _ := strings.Cut(of, " ")
		out, err := l.logs.DescribeSubscriptionFilters(ctx, &cloudwatchlogs.DescribeSubscriptionFiltersInput{LogGroupName: &group, FilterNamePrefix: &filter})
		if err != nil {
			return "", err
		}
		return aws.ToString(out.SubscriptionFilters[0].FilterPattern), nil
	case kind == "retention":
		out, err := l.logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &of})
		if err != nil || out.LogGroups[0].RetentionInDays == nil {
			return "", err
		}
		return fmt.Sprint(*out.LogGroups[0].RetentionInDays), nil
	case kind == "columns":
		out, err := l.glue.GetTable(ctx, &glue.GetTableInput{DatabaseName: aws.String(database), Name: &of})
		if err != nil {
			return "", err
		}
		return strconv.Itoa(len(out.Table.StorageDescriptor.Columns)), nil
	case kind == "compression":
		out, err := l.firehose.DescribeDeliveryStream(ctx, &firehose.DescribeDeliveryStreamInput{DeliveryStreamName: &of})
		if err != nil {
			return "", err
		}
		conversion := out.DeliveryStreamDescription.Destinations[0].ExtendedS3DestinationDescription.DataFormatConversionConfiguration
		return string(conversion.OutputFormatConfiguration.Serializer.ParquetSerDe.Compression), nil
	case name == "tag of the group":
		out, err := l.logs.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: aws.String(groupARN)})
		if err != nil {
			return "", err
		}
		return out.Tags["n"], nil
	case name == "tag of the stream":
		out, err := l.firehose.ListTagsForDeliveryStream(ctx, &firehose.ListTagsForDeliveryStreamInput{DeliveryStreamName: aws.String(direct)})
		if err != nil || len(out.Tags) == 0 {
			return "", err
		}
		return aws.ToString(out.Tags[0].Value), nil
	case strings.HasPrefix(name, "files/"):
		return l.file(ctx, name)
	}
	return l.scratch(ctx, name)
}

func (l *load) file(ctx context.Context, key string) (string, error) {
	list, err := l.s3.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String(bucket), Prefix: &key})
	if err != nil || *list.KeyCount == 0 {
		return "", err
	}
	out, err := l.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(bucket), Key: &key})
	if err != nil {
		return "", err
	}
	defer out.Body.Close() //nolint:errcheck // only read
	b, err := io.ReadAll(out.Body)
	return string(b), err
}

func (l *load) scratch(ctx context.Context, name string) (string, error) {
	tables, err := l.glue.GetTables(ctx, &glue.GetTablesInput{DatabaseName: aws.String(database), Expression: &name})
	if err != nil || len(tables.TableList) == 0 {
		return "", err
	}
	out, err := l.glue.GetPartitions(ctx, &glue.GetPartitionsInput{DatabaseName: aws.String(database), TableName: &name})
	if err != nil {
		return "", err
	}
	var values []string
	for _, p := range out.Partitions {
		values = append(values, p.Values[0])
	}
	return partitions(values), nil
}
