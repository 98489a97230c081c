package glueapi

import (
	"context"

	"github.com/loglake/loglake/catalog"
)

// GetTableVersion
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_GetTableVersion.html
//
// AWS: gives a version of a table, the current one where none is named.
// loglake: the same.
// Not here: AuditContext is ignored.

type getTableVersionInput struct {
	tableRequest
	VersionID string `json:"VersionId"`
}

type getTableVersionOutput struct {
	TableVersion catalog.TableVersion `json:"TableVersion"`
}

func (a *api) getTableVersion(ctx context.Context, in *getTableVersionInput) (*getTableVersionOutput, error) {
	v, err := a.catalog.GetTableVersion(ctx, *in.DatabaseName, *in.TableName, in.VersionID)
	return &getTableVersionOutput{v}, err
}
