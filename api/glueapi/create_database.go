package glueapi

import (
	"context"
	"strings"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
)

// CreateDatabase
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_CreateDatabase.html
//
// AWS: makes a database; its tags are attached to its ARN.
// loglake: the same.
// Not here: federated databases and resource links are kept and given back, not followed.

type createDatabaseInput struct {
	request
	DatabaseInput *catalog.DatabaseInput `json:"DatabaseInput"`
	Tags          map[string]string      `json:"Tags"`
}

func (in *createDatabaseInput) check(c *awsjson.Constraints) { databaseInput(c, in.DatabaseInput) }

func (a *api) createDatabase(ctx context.Context, in *createDatabaseInput) (*empty, error) {
	err := a.catalog.CreateDatabase(ctx, *in.DatabaseInput)
	if err == nil && len(in.Tags) > 0 {
		err = a.catalog.Tag(ctx, a.home.ARN("glue", "database/"+strings.ToLower(in.DatabaseInput.Name)), in.Tags)
	}
	return done(err)
}
