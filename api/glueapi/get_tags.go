package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
)

// GetTags
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_GetTags.html
//
// AWS: gives the tags of a resource.
// loglake: the same.
// Not here: other resources than databases, tables and the catalog are not there.

type getTagsInput struct {
	resourceRequest
}

// resourceRequest is embedded in inputs that name a resource by its ARN.
type resourceRequest struct {
	request
	ResourceARN *string `json:"ResourceArn"`
}

func (r *resourceRequest) check(c *awsjson.Constraints) {
	c.Required("resourceArn", r.ResourceARN)
	if r.ResourceARN != nil {
		c.Length("resourceArn", *r.ResourceARN, 1, resourceARNMax)
	}
}

type getTagsOutput struct {
	Tags map[string]string `json:"Tags"`
}

func (a *api) getTags(ctx context.Context, in *getTagsInput) (*getTagsOutput, error) {
	tags, err := a.catalog.Tags(ctx, *in.ResourceARN)
	return &getTagsOutput{tags}, err
}
