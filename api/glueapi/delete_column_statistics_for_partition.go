package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
)

// DeleteColumnStatisticsForPartition
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteColumnStatisticsForPartition.html
//
// AWS: deletes the statistics of a column of a partition.
// loglake: the same.

type deleteColumnStatisticsForPartitionInput struct {
	partitionRequest
	ColumnName *string `json:"ColumnName"`
}

func (in *deleteColumnStatisticsForPartitionInput) check(c *awsjson.Constraints) {
	in.partitionRequest.check(c)
	name(c, "columnName", in.ColumnName)
}

func (a *api) deleteColumnStatisticsForPartition(ctx context.Context, in *deleteColumnStatisticsForPartitionInput) (*empty, error) {
	return done(a.catalog.DeleteColumnStatistics(ctx, in.owner(), *in.ColumnName))
}
