package logsapi

import (
	"context"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/loggroup"
)

// DescribeSubscriptionFilters
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeSubscriptionFilters.html
//
// AWS: lists the filters of a group by name.
// loglake: the same.

type describeSubscriptionFiltersInput struct {
	groupInput
	FilterNamePrefix *string `json:"filterNamePrefix"`
	Limit            *int32  `json:"limit"`
	NextToken        *string `json:"nextToken"`
}

type describeSubscriptionFiltersOutput struct {
	NextToken           string               `json:"nextToken,omitempty"`
	SubscriptionFilters []subscriptionFilter `json:"subscriptionFilters"`
}

type subscriptionFilter struct {
	ApplyOnTransformedLogs bool           `json:"applyOnTransformedLogs"`
	CreationTime           loglake.Millis `json:"creationTime"`
	DestinationARN         string         `json:"destinationArn"`
	Distribution           string         `json:"distribution"`
	FilterName             string         `json:"filterName"`
	FilterPattern          string         `json:"filterPattern"`
	LogGroupName           string         `json:"logGroupName"`
	RoleARN                string         `json:"roleArn,omitempty"`
}

func (s *service) describeSubscriptionFilters(ctx context.Context, in *describeSubscriptionFiltersInput) (*describeSubscriptionFiltersOutput, error) {
	c := newConstraints()
	requireName(c, "logGroupName", in.LogGroupName, groupNameForm)
	checkName(c, "filterNamePrefix", in.FilterNamePrefix, streamNameForm)
	checkLimit(c, in.Limit, loggroup.DescribeMax)
	checkToken(c, in.NextToken)
	if err := c.Err(); err != nil {
		return nil, err
	}
	name, err := in.name()
	if err != nil {
		return nil, err
	}
	filters, next, err := s.groups.DescribeFilters(ctx, name, loggroup.FilterList{Prefix: value(in.FilterNamePrefix),
		Token: value(in.NextToken), Limit: int(value(in.Limit))})
	if err != nil {
		return nil, err
	}
	out := &describeSubscriptionFiltersOutput{SubscriptionFilters: make([]subscriptionFilter, len(filters)), NextToken: next}
	for i, f := range filters {
		out.SubscriptionFilters[i] = subscriptionFilter{CreationTime: f.Created, DestinationARN: f.Destination, Distribution: f.Distribution,
			FilterName: f.Name, FilterPattern: f.Pattern, LogGroupName: string(f.Group), RoleARN: f.Role}
	}
	return out, nil
}

// checkFilterName notes what is wrong with the name of a filter.
func checkFilterName(c *awsjson.Constraints, name *string) {
	requireName(c, "filterName", name, streamNameForm)
	if name != nil {
		c.Length("filterName", *name, 0, loggroup.NameBytesMax)
	}
}
