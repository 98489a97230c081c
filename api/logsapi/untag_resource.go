package logsapi

import "context"

// UntagResource
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UntagResource.html
//
// AWS: takes tags from a log group or a destination; keys that aren't there are passed over.
// loglake: log groups.

type untagResourceInput struct {
	ResourceARN *string  `json:"resourceArn"`
	TagKeys     []string `json:"tagKeys"`
}

func (s *service) untagResource(ctx context.Context, in *untagResourceInput) (*empty, error) {
	c := newConstraints()
	c.Required("resourceArn", in.ResourceARN)
	c.Required("tagKeys", in.TagKeys)
	if err := c.Err(); err != nil {
		return nil, err
	}
	name, err := s.taggedGroup(*in.ResourceARN)
	if err != nil {
		return nil, err
	}
	return nil, s.groups.DeleteTags(ctx, name, in.TagKeys)
}
