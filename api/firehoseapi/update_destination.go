package firehoseapi

import (
	"context"
	"encoding/json"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/delivery"
)

// UpdateDestination
//
// AWS: lays the members given over the destination when the version given is the present one; conversion merges member
// by member, processing is replaced whole; what is buffered is delivered by the new configuration.
// loglake: the same.
// Not: other destinations than S3.

type updateDestinationInput struct {
	DeliveryStreamName             *string
	CurrentDeliveryStreamVersionId *string
	DestinationId                  *string
	ExtendedS3DestinationUpdate    *delivery.Destination
	S3DestinationUpdate            *delivery.Destination
	RedshiftDestinationUpdate      json.RawMessage
	ElasticsearchDestinationUpdate json.RawMessage
	AmazonopensearchserviceDestinationUpdate,
	AmazonOpenSearchServerlessDestinationUpdate,
	SplunkDestinationUpdate,
	HttpEndpointDestinationUpdate,
	SnowflakeDestinationUpdate,
	IcebergDestinationUpdate json.RawMessage
}

func (a *api) updateDestination(ctx context.Context, in *updateDestinationInput) (*empty, error) {
	c := constraints()
	name := streamName(&c, in.DeliveryStreamName)
	c.Required("currentDeliveryStreamVersionId", in.CurrentDeliveryStreamVersionId)
	c.Required("destinationId", in.DestinationId)
	member, d := "extendedS3DestinationUpdate", in.ExtendedS3DestinationUpdate
	if d == nil {
		member, d = "s3DestinationUpdate", in.S3DestinationUpdate
	}
	if d != nil {
		destination(&c, member, d, optional)
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	for _, other := range []json.RawMessage{
		in.RedshiftDestinationUpdate, in.ElasticsearchDestinationUpdate, in.AmazonopensearchserviceDestinationUpdate,
		in.AmazonOpenSearchServerlessDestinationUpdate, in.SplunkDestinationUpdate, in.HttpEndpointDestinationUpdate,
		in.SnowflakeDestinationUpdate, in.IcebergDestinationUpdate,
	} {
		if other != nil {
			return nil, loglake.Errorf(loglake.CodeInvalid, "Changing the destination type to or from ExtendedS3 is not supported at this time.")
		}
	}
	if (in.ExtendedS3DestinationUpdate == nil) == (in.S3DestinationUpdate == nil) {
		return nil, loglake.Errorf(loglake.CodeInvalid, "Exactly one destination update is supported for a Firehose")
	}
	return &empty{}, a.Streams.Update(ctx, name, *in.CurrentDeliveryStreamVersionId, *in.DestinationId, *d)
}
