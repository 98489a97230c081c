package logsapi

import (
	"context"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/loggroup"
)

// PutSubscriptionFilter
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutSubscriptionFilter.html
//
// AWS: makes a filter or replaces the one of the same name, at most two on a group; events put from then on that match
// go to a Kinesis stream, a Firehose stream, a Lambda function or a Logs destination.
// loglake: Firehose streams of this server, and log groups: a destinationArn arn:aws:logs:REGION:ACCOUNT:log-group:NAME, of the
// same account and region, copies what matches into that group, each event once, with its log stream and timestamp. Such a
// filter needs no roleArn and is not one of the two; a group has up to ten, and they must not lead back to it. AWS
// refuses such an ARN. A replaced filter delivers what was put before it was replaced, the new one what
// comes after, each event once. roleArn, distribution, fieldSelectionCriteria and emitSystemFields are stored and shown.
// Not here: the other destinations and applyOnTransformedLogs are refused. fieldSelectionCriteria, which chooses among
// accounts and regions, and emitSystemFields are refused unless they are empty.

type putSubscriptionFilterInput struct {
	LogGroupName           *string  `json:"logGroupName"`
	FilterName             *string  `json:"filterName"`
	FilterPattern          *string  `json:"filterPattern"`
	DestinationARN         *string  `json:"destinationArn"`
	RoleARN                *string  `json:"roleArn"`
	Distribution           *string  `json:"distribution"`
	ApplyOnTransformedLogs bool     `json:"applyOnTransformedLogs"`
	FieldSelectionCriteria *string  `json:"fieldSelectionCriteria"`
	EmitSystemFields       []string `json:"emitSystemFields"`
}

func (s *service) putSubscriptionFilter(ctx context.Context, in *putSubscriptionFilterInput) (*empty, error) {
	c := newConstraints()
	requireName(c, "logGroupName", in.LogGroupName, groupNameForm)
	checkFilterName(c, in.FilterName)
	c.Required("filterPattern", in.FilterPattern)
	checkPattern(c, value(in.FilterPattern))
	c.Required("destinationArn", in.DestinationARN)
	if in.DestinationARN != nil {
		c.Length("destinationArn", *in.DestinationARN, 1, -1)
	}
	if in.RoleARN != nil {
		c.Length("roleArn", *in.RoleARN, 1, -1)
	}
	if in.Distribution != nil {
		c.Enum("distribution", *in.Distribution, loggroup.Random, loggroup.ByLogStream)
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	if err := errTooLong(in.LogGroupName); err != nil {
		return nil, err
	}
	for member, set := range map[string]bool{"applyOnTransformedLogs": in.ApplyOnTransformedLogs,
		"fieldSelectionCriteria": value(in.FieldSelectionCriteria) != "", "emitSystemFields": len(in.EmitSystemFields) > 0} {
		if set {
			return nil, loglake.Errorf(loglake.CodeUnsupported, "%s is not supported by subscription filters here; leave it out.", member)
		}
	}
	return nil, s.groups.PutFilter(ctx, loggroup.Filter{Group: loglake.GroupName(*in.LogGroupName), Name: *in.FilterName, Pattern: *in.FilterPattern,
		Destination: *in.DestinationARN, Role: value(in.RoleARN), Distribution: value(in.Distribution)})
}
