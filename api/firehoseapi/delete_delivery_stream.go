package firehoseapi

import "context"

// DeleteDeliveryStream
//
// AWS: the stream goes to DELETING and is gone after a while; what is buffered is discarded.
// loglake: the stream is gone when the call returns; what is buffered is discarded, as on AWS. Flush first to keep it.

type deleteDeliveryStreamInput struct {
	DeliveryStreamName *string
	AllowForceDelete   *bool // about KMS grants, which there are none of
}

func (a *api) deleteDeliveryStream(ctx context.Context, in *deleteDeliveryStreamInput) (*empty, error) {
	c := constraints()
	name := streamName(&c, in.DeliveryStreamName)
	if err := c.Err(); err != nil {
		return nil, err
	}
	return &empty{}, a.Streams.Delete(ctx, name)
}
