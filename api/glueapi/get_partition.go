package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
)

// GetPartition
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartition.html
//
// AWS: gives a partition.
// loglake: the same.
// Not here: AuditContext is ignored.

type getPartitionInput struct {
	tableRequest
	PartitionValues []string `json:"PartitionValues"`
}

func (in *getPartitionInput) check(c *awsjson.Constraints) {
	in.tableRequest.check(c)
	c.Required("partitionValues", in.PartitionValues)
}

type getPartitionOutput struct {
	Partition catalog.Partition `json:"Partition"`
}

func (a *api) getPartition(ctx context.Context, in *getPartitionInput) (*getPartitionOutput, error) {
	p, err := a.catalog.GetPartition(ctx, *in.DatabaseName, *in.TableName, in.PartitionValues)
	return &getPartitionOutput{p}, err
}
