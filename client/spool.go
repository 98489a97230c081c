package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	cwl "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/loglake/loglake"
)

// The headers that make a PutLogEvents exactly once for ever. The service of AWS reads over them.
const (
	spoolHeader    = "X-Loglake-Spool"
	positionHeader = "X-Loglake-Position"
	sumHeader      = "X-Loglake-Sum"
	timeHeader     = "X-Loglake-Time"
)

// What one put may hold, as the service says.
const (
	PutEventsMax  = 10_000
	PutBytesMax   = 1 << 20 // messages with EventOverhead bytes each
	EventOverhead = 26
	EventBytesMax = PutBytesMax - EventOverhead // of a message
)

// Put is some events of a spool: a sequence of events with positions, from one place, that a server takes each once for
// ever, however often they are sent.
type Put struct {
	Group, Stream string
	Spool         string // 1 to 64 of [A-Za-z0-9_-], by log group
	Position      int64  // of Events[0] in the spool, from 0; the others follow it
	Sum           uint64 // a checksum of the spool so far, by any rule: SpoolPosition gives it back. 0: none
	AnyTime       bool   // events of any age and in any order: back-fill
	Existing      bool   // a log group and a log stream that are not there are an error, and not made
	Events        []cwl.InputLogEvent
}

// Accepted is what a server says to a Put.
type Accepted struct {
	Next    int64 // the position that the server expects now
	Refused int   // events that it left out for good, because of their age
}

// PutSpool puts events. What the server has already is skipped there, so that whoever gets an error, or no answer, does
// the same call again. A log group and a log stream that are not there are made, unless p says otherwise.
//
// A server without spools (that of AWS) takes the events as they are, at least once; Next is then what follows the last.
func (c *Client) PutSpool(ctx context.Context, p Put) (Accepted, error) {
	out, err := c.putSpool(ctx, p)
	if errors.As(err, new(*cwl.ResourceNotFoundException)) && !p.Existing {
		if err = c.MakeStream(ctx, p.Group, p.Stream); err == nil {
			out, err = c.putSpool(ctx, p)
		}
	}
	if err != nil {
		return Accepted{}, err
	}
	accepted := Accepted{Next: p.Position + int64(len(p.Events)), Refused: refused(out.RejectedLogEventsInfo, len(p.Events))}
	if answer, ok := middleware.GetRawResponse(out.ResultMetadata).(*smithyhttp.Response); ok {
		if next, err := strconv.ParseInt(answer.Header.Get(positionHeader), 10, 64); err == nil {
			accepted.Next = next
		}
	}
	return accepted, nil
}

func (c *Client) putSpool(ctx context.Context, p Put) (*cloudwatchlogs.PutLogEventsOutput, error) {
	headers := []func(*cloudwatchlogs.Options){header(spoolHeader, p.Spool), header(positionHeader, strconv.FormatInt(p.Position, 10))}
	if p.Sum != 0 {
		headers = append(headers, header(sumHeader, strconv.FormatUint(p.Sum, 16)))
	}
	if p.AnyTime {
		headers = append(headers, header(timeHeader, "any"))
	}
	return c.Logs().PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{
		LogGroupName: aws.String(p.Group), LogStreamName: aws.String(p.Stream), LogEvents: p.Events,
	}, headers...)
}

// refused counts the events of a put of n that were not taken: those before the one index, and those from the other on.
func refused(r *cwl.RejectedLogEventsInfo, n int) int {
	if r == nil {
		return 0
	}
	low := max(int(aws.ToInt32(r.TooOldLogEventEndIndex)), int(aws.ToInt32(r.ExpiredLogEventEndIndex)))
	high := n
	if r.TooNewLogEventStartIndex != nil {
		high = int(*r.TooNewLogEventStartIndex)
	}
	return max(0, min(n, n-(high-low)))
}

// header is an option of one call that sends a header of ours.
func header(name, value string) func(*cloudwatchlogs.Options) {
	return func(o *cloudwatchlogs.Options) {
		o.APIOptions = append(o.APIOptions, smithyhttp.SetHeaderValue(name, value))
	}
}

// MakeStream makes a log group and a log stream in it, where they are not there yet.
func (c *Client) MakeStream(ctx context.Context, group, stream string) error {
	logs, exists := c.Logs(), new(*cwl.ResourceAlreadyExistsException)
	_, err := logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(group)})
	if err != nil && !errors.As(err, exists) {
		return fmt.Errorf("make the log group %s: %w", group, err)
	}
	_, err = logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: aws.String(group), LogStreamName: aws.String(stream)})
	if err != nil && !errors.As(err, exists) {
		return fmt.Errorf("make the log stream %s: %w", stream, err)
	}
	return nil
}

// SpoolPosition asks where a spool goes on: the position of the first event that the server does not have, 0 for a spool
// or a log group that it does not know, and the Sum of the Put that ended there.
func (c *Client) SpoolPosition(ctx context.Context, group, spool string) (at int64, sum uint64, err error) {
	var answer struct {
		Position int64  `json:"position"`
		Sum      string `json:"sum"`
	}
	err = c.Call(ctx, http.MethodGet, "/v1/spools/"+url.PathEscape(spool)+"?group="+url.QueryEscape(group), nil, &answer)
	if loglake.CodeOf(err) == loglake.CodeNotFound {
		return 0, 0, nil
	}
	if err == nil && answer.Sum != "" {
		if sum, err = strconv.ParseUint(answer.Sum, 16, 64); err != nil {
			return 0, 0, fmt.Errorf("read the position of a spool: %w", err)
		}
	}
	return answer.Position, sum, err
}

// Temporary tells whether a call that failed with err may do better later, as it is: the server was not reached, was
// down, or had too much to do.
func Temporary(err error) bool {
	switch loglake.CodeOf(err) {
	case loglake.CodeUnavailable, loglake.CodeThrottled:
		return true
	}
	return retry.NewStandard().IsErrorRetryable(err)
}
