package logsapi

import "context"

// PutLogGroupDeletionProtection
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogGroupDeletionProtection.html
//
// AWS: protects a group from DeleteLogGroup, or takes that back.
// loglake: the same.

type putLogGroupDeletionProtectionInput struct {
	LogGroupIdentifier        *string `json:"logGroupIdentifier"`
	DeletionProtectionEnabled *bool   `json:"deletionProtectionEnabled"`
}

func (s *service) putLogGroupDeletionProtection(ctx context.Context, in *putLogGroupDeletionProtectionInput) (*empty, error) {
	c := newConstraints()
	c.Required("logGroupIdentifier", in.LogGroupIdentifier)
	c.Required("deletionProtectionEnabled", in.DeletionProtectionEnabled)
	if err := c.Err(); err != nil {
		return nil, err
	}
	name, err := s.groupOf(nil, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	if *in.DeletionProtectionEnabled {
		return nil, s.groups.Protect(ctx, name)
	}
	return nil, s.groups.Unprotect(ctx, name)
}
