package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
)

// UpdateColumnStatisticsForPartition
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateColumnStatisticsForPartition.html
//
// AWS: stores the statistics of up to 25 columns of a partition, in place of older ones.
// loglake: the same.

type updateColumnStatisticsForPartitionInput struct {
	partitionRequest
	ColumnStatisticsList []catalog.ColumnStatistics `json:"ColumnStatisticsList"`
}

func (in *updateColumnStatisticsForPartitionInput) check(c *awsjson.Constraints) {
	in.partitionRequest.check(c)
	columnStatisticsList(c, in.ColumnStatisticsList)
}

func (a *api) updateColumnStatisticsForPartition(ctx context.Context, in *updateColumnStatisticsForPartitionInput) (*statisticsErrors, error) {
	err := a.catalog.UpdateColumnStatistics(ctx, in.owner(), in.ColumnStatisticsList)
	return &statisticsErrors{Errors: []empty{}}, err
}
