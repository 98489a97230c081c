package logsapi

import (
	"context"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/loggroup"
)

// DescribeLogGroups
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html
//
// AWS: lists groups by name, 50 on a page, chosen by prefix, by a part of the name, by identifier or by class.
// loglake: the same. storedBytes is what the group's events take on the disk now.
// Not here: accountIdentifiers and includeLinkedAccounts have no effect, as in an account that is not a monitoring account.

type describeLogGroupsInput struct {
	LogGroupNamePrefix  *string  `json:"logGroupNamePrefix"`
	LogGroupNamePattern *string  `json:"logGroupNamePattern"`
	LogGroupIdentifiers []string `json:"logGroupIdentifiers"`
	LogGroupClass       *string  `json:"logGroupClass"`
	Limit               *int32   `json:"limit"`
	NextToken           *string  `json:"nextToken"`
}

type describeLogGroupsOutput struct {
	LogGroups []logGroup `json:"logGroups"`
	NextToken string     `json:"nextToken,omitempty"`
}

type logGroup struct {
	ARN                       string         `json:"arn"`
	CreationTime              loglake.Millis `json:"creationTime"`
	DeletionProtectionEnabled *bool          `json:"deletionProtectionEnabled,omitempty"`
	LogGroupARN               string         `json:"logGroupArn"`
	LogGroupClass             string         `json:"logGroupClass"`
	LogGroupName              string         `json:"logGroupName"`
	MetricFilterCount         int            `json:"metricFilterCount"`
	RetentionInDays           int            `json:"retentionInDays,omitempty"`
	StoredBytes               *int64         `json:"storedBytes,omitempty"`
}

func (s *service) describeLogGroups(_ context.Context, in *describeLogGroupsInput) (*describeLogGroupsOutput, error) {
	c := newConstraints()
	checkName(c, "logGroupNamePrefix", in.LogGroupNamePrefix, groupNameForm)
	if in.LogGroupNamePattern != nil {
		c.Pattern("logGroupNamePattern", *in.LogGroupNamePattern, groupNameForm, `[\.\-_/#A-Za-z0-9]*`)
	}
	if in.LogGroupIdentifiers != nil {
		c.Length("logGroupIdentifiers", in.LogGroupIdentifiers, 1, loggroup.DescribeMax)
	}
	if in.LogGroupClass != nil {
		c.Enum("logGroupClass", *in.LogGroupClass, loggroup.ClassStandard, loggroup.ClassInfrequentAccess, "DELIVERY")
	}
	checkLimit(c, in.Limit, loggroup.DescribeMax)
	checkToken(c, in.NextToken)
	if err := c.Err(); err != nil {
		return nil, err
	}
	q := loggroup.GroupQuery{Prefix: value(in.LogGroupNamePrefix), Pattern: value(in.LogGroupNamePattern), Class: value(in.LogGroupClass),
		Limit: int(value(in.Limit)), Token: value(in.NextToken)}
	for _, identifier := range in.LogGroupIdentifiers {
		name, err := s.groupOf(nil, &identifier)
		if err != nil {
			return nil, err
		}
		q.Names = append(q.Names, name)
	}
	groups, next, err := s.groups.DescribeGroups(q)
	if err != nil {
		return nil, err
	}
	out := &describeLogGroupsOutput{LogGroups: make([]logGroup, len(groups)), NextToken: next}
	for i := range groups {
		out.LogGroups[i] = s.logGroup(&groups[i])
		if q.Pattern != "" { // the service leaves these out then
			out.LogGroups[i].StoredBytes, out.LogGroups[i].DeletionProtectionEnabled = nil, nil
		}
	}
	return out, nil
}

func (s *service) logGroup(g *loggroup.Group) logGroup {
	arn := s.groupARN(g.Name)
	return logGroup{ARN: arn + ":*", LogGroupARN: arn, LogGroupName: string(g.Name), CreationTime: g.Created, LogGroupClass: g.Class,
		RetentionInDays: g.RetentionDays, DeletionProtectionEnabled: &g.Protected, StoredBytes: &g.StoredBytes}
}
