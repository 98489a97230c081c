package logsapi

import (
	"context"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/loggroup"
)

// GetLogEvents
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
//
// AWS: pages through one stream by time, from the newest events unless startFromHead is set, 10,000 events or 1 MB on a
// page. Both tokens are always there; at the end the token that was sent comes back, and sent again it gives what came
// since.
// loglake: the same, and an event is there as soon as its put is answered. Expired events are never returned.
// Not here: unmask has no effect, because nothing is masked. Tokens don't expire.

type getLogEventsInput struct {
	LogGroupName       *string         `json:"logGroupName"`
	LogGroupIdentifier *string         `json:"logGroupIdentifier"`
	LogStreamName      *string         `json:"logStreamName"`
	StartTime          *loglake.Millis `json:"startTime"`
	EndTime            *loglake.Millis `json:"endTime"`
	NextToken          *string         `json:"nextToken"`
	Limit              *int32          `json:"limit"`
	StartFromHead      bool            `json:"startFromHead"`
}

type getLogEventsOutput struct {
	Events            []outputLogEvent `json:"events"`
	NextBackwardToken string           `json:"nextBackwardToken"`
	NextForwardToken  string           `json:"nextForwardToken"`
}

type outputLogEvent struct {
	IngestionTime loglake.Millis `json:"ingestionTime"`
	Message       string         `json:"message"`
	Timestamp     loglake.Millis `json:"timestamp"`
}

func (s *service) getLogEvents(ctx context.Context, in *getLogEventsInput) (*getLogEventsOutput, error) {
	c := newConstraints()
	checkName(c, "logGroupName", in.LogGroupName, groupNameForm)
	requireName(c, "logStreamName", in.LogStreamName, streamNameForm)
	checkTime(c, "startTime", in.StartTime)
	checkTime(c, "endTime", in.EndTime)
	checkToken(c, in.NextToken)
	checkLimit(c, in.Limit, loggroup.ReadEventsMax)
	if err := c.Err(); err != nil {
		return nil, err
	}
	group, err := s.groupOf(in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	page, err := s.groups.GetEvents(ctx, loggroup.GetQuery{Group: group, Stream: loglake.LogStreamName(*in.LogStreamName),
		Start: value(in.StartTime), End: value(in.EndTime), Limit: int(value(in.Limit)), FromHead: in.StartFromHead, Token: value(in.NextToken)})
	if err != nil {
		return nil, err
	}
	out := &getLogEventsOutput{Events: make([]outputLogEvent, len(page.Events)), NextBackwardToken: page.Backward, NextForwardToken: page.Forward}
	for i := range page.Events {
		e := &page.Events[i]
		out.Events[i] = outputLogEvent{IngestionTime: e.Ingested, Message: string(e.Message), Timestamp: e.Timestamp}
	}
	return out, nil
}
