package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
)

// UpdateColumnStatisticsForTable
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateColumnStatisticsForTable.html
//
// AWS: stores the statistics of up to 25 columns of a table, in place of older ones.
// loglake: the same.

type updateColumnStatisticsForTableInput struct {
	tableRequest
	ColumnStatisticsList []catalog.ColumnStatistics `json:"ColumnStatisticsList"`
}

func (in *updateColumnStatisticsForTableInput) check(c *awsjson.Constraints) {
	in.tableRequest.check(c)
	columnStatisticsList(c, in.ColumnStatisticsList)
}

func (a *api) updateColumnStatisticsForTable(ctx context.Context, in *updateColumnStatisticsForTableInput) (*statisticsErrors, error) {
	err := a.catalog.UpdateColumnStatistics(ctx, in.owner(), in.ColumnStatisticsList)
	return &statisticsErrors{Errors: []empty{}}, err
}
