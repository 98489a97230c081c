package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
)

// GetTable
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_GetTable.html
//
// AWS: gives the current version of a table.
// loglake: the same.
// Not here: QueryAsOfTime, TransactionId, AuditContext, AttributesToGet and IncludeStatusDetails are ignored.

type getTableInput struct {
	databaseRequest
	Name *string `json:"Name"`
}

func (in *getTableInput) check(c *awsjson.Constraints) {
	in.databaseRequest.check(c)
	name(c, "name", in.Name)
}

type getTableOutput struct {
	Table catalog.Table `json:"Table"`
}

func (a *api) getTable(ctx context.Context, in *getTableInput) (*getTableOutput, error) {
	t, err := a.catalog.GetTable(ctx, *in.DatabaseName, *in.Name)
	return &getTableOutput{t}, err
}
