package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
)

// GetColumnStatisticsForTable
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_GetColumnStatisticsForTable.html
//
// AWS: gives the statistics of up to 100 columns of a table.
// loglake: the same; columns without statistics are listed in Errors as EntityNotFoundException.
// Not here: statistics are what clients stored: loglake measures none.

type getColumnStatisticsForTableInput struct {
	tableRequest
	ColumnNames []string `json:"ColumnNames"`
}

func (in *getColumnStatisticsForTableInput) check(c *awsjson.Constraints) {
	in.tableRequest.check(c)
	list(c, "columnNames", in.ColumnNames, statisticsNames)
}

func (a *api) getColumnStatisticsForTable(ctx context.Context, in *getColumnStatisticsForTableInput) (*columnStatisticsOutput, error) {
	return a.columnStatistics(ctx, in.owner(), in.ColumnNames)
}
