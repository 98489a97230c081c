package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
)

// GetTableVersions
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_GetTableVersions.html
//
// AWS: lists the versions of a table, the current one first, in pages of at most 100.
// loglake: the same.
// Not here: AuditContext is ignored.

type getTableVersionsInput struct {
	tableRequest
	paging
}

// versionsMax is the longest page.
const versionsMax = 100

func (in *getTableVersionsInput) check(c *awsjson.Constraints) {
	in.tableRequest.check(c)
	in.checkPage(c, versionsMax)
}

type getTableVersionsOutput struct {
	TableVersions []catalog.TableVersion `json:"TableVersions"`
	NextToken     string                 `json:"NextToken,omitempty"`
}

func (a *api) getTableVersions(ctx context.Context, in *getTableVersionsInput) (*getTableVersionsOutput, error) {
	page, err := in.page(versionsMax)
	if err != nil {
		return nil, err
	}
	list, next, err := a.catalog.GetTableVersions(ctx, *in.DatabaseName, *in.TableName, page)
	return &getTableVersionsOutput{TableVersions: orEmpty(list), NextToken: token(next)}, err
}
