package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
)

type deletePartitionInput struct {
	tableRequest
	PartitionValues []string `json:"PartitionValues"`
}

func (in *deletePartitionInput) check(c *awsjson.Constraints) {
	in.tableRequest.check(c)
	c.Required("partitionValues", in.PartitionValues)
}

// deletePartition answers DeletePartition.
// https://docs.aws.amazon.com/glue/latest/webapi/API_DeletePartition.html
//
// AWS: deletes a partition.
// Here: the same. The files in the bucket stay.
// Not here: nothing is left out.
func (a *api) deletePartition(ctx context.Context, in *deletePartitionInput) (*empty, error) {
	return done(a.catalog.DeletePartition(ctx, *in.DatabaseName, *in.TableName, in.PartitionValues))
}
