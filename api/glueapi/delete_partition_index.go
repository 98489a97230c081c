package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
)

// DeletePartitionIndex
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_DeletePartitionIndex.html
//
// AWS: deletes a partition index.
// loglake: the same, at once.

type deletePartitionIndexInput struct {
	tableRequest
	IndexName *string `json:"IndexName"`
}

func (in *deletePartitionIndexInput) check(c *awsjson.Constraints) {
	in.tableRequest.check(c)
	name(c, "indexName", in.IndexName)
}

func (a *api) deletePartitionIndex(ctx context.Context, in *deletePartitionIndexInput) (*empty, error) {
	return done(a.catalog.DeletePartitionIndex(ctx, *in.DatabaseName, *in.TableName, *in.IndexName))
}
