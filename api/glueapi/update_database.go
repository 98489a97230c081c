package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
)

// UpdateDatabase
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateDatabase.html
//
// AWS: replaces the definition of a database; another name in it renames the database.
// loglake: the same; the tables move with it.

type updateDatabaseInput struct {
	request
	Name          *string                `json:"Name"`
	DatabaseInput *catalog.DatabaseInput `json:"DatabaseInput"`
}

func (in *updateDatabaseInput) check(c *awsjson.Constraints) {
	name(c, "name", in.Name)
	databaseInput(c, in.DatabaseInput)
}

func (a *api) updateDatabase(ctx context.Context, in *updateDatabaseInput) (*empty, error) {
	return done(a.catalog.UpdateDatabase(ctx, *in.Name, *in.DatabaseInput))
}
