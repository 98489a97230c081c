package logsapi

import (
	"context"

	"github.com/loglake/loglake"
)

// CreateLogStream
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html
//
// AWS: makes a stream in a group; there is no limit to their number.
// loglake: the same.

type streamInput struct {
	LogGroupName  *string `json:"logGroupName"`
	LogStreamName *string `json:"logStreamName"`
}

// names gives the names of group and stream, checked.
func (in *streamInput) names() (loglake.GroupName, loglake.LogStreamName, error) {
	c := newConstraints()
	requireName(c, "logGroupName", in.LogGroupName, groupNameForm)
	requireName(c, "logStreamName", in.LogStreamName, streamNameForm)
	if err := c.Err(); err != nil {
		return "", "", err
	}
	return loglake.GroupName(*in.LogGroupName), loglake.LogStreamName(*in.LogStreamName), errTooLong(in.LogGroupName, in.LogStreamName)
}

func (s *service) createLogStream(ctx context.Context, in *streamInput) (*empty, error) {
	group, stream, err := in.names()
	if err != nil {
		return nil, err
	}
	return nil, s.groups.CreateStream(ctx, group, stream)
}
