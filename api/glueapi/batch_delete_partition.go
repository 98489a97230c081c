package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
)

// BatchDeletePartition
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_BatchDeletePartition.html
//
// AWS: deletes up to 25 partitions and lists those that could not be.
// loglake: the same, in one transaction.

type batchDeletePartitionInput struct {
	tableRequest
	PartitionsToDelete []partitionValueList `json:"PartitionsToDelete"`
}

func (in *batchDeletePartitionInput) check(c *awsjson.Constraints) {
	in.tableRequest.check(c)
	list(c, "partitionsToDelete", in.PartitionsToDelete, batchRemoveMax)
}

func (a *api) batchDeletePartition(ctx context.Context, in *batchDeletePartitionInput) (*partitionErrors, error) {
	failed, err := a.catalog.DeletePartitions(ctx, *in.DatabaseName, *in.TableName, valuesOf(in.PartitionsToDelete))
	return &partitionErrors{details(failed, func(i int, d errorDetail) partitionError {
		return partitionError{PartitionValues: orEmpty(in.PartitionsToDelete[i].Values), ErrorDetail: d}
	})}, err
}
