package athenaapi

import (
	"context"
	"maps"
	"slices"

	"github.com/loglake/loglake/api/awsjson"
)

type listTagsForResourceInput struct {
	taggedInput
	MaxResults *int `json:"MaxResults"`
}

func (in *listTagsForResourceInput) check(c *awsjson.Constraints) {
	in.taggedInput.check(c)
	if in.MaxResults != nil && *in.MaxResults < 75 {
		c.Add("maxResults", *in.MaxResults, "Member must have value greater than or equal to 75")
	}
}

type listTagsForResourceOutput struct {
	Tags []tag `json:"Tags"`
}

// listTagsForResource answers ListTagsForResource.
// https://docs.aws.amazon.com/athena/latest/APIReference/API_ListTagsForResource.html
//
// AWS: lists the tags of a workgroup, data catalog or capacity reservation.
// Here: of a workgroup, by key; a page is never followed by another, since it holds 75 at least and there are 50 at most.
// Not here: as TagResource.
func (a *api) listTagsForResource(ctx context.Context, in *listTagsForResourceInput) (*listTagsForResourceOutput, error) {
	group, err := a.tagged(ctx, in.taggedInput)
	if err != nil {
		return nil, err
	}
	out := &listTagsForResourceOutput{Tags: []tag{}}
	for _, key := range slices.Sorted(maps.Keys(group.Tags)) {
		out.Tags = append(out.Tags, tag{key, group.Tags[key]})
	}
	return out, nil
}
