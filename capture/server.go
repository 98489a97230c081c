package capture

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/loglake/loglake/client"
)

// Server is a loglake, or CloudWatch Logs itself, as a Wire.
type Server struct {
	Client   *client.Client
	Existing bool // do not make a group and a stream that are not there
}

// Name tells servers apart.
func (s Server) Name() string { return s.Client.Endpoint() + " " + s.Client.Region() }

// Put sends events whatever their age: a spool may be late.
func (s Server) Put(ctx context.Context, p Put) (refused int, err error) {
	events := make([]types.InputLogEvent, len(p.Events))
	for i, e := range p.Events {
		events[i] = types.InputLogEvent{Timestamp: aws.Int64(e.Time), Message: aws.String(string(e.Message))}
	}
	answer, err := s.Client.PutSpool(ctx, client.Put{Group: p.Group, Stream: p.Stream, Spool: p.Spool, Position: p.Position,
		AnyTime: true, Existing: s.Existing, Events: events})
	if err != nil {
		return 0, s.refusal(p, err)
	}
	return answer.Refused, nil
}
