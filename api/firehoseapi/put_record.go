package firehoseapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/delivery"
)

// PutRecord
//
// AWS: takes one record of 1,000 KiB at most; at least once over retries.
// loglake: durable (fsynced) when it answers; a retry of the same call by an SDK (amz-sdk-invocation-id) is taken once.
// A stream that decompresses takes records from anyone, not from CloudWatch Logs alone.

type putRecordInput struct {
	DeliveryStreamName *string
	Record             *record
}

type record struct{ Data *[]byte }

type putRecordOutput struct {
	RecordId  string
	Encrypted bool
}

func (a *api) putRecord(ctx context.Context, r *awsjson.Request) (any, error) {
	var in putRecordInput
	if err := awsjson.Decode(r.Body, &in); err != nil {
		return nil, err
	}
	c := constraints()
	name := streamName(&c, in.DeliveryStreamName)
	c.Required("record", in.Record)
	if in.Record != nil {
		checkRecord(&c, "record.data", *in.Record)
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	ids, err := a.Streams.Put(ctx, name, invocation(r), [][]byte{*in.Record.Data})
	if err != nil {
		return nil, err
	}
	return &putRecordOutput{RecordId: ids[0]}, nil
}

func checkRecord(c *awsjson.Constraints, member string, r record) {
	c.Required(member, r.Data)
	if r.Data != nil && len(*r.Data) > delivery.RecordBytesMax {
		c.Length(member, *r.Data, 0, delivery.RecordBytesMax)
	}
}

// invocation gives the id that an SDK sends with every attempt of one call; "" where it sends none.
func invocation(r *awsjson.Request) string { return r.Header.Get("Amz-Sdk-Invocation-Id") }
