package logsapi

import (
	"context"

	"github.com/loglake/loglake"
)

// DeleteLogGroup
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html
//
// AWS: deletes the group with its streams, events and filters.
// loglake: the same; what a subscription filter was to deliver of events accepted before is still delivered. Filters of other
// groups that route into the group go with it. A protected group is refused with ValidationException.

type groupInput struct {
	LogGroupName *string `json:"logGroupName"`
}

// name gives the group's name, checked.
func (in *groupInput) name() (loglake.GroupName, error) {
	c := newConstraints()
	requireName(c, "logGroupName", in.LogGroupName, groupNameForm)
	if err := c.Err(); err != nil {
		return "", err
	}
	return loglake.GroupName(*in.LogGroupName), errTooLong(in.LogGroupName)
}

func (s *service) deleteLogGroup(ctx context.Context, in *groupInput) (*empty, error) {
	name, err := in.name()
	if err != nil {
		return nil, err
	}
	err = s.groups.DeleteGroup(ctx, name)
	if loglake.CodeOf(err) == loglake.CodeConflict {
		return nil, validation(err.Error())
	}
	return nil, err
}
