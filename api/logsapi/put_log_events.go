package logsapi

import (
	"context"
	"sync"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/loggroup"
)

// PutLogEvents
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
//
// AWS: stores up to 10,000 events and 1 MiB in one stream. Events that are more than 2 hours ahead, older than 14 days or
// older than the retention are dropped and named in rejectedLogEventsInfo. sequenceToken counts for nothing since 2023.
// loglake: the same, and the answer comes when the events are on the disk; they can be read at once. All attempts of one SDK
// call (header amz-sdk-invocation-id) are stored once. Bodies may be gzip.
// Not here: entity is read over, and the header x-amzn-logs-format, because there are no metrics to extract to.

// callHeader carries the id that all attempts of one call of an AWS SDK have.
const callHeader = "Amz-Sdk-Invocation-Id"

// pooledBytesMax bounds the buffers that are kept for the next put.
const pooledBytesMax = 4 << 20

// putPool keeps batches, so that a put allocates nothing for its events.
type putPool struct{ pool sync.Pool }

func (p *putPool) get() *loggroup.Batch {
	if b, ok := p.pool.Get().(*loggroup.Batch); ok {
		return b
	}
	return &loggroup.Batch{}
}

func (p *putPool) put(b *loggroup.Batch) {
	if cap(b.Buffer()) <= pooledBytesMax {
		p.pool.Put(b)
	}
}

type putLogEventsOutput struct {
	NextSequenceToken     string                 `json:"nextSequenceToken"`
	RejectedLogEventsInfo *rejectedLogEventsInfo `json:"rejectedLogEventsInfo,omitempty"`
}

type rejectedLogEventsInfo struct {
	ExpiredLogEventEndIndex  *int `json:"expiredLogEventEndIndex,omitempty"`
	TooNewLogEventStartIndex *int `json:"tooNewLogEventStartIndex,omitempty"`
	TooOldLogEventEndIndex   *int `json:"tooOldLogEventEndIndex,omitempty"`
}

func (s *service) putLogEvents(ctx context.Context, r *awsjson.Request) (any, error) {
	batch := s.puts.get()
	defer s.puts.put(batch)
	in, err := decodePut(r.Body, batch)
	if err != nil {
		return nil, err
	}
	c := newConstraints()
	requireName(c, "logGroupName", in.group, groupNameForm)
	requireName(c, "logStreamName", in.stream, streamNameForm)
	if err := c.Err(); err != nil {
		return nil, err
	}
	if err := errTooLong(in.group, in.stream); err != nil {
		return nil, err
	}
	if in.problem != nil {
		return nil, in.problem
	}
	done, err := s.groups.PutEvents(ctx, loggroup.Put{Group: loglake.GroupName(*in.group), Stream: loglake.LogStreamName(*in.stream),
		Call: r.Header.Get(callHeader), Batch: batch})
	if err != nil {
		return nil, err
	}
	out := putLogEventsOutput{NextSequenceToken: done.Token}
	if rejected := done.Rejected; rejected.Any() {
		out.RejectedLogEventsInfo = &rejectedLogEventsInfo{ExpiredLogEventEndIndex: index(rejected.ExpiredEnd),
			TooNewLogEventStartIndex: index(rejected.TooNewStart), TooOldLogEventEndIndex: index(rejected.TooOldEnd)}
	}
	return out, nil
}

func index(i int) *int {
	if i == loggroup.None {
		return nil
	}
	return &i
}
