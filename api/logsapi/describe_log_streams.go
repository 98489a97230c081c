package logsapi

import (
	"context"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/loggroup"
)

// DescribeLogStreams
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html
//
// AWS: lists the streams of a group by name or by their last event, 50 on a page. The times of events come up to an hour
// late; storedBytes is always 0.
// loglake: the same, the times exact. First and last event are those that are kept on the disk.

type describeLogStreamsInput struct {
	LogGroupName        *string `json:"logGroupName"`
	LogGroupIdentifier  *string `json:"logGroupIdentifier"`
	LogStreamNamePrefix *string `json:"logStreamNamePrefix"`
	OrderBy             *string `json:"orderBy"`
	Descending          bool    `json:"descending"`
	Limit               *int32  `json:"limit"`
	NextToken           *string `json:"nextToken"`
}

type describeLogStreamsOutput struct {
	LogStreams []logStream `json:"logStreams"`
	NextToken  string      `json:"nextToken,omitempty"`
}

type logStream struct {
	ARN                 string          `json:"arn"`
	CreationTime        loglake.Millis  `json:"creationTime"`
	FirstEventTimestamp *loglake.Millis `json:"firstEventTimestamp,omitempty"`
	LastEventTimestamp  *loglake.Millis `json:"lastEventTimestamp,omitempty"`
	LastIngestionTime   *loglake.Millis `json:"lastIngestionTime,omitempty"`
	LogStreamName       string          `json:"logStreamName"`
	StoredBytes         int64           `json:"storedBytes"`
	UploadSequenceToken string          `json:"uploadSequenceToken,omitempty"`
}

func (s *service) describeLogStreams(ctx context.Context, in *describeLogStreamsInput) (*describeLogStreamsOutput, error) {
	c := newConstraints()
	checkName(c, "logGroupName", in.LogGroupName, groupNameForm)
	checkName(c, "logStreamNamePrefix", in.LogStreamNamePrefix, streamNameForm)
	if in.OrderBy != nil {
		c.Enum("orderBy", *in.OrderBy, string(loggroup.ByName), string(loggroup.ByLastEventTime))
	}
	checkLimit(c, in.Limit, loggroup.DescribeMax)
	checkToken(c, in.NextToken)
	if err := c.Err(); err != nil {
		return nil, err
	}
	group, err := s.groupOf(in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	streams, next, err := s.groups.DescribeStreams(ctx, loggroup.StreamQuery{Group: group, Prefix: value(in.LogStreamNamePrefix),
		Order: loggroup.StreamOrder(value(in.OrderBy)), Descending: in.Descending, Limit: int(value(in.Limit)), Token: value(in.NextToken)})
	if err != nil {
		return nil, err
	}
	out := &describeLogStreamsOutput{LogStreams: make([]logStream, len(streams)), NextToken: next}
	for i := range streams {
		st := &streams[i]
		out.LogStreams[i] = logStream{ARN: s.groupARN(group) + ":log-stream:" + string(st.Name), CreationTime: st.Created, LogStreamName: string(st.Name)}
		if st.HasEvents {
			o := &out.LogStreams[i]
			o.FirstEventTimestamp, o.LastEventTimestamp, o.LastIngestionTime = &st.FirstEvent, &st.LastEvent, &st.LastIngested
			o.UploadSequenceToken = st.Token
		}
	}
	return out, nil
}
