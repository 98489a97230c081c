package logsapi

import "context"

// DeleteRetentionPolicy
//
// AWS: events of the group never expire.
// We: the same.

func (s *service) deleteRetentionPolicy(ctx context.Context, in *groupInput) (*empty, error) {
	name, err := in.name()
	if err != nil {
		return nil, err
	}
	return nil, s.groups.DeleteRetention(ctx, name)
}
