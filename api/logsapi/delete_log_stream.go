package logsapi

import "context"

// DeleteLogStream
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogStream.html
//
// AWS: deletes a stream with its events.
// loglake: the same for readers, at once. Events that a subscription filter has not delivered yet still are; the disk is
// given back as the group's retention comes to them.

func (s *service) deleteLogStream(ctx context.Context, in *streamInput) (*empty, error) {
	group, stream, err := in.names()
	if err != nil {
		return nil, err
	}
	return nil, s.groups.DeleteStream(ctx, group, stream)
}
