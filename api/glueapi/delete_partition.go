package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
)

// DeletePartition
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_DeletePartition.html
//
// AWS: deletes a partition.
// loglake: the same. The files in the bucket stay.

type deletePartitionInput struct {
	tableRequest
	PartitionValues []string `json:"PartitionValues"`
}

func (in *deletePartitionInput) check(c *awsjson.Constraints) {
	in.tableRequest.check(c)
	c.Required("partitionValues", in.PartitionValues)
}

func (a *api) deletePartition(ctx context.Context, in *deletePartitionInput) (*empty, error) {
	return done(a.catalog.DeletePartition(ctx, *in.DatabaseName, *in.TableName, in.PartitionValues))
}
