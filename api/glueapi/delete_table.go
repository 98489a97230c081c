package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
)

// DeleteTable
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteTable.html
//
// AWS: deletes a table with its versions, partitions, indexes and statistics.
// loglake: the same. The files in the bucket stay.
// Not here: TransactionId is ignored.

type deleteTableInput struct {
	databaseRequest
	Name *string `json:"Name"`
}

func (in *deleteTableInput) check(c *awsjson.Constraints) {
	in.databaseRequest.check(c)
	name(c, "name", in.Name)
}

func (a *api) deleteTable(ctx context.Context, in *deleteTableInput) (*empty, error) {
	return done(a.catalog.DeleteTable(ctx, *in.DatabaseName, *in.Name))
}
