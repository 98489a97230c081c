package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
)

// DeleteDatabase
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteDatabase.html
//
// AWS: deletes a database and, some time later, everything in it.
// loglake: deletes all of it at once.
// The files in the bucket stay, as on AWS.

type deleteDatabaseInput struct {
	request
	Name *string `json:"Name"`
}

func (in *deleteDatabaseInput) check(c *awsjson.Constraints) { name(c, "name", in.Name) }

func (a *api) deleteDatabase(ctx context.Context, in *deleteDatabaseInput) (*empty, error) {
	return done(a.catalog.DeleteDatabase(ctx, *in.Name))
}
