package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
)

type getDatabaseInput struct {
	request
	Name *string `json:"Name"`
}

func (in *getDatabaseInput) check(c *awsjson.Constraints) { name(c, "name", in.Name) }

type getDatabaseOutput struct {
	Database catalog.Database `json:"Database"`
}

// getDatabase answers GetDatabase.
// https://docs.aws.amazon.com/glue/latest/webapi/API_GetDatabase.html
//
// AWS: gives a database.
// Here: the same; without permissions of its own the default ones are answered.
// Not here: nothing is left out.
func (a *api) getDatabase(ctx context.Context, in *getDatabaseInput) (*getDatabaseOutput, error) {
	d, err := a.catalog.GetDatabase(ctx, *in.Name)
	return &getDatabaseOutput{d}, err
}
