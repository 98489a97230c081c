package logsapi

import (
	"context"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/loggroup"
)

// TagResource
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html
//
// AWS: adds tags to a log group or a destination, at most 50, or changes them.
// loglake: log groups.

type tagResourceInput struct {
	ResourceARN *string           `json:"resourceArn"`
	Tags        map[string]string `json:"tags"`
}

func (s *service) tagResource(ctx context.Context, in *tagResourceInput) (*empty, error) {
	c := newConstraints()
	c.Required("resourceArn", in.ResourceARN)
	c.Required("tags", in.Tags)
	if in.Tags != nil {
		c.Length("tags", in.Tags, 1, loggroup.TagsMax)
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	name, err := s.taggedGroup(*in.ResourceARN)
	if err != nil {
		return nil, err
	}
	err = s.groups.PutTags(ctx, name, in.Tags)
	if loglake.CodeOf(err) == loglake.CodeLimit {
		return nil, &awsjson.Fault{Type: "TooManyTagsException", Message: err.Error(), Members: map[string]any{"resourceName": *in.ResourceARN}}
	}
	return nil, err
}

// taggedGroup gives the group of a resource ARN.
func (s *service) taggedGroup(arn string) (loglake.GroupName, error) {
	name, err := s.groupOfARN(arn)
	if err != nil {
		return "", loglake.Errorf(loglake.CodeNotFound, "The specified resource does not exist.")
	}
	return name, nil
}
