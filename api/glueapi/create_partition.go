package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
)

// CreatePartition
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_CreatePartition.html
//
// AWS: makes a partition.
// loglake: the same.

type createPartitionInput struct {
	tableRequest
	PartitionInput *catalog.PartitionInput `json:"PartitionInput"`
}

func (in *createPartitionInput) check(c *awsjson.Constraints) {
	in.tableRequest.check(c)
	partitionInput(c, "partitionInput", in.PartitionInput)
}

func (a *api) createPartition(ctx context.Context, in *createPartitionInput) (*empty, error) {
	return done(a.catalog.CreatePartition(ctx, *in.DatabaseName, *in.TableName, *in.PartitionInput))
}
