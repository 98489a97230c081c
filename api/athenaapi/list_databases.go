package athenaapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
)

type listDatabasesInput struct {
	paging
	CatalogName *string `json:"CatalogName"`
}

func (in *listDatabasesInput) check(c *awsjson.Constraints) {
	c.Required("catalogName", in.CatalogName)
	in.checkPage(c, 1, 50)
}

type listDatabasesOutput struct {
	DatabaseList []database `json:"DatabaseList"`
	NextToken    string     `json:"NextToken,omitempty"`
}

type database struct {
	Name        string            `json:"Name"`
	Description string            `json:"Description,omitempty"`
	Parameters  map[string]string `json:"Parameters,omitempty"`
}

func databaseOf(d catalog.Database) database {
	return database{Name: d.Name, Description: d.Description, Parameters: d.Parameters}
}

// listDatabases answers ListDatabases.
// https://docs.aws.amazon.com/athena/latest/APIReference/API_ListDatabases.html
//
// AWS: lists the databases of a data catalog.
// Here: the same, by name.
// Not here: other catalogs.
func (a *api) listDatabases(ctx context.Context, in *listDatabasesInput) (*listDatabasesOutput, error) {
	if err := checkCatalog(in.CatalogName); err != nil {
		return nil, err
	}
	page, err := in.page(50)
	if err != nil {
		return nil, err
	}
	list, next, err := a.catalog.GetDatabases(ctx, page)
	out := &listDatabasesOutput{DatabaseList: make([]database, len(list))}
	for i, d := range list {
		out.DatabaseList[i] = databaseOf(d)
	}
	if next != "" {
		out.NextToken = nextToken(next)
	}
	return out, err
}
