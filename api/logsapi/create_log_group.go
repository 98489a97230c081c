package logsapi

import (
	"context"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/loggroup"
)

// CreateLogGroup
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
//
// AWS: makes a group that keeps its events for ever, of the class STANDARD unless another is asked for.
// loglake: the same, with tags, the classes STANDARD and INFREQUENT_ACCESS (which then refuses what AWS refuses there), and
// deletion protection.
// Not here: kmsKeyId and the class DELIVERY are refused.

type createLogGroupInput struct {
	LogGroupName              *string           `json:"logGroupName"`
	KMSKeyID                  *string           `json:"kmsKeyId"`
	Tags                      map[string]string `json:"tags"`
	LogGroupClass             *string           `json:"logGroupClass"`
	DeletionProtectionEnabled bool              `json:"deletionProtectionEnabled"`
}

func (s *service) createLogGroup(ctx context.Context, in *createLogGroupInput) (*empty, error) {
	c := newConstraints()
	requireName(c, "logGroupName", in.LogGroupName, groupNameForm)
	if in.LogGroupClass != nil {
		c.Enum("logGroupClass", *in.LogGroupClass, loggroup.ClassStandard, loggroup.ClassInfrequentAccess, "DELIVERY")
	}
	if in.Tags != nil {
		c.Length("tags", in.Tags, 1, loggroup.TagsMax)
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	if err := errTooLong(in.LogGroupName); err != nil {
		return nil, err
	}
	if in.KMSKeyID != nil {
		return nil, loglake.Errorf(loglake.CodeUnsupported, "kmsKeyId is not supported: log groups are not encrypted by key. Encrypt the disk of the data directory.")
	}
	return nil, s.groups.CreateGroup(ctx, loggroup.NewGroup{Name: loglake.GroupName(*in.LogGroupName), Class: value(in.LogGroupClass),
		Tags: in.Tags, Protected: in.DeletionProtectionEnabled})
}
