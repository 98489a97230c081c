package logsapi

import (
	"context"
	"unicode/utf8"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/pattern"
	"github.com/loglake/loglake/unpack"
)

// FilterLogEvents
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
//
// AWS: searches streams of a group by time and filter pattern, 10,000 events or 1 MB on a page, ordered by time, then
// ingestion time, then put. A page may be empty and have a nextToken. searchedLogStreams is always empty.
// loglake: the same, and an event is found as soon as its put is answered. Expired events are never returned.
// Not here: interleaved has no effect, as on AWS; nor has unmask, because nothing is masked. Tokens don't expire.

type filterLogEventsInput struct {
	LogGroupName        *string         `json:"logGroupName"`
	LogGroupIdentifier  *string         `json:"logGroupIdentifier"`
	LogStreamNames      []string        `json:"logStreamNames"`
	LogStreamNamePrefix *string         `json:"logStreamNamePrefix"`
	StartTime           *loglake.Millis `json:"startTime"`
	EndTime             *loglake.Millis `json:"endTime"`
	FilterPattern       *string         `json:"filterPattern"`
	NextToken           *string         `json:"nextToken"`
	Limit               *int32          `json:"limit"`
	StartFromHead       *bool           `json:"startFromHead"`
}

type filterLogEventsOutput struct {
	Events             []filteredLogEvent `json:"events"`
	NextToken          string             `json:"nextToken,omitempty"`
	SearchedLogStreams []struct{}         `json:"searchedLogStreams"`
}

type filteredLogEvent struct {
	EventID       string         `json:"eventId"`
	IngestionTime loglake.Millis `json:"ingestionTime"`
	LogStreamName string         `json:"logStreamName"`
	Message       string         `json:"message"`
	Timestamp     loglake.Millis `json:"timestamp"`
}

func (s *service) filterLogEvents(ctx context.Context, in *filterLogEventsInput) (*filterLogEventsOutput, error) {
	c := newConstraints()
	checkName(c, "logGroupName", in.LogGroupName, groupNameForm)
	checkName(c, "logStreamNamePrefix", in.LogStreamNamePrefix, streamNameForm)
	if in.LogStreamNames != nil {
		c.Length("logStreamNames", in.LogStreamNames, 1, loggroup.FilterStreamsMax)
	}
	checkTime(c, "startTime", in.StartTime)
	checkTime(c, "endTime", in.EndTime)
	checkPattern(c, value(in.FilterPattern))
	checkToken(c, in.NextToken)
	checkLimit(c, in.Limit, loggroup.ReadEventsMax)
	if err := c.Err(); err != nil {
		return nil, err
	}
	name, err := s.groupOf(in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	q := loggroup.FilterQuery{Group: name, Prefix: value(in.LogStreamNamePrefix), Start: value(in.StartTime), End: value(in.EndTime),
		Pattern: value(in.FilterPattern), Limit: int(value(in.Limit)), Newest: in.StartFromHead != nil && !*in.StartFromHead, Token: value(in.NextToken)}
	for _, stream := range in.LogStreamNames {
		q.Streams = append(q.Streams, loglake.LogStreamName(stream))
	}
	group, err := s.groups.Group(name)
	if err != nil {
		return nil, err
	}
	events, next, err := s.groups.FilterEvents(ctx, q)
	if err != nil {
		return nil, err
	}
	out := &filterLogEventsOutput{Events: make([]filteredLogEvent, len(events)), NextToken: next, SearchedLogStreams: []struct{}{}}
	for i := range events {
		e := &events[i]
		out.Events[i] = filteredLogEvent{EventID: unpack.EventID(e.Timestamp, group.Journal, e.Offset), IngestionTime: e.Ingested,
			LogStreamName: string(e.Stream), Message: string(e.Message), Timestamp: e.Timestamp}
	}
	return out, nil
}

// checkPattern notes a filter pattern that is too long.
func checkPattern(c *awsjson.Constraints, text string) {
	if utf8.RuneCountInString(text) > pattern.TextMax {
		c.Length("filterPattern", text, 0, pattern.TextMax)
	}
}
