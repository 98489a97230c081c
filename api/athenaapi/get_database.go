package athenaapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
)

type getDatabaseInput struct {
	CatalogName  *string `json:"CatalogName"`
	DatabaseName *string `json:"DatabaseName"`
}

func (in *getDatabaseInput) check(c *awsjson.Constraints) {
	c.Required("catalogName", in.CatalogName)
	c.Required("databaseName", in.DatabaseName)
}

type getDatabaseOutput struct {
	Database database `json:"Database"`
}

// getDatabase answers GetDatabase.
// https://docs.aws.amazon.com/athena/latest/APIReference/API_GetDatabase.html
//
// AWS: gives a database of a data catalog.
// Here: the same.
// Not here: other catalogs.
func (a *api) getDatabase(ctx context.Context, in *getDatabaseInput) (*getDatabaseOutput, error) {
	if err := checkCatalog(in.CatalogName); err != nil {
		return nil, err
	}
	d, err := a.catalog.GetDatabase(ctx, *in.DatabaseName)
	return &getDatabaseOutput{Database: databaseOf(d)}, metadata(err)
}
