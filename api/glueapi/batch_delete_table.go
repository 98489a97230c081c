package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
)

// BatchDeleteTable
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_BatchDeleteTable.html
//
// AWS: deletes up to 100 tables and lists those that could not be.
// loglake: the same, in one transaction.
// Not here: TransactionId is ignored.

type batchDeleteTableInput struct {
	databaseRequest
	TablesToDelete []string `json:"TablesToDelete"`
}

func (in *batchDeleteTableInput) check(c *awsjson.Constraints) {
	in.databaseRequest.check(c)
	list(c, "tablesToDelete", in.TablesToDelete, batchDeleteMax)
}

type batchDeleteTableOutput struct {
	Errors []tableError `json:"Errors"`
}

type tableError struct {
	TableName   string      `json:"TableName"`
	ErrorDetail errorDetail `json:"ErrorDetail"`
}

func (a *api) batchDeleteTable(ctx context.Context, in *batchDeleteTableInput) (*batchDeleteTableOutput, error) {
	failed, err := a.catalog.DeleteTables(ctx, *in.DatabaseName, in.TablesToDelete)
	return &batchDeleteTableOutput{details(failed, func(i int, d errorDetail) tableError {
		return tableError{TableName: in.TablesToDelete[i], ErrorDetail: d}
	})}, err
}
