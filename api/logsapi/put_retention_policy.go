package logsapi

import "context"

// PutRetentionPolicy
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
//
// AWS: events older than the given days are no longer returned and deleted within 72 hours.
// loglake: the same; an event that a delivery stream has not delivered yet is kept for it.

type putRetentionPolicyInput struct {
	groupInput
	RetentionInDays *int32 `json:"retentionInDays"`
}

func (s *service) putRetentionPolicy(ctx context.Context, in *putRetentionPolicyInput) (*empty, error) {
	c := newConstraints()
	requireName(c, "logGroupName", in.LogGroupName, groupNameForm)
	c.Required("retentionInDays", in.RetentionInDays)
	if err := c.Err(); err != nil {
		return nil, err
	}
	name, err := in.name()
	if err != nil {
		return nil, err
	}
	return nil, s.groups.PutRetention(ctx, name, int(*in.RetentionInDays))
}
