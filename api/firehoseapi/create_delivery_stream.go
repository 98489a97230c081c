package firehoseapi

import (
	"context"
	"encoding/json"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/delivery"
)

// CreateDeliveryStream
//
// AWS: validates, answers the ARN at once, and makes the stream ACTIVE within a minute.
// loglake: the same checks in the same order; the stream is ACTIVE when the call returns. ParquetSerDe takes ZSTD too.
// The tag loglake:policy=rescue makes a stream hold, losing nothing, while all its records have a recognised wrong shape.
// The tag loglake:partition-by=COLUMN has each row find its folder by that column, a timestamp in UTC or a date: the
// !{timestamp:…} expressions of Prefix are evaluated at its value, as a calendar time of CustomTimeZone, and late rows lie
// in the folder of their own day. Rows whose value is NULL, and those beyond 1,024 folders in a batch, go by arrival.
// Not: other sources and destinations than direct put and S3, role assumption, server-side encryption.

type createDeliveryStreamInput struct {
	DeliveryStreamName                         *string
	DeliveryStreamType                         *string
	DeliveryStreamEncryptionConfigurationInput json.RawMessage
	DirectPutSourceConfiguration               json.RawMessage
	KinesisStreamSourceConfiguration           json.RawMessage
	MSKSourceConfiguration                     json.RawMessage
	DatabaseSourceConfiguration                json.RawMessage
	ExtendedS3DestinationConfiguration         *delivery.Destination
	S3DestinationConfiguration                 *delivery.Destination
	RedshiftDestinationConfiguration           json.RawMessage
	ElasticsearchDestinationConfiguration      json.RawMessage
	AmazonopensearchserviceDestinationConfiguration,
	AmazonOpenSearchServerlessDestinationConfiguration,
	SplunkDestinationConfiguration,
	HttpEndpointDestinationConfiguration,
	SnowflakeDestinationConfiguration,
	IcebergDestinationConfiguration json.RawMessage
	Tags []tag
}

type tag struct {
	Key   *string
	Value *string `json:",omitempty"`
}

type createDeliveryStreamOutput struct{ DeliveryStreamARN string }

func (a *api) createDeliveryStream(ctx context.Context, in *createDeliveryStreamInput) (*createDeliveryStreamOutput, error) {
	c := constraints()
	name := streamName(&c, in.DeliveryStreamName)
	if in.DeliveryStreamType != nil {
		c.Enum("deliveryStreamType", *in.DeliveryStreamType, "DirectPut", "KinesisStreamAsSource", "MSKAsSource", "DatabaseAsSource")
	}
	member, d := "extendedS3DestinationConfiguration", in.ExtendedS3DestinationConfiguration
	if d == nil {
		member, d = "s3DestinationConfiguration", in.S3DestinationConfiguration
	}
	if d != nil {
		destination(&c, member, d, required)
	}
	tags := tagMap(&c, in.Tags)
	if err := c.Err(); err != nil {
		return nil, err
	}
	if err := in.refuse(); err != nil {
		return nil, err
	}
	if _, err := a.Streams.Create(ctx, name, *d, tags); err != nil {
		return nil, err
	}
	return &createDeliveryStreamOutput{DeliveryStreamARN: a.Streams.ARN(name)}, nil
}

// refuse names what the stream would need and loglake does not have.
func (in *createDeliveryStreamInput) refuse() error {
	invalid := func(format string, args ...any) error { return loglake.Errorf(loglake.CodeInvalid, format, args...) }
	others := map[string]json.RawMessage{
		"RedshiftDestinationConfiguration":                   in.RedshiftDestinationConfiguration,
		"ElasticsearchDestinationConfiguration":              in.ElasticsearchDestinationConfiguration,
		"AmazonopensearchserviceDestinationConfiguration":    in.AmazonopensearchserviceDestinationConfiguration,
		"AmazonOpenSearchServerlessDestinationConfiguration": in.AmazonOpenSearchServerlessDestinationConfiguration,
		"SplunkDestinationConfiguration":                     in.SplunkDestinationConfiguration,
		"HttpEndpointDestinationConfiguration":               in.HttpEndpointDestinationConfiguration,
		"SnowflakeDestinationConfiguration":                  in.SnowflakeDestinationConfiguration,
		"IcebergDestinationConfiguration":                    in.IcebergDestinationConfiguration,
	}
	for name, configuration := range others {
		if configuration != nil {
			return invalid("loglake does not support %s: only ExtendedS3DestinationConfiguration and S3DestinationConfiguration.", name)
		}
	}
	if (in.ExtendedS3DestinationConfiguration == nil) == (in.S3DestinationConfiguration == nil) {
		return invalid("Exactly one destination configuration is supported for a Firehose")
	}
	if t := in.DeliveryStreamType; t != nil && *t != "DirectPut" {
		return invalid("loglake does not support streams of type %s: only DirectPut.", *t)
	}
	if in.KinesisStreamSourceConfiguration != nil {
		return invalid("KinesisSourceStreamConfig is only applicable for KinesisStreamAsSource stream type")
	}
	if in.DeliveryStreamEncryptionConfigurationInput != nil {
		return invalid("loglake does not support DeliveryStreamEncryptionConfigurationInput: leave it out.")
	}
	return nil
}

// tagMap gives tags as a map and notes what is wrong with them.
func tagMap(c *awsjson.Constraints, tags []tag) map[string]string {
	const keyMax, valueMax = 128, 256
	m := map[string]string{}
	for _, t := range tags {
		c.Required("tags.key", t.Key)
		if t.Key == nil {
			continue
		}
		c.Length("tags.key", *t.Key, 1, keyMax)
		value := ""
		if t.Value != nil {
			value = *t.Value
			c.Length("tags.value", value, 0, valueMax)
		}
		m[*t.Key] = value
	}
	return m
}
