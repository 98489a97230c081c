package firehoseapi

import (
	"context"
	"fmt"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/delivery"
)

// PutRecordBatch
//
// AWS: takes 1-500 records, 4 MiB together; each may fail by itself and is then to be put again.
// loglake: all records of a call are one append: either every one is durable, or the call fails; FailedPutCount is 0.
// A retry of the same call by an SDK (amz-sdk-invocation-id) is taken once.

type putRecordBatchInput struct {
	DeliveryStreamName *string
	Records            []record
}

type putRecordBatchOutput struct {
	FailedPutCount   int
	Encrypted        bool
	RequestResponses []putRecordBatchEntry
}

type putRecordBatchEntry struct{ RecordId string }

func (a *api) putRecordBatch(ctx context.Context, r *awsjson.Request) (any, error) {
	var in putRecordBatchInput
	if err := awsjson.Decode(r.Body, &in); err != nil {
		return nil, err
	}
	c := constraints()
	name := streamName(&c, in.DeliveryStreamName)
	c.Required("records", in.Records)
	if in.Records != nil {
		c.Length("records", in.Records, 1, delivery.BatchRecordsMax)
	}
	records, bytes := make([][]byte, 0, len(in.Records)), 0
	for i, one := range in.Records {
		checkRecord(&c, fmt.Sprintf("records.%d.member.data", i+1), one)
		if one.Data != nil {
			records = append(records, *one.Data)
			bytes += len(*one.Data)
		}
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	if bytes > delivery.BatchBytesMax {
		return nil, loglake.Errorf(loglake.CodeInvalid, "Records size exceeds 4 MB limit")
	}
	ids, err := a.Streams.Put(ctx, name, invocation(r), records)
	if err != nil {
		return nil, err
	}
	out := &putRecordBatchOutput{RequestResponses: make([]putRecordBatchEntry, len(ids))}
	for i, id := range ids {
		out.RequestResponses[i].RecordId = id
	}
	return out, nil
}
