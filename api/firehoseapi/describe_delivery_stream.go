package firehoseapi

import (
	"context"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/delivery"
)

// DescribeDeliveryStream
//
// AWS: gives the definition with defaults filled in, an S3 destination both as basic and as extended description.
// loglake: the same.

type describeDeliveryStreamInput struct {
	DeliveryStreamName          *string
	Limit                       *int64
	ExclusiveStartDestinationId *string
}

type describeDeliveryStreamOutput struct {
	DeliveryStreamDescription description
}

type description struct {
	DeliveryStreamName                    loglake.StreamName
	DeliveryStreamARN                     string
	DeliveryStreamStatus                  string
	DeliveryStreamEncryptionConfiguration struct{ Status string }
	DeliveryStreamType                    string
	VersionId                             string
	CreateTimestamp                       awsjson.EpochSeconds
	LastUpdateTimestamp                   awsjson.EpochSeconds `json:",omitzero"`
	Destinations                          []destinationDescription
	HasMoreDestinations                   bool
}

type destinationDescription struct {
	DestinationId                    string
	S3DestinationDescription         delivery.Destination
	ExtendedS3DestinationDescription delivery.Destination
}

func (a *api) describeDeliveryStream(_ context.Context, in *describeDeliveryStreamInput) (*describeDeliveryStreamOutput, error) {
	c := constraints()
	name := streamName(&c, in.DeliveryStreamName)
	if err := c.Err(); err != nil {
		return nil, err
	}
	def, err := a.Streams.Describe(name)
	if err != nil {
		return nil, err
	}
	d := description{
		DeliveryStreamName: name, DeliveryStreamARN: a.Streams.ARN(name), DeliveryStreamStatus: "ACTIVE",
		DeliveryStreamType: "DirectPut", VersionId: def.VersionID(), CreateTimestamp: awsjson.EpochSeconds{Time: def.Created.Time()},
		Destinations: []destinationDescription{{
			DestinationId: delivery.DestinationID, S3DestinationDescription: basic(def.Destination),
			ExtendedS3DestinationDescription: def.Destination,
		}},
	}
	d.DeliveryStreamEncryptionConfiguration.Status = "DISABLED"
	if def.Updated != 0 {
		d.LastUpdateTimestamp = awsjson.EpochSeconds{Time: def.Updated.Time()}
	}
	return &describeDeliveryStreamOutput{DeliveryStreamDescription: d}, nil
}

// basic is the part of a destination that the older description shows.
func basic(d delivery.Destination) delivery.Destination {
	return delivery.Destination{
		RoleARN: d.RoleARN, BucketARN: d.BucketARN, Prefix: d.Prefix, ErrorOutputPrefix: d.ErrorOutputPrefix,
		BufferingHints: d.BufferingHints, CompressionFormat: d.CompressionFormat,
		EncryptionConfiguration: d.EncryptionConfiguration, CloudWatchLoggingOptions: d.CloudWatchLoggingOptions,
	}
}
