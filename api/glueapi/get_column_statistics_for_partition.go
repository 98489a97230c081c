package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
)

// GetColumnStatisticsForPartition
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_GetColumnStatisticsForPartition.html
//
// AWS: gives the statistics of up to 100 columns of a partition.
// loglake: the same; columns without statistics are listed in Errors as EntityNotFoundException.
// Not here: statistics are what clients stored: loglake measures none.

type getColumnStatisticsForPartitionInput struct {
	partitionRequest
	ColumnNames []string `json:"ColumnNames"`
}

func (in *getColumnStatisticsForPartitionInput) check(c *awsjson.Constraints) {
	in.partitionRequest.check(c)
	list(c, "columnNames", in.ColumnNames, statisticsNames)
}

func (a *api) getColumnStatisticsForPartition(ctx context.Context, in *getColumnStatisticsForPartitionInput) (*columnStatisticsOutput, error) {
	return a.columnStatistics(ctx, in.owner(), in.ColumnNames)
}
