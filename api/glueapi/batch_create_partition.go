package glueapi

import (
	"context"
	"fmt"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
)

// BatchCreatePartition
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_BatchCreatePartition.html
//
// AWS: makes up to 100 partitions and lists those that could not be made.
// loglake: the same, in one transaction.

type batchCreatePartitionInput struct {
	tableRequest
	PartitionInputList []catalog.PartitionInput `json:"PartitionInputList"`
}

func (in *batchCreatePartitionInput) check(c *awsjson.Constraints) {
	in.tableRequest.check(c)
	list(c, "partitionInputList", in.PartitionInputList, batchCreateMax)
	for i := range in.PartitionInputList {
		partitionInput(c, fmt.Sprintf("partitionInputList.%d.member", i+1), &in.PartitionInputList[i])
	}
}

type partitionErrors struct {
	Errors []partitionError `json:"Errors"`
}

type partitionError struct {
	PartitionValues []string    `json:"PartitionValues"`
	ErrorDetail     errorDetail `json:"ErrorDetail"`
}

func (a *api) batchCreatePartition(ctx context.Context, in *batchCreatePartitionInput) (*partitionErrors, error) {
	failed, err := a.catalog.CreatePartitions(ctx, *in.DatabaseName, *in.TableName, in.PartitionInputList)
	return &partitionErrors{details(failed, func(i int, d errorDetail) partitionError {
		return partitionError{PartitionValues: orEmpty(in.PartitionInputList[i].Values), ErrorDetail: d}
	})}, err
}
