package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
)

// GetTables
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_GetTables.html
//
// AWS: lists the tables of a database in pages of at most 100, filtered by a regular expression on the name.
// loglake: the same, in the order of names; a * that repeats nothing stands for .*, as clients expect.
// Not here: QueryAsOfTime, TransactionId, AuditContext, AttributesToGet and IncludeStatusDetails are ignored.

type getTablesInput struct {
	databaseRequest
	paging
	Expression *string `json:"Expression"`
}

// tablesMax is the longest page.
const tablesMax = 100

func (in *getTablesInput) check(c *awsjson.Constraints) {
	in.databaseRequest.check(c)
	in.checkPage(c, tablesMax)
	if in.Expression != nil {
		c.Length("expression", *in.Expression, 0, expressionMax)
	}
}

type getTablesOutput struct {
	TableList []catalog.Table `json:"TableList"`
	NextToken string          `json:"NextToken,omitempty"`
}

func (a *api) getTables(ctx context.Context, in *getTablesInput) (*getTablesOutput, error) {
	page, err := in.page(tablesMax)
	if err != nil {
		return nil, err
	}
	var match func(string) bool
	if in.Expression != nil {
		if match, err = catalog.NamePattern(*in.Expression); err != nil {
			return nil, err
		}
	}
	list, next, err := a.catalog.GetTables(ctx, *in.DatabaseName, match, page)
	return &getTablesOutput{TableList: orEmpty(list), NextToken: token(next)}, err
}
