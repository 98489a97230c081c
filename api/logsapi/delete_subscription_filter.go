package logsapi

import "context"

// DeleteSubscriptionFilter
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteSubscriptionFilter.html
//
// AWS: deletes a filter.
// loglake: the same; what was put before is still delivered.

type deleteSubscriptionFilterInput struct {
	groupInput
	FilterName *string `json:"filterName"`
}

func (s *service) deleteSubscriptionFilter(ctx context.Context, in *deleteSubscriptionFilterInput) (*empty, error) {
	c := newConstraints()
	requireName(c, "logGroupName", in.LogGroupName, groupNameForm)
	checkFilterName(c, in.FilterName)
	if err := c.Err(); err != nil {
		return nil, err
	}
	name, err := in.name()
	if err != nil {
		return nil, err
	}
	return nil, s.groups.DeleteFilter(ctx, name, *in.FilterName)
}
