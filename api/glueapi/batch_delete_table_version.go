package glueapi

import (
	"context"

	"github.com/loglake/loglake/api/awsjson"
)

// BatchDeleteTableVersion
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_BatchDeleteTableVersion.html
//
// AWS: deletes up to 100 versions of a table and lists those that could not be.
// loglake: the same; the current one is refused.

type batchDeleteTableVersionInput struct {
	tableRequest
	VersionIDs []string `json:"VersionIds"`
}

func (in *batchDeleteTableVersionInput) check(c *awsjson.Constraints) {
	in.tableRequest.check(c)
	list(c, "versionIds", in.VersionIDs, batchDeleteMax)
}

type batchDeleteTableVersionOutput struct {
	Errors []tableVersionError `json:"Errors"`
}

type tableVersionError struct {
	TableName   string      `json:"TableName"`
	VersionID   string      `json:"VersionId"`
	ErrorDetail errorDetail `json:"ErrorDetail"`
}

func (a *api) batchDeleteTableVersion(ctx context.Context, in *batchDeleteTableVersionInput) (*batchDeleteTableVersionOutput, error) {
	failed, err := a.catalog.DeleteTableVersions(ctx, *in.DatabaseName, *in.TableName, in.VersionIDs)
	return &batchDeleteTableVersionOutput{details(failed, func(i int, d errorDetail) tableVersionError {
		return tableVersionError{TableName: *in.TableName, VersionID: in.VersionIDs[i], ErrorDetail: d}
	})}, err
}
