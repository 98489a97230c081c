package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
)

// TagResource
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_TagResource.html
//
// AWS: sets tags on a resource.
// loglake: databases, tables and the catalog have tags.
// Not here: other resources of Glue are not there.

type tagResourceInput struct {
	resourceRequest
	TagsToAdd map[string]string `json:"TagsToAdd"`
}

func (in *tagResourceInput) check(c *awsjson.Constraints) {
	in.resourceRequest.check(c)
	c.Required("tagsToAdd", in.TagsToAdd)
	for key, value := range in.TagsToAdd {
		c.Length("tagsToAdd.key", key, 1, tagKeyMax)
		c.Length("tagsToAdd."+key, value, 0, tagValueMax)
	}
}

func (a *api) tagResource(ctx context.Context, in *tagResourceInput) (*empty, error) {
	return done(a.catalog.Tag(ctx, *in.ResourceARN, in.TagsToAdd))
}
