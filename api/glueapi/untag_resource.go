package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
)

// UntagResource
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_UntagResource.html
//
// AWS: takes tags from a resource.
// loglake: the same.
// Not here: other resources than databases, tables and the catalog are not there.

type untagResourceInput struct {
	resourceRequest
	TagsToRemove []string `json:"TagsToRemove"`
}

func (in *untagResourceInput) check(c *awsjson.Constraints) {
	in.resourceRequest.check(c)
	list(c, "tagsToRemove", in.TagsToRemove, untagMax)
}

func (a *api) untagResource(ctx context.Context, in *untagResourceInput) (*empty, error) {
	return done(a.catalog.Untag(ctx, *in.ResourceARN, in.TagsToRemove))
}
