package logsapi

import "context"

// DeleteRetentionPolicy
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteRetentionPolicy.html
//
// AWS: events of the group never expire.
// loglake: the same.

func (s *service) deleteRetentionPolicy(ctx context.Context, in *groupInput) (*empty, error) {
	name, err := in.name()
	if err != nil {
		return nil, err
	}
	return nil, s.groups.DeleteRetention(ctx, name)
}
