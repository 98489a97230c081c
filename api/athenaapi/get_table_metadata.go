package athenaapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
)

type getTableMetadataInput struct {
	getDatabaseInput
	TableName *string `json:"TableName"`
}

func (in *getTableMetadataInput) check(c *awsjson.Constraints) {
	in.getDatabaseInput.check(c)
	c.Required("tableName", in.TableName)
}

type getTableMetadataOutput struct {
	TableMetadata tableMetadata `json:"TableMetadata"`
}

// getTableMetadata answers GetTableMetadata.
// https://docs.aws.amazon.com/athena/latest/APIReference/API_GetTableMetadata.html
//
// AWS: gives a table of a data catalog.
// Here: the same.
// Not here: other catalogs.
func (a *api) getTableMetadata(ctx context.Context, in *getTableMetadataInput) (*getTableMetadataOutput, error) {
	if err := checkCatalog(in.CatalogName); err != nil {
		return nil, err
	}
	t, err := a.catalog.GetTable(ctx, *in.DatabaseName, *in.TableName)
	return &getTableMetadataOutput{TableMetadata: tableOf(t)}, metadata(err)
}
