package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
)

// GetDatabases
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_GetDatabases.html
//
// AWS: lists the databases in pages of at most 100.
// loglake: the same, in the order of names.
// Not here: ResourceShareType and AttributesToGet are ignored: there are no shared databases, and all members are answered.

type getDatabasesInput struct {
	request
	paging
}

// databasesMax is the longest page.
const databasesMax = 100

func (in *getDatabasesInput) check(c *awsjson.Constraints) { in.checkPage(c, databasesMax) }

type getDatabasesOutput struct {
	DatabaseList []catalog.Database `json:"DatabaseList"`
	NextToken    string             `json:"NextToken,omitempty"`
}

func (a *api) getDatabases(ctx context.Context, in *getDatabasesInput) (*getDatabasesOutput, error) {
	page, err := in.page(databasesMax)
	if err != nil {
		return nil, err
	}
	list, next, err := a.catalog.GetDatabases(ctx, page)
	return &getDatabasesOutput{DatabaseList: orEmpty(list), NextToken: token(next)}, err
}
