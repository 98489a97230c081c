package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
)

// DeleteColumnStatisticsForTable
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteColumnStatisticsForTable.html
//
// AWS: deletes the statistics of a column of a table.
// loglake: the same.

type deleteColumnStatisticsForTableInput struct {
	tableRequest
	ColumnName *string `json:"ColumnName"`
}

func (in *deleteColumnStatisticsForTableInput) check(c *awsjson.Constraints) {
	in.tableRequest.check(c)
	name(c, "columnName", in.ColumnName)
}

func (a *api) deleteColumnStatisticsForTable(ctx context.Context, in *deleteColumnStatisticsForTableInput) (*empty, error) {
	return done(a.catalog.DeleteColumnStatistics(ctx, in.owner(), *in.ColumnName))
}
