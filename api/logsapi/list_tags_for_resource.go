package logsapi

import "context"

// ListTagsForResource
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsForResource.html
//
// AWS: gives the tags of a log group or a destination.
// loglake: log groups.

type listTagsForResourceInput struct {
	ResourceARN *string `json:"resourceArn"`
}

type listTagsForResourceOutput struct {
	Tags map[string]string `json:"tags"`
}

func (s *service) listTagsForResource(ctx context.Context, in *listTagsForResourceInput) (*listTagsForResourceOutput, error) {
	c := newConstraints()
	c.Required("resourceArn", in.ResourceARN)
	if err := c.Err(); err != nil {
		return nil, err
	}
	name, err := s.taggedGroup(*in.ResourceARN)
	if err != nil {
		return nil, err
	}
	tags, err := s.groups.Tags(ctx, name)
	if err != nil {
		return nil, err
	}
	return &listTagsForResourceOutput{Tags: tags}, nil
}
