package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
)

// GetDatabase
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_GetDatabase.html
//
// AWS: gives a database.
// loglake: the same; without permissions of its own the default ones are answered.

type getDatabaseInput struct {
	request
	Name *string `json:"Name"`
}

func (in *getDatabaseInput) check(c *awsjson.Constraints) { name(c, "name", in.Name) }

type getDatabaseOutput struct {
	Database catalog.Database `json:"Database"`
}

func (a *api) getDatabase(ctx context.Context, in *getDatabaseInput) (*getDatabaseOutput, error) {
	d, err := a.catalog.GetDatabase(ctx, *in.Name)
	return &getDatabaseOutput{d}, err
}
