package firehoseapi

import (
	"context"

	"github.com/loglake/loglake"
)

// ListDeliveryStreams
//
// AWS: names in alphabetical order, ten unless Limit says otherwise, of one type where asked.
// loglake: the same; every stream is of type DirectPut.

type listDeliveryStreamsInput struct {
	Limit                            *int64
	DeliveryStreamType               *string
	ExclusiveStartDeliveryStreamName *string
}

type listDeliveryStreamsOutput struct {
	DeliveryStreamNames    []loglake.StreamName
	HasMoreDeliveryStreams bool
}

func (a *api) listDeliveryStreams(_ context.Context, in *listDeliveryStreamsInput) (*listDeliveryStreamsOutput, error) {
	const limitDefault, limitMax = 10, 10000
	limit := int64(limitDefault)
	c := constraints()
	if in.Limit != nil {
		limit = *in.Limit
		c.Range("limit", limit, 1, limitMax)
	}
	if in.DeliveryStreamType != nil {
		c.Enum("deliveryStreamType", *in.DeliveryStreamType, "DirectPut", "KinesisStreamAsSource", "MSKAsSource", "DatabaseAsSource")
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	out := &listDeliveryStreamsOutput{DeliveryStreamNames: []loglake.StreamName{}}
	if in.DeliveryStreamType != nil && *in.DeliveryStreamType != "DirectPut" {
		return out, nil
	}
	for _, name := range a.Streams.List() {
		if in.ExclusiveStartDeliveryStreamName != nil && string(name) <= *in.ExclusiveStartDeliveryStreamName {
			continue
		}
		if int64(len(out.DeliveryStreamNames)) == limit {
			out.HasMoreDeliveryStreams = true
			break
		}
		out.DeliveryStreamNames = append(out.DeliveryStreamNames, name)
	}
	return out, nil
}
